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

from civex.labels import CORE_LABELS, INCIDENTS, MENTIONS, UNITS
from civex.pipeline.features import listed_in

_TELLING = (*CORE_LABELS, "source", "outcome", "reason", "note", "actor")
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
    listed = listed_in(group)
    members: dict[int, list[list]] = {}
    for head, tail, label, score in group.attrs.get("relations", ()):
        if label == "tells_of":
            members.setdefault(tail, []).append([head, score])
    told = [opener for opener, rows in members.items() if listed[opener] or any(labels[n] in _TELLING for n, _ in rows)]
    rows = group.attrs.get("attributes") or [{} for _ in labels]
    for number, opener in enumerate(sorted(told), 1):
        joined = rows[opener].get("joined", [])
        yield {"id": f"i{number}", "opener": opener, "mentions": sorted(members[opener]), "joined": joined}


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
