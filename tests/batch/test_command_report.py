"""`civex report`: what it writes, and how it says what the user did wrong."""

from pathlib import Path

import pytest
from spacy.language import Language
from typer.testing import CliRunner

import civex
from civex.annotations import read
from civex.cli import app
from tests.batch.written import TEXT, incident, report, write_out

DEV = Path(__file__).parent.parent.parent / "corpus" / "dev"


def run(*args: object) -> object:
    return CliRunner().invoke(app, ["report", *map(str, args)])


def fault(*args: object) -> str:
    """The one line on stderr of a command that the user got wrong."""
    result = run(*args)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("civex: ")
    return result.stderr


def test_a_page_with_texts_where_they_were_kept(tmp_path: Path) -> None:
    gone = "Another text that was not kept.\n"
    out = write_out(tmp_path / "out", report(incident()), report(incident(), text=gone), texts=(TEXT,))
    page = tmp_path / "summary.html"
    result = run(out, "--html", page, "--title", "Mosul & around")
    assert (result.exit_code, result.output) == (0, "")
    html = page.read_text(encoding="utf-8")
    assert "<h1>Mosul &amp; around</h1>" in html and "<b>2</b> reports" in html
    assert '"9 April 2016","date stretch"' in html and "Another text" not in html
    assert "The text of 1 document is not on this page" in html
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "summary.html"]


def test_a_text_that_has_changed_is_not_shown(tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", report(incident()), texts=(TEXT,))
    for path in (out / "texts").iterdir():
        path.write_text("Something else.", encoding="utf-8")
    run(out, "--html", tmp_path / "summary.html")
    html = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert "Something else" not in html and "The text of 1 document is not on this page" in html


def test_no_text_is_read_outside_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    out = write_out(tmp_path / "out", report(incident()), sha256_text="../../secret")
    assert run(out, "--html", tmp_path / "summary.html").exit_code == 0
    assert 'secret"' not in (tmp_path / "summary.html").read_text(encoding="utf-8")


def test_parts_without_incidents(tmp_path: Path) -> None:
    out = write_out(tmp_path / "out")
    assert run(out, "--html", tmp_path / "summary.html").exit_code == 0
    assert "<b>0</b> reports" in (tmp_path / "summary.html").read_text(encoding="utf-8")


def test_faults_of_the_user(tmp_path: Path) -> None:
    page = tmp_path / "summary.html"
    assert "no such folder" in fault(tmp_path / "none", "--html", page)
    assert "run civex batch INPUT" in fault(tmp_path, "--html", page)
    out = write_out(tmp_path / "out", report(incident()))
    assert "in a folder that is there" in fault(out, "--html", tmp_path / "none" / "summary.html")
    assert "name a file" in fault(out, "--html", out)
    assert not page.exists()


def test_a_broken_part_is_named_and_an_old_page_stays(tmp_path: Path) -> None:
    out = write_out(tmp_path / "out", report(incident()))
    with (out / "reports" / "part-00000.jsonl").open("a", encoding="utf-8") as part:
        part.write('{"document": {}}\n')
    page = tmp_path / "summary.html"
    page.write_text("old", encoding="utf-8")
    assert "part-00000.jsonl, line 2" in fault(out, "--html", page)
    assert page.read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "summary.html"]


@pytest.mark.parametrize("name", ["d04-tigray-quarterly-review", "d13-fasher-mawashi-market", "m37-gulmarg-exercise"])
def test_reports_of_the_shipped_model(name: str, model: Language, tmp_path: Path) -> None:
    text = read(DEV / f"{name}.txt").text
    found = civex.extract(text)
    out = write_out(tmp_path / "out", found, texts=(text,))
    assert run(out, "--html", tmp_path / "summary.html").exit_code == 0
    html = (tmp_path / "summary.html").read_text(encoding="utf-8")
    assert f"<b>{len(found.incidents)}</b> reports" in html
    assert html.count('<td data-label="when">') == len(found.incidents)
