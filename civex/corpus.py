"""The corpus: annotated texts to spaCy Docs and back, checked before anything learns from them."""

from pathlib import Path
from typing import Iterable, Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from civex.annotations import AnnotatedText, CorpusError, read
from civex.labels import MENTIONS


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
    faults = list(misaligned(document, doc))
    if faults:
        raise CorpusError(faults)
    annotate(doc, document)
    return doc


def annotate(doc: Doc, document: AnnotatedText) -> None:
    """Write the mentions of `document` onto a Doc of its text; mentions off the token edges must have been refused."""
    doc._.civex_published = document.meta.get("published") or None
    spans = []
    for mention in document.mentions:
        span = doc.char_span(mention.start, mention.end)
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
    tallies = {m.tallies[0]: n for n, m in enumerate(document.mentions) if m.label == "tally"}
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
    """Opener -> mentions that tell of its incident, both as positions in `doc.spans[MENTIONS]`, openers in text order."""
    members: dict[int, list[int]] = {}
    for head, tail, label, _ in doc.spans[MENTIONS].attrs["relations"]:
        if label == "tells_of":
            members.setdefault(tail, []).append(head)
    return {opener: sorted(members[opener]) for opener in sorted(members)}


def set_extensions() -> None:
    """Register `doc._.civex_published` and `doc._.civex_publisher` (str or None), once."""
    for name in ("civex_published", "civex_publisher"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


def faults_of(folder: Path, nlp: Language) -> tuple[int, list[tuple[str, int, int, str]]]:
    """Number of sound documents under a folder, and every fault of the others."""
    sound, faults = 0, []
    for path in paths(folder):
        try:
            document = read(path)
        except CorpusError as error:
            faults.extend(error.faults)
            continue
        found = [(str(path), *rest) for _, *rest in misaligned(document, nlp.make_doc(document.text))]
        faults.extend(found)
        sound += not found
    return sound, faults


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
