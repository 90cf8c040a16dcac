"""Events: what prose does not tell apart is one event, however many of its mentions were taken for the first of one.

After the convention that "an earlier event told in passing is an incident where it has a date or place of its own and
says how many were hurt or names who" (`corpus/GUIDELINE.md`). Entries of lists and rows of tables stand for themselves.
Changes the rows of `tells_of` in `attrs["relations"]` of `doc.spans["civex_mentions"]`, and `opens` of the openers
that are none in `attrs["attributes"]`, where `joined` of the first one keeps their positions.
"""

from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from civex.labels import HARMS, MENTIONS
from civex.pipeline.features import listed_in
from civex.values.places import fold

_APART = (*HARMS, "target", "outcome", "reason", "note", "source")


@Language.factory("civex_events", requires=["doc.spans"], assigns=["doc.spans"])
def make_events(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_events


def set_events(doc: Doc) -> Doc:
    """Let the mentions of openers that prose does not tell apart tell of the event before them."""
    group = doc.spans.get(MENTIONS)
    if group is None:
        return doc
    relations = group.attrs.get("relations", [])
    members: dict[int, list[int]] = {}
    for head, tail, label, _ in relations:
        if label == "tells_of":
            members.setdefault(tail, []).append(head)
    joins = _joins(group, members, listed_in(group))
    if joins:
        told = {(head, tail) for head, tail, label, _ in relations if label == "tells_of" and tail not in joins}
        kept = []
        for head, tail, label, score in relations:
            if label == "tells_of" and tail in joins:
                tail = joins[tail]
                if (head, tail) in told:
                    continue
                told.add((head, tail))
            kept.append([head, tail, label, score])
        rows = [{**row, "opens": False} if n in joins else dict(row) for n, row in enumerate(group.attrs["attributes"])]
        for opener, first in joins.items():
            rows[first].setdefault("joined", []).append(opener)
        group.attrs = {**group.attrs, "relations": kept, "attributes": rows}
    return doc


def _joins(group: SpanGroup, members: dict[int, list[int]], listed: list[bool]) -> dict[int, int]:
    """Opener -> the opener before it, whose event it tells of.

    An event of its own has a date, or a place that the one before does not have, and a figure, target, finding or
    source.
    """
    joins: dict[int, int] = {}
    known: set[int] = set()
    kept: int | None = None
    for opener in sorted(members):
        own = {(group[n].label_, fold(group[n].text)) for n in members[opener]}
        if kept is not None and not listed[opener]:
            before = {fold(group[n].text) for n in known if group[n].label_ == "place"}
            placed = any(label == "date" or (label == "place" and words not in before) for label, words in own)
            if not placed or not any(label in _APART for label, _ in own):
                joins[opener] = kept
                known.update(members[opener])
                continue
        kept, known = opener, set(members[opener])
    return joins
