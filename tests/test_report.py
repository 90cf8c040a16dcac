"""From a Doc to a report, on gold Docs: what the annotation says is what the record holds."""

import pytest

from civex.pipeline.assessments import set_assessments
from civex.pipeline.dates import set_dates
from civex.pipeline.incidents import set_incidents
from civex.report import build_report
from civex.schema import Incident, Report

MODEL = {"name": "gold", "version": "0"}


def report(gold, text: str, *, counts: str = "recorders", **meta: str) -> Report:
    doc = gold(text, **meta)
    for component in (set_dates, set_assessments, set_incidents):
        doc = component(doc)
    found = build_report(doc, doc.text, counts=counts, model=MODEL)
    for mention in _mentions(found.to_dict()):
        assert doc.text[slice(*mention["span"])] == mention["text"]
    return found


def incident(gold, text: str, **options: str) -> Incident:
    (found,) = report(gold, text, **options).incidents
    return found


def _mentions(value: object):
    if isinstance(value, dict):
        if value.get("text") and value.get("span"):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _mentions(part)


@pytest.mark.parametrize(("counts", "figure"), [("recorders", (12, None)), ("strict", (None, None))])
def test_vague_words_are_valued_by_the_policy(gold, counts: str, figure: tuple) -> None:
    text = "{dozens of civilians|killed i1 civilians 12..} and {five children|injured i1 civilians 5}"
    found = incident(gold, text, counts=counts)
    assert (found.killed["civilians"].min, found.killed["civilians"].max) == figure
    assert (found.injured["civilians"].min, found.injured["civilians"].max) == (5, 5)
    assert [claim.vague for claim in found.casualties] == [True, False]


def test_claims_name_each_other(gold) -> None:
    found = incident(
        gold,
        "{SNHR|source i1 ngo #s} : {13 people|killed i1 13 #c by=#s} , {three children|killed i1 civilians 3 in=#c} ;"
        " {13|killed i1 13 same=#c}",
    )
    first, part, again = found.casualties
    assert (first.claimed_by.text, part.part_of, again.repeats) == ("SNHR", first.id, first.id)
    figures = {group: (f.min, f.max, f.claims) for group, f in found.killed.items()}
    assert figures == {"unspecified": (13, 13, ["c1"]), "civilians": (3, 3, ["c2"])}


def test_conceded_figures_stand_apart(gold) -> None:
    found = incident(gold, "{15|killed i1 civilians 15} , {9|killed i1 civilians 9 conceded}")
    assert found.killed["civilians"].min == 15
    assert found.conceded.killed["civilians"].min == 9


def test_a_target_of_two_types_is_listed_twice(gold) -> None:
    found = incident(
        gold, "{strike|action i1 airstrike} on a {{Red Crescent|owner} ambulance|target i1 vehicle medical}"
    )
    assert [(t.text, t.type, t.owner.text) for t in found.targets] == [
        ("Red Crescent ambulance", "vehicle", "Red Crescent"),
        ("Red Crescent ambulance", "medical", "Red Crescent"),
    ]


def test_the_same_words_again_are_the_same_thing(gold) -> None:
    text = "{car|target i1 vehicle} , {white car|target i1 vehicle} , {car|target i1 vehicle} ; "
    text += "{Mari|place i1} {Mari|place i1}"
    found = incident(gold, text)
    assert [t.text for t in found.targets] == ["white car"]
    assert [p.text for p in found.places] == ["Mari"]


@pytest.mark.parametrize(("words", "count"), [("three", 3), ("a dozen", 12), ("one", 1), ("an", None), ("the", None)])
def test_number_before(gold, words: str, count: int | None) -> None:
    doc_text = f"{words} {{strikes|action i1 airstrike}} near {{Mari|place i1}}"
    (action,) = incident(gold, doc_text).actions
    assert (action.count and action.count.min) == count


def test_country_named_over_country_inferred(gold) -> None:
    named = incident(gold, "{Raqqah|place i1} , {Syria|country i1}").country
    assert (named.code, named.inferred, named.text) == ("SY", False, "Syria")
    assert incident(gold, "{Atlantis|place i1}").country is None


def test_the_most_exact_date_is_the_event(gold) -> None:
    text = "{2016|date i1 2016} {4 May 2016|date i1 2016-05-04} {7 May 2016|date reported i1 2016-05-07} {A|place i1}"
    found = incident(gold, text)
    assert (found.date.start, found.date.precision) == ("2016-05-04", "day")


def test_attribution_said_anywhere_counts(gold) -> None:
    found = incident(gold, "{Army|actor i1 alleged} {Army|actor i1 confirmed} {A|place i1}")
    assert [(a.text, a.attribution) for a in found.actors] == [("Army", "confirmed")]


def test_open_reports_that_do_not_add_up(gold) -> None:
    text = "{3 open|tally t1 reports_open 3} : {open|outcome i1-i2 open} {A|place i1} {B|place i2}"
    (warning,) = report(gold, text).warnings
    assert warning.code == "tally_disagrees_with_entries"
    agreeing = text.replace("3 open", "2 open").replace("reports_open 3", "reports_open 2")
    assert report(gold, agreeing).warnings == []


def test_document(gold) -> None:
    text = "{Force Amber|publisher} , {3 June 2019|date published 2019-06-03}\n\n{A headline|title}\n\nText ."
    document = report(gold, text).document
    assert (document.publisher.text, document.published.start, document.title.text) == (
        "Force Amber",
        "2019-06-03",
        "A headline",
    )


@pytest.mark.parametrize(
    ("text", "tallies"),
    [
        ("They made {12 raids|tally t1 other 12} , {12 raids|tally t2 other 12} in all .", [("12 raids", None)]),
        (
            "They made {12 raids|tally t1 other 12} . In {May 2016|date t2 2016-05} : {12 raids|tally t2 other 12} .",
            [("12 raids", "2016-05-01")],
        ),
        (
            "In {May 2016|date t1 2016-05} {12 raids|tally t1 other 12} , in {June 2016|date t2 2016-06} "
            "{12 raids|tally t2 other 12} .",
            [("12 raids", "2016-05-01"), ("12 raids", "2016-06-01")],
        ),
        ("{12 raids|tally t1 other 12} and {13 raids|tally t2 other 13} .", [("12 raids", None), ("13 raids", None)]),
        ("{many raids|tally t1 other ?} and {many raids|tally t2 other ?} .", [("many raids", None)] * 2),
    ],
)
def test_a_tally_told_again_is_one(gold, text: str, tallies: list[tuple[str, str | None]]) -> None:
    found = report(gold, text).tallies
    assert [(tally.text, tally.period and tally.period.start) for tally in found] == tallies
