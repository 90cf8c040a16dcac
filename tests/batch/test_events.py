"""Groups of reports, one rule a case."""

import pytest

from civex.batch.events import event_figure, group_reports
from civex.batch.rows import INCIDENTS


def row(number: int, **told) -> dict:
    """A row of an own document: Hajin, 9 April 2016, five killed, unless told otherwise."""
    base = {"id": f"r{number}", "document_id": f"d{number}", "date_start": "2016-04-09", "date_end": "2016-04-09"}
    base |= {"places": "Hajin", "killed_min": 5, "killed_max": 5}
    if "day" in told:
        told |= dict.fromkeys(("date_start", "date_end"), told.pop("day"))
    if "killed" in told:
        told |= dict(zip(("killed_min", "killed_max"), told.pop("killed"), strict=True))
    return dict.fromkeys(INCIDENTS) | base | told


def groups(*rows: dict) -> list[str]:
    return [group for group, _ in group_reports(rows)]


APRIL = {"date_start": "2016-04-01", "date_end": "2016-04-30"}
NEAR = {"lat": 34.69, "lon": 40.83}

SAME = {
    "spelling": {"places": "Hajeen"},
    "vowels": {"places": "Hejin"},
    "a wider place too": {"places": "Hajin; Deir ez-Zor"},
    "a word for settlement": {"places": "Hajin city"},
    "range of two days": {"date_end": "2016-04-10"},
    "one more killed": {"killed": (6, 6)},
    "a third more killed": {"killed": (None, 4)},
    "floor": {"killed": (3, None)},
    "ceiling": {"killed": (None, 8)},
}
APART = {
    "next day": {"day": "2016-04-10"},
    "another place": {"places": "Tabqa"},
    "east and west": {"places": "West Hajin"},
    "another toll": {"killed": (9, 9)},
    "nobody killed": {"killed": (0, 0)},
    "no toll": {"killed": (None, None)},
    "another country": {"country_code": "IQ"},
    "no date": {"day": None},
    "no place": {"places": ""},
    "month and no second thing": APRIL,
    "wider than a month": {"date_start": "2016-04-01", "date_end": "2016-06-30"},
    "dates the wrong way round": {"date_start": "2016-04-10", "date_end": "2016-04-08"},
    "same document": {"document_id": "d1"},
}


@pytest.mark.parametrize("told", SAME.values(), ids=SAME)
def test_one_event(told):
    assert groups(row(1, country_code="SY"), row(2, **told)) in (["r1", "r1"], ["r2", "r2"])


@pytest.mark.parametrize("told", APART.values(), ids=APART)
def test_two_events(told):
    assert groups(row(1, country_code="SY"), row(2, **told)) == ["r1", "r2"]


def test_points_decide_where_both_have_them():
    near = row(2, places="Sousa", lat=34.695, lon=40.83)  # 0.6 km
    further = row(3, places="Sousa", lat=34.75, lon=40.83)  # 6.7 km
    far = row(4, lat=34.79, lon=40.83)  # 11.1 km, the same name
    assert groups(row(1, **NEAR), near) == ["r1", "r1"]
    assert groups(row(1, **NEAR), further) == ["r1", "r3"]
    injured = {"injured_min": 9, "injured_max": 9}
    assert groups(row(1, **NEAR, **injured), further | injured) == ["r1", "r1"]
    assert groups(row(1, **NEAR), far) == ["r1", "r4"]


def test_points_across_the_date_line():
    one, other = row(1, places="", lat=0.0, lon=179.999), row(2, places="", lat=0.0, lon=-179.999)  # 0.2 km
    assert groups(one, other) == ["r1", "r1"]


def test_targets_stand_for_tolls():
    silent = {"killed": (None, None)}
    market = row(2, target_types="vehicle; market", **silent)
    assert groups(row(1, target_types="market"), market) == ["r1", "r1"]
    assert groups(row(1, target_types="other"), row(2, target_types="other", **silent)) == ["r1", "r2"]
    assert groups(row(1, target_types="market"), row(2, killed=(50, 50), target_types="market")) == ["r1", "r1"]
    injured = {"injured_min": 1, "injured_max": 1}
    other = row(2, killed=(50, 50), target_types="market", injured_min=30, injured_max=30)
    assert groups(row(1, target_types="market", **injured), other) == ["r1", "r2"]  # one of three agrees


def test_a_month_needs_two_things_that_agree():
    market = {"target_types": "market"}
    assert groups(row(1, **market), row(2, **market, **APRIL)) == ["r1", "r1"]
    assert groups(row(1, **market), row(2, killed=(6, 6), **market, **APRIL)) == ["r1", "r2"]
    assert groups(row(1, **market, **APRIL), row(2, **market, **APRIL)) == ["r1", "r2"]


def test_a_month_never_ties_two_days_together():
    market = {"target_types": "market"}
    rows = [row(1, **market, **APRIL), row(2, **market), row(3, day="2016-04-20", **market)]
    assert groups(*rows) == ["r1", "r2", "r3"]


def test_a_wider_place_never_ties_two_towns_together():
    told = {"target_types": "market"}
    rows = [
        row(1, places="Deir ez-Zor", **told),
        row(2, places="Hajin; Deir ez-Zor", **told),
        row(3, places="Tabqa; Deir ez-Zor", **told),
    ]
    assert groups(*rows) == ["r1", "r2", "r3"]
    assert groups(*rows[:2]) == ["r2", "r2"]


def test_a_copy_of_a_document_pairs_its_incidents_one_by_one():
    rows = [row(n, document_id=document) for n, document in enumerate(("a", "a", "b", "b"))]
    assert groups(*rows) == ["r0", "r1", "r0", "r1"]


def test_a_document_may_name_a_duplicate():
    assert groups(row(1), row(2, document_id="d1", outcome="duplicate")) == ["r1", "r1"]


def test_the_first_report_is_filled_in():
    silent, injured = {"killed": (None, None)}, {"injured_min": 9, "injured_max": 9}
    rows = [row(1, target_types="market"), row(2, **injured), row(3, **silent, **injured)]
    assert len(set(groups(*rows))) == 1


def test_scores():
    found = group_reports([row(1), row(2), row(3, date_end="2016-04-10"), row(4, places="Tabqa")])
    assert found == [("r1", 1.0), ("r1", 1.0), ("r1", 0.833), ("r4", None)]  # (1/2 + 1 + 1) / 3


def test_no_rows():
    assert group_reports([]) == []


FIGURES = [
    ([(5, 5), (7, 7)], (5, 5, 7)),
    ([(5, 5), (7, 7), (9, 9)], (5, 7, 9)),
    ([(8, 12)], (8, 8, 12)),
    ([(5, None)], (5, 5, None)),
    ([(None, 11)], (None, None, 11)),
    ([(None, None)], (None, None, None)),
    ([(5, None), (8, 8)], (5, 5, 8)),
    ([(8, None), (5, 5)], (5, 5, None)),
    ([(9, 4)], (9, 9, 4)),
    ([], (None, None, None)),
]


@pytest.mark.parametrize(("figures", "expected"), FIGURES)
def test_event_figure(figures, expected):
    assert event_figure(figures) == expected
