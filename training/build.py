"""Rebuild models/en_civex_sm from corpus/ : start, train, evaluate, ship, card. See README.md beside this file."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from calibrate import read_parts  # beside this file

from civex import figures, reliability
from civex.corpus import fingerprint, paths, read_folder
from civex.evaluation import evaluate
from civex.loading import load
from civex.training import ship, train
from civex.training.card import card
from civex.training.packaging import SUMMARY
from civex.training.rehearsal import FILE, compile_rehearsal

ROOT = Path(__file__).parent.parent
NAME = "en_civex_sm"


def main(
    md_model: Annotated[str, typer.Option(help="en_core_web_md: a package or folder that spacy.load takes.")],
    work: Annotated[Path, typer.Option(help="Folder for the run.")] = ROOT / "runs",
    steps: int = 7500,
) -> None:
    """Train on corpus/train, choose by corpus/dev, report on corpus/test."""
    start = work / "start"
    subprocess.run([sys.executable, str(ROOT / "training" / "start.py"), md_model, str(start)], check=True)
    best = train(
        ROOT / "corpus" / "train",
        work / NAME,
        base="none",
        dev=ROOT / "corpus" / "dev",
        config=ROOT / "training" / "configs" / "sm.cfg",
        overrides={"paths.start": str(start), "training.max_steps": steps},
    )
    publish(best, start, work / "folds")


def publish(best: Path, start: Path, folds: Path) -> None:
    """Calibrate a trained pipeline, measure it on test, copy it to models/, write its card and the plots."""
    own = evaluate(read_folder(ROOT / "corpus" / "dev"), load(best)).judged
    calibration = reliability.fit(own, read_parts(start, folds))
    result = evaluate(read_folder(ROOT / "corpus" / "test"), load(best))
    observed = reliability.observe(result.judged, calibration)
    confidence = reliability.measure(observed)
    measured = {**result.to_dict(), "confidence": confidence and confidence._asdict()}
    out = ROOT / "models" / NAME
    ship(best, out, name="civex_sm", corpus=ROOT / "corpus" / "train", figures=measured, calibration=calibration)
    compile_rehearsal(ROOT / "corpus" / "train", out / FILE)
    (out / "README.md").write_text(card(NAME, SUMMARY, about(), measured), encoding="utf-8")
    reliability.plot(observed, ROOT / "docs", title=f"{NAME} on corpus/test")
    typer.echo(figures.table(figures.figures([figures.row(judged) for judged in result.judged])))


def about() -> list[str]:
    """The bullet points of the model card."""
    corpus = ROOT / "corpus" / "train"
    return [
        f"Trained on {len(paths(corpus))} constructed documents of `corpus/train` "
        f"(sha256 `{fingerprint(corpus)[:16]}...`).",
        "Starts from the ner encoder and the vectors of spaCy's en_core_web_md 3.8 (MIT; vectors CC0). Licence: MIT.",
        "Figures below: `corpus/test`, publishers and wars that training does not have (`civex evaluate corpus/test`).",
        f"`{FILE}`: the training documents, for fine-tuning (`civex train --base {NAME}`).",
    ]


if __name__ == "__main__":
    typer.run(main)
