"""Agreement of two annotators, counted by hand, and the command that prints it."""

import json
from pathlib import Path

import pytest
from spacy.language import Language
from typer.testing import CliRunner

from civex.agreement import agree
from civex.annotations import parse
from civex.cli import app
from civex.figures import figures, row

HEADER = "publisher: A\nwar: B\ngenre: wire\n---\n"
ONE = "In {Hajin|place i1} , {Syria|country i1} , {five people|killed i1 5} died .\n"
OTHER = "In {Hajin|place i1} , Syria , {five people|killed i1 civilians 5} {died|action i1 other} .\n"


def document(source: str, id: str):
    return parse(HEADER + source, id=id)


def test_agreement_by_hand(blank_nlp: Language) -> None:
    """Of three mentions each, two are the same; of the claim both have, the group differs."""
    found = agree([document(ONE, "a")], [document(OTHER, "a")], blank_nlp)
    assert found.skipped == []
    (judged,) = found.judged
    counts = row(judged)
    assert counts["text", "mentions, exact spans"].columns == (2, 1, 1)
    assert counts["mention", "country"].columns == (0, 1, 0)
    assert counts["field", "places"].columns == (1, 0, 0)
    assert counts["field", "killed"].columns == (0, 1, 1)
    assert counts["attribute, end to end", "group"].columns == (0, 1)


def test_f1_does_not_depend_on_who_comes_first(blank_nlp: Language) -> None:
    one, other = [document(ONE, "a")], [document(OTHER, "a")]
    there, back = (figures([row(j) for j in agree(*pair, blank_nlp).judged]) for pair in ((one, other), (other, one)))
    assert there.keys() == back.keys()
    for name, figure in there.items():
        for measure, swapped in (("f", "f"), ("p", "r"), ("r", "p")):
            if measure in figure.estimates:
                assert figure.estimates[measure].value == back[name].estimates[swapped].value, name


def test_documents_that_cannot_be_compared_are_named(blank_nlp: Language) -> None:
    one = [document(ONE, "a"), document(ONE, "b"), document(ONE, "c")]
    other = [document(OTHER, "a"), document("In {Mari|place i1} , {two|killed i1 2} died .\n", "b"), document(ONE, "d")]
    found = agree(one, other, blank_nlp)
    assert [j.document.id for j in found.judged] == ["a"]
    assert found.skipped == [
        "b: the two texts differ",
        "c: only the first annotator has it",
        "d: only the second annotator has it",
    ]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made = []
    for name, source in (("one", ONE), ("other", OTHER)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.txt").write_text(HEADER + source, encoding="utf-8")
        made.append(folder)
    return made[0], made[1]


def test_the_command(folders: tuple[Path, Path], tmp_path: Path) -> None:
    out, page = tmp_path / "f.json", tmp_path / "p.html"
    result = CliRunner().invoke(app, ["agree", *map(str, folders), "--json", str(out), "--html", str(page)])
    assert result.exit_code == 0, result.output
    assert "a, character 19: wrong attribute (1), killed group: unspecified / civilians" in result.stdout
    assert "  places                       1.000              1.000              1.000" in result.stdout
    assert json.loads(out.read_text())["field"]["places"]["f"]["value"] == 1.0
    assert "<dt>first</dt><dd>unspecified</dd><dt>second</dt><dd>civilians</dd>" in page.read_text(encoding="utf-8")


def test_nothing_in_common(folders: tuple[Path, Path]) -> None:
    (folders[1] / "a.txt").rename(folders[1] / "b.txt")
    result = CliRunner().invoke(app, ["agree", *map(str, folders)])
    assert result.exit_code == 2 and "no document of the same name and text" in result.stderr
    assert "civex: left out: a: only the first annotator has it" in result.stderr
