"""WebAnno TSV 3.3, which INCEpTION writes and reads (https://webanno.github.io/webanno/releases/3.6.11/docs/user-guide.html).

A line a token, offsets in UTF-16 units, a column a feature. Every sentence here is a line of the text with its line
break, so that `#Text=` lines together are the text; tokens end where mentions do. The document's id and header, and
mentions of blanks only, which no token can carry, are kept in `x.civex.json` beside `x.tsv`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText
from civex.formats.files import Log, Note, collect, file_names, placed, read_text, refuse_surrogates, write_atomically
from civex.formats.flat import FEATURES, Damaged, Link, Span, Task, flatten
from civex.formats.inception import RELATION, SPAN
from civex.formats.offsets import unit_offsets

VERSION = "#FORMAT=WebAnno TSV 3.3"
UNIT = "UTF-16 units"
_FEATURES = ("label", *("mentionId" if name == "id" else name for name in FEATURES))
_RELATION_FEATURES = ("label", "more")
_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "b": "\b"}


def to_tsv(document: AnnotatedText) -> tuple[str, dict[str, Any]]:
    """(TSV, what it can't hold) of a document."""
    refuse_surrogates(document)
    task = flatten(document)
    tokens = _tokens(task)
    covered = {
        span.id: [n for n, (a, b) in enumerate(tokens) if span.start <= a and b <= span.end] for span in task.spans
    }
    whole = {s.id for s in task.spans if covered[s.id] and _exact(s, [tokens[n] for n in covered[s.id]])}
    aside: dict[str, Any] = {"id": task.id, "meta": task.meta}
    hidden = [span for span in task.spans if span.id not in whole]
    if hidden:
        aside["spans"] = [[s.start, s.end, s.label, s.features, s.id] for s in hidden]
    shown = [link for link in task.links if link.head in whole and link.tail in whole]
    aside["links"] = [[link.head, link.tail, link.label, link.attributes] for link in task.links if link not in shown]
    lines = [
        VERSION,
        f"#T_SP={SPAN}|{'|'.join(_FEATURES)}",
        f"#T_RL={RELATION}|{'|'.join(_RELATION_FEATURES)}|BT_{SPAN}",
        "",
    ]
    at = unit_offsets(task.text, UNIT)
    names, row = {}, 0
    sentences = _sentences(task.text)
    for number, (start, end) in enumerate(sentences, 1):
        inside = [n for n, (a, _) in enumerate(tokens) if start <= a < end]
        names.update({n: f"{number}-{k}" for k, n in enumerate(inside, 1)})
    for start, end in sentences:
        lines += ["", f"#Text={_escape_text(task.text[start:end])}"]
        while row < len(tokens) and tokens[row][0] < end:
            a, b = tokens[row]
            here = [span for span in task.spans if span.id in whole and row in covered[span.id]]
            cells = [names[row], f"{at[a]}-{at[b]}", _escape_text(task.text[a:b]), *_span_cells(here)]
            arriving = [link for link in shown if covered[link.tail][0] == row]
            cells += _relation_cells(arriving, names, covered)
            lines.append("\t".join(cells) + "\t")
            row += 1
    return "\n".join(lines) + "\n", {key: value for key, value in aside.items() if value != []}


def _exact(span: Span, tokens: list[tuple[int, int]]) -> bool:
    return tokens[0][0] == span.start and tokens[-1][1] == span.end


def _tokens(task: Task) -> list[tuple[int, int]]:
    """Words and marks, cut again where a mention begins or ends."""
    cuts = {n for span in task.spans for n in (span.start, span.end)}
    found: list[tuple[int, int]] = []
    for match in re.finditer(r"\w+|[^\w\s]", task.text):
        edges = [match.start(), *sorted(n for n in cuts if match.start() < n < match.end()), match.end()]
        found.extend(zip(edges, edges[1:], strict=False))
    return found


def _sentences(text: str) -> list[tuple[int, int]]:
    """The lines of a text with their breaks; blank lines belong to the line before, or to the first."""
    ends = [match.end() for match in re.finditer(r"\S[^\n]*\n\s*|\S[^\n]*$", text)]
    return list(zip([0, *ends[:-1]], ends, strict=True)) if ends else [(0, len(text))]


def _span_cells(spans: list[Span]) -> list[str]:
    if not spans:
        return ["_"] * len(_FEATURES)
    cells = []
    for name in _FEATURES:
        key = "id" if name == "mentionId" else name
        values = [span.label if key == "label" else span.features.get(key, "") for span in spans]
        cells.append("|".join(f"{_escape(v) or '*'}[{s.id}]" for v, s in zip(values, spans, strict=True)))
    return cells


def _relation_cells(links: list[Link], names: dict[int, str], covered: dict[str, list[int]]) -> list[str]:
    if not links:
        return ["_"] * (len(_RELATION_FEATURES) + 1)
    more = [_escape(json.dumps(link.attributes)) if link.attributes else "*" for link in links]
    ends = [f"{names[covered[link.head][0]]}[{link.head}_{link.tail}]" for link in links]
    return ["|".join(_escape(link.label) for link in links), "|".join(more), "|".join(ends)]


def _escape_text(text: str) -> str:
    return re.sub(r"[\n\r\t\f\x08]", lambda m: _CONTROLS[m[0]], text.replace("\\", "\\\\"))


def _escape(words: str) -> str:
    return re.sub(r"[\n\r\t\f\x08]", lambda m: _CONTROLS[m[0]], re.sub(r"([\\\[\]|_;*]|->)", r"\\\1", words))


def _unescape(words: str) -> str:
    return re.sub(r"\\(->|.)", lambda m: _LETTERS.get(m[1], m[1]), words)


@dataclass
class _Reading:
    """What the lines of a TSV file hold so far; a sentence is its text and its tokens."""

    columns: list[tuple[str, str]] = field(default_factory=list)
    sentences: list[tuple[str, list[str]]] = field(default_factory=list)
    tokens: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    spans: dict[str, tuple[list[str], dict[str, str]]] = field(default_factory=dict)
    relations: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    unread: Counter = field(default_factory=Counter)
    after_text: bool = False


def from_tsv(source: str, aside: dict[str, Any], note: Note) -> Task:
    """The Task of a TSV file. Raises Damaged with the line."""
    if not source.startswith("#FORMAT=WebAnno TSV 3"):
        raise Damaged(f"line 1: no WebAnno TSV 3 file; it begins with {source[:30]!r}, not {VERSION!r}")
    reading = _Reading()
    for number, line in enumerate(source.split("\n"), 1):
        try:
            _read_line(line.removesuffix("\r"), reading)
        except Damaged as error:
            raise Damaged(f"line {number}: {error}") from None
    if not any(layer == SPAN for layer, _ in reading.columns):
        raise Damaged(f"no layer {SPAN} in the header (#T_SP=...)")
    for layer, values in reading.unread.items():
        note(f"{values} values of the layer {layer} were left out: civex reads {SPAN} and {RELATION}")
    text = _text(reading)
    places = dict(zip(reading.tokens, placed(text, list(reading.tokens.values()), UNIT, note), strict=True))
    spans = []
    for key, (tokens, said) in reading.spans.items():
        start, end = places[tokens[0]][0], places[tokens[-1]][1]
        if not said.get("label"):
            raise Damaged(f"{text[start:end]!r} has no label")
        spans.append(Span(start, end, said["label"], key, {k: v for k, v in said.items() if k != "label"}))
    for start, end, label, said, id in aside.get("spans", []):
        spans.append(Span(start, end, label, id, said))
    links = [_link(token, said, reading) for token, said in reading.relations]
    links += [Link(*row) for row in aside.get("links", [])]
    return Task(aside["id"], aside.get("meta", {}), text, spans, links)


def _read_line(line: str, reading: _Reading) -> None:
    if line.startswith(("#T_SP=", "#T_RL=", "#T_CH=")):
        layer, *features = line.partition("=")[2].split("|")
        reading.columns += [(layer, feature) for feature in features]
    elif line.startswith("#Text="):
        sentence = _unescape(line.removeprefix("#Text="))
        if reading.after_text:  # one sentence over several lines
            sentence = f"{reading.sentences.pop()[0]}\n{sentence}"
        reading.sentences.append((sentence, []))
    elif line and not line.startswith("#"):
        _read_token(line, reading)
    reading.after_text = line.startswith("#Text=")


def _read_token(line: str, reading: _Reading) -> None:
    cells = line.removesuffix("\t").split("\t")
    if len(cells) != len(reading.columns) + 3:
        wanted = len(reading.columns) + 3
        raise Damaged(f"{len(cells)} columns where the header gives {wanted}; the file may have been cut")
    offsets = re.fullmatch(r"(\d+)-(\d+)", cells[1])
    token = cells[0]
    if not re.fullmatch(r"\d+-\d+(?:\.\d+)?", token) or not offsets:
        raise Damaged(f"no token: {line[:40]!r}; one begins with 1-1, tab, 0-4")
    if token in reading.tokens:
        raise Damaged(f"token {token} stands there twice")
    if not reading.sentences:
        raise Damaged(f"token {token} stands before the first #Text=")
    reading.sentences[-1][1].append(token)
    reading.tokens[token] = (int(offsets[1]), int(offsets[2]), _unescape(cells[2]))
    relations: list[dict[str, str]] = []
    for (layer, feature), cell in zip(reading.columns, cells[3:], strict=True):
        for n, (value, key) in enumerate(_values(cell) if cell != "_" else ()):
            if layer == SPAN:
                _add(reading, token, feature, value, key, n)
            elif layer == RELATION:
                relations += [{} for _ in range(n + 1 - len(relations))]
                relations[n][feature] = f"{value} {key or ''}" if feature.startswith("BT_") else value
            else:
                reading.unread[layer] += 1
    reading.relations += [(token, said) for said in relations]


def _values(cell: str) -> Iterator[tuple[str, str | None]]:
    for part in re.findall(r"(?:\\.|[^|\\])+", cell):
        match = re.fullmatch(r"((?:\\.|[^\\\[\]])*)(?:\[([\d_]+)\])?", part)
        if match is None:
            raise Damaged(f"{part[:40]!r} is no value of a layer")
        yield ("" if match[1] == "*" else _unescape(match[1])), match[2]


def _add(reading: _Reading, token: str, feature: str, value: str, key: str | None, n: int) -> None:
    """A value of a mention. One of a single token that nothing is stacked on has no number."""
    tokens, said = reading.spans.setdefault(key or f"{token} {n}", ([], {}))
    if token not in tokens:
        tokens.append(token)
    if value:
        said["id" if feature == "mentionId" else feature] = value


def _text(reading: _Reading) -> str:
    """The sentences joined, with the line breaks that INCEpTION leaves out between them.

    Where a sentence begins is what most of its tokens say.
    """
    text = ""
    for sentence, tokens in reading.sentences:
        offsets, position = unit_offsets(sentence, UNIT), 0
        begins: Counter = Counter()
        for token in tokens:
            start, _, form = reading.tokens[token]
            found = sentence.find(form, position)
            if found >= 0:
                begins[start - offsets[found]] += 1
                position = found + len(form)
        begin = begins.most_common(1)[0][0] if begins else 0
        text += "\n" * max(0, begin - unit_offsets(text, UNIT)[-1]) + sentence
    return text


def _link(token: str, said: dict[str, str], reading: _Reading) -> Link:
    governor, _, keys = next((v for feature, v in said.items() if feature.startswith("BT_")), "").partition(" ")
    head, _, tail = keys.partition("_")
    ends = []
    for key, at in ((head, governor), (tail, token)):
        name = f"{at} 0" if key in ("", "0") else key
        if name not in reading.spans:
            raise Damaged(f"relation {said.get('label')!r} leads to {at or '?'} [{key}], where no mention is")
        ends.append(name)
    return Link(ends[0], ends[1], said.get("label", ""), json.loads(said.get("more") or "{}"))


def _rows(path: Path, log: Log) -> Iterator[tuple[Path, int, tuple[str, dict]]]:
    for file in sorted(path.rglob("*.tsv")) if path.is_dir() else [path]:
        kept = file.with_suffix(".civex.json")
        try:
            aside = json.loads(read_text(kept)) if kept.exists() else {}
            yield file, 1, (read_text(file), {"id": file.stem, **aside})
        except ValueError as error:  # Damaged is one
            log.faults.append((str(file), 1, str(error)))


def _size(row: tuple[str, dict]) -> Counter:
    """Mentions by their numbers, relations by the pairs of numbers."""
    lines = [line for line in row[0].split("\n") if line[:1].isdigit()]
    relations = sum(len(re.findall(r"\[\d+_\d+\]", line)) for line in lines)
    spans = {n for line in lines for n in re.findall(r"[^\\]\[(\d+)\]", line)}
    aside = row[1]
    return Counter(spans=len(spans) + len(aside.get("spans", ())), relations=relations + len(aside.get("links", ())))


def read(path: Path, log: Log) -> list[AnnotatedText]:
    """The .tsv files of a folder, each with its .civex.json."""
    return collect(_rows(path, log), lambda row, note: from_tsv(row[0], row[1], note), _size, log)


def write(documents: Iterable[AnnotatedText], path: Path, log: Log) -> None:
    """Write two files a document to a folder."""
    documents = list(documents)
    for name, document in zip(file_names(documents), documents, strict=True):
        tsv, aside = to_tsv(document)
        write_atomically(path / f"{name}.tsv", tsv)
        write_atomically(path / f"{name}.civex.json", json.dumps(aside, indent=1) + "\n")
