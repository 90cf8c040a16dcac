"""The records as an SQLite database: normalised tables, indexed, with full-text search over the words of each mention.

SELECT document.name, span.text FROM span_search
JOIN span ON span.id = span_search.rowid JOIN document ON document.id = span.document
WHERE span_search MATCH 'hospital';
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from civex.batch.records import Record
from civex.batch.rows import MAX_COUNT, Groups, Row, Tables, incident_rows, provenance
from civex.labels import HARMS
from civex.schema import Claim, Incident, Mention, NamedMention, one_line

SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE document (
    id INTEGER PRIMARY KEY, document_id TEXT NOT NULL, name TEXT, sha256 TEXT, sha256_text TEXT, retrieved TEXT,
    url TEXT, publisher TEXT, published TEXT, title TEXT, language TEXT, n_chars INTEGER, civex_version TEXT,
    model_name TEXT, model_version TEXT, settings TEXT);
CREATE TABLE provenance (document INTEGER NOT NULL REFERENCES document, also_in TEXT);
CREATE TABLE incident (
    id INTEGER PRIMARY KEY, incident_id TEXT NOT NULL, document INTEGER NOT NULL REFERENCES document,
    same_event_group TEXT NOT NULL, same_event_score REAL, date_start TEXT, date_end TEXT, date_precision TEXT,
    country TEXT, country_code TEXT, country_inferred INTEGER, outcome TEXT, reason TEXT, reopened INTEGER,
    previously_reported INTEGER, confidence REAL, calibrated INTEGER, doubtful TEXT);
CREATE TABLE place (incident INTEGER NOT NULL REFERENCES incident, rank INTEGER, span INTEGER REFERENCES span,
    name TEXT, lat REAL, lon REAL, gazetteer_id TEXT);
CREATE TABLE source (incident INTEGER NOT NULL REFERENCES incident, span INTEGER REFERENCES span, name TEXT, type TEXT);
CREATE TABLE actor (incident INTEGER NOT NULL REFERENCES incident, span INTEGER REFERENCES span, name TEXT,
    attribution TEXT);
CREATE TABLE action (incident INTEGER NOT NULL REFERENCES incident, span INTEGER REFERENCES span, type TEXT,
    count_min INTEGER, count_max INTEGER);
CREATE TABLE target (incident INTEGER NOT NULL REFERENCES incident, span INTEGER REFERENCES span, type TEXT, owner TEXT,
    count_min INTEGER, count_max INTEGER, effect TEXT);
CREATE TABLE claim (
    incident INTEGER NOT NULL REFERENCES incident, claim TEXT, span INTEGER REFERENCES span, harm TEXT, "group" TEXT,
    "min" INTEGER, "max" INTEGER, vague INTEGER, claimed_by TEXT, stance TEXT, status TEXT, part_of TEXT, repeats TEXT,
    PRIMARY KEY (incident, claim)) WITHOUT ROWID;
CREATE TABLE claim_who (incident INTEGER NOT NULL, claim TEXT NOT NULL, who TEXT,
    FOREIGN KEY (incident, claim) REFERENCES claim);
CREATE TABLE figure (incident INTEGER NOT NULL REFERENCES incident, conceded INTEGER, harm TEXT, "group" TEXT,
    "min" INTEGER, "max" INTEGER);
CREATE TABLE tally (document INTEGER NOT NULL REFERENCES document, span INTEGER REFERENCES span,
    same_event_group TEXT NOT NULL, same_event_score REAL, measure TEXT, "min" INTEGER, "max" INTEGER,
    period_start TEXT, period_end TEXT, area TEXT, claimed_by TEXT);
CREATE TABLE warning (document INTEGER NOT NULL REFERENCES document, code TEXT, message TEXT, start INTEGER,
    "end" INTEGER);
CREATE TABLE span (id INTEGER PRIMARY KEY, document INTEGER NOT NULL REFERENCES document,
    incident INTEGER REFERENCES incident, kind TEXT, start INTEGER, "end" INTEGER, text TEXT);
"""
INDEXES = """
CREATE UNIQUE INDEX incident_by_id ON incident (incident_id);
CREATE INDEX incident_by_document ON incident (document);
CREATE INDEX incident_by_group ON incident (same_event_group);
CREATE INDEX incident_by_date ON incident (date_start);
CREATE INDEX incident_by_country ON incident (country_code, date_start);
CREATE INDEX document_by_name ON document (name);
CREATE INDEX document_by_hash ON document (sha256);
CREATE INDEX provenance_by_document ON provenance (document);
CREATE INDEX place_by_incident ON place (incident);
CREATE INDEX place_by_name ON place (name);
CREATE INDEX source_by_incident ON source (incident);
CREATE INDEX actor_by_incident ON actor (incident);
CREATE INDEX action_by_incident ON action (incident);
CREATE INDEX target_by_incident ON target (incident, type);
CREATE INDEX claim_who_by_claim ON claim_who (incident, claim);
CREATE INDEX figure_by_incident ON figure (incident, harm);
CREATE INDEX tally_by_document ON tally (document);
CREATE INDEX tally_by_group ON tally (same_event_group);
CREATE INDEX warning_by_document ON warning (document);
CREATE INDEX span_by_incident ON span (incident);
CREATE VIRTUAL TABLE span_search USING fts5 (text, content='span', content_rowid='id', tokenize='unicode61');
INSERT INTO span_search (span_search) VALUES ('rebuild');
"""


def write_sqlite(path: Path, tables: Tables, totals: dict[str, Any]) -> None:
    """Write the records of a batch; the totals, with the note that records are reports, stand in the table `about`."""
    database = sqlite3.connect(path)
    try:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
        for name, value in totals.items():
            _insert(database, "about", name, value if isinstance(value, str) else json.dumps(value))
        for record, groups, same in tables.records():
            _Writer(database, record).write(groups, same)
        database.executescript(INDEXES)
        database.commit()
    finally:
        database.close()


# The columns of `civex.batch.rows` that the tables document and incident take over.
_DOCUMENT = (
    *("document_id", "document", "sha256", "sha256_text", "retrieved", "url", "publisher", "published", "title"),
    *("language", "civex_version", "model_name", "model_version", "settings"),
)
_INCIDENT = (
    *("date_start", "date_end", "date_precision", "country", "country_code", "country_inferred"),
    *("outcome", "reason", "reopened", "previously_reported", "confidence", "calibrated", "doubtful"),
)


class _Writer:
    """One document's rows."""

    def __init__(self, database: sqlite3.Connection, record: Record):
        self.database, self.record = database, record
        self.document = 0

    def write(self, groups: Groups, same_tallies: Groups) -> None:
        """groups, same_tallies: (group, score) of each incident and of each tally."""
        report, origin = self.record.report, provenance(self.record)
        values = [origin[name] for name in _DOCUMENT]
        values.insert(_DOCUMENT.index("civex_version"), report.document.n_chars)
        self.document = self.insert("document", None, *values)
        for name in self.record.document.get("provenance") or ():
            self.insert("provenance", self.document, one_line(name))
        rows = incident_rows(self.record)
        for incident, row, group in zip(report.incidents, rows, groups, strict=True):
            self.incident(incident, row, group)
        for tally, group in zip(report.tallies, same_tallies, strict=True):
            figures = (*_bounds(tally), *((tally.period.start, tally.period.end) if tally.period else (None, None)))
            told = (_text(tally.area), _name(tally.claimed_by))
            self.insert("tally", self.document, self.span(tally, "tally"), *group, tally.measure, *figures, *told)
        for warning in report.warnings:
            told = (warning.code, one_line(warning.message))
            self.insert("warning", self.document, *told, *(warning.span or (None, None)))

    def incident(self, incident: Incident, row: Row, group: tuple[str, float | None]) -> None:
        values = [row[name] for name in _INCIDENT]
        at = self.insert("incident", None, row["id"], self.document, *group, *values)
        if incident.date:
            self.span(incident.date, "date", at)
        for rank, place in enumerate(incident.places, 1):
            point = (place.lat, place.lon, place.gazetteer_id)
            self.insert("place", at, rank, self.span(place, "place", at), _text(place), *point)
        for source in incident.sources:
            self.insert("source", at, self.span(source, "source", at), _name(source), source.type)
        for actor in incident.actors:
            self.insert("actor", at, self.span(actor, "actor", at), _name(actor), actor.attribution)
        for action in incident.actions:
            counts = _bounds(action.count)
            self.insert("action", at, self.span(action, "action", at), action.type, *counts)
        for target in incident.targets:
            counts, owner = _bounds(target.count), _name(target.owner)
            self.insert("target", at, self.span(target, "target", at), target.type, owner, *counts, target.effect)
        for claim in incident.casualties:
            self.claim(claim, at)
        for mention in incident.assessment.mentions:
            self.span(mention, "assessment", at)
        for conceded, harm, people, figure in _figures(incident):
            self.insert("figure", at, conceded, harm, people, *_bounds(figure))

    def claim(self, claim: Claim, incident: int) -> None:
        span, by = self.span(claim, "claim", incident), _name(claim.claimed_by)
        figure = (*_bounds(claim), claim.vague)
        said = (by, claim.stance, claim.status, claim.part_of, claim.repeats)
        self.insert("claim", incident, claim.id, span, claim.harm, claim.group, *figure, *said)
        for who in claim.who:
            self.insert("claim_who", incident, claim.id, who)

    def span(self, mention: Mention, kind: str, incident: int | None = None) -> int:
        return self.insert("span", None, self.document, incident, kind, *mention.span, _text(mention))

    def insert(self, table: str, *values: Any) -> int:
        return _insert(self.database, table, *values)


def _insert(database: sqlite3.Connection, table: str, *values: Any) -> int:
    marks = ", ".join("?" * len(values))
    return database.execute(f"INSERT INTO {table} VALUES ({marks})", values).lastrowid or 0


def _figures(incident: Incident) -> Iterator[tuple[bool, str, str, Any]]:
    """(conceded, harm, group, figure) of every figure to use."""
    for harm in HARMS:
        for conceded, figures in ((False, incident), (True, incident.conceded)):
            for group, figure in getattr(figures, harm, {}).items():
                yield conceded, harm, group, figure


def _text(mention: Mention | None) -> str | None:
    return one_line(mention.text) if mention else None


def _name(mention: NamedMention | None) -> str | None:
    return one_line(mention.name or mention.text) if mention else None


def _bounds(figure: Any) -> tuple[int | None, int | None]:
    return (None, None) if figure is None else (_count(figure.min), _count(figure.max))


def _count(number: int | None) -> int | None:
    """A figure too large for a table is unknown there."""
    return None if number is None or number > MAX_COUNT else number
