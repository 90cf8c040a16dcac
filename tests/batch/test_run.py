"""civex batch: whatever happens to a run, the next one goes on, and the records are those of an unbroken run."""

import csv
import hashlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import civex
from civex import extraction
from civex.batch import outputs, progress
from civex.batch import run as run_module
from civex.batch.inputs import Broken, Document
from civex.batch.manifest import Manifest, ManifestError, Totals
from civex.batch.run import Seen, Stopped, run_batch
from civex.cli import app

pytestmark = pytest.mark.usefixtures("model")

STRIKE = "On {day} May 2016 an airstrike near Hajin, Syria, killed {n} civilians and injured nine others."


def document(name: str, text: str, **facts: str) -> Document:
    return Document(name, text, hashlib.sha256(text.encode()).hexdigest(), **facts)


def documents(number: int) -> list[Document]:
    return [document(f"d{n:03}.txt", STRIKE.format(day=n % 30 + 1, n=n + 2)) for n in range(number)]


def records(out: Path) -> list[dict]:
    return [json.loads(line) for path in sorted(out.glob("reports/*")) for line in path.read_bytes().splitlines()]


def errors(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "errors.jsonl").read_bytes().splitlines()]


def files(out: Path) -> dict[str, bytes]:
    """All that a batch wrote, but for the manifest, which tells when."""
    found = (path for path in out.rglob("*") if path.is_file() and path.name != "manifest.sqlite")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in found}


def test_a_record_says_what_it_was_made_of(tmp_path: Path) -> None:
    text = "On Tuesday a strike in Mosul, Iraq, killed five civilians."
    given = document("a.txt", text, published="2019-06-03", publisher="Airwars", url="https://a.example/1")
    assert run_batch([given], tmp_path) == Totals(documents=1, same=0, incidents=1, errors=0)
    (record,) = records(tmp_path)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    assert record["document"] == {
        "name": "a.txt",
        "sha256": sha256,
        "sha256_text": sha256,
        "published": "2019-06-03",
        "publisher": "Airwars",
        "retrieved": None,
        "url": "https://a.example/1",
        "provenance": [],
    }
    assert record["report"] == civex.extract(text, published="2019-06-03", publisher="Airwars").to_dict()
    assert record["report"]["incidents"][0]["date"]["start"] == "2019-05-28"
    assert record["settings"] == {"counts": "recorders", "min_confidence": 0.0}
    assert record["model"] == record["report"]["model"] and record["civex"] == civex.__version__


def test_parts_have_a_fixed_number_of_documents_in_the_order_of_reading(tmp_path: Path) -> None:
    run_batch(documents(7), tmp_path, part_size=3)
    parts = [path.read_bytes().splitlines() for path in sorted(tmp_path.glob("reports/*"))]
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [record["document"]["name"] for record in records(tmp_path)] == [f"d{n:03}.txt" for n in range(7)]
    assert all(line == json.dumps(json.loads(line), sort_keys=True).encode() for part in parts for line in part)


def test_processes_change_no_byte(tmp_path: Path) -> None:
    for out, n_process in (("one", 1), ("two", 2)):
        run_batch(documents(9), tmp_path / out, part_size=4, n_process=n_process, keep_text=True)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_the_same_document_is_extracted_once_and_all_its_names_kept(tmp_path: Path, monkeypatch) -> None:
    read = []
    prepared = extraction._prepared
    monkeypatch.setattr(extraction, "_prepared", lambda given, *rest: read.append(given.text) or prepared(given, *rest))
    first, other, third = documents(3)
    dated = document("dated.txt", first.text, published="2019-06-03")
    given = [
        first,
        replace(first, name="again.txt"),
        other,
        third,
        replace(first, name="later.html", sha256="ff"),
        dated,
    ]
    totals = run_batch(given, tmp_path, part_size=1)
    assert totals == Totals(documents=4, same=2, incidents=4, errors=0)
    assert sorted(read) == sorted([first.text, other.text, third.text, first.text])
    assert [(r["document"]["name"], r["document"]["provenance"]) for r in records(tmp_path)] == [
        ("d000.txt", ["again.txt", "later.html"]),
        ("d001.txt", []),
        ("d002.txt", []),
        ("dated.txt", []),
    ]


def test_a_double_that_comes_in_a_later_run_joins_the_record(tmp_path: Path) -> None:
    given = documents(3)
    late = [*given, replace(given[0], name="z.txt")]
    run_batch(given, tmp_path / "twice", part_size=2)
    totals = run_batch(late, tmp_path / "twice", part_size=2)
    assert totals == Totals(documents=3, same=1, incidents=3, errors=0)
    run_batch(late, tmp_path / "at once", part_size=2)
    assert files(tmp_path / "at once") == files(tmp_path / "twice")


def test_another_run_extracts_only_what_is_new(tmp_path: Path) -> None:
    seen = []
    run_batch(documents(4), tmp_path, part_size=2)
    before = files(tmp_path)
    new = document("0.txt", "Three killed near Mosul, Iraq, on 3 May 2017.")
    run_batch([new, *documents(4)], tmp_path, part_size=2, progress=lambda s: seen.append((s.documents, s.known)))
    assert seen[-1] == (1, 4)
    after = files(tmp_path)
    assert [name for name in after if after[name] != before.get(name)] == ["reports/part-00002.jsonl"]


def test_errors_name_document_stage_cause_and_advice(tmp_path: Path, faulty: None) -> None:
    good = documents(3)
    given = [
        good[0],
        Broken("cut.pdf", "read", "the file is cut", "get it again"),
        document("bad.txt", "Five killed in Tabqa."),
        good[1],
        document("twin.txt", "Five killed in Tabqa."),
        document("june.txt", "Six killed.", published="June"),
        good[2],
    ]
    assert run_batch(given, tmp_path, part_size=2) == Totals(documents=3, same=0, incidents=3, errors=4)
    found = errors(tmp_path)
    assert [(e["document"], e["stage"]) for e in found] == [
        ("cut.pdf", "read"),
        ("bad.txt", "extract"),
        ("twin.txt", "extract"),
        ("june.txt", "input"),
    ]
    assert found[1]["cause"] == "RuntimeError: no way through Tabqa" and "report it" in found[1]["advice"]
    assert found[0] == {"document": "cut.pdf", "stage": "read", "cause": "the file is cut", "advice": "get it again"}
    assert len(records(tmp_path)) == 3


def test_what_failed_is_tried_again_and_mended_errors_go(tmp_path: Path, faulty, monkeypatch) -> None:
    bad = document("bad.txt", "Five people were killed in Tabqa, Syria, on 2 May 2017.")
    cut = Broken("cut.txt", "read", "the file is cut", "get it again")
    run_batch([cut, bad, *documents(2)], tmp_path)
    assert [e["document"] for e in errors(tmp_path)] == ["cut.txt", "bad.txt"]
    assert run_batch([cut, bad, *documents(2)], tmp_path).errors == 2
    monkeypatch.undo()
    mended = document("cut.txt", "Seven people were killed in Mosul, Iraq, on 3 May 2017.")
    assert run_batch([mended, bad, *documents(2)], tmp_path).errors == 0
    assert errors(tmp_path) == []
    assert sorted(r["document"]["name"] for r in records(tmp_path)) == ["bad.txt", "cut.txt", "d000.txt", "d001.txt"]


@pytest.mark.parametrize("bad", [Broken("b", "read", "cut", "-"), document("b", "Five killed in Tabqa.")])
def test_errors_raise_stops_at_the_first(tmp_path: Path, faulty: None, bad) -> None:
    first, *others = documents(5)
    with pytest.raises(Stopped, match="^b: "):
        run_batch([first, bad, *others], tmp_path, errors="raise", part_size=1)
    assert run_batch([first, *others], tmp_path, part_size=1).documents == 5


class Killed(BaseException):
    """In place of a SIGKILL: nothing in civex catches it."""


def killed_after(number: int, given: Iterable) -> Iterator:
    for n, one in enumerate(given):
        if n == number:
            raise Killed
        yield one


@pytest.mark.parametrize("kill_at", range(0, 12, 2))
def test_a_run_stopped_while_reading_goes_on(tmp_path: Path, faulty: None, kill_at: int) -> None:
    given: list = documents(8)
    given.insert(2, replace(given[0], name="same.txt"))
    given.insert(4, Broken("cut.pdf", "read", "cut", "get it again"))
    given.insert(5, document("bad.txt", "Five killed in Tabqa."))
    given.append(replace(given[3], name="z.txt"))
    run_batch(given, tmp_path / "whole", part_size=3)
    out = tmp_path / "broken"
    with pytest.raises(Killed):
        run_batch(killed_after(kill_at, given), out, part_size=3)
    run_batch(given, out, part_size=3)
    assert files(out) == files(tmp_path / "whole")


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_stopped_while_a_part_is_entered_goes_on(tmp_path: Path, monkeypatch, moment: str) -> None:
    run_batch(documents(5), tmp_path / "whole", part_size=2)
    commit = Manifest.commit
    calls = []

    def kill(self: Manifest, whole: int | None = None) -> None:
        calls.append(whole)
        if len(calls) == 3 and moment == "after":
            commit(self, whole)
        if len(calls) == 3:
            raise Killed
        commit(self, whole)

    monkeypatch.setattr(Manifest, "commit", kill)
    with pytest.raises(Killed):
        run_batch(documents(5), tmp_path / "broken", part_size=2)
    monkeypatch.undo()
    run_batch(documents(5), tmp_path / "broken", part_size=2)
    assert files(tmp_path / "broken") == files(tmp_path / "whole")


def test_keep_text_saves_what_offsets_refer_to(tmp_path: Path) -> None:
    odd = Document("odd.txt", "A strike\r\nnear Mosul, Iraq, killed five \ud800 civilians.", "00")
    run_batch([odd, *documents(2)], tmp_path, keep_text=True)
    assert len(list(tmp_path.glob("texts/*"))) == 3
    for record in records(tmp_path):
        data = (tmp_path / "texts" / f"{record['document']['sha256_text']}.txt").read_bytes()
        assert hashlib.sha256(data).hexdigest() == record["document"]["sha256_text"]
        text = data.decode("utf-8", "surrogatepass")
        for incident in record["report"]["incidents"]:
            for claim in incident["casualties"]:
                assert text[slice(*claim["span"])] == claim["text"]


def test_other_settings_are_refused_and_redone(tmp_path: Path) -> None:
    vague = document("v.txt", "On 3 May 2017 a strike near Mosul, Iraq, killed dozens of civilians.")
    run_batch([vague, *documents(4)], tmp_path, part_size=2)
    with pytest.raises(ManifestError, match="begun with counts recorders"):
        run_batch([vague], tmp_path, counts="strict", part_size=2)
    assert len(records(tmp_path)) == 5
    run_batch([vague], tmp_path, counts="strict", redo_with_new_model=True, part_size=2)
    (record,) = records(tmp_path)
    assert record["settings"]["counts"] == "strict"
    assert record["report"]["incidents"][0]["killed"]["civilians"]["min"] is None


def test_another_model_is_refused_and_redone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_batch(documents(3), tmp_path)
    monkeypatch.setattr(run_module, "_digest", lambda folder: "that of a model trained anew")
    with pytest.raises(ManifestError, match="en_civex_sm .* --redo-with-new-model"):
        run_batch(documents(3), tmp_path)
    seen = []
    run_batch(documents(3), tmp_path, redo_with_new_model=True, progress=lambda s: seen.append((s.documents, s.known)))
    assert seen[-1] == (3, 0)
    run_batch(documents(3), tmp_path, redo_with_new_model=True, progress=lambda s: seen.append((s.documents, s.known)))
    assert seen[-1] == (0, 3)


def test_the_manifest_tells_of_each_input(tmp_path: Path) -> None:
    first, other = documents(2)
    run_batch([first, replace(first, name="same.txt"), other, Broken("b", "read", "cut", "-")], tmp_path, part_size=1)
    with sqlite3.connect(tmp_path / "manifest.sqlite") as manifest:
        query = "SELECT name, state, same_as, part, incidents, model, extracted NOTNULL FROM inputs ORDER BY id"
        assert manifest.execute(query).fetchall() == [
            ("d000.txt", "done", None, 0, 1, "en_civex_sm " + civex.load().meta["version"], 1),
            ("same.txt", "same", 1, None, None, None, 0),
            ("d001.txt", "done", None, 1, 1, "en_civex_sm " + civex.load().meta["version"], 1),
            ("b", "broken", None, None, None, None, 0),
        ]


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    def meanwhile() -> Iterator[Document]:
        yield documents(1)[0]
        with pytest.raises(ManifestError, match="another run"):
            run_batch(documents(1), tmp_path)

    assert run_batch(meanwhile(), tmp_path).documents == 1


def test_a_file_that_is_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "manifest.sqlite").write_text("something else " * 100)
    with pytest.raises(ManifestError, match="not a manifest"):
        run_batch(documents(1), tmp_path)


def write_texts(folder: Path, number: int) -> None:
    folder.mkdir()
    for given in documents(number):
        (folder / given.name).write_text(given.text, encoding="utf-8")
    (folder / "d001-again.txt").write_text(documents(2)[1].text, encoding="utf-8")
    (folder / "broken.txt").write_bytes(b"\x81\x00\xff\xfe\x81")


COMMAND = [sys.executable, "-m", "civex.cli", "batch"]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_three_kills_change_no_byte(tmp_path: Path) -> None:
    write_texts(tmp_path / "in", 120)
    options = ["in", "--part-size", "7", "--quiet", "--keep-text"]
    whole = subprocess.run([*COMMAND, *options, "--out", "whole"], cwd=tmp_path, capture_output=True, timeout=300)
    assert whole.returncode == 3, whole.stderr
    rng = random.Random(1)
    for kills in range(3):
        run = subprocess.Popen([*COMMAND, *options, "--out", "broken", "--n-process", str(1 + kills % 2)], cwd=tmp_path)
        deadline = time.monotonic() + 120
        while len(list(tmp_path.glob("broken/reports/part-*.jsonl"))) < 2 * kills + 1 and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(rng.random() / 20)
        assert run.poll() is None
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    last = subprocess.run([*COMMAND, *options, "--out", "broken"], cwd=tmp_path, capture_output=True, timeout=300)
    assert last.returncode == 3, last.stderr
    assert files(tmp_path / "broken") == files(tmp_path / "whole")
    assert len(records(tmp_path / "whole")) == 120


def call(*arguments: str):
    return CliRunner().invoke(app, ["batch", *arguments])


def test_exit_status_and_the_one_line_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "in", 3)
    some = call("in", "--out", "out")
    assert some.exit_code == 3 and some.stdout == ""
    assert some.stderr == (
        "civex: 3 documents, 3 reports of incidents, 1 more the same as others; 1 input failed: see out/errors.jsonl\n"
    )
    assert call("in", "--out", "out", "--quiet").exit_code == 3
    (tmp_path / "in" / "broken.txt").unlink()
    good = call("in", "--out", "out")
    assert good.exit_code == 0
    assert good.stdout == "3 documents, 3 reports of incidents, 1 more the same as others in out\n"
    quiet = call("in", "--out", "out", "--quiet")
    assert (quiet.exit_code, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "--out", "out"], "nowhere: no such file or folder"),
        (["in", "--out", "in/out"], "lies in the input in"),
        (["in", "--out", "file"], "not a folder"),
        (["in", "--out", "out", "--n-process", "0"], "--n-process 0"),
        (["in", "--out", "out", "--format", "docx"], "--format docx: not a format; there are jsonl"),
        (["in", "--out", "out", "--model", "nowhere"], "no model 'nowhere'"),
        (["in"], "--out"),
    ],
)
def test_what_the_user_can_put_right_is_exit_status_2(tmp_path, monkeypatch, arguments: list, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "in", 2)
    (tmp_path / "file").touch()
    result = call(*arguments)
    assert result.exit_code == 2 and message in result.stderr
    assert not (tmp_path / "out").exists()


def test_errors_raise_is_exit_status_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "in", 2)
    result = call("in", "--out", "out", "--errors", "raise")
    assert result.exit_code == 3 and result.stderr.startswith("civex: stopped at in/broken.txt: ")


def test_columns_of_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    row = {"body": "On Tuesday a strike in Mosul, Iraq, killed five civilians.", "day": "2019-06-03", "by": "Airwars"}
    Path("table.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    names = ["--text-column", "body", "--published-column", "day", "--publisher-column", "by"]
    assert call("table.jsonl", "--out", "out", *names).exit_code == 0
    (record,) = records(tmp_path / "out")
    assert (record["document"]["published"], record["document"]["publisher"]) == ("2019-06-03", "Airwars")
    assert record["report"]["incidents"][0]["date"]["start"] == "2019-05-28"


@pytest.mark.skipif("csv" not in outputs.FORMATS, reason="no writer of tables")
def test_other_formats_are_derived_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_texts(tmp_path / "in", 3)
    assert call("in", "--out", "out", "--format", "csv,geojson", "--format", "jsonl").exit_code == 3
    with open("out/incidents.csv", newline="", encoding="utf-8-sig") as file:
        assert [row["document"] for row in csv.DictReader(file)] == ["in/d000.txt", "in/d001-again.txt", "in/d002.txt"]
    assert len(json.loads(Path("out/incidents.geojson").read_text(encoding="utf-8"))["features"]) == 3


def test_progress_in_lines_where_piped(capsys: pytest.CaptureFixture) -> None:
    with progress.show_progress(["in"], every=0.0) as show:
        show(Seen(documents=1200, known=3, incidents=1, errors=2))
    with progress.show_progress(["in"], every=3600.0) as show:
        show(Seen(documents=1))
    with progress.show_progress(["in"], every=0.0, quiet=True) as show:
        show(Seen(documents=1))
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("civex: 1200 documents, ") and said[0].endswith("/s, 1 incident, 2 errors, 3 done before")


def test_a_bar_with_the_time_left_on_a_terminal(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    write_texts(tmp_path / "in", 12)
    outer, inner = pty.openpty()
    environment = {**os.environ, "COLUMNS": "120", "TERM": "xterm"}
    run = subprocess.Popen([*COMMAND, "in", "--out", "out"], cwd=tmp_path, stderr=inner, env=environment)
    os.close(inner)
    said = b""
    while True:
        try:
            chunk = os.read(outer, 4096)
        except OSError:  # the other end was closed
            break
        if not chunk:
            break
        said += chunk
    assert run.wait() == 3
    for words in (b"12 documents", b"/s", b"12 incidents", b"1 error", b"left"):
        assert words in said, said


def test_documents_are_counted_beforehand_where_that_is_cheap(tmp_path: Path) -> None:
    write_texts(tmp_path / "in", 4)
    (tmp_path / "table.jsonl").write_text("{}\n" * 7)
    assert progress.count_documents([str(tmp_path / "in"), str(tmp_path / "table.jsonl")]) == 6 + 7
    assert progress.count_documents([str(tmp_path / "in"), "-"]) is None
