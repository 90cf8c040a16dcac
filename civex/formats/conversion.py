"""Whole collections in and out: read and mended, pre-annotated by a model, checked after writing."""

from pathlib import Path

from spacy.language import Language

from civex.annotations import AnnotatedText, CorpusError, parse
from civex.corpus import paths
from civex.formats import read
from civex.formats.difference import Difference, compare
from civex.formats.docs import document_of
from civex.formats.files import Log, read_text
from civex.formats.offsets import mend_edges, tokenizing
from civex.labels import MENTION_LABELS


def read_checked(path: Path, format: str, log: Log, *, any_label: bool, mend: bool) -> list[AnnotatedText]:
    """The documents of a tool's file or folder that civex can use.

    any_label: take labels that are not of the guideline; mend: move mentions onto token edges. What is refused or
    mended is said in the log.
    """
    documents = read(path, format, log)
    if not any_label:
        documents = [d for d in documents if _knows_labels(d, log)]
    nlp = tokenizing()
    for document in documents if mend else ():
        file, line, _ = log.places[document.id]
        mend_edges(document, nlp.make_doc(document.text), log.note(file, line))
    return documents


def _knows_labels(document: AnnotatedText, log: Log) -> bool:
    """Whether all labels are civex's; if not, the document is taken back as a fault."""
    unknown = sorted({m.label for m in document.mentions} - {*MENTION_LABELS})
    if unknown:
        file, line, counts = log.places.pop(document.id)
        known = ", ".join(MENTION_LABELS)
        message = f"unknown label {', '.join(unknown)}; labels are {known} (--any-label takes others)"
        log.faults.append((file, line, message))
        log.refused += counts
        log.given -= counts
    return not unknown


def predicted(path: Path, nlp: Language) -> list[AnnotatedText]:
    """The texts of a file or folder as a model reads them: plain texts, or annotated ones without their tags.

    Raises Damaged where a file is not UTF-8.
    """
    documents = []
    for file in paths(path):
        source = read_text(file)
        try:
            given = parse(source, name=str(file), id=file.stem)
            text, meta = given.text, given.meta
        except CorpusError:
            text, meta = source, {}
        doc = nlp.make_doc(text)
        doc._.civex_published = meta.get("published") or None
        documents.append(document_of(nlp(doc), text, id=file.stem, meta=meta))
    return documents


def read_back(documents: list[AnnotatedText], path: Path, format: str) -> tuple[Difference, Log]:
    """How a file or folder just written differs from what it was written of."""
    log = Log()
    return compare(documents, read(path, format, log)), log
