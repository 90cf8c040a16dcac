"""Documents to rehearse: the shipped file is current, a pass mixes them in, and their annotation arrives whole."""

from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import DocBin

from civex.corpus import blank, read_folder, to_doc
from civex.labels import MENTIONS
from civex.loading import DEFAULT_MODEL, shipped_models
from civex.readers import annotated_corpus
from civex.training.rehearsal import FILE, compile_rehearsal, rehearsal_of, rehearsed_corpus
from tests.conftest import ROOT
from tests.training.tiny import TINY


def ids(examples) -> list[str]:
    return [eg.reference.text[:40] for eg in examples]


@pytest.fixture
def known(tmp_path: Path) -> Path:
    compile_rehearsal(TINY / "train", tmp_path / FILE)
    return tmp_path / FILE


def test_the_shipped_file_is_current(model: Language) -> None:
    """Renew it with `python training/rehearsal.py`."""
    path = shipped_models()[DEFAULT_MODEL] / FILE
    assert path.stat().st_size < 3_000_000
    docs = list(DocBin().from_disk(path).get_docs(blank().vocab))
    documents = read_folder(ROOT / "corpus" / "train")
    assert [doc.user_data["civex_id"] for doc in docs] == [document.id for document in documents]
    nlp = blank()
    for doc, document in list(zip(docs, documents, strict=True))[::20]:
        gold = to_doc(document, nlp)
        assert doc.text == gold.text
        assert doc.spans[MENTIONS].attrs == gold.spans[MENTIONS].attrs, document.id


def test_the_same_documents_give_the_same_bytes(known: Path, tmp_path: Path) -> None:
    assert compile_rehearsal(TINY / "train", tmp_path / "again.spacy") == 4
    assert (tmp_path / "again.spacy").read_bytes() == known.read_bytes()


def test_a_pass_holds_all_that_is_new_and_some_that_is_known(known: Path, blank_nlp: Language) -> None:
    read = rehearsed_corpus(TINY / "dev", known, ratio=1.5, seed=1)
    new = set(ids(annotated_corpus(TINY / "dev")(blank_nlp)))
    old = set(ids(annotated_corpus(TINY / "train")(blank_nlp)))
    first, second = ids(read(blank_nlp)), ids(read(blank_nlp))
    for one in (first, second):
        assert len(one) == 5 and new < set(one) <= new | old
    rehearsed = [name for name in first + second if name in old]
    assert len(rehearsed) == 6 and set(rehearsed[:4]) | set(rehearsed[4:]) == old  # all four before one comes again
    assert ids(rehearsed_corpus(TINY / "dev", known, ratio=1.5, seed=1)(blank_nlp)) == first


def test_a_folder_and_its_docbin_are_the_same(known: Path, blank_nlp: Language) -> None:
    one, other = (rehearsed_corpus(TINY / "dev", path, seed=2)(blank_nlp) for path in (known, TINY / "train"))
    assert ids(one) == ids(other)


def test_the_annotation_arrives_whole(known: Path, blank_nlp: Language) -> None:
    plain = {eg.reference.text: eg.reference for eg in annotated_corpus(TINY / "train")(blank_nlp)}
    examples = [*rehearsed_corpus(TINY / "dev", known, ratio=2)(blank_nlp)]
    for eg in (eg for eg in examples if eg.reference.text in plain):
        group, expected = eg.reference.spans[MENTIONS], plain[eg.reference.text].spans[MENTIONS]
        assert group.attrs == expected.attrs
        assert [(s.start, s.end, s.label_) for s in group] == [(s.start, s.end, s.label_) for s in expected]
        assert MENTIONS not in eg.predicted.spans and "civex_units" in eg.predicted.spans


def test_another_tokenizer_is_told(tmp_path: Path) -> None:
    (tmp_path / "date.txt").write_text("genre: wire\n---\nNothing happened on Jan.4,2017.\n")
    with pytest.raises(ValueError, match="another tokenizer"):
        list(rehearsed_corpus(TINY / "dev", tmp_path)(spacy.blank("en")))


def test_a_model_without_a_file_rehearses_the_shipped_one(model: Language, tmp_path: Path) -> None:
    assert rehearsal_of(tmp_path) == shipped_models()[DEFAULT_MODEL] / FILE
    (tmp_path / FILE).write_bytes(b"")
    assert rehearsal_of(tmp_path) == tmp_path / FILE
