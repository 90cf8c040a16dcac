"""Layout: headings, list entries, paragraphs and page furniture as spans in `doc.spans["civex_units"]`.

It yields scopes, not meaning: every token belongs to one unit, units follow the text. A release pasted as one
paragraph is one unit, and the components after this one have to manage without it.
"""

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import UNITS

_BULLET = re.compile(r"^\s*(?:[•*\-–>]|\(?\d{1,3}[.)]|\(?[a-z]\)|No\.? ?\d+)\s*\S")
_DATE_FIRST = re.compile(
    r"^\s*(?:\d{4}-\d\d-\d\d|\d{1,2}[ ./-](?:\d{1,2}|[A-Z][a-z]{2,8}\.?)[ ./-]\d{2,4}"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? ?\d{1,2}\b)",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\t.*\t|;.*;.*;|\|.*\||\S {3,}\S.* {3,}\S")
_FURNITURE = re.compile(
    r"^\s*(?:page \d+(?: of \d+)?|-? ?\d+ ?-?|[-_=*#.]{3,}|(?:[*#] ?){3,}|-?more-?|#+)\s*$", re.IGNORECASE
)
_FOOTNOTE = re.compile(r"^\s*(?:\*{2,}|\*(?=\S)|†|\[\d{1,2}\]|\(\d{1,2}\)|¹|²|³)\s?\S")
_LINE = re.compile(r"[^\n]*\n*")
_HEADING_WORDS = 14
_WRAPPED_AT = 55  # a line at least this long without a full stop may go on in the next one


@Language.factory("civex_layout", assigns=["doc.spans"])
class Layout:
    """Assign `doc.spans["civex_units"]`; labels are `civex.labels.UNIT_LABELS`."""

    def __init__(self, nlp: Language, name: str):
        self.name = name

    def __call__(self, doc: Doc) -> Doc:
        units: list[Span] = []
        for start, end, kind in units_of(doc.text):
            span = doc.char_span(start, end, label=kind, alignment_mode="expand")
            if span is None:
                continue
            first = units[-1].end if units else 0
            if span.end > first:
                units.append(Span(doc, max(span.start, first), span.end, label=kind))
        doc.spans[UNITS] = SpanGroup(doc, name=UNITS, spans=units)
        return doc

    def to_bytes(self, *, exclude=()) -> bytes:
        return b""

    def from_bytes(self, data: bytes, *, exclude=()) -> "Layout":
        return self

    def to_disk(self, path, *, exclude=()) -> None:
        """Nothing is learned, nothing is written."""

    def from_disk(self, path, *, exclude=()) -> "Layout":
        return self


make_layout = Layout


def units_of(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of each unit in characters, hard-wrapped lines joined."""
    open_unit: tuple[int, int, str] | None = None
    last_line = ""
    for match in _LINE.finditer(text):
        line = match.group().strip("\n")
        if not line.strip():
            if open_unit:
                yield open_unit
                open_unit = None
            continue
        start, end = match.start(), match.start() + len(line)
        if open_unit and _goes_on(last_line, line, open_unit[2]):
            kind = "paragraph" if open_unit[2] == "heading" else open_unit[2]
            open_unit = (open_unit[0], end, kind)
        else:
            if open_unit:
                yield open_unit
            open_unit = (start, end, kind_of(line))
        last_line = line
        if match.group().count("\n") > 1:
            yield open_unit
            open_unit = None
    if open_unit:
        yield open_unit


def _goes_on(last: str, line: str, kind: str) -> bool:
    """True where `line` continues the sentence of a hard-wrapped line before it."""
    if kind in ("table_row", "furniture") or kind_of(line) in ("entry", "table_row", "furniture", "footnote"):
        return False
    if line.lstrip()[:1].islower():
        return True
    return len(last) >= _WRAPPED_AT and not last.rstrip().endswith((".", "!", "?", ":", '"'))


def kind_of(line: str) -> str:
    """The kind of a line that begins a unit, by its looks alone."""
    words = line.split()
    if _FURNITURE.match(line):
        return "furniture"
    if _TABLE.search(line):
        return "table_row"
    if _FOOTNOTE.match(line) and len(words) > 2:
        return "footnote"
    if _BULLET.match(line) or _DATE_FIRST.match(line):
        return "entry" if len(words) > 3 else "heading"
    if len(words) <= _HEADING_WORDS and not line.rstrip().endswith((".", "!", "?", ",", ";", '"')):
        return "heading"
    return "paragraph"
