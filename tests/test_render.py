"""The HTML page: complete, escaped, self-contained, whatever the text and the spans."""

import hashlib
import html
import json
import re
from base64 import b64encode
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from civex.render import STRETCH, Layer, Piece, day, doubts, facts, figure, layers, people, pieces, render, words
from civex.schema import (
    Actor,
    Assessment,
    Candidate,
    Claim,
    Count,
    Date,
    Document,
    Figure,
    Incident,
    Mention,
    ModelInfo,
    NamedMention,
    Owner,
    Place,
    Report,
    ReportWarning,
    Source,
    Tally,
    Target,
)

TEXT = "Credible reports\nApr. 9, 2016, Mosul: a <Coalition> strike on a Daesh centre killed two. In all, 30 strikes.\n"
ANY_TEXT = st.text(st.characters(), max_size=60)
VOID = {"meta", "input"}


def mention(cls: type, words: str, **fields: object) -> Mention:
    start = TEXT.index(words)
    return cls(text=words, span=(start, start + len(words)), **fields)


def make_report(incidents: list[Incident], text: str = TEXT, **fields: object) -> Report:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    document = Document(sha256=digest, n_chars=len(text))
    return Report(model=ModelInfo(name="civex_en", version="1.0"), document=document, incidents=incidents, **fields)


def make_incident() -> Incident:
    start = TEXT.index("Apr.")
    return Incident(
        id="i1",
        spans=[(start, TEXT.index(" In all"))],
        date=mention(Date, "Apr. 9, 2016", start="2016-04-09", end="2016-04-09", precision="day"),
        places=[mention(Place, "Mosul")],
        actors=[mention(Actor, "<Coalition>", name="<b>Coalition</b>")],
        targets=[mention(Target, "Daesh centre", type="command", owner=mention(Owner, "Daesh"))],
        casualties=[mention(Claim, "two", id="c1", harm="killed", min=2, max=2)],
        killed={"unspecified": Figure(min=2, max=2, claims=["c1"])},
        assessment=Assessment(outcome="non_credible", mentions=[mention(Mention, "Credible reports")]),
    )


class Page(HTMLParser):
    """What a browser would make of a page: the text in #text, and whether each element is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, str | None]] = []
        self.text, self.tags = "", []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("id")))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if ("div", "text") in self.open:
            self.text += data


def links(page: str) -> dict:
    return json.loads(re.search(r'id="links">(.*?)</script>', page, re.DOTALL)[1])


def test_text_is_whole_and_marked() -> None:
    page = render(make_report([make_incident()]), TEXT)
    found = Page(page)
    assert found.text == TEXT
    marks = [attrs for tag, attrs in found.tags if tag == "span"]
    assert "place stretch" in {mark["class"] for mark in marks}
    assert [mark["data-b"] for mark in marks if "data-b" in mark] == ["i1"]
    assert links(page) == {"groups": [["i1"]], "first": {"i1": 1}}  # the stretch, not the heading above it


def test_everything_is_escaped() -> None:
    page = render(make_report([make_incident()]), TEXT)
    assert "<Coalition>" not in page and "<b>Coalition" not in page
    assert html.escape("<b>Coalition</b>") in page


def test_page_loads_nothing_and_runs_only_its_own_script() -> None:
    page = render(make_report([make_incident()]), TEXT)
    assert not re.search(r"\b(src|href)=|url\(|@import|https?:", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    for element in ("style", "script"):
        content = re.search(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)[1]
        digest = b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy


def test_tallies_and_warnings_are_shown() -> None:
    tally = mention(Tally, "30 strikes", measure="strikes", min=30, max=30)
    warnings = [ReportWarning(code="not_english", message="looks like <Dutch>")]
    page = render(make_report([], tallies=[tally], warnings=warnings), TEXT)
    assert 'data-c="t1"' in page and "30 strikes" in page and links(page)["first"] == {"t1": 0}
    assert "not_english: looks like &lt;Dutch&gt;" in page


def test_another_text_is_noticed() -> None:
    report = make_report([make_incident()])
    assert "not the text" in render(report, TEXT[:20])
    assert "not the text" not in render(report, TEXT)


def test_no_text_and_no_incident() -> None:
    page = render(make_report([], ""), "")
    assert "The text is empty." in page and "No incident was found." in page


@given(ANY_TEXT)
@settings(deadline=None)
def test_any_text_gives_a_page(text: str) -> None:
    some = {"text": text, "span": (0, len(text))}
    incident = Incident(id="i1", spans=[some["span"]], sources=[Source(**some, name=text)], places=[Place(**some)])
    tally = Tally(**some, area=Mention(**some), claimed_by=NamedMention(**some))
    report = make_report([incident], text, tallies=[tally], warnings=[ReportWarning(code="c", message=text)])
    report.document.title, report.document.publisher = Mention(**some), NamedMention(**some)
    page = render(report, text)
    page.encode("utf-8")
    if text.strip():
        # a parser drops or replaces what HTML cannot hold; all the rest is there, in order
        plain = re.sub("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\ufffd]", "", text)
        shown = re.sub("[\x0b-\x0d\ufffd]", "", Page(page).text)
        assert shown == plain


SPANS = st.lists(
    st.builds(
        Layer,
        st.integers(-3, 25),
        st.integers(-3, 25),
        st.sampled_from(["date", "place", STRETCH]),
        st.sampled_from([None, "i1", "i2", "i10", "t1"]),
    ),
    max_size=12,
)


@given(SPANS, st.integers(0, 20))
@settings(deadline=None)
def test_pieces_cover_the_text_and_carry_what_is_over_them(spans: list[Layer], length: int) -> None:
    found = list(pieces(spans, length))
    assert [at for piece in found for at in range(piece.start, piece.end)] == list(range(length))
    for piece in found:
        assert piece.start < piece.end
        over = [s for s in spans if s.start < s.end and s.start <= piece.start and s.end >= piece.end]
        assert set(piece.kinds) == {span.kind for span in over}
        assert set(piece.cards) == {span.card for span in over} - {None}


def test_pieces_of_crossing_spans() -> None:
    spans = [Layer(0, 6, STRETCH, "i10"), Layer(4, 9, STRETCH, "i2"), Layer(4, 6, "date", "i2")]
    assert list(pieces(spans, 10)) == [
        Piece(0, 4, (STRETCH,), ("i10",), ("i10",)),
        Piece(4, 6, ("date", STRETCH), ("i2", "i10"), ("i2",)),
        Piece(6, 9, (STRETCH,), ("i2",), ()),
        Piece(9, 10, (), (), ()),
    ]


def test_a_heading_over_many_incidents_keeps_the_page_small() -> None:
    """The set of cards of a piece is written once, however many pieces it covers."""
    n = 300
    text = "word " * n
    heading = Mention(text=text, span=(0, len(text)))
    incidents = [
        Incident(id=f"i{k + 1}", spans=[(5 * k, 5 * k + 4)], assessment=Assessment(mentions=[heading]))
        for k in range(n)
    ]
    page = render(make_report(incidents, text), text)
    assert len(links(page)["groups"]) == 1
    assert len(page) < 250_000


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(5, 5, "5"), (5, None, "≥5"), (None, 11, "≤11"), (8, 12, "8–12"), (None, None, "?"), (34502, 34502, "34,502")],
)
def test_figure(low: int | None, high: int | None, expected: str) -> None:
    assert figure(Count(min=low, max=high)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"start": "2019-06-03", "end": "2019-06-03", "precision": "day"}, "2019-06-03"),
        ({"start": "2019-06-01", "end": "2019-06-30", "precision": "month"}, "2019-06"),
        ({"start": "2019-01-01", "end": "2019-12-31", "precision": "year"}, "2019"),
        ({"start": "2014-08-01", "end": "2019-04-30", "precision": "range"}, "2014-08-01 – 2019-04-30"),
        ({}, "on Tuesday"),
    ],
)
def test_day(fields: dict, expected: str) -> None:
    assert day(Date(text="on\nTuesday", span=(0, 10), **fields)) == expected
    assert day(None) == ""


def test_people_and_words() -> None:
    figures = {"civilians": Figure(min=5, claims=["c1"]), "unspecified": Figure(min=13, max=13, claims=["c2"])}
    claims = [
        Claim(text="x", span=(0, 1), id=id, harm="killed", part_of=part) for id, part in (("c1", "c2"), ("c2", None))
    ]
    assert people(figures, []) == "≥5 civilians, 13 people"
    assert people(figures, claims) == "13 people, ≥5 civilians among them"
    assert people({}, []) == ""
    assert words("non_credible") == "non-credible"


def test_fields_in_doubt_show_their_candidates_and_are_marked() -> None:
    doubted = make_incident().model_copy(
        update={
            "places": [],
            "killed": {},
            "candidates": {
                "places": [mention(Candidate, "Mosul", confidence=0.6), mention(Candidate, "Daesh", confidence=0.2)],
                "killed": [mention(Candidate, "two", confidence=0.4)],
                "sources": [],
            },
        }
    )
    assert doubts(doubted) == {"place": "? Mosul | Daesh", "killed": "? two", "source": "?"}
    assert facts(doubted)["killed"] == "? two" and facts(doubted)["source"] == "?"
    report = make_report([doubted])
    page = render(report, TEXT)
    assert "? Mosul | Daesh" in page and "<dd>? two</dd>" in page
    start = TEXT.index("Mosul")
    assert Layer(start, start + 5, "place", "i1") in list(layers(report))
