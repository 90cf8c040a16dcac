"""Archives: the members of zip and tar files as sources, one at a time, within limits; nothing is unpacked to disk.

A name that leads out of the archive is refused. Members that begin with a dot and the by-products of macOS and Windows
are left out without a word.
"""

import bz2
import gzip
import lzma
import posixpath
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from civex.batch.sources import Broken, Budget, Items, Limits, Options, ReadError, Source, one_line, seekable

_FREE = 10 << 20  # bytes that may be unpacked at any ratio
_UNPACK: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
DAMAGED = (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, OSError)
_BY_PRODUCTS = {"__MACOSX", "Thumbs.db", "desktop.ini"}
_BOMB = "take it out, or unpack it yourself if you trust it"
_OUTSIDE = ("open", "its name leads out of the archive", "rename it, or unpack it yourself")
_ENCRYPTED = ("open", "an encrypted member", "unpack it with its password")


def is_hidden(name: str) -> bool:
    """True for dot files and for what macOS and Windows leave behind, in any folder of a path."""
    return any(part in _BY_PRODUCTS or (part.startswith(".") and part.strip(".")) for part in name.split("/"))


def read_zip(source: Source, options: Options) -> Items:
    """The members of a zip file, sorted by name."""
    budget = source.budget or Budget(options.limits)
    try:
        archive = zipfile.ZipFile(seekable(source, options))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        cause = f"not a whole zip archive ({error})"
        raise ReadError("open", cause, "copy it again; zip -FF saves what can be saved") from None
    with archive:
        for info in sorted(archive.infolist(), key=lambda info: info.filename):
            if info.is_dir() or _is_left_out(info.filename):
                continue
            name = f"{source.name}!{one_line(posixpath.normpath(info.filename))}"
            fault = _zip_fault(info, options.limits)
            if fault:
                yield Broken(name, *fault)
                continue
            budget.take(info.file_size)
            try:
                stream = archive.open(info)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
                yield Broken(name, "open", f"damaged in the archive: {error}", "copy the archive again")
                continue
            with stream:
                yield Source(name, stream, source.depth + 1, budget=budget)  # type: ignore[arg-type]


def _zip_fault(info: zipfile.ZipInfo, limits: Limits) -> tuple[str, str, str] | None:
    if _leads_out(info.filename):
        return _OUTSIDE
    if info.flag_bits & 0x1:
        return _ENCRYPTED
    if info.file_size > _FREE and info.file_size > limits.ratio * info.compress_size:
        return "open", f"a bomb: unpacks {info.compress_size:,} bytes to {info.file_size:,}", _BOMB
    return None


def read_tar(source: Source, options: Options) -> Items:
    """The members of a tar file, compressed by gzip, bzip2, xz or not at all, in the order in which they stand."""
    budget = source.budget or Budget(options.limits)
    stream = _Unpacked(source.stream, options.limits)
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:  # type: ignore[call-overload]
            for info in archive:
                archive.members = []  # it would keep them all
                yield from _tar_member(archive, info, source, budget)
            _check_end(archive, stream)
    except (*DAMAGED, ValueError) as error:
        cause = f"the archive is cut or damaged ({error}); members up to there were read"
        raise ReadError("read", cause, "copy it again") from None


def _tar_member(archive: tarfile.TarFile, info: tarfile.TarInfo, source: Source, budget: Budget) -> Iterator[Any]:
    if info.isdir() or _is_left_out(info.name):
        return
    name = f"{source.name}!{one_line(posixpath.normpath(info.name))}"
    budget.take(info.size)
    if _leads_out(info.name):
        yield Broken(name, *_OUTSIDE)
    elif not info.isfile():
        yield Broken(name, "open", "a link or device, not a file", "pack the file itself (tar --dereference)")
    elif info.issparse():
        yield Broken(name, "open", "a sparse file", "pack it whole (tar without --sparse)")
    else:
        stream = archive.extractfile(info)
        assert stream is not None
        with stream:
            yield Source(name, stream, source.depth + 1, budget=budget)  # type: ignore[arg-type]


def _check_end(archive: tarfile.TarFile, stream: "_Unpacked") -> None:
    """Raises ReadError unless the end mark, a block of NULs, comes next: tarfile takes a damaged header for the end."""
    block = stream.kept_from(archive.offset)[: tarfile.BLOCKSIZE]
    while stream.read(1 << 16):  # the checksum of a compressed archive stands at its end
        pass
    if block != bytes(tarfile.BLOCKSIZE):
        raise ReadError("read", "the archive is cut or damaged; members up to there were read", "copy it again")


class _Unpacked:
    """A tar file's bytes, unpacked as they are read. Raises ReadError where they are a bomb."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._packed = _Counted(stream)
        head = stream.peek(6)  # type: ignore[attr-defined]
        unpack = next((unpack for mark, unpack in _UNPACK.items() if head.startswith(mark)), None)
        self._stream: Any = unpack(self._packed) if unpack else self._packed
        self._limits = limits
        self._size = 0
        self._kept = b""

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self._size += len(data)
        self._kept = self._kept[-2 * tarfile.RECORDSIZE :] + data
        if self._size > max(_FREE, self._limits.ratio * self._packed.size):
            raise ReadError("open", f"a bomb: unpacks {self._packed.size:,} bytes to over {self._size:,}", _BOMB)
        if self._size > self._limits.total_bytes:
            raise ReadError("open", "unpacks to more than an archive may; the rest is not read", _BOMB)
        return data

    def kept_from(self, position: int) -> bytes:
        """What was read from `position` of the unpacked bytes on, of the last few reads."""
        return self._kept[len(self._kept) - (self._size - position) :]


class _Counted:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.size += len(data)
        return data


def _is_left_out(name: str) -> bool:
    return is_hidden(name) and not _leads_out(name)


def _leads_out(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", name) is not None
