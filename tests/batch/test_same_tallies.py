"""Tallies told again: what is one figure, what is not, each by one difference."""

from typing import Any

import pytest

from civex.batch.same_tallies import group_tallies

FIGURE = {
    "measure": "civilians_killed",
    "min": 640,
    "max": 640,
    "period_start": "2014-08-01",
    "period_end": "2019-04-30",
    "area": "Syria",
    "claimed_by": "SNHR",
    "publisher": "Relief Watch",
}


def tallies(*changes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": f"d{n}-t1", **FIGURE, **change} for n, change in enumerate(changes)]


def test_a_figure_told_again_is_one_group() -> None:
    found = group_tallies(tallies({}, {"publisher": "Another"}, {"area": "syria", "claimed_by": "snhr"}))
    assert found == [("d0-t1", 1.0), ("d0-t1", 1.0), ("d0-t1", 1.0)]


@pytest.mark.parametrize(
    "change",
    [
        {"measure": "people_killed"},
        {"min": 650, "max": 650},
        {"max": 630, "min": None},
        {"period_end": "2019-05-31"},
        {"period_start": None},
        {"period_end": None},
        {"area": "Iraq"},
        {"area": None},
        {"claimed_by": "Airwars"},
        {"min": None, "max": None},
    ],
    ids=str,
)
def test_what_differs_stands_alone(change: dict[str, Any]) -> None:
    assert group_tallies(tallies({}, change)) == [("d0-t1", None), ("d1-t1", None)]


def test_ranges_that_overlap_fit_less_well() -> None:
    found = group_tallies(tallies({"max": None}, {"min": 700, "max": 700}, {"min": 600, "max": 650}))
    assert found == [("d0-t1", 0.5), ("d0-t1", 0.5), ("d0-t1", 0.5)]
    found = group_tallies(tallies({"max": None}, {"min": 700, "max": 700}, {"max": None}))
    assert [score for _, score in found] == [1.0, 0.5, 1.0]


def test_a_tally_joins_the_first_that_has_its_range() -> None:
    ranges = ((5, 6), (7, 8), (6, 7), (7, 8))
    found = group_tallies(tallies(*({"min": low, "max": high} for low, high in ranges)))
    assert [group for group, _ in found] == ["d0-t1", "d1-t1", "d0-t1", "d1-t1"]
    assert [score for _, score in found] == [0.5, 1.0, 0.5, 1.0]


def test_without_a_claimant_the_publisher_counts() -> None:
    own = {"claimed_by": None}
    found = group_tallies(tallies(own, own, {"claimed_by": None, "publisher": "SNHR"}, {}))
    assert [group for group, _ in found] == ["d0-t1", "d0-t1", "d2-t1", "d2-t1"]
