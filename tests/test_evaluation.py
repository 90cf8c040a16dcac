"""Evaluation, counted by hand: pairs, hits, misses, and every extra value a false alarm."""

import json

import pytest
import spacy
from spacy.language import Language

from civex.annotations import parse
from civex.evaluation import (
    INCIDENT_FIELDS,
    Counts,
    Evaluation,
    _compare,
    evaluate,
    gold_report,
    pair,
    to_gold_line,
    write_gold,
)
from civex.schema import Date, Document, Figure, Incident, ModelInfo, Place, Report, Source, Tally

HEADER = "publisher: A\nwar: B\ngenre: wire\npublished: 2019-06-03\n---\n"
SOURCE = HEADER + (
    "On {4 May 2016|date i1 2016-05-04} a {Coalition|actor i1} {airstrike|action i1 airstrike} near {Hajin|place i1} ,"
    " {Syria|country i1-i2} , killed {five civilians|killed i1 civilians 5} , {Airwars|source i1 ngo} said .\n"
    "In {Mari|place i2} {two people|injured i2 2} were hurt ; {closed|outcome i2 non_credible} , {no strike|reason i2"
    " no_strike_in_area} .\nIn {May|date t1 2016-05} : {34 strikes|tally t1 strikes 34} .\n"
)


def incident(name: str, place: str, at: int, **fields) -> Incident:
    return Incident(id=name, spans=[(at, at + 9)], places=[Place(text=place, span=(at, at + len(place)))], **fields)


def report(*incidents: Incident, tallies: tuple = ()) -> Report:
    model = ModelInfo(name="x", version="0")
    return Report(
        model=model, document=Document(sha256="", n_chars=0), incidents=list(incidents), tallies=list(tallies)
    )


def compared(gold: Report, found: Report) -> Evaluation:
    result = Evaluation()
    _compare(result, parse(HEADER + "x\n", id="d"), gold, found)
    return result


def numbers(counts: Counts) -> tuple[int, int, int]:
    return counts.hits, counts.misses, counts.alarms


@pytest.mark.parametrize(
    ("gold", "found", "expected", "f1"),
    [
        ({1, 2, 3}, {2, 3, 4, 5}, (2, 1, 2), 4 / 7),
        (set(), {1}, (0, 0, 1), 0.0),
        ({1}, set(), (0, 1, 0), 0.0),
        (set(), set(), (0, 0, 0), 1.0),
    ],
)
def test_counts(gold: set, found: set, expected: tuple, f1: float) -> None:
    counts = Counts()
    assert counts.add(gold, found) is (gold == found)
    assert numbers(counts) == expected
    assert counts.f1 == pytest.approx(f1)


def test_precision_and_recall() -> None:
    counts = Counts(hits=3, misses=1, alarms=2)
    assert (counts.precision, counts.recall) == (3 / 5, 3 / 4)
    assert (Counts().precision, Counts().recall) == (1.0, 1.0)


def test_pairs_share_mentions_and_are_one_to_one() -> None:
    gold = [incident("i1", "Hajin", 0), incident("i2", "Mari", 50), incident("i3", "Raqqah", 90)]
    found = [
        incident("i1", "Mari", 50),
        incident("i2", "Hajin", 0),
        incident("i3", "Hajin", 0),
        incident("i4", "X", 200),
    ]
    pairs, missed, extra = pair(gold, found)
    assert [(g.id, f.id) for g, f in pairs] == [("i1", "i2"), ("i2", "i1")]
    assert [i.id for i in missed] == ["i3"]
    assert [i.id for i in extra] == ["i3", "i4"]


def test_a_different_start_of_a_mention_still_pairs() -> None:
    one, other = incident("i1", "near Hajin", 0), incident("i1", "Hajin", 5)
    assert len(pair([one], [other])[0]) == 1


def test_every_extra_value_is_a_false_alarm() -> None:
    gold = report(incident("i1", "Hajin", 0))
    found = report(
        incident(
            "i1",
            "Hajin",
            0,
            date=Date(text="4 May", span=(20, 25), start="2016-05-04", end="2016-05-04", precision="day"),
            sources=[Source(text="Airwars", span=(30, 37), type="ngo", name="Airwars")],
            killed={"civilians": Figure(min=5, max=5), "combatants": Figure(min=1, max=1)},
        )
    )
    result = compared(gold, found)
    assert numbers(result.fields["places"]) == (1, 0, 0)
    assert numbers(result.fields["date"]) == numbers(result.fields["sources"]) == (0, 0, 1)
    assert numbers(result.fields["killed"]) == (0, 0, 2)
    assert numbers(result.overall) == (1, 0, 4)
    assert (result.exact, result.spurious, result.paired) == (0, 0, 1)
    assert {row[1] for row in result.show} == {"date", "sources", "killed"}


def test_a_missed_incident_misses_its_values_and_a_spurious_one_alarms() -> None:
    gold, found = (
        report(incident("i1", "Hajin", 0)),
        report(incident("i1", "Mari", 50, killed={"civilians": Figure(min=1)})),
    )
    result = compared(gold, found)
    assert numbers(result.fields["places"]) == (0, 1, 1)
    assert numbers(result.fields["killed"]) == (0, 0, 1)
    assert (result.gold, result.paired, result.spurious, result.exact) == (1, 0, 1, 0)


def test_a_figure_with_another_bound_is_wrong() -> None:
    gold = report(incident("i1", "Hajin", 0, killed={"civilians": Figure(min=5)}))
    found = report(incident("i1", "Hajin", 0, killed={"civilians": Figure(min=5, max=5)}))
    assert numbers(compared(gold, found).fields["killed"]) == (0, 1, 1)


def test_incidents_where_there_are_none() -> None:
    result = compared(report(), report(incident("i1", "Hajin", 0), incident("i2", "Mari", 9)))
    assert (result.empty, result.false_in_empty) == (1, 2)
    assert result.to_dict()["without_incident"] == {"documents": 1, "false_incidents": 2}


def test_repeated_tallies_are_counted_one_by_one() -> None:
    one = Tally(text="3", span=(0, 1), measure="strikes", min=3, max=3)
    result = compared(report(tallies=(one, one)), report(tallies=(one, one, one)))
    assert numbers(result.fields["tallies"]) == (2, 0, 1)
    assert numbers(result.overall) == (0, 0, 0)  # tallies stand apart


def test_all_right_is_exact() -> None:
    same = incident("i1", "Hajin", 0, killed={"civilians": Figure(min=5)})
    result = compared(report(same), report(same))
    assert (result.exact, result.show, result.overall.f1) == (1, [], 1.0)
    figures = result.to_dict()
    assert figures["fields_f1"] == figures["exact"] == figures["genres"]["wire"] == figures["wars"]["B"] == 1.0


def test_gold_report(blank_nlp: Language) -> None:
    first, second = gold_report(parse(SOURCE), blank_nlp).incidents
    values = {name: value(first) for name, value in INCIDENT_FIELDS.items()}
    assert values["date"] == {("2016-05-04", "2016-05-04")}
    assert values["places"] == {"hajin"}
    assert values["country"] == {"SY"}
    assert values["killed"] == {("civilians", 5, 5)}
    assert values["actions"] == {"airstrike"}
    assert values["outcome"] == values["reason"] == values["notes"] == set()
    assert (second.assessment.outcome, second.assessment.reason) == ("non_credible", "no_strike_in_area")
    assert second.injured["unspecified"].min == 2 and second.date is None


def test_gold_line(blank_nlp: Language, tmp_path) -> None:
    line = to_gold_line(parse(SOURCE, id="d1"), blank_nlp)
    first, second = line["incidents"]
    assert (line["id"], line["genre"], line["published"]) == ("d1", "wire", "2019-06-03")
    assert first["date"] == {"from": "2016-05-04", "to": "2016-05-04"}
    assert first["report_sources"] == ["ngo:Airwars"]
    assert first["killed"] == {"civilians": {"min": 5, "max": 5}}
    assert (second["outcome"], second["reason"]) == ("non-credible", "no-strike-in-area")
    (tally,) = line["tallies"]
    assert (tally["what"], tally["value"]) == ("strikes", {"min": 34, "max": 34})
    assert tally["period"] == {"from": "2016-05-01", "to": "2016-05-31"}
    path = tmp_path / "gold.jsonl"
    assert write_gold([parse(SOURCE, id="d1")], blank_nlp, path) == 1
    assert json.loads(path.read_text()) == line


def test_a_pipeline_that_finds_nothing_misses_everything() -> None:
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "civex.Tokenizer.v1"}}})
    for name in ("civex_layout", "civex_dates", "civex_assessments", "civex_incidents"):
        nlp.add_pipe(name)
    result = evaluate([parse(SOURCE)], nlp)
    assert (result.documents, result.gold, result.paired, result.exact) == (1, 2, 0, 0)
    assert result.overall.hits == result.overall.alarms == 0 and result.overall.f1 == 0.0
    assert result.scores["mentions_r"] == result.scores["relations_r"] == 0.0
    assert result.scores["candidate_recall"] == 1.0
