"""Mistakes in a config are told with the line where they stand, before anything is trained."""

from pathlib import Path

import pytest
from spacy.training.initialize import init_nlp

from civex.text import set_extensions
from civex.training.config import FINETUNE, NEW, ConfigMistake, mistakes_with_line, read_config
from tests.training.tiny import CONFIG, TINY

SOURCE = CONFIG.read_text()
for part in ("train", "dev"):
    SOURCE = SOURCE.replace(f"{part} = null", f'{part} = "{TINY / part}"')


def mistake(path: Path, overrides: dict | None = None) -> str:
    set_extensions()
    with pytest.raises(ConfigMistake) as caught, mistakes_with_line(path, overrides or {}):
        init_nlp(read_config(path, overrides or {}))
    return str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "message"),
    [
        ("max_epochs = 0", "max_epochz = 0", "max_epochz", "no such entry"),
        ("max_steps = 150", 'max_steps = "many"', "max_steps", "should be a valid integer"),
        ("civex.LayeredTagger.v1", "civex.LayeredTaggr.v1", "@architectures", "Could not find function"),
        ('factory = "civex_entities"', 'factory = "civex_entitiez"', "factory", "Can't find factory"),
        ('factory = "civex_entities"', 'factory = "civex_entities"\nlimit = 3', "limit", "unexpected argument"),
        ("dilations = [4]", "dilations = 4", "dilations", "is not list[int]"),
        ("[training]", "[training", "[training", "parsing errors"),
        ("${system.seed}", "${system.sed}", "seed = ${", "system.sed"),
        ('"corpora.train"', '"corpora.tran"', "train_corpus", "corpora.tran"),
        ("learn_rate", "lern_rate", "lern_rate", "unexpected argument"),
        ("path = ${paths.dev}", "pth = ${paths.dev}", "[corpora.dev]", "missing required argument"),
        ("max_steps = 150", "max_steps = 150\nmax_steps = 3", "max_steps = 3", "already exists"),
        ('"civex_relations"]', '"civex_relation"]', "pipeline", "Can't find component 'civex_relation'"),
        ("[corpora]", "[corpera]\n[corpora]", "[corpera]", "no section of a config"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, right: str, wrong: str, line: str, message: str) -> None:
    assert right in SOURCE
    path = tmp_path / "my.cfg"
    path.write_text(SOURCE.replace(right, wrong))
    file, number, said = mistake(path).split(":", 2)
    assert file == str(path) and message in said and "\n" not in said
    assert path.read_text().splitlines()[int(number) - 1].startswith(line)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"training.max_stepz": 5}, "--training.max_stepz: training -> max_stepz: no such entry"),
        ({"training.max_steps": "five"}, "--training.max_steps: max_steps: Input should be a valid integer"),
    ],
)
def test_a_mistake_in_an_override_names_it(tmp_path: Path, overrides: dict, message: str) -> None:
    path = tmp_path / "my.cfg"
    path.write_text(SOURCE)
    assert mistake(path, overrides).startswith(message)


@pytest.mark.parametrize("path", [FINETUNE, NEW])
def test_the_templates_are_sound(path: Path) -> None:
    assert read_config(path, {})["training"]["max_epochs"] == -1
