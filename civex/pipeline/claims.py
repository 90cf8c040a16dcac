"""Claims: whom a casualty figure counts by its own words, and how one that nothing links reads beside an earlier one.

Sums are made only where the text leaves no other reading (coding conventions of the contract). Figures of one sentence
that nothing links are parts of a sum, but not "at least 11 and up to 15", which is a range, not what says itself a part
("five of them", "including two nurses"), not what goes on a list of parts ("20, including eight women and nine
children"), and not what spells out the first of them ("three people, two women and a child"). A figure in a later
sentence says an earlier one again, is inside it, is the sum of persons told one by one, or, where it is larger, rivals
it; a smaller toll beside "up to 10" rivals it too. Parts that count the same kind of people in different sentences are
not added up. Rivals of a range that the text gives itself ("between 15 and 18") are summed up in it. One person told
beside a larger figure is no rival of it, nor is the only rival of a figure that holds it. A rival of whose group
nothing is said is of the group of the one before it, where no fighters are told. Nobody is killed in a sentence that
tells of injury alone; ages and times of day count nobody. Other links and statuses that were learned stand. Adds rows
to `attrs["relations"]` of `doc.spans["civex_mentions"]` with score 0 and sets `status`, `harm`, `group` and `who` in
`attrs["attributes"]`, and `rules`, the names of the rules that did (their words are in `civex.explanation`).
"""

import re
from collections.abc import Callable

import numpy
from spacy.language import Language
from spacy.tokens import Doc, Span

from civex.labels import HARMS, MENTIONS, WHO
from civex.pipeline.features import harm_of, sentence_numbers, text_after
from civex.values.counts import Count, read_count
from civex.values.groups import said_group, said_who

_ADDED = re.compile(r"\b(?:more(?! than)|another|other|others|additional|further|else|also|later)\b", re.IGNORECASE)
_MORE = re.compile(
    r"\b(?:more|another|additional|further)\b", re.IGNORECASE
)  # and not "his other wife", one of a total
_PART = re.compile(r"\bof (?:them|whom|those|these|which)\b", re.IGNORECASE)
_OPENS_LIST = ("including", "includes", "included", "include", "incl")
_VERB = re.compile(  # of a figure that is told before it: "five people, including two girls, were reportedly hurt"
    r"(?:,? \(?(?:including|among them)[^.;\n]{0,150}?[,)])?(?: \w+ly| all| also)*"
    r" (?:was|were|(?:have|had|has) been)(?: \w+ly| also| then| all)* (\w+)"
)
_CLAUSE = 40  # tokens
_FOLLOWING = 4  # tokens
_DECIDED = ("killed", "injured")
_OPENS_PART = ("–", "—", "(")  # "four people – a couple with their children"
_BESIDE = 3  # tokens between the two ends of a range, and between "including" and a figure
_FEW = 2  # up to so many dead a single person may be a toll of its own
_NO_COUNT = re.compile(
    r"^\W*[\w-]+[- ]years?\W*$|^\W*\d[\d:.]*\s?[ap]\.?\s?m\b", re.IGNORECASE
)  # an age, a time of day
_LINKS = ("part_of", "repeats", "superseded_by")


@Language.factory("civex_claims", requires=["doc.spans"], assigns=["doc.spans"])
def make_claims(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_claims


def set_claims(doc: Doc) -> Doc:
    """Link the unlinked figures of each incident and harm, in text order."""
    if MENTIONS not in doc.spans:
        return doc
    group = doc.spans[MENTIONS]
    sentences = sentence_numbers(doc)
    rows = [_checked(span, row, sentences) for span, row in zip(group, group.attrs.get("attributes", ()), strict=True)]
    spans = list(group)
    sentence_of = [int(sentences[span.start]) for span in spans]
    relations = [row for row in group.attrs.get("relations", ()) if not _NO_COUNT.search(_casualty(spans[row[0]]))]
    link_rows: dict[int, list[list]] = {}
    for row in relations:
        if row[2] in _LINKS:
            link_rows.setdefault(row[0], []).append(row)
    for positions in _by_incident_and_harm(spans, rows, relations):
        inside = set(positions)
        links = [row for n in positions for row in link_rows.get(n, ()) if row[1] in inside]
        _settle(spans, rows, links)
        linked = {head for head, *_ in links}
        parts = {head: tail for head, tail, label, _ in links if label == "part_of"}
        new = _spelled_out(spans, rows, sentence_of, positions, linked, parts)
        new += _read(spans, rows, sentence_of, positions, linked, parts)
        _tell_apart(spans, rows, sentence_of, [row for row in links + new if row[2] == "part_of"])
        relations += new
        _sum_up(spans, rows, positions)
        _share_group(spans, rows, positions)
    group.attrs = {**group.attrs, "attributes": rows, "relations": relations}
    return doc


def _casualty(span: Span) -> str:
    return span.text if span.label_ in HARMS else ""


def _settle(spans: list[Span], rows: list[dict], links: list[list]) -> None:
    """A figure that gives way to another is not used beside it: the same one says it again, a larger one holds it."""
    for row in links:
        head, tail, label, _ = row
        if label == "superseded_by" and rows[head].get("status", "used") == "used":
            size, other = (_size(read_count(spans[n].text)) for n in (head, tail))
            if size == other:
                row[2] = "repeats"
                _note(rows[head], "gives_way")
            elif size < other:
                rows[head]["status"] = "summed_up"
                _note(rows[head], "gives_way")


def _sum_up(spans: list[Span], rows: list[dict], positions: list[int]) -> None:
    """Rival tolls beside a range that the text gives itself are what the range sums up."""
    used = [read_count(spans[n].text) for n in positions if rows[n].get("status", "used") == "used"]
    if any(c.min and c.max and c.min < c.max for c in used):
        for n in positions:
            if rows[n].get("status") == "rival":
                rows[n]["status"] = "summed_up"
                _note(rows[n], "in_range")


def _share_group(spans: list[Span], rows: list[dict], positions: list[int]) -> None:
    """Rivals of whose group nothing is said count the same people as the figure before them."""
    known = next((rows[n]["group"] for n in positions if rows[n]["group"] != "unspecified"), None)
    if known != "civilians" or any(rows[n]["group"] == "combatants" for n in positions):
        return
    for n in positions:
        if rows[n].get("status") == "rival" and said_group(spans[n].text) is None:
            rows[n]["group"] = known
            _note(rows[n], "group_of_rival")


def _checked(span: Span, row: dict, sentences: numpy.ndarray) -> dict:
    """The attributes of a mention; of a figure with the group and the people that its own words name."""
    if span.label_ not in HARMS:
        return dict(row)
    who = [kind for kind in WHO if kind in said_who(span.text) or kind in row.get("who", ())]
    if row.get("harm") == "killed" and _only_hurt(span, sentences):
        row = {**row, "harm": "injured", "rules": ["only_hurt"]}
    said = _said_harm(span)
    if said and row.get("harm") in _DECIDED and said != row["harm"]:
        row = {**row, "harm": said, "rules": ["said_harm"]}
    return {**row, "group": said_group(span.text) or row.get("group", "unspecified"), "who": who}


def _note(row: dict, rule: str) -> None:
    """Keep the name of a rule that decided something of a figure."""
    row["rules"] = [*row.get("rules", ()), rule]


def _said_harm(span: Span) -> str | None:
    """The harm that the figure's own words name ("wounded civilians"), or the verb of it ("... were injured").

    None where neither tells, or tells of anything but death and injury; "two of the wounded" may have died.
    """
    inside = {harm_of(token.lower_) for token in span} - {None}
    if inside:
        (said,) = inside if len(inside) == 1 and " of " not in span.text else (None,)
        next_words = {harm_of(token.lower_) for token in span.doc[span.end : span.end + _FOLLOWING]} - {None, said}
        return said if said in _DECIDED and not next_words else None
    verb = _VERB.match(text_after(span, _CLAUSE))
    harm = harm_of(verb[1].lower()) if verb else None
    return harm if harm in _DECIDED else None


def _only_hurt(span: Span, sentences: numpy.ndarray) -> bool:
    """True where the words of harm in the figure's sentence all tell of injury and none of death."""
    first, last = numpy.searchsorted(sentences, sentences[span.start] + numpy.arange(2))
    return {harm_of(token.lower_) for token in span.doc[first:last]} - {None} == {"injured"}


def _by_incident_and_harm(spans: list[Span], rows: list[dict], relations: list) -> list[list[int]]:
    groups: dict[tuple, list[int]] = {}
    for head, tail, label, _ in relations:
        if label == "tells_of" and spans[head].label_ in HARMS:
            groups.setdefault((tail, rows[head].get("harm") or spans[head].label_), []).append(head)
    return [sorted(positions) for positions in groups.values() if len(positions) > 1]


def _read(
    spans: list[Span],
    rows: list[dict],
    sentence_of: list[int],
    positions: list[int],
    linked: set[int],
    parts: dict[int, int],
) -> list[list]:
    """New relation rows for the figures of one incident and harm; sets the status of rivals and of a range's ends."""
    found: list[list] = []
    told: list[tuple[int, int, Count]] = []  # sentence, position and value of the figures so far
    rivals = sum(rows[n].get("status") == "rival" for n in positions)
    for n in positions:
        count, sentence = read_count(spans[n].text), sentence_of[n]
        if rows[n].get("status") == "rival" and n not in linked and _is_no_rival(count, told, rivals):
            rows[n]["status"] = "used"
            _note(rows[n], "one_of_them")
        here = [(p, c) for s, p, c in told if s == sentence]
        earlier = [(p, c) for s, p, c in told if s != sentence]
        added = bool((_ADDED if here else _MORE).search(spans[n].text)) and (bool(here) or _size(count) > 1)
        if n not in linked and rows[n].get("status", "used") == "used" and _size(count):
            if here and not added and _are_a_range(spans, here[-1], n, count):
                rows[n]["status"] = rows[here[-1][0]]["status"] = "rival"
                _note(rows[n], "range")
            elif (total := _total_of(spans[n], count, earlier, here, parts, added)) is not None:
                found.append([n, total, "part_of", 0.0])
                parts[n] = total
                _note(rows[n], "said_part")
            elif earlier and not added and (persons := _summed(rows, count, earlier, linked | parts.keys())):
                found += [[p, n, "part_of", 0.0] for p in persons]
                parts.update(dict.fromkeys(persons, n))
                for p in persons:
                    _note(rows[p], "summed_after")
            elif earlier and not added:
                found += _beside_earlier(rows, n, count, earlier, linked | parts.keys())
        if _size(count):
            told.append((sentence, n, count))
    return found


def _is_no_rival(count: Count, told: list[tuple[int, int, Count]], rivals: int) -> bool:
    """True of a single person where a larger figure was told before, and of the only rival where one holds it."""
    if (count.min, count.max) == (1, 1) and any(_size(c) > _FEW for _, _, c in told):
        return True
    return rivals == 1 and any(c.min is not None and _size(c) > _size(count) > 0 for _, _, c in told)


def _said_total(span: Span, count: Count, told: list[tuple[int, Count]]) -> int | None:
    """The figure before of which the span says that it is a part, None where it does not say so."""
    before = [token.lower_ for token in span.doc[max(0, span.start - _BESIDE) : span.start]]
    opened = bool(before) and before[-1] in _OPENS_PART
    after = span.doc[span.end : span.end + 2].text.lower()
    listed = any(word in _OPENS_LIST for word in before) or after == "among them"
    if not (_PART.search(span.text) or listed or opened):
        return None
    return next((p for p, c in reversed(told) if _size(c) >= _size(count) and c != count), None)


def _are_a_range(spans: list[Span], before: tuple[int, Count], n: int, count: Count) -> bool:
    """True of "at least 11" and "up to 15" side by side."""
    p, low = before
    beside = 0 <= spans[n].start - spans[p].end <= _BESIDE
    return beside and low.max is None and count.min is None and (low.min or 0) <= (count.max or 0)


def _total_of(
    span: Span,
    count: Count,
    earlier: list[tuple[int, Count]],
    here: list[tuple[int, Count]],
    parts: dict[int, int],
    added: bool,
) -> int | None:
    """The figure that holds this one by words of the sentence, None where they name none."""
    if not added and (total := _said_total(span, count, earlier + here)) is not None:
        return total
    if not here or here[-1][0] not in parts:
        return None
    total = parts[here[-1][0]]  # the sentence lists parts of it; "two others" may go beyond a total said there
    sizes = dict(here if not added else ()) | dict(earlier)
    return total if total in sizes and _size(sizes[total]) >= _size(count) else None


def _summed(rows: list[dict], count: Count, earlier: list[tuple[int, Count]], linked: set[int]) -> list[int]:
    """Figures told one by one before the total that they make up, or single persons before a larger one."""
    alone = [(p, c) for p, c in earlier if p not in linked and rows[p].get("status", "used") == "used"]
    sizes = [_size(c) for _, c in alone]
    exact = sum(sizes) == _size(count)
    persons = set(sizes) == {1} and sum(sizes) < _size(count)
    return [p for p, _ in alone] if len(alone) > 1 and (exact or persons) else []


def _spelled_out(
    spans: list[Span],
    rows: list[dict],
    sentence_of: list[int],
    positions: list[int],
    linked: set[int],
    parts: dict[int, int],
) -> list[list]:
    """Rows of "three members, two women and a child": the figures of a sentence that make up the first of it."""
    sentences: dict[int, list[int]] = {}
    for n in positions:
        if n not in linked and rows[n].get("status", "used") == "used":
            sentences.setdefault(sentence_of[n], []).append(n)
    found: list[list] = []
    for first, *rest in sentences.values():
        sizes = [_size(read_count(spans[n].text)) for n in rest]
        spelled = len(rest) > 1 or (len(rest) == 1 and not _words_between(spans[first], spans[rest[0]]))
        if spelled and all(sizes) and sum(sizes) == _size(read_count(spans[first].text)) > 1:
            found += [[n, first, "part_of", 0.0] for n in rest]
            for n in rest:
                _note(rows[n], "spelled_out")
    parts.update({head: tail for head, tail, *_ in found})
    linked.update(head for head, *_ in found)
    return found


def _words_between(first: Span, second: Span) -> bool:
    """False of "two civilians, a woman and her child", where the second figure spells out the first."""
    return any(token.is_alpha for token in first.doc[first.end : second.start])


def _tell_apart(spans: list[Span], rows: list[dict], sentence_of: list[int], parts: list[list]) -> None:
    """Parts of one total that count the same kind of people in different sentences: the smaller is in the larger.

    Changes the rows of relations in place. Single persons are told apart, and so is "another three".
    """
    told: dict[tuple, tuple[int, int, list]] = {}
    for row in sorted(parts):
        head, total, *_ = row
        size, sentence = _size(read_count(spans[head].text)), sentence_of[head]
        kind = (total, rows[head].get("group"), tuple(rows[head].get("who", ())))
        if not size or _ADDED.search(spans[head].text):
            continue
        if kind not in told:
            told[kind] = (size, sentence, row)
            continue
        known, where, other = told[kind]
        if where == sentence or max(size, known) == 1:
            continue
        _note(rows[other[0] if size > known else head], "told_again")
        if size > known:
            other[1] = head
            told[kind] = (size, sentence, row)
        else:
            row[1], row[2] = other[0], "repeats" if size == known else "part_of"


def _beside_earlier(
    rows: list[dict], n: int, count: Count, earlier: list[tuple[int, Count]], linked: set[int]
) -> list[list]:
    alone = [(p, c) for p, c in earlier if p not in linked and rows[p].get("status", "used") in ("used", "rival")]
    equal = [p for p, c in alone or earlier if _size(c) == _size(count)]
    holding = [p for p, c in alone or earlier if _size(c) > _size(count)]
    if not (equal or holding):
        equal = [p for p, c in earlier if _size(c) == _size(count)]
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
