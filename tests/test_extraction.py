"""Extraction with the shipped model: any text gives a sound report, whichever way it is asked for."""

import datetime
import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from spacy.language import Language
from spacy.tokens import Doc, DocBin

import civex
from civex.calibration import of_model
from civex.labels import INCIDENTS, MENTIONS
from civex.report import build_report
from civex.schema import DOUBTED, Assessment, Report
from tests.strategies import texts

pytestmark = pytest.mark.usefixtures("model")

TEXT = """Joint Task Force Amber, June 3, 2019

Credible Reports
Apr. 9, 2016, near Hajin, Syria, via Airwars report. A Coalition airstrike on a Daesh vehicle killed five civilians.

On Tuesday a second strike in Mosul, Iraq, injured dozens of people, a hospital official said.
"""
ODD = (
    "a\x00b \ud800 \u202eAn airstrike killed 5\u202c civilians\u200b near Ha\u200bjin\udfff on 4 May 2016 \U0001f4a5",
    "\ud83d\ude00 killed 5",
    "\r\n\r\n\t* Near Mosul, two strikes.\r\n",
    "5 killed",
    "killed " * 400,
    "{|}\\",
)
# JSON writes a character beyond the first plane as two escapes, so that two lone surrogates come back as one character.
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")


def mentions(value: object):
    """Each {"text", "span"} inside plain data."""
    if isinstance(value, dict):
        if isinstance(value.get("text"), str) and value.get("span"):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from mentions(part)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts)
@example("")
@example(ODD[0])
@example(ODD[1])
@example(ODD[4])
def test_any_text_gives_a_sound_report(text: str) -> None:
    report = civex.extract(text)
    data = report.to_dict()
    for mention in mentions(data):
        start, end = mention["span"]
        assert 0 <= start <= end <= len(text) and text[start:end] == mention["text"]
    for incident in report.incidents:
        assert all(0 <= start < end <= len(text) for start, end in incident.spans)
        ids = {claim.id for claim in incident.casualties}
        named = [c for r in (incident.killed, incident.injured) for f in r.values() for c in f.claims]
        assert ids.issuperset(named)
    if not _PAIR.search(text):
        assert Report.from_json(report.to_json()) == report
    assert report.to_json().isascii()
    assert civex.extract(text) == report


def test_it_finds_something() -> None:
    report = civex.extract(TEXT)
    assert report.incidents and {i.country.code for i in report.incidents if i.country} <= {"SY", "IQ"}
    assert any(date.start == "2016-04-09" for date in (i.date for i in report.incidents) if date)
    assert list(mentions(report.to_dict()))


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "\u200b", "\ud800", "\x00"])
def test_blank_texts_give_empty_reports(text: str) -> None:
    report = civex.extract(text)
    assert (report.incidents, report.tallies, report.warnings) == ([], [], [])
    assert (report.document.n_chars, report.document.language) == (len(text), None)
    assert len(report.document.sha256) == 64


@pytest.mark.parametrize("value", [b"bytes", None, 5, ["a"], bytearray(b"x")])
def test_anything_but_str_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=f"not {type(value).__name__}"):
        civex.extract(value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"published": "3 June 2019"}, "ISO day"),
        ({"published": "2019-13-01"}, "ISO day"),
        ({"counts": "vague"}, "recorders, strict"),
        ({"min_confidence": 1.5}, "between 0 and 1"),
    ],
)
def test_options_that_make_no_sense(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        civex.extract(TEXT, **options)


@pytest.mark.parametrize("published", ["2019-06-03", datetime.date(2019, 6, 3)])
def test_published_fixes_relative_dates(published: object) -> None:
    def days(**options: object) -> set[str | None]:
        incidents = civex.extract("On Tuesday an airstrike in Mosul killed five civilians.", **options).incidents
        return {incident.date.start for incident in incidents if incident.date}

    assert days(published=published) == {"2019-05-28"}
    assert days() == {None}


def test_min_confidence_empties_fields_and_keeps_what_was_read() -> None:
    """Each field is either as sure as asked, and as it was, or empty, with every mention among its candidates."""
    whole, report = civex.extract(TEXT), civex.extract(TEXT, min_confidence=0.9)
    doubted = 0
    for before, after in zip(whole.incidents, report.incidents, strict=True):
        assert after.casualties == before.casualties and after.confidence == before.confidence
        for name in DOUBTED:
            sure = getattr(after.confidence, name) >= 0.9
            assert (name in after.candidates) != sure
            if sure:
                assert getattr(after, name) == getattr(before, name)
                continue
            assert getattr(after, name) in (None, [], {}, Assessment())
            read = getattr(before, name)
            if isinstance(read, list):
                assert {value.span for value in read} == {candidate.span for candidate in after.candidates[name]}
            doubted += bool(read)
        for candidate in (one for found in after.candidates.values() for one in found):
            assert TEXT[slice(*candidate.span)] == candidate.text and 0 < candidate.confidence <= 1
    assert doubted
    assert civex.Report.from_json(report.to_json()) == report


def test_candidates_carry_what_would_stand_in_the_field(model: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every field is in doubt: the date, the figure and the country of the one incident are still told."""
    even = {"found": {"bias": 0.0}, "empty": {"bias": 0.0}}
    monkeypatch.setitem(model.meta, "civex", {"calibration": dict.fromkeys(("incident", *DOUBTED), even)})
    text = "On 4 May 2016 an airstrike near Hajin, Syria killed five civilians."
    (incident,) = civex.extract(text, min_confidence=0.6).incidents
    assert set(incident.candidates) == set(DOUBTED) and incident.confidence.date == 0.5
    (date,) = incident.candidates["date"]
    assert (date.text, date.value["start"], date.value["precision"]) == ("4 May 2016", "2016-05-04", "day")
    (toll,) = incident.candidates["killed"]
    assert (toll.text, toll.value["claim"], toll.value["min"], toll.value["group"]) == (
        *("five civilians", "c1", 5, "civilians"),
    )
    (country,) = incident.candidates["country"]
    assert (country.text, country.value["code"]) == ("Syria", "SY")
    assert incident.candidates["sources"] == []  # in doubt, but nothing was read
    row = civex.extract(text, min_confidence=0.6).to_dataframe().iloc[0]
    assert row["doubtful"].split("; ") == list(DOUBTED) and row.isna()["killed_civilians_min"]


def test_publisher_given_is_a_mention_only_where_it_stands() -> None:
    assert civex.extract(TEXT, publisher="Joint Task Force Amber").document.publisher.span == (0, 22)
    assert civex.extract("Five killed.", publisher="Nowhere Named").document.publisher is None


def test_text_of_another_language_says_so() -> None:
    report = civex.extract(
        "La frappe a tué cinq civils et en a blessé neuf autres dans le village, selon les autorités."
    )
    assert report.document.language == "fr"
    assert "not_english" in [warning.code for warning in report.warnings]


def same_as_extract(nlp: Language, doc: Doc, text: str) -> bool:
    report = civex.extract(text)
    return build_report(doc, text, model=report.model.model_dump(), calibration=of_model(nlp.meta)) == report


@pytest.mark.parametrize("text", [TEXT, *ODD])
def test_doc_and_extract_agree(model: Language, text: str) -> None:
    assert same_as_extract(model, model(text), text)


@pytest.mark.parametrize("way", ["docbin", "bytes", "disk"])
def test_docs_survive_being_stored(model: Language, tmp_path, way: str) -> None:
    doc = model(TEXT)
    if way == "docbin":
        data = DocBin(docs=[doc], store_user_data=True).to_bytes()
        (copy,) = DocBin(store_user_data=True).from_bytes(data).get_docs(model.vocab)
    elif way == "bytes":
        copy = Doc(model.vocab).from_bytes(doc.to_bytes())
    else:
        doc.to_disk(tmp_path / "doc")
        copy = Doc(model.vocab).from_disk(tmp_path / "doc")
    assert same_as_extract(model, copy, TEXT)
    assert copy.spans[INCIDENTS].attrs == doc.spans[INCIDENTS].attrs
    assert copy.spans[MENTIONS].attrs == doc.spans[MENTIONS].attrs


def test_order_and_batch_size_change_nothing(model: Language) -> None:
    batch = [TEXT, "", *ODD, TEXT.upper()]
    for size in (1, 3, 64):
        docs = list(model.pipe(batch, batch_size=size))
        assert all(same_as_extract(model, doc, text) for doc, text in zip(docs, batch, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_two_processes(model: Language, tmp_path, method: str) -> None:
    import subprocess
    import sys

    script = tmp_path / "run.py"
    script.write_text(
        f"""
import multiprocessing, sys
import civex
from civex.labels import MENTIONS
if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    nlp = civex.load()
    docs = nlp.pipe([{TEXT!r}] * 4, n_process=2, batch_size=2)
    print([len(doc.spans[MENTIONS].attrs["relations"]) for doc in docs])
"""
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300)
    expected = len(model(TEXT).spans[MENTIONS].attrs["relations"])
    assert done.stdout.strip() == str([expected] * 4), done.stderr


def test_chunks_change_nothing(model: Language) -> None:
    tok2vec = next(node for node in model.get_pipe("tok2vec").model.walk() if node.name == "civex_tok2vec")
    text = TEXT * 8
    whole = civex.extract(text)
    kept = tok2vec.attrs["chunk_size"]
    try:
        tok2vec.attrs["chunk_size"] = 50
        parts = civex.extract(text)
    finally:
        tok2vec.attrs["chunk_size"] = kept
    plain = [r.model_copy(update={"incidents": [_without_confidence(i) for i in r.incidents]}) for r in (whole, parts)]
    assert plain[0] == plain[1]


def _without_confidence(incident: civex.schema.Incident):
    return incident.model_copy(update={"confidence": None})


def test_long_texts_are_read_whole(model: Language) -> None:
    text = TEXT * 60
    report = civex.extract(text)
    assert len(text) > 15_000 and max(end for i in report.incidents for _, end in i.spans) > len(text) - len(TEXT)


def test_many_streams_in_order() -> None:
    items = [civex.Input(TEXT, id="a"), "", civex.Input("Five killed.", published="2019-06-03")]
    found = list(civex.extract_many(iter(items)))
    assert found == [civex.extract(TEXT), civex.extract(""), civex.extract("Five killed.", published="2019-06-03")]
    pairs = civex.extract_many(((item, n) for n, item in enumerate(items)), as_tuples=True)
    assert [n for _, n in pairs] == [0, 1, 2]


def test_many_reads_no_further_than_asked() -> None:
    taken: list[int] = []

    def items():
        for n in range(1000):
            taken.append(n)
            yield "Five killed."

    next(civex.extract_many(items(), batch_size=8))
    assert len(taken) <= 64


def test_many_records_failures_in_their_place() -> None:
    items = [TEXT, civex.Input(b"x", id="bad"), civex.Input("x", published="June", id="worse"), None, "Five killed."]
    found = list(civex.extract_many(items, errors="record"))
    assert [type(f).__name__ for f in found] == ["Report", "Failure", "Failure", "Failure", "Report"]
    assert [f.id for f in found[1:4]] == ["bad", "worse", None]
    assert "TypeError" in found[1].error and "ValueError" in found[2].error
    with pytest.raises(TypeError):
        list(civex.extract_many(items))
