"""Attributes: targets, losses and readings by hand; learning a handful of mentions."""

import numpy
import pytest
import spacy
from spacy.training import Example

from civex.labels import ATTRIBUTES, MENTIONS
from civex.pipeline.attributes import NONE, _loss, _target, agree_on_harm, attribute_table, read_scores

BLOCKS = {
    "target": [
        ("target_type", ["vehicle", "medical"], slice(0, 2), True),
        ("effect", [NONE, "destroyed", "damaged"], slice(2, 5), False),
    ],
    "date": [("role", ["event", "other"], slice(5, 7), False), ("shared", [NONE, "shared"], slice(7, 9), False)],
}


def read(label: str, *scores: float) -> dict:
    row = numpy.zeros((1, 9), dtype="f")
    columns = [c for _, _, block, _ in BLOCKS[label] for c in range(block.start, block.stop)]
    row[0, columns] = scores
    return read_scores(row, [label], BLOCKS)[0]


def test_several_values_over_one_half() -> None:
    assert read("target", 2, 1, 9, 0, 0)["target_type"] == ["vehicle", "medical"]
    assert read("target", 2, -1, 9, 0, 0)["target_type"] == ["vehicle"]


def test_a_target_has_its_best_type_where_none_is_likely() -> None:
    assert read("target", -3, -2, 9, 0, 0)["target_type"] == ["medical"]


def test_an_attribute_may_be_missing() -> None:
    assert read("target", 1, 1, 9, 0, 0)["effect"] is None
    assert read("target", 1, 1, 0, 9, 0)["effect"] == "destroyed"


def test_shared_is_true_or_false_and_leaves_the_score_alone() -> None:
    assert read("date", 9, -9, 0, 0.1) == {"role": "event", "shared": True, "score": 1.0}
    assert read("date", 9, -9, 0.1, 0) == {"role": "event", "shared": False, "score": 1.0}


def test_the_score_is_the_least_probability() -> None:
    assert read("date", 0, numpy.log(3), 5, 0) == {"role": "other", "shared": False, "score": 0.75}


def test_labels_without_attributes_get_none() -> None:
    assert read_scores(numpy.zeros((1, 9)), ["title"], BLOCKS) == [{"score": 1.0}]
    assert read_scores(numpy.zeros((0, 9)), [], BLOCKS) == []


@pytest.mark.parametrize(
    ("gold", "values", "several", "expected"),
    [
        ("b", ["a", "b"], False, [0, 1]),
        (None, [NONE, "b"], False, [1, 0]),
        (True, [NONE, "shared"], False, [0, 1]),
        (False, [NONE, "shared"], False, [1, 0]),
        (["a", "c"], ["a", "b", "c"], True, [1, 0, 1]),
        ([], ["a", "b"], True, [0, 0]),
        (["gone"], ["a", "b"], True, [0, 0]),
    ],
)
def test_target(gold, values: list[str], several: bool, expected: list[int]) -> None:
    assert _target(gold, values, several).tolist() == expected


@pytest.mark.parametrize("several", [False, True])
def test_loss_has_its_gradient(several: bool) -> None:
    scores, target = numpy.array([0.3, -0.7, 1.1]), numpy.array([0.0, 1.0, 0.0])
    gradient, _ = _loss(scores, target, several)
    for k in range(3):
        step = numpy.eye(3)[k] * 1e-4
        expected = (_loss(scores + step, target, several)[1] - _loss(scores - step, target, several)[1]) / 2e-4
        assert gradient[k] == pytest.approx(expected, abs=1e-4)


def test_every_attribute_of_the_label_file_is_learned() -> None:
    table = attribute_table()
    assert set(table) == {*ATTRIBUTES, "shared"}
    assert table["effect"][0][0] == NONE and NONE not in table["role"][0] and NONE not in table["who"][0]


SOURCES = (
    "{Airwars|source i1 ngo} : {five children|killed i1 civilians children 5} , {an officer|injured i1 combatants 1}"
    " in {Mari|place i1} ; {ambulance|target i1 vehicle medical destroyed} {hit|action i1 airstrike} .",
    "{closed|outcome i1-i2 non_credible} : {Mari|place i1} , {Hajin|place i2} ; {state media|source "
    "i2 media} blamed the"
    " {Army|actor i2 alleged} for {10 strikes|tally t1 strikes 10} in {May|date t1 2016-05} .",
)


def test_a_few_mentions_are_learned(gold) -> None:
    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("civex_relations")
    docs = [gold(source) for source in SOURCES]
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
    sgd = nlp.initialize(lambda: examples)
    for _ in range(60):
        nlp.update(examples, sgd=sgd)
    for doc in docs:
        found = doc.copy()
        found.spans[MENTIONS].attrs = {"scores": [1.0] * len(found.spans[MENTIONS])}
        rows = nlp.get_pipe("civex_relations")(found).spans[MENTIONS].attrs["attributes"]
        for span, row, expected in zip(doc.spans[MENTIONS], rows, doc.spans[MENTIONS].attrs["attributes"], strict=True):
            for name, (_, labels, several, _) in ATTRIBUTES.items():
                if span.label_ in labels:
                    a, b = row[name], expected[name]
                    assert (set(a) == set(b)) if several else (a == b), (span.text, name)
        assert found.spans[MENTIONS].attrs["scores"]  # what was there before stays


def test_a_doc_without_mentions() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("civex_relations")
    nlp.initialize(lambda: [Example(nlp.make_doc("x"), nlp.make_doc("x"))])
    assert nlp("no mentions here").spans[MENTIONS].attrs["attributes"] == []


def test_a_part_has_the_harm_of_its_total() -> None:
    blocks = {"killed": [("harm", ["killed", "injured"], slice(0, 2), False)]}
    scores = numpy.array([[4.0, 0.0], [0.0, 1.0], [0.0, 1.0], [0.0, 9.0]], dtype="f")
    rows = read_scores(scores, ["killed"] * 4, blocks)
    assert [row["harm"] for row in rows] == ["killed", "injured", "injured", "injured"]
    agree_on_harm(rows, scores, blocks, [[1, 0]])
    assert [row["harm"] for row in rows] == ["killed", "killed", "injured", "injured"]
    agree_on_harm(rows, scores, blocks, [[1, 0], [2, 1], [3, 2]])
    assert [row["harm"] for row in rows] == ["injured"] * 4
