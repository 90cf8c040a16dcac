"""What the page of `civex report` lists: a line for each report, and the documents with their marked texts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from civex.batch.charts import plural
from civex.batch.records import Record
from civex.batch.summary import EVERYBODY, HARMS, Row, Timeline, bin_of, site_of, sites
from civex.render import day, doubts, facts, layers, pieces, words
from civex.schema import Date, Incident, Report, one_line, unique

AROUND = 600  # characters shown before and after what was found; the rest of a long text is left out
COLUMNS = ("when", "where", "killed", "injured", "what was struck", "outcome", "same event", "document")


class Line(NamedTuple):
    """What the table holds of one report: its cells, what else its card says, and what the script filters by."""

    cells: list[str]
    facts: list[tuple[str, str]]
    document: int
    incident: str


class Source(NamedTuple):
    """A document as the page shows it: facts by name, and its text cut at every mark (None where it is not there)."""

    about: dict[str, str]
    url: str
    text: list[Any] | None


def report_line(incident: Incident, document: int, source: Source) -> Line:
    """The line of one incident. document: the number of its document among those that the page holds."""
    told, doubted = facts(incident), doubts(incident)
    country = [one_line(incident.country.name)] if incident.country else []
    cells = [
        doubted.get("date") or _when(incident.date),
        ", ".join(unique([place.text for place in incident.places]) + country) or doubted.get("place", "no place"),
        told.pop("killed"),
        told.pop("injured"),
        told.pop("target"),
        doubted.get("outcome") or words(incident.assessment.outcome or ""),
        "",
        source.about["document"],
    ]
    return Line(cells, [(name, one_line(value)) for name, value in told.items() if value], document, incident.id)


def _when(date: Date | None) -> str:
    """The day, or the words of the text in quotation marks where nothing fixes them."""
    if date is None:
        return "no date"
    return day(date) if date.start else f"“{one_line(date.text)}”"


def listed(
    rows: Sequence[Row], lines: Sequence[Line], groups: Sequence[str | None], time: Timeline | None
) -> list[dict[str, Any]]:
    """The rows of the table as the script reads them; `bin` is the number of a row's bin of the timeline, -1 for none.

    A harm is [floor, top] over everybody, None where the text does not speak of it.
    """
    bins = {name: number for number, name in enumerate(time.bins)} if time else {}
    at = {(site.lat, site.lon): number for number, site in enumerate(sites(rows))}
    sizes = Counter(group for group in groups if group is not None)
    records = []
    for line, row, group in zip(lines, rows, groups, strict=False):
        mates = sizes.get(group, 1) if group is not None else 1
        if mates > 1:
            line.cells[COLUMNS.index("same event")] = f"{mates:,} reports"
        record = {
            "id": row["id"],
            "cells": line.cells,
            "facts": line.facts,
            "document": line.document,
            "incident": line.incident,
            "start": row["date_start"] or "",
            "end": row["date_end"] or row["date_start"] or "",
            "bin": bins.get(bin_of(row, time.unit) or "", -1) if time else -1,
            "country": row["country"],
            "target": [kind for kind in row["target_types"].split("; ") if kind],
            "outcome": [row["outcome"]] if row["outcome"] else [],
            "site": at.get(site, -1) if (site := site_of(row)) else -1,
            "event": group if mates > 1 else None,
            "mates": mates,
            **{harm: row["tolls"].get((harm, EVERYBODY)) for harm in HARMS},
        }
        records.append(record)
    return records


def source_of(record: Record, text: str | None) -> Source:
    """The document of a record, with its text where there is one to show."""
    document, told = record.document, record.report.document
    url = str(document.get("url") or "")
    about = {
        "document": one_line(str(document.get("name") or record.id)),
        "publisher": one_line(told.publisher.name or told.publisher.text) if told.publisher else "",
        "published": day(told.published),
        "retrieved": one_line(str(document.get("retrieved") or "")),
        "sha256": str(document.get("sha256") or ""),
    }
    return Source(
        {name: value for name, value in about.items() if value},
        url if url.startswith(("https://", "http://")) else "",
        None if text is None else list(marked(record.report, text)),
    )


def marked(report: Report, text: str) -> Iterator[str | list[str]]:
    """The text, cut by `civex.render.pieces`: plain words, or [words, classes, ids of the incidents they belong to].

    Of a long text, what stands further than `AROUND` from everything found is left out; a piece of class "gap" says
    how much.
    """
    spans = list(layers(report))
    kept = windows([(span.start, span.end) for span in spans if span.card], len(text))
    end = 0
    shown = iter(kept)
    window = next(shown, None)
    for piece in pieces(spans, len(text)):
        while window is not None and window[0] < piece.end:
            start, stop = max(window[0], piece.start), min(window[1], piece.end)
            if start < stop:
                if start > end:
                    yield [f" … {plural(start - end, 'character')} left out … ", "gap", ""]
                said = text[start:stop]
                yield [said, " ".join(piece.kinds), " ".join(piece.cards)] if piece.kinds else said
                end = stop
            if window[1] > piece.end:
                break
            window = next(shown, None)
    if end < len(text):
        yield [f" … {plural(len(text) - end, 'character')} left out … ", "gap", ""]


def windows(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    """The stretches of a text of `length` characters within `AROUND` of any span, in order, none touching."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        start, end = max(start - AROUND, 0), min(end + AROUND, length)
        if found and start <= found[-1][1] + AROUND:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found
