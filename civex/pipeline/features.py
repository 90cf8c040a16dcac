"""What the mention encoders are told beside the token vectors: label, layout and words of each mention, as table rows.

Every feature has a block of rows in one table; a mention looks up one row of each block.
"""

import math
import re
from collections.abc import Callable
from functools import lru_cache

import numpy
from spacy.attrs import NORM
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import CASUALTY, HARMS, MENTION_LABELS, MENTIONS, UNIT_LABELS, UNITS

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
    "sentence": 6,  # how many ends of sentences and lines stand before: 0, 1, 2, 3-5, 6-10, more
    "units": 5,  # of the document, powers of four
    "entries": 4,  # of these list entries and table rows: none, up to a third, to two thirds, more
    "first_word": 500,  # hashes of the norms of the words at the edges and around them
    "last_word": 1500,
    "word_before": 500,
    "word_after": 500,
    # The nearest word of harm in the sentence, as 1 + its row of `_HARM_WORDS`, and whether it is near.
    "harm_before": 2 * 6 + 1,
    "harm_after": 2 * 6 + 1,
    "harm_inside": 6 + 1,
    # Words for fighters and for civilians: none in the document, in it, in the sentence, near or inside.
    "fighters": 4,
    "civilians": 4,
}
# What a figure counts is mostly said by a word beside it, which a corpus of some hundred documents never shows in all
# its forms: stems by harm.
_HARM_WORDS = (
    re.compile(
        r"(?:kill|dead|death|die[ds]?$|dying|martyr|fatal|perish|slain|slay|corpse|bod(?:y|ies)$|eliminat|execut"
        r"|massacr|murder|behead|drown|li(?:fe|ves)$|succumb)"
    ),
    re.compile(r"(?:injur|wound|hurt|maim|concuss|burn(?:s|t|ed)$|scald|hospitali[sz]|amputat)"),
    re.compile(r"(?:casualt|neutrali[sz]|victim|toll$|harmed)"),
    re.compile(r"(?:missing|rubble|unaccounted|trapped|disappear)"),
    re.compile(r"(?:abduct|kidnap|hostage|seized)"),
    re.compile(r"(?:detain|detention|arrest|captur|custody|imprison|jailed)"),
)
_FIGHTERS = re.compile(
    r"(?:soldier|fighter|militant|insurgent|gunm[ae]n|terrorist|combatant|jihadi|rebel|service(?:m[ae]n|wom[ae]n)"
    r"|guerr?illa|militia|trooper|marines?$|officers?$|commander|cadre|operative|army|troops|recruit|conscript)"
)
_CIVILIANS = re.compile(
    r"(?:civilian|famil|child|woman|women|girl|boy|wife|wives|daughter|sons?$|mother|father|brother|sister|villager"
    r"|resident|farmer|pupil|student|patient|nurse|doctor|medic|paramedic|journalist|shopper|displaced|refugee|worker)"
)
_NEAR, _FAR = 3, 20  # tokens
_ENDS = (".", "!", "?")
_OFFSETS = numpy.cumsum([0, *_BLOCKS.values()])[:-1]
N_MENTION_FEATURES = sum(_BLOCKS.values())


def mention_rows(doc: Doc) -> numpy.ndarray:
    """(m, 2 + k) integers: start and end token of each mention, then its row in each block of the feature table."""
    spans = list(doc.spans.get(MENTIONS, ()))
    if not spans:
        return numpy.zeros((0, 2 + len(_BLOCKS)), dtype="i")
    starts = numpy.array([span.start for span in spans], dtype="i")
    ends = numpy.array([span.end for span in spans], dtype="i")
    kinds, unit_starts = _units(doc)
    unit = numpy.searchsorted(unit_starts, starts, side="right") - 1
    gaps = numpy.array(boundaries(doc, spans), dtype="i")
    sentences, words = sentence_numbers(doc), [token.lower_ for token in doc]
    norms = numpy.concatenate([doc.to_array(NORM), numpy.zeros(1, dtype="uint64")])  # the last one for "no word"
    columns = (
        [_label_row(span.label_) for span in spans],
        numpy.append(kinds, len(UNIT_LABELS))[unit],
        gaps[:-1],
        gaps[1:],
        numpy.where(unit < 0, 0, 1 + (unit == numpy.concatenate([[-1], unit[:-1]]))),
        _times_seen([span.text.lower() for span in spans]),
        4 * starts // max(1, len(doc)),
        _nesting(starts, ends),
        _sentences_before(gaps[:-1]),
        numpy.full(len(spans), min(4, len(kinds).bit_length() // 2)),
        numpy.full(len(spans), math.ceil(3 * numpy.isin(kinds, _LISTED).mean()) if len(kinds) else 0),
        norms[starts] % _BLOCKS["first_word"],
        norms[ends - 1] % _BLOCKS["last_word"],
        norms[starts - 1] % _BLOCKS["word_before"],
        norms[ends] % _BLOCKS["word_after"],
        *_words_of_harm(words, sentences, starts, ends),
        *(_nearness(words, sentences, starts, ends, pattern) for pattern in (_is_fighter, _is_civilian)),
    )
    return numpy.column_stack([starts, ends, *(c + o for c, o in zip(map(_integers, columns), _OFFSETS, strict=True))])


_LISTED = [UNIT_LABELS.index(kind) for kind in ("entry", "table_row")]


def sentence_numbers(doc: Doc) -> numpy.ndarray:
    """The number of the sentence of each token; a unit of the layout ends one, and a line does where there are none."""
    ends = numpy.array([token.text in _ENDS for token in doc], dtype=bool)
    units = doc.spans.get(UNITS, ())
    if len(units):
        ends[[unit.end - 1 for unit in units]] = True
    else:
        ends |= numpy.array(["\n" in token.text for token in doc], dtype=bool)
    return numpy.concatenate([[0], numpy.cumsum(ends)[:-1]]) if len(doc) else numpy.zeros(0, dtype="i")


def text_after(span: Span, tokens: int) -> str:
    """The text that follows a span, up to so many tokens of it; a joined text of the whole doc is never made."""
    doc = span.doc
    return doc[span.end - 1].whitespace_ + doc[span.end : span.end + tokens].text


def _nearness(
    words: list[str], sentence: numpy.ndarray, starts: numpy.ndarray, ends: numpy.ndarray, is_one: Callable[[str], bool]
) -> numpy.ndarray:
    """Rows of the blocks fighters and civilians."""
    at = numpy.flatnonzero([is_one(word) for word in words])
    if not len(at):
        return numpy.zeros(len(starts), dtype="i")
    said = numpy.isin(sentence[starts], sentence[at])
    near = numpy.searchsorted(at, ends + _NEAR) > numpy.searchsorted(at, starts - _NEAR)
    return numpy.where(near & said, 3, numpy.where(said, 2, 1))


@lru_cache(maxsize=50_000)
def _is_fighter(word: str) -> bool:
    return bool(_FIGHTERS.match(word))


@lru_cache(maxsize=50_000)
def _is_civilian(word: str) -> bool:
    return bool(_CIVILIANS.match(word))


def _words_of_harm(
    words: list[str], sentence: numpy.ndarray, starts: numpy.ndarray, ends: numpy.ndarray
) -> list[numpy.ndarray]:
    """Rows of the blocks harm_before, harm_after and harm_inside."""
    kinds = numpy.array([_harm_of(word) for word in words])
    at = numpy.flatnonzero(kinds)
    if not len(at):
        return [numpy.zeros(len(starts), dtype="i")] * 3
    before = numpy.searchsorted(at, starts) - 1
    after = numpy.searchsorted(at, ends)
    rows = []
    for found, edge in ((before, starts), (after, ends - 1)):
        known = (found >= 0) & (found < len(at))
        word = at[found.clip(0, len(at) - 1)]
        gap = numpy.abs(word - edge)
        known &= (gap <= _FAR) & (sentence[word] == sentence[edge])
        rows.append(numpy.where(known, 2 * kinds[word] - 1 + (gap > _NEAR), 0))
    inside = (before + 1 < after) & (before + 1 < len(at))
    rows.append(numpy.where(inside, kinds[at[(before + 1).clip(0, len(at) - 1)]], 0))
    return rows


@lru_cache(maxsize=50_000)
def _harm_of(word: str) -> int:
    return next((n for n, stem in enumerate(_HARM_WORDS, 1) if stem.match(word)), 0)


def harm_of(word: str) -> str | None:
    """The harm that a word in lower case tells of, None for other words."""
    kind = _harm_of(word)
    return ("killed", "injured", "killed_or_injured", "missing", "abducted", "detained")[kind - 1] if kind else None


def _integers(column) -> numpy.ndarray:
    return numpy.asarray(column).astype("i")


def _units(doc: Doc) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Kind (position in `UNIT_LABELS`) and first token of each unit."""
    units = list(doc.spans.get(UNITS, ()))
    kinds = numpy.array([UNIT_LABELS.index(unit.label_) for unit in units], dtype="i")
    return kinds, numpy.array([unit.start for unit in units], dtype="i")


def listed_in(group: SpanGroup) -> list[bool]:
    """Of each mention, whether it stands in a list entry, a table row or a heading."""
    kinds, unit_starts = _units(group.doc)
    unit = numpy.searchsorted(unit_starts, [span.start for span in group], side="right") - 1
    return [n >= 0 and UNIT_LABELS[kinds[n]] in ("entry", "table_row", "heading") for n in unit]


def _times_seen(texts: list[str]) -> list[int]:
    seen: dict[str, int] = {}
    times = []
    for words in texts:
        times.append(min(2, seen.get(words, 0)))
        seen[words] = seen.get(words, 0) + 1
    return times


def _nesting(starts: numpy.ndarray, ends: numpy.ndarray) -> numpy.ndarray:
    inside = numpy.concatenate([[False], ends[1:] <= ends[:-1]])
    holds = numpy.concatenate([starts[1:] < ends[:-1], [False]])
    return numpy.where(inside, 0, numpy.where(holds, 1, 2))


def _sentences_before(gaps: numpy.ndarray) -> numpy.ndarray:
    ended = numpy.cumsum((gaps >= 2) & (gaps < 5))
    return numpy.searchsorted([1, 2, 3, 6, 11], ended, side="right")


def _label_row(label: str) -> int:
    """One row for all casualty figures: which harm they tell of is what the encoder has to find out."""
    if label in HARMS or label == CASUALTY:
        label = HARMS[0]
    return MENTION_LABELS.index(label) if label in MENTION_LABELS else len(MENTION_LABELS)


def boundaries(doc: Doc, spans: list) -> list[int]:
    """What stands between neighbouring mentions, before the first and after the last: see block `before`.

    A line that ends inside a unit of the layout is a wrapped one, and no boundary.
    """
    text, found, last = doc.text, [5], None
    _, unit_starts = _units(doc)
    unit_of = numpy.searchsorted(unit_starts, [span.start for span in spans], side="right")
    previous = -1
    for span, unit in zip(spans, unit_of.tolist(), strict=True):
        if last is not None:
            between = text[last : span.start_char]
            found.append(_boundary(between.replace("\n", " ") if unit == previous > 0 else between))
        last, previous = max(last or 0, span.end_char), unit
    return [*found, 5]


def _boundary(between: str) -> int:
    if not between.strip():
        return 4 if between.count("\n") > 1 else 3 if "\n" in between else 0
    if "\n" in between:
        return 4 if "\n\n" in between else 3
    return 2 if _BREAK.search(between) else 1
