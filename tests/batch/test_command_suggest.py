"""`civex suggest`: the pool as civex batch reads it, annotation ignored, one line for what is wrong."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from civex.annotations import parse
from civex.cli import app
from civex.suggestions import suggest
from tests.test_suggestions import STRIKE, VAGUE, WEATHER

pytestmark = pytest.mark.usefixtures("model")

ANNOTATED = "publisher: A\n---\nOn {4 May 2016|date i1 2016-05-04} in {Hajin|place i1} {two people|killed i1 2} died.\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["suggest", *map(str, arguments)])


@pytest.fixture
def pool(tmp_path: Path) -> Path:
    folder = tmp_path / "pool"
    folder.mkdir()
    for name, text in (("strike", STRIKE), ("vague", VAGUE), ("weather", WEATHER), ("tagged", ANNOTATED)):
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_a_table_and_the_same_as_json(pool: Path, tmp_path: Path) -> None:
    shown = run(pool, "-n", 2)
    assert shown.exit_code == 0
    first, second = shown.stdout.splitlines()[1:3]
    assert "vague.txt" in first and first.split()[0] == "1"
    assert shown.stdout.splitlines()[-1].startswith("2 of 4 documents, ")
    printed = run(pool, "-n", 2, "--json", "--out", tmp_path / "next.json")
    rows = json.loads(printed.stdout)
    assert [Path(row["document"]).name for row in rows][0] == "vague.txt" and Path(rows[1]["document"]).name in second
    assert json.loads((tmp_path / "next.json").read_text(encoding="utf-8")) == rows
    assert set(rows[0]) == {"rank", "document", "doubt", "novelty", "words", "incidents"}


def test_annotation_does_not_count(pool: Path) -> None:
    rows = json.loads(run(pool / "tagged.txt", "--json").stdout)
    (expected,) = suggest([parse(ANNOTATED).text])
    assert (rows[0]["doubt"], rows[0]["words"]) == (expected.doubt, expected.words)


def test_tables_are_read_by_their_columns(tmp_path: Path) -> None:
    lines = [{"body": STRIKE, "key": "a", "day": "2019-06-03"}, {"body": VAGUE, "key": "b", "day": None}]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    columns = ("--text-column", "body", "--id-column", "key", "--published-column", "day")
    rows = json.loads(run(tmp_path / "t.jsonl", *columns, "--json").stdout)
    assert [row["document"].rpartition("#")[2] for row in rows] == ["b", "a"]


def test_what_cannot_be_read_is_named_and_the_rest_is_chosen_from(pool: Path) -> None:
    (pool / "cut.pdf").write_bytes(b"%PDF-1.4 cut")
    (pool / "day.txt").write_text("published: June\n---\nFive died.\n", encoding="utf-8")
    done = run(pool, "--json")
    assert done.exit_code == 3
    assert {Path(row["document"]).name for row in json.loads(done.stdout)} >= {"strike.txt", "vague.txt"}
    told = done.stderr.splitlines()
    assert len(told) == 3 and "cut.pdf" in told[0] and "day.txt" in told[1] and "June" in told[1]
    assert told[2] == "civex: 2 inputs could not be read"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.txt"], "nowhere.txt"),
        (["{pool}", "--model", "nothing"], "no model 'nothing'"),
        (["{pool}", "--out", "{pool}"], "name a file in a folder that is there"),
        (["{pool}", "--out", "{pool}/no/folder.json"], "name a file in a folder that is there"),
    ],
)
def test_bad_usage_is_one_line(pool: Path, arguments: list[str], told: str) -> None:
    done = run(*(argument.format(pool=pool) for argument in arguments))
    assert done.exit_code == 2 and told in done.stderr and "Traceback" not in done.output


def test_n_is_at_least_one(pool: Path) -> None:
    assert run(pool, "--n", 0).exit_code == 2
