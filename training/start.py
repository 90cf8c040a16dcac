"""Where the small model starts from: lexical knowledge that a corpus of a few hundred documents lacks.

    python training/start.py MD_MODEL OUT

MD_MODEL (a folder or package that `spacy.load` takes) is spaCy's en_core_web_md (MIT; vectors CC0). OUT becomes a blank
pipeline with vectors and a tok2vec that hold the embedding and encoder of its ner, ready to be sourced by a training
config. The projection of the 300-wide vectors that the ner has learned is multiplied out, which leaves 96 columns and
loses nothing.
"""

from pathlib import Path

import numpy
import spacy
import typer
from spacy.language import Language
from spacy.vectors import Vectors
from thinc.api import Model

WIDTH = 96
CONFIG = {
    "factory": "tok2vec",
    "model": {
        "@architectures": "civex.Tok2Vec.v1",
        "width": WIDTH,
        "dilations": [4, 8],
        "pieces": 2,
        "chunk_size": 4000,
        "embed": {
            "@architectures": "civex.WordEmbed.v1",
            "max_words": 50_000,
            "embed": {
                "@architectures": "spacy.MultiHashEmbed.v2",
                "width": WIDTH,
                "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                "rows": [5000, 1000, 2500, 2500],
                "include_static_vectors": True,
            },
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": WIDTH,
            "depth": 3,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    },
}


def main(md_model: str, out: Path) -> None:
    """Write the pipeline to start from."""
    source = spacy.load(md_model)
    learned = source.get_pipe("ner").model.get_ref("tok2vec")
    projection = next(node for node in learned.walk() if node.name == "static_vectors").get_param("W")
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "civex.Tokenizer.v1"}}})
    nlp.vocab.vectors = reduced_vectors(source, nlp, projection)
    nlp.add_pipe("tok2vec", config={"model": CONFIG["model"]})
    nlp.initialize()
    copy_weights(learned, nlp.get_pipe("tok2vec").model)
    nlp.to_disk(out)
    typer.echo(f"{len(nlp.vocab.vectors)} vectors of width {WIDTH}, {nlp.vocab.vectors.n_keys} keys")


def reduced_vectors(source: Language, nlp: Language, projection: numpy.ndarray) -> Vectors:
    """The source's vectors times the projection (96, 300), one key a lower-case word."""
    rows: dict[str, int] = {}
    for key, row in sorted(source.vocab.vectors.key2row.items()):
        word = source.vocab.strings[key]
        if word and len(word) <= 14 and word.isalpha() and (word == word.lower() or word.lower() not in rows):
            rows[word.lower()] = row
    vectors = Vectors(data=source.vocab.vectors.data @ projection.T, name="civex_vectors", attr="NORM")
    for word, row in rows.items():
        vectors.add(nlp.vocab.strings.add(word), row=row)
    return vectors


def copy_weights(learned: Model, fresh: Model) -> None:
    """Copy the embedding and the lower layers of the encoder, in order; the dilated layers keep their first weights."""
    kinds = ("hashembed", "static_vectors", "maxout", "layernorm")
    old = [node for node in learned.walk(order="dfs_pre") if node.name in kinds]
    new = [node for node in fresh.layers[0].layers[0].walk(order="dfs_pre") if node.name in kinds]
    new += [node for node in fresh.layers[0].layers[1].walk(order="dfs_pre") if node.name in kinds]
    for a, b in zip(old, new, strict=False):
        if a.name != b.name:
            raise ValueError(f"{a.name} does not fit {b.name}: the config in this file is not that of the model")
        if a.name == "static_vectors":
            b.set_param("W", numpy.eye(WIDTH, dtype="f"))
            continue
        for name in a.param_names:
            b.set_param(name, a.get_param(name).copy())
        if a.name == "hashembed":
            b.attrs["seed"] = a.attrs["seed"]


if __name__ == "__main__":
    typer.run(main)
