"""Entities: legal tag sequences, decoding by hand, gold tags, learning two sentences."""

import itertools

import numpy
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.training import Example

from civex.labels import CASUALTY, HARMS, LAYERS, MENTIONS
from civex.pipeline.entities import (
    decode,
    gold_tags,
    layer_columns,
    n_tags,
    spans_of,
    transitions,
    viterbi,
)

O, B, I, L, U = range(5)  # noqa: E741 (tags of the first label)
B2, I2, L2, U2 = range(5, 9)  # of the second


@pytest.mark.parametrize(
    ("tag", "followers"),
    [
        (O, {O, B, U, B2, U2}),
        (B, {I, L}),
        (I, {I, L}),
        (L, {O, B, U, B2, U2}),
        (U, {O, B, U, B2, U2}),
        (B2, {I2, L2}),
        (L2, {O, B, U, B2, U2}),
    ],
)
def test_transitions(tag: int, followers: set[int]) -> None:
    assert set(numpy.flatnonzero(transitions(2)[tag] == 0)) == followers


def test_columns_are_o_and_four_tags_a_label() -> None:
    assert n_tags([["a"], ["b", "c"]]) == 14
    assert layer_columns([["a"], ["b", "c"]]) == [slice(0, 5), slice(5, 14)]


def scores_of(*tags: int, n: int = 9, sure: float = 5.0) -> numpy.ndarray:
    scores = numpy.zeros((len(tags), n), dtype="f")
    scores[numpy.arange(len(tags)), tags] = sure
    return scores


@pytest.mark.parametrize(
    ("wanted", "decoded"),
    [
        ([O, U, O], [O, U, O]),
        ([B, I, L], [B, I, L]),
        ([U, U2, O], [U, U2, O]),
        ([U], [U]),
        ([L], [O]),  # a span can't only end: all legal tags are equally bad, the first one stands
    ],
)
def test_viterbi(wanted: list[int], decoded: list[int]) -> None:
    assert viterbi(scores_of(*wanted), transitions(2)) == decoded


def test_viterbi_mends_what_is_illegal() -> None:
    scores = scores_of(B, I2, L)  # the middle tag is of the other label
    scores[1, I] = 4.0
    assert viterbi(scores, transitions(2)) == [B, I, L]


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_viterbi_is_the_best_legal_sequence(n: int, seed: int) -> None:
    scores, allowed = numpy.random.RandomState(seed).normal(size=(n, 5)), transitions(1)

    def score(tags: tuple) -> float:
        steps = sum(allowed[a, b] for a, b in zip((0, *tags), (*tags, 0), strict=True))
        return sum(scores[k, tag] for k, tag in enumerate(tags)) + steps

    best = max(itertools.product(range(5), repeat=n), key=score)
    assert viterbi(scores, allowed) == list(best)


def test_spans_of() -> None:
    assert list(spans_of([O, U, B, I, L, U2, B2, L2])) == [(1, 2, 0), (2, 5, 0), (5, 6, 1), (6, 8, 1)]


def test_decode_scores_a_span_by_its_least_sure_tag() -> None:
    scores = scores_of(O, B, L, O)
    scores[2, L] = 3.0
    ((start, end, label, score),) = decode(scores, ["place", "country"])
    assert (start, end, label) == (1, 3, "place")
    assert score == pytest.approx(numpy.exp(3) / (numpy.exp(3) + 8), abs=1e-4)


def test_decode_joins_no_spans_over_sure_gaps() -> None:
    scores = scores_of(U, O, O, B2, L2, sure=9.0)
    assert [s[:3] for s in decode(scores, ["place", "country"])] == [(0, 1, "place"), (3, 5, "country")]
    assert list(decode(scores_of(O, O, sure=9.0), ["place", "country"])) == []
    assert list(decode(numpy.zeros((0, 9)), ["place", "country"])) == []


@given(st.integers(0, 12), st.integers(0, 2**32 - 1), st.floats(0.1, 20))
def test_decoded_spans_of_a_layer_never_overlap(n: int, seed: int, scale: float) -> None:
    scores = numpy.random.RandomState(seed).normal(size=(n, 9)) * scale
    last = 0
    for start, end, label, score in decode(scores, ["place", "country"]):
        assert last <= start < end <= n and label in ("place", "country") and 0 <= score <= 1
        last = end


TEXT = (
    "A {{Daesh|owner} car bomb|target i1 vehicle} near {Hajin|place i1} killed {five|killed i1 5} "
    "in {Syria|country i1} ."
)


def test_gold_tags(gold) -> None:
    doc = gold(TEXT)
    eg = Example(doc.copy(), doc)
    tags = gold_tags(eg, [list(layer) for layer in LAYERS])
    layer = {label: n for n, labels in enumerate(LAYERS) for label in labels}
    words = [token.text for token in doc]
    target = tags[:, layer["target"]]
    assert [target[words.index(w)] for w in ("A", "Daesh", "car", "bomb", "near")] == [O, B, I, L, O]
    owner = 1 + 4 * LAYERS[layer["owner"]].index("owner")
    assert tags[words.index("Daesh"), layer["owner"]] == owner + 3
    assert tags[words.index("Syria"), layer["country"]] == U2
    assert numpy.count_nonzero(tags) == 3 + 4


def test_gold_tags_on_other_tokens(gold) -> None:
    doc = gold(TEXT)
    words = [
        word for token in doc for word in ([token.text[:2], token.text[2:]] if token.text == "Hajin" else [token.text])
    ]
    other = spacy.tokens.Doc(doc.vocab, words=words, spaces=[w != "Ha" for w in words])
    place = [list(layer) for layer in LAYERS if "place" in layer]
    assert [int(t) for t in gold_tags(Example(other, doc), place)[:, 0] if t] == [B, L, U2]
    merged = spacy.tokens.Doc(doc.vocab, words=doc.text.split(" "))  # "near" etc. as they were
    assert [int(t) for t in gold_tags(Example(merged, doc), place)[:, 0] if t] == [U, U2]


def trained(gold, *sources: str, steps: int = 40):
    """A blank pipeline whose civex_entities has seen `sources` many times, and their gold Docs."""
    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("civex_entities")
    docs = [gold(source) for source in sources]
    examples = [Example(nlp.make_doc(doc.text), doc) for doc in docs]
    sgd = nlp.initialize(lambda: examples)
    losses = [nlp.update(examples, sgd=sgd)["civex_entities"] for _ in range(steps)]
    assert losses[-1] < losses[0] / 20
    return nlp, docs


SOURCES = (
    TEXT,
    "{Airwars|source i1 ngo} said {two people|injured i1 2} were hurt in {Raqqah|place i1} on {4 May "
    "2016|date i1 2016-05-04} .",
)


def test_two_sentences_are_learned(gold, tmp_path) -> None:
    nlp, docs = trained(gold, *SOURCES)
    for pipeline in (nlp, _from_disk(nlp, tmp_path)):
        for doc in docs:
            read = pipeline(doc.text)
            found = read.spans[MENTIONS]
            expected = [(CASUALTY if s.label_ in HARMS else s.label_, s.text) for s in doc.spans[MENTIONS]]
            assert [(s.label_, s.text) for s in found] == expected
            assert len(found.attrs["scores"]) == len(found)


def _from_disk(nlp, path):
    nlp.to_disk(path)
    return spacy.load(path)


def test_texts_without_tokens(gold) -> None:
    nlp, _ = trained(gold, TEXT, steps=30)
    assert len(nlp("").spans[MENTIONS]) == 0
    assert [len(doc.spans[MENTIONS]) for doc in nlp.pipe(["", "", TEXT])][:2] == [0, 0]
    assert nlp.get_pipe("civex_entities").update([]) == {"civex_entities": 0.0}


def test_a_new_label_needs_the_label_file() -> None:
    with pytest.raises(ValueError, match="civex.labels.LAYERS"):
        spacy.blank("en").add_pipe("civex_entities").add_label("weapon")
