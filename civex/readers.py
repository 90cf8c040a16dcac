"""The corpus reader of the training configs: annotated texts to Examples, augmented anew in each pass."""

from collections.abc import Callable, Iterator
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from civex.annotations import AnnotatedText
from civex.corpus import annotate, misaligned, read_folder, set_extensions
from civex.pipeline.layout import Layout

Augmenter = Callable[[AnnotatedText], AnnotatedText]


@registry.readers("civex.AnnotatedCorpus.v1")
def annotated_corpus(
    path: Path, limit: int = 0, augmenter: Augmenter | None = None
) -> Callable[[Language], Iterator[Example]]:
    """Registered as ``civex.AnnotatedCorpus.v1``.

    path: a folder of inline-annotated .txt files; limit: take only that many documents (0: all); augmenter: changes a
    document in each pass (where it takes a mention off the token edges, the document stays as it was).
    """
    documents: list[AnnotatedText] = []

    def read(nlp: Language) -> Iterator[Example]:
        if not documents:
            set_extensions()
            found = read_folder(Path(path))
            documents.extend(found[:limit] if limit else found)
        layout = Layout(nlp, "civex_layout")
        for document in documents:
            yield make_example(document, nlp, layout, augmenter)

    return read


def make_example(document: AnnotatedText, nlp: Language, layout: Layout, augmenter: Augmenter | None = None) -> Example:
    """An Example whose predicted doc is bare but for its layout, and whose reference holds the annotation."""
    changed = document if augmenter is None else augmenter(document)
    predicted = nlp.make_doc(changed.text)
    if changed is not document and any(misaligned(changed, predicted)):
        changed, predicted = document, nlp.make_doc(document.text)
    reference: Doc = layout(predicted).copy()
    annotate(reference, changed)
    return Example(predicted, reference)
