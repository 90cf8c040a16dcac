"""Files of annotation tools: read line by line with every fault named, written whole or not at all."""

import hashlib
import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText
from civex.formats.flat import Damaged, Task, unflatten
from civex.formats.offsets import place

Note = Callable[[str], None]
OffsetSpan = tuple[int, int, str | None]


class LeftOut(Exception):
    """A document that is no gold annotation (rejected, skipped); the message says why."""


@dataclass
class Log:
    """What a conversion met: (file, line, message) of each document refused, each mend, and the counts.

    `found` counts documents, spans and relations of the tool's files, `given` those of the result; `left_out` counts
    documents that are no gold by cause. `places` has file, line and counts of each document of the result.
    """

    faults: list[tuple[str, int, str]] = field(default_factory=list)
    notes: list[tuple[str, int, str]] = field(default_factory=list)
    found: Counter = field(default_factory=Counter)
    given: Counter = field(default_factory=Counter)
    refused: Counter = field(default_factory=Counter)
    left_out: Counter = field(default_factory=Counter)
    places: dict[str, tuple[str, int, Counter]] = field(default_factory=dict)

    def note(self, file: object, line: int) -> Note:
        return lambda message: self.notes.append((str(file), line, message))


def collect(
    rows: Iterable[tuple[object, int, Any]],
    task_of: Callable[[Any, Note], Task],
    size: Callable[[Any], Counter],
    log: Log,
) -> list[AnnotatedText]:
    """The documents of raw rows (file, line, content). What can't be read goes to the log, with its file and line.

    task_of: makes a Task of a row, raises Damaged or LeftOut; size: its number of spans and relations, unchecked.
    """
    documents: dict[str, AnnotatedText] = {}
    for file, line, row in rows:
        counts = Counter(documents=1) + size(row)
        log.found += counts
        try:
            task = task_of(row, log.note(file, line))
            document = unflatten(task)
            if document.id in documents:
                raise Damaged(f"the document id {document.id!r} is used twice")
        except LeftOut as reason:
            log.left_out[str(reason)] += 1
            log.refused += counts
            log.notes.append((str(file), line, f"left out: {reason}"))
            continue
        except Damaged as fault:
            log.refused += counts
            log.faults.append((str(file), line, str(fault)))
            continue
        documents[document.id] = document
        counts = Counter(documents=1, spans=len(task.spans), relations=len(task.links))
        log.places[document.id] = (str(file), line, counts)
        log.given += counts
    return list(documents.values())


def placed(text: str, spans: Sequence[OffsetSpan], unit: str, note: Note) -> list[tuple[int, int]]:
    """`civex.formats.offsets.place`, after a check that all offsets are whole numbers."""
    for start, end, copy in spans:
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in (start, end)):
            raise Damaged(f"offsets {start!r} to {end!r} are no whole numbers")
        if copy is not None and not isinstance(copy, str):
            raise Damaged(f"the copy of span {start} to {end} is no text: {copy!r}")
    return place(text, spans, unit, note)


def get(row: Any, key: str, kind: type, *, default: Any = ...) -> Any:
    """row[key], of the type that it must have. Raises Damaged where it is missing (and has no default) or another."""
    if not isinstance(row, dict):
        raise Damaged(f"{_short(row)} stands where an object with {key!r} should")
    if row.get(key) is None:
        if default is ...:
            raise Damaged(f"no {key!r} in {_short(row)}")
        return default
    if not isinstance(row[key], kind):
        raise Damaged(f"{key!r} is {_short(row[key])}, not {_KINDS[kind]}")
    return row[key]


_KINDS = {str: "text", int: "a whole number", list: "a list", dict: "an object"}


def _short(value: Any) -> str:
    words = json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= 60 else words[:57] + "..."


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, character for character, without a byte order mark. Raises Damaged, OSError."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Damaged(f"line {line}: not UTF-8 (byte {error.start}); save the file as UTF-8") from None


def json_rows(path: Path, log: Log) -> Iterator[tuple[Path, int, Any]]:
    """(file, line, value) of a JSON Lines file, or of a file that holds one JSON list.

    What can't be read is a fault in the log; values before and after it are still given where lines part them.
    """
    try:
        text = read_text(path)
    except Damaged as error:
        log.faults.append((str(path), 1, str(error)))
        return
    if text.lstrip()[:1] == "[":
        yield from _json_list(path, text, log)
        return
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: U+2028 may stand in a text
        if not line.strip():
            continue
        try:
            yield path, number, json.loads(line)
        except ValueError as error:
            log.faults.append((str(path), number, _json_fault(error)))


def _json_list(path: Path, text: str, log: Log) -> Iterator[tuple[Path, int, Any]]:
    decoder, position = json.JSONDecoder(), text.index("[") + 1
    separator = re.compile(r"\s*,?\s*")
    while True:
        position = separator.match(text, position).end()  # type: ignore[union-attr]  # matches always
        line = text.count("\n", 0, position) + 1
        if text[position : position + 1] == "]":
            break
        try:
            value, position = decoder.raw_decode(text, position)
        except ValueError as error:
            log.faults.append((str(path), line, _json_fault(error)))
            return
        yield path, line, value
    rest = text[position + 1 :].strip()
    if rest:
        log.faults.append(
            (str(path), text.count("\n", 0, position) + 1, f"something stands after the list: {rest[:20]!r}")
        )


def _json_fault(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"broken JSON at line {error.lineno}, column {error.colno}: {error.msg}; the file may have been cut"
    return f"broken JSON: {error}"


def write_atomically(path: Path, data: str | bytes) -> None:
    """Write a file whole or not at all: a temporary file beside it, synced, takes its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode("utf-8") if isinstance(data, str) else data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_lines(path: Path, rows: Iterable[Any]) -> None:
    """Write JSON Lines. ASCII only, so that no reader takes U+2028 for a line break."""
    write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows))


def file_name(id: str) -> str:
    """A file name, without ending, for a document id: what file systems refuse becomes an underscore."""
    return re.sub(r"[^\w.-]+", "_", id).strip(".")[:120] or "document"


def file_names(documents: Iterable[AnnotatedText]) -> list[str]:
    """A file name for each document, all different also where upper and lower case are one."""
    taken: Counter = Counter()
    names = []
    for document in documents:
        name = file_name(document.id)
        while taken[name.lower()]:
            taken[name.lower()] += 1
            name = f"{name}_{taken[name.lower()]}"
        taken[name.lower()] += 1
        names.append(name)
    return names


def text_id(text: str) -> str:
    """An id for a document that has none: the beginning of its text's sha256."""
    return "text-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def refuse_surrogates(document: AnnotatedText) -> None:
    """Raise Damaged where a text holds half a character (a lone surrogate), which no file of UTF-8 can."""
    found = re.search("[\ud800-\udfff]", document.text)
    if found:
        raise Damaged(f"{document.id}: half a character (a lone surrogate) at {found.start()}; no tool can hold it")
