"""Archives: every member in order, nothing outside, no bomb goes off."""

import gzip
import io
import random
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from civex.batch.inputs import Limits, read_inputs
from civex.batch.sources import Broken, Document
from tests.batch.made import SAID, bomb, docx, mail, pdf, tarred, zipped

MEMBERS = {
    "b/press.txt": b"press",
    "a.pdf": pdf(SAID),
    "a.docx": docx(SAID),
    "t.csv": b"text\none\ntwo\n",
    "t.jsonl": b'{"text": "three"}\n',
    "m.eml": mail("mail"),
    "box.mbox": b"From a@b Mon Jun  3 2019\n" + mail("box"),
    "p.html": b"<p>page</p>",
    "__MACOSX/b/press.txt": b"no",
    ".DS_Store": b"no",
}
TEXTS = {
    "a.docx": SAID,
    "a.pdf": SAID,
    "b/press.txt": "press",
    "box.mbox#1": "Monthly report\n\nbox\n",
    "m.eml": "Monthly report\n\nmail\n",
    "p.html": "page",
    "t.csv#1": "one",
    "t.csv#2": "two",
    "t.jsonl#1": "three",
}


def read(path: Path, data: bytes, **options) -> dict[str, str]:
    """Member -> text, or cause of a failure in brackets; "" is the archive itself."""
    path.write_bytes(data)
    found = {}
    for d in read_inputs([path], **options):
        found[d.name.partition("!")[2]] = d.text if isinstance(d, Document) else f"[{d.cause}]"
    return found


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.zip", zipped(MEMBERS)),
        ("a.tar", tarred(MEMBERS)),
        ("a.tar.gz", tarred(MEMBERS, "gz")),
        ("a.TGZ", tarred(MEMBERS, "gz")),
        ("a.tar.bz2", tarred(MEMBERS, "bz2")),
        ("a.tar.xz", tarred(MEMBERS, "xz")),
        ("misnamed.tar", tarred(MEMBERS, "gz")),
    ],
)
def test_members(tmp_path: Path, file: str, data: bytes) -> None:
    found = read(tmp_path / file, data)
    assert found == TEXTS
    if file == "a.zip":
        assert list(found) == list(TEXTS)


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = zipped({"a.txt": b"deep", "m.eml": mail("x", attachments={"b.tgz": tarred({"c.txt": b"deeper"}, "gz")})})
    data = zipped({"x.tar.gz": tarred({"y.zip": inner}, "gz")})
    found = read(tmp_path / "a.zip", data)
    assert list(found) == ["x.tar.gz!y.zip!a.txt", "x.tar.gz!y.zip!m.eml", "x.tar.gz!y.zip!m.eml!b.tgz"]
    assert found["x.tar.gz!y.zip!m.eml!b.tgz"] == "[archives more than 3 deep in one another]"
    found = read(tmp_path / "a.zip", data, limits=Limits(depth=9))
    assert found["x.tar.gz!y.zip!m.eml!b.tgz!c.txt"] == "deeper"


@pytest.mark.parametrize(
    "name", ["../up.txt", "a/../../up.txt", "/root.txt", "C:\\up.txt", "..\\up.txt", "\\\\host\\up.txt"]
)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_names_that_lead_out(tmp_path: Path, name: str, kind: str) -> None:
    folder = tmp_path / "in" / "deep"
    folder.mkdir(parents=True)
    members = {name: b"out", "ok.txt": SAID.encode()}
    found = read(folder / f"a.{kind}", zipped(members) if kind == "zip" else tarred(members))
    assert found.pop("ok.txt") == SAID
    assert list(found.values()) == ["[its name leads out of the archive]"]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [folder / f"a.{kind}"]


def test_links_devices_and_sparse_files(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind in (("link.txt", tarfile.SYMTYPE), ("hard.txt", tarfile.LNKTYPE), ("dev.txt", tarfile.CHRTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        archive.addfile(tarfile.TarInfo("empty.txt"))
    found = read(tmp_path / "a.tar", stream.getvalue())
    assert list(found.values()) == ["[a link or device, not a file]"] * 3 + ["[no text in it]"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("packed", ["", "gz", "bz2", "xz"])
def test_a_cut_tar_is_named_and_gives_what_it_has(tmp_path: Path, packed: str, share: float) -> None:
    letters = random.Random(1)
    texts = {f"{n:02}.txt": "".join(letters.choices("abcdefgh ", k=3000)) for n in range(40)}
    data = tarred({name: text.encode() for name, text in texts.items()}, packed)
    found = read(tmp_path / "a.tar", data[: int(len(data) * share)])
    assert "cut or damaged" in found.pop("")
    whole = {name: text for name, text in found.items() if not text.startswith("[")}
    assert all(texts[name] == text for name, text in whole.items())
    assert len(found) - len(whole) <= 1
    if not packed:
        assert len(whole) >= int(40 * share) - 1


def test_a_damaged_header_is_not_the_end(tmp_path: Path) -> None:
    data = bytearray(tarred({f"{n}.txt": b"text" for n in range(10)}))
    data[5 * 1024 : 5 * 1024 + 100] = b"\xff" * 100
    found = read(tmp_path / "a.tar", bytes(data))
    assert "damaged" in found.pop("")
    assert list(found) == [f"{n}.txt" for n in range(5)]


def test_a_tar_without_its_end_mark_is_named(tmp_path: Path) -> None:
    data = tarred({"a.txt": b"text", "b.txt": b"text"})
    found = read(tmp_path / "a.tar", data[: 2 * 1024])
    assert found.pop("a.txt") == found.pop("b.txt") == "text"
    assert "cut" in found.pop("")


def test_a_damaged_member_of_a_zip_costs_no_other(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in "abc":
            archive.writestr(f"{name}.txt", f"text of {name}")
    data = stream.getvalue().replace(b"text of b", b"text of X", 1)
    found = read(tmp_path / "a.zip", data)
    assert found["a.txt"] == "text of a" and found["c.txt"] == "text of c"
    assert "CRC" in found["b.txt"]


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    data = bytearray(zipped({"a.txt": b"secret", "b.txt": b"open"}))
    data[6] |= 1  # the flag in the local header, then in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert read(tmp_path / "a.zip", bytes(data)) == {"a.txt": "[an encrypted member]", "b.txt": "open"}


def test_members_of_the_same_name_are_all_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "one")
        archive.writestr("a.txt", "two")
    (tmp_path / "a.zip").write_bytes(stream.getvalue())
    assert [d.text for d in read_inputs([tmp_path / "a.zip"])] == ["one", "two"]


def test_bombs(tmp_path: Path) -> None:
    nulls = bytes(40 << 20)
    found = read(tmp_path / "a.zip", zipped({"bomb.txt": nulls, "ok.txt": b"fine"}))
    assert found.pop("ok.txt") == "fine"
    assert found.popitem()[1].startswith("[a bomb: unpacks")
    found = read(tmp_path / "a.tar.gz", tarred({"0.txt": b"fine", "bomb.txt": nulls, "z.txt": b"after"}, "gz"))
    assert found["0.txt"] == "fine" and "z.txt" not in found
    assert found[""].startswith("[a bomb: unpacks")
    found = read(tmp_path / "plain.tgz", bomb(40))
    assert list(found) == [""]


def test_a_nested_bomb_does_not_take_the_memory(tmp_path: Path) -> None:
    data = gzip.compress(tarred({f"{n}.csv": b"text\n" + bytes(50 << 20) for n in range(4)}, "gz"), 9)
    (tmp_path / "a.zip").write_bytes(zipped({"a.tar.gz": data, "ok.txt": b"fine"}))
    tracemalloc.start()
    found = list(read_inputs([tmp_path / "a.zip"]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [d.name for d in found if isinstance(d, Document)] == [f"{(tmp_path / 'a.zip').as_posix()}!ok.txt"]
    assert any(isinstance(d, Broken) for d in found)
    assert peak < 150 << 20


def test_an_office_file_may_be_a_bomb(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(zipped({"word/document.xml": bytes(40 << 20)}))
    (found,) = read_inputs([tmp_path / "a.docx"])
    assert found.cause == "unpacks to 41,943,040 bytes"


def test_members_and_bytes_are_counted_over_all_archives(tmp_path: Path) -> None:
    inner = zipped({f"{n}.txt": b"12345" for n in range(5)})
    data = zipped({"a.zip": inner, "b.zip": inner})
    found = read(tmp_path / "c.zip", data, limits=Limits(members=9))
    assert sum(text == "12345" for text in found.values()) == 7
    assert "more members" in found["b.zip"]
    found = read(tmp_path / "c.zip", data, limits=Limits(total_bytes=len(inner) + 12))
    assert sum(text == "12345" for text in found.values()) == 2
    assert "unpacks to more" in found["a.zip"] and "unpacks to more" in found[""]


def test_a_large_table_in_an_archive_is_streamed(tmp_path: Path) -> None:
    noise = random.Random(1)
    line = b'{"text": "%s"}\n'
    with tarfile.open(tmp_path / "a.tar.gz", "w:gz", compresslevel=1) as archive:
        data = b"".join(line % noise.randbytes(20).hex().encode() for _ in range(500_000))
        info = tarfile.TarInfo("t.jsonl")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    size = len(data)
    del data
    tracemalloc.start()
    count = sum(1 for _, _ in zip(read_inputs([tmp_path / "a.tar.gz"]), range(20_000), strict=False))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < size / 4
