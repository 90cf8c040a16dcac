"""Scopes: what a heading, or the sentence before a list, says once holds for the entries that say nothing of their own.

Learned relations come first; this fills what they leave empty. The country, day or finding of an entry (or of a row of
a table) without one is that of the nearest heading above it that names one, the document's title apart; failing that,
the day is that of the paragraphs between this list and the one before, where they name one only. A count of reports
right above a list ("is still assessing 111 reports:") says how the reports of the list were assessed. Adds rows of
`tells_of` with score 0 to `attrs["relations"]` of `doc.spans["civex_mentions"]`.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import MENTIONS, OUTCOME_OF_MEASURE, UNITS
from civex.values.places import fold

SCOPED = ("country", "date", "outcome")
_LISTED = ("entry", "table_row")
_ROLES = ("event", "period")  # of a date that may be the day of what a list tells


@Language.factory("civex_scopes", requires=["doc.spans"], assigns=["doc.spans"])
def make_scopes(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_scopes


def set_scopes(doc: Doc) -> Doc:
    """Link each opener in a list to the mentions that govern it, where it has none of their label."""
    group = doc.spans.get(MENTIONS)
    if group is None:
        return doc
    units = list(doc.spans.get(UNITS, ()))
    unit_of = _unit_of(group, units)
    told: dict[int, set[str]] = {}
    for head, tail, label, _ in group.attrs.get("relations", ()):
        if label == "tells_of":
            told.setdefault(tail, set()).add(group[head].label_)
    said = _said_in(group, unit_of)
    listed = [n for n in sorted(told) if unit_of[n] >= 0 and units[unit_of[n]].label_ in _LISTED]
    found = [
        [mention, opener, "tells_of", 0.0]
        for opener in listed
        for label in SCOPED
        if label not in told[opener]
        for mention in _governing(group, units, said, unit_of[opener], label)
    ]
    found += [[n, opener, "tells_of", 0.0] for opener in listed for n in _counting(group, units, said, unit_of[opener])]
    if found:
        group.attrs = {**group.attrs, "relations": [*group.attrs["relations"], *found]}
    return doc


def _unit_of(group: SpanGroup, units: list[Span]) -> list[int]:
    starts = [unit.start for unit in units]
    return [bisect_right(starts, span.start) - 1 for span in group]


def _said_in(group: SpanGroup, unit_of: list[int]) -> dict[tuple[int, str], list[int]]:
    """(unit, label) -> the mentions of that unit that may govern a list."""
    rows = group.attrs.get("attributes") or [{}] * len(group)
    said: dict[tuple[int, str], list[int]] = {}
    for n, (span, row) in enumerate(zip(group, rows, strict=True)):
        if span.label_ in (*SCOPED, "title", "tally") and (span.label_ != "date" or row.get("role") in _ROLES):
            said.setdefault((unit_of[n], span.label_), []).append(n)
    return said


def _governing(
    group: SpanGroup, units: list[Span], said: dict[tuple[int, str], list[int]], entry: int, label: str
) -> list[int]:
    """The mention of this label that governs an entry, as a list of one; none where nothing or more than one does."""
    above = [u for u in range(entry) if units[u].label_ == "heading" and (u, "title") not in said]
    heading = next((said[u, label] for u in reversed(above) if (u, label) in said), [])
    if heading:
        return heading[:1] if _agree(group, heading) else []
    if label != "date":
        return []
    before = [n for u in _paragraphs_before(units, entry) for n in said.get((u, label), ())]
    return before[:1] if before and _agree(group, before) else []


def _counting(group: SpanGroup, units: list[Span], said: dict[tuple[int, str], list[int]], entry: int) -> list[int]:
    """The count of reports right above the list of an entry, as a list of one; none where words of a finding stand."""
    above = entry
    while above >= 0 and units[above].label_ in _LISTED:
        above -= 1
    counts = said.get((above, "tally"), [])
    rows = group.attrs.get("attributes") or [{}] * len(group)
    outcomes = {OUTCOME_OF_MEASURE.get(rows[n].get("measure", "")) for n in counts}
    if (above, "outcome") in said or len(outcomes) != 1 or None in outcomes:
        return []
    return counts[:1]


def _agree(group: SpanGroup, mentions: list[int]) -> bool:
    return len({fold(group[n].text) for n in mentions}) == 1


def _paragraphs_before(units: list[Span], entry: int) -> Iterator[int]:
    """The units between the list of this entry and the list before it, headings and page furniture left out."""
    u = entry
    while u >= 0 and units[u].label_ != "paragraph":
        u -= 1
    while u >= 0 and units[u].label_ not in _LISTED:
        if units[u].label_ == "paragraph":
            yield u
        u -= 1
