"""Assessments: whose words count for an entry of a list."""

import pytest

from civex.labels import MENTIONS
from civex.pipeline.assessments import assess, set_assessments

# text -> for each incident (outcome, reason)
TEXTS = {
    "{closed|outcome i1 non_credible} {A|place i1}": [("non_credible", None)],
    "{A|place i1}": [(None, None)],
    "{Credible|outcome i1-i2 credible} {A|place i1} {B|place i2}": [("credible", None), ("credible", None)],
    # an entry's own word over its list's
    "{Closed|outcome i1-i2 non_credible} {A|place i1} {B|place i2} {credible|outcome i2 credible}": [
        ("non_credible", None),
        ("credible", None),
    ],
    "{A|place i1} {credible|outcome i1 credible} {B|place i2} {all closed|outcome i1-i2 non_credible}": [
        ("credible", None),
        ("non_credible", None),
    ],
    # a later finding over an earlier one
    "{A|place i1} {open|outcome i1 open} then {credible|outcome i1 credible}": [("credible", None)],
    "{A|place i1} {credible|outcome i1 credible} then {closed|outcome i1 non_credible}": [("non_credible", None)],
    # the nearest list above over the one further up, and above over below
    "{Credible|outcome i1-i3 credible} {A|place i1} {Open|outcome i2-i3 open} {B|place i2} {C|place i3}": [
        ("credible", None),
        ("open", None),
        ("open", None),
    ],
    "{A|place i1} {B|place i2} : {closed|outcome i1-i2 non_credible} {all|outcome i1-i2 open}": [
        ("non_credible", None),
        ("non_credible", None),
    ],
    # a reason that only rejected reports have
    "{A|place i1} {too little is known|reason i1 insufficient_information}": [
        ("non_credible", "insufficient_information")
    ],
    "{Credible|outcome i1 credible} {A|place i1} {too little is known|reason i1 insufficient_information}": [
        ("non_credible", "insufficient_information")
    ],
    "{A|place i1} {not ours|reason i1 not_coalition}": [(None, "not_coalition")],
    # a count of reports over a list
    "{2 reports|tally t1 reports_open 2} : {A|place i1} {B|place i2}": [(None, None), (None, None)],
    # reasons
    "{Closed|outcome i1-i2 non_credible} {no strike|reason i1-i2 no_strike_in_area} {A|place i1} {B|place i2}": [
        ("non_credible", "no_strike_in_area"),
        ("non_credible", "no_strike_in_area"),
    ],
    "{Closed|outcome i1-i2 non_credible} {no strike|reason i1-i2 no_strike_in_area} {A|place i1} {B|place i2}"
    " {too little|reason i2 insufficient_information}": [
        ("non_credible", "no_strike_in_area"),
        ("non_credible", "insufficient_information"),
    ],
    # the reason of a list is not that of an exception to it
    "{Closed|outcome i1-i2 non_credible} {no strike|reason i1-i2 no_strike_in_area} {A|place i1} {B|place i2}"
    " {open|outcome i2 open}": [("non_credible", "no_strike_in_area"), ("open", None)],
    "{A|place i1} {twice told|reason i1 duplicate}": [("duplicate", "duplicate")],
    "{A|place i1} {it says no|reason i1 not_coalition}": [(None, "not_coalition")],
}


def tables(doc) -> list[dict]:
    attrs = set_assessments(doc).spans[MENTIONS].attrs
    return [attrs["assessments"][str(n)] for n, row in enumerate(attrs["attributes"]) if row["opens"]]


@pytest.mark.parametrize("text", TEXTS)
def test_outcome_and_reason(gold, text: str) -> None:
    assert [(row["outcome"], row["reason"]) for row in tables(gold(text))] == TEXTS[text]


@pytest.mark.parametrize(
    ("note", "reopened", "previously"),
    [("reopened", True, None), ("reported", False, True), ("unreported", False, False), (None, False, None)],
)
def test_notes(gold, note: str | None, reopened: bool, previously: bool | None) -> None:
    said = f" {{as noted|note i1 {note}}}" if note else ""
    (row,) = tables(gold("{A|place i1} {closed|outcome i1 non_credible}" + said))
    assert (row["reopened"], row["previously_reported"]) == (reopened, previously)
    assert len(row["mentions"]) == 1 + bool(note)


def test_the_day_of_the_report(gold) -> None:
    (row,) = tables(gold("{4 May 2016|date i1 2016-05-04} {A|place i1} received {7 May|date reported i1 2016-05-07}"))
    assert row["reported_on"] == 2


def test_mentions_are_those_that_govern(gold) -> None:
    rows = tables(gold("{Closed|outcome i1-i2 non_credible} {A|place i1} {B|place i2} {open|outcome i2 open}"))
    assert [row["mentions"] for row in rows] == [[0], [3]]


def test_score_is_that_of_the_weakest_governing_link() -> None:
    labels, rows = ["outcome", "place", "outcome"], [{"outcome": "open"}, {}, {"outcome": "credible", "shared": True}]
    assert assess(1, [(0, 0.6), (2, 0.9)], labels, rows, {})["score"] == 0.6
    assert assess(1, [(2, 0.9)], labels, rows, {}) | {"mentions": []} == {
        "outcome": "credible",
        "reason": None,
        "outcome_at": 2,
        "reason_at": None,
        "mentions": [],
        "reopened": False,
        "previously_reported": None,
        "reported_on": None,
        "score": 0.9,
    }


def test_a_doc_without_mentions(blank_nlp) -> None:
    assert MENTIONS not in set_assessments(blank_nlp.make_doc("nothing")).spans
