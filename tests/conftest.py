"""What several tests need: a blank pipeline, gold Docs of inline annotation, the shipped model."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from spacy.language import Language
from spacy.tokens import Doc

from civex import extraction
from civex.annotations import parse
from civex.corpus import blank, to_doc
from civex.loading import DEFAULT_MODEL, installed_models, load
from civex.pipeline.layout import Layout

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def blank_nlp() -> Language:
    """A blank pipeline with the tokenizer of civex."""
    return blank()


@pytest.fixture(scope="session")
def gold(blank_nlp: Language) -> Callable[..., Doc]:
    """Inline annotation -> the gold Doc, with its layout; keywords become the header."""

    def make(text: str, **meta: str) -> Doc:
        header = "\n".join(f"{key}: {value}" for key, value in meta.items())
        return Layout(blank_nlp, "civex_layout")(to_doc(parse(f"{header}\n---\n{text}\n"), blank_nlp))

    return make


@pytest.fixture(scope="session")
def model() -> Language:
    """The shipped model."""
    if DEFAULT_MODEL not in installed_models():
        pytest.skip(f"models/{DEFAULT_MODEL} is not there: train it first (training/README.md)")
    return load()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real texts beside the repository."""
    folder = ROOT.parent / "shared"
    if not (folder / "eval" / "score.py").exists():
        pytest.skip("no ../shared beside the repository: the real texts are not part of it")
    return folder


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline that fails on any batch with the word Tabqa and kills its process at the word Raqqah."""
    prepared = extraction._prepared

    def fail(given: extraction.Input, nlp: Language, gazetteer: str | None) -> Doc:
        if "Tabqa" in given.text:
            raise RuntimeError("no way through Tabqa")
        if "Raqqah" in given.text:
            os._exit(9)
        return prepared(given, nlp, gazetteer)

    monkeypatch.setattr(extraction, "_prepared", fail)


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished training, by the tiny config on the tiny documents."""
    from tests.training.tiny import train_tiny

    out = tmp_path_factory.mktemp("tiny") / "run"
    train_tiny(out)
    return out
