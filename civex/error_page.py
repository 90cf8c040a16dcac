"""The page of errors: each in its sentence, gold beside predicted, by cause. One file, no script, nothing to load."""

from collections import Counter
from collections.abc import Iterable

from civex.errors import CAUSES, Error, errors
from civex.evaluation import Judged
from civex.labels import UNITS
from civex.pipeline.incidents import stretches
from civex.render import escape
from civex.schema import counted


def error_page(judged: Iterable[Judged], title: str, sides: tuple[str, str] = ("gold", "found")) -> str:
    """The HTML page with every error in these documents; it can be written as UTF-8 whatever the texts hold.

    sides: what the two annotations are called.
    """
    documents = list(judged)
    found = [(j, error) for j in documents for error in errors(j)]
    counts = Counter(error.cause for _, error in found)
    contents = "".join(
        f'<li><a href="#{_anchor(cause)}">{cause}</a> <b>{counts[cause]:,}</b></li>'
        for cause in CAUSES
        if counts[cause]
    )
    sections = "".join(_section(cause, [(j, e) for j, e in found if e.cause == cause], sides) for cause in CAUSES)
    facts = f"{counted(len(documents), 'document', 'documents')} · {counted(len(found), 'error', 'errors')}"
    return _PAGE.format(
        title=escape(title),
        css=_CSS,
        facts=facts,
        contents=f"<ol>{contents}</ol>" if contents else "<p>Nothing is wrong.</p>",
        sections=sections,
    )


def _section(cause: str, found: list[tuple[Judged, Error]], sides: tuple[str, str]) -> str:
    """One cause: its errors by label, the most frequent label first."""
    if not found:
        return ""
    labels = Counter(error.label for _, error in found)
    parts = "".join(
        f"<details open><summary>{escape(label)} <b>{number:,}</b></summary>"
        f"{''.join(_row(j, error, sides) for j, error in found if error.label == label)}</details>"
        for label, number in sorted(labels.items(), key=lambda item: (-item[1], item[0]))
    )
    heading = f"<h2>{cause} <b>{len(found):,}</b></h2><p>{CAUSES[cause]}</p>"
    return f'<section id="{_anchor(cause)}">{heading}{parts}</section>\n'


def _row(judged: Judged, error: Error, sides: tuple[str, str]) -> str:
    gold, found = map(escape, sides)
    return (
        f'<div class="error"><p class="text" dir="auto">{_context(judged, error)}</p><dl>'
        f"<dt>{gold}</dt><dd>{_value(error.gold)}</dd><dt>{found}</dt><dd>{_value(error.found)}</dd></dl>"
        f"<small>{escape(judged.document.id)}, character {error.span[0]:,}</small></div>\n"
    )


def _value(said: str) -> str:
    return escape(said) if said else "<i>nothing</i>"


def _context(judged: Judged, error: Error) -> str:
    """The sentence around the words that the error is about, those words marked."""
    text = judged.document.text
    start, end = error.span
    low, high = sentence(judged, start, end)
    return f"{escape(text[low:start])}<mark>{escape(text[start:end])}</mark>{escape(text[end:high])}"


def sentence(judged: Judged, start: int, end: int) -> tuple[int, int]:
    """The sentence or list entry around some characters, as the records show it; the characters where there is none."""
    doc = judged.example.reference
    span = doc.char_span(start, end, alignment_mode="expand")
    if span is None:
        return start, end
    units = [(unit.start, unit.end) for unit in doc.spans.get(UNITS, ())]
    first, last = stretches(doc, [(span.start, span.end)], units)[0]
    around = doc[first:last]
    return min(start, around.start_char), max(end, around.end_char)


def _anchor(cause: str) -> str:
    return cause.replace(" ", "-")


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{title}</title><style>{css}</style></head>
<body><header><h1>{title}</h1><p>{facts}</p><nav aria-label="Causes">{contents}</nav></header>
<main>{sections}</main></body></html>
"""

_CSS = """
:root { --paper: #fff; --ink: #1c2024; --soft: #5b6470; --line: #d9dee4; --panel: #f5f7f9; --mark: #fdeaa0; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e4e7eb; --soft: #9aa5b1; --line: #363d46;
  --panel: #1c2025; --mark: #5a4a0c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .2rem; }
header p, section > p, small { color: var(--soft); margin: 0 0 .5rem; }
nav ol { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; margin: 0; padding: 0; list-style: none; }
a { color: inherit; } h2 b, summary b, nav b { color: var(--soft); font-weight: 400; }
summary { cursor: pointer; font-weight: 600; padding: .3rem 0; }
.error { border: 1px solid var(--line); border-radius: 6px; padding: .5rem .8rem; margin: 0 0 .6rem; }
.text { margin: 0 0 .4rem; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
mark { background: var(--mark); color: inherit; padding: .1em 0; }
dl { display: grid; grid-template-columns: 4rem minmax(0, 1fr); gap: .1rem .6rem; margin: 0; overflow-wrap: anywhere; }
dt { color: var(--soft); } dd { margin: 0; } i { color: var(--soft); }
@media print { .error { break-inside: avoid; } }
"""
