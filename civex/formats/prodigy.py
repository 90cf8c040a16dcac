"""Prodigy JSONL: one task a line, offsets in code points, relations between the last tokens of spans.

`token_end` is inclusive, `head` and `child` are token ids, so several spans can end where a relation does: `head_span`
and `child_span` say which. Tasks that were rejected or ignored are no gold and are left out.
Format: https://prodi.gy/docs/api-interfaces
"""

import json
from bisect import bisect_right
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
    write_lines,
)
from civex.formats.flat import Damaged, Link, Span, Task, flatten
from civex.formats.offsets import tokenizing

_SPAN_KEYS = ("start", "end", "label", "token_start", "token_end", "id", "text", "features")
_OWN_KEYS = ("text", "tokens", "spans", "relations", "answer", "meta", "civex")
_RELATION_KEYS = ("head", "child", "label", "head_span", "child_span", "color")


def to_task(document: AnnotatedText, tokens: list[dict]) -> dict[str, Any]:
    """The document as a Prodigy task; `tokens` as `tokenized` gives them."""
    refuse_surrogates(document)
    task = flatten(document, link_events=True)
    spans = {span.id: _span(span, tokens, task.text) for span in task.spans}
    meta = dict(task.meta)
    kept = meta.pop("prodigy", {})
    return {
        "text": task.text,
        "tokens": tokens,
        "spans": list(spans.values()),
        "relations": [
            {
                "head": spans[link.head]["token_end"],
                "child": spans[link.tail]["token_end"],
                "label": link.label,
                "head_span": _place(spans[link.head]),
                "child_span": _place(spans[link.tail]),
                **link.attributes,
            }
            for link in task.links
        ],
        "answer": "accept",
        "meta": {"id": task.id, **meta},
        "civex": {"linked_events": True},
        **kept,
    }


def _span(span: Span, tokens: list[dict], text: str) -> dict[str, Any]:
    starts = [token["start"] for token in tokens]
    return {
        "start": span.start,
        "end": span.end,
        "token_start": max(0, bisect_right(starts, span.start) - 1),
        "token_end": max(0, bisect_right(starts, span.end - 1) - 1),
        "label": span.label,
        "text": text[span.start : span.end],
        "id": span.id,
        "features": span.features,
    }


def _place(span: dict) -> dict[str, Any]:
    return {key: span[key] for key in ("start", "end", "token_start", "token_end", "label", "id")}


def tokenized(text: str, nlp: Any) -> list[dict[str, Any]]:
    """The tokens of a text, in the words of the text itself."""
    return [
        {
            "text": text[token.idx : token.idx + len(token)],
            "start": token.idx,
            "end": token.idx + len(token),
            "id": token.i,
            "ws": bool(token.whitespace_),
        }
        for token in nlp.make_doc(text)
    ]


def from_task(row: Any, note: Note) -> Task:
    """The Task of a Prodigy task. Raises Damaged; LeftOut where its answer is not accept."""
    answer = get(row, "answer", str, default="accept")
    if answer != "accept":
        raise LeftOut(f"answer {answer}")
    text = get(row, "text", str)
    rows = get(row, "spans", list, default=[])
    places = placed(
        text, [(get(s, "start", int), get(s, "end", int), _copy(row, s)) for s in rows], "code points", note
    )
    spans = [
        Span(*at, get(s, "label", str), str(s.get("id") or f"span {n}"), _features(s))
        for n, (at, s) in enumerate(zip(places, rows, strict=True), 1)
    ]
    links = [_link(relation, rows, spans) for relation in get(row, "relations", list, default=[])]
    meta = dict(get(row, "meta", dict, default={}))
    id = str(meta.pop("id", None) or row.get("_input_hash") or text_id(text))
    kept = {key: value for key, value in row.items() if key not in _OWN_KEYS}
    own = get(row, "civex", dict, default={})
    return Task(id, {**meta, "prodigy": kept} if kept else meta, text, spans, links, bool(own.get("linked_events")))


def _copy(row: dict, span: dict) -> str | None:
    """The tool's copy of a span's words: that of the span, else that of its tokens where there are any."""
    if isinstance(span.get("text"), str):
        return span["text"]
    tokens = row.get("tokens") or []
    first, last = span.get("token_start"), span.get("token_end")
    if not (isinstance(first, int) and isinstance(last, int) and 0 <= first <= last < len(tokens)):
        return None
    before = "".join(token["text"] + (" " if token.get("ws") else "") for token in tokens[first:last])
    return before + tokens[last]["text"]


def _features(span: dict) -> dict[str, str]:
    features = dict(get(span, "features", dict, default={}))
    more = {key: value for key, value in span.items() if key not in _SPAN_KEYS}
    if more:
        features["more"] = json.dumps({**json.loads(features.get("more", "{}")), **more})
    return {str(name): str(words) for name, words in features.items()}


def _link(relation: Any, rows: list[dict], spans: list[Span]) -> Link:
    label = get(relation, "label", str)
    ends = [_end(relation, side, label, rows, spans) for side in ("head", "child")]
    more = {key: value for key, value in relation.items() if key not in _RELATION_KEYS}
    return Link(ends[0], ends[1], label, more)


def _end(relation: dict, side: str, label: str, rows: list[dict], spans: list[Span]) -> str:
    """The id of the span at one end of a relation: by `head_span`, else the shortest that ends at its token."""
    named = relation.get(f"{side}_span")
    if isinstance(named, dict):
        keys = ("id",) if "id" in named else ("start", "end", "label")
        fit = [s.id for row, s in zip(rows, spans, strict=True) if all(row.get(k) == named.get(k) for k in keys)]
    else:
        at = [
            (s.end - s.start, s.id)
            for row, s in zip(rows, spans, strict=True)
            if row.get("token_end") == relation.get(side)
        ]
        fit = [min(at)[1]] if at else []
    if not fit:
        raise Damaged(f"relation {label!r}: its {side} (token {relation.get(side)}) is no span")
    return fit[0]


def _size(row: Any) -> Counter:
    if not isinstance(row, dict):
        return Counter()
    return Counter(spans=len(row.get("spans") or ()), relations=len(row.get("relations") or ()))


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The accepted tasks of a file."""
    return collect(json_rows(path, log), from_task, _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write the documents, one a line."""
    nlp = tokenizing()
    write_lines(path, [to_task(document, tokenized(document.text, nlp)) for document in documents])
