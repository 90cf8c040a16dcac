"""Rebuild models/en_civex_sm from corpus/ : start, train, evaluate, ship, card. See README.md beside this file."""

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer
from calibrate import read_parts  # beside this file

from civex import figures, reliability
from civex.corpus import fingerprint, read_folder
from civex.evaluation import evaluate
from civex.loading import load
from civex.training import ship, train

ROOT = Path(__file__).parent.parent
NAME = "en_civex_sm"


def main(
    md_model: Annotated[str, typer.Option(help="en_core_web_md: a package or folder that spacy.load takes.")],
    work: Annotated[Path, typer.Option(help="Folder for the run.")] = ROOT / "runs",
    steps: int = 6500,
) -> None:
    """Train on corpus/train, choose by corpus/dev, report on corpus/test."""
    start = work / "start"
    subprocess.run([sys.executable, str(ROOT / "training" / "start.py"), md_model, str(start)], check=True)
    overrides = {"paths.start": str(start), "training.max_steps": steps}
    overrides |= {f"paths.{part}": str(ROOT / "corpus" / part) for part in ("train", "dev")}
    best = train(
        ROOT / "training" / "configs" / "sm.cfg",
        work / NAME,
        code=ROOT / "training" / "augment.py",
        overrides=overrides,
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
    (out / "README.md").write_text(card(measured), encoding="utf-8")
    reliability.plot(observed, ROOT / "docs", title=f"{NAME} on corpus/test")
    typer.echo(figures.table(figures.figures([figures.row(judged) for judged in result.judged])))


def card(measured: dict) -> str:
    """The model card, from measured figures only."""
    documents = read_folder(ROOT / "corpus" / "train")
    lines = [
        f"# {NAME}",
        "",
        "English pipeline of civex: mentions, attributes, relations, assessments, incidents and tallies of texts on "
        "civilian harm.",
        "",
        f"- Trained on {len(documents)} constructed documents of `corpus/train` "
        f"(sha256 `{fingerprint(ROOT / 'corpus' / 'train')[:16]}...`).",
        "- Starts from the ner encoder and the vectors of spaCy's en_core_web_md 3.8 (MIT; vectors CC0). Licence: MIT.",
        f"- Figures below: `corpus/test`, {measured['documents']} documents, {measured['incidents']} incidents of "
        f"publishers and wars "
        "that training does not have (`civex evaluate corpus/test`).",
        "",
        "| what | figure |",
        "| --- | --- |",
        f"| mentions, exact spans, F1 | {measured['mentions_f']:.3f} |",
        f"| relations on gold spans, F1 | {measured['gold_spans_relations_f']:.3f} |",
        f"| relations end to end, F1 | {measured['relations_f']:.3f} |",
        f"| attributes on gold spans, accuracy | {measured['gold_spans_attributes_acc']:.3f} |",
        f"| all fields of the incidents, F1 | {measured['fields_f1']:.3f} |",
        f"| incidents with every field right | {measured['exact']:.3f} |",
        f"| false incidents in {measured['without_incident']['documents']} documents without one | "
        f"{measured['without_incident']['false_incidents']} |",
        "",
    ]
    for title, table in (("Field", measured["fields"]), ("Genre", measured["genres"]), ("War", measured["wars"])):
        lines += [
            f"| {title} | F1 |",
            "| --- | --- |",
            *(f"| {name or '-'} | {f1:.3f} |" for name, f1 in table.items()),
            "",
        ]
    lines += ["| Mention | P | R | F1 |", "| --- | --- | --- | --- |"]
    per_type = sorted(measured["mentions_per_type"].items())
    lines += [f"| {name} | {v['p']:.3f} | {v['r']:.3f} | {v['f']:.3f} |" for name, v in per_type]
    worst = sorted(measured["fields"].items(), key=lambda x: x[1])[:4]
    lines += ["", "Weakest fields: " + ", ".join(f"{name} ({f1:.2f})" for name, f1 in worst) + ".", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    typer.run(main)
