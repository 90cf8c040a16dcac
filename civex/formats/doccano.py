"""doccano JSONL: spans with integer ids and relations, offsets in code points (https://doccano.github.io/doccano/).

doccano has labels and relations, nothing that a span says of itself: those features are kept in the column `civex`,
which doccano carries along as data of the example, and find their spans again by place and label. Files of span
projects without relations (`label: [[start, end, "L"], ...]`) are read too.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText
from civex.formats.files import Log, Note, collect, get, json_rows, placed, refuse_surrogates, text_id, write_lines
from civex.formats.flat import Damaged, Link, Span, Task, flatten, kept_features, restore_features

_OWN_KEYS = ("text", "data", "entities", "relations", "label", "labels", "civex")


def to_row(document: AnnotatedText, first_id: int = 1) -> dict[str, Any]:
    """The document as a row of doccano; ids of its spans and relations count from `first_id`."""
    refuse_surrogates(document)
    task = flatten(document, link_events=True)
    ids = {span.id: n for n, span in enumerate(task.spans, first_id)}
    meta = dict(task.meta)
    columns = meta.pop("doccano", {})
    ends = [_ends(task, n) for n in range(len(task.links))]
    said = [end for end, link in zip(ends, task.links, strict=True) if link.attributes]
    kept = [[end, link.attributes] for end, link in zip(ends, task.links, strict=True) if end in said]
    return {
        "text": task.text,
        "entities": [
            {"id": ids[s.id], "label": s.label, "start_offset": s.start, "end_offset": s.end} for s in task.spans
        ],
        "relations": [
            {"id": n, "from_id": ids[link.head], "to_id": ids[link.tail], "type": link.label}
            for n, link in enumerate(task.links, first_id)
        ],
        **columns,
        "civex": {
            "id": task.id,
            "meta": meta,
            "features": kept_features(task),
            "relations": kept,
            "linked_events": True,
        },
    }


def _ends(task: Task, n: int) -> list:
    """What names a relation when ids have changed: the places of its two spans, and its label."""
    at = {span.id: [span.start, span.end, span.label] for span in task.spans}
    return [at[task.links[n].head], at[task.links[n].tail], task.links[n].label]


def from_row(row: Any, note: Note) -> Task:
    """The Task of a row. Raises Damaged."""
    text = get(row, "text", str) if "text" in row or "data" not in row else get(row, "data", str)
    spans = _entities(row, text, note) if "entities" in row else _labels(row, text, note)
    links = [
        Link(str(get(r, "from_id", int)), str(get(r, "to_id", int)), get(r, "type", str))
        for r in get(row, "relations", list, default=[])
    ]
    own = get(row, "civex", dict, default={})
    for line in restore_features(spans, get(own, "features", list, default=[])):
        note(line)
    task = Task(str(own.get("id") or row.get("id") or text_id(text)), {}, text, spans, links)
    task.linked_events = bool(own.get("linked_events"))
    task.meta = dict(get(own, "meta", dict, default={}))
    columns = {key: value for key, value in row.items() if key not in _OWN_KEYS}
    if columns:
        task.meta["doccano"] = columns
    _restore_relations(task, get(own, "relations", list, default=[]), note)
    return task


def _entities(row: dict, text: str, note: Note) -> list[Span]:
    entities = get(row, "entities", list)
    offsets = [(get(e, "start_offset", int), get(e, "end_offset", int), None) for e in entities]
    places = placed(text, offsets, "code points", note)
    return [Span(*at, get(e, "label", str), str(get(e, "id", int))) for at, e in zip(places, entities, strict=True)]


def _labels(row: dict, text: str, note: Note) -> list[Span]:
    labels = get(row, "label" if "label" in row else "labels", list, default=[])
    for label in labels:
        if not isinstance(label, list) or len(label) != 3 or not isinstance(label[2], str):
            raise Damaged(f"a label is [start, end, name], not {label!r}")
    places = placed(text, [(start, end, None) for start, end, _ in labels], "code points", note)
    return [Span(*at, label[2], str(n)) for n, (at, label) in enumerate(zip(places, labels, strict=True), 1)]


def _restore_relations(task: Task, kept: list, note: Note) -> None:
    free = list(range(len(task.links)))
    by_id = {span.id for span in task.spans}
    for ends, attributes in kept:
        fit = [n for n in free if {task.links[n].head, task.links[n].tail} <= by_id and _ends(task, n) == ends]
        if fit:
            task.links[fit[0]].attributes = dict(attributes)
            free.remove(fit[0])
        else:
            note(f"relation {ends[2]!r} is not there any more; what was said of it went with it")


def _size(row: Any) -> Counter:
    if not isinstance(row, dict):
        return Counter()
    spans = row.get("entities") or row.get("label") or row.get("labels") or ()
    return Counter(spans=len(spans), relations=len(row.get("relations") or ()))


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The rows of a file."""
    return collect(json_rows(path, log), from_row, _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write the documents, one a line, with ids that are unique in the file."""
    rows, first = [], 1
    for document in documents:
        row = to_row(document, first)
        first += max(len(row["entities"]), len(row["relations"]))
        rows.append(row)
    write_lines(path, rows)
