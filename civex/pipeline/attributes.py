"""Attributes: what kind of thing each mention is (type of target, outcome meant, group counted, role of a date ...).

Reads `doc.spans["civex_mentions"]` and adds `attrs["attributes"]`: one dict a mention, values as in
`civex.labels.ATTRIBUTES`, plus `shared` (the mention speaks for several incidents) and `score` (least probability of
the chosen values).
"""

from collections.abc import Callable, Iterable

import numpy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, SpanGroup
from spacy.training import Example
from spacy.vocab import Vocab
from thinc.api import Config, Model, set_dropout_rate
from thinc.types import Floats2d

from civex.labels import ATTRIBUTES, MENTIONS
from civex.networks import softmax
from civex.pipeline.features import N_MENTION_FEATURES, mention_rows

DEFAULTS = Config().from_str(f"""
[model]
@architectures = "civex.MentionClassifier.v1"
width = 96
dilations = [1, 1, 2]
pieces = 2
n_features = {N_MENTION_FEATURES}
nO = null

[model.tok2vec]
@architectures = "spacy.HashEmbedCNN.v2"
pretrained_vectors = null
width = 96
depth = 4
embed_size = 2000
window_size = 1
maxout_pieces = 3
subword_features = true

[scorer]
@scorers = "civex.attributes_scorer.v1"
""")
NONE = "-"  # the value of an attribute that a mention may lack


class Attributes(TrainablePipe):
    """Classify mentions: a softmax for each one-valued attribute, a sigmoid for each value of the others."""

    def __init__(self, vocab: Vocab, model: Model, name: str = "civex_attributes", *, scorer: Callable | None):
        self.vocab, self.model, self.name, self.scorer = vocab, model, name, scorer
        self.cfg: dict = {"attributes": _from_label_file()}

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"{name}={value}" for name, (values, *_) in self.cfg["attributes"].items() for value in values)

    @property
    def label_data(self) -> dict:
        return self.cfg["attributes"]

    def predict(self, docs: Iterable[Doc]) -> list[Floats2d]:
        docs = list(docs)
        mentions = [mention_rows(doc) for doc in docs]
        if not any(len(rows) for rows in mentions):
            return [self.model.ops.alloc2f(0, len(self.labels)) for _ in docs]
        return self.model.predict((docs, mentions))

    def set_annotations(self, docs: Iterable[Doc], scores: list[Floats2d]) -> None:
        blocks = self._blocks()
        for doc, rows in zip(docs, scores, strict=True):
            group = doc.spans.get(MENTIONS)
            if group is None:
                group = doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS)
            labels = [span.label_ for span in group]
            group.attrs = {**group.attrs, "attributes": read_scores(numpy.asarray(rows), labels, blocks)}

    def update(self, examples, *, drop=0.0, sgd=None, losses=None):
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        references = [eg.reference for eg in examples]
        mentions = [mention_rows(doc) for doc in references]
        if not any(len(rows) for rows in mentions):
            return losses
        set_dropout_rate(self.model, drop)
        scores, backprop = self.model.begin_update(([eg.predicted for eg in examples], mentions))
        loss, gradients = self.get_loss(examples, scores)
        backprop(gradients)
        if sgd is not None:
            self.finish_update(sgd)
        losses[self.name] += loss
        return losses

    def get_loss(self, examples: Iterable[Example], scores: list[Floats2d]) -> tuple[float, list[Floats2d]]:
        """Cross-entropy over the attributes that a mention's label carries; nothing for the others."""
        loss, gradients = 0.0, []
        blocks = self._blocks()
        for eg, rows in zip(examples, scores, strict=True):
            group = eg.reference.spans[MENTIONS] if MENTIONS in eg.reference.spans else []
            d_rows = numpy.zeros_like(rows)
            for n, (span, gold) in enumerate(
                zip(group, getattr(group, "attrs", {}).get("attributes", ()), strict=True)
            ):
                for name, values, columns, several in blocks.get(span.label_, ()):
                    d_rows[n, columns], cost = _loss(
                        rows[n, columns], _target(gold.get(name), values, several), several
                    )
                    loss += cost
            gradients.append(d_rows)
        return loss, gradients

    def initialize(self, get_examples, *, nlp: Language | None = None, labels: dict | None = None) -> None:
        """Size the output for the label file's attributes (or `labels`) and initialise the model."""
        if labels is not None:
            self.cfg["attributes"] = labels
        self.model.get_ref("output").set_dim("nO", len(self.labels))
        docs = [eg.reference for _, eg in zip(range(10), get_examples(), strict=False)]
        self.model.initialize(X=(docs, [mention_rows(doc) for doc in docs]))

    def add_label(self, label: str) -> int:
        raise ValueError("civex_attributes: add the value to civex.labels.ATTRIBUTES, annotate and train again")

    def _blocks(self) -> dict[str, list[tuple[str, list[str], slice, bool]]]:
        """Mention label -> its attributes as (name, values, columns, takes several)."""
        blocks: dict[str, list] = {}
        start = 0
        for name, (values, labels, several) in self.cfg["attributes"].items():
            for label in labels:
                blocks.setdefault(label, []).append((name, values, slice(start, start + len(values)), several))
            start += len(values)
        return blocks


def _from_label_file() -> dict:
    """Attribute -> [values, labels, takes several]; NONE stands first where a mention may lack the attribute."""
    table: dict = {}
    for name, (values, labels, several, default) in ATTRIBUTES.items():
        optional = default is None and not several
        table[name] = [[NONE, *values] if optional else list(values), list(labels), several]
    table["shared"] = [[NONE, "shared"], ["date", "place", "country", "source", "actor", "outcome", "reason"], False]
    return table


def _target(gold, values: list[str], several: bool) -> numpy.ndarray:
    target = numpy.zeros(len(values), dtype="f")
    if several:
        target[[values.index(v) for v in gold or () if v in values]] = 1.0
    elif isinstance(gold, bool):
        target[int(gold)] = 1.0
    else:
        target[values.index(gold) if gold in values else 0] = 1.0
    return target


def _loss(scores: numpy.ndarray, target: numpy.ndarray, several: bool) -> tuple[numpy.ndarray, float]:
    if several:
        probs = 1.0 / (1.0 + numpy.exp(-scores))
        return probs - target, float(-numpy.log(numpy.where(target > 0, probs, 1 - probs) + 1e-8).sum())
    probs = softmax(scores)
    return probs - target, float(-numpy.log(probs[target > 0] + 1e-8).sum())


def read_scores(scores: numpy.ndarray, labels: list[str], blocks: dict) -> list[dict]:
    """One dict a mention: chosen values, and `score`, the least probability among them."""
    found: list[dict] = [{"score": 1.0} for _ in labels]
    by_label: dict[str, list[int]] = {}
    for n, label in enumerate(labels):
        by_label.setdefault(label, []).append(n)
    for label, positions in by_label.items():
        for name, values, columns, several in blocks.get(label, ()):
            block = scores[positions][:, columns]
            if several:
                _read_several(found, positions, name, values, block)
                continue
            probs = softmax(block)
            for n, k, p in zip(positions, probs.argmax(axis=1).tolist(), probs.max(axis=1).tolist(), strict=True):
                value = values[k]
                found[n][name] = (value != NONE) if name == "shared" else None if value == NONE else value
                if name != "shared":
                    found[n]["score"] = min(found[n]["score"], round(p, 4))
    return found


def _read_several(found: list[dict], positions: list[int], name: str, values: list[str], block: numpy.ndarray) -> None:
    """Values over one half; a target gets its best type where none is."""
    for n, row in zip(positions, block, strict=True):
        chosen = [values[k] for k in numpy.flatnonzero(row > 0)]
        if not chosen and name == "target_type":
            chosen = [values[int(row.argmax())]]
        found[n][name] = chosen


@Language.factory(
    "civex_attributes",
    requires=["doc.spans"],
    assigns=["doc.spans"],
    default_config=DEFAULTS,
    default_score_weights={"attributes_acc": 1.0, "attributes_per_type": None},
)
def make_attributes(nlp: Language, name: str, model: Model, scorer: Callable | None) -> Attributes:
    return Attributes(nlp.vocab, model, name, scorer=scorer)
