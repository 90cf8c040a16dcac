"""The drawings of `civex report`, as inline SVG that nothing has to be loaded for: map, timeline and bars.

Bars and timelines are drawn in per cent of a box that the page sizes, so that their words stay readable on a narrow
screen. The map is drawn in degrees, longitude shortened as it is at the latitude of the records (equirectangular
projection with that standard parallel; Snyder 1987, "Map Projections: A Working Manual", p. 90).
"""

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from civex.batch.summary import Site
from civex.render import escape

OUTLINES = Path(__file__).parent.parent / "data" / "outlines.json"
UNSAID = "-"  # the value by which rows are filtered that do not say it
SHADES = 5
MOST_TICKS = 5
_DRAWN_WIDTH = 900  # pixels for which the map is drawn before the page's script knows better
_NARROWEST = 6.0  # degrees that the map shows at least from north to south
_SHAPE = 2.0  # width of the map by its height
_MOST_CIRCLES = 1000  # without the script; with it they are clustered


class Shaded(NamedTuple):
    """A country of the map: its name, ISO code (None where unknown), and the reports and events there."""

    name: str
    code: str | None
    reports: int
    events: int


class View(NamedTuple):
    """A part of the map: left, top, width, height in its units (degrees, y downwards)."""

    x: float
    y: float
    width: float
    height: float


def plural(number: int, noun: str) -> str:
    """Such as "1 report", "10,000 reports"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


@cache
def _outlines() -> dict[str, Any]:
    return json.loads(OUTLINES.read_text(encoding="utf-8"))


def outlines_source() -> str:
    """Where the outlines come from and their licence, in a line."""
    return f"{_outlines()['source']}; {_outlines()['licence']}"


def world_map(sites: Sequence[Site], countries: Sequence[Shaded]) -> tuple[str, dict[str, Any]]:
    """The map as SVG, and what the page's script needs to move it; ("", {}) where nothing can be drawn."""
    drawn = [country for country in countries if country.code in _outlines()["countries"]]
    if not sites and not drawn:
        return "", {}
    shrink = _shrink(sites, drawn)
    view = _fit(sites, drawn, shrink)
    unit = view.width / _DRAWN_WIDTH
    most = max((country.reports for country in drawn), default=1)
    every = "".join(country["path"] for country in _outlines()["countries"].values())
    shaded = "".join(_country(country, most) for country in drawn)
    circles = "".join(_circle(site, shrink, unit) for site in sites[:_MOST_CIRCLES])
    scale = 1 / _outlines()["units"]
    svg = (
        f'<svg id="map" viewBox="{_numbers(*view)}" role="group" aria-label="Map of the reports">'
        f'<g transform="scale({_numbers(shrink * scale, -scale)})"><path class="land" d="{every}"/>{shaded}</g>'
        f'<g id="sites">{circles}</g></svg>'
    )
    return svg, {
        "view": list(view),
        "sites": [[round(s.lon * shrink, 3), -s.lat, s.name, s.number] for s in sites],
        "labels": [[country.name, *_middle(country, shrink)] for country in drawn],
        "limits": shade_limits(most),
    }


def shade_limits(most: int) -> list[int]:
    """The least number of reports of each shade, each some times the one before; one shade where all have one."""
    return sorted({round(most ** (step / SHADES)) for step in range(SHADES)})


def _country(country: Shaded, most: int) -> str:
    shade = sum(limit <= country.reports for limit in shade_limits(most))
    told = f"{country.name}: {plural(country.reports, 'report')}, {plural(country.events, 'event')}"
    path = _outlines()["countries"][country.code]["path"]
    return (
        f'<path class="s{shade}" data-filter="country" data-value="{escape(country.name)}" d="{path}">'
        f"<title>{escape(told)}</title></path>"
    )


def _circle(site: Site, shrink: float, unit: float) -> str:
    told = f"{site.name}: {plural(site.number, 'report')}"
    radius = min(4 + 2 * math.log2(site.number), 17) * unit
    place = f'cx="{site.lon * shrink:.3f}" cy="{-site.lat:.2f}" r="{radius:.3f}"'
    return f'<circle class="site" {place}><title>{escape(told)}</title></circle>'


def _box(country: Shaded) -> list[float]:
    """West, south, east, north of the largest part of a country, in degrees."""
    return [edge / _outlines()["units"] for edge in _outlines()["countries"][country.code]["box"]]


def _middle(country: Shaded, shrink: float) -> list[float]:
    """Middle and width of a country on the map."""
    west, south, east, north = _box(country)
    return [
        round((west + east) / 2 * shrink, 2),
        round(-(south + north) / 2, 2),
        round((east - west) * shrink, 2),
    ]


def _shrink(sites: Sequence[Site], countries: Sequence[Shaded]) -> float:
    """How much shorter a degree of longitude is than one of latitude, where the records are."""
    latitudes = [site.lat for site in sites] or [(box[1] + box[3]) / 2 for box in map(_box, countries)]
    return round(math.cos(math.radians(min(abs(median(latitudes)), 65.0))), 4)


def _fit(sites: Sequence[Site], countries: Sequence[Shaded], shrink: float) -> View:
    """The part of the map that shows all records with a margin, in the shape of the map."""
    boxes = [_box(country) for country in countries] + [[s.lon, s.lat, s.lon, s.lat] for s in sites]
    west, south = (min(box[edge] for box in boxes) for edge in (0, 1))
    east, north = (max(box[edge] for box in boxes) for edge in (2, 3))
    height = max((north - south) * 1.15, (east - west) * shrink * 1.15 / _SHAPE, _NARROWEST)
    x, y = (west + east) / 2 * shrink, -(south + north) / 2
    return View(*(round(n, 3) for n in (x - height * _SHAPE / 2, y - height / 2, height * _SHAPE, height)))


def _numbers(*numbers: float) -> str:
    return " ".join(f"{number:.7f}".rstrip("0").rstrip(".") for number in numbers)


def bars(kind: str, counts: Sequence[tuple[str, str, int, int]]) -> str:
    """Rows of a table body: label, bar, reports and events. counts: (label, value to filter by, reports, events).

    What is not said has no bar: it would dwarf the others.
    """
    most = max((reports for _, value, reports, _ in counts if value != UNSAID), default=0) or 1
    return "".join(
        f'<tr><th scope="row"><button type="button" data-filter="{kind}" data-value="{escape(value)}">{escape(label)}'
        f'</button></th><td class="bar">{_bar(value, reports, events, most)}</td>'
        f"<td>{reports:,}</td><td>{events:,}</td></tr>"
        for label, value, reports, events in counts
    )


def _bar(value: str, reports: int, events: int, most: int) -> str:
    if value == UNSAID:
        return ""
    return f'<svg aria-hidden="true">{_share(reports, most, "more")}{_share(events, most, "least")}</svg>'


def _share(number: int, most: int, kind: str) -> str:
    return f'<rect class="{kind}" width="{100 * number / most:.2f}%" height="100%"/>'


def columns(kind: str, values: Sequence[tuple[int, int]], titles: Sequence[str]) -> str:
    """A bar chart over the bins of a timeline: each bar is full up to the lower figure, pale from there to the higher.

    titles: what each bar says of itself when it is pointed at.
    """
    top = max((high for _, high in values), default=0) or 1
    step = 100 / max(len(values), 1)
    drawn = []
    for number, ((low, high), title) in enumerate(zip(values, titles, strict=True)):
        place = f'x="{(number + 0.1) * step:.3f}%" width="{0.8 * step:.3f}%"'
        rects = "".join(
            f'<rect class="{part}" {place} y="{100 - 100 * value / top:.2f}%" height="{100 * value / top:.2f}%"/>'
            for part, value in (("more", high), ("least", low))
            if value
        )
        hit = f'<rect class="hit" x="{number * step:.3f}%" width="{step:.3f}%" height="100%"/>'
        drawn.append(f"<g>{hit}{rects}<title>{escape(title)}</title></g>")
    return f'<svg class="columns {kind}" role="img" aria-label="{escape(kind)} over time">{"".join(drawn)}</svg>'


def ticks(bins: Sequence[str]) -> str:
    """The axis of a timeline: a few of its bins, evenly spread, each under its bar."""
    step = 100 / max(len(bins), 1)
    every = max(math.ceil(len(bins) / MOST_TICKS), 1)
    words = []
    for number in range(0, len(bins), every):
        anchor = "start" if number == 0 else "end" if number == len(bins) - 1 else "middle"
        at = {"start": number, "middle": number + 0.5, "end": number + 1}[anchor] * step
        second = ' class="second"' if number // every % 2 else ""  # left out where the page is narrow
        words.append(f'<text{second} x="{at:.2f}%" y="14" text-anchor="{anchor}">{escape(bins[number])}</text>')
    return f'<svg class="ticks" aria-hidden="true">{"".join(words)}</svg>'
