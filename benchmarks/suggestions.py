"""Does `civex suggest` need fewer documents than a random choice? A simulation on the project's own corpus.

    python benchmarks/suggestions.py runs/start --out runs/suggestions --plot docs/suggestions.png

`corpus/train` is the pool whose annotation nobody has made yet. Each seed begins with 25 documents drawn at random and
a model trained on them. From there one way draws on at random (to 100 and 200 documents, the smaller set in the
larger), the other lets the model suggest (to 70 and 140, that is 70 % of these, trained anew in between). Every
model is trained from the same START (`training/start.py`) with the config of the shipped one and the same few steps,
and scored on `corpus/test`; its confidence is calibrated on `corpus/dev`.

Printed and plotted: F1 of mentions (exact spans) and of all fields of the records against the number of documents and
of words, and for each number of suggested documents how many random ones give the same F1, on the straight line
between the means of the seeds over the logarithm of the number. Also how the doubt of the first model goes with what
is wrong in the rest of the pool (Spearman's correlation over documents), beside that of length. What is done is kept in
OUT and not done again.
"""

import json
import random
import shutil
from pathlib import Path
from statistics import mean
from typing import Annotated, Any

import numpy as np
import spacy
import typer

from civex import figures, reliability
from civex.annotations import AnnotatedText, read
from civex.corpus import paths, read_folder
from civex.evaluation import evaluate
from civex.extraction import Input
from civex.suggestions import suggest
from civex.training import train

ROOT = Path(__file__).parent.parent
FIRST = 25
RANDOM = (100, 200)
SUGGESTED = (70, 140)
FIGURES = {"mentions": ("text", "mentions, exact spans"), "records": ("records", "all fields")}
TITLES = {"mentions": "mentions (exact spans)", "records": "all fields of the records"}


def main(
    start: Annotated[Path, typer.Argument(exists=True, help="The pipeline to start from (training/start.py).")],
    out: Annotated[Path, typer.Option(help="Folder for the runs; what is there is not done again.")],
    plot: Annotated[Path | None, typer.Option(help="Where to write the plot (PNG).")] = None,
    seeds: Annotated[int, typer.Option(help="First sets of documents.")] = 3,
    steps: Annotated[int, typer.Option(help="Training steps of each model.")] = 600,
) -> None:
    """Run the simulation."""
    runs = [row for seed in range(seeds) for row in simulate(start, out / f"seed-{seed}", seed, steps)]
    (out / "runs.json").write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")
    typer.echo(table(runs))
    typer.echo(doubt_table(doubt_and_errors(out / "seed-0" / "first")))
    if plot is not None:
        draw(runs, plot)


def simulate(start: Path, out: Path, seed: int, steps: int) -> list[dict[str, Any]]:
    """The figures of every model of one seed, in order of the number of documents."""
    pool = paths(ROOT / "corpus" / "train")
    order = random.Random(seed).sample(pool, len(pool))
    first = run(start, out / "first", order[:FIRST], steps, way="first")
    rows = [first]
    for size in RANDOM:
        rows.append(run(start, out / f"random-{size}", order[:size], steps, way="random"))
    chosen, model = order[:FIRST], out / "first"
    for size in SUGGESTED:
        folder = out / f"suggested-{size}"
        if not (folder / "figures.json").exists():
            chosen = chosen + next_documents(model, [path for path in pool if path not in chosen], size - len(chosen))
        else:
            chosen = [ROOT / path for path in json.loads((folder / "figures.json").read_text())["documents"]]
        rows.append(run(start, folder, chosen, steps, way="suggested"))
        model = folder
    return [{**row, "seed": seed} for row in rows]


def next_documents(run: Path, pool: list[Path], n: int) -> list[Path]:
    """The documents of the pool that the model of a run suggests."""
    model = run / "model-best"
    calibrate(model)
    texts = (read(path) for path in pool)
    items = (Input(text.text, published=text.meta.get("published")) for text in texts)
    return [pool[one.position] for one in suggest(items, n, model=model)]


def doubt_and_errors(run: Path) -> dict[str, dict[str, float]]:
    """Of the documents that a run was not trained on: correlation of what is wrong with doubt and with length."""
    known = run / "doubt.json"
    if not known.exists():
        from scipy.stats import spearmanr

        trained = {path.name for path in (run / "documents").iterdir()}
        texts = [read(path) for path in paths(ROOT / "corpus" / "train") if path.name not in trained]
        model = run / "model-best"
        calibrate(model)
        items = (Input(text.text, published=text.meta.get("published")) for text in texts)
        found = sorted(suggest(items, len(texts), model=model), key=lambda one: one.position)
        judged = evaluate([texts[one.position] for one in found], spacy.load(model)).judged
        rows = [figures.row(one) for one in judged]
        doubt, length = np.array([one.doubt for one in found]), np.array([one.words for one in found])
        data = {}
        for name, figure in FIGURES.items():
            wrong = figures.columns(rows, figure)[1][:, 1:].sum(axis=1)
            pairs = {"doubt": (doubt, wrong), "length": (length, wrong), "a word": (doubt / length, wrong / length)}
            data[name] = {key: float(spearmanr(*pair)[0]) for key, pair in pairs.items()}
        known.write_text(json.dumps(data) + "\n", encoding="utf-8")
    return json.loads(known.read_text(encoding="utf-8"))


def doubt_table(found: dict[str, dict[str, float]]) -> str:
    """The correlations as lines of plain text."""
    lines = ["Wrong and missed in a document, correlation with"]
    for name, row in found.items():
        line = f"  {TITLES[name]:<26} doubt {row['doubt']:.2f}, length {row['length']:.2f}"
        lines.append(f"{line}; doubt a word with wrong a word {row['a word']:.2f}")
    return "\n".join(lines)


def calibrate(model: Path) -> None:
    """Fit the confidence of a model on the development documents, if that is not done yet."""
    nlp = spacy.load(model)
    if "civex" not in nlp.meta:
        judged = evaluate(read_folder(ROOT / "corpus" / "dev"), nlp).judged
        nlp.meta["civex"] = {"calibration": reliability.fit(judged)}
        nlp.to_disk(model)


def run(start: Path, out: Path, documents: list[Path], steps: int, *, way: str) -> dict[str, Any]:
    """Train on these documents and score on the test split; what is known already is read."""
    known = out / "figures.json"
    if not known.exists():
        shutil.rmtree(out, ignore_errors=True)
        (out / "documents").mkdir(parents=True)
        for path in documents:
            shutil.copy(path, out / "documents")
        overrides = {
            **{"paths.start": str(start), "paths.train": str(out / "documents"), "paths.dev": "corpus/dev"},
            **{"training.max_steps": steps, "training.eval_frequency": steps, "corpora.dev.limit": 2},
        }
        config, code = ROOT / "training" / "configs" / "sm.cfg", ROOT / "training" / "augment.py"
        model = train(config, out, code=code, overrides=overrides)
        row = {"way": way, "words": words(read_folder(out / "documents")), **scores(model)}
        row["documents"] = [path.relative_to(ROOT).as_posix() for path in documents]
        known.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return json.loads(known.read_text(encoding="utf-8"))


def words(documents: list[AnnotatedText]) -> int:
    return sum(len(document.text.split()) for document in documents)


def scores(model: Path) -> dict[str, float]:
    """F1 on the test split; the model is not taken from the cache of `civex.load`, for its folder changes."""
    judged = evaluate(read_folder(ROOT / "corpus" / "test"), spacy.load(model)).judged
    rows = [figures.row(one) for one in judged]
    found = {}
    for name, figure in FIGURES.items():
        hits, misses, alarms = figures.columns(rows, figure)[1].sum(axis=0)
        found[name] = float(2 * hits / (2 * hits + misses + alarms))
    return found


def means(runs: list[dict[str, Any]], way: str, x: str, y: str) -> list[tuple[float, float]]:
    """(mean x, mean y) over the seeds, by number of documents; the first model belongs to both ways."""
    by_size: dict[int, list[dict[str, Any]]] = {}
    for row in runs:
        if row["way"] in ("first", way):
            by_size.setdefault(len(row["documents"]), []).append(row)
    return [
        (mean(len(r["documents"]) if x == "documents" else r[x] for r in rows), mean(r[y] for r in rows))
        for _, rows in sorted(by_size.items())
    ]


def as_many_random(runs: list[dict[str, Any]], x: str, y: str, f1: float) -> float | None:
    """How many random documents (or words) give this F1; None above what they reach."""
    known = means(runs, "random", x, y)
    for (x0, y0), (x1, y1) in zip(known, known[1:], strict=False):
        if y0 <= f1 <= y1:
            share = (f1 - y0) / (y1 - y0)
            return float(np.exp(np.log(x0) + share * (np.log(x1) - np.log(x0))))
    return None


def table(runs: list[dict[str, Any]]) -> str:
    """The figures as lines of plain text."""
    lines = []
    for y, title in TITLES.items():
        lines.append(f"F1 of {title}, mean of {len({row['seed'] for row in runs})} seeds")
        for way in ("random", "suggested"):
            sizes, amounts = means(runs, way, "documents", y), means(runs, way, "words", y)
            for (size, f1), (amount, _) in zip(sizes, amounts, strict=True):
                line = f"  {way:<10}{size:6.0f} documents {amount:9,.0f} words   F1 {f1:.3f}"
                if way == "suggested" and size > FIRST:
                    line += "".join(_share(runs, x, y, own, f1) for x, own in (("documents", size), ("words", amount)))
                lines.append(line)
    return "\n".join(lines)


def _share(runs: list[dict[str, Any]], x: str, y: str, own: float, f1: float) -> str:
    found = as_many_random(runs, x, y, f1)
    most = means(runs, "random", x, y)[-1][0]
    if found is None:
        return f"   over all random ones, with {own / most:.0%} of their most {x}"
    return f"   {own / found:.0%} of {found:,.0f} random {x}"


def draw(runs: list[dict[str, Any]], path: Path) -> None:
    """Both figures against documents and against words."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(10, 7), sharey="row")
    for row, (y, title) in zip(axes, TITLES.items(), strict=True):
        for axis, x in zip(row, ("documents", "words"), strict=True):
            for way, colour in (("random", "#8a8a8a"), ("suggested", "#1f5fa8")):
                points = [(len(r["documents"]) if x == "documents" else r[x], r[y]) for r in runs if r["way"] == way]
                axis.scatter(*zip(*points, strict=True), color=colour, s=14, alpha=0.5)
                axis.plot(*zip(*means(runs, way, x, y), strict=True), color=colour, marker="o", label=way)
            axis.set_xscale("log")
            axis.set_xticks([25, 50, 100, 200] if x == "documents" else [10_000, 20_000, 50_000])
            axis.xaxis.set_major_formatter("{x:,.0f}")
            axis.xaxis.set_minor_formatter("")
            axis.set_xlabel(f"annotated {x}")
            axis.grid(alpha=0.3)
        row[0].set_ylabel(f"F1 of {title}")
    axes[0, 0].legend()
    figure.tight_layout()
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    typer.run(main)
