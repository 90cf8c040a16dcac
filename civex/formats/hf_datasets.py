"""Hugging Face datasets: a folder of `Dataset.save_to_disk`, one row a document.

Columns: `id`, `text`, `meta` (JSON), `entities` (start, end, label, id, features as JSON), `relations` (head, tail,
label, attributes as JSON). Rows of `tokens` and `ner_tags` (BIO) are read too, with a blank between tokens.
"""

import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText
from civex.formats.files import Log, Note, collect, get, placed, refuse_surrogates, text_id
from civex.formats.flat import Damaged, Link, Span, Task, flatten, json_object


def datasets() -> Any:
    """The module of datasets. Raises ImportError that says what to install."""
    try:
        import datasets
    except ImportError as error:
        raise ImportError("Hugging Face datasets are not installed: pip install 'civex[formats]'") from error
    return datasets


def to_row(document: AnnotatedText) -> dict[str, Any]:
    """The document as a row."""
    refuse_surrogates(document)
    task = flatten(document)
    return {
        "id": task.id,
        "text": task.text,
        "meta": json.dumps(task.meta),
        "entities": [
            {
                "start": s.start,
                "end": s.end,
                "label": s.label,
                "text": task.text[s.start : s.end],
                "id": s.id,
                "features": json.dumps(s.features),
            }
            for s in task.spans
        ],
        "relations": [
            {"head": r.head, "tail": r.tail, "label": r.label, "attributes": json.dumps(r.attributes)}
            for r in task.links
        ],
    }


def from_row(row: Any, note: Note) -> Task:
    """The Task of a row. Raises Damaged."""
    if "tokens" in row and "text" not in row:
        return _from_tags(row)
    text = get(row, "text", str)
    entities = _rows_of(row.get("entities"), "entities")
    offsets = [(get(e, "start", int), get(e, "end", int), e.get("text")) for e in entities]
    places = placed(text, offsets, "code points", note)
    spans = [
        Span(*at, get(e, "label", str), str(e.get("id") or n), _said(e, "features"))
        for n, (at, e) in enumerate(zip(places, entities, strict=True), 1)
    ]
    links = [
        Link(str(r.get("head")), str(r.get("tail")), get(r, "label", str), _said(r, "attributes"))
        for r in _rows_of(row.get("relations"), "relations")
    ]
    return Task(str(row.get("id") or text_id(text)), _said(row, "meta"), text, spans, links)


def _rows_of(value: Any, name: str) -> list[dict]:
    """A list of rows, also where a version of datasets made a dict of lists of it."""
    if isinstance(value, dict):
        columns = list(value.values())
        if len({len(column) for column in columns}) > 1:
            raise Damaged(f"the columns of {name!r} have different lengths")
        return [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
    if not isinstance(value or [], list):
        raise Damaged(f"{name!r} is no list")
    return value or []


def _said(row: dict, name: str) -> dict[str, Any]:
    return json_object(row.get(name), repr(name))


def _from_tags(row: dict) -> Task:
    tokens, tags = get(row, "tokens", list), get(row, "ner_tags", list)
    if len(tokens) != len(tags):
        raise Damaged(f"{len(tokens)} tokens and {len(tags)} tags")
    spans: list[Span] = []
    start = 0
    for n, (token, tag) in enumerate(zip(tokens, tags, strict=True), 1):
        if not isinstance(tag, str):
            raise Damaged(f"tag {tag!r} is a number, and the dataset has no names for its tags")
        prefix, _, label = tag.partition("-")
        if prefix not in ("B", "I", "O"):
            raise Damaged(f"tag {tag!r} is neither B-, I- nor O")
        if prefix == "I" and (not spans or spans[-1].end != start - 1 or spans[-1].label != label):
            raise Damaged(f"tag {tag!r} of token {n} continues no {label}")
        if prefix == "I":
            spans[-1].end = start + len(token)
        elif prefix == "B":
            spans.append(Span(start, start + len(token), label, str(n)))
        start += len(token) + 1
    text = " ".join(tokens)
    return Task(str(row.get("id") or text_id(text)), {}, text, spans, [])


def _size(row: dict) -> Counter:
    try:
        if "tokens" in row and "text" not in row:
            return Counter(spans=sum(str(tag).startswith("B-") for tag in row.get("ner_tags") or ()))
        entities, relations = _rows_of(row.get("entities"), ""), _rows_of(row.get("relations"), "")
        return Counter(spans=len(entities), relations=len(relations))
    except (Damaged, TypeError):
        return Counter()


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The rows of a saved dataset; of all its splits, if it has several."""
    try:
        saved = datasets().load_from_disk(str(path))
    except ImportError:
        raise
    except Exception as error:  # pyarrow and datasets each have their own for a broken folder
        log.faults.append((str(path), 1, f"no saved dataset: {' '.join(str(error).split())[:200]}"))
        return []
    parts = saved.values() if isinstance(saved, dict) else [saved]
    rows = ((path, n, row) for part in parts for n, row in enumerate(_named_tags(part), 1))
    return collect(rows, from_row, _size, log)


def _named_tags(part: Any) -> Iterable[dict]:
    """Rows with the names of their tags, where the dataset numbers them."""
    names = getattr(getattr(part.features.get("ner_tags"), "feature", None), "names", None)
    for row in part:
        yield {**row, "ner_tags": [names[tag] for tag in row["ner_tags"]]} if names else row


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Save the documents as a dataset in a folder, whole or not at all."""
    module = datasets()
    text, number = module.Value("string"), module.Value("int64")
    entity = {"start": number, "end": number, "label": text, "text": text, "id": text, "features": text}
    relation = {"head": text, "tail": text, "label": text, "attributes": text}
    features = module.Features({"id": text, "text": text, "meta": text, "entities": [entity], "relations": [relation]})
    data = module.Dataset.from_list([to_row(document) for document in documents], features=features)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.")
    hidden = module.are_progress_bars_disabled()
    try:
        module.disable_progress_bars()
        data.save_to_disk(temporary)
        os.chmod(temporary, 0o755)  # mkdtemp gives it to its maker only
        os.replace(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    finally:
        if not hidden:
            module.enable_progress_bars()
