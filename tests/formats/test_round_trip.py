"""Every format gives back what it was given: text, header, mentions, values, incidents, tallies, relations."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from civex.annotations import AnnotatedText, check
from civex.corpus import read_folder
from civex.formats import FORMATS, read, write
from civex.formats.files import Log
from civex.formats.flat import flatten, unflatten
from tests.conftest import ROOT
from tests.formats.documents import TRAPS, crossing, foreign, same, unusual
from tests.strategies import documents, tool_documents

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


@pytest.mark.parametrize("document", [TRAPS, crossing(), foreign(), unusual()], ids=lambda d: d.id)
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


@given(tool_documents())
@settings(max_examples=100, deadline=None)
def test_what_tools_may_say_is_flat_and_back(document: AnnotatedText) -> None:
    settled = unflatten(flatten(document))
    assert len(settled.mentions) == len(document.mentions)
    for link_events in (False, True):
        assert same(unflatten(flatten(settled, link_events=link_events)), settled)


@given(document=st.one_of(documents(), tool_documents()))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_document(document: AnnotatedText, format: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    given = unflatten(flatten(document))
    assume(format != "inline" or not check(given))  # the inline form is read by the guideline's rules
    found, _ = there_and_back([given], format, tmp_path_factory.mktemp("any") / "out")
    assert_same([given], found)


def test_documents_whose_ids_differ_in_case_only_get_files_of_their_own(format: str, tmp_path: Path) -> None:
    given = [replace(crossing(), id="A b"), replace(crossing(), id="a_b")]
    found, _ = there_and_back(given, format, tmp_path / "out")
    assert_same(given, found)
