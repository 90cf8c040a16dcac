"""Backward passes written by hand against finite differences; the encoder does not see its chunks."""

from collections.abc import Callable

import numpy
import pytest
import spacy
from spacy.ml.models.tok2vec import MaxoutWindowEncoder, MultiHashEmbed
from spacy.tokens import Doc
from spacy.vectors import Vectors
from thinc.api import Model

from civex.networks import (
    GAP,
    N_POOLS,
    NEAR,
    _pool,
    _static_means,
    _unpool,
    build_layered_tagger,
    build_pair_scorer,
    build_tok2vec,
    build_word_embed,
    dilated_window,
    feature_table,
    mention_encoder,
)
from civex.pipeline.entities import decode, n_tags

RNG = numpy.random.RandomState(0)
WORDS = "on 4 May an airstrike near Hajin killed five civilians ; the Coalition assessed it".split()


@pytest.fixture(autouse=True)
def _same_numbers() -> None:
    """Each test draws the same numbers, whichever ran before it."""
    RNG.seed(0)


def array(*shape: int) -> numpy.ndarray:
    return RNG.normal(size=shape).astype("f")


def differences(loss: Callable[[], float], X: numpy.ndarray, step: float = 1e-2) -> numpy.ndarray:
    """Central differences of `loss` with respect to `X`, which is changed in place and put back."""
    gradient = numpy.zeros_like(X)
    for index in numpy.ndindex(*X.shape):
        kept = X[index]
        X[index] = kept + step
        above = loss()
        X[index] = kept - step
        gradient[index] = (above - loss()) / (2 * step)
        X[index] = kept
    return gradient


def close(found: numpy.ndarray, expected: numpy.ndarray) -> bool:
    return numpy.allclose(found, expected, atol=2e-2, rtol=2e-2) and numpy.abs(expected).max() > 0.1


@pytest.mark.parametrize(("n", "dilation"), [(6, 1), (6, 2), (6, 4), (3, 3), (3, 5), (1, 1)])
def test_dilated_window(n: int, dilation: int) -> None:
    model, X, weights = dilated_window(dilation), array(n, 2), array(n, 6)
    Y, backprop = model(X, is_train=True)
    for row in range(n):
        before = X[row - dilation] if row >= dilation else numpy.zeros(2)
        after = X[row + dilation] if row + dilation < n else numpy.zeros(2)
        assert numpy.array_equal(Y[row], numpy.concatenate([before, X[row], after]).astype("f"))
    assert close(backprop(weights), differences(lambda: float((model.predict(X) * weights).sum()), X))


ROWS = numpy.array([[0, 1], [0, 3], [2, 4], [14, 20], [19, 20]], dtype="i")


def test_pool_is_five_means() -> None:
    T = array(20, 2)
    start, end = ROWS[3]
    first, last, span = T[start], T[end - 1], T[start:end].mean(axis=0)
    before, after = T[start - GAP : start].mean(axis=0), numpy.zeros(2)
    assert numpy.allclose(_pool(T, ROWS, 2)[3], numpy.concatenate([span, first, last, before, after]), atol=1e-5)


def test_unpool() -> None:
    T, weights = array(20, 2), array(len(ROWS), N_POOLS * 2)
    expected = differences(lambda: float((_pool(T, ROWS, 2) * weights).sum()), T)
    assert close(_unpool(weights, T, ROWS), expected)


def test_feature_table() -> None:
    model = feature_table(5, 3)
    model.initialize()
    rows, weights = numpy.array([[0, 2], [4, 4], [0, 1]]), array(3, 3)
    Y, backprop = model(rows, is_train=True)
    E = model.get_param("E")
    assert numpy.allclose(Y[1], 2 * E[4])
    backprop(weights)
    expected = differences(lambda: float((model.predict(rows) * weights).sum()), E)
    assert close(model.get_grad("E"), expected)
    assert not model.get_grad("E")[3].any()


def constant_vectors(width: int, *vectors: numpy.ndarray) -> Model:
    """A stand-in for a tok2vec: these arrays, whatever the documents; keeps the gradient that it gets."""

    def forward(model: Model, docs: list, is_train: bool):
        def backprop(dX: list) -> list:
            model.attrs["gradient"] = dX
            return dX

        return list(vectors), backprop

    return Model("constant", forward, dims={"nO": width})


def mention_inputs(static: bool) -> tuple[list, list]:
    vocab = spacy.blank("en").vocab
    if static:
        vocab.vectors = Vectors(shape=(4, 2))
        for word in ("airstrike", "killed", "five"):
            vocab.set_vector(word, array(2))
    mentions = [
        numpy.array([[0, 2, 0, 3], [1, 2, 1, 3], [4, 9, 0, 4]], dtype="i"),
        numpy.array([[3, 4, 2, 4]], dtype="i"),
    ]
    return [Doc(vocab, words=WORDS[:9]), Doc(vocab, words=WORDS[4:9])], mentions


def random_weights(model: Model) -> None:
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                node.set_param(name, array(*node.get_param(name).shape))


@pytest.mark.parametrize("static", [False, True])
def test_mention_encoder_passes_its_gradient_down(static: bool) -> None:
    vectors = [array(9, 3), array(5, 3)]
    tok2vec = constant_vectors(3, *vectors)
    # One piece: a maxout of several has kinks, over which differences say nothing.
    model = mention_encoder(tok2vec, width=3, dilations=[1], pieces=1, n_features=5)
    docs, mentions = mention_inputs(static)
    model.initialize(X=(docs, mentions))
    random_weights(model)
    scores, backprop = model.begin_update((docs, mentions))
    assert [s.shape for s in scores] == [(3, 3), (1, 3)]
    weights = [array(3, 3), array(1, 3)]
    backprop(weights)

    def loss() -> float:
        return float(sum((s * w).sum() for s, w in zip(model.predict((docs, mentions)), weights, strict=True)))

    for found, X in zip(tok2vec.attrs["gradient"], vectors, strict=True):
        expected = differences(loss, X, step=2e-3)
        assert close(found, expected)
    learned = [node for node in model.walk() if node.name == "linear"]
    for node in learned:
        if node.has_param("W"):
            expected = differences(loss, node.get_param("W"), step=2e-3)
            assert close(node.get_grad("W"), expected)
    assert (
        sum(bool(node.has_param("W")) for node in learned) == 2 + static
    )  # projection and common; with static vectors one more


def test_static_vectors_are_means_over_the_words_and_those_around() -> None:
    docs, mentions = mention_inputs(static=True)
    vectors = docs[0].vocab.vectors
    assert docs[0][4:9].text == "airstrike near Hajin killed five"
    airstrike, killed, five = (vectors[docs[0].vocab.strings[word]] for word in ("airstrike", "killed", "five"))
    means = _static_means(docs[0], mentions[0])
    assert numpy.allclose(means[2, :2], (airstrike + killed + five) / 5, atol=1e-5)
    assert not means[:2, :2].any()  # words without a vector
    assert not means[2, 2:].any()  # none of them before it, nothing after it
    after = docs[0][2 : 2 + NEAR]
    expected = sum(vectors[token.orth] for token in after if token.text in ("airstrike", "killed", "five")) / len(after)
    assert numpy.allclose(means[1, 4:], expected, atol=1e-5)


def test_pair_scorer() -> None:
    model = build_pair_scorer(
        constant_vectors(3), width=4, dilations=[1], pieces=2, n_features=5, n_pair_features=6, hidden=5, nO=2
    )
    pairs = model.get_ref("pairs")
    for layer in pairs.layers:
        layer.initialize()
    random_weights(pairs)
    M = array(4, 4)
    rows = numpy.array([[0, 1, 0, 3], [1, 0, 1, 3], [3, 3, 2, 4], [0, 2, 0, 5]], dtype="i")
    weights = array(4, 2)
    Y, backprop = pairs.begin_update((M, rows))
    heads, tails, table, output = pairs.layers
    hidden = heads.predict(M)[0] + tails.predict(M)[1] + table.get_param("E")[[0, 3]].sum(axis=0)
    assert numpy.allclose(Y[0], output.predict(numpy.maximum(hidden, 0)[None])[0], atol=1e-5)
    gradient = backprop(weights)

    def loss() -> float:
        return float((pairs.predict((M, rows)) * weights).sum())

    assert close(gradient, differences(loss, M, step=1e-3))
    assert close(table.get_grad("E"), differences(loss, table.get_param("E"), step=1e-3))


def test_the_pair_scorer_is_called_by_its_parts() -> None:
    model = build_pair_scorer(
        constant_vectors(3), width=4, dilations=[1], pieces=2, n_features=5, n_pair_features=6, hidden=5, nO=2
    )
    with pytest.raises(ValueError, match="encoder"):
        model.predict(None)


def tok2vec(chunk_size: int) -> Model:
    embed = MultiHashEmbed(16, ["NORM", "SHAPE"], [50, 50], include_static_vectors=False)
    encode = MaxoutWindowEncoder(16, window_size=1, maxout_pieces=3, depth=2)
    return build_tok2vec(embed, encode, width=16, dilations=[2, 4], pieces=2, chunk_size=chunk_size)


@pytest.fixture(scope="module")
def docs() -> list:
    nlp = spacy.blank("en")
    words = [WORDS[n] for n in RNG.randint(len(WORDS), size=130)]
    docs = [Doc(nlp.vocab, words=words[:n]) for n in (130, 1, 40)]
    docs[0][100].norm_ = "another norm than the word's own"
    return docs


@pytest.mark.parametrize("chunk_size", [1, 7, 40, 129])
def test_chunks_change_nothing(docs: list, chunk_size: int) -> None:
    layers = [["place"], ["killed", "injured"]]
    model = build_layered_tagger(tok2vec(10_000), nO=n_tags(layers))
    model.initialize(X=docs)
    random_output = array(*model.get_ref("output").get_param("W").shape)
    model.get_ref("output").set_param("W", random_output)
    whole = model.predict(docs)
    model.get_ref("tok2vec").attrs["chunk_size"] = chunk_size
    parts = model.predict(docs)
    for one, other in zip(whole, parts, strict=True):
        assert numpy.allclose(one, other, atol=1e-4)
        spans = list(decode(one[:, :5], layers[0]))
        assert [s[:3] for s in spans] == [s[:3] for s in decode(other[:, :5], layers[0])]
        assert spans or len(one) == 1


def test_documents_of_one_batch_do_not_touch(docs: list) -> None:
    model = tok2vec(10_000)
    model.initialize(X=docs)
    together = model.predict(docs)
    for doc, one in zip(docs, together, strict=True):
        assert numpy.allclose(model.predict([doc])[0], one, atol=1e-4)


def test_long_documents_are_not_cut_in_training(docs: list) -> None:
    model = tok2vec(7)
    model.initialize(X=docs)
    vectors, backprop = model.begin_update(docs)
    backprop([numpy.ones_like(v) for v in vectors])
    assert [len(v) for v in vectors] == [len(doc) for doc in docs]


def test_word_vectors_are_remembered_until_the_weights_change(docs: list) -> None:
    embed = MultiHashEmbed(16, ["NORM", "SHAPE"], [50, 50], include_static_vectors=False)
    model = build_word_embed(embed, max_words=1000)
    model.initialize(X=docs)
    fresh = [rows.copy() for rows in embed.predict(docs)]
    for _ in range(2):
        for found, expected in zip(model.predict(docs), fresh, strict=True):
            assert numpy.allclose(found, expected, atol=1e-6)
    for node in embed.walk():
        if node.name == "maxout":
            node.set_param("W", -node.get_param("W"))
    for found, expected in zip(model.predict(docs), embed.predict(docs), strict=True):
        assert numpy.allclose(found, expected, atol=1e-6)
    assert not numpy.allclose(model.predict(docs)[0], fresh[0], atol=1e-3)


@pytest.mark.parametrize("max_words", [0, 3, 5])
def test_the_memory_of_words_is_bounded(docs: list, max_words: int) -> None:
    embed = MultiHashEmbed(16, ["NORM", "SHAPE"], [50, 50], include_static_vectors=False)
    model = build_word_embed(embed, max_words=max_words)
    model.initialize(X=docs)
    for doc in docs:
        assert numpy.allclose(model.predict([doc])[0], embed.predict([doc])[0], atol=1e-6)
        assert len(model._func.known[2]) <= max(max_words, len({token.norm for token in doc} | {t.orth for t in doc}))


def test_an_empty_doc_among_others(docs: list) -> None:
    model = build_word_embed(MultiHashEmbed(16, ["NORM"], [50], include_static_vectors=False), max_words=1000)
    model.initialize(X=docs)
    assert [rows.shape for rows in model.predict([Doc(docs[0].vocab), docs[1]])] == [(0, 16), (1, 16)]


def test_a_word_is_remembered_with_its_norm(docs: list) -> None:
    model = build_word_embed(MultiHashEmbed(16, ["NORM"], [50], include_static_vectors=False), max_words=1000)
    model.initialize(X=docs)
    same = [n for n, token in enumerate(docs[0]) if token.text == docs[0][100].text and n != 100]
    rows = model.predict(docs)[0]
    assert same and not numpy.allclose(rows[100], rows[same[0]])
