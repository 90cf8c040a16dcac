"""The command line: what it shows, and how it says what the user did wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from typer.testing import CliRunner

import civex
from civex.cli import app, main
from civex.schema import (
    Candidate,
    Country,
    Date,
    Document,
    Figure,
    Incident,
    ModelInfo,
    Place,
    Report,
    ReportWarning,
    Tally,
)

TEXT = "On 9 April 2016 a strike in Mosul killed at least five civilians.\r\n30 strikes in all.\n"
INCIDENT = Incident(
    id="i1",
    spans=[(0, 65)],
    date=Date(text="9 April 2016", span=(3, 15), start="2016-04-09", end="2016-04-09", precision="day"),
    places=[Place(text="Mo\x1b[31msul", span=(28, 33))],
    country=Country(name="Iraq", code="IQ", inferred=True),
    killed={"civilians": Figure(min=5)},
    detained={"unspecified": Figure(min=1, max=1)},
)
REPORT = Report(
    model=ModelInfo(name="civex_en", version="1.0"),
    document=Document(sha256="", n_chars=len(TEXT)),
    incidents=[INCIDENT],
    tallies=[Tally(text="30 strikes", span=(67, 77), measure="strikes", min=30, max=30)],
    warnings=[ReportWarning(code="not_english", message="the text\nlooks like Dutch", span=(0, 5))],
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict]]:
    """The calls of `civex.extract`, which gives REPORT."""
    made: list[tuple[str, dict]] = []

    def extract(text: str, **options: object) -> Report:
        made.append((text, options))
        if options["model"] == "nothing":
            raise OSError("no model 'nothing'; there is civex_en\n(pip install civex)")
        return REPORT

    monkeypatch.setitem(vars(civex), "extract", extract)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode())
    return path


def run(*args: object, stdin: bytes | None = None, columns: int | None = None) -> Result:
    return CliRunner(env={"COLUMNS": columns and str(columns)}).invoke(app, [str(arg) for arg in args], input=stdin)


def fault(*args: object, stdin: bytes | None = None) -> str:
    """The one line on stderr of a command that the user got wrong."""
    result = run(*args, stdin=stdin)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("civex: ")
    return result.stderr


def test_extract_shows_tables_and_warnings(calls: list, file: Path) -> None:
    result = run("extract", file)
    assert result.exit_code == 0
    row = next(line for line in result.stdout.splitlines() if "2016-04-09" in line)
    assert "Iraq" in row and "≥5 civilians" in row  # one incident a line where output is piped
    assert "30 strikes" in result.stdout
    assert result.stderr == "civex: warning: not_english: the text looks like Dutch (characters 0 to 5)\n"
    assert "\x1b" not in result.output
    options = {"published": None, "publisher": None, "counts": "recorders", "model": None, "gazetteer": None}
    assert calls == [(TEXT, {**options, "min_confidence": 0.0})]


def test_extract_fits_a_narrow_terminal(calls: list, file: Path) -> None:
    result = run("extract", file, columns=70)
    assert max(map(len, result.stdout.splitlines())) <= 70
    assert "killed: ≥5 civilians" in result.stdout


def test_extract_passes_options_on(calls: list, file: Path) -> None:
    options = {"published": "2019-06-03", "publisher": "CJTF", "counts": "strict", "model": "m", "gazetteer": "SY.txt"}
    run("extract", file, *(part for name, value in options.items() for part in (f"--{name}", value)))
    assert calls[0][1] == {**options, "min_confidence": 0.0}


@pytest.mark.parametrize("args", [(), ("-",)])
def test_extract_reads_standard_input(calls: list, args: tuple) -> None:
    assert run("extract", *args, stdin=b"\xef\xbb\xbf" + TEXT.encode()).exit_code == 0
    assert calls[0][0] == TEXT  # without the byte order mark, with its line breaks as they were


def test_extract_json_is_the_report(calls: list, file: Path) -> None:
    assert Report.from_json(run("extract", file, "--json").stdout) == REPORT


def test_render_writes_a_page(calls: list, file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    assert run("render", file, "-o", out).exit_code == 0
    assert out.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert run("render", file).stdout.startswith("<!DOCTYPE html>")


def test_render_does_not_overwrite_the_text(calls: list, file: Path) -> None:
    assert "overwrite" in fault("render", file, "-o", file)
    assert file.read_bytes() == TEXT.encode()


def test_faults_of_the_user(calls: list, file: Path, tmp_path: Path) -> None:
    assert "No such file" in fault("extract", tmp_path / "none.txt")
    assert "directory" in fault("extract", tmp_path)
    assert "No such file" in fault("render", file, "-o", tmp_path / "none" / "out.html")
    assert "2019-06-03" in fault("extract", file, "--published", "last Tuesday")
    assert "no model 'nothing'; there is civex_en (pip" in fault("extract", file, "--model", "nothing")
    assert run("extract", file, "--counts", "some").exit_code == 2


@pytest.mark.parametrize(
    ("data", "advice"),
    [
        ("café".encode("latin-1"), "iconv -f WINDOWS-1252"),
        ("text".encode("utf-16"), "iconv -f UTF-16"),
        (b"%PDF-1.7\n\xe2\xe3", "pdftotext"),
        (b"PK\x03\x04\x14\x00\xff", "save it as plain text"),
    ],
)
def test_what_is_not_utf8_is_refused_with_advice(tmp_path: Path, data: bytes, advice: str) -> None:
    path = tmp_path / "a text.txt"
    path.write_bytes(data)
    assert advice in fault("extract", path)
    assert advice in fault("extract", stdin=data)


def test_a_fault_of_civex_is_no_fault_of_the_user(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    monkeypatch.setitem(vars(civex), "extract", lambda *args, **options: 1 / 0)
    assert isinstance(run("extract", file).exception, ZeroDivisionError)


def test_info(monkeypatch: pytest.MonkeyPatch) -> None:
    meta = {"name": "civex_en", "version": "1.0", "performance": {"incidents_f": 0.9, "per_type": {}}}
    nlp = SimpleNamespace(meta=meta, pipe_names=["entities", "relations"])
    monkeypatch.setitem(vars(civex), "load", lambda model: nlp)
    result = run("info")
    assert result.exit_code == 0
    assert "civex_en 1.0" in result.stdout and "entities, relations" in result.stdout and "0.900" in result.stdout


def test_info_of_an_unknown_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(model: str) -> None:
        raise OSError(f"no model {model!r}")

    monkeypatch.setitem(vars(civex), "load", load)
    assert "no model 'x'" in fault("info", "--model", "x")


def test_version(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version").stdout.startswith("civex ")
    monkeypatch.setattr(sys, "argv", ["civex", "--version"])
    with pytest.raises(SystemExit, match="0"):
        main()  # what the installed command calls
    assert capsys.readouterr().out.startswith("civex ")


@pytest.mark.parametrize("args", [("--help",), ("extract", "--help"), ("render", "--help"), ("info", "-h")])
def test_help_as_a_process(args: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, "-m", "civex.cli", *args], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "Usage" in done.stdout and not done.stderr


def test_a_table_prints_where_the_encoding_is_poor(file: Path) -> None:
    """As a process whose output is ASCII: what cannot be shown is replaced, nothing fails."""
    code = (
        "import sys, civex, civex.schema, civex.cli\n"
        f"civex.extract = lambda text, **options: civex.schema.Report.from_json({json.dumps(REPORT.to_json())})\n"
        "civex.cli.app(sys.argv[1:])"
    )
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-c", code, "extract", str(file)], capture_output=True, env=env, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    assert b"2016-04-09" in done.stdout


def test_fields_in_doubt_are_shown_as_such(calls: list, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = Candidate(text="five civilians", span=(50, 64), confidence=0.5, value={"min": 5})
    doubted = INCIDENT.model_copy(update={"killed": {}, "candidates": {"killed": [candidate]}})
    monkeypatch.setitem(
        vars(civex), "extract", lambda text, **options: REPORT.model_copy(update={"incidents": [doubted]})
    )
    assert "? five civilians" in run("extract", file, "--min-confidence", "0.9").stdout
    assert "? five civilians" in run("render", file, "--min-confidence", "0.9").stdout


def test_min_confidence_is_passed_on_and_lies_between_0_and_1(calls: list, file: Path) -> None:
    run("extract", file, "--min-confidence", "0.9")
    assert calls[0][1]["min_confidence"] == 0.9
    assert run("extract", file, "--min-confidence", "1.5").exit_code == 2
