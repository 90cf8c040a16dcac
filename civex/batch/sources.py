"""Sources: bytes to read under the name of their input, how they become text, and what reading them gives."""

import codecs
import hashlib
import importlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive or an office file",
    b"\x1f\x8b": "a gzip file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"\xd0\xcf\x11\xe0": "an old office file",
    b"{\\rtf": "a rich text file",
    b"\x7fELF": "a program",
}
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_MOST_CONTROLS = 0.05  # share of control characters above which bytes are no text
_LATIN = {"cp1250", "cp1252", "cp1254", "cp1257", "cp1258", "cp775", "latin_1", "iso8859_2", "iso8859_9", "iso8859_15"}
_NOT_IN_CP1252 = set(b"\x81\x8d\x8f\x90\x9d")
_SAMPLE = 1 << 15  # bytes from which an encoding is told


@dataclass(frozen=True, slots=True)
class Document:
    """A text and what is known of it.

    name: where it stands: "press.zip!2019/may.txt", "table.csv#17", "box.mbox#3!annex.pdf"; sha256: of the document's
    bytes, of a table's row that of its canonical JSON line; published: ISO day; retrieved: ISO time as it was given.
    """

    name: str
    text: str
    sha256: str
    published: str | None = None
    publisher: str | None = None
    retrieved: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """An input that could not be read: where ("open", "read", "decode", "parse"), why, and what to do; a line each."""

    name: str
    stage: str
    cause: str
    advice: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What one input may take, so that no archive and no file exhausts the machine.

    characters: of one document's text; document_bytes: of one document, and of an archive or a Parquet table inside an
    archive, which have to be held in memory; ratio: unpacked bytes for each packed byte; members, total_bytes: of one
    archive with all archives in it; depth: archives (and mails) inside one another.
    """

    characters: int = 10_000_000
    document_bytes: int = 64 << 20
    ratio: int = 200
    members: int = 1_000_000
    depth: int = 3
    total_bytes: int = 200 << 30


class ReadError(Exception):
    """A source that cannot be read (further); becomes a `Broken`."""

    def __init__(self, stage: str, cause: str, advice: str) -> None:
        super().__init__(cause)
        self.stage, self.cause, self.advice = stage, cause, advice


class Budget:
    """Members and bytes that an archive may still unpack, with all archives in it."""

    def __init__(self, limits: Limits) -> None:
        self._members, self._bytes = limits.members, limits.total_bytes

    def take(self, size: int) -> None:
        """Count one member of `size` bytes. Raises ReadError where it is one too many."""
        self._members -= 1
        self._bytes -= size
        if self._members < 0:
            raise ReadError("open", "more members than an archive may have; the rest is not read", "unpack it yourself")
        if self._bytes < 0:
            raise ReadError("open", "unpacks to more than an archive may; the rest is not read", "unpack it yourself")


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes to read, under the name of the input. `optional`: of no interest where its kind is not known."""

    name: str
    stream: BinaryIO
    depth: int = 0
    charset: str | None = None
    optional: bool = False
    budget: Budget | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What the reader of a table is told, and the limits."""

    text_column: str = "text"
    id_column: str | None = None
    date_column: str | None = None
    publisher_column: str | None = None
    limits: Limits = field(default_factory=Limits)


Items = Iterator[Document | Broken | Source]


def one_line(name: str) -> str:
    """A name that prints in one line: control characters and bytes that are no UTF-8 are escaped."""
    name = name.encode("utf-8", "backslashreplace").decode("utf-8")
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", lambda m: f"\\x{ord(m[0]):02x}", name)


def needed(module: str) -> Any:
    """The module of a reader that not everybody needs. Raises ReadError naming the extra that installs it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = (error.name or module).partition(".")[0]
        raise ReadError("open", f"reading it needs {package}", "pip install 'civex[batch]'") from None


def held(source: Source, most: int) -> bytes:
    """All bytes of a source. Raises ReadError where they are more than `most`."""
    data = source.stream.read(most + 1)
    if len(data) > most:
        raise ReadError("read", f"more than {most:,} bytes", "split it, or raise the limit")
    return data


def seekable(source: Source, options: Options) -> BinaryIO:
    """The stream of a source, held in memory where it cannot be moved about in cheaply."""
    if source.depth == 0 and source.stream.seekable():
        return source.stream
    return io.BytesIO(held(source, options.limits.document_bytes))


def finished(
    name: str, text: str, data: bytes, options: Options, advice: str = "remove it from the input", **facts: Any
) -> Document | Broken:
    """The Document of a text and the bytes it came from; Broken where it is empty or too long."""
    if not text.strip():
        return Broken(name, "read", "no text in it", advice)
    if len(text) > options.limits.characters:
        cause = f"{len(text):,} characters; a document may have {options.limits.characters:,}"
        return Broken(name, "read", cause, "split it, or raise the limit")
    return Document(name, text, hashlib.sha256(data).hexdigest(), **facts)


def decode(data: bytes, declared: str | None = None) -> str:
    """Text of bytes: by byte order mark, as `declared`, as UTF-8, else by charset-normalizer. Line ends are kept.

    Raises ReadError where the bytes are no text, or no encoding fits.
    """
    for mark, encoding in BOMS:
        if data.startswith(mark):
            return _strict(data, encoding)
    for mark, kind in _BINARY.items():
        if data.startswith(mark):
            raise ReadError(
                "decode", f"called text, but is {kind}", "give it the ending of its kind, or save it as text"
            )
    if b"\0" in data:
        return _strict(data, _without_mark(data))
    if len(data) - len(data.translate(None, _CONTROLS)) > _MOST_CONTROLS * len(data):
        raise ReadError("decode", "binary: full of control characters", "give it the ending of its kind")
    for encoding in filter(None, (declared, "utf-8")):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _strict(data, legacy_encoding(data))


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        cause = f"looks like {encoding}, but byte {error.start:,} is not"
        raise ReadError("decode", cause, "save it as UTF-8") from None


def _without_mark(data: bytes) -> str:
    """UTF-16 without a byte order mark has its NULs on one side of each pair, anything else that has some is binary."""
    pairs, even, odd = len(data) // 2, data[::2].count(0), data[1::2].count(0)
    if len(data) % 2 == 0 and min(even, odd) == 0 and max(even, odd) >= 0.4 * pairs:
        return "utf-16-be" if even else "utf-16-le"
    raise ReadError("decode", "binary: holds NUL bytes", "give it the ending of its kind, or save it as text")


def legacy_encoding(data: bytes) -> str:
    """The encoding of bytes that are not UTF-8, told by charset-normalizer from the lines that show it.

    The code pages of Latin letters share most signs, and a few names in an English text do not tell them apart: each is
    taken for Windows-1252, unless it has bytes that are nothing there.

    Raises ReadError for damaged UTF-8, and where no encoding fits.
    """
    lines = [line for line in data.splitlines(keepends=True) if not line.isascii()]
    sample = b"".join(lines)[:_SAMPLE]
    bad = (text := sample.decode("utf-8", "replace")).count("\ufffd")
    if len(text) - len(text.encode("ascii", "ignore")) > 2 * bad:
        raise ReadError("decode", "damaged UTF-8, perhaps cut", "copy it again, or save it as UTF-8")
    best = needed("charset_normalizer").from_bytes(sample).best()
    if best is None:
        raise ReadError("decode", "in no encoding that could be told", "save it as UTF-8")
    if best.encoding in _LATIN and not set(sample) & _NOT_IN_CP1252:
        return "cp1252"
    return best.encoding
