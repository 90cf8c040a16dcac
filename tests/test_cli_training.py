"""`civex train`, `civex package` and `civex models` on the command line: options, messages, exit status."""

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from civex.cli import app
from tests.training.tiny import CONFIG, TINY


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> dict:
    """What `train` was called with, in its place."""
    seen: dict = {}

    def train(corpus: Path, out: Path, **options) -> Path:
        seen.update(corpus=corpus, out=out, **options)
        return out / "model-best"

    monkeypatch.setattr("civex.training.train", train)
    return seen


def test_overrides_as_for_spacy(called: dict, tmp_path: Path) -> None:
    options = ["--training.max_steps", "500", "--training.optimizer.learn_rate=1e-4", "--paths.rehearsal", "old"]
    result = run("train", TINY / "train", "--out", tmp_path / "run", "--base", "none", *options)
    assert result.exit_code == 0 and f"best model: {tmp_path / 'run' / 'model-best'}" in result.stdout
    assert called["overrides"] == {
        "training.max_steps": 500,
        "training.optimizer.learn_rate": 1e-4,
        "paths.rehearsal": "old",
    }
    assert (called["base"], called["dev"], called["config"]) == ("none", None, None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--basse", "none"], "no such option: --basse"),
        (["another"], "'another' is one argument too many"),
        (["--dev", "nonesuch"], "does not exist"),
        (["--config", "nonesuch.cfg"], "does not exist"),
        (["--base", "en_nonesuch"], "civex: no model 'en_nonesuch'"),
        (["--config", CONFIG, "--training.max_stepz", "5"], "civex: --training.max_stepz: training -> max_stepz"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_made(tmp_path: Path, options: list, message: str) -> None:
    result = run("train", TINY / "train", "--out", tmp_path / "run", *options)
    assert result.exit_code == 2 and "Traceback" not in result.output
    assert message in " ".join(result.output.replace("│", " ").split())
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_stopped_training_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def train(*args, **options) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr("civex.training.train", train)
    result = run("train", TINY / "train", "--out", tmp_path / "run")
    assert result.exit_code == 130 and "the same command goes on" in result.output


def test_package_says_what_is_wrong(tiny_run: Path, tmp_path: Path) -> None:
    result = run("package", tiny_run, "--name", "kivu", "--out", tmp_path)
    assert result.exit_code == 2 and "such as en_kivu" in result.output
    result = run("package", tmp_path, "--name", "en_kivu", "--out", tmp_path / "dist")
    assert result.exit_code == 2 and "civex: no model" in result.output


def test_models_lists_name_version_and_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, version, performance in (("en_b", "0.2.0", '{"fields_f1": 0.5123}'), ("en_a", "0.1.0", "{}")):
        (tmp_path / name).mkdir()
        meta = f'{{"version": "{version}", "description": "Of {name}", "performance": {performance}}}'
        (tmp_path / name / "meta.json").write_text(meta)
    found = {name: tmp_path / name for name in ("en_b", "en_a")}
    monkeypatch.setattr("civex.loading.installed_models", lambda: found)
    lines = [line.split() for line in run("models").stdout.splitlines()]
    assert lines[1][:2] == ["en_a", "0.1.0"] and lines[2][:3] == ["en_b", "0.2.0", "0.512"]
