"""The corpus: annotated texts to spaCy Docs and back, checked before anything learns from them."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, SpanGroup

from civex.annotations import AnnotatedText, CorpusError, Mention, read
from civex.labels import MENTIONS
from civex.text import set_extensions

N_GRAM = 8  # words in a row that two documents should not share


def paths(folder: Path) -> list[Path]:
    """The annotated files under a folder (or the file itself), sorted by name."""
    return sorted(folder.rglob("*.txt")) if folder.is_dir() else [folder]


def read_folder(folder: Path) -> list[AnnotatedText]:
    """Read every annotated file under `folder`. Raises CorpusError with the faults of all files at once."""
    documents, faults = [], []
    for path in paths(folder):
        try:
            documents.append(read(path))
        except CorpusError as error:
            faults.extend(error.faults)
    if faults:
        raise CorpusError(faults)
    return documents


def misaligned(document: AnnotatedText, doc: Doc) -> Iterator[tuple[str, int, int, str]]:
    """A fault for each mention that does not begin and end on token edges, with the nearest spans that do."""
    for mention in document.mentions:
        if doc.char_span(mention.start, mention.end) is None:
            grown = doc.char_span(mention.start, mention.end, alignment_mode="expand")
            words = document.text[mention.start : mention.end]
            near = f"; the tokens there are {[t.text for t in grown]}" if grown is not None else ""
            yield (document.id, *mention.at, f"{mention.label} {words!r} is not on token edges{near}")


def to_doc(document: AnnotatedText, nlp: Language) -> Doc:
    """The gold Doc: `doc.spans[MENTIONS]` with attributes, relations, incidents and tallies as a pipeline leaves them.

    Raises CorpusError where a mention does not sit on token edges.
    """
    doc = nlp.make_doc(document.text)
    annotate(doc, document)
    return doc


def annotate(doc: Doc, document: AnnotatedText) -> None:
    """Write the mentions of `document` onto a Doc of its text. Raises CorpusError where one is off the token edges."""
    doc._.civex_published = document.meta.get("published") or None
    spans = []
    for mention in document.mentions:
        span = doc.char_span(mention.start, mention.end)
        if span is None:
            raise CorpusError(list(misaligned(document, doc)))
        spans.append(Span(doc, span.start, span.end, label=mention.label))
    doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS, spans=spans, attrs=_attrs(document))
    doc.user_data["civex_id"] = document.id
    doc.user_data["civex_meta"] = dict(document.meta)


def _attrs(document: AnnotatedText) -> dict:
    positions = {m.id: n for n, m in enumerate(document.mentions) if m.id}
    openers = document.openers()
    relations = [
        [head, positions[reference], label, 1.0]
        for head, mention in enumerate(document.mentions)
        for label, reference in mention.references.items()
    ]
    attributes = []
    for n, mention in enumerate(document.mentions):
        row: dict = dict(mention.attributes)
        row["opens"] = n in openers.values()
        row["shared"] = len(mention.incidents) > 1
        if mention.number is not None:
            row["number"] = list(mention.number)
        if mention.value is not None:
            row["value"] = mention.value
        if mention.name is not None:
            row["name"] = mention.name
        attributes.append(row)
        relations.extend([n, openers[incident], "tells_of", 1.0] for incident in mention.incidents)
    relations.extend(_tally_relations(document))
    relations.extend(_owner_relations(document))
    return {"attributes": attributes, "relations": relations, "scores": [1.0] * len(document.mentions)}


def _tally_relations(document: AnnotatedText) -> Iterator[list]:
    tallies = {m.tallies[0]: n for n, m in enumerate(document.mentions) if m.label == "tally" and m.tallies}
    for n, mention in enumerate(document.mentions):
        if mention.label in ("date", "place", "country"):
            for tally in mention.tallies:
                if tally in tallies:
                    yield [n, tallies[tally], "about", 1.0]
        elif mention.label == "source":
            for tally in mention.tallies:
                if tally in tallies:
                    yield [tallies[tally], n, "claimed_by", 1.0]


def _owner_relations(document: AnnotatedText) -> Iterator[list]:
    """An owner inside a target's tag belongs to the innermost such target."""
    for n, owner in enumerate(document.mentions):
        if owner.label == "owner" and "owner_of" not in owner.references:
            around = [
                (m.end - m.start, k)
                for k, m in enumerate(document.mentions)
                if m.label == "target" and m.start <= owner.start and owner.end <= m.end
            ]
            if around:
                yield [n, min(around)[1], "owner_of", 1.0]


def incident_members(doc: Doc) -> dict[int, list[int]]:
    """Opener -> mentions that tell of its incident, as positions in `doc.spans[MENTIONS]`, openers in text order."""
    members: dict[int, list[int]] = {}
    for head, tail, label, _ in doc.spans[MENTIONS].attrs["relations"]:
        if label == "tells_of":
            members.setdefault(tail, []).append(head)
    return {opener: sorted(members[opener]) for opener in sorted(members)}


def blank() -> Language:
    """A blank English pipeline with the tokenizer of civex, on which annotations are checked and compiled."""
    set_extensions()
    return spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "civex.Tokenizer.v1"}}})


def faults_of(folder: Path, nlp: Language) -> tuple[int, list[tuple[str, int, int, str]]]:
    """Number of sound documents under a folder, and every fault of the others."""
    sound, faults = 0, []
    for path in paths(folder):
        try:
            document = read(path)
        except CorpusError as error:
            faults.extend(error.faults)
            continue
        found = [(str(path), *fault[1:]) for fault in misaligned(document, nlp.make_doc(document.text))]
        faults.extend(found)
        sound += not found
    return sound, faults


def grams(text: str) -> set[tuple[str, ...]]:
    """The runs of eight words of a text, lower-case, without punctuation; a run with a figure or date is none."""
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", text.lower())
    runs = (tuple(words[n : n + N_GRAM]) for n in range(len(words) - N_GRAM + 1))
    return {run for run in runs if not any(word.isdigit() for word in run)}


def shared_grams(one: Iterable[AnnotatedText], other: Iterable[AnnotatedText], known: set) -> Iterator[tuple]:
    """(id, id, words) for each run of eight words that two collections share, stock phrases (`known`) left out."""
    seen: dict[tuple, str] = {}
    for document in other:
        for run in grams(document.text):
            seen.setdefault(run, document.id)
    for document in one:
        for run in sorted(grams(document.text) & seen.keys()):
            if run not in known:
                yield document.id, seen[run], " ".join(run)


def stock_phrases(path: Path) -> set[tuple]:
    """The runs of eight words in a file of phrases that every publisher uses, one a line."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return {run for line in lines if not line.startswith("#") for run in grams(line)}


def template_share(documents: list[AnnotatedText]) -> dict[str, float]:
    """Genre -> share of its documents' eight-word runs that occur in another document."""
    in_documents: Counter = Counter()
    runs = {document.id: grams(document.text) for document in documents}
    for own in runs.values():
        in_documents.update(own)
    shared: dict[str, list[int]] = {}
    for document in documents:
        counts = shared.setdefault(document.meta.get("genre", ""), [0, 0])
        counts[0] += sum(in_documents[run] > 1 for run in runs[document.id])
        counts[1] += len(runs[document.id])
    return {genre: found / max(total, 1) for genre, (found, total) in sorted(shared.items())}


def fingerprint(folder: Path) -> str:
    """sha256 over the names and bytes of the annotated files under a folder."""
    digest = hashlib.sha256()
    for path in paths(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def compile_folder(folder: Path, out: Path, nlp: Language) -> int:
    """Write `<name>.spacy` (DocBin with user data) and `<name>.jsonl` (Prodigy) of a folder; returns how many.

    Raises CorpusError with all faults, before anything is written.
    """
    documents = read_folder(folder)
    faults = [fault for document in documents for fault in misaligned(document, nlp.make_doc(document.text))]
    if faults:
        raise CorpusError(faults)
    docs = [to_doc(document, nlp) for document in documents]
    out.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs, store_user_data=True).to_disk(out / f"{folder.name}.spacy")
    lines = [json.dumps(prodigy_task(doc), ensure_ascii=False) for doc in docs]
    (out / f"{folder.name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(docs)


def prodigy_task(doc: Doc) -> dict:
    """A gold Doc as a Prodigy task: text, tokens, spans and relations (token_end, head, child as Prodigy has them)."""
    group = doc.spans[MENTIONS]
    spans = [
        {
            "start": s.start_char,
            "end": s.end_char,
            "token_start": s.start,
            "token_end": s.end - 1,
            "label": s.label_,
            "attributes": row,
        }
        for s, row in zip(group, group.attrs["attributes"], strict=True)
    ]
    keys = ("start", "end", "token_start", "token_end", "label")
    relations = [
        {
            "head": spans[head]["token_end"],
            "child": spans[tail]["token_end"],
            "label": label,
            "head_span": {key: spans[head][key] for key in keys},
            "child_span": {key: spans[tail][key] for key in keys},
        }
        for head, tail, label, _ in group.attrs["relations"]
    ]
    tokens = [
        {"text": t.text, "start": t.idx, "end": t.idx + len(t), "id": t.i, "ws": bool(t.whitespace_)} for t in doc
    ]
    meta = {"id": doc.user_data["civex_id"], **doc.user_data["civex_meta"]}
    return {
        "text": doc.text,
        "tokens": tokens,
        "spans": spans,
        "relations": relations,
        "answer": "accept",
        "meta": meta,
    }


def agreement(one: list[AnnotatedText], other: list[AnnotatedText]) -> dict[str, tuple[float, int, int]]:
    """Label -> (F1 of exact spans, mentions of the first annotator, of the second) over the documents that both have.

    Where the second annotator had only the beginning of a document, only that is compared. Rows "words" and "incident"
    give mentions of any label, and pairs of neighbouring mentions that both put in one incident.
    """
    second = {document.id: document for document in other}
    found: dict[str, list[Counter]] = {}
    for document in one:
        if document.id in second:
            length = min(len(document.text), len(second[document.id].text))
            for side, text in enumerate((document, second[document.id])):
                for label, span in _decisions(text, length):
                    found.setdefault(label, [Counter(), Counter()])[side][document.id, span] += 1
    table = {}
    for label, (a, b) in sorted(found.items()):
        total = a.total() + b.total()
        table[label] = (2 * (a & b).total() / total, a.total(), b.total())
    return table


def _decisions(document: AnnotatedText, length: int) -> Iterator[tuple[str, tuple]]:
    last: dict[str, Mention] = {}
    for mention in document.mentions:
        if mention.end > length:
            continue
        yield mention.label, (mention.start, mention.end)
        yield "words", (mention.start, mention.end)
        for incident in mention.incidents:
            if incident in last:
                yield "incident", (last[incident].start, mention.start)
            last[incident] = mention


def describe(documents: Iterable[AnnotatedText]) -> dict[str, int]:
    """Counts of documents, incidents, tallies, words and mentions."""
    counts = {"documents": 0, "incidents": 0, "tallies": 0, "words": 0, "mentions": 0, "without incident": 0}
    for document in documents:
        incidents = {i for m in document.mentions for i in m.incidents}
        counts["documents"] += 1
        counts["incidents"] += len(incidents)
        counts["tallies"] += len({t for m in document.mentions for t in m.tallies})
        counts["words"] += len(document.text.split())
        counts["mentions"] += len(document.mentions)
        counts["without incident"] += not incidents
    return counts
