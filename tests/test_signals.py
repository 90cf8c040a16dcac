"""Signals, counted by hand on annotated texts whose scores are set."""

import math

import pytest

from civex.labels import INCIDENTS, MENTIONS
from civex.pipeline.assessments import set_assessments
from civex.pipeline.dates import set_dates
from civex.pipeline.incidents import set_incidents
from civex.signals import FOUND, SignalReader
from tests.test_reliability import FIELDS

TWO = (
    "{Hajin|place i1} , {4 May 2016|date i1 2016-05-04} : {five civilians|killed i1 civilians 5 #c} died , "
    "{a boy|killed i1 civilians 1 in=#c} among them .\n\n"
    "{Tabqa|place i2} , {5 May 2016|date i2 2016-05-05} : {nine people|killed i2 unspecified 9} died .\n"
)


def read(gold, text: str, scores: list[float] | None = None) -> list[dict]:
    """The signals of each incident; scores: of the mentions."""
    doc = gold(text)
    group = doc.spans[MENTIONS]
    group.attrs = {**group.attrs, "scores": scores or [0.9] * len(group)}
    for step in (set_dates, set_assessments, set_incidents):
        doc = step(doc)
    rows = doc.spans[INCIDENTS].attrs["incidents"]
    reader = SignalReader(doc, rows)
    return [reader.read(row, has_country=False) for row in rows]


def test_every_field_has_signals(gold) -> None:
    for found in read(gold, TWO):
        assert set(found) == {"incident", *FIELDS}
        assert all(math.isfinite(value) for signals in found.values() for value in signals.values())


def test_scores_are_logits(gold) -> None:
    """Two figures found with 0.9: together 0.81, the weaker one 0.9; links of the annotation are sure."""
    first, _ = read(gold, TWO)
    assert first["killed"]["product"] == pytest.approx(math.log(0.81 / 0.19))
    assert first["killed"]["least"] == pytest.approx(math.log(9))
    assert first["killed"]["least_found"] == pytest.approx(math.log(9))
    assert first["killed"]["least_linked"] == pytest.approx(math.log(0.9999 / 0.0001))
    assert first["killed"]["number"] == pytest.approx(math.log2(3))


def test_what_stands_beside(gold) -> None:
    first, second = read(gold, TWO)
    assert (first["killed"]["elsewhere"], second["killed"]["elsewhere"]) == (1.0, pytest.approx(math.log2(3)))
    assert first["date"]["incidents"] == pytest.approx(math.log2(3))
    assert first["killed"]["tied"] == 1.0 and second["killed"]["tied"] == 0.0


def test_what_no_incident_has_is_loose(gold) -> None:
    (found,) = read(
        gold, "{Hajin|place i1} : {five|killed i1 civilians 5} died . The {Mayor|source} left {Tabqa|place} ."
    )
    assert found["places"]["loose"] == 1.0 and found["places"]["elsewhere"] == 0.0
    assert found["sources"]["loose"] == 1.0 and found["killed"]["loose"] == 0.0
    assert found["date"]["untold"] == 0.5


@pytest.mark.parametrize(
    ("tag", "signal"),
    [("rival", "rival"), ("summed_up", "closed"), ("replaced", "closed"), ("alleged", "said_by")],
)
def test_rivals_and_closed_figures(gold, tag: str, signal: str) -> None:
    text = f"{{Hajin|place i1}} : {{five|killed i1 civilians 5 {tag}}} died , {{six|killed i1 civilians 6}} it said ."
    (found,) = read(gold, text)
    assert found["killed"][signal] == 1.0
    assert found["injured"][FOUND] == 0.0 and signal not in found["date"]


def test_empty_fields_have_no_scores(gold) -> None:
    first, _ = read(gold, TWO)
    assert first["sources"][FOUND] == 0.0 and "product" not in first["sources"]
    assert first["assessment"][FOUND] == 0.0


def test_the_countries_of_the_text(gold) -> None:
    text = "{Hajin|place i1} , {Syria|country i1} : {five|killed i1 civilians 5} . {Iraq|country} ; {Iraq|country} ."
    (found,) = read(gold, text)
    assert found["country"]["countries"] == pytest.approx(math.log2(3))
    assert (found["country"]["has_country"], found["country"]["loose"]) == (0.0, pytest.approx(math.log2(3)))
    assert "countries" not in found["date"]
