"""Inputs of a batch: files, folders, globs and standard input, walked in a stable order and read as documents.

Nothing here raises for a bad file: it is yielded as a `Broken` that says what to do, and the next one is read. One
document, one batch of rows and one archive member at a time are held in memory. Use one iterator in one thread (PDFium
is not safe for several).
"""

import glob
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from civex.batch.archives import DAMAGED, is_hidden, read_tar, read_zip
from civex.batch.readers import read_docx, read_eml, read_html, read_mbox, read_pdf, read_text
from civex.batch.sources import Broken, Document, Items, Limits, Options, ReadError, Source, one_line
from civex.batch.tables import read_csv, read_dataset, read_json, read_jsonl, read_parquet

__all__ = ["Broken", "Document", "Limits", "read_inputs"]

Reader = Callable[[Source, Options], Items]

_READERS: dict[str, Reader] = {
    ".txt": read_text,
    ".md": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".eml": read_eml,
    ".mbox": read_mbox,
    ".jsonl": read_jsonl,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
    ".zip": read_zip,
    ".tar": read_tar,
    ".tar.gz": read_tar,
    ".tgz": read_tar,
    ".tar.bz2": read_tar,
    ".tar.xz": read_tar,
}
_NESTING = (read_zip, read_tar, read_eml, read_mbox)


def read_inputs(
    inputs: Iterable[str | Path],
    *,
    text_column: str = "text",
    id_column: str | None = None,
    date_column: str | None = None,
    publisher_column: str | None = None,
    limits: Limits | None = None,
    stdin: BinaryIO | None = None,
) -> Iterator[Document | Broken]:
    """Every document of the inputs, and a `Broken` for each that cannot be read; the same inputs give the same order.

    inputs: files, folders (with all in them; dot files are left out), globs ("press/**/*.html"), saved Hugging Face
    datasets, and "-" for standard input, whose kind is told by its first bytes. They are taken sorted by name, each
    once; folders sorted by name, zip files too, tables and tar files in their own order. Columns: of jsonl, csv,
    parquet, datasets and json. Rows are called by their number, or by `id_column`, whose values should be unique.
    stdin: a binary stream in the place of standard input.

    Raises TypeError for one str or Path in the place of several.
    """
    if isinstance(inputs, str | Path):
        raise TypeError("inputs are several: give a list, even of one")
    options = Options(text_column, id_column, date_column, publisher_column, limits or Limits())
    given = sorted({name for pattern in inputs for name in _matches(str(pattern))})
    folders = [name for name in given if "\0" not in name and os.path.isdir(name)]
    for name in given:
        if name == "-":
            yield from _read(Source("-", stdin or sys.stdin.buffer), options)
        elif "\0" in name:
            yield Broken(one_line(name), "open", "no file has such a name", "check the name")
        elif glob.has_magic(name) and not os.path.lexists(name):
            yield Broken(one_line(name), "open", "no file matches", "check the pattern, and quote it for the shell")
        elif not any(_is_inside(name, folder) for folder in folders):
            yield from _path(name, options, ())


def _matches(name: str) -> list[str]:
    """The files of a glob; the name itself where it is none, or where nothing matches."""
    name = name if name == "-" else os.path.normpath(name)
    if "\0" in name or os.path.lexists(name) or not glob.has_magic(name):
        return [name]
    return [path for path in glob.glob(name, recursive=True) if not os.path.isdir(path)] or [name]


def _is_inside(name: str, folder: str) -> bool:
    """True where reading `folder` reads `name` too."""
    below = os.path.relpath(name, folder)
    return below != "." and below.split(os.sep)[0] != ".." and not is_hidden(Path(below).as_posix())


def _path(path: str, options: Options, above: tuple[tuple[int, int], ...]) -> Iterator[Document | Broken]:
    """A file, or all files of a folder; `above` are the folders (device and inode) that it is in."""
    name = one_line(Path(path).as_posix())
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            yield from _folder(path, name, options, above, (status.st_dev, status.st_ino))
        elif stat.S_ISREG(status.st_mode):
            with open(path, "rb") as stream:
                yield from _read(Source(name, stream), options)
        else:
            yield Broken(name, "open", "a pipe, socket or device, not a file", "give - to read standard input")
    except OSError as error:
        yield Broken(name, "open", f"{error.strerror or error}", "check that it is there and that you may read it")


def _folder(
    path: str, name: str, options: Options, above: tuple[tuple[int, int], ...], own: tuple[int, int]
) -> Iterator[Document | Broken]:
    if own in above:
        yield Broken(name, "open", "a link to a folder above it", "remove the link")
        return
    entries = sorted(os.listdir(path))
    if "dataset_dict.json" in entries or {"dataset_info.json", "state.json"} <= set(entries):  # of `save_to_disk`
        yield from _guarded(name, read_dataset(path, name, options), options)
        return
    for entry in entries:
        if not is_hidden(entry):
            yield from _path(os.path.join(path, entry), options, (*above, own))


def _read(source: Source, options: Options) -> Iterator[Document | Broken]:
    """All documents of a source, and of the sources in it."""
    stream = source.stream if hasattr(source.stream, "peek") else io.BufferedReader(source.stream)  # type: ignore
    reader = _reader(source.name, stream)
    if reader is None:
        if not source.optional:
            advice = "take it out of the input, or save it as text, PDF or .docx"
            yield Broken(source.name, "open", "a kind of file that civex does not read", advice)
    elif reader in _NESTING and source.depth > options.limits.depth:
        cause = f"archives more than {options.limits.depth} deep in one another"
        yield Broken(source.name, "open", cause, "unpack the outer ones")
    else:
        inner = Source(source.name, stream, source.depth, source.charset, source.optional, source.budget)
        yield from _guarded(source.name, reader(inner, options), options)


def _guarded(name: str, items: Items, options: Options) -> Iterator[Document | Broken]:
    """What a reader yields; what it raises becomes a Broken, whatever a file may have done to the library behind it."""
    empty = True
    try:
        for item in items:
            empty = False
            if isinstance(item, Source):
                yield from _read(item, options)
            else:
                yield item
        if empty:
            yield Broken(name, "read", "nothing in it", "remove it from the input")
    except ReadError as error:
        yield Broken(name, error.stage, error.cause, error.advice)
    except DAMAGED as error:
        yield Broken(name, "read", f"cut or damaged ({one_line(str(error))})", "copy it again, or the archive it is in")
    except Exception as error:
        cause = one_line(f"{type(error).__name__}: {error}"[:300])
        yield Broken(name, "read", cause, "open it in its own program and save it again")


def _reader(name: str, stream: BinaryIO) -> Reader | None:
    """By the ending of the name; by the first bytes where it has none. None: not known."""
    file = name.replace("!", "/").rpartition("/")[2].lower()
    for length in (2, 1):
        ending = "".join(f".{part}" for part in file.split(".")[1:][-length:])
        if ending in _READERS:
            return _READERS[ending]
    return None if "." in file.strip(".") else _sniffed(stream.peek(512))  # type: ignore[attr-defined]


def _sniffed(head: bytes) -> Reader:
    if head.startswith(b"PK\x03\x04"):
        return read_docx if b"[Content_Types].xml" in head[:64] else read_zip
    if head.startswith(b"\x1f\x8b") or head[257:262] == b"ustar":
        return read_tar
    for mark, reader in ((b"%PDF-", read_pdf), (b"PAR1", read_parquet), (b"From ", read_mbox)):
        if head.startswith(mark):
            return reader
    start = head.lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return read_html
    if start.startswith(b"{"):
        line, end, _ = head.lstrip().partition(b"\n")
        return read_json if end and not line.rstrip().endswith(b"}") else read_jsonl
    return read_text
