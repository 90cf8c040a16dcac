"""Folders, globs, standard input; every kind and every failure, by name."""

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from civex.batch.inputs import Broken, Document, Limits, read_inputs
from tests.batch.made import SAID, docx, mail, pdf, tarred, zipped


def read(*inputs: str | Path, **options) -> list[Document | Broken]:
    return list(read_inputs(inputs, **options))


def one(path: Path, data: bytes, **options) -> Document:
    """The only document of a file that is made of `data`."""
    path.write_bytes(data)
    (found,) = read(path, **options)
    assert isinstance(found, Document), found
    return found


def broken(path: Path, data: bytes, **options) -> Broken:
    """The only failure of a file that is made of `data`."""
    path.write_bytes(data)
    (found,) = read(path, **options)
    assert isinstance(found, Broken), found
    assert "\n" not in found.cause + found.advice and found.cause and found.advice
    return found


def test_files_of_a_folder_come_sorted_and_once(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/B.md", "c.txt", ".hidden.txt", "__MACOSX/c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    expected = ["a/B.md", "a/z.txt", "b.txt", "c.txt"]
    assert [d.text for d in read(tmp_path)] == expected
    assert [d.name for d in read(tmp_path)] == [(tmp_path / name).as_posix() for name in expected]
    assert read(tmp_path / "c.txt", tmp_path, f"{tmp_path}/b.txt", f"{tmp_path}/") == read(tmp_path)


def test_names_are_relative_where_the_input_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(SAID)
    monkeypatch.chdir(tmp_path)
    assert [d.name for d in read("in", "./in/a.txt", "in/*.txt")] == ["in/a.txt"]
    assert [d.name for d in read("i?/*.txt")] == ["in/a.txt"]
    assert [d.name for d in read(".")] == ["in/a.txt"]
    assert [d.name for d in read("in/*.txt", "in/a.txt", "**/*.txt")] == ["in/a.txt"]
    (tmp_path / "in" / ".b.txt").write_text(SAID)
    assert [d.name for d in read(".", "in/.b.txt", "in", "in/a.txt")] == ["in/a.txt", "in/.b.txt"]


def test_a_glob_without_files_is_named() -> None:
    (found,) = read("no/such/*.txt")
    assert (found.name, found.stage, found.cause) == ("no/such/*.txt", "open", "no file matches")


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfcaf\xc3\xa9\r\n"
    document = one(tmp_path / "a.txt", data)
    assert document.text == "café\r\n"
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert (document.published, document.publisher, document.retrieved, document.url) == (None, None, None, None)


def test_one_name_is_not_several() -> None:
    with pytest.raises(TypeError, match="give a list"):
        list(read_inputs("a.txt"))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (SAID.encode(), SAID),
        (b"%PDF is how they begin", None),
        (f"<html><body><p>{SAID}</p></body></html>".encode(), SAID),
        (f'{{"text": "{SAID}"}}\n{{"text": "b"}}\n'.encode(), SAID),
        (f'{{\n"text": "{SAID}"\n}}'.encode(), SAID),
        (b"From a@b Mon Jun  3 2019\n" + mail(), f"Monthly report\n\n{SAID}\n"),
        (pdf(SAID), SAID),
        (docx(SAID), SAID),
        (zipped({"a.txt": SAID.encode()}), SAID),
        (tarred({"a.txt": SAID.encode()}, "gz"), SAID),
        (tarred({"a.txt": SAID.encode()}), SAID),
    ],
)
def test_standard_input_tells_its_kind(data: bytes, text: str | None) -> None:
    first = read("-", stdin=io.BytesIO(data))[0]
    assert first.text == (text or data.decode())


def test_standard_input_may_be_a_pipe() -> None:
    code = "from civex.batch.inputs import read_inputs; print([d.text for d in read_inputs(['-'])])"
    given = zipped({"a.txt": b"one", "b.txt": b"two"})
    done = subprocess.run([sys.executable, "-c", code], input=given, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "['one', 'two']"


def test_reading_needs_none_of_the_extras_until_it_does() -> None:
    code = (
        "import sys, civex.batch.inputs; "
        "print([m for m in ('spacy', 'pyarrow', 'trafilatura', 'lxml', 'docx', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("file", "module"),
    [("a.pdf", "pypdfium2"), ("a.docx", "docx"), ("a.html", "trafilatura"), ("a.parquet", "pyarrow")],
)
def test_a_missing_extra_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, module: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.delitem(sys.modules, "pyarrow.parquet", raising=False)
    found = broken(tmp_path / file, b"<p>five</p>")
    assert (found.stage, found.cause, found.advice) == (
        "open",
        f"reading it needs {module}",
        "pip install 'civex[batch]'",
    )


@pytest.mark.parametrize(
    ("file", "data", "stage", "cause"),
    [
        ("empty.txt", b"", "read", "no text in it"),
        ("blank.md", b" \r\n\t", "read", "no text in it"),
        ("empty.csv", b"", "read", "no headings in it"),
        ("headings.csv", b"text,date\n", "read", "nothing in it"),
        ("empty.jsonl", b"\n", "read", "nothing in it"),
        ("empty.mbox", b"", "read", "nothing in it"),
        ("empty.zip", zipped({}), "read", "nothing in it"),
        ("empty.html", b"", "read", "no text in it"),
        ("empty.eml", b"", "parse", "no headers"),
        ("photo.jpg", b"\xff\xd8\xff", "open", "a kind of file that civex does not read"),
        ("really.txt", pdf(SAID), "decode", "is a PDF"),
        ("zipped.txt", zipped({"a": b"b"}), "decode", "a zip archive"),
        ("random.txt", bytes(range(256)) * 9, "decode", "NUL"),
        ("controls.txt", bytes(range(1, 32)) * 9, "decode", "control characters"),
        ("nul.txt", b"five civ\0ilians", "decode", "NUL"),
        ("cut.txt", b"\xff\xfeF\0i\0v", "decode", "looks like utf-16, but byte 6 is not"),
        ("bom.txt", b"\xef\xbb\xbfcaf\xe9", "decode", "looks like utf-8"),
        ("bad.html", b"\0\1\2<html>", "decode", "NUL"),
        ("cut.pdf", pdf(SAID)[:60], "open", "not a whole PDF"),
        ("encrypted.pdf", pdf(SAID, encrypted=True), "open", "an encrypted PDF"),
        ("scan.pdf", pdf(""), "read", "no text in it"),
        ("cut.docx", docx(SAID)[:900], "open", "not a whole Word document"),
        ("other.docx", zipped({"a.txt": b"b"}), "open", "not a whole Word document"),
        ("headless.mbox", b"Subject: x\n\ny", "parse", "not a mailbox"),
        ("cut.json", b'{"text": "a', "parse", "not JSON"),
        ("deep.json", b"[" * 100_000, "parse", "nested too deep"),
        ("other.json", b'{"body": "a"}', "parse", "neither ninjs 3.1 nor"),
        ("cut.parquet", b"PAR1 and no more", "open", "not a whole Parquet file"),
        ("cut.zip", zipped({"a.txt": SAID.encode()})[:-30], "open", "not a whole zip archive"),
        ("text.tar", b"no archive", "read", "cut or damaged"),
    ],
)
def test_failures_are_named(tmp_path: Path, file: str, data: bytes, stage: str, cause: str) -> None:
    (tmp_path / "good.txt").write_text(SAID)
    found = broken(tmp_path / file, data)
    assert (found.name, found.stage) == ((tmp_path / file).as_posix(), stage)
    assert cause in found.cause
    assert [d.text for d in read(tmp_path) if isinstance(d, Document)] == [SAID]


def test_files_that_cannot_be_opened_are_named(tmp_path: Path) -> None:
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "loop").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "z.txt").write_text(SAID)
    found = read(tmp_path, tmp_path.parent / "missing.txt")
    assert [(type(d), Path(d.name).name, getattr(d, "cause", None)) for d in found] == [
        (Broken, "missing.txt", "No such file or directory"),
        (Broken, "gone.txt", "No such file or directory"),
        (Broken, "loop", "a link to a folder above it"),
        (Broken, "pipe.txt", "a pipe, socket or device, not a file"),
        (Document, "z.txt", None),
    ]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read every file: run as another user")
def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(SAID)
    (tmp_path / "a.txt").chmod(0)
    (found,) = read(tmp_path)
    assert (found.stage, found.cause) == ("open", "Permission denied")


def test_odd_names_print_in_one_line(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"a\nb\xff.txt")).write_text(SAID)
    assert [Path(d.name).name for d in read(tmp_path)] == ["a\\x0ab\\udcff.txt"]
    (found,) = read("a\0b")
    assert found.name == "a\\x00b"


def test_a_text_has_a_longest_length(tmp_path: Path) -> None:
    limits = Limits(characters=20, document_bytes=10_000)
    assert one(tmp_path / "a.txt", b"x" * 20, limits=limits).text == "x" * 20
    assert "21 characters" in broken(tmp_path / "a.txt", b"x" * 21, limits=limits).cause
    assert "more than 80 bytes" in broken(tmp_path / "a.txt", b"x" * 81, limits=limits).cause
    assert "characters" in broken(tmp_path / "a.pdf", pdf("x" * 21), limits=limits).cause
    assert "characters" in broken(tmp_path / "a.jsonl", b'{"text": "%s"}' % (b"x" * 90), limits=limits).cause


def test_an_unforeseen_error_is_named_and_costs_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pypdfium2

    def fall(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(pypdfium2, "PdfDocument", fall)
    (tmp_path / "b.txt").write_text(SAID)
    (tmp_path / "a.pdf").write_bytes(pdf(SAID))
    first, second = read(tmp_path)
    assert (first.stage, first.cause) == ("read", "RuntimeError: two\\x0alines")
    assert second.text == SAID
