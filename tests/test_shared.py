"""The real release beside the repository, scored by the scorer that lies there, against its floor."""

from pathlib import Path

import pytest
from spacy.language import Language

from tests import floors

pytestmark = pytest.mark.shared


def test_the_release_is_not_below_its_floor(model: Language, shared: Path) -> None:
    if "release" not in floors.read():
        pytest.skip("tests/floors.json has no floor for the release yet: python tests/floors.py --raise")
    assert floors.faults(floors.read(), {"release": floors.of_release(shared)}) == []
