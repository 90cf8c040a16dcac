"""re3d JSON: documents, entities and relations of a set, one JSON object a line, offsets in code points.

A folder holds documents.json, entities.json and relations.json, or a folder of these for each set. Relations name
their ends by offsets; where several entities stand there, the first of the file is meant.
Source of the format: https://github.com/dstl/re3d
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText
from civex.formats.files import Log, Note, collect, get, json_rows, placed, refuse_surrogates, write_lines
from civex.formats.flat import Damaged, Link, Span, Task, flatten

_ENTITY = ("begin", "end", "type", "documentId", "value", "civex")
_RELATION = ("sourceBegin", "sourceEnd", "targetBegin", "targetEnd", "type", "documentId", "source", "target", "civex")


@dataclass
class Record:
    """A document of re3d with the rows that name it."""

    folder: str
    document: dict[str, Any]
    entities: list[dict[str, Any]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)


def to_record(document: AnnotatedText) -> Record:
    """The rows of a document."""
    refuse_surrogates(document)
    task = flatten(document)
    meta = dict(task.meta)
    own = dict(meta.pop("re3d", {}))
    folder = own.pop("set", ".")
    row = {"_id": task.id, **own, "text": task.text}
    if meta:
        row["civex"] = meta
    record = Record(folder, row)
    spans = {span.id: span for span in task.spans}
    for span in task.spans:
        record.entities.append(_entity(task, span))
    for link in task.links:
        record.relations.append(_relation(task, link, spans))
    return record


def _entity(task: Task, span: Span) -> dict[str, Any]:
    place = {"begin": span.start, "end": span.end, "type": span.label, "value": task.text[span.start : span.end]}
    row = {"_id": f"{task.id}/{span.id}", **place, "documentId": task.id, "civex": {**span.features, "span": span.id}}
    return {**row, **json.loads(span.features.get("more", "{}"))}


def _relation(task: Task, link: Link, spans: dict[str, Span]) -> dict[str, Any]:
    head, tail = spans[link.head], spans[link.tail]
    between = {"begin": min(head.start, tail.start), "end": max(head.end, tail.end)}
    return {
        **between,
        "sourceBegin": head.start,
        "sourceEnd": head.end,
        "source": task.text[head.start : head.end],
        "targetBegin": tail.start,
        "targetEnd": tail.end,
        "target": task.text[tail.start : tail.end],
        "type": link.label,
        "documentId": task.id,
        "civex": {"head": link.head, "tail": link.tail, "attributes": link.attributes},
        **{key: value for key, value in link.attributes.items() if key not in _RELATION},
    }


def from_record(record: Record, note: Note) -> Task:
    """The Task of a document. Raises Damaged."""
    row = record.document
    id, text = get(row, "_id", str), get(row, "text", str)
    offsets = [(get(e, "begin", int), get(e, "end", int), e.get("value")) for e in record.entities]
    places = placed(text, offsets, "code points", note)
    spans = [_span(n, at, e) for n, (at, e) in enumerate(zip(places, record.entities, strict=True), 1)]
    given: dict[tuple[int, int], list[str]] = defaultdict(list)
    for span, (start, end, _) in zip(spans, offsets, strict=True):
        given[start, end].append(span.id)
    links = [_link(relation, given) for relation in record.relations]
    own = {key: value for key, value in row.items() if key not in ("_id", "text", "civex")}
    meta = dict(get(row, "civex", dict, default={}))
    if own or record.folder != ".":
        meta["re3d"] = {"set": record.folder, **own}
    return Task(id, meta, text, spans, links)


def _span(n: int, at: tuple[int, int], row: dict[str, Any]) -> Span:
    """A span; what a foreign row says beyond its place and type becomes the feature `more`."""
    if "civex" in row:
        said = dict(get(row, "civex", dict))
        return Span(*at, get(row, "type", str), str(said.pop("span", n)), said)
    more = {key: value for key, value in row.items() if key not in _ENTITY}
    return Span(*at, get(row, "type", str), str(n), {"more": json.dumps(more)} if more else {})


def _link(row: dict[str, Any], given: dict[tuple[int, int], list[str]]) -> Link:
    label = get(row, "type", str)
    own = get(row, "civex", dict, default={})
    if own:
        return Link(str(own.get("head")), str(own.get("tail")), label, get(own, "attributes", dict, default={}))
    ends = []
    for side in ("source", "target"):
        at = (get(row, f"{side}Begin", int), get(row, f"{side}End", int))
        if at not in given:
            raise Damaged(f"relation {row.get('_id') or label!r}: no entity at its {side}, {at[0]} to {at[1]}")
        ends.append(given[at][0])
    return Link(ends[0], ends[1], label, {key: value for key, value in row.items() if key not in _RELATION})


def _folders(path: Path) -> Iterator[tuple[Path, str]]:
    if (path / "documents.json").exists():
        yield path, "."
    for file in sorted(path.glob("*/documents.json")):
        yield file.parent, file.parent.name


def _records(path: Path, log: Log) -> Iterator[tuple[Path, int, Record]]:
    for folder, name in _folders(path):
        records: dict[str, tuple[int, Record]] = {}
        for file, line, row in json_rows(folder / "documents.json", log):
            id = row.get("_id") if isinstance(row, dict) else None
            if not isinstance(id, str) or id in records:
                cause = "is used twice" if id in records else "is missing or no text"
                log.found["documents"] += 1
                log.refused["documents"] += 1
                log.faults.append((str(file), line, f"the document's _id {id!r} {cause}"))
            else:
                records[id] = (line, Record(name, row))
        _add_rows(folder, records, log)
        for line, record in records.values():
            yield folder / "documents.json", line, record


def _add_rows(folder: Path, records: dict[str, tuple[int, Record]], log: Log) -> None:
    """Give each entity and relation to its document; one without a document is a fault of its own."""
    for kind, key in (("entities", "spans"), ("relations", "relations")):
        file = folder / f"{kind}.json"
        if not file.exists():
            log.faults.append((str(file), 1, "is not there; re3d has documents, entities and relations"))
            continue
        ids: set[str] = set()
        for _, line, row in json_rows(file, log):
            fault = _row_fault(row, records, ids)
            if fault:
                log.found[key] += 1
                log.refused[key] += 1
                log.faults.append((str(file), line, fault))
            else:
                getattr(records[row["documentId"]][1], kind).append(row)


def _row_fault(row: Any, records: dict[str, Any], ids: set[str]) -> str | None:
    if not isinstance(row, dict):
        return "no JSON object"
    if row.get("documentId") not in records:
        return f"{row.get('_id')!r}: no document has the _id {row.get('documentId')!r}"
    if row.get("_id") is not None:
        if row["_id"] in ids:
            return f"the _id {row['_id']!r} is used twice"
        ids.add(row["_id"])
    return None


def _size(record: Record) -> Counter:
    return Counter(spans=len(record.entities), relations=len(record.relations))


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The documents of a folder, or of the folders in it."""
    if not path.is_dir() or not any(_folders(path)):
        log.faults.append((str(path), 1, "no documents.json there or one folder below"))
        return []
    return collect(_records(path, log), from_record, _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write documents.json, entities.json and relations.json; a folder for each set that the documents come from."""
    sets: dict[str, list[Record]] = {}
    for document in documents:
        record = to_record(document)
        sets.setdefault(record.folder, []).append(record)
    for name, records in sets.items():
        write_lines(path / name / "documents.json", [r.document for r in records])
        write_lines(path / name / "entities.json", [row for r in records for row in r.entities])
        write_lines(path / name / "relations.json", [row for r in records for row in r.relations])
