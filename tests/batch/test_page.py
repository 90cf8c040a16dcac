"""The page: complete, escaped, the same for the same records, honest about what it leaves out."""

import hashlib
import json
import re
from base64 import b64encode
from html.parser import HTMLParser
from typing import Any

import pytest

from civex.batch import listing
from civex.batch import page as page_module
from civex.batch.listing import marked
from civex.batch.page import page
from civex.batch.records import Record
from civex.batch.rows import incident_rows
from civex.schema import Date, Place, Report, Source
from tests.batch.written import TEXT, incident, report

EVIL = '</script><img src=x onerror="alert(1)">'
VOID = {"meta", "input"}


class Page(HTMLParser):
    """What a browser would make of a page: its elements, its words, and what its script reads."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[tuple[str, str]] = []
        self.words: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert not self.open
        self.data: dict[str, Any] = json.loads(self.words["#data"][0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, f"#{dict(attrs)['id']}" if "id" in dict(attrs) else tag))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        for _, name in self.open[-1:]:
            self.words.setdefault(name, []).append(data)


def record(found: Report, name: str = "1.txt", **document: Any) -> Record:
    facts = {"name": name, "sha256": found.document.sha256, "sha256_text": found.document.sha256, **document}
    return Record(facts, {}, "0.1.0", found)


def test_an_incident_is_in_figures_and_table() -> None:
    found = incident(killed={"civilians": (5, 8)}, injured={"unspecified": (2, None)}, targets=("market",))
    html = Page(page([(record(report(found)), TEXT)]))
    assert html.words["td"][-6:] == ["2016-04-09", "Mosul, Iraq", "5–8 civilians", "≥2 people", "market", "1.txt"]
    assert "5 to 8 " in html.words["td"] and "2 or more " in html.words["td"]
    (row,) = html.data["rows"]
    assert row["cells"] == ["2016-04-09", "Mosul, Iraq", "5–8 civilians", "≥2 people", "market", "", "", "1.txt"]
    assert (row["killed"], row["injured"], row["site"], row["event"]) == ([5, 8], [2, None], -1, None)
    assert html.data["bins"][row["bin"]] == "2016-04-09"


def test_reports_have_the_ids_that_they_have_in_the_tables() -> None:
    documents = [record(report(incident(), incident(number=2))), record(report(incident()), "2.txt")]
    html = Page(page((found, None) for found in documents))
    assert [row["id"] for row in html.data["rows"]] == [
        row["id"] for found in documents for row in incident_rows(found)
    ]


def test_sums_are_given_with_and_without_grouping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "group_reports", lambda rows: [("e", 0.9), ("e", 0.9), ("f", None)])
    tolls = [{"civilians": (5, 8)}, {"civilians": (6, 6)}, {"civilians": (1, 1)}]
    html = page((record(report(incident(killed=toll)), f"{n}.txt"), None) for n, toll in enumerate(tolls))
    cells = [words.strip() for words in Page(html).words["td"]]
    assert "12 to 15" in cells and "6 to 9" in cells
    assert [row["cells"][6] for row in Page(html).data["rows"]] == ["2 reports", "2 reports", ""]
    assert [row["event"] for row in Page(html).data["rows"]] == ["e", "e", None]
    assert "3 reports are 2 events" in html


def test_words_of_the_texts_never_become_html() -> None:
    text = f"{EVIL} {TEXT}"
    found = incident(place=EVIL, point=(36.34, 43.13), country=(EVIL, "IQ")).model_copy(
        update={"sources": [Source(text=EVIL, span=(0, len(EVIL)))]}
    )
    html = page([(record(report(found, text=text), EVIL, url=f"javascript:{EVIL}"), text)], title=EVIL)
    assert "<img" not in html and html.count("</script>") == 2
    parsed = Page(html)
    assert not [attrs for _, attrs in parsed.tags if any(name.startswith("on") for name in attrs)]
    about, url, pieces = parsed.data["documents"][0]
    assert about["document"] == EVIL and url == ""
    assert "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces) == text


def test_characters_that_utf8_cannot_hold_do_no_harm() -> None:
    text = "\ud800\x00 " + TEXT
    html = page([(record(report(incident(place="Mo\ud800sul"), text=text), "\udcff.txt"), text)])
    assert "\ufffd" in html.encode("utf-8").decode("utf-8")


def test_nothing_is_loaded_and_only_the_own_script_runs() -> None:
    html = page([(record(report(incident(point=(36.34, 43.13)))), TEXT)])
    parsed = Page(html)
    assert not {"link", "img", "iframe", "object"} & {tag for tag, _ in parsed.tags}
    assert not [attrs for _, attrs in parsed.tags if "src" in attrs or "style" in attrs]
    assert "url(" not in html and "@import" not in html
    policy = next(attrs["content"] for tag, attrs in parsed.tags if attrs.get("http-equiv")) or ""
    assert policy.startswith("default-src 'none'")
    for part in (parsed.words["style"][0], html.rpartition("</script>")[0].rpartition("<script>")[2]):
        digest = b64encode(hashlib.sha256(part.encode("utf-8")).digest()).decode("ascii")
        assert f"'sha256-{digest}'" in policy


def test_the_same_records_give_the_same_page() -> None:
    documents = [(record(report(incident(point=(36.34, 43.13)), incident(number=2))), TEXT)]
    assert page(documents) == page(documents)


def test_no_record_at_all() -> None:
    html = page([])
    Page(html)
    for line in ("No report has a date.", "No report speaks of people", "No report has a country", "<b>0</b> reports"):
        assert line in html


def test_what_is_missing_is_said() -> None:
    found = [incident(None, country=None), incident(place=None), incident("2016-04-01", end="2016-04-30")]
    html = page([(record(report(*found)), None)])
    assert "1 with no date that could be fixed" in html
    assert "1 with a date too wide for the timeline" in html
    assert "1 with no place below country" in html and "1 with no country" in html
    assert "3 with no coordinates, so not on the map" in html and "3 of 3 reports not on the map" in html
    assert "The text of 1 document is not on this page" in html


def test_rejected_reports_are_counted_and_named() -> None:
    found = [incident(outcome="non_credible"), incident(outcome="duplicate"), incident(outcome="credible")]
    assert "2 reports of those counted were judged not credible" in page([(record(report(*found)), None)])
    assert "judged not credible" not in page([(record(report(found[2])), None)])


def test_a_date_that_nothing_fixes_is_quoted() -> None:
    found = incident().model_copy(update={"date": Date(text="last\nTuesday", span=(0, 12))})
    assert Page(page([(record(report(found)), None)])).data["rows"][0]["cells"][0] == "“last Tuesday”"


def test_many_rows_and_long_texts_are_held_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "MOST_ROWS", 3)
    monkeypatch.setattr(page_module, "MOST_TEXT", len(TEXT))
    html = page((record(report(incident(), incident(number=2))), TEXT) for _ in range(3))
    data = Page(html).data
    assert len(data["rows"]) == 3 and [bool(text) for _, _, text in data["documents"]] == [True, False]
    assert "hold the first 3 reports; the figures are of all 6" in html and "<b>6</b> reports" in html


def test_only_the_first_rows_are_static(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_module, "FIRST_ROWS", 2)
    html = page([(record(report(*(incident(number=n) for n in range(1, 6)))), TEXT)])
    assert html.count('<td data-label="when">') == 2 and "2 of 5 reports" in html
    assert len(Page(html).data["rows"]) == 5


def test_marks_of_a_text() -> None:
    pieces = list(marked(report(incident(targets=("market",))), TEXT))
    assert "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces) == TEXT
    assert ["9 April 2016", "date stretch", "i1"] in pieces and ["market", "stretch target", "i1"] in pieces


def test_what_is_far_from_every_mark_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "AROUND", 10)
    text = "a" * 100 + "Mosul" + "b" * 200 + "Hajin" + "c" * 7
    places = [Place(text="Mosul", span=(100, 105)), Place(text="Hajin", span=(305, 310))]
    found = [
        incident(number=number).model_copy(update={"spans": [], "date": None, "country": None, "places": [place]})
        for number, place in enumerate(places, 1)
    ]
    assert list(marked(report(*found, text=text), text)) == [
        [" … 90 characters left out … ", "gap", ""],
        "a" * 10,
        ["Mosul", "place", "i1"],
        "b" * 10,
        [" … 180 characters left out … ", "gap", ""],
        "b" * 10,
        ["Hajin", "place", "i2"],
        "c" * 7,
    ]


def test_spans_beyond_the_text_are_cut() -> None:
    pieces = list(marked(report(incident()), TEXT[:30]))
    assert "".join(piece if isinstance(piece, str) else piece[0] for piece in pieces) == TEXT[:30]


def test_filters_offer_what_there_is() -> None:
    html = page([(record(report(incident(targets=("market",), outcome="non_credible"), incident(number=2))), None)])
    assert re.findall(r'<option value="([^"]*)">([^<]*)</option>', html)[:8] == [
        ("", "any"),
        ("Iraq", "Iraq (2)"),
        ("", "any"),
        ("market", "market (1)"),
        ("-", "not said (1)"),
        ("", "any"),
        ("non_credible", "non-credible (1)"),
        ("-", "not said (1)"),
    ]
