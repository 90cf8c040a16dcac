"""Dates: the words of a date mention to ISO days. Pure functions; nothing here ever reads today's date.

`parse` turns words into a `Reading`, the parts that the words say; `resolve` adds what the document fixes; `read_date`
does both. Ours are the tables `_OF_MONTH` and `_OF_YEAR` (thirds, quarters, northern seasons), weeks from Monday to
Sunday, and "three weeks ago" as the seven days around that day. That "the night of 3 to 4 March" is a range, "last
night" the day before, and that a date wins over its weekday, is coded as in `corpus/GUIDELINE.md`.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

WEEKDAY_CONTRADICTS = "weekday_contradicts_date"
AMBIGUOUS_ORDER = "ambiguous_date_order"
LONGEST = 100  # characters; no date mention is longer
TOLERANCE = timedelta(days=3)  # a release of 1 June may name 2 June: time zones, datelines

_MONTH_NAMES = "january february march april may june july august september october november december".split()
_WEEKDAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTHS = {name[:3]: number for number, name in enumerate(_MONTH_NAMES, 1)}
_WEEKDAYS = {name[:3]: number for number, name in enumerate(_WEEKDAY_NAMES)}
_ORDINALS = "first second third fourth fifth".split()
_COUNTS = {
    word: n for n, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), 1)
}
_COUNTS |= {"an": 1, "a": 1} | dict.fromkeys(("a few", "few", "a couple of", "a couple", "several", "some", "many"))
# Parts of a month in days (the last seven below zero) and of a year in months; winter is of two years and left out.
_OF_MONTH = {f"{nth} week": (7 * n + 1, min(7 * n + 7, 31)) for n, nth in enumerate(_ORDINALS)} | {
    **dict.fromkeys(("early", "beginning", "start", "first days"), (1, 10)),
    **dict.fromkeys(("mid", "middle"), (11, 20)),
    **dict.fromkeys(("late", "end", "very end", "last days"), (21, 31)),
    **{"first half": (1, 15), "second half": (16, 31), "last week": (-6, 31)},
}
_OF_YEAR = {
    name.format(n + 1, _ORDINALS[n]): (3 * n + 1, 3 * n + 3) for n in range(4) for name in ("q{}", "{1} quarter")
} | {
    **dict.fromkeys(("early", "beginning", "start"), (1, 4)),
    **dict.fromkeys(("mid", "middle"), (5, 8)),
    **dict.fromkeys(("late", "end", "very end"), (9, 12)),
    **{"first half": (1, 6), "h1": (1, 6), "second half": (7, 12), "h2": (7, 12), "last quarter": (10, 12)},
    **{"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11)},
}
_NEAR_WORDS = dict.fromkeys(("last", "past", "previous", "preceding", "prior"), -1)
_NEAR_WORDS |= dict.fromkeys(("this", "current", "that", "same", "very same"), 0)
_NEAR_WORDS |= dict.fromkeys(("next", "following", "subsequent"), 1)
_WAYS = dict.fromkeys(("ago", "earlier", "before", "previously"), -1) | dict.fromkeys(
    ("later", "after", "afterwards"), 1
)
_FROM_PUBLICATION = {"last", "past", "this", "current", "next", "ago"}  # the others count from the date told of before


@dataclass(frozen=True, slots=True)
class DateValue:
    """`start` and `end` are ISO days, inclusive; `precision` is day, month, year or range; None: nothing fixes them.

    A range may be open: "since 2014" has no end, "until March 2019" no start. `warnings` are codes.
    """

    start: str | None
    end: str | None
    precision: str | None
    warnings: tuple[str, ...] = ()


class Shift(NamedTuple):
    """`count` units from `base` ("published" or "anchor"); `count` is None where the words are vague ("days later").

    Units: day, week, around (the seven days around), weekend, weekday, month, year; "past" before one of them is the
    stretch between there and the base.
    """

    base: str
    unit: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of one mention say; a part that they do not say is None.

    `weekday` counts from Monday = 0; `part` narrows a month or year ("late", "second quarter"). `order` tells of a date
    in figures which is the day: "day" the first, "month" the second, "either" where both can be (`day` is the first).
    `between` holds the ends of a range, None for an open one. `bare`: a number that needs the month of a heading.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    part: str | None = None
    shift: Shift | None = None
    order: str | None = None
    between: "tuple[Reading | None, Reading | None] | None" = None
    bare: bool = False

    @property
    def names_day(self) -> bool:
        """True for anything as fine as a day or week: "early" or "night of" before it change nothing."""
        shifted = self.shift is not None and self.shift.unit in ("day", "week", "weekend", "around")
        return self.day is not None or self.weekday is not None or shifted


class Context(NamedTuple):
    """What the document fixes, as for `read_date`."""

    published: date | None = None
    anchor: date | None = None
    year: int | None = None
    month: int | None = None
    day_first: bool | None = None


class _Interval(NamedTuple):
    start: date | None
    end: date | None
    precision: str


# The grammar: every pattern matches a whole text, in lower case with single blanks.
_M = "(?P<m>" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _MONTH_NAMES) + r"|sept)(?![a-z])\.?"
_W = r"(?P<w>(?:mon|tues?|wed(?:s|nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?)(?![a-z])(?:'s)?\.?"
_W_AFTER = rf"(?:[ ,(]+{_W.replace('<w>', '<w2>')})?"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_D = rf"(?P<d>{_DAY})(?![0-9])(?P<th>st|nd|rd|th)?"
_N = r"(?P<n>0?[1-9]|1[0-2])"
_Y = r"(?P<y>(?:1[89]|20)[0-9]{2})"
_YY = r"(?P<yy>[0-9]{2})"
_CLOCK = r"(?:[t ,]+[0-9]{2}:[0-9]{2}[0-9:.]*(?: ?z|\+[0-9:]{2,5})?)?"
_OF = "[ ,.-]*(?:of |in )?"
_POINTS = [re.compile(pattern) for pattern in (
    rf"(?:{_W}[ ,-]*)?{_M}[ ,.-]*(?:the )?{_D}(?:{_OF}{_Y})?{_W_AFTER}",
    rf"(?:{_W}[ ,-]*(?:the )?)?{_D}[ ,.-]*(?:day )?(?:of )?{_M}(?:{_OF}(?:{_Y}|'?{_YY}))?{_W_AFTER}",
    rf"{_Y}(?P<s>[-/.]){_N}(?P=s){_D}{_CLOCK}",
    rf"{_Y}[-/]{_N}",
    rf"{_Y}(?P<n>0[1-9]|1[0-2])(?P<d>{_DAY})",
    rf"(?P<d>{_DAY}) ?[0-9]{{4}} ?[a-z] ?{_M} ?(?:{_Y}|{_YY})",  # military: 121430ZMAY17
    rf"(?:{_W}[ ,]*)?(?P<a>[0-9]{{1,2}})(?P<s>[-/.])(?P<b>[0-9]{{1,2}})(?P=s)(?:{_Y}|{_YY}){_CLOCK}{_W_AFTER}",
    r"(?P<a>[0-9]{1,2})/(?P<b>[0-9]{1,2})",
    rf"{_N}/{_Y}",
    rf"{_Y}[ ,.-]*{_M}(?:[ ,.-]*{_D})?",
    rf"{_M}(?:{_OF}(?:{_Y}|'{_YY}))?",
    rf"(?:{_W}[ ,]*(?:the )?)?{_D}(?:[ ,]+{_Y})?",  # the year after the second day of "May 4 and 5, 2017"
    _Y,
    _W,
)]  # fmt: skip
_LEAD = re.compile(
    r"(?:(?:on|in|at|by|of|from|between|during|over|around|about|circa|approximately|dated|as of|as early as|as late as"
    r"|the|month of|year of|year(?= [0-9])|earlier|later|exactly)[ ,]+)+"
)
_HOURS = (
    r"(?:(?:very |the )*(?:early|late|mid|pre-?dawn|small)[ -]*)?(?:hours|(?:mid)?night|mid-?day|over-?night|morning"
    r"|noon|after-?noon|evening|dawn|dusk|daybreak)(?:'s|(?: hours| prayers?)?)|[0-9]{1,2}(?:[:.][0-9]{2})?"
    r"(?: ?(?:[ap]\.?m\b\.?|hrs|hours|gmt|utc|local time|h\b))+|[0-9]{1,2}:[0-9]{2}"
)
_HOURS_BEFORE = re.compile(rf"(?:(?:{_HOURS})(?:[ ,]+(?:on|of|between|from|to|the|in))*[ ,]+)+")
_HOURS_AFTER = re.compile(rf"(?:,? (?:(?:at|in|during|around|about|the) )*(?:{_HOURS}))+$")
_NAMES = "|".join(sorted(_OF_MONTH | _OF_YEAR, key=len, reverse=True))
_PART = re.compile(rf"(?P<name>{_NAMES})(?:[ ,/-]+(?:in |on |of )*(?:the )?(?P<rest>.+))?")
_NTH = re.compile(r"(?:(final)|([1-5])(?:st|nd|rd|th)) (?=(?:week|quarter|half)\b)")
_WHICH = f"(?P<which>{'|'.join(_NEAR_WORDS)})"
_NEAR = re.compile(rf"{_WHICH} (?:(?P<unit>day|weekend|week|month|year)|night|morning|afternoon|evening|{_M}|{_W})")
_TAIL = re.compile(rf"(?P<head>.+?)[ ,]+(?:of |in )?(?:the )?{_WHICH} (?P<unit>week|month|year)")
_COUNTED = re.compile(
    rf"(?:{_WHICH} )?(?:(?:about|around|nearly|almost|just|only) )?(?:(?P<count>[0-9]{{1,3}}|{'|'.join(_COUNTS)}) )?"
    rf"(?P<unit>hour|day|night|week|fortnight|month|year)(?P<many>s?)(?: (?P<way>{'|'.join(_WAYS)}))?"
)
_FIXED = {word: Reading(shift=Shift("published", "day", count)) for word, count in {
    "today": 0, "tonight": 0, "yesterday": -1, "overnight": -1, "day before yesterday": -2, "night before last": -2,
    "tomorrow": 1, "day after tomorrow": 2,
}.items()} | {"weekend": Reading(shift=Shift("published", "weekend", 0))}  # fmt: skip
_BETWEEN = re.compile(r" ?[-/&] ?|,? (?:to|and|or|through|thru|until|till|into|up to) (?:the )?")
_LIST = re.compile(rf"\b({_DAY}(?:st|nd|rd|th)?)(?:, ?{_DAY}(?:st|nd|rd|th)?)+(?=,? (?:and|&|to) )")
_OPEN = re.compile(r"(?:(?P<since>(?:ever )?since)|until|till|up to|through) (?P<rest>.+)")
_PLAIN = {**dict.fromkeys(range(0x2010, 0x2016), "-"), 0x2212: "-", **dict.fromkeys((0x2018, 0x2019, 0x2BC), "'")}
_PLAIN |= dict.fromkeys((0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF))
# Letters that a scanner takes for each other become one letter.
_FOLD = str.maketrans("0o1i5hdcvnq9", "eellsbbeuugg")
_SCANNED = {name.translate(_FOLD): name for names in (_MONTH_NAMES, _MONTHS) for name in names}
_FIGURE = re.compile(r"(?=.*[0-9])([0-9lio]+)(st|nd|rd|th)?")


def read_date(
    words: str,
    *,
    published: date | None = None,
    anchor: date | None = None,
    year: int | None = None,
    month: int | None = None,
    day_first: bool | None = None,
) -> DateValue | None:
    """The value of a date mention, None where the words hold no date; no words ever raise.

    `published` fixes dates without a year and "yesterday"; `anchor`, the date told of before, fixes "the next day";
    `year` and `month` come from a governing heading; `day_first` decides 12/7/2021. A date that nothing fixes, or that
    the calendar does not have, has no start or end.
    """
    reading = parse(words)
    if reading is None or (reading.bare and not month):
        return None
    return resolve(reading, Context(published, anchor, year, month, day_first))


def full_date(words: str, *, day_first: bool | None = None) -> DateValue | None:
    """The day that the words alone name ("Apr. 9, 2016"), else None: no context, no ranges. Cheap, for layout."""
    reading = parse(words)
    if reading is None or not (reading.day and reading.month and reading.year):
        return None
    value = resolve(reading, Context(day_first=day_first))
    return value if value.precision == "day" else None


def is_complete(words: str) -> bool:
    """True where the words alone fix a day, month, year or range, so that no heading or publication is needed."""
    reading = parse(words)
    return reading is not None and resolve(reading, Context()).precision is not None


def to_value(iso: str) -> DateValue:
    """The value of gold notation: "2019-03-24", "2019-03", "2019", "2014-08..2019-04", "..2019-03", "2014..", "?".

    Raises ValueError where `iso` is none of these or not in the calendar.
    """
    if iso == "?":
        return DateValue(None, None, None)
    sides = iso.split("..")
    if len(sides) > 2 or not any(sides) or not all(re.fullmatch(r"(?:[0-9]{4}(?:-[0-9]{2}){0,2})?", s) for s in sides):
        raise ValueError(f"no date in gold notation: {iso!r}")
    ends = [_calendar(*map(int, side.split("-"))) if side else None for side in sides]
    if all(ends) and ends[0].start > ends[-1].end:
        raise ValueError(f"ends before it starts: {iso!r}")
    return _value(ends[0] if ends[0] == ends[-1] else _joined(ends[0], ends[-1]), ())


def parse(words: str) -> Reading | None:
    """The parts of a date that `words` say, or None where they are no date. Scan faults ("Fed. l5") are mended."""
    return _parse(words) if len(words) <= LONGEST else None


@lru_cache(maxsize=8192)
def _parse(words: str) -> Reading | None:
    text = words if words.isascii() else words.translate(_PLAIN)
    text = " ".join(text.lower().split()).strip(' .,;:()[]"*')
    found = _point(text) or _side(text) or _range(text)
    if found is None and (mended := re.sub(r"[a-z0-9]+", lambda match: _mended(match[0]), text)) != text:
        found = _side(mended) or _range(mended)
    return found


@lru_cache(maxsize=1024)
def _mended(word: str) -> str:
    """A figure with letters in it, or a month or weekday misread by a scanner or misspelt, put right."""
    if figure := _FIGURE.fullmatch(word):
        return figure[1].translate(str.maketrans("lio", "110")) + (figure[2] or "")
    scanned = _SCANNED.get(word.replace("rn", "m").translate(_FOLD))
    if scanned or len(word) < 5:
        return scanned or word
    return next(iter(get_close_matches(word, _MONTH_NAMES + _WEEKDAY_NAMES, 1, 0.85)), word)


def _side(text: str) -> Reading | None:
    """One date that is no range of two; prepositions and hours around it are left out."""
    lead = _LEAD.match(text)
    text = (text[lead.end() :] if lead else text).strip(" .,'")
    return _relative(text) or _point(text) or _open(text) or _tail(text) or _part(text) or _within_day(text)


def _point(text: str) -> Reading | None:
    for pattern in _POINTS:
        if match := pattern.fullmatch(text):
            return _from_match(match.groupdict())
    return None


def _from_match(found: dict[str, str | None]) -> Reading:
    year, day, name = found.get("y"), found.get("d"), found.get("m")
    if short := found.get("yy"):
        year = ("20" if short < "70" else "19") + short
    month = _MONTHS[name[:3]] if name else found.get("n")
    weekday = found.get("w") or found.get("w2")
    reading = Reading(
        year=int(year) if year else None,
        month=int(month) if month else None,
        day=int(day) if day else None,
        weekday=_WEEKDAYS[weekday[:3]] if weekday else None,
        bare=bool(day and not month and (year or not (weekday or found.get("th")))),
    )
    return _in_figures(reading, int(found["a"]), int(found["b"])) if found.get("a") else reading


def _in_figures(reading: Reading, first: int, second: int) -> Reading:
    """12/7/2021: the order is settled where only one is in the calendar, or both give the same day."""
    orders = [order for order, month in (("day", second), ("month", first)) if month <= 12]
    if first == second or not orders:
        return replace(reading, day=first, month=second)
    found = replace(reading, day=first, month=second, order="either")
    return found if len(orders) == 2 else _in_order(found, orders[0])


def _in_order(reading: Reading, order: str | None) -> Reading:
    if reading.order != "either" or order not in ("day", "month"):
        return reading
    day, month = (reading.day, reading.month) if order == "day" else (reading.month, reading.day)
    return replace(reading, day=day, month=month, order=order)


def _relative(text: str) -> Reading | None:
    if text in _FIXED:
        return _FIXED[text]
    if (match := _NEAR.fullmatch(text)) and (found := _near(match)):
        return found
    match = _COUNTED.fullmatch(text)
    return _counted(match) if match else None


def _base(which: str) -> str:
    return "published" if which in _FROM_PUBLICATION else "anchor"


def _near(match: re.Match[str]) -> Reading | None:
    """Read "last night", "the next day", "that month", "last March", "the following Monday"."""
    which, unit = match["which"], match["unit"] or "day"
    shift = Shift("anchor" if (which, unit) == ("next", "day") else _base(which), unit, _NEAR_WORDS[which])
    if match["w"]:
        return Reading(weekday=_WEEKDAYS[match["w"][:3]], shift=Shift(_base(which), "weekday", shift.count))
    if match["m"]:
        return Reading(month=_MONTHS[match["m"][:3]], shift=Shift(_base(which), "month", shift.count))
    return None if which == "past" or (which, match["unit"]) == ("last", "day") else Reading(shift=shift)


def _counted(match: re.Match[str]) -> Reading | None:
    """Read "three days later", "two weeks ago", "the day before", "the past 24 hours"; less than a day is no date."""
    which, way, unit, said = match["which"], match["way"], match["unit"], match["count"]
    if bool(which) == bool(way):
        return None
    count = int(said) if said and said[0].isdigit() else _COUNTS[said] if said else None if match["many"] else 1
    if unit == "hour":
        count = (count or 0) // 24
        if not count:
            return None
    if unit == "fortnight":
        count = count and 2 * count
    unit = {"hour": "day", "night": "day", "week": "around", "fortnight": "around"}.get(unit, unit)
    sign = _NEAR_WORDS[which] if which else _WAYS[way]
    return Reading(shift=Shift(_base(which or way), f"past {unit}" if which else unit, count and sign * count))


def _tail(text: str) -> Reading | None:
    """Read "March last year", "the 3rd of this month", "Monday of that week"."""
    match = _TAIL.fullmatch(text)
    head = _side(match["head"]) if match else None
    if match is None or head is None or head.shift or head.year or head.between:
        return None
    fits = {
        "year": head.month or head.part in _OF_YEAR,
        "month": head.day and not head.month,
        "week": head.weekday is not None and not head.day,
    }
    shift = Shift(_base(match["which"]), match["unit"], _NEAR_WORDS[match["which"]])
    return replace(head, shift=shift, bare=False) if fits[match["unit"]] else None


def _part(text: str) -> Reading | None:
    """Read "late March 2017", "mid-2016", "2019 Q2", "first week of June 2020"; "early Monday" is Monday."""
    text = re.sub(rf"{_Y} ?-?([qh][1-4])", r"\2 \1", text)
    match = _PART.fullmatch(_NTH.sub(lambda nth: f"{_ORDINALS[int(nth[2]) - 1] if nth[2] else 'last'} ", text))
    if not match:
        return None
    name = match["name"]
    if not match["rest"]:
        return Reading(part=name) if name in _OF_YEAR and name not in _OF_MONTH else None
    rest = _side(match["rest"])
    if rest is None or rest.part or rest.between or rest.bare:
        return None
    if rest.names_day:
        return rest if name in ("early", "mid", "late", "end") else None
    of_month = rest.month or (rest.shift and rest.shift.unit == "month")
    return replace(rest, part=name) if name in (_OF_MONTH if of_month else _OF_YEAR) else None


def _within_day(text: str) -> Reading | None:
    """Read "the night of 3 March", "Monday night", "10 pm on 4 May": the day."""
    hours = _HOURS_BEFORE.match(text)
    rest = _HOURS_AFTER.sub("", text[hours.end() :] if hours else text)
    found = _side(rest) if rest != text else None
    return found if found and found.names_day else None


def _open(text: str) -> Reading | None:
    match = _OPEN.fullmatch(text)
    found = _side(match["rest"]) if match else None
    if match is None or found is None or found.between or found.bare:
        return None
    return Reading(between=(found, None) if match["since"] else (None, found))


def _range(text: str) -> Reading | None:
    """Read "5-7 Oct 2017", "March 29 and 30", "August 2014 to the end of April 2019"."""
    text = _LIST.sub(r"\1", text)
    for cut in _BETWEEN.finditer(text):
        first, last = _side(text[: cut.start()]), _side(text[cut.end() :])
        if first and last and not first.between and not last.between and (found := _joint(first, last)):
            return found
    return None


def _joint(first: Reading, last: Reading) -> Reading | None:
    """The range from `first` to `last`, each with the month and year that only the other one says."""
    if first.day and last.day and bool(first.month) != bool(last.month):
        month = first.month or last.month
        turn = not first.month and first.day > last.day  # "the night of 31 to 1 April"
        first = replace(first, month=first.month or (month - turn or 12), bare=False)
        last = replace(last, month=month, bare=False)
    if first.bare or last.bare:
        return Reading(between=(first, last), bare=True) if first.bare and last.bare else None
    first, last = _in_order(first, last.order), _in_order(last, first.order)
    for one, other in ((first, last), (last, first)):
        only_year = one.year and not one.month and not one.part
        if only_year and not other.year and not other.shift:
            return None  # "29 March and 2017" are no range
    return Reading(between=(_with_year(first, last, -1), _with_year(last, first, 1)))


def _with_year(reading: Reading, other: Reading, turn: int) -> Reading:
    """`reading` in the year of `other` where only that says one; 28 December to 3 January turns the year."""
    if reading.year or reading.shift or not reading.month or not other.month:
        return reading
    turns = (other.month - reading.month) * turn > 0
    return replace(reading, year=other.year and other.year + turn * turns, shift=other.shift)


def resolve(reading: Reading, context: Context) -> DateValue:
    """The days of a reading by what the document fixes."""
    warnings: list[str] = []
    try:
        found = _interval(reading, context, warnings)
    except (ValueError, OverflowError):  # not in the calendar
        found = None
    return _value(found, tuple(dict.fromkeys(warnings)))


def _value(found: _Interval | None, warnings: tuple[str, ...]) -> DateValue:
    if found is None:
        return DateValue(None, None, None, warnings)
    start, end = found.start and found.start.isoformat(), found.end and found.end.isoformat()
    return DateValue(start, end, "day" if start == end else found.precision, warnings)


def _interval(reading: Reading, context: Context, warnings: list[str]) -> _Interval | None:
    if reading.between:
        return _between(*reading.between, context, warnings)
    if reading.order == "either":
        if context.day_first is None:
            warnings.append(AMBIGUOUS_ORDER)
            return None
        reading = _in_order(reading, "day" if context.day_first else "month")
    if reading.shift:
        found = _shifted(reading, reading.shift, context)
    elif reading.weekday is not None and not reading.day:
        found = context.published and _on(context.published, reading.weekday, 0)
    else:
        found = _dated(reading, context)
    if found and reading.day and reading.weekday not in (None, found.start.weekday()):
        warnings.append(WEEKDAY_CONTRADICTS)
    return found


def _between(first: Reading | None, last: Reading | None, context: Context, warnings: list[str]) -> _Interval | None:
    end = _interval(last, context, warnings) if last else None
    if first and end and end.end and not first.shift:  # the latest such date that is not after the end
        context = Context(published=end.end, day_first=context.day_first)
    start = _interval(first, context, warnings) if first else None
    if (first and not start) or (last and not end) or (start and end and start.start > end.end):
        return None
    return _joined(start, end)


def _joined(first: _Interval | None, last: _Interval | None) -> _Interval:
    return _Interval(first and first.start, last and last.end, "range")


def _dated(reading: Reading, context: Context) -> _Interval | None:
    """A date with a month or year or day: the heading first, then the publication or the date told of before."""
    month = reading.month or (context.month if reading.day else None)
    year = reading.year or context.year
    if year and (month or not reading.day):
        return _calendar(year, month, reading.day, reading.part)
    only_day = not (month or reading.part)
    told_before = context.anchor is not None and (only_day or context.published is None)
    near = context.anchor if told_before else context.published
    if near is None:
        return None
    months = [_moved(near, "month", n) for n in (1, 0, -1, -2)] if only_day else []
    choices = [(m.year, m.month) for m in months] or [(near.year + n, month) for n in range(1, -9, -1)]
    found = [day for choice in choices if (day := _in_calendar(*choice, reading.day, reading.part))]
    if context.published:
        found = [choice for choice in found if choice.start <= context.published + TOLERANCE]
    return min(
        found, key=lambda choice: abs(choice.start - near) if told_before else -choice.start.toordinal(), default=None
    )


def _in_calendar(year: int, month: int | None, day: int | None, part: str | None) -> _Interval | None:
    try:
        return _calendar(year, month, day, part)
    except ValueError:
        return None


def _calendar(year: int, month: int | None = None, day: int | None = None, part: str | None = None) -> _Interval:
    """The day, month or year, or a part of the last two; ValueError where the calendar has none such."""
    if day:
        return _Interval(date(year, month, day), date(year, month, day), "day")
    low, high = (_OF_MONTH if month else _OF_YEAR)[part] if part else (1, 31 if month else 12)
    if not month:
        return _Interval(date(year, low, 1), date(year, high, monthrange(year, high)[1]), "range" if part else "year")
    last = monthrange(year, month)[1]
    start = date(year, month, low if low > 0 else last + low)
    return _Interval(start, date(year, month, min(high, last)), "range" if part else "month")


def _shifted(reading: Reading, shift: Shift, context: Context) -> _Interval | None:
    base = context.published if shift.base == "published" else context.anchor
    if base is None or shift.count is None:
        return None
    if shift.unit == "weekday":
        return _on(base, reading.weekday, shift.count)
    if shift.unit == "month" and reading.month:  # "last March"
        years = {-1: -(reading.month >= base.month), 0: 0, 1: int(reading.month <= base.month)}
        return _calendar(base.year + years[shift.count], reading.month, reading.day)
    there = _moved(base, shift.unit.removeprefix("past "), shift.count)
    if shift.unit.startswith("past "):
        return _Interval(min(base, there), max(base, there), "range")
    if shift.unit == "month":
        return _calendar(there.year, there.month, reading.day, reading.part)
    if shift.unit == "year":
        return _calendar(there.year, reading.month, reading.day, reading.part)
    return _week(there, shift.unit, reading.weekday)


def _week(there: date, unit: str, weekday: int | None) -> _Interval:
    if unit == "day":
        return _Interval(there, there, "day")
    if unit == "around":
        return _Interval(there - timedelta(days=3), there + timedelta(days=3), "range")
    if unit == "weekend":
        saturday = _on(there, 5, 0).start
        return _Interval(saturday, saturday + timedelta(days=1), "range")
    monday = there - timedelta(days=there.weekday())
    if weekday is not None:
        return _week(monday + timedelta(days=weekday), "day", None)
    return _Interval(monday, monday + timedelta(days=6), "range")


def _on(base: date, weekday: int, direction: int) -> _Interval:
    """The latest such weekday not after `base` (0) or before it (-1), or the first one after it (1)."""
    back = (base.weekday() - weekday) % 7
    days = {0: -back, -1: -(back or 7), 1: 7 - back}[direction]
    return _week(base + timedelta(days=days), "day", None)


def _moved(base: date, unit: str, count: int) -> date:
    if unit in ("day", "week", "around", "weekend"):
        return base + timedelta(days=count if unit == "day" else 7 * count)
    year, month = divmod(base.year * 12 + base.month - 1 + (count if unit == "month" else 12 * count), 12)
    return date(year, month + 1, min(base.day, monthrange(year, month + 1)[1]))
