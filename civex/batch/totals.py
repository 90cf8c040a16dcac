"""Totals of a batch, with and without grouping."""

from typing import Any

from civex.batch.events import Bounds, event_figure
from civex.batch.rows import Row, Tables

NOTE = (
    "Records are reports, not events: many reports may tell of one strike. Never add up a column of reports; "
    "same_event_group names the reports that seem to tell of one event, by a rule that can be wrong."
)


def totals(tables: Tables) -> dict[str, Any]:
    """Numbers of documents, reports and events, and the people killed and injured by reports and by events.

    A sum of tops leaves out those that are open; `without_max` says how many.
    """
    events: dict[str, dict[str, list[Bounds]]] = {}
    for row in tables.rows("incidents"):
        told = events.setdefault(row["same_event_group"], {"killed": [], "injured": []})
        for harm, figures in told.items():
            figures.append((row[f"{harm}_min"], row[f"{harm}_max"]))
    harms = {}
    for harm in ("killed", "injured"):
        reports = [figure for told in events.values() for figure in told[harm]]
        merged = [event_figure(told[harm]) for told in events.values()]
        harms[harm] = {"reports": _sums(reports), "events": _sums([(low, high) for low, _, high in merged])}
    return {
        "note": NOTE,
        "documents": tables.documents,
        "reports": len(tables.groups),
        "events": len(events),
        "tallies": sum(1 for _ in tables.rows("tallies")),
        **harms,
    }


def _sums(figures: list[Bounds]) -> Row:
    said = [(least, most) for least, most in figures if least is not None or most is not None]
    return {
        "with_figure": len(said),
        "min": sum(least for least, _ in said if least is not None),
        "max": sum(most for _, most in said if most is not None),
        "without_max": sum(most is None for _, most in said),
    }
