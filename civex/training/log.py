"""What a training tells: rows on the terminal, log.jsonl, the curves."""

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from spacy.language import Language
from spacy.util import registry

from civex.formats.files import write_atomically

LOG, CURVES = "log.jsonl", "curves.png"
Step = Callable[[dict[str, Any] | None], None]


def log_row(info: dict[str, Any], best: bool) -> dict[str, Any]:
    """An evaluation as a row of the log: step, epoch, words, seconds, losses since the last one, scores on dev."""
    return {
        **{key: info[key] for key in ("step", "epoch", "words", "seconds")},
        "losses": {name: round(float(loss), 4) for name, loss in info["losses"].items()},
        "score": info["score"],
        "best": best,
        "scores": info["other_scores"],
    }


def write_log(rows: list[dict[str, Any]], path: Path) -> None:
    """Write the rows as JSON Lines."""
    write_atomically(path, "".join(json.dumps(row) + "\n" for row in rows))


@registry.loggers("civex.RichLogger.v1")
def rich_logger() -> Callable[[Language, IO, IO], tuple[Step, Callable[[], None]]]:
    """Registered as ``civex.RichLogger.v1``: a line for each evaluation, and on a terminal a bar of the steps."""

    def setup(nlp: Language, stdout: IO = sys.stdout, stderr: IO = sys.stderr) -> tuple[Step, Callable[[], None]]:
        training = nlp.config["training"]
        losses = [name for name, pipe in nlp.pipeline if getattr(pipe, "is_trainable", False)]
        scores = [name for name, weight in training["score_weights"].items() if weight]
        console = Console(file=stdout, highlight=False)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("steps, left"), TimeRemainingColumn())
        bar = Progress(*columns, console=console, disable=not console.is_terminal)
        task = bar.add_task("", total=training["max_steps"] or None)
        headings = ["step", *(f"loss {name.removeprefix('civex_')}" for name in losses), *scores, "score", ""]

        def show(*cells: str) -> None:
            row = (cell.rjust(max(7, len(heading))) for cell, heading in zip(cells, headings, strict=True))
            console.print("  ".join(row), soft_wrap=True)

        def log_step(info: dict[str, Any] | None) -> None:
            if info is None:
                bar.advance(task)
                return
            bar.update(task, completed=info["step"])
            lost = [_figure(info["losses"].get(name), 0) for name in losses]
            found = [_figure(info["other_scores"].get(name), 3) for name in scores]
            best = info["score"] >= max(score for score, _ in info["checkpoints"])
            show(str(info["step"]), *lost, *found, _figure(info["score"], 3), "best" if best else "")

        show(*headings)
        bar.start()
        return log_step, bar.stop

    return setup


def _figure(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def check_extra() -> None:
    """Raise ImportError naming the extra where matplotlib, which draws the curves at the end, is missing."""
    if find_spec("matplotlib") is None:
        raise ImportError("the curves are drawn with matplotlib: pip install 'civex[train]'")


def draw_curves(rows: list[dict[str, Any]], score_names: list[str], path: Path) -> Path:
    """Losses and scores by step as a PNG, with matplotlib."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    trained = [row for row in rows if row["losses"]]
    for name in sorted({name for row in trained for name in row["losses"]}):
        points = [(row["step"], row["losses"][name]) for row in trained if row["losses"].get(name, 0) > 0]
        if points:
            left.plot(*zip(*points, strict=True), marker=".", label=name)
    left.set(xlabel="step", ylabel="loss since the last evaluation", yscale="log")
    for name in score_names:
        points = [(row["step"], row["scores"][name]) for row in rows if row["scores"].get(name) is not None]
        right.plot(*zip(*points, strict=True), marker=".", label=name)
    right.plot([row["step"] for row in rows], [row["score"] for row in rows], color="black", label="score")
    best = max(rows, key=lambda row: (row["score"], -row["step"]))
    right.axvline(best["step"], color="0.7", linestyle="--", label=f"best, step {best['step']}")
    right.set(xlabel="step", ylabel="on the dev documents", ylim=(0, 1))
    for axes in (left, right):
        if axes.get_legend_handles_labels()[0]:
            axes.legend()
    figure.savefig(path, dpi=120, metadata={"Software": None})
    return path
