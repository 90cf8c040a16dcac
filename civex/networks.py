"""Thinc architectures named in the configs: the encoder of tokens, the encoder of mentions, and their heads.

Shapes: n tokens, m mentions, p pairs, w width. Backward passes written by hand are compared with finite differences
in the tests.
"""

from collections.abc import Callable

import numpy
from spacy.attrs import NORM, ORTH
from spacy.tokens import Doc
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import (
    Linear,
    Maxout,
    Model,
    chain,
    residual,
    with_array,
    zero_init,
)
from thinc.initializers import normal_init
from thinc.types import Floats2d

N_POOLS = 5  # span mean, first token, last token, words before, words after
GAP = 12  # how many tokens before and after a mention are pooled
NEAR = 6  # the same for static vectors


def dilated_window(dilation: int) -> Model[Floats2d, Floats2d]:
    """(n, w) -> (n, 3w): each row beside the rows `dilation` before and after it, zeros beyond the ends.

    The window of a dilated convolution (Strubell et al. 2017, "Fast and Accurate Entity Recognition with Iterated
    Dilated Convolutions"): the context doubles with each layer at the cost of a window of one.
    """
    return Model("dilated_window", _window_forward, attrs={"dilation": dilation})


def _window_forward(model: Model, X: Floats2d, is_train: bool) -> tuple[Floats2d, Callable]:
    d, w = model.attrs["dilation"], X.shape[1]
    Y = model.ops.alloc2f(X.shape[0], 3 * w)
    Y[:, w : 2 * w] = X
    Y[d:, :w] = X[:-d]
    Y[:-d, 2 * w :] = X[d:]

    def backprop(dY: Floats2d) -> Floats2d:
        dX = dY[:, w : 2 * w].copy()
        dX[:-d] += dY[d:, :w]
        dX[d:] += dY[:-d, 2 * w :]
        return dX

    return Y, backprop


def dilated_encoder(width: int, dilations: list[int], pieces: int, dropout: float = 0.0) -> Model:
    """Residual maxout layers over dilated windows, on a list of arrays (n, width); reaches sum(dilations) rows."""
    layers = [
        residual(
            chain(
                dilated_window(d),
                Maxout(nO=width, nI=3 * width, nP=pieces, dropout=dropout, normalize=True),
            )
        )
        for d in dilations
    ]
    return with_array(chain(*layers) if len(layers) > 1 else layers[0], pad=sum(dilations))


def softmax(scores: numpy.ndarray) -> numpy.ndarray:
    """Probabilities along the last axis."""
    exp = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
    return exp / exp.sum(axis=-1, keepdims=True)


@registry.architectures("civex.Tok2Vec.v1")
def build_tok2vec(
    embed: Model[list[Doc], list[Floats2d]],
    encode: Model[list[Floats2d], list[Floats2d]],
    width: int,
    dilations: list[int],
    pieces: int,
    chunk_size: int,
) -> Model[list[Doc], list[Floats2d]]:
    """Token vectors: spaCy's embedding and window encoder, then dilated layers, over overlapping chunks of tokens.

    Chunks overlap by the reach of the encoders, so that the vectors do not depend on `chunk_size` (tokens), which
    bounds the memory of a long text.
    """
    reach = encode.attrs["pad"] + sum(dilations)
    layers = [embed, encode]
    if dilations:
        layers.append(dilated_encoder(width, dilations, pieces))
    return Model(
        "civex_tok2vec",
        _chunked_forward,
        init=_init_first,
        layers=[chain(*layers)],
        dims={"nO": width},
        attrs={"reach": reach, "chunk_size": chunk_size},
    )


def _init_first(model: Model, X=None, Y=None) -> None:
    model.layers[0].initialize(X=X, Y=Y)


def _chunked_forward(model: Model, docs: list, is_train: bool):
    tok2vec = model.layers[0]
    size, reach = model.attrs["chunk_size"], model.attrs["reach"]
    if is_train or all(len(doc) <= size for doc in docs):
        return tok2vec(docs, is_train)
    return [_encode_in_chunks(tok2vec, doc, size, reach) for doc in docs], _no_backprop


def _no_backprop(dY):
    raise ValueError("chunks of a long text are for prediction; train on documents shorter than the chunk size")


def _encode_in_chunks(tok2vec: Model, doc: Doc, size: int, reach: int) -> Floats2d:
    parts = []
    for start in range(0, len(doc), size):
        end = min(start + size, len(doc))
        low, high = max(0, start - reach), min(len(doc), end + reach)
        parts.append(tok2vec.predict([_part(doc, low, high)])[0][start - low : end - low])
    return numpy.vstack(parts) if parts else tok2vec.predict([doc])[0]


def _part(doc: Doc, low: int, high: int) -> Doc:
    """Tokens of a doc as a Doc, for feature extraction takes no Span; norms are those that the tokenizer set."""
    span = doc[low:high]
    part = Doc(doc.vocab, words=[t.text for t in span], spaces=[bool(t.whitespace_) for t in span])
    return part.from_array([NORM], span.to_array([NORM]))


@registry.architectures("civex.WordEmbed.v1")
def build_word_embed(embed: Model[list[Doc], list[Floats2d]], max_words: int) -> Model[list[Doc], list[Floats2d]]:
    """`embed` (any that looks at each word alone, such as spaCy's MultiHashEmbed), with a memory when it predicts.

    Most of a text is words met before: up to `max_words` different ones keep their vectors, until the weights change.
    """
    return Model("word_embed", _WordEmbed(max_words), init=_init_first, layers=[embed])


class _WordEmbed:
    """The forward pass; remembers vectors of words for one vocab and one state of the weights."""

    def __init__(self, max_words: int):
        self.max_words = max_words
        self.known: tuple[Vocab, bytes, dict[int, Floats2d]] | None = None

    def __reduce__(self):
        return _WordEmbed, (self.max_words,)

    def __call__(self, model: Model, docs: list[Doc], is_train: bool):
        if is_train or not docs:
            return model.layers[0](docs, is_train)
        keys = [_word_keys(doc) for doc in docs]
        vectors = self.vectors_of(model, docs, keys)
        if not vectors:  # no doc has a token
            return model.layers[0](docs, is_train)[0], _no_backprop
        width = len(next(iter(vectors.values())))
        found = [numpy.array([vectors[key] for key in row], dtype="f").reshape(-1, width) for row in keys]
        return found, _no_backprop

    def vectors_of(self, model: Model, docs: list[Doc], keys: list[list[int]]) -> dict[int, Floats2d]:
        vocab, weights = docs[0].vocab, _sample_of(model)
        known: dict[int, Floats2d] = {}
        if self.known is not None and self.known[0] is vocab and self.known[1] == weights:
            known = self.known[2]
        tokens = {key: token for doc, row in zip(docs, keys, strict=True) for key, token in zip(row, doc, strict=True)}
        new = tokens.keys() - known.keys()
        if len(known) + len(new) > self.max_words:
            known, new = {}, set(tokens)
        if new:
            ordered = sorted(new)
            part = Doc(vocab, words=[tokens[key].text for key in ordered])
            part.from_array([NORM], numpy.array([tokens[key].norm for key in ordered], dtype="uint64"))
            known = {**known, **dict(zip(ordered, model.layers[0].predict([part])[0], strict=True))}
        self.known = (vocab, weights, known)
        return known


def _word_keys(doc: Doc) -> list[int]:
    """One number for each token, the same for tokens of the same form and norm."""
    table = doc.to_array([ORTH, NORM])
    return (table[:, 0] * numpy.uint64(31) + table[:, 1]).tolist()


def _sample_of(model: Model) -> bytes:
    """A few numbers of every parameter, by which changed weights are noticed."""
    parts = []
    for node in model.walk():
        for name in node.param_names:
            if node.has_param(name):
                flat = node.get_param(name).ravel()
                parts.append(flat[:: max(1, flat.size // 8)].tobytes())
    return b"".join(parts)


@registry.architectures("civex.LayeredTagger.v1")
def build_layered_tagger(tok2vec: Model, nO: int | None = None) -> Model[list[Doc], list[Floats2d]]:
    """Scores of all tags of all layers for each token: [(n, tags)], unnormalised; softmax runs within a layer."""
    width = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else None
    output = Linear(nO=nO, nI=width, init_W=zero_init)
    model = chain(tok2vec, with_array(output))
    model.set_ref("output", output)
    model.set_ref("tok2vec", tok2vec)
    return model


def mention_encoder(
    tok2vec: Model, width: int, dilations: list[int], pieces: int, n_features: int
) -> Model[tuple, list[Floats2d]]:
    """(docs, mentions) -> [(m, width)]: each mention in the light of its words and of the mentions around it.

    `mentions` holds for each doc an integer array (m, 2 + k): start and end token, then k rows of the feature table
    (`n_features` rows). Token vectors are pooled five ways; to their projection those of mean static vectors (of the
    mention, of the words before and after it, where the vocab has vectors) and of the features are added, and what the
    document's mentions have in common; a dilated encoder then runs over the sequence of mentions.
    """
    inner = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else None
    pool = Model("mention_pool", _pool_forward, layers=[tok2vec], init=_init_pool)
    project = Linear(nO=width, nI=inner and N_POOLS * inner)
    words = Linear(nO=width)
    features = feature_table(n_features, width)
    mix = Maxout(nO=width, nI=width, nP=pieces, normalize=True)
    common = Linear(nO=width, nI=width, init_W=zero_init)
    encode = dilated_encoder(width, dilations, pieces)
    return Model(
        "mention_encoder",
        _mention_forward,
        init=_init_mentions,
        layers=[pool, project, words, features, mix, common, encode],
        dims={"nO": width},
    )


def _init_pool(model: Model, X=None, Y=None) -> None:
    model.layers[0].initialize(X=None if X is None else X[0])


def _init_mentions(model: Model, X=None, Y=None) -> None:
    pool, project, words, features, mix, common, encode = model.layers
    pool.initialize(X=X)
    if project.has_dim("nI") is None:
        project.set_dim("nI", N_POOLS * pool.layers[0].get_dim("nO"))
    if X is not None and X[0] and X[0][0].vocab.vectors_length:
        words.set_dim("nI", 3 * X[0][0].vocab.vectors_length)
        words.initialize()
    for layer in (project, features, mix, common):
        layer.initialize()
    encode.initialize()


def _mention_forward(model: Model, inputs: tuple, is_train: bool):
    pool, project, words, features, mix, common, encode = model.layers
    docs, mentions = inputs
    lengths = model.ops.asarray1i([len(rows) for rows in mentions])
    pooled, back_pool = pool(inputs, is_train)
    projected, back_project = project(pooled, is_train)
    rows = numpy.vstack([m[:, 2:] for m in mentions]) if mentions else numpy.zeros((0, 1), dtype="i")
    looked_up, back_features = features(rows, is_train)
    summed, back_words = projected + looked_up, None
    if words.has_dim("nI"):
        static = [_static_means(doc, m) for doc, m in zip(docs, mentions, strict=True)]
        of_words, back_words = words(numpy.vstack(static), is_train)
        summed = summed + of_words
    mixed, back_mix = mix(summed, is_train)
    shared, back_common = common(_means(mixed, lengths), is_train)
    Y, back_encode = encode(model.ops.unflatten(mixed + numpy.repeat(shared, lengths, axis=0), lengths), is_train)

    def backprop(dY: list[Floats2d]):
        d_encoded = back_encode(dY)
        d_means = back_common(numpy.vstack([d.sum(axis=0, keepdims=True) for d in d_encoded]))
        d_means /= numpy.maximum(lengths, 1)[:, None]
        d_mixed = model.ops.flatten(d_encoded) + numpy.repeat(d_means, lengths, axis=0)
        d_sum = back_mix(d_mixed)
        back_features(d_sum)
        if back_words is not None:
            back_words(d_sum)
        return back_pool(back_project(d_sum))

    return Y, backprop


def _means(X: Floats2d, lengths: numpy.ndarray) -> Floats2d:
    """Mean row of each of the stretches of X, zeros for an empty one: (m, w) -> (d, w)."""
    Y = numpy.zeros((len(lengths), X.shape[1]), dtype="f")
    start = 0
    for n, length in enumerate(lengths):
        if length:
            Y[n] = X[start : start + length].mean(axis=0)
        start += length
    return Y


def _static_means(doc: Doc, rows: numpy.ndarray) -> Floats2d:
    """(m, 3v): mean static vectors of a mention's words, of those before and after it; zeros where there is none."""
    vectors = doc.vocab.vectors
    keys = doc.to_array(vectors.attr)
    v = vectors.data.shape[1]
    Y = numpy.zeros((len(rows), 3 * v), dtype="f")
    for block in _blocks(rows):
        start, end = rows[block, 0], rows[block, 1]
        low, high = max(0, int(start.min()) - NEAR), min(len(doc), int(end.max()) + NEAR)
        found = vectors.find(keys=keys[low:high])
        table = vectors.data[found] * (found >= 0)[:, None]
        ranges = ((start, end), (numpy.maximum(start - NEAR, 0), start), (end, numpy.minimum(end + NEAR, len(doc))))
        Y[block] = _range_means(table, low, ranges)
    return Y


def _blocks(rows: numpy.ndarray, size: int = 1000) -> list[slice]:
    """Mentions in text order, some at a time, so that sums over their tokens stay small."""
    return [slice(n, min(n + size, len(rows))) for n in range(0, len(rows), size)]


def _range_means(T: numpy.ndarray, first_row: int, ranges) -> Floats2d:
    """(n, w) -> (m, k * w): means of the rows start to end of each of the k ranges, zeros for an empty one.

    `ranges` are pairs of arrays (m,) of rows, counted from `first_row`, which is row 0 of T. Differences of one running
    sum.
    """
    running = numpy.zeros((len(T) + 1, T.shape[1]), dtype="d")
    numpy.cumsum(T, axis=0, out=running[1:])
    means = [
        (running[end - first_row] - running[start - first_row]) / numpy.maximum(end - start, 1)[:, None]
        for start, end in ranges
    ]
    return numpy.hstack(means).astype("f")


def _pool_bounds(rows: numpy.ndarray, n_tokens: int) -> list[tuple[numpy.ndarray, numpy.ndarray]]:
    """Start and end tokens of the five pools of each mention; an empty pool has start == end."""
    start, end = rows[:, 0], rows[:, 1]
    return [
        (start, end),
        (start, start + 1),
        (end - 1, end),
        (numpy.maximum(start - GAP, 0), start),
        (end, numpy.minimum(end + GAP, n_tokens)),
    ]


def _pool_forward(model: Model, inputs: tuple, is_train: bool):
    tok2vec = model.layers[0]
    docs, mentions = inputs
    vectors, back_tokens = tok2vec(docs, is_train)
    w = vectors[0].shape[1] if vectors else model.layers[0].get_dim("nO")
    pooled = [_pool(T, rows, w) for T, rows in zip(vectors, mentions, strict=True)]
    Y = numpy.vstack(pooled) if pooled else model.ops.alloc2f(0, N_POOLS * w)

    def backprop(dY: Floats2d):
        d_vectors, offset = [], 0
        for T, rows in zip(vectors, mentions, strict=True):
            d_vectors.append(_unpool(dY[offset : offset + len(rows)], T, rows))
            offset += len(rows)
        return back_tokens(d_vectors)

    return Y, backprop


def _pool(T: numpy.ndarray, rows: numpy.ndarray, w: int) -> numpy.ndarray:
    """Means over the five token ranges of each mention: (n, w) -> (m, 5w)."""
    Y = numpy.zeros((len(rows), N_POOLS * w), dtype="f")
    for block in _blocks(rows):
        bounds = _pool_bounds(rows[block], len(T))
        low = min(int(start.min()) for start, _ in bounds)
        high = max(int(end.max()) for _, end in bounds)
        Y[block] = _range_means(T[low:high], low, bounds)
    return Y


def _unpool(dY: numpy.ndarray, T: numpy.ndarray, rows: numpy.ndarray) -> numpy.ndarray:
    n, w = T.shape
    steps = numpy.zeros((n + 1, w), dtype="d")
    for k, (start, end) in enumerate(_pool_bounds(rows, n)):
        share = dY[:, k * w : (k + 1) * w] / numpy.maximum(end - start, 1)[:, None]
        share = numpy.where((end > start)[:, None], share, 0.0)
        numpy.add.at(steps, start, share)
        numpy.add.at(steps, end, -share)
    return numpy.cumsum(steps, axis=0)[:n].astype("f")


def feature_table(n_rows: int, width: int) -> Model:
    """(p, k) integers -> (p, width): the sum of the k looked-up rows of one table."""
    return Model(
        "feature_table", _table_forward, init=_init_table, dims={"nV": n_rows, "nO": width}, params={"E": None}
    )


def _init_table(model: Model, X=None, Y=None) -> None:
    shape = (model.get_dim("nV"), model.get_dim("nO"))
    model.set_param("E", normal_init(model.ops, shape, mean=0.0) * 0.3)


def _table_forward(model: Model, rows: numpy.ndarray, is_train: bool):
    E = model.get_param("E")
    Y = numpy.zeros((len(rows), E.shape[1]), dtype="f")
    for k in range(rows.shape[1]):  # not E[rows].sum(axis=1), whose memory is k times as large
        Y += E[rows[:, k]]

    def backprop(dY: Floats2d) -> numpy.ndarray:
        dE = model.ops.alloc2f(*E.shape)
        for k in range(rows.shape[1]):
            numpy.add.at(dE, rows[:, k], dY)
        model.inc_grad("E", dE)
        return rows

    return Y, backprop


@registry.architectures("civex.PairScorer.v1")
def build_pair_scorer(
    tok2vec: Model,
    width: int,
    dilations: list[int],
    pieces: int,
    n_features: int,
    n_pair_features: int,
    hidden: int,
    nO: int | None = None,
) -> Model:
    """Scores of the attributes of mentions, of mentions as openers and of pairs, in steps that the component runs.

    Refs: `encoder` (docs, mentions) -> [(m, width)]; `attributes` (m, width) -> (m, attribute values); `opens`
    (m, width) -> (m, 1); `pairs` ((m, width), (p, 2 + k)) -> (p, nO), where a pair is the row of its head, the row of
    its tail and k rows of the pair feature table. A pair's hidden layer is relu(head half + tail half + features), the
    additive form of a pair classifier, so that the matrix products grow with the mentions and not with the pairs.
    """
    encoder = mention_encoder(tok2vec, width, dilations, pieces, n_features)
    attributes = Linear(nI=width, init_W=zero_init)
    opens = Linear(nO=1, nI=width, init_W=zero_init)
    heads, tails = Linear(nO=hidden, nI=width), Linear(nO=hidden, nI=width)
    table = feature_table(n_pair_features, hidden)
    output = Linear(nO=nO, nI=hidden, init_W=zero_init)
    pairs = Model("pairs", _pairs_forward, layers=[heads, tails, table, output])
    model: Model = Model("civex_pair_scorer", _not_called, layers=[encoder, attributes, opens, pairs])
    refs = {"encoder": encoder, "attributes": attributes, "opens": opens, "pairs": pairs, "output": output}
    for name, layer in refs.items():
        model.set_ref(name, layer)
    return model


def _not_called(model: Model, X, is_train: bool):
    raise ValueError("call the refs 'encoder', 'attributes', 'opens' and 'pairs' of the pair scorer")


def _pairs_forward(model: Model, inputs: tuple, is_train: bool):
    heads, tails, table, output = model.layers
    M, pairs = inputs
    H, back_heads = heads(M, is_train)
    T, back_tails = tails(M, is_train)
    F, back_table = table(pairs[:, 2:], is_train)
    summed = H[pairs[:, 0]] + T[pairs[:, 1]] + F
    active = summed > 0
    Y, back_output = output(summed * active, is_train)

    def backprop(dY: Floats2d) -> Floats2d:
        d_summed = back_output(dY) * active
        back_table(d_summed)
        dH, dT = numpy.zeros_like(H), numpy.zeros_like(T)
        numpy.add.at(dH, pairs[:, 0], d_summed)
        numpy.add.at(dT, pairs[:, 1], d_summed)
        return back_heads(dH) + back_tails(dT)

    return Y, backprop
