"""Suggestions: which documents of a pool to annotate next, so that few of them teach a model much.

Documents are taken one by one. Each time the one is taken that has the most errors to expect (`doubt`), counted the
less the more its words are those of a document taken before (`novelty`): uncertainty sampling weighed by diversity
(Settles & Craven 2008). Doubt grows with length: a long document has more to correct, and costs more time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
from spacy.attrs import IS_ALPHA, IS_STOP, LOWER
from spacy.language import Language
from spacy.tokens import Doc

from civex.extraction import Input
from civex.loading import load
from civex.networks import softmax
from civex.pipeline.entities import Entities, layer_columns
from civex.report import build_report
from civex.schema import Incident

BUCKETS = 1024  # width of a document's word vector
_BATCH = 64  # documents read at once
_DIGITS = 4  # of what is compared: sums may differ beyond them from machine to machine


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A document to annotate. `position` is that in the pool, from 0; `id` that of its `Input`.

    doubt: errors to expect in what the model reads there; novelty: 1 less the cosine similarity of its words to those
    of the most similar document suggested before; words: tokens; incidents: those that the model finds.
    """

    position: int
    id: str | None
    doubt: float
    novelty: float
    words: int
    incidents: int


def suggest(items: Iterable[str | Input], n: int = 50, *, model: str | Path | None = None) -> list[Suggestion]:
    """The `n` documents to annotate next, the best first; fewer where the pool has fewer that are worth it.

    items: the pool, read once; a few numbers are kept of each text, not the text. The same pool in the same order gives
    the same list. A second copy of a text, and one without a word of doubt, is not suggested.

    Raises TypeError for what is no text, ValueError for n under 1, a day that is none or a model without
    `civex_entities`, and `civex.ModelNotFound`.
    """
    if n < 1:
        raise ValueError(f"n is at least 1, not {n}")
    nlp = load(model)
    if "civex_entities" not in nlp.pipe_names:
        raise ValueError("this model has no component civex_entities, whose doubt is measured")
    found: list[Suggestion] = []
    counts: list[np.ndarray] = []
    for given, doc in _read(items, nlp):
        incidents = _incidents(doc, given, nlp)
        doubt = round(wrong_fields(incidents) + wrong_words(doc, nlp), _DIGITS)
        found.append(Suggestion(len(found), given.id, doubt, 1.0, len(doc), len(incidents)))
        counts.append(word_counts(doc))
    chosen = choose([one.doubt for one in found], tf_idf(counts), n)
    return [replace(found[position], novelty=round(novelty, _DIGITS)) for position, novelty in chosen]


def choose(doubts: Sequence[float], vectors: np.ndarray, n: int) -> list[tuple[int, float]]:
    """(position, novelty) of at most `n` documents, each time the one of the greatest doubt times novelty.

    vectors: a row of length 1 (or 0) for each document. Of equals the first is taken; where nothing is left but copies
    and documents without doubt, no more are.
    """
    weights = np.asarray(doubts, dtype=float)
    novelty = np.ones(len(weights))
    chosen: list[tuple[int, float]] = []
    while len(chosen) < min(n, len(weights)):
        gain = np.round(weights * novelty, _DIGITS)
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        chosen.append((best, float(novelty[best])))
        similar = np.round(vectors @ vectors[best], _DIGITS)
        novelty = np.minimum(novelty, np.clip(1.0 - similar, 0.0, 1.0))
        novelty[best] = 0.0
    return chosen


def wrong_fields(incidents: Iterable[Incident]) -> float:
    """Fields of the records to expect wrong: one less the confidence, summed over fields and incidents."""
    scores = (incident.confidence.model_dump(exclude={"calibrated"}) for incident in incidents)
    return sum(1.0 - score for row in scores for score in row.values())


def wrong_words(doc: Doc, nlp: Language) -> float:
    """Tags of words to expect wrong: one less the probability of the likeliest, summed over words and layers.

    Finds what the records can't tell: mentions that the model has nearly seen.
    """
    entities = cast(Entities, nlp.get_pipe("civex_entities"))
    rows = np.asarray(entities.predict([doc])[0])
    likeliest = (softmax(rows[:, columns]).max(axis=1) for columns in layer_columns(entities.layers))
    return sum(float((1.0 - row).sum()) for row in likeliest) if len(rows) else 0.0


def word_counts(doc: Doc) -> np.ndarray:
    """How often words fall into each of the buckets (feature hashing, Weinberger et al. 2009); stop words do not."""
    table = doc.to_array([LOWER, IS_ALPHA, IS_STOP])
    words = table[(table[:, 1] == 1) & (table[:, 2] == 0), 0]
    return np.bincount((words % np.uint64(BUCKETS)).astype(int), minlength=BUCKETS).astype("f")


def tf_idf(counts: Sequence[np.ndarray]) -> np.ndarray:
    """Rows of length 1 (0 for a text without words) from counts: log frequency times log rarity in the pool."""
    table = np.array(counts, dtype="f").reshape(-1, BUCKETS)
    rarity = np.log((1 + len(table)) / (1 + np.count_nonzero(table, axis=0))) + 1
    table = np.log1p(table) * rarity.astype("f")
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    return table / np.where(lengths > 0, lengths, 1)


def _read(items: Iterable[str | Input], nlp: Language) -> Iterator[tuple[Input, Doc]]:
    """Each text with its Doc, some texts at a time."""
    stream = iter(items)
    while batch := [item if isinstance(item, Input) else Input(item) for item in islice(stream, _BATCH)]:
        docs = [_prepared(given, nlp) for given in batch]
        yield from zip(batch, nlp.pipe(docs, batch_size=_BATCH), strict=True)


def _prepared(given: Input, nlp: Language) -> Doc:
    if not isinstance(given.text, str):
        raise TypeError(f"a pool is of texts (str), not of {type(given.text).__name__}")
    doc = nlp.make_doc(given.text)
    if given.published is not None:
        day = given.published if isinstance(given.published, date) else date.fromisoformat(given.published)
        doc._.civex_published = day.strftime("%Y-%m-%d")
    return doc


def _incidents(doc: Doc, given: Input, nlp: Language) -> list[Incident]:
    calibration = nlp.meta.get("civex", {}).get("calibration")
    return build_report(doc, given.text, model={"name": "", "version": ""}, calibration=calibration).incidents
