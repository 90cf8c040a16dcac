"""Noise: what is left of a gold document when mentions are missing, cut wrong or false."""

import numpy

from civex.labels import MENTIONS, RELATIONS
from civex.pipeline.noise import with_noise

TEXT = (
    "{Airwars|source i1 ngo #s1} said {six people|killed i1 6 by=#s1 #c1} , {two children|killed i1 2 in=#c1} among"
    " them , died in {Idlib|place i1} when a {{Daesh|owner} car|target i1 vehicle} was hit on {4 May 2016|date i1"
    " 2016-05-04} . On {6 May 2016|date i2 2016-05-06} {Mari|place i2} was {shelled|action i2 artillery} ."
)


def rows_of(doc):
    group = doc.spans[MENTIONS]
    return list(group), group.attrs["attributes"], group.attrs["relations"]


def test_no_noise_changes_nothing(gold) -> None:
    doc = gold(TEXT)
    spans, rows, relations = rows_of(with_noise(doc, numpy.random.RandomState(0), 0.0))
    assert [(s.start, s.end, s.label_) for s in spans] == [(s.start, s.end, s.label_) for s in doc.spans[MENTIONS]]
    assert [row["opens"] for row in rows] == [row["opens"] for row in doc.spans[MENTIONS].attrs["attributes"]]
    assert sorted(relations) == sorted(doc.spans[MENTIONS].attrs["relations"])
    assert not any(row["false"] for row in rows)


def test_everything_missing_leaves_only_false_mentions(gold) -> None:
    spans, rows, relations = rows_of(with_noise(gold(TEXT), numpy.random.RandomState(0), 1.0))
    assert spans and all(row["false"] and not row["opens"] for row in rows)
    assert relations == []


def test_relations_keep_their_ends_and_every_incident_its_opener(gold) -> None:
    doc = gold(TEXT)
    moved = 0
    for seed in range(200):
        spans, rows, relations = rows_of(with_noise(doc, numpy.random.RandomState(seed), 0.3))
        assert [s.start for s in spans] == sorted(s.start for s in spans)
        assert len(rows) == len(spans) and all(s.start < s.end <= len(doc) for s in spans)
        for head, tail, label, _ in relations:
            assert spans[head].label_ in RELATIONS[label][0] and spans[tail].label_ in RELATIONS[label][1]
            assert not rows[head]["false"] and not rows[tail]["false"]
            assert label != "tells_of" or rows[tail]["opens"]
        openers = {tail for _, tail, label, _ in relations if label == "tells_of"}
        assert openers == {n for n, row in enumerate(rows) if row["opens"]}
        moved += any(spans[n].label_ == "place" for n in openers)
    assert moved  # an incident whose opener is missing is opened by another mention


def test_the_gold_document_stays_as_it_was(gold) -> None:
    doc = gold(TEXT)
    before = (len(doc.spans[MENTIONS]), dict(doc.spans[MENTIONS].attrs))
    with_noise(doc, numpy.random.RandomState(3), 0.5)
    assert (len(doc.spans[MENTIONS]), dict(doc.spans[MENTIONS].attrs)) == before
