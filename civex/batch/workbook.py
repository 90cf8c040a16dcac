"""The flat tables as an Excel workbook, with the totals on its first sheet."""

import datetime
import re
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from civex.batch.rows import COLUMNS_OF, Row, Tables, harmless

_ROWS = 1_048_575  # Excel's rows a sheet, less the heading
_CHARACTERS = 32_767  # Excel's characters a cell
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_MODIFIED = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write_xlsx(path: Path, tables: Tables, totals: dict[str, Any]) -> None:
    """Write a workbook of the sheets summary, incidents, claims and tallies.

    A table longer than a sheet goes on in "incidents 2" and so on; a cell longer than Excel takes is cut and ends in
    an ellipsis. Excel's own times of making and change are set to 1980, so that the same tables give the same bytes.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("summary")
    for cells in _summary(totals):
        sheet.append([_cell(cell, "text") for cell in cells])
    for name, columns in COLUMNS_OF.items():
        _add(book, name, columns, tables.rows(name))
    raw = path.with_name(path.name + ".raw")
    try:
        book.save(raw)
        _without_times(raw, path)
    finally:
        raw.unlink(missing_ok=True)


def _add(book: Any, name: str, columns: dict[str, str], rows: Iterator[Row]) -> None:
    """One table, on as many sheets as it needs and at least one."""
    number = 1
    first = next(rows, None)
    while number == 1 or first is not None:
        sheet = book.create_sheet(name if number == 1 else f"{name} {number}")
        sheet.freeze_panes = "B2"
        sheet.append(list(columns))
        if first is not None:
            for row in chain([first], islice(rows, _ROWS - 1)):
                sheet.append([_cell(row[column], kind) for column, kind in columns.items()])
        first = next(rows, None)
        number += 1


def _summary(totals: dict[str, Any]) -> Iterator[list[Any]]:
    yield [totals["note"]]
    for name in ("documents", "reports", "events", "tallies"):
        yield [name, totals[name]]
    yield []
    yield ["", "counted by", "with a figure", "sum of min", "sum of max", "max left open"]
    for harm in ("killed", "injured"):
        for unit in ("reports", "events"):
            yield [harm, unit, *totals[harm][unit].values()]


def _cell(value: Any, kind: str) -> Any:
    if isinstance(value, str):
        if kind == "day" and value >= "1900-03-01":  # Excel's calendar is wrong before
            return datetime.date.fromisoformat(value)
        text = harmless(_ILLEGAL.sub("\ufffd", value))
        return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 1] + "\u2026"
    return value


def _without_times(raw: Path, path: Path) -> None:
    """Copy the archive with the same date on each entry and in the document's properties."""
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            fixed = zipfile.ZipInfo(entry.filename, _EPOCH)
            fixed.compress_type = zipfile.ZIP_DEFLATED
            if entry.filename == "docProps/core.xml":
                target.writestr(fixed, _MODIFIED.sub(rb"\g<1>1980-01-01T00:00:00Z", source.read(entry)))
                continue
            with source.open(entry) as content, target.open(fixed, "w", force_zip64=True) as copy:
                while block := content.read(1 << 20):
                    copy.write(block)
