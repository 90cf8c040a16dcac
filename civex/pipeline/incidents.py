"""Incidents and tallies: which mentions make one record, and where it stands in the text.

Assigns `doc.spans["civex_incidents"]`, the stretches of text that tell of each incident (label "i1", "i2", ...), with
`attrs["incidents"]` (rows: id, opener, mentions as [position, score], joined: openers that were found to open no
incident of their own) and `attrs["tallies"]` (rows: mention, periods,
areas, claimed_by as positions).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import CORE_LABELS, HARMS, INCIDENTS, MENTIONS, UNITS
from civex.values.places import fold

_TELLING = (*CORE_LABELS, "source", "outcome", "reason", "note", "actor")
_APART = (*HARMS, "target", "outcome", "reason", "note", "source")
_SENTENCE_END = (".", "!", "?")


@Language.factory("civex_incidents", requires=["doc.spans"], assigns=["doc.spans"])
def make_incidents(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_incidents


def set_incidents(doc: Doc) -> Doc:
    """Assemble the records of a doc whose mentions and relations are set."""
    group = doc.spans.get(MENTIONS)
    if group is None:
        group = doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS)
    rows = list(incident_rows(group))
    bounds = [(span.start, span.end) for span in group]
    units = [(unit.start, unit.end) for unit in doc.spans.get(UNITS, ())]
    spans = [
        Span(doc, start, end, label=row["id"])
        for row in rows
        for start, end in stretches(doc, [bounds[n] for n, _ in row["mentions"]], units)
    ]
    attrs = {"incidents": rows, "tallies": list(tally_rows(group))}
    doc.spans[INCIDENTS] = SpanGroup(doc, name=INCIDENTS, spans=spans, attrs=attrs)
    return doc


def incident_rows(group: SpanGroup) -> Iterator[dict]:
    """One row for each opener, in text order; in prose, dates and places without act, harm or source are none."""
    labels = [span.label_ for span in group]
    units = [(unit.start, unit.label_) for unit in group.doc.spans.get(UNITS, ())]
    listed = {n: _kind_at(units, span.start) in ("entry", "table_row", "heading") for n, span in enumerate(group)}
    members: dict[int, list[list]] = {}
    for head, tail, label, score in group.attrs.get("relations", ()):
        if label == "tells_of":
            members.setdefault(tail, []).append([head, score])
    told = [opener for opener, rows in members.items() if listed[opener] or any(labels[n] in _TELLING for n, _ in rows)]
    joined: dict[int, list[int]] = {}
    told = _told_apart(group, members, sorted(told), listed, joined)
    for number, opener in enumerate(told, 1):
        mentions, others = sorted(members[opener]), joined.get(opener, [])
        yield {"id": f"i{number}", "opener": opener, "mentions": mentions, "joined": others}


def _told_apart(
    group: SpanGroup, members: dict, openers: list[int], listed: dict[int, bool], joined: dict[int, list[int]]
) -> list[int]:
    """Openers of incidents that prose tells apart; the mentions of the others join the incident before them (`joined`).

    After "an earlier event told in passing is an incident where it has a date or place of its own and says how many
    were hurt": a date, or a place that the one before does not have, and a figure, target, finding or source.
    """
    kept: list[int] = []
    for opener in openers:
        own = {(group[n].label_, fold(group[n].text)) for n, _ in members[opener]}
        if kept and not listed[opener]:
            before = {fold(group[n].text) for n, _ in members[kept[-1]] if group[n].label_ == "place"}
            placed = any(label == "date" or (label == "place" and words not in before) for label, words in own)
            if not placed or not any(label in _APART for label, _ in own):
                known = {n for n, _ in members[kept[-1]]}
                members[kept[-1]] += [row for row in members[opener] if row[0] not in known]
                joined.setdefault(kept[-1], []).append(opener)
                continue
        kept.append(opener)
    return kept


def _kind_at(units: list[tuple[int, str]], token: int) -> str | None:
    at = bisect_right(units, (token, "~")) - 1
    return units[at][1] if at >= 0 else None


def tally_rows(group: SpanGroup) -> Iterator[dict]:
    """One row for each tally mention, in text order."""
    labels = [span.label_ for span in group]
    rows: dict[int, dict] = {
        n: {"mention": n, "periods": [], "areas": [], "claimed_by": []} for n, x in enumerate(labels) if x == "tally"
    }
    for head, tail, label, _ in group.attrs.get("relations", ()):
        if label == "about" and tail in rows:
            rows[tail]["periods" if labels[head] == "date" else "areas"].append(head)
        elif label == "claimed_by" and head in rows:
            rows[head]["claimed_by"].append(tail)
    yield from rows.values()


def stretches(doc: Doc, mentions: list[tuple[int, int]], units: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sentences (or list entries) that hold the mentions, neighbours joined; all of them as (start, end) tokens."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(mentions):
        if found and end <= found[-1][1]:
            continue
        at = bisect_right(units, (start, len(doc))) - 1
        low, high = units[at] if at >= 0 else (0, len(doc))
        low, high = _sentence(doc, start, end, low, max(high, end))
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _sentence(doc: Doc, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    first, last = start, end
    while first > low and doc[first - 1].text not in _SENTENCE_END:
        first -= 1
    while last < high and doc[last - 1].text not in _SENTENCE_END:
        last += 1
    while first < start and doc[first].is_space:
        first += 1
    while last > end and doc[last - 1].is_space:
        last -= 1
    return first, last
