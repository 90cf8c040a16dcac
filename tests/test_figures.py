"""Figures, counted by hand: what each document adds, and that the sum is what the evaluation says."""

import pytest
from spacy.language import Language

from civex.annotations import parse
from civex.corpus import read_folder
from civex.evaluation import evaluate
from civex.figures import Counts, bcubed, columns, figures, is_narrative, row, table, to_dict
from tests.conftest import ROOT
from tests.judging import judge

TOLD = (
    "On {4 May 2016|date i1 2016-05-04} an {airstrike|action i1 airstrike} on a {school|target i1 school} in"
    " {Hajin|place i1} killed {five civilians|killed i1 civilians 5} . On {6 May 2016|date i2 2016-05-06} in"
    " {Mari|place i2} {two people|injured i2 2} were hurt ." + " It was a day like the days before it ." * 14
)


def groups(*members: str) -> dict:
    return {item: {n} for n, group in enumerate(members) for item in group}


def one(judged, group: str, name: str) -> tuple:
    return row(judged)[group, name].columns


def test_bcubed_of_the_paper() -> None:
    """Bagga & Baldwin 1998, figures 1 and 2: precision 76 % and 58 %, recall 100 %."""
    truth = groups("12345", "67", "89ABC")
    for response, precision in ((groups("12345", "6789ABC"), 0.76), (groups("1234589ABC", "67"), 0.58)):
        p, found, r, gold = bcubed(truth, response)
        assert (round(p / found, 2), found, r, gold) == (precision, 12, 12.0, 12)


def test_bcubed_of_what_was_not_proposed_is_nought() -> None:
    assert bcubed(groups("abcd"), {}) == (0, 0, 0, 4)
    assert bcubed(groups("abcd"), groups("ab")) == (
        2.0,
        2,
        2 * 0.5,
        4,
    )  # a and b have half of their group, c and d none
    assert bcubed(groups("ab"), groups("abcd")) == (2 * 0.5, 4, 2.0, 2)
    assert bcubed(groups("ab"), groups("a", "b")) == (2.0, 2, 2 * 0.5, 2)


def test_bcubed_of_items_in_several_groups() -> None:
    """x tells of both incidents. Found in one only: with itself it shares 1 of 2 groups, with a all, with b none."""
    gold = {"x": {1, 2}, "a": {1}, "b": {2}}
    found = {"x": {1}, "a": {1}, "b": {2}}
    assert bcubed(gold, gold) == (3.0, 3, 3.0, 3)
    p, _, r, _ = bcubed(gold, found)
    assert (p, r) == (3.0, pytest.approx((0.5 + 1 + 0) / 3 + 1.0 + 0.5))


def test_all_right(blank_nlp: Language) -> None:
    judged = judge(blank_nlp, TOLD, TOLD, on_gold=TOLD)
    found = figures([row(judged)])
    for figure in found.values():
        for estimate in figure.estimates.values():
            assert estimate.value in (1.0, None)
    assert one(judged, "records", "every field right") == (2, 2)
    assert one(judged, "records", "incidents") == (2, 0, 0)
    assert one(judged, "text", "mentions, exact spans") == (8, 0, 0)
    assert one(judged, "narratives", "killed range exact") == (1, 1)
    assert one(judged, "narratives", "no toll where none is told") == (1, 1)
    assert one(judged, "narratives", "killed, date and place") == (2, 2)
    assert one(judged, "narratives", "target types") == (1, 0, 0)
    assert one(judged, "narratives", "grouping, gold mentions") == (8.0, 8, 8.0, 8)
    assert one(judged, "narratives", "grouping, end to end") == (8.0, 8, 8.0, 8)


def test_nothing_found(blank_nlp: Language) -> None:
    judged = judge(blank_nlp, TOLD, parse("a: b\n---\n" + TOLD + "\n").text)
    assert one(judged, "records", "incidents") == (0, 2, 0)
    assert one(judged, "records", "every field right") == (0, 2)
    assert one(judged, "text", "mentions, exact spans") == (0, 8, 0)
    assert one(judged, "text", "relations, end to end") == (0, 6, 0)
    assert one(judged, "narratives", "killed range exact") == (0, 1)
    assert one(judged, "narratives", "no toll where none is told") == (0, 1)
    assert one(judged, "narratives", "killed, date and place") == (0, 2)
    assert one(judged, "narratives", "grouping, end to end") == (0, 0, 0, 8)


def test_a_toll_is_compared_with_both_ends_and_a_date_to_the_day(blank_nlp: Language) -> None:
    wrong_toll = judge(blank_nlp, TOLD, TOLD.replace("civilians 5}", "civilians 5..}"))
    assert one(wrong_toll, "narratives", "killed range exact") == (0, 1)
    assert one(wrong_toll, "narratives", "killed, date and place") == (1, 2)
    wrong_date = judge(blank_nlp, TOLD, TOLD.replace("2016-05-06", "2016-05-07"))
    assert one(wrong_date, "narratives", "killed range exact") == (1, 1)
    assert one(wrong_date, "narratives", "killed, date and place") == (1, 2)
    assert one(wrong_date, "narratives", "every field right") == (1, 2)


def test_one_incident_for_two(blank_nlp: Language) -> None:
    """All eight mentions in one group: five have 5 of 8 right, three have 3 of 8; nothing is torn apart."""
    judged = judge(blank_nlp, TOLD, TOLD, on_gold=TOLD.replace("i2", "i1"))
    assert one(judged, "narratives", "grouping, gold mentions") == ((5 * 5 + 3 * 3) / 8, 8, 8.0, 8)


def test_false_incidents_count_where_there_are_none(blank_nlp: Language) -> None:
    text = "In Hajin the strike went on ."
    found = "In {Hajin|place i1} the {strike|action i1 airstrike} went on ."
    judged = judge(blank_nlp, text, found)
    assert one(judged, "records", "false incidents a document") == (1, 1)
    assert one(judged, "field", "places") == (0, 0, 1)
    assert one(judged, "records", "all fields") == (0, 0, 3)  # place, its country, action
    assert not any(group == "narratives" for group, _ in row(judged))


@pytest.mark.parametrize(
    ("words", "incidents", "expected"),
    [(60, 1, True), (59, 1, False), (119, 2, False), (120, 2, True), (500, 0, False)],
)
def test_is_narrative(words: int, incidents: int, expected: bool) -> None:
    told = [f"{{x|action i{n + 1} airstrike}}" for n in range(incidents)]
    body = " ".join([*told, *["x"] * (words - incidents)])
    assert is_narrative(parse(f"genre: g\n---\n{body}\n")) is expected


def test_documents_add_up(blank_nlp: Language) -> None:
    rows = [
        {("a", "x"): Counts("set", (1, 1, 0))},
        {},
        {("a", "x"): Counts("set", (1, 0, 2)), ("a", "y"): Counts("share", (1, 2))},
    ]
    assert columns(rows, ("a", "x"))[1].tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 2]]
    found = figures(rows)
    assert found["a", "x"].estimates["f"].value == pytest.approx(4 / 7)
    assert (found["a", "x"].gold, found["a", "y"].gold) == (3, 2)
    assert to_dict(found)["a"]["y"]["share"] == {"value": 0.5, "low": None, "high": None, "documents": 1}
    assert "0.571" in table(found)
    with pytest.raises(KeyError):
        columns(rows, ("a", "z"))


def test_the_figures_are_those_of_the_evaluation(model: Language) -> None:
    """Every figure that both count, on real documents."""
    documents = read_folder(ROOT / "corpus" / "dev")[7:14]
    result = evaluate(documents, model)
    found = figures([row(judged) for judged in result.judged])
    for group, counts in (("field", result.fields), ("genre", result.genres), ("war", result.wars)):
        for name, expected in counts.items():
            estimates = found[group, name].estimates
            for measure, value in (("p", expected.precision), ("r", expected.recall), ("f", expected.f1)):
                assert estimates[measure].value in (None, pytest.approx(value)), (group, name, measure)
    scores = result.scores
    for name, measure, key in (
        ("mentions, exact spans", "f", "mentions_f"),
        ("relations, end to end", "f", "relations_f"),
        ("relations, gold mentions", "f", "gold_spans_relations_f"),
        ("attributes, end to end", "share", "attributes_acc"),
        ("attributes, gold mentions", "share", "gold_spans_attributes_acc"),
        ("candidates, recall", "share", "candidate_recall"),
    ):
        assert found["text", name].estimates[measure].value == pytest.approx(scores[key]), name
    assert found["records", "all fields"].estimates["f"].value == pytest.approx(result.overall.f1)
    assert found["records", "every field right"].estimates["share"].value == pytest.approx(result.exact / result.gold)
    assert one_sum(result, "incidents") == (result.paired, result.gold - result.paired, result.spurious)


def one_sum(result, name: str) -> tuple:
    return tuple(map(sum, zip(*(row(judged)["records", name].columns for judged in result.judged), strict=True)))
