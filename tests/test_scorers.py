"""Scorers, counted by hand: what was never proposed is missed, what gold lacks is a false alarm."""

import pytest
from spacy.tokens import Span, SpanGroup
from spacy.training import Example

from civex.labels import MENTIONS
from civex.scorers import relation_triples, score_attributes, score_mentions, score_relations

TEXT = "{A|place i1} and {B|place i2} , {C|source i2 ngo} : {5|killed i1 5 #c1} , {2|killed i1 civilians 2 in=#c1}"
A, B, C, FIVE, TWO = range(5)


def example(gold, *, keep: list[int], extra: tuple = (), relations: tuple = (), rows: dict | None = None) -> Example:
    """Gold beside a prediction of some of its mentions, further spans, relations (positions among the kept ones)."""
    reference = gold(TEXT)
    predicted = reference.copy()
    group = reference.spans[MENTIONS]
    spans = [Span(predicted, group[n].start, group[n].end, label=group[n].label_) for n in keep]
    spans += [Span(predicted, start, end, label=label) for start, end, label in extra]
    attributes = [dict(group.attrs["attributes"][n]) for n in keep] + [{} for _ in extra]
    for n, values in (rows or {}).items():
        attributes[n].update(values)
    attrs = {"attributes": attributes, "relations": [[*r, 0.9] for r in relations]}
    predicted.spans[MENTIONS] = SpanGroup(predicted, name=MENTIONS, spans=spans, attrs=attrs)
    return Example(predicted, reference)


ALL = [A, B, C, FIVE, TWO]
RELATIONS = (
    (A, A, "tells_of"),
    (FIVE, A, "tells_of"),
    (TWO, A, "tells_of"),
    (B, B, "tells_of"),
    (C, B, "tells_of"),
    (TWO, FIVE, "part_of"),
)


def test_mentions(gold) -> None:
    scores = score_mentions([example(gold, keep=[A, B, FIVE], extra=((1, 2, "place"),))])  # 3 right, 2 missed, 1 extra
    assert (scores["mentions_p"], scores["mentions_r"]) == (3 / 4, 3 / 5)
    assert scores["mentions_per_type"]["place"] == {"p": 2 / 3, "r": 1.0, "f": pytest.approx(0.8)}
    assert scores["mentions_per_type"]["source"]["r"] == 0.0


def test_a_wrong_label_is_missed_and_false(gold) -> None:
    scores = score_mentions([example(gold, keep=[B, C, FIVE, TWO], extra=((0, 1, "country"),))])
    assert (scores["mentions_p"], scores["mentions_r"]) == (4 / 5, 4 / 5)


def test_a_prediction_without_mentions_misses_all(gold) -> None:
    reference = gold(TEXT)
    scores = score_mentions([Example(reference.copy(), reference), example(gold, keep=[])])
    assert (scores["mentions_p"], scores["mentions_r"]) == (1.0, 0.5)


def test_attributes_over_shared_mentions(gold) -> None:
    eg = example(gold, keep=[C, FIVE, TWO], rows={0: {"source_type": "un"}, 2: {"who": ["children"]}})
    scores = score_attributes([eg])
    # source_type wrong; harm, group, stance, status right twice; who right once of two
    assert scores["attributes_acc"] == 9 / 11
    right = {"harm": 1.0, "group": 1.0, "stance": 1.0, "status": 1.0}
    assert scores["attributes_per_type"] == {**right, "source_type": 0.0, "who": 0.5}
    assert score_attributes([example(gold, keep=[])])["attributes_acc"] is None


def test_relations_all_right(gold) -> None:
    scores = score_relations([example(gold, keep=ALL, relations=RELATIONS)])
    assert (scores["relations_p"], scores["relations_r"], scores["relations_f"]) == (1.0, 1.0, 1.0)


def test_relations_never_proposed_are_missed(gold) -> None:
    scores = score_relations([example(gold, keep=ALL, relations=())])
    assert (scores["relations_p"], scores["relations_r"]) == (0.0, 0.0)
    scores = score_relations([example(gold, keep=ALL, relations=((TWO, FIVE, "part_of"),))])
    assert (scores["relations_p"], scores["relations_r"]) == (1.0, 1 / 4)  # three pairs of tells_of


def test_relations_of_mentions_never_found_are_missed(gold) -> None:
    eg = example(gold, keep=[A, B, C, FIVE], relations=RELATIONS[:2] + RELATIONS[3:5])
    scores = score_relations([eg])
    assert (scores["relations_p"], scores["relations_r"]) == (1.0, 2 / 4)
    assert scores["relations_per_type"]["part_of"]["r"] == 0.0


def test_extra_relations_are_false_alarms(gold) -> None:
    scores = score_relations([example(gold, keep=ALL, relations=(*RELATIONS, (FIVE, C, "claimed_by")))])
    assert (scores["relations_p"], scores["relations_r"]) == (4 / 5, 1.0)


def test_another_opener_of_the_same_incident_changes_nothing(gold) -> None:
    moved = ((A, FIVE, "tells_of"), (FIVE, FIVE, "tells_of"), (TWO, FIVE, "tells_of"), *RELATIONS[3:])
    assert score_relations([example(gold, keep=ALL, relations=moved)])["relations_f"] == 1.0


def test_an_incident_of_one_mention_counts(gold) -> None:
    doc = gold("{A|place i1} and {B|place i2}")
    assert relation_triples(doc) == {((0, 1, "place"),) * 2 + ("tells_of",), ((6, 7, "place"),) * 2 + ("tells_of",)}
