"""spaCy DocBin, with user data: the Docs of `civex.corpus.to_doc`, and beside them what a Doc can't hold.

A Doc of civex has a cleaned text of the same length and mentions on token edges only. The text as it was given,
mentions off the edges and relations of other schemes are kept in `doc.user_data["civex_kept"]`. The tables of
`doc.spans["civex_mentions"]` are what training reads; a file without `store_user_data` has lost them and is refused.
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from spacy.tokens import Doc, DocBin

from civex.annotations import AnnotatedText
from civex.corpus import to_doc
from civex.formats.docs import document_of
from civex.formats.files import Log, Note, collect, placed, refuse_surrogates, write_atomically
from civex.formats.flat import Damaged, Link, Span, Task, flatten
from civex.formats.offsets import tokenizing
from civex.labels import MENTIONS
from civex.text import clean

KEPT = "civex_kept"


def to_gold(document: AnnotatedText, nlp: Any, note: Note) -> Doc:
    """The gold Doc, with all that it can't hold in its user data."""
    refuse_surrogates(document)
    plain = nlp.make_doc(document.text)
    on_edges = [m for m in document.mentions if plain.char_span(m.start, m.end) is not None]
    ids = {m.id for m in on_edges}
    shown = [replace(m, references={k: v for k, v in m.references.items() if v in ids}) for m in on_edges]
    opened = replace(document, mentions=shown).openers()
    shown = [replace(m, events=tuple(e for e in m.events if e[0] == "t" or e in opened)) for m in shown]
    doc = to_doc(replace(document, mentions=shown), nlp)
    if len(on_edges) < len(document.mentions):
        note(f"{len(document.mentions) - len(on_edges)} mentions are not on token edges: kept beside the Doc")
    task = flatten(document)
    doc.user_data["civex_meta"] = {k: v for k, v in document.meta.items() if isinstance(v, str)}
    doc.user_data[KEPT] = json.dumps(
        {
            "id": task.id,
            "meta": task.meta,
            "text": task.text,
            "spans": [[s.start, s.end, s.label, s.id, s.features] for s in task.spans],
            "links": [[link.head, link.tail, link.label, link.attributes] for link in task.links],
        }
    )
    return doc


def from_gold(doc: Doc, note: Note) -> Task:
    """The Task of a Doc. Raises Damaged where its user data are gone or contradict its spans."""
    if KEPT not in doc.user_data:
        if not doc.user_data or MENTIONS not in doc.spans:
            raise Damaged("no mentions of civex in the Doc: it was saved without store_user_data=True, or by others")
        return flatten(document_of(doc, doc.text))
    kept = json.loads(doc.user_data[KEPT])
    text = kept["text"]
    if clean(text) != doc.text:
        raise Damaged(f"the Doc has another text ({len(doc.text)} characters) than its user data ({len(text)})")
    rows = [(start, end, None) for start, end, *_ in kept["spans"]]
    places = placed(text, rows, "code points", note)
    spans = [Span(*at, label, id, said) for at, (_, _, label, id, said) in zip(places, kept["spans"], strict=True)]
    _follow(doc, spans, note)
    links = [Link(*row) for row in kept["links"]]
    return Task(kept["id"], kept["meta"], text, spans, links)


def _follow(doc: Doc, spans: list[Span], note: Note) -> None:
    """Take over spans that a program has added to the Doc; one that it took away is a contradiction."""
    group = doc.spans.get(MENTIONS, [])
    here = Counter((s.start_char, s.end_char, s.label_) for s in group)
    known = Counter((s.start, s.end, s.label) for s in spans if doc.char_span(s.start, s.end) is not None)
    gone = known - here
    if gone:
        start, end, label = min(gone)
        raise Damaged(f"{label} at {start} to {end} is not in doc.spans[{MENTIONS!r}] any more")
    for number, (start, end, label) in enumerate(sorted((here - known).elements()), 1):
        note(f"{label} at {start} to {end} was added to the Doc: taken over without features")
        spans.append(Span(start, end, label, f"added {number}"))


def _size(doc: Doc) -> Counter:
    if KEPT in doc.user_data:
        kept = json.loads(doc.user_data[KEPT])
        return Counter(spans=len(kept["spans"]), relations=len(kept["links"]))
    return Counter(spans=len(doc.spans.get(MENTIONS, ())))


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The Docs of a file."""
    nlp = tokenizing()
    try:
        docs = list(DocBin().from_bytes(path.read_bytes()).get_docs(nlp.vocab))
    except OSError:
        raise
    except Exception as error:  # zlib, msgpack and spaCy each have their own for a broken file
        log.faults.append((str(path), 1, f"no DocBin of spaCy: {type(error).__name__}; the file may have been cut"))
        return []
    return collect(((path, n, doc) for n, doc in enumerate(docs, 1)), from_gold, _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write the gold Docs to one file."""
    nlp = tokenizing()
    docs = [to_gold(d, nlp, log.note(path, n)) for n, d in enumerate(documents, 1)]
    write_atomically(path, DocBin(docs=docs, store_user_data=True).to_bytes())
