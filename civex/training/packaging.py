"""`civex package`: a trained model as a wheel that pip installs, with its card; and the copy that civex ships."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import spacy
from spacy.cli.package import package as make_package

from civex import reliability
from civex.corpus import fingerprint, paths, read_folder
from civex.evaluation import Evaluation, evaluate
from civex.labels import MENTION_LABELS
from civex.loading import find_model, load, shipped_models
from civex.text import set_extensions
from civex.training import data
from civex.training.card import about_run, card
from civex.training.run import BEST, DONE, RUN, RunError

SUMMARY = (
    "English pipeline of civex: mentions, attributes, relations, assessments, incidents and tallies of texts on "
    "civilian harm."
)


def evaluate_folder(model: str | Path | None, folder: Path) -> Evaluation:
    """Score a model on the annotated documents under `folder`."""
    return evaluate(read_folder(folder), load(model))


def package(
    run: str | Path,
    out: str | Path,
    *,
    name: str,
    version: str = "0.1.0",
    license: str = "",
    test: str | Path | None = None,
    calibrate: str | Path | None = None,
) -> Path:
    """Make a wheel of the best model of a run (or of a model's folder); returns its path.

    name: a Python name, such as en_kivu; `civex.load(name)` finds the installed wheel. license: of the model, which
    derives from the documents too. test: annotated documents to measure the model on, for its card. calibrate:
    annotated documents on which the confidence of its records is made a probability (`civex.reliability.fit`); without,
    records say `calibrated: false`.

    The wheel holds weights and figures, no document: the words of the documents are not among its strings either.
    Raises RunError where the run is not finished, ValueError for a bad name or version and where the model was trained
    on documents of `test` or `calibrate`, ImportError where a tool of the extra train is missing.
    """
    run, out = Path(run), Path(out)
    model = _model_of(run)
    lang, name = _parts_of_name(name, version)
    for folder in (test, calibrate):
        _refuse_training_documents(run, folder)
    calibration = reliability.fit(evaluate_folder(model, Path(calibrate)).judged) if calibrate else None
    measured = evaluate_folder(model, Path(test)).to_dict() if test else None
    about = about_run(run) if (run / RUN).exists() else []
    about.append(
        f"Figures below: {measured['documents']} documents, not trained on, with {measured['incidents']} incidents."
        if measured
        else "Not measured on test documents."
    )
    with tempfile.TemporaryDirectory() as folder:
        source, parent = Path(folder) / "model", Path(folder) / "package"
        meta = {"version": version, "license": license, "requirements": [f"civex>={version_of('civex')}"]}
        ship(
            model,
            source,
            name=name,
            corpus=_training_documents(run),
            figures=measured or {},
            calibration=calibration,
            meta=meta,
        )
        (source / "README.md").write_text(card(f"{lang}_{name}", SUMMARY, about, measured), encoding="utf-8")
        parent.mkdir()
        make_package(source, parent, create_sdist=False, create_wheel=False)
        wheel = _build(parent / f"{lang}_{name}-{version}", Path(folder) / "wheel")
        out.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(wheel, out / wheel.name))


def _model_of(run: Path) -> Path:
    if not (run / RUN).exists():
        return find_model(run)
    if not (run / DONE).exists():
        raise RunError(f"{run} is not finished: run its `civex train` again, it goes on where it was")
    return run / BEST


def _parts_of_name(name: str, version: str) -> tuple[str, str]:
    """Language and rest of a model's name, as spaCy puts them together again."""
    lang, _, rest = name.partition("_")
    if lang != "en" or not re.fullmatch("[a-z0-9]+(_[a-z0-9]+)*", rest):
        raise ValueError(f"{name!r}: a model's name is en_ and small letters, figures and underscores, such as en_kivu")
    if name in shipped_models():
        raise ValueError(f"{name!r} is the name of a model that came with civex: give another one")
    if not re.fullmatch(r"\d+(\.\d+)*((a|b|rc)\d+)?", version):
        raise ValueError(f"version {version!r}: write it as 0.1.0")
    return lang, rest


def _training_documents(run: Path) -> Path | None:
    folder = run / "data" / "train"
    return folder if folder.is_dir() else None


def _refuse_training_documents(run: Path, folder: str | Path | None) -> None:
    """Raise ValueError where documents of a folder are among those that a run has learned from."""
    if folder is None or not (run / RUN).exists():
        return
    learned = set(json.loads((run / RUN).read_text(encoding="utf-8"))["train"].values())
    same = [path for path in paths(Path(folder)) if data.digest(path.read_bytes()) in learned]
    if same:
        raise ValueError(f"{same[0]}: the model was trained on this document, figures on it would say nothing")


def _build(folder: Path, out: Path) -> Path:
    """Build the wheel of a package folder with the tools of this environment: nothing is fetched."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise ImportError(f"no wheel was built: {''.join(last)}; pip install 'civex[train]' brings the tools")
    (wheel,) = out.glob("*.whl")
    return wheel


def ship(
    run: Path,
    out: Path,
    *,
    name: str,
    corpus: Path | None,
    figures: dict[str, Any],
    calibration: dict[str, Any] | None = None,
    meta: dict[str, Any] | None = None,
) -> None:
    """Copy a finished model to `out` with its name, the hash of its corpus and its measured figures in meta.json.

    calibration: what `civex.reliability.fit` gave, by which confidence becomes a probability; meta: further entries.
    """
    set_extensions()
    nlp = spacy.load(run)
    described = {
        "name": name,
        "version": "0.1.0",
        "license": "MIT",
        "description": "Incidents of civilian harm from press releases and NGO statements",
        "performance": figures,
        "civex": {"corpus": fingerprint(corpus) if corpus else None, "calibration": calibration},
    }
    nlp.meta.update({**described, **(meta or {})})
    # Paths and code of the machine that trained it have no place in a shipped model.
    nlp.config["paths"], nlp.config["corpora"], nlp.config["training"] = {}, {}, {}
    nlp.config["initialize"] = {"vectors": None, "init_tok2vec": None}
    if out.exists():
        shutil.rmtree(out)
    nlp.to_disk(out)
    # Vectors are found by hash: the words themselves need not travel with the model.
    words = sorted({*spacy.blank(nlp.meta["lang"]).vocab.strings, *MENTION_LABELS})
    (out / "vocab" / "strings.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    written = json.loads((out / "meta.json").read_text(encoding="utf-8"))
    (out / "meta.json").write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
