"""Dates: which day, month, year or range each date mention means, from its words and what the document fixes.

Adds `attrs["dates"]` to `doc.spans["civex_mentions"]`: position (as str) -> start, end (ISO days), precision, warnings,
and what fixes the date: `fixed_by` ("words" its own, "published", "before" the date told before, "heading",
"usual_year", None) and `fixed_at`, the position of the date mention that says it, None where no mention does.
What a date mention is for (its role) has been learned; its value is read by `civex.values.dates`.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from civex.labels import MENTIONS, UNITS
from civex.text import set_extensions
from civex.values.dates import DateValue, Reading, full_date, parse, read_date, to_value

NOTHING = DateValue(None, None, None)


@Language.factory("civex_dates", requires=["doc.spans"], assigns=["doc.spans"])
def make_dates(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    set_extensions()
    return set_dates


def set_dates(doc: Doc) -> Doc:
    """Resolve the date mentions of a doc, in text order."""
    if MENTIONS not in doc.spans:
        doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS)
    group = doc.spans[MENTIONS]
    resolver = _Resolver(doc)
    values = {
        str(n): {
            **{"start": v.start, "end": v.end, "precision": v.precision, "warnings": list(v.warnings)},
            **{"fixed_by": resolver.fixed_by, "fixed_at": resolver.places_of.get(resolver.fixed_by or "")},
        }
        for n, v in resolver.resolve()
    }
    group.attrs = {**group.attrs, "dates": values}
    return doc


class _Resolver:
    """What one document fixes: its day of publication, order of day and month, usual year, the last date told."""

    def __init__(self, doc: Doc):
        group = doc.spans[MENTIONS]
        rows = group.attrs.get("attributes") or [{} for _ in group]
        self.mentions = [(n, span, rows[n]) for n, span in enumerate(group) if span.label_ == "date"]
        self.units = list(doc.spans.get(UNITS, ()))
        self.unit_starts = [unit.start for unit in self.units]
        self.day_first = _day_first(span.text for _, span, _ in self.mentions)
        self.fixed_by: str | None = None  # what fixed the date read last, as in `attrs["dates"]`
        self.places_of: dict[str, int] = {}  # "published", "before", "heading" -> position of that date
        self.published = self._published(doc)
        years = Counter(r.year for _, span, _ in self.mentions if (r := reading_of(span.text)) and r.year)
        self.usual_year = years.most_common(1)[0][0] if years else None
        self.last: tuple[int, DateValue] | None = None  # unit and value of the last date that tells of an event
        self.heading: DateValue | None = None  # the last month or year said by itself

    def _published(self, doc: Doc) -> date | None:
        if doc._.civex_published:
            return date.fromisoformat(doc._.civex_published)
        for n, span, row in self.mentions:
            if row.get("role") == "published":
                value = to_value(row["value"]) if "value" in row else read_date(span.text, day_first=self.day_first)
                if value and value.start and value.precision == "day":
                    self.places_of["published"] = n
                    return date.fromisoformat(value.start)
        return None

    def resolve(self) -> Iterator[tuple[int, DateValue]]:
        for n, span, row in self.mentions:
            unit = bisect_right(self.unit_starts, span.start)
            self.fixed_by = "words"
            value = to_value(row["value"]) if "value" in row else self._read(span.text, unit)
            if value.start is None and value.end is None:
                self.fixed_by = None
            yield n, value
            role = row.get("role", "event")
            if value.start and role == "event" and value.precision in ("day", "range"):
                self.last, self.places_of["before"] = (unit, value), n
            heads = unit == 0 or self.units[unit - 1].label_ == "heading" or span.start - self.units[unit - 1].start < 3
            if heads and value.start and role in ("other", "event") and value.precision in ("month", "year"):
                self.heading, self.places_of["heading"] = value, n

    def _read(self, words: str, unit: int) -> DateValue:
        reading = reading_of(words)
        if reading is None:
            return NOTHING
        words = words if parse(words) else _readable(words) or words
        anchor = date.fromisoformat(self.last[1].start) if self.last and self.last[1].start else None
        heading = self.heading.start if self.heading and self.heading.precision == "month" else None
        month = int(heading[5:7]) if heading else None
        if reading.year is None and (reading.month is not None or reading.day is not None or reading.bare):
            value = self._without_year(words, unit, anchor, month)
        else:
            value = read_date(words, published=self.published, anchor=anchor, month=month, day_first=self.day_first)
            if reading.shift is not None:
                self.fixed_by = "published" if reading.shift.base == "published" else "before"
            elif reading.year is None and reading.between is None:
                self.fixed_by = "published" if self.published else "before"
        return value or NOTHING

    def _without_year(self, words: str, unit: int, anchor: date | None, month: int | None) -> DateValue | None:
        """The year of the last event of the same paragraph, of the heading above, of publication, or the usual one."""
        same_unit = self.last is not None and self.last[0] == unit
        if anchor and same_unit:
            self.fixed_by = "before"
            return self._nearest(words, anchor, month)
        if self.heading and self.heading.start:
            near = self.published is None or abs(self.published.year - int(self.heading.start[:4])) <= 1
            if near and (anchor is None or abs(anchor.year - int(self.heading.start[:4])) <= 1):
                self.fixed_by = "heading"
                return self._nearest(words, anchor or date.fromisoformat(self.heading.start), month)
        if self.published:
            self.fixed_by = "published"
            return read_date(words, published=self.published, anchor=anchor, month=month)
        self.fixed_by = "before" if anchor else "usual_year"
        if anchor:
            return self._nearest(words, anchor, month)
        return read_date(words, year=self.usual_year, month=month) if self.usual_year else read_date(words, month=month)

    def _nearest(self, words: str, anchor: date, month: int | None) -> DateValue | None:
        """The reading whose day is nearest to `anchor` and not after publication."""
        years = (anchor.year, anchor.year - 1, anchor.year + 1)
        readings = [read_date(words, anchor=anchor, year=year, month=month) for year in years]
        last_day = self.published.isoformat() if self.published else "9999"
        fit = [v for v in readings if v and v.start and v.start <= last_day]
        return min(fit, key=lambda v: abs((date.fromisoformat(v.start or "") - anchor).days), default=None)


def reading_of(words: str) -> Reading | None:
    """The parts that the words say; of a longer phrase ("Independence Day, 4 January") those of its date."""
    reading = parse(words)
    if reading is None:
        part = _readable(words)
        reading = parse(part) if part else None
    return reading


def _readable(words: str) -> str | None:
    """The longest end, else the longest beginning, of a phrase that reads as a date with a day or month."""
    tokens = words.split()
    parts = [" ".join(tokens[k:]) for k in range(1, len(tokens))]
    parts += [" ".join(tokens[:k]) for k in range(len(tokens) - 1, 0, -1)]
    for part in parts:
        reading = parse(part)
        if reading and not reading.bare and (reading.month or reading.year or reading.between or reading.weekday):
            return part
    return None


def _day_first(texts: Iterator[str]) -> bool | None:
    """The order of day and month that the document's unambiguous dates in figures show; dots are day first."""
    orders: Counter = Counter()
    for words in texts:
        if "." in words and words.replace(".", "").replace(" ", "").isdigit():
            orders[True] += 1
        reading = parse(words)
        if reading and reading.order in ("day", "month") and full_date(words):
            orders[reading.order == "day"] += 1
    return None if not orders or len(orders) > 1 else next(iter(orders))
