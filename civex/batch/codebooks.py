"""One event, or one report, as a row of UCDP GED or of Airwars. docs/formats.md says column by column what is known.

What civex cannot know (conflict and actor ids, the type of violence, precision of a place) is left empty.
"""

import datetime
import math
import re
from collections.abc import Sequence

from civex.batch.events import Estimate, event_figure
from civex.batch.rows import PEOPLE, Row
from civex.values.places import plain

_ENDS = ("min", "max")
_EVENT = ("same_event_group", "same_event_score", "reports", "report_ids", "documents", "flags")

# Names and order after the UCDP GED codebook; type of each: "text", "count", "number" or "day".
UCDP: dict[str, str] = {
    **dict.fromkeys(("id",), "count"),
    **dict.fromkeys(("relid",), "text"),
    **dict.fromkeys(("year", "active_year"), "count"),
    **dict.fromkeys(("code_status",), "text"),
    **dict.fromkeys(("type_of_violence", "conflict_dset_id", "conflict_new_id"), "count"),
    **dict.fromkeys(("conflict_name",), "text"),
    **dict.fromkeys(("dyad_dset_id", "dyad_new_id"), "count"),
    **dict.fromkeys(("dyad_name",), "text"),
    **dict.fromkeys(("side_a_dset_id", "side_a_new_id"), "count"),
    **dict.fromkeys(("side_a",), "text"),
    **dict.fromkeys(("side_b_dset_id", "side_b_new_id"), "count"),
    **dict.fromkeys(("side_b",), "text"),
    **dict.fromkeys(("number_of_sources",), "count"),
    **dict.fromkeys(("source_article", "source_office", "source_date", "source_headline", "source_original"), "text"),
    **dict.fromkeys(("where_prec",), "count"),
    **dict.fromkeys(("where_coordinates", "where_description", "adm_1", "adm_2"), "text"),
    **dict.fromkeys(("latitude", "longitude"), "number"),
    **dict.fromkeys(("geom_wkt",), "text"),
    **dict.fromkeys(("priogrid_gid",), "count"),
    **dict.fromkeys(("country",), "text"),
    **dict.fromkeys(("country_id",), "count"),
    **dict.fromkeys(("region",), "text"),
    **dict.fromkeys(("event_clarity", "date_prec"), "count"),
    **dict.fromkeys(("date_start", "date_end"), "day"),
    **dict.fromkeys(("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "high", "low"), "count"),
    **dict.fromkeys(("gwnoa", "gwnob"), "count"),
}
UCDP_COLUMNS = (*UCDP, "actors", *_EVENT)

_SHARED_FIGURES = [f"{harm}_{end}" for harm in ("killed", "injured") for end in _ENDS]
AIRWARS_COLUMNS = (
    *("code", "date", "date_end", "date_type", "location_name", "region", "country_slug", "latitude", "longitude"),
    *("strike_status_slug", "civilian_harm_status_slug"),
    *(f"civilian_non_combatants_{figure}" for figure in _SHARED_FIGURES),
    *(f"{who}_{figure}" for who in PEOPLE for figure in _SHARED_FIGURES),
    *(f"belligerents_killed_{end}" for end in _ENDS),
    *(f"militants_{figure}" for figure in _SHARED_FIGURES),
    "num_victims_named",
    *(f"unspecified_{figure}" for figure in _SHARED_FIGURES),
    *(f"combatants_{figure}" for figure in _SHARED_FIGURES),
    *_EVENT,
)
BELLIGERENT_COLUMNS = (
    *("code", "belligerent_name", "assessment_slug"),
    *(f"{what}_conceded_{end}" for what in ("deaths", "injuries") for end in _ENDS),
    *("location", "mgrs_coordinate", "mgrs_accuracy"),
)
_SOURCES: dict[str, str] = {
    "source_article": "document",
    "source_office": "publisher",
    "source_date": "published",
    "source_headline": "title",
    "source_original": "sources",
}
_ASSESSMENTS = {
    "credible": "credible-substantiated",
    "non_credible": "non-credible-unsubstantiated",
    "open": "not-yet-assessed",
}


class DoesNotFit(ValueError):
    """An event that the codebook has no row for; the message says why."""


def ucdp_row(number: int, rows: Sequence[Row]) -> Row:
    """The UCDP GED row of the reports of one event. Raises DoesNotFit without a death or a date of at most a year.

    The most precise of the reports gives date and place. `best` is the floor of the toll, see
    `civex.batch.events.event_figure`; an open top leaves `high` empty.
    """
    leading = _leading(rows)
    low, best, high = _figure(rows, "killed")
    if not max(low or 0, best or 0, high or 0):
        raise DoesNotFit("no death is said; UCDP GED takes events with at least one")
    days = _days(leading)
    if days is None or days > 366:
        raise DoesNotFit("no date within a year")
    lat, lon = leading["lat"], leading["lon"]
    located = lat is not None
    return {
        **dict.fromkeys(UCDP_COLUMNS),
        "id": number,
        "year": int(leading["date_start"][:4]),
        "number_of_sources": len({row["document_id"] for row in rows}),
        **{name: _all(rows, column) for name, column in _SOURCES.items()},
        "where_prec": 6 if not located and not leading["places"] and leading["country"] else None,
        "where_coordinates": leading["point_of"] if located else None,
        "where_description": leading["places"] or None,
        "latitude": lat,
        "longitude": lon,
        "geom_wkt": f"POINT ({lon} {lat})" if located else None,
        "priogrid_gid": _priogrid(lat, lon) if located else None,
        "country": leading["country"],
        "date_prec": _date_precision(days),
        "date_start": leading["date_start"],
        "date_end": leading["date_end"],
        **_deaths(rows, best),
        **{"best": best, "high": high, "low": low},
        "actors": _all(rows, "actors"),
        **_event(rows),
    }


def airwars_row(rows: Sequence[Row]) -> Row:
    """The Airwars incident row of the reports of one event. Raises DoesNotFit for one without a date."""
    leading = _leading(rows)
    if _days(leading) is None:
        raise DoesNotFit("no date")
    figures = {"civilian_non_combatants": "{harm}_civilians", **{who: "{harm}_" + who for who in PEOPLE}}
    figures |= {group: "{harm}_" + group for group in ("unspecified", "combatants")}
    row = {
        **dict.fromkeys(AIRWARS_COLUMNS),
        "code": leading["same_event_group"] if len(rows) > 1 else leading["id"],
        "date": leading["date_start"],
        "date_end": leading["date_end"] if leading["date_end"] != leading["date_start"] else None,
        "location_name": leading["places"] or None,
        "country_slug": leading["country"] and re.sub(r"\W+", "-", plain(leading["country"])),
        "latitude": leading["lat"],
        "longitude": leading["lon"],
        "strike_status_slug": _strike_status(rows),
        "civilian_harm_status_slug": "confirmed" if _any(rows, "outcome", "credible") else None,
        **_event(rows),
    }
    for name, column in figures.items():
        for harm in ("killed", "injured"):
            low, _, high = _figure(rows, column.format(harm=harm))
            row |= {f"{name}_{harm}_min": low, f"{name}_{harm}_max": high}
    return row


def belligerent_rows(rows: Sequence[Row]) -> list[Row]:
    """The Airwars rows of those who struck. Finding and figures conceded stand there where one only is named."""
    leading = _leading(rows)
    named = list(dict.fromkeys(name for row in rows for name in _words(row["actors"])))
    outcomes = {_ASSESSMENTS.get(row["outcome"]) for row in rows} - {None}
    deaths, injuries = _figure(rows, "conceded_killed"), _figure(rows, "conceded_injured")
    found = {
        "assessment_slug": outcomes.pop() if len(outcomes) == 1 else None,
        **{"deaths_conceded_min": deaths[0], "deaths_conceded_max": deaths[2]},
        **{"injuries_conceded_min": injuries[0], "injuries_conceded_max": injuries[2]},
    }
    if len(named) > 1:
        found = {}
    code = leading["same_event_group"] if len(rows) > 1 else leading["id"]
    names: Sequence[str | None] = named or ([None] if any(value is not None for value in found.values()) else [])
    return [{**dict.fromkeys(BELLIGERENT_COLUMNS), "code": code, "belligerent_name": name, **found} for name in names]


def _leading(rows: Sequence[Row]) -> Row:
    """The report that the group was made around, which is the most precise."""
    return next((row for row in rows if row["id"] == row["same_event_group"]), rows[0])


def _event(rows: Sequence[Row]) -> Row:
    """The group, how many reports it has and which."""
    scores = [row["same_event_score"] for row in rows if row["same_event_score"] is not None]
    low, best, high = _figure(rows, "killed")
    flags = {
        "low_above_best": low is not None and best is not None and low > best,
        "best_above_high": best is not None and high is not None and best > high,
    }
    return {
        "same_event_group": rows[0]["same_event_group"],
        "same_event_score": min(scores, default=None),
        "reports": len(rows),
        "report_ids": _all(rows, "id"),
        "documents": _all(rows, "document"),
        "flags": "; ".join(name for name, raised in flags.items() if raised) or None,
    }


def _figure(rows: Sequence[Row], name: str) -> Estimate:
    return event_figure((row[f"{name}_min"], row[f"{name}_max"]) for row in rows)


def _deaths(rows: Sequence[Row], best: int | None) -> Row:
    """Civilians, and those of whom the text says nothing more: what is left of `best` without known combatants.

    Combatants are on no side that civex knows, so that the four columns add up to `best` less the combatants.
    """
    known = {group: _figure(rows, f"killed_{group}") for group in ("civilians", "combatants")}
    left = None
    if best is not None and not any(low is None and high is not None for low, _, high in known.values()):
        left = best - sum(middle or 0 for _, middle, _ in known.values())
    return {
        "deaths_civilians": known["civilians"][1],
        "deaths_unknown": left if left is not None and left >= 0 else None,
    }


def _days(row: Row) -> int | None:
    """How many days the date of a report may mean."""
    if not row["date_start"] or not row["date_end"]:
        return None
    start, end = (datetime.date.fromisoformat(row[name]) for name in ("date_start", "date_end"))
    return (end - start).days + 1


def _date_precision(days: int) -> int:
    """UCDP GED: 1 a day, 2 two to six days, 3 a week, 4 up to a month, 5 up to a year."""
    return next(code for code, most in ((1, 1), (2, 6), (3, 7), (4, 31), (5, 366)) if days <= most)


def _priogrid(lat: float, lon: float) -> int:
    """The cell of PRIO-GRID 2.0 (Tollefsen et al. 2012): half degrees, numbered from the south-west, 720 a row."""
    row = min(math.floor((lat + 90) * 2), 359)
    column = min(math.floor((lon + 180) * 2), 719)
    return row * 720 + column + 1


def _strike_status(rows: Sequence[Row]) -> str | None:
    """Declared where the striking side tells of it, contested where the text says that it is disputed who struck."""
    if _any(rows, "source_types", "self_report") or _any(rows, "outcome", "credible"):
        return "declared-strike"
    return "contested-strike" if _any(rows, "attributions", "disputed") else None


def _any(rows: Sequence[Row], column: str, value: str) -> bool:
    return any(value in _words(row[column]) for row in rows)


def _all(rows: Sequence[Row], column: str) -> str | None:
    """The words of a column in all rows, each once."""
    return "; ".join(dict.fromkeys(word for row in rows for word in _words(row[column]))) or None


def _words(cell: str | None) -> list[str]:
    return cell.split("; ") if cell else []
