"""Counts: the words of a casualty figure, of a tally or of the number before a target, read as a range.

The rules are those of the contract ("Coding conventions", Figures), after the Every Casualty standards; vague words are
valued as Airwars (several, a few) and ACLED (tens, dozens, hundreds) do. `civex.values.figures` turns every figure into
a marker `{min:max:v}`; here the phrase falls apart at "and" and commas, and the parts that count people are added up.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from civex.values.figures import mark
from civex.values.persons import GENERIC, KIN, NO_COUNT, PERSONS, is_person, is_plural

# policy -> vague word -> (min, max); a word that is not listed, as "many", is {None, None}.
POLICIES = {
    "recorders": {"couple": (2, 2), "few": (2, None), "tens": (10, None), "dozens": (12, None), "scores": (20, None)}
    | {"hundreds": (100, None), "thousands": (1000, None), "millions": (10**6, None)},
    "strict": {},
}


@dataclass(frozen=True, slots=True)
class Count:
    """A figure as a range; None is an open end. `vague`: it comes from a word such as "several" or "many"."""

    min: int | None = None
    max: int | None = None
    vague: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a phrase: `kind` is figure, person ("a man"), name ("Ahmed Ali") or plural ("farmers")."""

    kind: str
    count: Count
    text: str
    joined_by: str

    @property
    def comma(self) -> bool:
        return self.joined_by == ","


UNKNOWN, ONE = Count(), Count(1, 1)
_I = re.IGNORECASE
_MARKER = re.compile(r"\{(\d*):(\d*):(v?)\}")
_INCLUDED = re.compile(
    r"(?<=.)[,(;\s–-]*\b(?:includ(?:ing|ed|es)|amongs?t? (?:them|whom|those|which)"
    r"|(?:most|all|some) of (?:them|whom))\b.*"
    r"|(?<=.)[,(;–-]+\s*\{[^}]*\}(?: \w+)? of (?:them|whom|which|those)\b.*",
    _I | re.S,
)
_BRACKETS = re.compile(r"\(([^()]*)\)?")
_EXPLAINED = re.compile(r":\s|\s[-–]+\s|–")
_APART = re.compile(
    r"\s*((?:,\s*)?\band\b|[,;]|&|\bplus\b|(?:,\s*)?\b(?:as well as|along with|together with|in addition to)\b"
    r"|\bwith (?=his |her |their |\{|an? (?:infant|baby|child|newborn|toddler|son|daughter)\b))\s*",
    _I,
)
_PERSON_OF = re.compile(r"(\w+) of (?:about |around |nearly |almost |only )?\{")  # "a father of four", "a boy of 9"
_RELATIVE = re.compile(r" (?:who|whose)\b.*", _I | re.S)
_FAMILIES = re.compile(r"\s+(?:\w+ )?(?:famil(?:y|ies)|households?|generations?)\b(?! members?| friends?)", _I)
_BODY = re.compile(
    r"^(?:the |a )?(?:deaths?|killings?|body|bodies|lives|life|remains|injury|injuries|loss|corpses?) of ", _I
)
_TAIL = re.compile(
    r" (?:of|in|from|at|by|who|whom|which|that|when|where|on|near|inside|outside|aboard|to|for|after|while|with|during"
    r"|under|whose|belonging|travell?ing|named|called|identified|suspected)\b.*",
    _I | re.S,
)
_ONE = re.compile(r"^(?:an?|another|each|every|one|this|that)\b", _I)
_OF_SOMEONE = re.compile(r"^(?:his|her|their|its|my|our|your|[\w-]+'s?)\s", _I)
_THE = re.compile(r"^the\b", _I)
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_HARMED = {"killed", "injured", "wounded", "dead", "missing", "hurt", "detained", "arrested", "abducted", "kidnapped"}
_DEMOGRAPHIC = re.compile(
    r"\b(?:child|children|wom[ae]n|m[ae]n|girls?|boys?|infants?|bab(?:y|ies)|mothers?|fathers?|elderly|teenagers?|minors?"
    r"|toddlers?|couple|daughters?|sons?)\b",
    _I,
)
_NO_QUOTES = dict.fromkeys(map(ord, '"“”„«»'))
_READ_DETERMINER = re.compile(r"^\W*(?:an?|another|one|a single)\b", _I)


def read_count(words: str, *, policy: str = "recorders") -> Count:
    """Return the range that `words` say: "at least five women and three boys" -> Count(8, None).

    A hedge opens an end ("at least 5" {5, None}, "up to 11" {None, 11}), "about 5" and "some 5" are 5, a person without
    a number is 1 ("a paramedic", "her husband"), parts are added up, and what is inside a figure ("including four
    children") is not. Zero is {0, 0}; harm without a figure ("civilians", "many") {None, None}. Ages, ordinals and
    percentages are no figures. `policy` names the values of vague words, see `POLICIES`; another name is a ValueError.
    Only the first 600 characters are read.
    """
    if policy not in POLICIES:
        raise ValueError(f"unknown policy {policy!r}: choose one of {', '.join(POLICIES)}")
    return _read(words[:600].translate(_NO_QUOTES), policy)


def read_number(words: str, *, policy: str = "recorders") -> Count:
    """Return the number said before a target or an action: "three", "a", "multiple"; no number is {None, None}.

    Unlike in `read_count` a bare noun ("vehicle") and "the" say no number.
    """
    if policy not in POLICIES:
        raise ValueError(f"unknown policy {policy!r}: choose one of {', '.join(POLICIES)}")
    marked = mark(words, POLICIES[policy])
    figure = _MARKER.search(marked)
    if figure:
        return _count(figure)
    return ONE if _READ_DETERMINER.match(marked) else UNKNOWN


def sum_counts(counts: Iterable[Count]) -> Count:
    """Add up parts that the text leaves unsummed: {12, 12} and {10, None} are {22, None}.

    A part of unknown size adds nothing to the lower end and opens the upper one; nothing known is {None, None}.
    """
    counts = list(counts)
    lows = [c.min for c in counts if c.min is not None]
    highs = [c.max for c in counts if c.max is not None]
    high = sum(highs) if highs and len(highs) == len(counts) else None
    return Count(sum(lows) if lows else None, high, any(c.vague for c in counts))


def widen(counts: Iterable[Count]) -> Count:
    """The range over rival tolls: from the lowest figure said to the highest ("Rival tolls ... widen the range").

    A claim without figure says nothing here, and a vague word gives way to a figure beside it. An open end stays open
    only where no other claim goes beyond it: {5, None} and {8, 8} are {5, 8}; {8, None} and {5, 5} are {5, None};
    {8, None} and {8, 8}, the same figure with and without a hedge, keep the hedge. {None, 11} likewise, downwards.
    """
    said = [c for c in counts if c.min is not None or c.max is not None]
    said = [c for c in said if not c.vague] or said
    if not said:
        return UNKNOWN
    figures = [n for c in said for n in (c.min, c.max) if n is not None]
    low, high = min(figures), max(figures)
    open_low = any(c.min is None and c.max == low for c in said)
    open_high = any(c.max is None and c.min == high for c in said)
    return Count(None if open_low else low, None if open_high else high, any(c.vague for c in said))


@lru_cache(maxsize=4096)
def _read(words: str, policy: str) -> Count:
    marked = _INCLUDED.sub("", mark(words, POLICIES[policy]))
    count = _explained(_BRACKETS.sub(" ", marked))
    inside = " ".join(_BRACKETS.findall(marked))
    if inside and (count.vague or count == UNKNOWN):  # "several (five) people", "children (5)"
        other = _explained(inside)
        return count if other == UNKNOWN or other.vague else other
    return count


def _explained(marked: str) -> Count:
    """A phrase whose figure may be spelled out after a colon or a dash ("four people: a man and three boys")."""
    for piece in _EXPLAINED.split(marked, maxsplit=1):
        count = _phrase(piece.strip())
        if count != UNKNOWN:
            return count
    return UNKNOWN


def _phrase(marked: str) -> Count:
    """The sum of the parts of a phrase, or its first part where the others only spell it out."""
    pieces = ["", *_APART.split(marked)]
    kept: list[_Part] = []
    listed = False  # names after a figure and a comma: "two brothers, Ahmed and Ali"
    for joined_by, text in zip(pieces[::2], pieces[1::2], strict=True):
        part = _part(text.strip(), joined_by.strip().lower(), later=bool(kept))
        if part is None or (kept and _says_nothing_new(kept, part)):
            continue
        listed = part.kind == "name" and bool(kept) and (listed or (part.comma and kept[-1].kind == "figure"))
        if listed:
            continue
        if kept and part.comma and kept[-1].count.vague and _MARKER.fullmatch(part.text):
            kept.pop()  # "dozens of people, at least 24"
        kept.append(part)
    total = sum_counts(p.count for p in kept)
    return kept[0].count if len(kept) > 1 and _spelled_out(kept) else total


def _part(text: str, joined_by: str, later: bool) -> _Part | None:
    """What one part counts, or None where it counts nobody."""
    text = _RELATIVE.sub("", _BODY.sub("", text))
    figure, person_of = _MARKER.search(text), _PERSON_OF.search(text)
    if figure and person_of and person_of[1].lower() in PERSONS and person_of.end() == figure.start() + 1:
        figure = None
    if figure:
        count = UNKNOWN if _FAMILIES.match(text, figure.end()) else _count(figure)
        return _Part("figure" if count != UNKNOWN else "plural", count, text, joined_by)
    kind = _kind(_TAIL.sub("", text), later)
    return _Part(kind, UNKNOWN if kind == "plural" else ONE, text, joined_by) if kind else None


def _kind(head: str, later: bool) -> str | None:
    """Whether a noun phrase without a figure is one person, a name or several people."""
    words = _WORD.findall(head)
    while len(words) > 2 and words[-1].lower() in _HARMED:
        words.pop()
    if not words:
        return None
    noun = words[-1].lower()
    if _ONE.match(head):
        return None if noun in NO_COUNT and len(words) > 1 else "person"
    if noun in NO_COUNT:
        return "plural" if not later else None
    named = len(words) > 1 and all(w[:1].isupper() for w in words) and noun.removesuffix("s") not in PERSONS
    if is_plural(noun) and not named:
        return "plural"
    if _OF_SOMEONE.match(head) or (_THE.match(head) and len(words) > 1):
        return "person"
    if noun in (KIN if later and not words[0][:1].isupper() else PERSONS) or (is_person(noun) and not later):
        return "person"
    return "name" if words[-1] != noun and noun not in ("the", "his", "her", "their") else None


def _says_nothing_new(kept: list[_Part], part: _Part) -> bool:
    """Whether a later part is only another word for people that are counted already, or no person at all."""
    before = kept[-1]
    if part.kind == "plural":  # "five women and children", but "a leader and fighters"
        return any(p.kind in ("figure", "plural") for p in kept)
    if part.kind == "figure":
        return False
    known = any(w.lower() in PERSONS for w in _WORD.findall(part.text)) or _OF_SOMEONE.match(part.text)
    if _TAIL.search(before.text) and not known:  # "five people in a house and a car"
        return True
    if part.kind == "name":  # "a paramedic, Ahmed Ali"
        return part.comma and before.kind == "person" and not _OF_SOMEONE.match(before.text)
    return part.comma and before.kind == "name" and not _OF_SOMEONE.match(part.text)  # "Ahmed, a paramedic"


def _spelled_out(kept: list[_Part]) -> bool:
    """ "seven people, two women and five children", "his nephew, a guard": the first part holds the others."""
    first, rest = kept[0], kept[1:]
    if first.kind == "person" and _OF_SOMEONE.match(first.text):
        return len(rest) == 1 and rest[0].comma and rest[0].text.lower().startswith(("a ", "an "))
    nouns = {w.lower() for w in _WORD.findall(_TAIL.sub("", first.text))}
    if first.kind != "figure" or first.count.max is None or not rest[0].comma or not nouns & GENERIC:
        return False
    others = sum_counts(p.count for p in rest)
    return (others.max or others.min or 0) <= first.count.max and all(_DEMOGRAPHIC.search(p.text) for p in rest)


def _count(marker: re.Match) -> Count:
    low, high, flag = marker.groups()
    return Count(int(low) if low else None, int(high) if high else None, flag == "v")
