"""The tables of a batch in the formats of the field, all derived from the JSONL parts in `OUT/reports`.

Every file is written in one stream, takes its place as a whole, and is the same bytes for the same parts. Records are
reports of events: each table of them has `same_event_group`, and `summary.json` gives totals with and without
grouping.
"""

import csv
import importlib.util
import itertools
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from operator import itemgetter
from pathlib import Path
from typing import Any

from civex.batch.atomic import replacing
from civex.batch.codebooks import (
    AIRWARS_COLUMNS,
    BELLIGERENT_COLUMNS,
    UCDP_COLUMNS,
    DoesNotFit,
    airwars_row,
    belligerent_rows,
    ucdp_row,
)
from civex.batch.database import write_sqlite
from civex.batch.rows import COLUMNS_OF, Row, Tables, harmless
from civex.batch.totals import totals
from civex.batch.workbook import write_xlsx

FORMATS = ("jsonl", "csv", "parquet", "sqlite", "geojson", "hxl", "ucdp", "airwars", "xlsx")
_NEEDS = {"parquet": ("pyarrow", "pyarrow"), "hxl": ("hxl", "libhxl"), "xlsx": ("openpyxl", "openpyxl")}
_BATCH = 10_000  # rows a row group of Parquet
_LEFT_OUT = ("format", "same_event_group", "report_ids", "reason")

# Heading, tag and column of each column of the HXL table.
HXL = (
    ("Report id", "#event+id", "id"),
    ("Same event group", "#event+id+group", "same_event_group"),
    ("Same event score", "#meta+score", "same_event_score"),
    ("Start", "#date+occurred+start", "date_start"),
    ("End", "#date+occurred+end", "date_end"),
    ("Published", "#date+reported", "published"),
    ("Country", "#country+name", "country"),
    ("Country code", "#country+code+v_iso2", "country_code"),
    ("Places", "#loc+name", "places"),
    ("Latitude", "#geo+lat", "lat"),
    ("Longitude", "#geo+lon", "lon"),
    ("Action", "#event+type", "action_types"),
    ("Actors", "#group+name+first", "actors"),
    ("Civilians killed, at least", "#affected+killed+civilians+min", "killed_civilians_min"),
    ("Civilians killed, at most", "#affected+killed+civilians+max", "killed_civilians_max"),
    ("Civilians injured, at least", "#affected+injured+civilians+min", "injured_civilians_min"),
    ("Civilians injured, at most", "#affected+injured+civilians+max", "injured_civilians_max"),
    ("Women killed, at least", "#affected+killed+f+adults", "killed_women_min"),
    ("Men killed, at least", "#affected+killed+m+adults", "killed_men_min"),
    ("Children killed, at least", "#affected+killed+children", "killed_children_min"),
    ("Missing, at least", "#affected+missing", "missing_min"),
    ("Abducted, at least", "#affected+abducted", "abducted_min"),
    ("Outcome", "#status+code", "outcome"),
    ("Sources", "#meta+source", "sources"),
    ("URL", "#meta+url", "url"),
    ("Document", "#meta+id", "document"),
    ("SHA-256 of the document", "#meta+id+sha256", "sha256"),
    ("SHA-256 of its text", "#meta+id+sha256+text", "sha256_text"),
    ("Retrieved", "#date+retrieved", "retrieved"),
    ("civex", "#meta+version", "civex_version"),
    ("Model", "#meta+model", "model_name"),
    ("Model version", "#meta+model+version", "model_version"),
    ("Settings", "#meta+settings", "settings"),
    ("Publisher", "#org+reporting", "publisher"),
    ("What is said of casualties", "#description+i_en", "claims"),
)


def write_outputs(out: Path, formats: list[str], *, ungrouped: bool = False) -> list[Path]:
    """Write the tables of the batch in `out` and return their paths, `summary.json` last.

    formats: some of `FORMATS`; "jsonl" is what `OUT/reports` has already and adds no file. ungrouped: rows of
    reports, not of grouped events, in ucdp and airwars. Raises ValueError for an unknown format or parts that
    `civex batch` did not write, ImportError where a package of the extra "batch" is missing; then nothing is written.
    """
    check_formats(formats)
    with Tables(out) as tables:
        summary = totals(tables)
        paths = [path for name in dict.fromkeys(formats) for path in _format(out, name, tables, summary, ungrouped)]
    return [*paths, _written(out / "summary.json", _json, summary)]


def _format(out: Path, name: str, tables: Tables, summary: dict[str, Any], ungrouped: bool) -> Iterator[Path]:
    """Write one format, and give its files one by one."""
    if name in ("ucdp", "airwars"):
        yield from _codebook(out, name, tables, ungrouped)
    elif name == "sqlite":
        yield _written(out / "civex.sqlite", write_sqlite, tables, summary)
    elif name == "xlsx":
        yield _written(out / "civex.xlsx", write_xlsx, tables, summary)
    elif name == "geojson":
        yield _written(out / "incidents.geojson", _geojson, tables, summary)
    elif name == "hxl":
        yield _written(out / "hxl.csv", _hxl, tables)
    elif name in ("csv", "parquet"):
        write: Callable[..., None] = _csv if name == "csv" else _parquet
        for table, columns in COLUMNS_OF.items():
            yield _written(out / f"{table}.{name}", write, columns, tables.rows(table))


def check_formats(formats: Iterable[str]) -> None:
    """Raise ValueError for an unknown format, ImportError where the package for one is missing."""
    for name in formats:
        if name not in FORMATS:
            raise ValueError(f"--format {name}: not a format; there are {', '.join(FORMATS)}")
        module, package = _NEEDS.get(name, (None, None))
        if module and importlib.util.find_spec(module) is None:
            raise ImportError(f"--format {name} needs {package}: pip install 'civex[batch]'")


def _written(path: Path, write: Callable[..., None], *content: Any) -> Path:
    with replacing(path) as temporary:
        write(temporary, *content)
    return path


def _json(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")


def _csv(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    """RFC 4180 but for the line ends, in UTF-8; an empty cell is unknown."""
    columns = list(columns)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[name]) for name in columns] for row in rows)


def _cell(value: Any) -> Any:
    """Words that no spreadsheet runs, truth as true and false; numbers stay numbers."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return harmless(value) if isinstance(value, str) else value


def _parquet(path: Path, columns: dict[str, str], rows: Iterator[Row]) -> None:
    import datetime

    import pyarrow
    import pyarrow.parquet

    schema = arrow_schema(columns)
    days = [name for name, kind in columns.items() if kind == "day"]
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while batch := list(itertools.islice(rows, _BATCH)):
            for row in batch:
                row |= {name: row[name] and datetime.date.fromisoformat(row[name]) for name in days}
            writer.write_batch(pyarrow.RecordBatch.from_pylist(batch, schema=schema))


def arrow_schema(columns: dict[str, str]) -> Any:
    """The `pyarrow.Schema` of a table of `civex.batch.rows`; every column may be null."""
    import pyarrow

    types = {
        "text": pyarrow.string(),
        "count": pyarrow.int64(),
        "number": pyarrow.float64(),
        "day": pyarrow.date32(),
        "truth": pyarrow.bool_(),
    }
    return pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])


def _geojson(path: Path, tables: Tables, summary: dict[str, Any]) -> None:
    """A FeatureCollection (RFC 7946), one feature a line; "summary" is a foreign member with totals and a note."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"type": "FeatureCollection",\n"summary": ' + json.dumps(summary) + ',\n"features": [')
        for number, row in enumerate(tables.rows("incidents")):
            file.write((",\n" if number else "\n") + json.dumps(_feature(row), ensure_ascii=False))
        file.write("\n]}\n")


def _feature(row: Row) -> dict[str, Any]:
    located = row["lat"] is not None
    return {
        "type": "Feature",
        "id": row["id"],
        "geometry": {"type": "Point", "coordinates": [row["lon"], row["lat"]]} if located else None,
        "properties": {name: value for name, value in row.items() if name not in ("id", "lat", "lon")},
    }


def _hxl(path: Path, tables: Tables) -> None:
    import hxl.input

    rows = ([_text(row[column]) for _, _, column in HXL] for row in tables.rows("incidents"))
    heads = ([heading for heading, _, _ in HXL], [tag for _, tag, _ in HXL])
    with path.open("w", encoding="utf-8", newline="") as file:
        for line in hxl.data(hxl.input.ArrayInput(itertools.chain(heads, rows))).gen_csv():
            file.write(line.removesuffix("\r\n") + "\n")


def _text(value: Any) -> str:
    return "" if value is None else str(_cell(value))


def _codebook(out: Path, name: str, tables: Tables, ungrouped: bool) -> list[Path]:
    """The tables of ucdp or airwars, and the events that did not fit, each with the reason."""
    columns = {name: UCDP_COLUMNS if name == "ucdp" else AIRWARS_COLUMNS}
    if name == "airwars":
        columns["airwars_belligerents"] = BELLIGERENT_COLUMNS
    paths = []
    for table, names in columns.items():
        events = ([row] for row in tables.rows("incidents")) if ungrouped else by_event(tables.rows("incidents"), out)
        left_out: list[Row] = []
        rows = _codebook_rows(table, events, left_out)
        paths.append(_written(out / f"{table}.csv", _csv, names, rows))
        if table == name:
            paths.append(_written(out / f"{name}_left_out.csv", _csv, _LEFT_OUT, left_out))
    return paths


def _codebook_rows(table: str, events: Iterable[list[Row]], left_out: list[Row]) -> Iterator[Row]:
    number = 0
    for rows in events:
        try:
            if table == "ucdp":
                yield ucdp_row(number + 1, rows)
                number += 1
            elif table == "airwars":
                yield airwars_row(rows)
            else:
                airwars_row(rows)
                yield from belligerent_rows(rows)
        except DoesNotFit as error:
            ids = "; ".join(row["id"] for row in rows)
            group = rows[0]["same_event_group"]
            left_out.append(dict(zip(_LEFT_OUT, (table, group, ids, str(error)), strict=True)))


def by_event(rows: Iterable[Row], folder: Path) -> Iterator[list[Row]]:
    """The rows of each group together, in order of their first rows; sorted on disk, in `folder`."""
    first: dict[str, int] = {}
    numbered = (
        (first.setdefault(row["same_event_group"], number), number, json.dumps(row)) for number, row in enumerate(rows)
    )
    with tempfile.TemporaryDirectory(dir=folder) as name, closing(sqlite3.connect(Path(name) / "rows")) as database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        database.execute(
            "CREATE TABLE rows (event INTEGER, number INTEGER, row TEXT, PRIMARY KEY (event, number)) WITHOUT ROWID"
        )
        database.executemany("INSERT INTO rows VALUES (?, ?, ?)", numbered)
        ordered = database.execute("SELECT event, row FROM rows ORDER BY event, number")
        for _, event in itertools.groupby(ordered, key=itemgetter(0)):
            yield [json.loads(row) for _, row in event]
