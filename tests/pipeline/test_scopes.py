"""Scopes: what a heading or the sentence before a list says of the entries that say nothing of their own."""

import pytest
from spacy.tokens import Doc

from civex.labels import MENTIONS
from civex.pipeline.scopes import set_scopes

ENTRIES = (
    "* Near {A|place i1} , one {strike|action i1 airstrike}\n* Near {B|place i2} , two {strikes|action i2 airstrike}"
)
DAY = "On {4 May 2016|date i9 2016-05-04} they {hit|action i9 airstrike} many places near {C|place i9} .\n\n"

# text -> (governing mention, opener of the entry)
SAID = {
    "{Syria|country t1} : {9 strikes|tally t1 strikes 9}\n\n" + ENTRIES: [("Syria", "A"), ("Syria", "B")],
    "{Syria|country t1} {9 strikes|tally t1 strikes 9}\n\n{Iraq|country t2} {8 strikes|tally t2 strikes 8}\n\n"
    + ENTRIES: [
        ("Iraq", "A"),
        ("Iraq", "B"),
    ],
    DAY + ENTRIES: [("4 May 2016", "A"), ("4 May 2016", "B")],
    DAY + "On {6 May 2016|date 2016-05-06} he spoke .\n\n" + ENTRIES: [("4 May 2016", "A"), ("4 May 2016", "B")],
    DAY + DAY.replace("4 May", "5 May").replace("05-04", "05-05").replace("i9", "i8") + ENTRIES: [],
    DAY + "* On {9 May 2016|date i1 2016-05-09} in {A|place i1} , one {strike|action i1 airstrike}": [],
    ENTRIES: [],
    "Both died .": [],
}


def links(doc: Doc) -> list[tuple[str, str]]:
    group = doc.spans[MENTIONS]
    return [(group[head].text, group[tail].text) for head, tail, _, score in group.attrs["relations"] if score == 0.0]


@pytest.mark.parametrize("text", SAID)
def test_scopes(gold, text: str) -> None:
    assert links(set_scopes(gold(text))) == SAID[text]


def test_the_title_is_no_heading_of_a_list(gold) -> None:
    assert links(set_scopes(gold("{Strikes in {Syria|country}|title}\n\n" + ENTRIES))) == []


def test_a_finding_said_in_the_heading(gold) -> None:
    doc = set_scopes(gold("{Credible|outcome i9 credible} of {A9|place i9}\n\n" + ENTRIES))
    assert links(doc) == [("Credible", "A"), ("Credible", "B")]


@pytest.mark.parametrize(
    ("before", "found"),
    [
        ("They still assess {2 reports|tally t1 reports_open 2} :", [("2 reports", "A"), ("2 reports", "B")]),
        ("They read {2 reports|tally t1 reports_received 2} :", []),
        ("{2 reports|tally t1 reports_open 2} and {3|tally t2 credible 3} :", []),
        ("{Open|outcome i9 open} in {Z|place i9} : {2 reports|tally t1 reports_open 2}", []),
    ],
)
def test_a_count_of_reports_over_a_list(gold, before: str, found: list) -> None:
    doc = set_scopes(
        gold(f"So much for now of all that the staff has read in this long and busy month .\n\n{before}\n\n{ENTRIES}")
    )
    assert [link for link in links(doc) if link[0] != "Open"] == found


def test_a_doc_without_mentions(blank_nlp) -> None:
    assert MENTIONS not in set_scopes(blank_nlp.make_doc("nothing")).spans
