"""The gate on quality: its rules by hand, and the shipped model against its floors."""

import pytest
from spacy.language import Language

from tests import floors

FLOOR = {"release": {"digest": "d", "figures": {"overall_f1": 0.9, "exact": 100}}}


def measured(digest: str = "d", **figures: float) -> dict:
    return {"release": {"digest": digest, "figures": {"overall_f1": 0.9, "exact": 100} | figures}}


@pytest.mark.parametrize(
    ("now", "fault"),
    [
        (measured(), None),
        (measured(overall_f1=0.95), None),
        (measured(overall_f1=0.899), None),  # within the slack
        (measured(overall_f1=0.89), "overall_f1 0.89 is below its floor 0.9"),
        (measured(exact=99), "exact 99 is below its floor 100"),
        (measured("other", overall_f1=0.99), "not those of the floor"),
        ({"new": {"digest": "d", "figures": {}}}, "no floor yet"),
        ({"release": measured()["release"] | {"wrong offsets": 2}}, "2 mentions whose offsets are wrong"),
    ],
)
def test_faults(now: dict, fault: str | None) -> None:
    found = floors.faults(FLOOR, now)
    assert (found == []) if fault is None else (len(found) == 1 and fault in found[0])


def test_a_floor_is_raised_but_lowered_only_on_purpose() -> None:
    now = measured(overall_f1=0.95, exact=90)
    assert floors.renewed(FLOOR, now, lower=False)["release"]["figures"] == {"overall_f1": 0.95, "exact": 100}
    assert floors.renewed(FLOOR, now, lower=True)["release"]["figures"] == {"overall_f1": 0.95, "exact": 90}


def test_changed_data_needs_the_flag() -> None:
    now = measured("other", overall_f1=0.99)
    assert floors.renewed(FLOOR, now, lower=False) == FLOOR
    assert floors.renewed(FLOOR, now, lower=True)["release"]["digest"] == "other"


def test_what_is_not_measured_keeps_its_floor() -> None:
    assert floors.renewed(FLOOR, {}, lower=True) == FLOOR


@pytest.mark.slow
def test_the_shipped_model_is_not_below_its_floor(model: Language) -> None:
    if "corpus/test" not in floors.read():
        pytest.skip("tests/floors.json has no floor for corpus/test yet: python tests/floors.py --raise")
    assert floors.faults(floors.read(), {"corpus/test": floors.of_corpus()}) == []
