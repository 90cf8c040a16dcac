"""Relations: which mentions belong together, and how. Reads and extends `doc.spans["civex_mentions"]`.

The component first decides which mentions open an incident, then scores candidate pairs. It adds to the group's
`attrs`: `relations`, rows (head, tail, label, score) by position, labels as in `civex.labels.RELATIONS`; and to each
row of `attributes`: `opens`.
"""

from collections.abc import Callable, Iterable

import numpy
from spacy.language import Language
from spacy.pipeline import TrainablePipe
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import Config, Model, set_dropout_rate
from thinc.types import Floats2d

from civex.labels import CORE_LABELS, MENTIONS, OPENER_LABELS
from civex.pipeline.candidates import GROUPS, N_PAIR_FEATURES, Pairs
from civex.pipeline.features import N_MENTION_FEATURES, mention_rows

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
    """Score openers and candidate pairs; keep what scores at least `threshold`."""

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "civex_relations",
        *,
        threshold: float,
        scorer: Callable | None,
    ):
        self.vocab, self.model, self.name, self.scorer = vocab, model, name, scorer
        self.cfg: dict = {"threshold": threshold, "labels": list(LABELS)}
        self._random = numpy.random.RandomState(0)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.cfg["labels"])

    def predict(self, docs: Iterable[Doc]) -> list[tuple[numpy.ndarray, list[list]]]:
        """For each doc the opener score of each mention and the relation rows."""
        docs = list(docs)
        mentions = [mention_rows(doc) for doc in docs]
        if not any(len(rows) for rows in mentions):
            return [(numpy.zeros(len(rows), dtype="f"), []) for rows in mentions]
        encoded = self.model.get_ref("encoder").predict((docs, mentions))
        return [self._predict_one(doc, M) for doc, M in zip(docs, encoded, strict=True)]

    def _predict_one(self, doc: Doc, M: Floats2d) -> tuple[numpy.ndarray, list[list]]:
        if not len(M):
            return numpy.zeros(0, dtype="f"), []
        labels = [span.label_ for span in doc.spans[MENTIONS]]
        opens = _sigmoid(self.model.get_ref("opens").predict(M)[:, 0])
        rows = doc.spans[MENTIONS].attrs.get("attributes") or [{}] * len(labels)
        pairs = Pairs(doc, [bool(row.get("shared")) for row in rows])
        may = [n for n in range(len(labels)) if _may_open(labels[n], rows[n]) and opens[n] >= DOUBTFUL_OPENER]
        openers = self._openers(pairs, M, opens, may)
        relations = []
        for group in range(len(GROUPS)):
            candidates = pairs.propose(group, openers)
            if len(candidates):
                features = pairs.rows(candidates, group, openers)
                scores = _sigmoid(self.model.get_ref("pairs").predict((M, features)))
                relations.extend(self._choose(group, candidates, scores, labels, set(openers)))
        return opens, relations

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

    def set_annotations(self, docs: Iterable[Doc], scores: list[tuple[numpy.ndarray, list[list]]]) -> None:
        for doc, (opens, relations) in zip(docs, scores, strict=True):
            if MENTIONS not in doc.spans:
                continue
            group = doc.spans[MENTIONS]
            tails = {tail for _, tail, label, _ in relations if label == "tells_of"}
            rows = group.attrs.get("attributes") or [{} for _ in group]
            rows = [
                {**row, "opens": n in tails, "opens_score": round(float(opens[n]), 4)} for n, row in enumerate(rows)
            ]
            group.attrs = {**group.attrs, "attributes": rows, "relations": relations}

    def update(self, examples, *, drop=0.0, sgd=None, losses=None):
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        mentions = [mention_rows(eg.reference) for eg in examples]
        if not any(len(rows) for rows in mentions):
            return losses
        set_dropout_rate(self.model, drop)
        encoded, backprop = self.model.get_ref("encoder").begin_update(([eg.predicted for eg in examples], mentions))
        gradients = []
        for eg, M in zip(examples, encoded, strict=True):
            loss, gradient = self._update_one(eg.reference, M) if len(M) else (0.0, numpy.zeros_like(M))
            losses[self.name] += loss
            gradients.append(gradient)
        backprop(gradients)
        if sgd is not None:
            self.finish_update(sgd)
        return losses

    def _update_one(self, gold: Doc, M: Floats2d) -> tuple[float, Floats2d]:
        attrs = gold.spans[MENTIONS].attrs
        opens = numpy.array([row["opens"] for row in attrs["attributes"]], dtype="f")
        scores, back_opens = self.model.get_ref("opens").begin_update(M)
        probs = _sigmoid(scores[:, 0])
        labels = [span.label_ for span in gold.spans[MENTIONS]]
        may = numpy.array([_may_open(a, b) for a, b in zip(labels, attrs["attributes"], strict=True)])
        gradient = back_opens(((probs - opens) * may)[:, None].astype("f"))
        loss = _cross_entropy(probs[may], opens[may])
        pairs = Pairs(gold, [bool(row.get("shared")) for row in attrs["attributes"]])
        posing = may & (self._random.uniform(size=len(opens)) < FAKE_OPENERS)
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
        """Size the output for the relations of the label file and initialise the model."""
        self.model.get_ref("output").set_dim("nO", len(LABELS))
        docs = [eg.reference for _, eg in zip(range(10), get_examples(), strict=False)]
        self.model.get_ref("encoder").initialize(X=(docs, [mention_rows(doc) for doc in docs]))
        self.model.get_ref("opens").initialize()
        for layer in self.model.get_ref("pairs").layers:
            layer.initialize()

    def add_label(self, label: str) -> int:
        raise ValueError("civex_relations: add the relation to civex.labels.RELATIONS and to GROUPS, and train again")


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
    default_config={"threshold": 0.5, **DEFAULTS},
    default_score_weights={"relations_f": 1.0, "relations_p": 0.0, "relations_r": 0.0, "relations_per_type": None},
)
def make_relations(nlp: Language, name: str, model: Model, threshold: float, scorer: Callable | None) -> Relations:
    return Relations(nlp.vocab, model, name, threshold=threshold, scorer=scorer)
