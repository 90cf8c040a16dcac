"""Readers of tables: JSON lines, CSV, Parquet, folders of Hugging Face datasets, and JSON files (ninjs 3.1).

Rows are streamed. A row is a document: its text stands in the text column, its hash is that of the row as one canonical
JSON line. Columns called `url` and `retrieved` are kept as provenance.
"""

import csv
import datetime
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from civex.batch.readers import page_text
from civex.batch.sources import (
    BOMS,
    Broken,
    Document,
    Items,
    Options,
    ReadError,
    Source,
    decode,
    finished,
    held,
    legacy_encoding,
    needed,
    one_line,
    seekable,
)

_BATCH = 128  # rows held at a time
_NINJS_DATES = ("versionCreated", "versioncreated", "contentCreated", "contentcreated", "firstCreated", "firstcreated")


class Lines:
    """Lines of a stream as text, line ends kept; a bad line raises ReadError, and the next call goes on after it.

    Each line is UTF-8 where it can be; the first that is not tells the encoding of the others that are not. So a table
    needs no second pass, and one with rows of two programs is read as well.
    """

    def __init__(self, stream: BinaryIO, longest: int) -> None:
        self._bytes = io.BufferedReader(stream, 1 << 16)  # type: ignore[type-var]
        self._text: io.TextIOWrapper | None = None
        self._longest = longest
        self._legacy: str | None = None
        head = self._bytes.peek(4)
        for mark, encoding in BOMS:
            if head.startswith(mark):
                if encoding == "utf-8-sig":
                    self._bytes.read(len(mark))
                else:
                    self._text = io.TextIOWrapper(self._bytes, encoding, newline="")
                break

    def close(self) -> None:
        """Let go of the stream, which stays open."""
        if self._text is not None:
            self._text.detach()
        self._bytes.detach()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        stream: Any = self._text or self._bytes
        try:
            line = stream.readline(self._longest + 1)
        except UnicodeDecodeError as error:
            raise ReadError("decode", f"not {error.encoding} throughout", "save it as UTF-8") from None
        if not line:
            raise StopIteration
        if len(line) > self._longest:
            end = "\n" if self._text else b"\n"
            while line and not line.endswith(end):
                line = stream.readline(1 << 20)
            raise ReadError("read", f"a line of more than {self._longest:,} characters", "split it, or raise the limit")
        return line if isinstance(line, str) else self._decoded(line)

    def _decoded(self, line: bytes) -> str:
        if _is_utf8(line):
            return line.decode("utf-8")
        if self._legacy is None:
            ahead = self._bytes.peek(1).rpartition(b"\n")[0].splitlines(keepends=True)
            self._legacy = legacy_encoding(line + b"".join(other for other in ahead if not _is_utf8(other)))
        try:
            return line.decode(self._legacy)
        except UnicodeDecodeError:
            raise ReadError("decode", f"neither UTF-8 nor {self._legacy}", "save it as UTF-8") from None


def read_jsonl(source: Source, options: Options) -> Items:
    """One JSON object a line; rows are numbered by line, from 1. A bad line costs no other."""
    lines = Lines(source.stream, 4 * options.limits.characters)
    number = 0
    try:
        while True:
            number += 1
            name = f"{source.name}#{number}"
            try:
                line = next(lines)
                if line.strip():
                    yield _row(source.name, number, json.loads(line), options)
            except StopIteration:
                return
            except ReadError as error:
                yield Broken(name, error.stage, error.cause, error.advice)
            except (ValueError, RecursionError) as error:
                cause = getattr(error, "msg", None) or "nested too deep"
                yield Broken(name, "parse", f"not JSON: {cause}", "write one whole JSON object a line")
    finally:
        lines.close()


def read_csv(source: Source, options: Options) -> Items:
    """A table with a row of headings; the delimiter (comma, semicolon, tab, bar) is the commonest in the headings.

    Rows are numbered from 1 after the headings. A row with too many or too few fields is named, and costs no other.
    """
    # the module has one limit for all, and its default is less than a long text
    csv.field_size_limit(max(csv.field_size_limit(), 4 * options.limits.characters))
    lines = Lines(source.stream, 4 * options.limits.characters)
    try:
        first = next(lines, "")
        if not first.strip():
            raise ReadError("read", "no headings in it", "put the names of the columns into the first line")
        delimiter = max(",;\t|", key=first.count)
        headings = [heading.strip() for heading in next(csv.reader([first], delimiter=delimiter), [])]
        _check_columns(headings, options)
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        number = 0
        while True:
            number += 1
            name = f"{source.name}#{number}"
            try:
                row = next(rows)
            except StopIteration:
                return
            except ReadError as error:
                yield Broken(name, error.stage, error.cause, error.advice)
                continue
            except csv.Error as error:
                cause = f"up to line {rows.line_num + 1:,}: {error}"
                yield Broken(name, "parse", cause, "double the quotation marks inside of fields")
                continue
            if not row:
                number -= 1
            elif len(row) != len(headings):
                cause = f"{len(row)} fields under {len(headings)} headings (line {rows.line_num + 1:,})"
                yield Broken(name, "parse", cause, "put fields that hold the delimiter into quotation marks")
            else:
                yield _row(source.name, number, dict(zip(headings, row, strict=True)), options)
    finally:
        lines.close()


def read_parquet(source: Source, options: Options) -> Items:
    """The rows of a Parquet file, a few at a time; a row group that cannot be read costs no other."""
    parquet, lib = needed("pyarrow.parquet"), needed("pyarrow")
    try:
        table = parquet.ParquetFile(seekable(source, options))
    except (lib.ArrowException, OSError) as error:
        raise ReadError("open", f"not a whole Parquet file: {_squeezed(error)}", "write it again") from None
    _check_columns(table.schema_arrow.names, options)
    start = 0
    for group in range(table.num_row_groups):
        try:
            yield from _rows(source.name, table.iter_batches(_BATCH, row_groups=[group]), options, start)
        except (lib.ArrowException, OSError) as error:
            cause = f"row group {group + 1} cannot be read: {_squeezed(error)}"
            yield Broken(f"{source.name}#{start + 1}", "read", cause, "write the table again")
        start += table.metadata.row_group(group).num_rows


def read_dataset(folder: str, name: str, options: Options) -> Items:
    """The rows of a folder that `datasets` saved (`save_to_disk`), split by split."""
    load = needed("datasets").load_from_disk
    try:
        loaded = load(folder)
    except Exception as error:
        raise ReadError("open", f"not a whole dataset: {_squeezed(error)}", "save it again with save_to_disk") from None
    splits = (
        {f"{name}/{split}": loaded[split] for split in sorted(loaded)} if isinstance(loaded, dict) else {name: loaded}
    )
    for part, dataset in splits.items():
        _check_columns(dataset.column_names, options)
        yield from _rows(part, dataset.with_format("arrow").iter(_BATCH), options)


def read_json(source: Source, options: Options) -> Items:
    """A JSON file: a ninjs 3.1 item, an object with a text column, or a list of such."""
    data = held(source, options.limits.document_bytes)
    try:
        content = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        cause = getattr(error, "msg", None) or "nested too deep"
        raise ReadError("parse", f"not JSON: {cause}", "write it again; one object a line is .jsonl") from None
    if isinstance(content, list):
        for number, item in enumerate(content, 1):
            if _is_ninjs(item):
                yield _ninjs(f"{source.name}#{number}", item, _canonical(item), options)
            else:
                yield _row(source.name, number, item, options)
    elif _is_ninjs(content):
        yield _ninjs(source.name, content, data, options)
    elif isinstance(content, dict) and options.text_column in content:
        yield _row(source.name, None, content, options)
    else:
        cause = f"neither ninjs 3.1 nor an object with {options.text_column!r}"
        raise ReadError("parse", cause, "name the column of the text: --text-column NAME")


def _rows(name: str, batches: Iterable[Any], options: Options, start: int = 0) -> Items:
    for batch in batches:
        for row in batch.to_pylist():
            start += 1
            yield _row(name, start, row, options)


def _row(table: str, number: int | None, row: Any, options: Options) -> Document | Broken:
    """The document of one row, called by its id where there is an id column, else by its number."""
    name = table if number is None else f"{table}#{number}"
    if not isinstance(row, dict):
        return Broken(name, "parse", "not a JSON object", "write one whole JSON object a line")
    try:
        _check_columns(row, options)
        published = _day(row[options.date_column]) if options.date_column else None
    except ReadError as error:
        return Broken(name, error.stage, error.cause, error.advice)
    text = row[options.text_column]
    if options.id_column and row[options.id_column] not in (None, ""):
        name = f"{table}#{one_line(str(row[options.id_column]))}"
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not isinstance(text, str):
        kind = "nothing" if text is None else type(text).__name__
        cause = f"{kind} in the column {options.text_column!r}"
        return Broken(name, "read", cause, "name the column of the text: --text-column NAME")
    publisher = row[options.publisher_column] if options.publisher_column else None
    return finished(
        name,
        text,
        _canonical(row),
        options,
        published=published,
        publisher=_said(publisher),
        retrieved=_said(row.get("retrieved")),
        url=_said(row.get("url")),
    )


def _check_columns(columns: Iterable[str], options: Options) -> None:
    """Raises ReadError where a column that was asked for is not there."""
    there = list(columns)
    asked = {
        "--text-column": options.text_column,
        "--id-column": options.id_column,
        "--date-column": options.date_column,
        "--publisher-column": options.publisher_column,
    }
    for option, column in asked.items():
        if column is not None and column not in there:
            columns_there = _squeezed(", ".join(map(str, there[:20]))) or "none"
            raise ReadError("parse", f"no column {column!r}; there are: {columns_there}", f"give {option} NAME")


def _canonical(row: dict[str, Any]) -> bytes:
    """A row as one JSON line: keys sorted, no spaces, UTF-8."""
    line = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)
    return line.encode("utf-8", "surrogatepass")


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _day(value: Any) -> str | None:
    """The ISO day of a cell. Raises ReadError for a value that is no day, or could be two (3/6/2019)."""
    from civex.values.dates import full_date

    if value is None or value == "":
        return None
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    found = full_date(str(value).strip())
    if found is None:
        raise ReadError(
            "parse", f"{_squeezed(value)[:60]!r} is no day", "write dates as 2019-06-03, or leave them empty"
        )
    return found.start


def _said(value: Any) -> str | None:
    """A cell as words in one line; None where it says nothing."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return _squeezed(value) or None if value is not None else None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _squeezed(value: Any) -> str:
    return " ".join(str(value).split())


def _is_ninjs(item: Any) -> bool:
    """ninjs 3.1 has a uri and a list of bodies; version 1 has its text in `body_text` or `body_html`."""
    return isinstance(item, dict) and "uri" in item and isinstance(item.get("bodies"), list)


def _ninjs(name: str, item: dict[str, Any], data: bytes, options: Options) -> Document | Broken:
    """Main headline and body of a news item in IPTC's ninjs 3.1; the publisher is its information source."""
    try:
        headlines = [h["value"] for h in item.get("headlines", ()) if h.get("role") in (None, "main")]
        bodies = {b.get("contentType", "text/plain"): b["value"] for b in reversed(item["bodies"])}
        published = next((_day(item[key]) for key in _NINJS_DATES if item.get(key)), None)
        sources = [s["name"] for s in item.get("infosources", ()) if s.get("name")]
        body = bodies.get("text/plain")
        if body is None:
            page = next((value for kind, value in bodies.items() if "html" in kind), "")
            body = page_text(page) if page else ""
        text = "\n\n".join([*headlines[:1], body])
    except ReadError as error:
        return Broken(name, error.stage, error.cause, error.advice)
    except (KeyError, TypeError, AttributeError) as error:
        return Broken(name, "parse", f"not valid ninjs 3.1 ({type(error).__name__}: {error})", "check it by its schema")
    url = item["uri"] if str(item["uri"]).startswith(("http://", "https://")) else None
    facts: dict[str, Any] = {"published": published, "publisher": _said(sources[0]) if sources else None, "url": url}
    return finished(name, text, data, options, **facts)
