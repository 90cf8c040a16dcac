"""What the mention encoders are told beside the token vectors: label, layout and words of each mention, as table rows.

Every feature has a block of rows in one table; a mention looks up one row of each block.
"""

import re
from bisect import bisect_right

import numpy
from spacy.tokens import Doc

from civex.labels import HARMS, MENTION_LABELS, MENTIONS, UNIT_LABELS, UNITS

_BREAK = re.compile(r"[.!?:;]['\")\]]*\s|\n")
_BLOCKS = {
    "label": len(MENTION_LABELS) + 1,
    "unit": len(UNIT_LABELS) + 1,
    # What stands between the mention before and this one: nothing, words, sentence end, line, blank line, start.
    "before": 6,
    "after": 6,
    "first_in_unit": 3,
    "text_seen": 3,  # the same words were a mention before: no, once, more often
    "position": 4,  # quarter of the document
    "inside": 3,  # inside another mention, holds another one, neither
    "first_word": 500,  # hashes of the norms of the words at the edges and around them
    "last_word": 1500,
    "word_before": 500,
    "word_after": 500,
}
_OFFSETS = dict(zip(_BLOCKS, numpy.cumsum([0, *_BLOCKS.values()])[:-1].tolist(), strict=True))
N_MENTION_FEATURES = sum(_BLOCKS.values())


def mention_rows(doc: Doc) -> numpy.ndarray:
    """(m, 2 + k) integers: start and end token of each mention, then its row in each block of the feature table."""
    spans = list(doc.spans.get(MENTIONS, ()))
    rows = numpy.zeros((len(spans), 2 + len(_BLOCKS)), dtype="i")
    units = list(doc.spans.get(UNITS, ()))
    unit_starts = [unit.start for unit in units]
    gaps = boundaries(doc, spans)
    seen: dict[str, int] = {}
    last_unit = -1
    for n, span in enumerate(spans):
        unit = bisect_right(unit_starts, span.start) - 1
        words = span.text.lower()
        values = (
            _label_row(span.label_),
            UNIT_LABELS.index(units[unit].label_) if unit >= 0 else len(UNIT_LABELS),
            gaps[n],
            gaps[n + 1],
            0 if unit < 0 else 1 + (unit == last_unit),
            min(seen.get(words, 0), 2),
            min(3, 4 * span.start // max(1, len(doc))),
            _inside(spans, n),
            doc[span.start].norm % _BLOCKS["first_word"],
            doc[span.end - 1].norm % _BLOCKS["last_word"],
            doc[span.start - 1].norm % _BLOCKS["word_before"] if span.start else 0,
            doc[span.end].norm % _BLOCKS["word_after"] if span.end < len(doc) else 0,
        )
        rows[n, :2] = span.start, span.end
        rows[n, 2:] = [offset + value for offset, value in zip(_OFFSETS.values(), values, strict=True)]
        seen[words] = seen.get(words, 0) + 1
        last_unit = unit
    return rows


def _label_row(label: str) -> int:
    """One row for all casualty figures: which harm they tell of is what the encoder has to find out."""
    if label in HARMS:
        label = HARMS[0]
    return MENTION_LABELS.index(label) if label in MENTION_LABELS else len(MENTION_LABELS)


def boundaries(doc: Doc, spans: list) -> list[int]:
    """What stands between neighbouring mentions, before the first and after the last: see block `before`."""
    text, found, last = doc.text, [5], None
    for span in spans:
        if last is not None:
            found.append(_boundary(text[last : span.start_char]))
        last = max(last or 0, span.end_char)
    return [*found, 5]


def _boundary(between: str) -> int:
    if not between.strip():
        return 4 if between.count("\n") > 1 else 3 if "\n" in between else 0
    if "\n" in between:
        return 4 if "\n\n" in between else 3
    return 2 if _BREAK.search(between) else 1


def _inside(spans: list, n: int) -> int:
    span = spans[n]
    if n and span.end <= spans[n - 1].end:
        return 0
    return 1 if n + 1 < len(spans) and spans[n + 1].start < span.end else 2
