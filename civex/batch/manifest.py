"""The manifest of a batch: what was read, what became of it, and in which part its record is. One SQLite file.

A run adds what it reads in one transaction a part, which ends when the part stands on disk; what a killed run read
beyond its last whole part is forgotten and read again.

Table `inputs`, one row an input: state is done (its record is in `part`), same (the document of row `same_as` in other
clothes), failed (it was read, not extracted), broken (it could not be read) or, while a run is under way, pending.
"""

import datetime
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from civex.batch.inputs import Broken, Document

_TABLES = """
CREATE TABLE IF NOT EXISTS run (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inputs (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    sha256 TEXT,
    sha256_text TEXT,
    published TEXT,
    publisher TEXT,
    retrieved TEXT,
    url TEXT,
    state TEXT NOT NULL,
    same_as INTEGER,
    part INTEGER,
    line INTEGER,
    incidents INTEGER,
    model TEXT,
    extracted TEXT,
    run INTEGER NOT NULL,
    stage TEXT,
    cause TEXT,
    advice TEXT
);
CREATE INDEX IF NOT EXISTS inputs_name ON inputs (name);
CREATE INDEX IF NOT EXISTS inputs_text ON inputs (sha256_text);
CREATE INDEX IF NOT EXISTS inputs_same ON inputs (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX IF NOT EXISTS inputs_part ON inputs (part, line);
"""
_ERRORS = """
SELECT other.name, one.stage, one.cause, one.advice
FROM inputs AS one JOIN inputs AS other ON other.id = one.id OR other.same_as = one.id
WHERE one.state IN ('failed', 'broken') ORDER BY other.id
"""
_TOTALS = (
    "SELECT count(*) FROM inputs WHERE state = 'done'",
    "SELECT count(*) FROM inputs JOIN inputs AS first ON first.id = inputs.same_as WHERE first.state = 'done'",
    "SELECT coalesce(sum(incidents), 0) FROM inputs WHERE state = 'done'",
    f"SELECT count(*) FROM ({_ERRORS})",
)


class ManifestError(ValueError):
    """OUT holds something else than what this run would go on with."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a batch holds: documents with a record, the same ones found again, incidents, and inputs that failed."""

    documents: int
    same: int
    incidents: int
    errors: int


class Manifest:
    """The manifest at `path`, held for this process alone until it is closed.

    Raises ManifestError where another run holds it or the file is no manifest.
    """

    def __init__(self, path: Path):
        self.connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            self.connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.connection.execute("BEGIN EXCLUSIVE")
            for statement in _TABLES.split(";"):
                self.connection.execute(statement)
        except sqlite3.DatabaseError as error:
            self.connection.close()
            if "locked" in str(error):
                raise ManifestError(
                    f"{path}: another run is writing there; wait for it, or give another --out"
                ) from None
            raise ManifestError(f"{path}: not a manifest of civex ({error}); give another --out") from None

    def close(self) -> None:
        self.connection.close()

    def begin(self, settings: dict[str, Any], *, redo: bool) -> None:
        """Start or go on with a batch of these settings (those that decide what a record says).

        Raises ManifestError where the batch was begun with others, unless `redo`, which starts it anew.
        """
        wanted = json.dumps(settings, sort_keys=True)
        begun = self._value("settings")
        if begun is not None and begun != wanted:
            if not redo:
                raise ManifestError(_difference(json.loads(begun), settings))
            self.connection.execute("DELETE FROM inputs")
            self.connection.execute("DELETE FROM run")
        self._set("settings", wanted)
        self.run = int(self._value("runs") or 0) + 1
        self._set("runs", str(self.run))
        whole = int(self._value("whole") or 0)
        self.connection.execute("DELETE FROM inputs WHERE id > ? OR state = 'pending'", (whole,))
        self.commit(whole)

    def commit(self, whole: int | None = None) -> None:
        """End the transaction and begin the next; `whole` is the last row that the parts on disk account for."""
        if whole is None:
            whole = self._one("SELECT coalesce(max(id), 0) FROM inputs")
        self._set("whole", str(max(whole, int(self._value("whole") or 0))))
        self.connection.execute("COMMIT")
        self.connection.execute("BEGIN EXCLUSIVE")

    def next_part(self) -> int:
        return self._one("SELECT coalesce(max(part) + 1, 0) FROM inputs")

    def is_known(self, document: Document, sha256_text: str) -> bool:
        """Whether this very input was extracted, or is another one's double, in this run or an earlier one."""
        query = """
            SELECT count(*) FROM inputs AS one LEFT JOIN inputs AS other ON other.id = one.same_as
            WHERE one.name = ? AND one.sha256 IS ? AND one.sha256_text = ?
            AND coalesce(other.state, one.state) IN ('done', 'pending')
        """
        return bool(self._one(query, (_sound(document.name), document.sha256, sha256_text)))

    def double(self, document: Document, sha256_text: str) -> int | None:
        """The row that has this document's text, day and publisher already."""
        query = """
            SELECT min(id) FROM inputs WHERE sha256_text = ? AND published IS ? AND publisher IS ?
            AND state IN ('done', 'pending')
        """
        return self._one(query, (sha256_text, _sound(document.published), _sound(document.publisher)))

    def add(self, document: Document, sha256_text: str, same_as: int | None = None) -> int:
        """A row for a document, pending or the double of another; a row of its own that failed before is used again."""
        facts = [document.name, document.sha256, sha256_text, document.published, document.publisher]
        values: list[str | int | None] = [*map(_sound, [*facts, document.retrieved, document.url])]
        values += ["pending" if same_as is None else "same", same_as, self.run]
        failed = self._one(
            "SELECT min(id) FROM inputs WHERE name = ? AND sha256 IS ? AND sha256_text = ? AND state = 'failed'",
            values[:3],
        )
        columns = "name, sha256, sha256_text, published, publisher, retrieved, url, state, same_as, run"
        marks = ", ".join("?" * (len(values) + 1))
        cursor = self.connection.execute(
            f"INSERT OR REPLACE INTO inputs (id, {columns}) VALUES ({marks})", [failed, *values]
        )
        return cursor.lastrowid or 0

    def broken(self, broken: Broken) -> None:
        """A row for an input that cannot be read, or the row that it had."""
        values = [_sound(value) for value in (broken.name, broken.stage, broken.cause, broken.advice)]
        known = self._one("SELECT min(id) FROM inputs WHERE name = ? AND state = 'broken' AND cause = ?", values[::2])
        self.connection.execute(
            "INSERT OR REPLACE INTO inputs (id, name, stage, cause, advice, state, run) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [known, *values, "broken", self.run],
        )

    def done(self, row: int, part: int, line: int, incidents: int, model: str) -> None:
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        self.connection.execute(
            "UPDATE inputs SET state = 'done', part = ?, line = ?, incidents = ?, model = ?, extracted = ?"
            " WHERE id = ?",
            (part, line, incidents, model, now, row),
        )

    def failed(self, row: int, stage: str, cause: str, advice: str) -> None:
        values = [_sound(value) for value in (stage, cause, advice)]
        self.connection.execute(
            "UPDATE inputs SET state = 'failed', stage = ?, cause = ?, advice = ? WHERE id = ?", (*values, row)
        )

    def forget_errors_of_earlier_runs(self) -> None:
        """Drop the errors that this run, which read all inputs, did not meet again."""
        self.connection.execute("DELETE FROM inputs WHERE state IN ('failed', 'broken') AND run != ?", (self.run,))

    def errors(self) -> Iterator[dict[str, str]]:
        """What failed, in the order of reading."""
        for row in self.connection.execute(_ERRORS):
            yield dict(zip(("document", "stage", "cause", "advice"), row, strict=True))

    def parts_with_doubles(self) -> list[int]:
        """The parts in which some document has doubles."""
        query = "SELECT DISTINCT part FROM inputs WHERE part NOTNULL AND id IN (SELECT same_as FROM inputs) ORDER BY 1"
        return [part for (part,) in self.connection.execute(query)]

    def doubles(self, part: int) -> Iterator[list[str]]:
        """For each record of a part, in order, the names under which its document was found again."""
        rows = self.connection.execute("SELECT id, name FROM inputs WHERE part = ? ORDER BY line", (part,))
        for row, own in rows.fetchall():
            names = self.connection.execute("SELECT name FROM inputs WHERE same_as = ? ORDER BY id", (row,))
            yield list(dict.fromkeys(name for (name,) in names if name != own))

    def totals(self) -> Totals:
        return Totals(*map(self._one, _TOTALS))

    def _one(self, query: str, values: Any = ()) -> Any:
        return self.connection.execute(query, values).fetchone()[0]

    def _value(self, key: str) -> str | None:
        found = self.connection.execute("SELECT value FROM run WHERE key = ?", (key,)).fetchone()
        return found and found[0]

    def _set(self, key: str, value: str) -> None:
        self.connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?)", (key, value))


def _difference(begun: dict[str, Any], wanted: dict[str, Any]) -> str:
    names = [name for name in wanted if begun.get(name) != wanted[name]]
    if set(names) <= {"civex", "model"}:
        model = "{name} {version}".format(**begun["model"])
        return (
            f"this batch was made by {model} (civex {begun['civex']}), not by the model in use now: give"
            " --redo-with-new-model to extract all of it anew, or another --out"
        )
    said = ", ".join(f"{name} {begun.get(name)}" for name in names if name not in ("civex", "model"))
    return f"this batch was begun with {said}: give the same, or --redo-with-new-model, or another --out"


def _sound(value: str | None) -> str | None:
    """The text with lone surrogates, which SQLite does not take, written as escapes."""
    return None if value is None else value.encode("utf-8", "backslashreplace").decode()
