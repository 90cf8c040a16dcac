"""Label Studio JSON: a list of tasks, each with the regions of an annotation (https://labelstud.io/guide/task_format).

A browser counts UTF-16 units, so every offset is converted. A region's label, choices and text fields are results of
their own under one id. What an annotator sees: the label, a choice for each attribute, a text field for `events`,
`number`, `value`, `name` and `more` (`civex corpus labels --format label-studio` is the configuration).
"""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText
from civex.formats.files import (
    LeftOut,
    Log,
    Note,
    collect,
    get,
    json_rows,
    placed,
    refuse_surrogates,
    text_id,
    write_atomically,
)
from civex.formats.flat import FREE_FEATURES, Damaged, Link, Span, Task, flatten
from civex.formats.offsets import unit_offsets

UNIT = "UTF-16 units"
_DIRECTIONS = ("right", "left", "bi")


def to_task(document: AnnotatedText, *, model_version: str | None = None) -> dict[str, Any]:
    """The document as a task with an annotation, or with a prediction where `model_version` names who made it."""
    refuse_surrogates(document)
    task = flatten(document)
    at = unit_offsets(task.text, UNIT)
    names = {span.id: f"#{span.features['id']}" if "id" in span.features else f"s{span.id}" for span in task.spans}
    results: list[dict] = []
    for span in task.spans:
        place = {"start": at[span.start], "end": at[span.end], "text": task.text[span.start : span.end]}
        results.extend(_region(names[span.id], span, place))
    results += [_relation(link, names) for link in task.links]
    meta = dict(task.meta)
    kept = meta.pop("label_studio", {})
    data = {**kept.get("data", {}), "text": task.text, "civex": {"id": task.id, "meta": meta}}
    if model_version is not None:
        return {
            **kept.get("task", {}),
            "data": data,
            "predictions": [{"model_version": model_version, "result": results}],
        }
    annotation = {**kept.get("annotation", {}), "result": results}
    return {**kept.get("task", {}), "data": data, "annotations": [annotation]}


def _region(id: str, span: Span, place: dict) -> Iterable[dict]:
    common = {"id": id, "to_name": "text"}
    yield {**common, "from_name": "label", "type": "labels", "value": {**place, "labels": [span.label]}}
    for name, words in span.features.items():
        if name == "id":
            continue
        where = {"start": place["start"], "end": place["end"]}
        if name in FREE_FEATURES:
            yield {**common, "from_name": name, "type": "textarea", "value": {**where, "text": [words]}}
        else:
            yield {**common, "from_name": name, "type": "choices", "value": {**place, "choices": words.split()}}


def _relation(link: Link, names: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "type": "relation",
        "from_id": names[link.head],
        "to_id": names[link.tail],
        "direction": "right",
    }
    row["labels"] = [link.label]
    return {**row, "meta": link.attributes} if link.attributes else row


def from_task(row: Any, note: Note) -> Task:
    """The Task of a Label Studio task: its latest annotation. Raises Damaged; LeftOut where nobody annotated it."""
    data = get(row, "data", dict)
    text = get(data, "text", str)
    annotation = _gold(row, note)
    results = get(annotation, "result", list)
    regions = [r for r in results if get(r, "type", str) in ("labels", "hypertextlabels")]
    spans = _spans(text, regions, note)
    by_id = {span.id: span for span in spans}
    for result in results:
        if result["type"] in ("choices", "textarea"):
            _add_feature(by_id, result)
        elif result["type"] not in ("labels", "hypertextlabels", "relation"):
            raise Damaged(f"a result of type {result['type']!r} is neither label, choice, text field nor relation")
    links = [link for r in results if r["type"] == "relation" for link in _links(r, note)]
    own = get(data, "civex", dict, default={})
    id = str(own.get("id") or data.get("id") or row.get("id") or text_id(text))
    return Task(id, {**get(own, "meta", dict, default={}), **_kept(row, data, annotation)}, text, spans, links)


def _gold(row: dict, note: Note) -> dict:
    done = [a for a in get(row, "annotations", list, default=[]) if isinstance(a, dict)]
    submitted = [a for a in done if not a.get("was_cancelled")]
    if not submitted:
        raise LeftOut("skipped by the annotator" if done else "not annotated")
    if len(submitted) > 1:
        note(f"{len(submitted)} annotations: the one updated last was taken")
    return max(submitted, key=lambda a: str(a.get("updated_at") or a.get("created_at") or ""))


def _kept(row: dict, data: dict, annotation: dict) -> dict[str, Any]:
    """What civex has no use for, so that an export to Label Studio gives it back."""
    kept = {
        "data": {key: value for key, value in data.items() if key not in ("text", "civex")},
        "task": {key: value for key, value in row.items() if key not in ("data", "annotations", "predictions")},
        "annotation": {key: value for key, value in annotation.items() if key not in ("result", "prediction")},
    }
    kept = {key: value for key, value in kept.items() if value}
    return {"label_studio": kept} if kept else {}


def _spans(text: str, regions: list[dict], note: Note) -> list[Span]:
    values = [get(r, "value", dict) for r in regions]
    offsets = [(get(v, "start", int), get(v, "end", int), _copy(v)) for v in values]
    places = placed(text, offsets, UNIT, note)
    spans = []
    for at, region, value in zip(places, regions, values, strict=True):
        labels = value.get("labels") or value.get("hypertextlabels") or []
        if len(labels) != 1 or not isinstance(labels[0], str):
            raise Damaged(f"region {region.get('id')!r} has {len(labels)} labels; make it a region for each")
        span = Span(*at, labels[0], get(region, "id", str))
        if span.id.startswith("#"):
            span.features["id"] = span.id[1:]
        spans.append(span)
    return spans


def _copy(value: dict) -> str | None:
    copy = value.get("text")
    return copy.replace("\\n", "\n") if isinstance(copy, str) else None


def _add_feature(by_id: dict[str, Span], result: dict) -> None:
    name, value = get(result, "from_name", str), get(result, "value", dict)
    id = get(result, "id", str)
    if id not in by_id:
        raise Damaged(f"{name!r} is said of region {id!r}, which has no label")
    words = value.get("choices") if result["type"] == "choices" else value.get("text")
    if isinstance(words, str):
        words = [words]
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Damaged(f"{name!r} of region {id!r} is no list of words")
    by_id[id].features[name] = " ".join(words)


def _links(row: dict, note: Note) -> list[Link]:
    labels = get(row, "labels", list, default=[])
    head, tail, direction = get(row, "from_id", str), get(row, "to_id", str), row.get("direction", "right")
    if not labels:
        raise Damaged(f"the relation from {head!r} to {tail!r} has no label")
    if direction not in _DIRECTIONS:
        raise Damaged(f"the relation from {head!r} to {tail!r} points {direction!r}, not {', '.join(_DIRECTIONS)}")
    if direction == "left":
        head, tail = tail, head
    links = [Link(head, tail, label, get(row, "meta", dict, default={})) for label in labels]
    if direction == "bi":
        note(f"the relation {labels[0]!r} between {head!r} and {tail!r} points both ways: it became two")
        links += [Link(tail, head, link.label, link.attributes) for link in links]
    return links


def _size(row: Any) -> Counter:
    try:
        results = _gold(row, lambda message: None)["result"]
        kinds = Counter(result["type"] for result in results)
        return Counter(spans=kinds["labels"] + kinds["hypertextlabels"], relations=kinds["relation"])
    except (Damaged, LeftOut, KeyError, TypeError, AttributeError):
        return Counter()


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The annotated tasks of an export."""
    return collect(json_rows(path, log), from_task, _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log, *, model_version: str | None = None) -> None:
    """Write the documents as one list of tasks, ready for Label Studio's import."""
    tasks = [to_task(document, model_version=model_version) for document in documents]
    write_atomically(path, json.dumps(tasks, indent=1) + "\n")
