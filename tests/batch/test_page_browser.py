"""The page in headless Chromium: it renders, loads nothing, says nothing on the console, and filters."""

import datetime
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from civex.batch import page as page_module
from civex.cli import app
from tests.batch.written import TEXT, incident, report, write_out

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PLACES = (("Mosul", 36.34, 43.13), ("Tabqa", 35.84, 38.55), ("Sanaa", 15.35, 44.21), ("Kharkiv", 49.99, 36.23))
COUNTRIES = (("Iraq", "IQ"), ("Syria", "SY"), ("Yemen", "YE"), ("Ukraine", "UA"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install 'civex[browser]'")
    if CHROMIUM is None:
        pytest.skip("apt-get install -y chromium")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


def incidents(number: int) -> list:
    """Incidents over years, places and outcomes; one in ten has neither date nor point."""
    found = []
    for n in range(number):
        which = n % 4
        name, lat, lon = PLACES[which]
        day = (datetime.date(2016, 1, 1) + datetime.timedelta(n % 1500)).isoformat()
        found.append(
            incident(
                None if n % 10 == 9 else day,
                number=n % 10 + 1,
                place=f"{name} {n}",
                point=None if n % 10 == 9 else (lat + n % 37 / 50, lon + n % 41 / 50),
                country=COUNTRIES[which],
                killed={"civilians": (n % 7, n % 7 + n % 3)},
                targets=("market",) if n % 2 else ("school", "medical"),
                outcome=("credible", "open", None)[n % 3],
            )
        )
    return found


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The page of so many incidents, written once."""

    @cache
    def write(number: int) -> Path:
        folder = tmp_path_factory.mktemp("report")
        made = incidents(number)
        reports = (report(*made[start : start + 10]) for start in range(0, number, 10))
        out = write_out(folder / "out", *reports, texts=(TEXT,))
        assert CliRunner().invoke(app, ["report", str(out), "--html", str(folder / "summary.html")]).exit_code == 0
        return folder / "summary.html"

    return write


@pytest.fixture
def shown(browser: Any, written: Callable[[int], Path]) -> Iterator[Callable[..., Any]]:
    """Opens the page of so many incidents; at the end there was no request but the first and nothing on the console."""
    seen: list[str] = []
    contexts = []

    def show(number: int, width: int = 1280, **options: Any) -> Any:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        tab = context.new_page()
        for event, told in (("console", "text"), ("request", "url")):
            tab.on(event, lambda what, told=told: seen.append(getattr(what, told)))
        tab.on("pageerror", lambda error: seen.append(str(error)))
        tab.goto(written(number).as_uri())
        tab.wait_for_timeout(200)
        return tab

    yield show
    for context in contexts:
        context.close()
    assert len(seen) == 1 and seen[0].endswith("summary.html")


def count(tab: Any) -> str:
    return tab.inner_text("#count")


@pytest.mark.parametrize("number", [5, 10_000])
@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_the_window(shown: Callable, number: int, width: int, scheme: str) -> None:
    tab = shown(number, width, color_scheme=scheme)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert count(tab) == f"{number:,} of {number:,} reports"
    assert tab.locator("#table tbody tr").count() == min(number, 50)
    boxes = [box.bounding_box() for box in tab.locator("#map g.cluster circle").all()]
    assert boxes
    for n, one in enumerate(boxes):
        middle = one["x"] + one["width"] / 2, one["y"] + one["height"] / 2
        for other in boxes[:n]:
            apart = max(
                abs(middle[0] - other["x"] - other["width"] / 2), abs(middle[1] - other["y"] - other["height"] / 2)
            )
            assert apart > 10  # no circle hides the number of another


def test_filters_and_pages(shown: Callable) -> None:
    tab = shown(10_000)
    tab.select_option("#country", "Yemen")
    assert count(tab) == "2,500 of 10,000 reports"
    tab.select_option("#outcome", "-")
    expected = sum(n % 4 == 2 and n % 3 == 2 for n in range(10_000))
    assert count(tab) == f"{expected:,} of 10,000 reports"
    assert tab.inner_text("#at") == "1 to 50"
    tab.click("#on")
    assert tab.inner_text("#at") == "51 to 100"
    tab.click("#filter [type=reset]")
    tab.wait_for_timeout(100)
    assert count(tab) == "10,000 of 10,000 reports"
    tab.fill("#words", "kharkiv 9999")
    assert count(tab) == "1 of 10,000 reports"
    tab.fill("#words", "")
    tab.fill("#from", "2016-01-01")
    tab.fill("#to", "2016-01-01")
    expected = sum(n % 1500 == 0 and n % 10 != 9 for n in range(10_000))
    assert count(tab) == f"{expected} of 10,000 reports"


def test_a_bar_and_a_circle_filter_the_table(shown: Callable) -> None:
    tab = shown(40)
    tab.click("table.bars button[data-value=school]")
    assert count(tab) == "20 of 40 reports"
    tab.click("#filter [type=reset]")
    tab.wait_for_timeout(100)
    circle = tab.locator("g.cluster").first
    number = circle.get_attribute("aria-label").rpartition(": ")[2].split()[0]
    circle.focus()
    tab.keyboard.press("Enter")
    assert count(tab) == f"{number} of 40 reports"
    tab.click("#chosen")
    assert count(tab) == "40 of 40 reports"


def test_the_order_of_the_table(shown: Callable) -> None:
    tab = shown(40)
    tab.select_option("#order", "-killed")
    assert tab.locator("#table tbody tr").first.locator("td").nth(2).inner_text() == "6 civilians"
    tab.select_option("#order", "-start")
    assert tab.locator("#table tbody tr").first.locator("td").first.inner_text() == "2016-02-08"
    assert tab.locator("#table tbody tr").last.locator("td").first.inner_text() == "no date"


def test_a_row_opens_its_marked_text_by_keyboard(shown: Callable) -> None:
    tab = shown(5)
    button = tab.locator("#table tbody button").first
    button.focus()
    tab.keyboard.press("Enter")
    assert tab.inner_text("#source h2") == "2016-01-01, Mosul 0, Iraq"
    assert tab.inner_text("#text").strip() == TEXT.strip()
    assert tab.locator("#text .date").inner_text() == "9 April 2016"
    tab.keyboard.press("Escape")
    assert not tab.is_visible("#source")
    assert button.evaluate("element => element === document.activeElement")


def test_reports_of_one_event_are_one_click_away(shown: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "group_reports", lambda rows: [(f"e{n // 3}", 1.0) for n, _ in enumerate(rows)])
    tab = shown(9)
    assert "3\nevents after grouping" in tab.inner_text(".tiles")
    tab.locator("#table tbody tr").nth(4).get_by_text("3 reports").click()
    assert count(tab) == "3 of 9 reports"
    assert tab.inner_text("#chosen") == "Reports of one event ×"


def test_sums_over_events_or_reports(shown: Callable) -> None:
    tab = shown(5)
    assert tab.is_visible(".panel.by-events") and not tab.is_visible(".panel.by-reports")
    tab.check("#by-reports")
    assert tab.is_visible(".panel.by-reports") and not tab.is_visible(".panel.by-events")


CHARTS = """() => ({
  circles: [...document.querySelectorAll("#map .cluster")].map(element => element.getAttribute("aria-label")),
  countries: [...document.querySelectorAll("#map path[data-filter]")].map(path =>
    [path.getAttribute("class"), path.querySelector("title").textContent]),
  unplaced: document.querySelector("#unplaced").textContent,
  panels: [...document.querySelectorAll(".panel")].map(panel => [panel.querySelector("figcaption").textContent,
    ...[...panel.querySelectorAll("rect, title")].map(element => [element.getAttribute("class"),
      ...["x", "y", "width", "height"].map(name => parseFloat(element.getAttribute(name)).toFixed(1)),
      element.textContent])]),
  lines: [...document.querySelectorAll(".time details tr")].map(line => line.textContent),
  bars: [...document.querySelectorAll(".bars tr")].map(line => [line.textContent,
    ...[...line.querySelectorAll("rect")].map(rect => parseFloat(rect.getAttribute("width")).toFixed(1))]),
})"""


def test_the_script_draws_what_the_page_came_with(shown: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    """A filter that leaves every report: each figure and each bar is that which Python drew, events and all."""
    monkeypatch.setattr(page_module, "group_reports", lambda rows: [(f"e{n // 3}", 1.0) for n, _ in enumerate(rows)])
    tab = shown(200)
    before = tab.evaluate(CHARTS)
    tab.fill("#words", ".txt")
    assert count(tab) == "200 of 200 reports" and tab.is_visible("#filtered")
    assert tab.evaluate(CHARTS) == before
    assert before["panels"] and before["bars"] and before["lines"] and before["countries"] and before["circles"]


def test_charts_follow_the_filter(shown: Callable) -> None:
    tab = shown(40)
    before = tab.evaluate(CHARTS)
    tab.select_option("#country", "Yemen")
    assert tab.inner_text("#filtered").startswith("The charts show 10 of 40 reports")
    found = tab.evaluate(CHARTS)
    assert ["s0", "Iraq: 0 reports, 0 events"] in found["countries"]
    assert "Yemen: 10 reports, 10 events" in [title for _, title in found["countries"]]
    assert sum(int(label.rpartition(": ")[2].split()[0]) for label in found["circles"]) == 10
    assert found["unplaced"] == "0 of 10 reports not on the map"
    assert ["Yemen1010", "100.0", "100.0"] in found["bars"] and ["Iraq00", "0.0", "0.0"] in found["bars"]
    # n = 2, 6, ..., 38: n % 7 people killed at the least, n % 3 more at the most
    low = sum(n % 7 for n in range(2, 40, 4))
    high = low + sum(n % 3 for n in range(2, 40, 4))
    said = [line.removeprefix("2016-01-").removeprefix("2016-02-")[2:] for line in found["lines"][1:]]
    assert len(said) == 10 and all(line.startswith("11") for line in said)
    drawn = [panel for panel in found["panels"] if "killed" in panel[0] and "over events" in panel[0]]
    titles = [part[-1].partition(": ")[2] for part in drawn[0][1:] if part[0] is None]
    ranges = [title.split(" to ") for title in titles if title != "not said"]
    assert (sum(int(r[0]) for r in ranges), sum(int(r[-1]) for r in ranges)) == (low, high)
    tab.click("#filter [type=reset]")
    tab.wait_for_timeout(100)
    assert tab.evaluate(CHARTS) == before and not tab.is_visible("#filtered")


def test_the_charts_of_one_event(shown: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "group_reports", lambda rows: [(f"e{n // 3}", 1.0) for n, _ in enumerate(rows)])
    tab = shown(9)
    tab.locator("#table tbody tr").nth(4).get_by_text("3 reports").click()
    found = tab.evaluate(CHARTS)
    # reports 3, 4 and 5: killed 3, 4 to 5, 5 to 7; one event at the first day of theirs, 3 to 7 killed
    titles = [part[-1] for panel in found["panels"] for part in panel[1:] if part[0] is None]
    assert "2016-01-04: 1 report, 1 event" in titles and "2016-01-05: 1 report, 0 events" in titles
    assert "2016-01-04: 3 to 7" in titles and "2016-01-06: 5 to 7" in titles


def test_the_map_moves(shown: Callable) -> None:
    tab = shown(40)
    before = tab.get_attribute("#map", "viewBox")
    tab.click("[aria-label='Zoom in']")
    closer = tab.get_attribute("#map", "viewBox")
    assert float(closer.split()[2]) < float(before.split()[2])
    tab.click("[aria-label='Show all']")
    assert tab.get_attribute("#map", "viewBox") == before


def test_without_its_script_the_first_rows_are_there(shown: Callable) -> None:
    tab = shown(60, java_script_enabled=False)
    assert tab.locator("#table tbody tr").count() == 50
    assert count(tab) == "50 of 60 reports"
    assert not tab.is_visible("#filter") and tab.is_visible("noscript p")
    assert tab.locator("#map circle").count() > 0
