"""Gazetteer: names of places -> points on the map, looked up in an SQLite index.

The one that comes with civex (`civex/data/gazetteer.sqlite`, made by `training/gazetteer.py`) holds the cities of the
world and the towns of the countries that conflicts are reported from; it derives from GeoNames (https://www.geonames.org),
licensed CC BY 4.0. A user's own is a GeoNames dump (`allCountries.txt`, `cities500.txt`, `SY.zip`, ...; format:
https://download.geonames.org/export/dump/readme.txt), indexed once beside the file, or in the cache folder where that
can't be written to.
"""

import hashlib
import io
import os
import sqlite3
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, Literal
from urllib.parse import quote

from civex.values.places import fold, plain

BUNDLED = Path(__file__).parent / "data" / "gazetteer.sqlite"
Kind = Literal["settlement", "quarter", "division", "site"]
Spelling = Literal["name", "other", "folded"]

_RANK: dict[Spelling, int] = {"name": 0, "other": 1, "folded": 2}
_VERSION = "1"  # of the index; one of another version is made anew
_COLUMNS = 19  # of a GeoNames dump
_MOST = 500  # entries of one name that are looked at, the largest first
_LATIN_ENDS = "\u0370"  # names in other scripts are not looked up
_UNIT = 100_000
_LONGEST = 5  # words of a name
_SITES = frozenset("AIRB AIRF AIRP AIRH CMP CMPRF CMPLA DAM INSM MILB RGN OILF OILR PRT".split())
_GONE = frozenset("PPLH PPLCH ADM1H ADM2H ADM3H ADM4H ADMDH".split())  # no longer there
_TABLES = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE places (n INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT NOT NULL, lat INTEGER NOT NULL,
    lon INTEGER NOT NULL, country TEXT NOT NULL, kind TEXT NOT NULL, population INTEGER NOT NULL);
CREATE TEMP TABLE said (key TEXT, plain TEXT, n INTEGER, main INTEGER);
"""
# `lat` and `lon` are 1/100,000 degrees, about a metre. `plain` is empty where it is the key itself.
_NAMES = """
CREATE TABLE names (key TEXT, plain TEXT, n INTEGER, main INTEGER, PRIMARY KEY (key, plain, n)) WITHOUT ROWID;
INSERT INTO names SELECT key, plain, n, max(main) FROM said GROUP BY key, plain, n ORDER BY key, plain, n;
DROP TABLE said;
"""
_FIND = """
SELECT places.id, name, lat, lon, country, kind, population, plain, main FROM names JOIN places USING (n)
WHERE key = ? ORDER BY population DESC, n LIMIT ?
"""


class GazetteerError(OSError):
    """A gazetteer that isn't there or can't be read as a GeoNames dump."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place: lat, lon in degrees (WGS84), country as ISO 3166-1 alpha-2, population 0 where unknown."""

    id: str
    name: str
    lat: float
    lon: float
    country: str
    kind: str = "settlement"
    population: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """An entry and how its name was met: its first name, another name of it, or a name that only sounds alike."""

    entry: Entry
    spelling: Spelling


class Gazetteer:
    """Look-up in one index. Threads and forked processes each open their own connection."""

    def __init__(self, index: Path):
        self.index = index
        self._own = threading.local()
        self.find = lru_cache(maxsize=8192)(self._find)

    def _find(self, name: str) -> tuple[Found, ...]:
        """The entries of a name in any of its spellings, the largest first."""
        key, exact = fold(name), plain(name)
        if not key:
            return ()
        found: dict[str, Found] = {}
        for id, first, lat, lon, country, kind, population, words, main in self._connection().execute(
            _FIND, (key, _MOST)
        ):
            spelling: Spelling = "folded" if (words or key) != exact else "name" if main else "other"
            entry = Entry(id, first, lat / _UNIT, lon / _UNIT, country, kind, population)
            known = found.get(entry.id)
            if known is None or _RANK[spelling] < _RANK[known.spelling]:
                found[entry.id] = Found(entry, spelling)
        return tuple(found.values())

    def about(self) -> dict[str, str]:
        """What the index says of itself: source, licence, number of places."""
        return dict(self._connection().execute("SELECT key, value FROM about"))

    def _connection(self) -> sqlite3.Connection:
        if getattr(self._own, "process", None) != os.getpid():
            self._own.connection = sqlite3.connect(_read_only(self.index), uri=True)
            self._own.process = os.getpid()
        return self._own.connection


def open_gazetteer(file: str | Path | None = None) -> Gazetteer:
    """The gazetteer of a GeoNames dump (.txt, or .zip as downloaded), None for the one that came with civex.

    A dump is indexed at its first use and again when it has changed. Raises GazetteerError, an OSError.
    """
    if file is None:
        return _opened(BUNDLED, "")
    path = Path(file)
    if path.is_dir():
        raise GazetteerError(f"{file} is a folder: give a GeoNames dump such as cities500.txt")
    try:
        state = _state(path)
    except OSError as error:
        raise GazetteerError(f"{file}: {error.strerror or error}") from error
    return _opened(path.resolve(), state)


@lru_cache(maxsize=4)
def _opened(path: Path, state: str) -> Gazetteer:
    return Gazetteer(_indexed(path, state) if state else path)


def _indexed(path: Path, state: str) -> Path:
    """The index of a dump, made if there is none of its present state."""
    places = _places_for(path)
    for index in places:
        if _state_of(index) == state:
            return index
    for index in places:
        if _writable(index.parent):
            write_index(index, read_dump(path), {"source": path.name, "state": state})
            return index
    raise GazetteerError(
        f"{path}: no folder to write its index to; tried {' and '.join(str(i.parent) for i in places)}"
    )


def _places_for(path: Path) -> tuple[Path, Path]:
    """Where the index of a dump may lie: beside it, else in the user's cache folder."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "civex"
    mark = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    return path.with_name(path.name + ".civex.sqlite"), cache / f"{path.stem}-{mark}.sqlite"


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _state(path: Path) -> str:
    status = path.stat()
    return f"{_VERSION}:{status.st_size}:{status.st_mtime_ns}"


def _state_of(index: Path) -> str | None:
    if not index.is_file():
        return None
    try:
        connection = sqlite3.connect(_read_only(index), uri=True)
        try:
            return next(iter(connection.execute("SELECT value FROM about WHERE key = 'state'")), (None,))[0]
        finally:
            connection.close()
    except sqlite3.Error:
        return None  # not an index, or one that was cut: made anew


def _read_only(index: Path) -> str:
    return f"file:{quote(str(index.resolve()))}?mode=ro&immutable=1"


def write_index(index: Path, rows: Iterable[tuple[Entry, Iterable[str]]], about: dict[str, str]) -> int:
    """Write an index of entries and their other names, as a whole or not at all; returns the number of entries.

    Names that have no Latin letters, or more than five words, are left out.
    """
    descriptor, name = tempfile.mkstemp(prefix=index.name, suffix=".part", dir=index.parent)
    os.close(descriptor)
    try:
        number = _fill(Path(name), rows, about)
        with open(name, "rb+") as done:
            os.fsync(done.fileno())
        os.chmod(name, 0o644)
        os.replace(name, index)
    except BaseException:
        os.unlink(name)
        raise
    return number


def _fill(file: Path, rows: Iterable[tuple[Entry, Iterable[str]]], about: dict[str, str]) -> int:
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;" + _TABLES)
        number = 0
        for number, (entry, others) in enumerate(rows, 1):
            point = round(entry.lat * _UNIT), round(entry.lon * _UNIT)
            fields = (entry.id, entry.name, *point, entry.country, entry.kind, entry.population)
            connection.execute("INSERT INTO places VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (number, *fields))
            connection.executemany("INSERT INTO said VALUES (?, ?, ?, ?)", _keys(number, entry.name, others))
        about = {**about, "places": str(number)}
        connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        connection.executescript(_NAMES + "VACUUM;")
        return number
    finally:
        connection.close()


def _keys(number: int, name: str, others: Iterable[str]) -> Iterator[tuple[str, str, int, int]]:
    # Names that begin with a small letter are machine transliterations of other scripts ("alkramt").
    for said in {name, *(other for other in others if other[:1] < _LATIN_ENDS and not other[:1].islower())}:
        words = plain(said)
        if words and words.isascii() and not words.isdigit() and words.count(" ") < _LONGEST:
            key = fold(words)
            yield key, "" if words == key else words, number, int(said == name)


def read_dump(path: Path) -> Iterator[tuple[Entry, list[str]]]:
    """The inhabited places, divisions, camps, bases and airfields of a GeoNames dump, with their other names.

    Raises GazetteerError, naming the line, for what is none.
    """
    number = 0
    with _lines(path) as lines:
        for number, line in enumerate(lines, 1):
            row = line.rstrip("\r\n").split("\t")
            if len(row) != _COLUMNS:
                raise GazetteerError(
                    f"{path}: line {number} has {len(row)} columns instead of {_COLUMNS}: give a GeoNames dump, such as"
                    " cities500.zip of https://download.geonames.org/export/dump/"
                )
            kind = _kind(row[6], row[7])
            if kind:
                yield _entry(path, number, row, kind), [row[2], *row[3].split(",")]
    if not number:
        raise GazetteerError(f"{path} is empty: give a GeoNames dump such as cities500.txt")


def _entry(path: Path, number: int, row: list[str], kind: str) -> Entry:
    try:
        lat, lon, population = float(row[4]), float(row[5]), int(row[14] or 0)
    except ValueError as error:
        raise GazetteerError(f"{path}: line {number}: {error}") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise GazetteerError(f"{path}: line {number}: no such point: {row[4]}, {row[5]}")
    return Entry(f"geonames:{row[0]}", row[1], lat, lon, row[8], kind, population)


def _kind(feature: str, code: str) -> Kind | None:
    """The kind of a GeoNames feature, None for those that are not indexed (countries, waters, hills, shops)."""
    if code in _GONE or code.startswith("PCL"):
        return None
    if feature == "P":
        return "quarter" if code == "PPLX" else "settlement"
    if feature == "A":
        return "division"
    return "site" if code in _SITES else None


@contextmanager
def _lines(path: Path) -> Iterator[Iterator[str]]:
    try:
        with _opened_bytes(path) as data, io.TextIOWrapper(data, encoding="utf-8", newline="\n") as lines:
            yield iter(lines)
    except UnicodeDecodeError as error:
        raise GazetteerError(f"{path}: not UTF-8: give a GeoNames dump such as cities500.txt") from error
    except zipfile.BadZipFile as error:
        raise GazetteerError(f"{path}: a broken zip file: download it again") from error


@contextmanager
def _opened_bytes(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a dump; of a zip file those of its largest .txt file."""
    if not zipfile.is_zipfile(path):
        with open(path, "rb") as data:
            yield data
        return
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(".txt")]
        if not members:
            raise GazetteerError(f"{path}: no .txt file in it: give a GeoNames dump such as cities500.zip")
        with archive.open(max(members, key=lambda member: member.file_size)) as unpacked:
            yield unpacked  # type: ignore[misc]
