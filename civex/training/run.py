"""`civex train`: fine-tuning or training anew, through spaCy's own loop and config, in a folder where it can go on."""

import itertools
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import spacy
from spacy.cli._util import import_code
from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.training import loop
from spacy.training.initialize import init_nlp
from spacy.util import registry, resolve_dot_names
from thinc.api import Config, Optimizer, fix_random_seed

from civex.formats.files import write_atomically
from civex.loading import DEFAULT_MODEL, find_model, load, shipped_models
from civex.text import set_extensions
from civex.training import augmentation, checkpoint, data  # noqa: F401  augmentation: registered functions
from civex.training.config import FINETUNE, NEW, finetuning_config, mistakes_with_line, read_config
from civex.training.log import CURVES, LOG, check_extra, draw_curves, log_row, write_log
from civex.training.rehearsal import rehearsal_of

BEST, LAST = loop.DIR_MODEL_BEST, loop.DIR_MODEL_LAST
CONFIG, RUN, DONE = "config.cfg", "run.json", "done.json"
NONE = "none"
INFERENCE_PIPES = (
    "civex_events",
    "civex_scopes",
    "civex_claims",
    "civex_dates",
    "civex_assessments",
    "civex_incidents",
    "civex_places",
)  # follow the learned components; nothing to train


class RunError(ValueError):
    """The folder holds another run, or what it was started with has changed."""


def train(
    corpus: str | Path,
    out: str | Path,
    *,
    base: str | Path = DEFAULT_MODEL,
    dev: str | Path | None = None,
    config: str | Path | None = None,
    code: str | Path | None = None,
    overrides: dict[str, Any] | None = None,
) -> Path:
    """Train on annotated documents; returns the folder of the best model, `out`/model-best.

    corpus: a folder of inline-annotated .txt files. base: the model to fine-tune, rehearsing documents that it knows,
    or "none" to train anew from the word vectors of the model that came with civex. dev: documents to choose the best
    model by; without, a fifth of the corpus is held out. config: a spaCy training config in place of the one that civex
    has for either; `paths.train`, `paths.dev`, `paths.base`, `paths.rehearsal` and `paths.vectors` are set where it
    names them. code: a Python file whose registered functions the config names. overrides: config entries by dotted
    name, as on spaCy's command line.

    Where `out` holds an unfinished training of the same documents and config, it goes on from the last evaluation and
    ends with the same weights as without the break.

    Raises CorpusError, ConfigMistake, RunError (all ValueErrors), ModelNotFound or, without the extra train,
    ImportError before training starts.
    """
    check_extra()
    corpus, out = Path(corpus), Path(out).resolve()
    data.check_corpus(corpus, *([Path(dev)] if dev else []))
    train_files, dev_files = data.split(corpus, Path(dev) if dev else None)
    anew = str(base) == NONE
    folder = None if anew else find_model(base)
    path = Path(config) if config else NEW if anew else FINETUNE
    import_code(code)
    set_extensions()
    settings = read_config(path, overrides or {})
    _set_paths(settings, out, folder, overrides or {})
    if path in (FINETUNE, NEW):
        _evaluate_at_the_end(settings["training"])
    if path == FINETUNE and folder:
        settings = finetuning_config(settings, load(folder))
    facts = {
        "civex": version("civex"),
        "spacy": spacy.__version__,
        "base": {"name": folder.name, "sha256": _weights_hash(folder)} if folder else None,
        "rehearsal": _file_hash(settings["paths"].get("rehearsal")),
        "train": data.hashes(train_files),
        "dev": data.hashes(dev_files),
    }
    if _begun_before(out, settings, facts):
        if (out / DONE).exists():
            return out / BEST
    else:
        data.copy(train_files, out / "data" / "train")
        data.copy(dev_files, out / "data" / "dev")
        settings.to_disk(out / CONFIG)
        write_atomically(out / RUN, json.dumps(facts, indent=2) + "\n")
    with mistakes_with_line(path, overrides or {}):
        nlp = init_nlp(settings, use_gpu=-1)
    add_new_values(nlp)
    nlp.meta["civex"] = {"base": facts["base"], "calibration": None}
    add_inference_pipes(nlp)
    rows = _run(nlp, out)
    names = [name for name, weight in nlp.config["training"]["score_weights"].items() if weight]
    draw_curves(rows, names, out / CURVES)
    write_atomically(out / DONE, json.dumps({"steps": rows[-1]["step"]}) + "\n")
    return out / BEST


def _set_paths(settings: Config, out: Path, base: Path | None, overrides: dict[str, Any]) -> None:
    """Fill in the paths that the config names and that are not given as overrides."""
    found: dict[str, Any] = {
        "train": out / "data" / "train",
        "dev": out / "data" / "dev",
        "base": base,
        "rehearsal": rehearsal_of(base) if base else None,
        "vectors": shipped_models().get(DEFAULT_MODEL),
    }
    settings.setdefault("paths", {})
    for name, path in found.items():
        if name in settings["paths"] and f"paths.{name}" not in overrides:
            settings["paths"][name] = str(path) if path else None


def _evaluate_at_the_end(training: dict[str, Any]) -> None:
    """Let a training that is shorter than the steps between two evaluations be evaluated at its last step."""
    training["eval_frequency"] = min(training["eval_frequency"], training["max_steps"] or training["eval_frequency"])


def _begun_before(out: Path, settings: Config, facts: dict[str, Any]) -> bool:
    """Whether the folder holds a run of just these documents and settings. Raises RunError where it holds another."""
    if not (out / RUN).exists():
        if out.exists() and any(out.iterdir()) and not (out / "data").exists():
            raise RunError(f"{out} is not empty and holds no run: give another folder")
        return False
    before = json.loads((out / RUN).read_text(encoding="utf-8"))
    changed = [name for name in facts if facts[name] != before.get(name)]
    old = Config().from_disk(out / CONFIG, interpolate=False)
    entries, known = dict(_entries(settings)), dict(_entries(old))
    told = {f"paths.{name}" for name in ("train", "dev", "base", "rehearsal")}  # by hash, wherever they are now
    changed += [name for name in sorted({*entries, *known} - told) if entries.get(name) != known.get(name)]
    if changed:
        raise RunError(f"{out} holds a run with another {changed[0]}: give another folder, or take that one away")
    return True


def _entries(config: dict, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(dotted name, value as JSON) of each entry of a config."""
    for key, value in config.items():
        if isinstance(value, dict):
            yield from _entries(value, f"{prefix}{key}.")
        else:
            yield prefix + key, json.dumps(value)


def _weights_hash(folder: Path) -> str:
    """sha256 over the weight files of a model."""
    files = {p.relative_to(folder).as_posix(): p for p in folder.rglob("*") if p.is_file() and p.name == "model"}
    return data.digest(json.dumps(data.hashes(files)).encode())


def _file_hash(path: str | None) -> str | None:
    return data.digest(Path(path).read_bytes()) if path and Path(path).is_file() else path


def add_new_values(nlp: Language) -> None:
    """Give a model that was trained with fewer values of attributes an output for each value of the guideline."""
    for _, pipe in nlp.pipeline:
        if hasattr(pipe, "add_new_values"):
            pipe.add_new_values()


def add_inference_pipes(nlp: Language) -> None:
    """Put the components without weights at the end of a pipeline."""
    for name in INFERENCE_PIPES:
        if name in nlp.pipe_names:
            nlp.remove_pipe(name)
        nlp.add_pipe(name)


def _run(nlp: Language, out: Path) -> list[dict[str, Any]]:
    """spaCy's `train` with checkpoints: the same steps in the same order, by the same functions. Returns the log."""
    config = nlp.config.interpolate()
    state = checkpoint.load(out / checkpoint.FILE)
    done = state.step if state else -1
    if config["training"]["seed"] is not None:
        fix_random_seed(config["training"]["seed"])
    T = registry.resolve(config["training"], schema=ConfigSchemaTraining)
    train_corpus, dev_corpus = resolve_dot_names(config, [T["train_corpus"], T["dev_corpus"]])
    optimizer, frozen = T["optimizer"], T["frozen_components"]
    before_to_disk = loop.create_before_to_disk_callback(T["before_to_disk"])
    batches = loop.create_train_batches(nlp, train_corpus, T["batcher"], T["max_epochs"])
    rows = list(state.rows) if state else []
    if rows:
        write_log(rows, out / LOG)  # a kill may have come between checkpoint and log
    known = {row["step"]: row for row in rows}
    again = iter(list(rows))

    def scores() -> tuple[float, dict[str, Any]]:
        row = next(again, None)
        if row is not None:
            return row["score"], row["scores"]
        with nlp.select_pipes(disable=INFERENCE_PIPES):
            # Anew each time, since the callback forgets for good the weight of a score that is once without a value.
            return loop.create_evaluation_callback(nlp, dev_corpus, T["score_weights"])()

    def save(folder: Path) -> None:
        with nlp.use_params(optimizer.averages):
            _replace_model(before_to_disk(nlp), folder)

    with nlp.select_pipes(disable=[*frozen, *INFERENCE_PIPES]):
        log_step, finalize = T["logger"](nlp, sys.stdout, sys.stderr)
    step = done
    try:
        for _, info, is_best in loop.train_while_improving(
            nlp,
            optimizer,
            _from_checkpoint(batches, state, nlp, optimizer),
            scores,
            dropout=T["dropout"],
            accumulate_gradient=T["accumulate_gradient"],
            patience=T["patience"],
            max_steps=T["max_steps"],
            eval_frequency=T["eval_frequency"],
            exclude=frozen,
            annotating_components=T["annotating_components"],
            before_update=T["before_update"],
        ):
            step = info["step"]
            if step > done and is_best is not None:
                loop.update_meta(T, nlp, info)
                rows.append(log_row(info, is_best))
                save(out / LAST)
                if is_best:
                    _replace_copy(out / LAST, out / BEST)
                checkpoint.save(out / checkpoint.FILE, nlp, optimizer, rows)
                write_log(rows, out / LOG)
            told = {**info, "losses": known[step]["losses"]} if step in known else info
            log_step(told if is_best is not None else None)
        if step > max(done, rows[-1]["step"]):
            save(out / LAST)
    finally:
        finalize()
    return rows


def _from_checkpoint(
    batches: Iterator, state: checkpoint.Checkpoint | None, nlp: Language, optimizer: Optimizer
) -> Iterator[tuple[int, list]]:
    """The batches (epoch, examples); those up to the checkpoint are empty, before the next one its state is put back.

    spaCy's loop steps through empty batches without an update, and so renews its schedules and its view of the scores.
    """
    for step in itertools.count():
        if state is not None and step == state.step + 1:
            checkpoint.restore(state, nlp, optimizer)
        try:
            epoch, batch = next(batches)
        except StopIteration:
            return
        yield epoch, [] if state is not None and step <= state.step else batch


def _replace_model(nlp: Language, folder: Path) -> None:
    _replace(folder, nlp.to_disk)


def _replace_copy(source: Path, folder: Path) -> None:
    _replace(folder, lambda new: shutil.copytree(source, new))


def _replace(folder: Path, write: Callable[[Path], Any]) -> None:
    """Let a folder that `write` fills take the place of another: a kill leaves one of them, or none for a moment."""
    new, old = (folder.with_name(f".{folder.name}.{which}") for which in ("new", "old"))
    for rest in (new, old):
        shutil.rmtree(rest, ignore_errors=True)
    write(new)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
