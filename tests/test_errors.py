"""Errors: one case a cause, told by annotation and prediction of the same words; and the page that shows them."""

import pytest
from spacy.language import Language

from civex.error_page import error_page, sentence
from civex.errors import CAUSES, Error, errors
from tests.judging import judge

GOLD = "In {Hajin|place i1} on {4 May 2016|date i1 2016-05-04} {five civilians|killed i1 civilians 5} were killed ."


def causes(nlp: Language, gold: str, found: str) -> list[tuple[str, str, str, str]]:
    """(cause, label, gold, found) of the errors in mentions, links and values."""
    wrong = errors(judge(nlp, gold, found))
    return [(e.cause, e.label, e.gold, e.found) for e in wrong if e.cause not in ("wrong field", "wrong tally")]


def test_nothing_wrong(blank_nlp: Language) -> None:
    assert errors(judge(blank_nlp, GOLD, GOLD)) == []


def test_missed_mention(blank_nlp: Language) -> None:
    found = GOLD.replace("{4 May 2016|date i1 2016-05-04}", "4 May 2016")
    assert causes(blank_nlp, GOLD, found) == [("missed mention", "date", "date: 4 May 2016", "")]


def test_false_mention(blank_nlp: Language) -> None:
    gold = GOLD.replace("{4 May 2016|date i1 2016-05-04}", "4 May 2016")
    assert causes(blank_nlp, gold, GOLD) == [("false mention", "date", "", "date: 4 May 2016")]


def test_wrong_boundary(blank_nlp: Language) -> None:
    found = GOLD.replace("{five civilians|killed i1 civilians 5}", "{five|killed i1 civilians 5} civilians")
    assert causes(blank_nlp, GOLD, found) == [("wrong boundary", "killed", "killed: five civilians", "killed: five")]


def test_wrong_label(blank_nlp: Language) -> None:
    found = GOLD.replace("killed i1 civilians 5", "injured i1 civilians 5")
    assert causes(blank_nlp, GOLD, found) == [
        ("wrong label", "killed", "killed: five civilians", "injured: five civilians")
    ]


def test_words_with_two_labels_are_one_missed_mention(blank_nlp: Language) -> None:
    """A right mention is no partner for a missed one that overlaps it."""
    gold = "A {{Daesh|owner} post|target i1 fighting_position} was {hit|action i1 airstrike} ."
    found = "A {Daesh post|target i1 fighting_position} was {hit|action i1 airstrike} ."
    assert [row[:3] for row in causes(blank_nlp, gold, found)] == [("missed mention", "owner", "owner: Daesh")]


def test_wrong_link(blank_nlp: Language) -> None:
    gold = "{Hajin|place i1} : {five dead|killed i1 5} . {Mari|place i2} : {two dead|killed i2 2} ."
    found = "{Hajin|place i1} : {five dead|killed i1 5} . {Mari|place i2} : {two dead|killed i1 2} ."
    wrong = [row for row in causes(blank_nlp, gold, found) if "link" in row[0]]
    link = "killed: two dead → tells_of → "
    assert wrong == [
        ("missed link", "tells_of", link + "place: Mari", ""),
        ("wrong link", "tells_of", "", link + "killed: five dead"),
    ]


def test_a_link_of_a_missed_mention_is_no_error_of_its_own(blank_nlp: Language) -> None:
    """The middle mention of three is missed: the two others are still told together."""
    found = GOLD.replace("{4 May 2016|date i1 2016-05-04}", "4 May 2016")
    assert not [row for row in causes(blank_nlp, GOLD, found) if "link" in row[0]]


def test_wrong_attribute(blank_nlp: Language) -> None:
    found = GOLD.replace("killed i1 civilians 5", "killed i1 combatants 5")
    assert causes(blank_nlp, GOLD, found) == [("wrong attribute", "killed group", "civilians", "combatants")]


def test_wrong_value(blank_nlp: Language) -> None:
    found = GOLD.replace("civilians 5}", "civilians 5..}").replace("2016-05-04}", "2016-05-05}")
    assert causes(blank_nlp, GOLD, found) == [
        ("wrong value", "date", "2016-05-04", "2016-05-05"),
        ("wrong value", "killed", "5", "5 to ?"),
    ]


def test_incidents_missed_and_false(blank_nlp: Language) -> None:
    plain = "In Hajin on 4 May 2016 five civilians were killed ."
    (missed,) = [e for e in errors(judge(blank_nlp, GOLD, plain)) if e.cause == "missed incident"]
    assert (
        missed.gold == "date 2016-05-04 2016-05-04; places hajin; country SY; killed civilians 5 5"
        and missed.found == ""
    )
    (false,) = [e for e in errors(judge(blank_nlp, plain, GOLD)) if e.cause == "false incident"]
    assert (false.found, false.gold) == (missed.gold, "")


def test_wrong_fields_and_tallies(blank_nlp: Language) -> None:
    gold = GOLD + " {34 sorties|tally t1 strikes 34} in all ."
    found = GOLD.replace("Hajin|place i1", "Hajin|country i1") + " {34 sorties|tally t1 credible 34} in all ."
    wrong = {(e.cause, e.label): (e.gold, e.found) for e in errors(judge(blank_nlp, gold, found))}
    assert wrong["wrong field", "places"] == ("hajin", "")
    assert wrong["wrong tally", "strikes"] == ("strikes 34", "")
    assert wrong["wrong tally", "credible"] == ("", "credible 34")


def test_repeated_tallies(blank_nlp: Language) -> None:
    gold = (
        "In {May 2016|date t1 2016-05} {34 strikes|tally t1 strikes 34} , in {June 2016|date t2 2016-06} "
        "{34 strikes|tally t2 strikes 34} ."
    )
    found = gold.replace("{34 strikes|tally t2 strikes 34}", "34 strikes").replace("|date t2 2016-06", "|date 2016-06")
    tallies = [e for e in errors(judge(blank_nlp, gold, found)) if e.cause == "wrong tally"]
    assert tallies == [Error("wrong tally", "strikes", (38, 48), "strikes 34", "")]


def test_errors_stand_in_the_order_of_the_causes(blank_nlp: Language) -> None:
    found = "In {Hajin on|place i1} 4 May 2016 {five civilians|killed i1 combatants 6} were {killed|action i1 other} ."
    order = [e.cause for e in errors(judge(blank_nlp, GOLD, found))]
    assert order == sorted(order, key=list(CAUSES).index) and len(set(order)) >= 4


# The page


def test_the_page_shows_each_error_in_its_sentence(blank_nlp: Language) -> None:
    text = "All was calm . " + GOLD + " Then it was calm again ."
    found = text.replace("{4 May 2016|date i1 2016-05-04}", "4 May 2016")
    page = error_page([judge(blank_nlp, text, found, id="d7")], "Errors of x")
    assert "<h1>Errors of x</h1>" in page and "1 document · 2 errors" in page
    assert "In Hajin on <mark>4 May 2016</mark> five civilians were killed ." in page
    assert "<dd>date: 4 May 2016</dd><dt>found</dt><dd><i>nothing</i></dd>" in page
    assert "d7, character 27" in page
    assert 'href="#missed-mention"' in page and 'id="missed-mention"' in page
    assert 'id="wrong-label"' not in page
    assert page.count("All was calm") == 0  # not in its sentence


def test_the_page_escapes_what_documents_say(blank_nlp: Language) -> None:
    text = "In {<script>alert(1)</script>|place i1} {five & more|killed i1 5..} died ."
    plain = "In <script>alert(1)</script> five & more died ."
    page = error_page([judge(blank_nlp, text, plain, id='<img src="x">')], "<b>title</b>")
    assert "<script" not in page and "<img" not in page and "<b>title" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page and "five &amp; more" in page


def test_the_page_needs_nothing_else(blank_nlp: Language) -> None:
    page = error_page([judge(blank_nlp, GOLD, GOLD)], "Errors")
    assert "Nothing is wrong." in page
    for word in ("http://", "https://", "src=", "@import", "url("):
        assert word not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("odd", ["\ud800", "\u202e", "\x00"])
def test_the_page_can_always_be_written(blank_nlp: Language, odd: str) -> None:
    text, plain = f"{odd} {{Hajin {odd} x|place i1}} {{hit|action i1 airstrike}} .", f"{odd} Hajin {odd} x hit ."
    page = error_page([judge(blank_nlp, text, plain, id=odd)], odd)
    assert "Hajin" in page.encode("utf-8").decode("utf-8")


def test_the_sentence_holds_the_words(blank_nlp: Language) -> None:
    judged = judge(blank_nlp, "One . {Two|place i1} {three|action i1 other} . Four .", "One . Two three . Four .")
    assert sentence(judged, 6, 9) == (6, 17)
