"""The flat tables: one row a report of an incident, one a claim, one a tally, each with where it comes from.

Rows are dicts with the columns and kinds of `INCIDENTS`, `CLAIMS` and `TALLIES`. Words are on one line, lists joined by
"; ", days ISO text, what is not said None. Where each column comes from is said in docs/formats.md.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from civex.batch.events import group_reports
from civex.batch.records import Record, read_records
from civex.schema import COLUMNS, Claim, Incident, Mention, flat_row, one_line, overall, unique
from civex.values.tolls import ClaimValue, Toll, roll_up

Row = dict[str, Any]
Groups = Sequence[tuple[str, float | None]]

PEOPLE = ("children", "women", "men")
MAX_COUNT = 2**53 - 1  # the largest whole number that Excel, JSON readers and Parquet hold alike
_BOUNDS = ("min", "max")
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)  # the last four are full-width
_PROVENANCE = {
    "document_id": "text",
    "document": "text",
    "sha256": "text",
    "sha256_text": "text",
    "retrieved": "text",
    "url": "text",
    "also_in": "text",
    "publisher": "text",
    "published": "day",
    "title": "text",
    "language": "text",
    "civex_version": "text",
    "model_name": "text",
    "model_version": "text",
    "settings": "text",
}
_GROUPED = {"same_event_group": "text", "same_event_score": "number"}
_KINDS = {
    "date_start": "day",
    "date_end": "day",
    "reopened": "truth",
    "previously_reported": "truth",
    "first_offset": "count",
}
_FIGURES = [f"{name}{harm}" for name in ("", "conceded_") for harm in ("killed", "injured")]
_FIGURES += [f"{harm}_{who}" for harm in ("killed", "injured") for who in PEOPLE]
INCIDENTS: dict[str, str] = {
    "id": "text",
    **_GROUPED,
    "incident": "text",
    **{name: _KINDS.get(name, "count" if name.endswith(_BOUNDS) else "text") for name in COLUMNS[1:]},
    **dict.fromkeys([f"{name}_{end}" for name in _FIGURES for end in _BOUNDS], "count"),
    "country_inferred": "truth",
    "lat": "number",
    "lon": "number",
    "point_of": "text",
    "attributions": "text",
    "claims": "text",
    "confidence": "number",
    "calibrated": "truth",
    **_PROVENANCE,
}
CLAIMS: dict[str, str] = {
    "id": "text",
    "incident_id": "text",
    **_GROUPED,
    "claim": "text",
    "harm": "text",
    "group": "text",
    "who": "text",
    "min": "count",
    "max": "count",
    "vague": "truth",
    "claimed_by": "text",
    "stance": "text",
    "status": "text",
    "part_of": "text",
    "repeats": "text",
    "text": "text",
    "start": "count",
    "end": "count",
    **_PROVENANCE,
}
TALLIES: dict[str, str] = {
    "id": "text",
    "measure": "text",
    "min": "count",
    "max": "count",
    "period_start": "day",
    "period_end": "day",
    "area": "text",
    "claimed_by": "text",
    "text": "text",
    "start": "count",
    "end": "count",
    **_PROVENANCE,
}


class Tables:
    """The rows of all reports, with their groups; each call reads the parts anew, so that memory stays flat."""

    def __init__(self, out: Path):
        self.out = out
        self.groups = group_reports(row for record in read_records(out) for row in incident_rows(record))

    def records(self) -> Iterator[tuple[Record, Groups]]:
        """Each record with (group, score) of each of its incidents."""
        at = 0
        for record in read_records(self.out):
            groups = self.groups[at : at + len(record.report.incidents)]
            at += len(groups)
            yield record, groups

    def incidents(self) -> Iterator[Row]:
        return (row for record, groups in self.records() for row in incident_rows(record, groups))

    def claims(self) -> Iterator[Row]:
        return (row for record, groups in self.records() for row in claim_rows(record, groups))

    def tallies(self) -> Iterator[Row]:
        return (row for record, _ in self.records() for row in tally_rows(record))

    def each(self) -> Iterator[tuple[str, dict[str, str], Iterator[Row]]]:
        """(name, columns, rows) of the three flat tables."""
        yield "incidents", INCIDENTS, self.incidents()
        yield "claims", CLAIMS, self.claims()
        yield "tallies", TALLIES, self.tallies()


def harmless(cell: str) -> str:
    """`cell`, after an apostrophe where a spreadsheet would take it for a formula (OWASP, "CSV Injection")."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def provenance(record: Record) -> Row:
    """Where the rows of a document come from: input, hashes, retrieval, and what read it."""
    document, told = record.document, record.report.document
    others = [other.get("name") or "" for other in document.get("provenance") or ()]
    return {
        "document_id": record.id,
        **{name: _line(document.get(name)) for name in ("sha256", "sha256_text", "retrieved", "url")},
        "document": _line(document.get("name")),
        "also_in": "; ".join(name for name in unique(others) if name and name != _line(document.get("name"))),
        "publisher": told.publisher and one_line(told.publisher.name or told.publisher.text),
        "published": told.published and told.published.start,
        "title": told.title and one_line(told.title.text),
        "language": told.language,
        "civex_version": record.version,
        "model_name": record.report.model.name,
        "model_version": record.report.model.version,
        "settings": json.dumps(record.settings, sort_keys=True),
    }


def incident_rows(record: Record, groups: Groups = ()) -> Iterator[Row]:
    """One row a report of an incident. groups: (group, score) of each, where they are known."""
    origin = provenance(record)
    for incident, group in zip_longest(record.report.incidents, groups):
        yield _row(INCIDENTS, _incident(incident, record.id), _group(group), origin)


def claim_rows(record: Record, groups: Groups = ()) -> Iterator[Row]:
    """One row a casualty figure as it is said, with the group of its incident."""
    origin = provenance(record)
    for incident, group in zip_longest(record.report.incidents, groups):
        for claim in incident.casualties:
            yield _row(CLAIMS, _claim(claim, f"{record.id}-{incident.id}"), _group(group), origin)


def tally_rows(record: Record) -> Iterator[Row]:
    """One row a figure about many incidents."""
    origin = provenance(record)
    for number, tally in enumerate(record.report.tallies, 1):
        row = {
            "id": f"{record.id}-t{number}",
            "measure": tally.measure,
            "min": tally.min,
            "max": tally.max,
            "period_start": tally.period and tally.period.start,
            "period_end": tally.period and tally.period.end,
            "area": tally.area and one_line(tally.area.text),
            "claimed_by": tally.claimed_by and one_line(tally.claimed_by.name or tally.claimed_by.text),
            **_said(tally),
        }
        yield _row(TALLIES, row, origin)


def _row(columns: dict[str, str], *parts: Row) -> Row:
    """All columns in their order; what is not said, and a figure too large for a table, is None."""
    row: Row = dict.fromkeys(columns)
    for part in parts:
        row |= part
    for name, kind in columns.items():
        if kind == "count" and row[name] is not None and row[name] > MAX_COUNT:
            row[name] = None
    return row


def _group(group: tuple[str, float | None] | None) -> Row:
    return dict(zip(_GROUPED, group or (None, None), strict=True))


def _incident(incident: Incident, document: str) -> Row:
    claims = incident.casualties
    point = next((place for place in incident.places if place.lat is not None and place.lon is not None), None)
    row = flat_row(incident)
    row |= {
        "id": f"{document}-{incident.id}",
        "incident": incident.id,
        "country_inferred": incident.country and incident.country.inferred,
        "lat": point and point.lat,
        "lon": point and point.lon,
        "point_of": point and one_line(point.text),
        "attributions": "; ".join(unique([actor.attribution for actor in incident.actors])),
        "claims": "; ".join(unique([claim.text for claim in claims])),
        "confidence": incident.confidence.incident,
        "calibrated": incident.confidence.calibrated,
    }
    for harm in ("killed", "injured"):
        figures = {
            harm: overall(getattr(incident, harm), claims),
            f"conceded_{harm}": overall(getattr(incident.conceded, harm), claims),
            **{f"{harm}_{who}": _people(claims, harm, who) for who in PEOPLE},
        }
        for name, figure in figures.items():
            if figure is not None:
                row |= {f"{name}_min": figure.min, f"{name}_max": figure.max}
    return row


def _people(claims: list[Claim], harm: str, who: str) -> Toll | None:
    """The figure of the claims that count these people and no others, by the rules of the groups' figures."""
    own = [
        ClaimValue(c.id, c.harm, who, c.min, c.max, c.stance, c.status, c.part_of, c.repeats)
        for c in claims
        if c.who == [who]
    ]
    return roll_up(own, harm).get(who)


def _claim(claim: Claim, of: str) -> Row:
    return {
        "id": f"{of}-{claim.id}",
        "incident_id": of,
        "claim": claim.id,
        "who": "; ".join(claim.who),
        "claimed_by": claim.claimed_by and one_line(claim.claimed_by.name or claim.claimed_by.text),
        **{name: getattr(claim, name) for name in ("harm", "group", "min", "max", "vague", "stance", "status")},
        **{name: getattr(claim, name) for name in ("part_of", "repeats")},
        **_said(claim),
    }


def _said(mention: Mention) -> Row:
    return {"text": one_line(mention.text), "start": mention.span[0], "end": mention.span[1]}


def _line(value: Any) -> str | None:
    return None if value is None else one_line(str(value))
