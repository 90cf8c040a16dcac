"""Reliability: confidence beside correctness, by hand; calibrated confidence from text to report."""

from pathlib import Path

import pytest
from spacy.language import Language

import civex
from civex.calibration import NOTHING
from civex.reliability import FIELDS, fit, measure, measure_documents, observe, plot, signals
from civex.schema import Confidence
from civex.training import ship
from tests.conftest import ROOT
from tests.judging import judge

GOLD = "In {Hajin|place i1} on {4 May 2016|date i1 2016-05-04} {five civilians|killed i1 civilians 5} were killed ."
STRUCK = GOLD.replace("were killed", "were {struck|action i1 other}")


def test_right_and_wrong_values(blank_nlp: Language) -> None:
    rows = observe([judge(blank_nlp, GOLD, GOLD.replace("civilians 5}", "civilians 6}"))])
    assert [right for _, right in rows["date"]] == [True]
    assert [right for _, right in rows["killed"]] == [False]
    assert rows["sources"] == [(NOTHING, True)]  # nothing was said and nothing found
    assert [right for _, right in rows["incident"]] == [True]
    assert [right for _, right in rows["killed_min"]] == [False]


def test_killed_min_is_the_lower_end_alone(blank_nlp: Language) -> None:
    rows = observe([judge(blank_nlp, GOLD, GOLD.replace("civilians 5}", "civilians 5..}"))])
    assert (rows["killed"][0][1], rows["killed_min"][0][1]) == (False, True)
    assert rows["killed"][0][0] == rows["killed_min"][0][0]


def test_values_of_a_false_incident_are_wrong(blank_nlp: Language) -> None:
    plain = "In Hajin on 4 May 2016 five civilians were killed ."
    rows = observe([judge(blank_nlp, plain, GOLD)])
    assert [rows[name][0][1] for name in ("incident", "date", "places", "killed")] == [False] * 4
    assert rows["actors"] == [(NOTHING, True)]
    assert [right for _, right in rows["killed_min"]] == [False]  # an invented toll


def test_no_toll_where_there_is_one_is_no_answer(blank_nlp: Language) -> None:
    found = STRUCK.replace("{five civilians|killed i1 civilians 5}", "five civilians")
    rows = observe([judge(blank_nlp, STRUCK, found)])
    assert (rows["killed"], rows["killed_min"]) == ([(NOTHING, False)], [(0.0, False)])
    assert observe([judge(blank_nlp, STRUCK, found)], constant(0.0))["killed_min"] == [(0.0, False)]


def test_no_toll_on_either_side_is_not_observed(blank_nlp: Language) -> None:
    plain = STRUCK.replace("{five civilians|killed i1 civilians 5}", "five civilians")
    rows = observe([judge(blank_nlp, plain, plain)])
    assert rows["killed_min"] == [] and rows["killed"] == [(NOTHING, True)]


def test_a_missed_incident_has_no_confidence(blank_nlp: Language) -> None:
    plain = "In Hajin on 4 May 2016 five civilians were killed ."
    rows = observe([judge(blank_nlp, GOLD, plain)])
    assert not any(rows.values()) and measure(rows) is None


def test_every_field_of_the_confidence_is_observed() -> None:
    assert {"incident", *FIELDS, "calibrated"} == set(Confidence.model_fields)


def test_measure_pools_fields_and_counts_killed_min_apart() -> None:
    rows = {
        "date": [(0.9, True)] * 8 + [(0.9, False)] * 2,
        "killed": [(0.5, True)] * 5 + [(0.5, False)] * 5,
        "killed_min": [(0.9, True)] * 4 + [(0.1, False)],
    }
    found = measure(rows, bins=2)
    assert found is not None
    assert (found.values, found.error) == (20, pytest.approx(0.05))  # 0.9 beside 0.8, 0.5 beside 0.5
    assert (found.killed_min, found.risk, found.risk_at_coverage) == (5, 0.2, 0.0)
    assert "0.050 over 20 values" in found.line() and "killed_min wrong 0.200 of 5" in found.line()


def test_the_best_that_leaving_a_fifth_out_can_do() -> None:
    """Six of ten are wrong: without the two surest to be wrong, four of eight are."""
    found = measure({"date": [(0.5, True)] * 10, "killed_min": [(0.5, n < 4) for n in range(10)]})
    assert found is not None and found.best_risk == pytest.approx(0.5) and "(at best 0.500)" in found.line()
    few = measure({"date": [(0.5, True)] * 10, "killed_min": [(0.5, n > 0) for n in range(10)]})
    assert few is not None and few.best_risk == 0.0


def constant(logit: float) -> dict:
    """Parameters by which every field has the same probability."""
    return {field: {"found": {"bias": logit}, "empty": {"bias": logit}} for field in ("incident", *FIELDS)}


def test_parameters_take_the_place_of_the_confidence(blank_nlp: Language) -> None:
    judged = judge(blank_nlp, GOLD, GOLD.replace("civilians 5}", "civilians 6}"))
    rows = observe([judged], constant(1.0))
    assert {field: [round(score, 4) for score, _ in found] for field, found in rows.items()} == dict.fromkeys(
        ("incident", *FIELDS, "killed_min"), [0.7311]
    )
    assert [right for _, right in rows["killed"]] == [False]


def test_signals_stand_beside_what_is_right(blank_nlp: Language) -> None:
    found = signals([judge(blank_nlp, GOLD, GOLD.replace("civilians 5}", "civilians 6}"), id="d7")])
    assert set(found) == {"incident", *FIELDS}
    (killed,), (sources,) = found["killed"], found["sources"]
    assert (killed.signals["found"], killed.right, killed.document) == (1.0, False, "d7")
    assert (sources.signals["found"], sources.right) == (0.0, True)


def test_fit_refuses_what_it_cannot_use(blank_nlp: Language) -> None:
    with pytest.raises(ValueError, match="no incident was found"):
        fit([judge(blank_nlp, GOLD, "In Hajin on 4 May 2016 five civilians were killed .")])


def test_fit_has_every_field_of_the_report(blank_nlp: Language) -> None:
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    parameters = fit([judge(blank_nlp, GOLD, GOLD)])
    assert set(parameters) == {"incident", *FIELDS}


def test_plots(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'civex[train]'")
    rows = {"date": [(n / 20, n > 9) for n in range(20)], "killed_min": [(0.5, True)]}
    drawn = plot(rows, tmp_path / "docs")
    assert [path.name for path in drawn] == ["reliability.png", "risk-coverage.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in drawn)
    with pytest.raises(ValueError, match="nothing to draw"):
        plot({}, tmp_path)


# From the model's meta to the report

TEXT = "On 4 May 2016 an airstrike near Hajin, Syria killed five civilians."


@pytest.fixture
def parameters() -> dict:
    weighed = {"found": {"bias": 0.0, "number": 1.0}, "empty": {"bias": -1.0}}
    return {field: weighed for field in ("incident", *FIELDS)}


def test_confidence_is_calibrated_where_the_model_says_how(
    model: Language, monkeypatch: pytest.MonkeyPatch, parameters: dict
) -> None:
    monkeypatch.setitem(model.meta, "civex", {**model.meta.get("civex", {}), "calibration": None})
    (raw,) = civex.extract(TEXT).incidents
    monkeypatch.setitem(model.meta, "civex", {"calibration": parameters})
    (incident,) = civex.extract(TEXT).incidents
    assert (raw.confidence.calibrated, incident.confidence.calibrated) == (False, True)
    assert incident.confidence.date == 0.7311  # one mention: log2(1 + 1)
    assert incident.confidence.sources == 0.2689  # none
    assert raw.confidence.sources == NOTHING and raw.confidence.killed < NOTHING
    assert incident.model_copy(update={"confidence": None}) == raw.model_copy(update={"confidence": None})


def test_min_confidence_holds_for_the_calibrated(
    model: Language, monkeypatch: pytest.MonkeyPatch, parameters: dict
) -> None:
    parameters["killed"] = {"found": {"bias": 2.0}, "empty": {"bias": 2.0}}
    parameters["date"] = {"found": {"bias": 3.0}, "empty": {"bias": 3.0}}
    monkeypatch.setitem(model.meta, "civex", {"calibration": parameters})
    (incident,) = civex.extract(TEXT, min_confidence=0.9).incidents
    assert incident.killed == {} and incident.date is not None
    assert [claim.text for claim in incident.casualties] == ["five civilians"]  # the candidate stays


def test_intervals_of_the_confidence_are_over_documents() -> None:
    """Half of twenty documents are all right, half all wrong, each with confidence 0.5."""
    documents = [{"date": [(0.5, n % 2 == 0)] * 10, "killed_min": [(0.5, n % 2 == 0)]} for n in range(20)]
    found = measure_documents(documents)
    assert found is not None
    assert (found.values, found.error, found.risk) == (200, 0.0, 0.5)
    low, high = found.intervals["risk"]
    assert low == pytest.approx(0.3, abs=0.06) and high == pytest.approx(0.7, abs=0.06)
    assert found.intervals["error"][1] > 0.1  # documents are drawn whole: ten values count for one
    assert f"killed_min wrong 0.500 ({low:.3f}-{high:.3f}) of 20" in found.line()


def test_one_document_has_no_interval() -> None:
    found = measure_documents([{"date": [(0.5, True)]}])
    assert found is not None and found.intervals == {}
    assert measure_documents([]) is None and measure_documents([{}, {}]) is None


@pytest.mark.slow
def test_a_shipped_model_brings_its_calibration(model: Language, tmp_path: Path, parameters: dict) -> None:
    out = tmp_path / "model"
    ship(model.path, out, name="x", corpus=ROOT / "corpus" / "second", figures={}, calibration=parameters)
    (incident,) = civex.extract(TEXT, model=str(out)).incidents
    assert incident.confidence.calibrated and incident.confidence.date == 0.7311
