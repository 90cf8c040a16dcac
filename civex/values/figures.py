"""Figures: every figure in the words of a count made a marker `{min:max:v}`, hedges and vague words included.

"at least 5 men" -> "{5::} men", "8 to 12" -> "{8:12:}", "dozens of people" -> "{12::v} people", "no one" -> "{0:0:}".
What is a number and yet no figure goes: ages, ordinals, percentages, note marks. The rules are those of the contract
("Coding conventions", Figures); `civex.values.counts` adds the marked parts up.
"""

import re
from collections.abc import Mapping

from civex.values.numbers import NUMBER, to_digits

_I = re.IGNORECASE
_MAX_CHARS = 600  # a phrase is shorter; no pattern meets more
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6}

_FILL = r"(?:(?:another|a further|further|about|around|approximately|roughly|nearly|almost|some|the|an estimated|an"
_FILL += r"|additional|other|these|those|all|a total of|estimated|and|possibly|perhaps|but|or|,)\s*)*"
_LOW = r"(?:at\s?(?:the )?least|(?<!no )(?<!not )(?:more|greater|higher) than|over|above|upwards? of"
_LOW += r"|in excess of|as few as|no (?:fewer|less) than|not (?:fewer|less) than"
_LOW += r"|a minimum(?: of)?|minimum(?: of)?|exceed(?:s|ed|ing)|[>≥]=?)"
_HIGH = r"(?:up to|as many as|no(?:t)? (?:more|greater) than|at (?:the )?most|a maximum of|maximum of|under|below"
_HIGH += r"|(?<!no )(?<!not )(?:fewer|less) than|[<≤]=?)"
_I = re.IGNORECASE

_PLAIN = str.maketrans(
    "‐‑‒−–—―\xa0\u202f\u2009‘’`ʼ“”{}", "----–––   ''''\"\"  ", "\u200b\u200c\u200d\u200e\u200f\ufeff\xad*†‡"
)
_SCANNED = re.compile(r"(?<=[A-Za-z])0(?=[A-Za-z])|\b0(?=[a-z]{3})|\b1(?=[a-z]{3})")  # "F0ur", "at 1east"
_NOTE_MARK = re.compile(r"\[\d+\]")
_LIST = rf"{NUMBER}(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s+to\s+|\s*[-–]\s*|\s+or\s+){NUMBER}(?!\s*[\da-z]))*"
_AGES = re.compile(
    rf"[\s-]*\b{NUMBER}(?:\s*(?:-|–|to|and|or)\s*{NUMBER})?[\s-]+(?:and a half[\s-]+)?"
    r"(?:(?:year|month|week|day)s?[\s-]*olds?\b|(?:year|month|week|day)(?=-|\W*$))"
    rf"|,?\s*\b(?:both |all )?(?:aged?|ages|between the ages of)\s+(?:between |of |from |just |only |about )?{_LIST}"
    r"(?:\s+(?:years|months|weeks|days)\b)?"
    r"|\bin (?:his|her|their) (?:early |mid |late )?-?\d\ds\b"
    rf"|(?<=[a-z] )(?:under|over|below|above) the age of {NUMBER}"
    rf"|(?<=[a-z])\s*,\s*{_LIST}(?=\s*(?:,|$|\)|and\b))",
    _I,
)
_NOISE = re.compile(
    r",?\s*\bif not (?:\w+ )?\w+\b,?|\b\d+(?:st|nd|rd|th)\b|\bno\.\s*\d+|(?<=[A-Za-z])-\d+\b|\b\d+-(?=[a-z]+ed\b)", _I
)
_SHARE = re.compile(
    rf"\b(?:{NUMBER}(?:\.\d+)?|an?)[\s-](?:thirds?|quarters?|fifths?|tenths?)\s+of\b"
    rf"|\b{NUMBER}(?:\.\d+)?\s*(?:%|per\s?cents?\b)|\ball but (?!{NUMBER} of)",
    _I,
)
_ZERO = re.compile(
    r"\b(?:not (?:a single|one|any)|no[ -]one|nobody|none|neither|nil|without(?: any)?"
    r"|no(?! (?:\w+ )?than\b|\.))\b(?: of\b)?",
    _I,
)
_GIVEN_PAIRS = re.compile(
    r"\bboth\b(?: of\b)?|(?<=his )parents\b|(?<=her )parents\b|(?<=their )parents\b|\b(?:an? )?pair of\b|\btwins?\b"
    r"|\b(?:married|elderly|old|young|newlywed|the|this|that|another) couple\b(?!')"
    r"|\ba couple(?= and (?:their|his|her)\b)"
    r"|\b(?:an? )?(?:trio of|trio|triplets)\b",
    _I,
)
_MULTIPLE = re.compile(
    r"\b(several|a few|few|some few|multiple|a couple(?: of)?|many)\s+(dozen|hundred|thousand|million)\b"
    r"|\b(?:(?:many|several|a few) )?(?:(tens|dozens|scores|hundreds|thousands) of )?"
    r"(tens|dozens|scores|hundreds|thousands|millions)\b(?: of\b)?",
    _I,
)
_VAGUE = re.compile(
    r"\b(a couple)\b(?: of\b)?"
    r"|\b((?:quite )?a few|several|multiple|various|a handful(?: of)?|a (?:small |limited )?number(?: of)?|a series of"
    r"|some of|some(?! (?:of the |in |\{)?\d)(?! \w+ \d))\b"
    r"|\b((?<!as )few|(?<!as )many(?: of)?|numerous|countless|an? \w+ number of|unknown numbers? of"
    r"|large numbers of|lots of|a lot of|plenty of|(?<!at )(?<!the )most(?: of)?|(?:a|the) (?:vast )?majority of)\b",
    _I,
)
_RANGE = re.compile(
    r"\bbetween\s+(?:at least )?(\d+)(?:\s+[a-z]+)?\s+and\s+(?:as many as |up to )?(\d+)"
    r"|(?<![\w.-])(\d+)\s*,?\s*(?:(?:to|or|and)\s+)?(?:possibly|perhaps|maybe|potentially)\s+"
    r"(?:as many as |up to )?(\d+)\b"
    r"|(?<![\w.-])(\d+)\s*(?:-|–|/|\bto\b|\bor\b)\s*(?:as many as |up to |even )?(\d+)(?![\w-])",
    _I,
)
_LOW_HIGH = re.compile(rf"\b{_LOW}\s*{_FILL}(\d+)\s*{_FILL}{_HIGH}\s*(\d+)", _I)
_FIGURE = re.compile(r"\{[^}]*\}|(?<![\w.])(\d+)(?![\w]|\.\d)")
_ALL_BUT = re.compile(r"\ball but \{(\d+):\1:\} of (?:the|his|her|their|its) \{(\d+):\2:\}", _I)
_HALF = re.compile(r"\bhalf (?:of )?(?:the |all |those |these )?\{(\d+):(\d+):\}", _I)
_MIN_BEFORE = re.compile(rf"(?:\b|(?<!\w)){_LOW}\s*{_FILL}\{{(\d*):(\d*):(v?)\}}", _I)
_MAX_BEFORE = re.compile(rf"(?:\b|(?<!\w)){_HIGH}\s*{_FILL}\{{(\d*):(\d*):(v?)\}}", _I)
_MIN_ONE = re.compile(r"\bat least (?:an?|another)\b", _I)
_MIN_AFTER = re.compile(
    r"\{(\d*):(\d*):(v?)\}(\+|[^{};]*?(?:\bor more\b|\bor over\b|\band counting\b|\band rising\b|\bso far\b"
    r"|\bplus\b(?! \{)|\bat (?:the )?least\b|\bat a minimum\b))",
    _I,
)
_MAX_AFTER = re.compile(r"\{(\d*):(\d*):(v?)\}([^{};]*?(?:\bor (?:fewer|less)\b|\bat (?:the )?most\b))", _I)
_TWOS = re.compile(r"\{(\d+):(\d+):\} (?:\w+ )?(?:couples|pairs)\b", _I)
_UNDER = re.compile(rf"\b(child|children|boys|girls|infants|minors|kids|those) (?:under|below) {NUMBER}\b", _I)


def mark(words: str, vague: Mapping[str, tuple[int | None, int | None]]) -> str:
    """Return `words` (the first 600 characters) with its figures as `{min:max:v}`; `vague` values the vague words."""
    text = " ".join(words[:_MAX_CHARS].translate(_PLAIN).split())
    text = _SCANNED.sub(lambda m: "o" if m[0] == "0" else "l", text)
    text = _UNDER.sub(r"\1", _AGES.sub("", _NOTE_MARK.sub("", text)))
    text = _SHARE.sub("{::}", _NOISE.sub("", text))
    text = _GIVEN_PAIRS.sub(lambda m: "{3:3:}" if "tri" in m[0].lower() else "{2:2:}", _ZERO.sub("{0:0:}", text))
    text = to_digits(_MULTIPLE.sub(lambda m: _multiple(m, vague), text))
    text = _VAGUE.sub(lambda m: _marker(*_value(m, vague), "v"), text)
    text = _LOW_HIGH.sub(r"{\1:\2:}", text)
    text = _RANGE.sub(_range, text)
    text = _FIGURE.sub(lambda m: f"{{{m[1]}:{m[1]}:}}" if m[1] else m[0], text)
    text = _HALF.sub(lambda m: _marker(int(m[1]) // 2, (int(m[2]) + 1) // 2), text)
    text = _ALL_BUT.sub(lambda m: _marker(max(0, int(m[2]) - int(m[1])), max(0, int(m[2]) - int(m[1]))), text)
    text = _TWOS.sub(lambda m: _marker(2 * int(m[1]), 2 * int(m[2])), text)
    text = _MIN_ONE.sub("{1::}", _MIN_BEFORE.sub(_open_max, _MAX_BEFORE.sub(r"{:\2:\3}", text)))
    return _MAX_AFTER.sub(r"{:\2:\3}\4", _MIN_AFTER.sub(_open_max, text))


def _marker(low: int | None, high: int | None, flag: str = "") -> str:
    return f"{{{'' if low is None else low}:{'' if high is None else high}:{flag}}}"


def _range(match: re.Match) -> str:
    low, high = sorted(int(n) for n in match.groups() if n)
    return _marker(low, high)


def _open_max(match: re.Match) -> str:
    """A hedge opens the upper end; after one before it, a range keeps both its ends ("at least 15 to 18")."""
    low, high, flag, *rest = match.groups()
    after = rest[0].removeprefix("+") if rest else ""
    return f"{{{low}:{high if high != low and not rest else ''}:{flag}}}{after}"


def _value(match: re.Match, vague: Mapping) -> tuple[int | None, int | None]:
    name = "couple" if match[1] else "few" if match[2] else "many"
    return vague.get(name, (None, None))


def _multiple(match: re.Match, vague: Mapping) -> str:
    """ "several hundred", "dozens", "tens of thousands"."""
    if match[1]:
        word = match[1].lower()
        name = "couple" if "couple" in word else "many" if word == "many" else "few"
        scale = _SCALES[match[2].lower()]
    else:
        name = (match[3] or match[4]).lower()
        scale = _SCALES.get(match[4].lower().rstrip("s"), 10) if match[3] else 1
    low, high = vague.get(name, (None, None))
    return _marker(low and low * scale, high and high * scale, "v")
