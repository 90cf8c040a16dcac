"""civex's own inline text (`civex.annotations`), one file a document, with what its tags can't say in the header.

Tags nest and never cross, and know civex's labels only. Mentions that cross others or carry labels of another scheme,
and relations of another scheme, stand as JSON in the header line `not_in_tags`, counted by a note.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from civex.annotations import COUNTED, REFERENCES, AnnotatedText, CorpusError, Mention, parse
from civex.annotations import write as tagged
from civex.corpus import paths
from civex.formats.files import Log, Note, collect, file_names, read_text, refuse_surrogates, write_atomically
from civex.formats.flat import Damaged, Link, Span, Task, features, flatten
from civex.labels import LAYER_LABELS, MENTION_LABELS

KEPT = "not_in_tags"
_WORD = re.compile(r"[^\s|{}\\]+")


def to_text(document: AnnotatedText, note: Note, *, name: str | None = None) -> str:
    """The inline form, for a file called `name` without its ending (the document's id).

    An annotation that the guideline refuses is written all the same, for a person to mend. Raises Damaged where the
    text can't be written.
    """
    refuse_surrogates(document)
    inside, outside = _parted(document)
    meta = {key: value for key, value in document.meta.items() if _is_line(key, value)}
    kept: dict[str, Any] = {}
    if name is not None and name != document.id:
        kept["id"] = document.id
    if len(meta) < len(document.meta):
        kept["meta"] = {key: value for key, value in document.meta.items() if key not in meta}
    if outside or document.relations:
        kept["spans"], kept["links"] = _aside(document, outside)
        ids = {m.id for m in inside}
        inside = [replace(m, references={k: v for k, v in m.references.items() if v in ids}) for m in inside]
        note(f"{len(outside)} mentions and {len(kept['links'])} relations that tags can't hold stand in the header")
    if kept:
        meta[KEPT] = json.dumps(kept)
    return tagged(replace(document, meta=meta, mentions=inside, relations=[]))


def _is_line(key: Any, value: Any) -> bool:
    """Whether a header line gives the value back as it is."""
    if not isinstance(key, str) or not isinstance(value, str) or not key or key == KEPT or ":" in key:
        return False
    return all(words == words.strip() and len(words.splitlines()) <= 1 for words in (key, value))


def _parted(document: AnnotatedText) -> tuple[list[Mention], list[Mention]]:
    """The mentions that tags can hold, and the others. Where that leaves an incident unopened, none is in tags."""
    inside: list[Mention] = []
    outside: list[Mention] = []
    for mention in document.mentions:
        fits = _can_be_tag(mention, document.text) and not any(_crosses(mention, other) for other in inside)
        (inside if fits else outside).append(mention)
    opened = replace(document, mentions=inside).openers().keys()
    if outside and any(event not in opened for m in inside for event in m.incidents):
        return [], document.mentions
    return inside, outside


def _can_be_tag(mention: Mention, text: str) -> bool:
    words = text[mention.start : mention.end]
    named = mention.name is None or (
        all(_WORD.fullmatch(word) for word in mention.name.split(" ")) and "_" not in mention.name
    )
    numbered = all(event[1:] == str(int(event[1:])) for event in mention.events)
    return (
        mention.label in MENTION_LABELS
        and "more" not in features(mention)
        and bool(words)
        and words == words.strip()
        and named
        and numbered
        and (mention.number is None or mention.label in COUNTED)
        and (mention.value is None or mention.label == "date")
        and all(word is None or bool(_WORD.fullmatch(word)) for word in (mention.id, mention.value))
    )


def _crosses(one: Mention, other: Mention) -> bool:
    if one.start >= other.end or other.start >= one.end:
        return False
    nested = (one.start <= other.start and other.end <= one.end) or (other.start <= one.start and one.end <= other.end)
    return not nested or any(one.label in layer and other.label in layer for layer in LAYER_LABELS)


def _aside(document: AnnotatedText, outside: list[Mention]) -> tuple[list, list]:
    """Rows of the spans outside tags, and of the links that no tag can say; a link names a tag by its place."""
    task = flatten(document)
    hidden = {id(m): n for n, m in enumerate(outside)}
    ends: dict[str, Any] = {}
    spans = []
    for span, mention in zip(task.spans, document.mentions, strict=True):
        place = [span.start, span.end, span.label]
        ends[span.id] = hidden.get(id(mention), place)
        if id(mention) in hidden:
            spans.append([*place, span.features])
    references = len(task.links) - len(document.relations)
    return spans, [
        [ends[link.head], ends[link.tail], link.label, link.attributes]
        for n, link in enumerate(task.links)
        if n >= references or isinstance(ends[link.head], int) or isinstance(ends[link.tail], int)
    ]


def from_text(source: str, name: str, id: str) -> Task:
    """The Task of an inline file. Raises Damaged with every fault, by line and column."""
    try:
        document = parse(source, name=name, id=id)
    except CorpusError as error:
        raise Damaged("; ".join(f"line {line}, column {column}: {m}" for _, line, column, m in error.faults)) from None
    kept = document.meta.pop(KEPT, None)
    task = flatten(document)
    if kept is not None:
        try:
            _put_back(task, json.loads(kept))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise Damaged(f"the header line {KEPT} is broken: {error}") from None
    return task


def _put_back(task: Task, kept: dict[str, Any]) -> None:
    task.id = kept.get("id", task.id)
    task.meta.update(kept.get("meta", {}))
    tags = {(span.start, span.end, span.label): span.id for span in task.spans}
    for number, (start, end, label, said) in enumerate(kept.get("spans", [])):
        if not 0 <= start < end <= len(task.text):
            raise ValueError(f"{label} at {start} to {end} lies outside the text")
        task.spans.append(Span(start, end, label, f"kept {number}", said))
    for *ends, label, said in kept.get("links", []):
        head, tail = (f"kept {end}" if isinstance(end, int) else tags[tuple(end)] for end in ends)
        task.links.append(Link(head, tail, label, said))


def _rows(path: Path, log: Log) -> Iterator[tuple[Path, int, tuple[Path, str]]]:
    for file in paths(path):
        try:
            yield file, 1, (file, read_text(file))
        except Damaged as error:
            log.faults.append((str(file), 1, str(error)))


def _size(row: tuple[Path, str]) -> Counter:
    """Tags and references, and what the header keeps, counted without reading what they say."""
    header, _, body = row[1].partition("\n---\n")
    tags = sum(found == "{" for found in re.findall(r"\\.|\{", body))
    references = len(re.findall(rf" (?:{'|'.join(REFERENCES)})=#", body))
    try:
        kept = json.loads(
            next((line[len(KEPT) + 1 :] for line in header.split("\n") if line.startswith(KEPT + ":")), "{}")
        )
        return Counter(spans=tags + len(kept.get("spans", ())), relations=references + len(kept.get("links", ())))
    except (ValueError, AttributeError, TypeError):
        return Counter(spans=tags, relations=references)


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The annotated files of a folder, or one file."""
    return collect(_rows(path, log), lambda row, note: from_text(row[1], str(row[0]), row[0].stem), _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write each document to a file of its own in a folder."""
    documents = list(documents)
    names = file_names(documents)
    texts = [to_text(d, log.note(f"{name}.txt", 1), name=name) for d, name in zip(documents, names, strict=True)]
    for name, text in zip(names, texts, strict=True):
        write_atomically(path / f"{name}.txt", text)
