"""What twenty documents of a new genre are worth: `python benchmarks/finetuning.py --work FOLDER`.

For each genre, a regular expression over the genres of corpus/train: a model is trained without it (by civex's config
for training anew, shortened), fine-tuned on some of its documents with rehearsal of all the others, and both are scored
on the genre's other documents and, for what is forgotten, on corpus/test without the genre. Errors are missed and false
values of all fields of the records; the share removed has a paired bootstrap interval over documents.
A run that was broken off goes on: everything is kept in the work folder.
"""

import json
import random
import re
import shutil
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from civex.annotations import AnnotatedText
from civex.comparison import compare
from civex.corpus import paths, read_folder
from civex.evaluation import evaluate
from civex.figures import columns, row
from civex.intervals import resamples
from civex.loading import load
from civex.training import train

CORPUS = Path(__file__).parent.parent / "corpus"
GENRES = (
    "narrative",
    "(casualty|harm|assessment).*release|release.*(casualty|outcome)",
    "wire|news (item|report|agency)",
)


def main(
    work: Annotated[Path, typer.Option(help="Folder for the runs.")],
    genre: Annotated[list[str], typer.Option(help="Regular expression over the genre line.")] = list(GENRES),  # noqa: B006
    documents: Annotated[int, typer.Option(help="Documents to fine-tune on.")] = 20,
    base_steps: int = 1500,
    steps: Annotated[int | None, typer.Option(help="Of fine-tuning, where not those of civex's config.")] = None,
    test_limit: Annotated[int, typer.Option(help="Score at most that many documents of a kind; 0: all.")] = 0,
    seed: int = 0,
) -> None:
    """Print a line a genre, and write them to results.json in the work folder."""
    results = []
    for number, pattern in enumerate(genre):
        results.append(measure(pattern, work / f"genre{number}", documents, base_steps, steps, test_limit, seed))
        typer.echo(json.dumps(results[-1]))
    (work / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def measure(
    pattern: str, work: Path, number: int, base_steps: int, steps: int | None, test_limit: int, seed: int
) -> dict:
    """The figures of one genre."""
    inside, outside = divided(CORPUS / "train", pattern)
    if len(inside) <= number:
        raise typer.BadParameter(f"only {len(inside)} documents are of a genre like {pattern!r}")
    random.Random(seed).shuffle(inside)
    chosen = copied(inside[:number], work / "chosen")
    rest = copied(outside, work / "rest")
    unseen = read_all(inside[number:])[: test_limit or None]
    elsewhere = read_all(divided(CORPUS / "test", pattern)[1])[: test_limit or None]
    base = train(
        rest,
        work / "base",
        base="none",
        dev=copied(divided(CORPUS / "dev", pattern)[1], work / "dev"),
        overrides={"training.max_steps": base_steps, "system.seed": seed},
    )
    begun = time.monotonic()
    overrides = {"paths.rehearsal": str(rest), "system.seed": seed}
    overrides |= {"training.max_steps": steps} if steps else {}
    tuned = train(chosen, work / "tuned", base=base, overrides=overrides)
    minutes = (time.monotonic() - begun) / 60
    on_genre = [evaluate(unseen, load(model)) for model in (base, tuned)]
    removed, low, high = errors_removed(*([row(j) for j in e.judged] for e in on_genre))
    forgotten = compare(*(evaluate(elsewhere, load(model)) for model in (base, tuned))).headline
    return {
        "genre": pattern,
        "held_back": len(inside),
        "tuned_on": number,
        "scored_on": len(unseen),
        "genre_f1": [round(e.to_dict()["fields_f1"], 4) for e in on_genre],
        "errors_removed": [round(x, 4) for x in (removed, low, high)],
        "elsewhere": {k: v if v is None else round(v, 4) for k, v in forgotten._asdict().items()},
        "minutes": round(minutes, 1),
    }


def divided(folder: Path, pattern: str) -> tuple[list[Path], list[Path]]:
    """The files of the documents whose genre the pattern finds, and the others."""
    files: tuple[list[Path], list[Path]] = ([], [])
    for path in paths(folder):
        found = re.search(r"^genre:(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        files[0 if found and re.search(pattern, found.group(1), re.IGNORECASE) else 1].append(path)
    return files


def read_all(files: list[Path]) -> list[AnnotatedText]:
    """The annotated documents of files."""
    return [document for path in files for document in read_folder(path)]


def copied(files: list[Path], out: Path) -> Path:
    """A folder with copies of these files, in place of what was there."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for path in files:
        shutil.copyfile(path, out / path.name)
    return out


def errors_removed(before: list, after: list) -> tuple[float, float, float]:
    """Share of the errors of all fields that is gone, with its 95 % interval over documents."""
    name = ("records", "all fields")
    first, second = (columns(rows, name)[1][:, 1:].sum(axis=1) for rows in (before, after))
    drawn = resamples(len(first))
    shares = 1 - (drawn @ second) / np.maximum(drawn @ first, 1)
    low, high = np.quantile(shares, [0.025, 0.975])
    return float(1 - second.sum() / max(first.sum(), 1)), float(low), float(high)


if __name__ == "__main__":
    typer.run(main)
