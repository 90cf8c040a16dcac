"""`civex evaluate` and `civex compare` on the command line: what they print and write, and their exit status."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from spacy.language import Language
from typer.testing import CliRunner

from civex import cli
from civex.cli import app
from civex.corpus import blank

HEADER = "publisher: A\nwar: B\ngenre: wire\npublished: 2019-06-03\n---\n"
ENTRY = "On {4 May 2016|date i1 2016-05-04} a {strike|action i1 airstrike} hit {Hajin|place i1} .\n"
PROSE = "On {4 May 2016|date i1 2016-05-04} a {strike|action i1 airstrike} hit {Hajin|place i1} ." + " It was so ." * 20


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for n in range(3):
        (folder / f"d{n}.txt").write_text(HEADER + ENTRY, encoding="utf-8")
    (folder / "p.txt").write_text(HEADER + PROSE + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Language:
    """A pipeline that finds nothing, in place of every model."""
    nlp = blank()
    for name in ("civex_layout", "civex_dates", "civex_assessments", "civex_incidents"):
        nlp.add_pipe(name)
    monkeypatch.setattr(cli, "_load", lambda model: nlp)
    return nlp


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def test_evaluate_prints_every_group(silent: Language, corpus: Path) -> None:
    result = run("evaluate", corpus)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert {"records", "field", "genre", "war", "text", "mention", "narratives"} <= set(lines)
    places = next(line.split() for line in lines if line.startswith("  places"))
    assert places == ["places", "-", "0.000", "0.000-0.000", "0.000", "0.000-0.000", "4", "4"]
    assert "4 documents" in lines


def test_evaluate_only_narratives(silent: Language, corpus: Path) -> None:
    assert "1 document" in run("evaluate", corpus, "--narratives").stdout.splitlines()
    (corpus / "p.txt").unlink()
    result = run("evaluate", corpus, "--narratives")
    assert result.exit_code == 2 and "no document tells of incidents in prose" in result.stderr


def test_evaluate_writes_figures_and_page(silent: Language, corpus: Path, tmp_path: Path) -> None:
    figures, page = tmp_path / "figures.json", tmp_path / "errors.html"
    assert run("evaluate", corpus, "--json", figures, "--html", page).exit_code == 0
    data = json.loads(figures.read_text(encoding="utf-8"))
    assert data["fields_f1"] == 0.0 and data["calibrated"] is False and data["confidence"] is None
    assert data["intervals"]["field"]["date"]["r"] == {"value": 0.0, "low": 0.0, "high": 0.0, "documents": 4}
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>") and "missed mention <b>12</b>" in text
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["errors.html", "figures.json"]


def test_faults_of_the_user(silent: Language, corpus: Path, tmp_path: Path) -> None:
    for args, words in (
        (("evaluate", corpus, "--json", tmp_path / "none" / "x.json"), "No such file"),
        (("evaluate", corpus, "--html", tmp_path), "is a directory"),
        (("evaluate", corpus, "--plots", tmp_path / "plots"), "nothing to draw"),
        (("compare", "a", "b", corpus, "--figure", "field:kiled"), "no figure field: kiled"),
    ):
        result = run(*args)
        assert result.exit_code == 2 and words in result.stderr, result.output
    (corpus / "broken.txt").write_text(HEADER + "{Hajin|plaice i1}\n", encoding="utf-8")
    result = run("evaluate", corpus)
    assert result.exit_code == 2
    first, last = result.stderr.splitlines()
    assert first.startswith(f"{corpus / 'broken.txt'}:6:1: unknown label 'plaice'") and "1 fault" in last


def test_an_unknown_model(corpus: Path) -> None:
    result = run("compare", "en_civex_none", "en_civex_none", corpus)
    assert result.exit_code == 2 and "no model 'en_civex_none'" in result.stderr


def test_an_empty_folder(silent: Language, tmp_path: Path) -> None:
    result = run("evaluate", tmp_path)
    assert result.exit_code == 2 and "no annotated .txt file" in result.stderr


def test_compare_exit_status(corpus: Path, monkeypatch: pytest.MonkeyPatch, silent: Language, tmp_path: Path) -> None:
    """0 for the same model; 1 where the second finds nothing and the first, which copies the annotation, everything."""
    same = run("compare", "a", "b", corpus)
    assert same.exit_code == 0 and "not significantly different" in same.stdout.splitlines()[-1]
    for n in range(8):
        (corpus / f"e{n}.txt").write_text(HEADER + ENTRY, encoding="utf-8")
    models = {"good": reader(), "silent": silent}
    monkeypatch.setattr(cli, "_load", lambda model: models[model])
    worse = run("compare", "good", "silent", corpus, "--json", tmp_path / "c.json")
    assert worse.exit_code == 1, worse.output
    assert worse.stdout.splitlines()[-1].startswith("silent is worse than good: all fields 1.000 with good, 0.000")
    assert json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["worse"] is True
    assert run("compare", "silent", "good", corpus).exit_code == 0


def reader() -> Language:
    """A pipeline that finds what the annotation of ENTRY and PROSE says."""
    from civex.annotations import parse
    from civex.corpus import annotate

    nlp = blank()
    nlp.add_pipe("civex_layout")
    tail = [nlp.create_pipe(name) for name in ("civex_dates", "civex_assessments", "civex_incidents", "civex_places")]
    known = {document.text: document for document in (parse(HEADER + ENTRY), parse(HEADER + PROSE + "\n"))}

    class Reader:
        pipe_names: list[str] = []
        meta: dict = {"lang": "en", "name": "reader"}
        make_doc = staticmethod(nlp.make_doc)

        def __call__(self, doc):
            annotate(doc, known[doc.text])
            for component in (nlp.get_pipe("civex_layout"), *tail):
                doc = component(doc)
            return doc

        def get_pipe(self, name: str):
            return nlp.get_pipe(name)

    return Reader()  # type: ignore[return-value]
