"""brat standoff: `x.txt` and `x.ann`, offsets in code points (https://brat.nlplab.org/standoff.html).

Attributes are brat's own (`A1 group T1 civilians`; an attribute that takes several values is a mark for each, such as
`who_children`). What is free text (`events`, `number`, `value`, `name`, `id`, `more`) stands in the note of its
mention, as `events=i1 i2; number=5..`. The document's id and header, and what was said of relations, are kept in
`x.civex.json`. A discontinuous span becomes the stretch from its first character to its last, with a note.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText
from civex.formats.files import (
    Log,
    Note,
    collect,
    file_names,
    placed,
    read_text,
    refuse_surrogates,
    write_atomically,
)
from civex.formats.flat import FREE_FEATURES, Damaged, Link, Span, Task, flatten, json_object
from civex.labels import ATTRIBUTES

NOTE = "AnnotatorNotes"
_NAME = re.compile(r"[^\w-]+", re.ASCII)
_NOTE_PART = re.compile(r"\s*(\w+)=((?:\\.|[^;\\])*)(?:;|$)")


def to_standoff(document: AnnotatedText) -> tuple[str, str, dict[str, Any]]:
    """(text, annotations, what brat can't hold) of a document."""
    refuse_surrogates(document)
    task = flatten(document)
    lines: list[str] = []
    numbers = Counter[str]()
    for span in task.spans:
        said = dict(span.features)
        label = _NAME.sub("_", span.label)
        if label != span.label:
            said["label"] = span.label
        lines.append(f"T{span.id}\t{label} {_fragments(span, said)}\t{_copy(task.text, span)}")
        lines.extend(_attribute_lines(span, numbers))
        free = [f"{name}={_escape(words)}" for name, words in said.items() if name not in ATTRIBUTES]
        if free:
            numbers["#"] += 1
            lines.append(f"#{numbers['#']}\t{NOTE} T{span.id}\t{'; '.join(free)}")
    aside: dict[str, Any] = {"id": task.id, "meta": task.meta}
    for n, link in enumerate(task.links, 1):
        label = _NAME.sub("_", link.label)
        lines.append(f"R{n}\t{label} Arg1:T{link.head} Arg2:T{link.tail}")
        if label != link.label or link.attributes:
            aside.setdefault("relations", {})[f"R{n}"] = {"label": link.label, "attributes": link.attributes}
    return task.text, "".join(line + "\n" for line in lines), aside


def _fragments(span: Span, said: dict[str, str]) -> str:
    """`start end`, or the pieces of a span that was discontinuous in brat."""
    more = json.loads(said.get("more", "{}"))
    pieces = more.pop("fragments", None)
    if not pieces or (pieces[0][0], pieces[-1][1]) != (span.start, span.end):
        return f"{span.start} {span.end}"
    said.pop("more")
    if more:
        said["more"] = json.dumps(more)
    return ";".join(f"{start} {end}" for start, end in pieces)


def _copy(text: str, span: Span) -> str:
    pieces = json.loads(span.features.get("more", "{}")).get("fragments") or [[span.start, span.end]]
    if (pieces[0][0], pieces[-1][1]) != (span.start, span.end):
        pieces = [[span.start, span.end]]
    return " ".join(re.sub(r"[\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", " ", text[start:end]) for start, end in pieces)


def _attribute_lines(span: Span, numbers: Counter) -> Iterator[str]:
    for name, words in span.features.items():
        if name in ATTRIBUTES:
            for word in words.split():
                numbers["A"] += 1
                marked = f"{name}_{word} T{span.id}" if ATTRIBUTES[name][2] else f"{name} T{span.id} {word}"
                yield f"A{numbers['A']}\t{marked}"


def _escape(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace(";", "\\;")
    return re.sub(r"[\n\r\t\v\f\x1c-\x1e\x85\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", escaped)


def _unescape(words: str) -> str:
    return re.sub(r"\\(?:u([0-9a-f]{4})|(.))", lambda m: chr(int(m[1], 16)) if m[1] else m[2], words)


@dataclass
class _Standoff:
    """The lines of an .ann file by kind, with the line number that names each."""

    spans: dict[str, tuple[str, list[tuple[int, int]], str]] = field(default_factory=dict)
    features: list[tuple[str, str, str | None]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    relations: dict[str, tuple[str, str, str]] = field(default_factory=dict)


def from_standoff(text: str, annotations: str, aside: dict[str, Any], note: Note) -> Task:
    """The Task of a text and its annotations. Raises Damaged with the line of the .ann file."""
    read = _Standoff()
    for number, line in enumerate(annotations.split("\n"), 1):
        if line.strip():
            try:
                _read_line(line.rstrip("\r"), read, note)
            except Damaged as error:
                raise Damaged(f"line {number}: {error}") from None
    places = _places(text, read, note)
    spans = {id: Span(*places[id], label, id) for id, (label, _, _) in read.spans.items()}
    for id, (_, pieces, _) in read.spans.items():
        if len(pieces) > 1:
            note(f"{id} is discontinuous: read as one stretch")
            spans[id].features["more"] = json.dumps({"fragments": pieces})
    for target, name, value in read.features:
        _add_feature(_span(spans, target, name), name, value)
    for target, words in read.notes:
        _add_note(_span(spans, target, "a note"), words)
    for span in spans.values():
        span.label = span.features.pop("label", span.label)
    kept = aside.get("relations", {})
    links = [Link(head, tail, label) for head, tail, label in read.relations.values()]
    for id, link in zip(read.relations, links, strict=True):
        if _NAME.sub("_", kept.get(id, {}).get("label", "")) == link.label:
            link.label, link.attributes = kept[id]["label"], kept[id]["attributes"]
    return Task(aside["id"], aside.get("meta", {}), text, list(spans.values()), links)


def _read_line(line: str, read: _Standoff, note: Note) -> None:
    id, tab, rest = line.partition("\t")
    kind = id[:1]
    if not tab or not id:
        raise Damaged(f"no tab in {line[:60]!r}")
    if kind == "T":
        what, tab, copy = rest.partition("\t")
        match = re.fullmatch(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)", what)
        if not match or not tab:
            raise Damaged(f"no mention: {line[:60]!r}; one is T1, tab, label, start, end, tab, words")
        if id in read.spans:
            raise Damaged(f"{id} is used twice")
        pieces = [tuple(map(int, piece.split())) for piece in match[2].split(";")]
        read.spans[id] = (match[1], pieces, copy)  # type: ignore[assignment]  # each piece has two numbers
    elif kind == "R":
        match = re.fullmatch(r"(\S+) Arg1:(\S+) Arg2:(\S+)\s*", rest)
        if not match:
            raise Damaged(f"no relation: {line[:60]!r}; one is R1, tab, label, Arg1:T1 Arg2:T2")
        if id in read.relations:
            raise Damaged(f"{id} is used twice")
        read.relations[id] = (match[2], match[3], match[1])
    elif kind in "AM":
        name, target, *value = rest.split(" ", 2)
        read.features.append((target, name, value[0] if value else None))
    elif kind == "#":
        what, _, words = rest.partition("\t")
        target = what.split(" ")[-1]
        if what.startswith(NOTE) and target.startswith("T"):
            read.notes.append((target, words))
        else:
            note(f"a note of brat's own was left out: {line[:60]!r}")
    else:
        raise Damaged(f"{id} is neither mention (T), relation (R), attribute (A) nor note (#); events are not read")


def _places(text: str, read: _Standoff, note: Note) -> dict[str, tuple[int, int]]:
    rows = []
    for _, pieces, copy in read.spans.values():
        start, end = pieces[0][0], pieces[-1][1]
        if len(pieces) > 1:
            found = " ".join(text[a:b] for a, b in pieces)
            if re.sub(r"\s", " ", found) != copy:
                raise Damaged(f"the pieces {pieces} read {found!r}, not {copy!r}")
        rows.append((start, end, copy if len(pieces) == 1 else None))
    return dict(zip(read.spans, placed(text, rows, "code points", note), strict=True))


def _span(spans: dict[str, Span], target: str, what: str) -> Span:
    if target not in spans:
        raise Damaged(f"{what} is said of {target}, which is not there")
    return spans[target]


def _add_feature(span: Span, name: str, value: str | None) -> None:
    for attribute in ATTRIBUTES:
        if name.startswith(attribute + "_") and ATTRIBUTES[attribute][2]:
            word = name[len(attribute) + 1 :]
            span.features[attribute] = f"{span.features.get(attribute, '')} {word}".strip()
            return
    span.features[name] = value or "true"


def _add_note(span: Span, words: str) -> None:
    position = 0
    while position < len(words.rstrip()):
        part = _NOTE_PART.match(words, position)
        if part is None or part[1] not in (*FREE_FEATURES, "label"):
            span.features["more"] = json.dumps({**json.loads(span.features.get("more", "{}")), "note": words})
            return
        value = _unescape(part[2])
        if part[1] == "more":
            value = json.dumps({**json.loads(span.features.get("more", "{}")), **json_object(value, "a note's 'more'")})
        span.features[part[1]] = value
        position = part.end()


def _rows(path: Path, log: Log) -> Iterator[tuple[Path, int, tuple[str, str, dict]]]:
    for file in sorted(path.rglob("*.ann")) if path.is_dir() else [path.with_suffix(".ann")]:
        text, kept = file.with_suffix(".txt"), file.with_suffix(".civex.json")
        try:
            if not text.exists():
                raise Damaged(f"its text {text.name} is not beside it")
            aside = json.loads(read_text(kept)) if kept.exists() else {}
            yield file, 1, (read_text(text), read_text(file), {"id": file.stem, **aside})
        except ValueError as error:  # Damaged is one
            log.faults.append((str(file), 1, str(error)))


def _size(row: tuple[str, str, dict]) -> Counter:
    kinds = Counter(line[:1] for line in row[1].split("\n"))
    return Counter(spans=kinds["T"], relations=kinds["R"])


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The documents of a folder."""
    return collect(_rows(path, log), lambda row, note: from_standoff(row[0], row[1], row[2], note), _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write three files a document to a folder."""
    documents = list(documents)
    for name, document in zip(file_names(documents), documents, strict=True):
        text, annotations, aside = to_standoff(document)
        write_atomically(path / f"{name}.txt", text)
        write_atomically(path / f"{name}.ann", annotations)
        write_atomically(path / f"{name}.civex.json", json.dumps(aside, indent=1) + "\n")
