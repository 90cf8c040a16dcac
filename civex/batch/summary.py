"""The figures of a batch, from one row an incident report. Pure functions; `civex.batch.page` shows what they give.

A row is a report of an event, and many reports tell of one event. So every figure is computed twice by its callers:
over the rows as they are, and over `events(rows, groups)`, which has one row an event.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple

from civex.labels import GROUPS
from civex.schema import Figure, Incident, one_line, overall, unique

Row = dict[str, Any]
Bounds = tuple[int | None, int | None]
Unit = Literal["day", "month", "year", "decade"]

HARMS = ("killed", "injured")
EVERYBODY = "all"  # the group of a toll over all groups, parts of a total counted once
MOST_DAYS, MOST_MONTHS, MOST_YEARS = 62, 72, 100  # the longest timelines by day, by month and by year
_UNITS: tuple[Unit, ...] = ("day", "month", "year", "decade")
_ENDS = ("date_start", "date_end")
FEWEST_BINS = 12  # a shorter timeline is drawn with empty bins on either side


class Total(NamedTuple):
    """A sum over rows.

    said: rows that speak of the harm; low, high: sums of the floors and of the tops, where a row without a top adds
    its floor; open: rows that give no top; without_figure: rows that speak of the harm without any figure.
    """

    said: int
    low: int
    high: int
    open: int
    without_figure: int


class Site(NamedTuple):
    """A point of the map: degrees to two decimals (about 1 km), the name first used for it, and the rows there."""

    lat: float
    lon: float
    name: str
    number: int


class Timeline(NamedTuple):
    """Bins without gaps from the first day to the last: "2016-04-09", "2016-04", "2016" or "2010s"."""

    unit: Unit
    bins: list[str]


def incident_row(incident: Incident, document: str) -> Row:
    """The row of one incident. document: the id of its document; the row's is that of the tables (`civex.batch.rows`).

    Lists are joined by "; ". `tolls` holds (floor, top) by (harm, group) for the groups that the text speaks of, and
    for `EVERYBODY`; `rival` says whether sources of the same text contradict each other.
    """
    date, country, assessment = incident.date, incident.country, incident.assessment
    point = next((place for place in incident.places if place.lat is not None and place.lon is not None), None)
    tolls = {key: (figure.min, figure.max) for key, figure in _tolls(incident)}
    return {
        "id": f"{document}-{incident.id}",
        "document_id": document,
        "date_start": date and date.start,
        "date_end": date and date.end,
        "places": "; ".join(unique([place.text for place in incident.places])),
        "site": one_line(point.text) if point else "",
        "lat": point and point.lat,
        "lon": point and point.lon,
        "country": one_line(country.name) if country else "",
        "country_code": country and country.code,
        "target_types": "; ".join(unique([target.type for target in incident.targets])),
        "outcome": assessment.outcome or "",
        "tolls": tolls,
        **{f"{harm}_min": tolls.get((harm, EVERYBODY), (None, None))[0] for harm in HARMS},
        **{f"{harm}_max": tolls.get((harm, EVERYBODY), (None, None))[1] for harm in HARMS},
        "rival": any(claim.status == "rival" for claim in incident.casualties),
    }


def _tolls(incident: Incident) -> Iterable[tuple[tuple[str, str], Figure]]:
    for harm in HARMS:
        figures = getattr(incident, harm)
        yield from (((harm, group), figure) for group, figure in figures.items())
        total = overall(figures, incident.casualties)
        if total is not None:
            yield (harm, EVERYBODY), total


def events(rows: Sequence[Row], groups: Sequence[str | None]) -> list[Row]:
    """One row an event: rows of the same group made one, in order of the first; a row without a group is an event.

    The date is the narrowest of the group, place and country are the first given; types of target and outcomes are
    those of any report. A toll reaches from the lowest floor to the highest top of the reports that speak of it.
    """
    members: dict[Any, list[Row]] = {}
    for number, (row, group) in enumerate(zip(rows, groups, strict=True)):
        members.setdefault(number if group is None else group, []).append(row)
    return [_event(found) if len(found) > 1 else found[0] for found in members.values()]


def _event(rows: list[Row]) -> Row:
    dated = min((row for row in rows if row["date_start"]), key=_width, default=rows[0])
    placed = next((row for row in rows if row["lat"] is not None), rows[0])
    located = next((row for row in rows if row["country"]), rows[0])
    keys = dict.fromkeys(chain.from_iterable(row["tolls"] for row in rows))
    return {
        **rows[0],
        **{name: dated[name] for name in _ENDS},
        **{name: placed[name] for name in ("places", "site", "lat", "lon")},
        **{name: located[name] for name in ("country", "country_code")},
        **{name: "; ".join(_values(rows, name)) for name in ("target_types", "outcome")},
        "tolls": {key: widest([row["tolls"][key] for row in rows if key in row["tolls"]]) for key in keys},
        "rival": any(row["rival"] for row in rows),
    }


def _width(row: Row) -> datetime.timedelta:
    return _day(row["date_end"] or row["date_start"]) - _day(row["date_start"])


def _values(rows: Iterable[Row], name: str) -> list[str]:
    """The different values of a column in which values are joined by "; "."""
    return list(dict.fromkeys(value for row in rows for value in row[name].split("; ") if value))


def widest(tolls: Iterable[Bounds]) -> Bounds:
    """One toll from those of several reports: lowest floor, highest top; open where one of them is open."""
    floors, tops = zip(*tolls, strict=True)
    return (
        min((floor for floor in floors if floor is not None), default=None),
        None if None in tops else max(tops),
    )


def total(rows: Iterable[Row], harm: str, group: str = EVERYBODY) -> Total:
    """The sum of one harm done to one group; harm: killed or injured; group: of `civex.labels.GROUPS` or EVERYBODY."""
    tolls = [row["tolls"][harm, group] for row in rows if (harm, group) in row["tolls"]]
    return Total(
        said=len(tolls),
        low=sum(low or 0 for low, _ in tolls),
        high=sum((low or 0) if high is None else high for low, high in tolls),
        open=sum(high is None for _, high in tolls),
        without_figure=sum(low is None and high is None for low, high in tolls),
    )


def totals(rows: Sequence[Row]) -> dict[tuple[str, str], Total]:
    """`total` of each harm and group that any row speaks of, everybody first."""
    found = {(harm, group): total(rows, harm, group) for harm in HARMS for group in (EVERYBODY, *GROUPS)}
    return {key: figures for key, figures in found.items() if figures.said}


def tallied(rows: Iterable[Row], column: str) -> dict[str, int]:
    """How many rows have each value of a column, most first; a row counts once for each of its values, "" is none."""
    found = Counter(value for row in rows for value in row[column].split("; "))
    return dict(sorted(found.items(), key=lambda item: (not item[0], -item[1], item[0])))


def site_of(row: Row) -> tuple[float, float] | None:
    """The point of the map on which a row stands, None where its place has no coordinates."""
    return None if row["lat"] is None or row["lon"] is None else (round(row["lat"], 2), round(row["lon"], 2))


def sites(rows: Iterable[Row]) -> list[Site]:
    """The points of the map, those with the most rows first."""
    named: dict[tuple[float, float], str] = {}
    numbers: Counter[tuple[float, float]] = Counter()
    for row in rows:
        point = site_of(row)
        if point is not None:
            named.setdefault(point, row["site"])
            numbers[point] += 1
    return [Site(*point, named[point], number) for point, number in numbers.most_common()]


def timeline(rows: Iterable[Row]) -> Timeline | None:
    """The bins that hold every dated row; None where no row has a date.

    A few dates far from all others (a war of the 19th century that a text recalls) would leave one bar for all the
    rest: the bins leave out up to 1 % of the rows at either end where that makes them finer.
    """
    days = sorted(_day(row[name] or row["date_start"]) for row in rows if row["date_start"] for name in _ENDS)
    if not days:
        return None
    apart = len(days) // 100
    whole, trimmed = (days[0], days[-1]), (days[apart], days[-1 - apart])
    first, last = trimmed if _UNITS.index(_unit(*trimmed)) < _UNITS.index(_unit(*whole)) else whole
    unit = _unit(first, last)
    return Timeline(unit, _padded(_index(first, unit), _index(last, unit), unit))


def _unit(first: datetime.date, last: datetime.date) -> Unit:
    if (last - first).days < MOST_DAYS:
        return "day"
    if _index(last, "month") - _index(first, "month") < MOST_MONTHS:
        return "month"
    return "year" if last.year - first.year < MOST_YEARS else "decade"


def bin_of(row: Row, unit: Unit) -> str | None:
    """The bin of a row; None where it has no date, or one that is wider than a bin."""
    if not row["date_start"]:
        return None
    start, end = (_index(_day(row[name] or row["date_start"]), unit) for name in _ENDS)
    return _label(start, unit) if start == end else None


def by_bin(rows: Iterable[Row], line: Timeline) -> dict[str, list[Row]]:
    """The rows of each bin of the timeline, in order of time. Empty bins are there; rows that fit into none are not."""
    found: dict[str, list[Row]] = {name: [] for name in line.bins}
    for row in rows:
        name = bin_of(row, line.unit)
        if name in found:
            found[name].append(row)
    return found


def _day(iso: str) -> datetime.date:
    return datetime.date.fromisoformat(iso)


def _index(day: datetime.date, unit: Unit) -> int:
    """The number of a day, month, year or decade, counted without gaps."""
    return {"day": day.toordinal(), "month": day.year * 12 + day.month - 1, "year": day.year, "decade": day.year // 10}[
        unit
    ]


def _label(index: int, unit: Unit) -> str:
    if unit == "day":
        return datetime.date.fromordinal(index).isoformat()
    if unit == "month":
        return f"{index // 12:04}-{index % 12 + 1:02}"
    return f"{index:04}" if unit == "year" else f"{index * 10}s"


def _padded(first: int, last: int, unit: Unit) -> list[str]:
    """The labels from one index to another, with as many more on either side as a readable timeline needs."""
    missing = max(FEWEST_BINS - (last - first + 1), 0)
    first, last = first - missing // 2, last + (missing + 1) // 2
    lowest, highest = _index(datetime.date.min, unit), _index(datetime.date.max, unit)
    return [_label(index, unit) for index in range(max(first, lowest), min(last, highest) + 1)]
