"""Offsets: from a tool's units to code points, checked against the tool's own copy of each span; and token edges.

Python counts code points. Label Studio and INCEpTION count UTF-16 units, in which a character above U+FFFF is two; some
exports count bytes, or were made of a text with other line breaks.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate

from spacy.language import Language
from spacy.tokens import Doc

from civex.annotations import AnnotatedText
from civex.corpus import blank
from civex.formats.flat import Damaged, order
from civex.text import clean

_WIDTHS: dict[str, Callable[[str], int]] = {
    "code points": lambda char: 1,
    "UTF-16 units": lambda char: 2 if char > "\uffff" else 1,
    "bytes of UTF-8": lambda char: len(char.encode("utf-8", "surrogatepass")),
}
_AS_ONE, _AS_TWO = ", a CRLF as one", ", a line break as two"
UNITS = tuple(unit + breaks for breaks in ("", _AS_ONE, _AS_TWO) for unit in _WIDTHS)


@cache
def tokenizing() -> Language:
    """The blank pipeline of civex, on whose tokens mentions should sit; made once."""
    return blank()


def unit_offsets(text: str, unit: str) -> list[int]:
    """For each code point of `text`, and for its end, the offset in `unit`, one of `UNITS`."""
    width = _WIDTHS[unit.partition(",")[0]]
    widths = [width(char) for char in text]
    if unit.endswith(_AS_ONE):
        widths = [0 if text[n : n + 2] == "\r\n" else w for n, w in enumerate(widths)]
    elif unit.endswith(_AS_TWO):
        widths = [2 if text[n] == "\n" and text[n - 1 : n] != "\r" else w for n, w in enumerate(widths)]
    return list(accumulate(widths, initial=0))


def place(
    text: str, spans: Sequence[tuple[int, int, str | None]], unit: str, note: Callable[[str], None]
) -> list[tuple[int, int]]:
    """The code points of spans (start, end, the tool's copy of the words or None) given in `unit`.

    Where copies contradict the text, the spans are read in the unit that fits all of them; else a span moves to the
    only place where its words stand. Each mend is said to `note`. Raises Damaged where there is none.
    """
    found = _positions(text, spans, unit)
    if all(_fits(text, at, span[2]) for at, span in zip(found, spans, strict=True)):
        return [at for at in found if at]
    if any(copy for *_, copy in spans):
        for other in UNITS:
            moved = _positions(text, spans, other)
            if all(_fits(text, at, span[2]) for at, span in zip(moved, spans, strict=True)):
                note(f"offsets count {other}, not {unit}: all {len(spans)} spans were read so")
                return [at for at in moved if at]
    return [_mend(text, span, at, note) for at, span in zip(found, spans, strict=True)]


def _positions(text: str, spans: Sequence[tuple[int, int, str | None]], unit: str) -> list[tuple[int, int] | None]:
    offsets = unit_offsets(text, unit)
    index = {offset: n for n, offset in reversed(list(enumerate(offsets)))}
    return [
        (index[start], index[end]) if start < end and start in index and end in index else None
        for start, end, _ in spans
    ]


def _fits(text: str, at: tuple[int, int] | None, copy: str | None) -> bool:
    return at is not None and (copy is None or _plain(text[at[0] : at[1]]) == _plain(copy))


def _plain(words: str) -> str:
    """Words without the differences that tools make in their copies: blanks for line breaks, straight quotes."""
    return re.sub(r"\s+", " ", clean(words)).replace('"', "'")


def _mend(text: str, span: tuple[int, int, str | None], at: tuple[int, int] | None, note: Callable) -> tuple[int, int]:
    start, end, copy = span
    if at and _fits(text, at, copy):
        return at
    if not copy:
        raise Damaged(f"no span of the text lies at {start} to {end} (the text ends at {len(text)})")
    places = [m.start() for m in re.finditer(f"(?={re.escape(copy)})", text)]
    here = f"the text has {text[at[0] : at[1]]!r}" if at else "the text has no such place"
    if len(places) != 1:
        often = f"stands in it {len(places)} times" if places else "stands nowhere in it"
        raise Damaged(f"span {start} to {end} should be {copy!r}; {here}, and {copy!r} {often}")
    note(f"span {start} to {end} should be {copy!r}; {here}: moved to {places[0]}")
    return places[0], places[0] + len(copy)


def mend_edges(document: AnnotatedText, doc: Doc, note: Callable[[str], None]) -> None:
    """Move mentions that don't sit on token edges, each said to `note` with its mend.

    A mention shrinks to the whole tokens inside it where only blanks and punctuation are lost, else it grows. One of
    blanks only stays where it is.
    """
    text = doc.text
    for mention in document.mentions:
        if doc.char_span(mention.start, mention.end) is not None:
            continue
        start, end = mention.start, mention.end
        inner = doc.char_span(start, end, alignment_mode="contract")
        outer = doc.char_span(start, end, alignment_mode="expand")
        lost = text[start:end] if not inner else text[start : inner.start_char] + text[inner.end_char : end]
        if inner and not any(char.isalnum() for char in lost):
            best, how = inner, "shrunk"
        elif outer and outer.text.strip():
            best, how = outer, "grown"
        else:
            note(f"{mention.label} {text[start:end]!r} at {start} holds no token: kept, but nothing can learn from it")
            continue
        mention.start, mention.end = best.start_char, best.end_char
        note(f"{mention.label} {text[start:end]!r} is not on token edges: {how} to {best.text!r}")
    document.mentions.sort(key=order)
