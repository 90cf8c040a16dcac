"""Entities: mentions, labelled and scored, in `doc.spans["civex_mentions"]`. They may nest and overlap.

A token-classification head with several BILUO layers over one shared tok2vec. Labels of one layer exclude each other;
each layer is decoded on its own (Viterbi, only legal tag sequences), so that a target can hold its owner.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example, validate_examples
from spacy.vocab import Vocab
from thinc.api import Config, Model, set_dropout_rate
from thinc.types import Floats2d

from civex.labels import CASUALTY, HARMS, LAYERS, MENTIONS, UNITS
from civex.networks import softmax

DEFAULTS = Config().from_str("""
[model]
@architectures = "civex.LayeredTagger.v1"
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
@scorers = "civex.entities_scorer.v1"
""")
CERTAIN = 0.98  # a token at least this sure to be outside is not decoded
_NEVER = -1e4


class Entities(TrainablePipe):
    """Label spans of several layers at once; see `civex.labels.LAYERS`."""

    def __init__(self, vocab: Vocab, model: Model, name: str = "civex_entities", *, scorer: Callable | None):
        self.vocab, self.model, self.name, self.scorer = vocab, model, name, scorer
        self.cfg: dict = {"layers": [list(layer) for layer in LAYERS]}

    @property
    def layers(self) -> list[list[str]]:
        return self.cfg["layers"]

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label for layer in self.layers for label in layer)

    @property
    def label_data(self) -> list[list[str]]:
        return self.layers

    def predict(self, docs: Iterable[Doc]) -> list[Floats2d]:
        """Unnormalised tag scores of each token: one array (n, tags) a doc."""
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [self.model.ops.alloc2f(0, n_tags(self.layers)) for _ in docs]
        return self.model.predict(docs)

    def set_annotations(self, docs: Iterable[Doc], scores: list[Floats2d]) -> None:
        for doc, rows in zip(docs, scores, strict=True):
            found: list[tuple[int, int, str, float]] = []
            for layer, columns in zip(self.layers, layer_columns(self.layers), strict=True):
                found.extend(decode(numpy.asarray(rows[:, columns]), layer))
            found = [f for f in found if f[2] != "title" or _is_a_line(doc, f[0], f[1])]
            found.sort(key=lambda f: (f[0], -f[1], self.labels.index(f[2])))
            spans = [Span(doc, start, end, label=label) for start, end, label, _ in found]
            attrs = {"scores": [round(score, 4) for *_, score in found]}
            doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS, spans=spans, attrs=attrs)

    def update(self, examples, *, drop=0.0, sgd=None, losses=None):
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        validate_examples(examples, "Entities.update")
        if not any(len(eg.predicted) for eg in examples):
            return losses
        set_dropout_rate(self.model, drop)
        scores, backprop = self.model.begin_update([eg.predicted for eg in examples])
        loss, d_scores = self.get_loss(examples, scores)
        backprop(d_scores)
        if sgd is not None:
            self.finish_update(sgd)
        losses[self.name] += loss
        return losses

    def get_loss(self, examples: Iterable[Example], scores: list[Floats2d]) -> tuple[float, list[Floats2d]]:
        """Cross-entropy of the gold tags, summed over layers and tokens; gradient of the mean over the batch's docs."""
        loss, gradients = 0.0, []
        columns = layer_columns(self.layers)
        for eg, rows in zip(examples, scores, strict=True):
            d_rows = numpy.zeros_like(rows)
            gold = gold_tags(eg, self.layers)
            for layer, cols in enumerate(columns):
                probs = softmax(rows[:, cols])
                picked = (numpy.arange(len(rows)), gold[:, layer])
                loss -= float(numpy.log(probs[picked] + 1e-8).sum())
                probs[picked] -= 1.0
                d_rows[:, cols] = probs
            gradients.append(d_rows)
        return loss, gradients

    def initialize(self, get_examples, *, nlp: Language | None = None, labels: list | None = None) -> None:
        """Size the output for the label file's layers (or `labels`) and initialise the model on a few documents."""
        if labels is not None:
            self.cfg["layers"] = [list(layer) for layer in labels]
        self.model.get_ref("output").set_dim("nO", n_tags(self.layers))
        docs = [eg.predicted for _, eg in zip(range(10), get_examples(), strict=False)]
        self.model.initialize(X=docs)

    def add_label(self, label: str) -> int:
        raise ValueError("civex_entities: add the label to civex.labels.LAYERS, annotate documents and train again")


def _is_a_line(doc: Doc, start: int, end: int) -> bool:
    """True of a headline: most of a line or paragraph, in a text that has another one. No layout: any may be."""
    units = doc.spans.get(UNITS)
    if units is None:
        return True
    inside = [min(unit.end, end) - max(unit.start, start) for unit in units]
    return len(units) > 1 and any(
        2 * shared > unit.end - unit.start for shared, unit in zip(inside, units, strict=True)
    )


def n_tags(layers: list[list[str]]) -> int:
    return sum(1 + 4 * len(layer) for layer in layers)


def layer_columns(layers: list[list[str]]) -> list[slice]:
    """The columns of each layer's tags: O, then B, I, L, U of each label."""
    columns, start = [], 0
    for layer in layers:
        end = start + 1 + 4 * len(layer)
        columns.append(slice(start, end))
        start = end
    return columns


def gold_tags(eg: Example, layers: list[list[str]]) -> numpy.ndarray:
    """(n, layers) tag numbers of the reference mentions, on the tokens of the predicted doc."""
    tags = numpy.zeros((len(eg.predicted), len(layers)), dtype="i")
    spans = list(eg.reference.spans.get(MENTIONS, ()))
    for span, aligned in zip(spans, _aligned(eg, spans), strict=True):
        label = CASUALTY if span.label_ in HARMS else span.label_
        for column, layer in enumerate(layers):
            if label in layer and aligned is not None:
                first = 1 + 4 * layer.index(label)
                start, end = aligned
                if end - start == 1:
                    tags[start, column] = first + 3
                else:
                    tags[start:end, column] = first + 1
                    tags[start, column], tags[end - 1, column] = first, first + 2
    return tags


def _aligned(eg: Example, spans: list[Span]) -> Iterator[tuple[int, int] | None]:
    same = len(eg.predicted) == len(eg.reference)
    for span in spans:
        if same:
            yield span.start, span.end
        else:
            found = eg.predicted.char_span(span.start_char, span.end_char)
            yield None if found is None else (found.start, found.end)


def decode(scores: numpy.ndarray, layer: list[str]) -> Iterator[tuple[int, int, str, float]]:
    """(start, end, label, score) of one layer's spans; the score is the least probability of the span's tags.

    Stretches of tokens that are surely outside are skipped; each stretch between them is decoded by Viterbi.
    """
    if not len(scores):
        return
    probs = softmax(scores)
    doubtful = numpy.flatnonzero(probs[:, 0] < CERTAIN)
    if not len(doubtful):
        return
    cuts = numpy.flatnonzero(numpy.diff(doubtful) > 1) + 1
    logs = numpy.log(probs[doubtful] + 1e-10)
    allowed = transitions(len(layer))
    for first, last in zip([0, *cuts], [*cuts, len(doubtful)], strict=True):
        offset = int(doubtful[first])
        tags = viterbi(logs[first:last], allowed)
        for start, end, label in spans_of(tags):
            chosen = [probs[offset + k, tags[k]] for k in range(start, end)]
            yield offset + start, offset + end, layer[label], float(min(chosen))


_TRANSITIONS: dict[int, numpy.ndarray] = {}


def transitions(n_labels: int) -> numpy.ndarray:
    """(tags, tags) of 0 where the second tag may follow the first, else a number below every score."""
    if n_labels not in _TRANSITIONS:
        n = 1 + 4 * n_labels
        table = numpy.full((n, n), _NEVER)
        closed = [0] + [1 + 4 * k + j for k in range(n_labels) for j in (2, 3)]
        opening = [0] + [1 + 4 * k + j for k in range(n_labels) for j in (0, 3)]
        table[numpy.ix_(closed, opening)] = 0.0
        for k in range(n_labels):
            b, i, last = (1 + 4 * k + j for j in range(3))
            table[numpy.ix_([b, i], [i, last])] = 0.0
        _TRANSITIONS[n_labels] = table
    return _TRANSITIONS[n_labels]


def viterbi(logs: numpy.ndarray, allowed: numpy.ndarray) -> list[int]:
    """The best legal tag sequence (Viterbi 1967) that begins and ends outside a span."""
    start = logs[0] + allowed[0]
    if len(logs) == 1:
        return [int((start + allowed[:, 0]).argmax())]
    best, back = start, []
    for row in logs[1:]:
        paths = best[:, None] + allowed
        back.append(paths.argmax(axis=0))
        best = paths.max(axis=0) + row
    tags = [int((best + allowed[:, 0]).argmax())]
    for pointers in reversed(back):
        tags.append(int(pointers[tags[-1]]))
    return tags[::-1]


def spans_of(tags: list[int]) -> Iterator[tuple[int, int, int]]:
    """(start, end, label number) of a legal tag sequence."""
    start = 0
    for position, tag in enumerate(tags):
        kind = (tag - 1) % 4
        if tag == 0:
            continue
        if kind in (0, 3):
            start = position
        if kind in (2, 3):
            yield start, position + 1, (tag - 1) // 4


@Language.factory(
    "civex_entities",
    assigns=["doc.spans"],
    default_config=DEFAULTS,
    default_score_weights={"mentions_f": 1.0, "mentions_p": 0.0, "mentions_r": 0.0, "mentions_per_type": None},
)
def make_entities(nlp: Language, name: str, model: Model, scorer: Callable | None) -> Entities:
    return Entities(nlp.vocab, model, name, scorer=scorer)
