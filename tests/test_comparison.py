"""Comparison of two systems on the same documents: the verdict, the documents that changed, by hand."""

import json

import pytest
from spacy.language import Language

from civex.comparison import compare
from tests.judging import evaluated, judge

GOLD = "In {Hajin|place i1} on {4 May 2016|date i1 2016-05-04} {five civilians|killed i1 civilians 5} were killed ."
WORSE = GOLD.replace("civilians 5}", "civilians 6}").replace("2016-05-04}", "2016-05-05}")


def evaluation(nlp: Language, *found: str):
    return evaluated(*(judge(nlp, GOLD, text, id=f"d{n}") for n, text in enumerate(found)))


@pytest.fixture(scope="module")
def good(blank_nlp: Language):
    return evaluation(blank_nlp, *[GOLD] * 12)


@pytest.fixture(scope="module")
def bad(blank_nlp: Language):
    return evaluation(blank_nlp, *[WORSE] * 12)


def test_worse(good, bad) -> None:
    found = compare(good, bad, names=("old", "new"))
    assert (found.worse, found.better) == (True, False)
    assert found.headline[:3] == (
        1.0,
        0.5,
        -0.5,
    )  # two of four values are right: one said, and the country of the place
    assert found.verdict().startswith("new is worse than old: all fields 1.000 with old, 0.500 with new (-0.500, 95 %")
    assert "12 documents" in found.verdict() and "\n" not in found.verdict()


def test_better_is_the_other_way_round(good, bad) -> None:
    found = compare(bad, good)
    assert (found.worse, found.better) == (False, True)
    assert "B is better than A" in found.verdict()


def test_the_same_is_not_worse(good) -> None:
    found = compare(good, good)
    assert (found.worse, found.better, found.changes) == (False, False, [])
    assert "not significantly different" in found.verdict()


def test_one_worse_document_of_twelve_is_chance(blank_nlp: Language, good) -> None:
    found = compare(good, evaluation(blank_nlp, WORSE, *[GOLD] * 11))
    assert found.headline.difference < 0 and not found.worse and found.headline.p > 0.05


def test_the_documents_that_changed_most_come_first(blank_nlp: Language, good) -> None:
    one = GOLD.replace("civilians 5}", "civilians 6}")
    found = compare(good, evaluation(blank_nlp, one, WORSE, *[GOLD] * 10))
    assert [(c.document, c.first, c.second) for c in found.changes] == [("d1", 0, 4), ("d0", 0, 2)]
    assert found.changes[0].fields == {"date": 2, "killed": 2}  # each missed once and false once
    assert found.changed(1) == ["d1: 0 errors, then 4 (+4): date +2, killed +2"]


def test_another_figure(good, bad) -> None:
    assert not compare(good, bad, figure=("field", "places")).worse
    assert compare(good, bad, figure=("field", "killed")).worse
    with pytest.raises(ValueError, match="no figure field: kiled on these documents; there are records: all fields"):
        compare(good, bad, figure=("field", "kiled"))


def test_other_figures_are_corrected_for_their_number(good, bad) -> None:
    found = compare(good, bad)
    killed = found.differences["field", "killed"]
    assert found.corrected["field", "killed"] > killed.p
    assert found.corrected["field", "places"] == 1.0
    line = next(line for line in found.table().splitlines() if line.startswith("  killed"))
    assert line.split()[:4] == ["killed", "1.000", "0.000", "-1.000"]


def test_only_the_same_documents_can_be_compared(blank_nlp: Language, good) -> None:
    with pytest.raises(ValueError, match="not scored on the same documents"):
        compare(good, evaluation(blank_nlp, *[GOLD] * 11))


def test_one_document_tells_nothing(blank_nlp: Language) -> None:
    found = compare(evaluation(blank_nlp, GOLD), evaluation(blank_nlp, WORSE))
    assert not found.worse and found.verdict().startswith("Too few documents to tell")


def test_to_dict_is_plain(good, bad) -> None:
    data = json.loads(json.dumps(compare(good, bad).to_dict()))
    assert data["worse"] is True and data["figures"]["field"]["killed"]["difference"] == -1.0
    assert data["documents"] == 12 and len(data["changes"]) == 12
