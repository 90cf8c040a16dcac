"""Errors: what a pipeline got wrong in one document, each with its cause and the words that it is about.

Causes are told apart on the mentions first, since what goes wrong there goes wrong in the records as well: a mention
that is missed, invented, cut wrongly or labelled wrongly; then, on mentions that both sides have, a wrong link or a
wrong value. What is left are the records themselves: incidents missed or invented and the fields of the others.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from spacy.tokens import Doc

from civex.evaluation import INCIDENT_FIELDS, Judged, tally_values
from civex.figures import matched, values
from civex.labels import MENTIONS
from civex.schema import Count, Date, Incident, Report
from civex.scorers import attribute_pairs, mention_keys

CAUSES = {
    "missed mention": "Annotated, and not found at all.",
    "false mention": "Found, and not annotated at all.",
    "wrong boundary": "Found with the right label, cut too short or too long.",
    "wrong label": "Found with the right words and another label.",
    "missed link": "Both mentions were found, the link between them was not.",
    "wrong link": "Both mentions were found, and linked where the annotation has no link.",
    "wrong attribute": "The mention was found; what it is was read wrongly.",
    "wrong value": "The mention was found; its figure or date was read wrongly.",
    "missed incident": "No record shares its mentions.",
    "false incident": "A record of something that the annotation has no incident for.",
    "wrong field": "The record as it comes out: mostly what follows from the errors above.",
    "wrong tally": "A figure about many incidents that is missing, extra or read wrongly.",
}

Key = tuple[int, int, str]


class Error(NamedTuple):
    """One error: `label` is the mention's label or the field, `span` the characters that it is about.

    `gold` and `found` are what the annotation and the pipeline say, in words; "" for nothing.
    """

    cause: str
    label: str
    span: tuple[int, int]
    gold: str
    found: str


def errors(judged: Judged) -> list[Error]:
    """Every error in one document, by cause in the order of CAUSES, then in the order of the text."""
    found = [*_mention_errors(judged), *_link_errors(judged), *_value_errors(judged), *_record_errors(judged)]
    order = list(CAUSES)
    return sorted(found, key=lambda e: (order.index(e.cause), e.label, e.span))


# Mentions


def _mention_errors(judged: Judged) -> Iterator[Error]:
    """Each missed mention is set beside at most one false one: same words first, then the widest overlap."""
    text = judged.document.text
    gold, found = mention_keys(judged.example.reference), mention_keys(judged.example.predicted)
    missed, extra = sorted(gold - found), sorted(found - gold)
    for cause, fit in (("wrong label", _same_words), ("wrong boundary", _overlap)):
        for key in list(missed):
            other = max((e for e in extra if fit(key, e)), key=lambda e: fit(key, e), default=None)
            if other is not None:
                missed.remove(key)
                extra.remove(other)
                yield Error(cause, key[2], key[:2], _said(text, key), _said(text, other))
    yield from (Error("missed mention", key[2], key[:2], _said(text, key), "") for key in missed)
    yield from (Error("false mention", key[2], key[:2], "", _said(text, key)) for key in extra)


def _same_words(one: Key, other: Key) -> int:
    return int(one[:2] == other[:2])


def _overlap(one: Key, other: Key) -> int:
    """Characters that two mentions of one label share."""
    return max(0, min(one[1], other[1]) - max(one[0], other[0])) if one[2] == other[2] else 0


def _said(text: str, key: Key) -> str:
    return f"{key[2]}: {text[key[0] : key[1]]}"


# Links


def _link_errors(judged: Judged) -> Iterator[Error]:
    text = judged.document.text
    both = mention_keys(judged.example.reference) & mention_keys(judged.example.predicted)
    gold, found = _links(judged.example.reference, both), _links(judged.example.predicted, both)
    for cause, links in (("missed link", gold - found), ("wrong link", found - gold)):
        for head, tail, label in sorted(links):
            said = f"{_said(text, head)} → {label} → {_said(text, tail)}"
            own, other = (said, "") if cause == "missed link" else ("", said)
            yield Error(cause, label, head[:2], own, other)


def _links(doc: Doc, both: set[Key]) -> set[tuple[Key, Key, str]]:
    """(head, tail, label) among the mentions that both sides have.

    That mentions tell of one incident is said by a link from each to the one before it, as in `civex.scorers`.
    """
    group = doc.spans.get(MENTIONS, ())
    keys = [(s.start_char, s.end_char, s.label_) for s in group]
    links = set()
    members: dict[int, set[int]] = {}
    for head, tail, label, *_ in group.attrs.get("relations", ()) if keys else ():
        if label == "tells_of":
            members.setdefault(tail, set()).update(n for n in (head,) if keys[n] in both)
        elif keys[head] in both and keys[tail] in both:
            links.add((keys[head], keys[tail], label))
    for ordered in map(sorted, members.values()):
        links.update((keys[b], keys[a], "tells_of") for a, b in zip(ordered, ordered[1:], strict=False))
    return links


# Values


def _value_errors(judged: Judged) -> Iterator[Error]:
    for key, name, gold, found in attribute_pairs(judged.example):
        if gold != found:
            yield Error("wrong attribute", f"{key[2]} {name}", key[:2], _word(gold), _word(found))
    one, other = _read_values(judged.gold), _read_values(judged.found)
    for key in sorted(one.keys() & other.keys()):
        if one[key] != other[key]:
            yield Error("wrong value", key[2], key[:2], one[key], other[key])


def _read_values(report: Report) -> dict[Key, str]:
    """What was read from the words of each claim, tally and date of a report."""
    found: dict[Key, str] = {}
    for incident in report.incidents:
        found.update({(*claim.span, claim.harm): _count(claim) for claim in incident.casualties})
        if incident.date:
            found[(*incident.date.span, "date")] = _date(incident.date)
    found.update({(*tally.span, "tally"): _count(tally) for tally in report.tallies})
    return found


def _count(count: Count | Any) -> str:
    low, high = ("?" if end is None else str(end) for end in (count.min, count.max))
    return low if low == high else f"{low} to {high}"


def _date(date: Date) -> str:
    return (
        "not fixed" if date.start is None else date.start if date.start == date.end else f"{date.start} to {date.end}"
    )


def _word(value: Any) -> str:
    """A value in words that come out the same each time."""
    if isinstance(value, (set, frozenset)):
        return ", ".join(sorted(map(_word, value)))
    if isinstance(value, tuple):
        return " ".join("?" if part is None else str(part) for part in value if part != "")
    return "" if value is None else str(value)


# Records


def _record_errors(judged: Judged) -> Iterator[Error]:
    for gold, found in matched(judged.gold, judged.found):
        if found is None and gold is not None:
            yield Error("missed incident", gold.id, _where(gold), _summary(gold), "")
        elif gold is None and found is not None:
            yield Error("false incident", found.id, _where(found), "", _summary(found))
        elif gold is not None and found is not None:
            for name in INCIDENT_FIELDS:
                a, b = values(gold, name), values(found, name)
                if a != b:
                    yield Error("wrong field", name, _where(gold), _word(a), _word(b))
    a, b = tally_values(judged.gold), tally_values(judged.found)
    yield from _tally_errors(judged.gold, a - b, gold=True)
    yield from _tally_errors(judged.found, b - a, gold=False)


def _tally_errors(report: Report, wrong: set[tuple], *, gold: bool) -> Iterator[Error]:
    """The last tallies with these values, since those before them were counted as right."""
    for (measure, low, high), number in sorted(wrong, key=repr):
        same = [t for t in report.tallies if (t.measure, t.min, t.max) == (measure, low, high)]
        said = f"{measure} {_count(same[number])}"
        yield Error("wrong tally", measure, same[number].span, said if gold else "", "" if gold else said)


def _where(incident: Incident) -> tuple[int, int]:
    return incident.spans[0] if incident.spans else (0, 0)


def _summary(incident: Incident) -> str:
    """The fields that say something, in one line."""
    said = {name: _word(values(incident, name)) for name in INCIDENT_FIELDS}
    return "; ".join(f"{name} {value}" for name, value in said.items() if value)
