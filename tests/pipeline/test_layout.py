"""Layout: one case a line or text."""

import pytest
from hypothesis import given
from spacy.language import Language

from civex.labels import UNIT_LABELS, UNITS
from civex.pipeline.layout import Layout, kind_of, units_of
from tests.strategies import texts

KINDS = {
    "Non-Credible Reports": "heading",
    "FOR IMMEDIATE RELEASE": "heading",
    "Apr. 9, 2016, near Hajin, Syria, via Airwars report.": "entry",
    "9 April 2016: a strike near Hajin.": "entry",
    "2016-04-09 near Hajin, two killed.": "entry",
    "* Near Mosul, two strikes engaged a unit.": "entry",
    "• Near Mosul, two strikes engaged a unit.": "entry",
    "– Near Mosul, two strikes engaged a unit.": "entry",
    "14. Near Mosul, two strikes engaged a unit.": "entry",
    "(a) Near Mosul, two strikes engaged a unit.": "entry",
    "March 2019": "heading",
    "4 May 2016": "heading",
    "A strike killed five civilians near Hajin on Monday.": "paragraph",
    "Five were killed.": "paragraph",
    "Date; place; killed; injured": "table_row",
    "Hajin\t5\t2": "table_row",
    "| Hajin | 5 | 2 |": "table_row",
    "*These figures were revised later.": "footnote",
    "** These figures were revised later.": "footnote",
    "[2] These figures were revised later.": "footnote",
    "Page 3 of 12": "furniture",
    "- 3 -": "furniture",
    "-more-": "furniture",
    "* * *": "furniture",
    "###": "furniture",
}


@pytest.mark.parametrize("line", KINDS)
def test_kind(line: str) -> None:
    assert kind_of(line) == KINDS[line]


TEXTS = {
    "Reports\n\nOne was killed.\n\nTwo were hurt.": ["Reports", "One was killed.", "Two were hurt."],
    "One was killed.\nTwo were hurt.": ["One was killed.", "Two were hurt."],
    "A strike near the bridge over the river in the old town killed\nfive people.": [
        "A strike near the bridge over the river in the old town killed\nfive people."
    ],
    "A strike near the bridge over the river in the old town killed\n\nfive people.": [
        "A strike near the bridge over the river in the old town killed",
        "five people.",
    ],
    "* Near Mosul, two strikes engaged a large tactical unit and\ndestroyed a car.\n* Near Hit, one strike.": [
        "* Near Mosul, two strikes engaged a large tactical unit and\ndestroyed a car.",
        "* Near Hit, one strike.",
    ],
    "\n\n  \n": [],
    "": [],
}


@pytest.mark.parametrize("text", TEXTS)
def test_units(text: str) -> None:
    assert [text[start:end] for start, end, _ in units_of(text)] == TEXTS[text]


def test_a_wrapped_first_line_is_no_heading() -> None:
    text = "The release that follows this line was wrapped at a width\nof fifty-seven letters."
    assert [kind for *_, kind in units_of(text)] == ["paragraph"]


@given(texts)
def test_units_follow_the_text(blank_nlp: Language, text: str) -> None:
    doc = Layout(blank_nlp, "civex_layout")(blank_nlp.make_doc(text))
    last = 0
    for unit in doc.spans[UNITS]:
        assert unit.label_ in UNIT_LABELS
        assert last <= unit.start < unit.end
        last = unit.end
    inside = {token.i for unit in doc.spans[UNITS] for token in unit}
    assert all(token.i in inside for token in doc if token.text.strip())
