"""`train`: what a run leaves, the same twice, the same after a break, fine-tuning; and what is refused beforehand."""

import json
import shutil
from pathlib import Path

import pytest
from spacy.training import loop

import civex
from civex.annotations import CorpusError
from civex.labels import MENTIONS
from civex.loading import load
from civex.training import train
from civex.training.config import ConfigMistake
from civex.training.rehearsal import FILE, compile_rehearsal
from civex.training.run import INFERENCE_PIPES, RunError
from tests.training.tiny import CONFIG, STEPS, TINY, train_tiny, weights


def rows(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]


def scored(run: Path) -> list[tuple]:
    """What must be the same in two runs: steps, losses and scores, not the time they took."""
    return [(row["step"], row["losses"], row["score"], row["best"]) for row in rows(run)]


def test_a_run_leaves_all_that_made_it(tiny_run: Path) -> None:
    names = {path.name for path in tiny_run.iterdir()}
    assert names >= {"config.cfg", "run.json", "log.jsonl", "curves.png", "model-best", "model-last", "data"}
    assert [row["step"] for row in rows(tiny_run)] == [0, 2, 4, 6]
    assert rows(tiny_run)[0]["best"] and set(rows(tiny_run)[0]["losses"]) >= {"civex_entities", "civex_relations"}
    facts = json.loads((tiny_run / "run.json").read_text())
    assert set(facts["train"]) == {"four.txt", "one.txt", "three.txt", "two.txt"}
    assert set(facts["dev"]) == {"five.txt", "six.txt"}
    assert (tiny_run / "data" / "train" / "one.txt").read_bytes() == (TINY / "train" / "one.txt").read_bytes()
    assert (tiny_run / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_the_models_are_whole(tiny_run: Path) -> None:
    for name in ("model-best", "model-last"):
        assert load(tiny_run / name).pipe_names[-len(INFERENCE_PIPES) :] == list(INFERENCE_PIPES)
    assert civex.extract("On 4 May 2016 a strike hit Hajin.", model=tiny_run / "model-best").model.name


def test_twice_the_same_bit_for_bit(tiny_run: Path, tmp_path: Path) -> None:
    train_tiny(tmp_path / "again")
    assert weights(tmp_path / "again") == weights(tiny_run)
    assert scored(tmp_path / "again") == scored(tiny_run)


@pytest.mark.parametrize("evaluations", [1, 2, 3])
def test_after_a_break_it_ends_as_without(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, evaluations: int
) -> None:
    """Broken off in the evaluation after the given number of them, and started again by the same call."""
    seen = []

    def update_meta(*args) -> None:
        seen.append(args)
        if len(seen) > evaluations:
            raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(loop, "update_meta", update_meta)
        train_tiny(tmp_path / "run")
    assert len(rows(tmp_path / "run")) == evaluations
    train_tiny(tmp_path / "run")
    assert weights(tmp_path / "run") == weights(tiny_run)
    assert scored(tmp_path / "run") == scored(tiny_run)


def test_a_score_does_not_hang_on_the_evaluations_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attributes have no accuracy while no mention is found, and count as soon as one is, with a break or without."""
    longer = {"training.max_steps": 20, "training.eval_frequency": 5}
    train_tiny(tmp_path / "unbroken", overrides=longer)
    *before, last = rows(tmp_path / "unbroken")
    assert any("attributes_acc" not in row["scores"] for row in before) and last["scores"]["attributes_acc"] > 0
    weighed = {"mentions_f": 0.4, "relations_f": 0.4, "attributes_acc": 0.2}
    assert last["score"] == pytest.approx(sum(weight * last["scores"][name] for name, weight in weighed.items()))
    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr("civex.training.run.write_log", Raising())
        train_tiny(tmp_path / "run", overrides=longer)
    train_tiny(tmp_path / "run", overrides=longer)
    assert scored(tmp_path / "run") == scored(tmp_path / "unbroken")


class Raising:
    """A function that is interrupted when it is called for the third time."""

    calls = 0

    def __call__(self, *args) -> None:
        self.calls += 1
        if self.calls == 3:
            raise KeyboardInterrupt


def test_a_break_while_a_model_is_written(tiny_run: Path, tmp_path: Path) -> None:
    """A folder that was left half written, or away for the moment, is made anew from the checkpoint."""
    shutil.copytree(tiny_run, tmp_path / "run")
    (tmp_path / "run" / "done.json").unlink()
    (tmp_path / "run" / ".model-best.new").mkdir()
    (tmp_path / "run" / "log.jsonl").unlink()
    train_tiny(tmp_path / "run")
    assert weights(tmp_path / "run") == weights(tiny_run)
    assert scored(tmp_path / "run") == scored(tiny_run)


def test_a_finished_run_is_not_run_again(tiny_run: Path, capsys: pytest.CaptureFixture) -> None:
    before = (tiny_run / "log.jsonl").stat().st_mtime_ns
    assert train_tiny(tiny_run) == tiny_run / "model-best"
    assert (tiny_run / "log.jsonl").stat().st_mtime_ns == before and capsys.readouterr().out == ""


def test_another_run_in_the_folder_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="another training.max_steps"):
        train_tiny(tiny_run, overrides={**STEPS, "training.max_steps": 8})
    with pytest.raises(RunError, match="another dev"):
        train_tiny(tiny_run, dev=TINY / "train")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RunError, match="not empty and holds no run"):
        train_tiny(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_patience_stops_early(tmp_path: Path) -> None:
    train_tiny(tmp_path / "run", overrides={**STEPS, "training.patience": 2, "training.optimizer.learn_rate": 0.0})
    assert [row["step"] for row in rows(tmp_path / "run")] == [0, 2]


def test_fine_tuning_goes_on_from_the_base(tiny_run: Path, tmp_path: Path) -> None:
    compile_rehearsal(TINY / "train", tmp_path / FILE)
    options = {"training.max_steps": 3, "paths.rehearsal": str(tmp_path / FILE), "training.optimizer.learn_rate": 0.0}
    best = train(TINY / "dev", tmp_path / "run", base=tiny_run / "model-best", overrides=options)
    assert [row["step"] for row in rows(tmp_path / "run")] == [0, 3]  # the last one though it is no multiple of 100
    base, tuned = load(tiny_run / "model-best"), load(best)
    assert tuned.pipe_names == base.pipe_names
    text = "On 4 May 2016 an airstrike hit a house in Hajin, killing five civilians."
    docs = [nlp(text) for nlp in (base, tuned)]
    one, other = ([(s.start, s.end, s.label_) for s in doc.spans[MENTIONS]] for doc in docs)
    assert one == other  # a learning rate of nought changes nothing
    facts = json.loads((tmp_path / "run" / "run.json").read_text())
    assert facts["base"]["name"] == "model-best" and len(facts["rehearsal"]) == 64
    assert (len(facts["train"]), len(facts["dev"])) == (1, 1)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("{Hajin|plaice i1}", r"x.txt:3:1: unknown label 'plaice'"),
        ("{Hajin|target i1 castle}", r"x.txt:3:1: 'castle' means nothing for target"),
    ],
)
def test_a_label_unknown_to_the_guideline_stops_it_before_it_starts(tmp_path: Path, broken: str, message: str) -> None:
    corpus = tmp_path / "corpus"
    shutil.copytree(TINY / "train", corpus)
    (corpus / "x.txt").write_text(f"genre: wire\n---\n{broken}\n")
    with pytest.raises(CorpusError, match=message):
        train(corpus, tmp_path / "run", base="none", config=CONFIG)
    assert not (tmp_path / "run").exists()


def test_a_mistake_in_the_config_stops_it_before_it_starts(tmp_path: Path) -> None:
    mistaken = tmp_path / "my.cfg"
    lines = CONFIG.read_text().replace("learn_rate", "lern_rate").splitlines()
    mistaken.write_text("\n".join(lines))
    number = 1 + next(n for n, line in enumerate(lines) if line.startswith("lern_rate"))
    with pytest.raises(ConfigMistake, match=rf"my\.cfg:{number}: optimizer -> lern_rate: unexpected argument"):
        train_tiny(tmp_path / "run", config=mistaken)
    assert not (tmp_path / "run" / "log.jsonl").exists()


def test_a_missing_extra_stops_it_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("civex.training.log.find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install 'civex\[train\]'"):
        train_tiny(tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_unknown_base_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(civex.ModelNotFound, match="no model 'en_nonesuch'"):
        train(TINY / "train", tmp_path / "run", base="en_nonesuch")
