"""The flat tables: one row a report of an incident, one a claim, one a tally, each with where it comes from.

Rows are dicts with the columns and kinds of `INCIDENTS`, `CLAIMS` and `TALLIES`. Words are on one line, lists joined by
"; ", days ISO text, what is not said None. Where each column comes from is said in docs/formats.md.
"""

import json
import pickle
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

from civex.batch.events import group_reports
from civex.batch.records import Record, read_records
from civex.batch.same_tallies import group_tallies
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
    **_GROUPED,
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

COLUMNS_OF = {"incidents": INCIDENTS, "claims": CLAIMS, "tallies": TALLIES}


class Tables:
    """The rows of all reports, with their groups. Use it in a `with` statement.

    The parts are read once; the rows wait in unnamed temporary files of `out`, so that memory does not grow with
    their number but for the groups.
    """

    def __init__(self, out: Path):
        self.out = out
        self.documents = 0
        self.groups: list[tuple[str, float | None]] = []  # of the incidents
        self.tally_groups: list[tuple[str, float | None]] = []
        self._files: dict[str, IO[bytes]] = {}

    def __enter__(self) -> "Tables":
        with ExitStack() as stack:
            records = read_records(self.out)
            first = list(islice(records, 1))  # a fault in `out` is told before a file is made there
            for name in COLUMNS_OF:
                self._files[name] = stack.enter_context(tempfile.TemporaryFile(dir=self.out))
            self.groups = group_reports(self._kept(chain(first, records)))
            self.tally_groups = group_tallies(row for _, row in self._numbered("tallies"))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _kept(self, records: Iterable[Record]) -> Iterator[Row]:
        """The rows of incidents, when all rows of their document are on disk."""
        number = tallies = 0
        for record in records:
            self.documents += 1
            incidents = list(incident_rows(record))
            numbers = {row["id"]: at for at, row in enumerate(incidents, number)}
            number += len(incidents)
            self._keep("incidents", [(numbers[row["id"]], row) for row in incidents])
            self._keep("claims", [(numbers[row["incident_id"]], row) for row in claim_rows(record)])
            self._keep("tallies", list(enumerate(tally_rows(record), tallies)))
            tallies += len(record.report.tallies)
            yield from incidents

    def _keep(self, name: str, rows: list[tuple[int, Row]]) -> None:
        if rows:
            pickle.dump([(number, *row.values()) for number, row in rows], self._files[name])

    def _numbered(self, name: str) -> Iterator[tuple[int, Row]]:
        """The rows as they were kept, each with the number of its incident or tally."""
        file, columns = self._files[name], COLUMNS_OF[name]
        file.seek(0)
        while file.peek(1):  # type: ignore[attr-defined]
            for number, *values in pickle.load(file):
                yield number, dict(zip(columns, values, strict=True))

    def rows(self, name: str) -> Iterator[Row]:
        """The rows of "incidents", "claims" or "tallies", in the order of the parts. One iteration at a time."""
        groups = self.tally_groups if name == "tallies" else self.groups
        for number, row in self._numbered(name):
            yield row | dict(zip(_GROUPED, groups[number], strict=True))

    def records(self) -> Iterator[tuple[Record, Groups, Groups]]:
        """Each record with (group, score) of each of its incidents and of each of its tallies; reads the parts anew."""
        incidents = tallies = 0
        for record in read_records(self.out):
            groups = self.groups[incidents : incidents + len(record.report.incidents)]
            same = self.tally_groups[tallies : tallies + len(record.report.tallies)]
            incidents, tallies = incidents + len(groups), tallies + len(same)
            yield record, groups, same


def harmless(cell: str) -> str:
    """`cell`, after an apostrophe where a spreadsheet would take it for a formula (OWASP, "CSV Injection")."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def provenance(record: Record) -> Row:
    """Where the rows of a document come from: input, hashes, retrieval, and what read it."""
    document, told = record.document, record.report.document
    return {
        "document_id": record.id,
        **{name: _line(document.get(name)) for name in ("sha256", "sha256_text", "retrieved", "url")},
        "document": _line(document.get("name")),
        "also_in": "; ".join(unique(document.get("provenance") or [])),
        "publisher": told.publisher and one_line(told.publisher.name or told.publisher.text),
        "published": told.published and told.published.start,
        "title": told.title and one_line(told.title.text),
        "language": told.language,
        "civex_version": record.version,
        "model_name": record.report.model.name,
        "model_version": record.report.model.version,
        "settings": json.dumps(record.settings, sort_keys=True),
    }


def incident_rows(record: Record) -> Iterator[Row]:
    """One row a report of an incident; group and score are for those to fill in who know all reports."""
    origin, own = provenance(record), record.id
    for incident in record.report.incidents:
        yield _row(INCIDENTS, _incident(incident, own), origin)


def claim_rows(record: Record) -> Iterator[Row]:
    """One row a casualty figure as it is said; group and score are those of its incident."""
    origin, own = provenance(record), record.id
    for incident in record.report.incidents:
        for claim in incident.casualties:
            yield _row(CLAIMS, _claim(claim, f"{own}-{incident.id}"), origin)


def tally_rows(record: Record) -> Iterator[Row]:
    """One row a figure about many incidents; group and score are for those to fill in who know all tallies."""
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
        if kind == "count" and (row[name] or 0) > MAX_COUNT:
            row[name] = None
    return row


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
            **{f"{harm}_{who}": _people(claims, harm, who) for who in PEOPLE if harm not in incident.candidates},
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
