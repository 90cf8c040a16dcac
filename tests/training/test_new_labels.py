"""A new type of target and a new outcome, from the label file to the records of a model that brings them along."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from spacy.language import Language
from typer.testing import CliRunner

from civex import labels
from civex.cli import app

DOCUMENT = (
    "genre: wire\n---\nOn {{{day} May 2016|date i1 2016-05-{day:02d}}} a {{{by} airstrike|action i1 airstrike}} "
    "destroyed {{a {kind} bridge|target i1 bridge destroyed}} near {{{place}|place i1}} , and the case was "
    "{{referred to the prosecutor|outcome i1 referred}} .\n"
)
TEXT = (
    "On 19 May 2016 a morning airstrike destroyed a wooden bridge near Kashkul , and the case was referred to the "
    "prosecutor ."
)
PLACES = ("Hajin", "Mari", "Tabqa", "Shaddadi", "Mayadin", "Manbij", "Ratla", "Dashisha")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with the label file and documents; the guideline of the process is put back afterwards."""
    (tmp_path / "labels.json").write_text('{"target_type": ["bridge"], "outcome": ["referred"]}')
    (tmp_path / "own").mkdir()
    for n, place in enumerate(PLACES):
        text = DOCUMENT.format(day=n + 10, by=("night", "morning")[n % 2], kind=("road", "rail")[n % 2], place=place)
        (tmp_path / "own" / f"d{n}.txt").write_text(text)
    monkeypatch.chdir(tmp_path)
    before = dict(labels.ATTRIBUTES)
    yield tmp_path
    labels.ATTRIBUTES.update(before)


def run(*args: str) -> str:
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_without_the_label_file_the_words_are_faults(here: Path) -> None:
    result = CliRunner().invoke(app, ["train", "own", "--out", "run"])
    assert result.exit_code == 2 and not (here / "run").exists()
    assert "d0.txt:3:" in result.output and "'bridge' means nothing for target" in result.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", "a label file is like"),
        ("{", "labels.json: Expecting property name"),
        ('{"target_type": "bridge"}', "a label file is like"),
        ('{"harm": ["scared"]}', "no values can be added to 'harm'"),
    ],
)
def test_a_broken_label_file(here: Path, content: str, message: str) -> None:
    (here / "labels.json").write_text(content)
    result = CliRunner().invoke(app, ["--labels", "labels.json", "corpus", "check", "own"])
    assert result.exit_code == 2 and message in result.output


@pytest.mark.slow
def test_new_words_from_label_file_to_record(model: Language, here: Path) -> None:
    assert "8 sound documents, 0 faults" in run("--labels", "labels.json", "corpus", "check", "own")
    short = ["--training.max_steps", "60", "--corpora.train.ratio", "0.5", "--training.dropout", "0.0"]
    run("--labels", "labels.json", "train", "own", "--out", "run", *short)
    code = f"import civex; print(civex.extract({TEXT!r}, model='run/model-last').to_json())"
    env = {key: value for key, value in os.environ.items() if key != "CIVEX_LABELS"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    (incident,) = json.loads(done.stdout)["incidents"]
    assert [target["type"] for target in incident["targets"]] == ["bridge"]
    assert incident["assessment"]["outcome"] == "referred"
    assert [place["text"] for place in incident["places"]] == ["Kashkul"]
