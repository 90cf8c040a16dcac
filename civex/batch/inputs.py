"""Inputs of a batch: plain text and JSON lines, files or folders of them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO


@dataclass(frozen=True, slots=True)
class Document:
    """A text to read. `sha256` is of the bytes it came in; days and times are ISO text."""

    name: str
    text: str
    sha256: str
    published: str | None = None
    publisher: str | None = None
    retrieved: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """An input that cannot be read: at which stage, why, and what to do."""

    name: str
    stage: str
    cause: str
    advice: str


def read_inputs(
    inputs: Iterable[str | Path],
    *,
    text_column: str = "text",
    id_column: str | None = None,
    date_column: str | None = None,
    publisher_column: str | None = None,
    limits: Any = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Document | Broken]:
    """Every document of the inputs, in the order of their names, and a `Broken` for each that cannot be read."""
    for name in sorted(map(str, inputs)):
        paths = sorted(Path(name).rglob("*")) if Path(name).is_dir() else [Path(name)]
        for path in paths:
            if path.is_file():
                columns = text_column, id_column, date_column, publisher_column
                yield from _rows(path, *columns) if path.suffix == ".jsonl" else _text(path)


def _text(path: Path) -> Iterator[Document | Broken]:
    data = path.read_bytes()
    try:
        yield Document(path.as_posix(), data.decode("utf-8"), hashlib.sha256(data).hexdigest())
    except UnicodeDecodeError as error:
        yield Broken(path.as_posix(), "decode", f"not UTF-8 (byte {error.start})", "save it as UTF-8")


def _rows(path: Path, text: str, name: str | None, day: str | None, publisher: str | None) -> Iterator[Document]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            row = json.loads(line)
            called = row[name] if name else number
            sha256 = hashlib.sha256(line).hexdigest()
            given = (row.get(column) if column else None for column in (day, publisher))
            yield Document(f"{path.as_posix()}#{called}", row[text], sha256, *given)
