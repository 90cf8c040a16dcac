"""The figures of a batch, counted by hand."""

import pytest

from civex.batch.summary import (
    Site,
    Total,
    bin_of,
    by_bin,
    events,
    incident_row,
    sites,
    tallied,
    timeline,
    total,
    totals,
    widest,
)
from civex.schema import Incident
from tests.batch.written import incident


def rows(*incidents: Incident) -> list[dict]:
    return [incident_row(found, f"d{number}") for number, found in enumerate(incidents)]


def test_a_row_says_what_grouping_reads() -> None:
    found = incident(killed={"civilians": (5, 8)}, targets=("market", "school"), point=(36.34, 43.13), outcome="open")
    row = incident_row(found, "d")
    assert row["id"] == "d-i1" and row["document_id"] == "d"
    assert (row["date_start"], row["date_end"], row["places"]) == ("2016-04-09", "2016-04-09", "Mosul")
    assert (row["lat"], row["lon"], row["country_code"]) == (36.34, 43.13, "IQ")
    assert (row["killed_min"], row["killed_max"], row["injured_min"], row["injured_max"]) == (5, 8, None, None)
    assert (row["target_types"], row["outcome"]) == ("market; school", "open")


def test_totals_add_floors_and_tops() -> None:
    found = rows(
        incident(killed={"civilians": (5, 8)}),
        incident(killed={"civilians": (2, None), "combatants": (3, 3)}),
        incident(killed={"unspecified": (None, 11)}),
        incident(killed={"civilians": (None, None)}),
        incident(),
    )
    assert total(found, "killed") == Total(said=4, low=5 + 5, high=8 + 5 + 11 + 0, open=2, without_figure=1)
    assert totals(found) == {
        ("killed", "all"): total(found, "killed"),
        ("killed", "civilians"): Total(said=3, low=7, high=10, open=2, without_figure=1),
        ("killed", "combatants"): Total(said=1, low=3, high=3, open=0, without_figure=0),
        ("killed", "unspecified"): Total(said=1, low=0, high=11, open=0, without_figure=0),
    }


def test_no_rows_no_totals() -> None:
    assert totals([]) == {} and events([], []) == [] and sites([]) == [] and timeline([]) is None


@pytest.mark.parametrize(
    "tolls, together",
    [
        ([(5, 5)], (5, 5)),
        ([(5, 5), (8, 10)], (5, 10)),
        ([(8, 10), (5, None)], (5, None)),
        ([(None, 11), (4, 4)], (4, 11)),
        ([(None, None)], (None, None)),
    ],
)
def test_the_toll_of_an_event_is_the_widest(tolls: list, together: tuple) -> None:
    assert widest(tolls) == together


def test_reports_of_one_event_become_one_row() -> None:
    found = rows(
        incident("2016-04-01", end="2016-04-30", killed={"civilians": (5, 8)}, targets=("market",), outcome="open"),
        incident("2017-01-01", killed={"civilians": (1, 1)}),
        incident(
            "2016-04-09", point=(36.34, 43.13), killed={"civilians": (6, 12)}, targets=("school", "market"), rival=True
        ),
        incident(None, country=None),
    )
    first, alone, undated = events(found, ["a", None, "a", None])
    assert (first["date_start"], first["date_end"]) == ("2016-04-09", "2016-04-09")  # the narrowest
    assert (first["lat"], first["target_types"], first["outcome"]) == (36.34, "market; school", "open")
    assert first["tolls"]["killed", "all"] == (5, 12) and first["rival"]
    assert alone is found[1] and undated is found[3]
    assert total([first, alone], "killed") == Total(said=2, low=6, high=13, open=0, without_figure=0)
    assert total(found, "killed") == Total(said=3, low=12, high=21, open=0, without_figure=0)


def test_a_row_counts_once_for_each_of_its_values() -> None:
    found = rows(incident(targets=("market", "school")), incident(targets=("school",)), incident())
    assert list(tallied(found, "target_types").items()) == [("school", 2), ("market", 1), ("", 1)]
    assert tallied(found, "outcome") == {"": 3}


def test_sites_are_points_within_a_kilometre() -> None:
    found = rows(
        incident(point=(36.3401, 43.1301)),
        incident(place="al-Mosul", point=(36.3402, 43.1299)),
        incident(place="Tabqa", point=(35.84, 38.55)),
        incident(),
    )
    assert sites(found) == [Site(36.34, 43.13, "Mosul", 2), Site(35.84, 38.55, "Tabqa", 1)]


@pytest.mark.parametrize(
    "days, unit, first, last, number",
    [
        (("2016-04-09",), "day", "2016-04-04", "2016-04-15", 12),
        (("2016-04-01", "2016-06-01"), "day", "2016-04-01", "2016-06-01", 62),
        (("2016-04-01", "2016-06-02"), "month", "2015-12", "2016-11", 12),
        (("2014-08-31", "2020-07-01"), "month", "2014-08", "2020-07", 72),
        (("2014-08-31", "2020-08-01"), "year", "2012", "2023", 12),
        (("1920-01-01", "2020-01-01"), "decade", "1920s", "2030s", 12),
        (("0001-01-01",), "day", "0001-01-01", "0001-01-07", 7),
    ],
)
def test_bins_suit_the_time(days: tuple[str, ...], unit: str, first: str, last: str, number: int) -> None:
    line = timeline(rows(*map(incident, days)))
    assert line is not None and line.unit == unit
    assert len(line.bins) == number and len(set(line.bins)) == number
    assert (line.bins[0], line.bins[-1]) == (first, last)


def test_a_date_far_from_all_others_does_not_spoil_the_timeline() -> None:
    found = rows(incident("1848-03-01"), *(incident(f"2016-04-{1 + n % 30:02}") for n in range(120)))
    line = timeline(found)
    assert line is not None and (line.unit, line.bins[0], line.bins[-1]) == ("day", "2016-04-01", "2016-04-30")
    assert sum(map(len, by_bin(found, line).values())) == 120


def test_dates_wider_than_a_bin_are_in_none() -> None:
    month, day, none = rows(incident("2016-04-01", end="2016-04-30"), incident("2016-04-09"), incident(None))
    assert bin_of(month, "day") is None and bin_of(month, "month") == "2016-04" and bin_of(month, "decade") == "2010s"
    assert bin_of(day, "day") == "2016-04-09" and bin_of(none, "decade") is None
    line = timeline([month, day, none])
    assert line is not None and line.unit == "day"
    assert [name for name, found in by_bin([month, day, none], line).items() if found] == ["2016-04-09"]
