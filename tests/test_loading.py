"""Models by name or folder; pipelines load in a process that never imports civex."""

import subprocess
import sys

import pytest
import spacy

import civex
from civex.loading import MAX_LENGTH, installed_models, load

PIPES = ("civex_layout", "civex_dates", "civex_assessments", "civex_incidents")


@pytest.fixture
def folder(tmp_path):
    """A pipeline without weights, on disk."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "civex.Tokenizer.v1"}}})
    for name in PIPES:
        nlp.add_pipe(name)
    nlp.to_disk(tmp_path / "m")
    return tmp_path / "m"


def test_a_folder_is_loaded_once(folder) -> None:
    nlp = load(folder)
    assert nlp.pipe_names == [*PIPES, "civex_places"]  # which a model made before there were places lacks
    assert nlp.max_length == MAX_LENGTH
    assert load(str(folder)) is nlp


def test_an_unknown_model_names_those_there_are(monkeypatch, folder) -> None:
    monkeypatch.setattr("civex.loading.installed_models", lambda: {"en_one": folder, "en_two": folder})
    with pytest.raises(civex.ModelNotFound, match="no model 'en_three'.*en_one, en_two.*civex train"):
        load("en_three")
    assert issubclass(civex.ModelNotFound, OSError)


def test_an_installed_name_is_its_folder(monkeypatch, folder) -> None:
    monkeypatch.setattr("civex.loading._FOLDERS", (folder.parent,))
    assert installed_models() == {"m": folder}
    assert load("m").pipe_names == [*PIPES, "civex_places"]


def test_extract_says_which_models_there_are() -> None:
    with pytest.raises(civex.ModelNotFound, match="no model 'none_such'"):
        civex.extract("x", model="none_such")


def test_spacy_loads_it_without_civex(folder) -> None:
    """The entry points bring tokenizer and components; only what spaCy asks for is imported."""
    code = f"""
import sys, spacy
nlp = spacy.load({str(folder)!r})
assert "pydantic.main" not in sys.modules or "civex.schema" not in sys.modules, "the report came along"
assert "dateparser" not in sys.modules
print([t.text for t in nlp("Jan.4,2017")], nlp.pipe_names)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=folder.parent)
    assert done.stdout.strip() == f"{['Jan.', '4', ',', '2017']} {list(PIPES)}", done.stderr
