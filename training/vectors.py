"""Static vectors of the shipped model: those of en_core_web_md (MIT), cut down in number of keys and in width.

    python training/vectors.py MD_MODEL OUT [--width 64]

MD_MODEL is a folder or package name that `spacy.load` takes. Vectors are centred and projected on their first principal components, one key a
lower-case word. OUT is a blank pipeline that the training config takes as `--paths.vectors`.
"""

from pathlib import Path

import numpy
import spacy
import typer
from spacy.vectors import Vectors


def main(md_model: str, out: Path, width: int = 64) -> None:
    """Write a blank pipeline with the reduced vectors."""
    source = spacy.load(md_model, exclude=["tagger", "parser", "ner", "lemmatizer", "attribute_ruler"])
    rows: dict[str, int] = {}
    for key, row in source.vocab.vectors.key2row.items():
        word = source.vocab.strings[key]
        if word and len(word) < 25 and " " not in word and (word == word.lower() or word.lower() not in rows):
            rows[word.lower()] = row
    table = source.vocab.vectors.data
    used = sorted(set(rows.values()))
    new_row = {row: n for n, row in enumerate(used)}
    data = table[used] - table[used].mean(axis=0)
    _, _, components = numpy.linalg.svd(data, full_matrices=False)
    projected = data @ components[:width].T
    projected /= numpy.abs(projected).std() * 2
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "civex.Tokenizer.v1"}}})
    words = _closest_keys(source, rows, used)
    known = set(words)
    nlp.vocab.vectors = Vectors(
        data=projected.astype("f"), keys=[nlp.vocab.strings.add(w) for w in words], name="civex_vectors", attr="NORM"
    )
    for word, row in rows.items():
        if word.isalpha() and word not in known and _common(word):
            nlp.vocab.vectors.add(nlp.vocab.strings.add(word), row=new_row[row])
    nlp.to_disk(out)
    typer.echo(f"{len(nlp.vocab.vectors)} vectors of width {width}, {nlp.vocab.vectors.n_keys} keys")


def _common(word: str) -> bool:
    return len(word) <= 14


def _closest_keys(source, rows: dict[str, int], used: list[int]) -> list[str]:
    """For each row kept the first key that points at it."""
    first: dict[int, str] = {}
    for word, row in rows.items():
        first.setdefault(row, word)
    return [first[row] for row in used]


if __name__ == "__main__":
    typer.run(main)
