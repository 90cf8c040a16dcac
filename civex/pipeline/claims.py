"""Claims: whom a casualty figure counts by its own words, and how one that nothing links reads beside an earlier one.

Sums are made only where the text leaves no other reading (coding conventions of the contract). Figures of one sentence
that nothing links are parts of a sum, but not "at least 11 and up to 15", which is a range, not what says itself a part
("five of them", "including two nurses"), and not what goes on a list of parts ("20, including eight women and nine
children"). A figure in a later sentence says an earlier one again, is inside it, or, where it is larger, rivals it; a
smaller toll beside "up to 10" rivals it too. One person told beside a larger figure is no rival of it. A rival of whose
group nothing is said is of the group of the figure before it, where no fighters are told. Nobody is killed in a
sentence that tells of injury alone. Other links and statuses that were learned stand. Adds rows to `attrs["relations"]`
of `doc.spans["civex_mentions"]` with score 0 and sets `status`, `harm`, `group` and `who` in `attrs["attributes"]`, and
`rules`, the names of the rules that did (their words are in `civex.explanation`).
"""

import re
from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc, Span, Token

from civex.labels import HARMS, MENTIONS, WHO
from civex.pipeline.features import harm_of
from civex.values.counts import Count, read_count
from civex.values.groups import said_group, said_who

_ADDED = re.compile(r"\b(?:more|another|other|others|additional|further|else|also|later)\b", re.IGNORECASE)
_SENTENCE_END = (".", "!", "?")
_PART = re.compile(r"\bof (?:them|whom|those|these|which)\b", re.IGNORECASE)
_OPENS_LIST = ("including", "includes", "included", "include", "incl")
_BESIDE = 3  # tokens between the two ends of a range, and between "including" and a figure
_FEW = 2  # up to so many dead a single person may be a toll of its own
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
    parts = {head: tail for head, tail, label, _ in relations if label == "part_of"}
    spans = list(group)
    for positions in _by_incident_and_harm(spans, rows, relations):
        relations += _read(spans, rows, positions, linked, parts)
        _share_group(spans, rows, positions)
    group.attrs = {**group.attrs, "attributes": rows, "relations": relations}
    return doc


def _share_group(spans: list[Span], rows: list[dict], positions: list[int]) -> None:
    """Rivals of whose group nothing is said count the same people as the figure before them."""
    known = next((rows[n]["group"] for n in positions if rows[n]["group"] != "unspecified"), None)
    if known != "civilians" or any(rows[n]["group"] == "combatants" for n in positions):
        return
    for n in positions:
        if rows[n].get("status") == "rival" and said_group(spans[n].text) is None:
            rows[n]["group"] = known
            _note(rows[n], "group_of_rival")


def _checked(span: Span, row: dict) -> dict:
    """The attributes of a mention; of a figure with the group and the people that its own words name."""
    if span.label_ not in HARMS:
        return dict(row)
    who = [kind for kind in WHO if kind in said_who(span.text) or kind in row.get("who", ())]
    if row.get("harm") == "killed" and _only_hurt(span):
        row = {**row, "harm": "injured", "rules": ["only_hurt"]}
    return {**row, "group": said_group(span.text) or row.get("group", "unspecified"), "who": who}


def _note(row: dict, rule: str) -> None:
    """Keep the name of a rule that decided something of a figure."""
    row["rules"] = [*row.get("rules", ()), rule]


def _only_hurt(span: Span) -> bool:
    """True where the words of harm in the figure's sentence all tell of injury and none of death."""
    end = span.end
    while end < len(span.doc) and not _ends_sentence(span.doc[end]):
        end += 1
    return {harm_of(token.lower_) for token in span.doc[_sentence(span) : end]} - {None} == {"injured"}


def _by_incident_and_harm(spans: list[Span], rows: list[dict], relations: list) -> list[list[int]]:
    groups: dict[tuple, list[int]] = {}
    for head, tail, label, _ in relations:
        if label == "tells_of" and spans[head].label_ in HARMS:
            groups.setdefault((tail, rows[head].get("harm") or spans[head].label_), []).append(head)
    return [sorted(positions) for positions in groups.values() if len(positions) > 1]


def _read(
    spans: list[Span], rows: list[dict], positions: list[int], linked: set[int], parts: dict[int, int]
) -> list[list]:
    """New relation rows for the figures of one incident and harm; sets the status of rivals and of a range's ends."""
    found: list[list] = []
    told: list[tuple[int, int, Count]] = []  # sentence, position and value of the figures so far
    for n in positions:
        count, sentence = read_count(spans[n].text), _sentence(spans[n])
        if rows[n].get("status") == "rival" and n not in linked and _is_one_of_them(count, told):
            rows[n]["status"] = "used"
            _note(rows[n], "one_of_them")
        free = n not in linked and rows[n].get("status", "used") == "used" and not _ADDED.search(spans[n].text)
        here = [(p, c) for s, p, c in told if s == sentence]
        earlier = [(p, c) for s, p, c in told if s != sentence]
        if free and _size(count):
            if here and _are_a_range(spans, here[-1], n, count):
                rows[n]["status"] = rows[here[-1][0]]["status"] = "rival"
                _note(rows[n], "range")
            elif (total := _said_total(spans[n], count, earlier + here)) is not None:
                found.append([n, total, "part_of", 0.0])
                parts[n] = total
                _note(rows[n], "said_part")
            elif (total := _open_list(here, count, parts)) is not None:
                found.append([n, total, "part_of", 0.0])
                parts[n] = total
                _note(rows[n], "listed_part")
            elif earlier:
                found += _beside_earlier(rows, n, count, earlier, linked)
        if _size(count):
            told.append((sentence, n, count))
    return found


def _is_one_of_them(count: Count, told: list[tuple[int, int, Count]]) -> bool:
    """True of a single person where a larger figure was told before."""
    return (count.min, count.max) == (1, 1) and any(_size(c) > _FEW for _, _, c in told)


def _said_total(span: Span, count: Count, told: list[tuple[int, Count]]) -> int | None:
    """The figure before of which the span says that it is a part, None where it does not say so."""
    before = [token.lower_ for token in span.doc[max(0, span.start - _BESIDE) : span.start]]
    after = span.doc[span.end : span.end + 2].text.lower()
    if not (_PART.search(span.text) or any(word in _OPENS_LIST for word in before) or after == "among them"):
        return None
    return next((p for p, c in reversed(told) if _size(c) >= _size(count) and c != count), None)


def _are_a_range(spans: list[Span], before: tuple[int, Count], n: int, count: Count) -> bool:
    """True of "at least 11" and "up to 15" side by side."""
    p, low = before
    beside = 0 <= spans[n].start - spans[p].end <= _BESIDE
    return beside and low.max is None and count.min is None and (low.min or 0) <= (count.max or 0)


def _open_list(here: list[tuple[int, Count]], count: Count, parts: dict[int, int]) -> int | None:
    """The total of this sentence whose list of parts the figure goes on, None where there is none."""
    known = dict(here)
    if not here or here[-1][0] not in parts:
        return None
    total = parts[here[-1][0]]
    return total if total in known and _size(known[total]) >= _size(count) else None


def _beside_earlier(rows: list[dict], n: int, count: Count, earlier: list[tuple[int, Count]], linked: set[int]) -> list:
    equal = [p for p, c in earlier if _size(c) == _size(count)]
    holding = [p for p, c in earlier if _size(c) > _size(count)]
    open_below = all(c.min is None for p, c in earlier if p in holding)
    if holding and open_below and _size(count) > _FEW and set(rows[n]["who"]) <= {"family"}:
        equal, holding = [], []  # "up to 10 people": another toll gives the lower end
    if equal or holding:
        _note(rows[n], "said_before" if equal else "inside_before")
        return [[n, equal[0] if equal else holding[0], "repeats" if equal else "part_of", 0.0]]
    for p in (n, *(p for p, _ in earlier if p not in linked)):
        if rows[p].get("status", "used") == "used":
            rows[p]["status"] = "rival"
            _note(rows[p], "rival_before")
    return []


def _size(count: Count) -> int:
    """The largest number that the figure names; 0 where it names none."""
    return max(count.min or 0, count.max or 0)


def _sentence(span: Span) -> int:
    """The token after the last end of a sentence before the span."""
    start = span.start
    doc = span.doc
    while start > 0 and not _ends_sentence(doc[start - 1]):
        start -= 1
    return start


def _ends_sentence(token: Token) -> bool:
    return token.text in _SENTENCE_END or "\n" in token.text
