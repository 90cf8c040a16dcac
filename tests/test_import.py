"""What users and saved models lean on: `import civex` is light, its names and the registered names stay."""

import subprocess
import sys
from importlib.metadata import entry_points

import pytest
import spacy
from spacy.util import registry

import civex

NAMES = {"Failure", "Input", "ModelNotFound", "Report", "Suggestion", "extract", "extract_many", "load", "suggest"}
REGISTERED = {
    "spacy_factories": {
        "civex_layout",
        "civex_entities",
        "civex_relations",
        "civex_events",
        "civex_scopes",
        "civex_claims",
        "civex_dates",
        "civex_assessments",
        "civex_incidents",
        "civex_places",
    },
    "spacy_tokenizers": {"civex.Tokenizer.v1"},
    "spacy_architectures": {
        "civex.Tok2Vec.v1",
        "civex.LayeredTagger.v1",
        "civex.WordEmbed.v1",
        "civex.PairScorer.v1",
    },
    "spacy_readers": {"civex.AnnotatedCorpus.v1", "civex.RehearsedCorpus.v1"},
    "spacy_scorers": {
        "civex.entities_scorer.v1",
        "civex.attributes_scorer.v1",
        "civex.relations_scorer.v1",
    },
}


def test_import_is_light() -> None:
    code = (
        "import sys, civex; print([m for m in ('spacy', 'thinc', 'numpy', 'pydantic', "
        "'dateparser') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_public_names() -> None:
    assert set(civex.__all__) == NAMES
    assert NAMES <= set(dir(civex))
    assert {name: getattr(civex, name).__name__ for name in NAMES} == {name: name for name in NAMES}


def test_unknown_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'extrakt'"):
        civex.extrakt  # noqa: B018


@pytest.mark.parametrize("group", REGISTERED)
def test_registered_names(group: str) -> None:
    assert {e.name for e in entry_points(group=group) if e.value.startswith("civex.")} == REGISTERED[group]


@pytest.mark.parametrize("name", sorted(REGISTERED["spacy_factories"]))
def test_factories_are_added_by_name(name: str) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe(name)
    assert nlp.get_pipe_meta(name).factory == name


@pytest.mark.parametrize("kind", ["tokenizers", "architectures", "readers", "scorers"])
def test_registries_find_them(kind: str) -> None:
    for name in REGISTERED[f"spacy_{kind}"]:
        assert registry.get(kind, name).__module__.startswith("civex.")
