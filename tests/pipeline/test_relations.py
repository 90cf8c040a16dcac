"""Relations: which tails are kept, and two documents learned."""

import numpy
import pytest
import spacy
from spacy.training import Example
from thinc.api import Adam

from civex import labels
from civex.labels import MENTIONS, RELATIONS
from civex.pipeline.attributes import columns_of
from civex.pipeline.relations import LABELS, _may_open


def pipe(nlp=None, **config):
    return (nlp or spacy.blank("en")).add_pipe("civex_relations", config=config)


def test_every_relation_of_the_label_file_is_scored() -> None:
    assert set(LABELS) == set(RELATIONS)


PICKS = {
    "an opener tells of itself": ("tells_of", "place", 3, [(0.9, 1), (0.2, 3)], {1, 3}, [(1.0, 3), (0.9, 1)]),
    "a core opener of itself only": ("tells_of", "killed", 3, [(0.9, 1), (0.2, 3)], {1, 3}, [(1.0, 3)]),
    "a core mention of its best": ("tells_of", "killed", 5, [(0.6, 1), (0.9, 3)], {1, 3}, [(0.9, 3)]),
    "a core mention of none": ("tells_of", "killed", 5, [(0.4, 1), (0.3, 3)], {1, 3}, []),
    "a date of several": ("tells_of", "date", 5, [(0.6, 1), (0.9, 3), (0.4, 4)], {1, 3, 4}, [(0.6, 1), (0.9, 3)]),
    "a claim has one source": ("claimed_by", "killed", 5, [(0.6, 1), (0.9, 3)], set(), [(0.9, 3)]),
    "a claim has none": ("claimed_by", "killed", 5, [(0.1, 1)], set(), []),
    "a period of several tallies": ("about", "date", 5, [(0.6, 1), (0.9, 3)], set(), [(0.6, 1), (0.9, 3)]),
}


@pytest.mark.parametrize("name", PICKS)
def test_pick(name: str) -> None:
    relation, label, head, tails, openers, expected = PICKS[name]
    assert pipe()._pick(relation, label, head, tails, openers) == expected


def test_the_threshold_is_a_choice() -> None:
    assert pipe(threshold=0.3)._pick("about", "date", 5, [(0.4, 1)], set()) == [(0.4, 1)]


@pytest.mark.parametrize(
    ("label", "row", "may"),
    [
        ("place", {}, True),
        ("date", {"role": "event"}, True),
        ("date", {"role": "reported"}, False),
        ("source", {}, False),
        ("outcome", {}, False),
        ("killed", {}, True),
    ],
)
def test_what_may_open_an_incident(label: str, row: dict, may: bool) -> None:
    assert _may_open(label, row) is may


SOURCES = (
    "{Closed|outcome i1-i3 non_credible} :\n\n* {4 May 2016|date i1 2016-05-04} , {Hajin|place i1} : "
    "{five|killed i1 5} killed .\n"
    "* {6 May 2016|date i2 2016-05-06} , {Mari|place i2} : {two|injured i2 2} hurt .\n"
    "* {7 May 2016|date i3 2016-05-07} , {Raqqah|place i3} : {six|killed i3 6 #c1} killed , {two "
    "children|killed i3 2 in=#c1} .",
    "{Airwars|source i1 ngo #s1} said {six|killed i1 6 by=#s1} died in {Idlib|place i1} when a "
    "{{Daesh|owner} car|target i1 vehicle} was hit .",
)


def test_two_documents_are_learned(gold) -> None:
    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    relations = pipe(nlp)
    docs = [gold(source) for source in SOURCES]
    examples = [Example(doc.copy(), doc) for doc in docs]
    sgd = nlp.initialize(lambda: examples)
    losses = [relations.update(examples, sgd=sgd)["civex_relations"] for _ in range(80)]
    assert losses[-1] < losses[0] / 10
    for doc in docs:
        found = doc.copy()
        attrs = found.spans[MENTIONS].attrs
        bare = [{key: row[key] for key in row if key not in ("opens",)} for row in attrs["attributes"]]
        found.spans[MENTIONS].attrs = {"attributes": bare}
        group = relations(found).spans[MENTIONS]
        expected = doc.spans[MENTIONS].attrs
        assert {tuple(r[:3]) for r in group.attrs["relations"]} == {tuple(r[:3]) for r in expected["relations"]}
        assert [row["opens"] for row in group.attrs["attributes"]] == [row["opens"] for row in expected["attributes"]]
        assert all(0.5 <= score <= 1.0 for *_, score in group.attrs["relations"])


def test_docs_without_mentions_pass(blank_nlp) -> None:
    doc = blank_nlp.make_doc("nothing")
    assert not pipe()(doc).spans[MENTIONS]


def test_new_values_of_an_attribute_keep_what_was_learned(blank_nlp, gold) -> None:
    """A column of zeros for each new value, where it stands in the guideline; all other weights as they were."""
    doc = gold("{Two men|killed i1 2} died in {Hajin|place i1} .")
    relations = blank_nlp.create_pipe("civex_relations")
    relations.initialize(lambda: [Example(doc, doc)])
    layer = relations.model.get_ref("attributes")
    layer.set_param("W", numpy.random.RandomState(0).uniform(size=layer.get_param("W").shape).astype("f"))
    before = {c: layer.get_param("W")[n].copy() for n, c in enumerate(columns_of(relations.cfg["attributes"]))}
    table = dict(labels.ATTRIBUTES)
    try:
        labels.extend({"target_type": ["bridge"], "outcome": ["referred"]})
        relations.add_new_values()
    finally:
        labels.ATTRIBUTES.update(table)
    after = dict(
        zip(columns_of(relations.cfg["attributes"]), relations.model.get_ref("attributes").get_param("W"), strict=True)
    )
    assert set(after) - set(before) == {("target_type", "bridge"), ("outcome", "referred")}
    assert all((after[column] == row).all() for column, row in before.items())
    assert not any(after[column].any() for column in set(after) - set(before))
    relations.update([Example(doc, doc)], sgd=Adam(0.01))
    assert relations.model.get_ref("attributes") in list(relations.model.walk())
