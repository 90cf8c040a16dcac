"""Incidents and tallies: which mentions make one record, and where it stands in the text.

Assigns `doc.spans["civex_incidents"]`, the stretches of text that tell of each incident (label "i1", "i2", ...), with
`attrs["incidents"]` (rows: id, opener, mentions as [position, score]) and `attrs["tallies"]` (rows: mention, periods,
areas, claimed_by as positions).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import INCIDENTS, MENTIONS, UNITS

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
    spans = [
        Span(doc, start, end, label=row["id"])
        for row in rows
        for start, end in stretches(doc, [group[n] for n, _ in row["mentions"]])
    ]
    attrs = {"incidents": rows, "tallies": list(tally_rows(group))}
    doc.spans[INCIDENTS] = SpanGroup(doc, name=INCIDENTS, spans=spans, attrs=attrs)
    return doc


def incident_rows(group: SpanGroup) -> Iterator[dict]:
    """One row for each opener, in text order."""
    members: dict[int, list[list]] = {}
    for head, tail, label, score in group.attrs.get("relations", ()):
        if label == "tells_of":
            members.setdefault(tail, []).append([head, score])
    for number, opener in enumerate(sorted(members), 1):
        yield {"id": f"i{number}", "opener": opener, "mentions": sorted(members[opener])}


def tally_rows(group: SpanGroup) -> Iterator[dict]:
    """One row for each tally mention, in text order."""
    labels = [span.label_ for span in group]
    rows = {
        n: {"mention": n, "periods": [], "areas": [], "claimed_by": []} for n, x in enumerate(labels) if x == "tally"
    }
    for head, tail, label, _ in group.attrs.get("relations", ()):
        if label == "about" and tail in rows:
            rows[tail]["periods" if labels[head] == "date" else "areas"].append(head)
        elif label == "claimed_by" and head in rows:
            rows[head]["claimed_by"].append(tail)
    yield from rows.values()


def stretches(doc: Doc, mentions: list[Span]) -> list[tuple[int, int]]:
    """The sentences (or list entries) in tokens that hold the mentions, neighbours joined."""
    units = list(doc.spans.get(UNITS, ()))
    starts = [unit.start for unit in units]
    found: list[tuple[int, int]] = []
    for mention in sorted(mentions, key=lambda m: m.start):
        if found and mention.end <= found[-1][1]:
            continue
        unit = units[bisect_right(starts, mention.start) - 1] if units and starts[0] <= mention.start else doc[:]
        start, end = _sentence(doc, mention, unit.start, max(unit.end, mention.end))
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _sentence(doc: Doc, mention: Span, low: int, high: int) -> tuple[int, int]:
    start, end = mention.start, mention.end
    while start > low and doc[start - 1].text not in _SENTENCE_END:
        start -= 1
    while end < high and doc[end - 1].text not in _SENTENCE_END:
        end += 1
    while start < mention.start and doc[start].is_space:
        start += 1
    while end > mention.end and doc[end - 1].is_space:
        end -= 1
    return start, end
