"""Rehearsal: documents that a model knows already, mixed into its further training so that it does not forget them.

Replay of old examples is the plainest remedy against forgetting, and a good one (Robins 1995, "Catastrophic Forgetting,
Rehearsal and Pseudorehearsal"). The documents travel with a model as `rehearsal.spacy`, a DocBin of gold Docs.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup
from spacy.training import Example
from spacy.util import registry

from civex.corpus import blank, read_folder, to_doc
from civex.formats.files import write_atomically
from civex.labels import MENTIONS
from civex.loading import DEFAULT_MODEL, shipped_models
from civex.pipeline.layout import Layout
from civex.readers import Augmenter, make_example

FILE = "rehearsal.spacy"


def compile_rehearsal(folder: Path, out: Path) -> int:
    """Write the annotated documents of a folder as one DocBin; the same documents give the same bytes."""
    nlp = blank()
    docs = [to_doc(document, nlp) for document in read_folder(folder)]
    write_atomically(out, DocBin(attrs=[], docs=docs, store_user_data=True).to_bytes())
    return len(docs)


def rehearsal_of(base: Path) -> Path | None:
    """The file of documents to rehearse in a model's folder, or else that of the model that came with civex."""
    shipped = shipped_models().get(DEFAULT_MODEL)
    found = [folder / FILE for folder in (base, shipped) if folder is not None]
    return next((path for path in found if path.is_file()), None)


@registry.readers("civex.RehearsedCorpus.v1")
def rehearsed_corpus(
    path: Path,
    rehearsal: Path | None = None,
    ratio: float = 3.0,
    seed: int = 0,
    augmenter: Augmenter | None = None,
) -> Callable[[Language], Iterator[Example]]:
    """Registered as ``civex.RehearsedCorpus.v1``; for `max_epochs = -1`, where the corpus is read anew in each pass.

    A pass holds the documents under `path` (inline-annotated .txt files, changed by the augmenter anew each time) and
    for each of them `ratio` documents to rehearse, in random order. The next pass goes on where it left off among the
    latter. rehearsal: a DocBin of `compile_rehearsal`, or a folder of annotated files; none: only `path`.
    """
    rng = random.Random(seed)
    documents = read_folder(Path(path))
    known = _known(Path(rehearsal)) if rehearsal is not None and ratio else None
    drawn = _endless(known, rng) if known else iter(())

    def read(nlp: Language) -> Iterator[Example]:
        layout = Layout(nlp, "civex_layout")
        number = round(ratio * len(documents)) if known else 0
        chosen: list[Any] = [*documents, *(next(drawn) for _ in range(number))]
        rng.shuffle(chosen)
        for one in chosen:
            yield _example(one, nlp, layout) if isinstance(one, Doc) else make_example(one, nlp, layout, augmenter)

    return read


def _known(path: Path) -> list[Doc]:
    nlp = blank()
    if path.is_dir():
        return [to_doc(document, nlp) for document in read_folder(path)]
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def _endless(docs: list[Doc], rng: random.Random) -> Iterator[Doc]:
    while True:
        yield from rng.sample(docs, len(docs))


def _example(gold: Doc, nlp: Language, layout: Layout) -> Example:
    predicted = nlp.make_doc(gold.text)
    if [t.idx for t in predicted] != [t.idx for t in gold]:
        raise ValueError("the documents to rehearse were cut into tokens by another tokenizer: compile them anew")
    reference = layout(predicted).copy()
    group = gold.spans[MENTIONS]
    spans = [Span(reference, span.start, span.end, label=span.label_) for span in group]
    reference.spans[MENTIONS] = SpanGroup(reference, name=MENTIONS, spans=spans, attrs=group.attrs)
    return Example(predicted, reference)
