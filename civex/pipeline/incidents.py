"""Incidents and tallies: which mentions make one record, where it stands in the text, and which day its dates mean.

Assigns `doc.spans["civex_incidents"]`, the stretches of text that tell of each incident (label "i1", "i2", ...), with
`attrs["incidents"]` (rows: id, opener, mentions as [position, score]) and `attrs["tallies"]` (rows: mention, periods,
areas, claimed_by as positions), and adds `dates` to the attrs of `doc.spans["civex_mentions"]`: position (as str) -> start,
end, precision, warnings.
"""

from bisect import bisect_right
from datetime import date
from typing import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import INCIDENTS, MENTIONS, UNITS
from civex.values.dates import DateValue, parse, read_date, to_value

_SENTENCE_END = (".", "!", "?")


@Language.factory("civex_incidents", requires=["doc.spans"], assigns=["doc.spans"])
def make_incidents(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_incidents


def set_incidents(doc: Doc) -> Doc:
    """Assemble the records of a doc whose mentions and relations are set."""
    group = doc.spans.get(MENTIONS)
    if group is None:
        group = doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS)
    group.attrs = {**group.attrs, "dates": resolve_dates(doc)}
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
    rows = {n: {"mention": n, "periods": [], "areas": [], "claimed_by": []} for n, x in enumerate(labels) if x == "tally"}
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


def published_on(doc: Doc) -> date | None:
    """The day the document was published: as given with it, else as found in it."""
    given = doc._.civex_published
    if given:
        return date.fromisoformat(given)
    group = doc.spans[MENTIONS]
    for n, row in enumerate(group.attrs.get("attributes", ())):
        if row.get("role") == "published":
            value = to_value(row["value"]) if "value" in row else read_date(group[n].text)
            if value and value.start and value.precision == "day":
                return date.fromisoformat(value.start)
    return None


def resolve_dates(doc: Doc) -> dict[str, dict]:
    """Each date mention by position. A year or month not said is that of the last date before it, or of the document."""
    group = doc.spans[MENTIONS]
    rows = group.attrs.get("attributes", [])
    published = published_on(doc)
    resolved: dict[str, dict] = {}
    last: DateValue | None = None
    for n, span in enumerate(group):
        if span.label_ != "date":
            continue
        value = to_value(rows[n]["value"]) if "value" in rows[n] else _read(span.text, published, last)
        if value is None:
            value = DateValue(None, None, None)
        resolved[str(n)] = {
            "start": value.start,
            "end": value.end,
            "precision": value.precision,
            "warnings": list(value.warnings),
        }
        if value.start and rows[n].get("role") != "published":
            last = value
    return resolved


def _read(words: str, published: date | None, last: DateValue | None) -> DateValue | None:
    reading = parse(words)
    if reading is None or last is None or last.start is None:
        return read_date(words, published=published)
    anchor = date.fromisoformat(last.start)
    month = anchor.month if last.precision in ("month", "day") else None
    if reading.year is not None or (reading.month is None and not reading.bare):
        return read_date(words, published=published, anchor=anchor, year=anchor.year, month=month)
    readings = [read_date(words, anchor=anchor, year=anchor.year + k, month=month) for k in (0, -1, 1)]
    fit = [v for v in readings if v and v.start and (published is None or v.start <= published.isoformat())]
    nearest = min(fit, key=lambda v: abs((date.fromisoformat(v.start or "") - anchor).days), default=None)
    return nearest or read_date(words, published=published, anchor=anchor)
