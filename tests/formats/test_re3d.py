"""re3d: all of it is read, and goes through every other format."""

from collections import Counter
from pathlib import Path

import pytest

from civex.formats import FORMATS, read, write
from civex.formats.files import Log
from tests.formats.documents import same

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def re3d(shared: Path) -> Path:
    folder = shared / "re3d"
    if not folder.is_dir():
        pytest.skip("no ../shared/re3d: git clone https://github.com/dstl/re3d there")
    return folder


def test_all_documents_entities_and_relations_are_there(re3d: Path) -> None:
    log = Log()
    documents = read(re3d, "re3d", log)
    assert log.faults == log.notes == []
    assert log.found == log.given == Counter(documents=98, spans=4838, relations=1430)
    assert sum(len(d.mentions) for d in documents) == 4838
    assert sum(len(d.relations) for d in documents) == 1430
    assert sum(m.label == "Organisation" for d in documents for m in d.mentions) == 1799
    assert sum(r.label == "CoLocated" for d in documents for r in d.relations) == 478


@pytest.mark.slow
@pytest.mark.parametrize("format", FORMATS)
def test_round_trip(re3d: Path, format: str, tmp_path: Path) -> None:
    pytest.importorskip({"inception": "cassis", "hf-datasets": "datasets"}.get(format, "civex"))
    given = read(re3d, "re3d", Log())
    write(given, tmp_path / "out", format, Log())
    log = Log()
    found = {document.id: document for document in read(tmp_path / "out", format, log)}
    assert log.faults == []
    assert len(found) == 98
    assert all(same(document, found[document.id]) for document in given)
