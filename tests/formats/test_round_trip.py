"""Every format gives back what it was given: text, header, mentions, values, incidents, tallies, relations."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from civex.annotations import AnnotatedText
from civex.corpus import read_folder
from civex.formats import FORMATS, read, write
from civex.formats.files import Log
from civex.formats.flat import flatten, unflatten
from tests.conftest import ROOT
from tests.formats.documents import TRAPS, crossing, foreign, same
from tests.strategies import documents

NEEDS = {"inception": "cassis", "hf-datasets": "datasets"}


@pytest.fixture(params=FORMATS)
def format(request: pytest.FixtureRequest) -> str:
    if request.param in NEEDS:
        pytest.importorskip(NEEDS[request.param], reason="pip install 'civex[formats]'")
    return request.param


def there_and_back(given: list[AnnotatedText], format: str, path: Path) -> tuple[list[AnnotatedText], Log]:
    out = Log()
    write(given, path, format, out)
    log = Log()
    found = read(path, format, log)
    assert log.faults == []
    assert log.given["documents"] == len(given)
    assert {**log.found} == {**log.given}
    return found, log


def assert_same(given: list[AnnotatedText], found: list[AnnotatedText]) -> None:
    by_id = {document.id: document for document in found}
    assert by_id.keys() == {document.id for document in given}
    for document in given:
        back = by_id[document.id]
        assert back.text == document.text
        assert back.meta == document.meta
        assert [vars(m) | {"at": 0} for m in back.mentions] == [vars(m) | {"at": 0} for m in document.mentions]
        assert back.relations == document.relations


@pytest.mark.parametrize("document", [TRAPS, crossing(), foreign()], ids=["traps", "crossing", "foreign"])
def test_round_trip(document: AnnotatedText, format: str, tmp_path: Path) -> None:
    found, log = there_and_back([document], format, tmp_path / "out")
    assert_same([document], found)
    assert log.notes == []


def test_the_dev_corpus_goes_through_every_format(format: str, tmp_path: Path) -> None:
    given = read_folder(ROOT / "corpus" / "dev")[:12]
    found, _ = there_and_back(given, format, tmp_path / "out")
    assert_same(given, found)


@given(documents())
@settings(max_examples=60, deadline=None)
def test_flat_and_back(document: AnnotatedText) -> None:
    for link_events in (False, True):
        assert same(unflatten(flatten(document, link_events=link_events)), document)


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("hf-datasets", "inception")])
@given(document=documents())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document(document: AnnotatedText, format: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    found, _ = there_and_back([document], format, tmp_path_factory.mktemp("any") / "out")
    assert_same([document], found)


@given(document=documents())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("format", NEEDS)
def test_any_document_with_extras(
    document: AnnotatedText, format: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pytest.importorskip(NEEDS[format], reason="pip install 'civex[formats]'")
    found, _ = there_and_back([document], format, tmp_path_factory.mktemp("any") / "out")
    assert_same([document], found)


def test_documents_whose_ids_differ_in_case_only_get_files_of_their_own(format: str, tmp_path: Path) -> None:
    given = [replace(crossing(), id="A b"), replace(crossing(), id="a_b")]
    found, _ = there_and_back(given, format, tmp_path / "out")
    assert_same(given, found)
