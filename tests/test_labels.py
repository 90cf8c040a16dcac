"""Values of one's own: added to the guideline of the process, refused where annotation could not tell them apart."""

from collections.abc import Iterator

import pytest

from civex import labels
from civex.annotations import CorpusError, parse
from civex.formats.label_config import configuration
from civex.pipeline.attributes import attribute_table
from civex.schema import Target

TEXT = "genre: wire\n---\nA {strike|action i1 airstrike} hit {the bridge|target i1 bridge} .\n"


@pytest.fixture
def bridges() -> Iterator[None]:
    before = dict(labels.ATTRIBUTES)
    labels.extend({"target_type": ["bridge"], "outcome": ["referred"]})
    yield
    labels.ATTRIBUTES.update(before)


def test_before_it_is_added_a_value_is_unknown_everywhere() -> None:
    with pytest.raises(CorpusError, match="'bridge' means nothing for target"):
        parse(TEXT)
    with pytest.raises(ValueError, match="no target_type of the guideline: 'bridge'"):
        Target(text="the bridge", span=(0, 10), type="bridge")


def test_then_it_is_known_everywhere(bridges: None) -> None:
    assert parse(TEXT).mentions[1].attributes["target_type"] == ["bridge"]
    assert Target(text="the bridge", span=(0, 10), type="bridge").type == "bridge"
    assert attribute_table()["target_type"][0] == [*labels.TARGET_TYPES, "bridge"]
    assert 'value="bridge"' in configuration("label-studio") and 'value="referred"' in configuration("label-studio")


def test_the_same_value_twice_is_one(bridges: None) -> None:
    labels.extend({"target_type": ["bridge", "vehicle", "bridge"]})
    assert labels.ATTRIBUTES["target_type"][0] == (*labels.TARGET_TYPES, "bridge")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"harm": ["frightened"]}, "no values can be added to 'harm', only to target_type, outcome"),
        ({"colour": ["red"]}, "no values can be added to 'colour'"),
        ({"target_type": ["rail bridge"]}, "small letters and underscores"),
        ({"target_type": ["i1"]}, "small letters and underscores"),
        ({"target_type": ["destroyed"]}, "says something else of the same mentions"),
        ({"who": ["bystander"], "target_type": ["Bridge"]}, "small letters and underscores"),
    ],
)
def test_what_is_refused_adds_nothing(values: dict, message: str) -> None:
    before = dict(labels.ATTRIBUTES)
    with pytest.raises(ValueError, match=message):
        labels.extend(values)
    assert labels.ATTRIBUTES == before
