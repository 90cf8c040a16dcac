"""Augmentation during training: the same document in another layout, with other names, dates and figures.

Every change is a list of edits of the text; mentions move with it. Nothing here reaches the corpus on disk.
"""

import datetime
import json
import random
import re
import textwrap
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib.resources import files

from spacy.util import registry

from civex.annotations import AnnotatedText, Mention
from civex.labels import HARMS

Edit = tuple[int, int, str]  # start, end, what stands there instead

_MONTHS = "January February March April May June July August September October November December".split()
_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_DATE_STYLES = (
    lambda d: f"{_MONTHS[d.month - 1]} {d.day}, {d.year}",
    lambda d: f"{_short(d)} {d.day}, {d.year}",
    lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{d.day} {_MONTHS[d.month - 1][:3]} {d.year}",
    lambda d: f"{d.day:02d} {_MONTHS[d.month - 1][:3]} {d.year}",
    lambda d: d.isoformat(),
    lambda d: f"{d.day}{_suffix(d.day)} {_MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{_MONTHS[d.month - 1]} {d.day}{_suffix(d.day)} {d.year}",
    lambda d: f"{d.day:02d}.{d.month:02d}.{d.year}",
    lambda d: f"{max(d.day, 13)}/{d.month:02d}/{d.year}",
    lambda d: f"{_short(d)} {d.day:02d}, {d.year}",
    lambda d: f"{_short(d)}{d.day}, {d.year}",
)
_FULL_DATE = re.compile(r"(?=.*\d{4})(?=.*\d\D)[A-Za-z]{0,9}\.? ?\d{1,4}[ ,./-].{2,14}")
_SIMPLE_NUMBER = re.compile(rf"^(\d{{1,3}}|{'|'.join(_WORDS[1:])})\b", re.IGNORECASE)


def _short(d: datetime.date) -> str:
    month = _MONTHS[d.month - 1]
    return month if len(month) <= 4 else ("Sept." if d.month == 9 else month[:3] + ".")


def _suffix(day: int) -> str:
    return "th" if 10 <= day <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def edit(document: AnnotatedText, edits: Iterable[Edit]) -> AnnotatedText:
    """The document after the edits, which must not overlap each other nor cut a mention's edge."""
    edits = sorted(edits)
    parts, last = [], 0
    stops, shifts, shift = [], [], 0
    for start, end, words in edits:
        parts += [document.text[last:start], words]
        last = end
        shift += len(words) - (end - start)
        stops.append(end)
        shifts.append(shift)
    text = "".join(parts) + document.text[last:]

    def moved(offset: int, *, is_start: bool) -> int:
        # An edit that ends at a mention's start moves it; an insertion at a mention's end does not.
        k = bisect_right(stops, offset) - 1
        if not is_start:
            while k >= 0 and edits[k][0] == edits[k][1] == offset:
                k -= 1
        return offset + (shifts[k] if k >= 0 else 0)

    mentions = [
        replace(m, start=moved(m.start, is_start=True), end=moved(m.end, is_start=False)) for m in document.mentions
    ]
    return AnnotatedText(document.id, document.meta, text, mentions)


def _replaced(document: AnnotatedText, pattern: str, words: str, *, end: int | None = None) -> AnnotatedText:
    """The document with `words` for each match of a pattern in its text up to `end`."""
    matches = re.finditer(pattern, document.text[:end])
    return edit(document, [(m.start(), m.end(), words) for m in matches])


def one_paragraph(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    return _replaced(document, r"\s*\n\s*", " ", end=len(document.text.rstrip()))


def single_newlines(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    return _replaced(document, r"\n{2,}", "\n")


def blank_lines(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    return _replaced(document, r"(?<!\n)\n(?!\n)", "\n\n")


def hard_wrap(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    """Break the longer lines at a width between 60 and 90, at blanks only."""
    width, edits, start = rng.randint(60, 90), [], 0
    for line in document.text.split("\n"):
        position = start
        for piece in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)[:-1]:
            position = document.text.find(piece, position) + len(piece)
            if document.text[position : position + 1] == " ":
                edits.append((position, position + 1, "\n"))
        start += len(line) + 1
    return edit(document, edits)


def list_marks(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    """Number or bullet the lines that open an incident with a date or a place."""
    openers = set(document.openers().values())
    starts = {document.mentions[n].start for n in openers}
    mark = rng.choice(("{}. ", "({}) ", "• ", "- ", "* ", "{}) ", "No. {}: "))
    lines = [m.start() for m in re.finditer(r"^(?=\w)", document.text, re.MULTILINE)]
    chosen = [at for at in lines if any(at <= s <= at + 8 for s in starts)]
    if len(chosen) < 4:
        return document
    return edit(document, [(at, at, mark.format(n)) for n, at in enumerate(chosen, 1)])


def run_in(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    """Headings that say an outcome run into the text after them, and some into the sentence before."""
    said = [m.start for m in document.mentions if m.label in ("outcome", "title")]
    inside = [(m.start, m.end) for m in document.mentions]
    mark, edits = rng.choice(("– ", " – ", ": ", " ", "- ")), []
    for line in re.finditer(r"(?<=\n)([^\n]{3,70})(\n+)(?=[^\n])", document.text):
        if any(line.start() <= at < line.end(1) for at in said):
            edits.append((line.start(2), line.end(2), mark))
            before = re.search(r"\n+$", document.text[: line.start()])
            if before and rng.random() < 0.4:
                edits.append((before.start(), before.end(), " "))
    return edit(document, _disjoint([e for e in edits if not any(a < e[1] and e[0] < b for a, b in inside)]))


def upper_case(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    text = document.text.upper()
    return replace(document, text=text) if len(text) == len(document.text) else document


def no_commas(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    inside = [(m.start, m.end) for m in document.mentions]
    commas = [c.start() for c in re.finditer(r",(?= )", document.text) if rng.random() < 0.6]
    free = [c for c in commas if not any(a <= c < b for a, b in inside)]
    return edit(document, [(c, c + 1, "") for c in free])


def curly_quotes(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    table: dict[str, str | int | None] = {"'": "’", "-": "–"} if rng.random() < 0.3 else {"'": "’"}
    return replace(document, text=document.text.translate(str.maketrans(table)))


def other_dates(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    """Complete dates in one other style throughout; days, months and years moved by a random number of days."""
    style = rng.choice(_DATE_STYLES)
    edits = []
    for m in _leaves(document):
        words = document.text[m.start : m.end]
        if m.label == "date" and m.value and re.fullmatch(r"\d{4}-\d\d-\d\d", m.value) and _FULL_DATE.fullmatch(words):
            if not any(char in words for char in "\n–") and not re.search(r"day\b", words):
                edits.append((m.start, m.end, style(datetime.date.fromisoformat(m.value))))
    return edit(document, _disjoint(edits))


def other_figures(document: AnnotatedText, rng: random.Random) -> AnnotatedText:
    """Other numbers in half of the casualty figures that begin with a plain one; words or digits at random.

    What is learned from a figure is its group, harm and place in the record, none of which hang on the number itself;
    figures that other figures refer to are left alone.
    """
    pointed = {reference for m in document.mentions for reference in m.references.values()}
    edits = []
    for m in _leaves(document):
        if m.label in HARMS and not m.references and (m.id is None or m.id not in pointed):
            match = _SIMPLE_NUMBER.match(document.text[m.start : m.end])
            if match and match.group().lower() not in ("1", "one") and rng.random() < 0.5:
                number = rng.choice((2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 18, 20, 23, 27, 31, 44, 60, 85))
                words = _WORDS[number] if number <= 20 and rng.random() < 0.5 else str(number)
                edits.append((m.start, m.start + match.end(), words))
    return edit(document, _disjoint(edits))


def _leaves(document: AnnotatedText) -> list[Mention]:
    """The mentions that hold no smaller one: replacing their words leaves no mention behind."""
    bounds = {(m.start, m.end) for m in document.mentions}
    return [
        m
        for m in document.mentions
        if not any(m.start <= a and b <= m.end and (a, b) != (m.start, m.end) for a, b in bounds)
    ]


def _disjoint(edits: list[Edit]) -> list[Edit]:
    kept: list[Edit] = []
    for one in sorted(edits):
        if not kept or one[0] >= kept[-1][1]:
            kept.append(one)
    return kept


class OtherNames:
    """Swap names of places, actors, owners and sources for names of the same kind, countries and peoples for others.

    Names come from the other documents and, for places, countries and adjectives ("Israeli"), from the package's table
    of countries and their first-level divisions. One name becomes one other name throughout a document.
    """

    labels = ("place", "source", "owner", "actor", "publisher", "country")

    def __init__(self) -> None:
        self.names: dict[tuple, list[str]] = {}
        rows = json.loads(files("civex").joinpath("data", "countries.json").read_text(encoding="utf-8"))
        self.countries = [row for row in rows if row.get("divisions")]
        self.country_of = {name.lower(): row for row in rows for name in (row["name"], *row.get("names", ()))}
        self.adjective_of = {name.lower(): row for row in rows for name in row.get("adjectives", ())}
        self.divisions = [name for row in self.countries for names in row["divisions"] for name in names]

    def learn(self, document: AnnotatedText) -> None:
        for m in document.mentions:
            words = document.text[m.start : m.end]
            if m.label in self.labels and "\n" not in words:
                names = self.names.setdefault(_kind(m, words), [])
                if len(names) < 3000:
                    names.append(words)

    def __call__(self, document: AnnotatedText, rng: random.Random) -> AnnotatedText:
        swapped: dict[tuple, str] = {}
        countries: dict[str, dict] = {}
        edits = []
        for m in _leaves(document):
            words = document.text[m.start : m.end]
            if m.label not in self.labels or "\n" in words or not words[0].isupper():
                continue
            key = (_kind(m, words), words)
            if key not in swapped:
                swapped[key] = self.other(m, words, countries, rng)
            edits.append((m.start, m.end, swapped[key]))
        return edit(document, _disjoint(edits))

    def other(self, m: Mention, words: str, countries: dict[str, dict], rng: random.Random) -> str:
        """Another name for these words; a country and its adjective go the same way within a document."""
        row = self.country_of.get(words.lower()) or self.adjective_of.get(words.lower())
        if row is not None:
            to = countries.setdefault(row["code"], rng.choice(self.countries))
            is_name = words.lower() in self.country_of
            names = (to["name"], *to.get("names", ())[:2]) if is_name else to.get("adjectives", ())[:1]
            fit = [name for name in names if name[:1].isupper()] or [words]
            name = rng.choice(fit)
            return name.upper() if words.isupper() and len(words) > 3 else name
        kind = _kind(m, words)
        if m.label == "place" and len(words.split()) <= 2 and not kind[4] and words.istitle() and rng.random() < 0.3:
            return rng.choice(self.divisions)
        return rng.choice(self.names[kind]) if self.names.get(kind) and rng.random() < 0.7 else words


class OtherHeadings:
    """Swap the words of a finding that begins a line for those that begin one elsewhere, in capitals of another kind.

    A heading of two words governs a hundred entries, and each publisher has its own.
    """

    def __init__(self) -> None:
        self.headings: dict[str, list[str]] = {}

    def learn(self, document: AnnotatedText) -> None:
        for m in self.found(document):
            self.headings.setdefault(m.attributes["outcome"], []).append(document.text[m.start : m.end])

    @staticmethod
    def found(document: AnnotatedText) -> list[Mention]:
        return [
            m
            for m in _leaves(document)
            if m.label == "outcome"
            and len(m.incidents) > 1
            and m.end - m.start > 3
            and "\n" not in document.text[m.start : m.end]
            and not document.text[: m.start].rpartition("\n")[2].strip(" *#-–•.()0123456789")
        ]

    def __call__(self, document: AnnotatedText, rng: random.Random) -> AnnotatedText:
        edits = []
        for m in self.found(document):
            words = rng.choice(self.headings[m.attributes["outcome"]])
            case = rng.choice((str, str.title, str.upper, str.capitalize))
            edits.append((m.start, m.end, case(words) if rng.random() < 0.7 else words))
        return edit(document, _disjoint(edits))


def _kind(m: Mention, words: str) -> tuple:
    """Only names of one kind stand for each other: a one-word adjective is no organisation."""
    shape = "caps" if words.isupper() else "title" if words[:1].isupper() else "lower"
    kind_word = words.split()[-1].lower() if m.label == "place" and words.split()[-1].islower() else ""
    return (m.label, m.attributes.get("source_type"), shape, min(len(words.split()), 3), kind_word, words[-3:] == "ian")


@registry.misc("civex.Augmenter.v1")
def make_augmenter(seed: int, layout: float, names: float, values: float, surface: float) -> Callable:
    """Registered as ``civex.Augmenter.v1``; the numbers are the shares of documents changed in each way."""
    rng = random.Random(seed)
    other_names, other_headings = OtherNames(), OtherHeadings()
    seen: set[str] = set()

    def augment(document: AnnotatedText) -> AnnotatedText:
        if document.id not in seen:
            seen.add(document.id)
            other_names.learn(document)
            other_headings.learn(document)
        if rng.random() < names:
            document = other_names(document, rng)
        if rng.random() < names:
            document = other_headings(document, rng)
        if rng.random() < values:
            document = other_dates(document, rng)
        if rng.random() < values:
            document = other_figures(document, rng)
        if rng.random() < layout:
            document = rng.choice((one_paragraph, single_newlines, blank_lines, hard_wrap, list_marks, run_in, run_in))(
                document, rng
            )
        if rng.random() < surface:
            document = rng.choice((upper_case, no_commas, curly_quotes))(document, rng)
        return document

    return augment
