"""Calibrate a trained pipeline: how sure it is of each field becomes a probability.

    python training/calibrate.py MODEL --start START --work runs/folds

The weights of the signals (`civex/signals.py`) come from corpus/train, read by models that have not seen it: the wars
are dealt into three parts, and each part is read by a model trained on the other two. corpus/dev, which MODEL itself
has not seen, shifts each field. What was fitted goes into MODEL's meta.json. corpus/test is not read. Models of parts
that are in the work folder are used again: only a corpus or config that changed asks for a new folder.
"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from civex import calibration, reliability
from civex.annotations import AnnotatedText
from civex.corpus import paths, read_folder
from civex.evaluation import Judged, evaluate
from civex.loading import load
from civex.training import train

ROOT = Path(__file__).parent.parent
PARTS = 3
STEPS = 2000  # of the models of the parts; 7,500 steps on all documents make the shipped one


def main(
    model: Annotated[Path, typer.Argument(help="A trained pipeline; its meta.json is rewritten.")],
    start: Annotated[Path, typer.Option(help="What training/start.py wrote.")],
    work: Annotated[Path, typer.Option(help="Folder for the models of the parts.")] = ROOT / "runs" / "folds",
) -> None:
    """Fit on corpus/train and corpus/dev, write the parameters, and say what documents of dev were left out give."""
    held_out, own = list(read_parts(start, work)), evaluate(read_folder(ROOT / "corpus" / "dev"), load(model)).judged
    typer.echo(cross_validated(held_out, own).line())
    meta = json.loads((model / "meta.json").read_text(encoding="utf-8"))
    meta["civex"] = {**meta.get("civex", {}), "calibration": reliability.fit(own, held_out)}
    (model / "meta.json").write_text(json.dumps(meta, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def read_parts(start: Path, work: Path, steps: int = STEPS) -> Iterator[Judged]:
    """Each document of corpus/train as a model read it that was trained on the documents of other wars."""
    files = paths(ROOT / "corpus" / "train")
    documents = read_folder(ROOT / "corpus" / "train")
    part = deal(documents)
    for number in range(PARTS):
        best = work / f"part{number}" / "model-best"
        if not best.exists():
            seen = work / f"corpus{number}"
            shutil.rmtree(seen, ignore_errors=True)
            seen.mkdir(parents=True)
            for file, document in zip(files, documents, strict=True):
                if part[document.id] != number:
                    shutil.copy(file, seen / file.name)
            best = train(
                seen,
                best.parent,
                base="none",
                dev=ROOT / "corpus" / "dev",
                config=ROOT / "training" / "configs" / "sm.cfg",
                overrides={"paths.start": str(start), "training.max_steps": steps, "training.eval_frequency": steps},
            )
        unseen = [document for document in documents if part[document.id] == number]
        yield from evaluate(unseen, load(best), gold_spans=False).judged


def deal(documents: list[AnnotatedText]) -> dict[str, int]:
    """Document -> its part: each war to the part that has the fewest documents so far, the largest war first."""
    wars = Counter(document.meta.get("war", "") for document in documents)
    sizes = [0] * PARTS
    part = {}
    for war, number in wars.most_common():
        part[war] = sizes.index(min(sizes))
        sizes[part[war]] += number
    return {document.id: part[document.meta.get("war", "")] for document in documents}


def cross_validated(held_out: list[Judged], own: list[Judged], folds: int = 5) -> reliability.Reliability:
    """How reliable the confidence is on documents of dev that the fit did not see, each fifth in turn."""
    weights = reliability.signals(held_out)
    observed = []
    for n in range(folds):
        parameters = calibration.fit(weights, reliability.signals(own[k] for k in range(len(own)) if k % folds != n))
        observed += [reliability.observe([j], parameters) for j in own[n::folds]]
    found = reliability.measure_documents(observed)
    if found is None:
        raise typer.BadParameter("no incident was found in corpus/dev")
    return found


if __name__ == "__main__":
    typer.run(main)
