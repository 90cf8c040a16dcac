"""Map, timeline and bars: what is drawn, where, and that words of the texts stay words."""

import json
import re
from xml.etree import ElementTree

import pytest

from civex.batch.charts import OUTLINES, Shaded, bars, columns, outlines_source, plural, shade_limits, ticks, world_map
from civex.batch.summary import Site

MOSUL = Site(36.34, 43.13, "Mosul", 3)
IRAQ = Shaded("Iraq", "IQ", 3, 2)


def box(code: str) -> list[float]:
    data = json.loads(OUTLINES.read_text(encoding="utf-8"))
    return [edge / data["units"] for edge in data["countries"][code]["box"]]


def test_outlines_are_small_and_named() -> None:
    assert OUTLINES.stat().st_size < 150_000
    assert "Natural Earth" in outlines_source() and "public domain" in outlines_source()


@pytest.mark.parametrize(
    "code, lat, lon",
    [("IQ", 33.3, 44.4), ("SY", 33.5, 36.3), ("UA", 50.4, 30.5), ("YE", 15.4, 44.2), ("PS", 31.9, 35.2)],
)
def test_capitals_lie_in_the_boxes_of_their_countries(code: str, lat: float, lon: float) -> None:
    west, south, east, north = box(code)
    assert west < lon < east and south < lat < north


def test_no_outline_runs_across_the_map() -> None:
    data = json.loads(OUTLINES.read_text(encoding="utf-8"))
    steps = [
        abs(int(x))
        for country in data["countries"].values()
        for ring in re.findall(r"l([^z]*)z", country["path"])
        for x, _ in re.findall(r"(-?\d+) ?(-?\d+)", ring)
    ]
    assert max(steps) < 60 * data["units"]


def test_the_map_shows_points_and_countries() -> None:
    svg, data = world_map([MOSUL], [IRAQ, Shaded("Atlantis", None, 1, 1)])
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    (circle,) = root.iter("circle")
    x, y = float(circle.attrib["cx"]), float(circle.attrib["cy"])
    assert left < x < left + width and top < y < top + height
    assert circle.findtext("title") == "Mosul: 3 reports"
    assert [path.findtext("title") for path in root.iter("path") if "data-filter" in path.attrib] == [
        "Iraq: 3 reports, 2 events"
    ]
    assert data["view"] == [left, top, width, height] and data["sites"] == [[x, y, "Mosul", 3]]


def test_longitude_is_shortened_as_at_the_latitude_of_the_points() -> None:
    _, data = world_map([Site(60.0, 30.0, "Petersburg", 1)], [])
    assert data["sites"][0][:2] == [15.0, -60.0]  # cos 60° is a half


def test_nothing_to_draw_is_no_map() -> None:
    assert world_map([], []) == world_map([], [Shaded("Atlantis", None, 1, 1)]) == ("", {})


def test_a_single_point_has_its_surroundings() -> None:
    _, data = world_map([MOSUL], [])
    assert data["view"][3] >= 6


@pytest.mark.parametrize("most, limits", [(1, [1]), (2, [1, 2]), (100_000, [1, 10, 100, 1000, 10000])])
def test_shades_are_steps_of_the_same_factor(most: int, limits: list[int]) -> None:
    assert shade_limits(most) == limits


def test_words_are_escaped() -> None:
    svg, _ = world_map([Site(1.0, 1.0, "</script><b>", 1)], [])
    assert "<b>" not in svg and "</script>" not in svg
    assert "<b>" not in bars("target", [("<b>", '"><b>', 1, 1)])


def test_bars_are_shares_of_the_longest_and_silence_has_none() -> None:
    drawn = bars("outcome", [("open", "open", 8, 4), ("credible", "credible", 2, 2), ("not said", "-", 90, 90)])
    assert re.findall(r'class="(\w+)" width="([\d.]+)%"', drawn) == [
        ("more", "100.00"),
        ("least", "50.00"),
        ("more", "25.00"),
        ("least", "25.00"),
    ]


def test_columns_are_full_to_the_floor_and_pale_to_the_top() -> None:
    root = ElementTree.fromstring(columns("killed", [(5, 10), (0, 0), (0, 5)], ["a", "b", "c"]))
    groups = list(root.iter("g"))
    assert [group.findtext("title") for group in groups] == ["a", "b", "c"]
    heights = [
        {rect.attrib["class"]: rect.attrib["height"] for rect in group.iter("rect") if rect.attrib["class"] != "hit"}
        for group in groups
    ]
    assert heights == [{"more": "100.00%", "least": "50.00%"}, {}, {"more": "50.00%"}]


def test_columns_without_a_figure_are_empty() -> None:
    assert "NaN" not in columns("killed", [(0, 0)], ["a"]) and columns("killed", [], [])


@pytest.mark.parametrize("number", [1, 5, 12, 62])
def test_an_axis_has_few_labels(number: int) -> None:
    drawn = ticks([f"b{n}" for n in range(number)])
    assert 1 <= drawn.count("<text") <= 5 and ">b0<" in drawn


def test_plural() -> None:
    assert [plural(n, "report") for n in (0, 1, 10_000)] == ["0 reports", "1 report", "10,000 reports"]
