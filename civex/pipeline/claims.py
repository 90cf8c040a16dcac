"""Claims: whom a casualty figure counts by its own words, and how one that nothing links reads beside an earlier one.

Sums are made only where the text leaves no other reading (coding conventions of the contract). Figures of one sentence
that nothing links are parts of a sum; a figure in a later sentence is not. It says an earlier one again, is inside it,
or, where it is larger, rivals it. Links and statuses that were learned stand. Adds rows to `attrs["relations"]` of
`doc.spans["civex_mentions"]` with score 0 and sets `status`, `group` and `who` in `attrs["attributes"]`.
"""

import re
from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc, Span

from civex.labels import HARMS, MENTIONS, WHO
from civex.values.counts import Count, read_count
from civex.values.groups import said_group, said_who

_ADDED = re.compile(r"\b(?:more|another|other|others|additional|further|else|also|later)\b", re.IGNORECASE)
_SENTENCE_END = (".", "!", "?")
_LINKS = ("part_of", "repeats", "superseded_by")


@Language.factory("civex_claims", requires=["doc.spans"], assigns=["doc.spans"])
def make_claims(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_claims


def set_claims(doc: Doc) -> Doc:
    """Link the unlinked figures of each incident and harm, in text order."""
    if MENTIONS not in doc.spans:
        return doc
    group = doc.spans[MENTIONS]
    rows = [_checked(span, row) for span, row in zip(group, group.attrs.get("attributes", ()), strict=True)]
    relations = list(group.attrs.get("relations", ()))
    linked = {head for head, _, label, _ in relations if label in _LINKS}
    spans = list(group)
    for positions in _by_incident_and_harm(spans, rows, relations):
        relations += _read(spans, rows, positions, linked)
    group.attrs = {**group.attrs, "attributes": rows, "relations": relations}
    return doc


def _checked(span: Span, row: dict) -> dict:
    """The attributes of a mention; of a figure with the group and the people that its own words name."""
    if span.label_ not in HARMS:
        return dict(row)
    who = [kind for kind in WHO if kind in said_who(span.text) or kind in row.get("who", ())]
    return {**row, "group": said_group(span.text) or row.get("group", "unspecified"), "who": who}


def _by_incident_and_harm(spans: list[Span], rows: list[dict], relations: list) -> list[list[int]]:
    groups: dict[tuple, list[int]] = {}
    for head, tail, label, _ in relations:
        if label == "tells_of" and spans[head].label_ in HARMS:
            groups.setdefault((tail, rows[head].get("harm") or spans[head].label_), []).append(head)
    return [sorted(positions) for positions in groups.values() if len(positions) > 1]


def _read(spans: list[Span], rows: list[dict], positions: list[int], linked: set[int]) -> list[list]:
    """New relation rows for the figures of one incident and harm; sets the status of rivals."""
    found: list[list] = []
    told: list[tuple[int, int, Count]] = []  # sentence, position and value of the figures so far
    for n in positions:
        count, sentence = read_count(spans[n].text), _sentence(spans[n])
        free = n not in linked and rows[n].get("status", "used") == "used" and not _ADDED.search(spans[n].text)
        earlier = [(p, c) for s, p, c in told if s != sentence]
        if free and earlier and _size(count):
            equal = [p for p, c in earlier if _size(c) == _size(count)]
            holding = [p for p, c in earlier if _size(c) > _size(count)]
            if equal or holding:
                found.append([n, equal[0] if equal else holding[0], "repeats" if equal else "part_of", 0.0])
            else:
                rows[n]["status"] = "rival"
                for p, _ in earlier:
                    if rows[p].get("status", "used") == "used" and p not in linked:
                        rows[p]["status"] = "rival"
        if _size(count):
            told.append((sentence, n, count))
    return found


def _size(count: Count) -> int:
    """The largest number that the figure names; 0 where it names none."""
    return max(count.min or 0, count.max or 0)


def _sentence(span: Span) -> int:
    """The token after the last end of a sentence before the span."""
    start = span.start
    doc = span.doc
    while start > 0 and doc[start - 1].text not in _SENTENCE_END and "\n" not in doc[start - 1].text:
        start -= 1
    return start
