"""Scopes: what a heading, or the sentence before a list, says once holds for the entries that say nothing of their own.

Learned relations come first; this fills what they leave empty. The country, day or finding of an entry (or of a row of
a table) without one is that of the nearest heading above it that names one, the document's title apart; failing that,
the day is that of the paragraphs between this list and the one before, where they name one only. A count of reports
right above a list ("still looks into 40 reports:") says how the reports of the list were assessed. Adds rows of
`tells_of` with score 0 to `attrs["relations"]` of `doc.spans["civex_mentions"]`.
"""

from bisect import bisect_right
from collections.abc import Callable

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
    governing = _governing(group, units, _said_in(group, unit_of))
    found = [
        [mention, opener, "tells_of", 0.0]
        for opener in sorted(told)
        for label, mention in governing.get(unit_of[opener], {}).items()
        if label not in told[opener]
    ]
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
    group: SpanGroup, units: list[Span], said: dict[tuple[int, str], list[int]]
) -> dict[int, dict[str, int]]:
    """Unit of a list -> label -> the mention that governs it, in one pass over the units."""
    headings: dict[str, int] = {}  # what the nearest heading that names it says
    day: list[int] = []  # the days that the paragraphs before the list name
    counts: list[int] = []  # the count of reports in the unit right above the list
    in_list = False
    found: dict[int, dict[str, int]] = {}
    for u, unit in enumerate(units):
        if unit.label_ in _LISTED:
            in_list = True
            before = {"date": day[0]} if _agree(group, day) else {}
            found[u] = before | headings | ({"tally": counts[0]} if counts else {})
            continue
        if unit.label_ == "paragraph":
            day = ([] if in_list else day) + said.get((u, "date"), [])
            in_list = False
        elif unit.label_ == "heading" and (u, "title") not in said:
            named = {label: said[u, label] for label in SCOPED if (u, label) in said}
            headings |= {label: mentions[0] for label, mentions in named.items() if _agree(group, mentions)}
        counts = _counting(group, said, u)
    return found


def _counting(group: SpanGroup, said: dict[tuple[int, str], list[int]], unit: int) -> list[int]:
    """The count of reports in a unit, as a list of one; none where words of a finding stand beside it."""
    counts = said.get((unit, "tally"), [])
    rows = group.attrs.get("attributes") or [{}] * len(group)
    outcomes = {OUTCOME_OF_MEASURE.get(rows[n].get("measure", "")) for n in counts}
    if (unit, "outcome") in said or len(outcomes) != 1 or None in outcomes:
        return []
    return counts[:1]


def _agree(group: SpanGroup, mentions: list[int]) -> bool:
    return len({fold(group[n].text) for n in mentions}) == 1
