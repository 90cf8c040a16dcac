"""Each damaged file is refused or mended with file, line and cause; nothing is lost silently."""

import re
from collections import Counter
from pathlib import Path

import pytest

from civex.formats import write
from civex.formats.conversion import read_checked
from civex.formats.files import Log
from tests.formats.damaged import CASES, DOCUMENTS, Damage
from tests.formats.documents import same
from tests.formats.test_round_trip import NEEDS


def test_there_are_sixty_of_them() -> None:
    assert len(CASES) >= 60
    assert len({(name, format) for name, format, *_ in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("format", "damage", "outcome", "said"),
    [pytest.param(*case[1:], id=f"{case[1]}-{case[0]}") for case in CASES],
)
def test_damage(format: str, damage: Damage, outcome: str, said: str, tmp_path: Path) -> None:
    if format in NEEDS:
        pytest.importorskip(NEEDS[format], reason="pip install 'civex[formats]'")
    path = tmp_path / "out"
    write(DOCUMENTS, path, format, Log())
    damage(path)
    log = Log()
    found = read_checked(path, format, log, any_label=False, mend=False)

    refusals = {"refused": 1, "both": 2, "file": 1, "rows": None}
    if outcome in refusals:
        assert log.faults if refusals[outcome] is None else len(log.faults) == refusals[outcome]
        lines = [f"{file}:{line}: {cause}" for file, line, cause in log.faults]
    else:
        assert log.faults == []
        lines = [f"{file}:{line}: {cause}" for file, line, cause in log.notes]
    assert any(re.search(said, line) for line in lines) or not said, lines
    assert all(line.startswith(str(tmp_path)) and line.count("\n") == 0 for line in lines)

    expected = {"refused": 1, "left out": 1, "both": 0, "file": 0}
    if outcome in expected:
        assert len(found) == expected[outcome]
        assert all(any(same(document, one) for one in DOCUMENTS) for document in found)
    if outcome == "mended":
        assert all(any(same(document, one) for one in found) for document in DOCUMENTS)
    assert log.found == log.given + log.refused or format == "label-studio"  # a relation both ways is two
    assert Counter(log.given)["documents"] == len(found)
