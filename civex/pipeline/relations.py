"""Relations: what each mention is, which belong together, and how. Reads and extends `doc.spans["civex_mentions"]`.

The component first decides the attributes of each mention and which mentions open an incident, then scores candidate
pairs. It adds to the group's `attrs`: `attributes`, one dict a mention with values as in `civex.labels.ATTRIBUTES`,
`shared` (the mention speaks for several incidents), `score` (least probability of the chosen values), `opens` and
`opens_score`; and `relations`, rows (head, tail, label, score) by position, labels as in `civex.labels.RELATIONS`.
"""

from collections.abc import Callable, Iterable

import numpy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc, Span, SpanGroup
from spacy.vocab import Vocab
from thinc.api import Config, Linear, Model, set_dropout_rate
from thinc.types import Floats2d

from civex.labels import CASUALTY, CORE_LABELS, HARMS, MENTIONS, OPEN_ATTRIBUTES, OPENER_LABELS, UNITS, extend
from civex.pipeline import attributes
from civex.pipeline.candidates import GROUPS, N_PAIR_FEATURES, Pairs
from civex.pipeline.features import N_MENTION_FEATURES, mention_rows
from civex.pipeline.noise import with_noise

DEFAULTS = Config().from_str(f"""
[model]
@architectures = "civex.PairScorer.v1"
width = 96
dilations = [1, 1, 2, 4]
pieces = 2
n_features = {N_MENTION_FEATURES}
n_pair_features = {N_PAIR_FEATURES}
hidden = 96
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
@scorers = "civex.relations_scorer.v1"
""")
LABELS = tuple(label for group in GROUPS for label in group)
_COLUMNS = {label: n for n, label in enumerate(LABELS)}
_ONE_TAIL = ("owner_of", "claimed_by", "part_of", "repeats", "superseded_by")  # at most one tail a head
DOUBTFUL_OPENER = 0.3  # least score of a mention that is tried as an opener
FAKE_OPENERS = 0.15  # share of the other mentions that pose as openers in training


class Relations(TrainablePipe):
    """Score attributes, openers and candidate pairs; keep the relations that score at least `threshold`.

    noise: share of the mentions that training drops, cuts wrong and adds; see `civex.pipeline.noise`.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "civex_relations",
        *,
        threshold: float,
        noise: float,
        scorer: Callable | None,
    ):
        self.vocab, self.model, self.name, self.scorer = vocab, model, name, scorer
        self.cfg: dict = {
            "threshold": threshold,
            "noise": noise,
            "labels": list(LABELS),
            "attributes": attributes.attribute_table(),
        }
        self.random = numpy.random.RandomState(0)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.cfg["labels"])

    def predict(self, docs: Iterable[Doc]) -> list[tuple[list[dict], list[list]]]:
        """For each doc the attributes of each mention and the relation rows."""
        docs = list(docs)
        mentions = [mention_rows(doc) for doc in docs]
        if not any(len(rows) for rows in mentions):
            return [([], []) for _ in docs]
        encoded = self.model.get_ref("encoder").predict((docs, mentions))
        blocks = attributes.blocks_of(self.cfg["attributes"])
        return [self._predict_one(doc, M, blocks) for doc, M in zip(docs, encoded, strict=True)]

    def _predict_one(self, doc: Doc, M: Floats2d, blocks: dict) -> tuple[list[dict], list[list]]:
        if not len(M):
            return [], []
        spans = list(doc.spans[MENTIONS])
        labels = [HARMS[0] if span.label_ == CASUALTY else span.label_ for span in spans]
        values = self.model.get_ref("attributes").predict(M)
        rows = attributes.read_scores(values, labels, blocks)
        labels = [row.get("harm") or label for row, label in zip(rows, labels, strict=True)]
        opens = _sigmoid(self.model.get_ref("opens").predict(M)[:, 0])
        pairs = Pairs(doc, labels, [bool(row.get("shared")) for row in rows])
        may = [n for n in range(len(labels)) if _may_open(labels[n], rows[n]) and opens[n] >= DOUBTFUL_OPENER]
        openers = self._openers(pairs, M, opens, may) or _only_opener(labels, rows)
        relations: list[list] = []
        for group in range(len(GROUPS)):
            candidates = pairs.propose(group, openers)
            if len(candidates):
                features = pairs.rows(candidates, group, openers)
                scores = _sigmoid(self.model.get_ref("pairs").predict((M, features)))
                relations.extend(self._choose(group, candidates, scores, labels, set(openers)))
        if len(openers) == 1 and len(doc.spans.get(UNITS, ())) == 1:
            relations = _all_of_one(openers[0], relations, labels, rows)
        attributes.agree_on_harm(rows, values, blocks, [r[:2] for r in relations if r[2] in ("part_of", "repeats")])
        tails = {tail for _, tail, label, _ in relations if label == "tells_of"}
        for n, row in enumerate(rows):
            row |= {"opens": n in tails, "opens_score": round(float(opens[n]), 4)}
        return rows, relations

    def _openers(self, pairs: Pairs, M: Floats2d, opens: numpy.ndarray, may: list[int]) -> list[int]:
        """Of the mentions that may open an incident those that tell of no earlier one.

        Each is scored twice: as an opener by itself, and as a mention that tells of its own or of an earlier opener's
        incident, which the scorer has learned on mentions that pose as openers.
        """
        candidates = pairs.propose(0, may)
        if not len(candidates):
            return []
        features = pairs.rows(candidates, 0, may)
        scores = _sigmoid(self.model.get_ref("pairs").predict((M, features))[:, _COLUMNS["tells_of"]])
        own: dict[int, float] = {}
        others: dict[int, float] = {}
        for (head, tail), score in zip(candidates.tolist(), scores.tolist(), strict=True):
            if head == tail:
                own[head] = score
            elif tail < head:
                others[head] = max(others.get(head, 0.0), score)
        return [
            n
            for n in may
            if (opens[n] + own.get(n, 0.0)) / 2 >= self.cfg["threshold"] and others.get(n, 0.0) <= own.get(n, 0.0)
        ]

    def _choose(self, group: int, candidates, scores, labels: list[str], openers: set[int]) -> list[list]:
        chosen = []
        for label in GROUPS[group]:
            column = scores[:, _COLUMNS[label]]
            by_head: dict[int, list[tuple[float, int]]] = {}
            for (head, tail), score in zip(candidates.tolist(), column.tolist(), strict=True):
                by_head.setdefault(head, []).append((score, tail))
            for head, tails in by_head.items():
                for score, tail in self._pick(label, labels[head], head, tails, openers):
                    chosen.append([head, tail, label, round(score, 4)])
        return chosen

    def _pick(self, relation: str, label: str, head: int, tails: list, openers: set[int]) -> list[tuple[float, int]]:
        """The tails of one head: itself where it opens; one where only one makes sense; else all over the threshold."""
        if relation == "tells_of" and head in openers:
            others = [(s, t) for s, t in tails if t != head and s >= self.cfg["threshold"]]
            return [(1.0, head), *([] if label in CORE_LABELS else others)]
        if relation in _ONE_TAIL or label in CORE_LABELS:
            best = max(tails)
            return [best] if best[0] >= self.cfg["threshold"] else []
        return [(s, t) for s, t in tails if s >= self.cfg["threshold"]]

    def set_annotations(self, docs: Iterable[Doc], scores: list[tuple[list[dict], list[list]]]) -> None:
        """Set attributes and relations; a casualty figure gets the label of the harm that it tells of."""
        for doc, (rows, relations) in zip(docs, scores, strict=True):
            old = doc.spans[MENTIONS] if MENTIONS in doc.spans else SpanGroup(doc, name=MENTIONS)
            spans = [
                Span(doc, span.start, span.end, label=row.get("harm") or span.label_)
                for span, row in zip(old, rows, strict=True)
            ]
            attrs = {**old.attrs, "attributes": rows, "relations": relations}
            doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS, spans=spans, attrs=attrs)

    def update(self, examples, *, drop=0.0, sgd=None, losses=None):
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        golds = [self._gold(eg.reference) for eg in examples]
        mentions = [mention_rows(gold) for gold in golds]
        if not any(len(rows) for rows in mentions):
            return losses
        set_dropout_rate(self.model, drop)
        encoded, backprop = self.model.get_ref("encoder").begin_update(([eg.predicted for eg in examples], mentions))
        gradients = []
        for gold, M in zip(golds, encoded, strict=True):
            loss, gradient = self._update_one(gold, M) if len(M) else (0.0, numpy.zeros_like(M))
            losses[self.name] += loss
            gradients.append(gradient)
        backprop(gradients)
        if sgd is not None:
            self.finish_update(sgd)
        return losses

    def _gold(self, doc: Doc) -> Doc:
        noise = self.cfg["noise"]
        return with_noise(doc, self.random, noise) if noise and MENTIONS in doc.spans else doc

    def _update_one(self, gold: Doc, M: Floats2d) -> tuple[float, Floats2d]:
        attrs = gold.spans[MENTIONS].attrs
        scores, back_attributes = self.model.get_ref("attributes").begin_update(M)
        blocks = attributes.blocks_of(self.cfg["attributes"])
        attributes_loss, d_scores = attributes.get_loss(scores, gold.spans[MENTIONS], blocks)
        opens = numpy.array([row["opens"] for row in attrs["attributes"]], dtype="f")
        scores, back_opens = self.model.get_ref("opens").begin_update(M)
        probs = _sigmoid(scores[:, 0])
        labels = [span.label_ for span in gold.spans[MENTIONS]]
        may = numpy.array([_may_open(a, b) for a, b in zip(labels, attrs["attributes"], strict=True)])
        gradient = back_attributes(d_scores) + back_opens(((probs - opens) * may)[:, None].astype("f"))
        loss = attributes_loss + _cross_entropy(probs[may], opens[may])
        pairs = Pairs(gold, labels, [bool(row.get("shared")) for row in attrs["attributes"]])
        posing = may & (self.random.uniform(size=len(opens)) < FAKE_OPENERS)
        openers = numpy.flatnonzero((opens > 0) | posing).tolist()
        truth = {(head, tail, label) for head, tail, label, _ in attrs["relations"]}
        for group, group_labels in enumerate(GROUPS):
            candidates = pairs.propose(group, openers)
            if not len(candidates):
                continue
            scores, back = self.model.get_ref("pairs").begin_update((M, pairs.rows(candidates, group, openers)))
            d_scores = numpy.zeros_like(scores)
            for label in group_labels:
                target = numpy.array([(h, t, label) in truth for h, t in candidates.tolist()], dtype="f")
                probs = _sigmoid(scores[:, _COLUMNS[label]])
                d_scores[:, _COLUMNS[label]] = probs - target
                loss += _cross_entropy(probs, target)
            gradient = gradient + back(d_scores)
        return loss, gradient

    def initialize(self, get_examples, *, nlp: Language | None = None, labels: list | None = None) -> None:
        """Size the outputs for the relations and attributes of the label file and initialise the model."""
        self.model.get_ref("output").set_dim("nO", len(LABELS))
        self.model.get_ref("attributes").set_dim("nO", attributes.n_values(self.cfg["attributes"]))
        docs = [eg.reference for _, eg in zip(range(10), get_examples(), strict=False)]
        self.model.get_ref("encoder").initialize(X=(docs, [mention_rows(doc) for doc in docs]))
        self.model.get_ref("attributes").initialize()
        self.model.get_ref("opens").initialize()
        for layer in self.model.get_ref("pairs").layers:
            layer.initialize()

    def add_new_values(self) -> None:
        """An output, with weights of zero, for each value of an attribute that the model lacks."""
        old, new = self.cfg["attributes"], attributes.attribute_table()
        if attributes.columns_of(old) == attributes.columns_of(new):
            return
        layer = self.model.get_ref("attributes")
        kept = {column: n for n, column in enumerate(attributes.columns_of(old))}
        W, b = (numpy.zeros((attributes.n_values(new), *layer.get_param(p).shape[1:]), dtype="f") for p in ("W", "b"))
        for n, column in enumerate(attributes.columns_of(new)):
            if column in kept:
                W[n], b[n] = layer.get_param("W")[kept[column]], layer.get_param("b")[kept[column]]
        larger = Linear(nO=len(W), nI=W.shape[1])
        larger.set_param("W", W)
        larger.set_param("b", b)
        self.model.layers[self.model.layers.index(layer)] = larger
        self.model.set_ref("attributes", larger)
        self.cfg["attributes"] = new

    def from_disk(self, path, *, exclude=()) -> "Relations":
        super().from_disk(path, exclude=exclude)
        self._tell_values()
        return self

    def from_bytes(self, data: bytes, *, exclude=()) -> "Relations":
        super().from_bytes(data, exclude=exclude)
        self._tell_values()
        return self

    def _tell_values(self) -> None:
        """Add the values that the model has learned to the guideline, so that records may hold them."""
        table = self.cfg["attributes"]
        extend({name: [v for v in table[name][0] if v != attributes.NONE] for name in OPEN_ATTRIBUTES if name in table})

    def add_label(self, label: str) -> int:
        raise ValueError("civex_relations: add the label to civex.labels, annotate documents and train again")


def _only_opener(labels: list[str], rows: list[dict]) -> list[int]:
    """The first mention that may open, in a text that names an act and whom or what it hit, else none.

    For the short text of which no mention is sure to be the first of an incident.
    """
    if "action" not in labels or not any(label == "target" or label in HARMS for label in labels):
        return []
    return [n for n, (label, row) in enumerate(zip(labels, rows, strict=True)) if _may_open(label, row)][:1]


def _all_of_one(opener: int, relations: list[list], labels: list[str], rows: list[dict]) -> list[list]:
    """The relations of a text of one paragraph that tells of one incident: where, when and whom it names are of it.

    Its only date is its day (`role` in its row), unless it is that of the publication or of the report.
    """
    told = {head for head, _, label, _ in relations if label == "tells_of"}
    if any(label == "tally" for label in labels):
        return relations
    dates = [row for label, row in zip(labels, rows, strict=True) if label == "date"]
    if len(dates) == 1 and dates[0].get("role") == "other":
        dates[0]["role"] = "event"
    more = [n for n, label in enumerate(labels) if label in OPENER_LABELS and n not in told]
    return relations + [[n, opener, "tells_of", 0.0] for n in more if _may_open(labels[n], rows[n])]


def _may_open(label: str, row: dict) -> bool:
    return label in OPENER_LABELS and row.get("role", "event") == "event"


def _sigmoid(X: numpy.ndarray) -> numpy.ndarray:
    return 1.0 / (1.0 + numpy.exp(-numpy.clip(X, -30, 30)))


def _cross_entropy(probs: numpy.ndarray, target: numpy.ndarray) -> float:
    return float(-numpy.log(numpy.where(target > 0, probs, 1 - probs) + 1e-8).sum())


@Language.factory(
    "civex_relations",
    requires=["doc.spans"],
    assigns=["doc.spans"],
    default_config={"threshold": 0.5, "noise": 0.0, **DEFAULTS},
    default_score_weights={
        "relations_f": 0.5,
        "relations_p": 0.0,
        "relations_r": 0.0,
        "relations_per_type": None,
        "attributes_acc": 0.5,
        "attributes_per_type": None,
    },
)
def make_relations(
    nlp: Language, name: str, model: Model, threshold: float, noise: float, scorer: Callable | None
) -> Relations:
    return Relations(nlp.vocab, model, name, threshold=threshold, noise=noise, scorer=scorer)
