"""Incidents: records from relations, and the stretches of text that tell of them."""

import pytest
from spacy.tokens import Doc

from civex.labels import INCIDENTS, MENTIONS
from civex.pipeline.incidents import set_incidents


def words_of(doc: Doc, positions: list[int]) -> list[str]:
    return [doc.spans[MENTIONS][n].text for n in positions]


def test_incidents_in_order_of_their_openers(gold) -> None:
    text = "{Syria|country i1-i2} : {A|place i1} {5|killed i1 5} . {B|place i2} {7|killed i2 7} {x|owner} ."
    doc = set_incidents(gold(text))
    rows = doc.spans[INCIDENTS].attrs["incidents"]
    assert [(row["id"], words_of(doc, [row["opener"]])) for row in rows] == [("i1", ["A"]), ("i2", ["B"])]
    assert [words_of(doc, [n for n, _ in row["mentions"]]) for row in rows] == [
        ["Syria", "A", "5"],
        ["Syria", "B", "7"],
    ]
    assert rows[0]["mentions"][0][1] == 1.0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("On {4 May 2016|date i1 2016-05-04} he went from {A|place i1} to the sea .", 0),
        ("On {4 May 2016|date i1 2016-05-04} the {Army|source i1 government} spoke of {A|place i1} .", 1),
        ("On {4 May 2016|date i1 2016-05-04} {A|place i1} was {hit|action i1 other} .", 1),
        ("* {4 May 2016|date i1 2016-05-04} , {A|place i1} , nothing more is known", 1),
        ("{closed|outcome i1 non_credible} , so they say , is what was written of {A|place i1} .", 1),
    ],
)
def test_a_bare_date_and_place_in_prose_are_no_incident(gold, text: str, found: int) -> None:
    assert len(set_incidents(gold(text)).spans[INCIDENTS].attrs["incidents"]) == found


def test_tallies(gold) -> None:
    doc = set_incidents(
        gold(
            "In {May|date t1 2016-05} the {Army|source t1 government} made {34 strikes|tally t1 "
            "strikes 34} in {Mosul|place t1},"
            " {5 raids|tally t2 other 5}."
        )
    )
    first, second = doc.spans[INCIDENTS].attrs["tallies"]
    assert {key: words_of(doc, first[key]) for key in ("periods", "areas", "claimed_by")} == {
        "periods": ["May"],
        "areas": ["Mosul"],
        "claimed_by": ["Army"],
    }
    assert words_of(doc, [first["mention"], second["mention"]]) == ["34 strikes", "5 raids"]
    assert second["periods"] == second["areas"] == second["claimed_by"] == []


STRETCHES = {
    "One . {A|place i1} {burned|action i1 other} . Three .": [("i1", "A burned .")],
    "One . {A|place i1} {burned|action i1 other} . {Five|killed i1 5} died . Four .": [
        ("i1", "A burned . Five died .")
    ],
    "{A|place i1} {burned|action i1 other} . Two . {Five|killed i1 5} died .": [
        ("i1", "A burned ."),
        ("i1", "Five died ."),
    ],
    "* 4 May , {A|place i1} , one dead\n* 5 May , {B|place i2} , two dead": [
        ("i1", "* 4 May , A , one dead"),
        ("i2", "* 5 May , B , two dead"),
    ],
    "Strikes\n\n{A|place i1} {burned|action i1 other} .": [("i1", "A burned .")],
    "Nothing .": [],
}


@pytest.mark.parametrize("text", STRETCHES)
def test_stretches(gold, text: str) -> None:
    doc = set_incidents(gold(text))
    assert [(span.label_, span.text) for span in doc.spans[INCIDENTS]] == STRETCHES[text]


def test_an_abbreviation_ends_no_stretch(gold) -> None:
    doc = set_incidents(gold("Gen. Amir said on Apr. 9 that {A|place i1} {burned|action i1 other} ."))
    (span,) = doc.spans[INCIDENTS]
    assert span.text == "Gen. Amir said on Apr. 9 that A burned ."


def test_dates_and_places_alone_are_an_incident_in_a_list_only(gold) -> None:
    prose = set_incidents(gold("The minister spoke in {A|place i1} on {4 May 2016|date i1 2016-05-04} ."))
    assert prose.spans[INCIDENTS].attrs["incidents"] == []
    entry = set_incidents(gold("* {4 May 2016|date i1 2016-05-04} , near {A|place i1} , no more is known"))
    assert len(entry.spans[INCIDENTS].attrs["incidents"]) == 1


def test_a_doc_without_mentions(blank_nlp) -> None:
    doc = set_incidents(blank_nlp.make_doc("nothing"))
    assert doc.spans[INCIDENTS].attrs == {"incidents": [], "tallies": []}
    assert len(doc.spans[MENTIONS]) == 0
