"""Training and packaging through spaCy's own loop and config; `civex evaluate` prints what came of it."""

import json
import shutil
from pathlib import Path
from typing import Any

import spacy
from spacy import util
from spacy.cli._util import import_code
from spacy.training.initialize import init_nlp
from spacy.training.loop import train as train_nlp

from civex.corpus import fingerprint, set_extensions
from civex.evaluation import Evaluation, evaluate
from civex.labels import MENTION_LABELS
from civex.loading import load

INFERENCE_PIPES = (
    "civex_events",
    "civex_scopes",
    "civex_claims",
    "civex_dates",
    "civex_assessments",
    "civex_incidents",
    "civex_places",
)  # follow the learned components; nothing to train


def train(config: Path, out: Path, *, code: Path | None = None, overrides: dict[str, Any] | None = None) -> Path:
    """Train a pipeline by a spaCy config; returns the folder of the best model.

    code: a Python file whose registered functions the config names (spaCy's `--code`); overrides: config entries by
    dotted name, as on spaCy's command line. The components without weights are added at the end.
    """
    import_code(code)
    set_extensions()
    filled = util.load_config(config, overrides=overrides or {}, interpolate=False)
    nlp = init_nlp(filled, use_gpu=-1)
    out.mkdir(parents=True, exist_ok=True)
    train_nlp(nlp, out, use_gpu=-1)
    return finish(out / "model-best")


def finish(folder: Path) -> Path:
    """Put the components without weights at the end of a trained pipeline, in place; returns its folder."""
    nlp = spacy.load(folder)
    for name in INFERENCE_PIPES:
        if name in nlp.pipe_names:
            nlp.remove_pipe(name)
        nlp.add_pipe(name)
    nlp.to_disk(folder)
    return folder


def evaluate_folder(model: str | Path | None, folder: Path) -> Evaluation:
    """Score a model on the annotated documents under `folder`."""
    from civex.corpus import read_folder

    return evaluate(read_folder(folder), load(model))


def ship(
    run: Path, out: Path, *, name: str, corpus: Path, figures: dict[str, Any], calibration: dict[str, Any] | None = None
) -> None:
    """Copy a finished model to `out` with its name, its corpus and its measured figures in meta.json.

    calibration: what `civex.reliability.fit` gave, by which confidence becomes a probability.
    """
    nlp = spacy.load(run)
    nlp.meta["name"] = name
    nlp.meta["version"] = "0.1.0"
    nlp.meta["license"] = "MIT"
    nlp.meta["description"] = "Incidents of civilian harm from press releases and NGO statements"
    nlp.meta["performance"] = figures
    nlp.meta["civex"] = {"corpus": fingerprint(corpus), "calibration": calibration}
    # Paths and code of the machine that trained it have no place in a shipped model.
    nlp.config["paths"], nlp.config["corpora"], nlp.config["training"] = {}, {}, {}
    nlp.config["initialize"] = {"vectors": None, "init_tok2vec": None}
    if out.exists():
        shutil.rmtree(out)
    nlp.to_disk(out)
    # Vectors are found by hash: the words themselves need not travel with the model.
    words = sorted({*spacy.blank(nlp.meta["lang"]).vocab.strings, *MENTION_LABELS})
    (out / "vocab" / "strings.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
    meta = json.loads((out / "meta.json").read_text(encoding="utf-8"))
    (out / "meta.json").write_text(json.dumps(meta, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
