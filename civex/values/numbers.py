"""Numbers: digits and number words of a text, rewritten as plain digits ("two dozen" -> "24", "1,302" -> "1302")."""

import re

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: i for i, word in enumerate(_SMALL)} | {word: 10 * i for i, word in enumerate(_TENS, 2)}
_WORDS["fourty"] = 40
_SCALES = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}
_SUFFIXES = {"k": "thousand", "m": "million", "mn": "million", "bn": "billion"}
_MAX_DIGITS = 12  # longer runs of digits are no figure

_WORD = "(?:" + "|".join(sorted(_WORDS, key=len, reverse=True)) + ")"
_SCALE = "(?:" + "|".join(_SCALES) + ")"
_DIGITS = r"\d{1,3}(?:[,' ]\d{3})+(?!\d)|\d+(?:\.\d+)?"
_ATOM = rf"(?:{_WORD}\b|{_SCALE}\b|{_DIGITS})"
NUMBER = (
    rf"(?:(?:{'|'.join(_TENS)})[ -]{_WORD}\b|{_WORD}\b|\d+)"  # a small number, in words or digits, for other patterns
)

_RUN = re.compile(
    rf"(?<![\w.-])(?:half\s+)?(?:an?\s+(?={_SCALE}\b))?{_ATOM}(?:(?:\s+and\s+|[\s-]+){_ATOM})*(?![\w])", re.I
)
_TOKEN = re.compile(rf"half\b|and\b|an?\b|{_WORD}\b|{_SCALE}\b|{_DIGITS}|\s+|-", re.I)
_SHARED = re.compile(rf"\b({NUMBER})(\s*(?:-|–|\bto\b|\bor\b)\s*)({NUMBER})(\s+{_SCALE})\b", re.I)
_SHARED_AND = re.compile(rf"\b(between\s+{NUMBER})(\s+and\s+)({NUMBER})(\s+{_SCALE})\b", re.I)
_SCANNED = re.compile(r"(?<!\w)(?=[lIO|,]*\d)(?=[\d,]*[lIO|])[lI|\d][lIOo|\d]*(?:,[lIOo|\d]{3})*(?!\w)")
_SCAN_FAULTS = str.maketrans("lI|Oo", "11100")
_DOTTED = re.compile(rf"(?<![\w.,])\d{{1,3}}(?:\.\d{{3}})+(?![\d.]|\s*{_SCALE})")  # "1.302 people"
_SUFFIX = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?(k|m|mn|bn)(?!\w)", re.I)


def to_digits(text: str) -> str:
    """Return `text` with every number written as plain digits; all else stays.

    "one hundred and eleven" -> "111", "a dozen" -> "12", "half a million" -> "500000", "2.3 million" -> "2300000",
    "1 302" -> "1302", the scan fault "l2" -> "12", "three to four hundred" -> "300 to 400". Numbers that do not make
    one figure stay apart ("two five"), and a decimal without a scale stays as it is.
    """
    text = _SCANNED.sub(lambda m: m[0].translate(_SCAN_FAULTS), text)
    text = _SUFFIX.sub(lambda m: f"{m[1]} {_SUFFIXES[m[2].lower()]}", text)
    text = _DOTTED.sub(lambda m: m[0].replace(".", ""), text)
    text = _SHARED_AND.sub(r"\1\4\2\3\4", _SHARED.sub(r"\1\4\2\3\4", text))
    return _RUN.sub(_rewrite, text)


def _rewrite(match: re.Match) -> str:
    """The run of number words and digits as one figure, or as several where they do not combine."""
    out, figure, joiner = [], None, ""
    for token in _TOKEN.findall(match[0]):
        word = token.lower()
        if word in ("and", "-") or word.isspace():
            joiner += token
        elif figure is not None and figure.take(word, joined="and" in joiner.lower()):
            joiner = ""
        else:
            out += [str(figure) if figure is not None else "", joiner]
            figure, joiner = _Figure(), ""
            figure.take(word)
    return "".join(out) + (str(figure) if figure is not None else "")


class _Figure:
    """A figure that grows word by word: `take` says whether the next word still belongs to it."""

    def __init__(self):
        self.total, self.current, self.last, self.half, self.literal = 0, None, "", False, ""

    def take(self, word: str, joined: bool = False) -> bool:
        """Add `word`; False where it starts another figure. `joined`: an "and" stood before it."""
        if word in _SCALES:
            return not joined and self._scale(word)
        if word in ("half", "a", "an"):
            fits = self.last in ("", "half")
            self.half = self.half or word == "half"
        elif word in _WORDS:
            fits = self._small(_WORDS[word], joined)
        else:
            fits = self.last in ("", "half") and not joined
            if fits:
                plain = re.sub(r"[,' ]", "", word)
                self.literal = plain
                if len(plain) <= _MAX_DIGITS:
                    self.current = float(plain) if "." in plain else int(plain)
        self.last = word if fits else self.last
        return fits

    def _scale(self, word: str) -> bool:
        scale = _SCALES[word]
        if self.last in ("dozen", word) or (scale < 1000 and self.current is not None and self.current >= 100):
            return False
        value = scale * (1 if self.current is None else self.current)
        if scale < 1000:
            self.current = value
        else:
            self.total, self.current = self.total + value, None
        self.last, self.literal = word, ""
        return True

    def _small(self, value: int, joined: bool) -> bool:
        after_scale = self.last in ("hundred", "thousand", "million")
        if self.last in ("", "half", "a", "an"):
            self.current = value
        elif after_scale:
            self.current = (self.current or 0) + value
        elif self.last in _TENS and 0 < value < 10 and not joined:
            self.current += value
        else:
            return False
        return True

    def __str__(self) -> str:
        if self.literal or self.last in ("half", "a", "an"):
            return ("half " if self.half else "") + (self.literal or "")
        value = self.total + (self.current or 0)
        return str(round(value / 2 if self.half else value))
