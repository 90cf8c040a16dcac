"""The page of `civex report`: figures, map, timeline, bars, and a table whose rows open their highlighted text.

One HTML file that loads nothing and runs nothing but its own script. Figures, charts and the first rows of the table
are there without the script; it adds filters, pages, the clusters of the map and the texts.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from civex.batch import charts
from civex.batch.events import group_reports
from civex.batch.listing import COLUMNS, Line, Source, listed, report_line, source_of
from civex.batch.records import Record
from civex.batch.summary import (
    EVERYBODY,
    HARMS,
    Row,
    Timeline,
    Total,
    by_bin,
    events,
    incident_row,
    site_of,
    sites,
    tallied,
    timeline,
    total,
    totals,
)
from civex.render import PALETTE, digest, escape, words
from civex.schema import one_line

FIRST_ROWS = 50  # rows of the table without the script; rows a page with it
MOST_ROWS = 20_000  # rows that the table holds; all records are counted all the same
MOST_TEXT = 20_000_000  # characters of text that the page holds; records beyond it have no text to open
MOST_COUNTRIES = 20

_DATA = Path(__file__).parent.parent / "data"
_NOT_SAID = "not said"


class Content(NamedTuple):
    """All reports as rows, the lines of those that the table lists, their documents, models and documents read."""

    rows: list[Row]
    lines: list[Line]
    sources: list[Source]
    models: list[str]
    read: int


def page(documents: Iterable[tuple[Record, str | None]], title: str = "Reports of civilian harm") -> str:
    """The HTML page for the records of a batch, each with its text where that was kept.

    The same records give the same page. Rows beyond `MOST_ROWS` and texts beyond `MOST_TEXT` are counted, not held.
    """
    rows, lines, sources, models, read = _content(documents)
    groups = [group for group, _ in group_reports(rows)]
    told = events(rows, groups)
    time = timeline(rows)
    map_svg, map_data = charts.world_map(sites(rows), _countries(rows, told))
    table = listed(rows, lines, groups, time)
    data = {"page": FIRST_ROWS, "columns": COLUMNS, "map": map_data, "bins": time.bins if time else []}
    data |= {"rows": table, "documents": sources}
    css = PALETTE + (_DATA / "summary.css").read_text(encoding="utf-8")
    js = "".join((_DATA / name).read_text(encoding="utf-8") for name in ("summary_charts.js", "summary.js"))
    return _PAGE.format(
        policy=f"default-src 'none'; style-src '{digest(css)}'; script-src '{digest(js)}'; base-uri 'none'",
        title=escape(one_line(title)),
        css=css,
        js=js,
        facts=escape(" · ".join([charts.plural(read, "document"), *models])),
        tiles=_tiles(read, rows, told),
        care=_care(rows, told, time, len(lines), sources),
        totals=_totals(rows, told),
        map=_map(map_svg, rows),
        timeline=_timeline(rows, told, time),
        bars=_bars(rows, told),
        filters=_filters(rows),
        head="".join(f'<th scope="col">{name}</th>' for name in COLUMNS),
        body=_body(table[:FIRST_ROWS]),
        first=f"{len(table[:FIRST_ROWS]):,} of {len(rows):,} reports",
        data=json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c"),
    )


def _content(documents: Iterable[tuple[Record, str | None]]) -> Content:
    rows: list[Row] = []
    lines: list[Line] = []
    sources: list[Source] = []
    models: dict[str, None] = {}
    read = held = 0
    for record, text in documents:
        report = record.report
        read += 1
        models.setdefault(f"{report.model.name} {report.model.version} (civex {record.version})")
        rows += (incident_row(incident, record.id) for incident in report.incidents)
        if report.incidents and len(lines) < MOST_ROWS:
            kept = text if text is not None and held + len(text) <= MOST_TEXT else None
            held += len(kept or "")
            sources.append(source_of(record, kept))
            lines += (report_line(incident, len(sources) - 1, sources[-1]) for incident in report.incidents)
    return Content(rows, lines[:MOST_ROWS], sources, list(models), read)


# The figures.


def _tiles(read: int, rows: Sequence[Row], told: Sequence[Row]) -> str:
    """The figures that are read first."""
    tiles = [(f"{len(rows):,}", "reports"), (f"{len(told):,}", "events after grouping")]
    for harm in HARMS:
        if (figures := total(told, harm)).said:
            tiles.append((_range(figures), f"people {harm}, summed over events"))
    tiles.append((f"{read:,}", "document read" if read == 1 else "documents read"))
    return "".join(f"<li><b>{escape(number)}</b> {what}</li>" for number, what in tiles)


def _range(figures: Total) -> str:
    """Such as "120", "120 to 150", "120 to 150 or more"."""
    if figures.without_figure == figures.said:
        return "no figure"
    if figures.low == figures.high:
        return f"{figures.low:,} or more" if figures.open else f"{figures.low:,}"
    return f"{figures.low:,} to {figures.high:,}" + (" or more" if figures.open else "")


def _care(
    rows: Sequence[Row], told: Sequence[Row], line: Timeline | None, shown: int, sources: Sequence[Source]
) -> str:
    """What the figures are, who has to read them with care, and what is missing from them."""
    rivals = sum(row["rival"] for row in rows)
    rejected = sum(row["outcome"] in ("non_credible", "duplicate") for row in rows)
    missing = {
        "no date that could be fixed": sum(not row["date_start"] for row in rows),
        "a date too wide for the timeline or far from all others": sum(bool(row["date_start"]) for row in rows)
        - _placed_in_time(rows, line),
        "no place below country": sum(not row["places"] for row in rows),
        "no coordinates, so not on the map": sum(site_of(row) is None for row in rows),
        "no country": sum(not row["country"] for row in rows),
    }
    lacking = [f"{number:,} with {what}" for what, number in missing.items() if number]
    notes = [
        "<b>Reports are counted, not events.</b> Many documents tell of one strike: a sum over reports counts its dead "
        "again each time. Reports that seem to tell of one event are grouped by a rule on date, place and toll that "
        f"can be wrong; {charts.plural(len(rows), 'report')} "
        f"{'is' if len(rows) == 1 else 'are'} {charts.plural(len(told), 'event')} that way.",
        "<b>A program read the texts, not a person.</b> Check each record against its text before it is used: nobody "
        "who publishes, prosecutes or informs relatives should rely on a record or figure here unchecked. That there "
        "is no record of a death is no proof that nobody died.",
        "<b>Figures are ranges.</b> The lower one adds what is said at the least, the higher what is said at the most; "
        "“or more” stands where some texts say no most. An event reaches from its lowest report to its highest. "
        f"{charts.plural(rivals, 'report')} with rival tolls of different sources.",
        f"Of {charts.plural(len(rows), 'report')}: {'; '.join(lacking) or 'each with date, place and country'}.",
    ]
    if rejected:
        notes.append(
            f"{charts.plural(rejected, 'report')} of those counted {'was' if rejected == 1 else 'were'} judged not "
            "credible, or a duplicate, in the text itself."
        )
    if shown < len(rows):
        notes.append(f"The table and the texts hold the first {shown:,} reports; the figures are of all {len(rows):,}.")
    unread = sum(found.text is None for found in sources)
    if unread:
        notes.append(
            f"The text of {charts.plural(unread, 'document')} is not on this page: it was not kept "
            "(civex batch --keep-text), has changed since, or the page has no room for more."
        )
    return "".join(f"<li>{note}</li>" for note in notes)


def _placed_in_time(rows: Sequence[Row], line: Timeline | None) -> int:
    """How many rows stand on the timeline."""
    return sum(map(len, by_bin(rows, line).values())) if line else 0


def _totals(rows: Sequence[Row], told: Sequence[Row]) -> str:
    """The rows of the table of totals: each harm and group, over reports and over events."""
    by_reports, by_events = totals(rows), totals(told)
    if not by_reports:
        return '<tr><td colspan="3">No report speaks of people killed or injured.</td></tr>'
    return "".join(
        f'<tr class="{"sum" if group == EVERYBODY else "part"}"><th scope="row">'
        f"{f'people {harm}' if group == EVERYBODY else f'{harm}, {group}'}</th>"
        f"{_sum(figures, 'report')}{_sum(by_events[harm, group], 'event')}</tr>"
        for (harm, group), figures in by_reports.items()
    )


def _sum(figures: Total, noun: str) -> str:
    return f"<td>{_range(figures)} <small>in {charts.plural(figures.said, noun)}</small></td>"


# The charts.


def _countries(rows: Sequence[Row], told: Sequence[Row]) -> list[charts.Shaded]:
    codes = {row["country"]: row["country_code"] for row in rows}
    by_event = tallied(told, "country")
    return [
        charts.Shaded(name, codes[name], number, by_event.get(name, 0))
        for name, number in tallied(rows, "country").items()
        if name
    ]


def _map(svg: str, rows: Sequence[Row]) -> str:
    """The map with its key, or a line that says why there is none."""
    if not svg:
        return '<p class="none">No report has a country or a place with coordinates.</p>'
    most = max((number for name, number in tallied(rows, "country").items() if name), default=0)
    limits = charts.shade_limits(most) if most else []
    key = "".join(
        f'<li><svg class="swatch"><rect class="s{number}" width="100%" height="100%"/></svg> '
        f"{_limit(limits, number)}</li>"
        for number in range(1, len(limits) + 1)
    )
    missing = sum(site_of(row) is None for row in rows)
    return (
        f'<div id="frame">{svg}<div id="zoom" hidden><button type="button" data-zoom="0.6" aria-label="Zoom in">+'
        '</button><button type="button" data-zoom="1.667" aria-label="Zoom out">−</button>'
        '<button type="button" data-zoom="0" aria-label="Show all">⟲</button></div></div>'
        f'<ul class="key">{"<li>Reports by country:</li>" if key else ""}{key}'
        '<li><svg class="swatch"><circle class="site" cx="50%" cy="50%" r="6"/></svg> reports at a place</li>'
        f'<li id="unplaced">{missing:,} of {charts.plural(len(rows), "report")} not on the map</li></ul>'
        f'<p class="source">Outlines: {escape(charts.outlines_source())}. Borders are no statement on whose a place '
        "is.</p>"
    )


def _limit(limits: Sequence[int], number: int) -> str:
    """The numbers of reports that a shade stands for; `number` counts from 1."""
    low = limits[number - 1]
    if number == len(limits):
        return f"{low:,} or more" if number > 1 else "1 or more"
    high = limits[number] - 1
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _timeline(rows: Sequence[Row], told: Sequence[Row], line: Timeline | None) -> str:
    """Reports and events, killed and injured, by day, month, year or decade; the same as a table."""
    if line is None:
        return '<p class="none">No report has a date.</p>'
    by_report, by_event = by_bin(rows, line), by_bin(told, line)
    numbers = [(len(by_event[name]), len(by_report[name])) for name in line.bins]
    titles = [
        f"{name}: {charts.plural(reports, 'report')}, {charts.plural(events, 'event')}"
        for name, (events, reports) in zip(line.bins, numbers, strict=True)
    ]
    panels = [_panel("reports", f"Reports (pale) and events (full) by {line.unit}", numbers, titles)]
    for harm in HARMS:
        for basis, found in (("events", by_event), ("reports", by_report)):
            sums = [total(found[name], harm) for name in line.bins]
            if any(figures.said for figures in sums):
                titles = [f"{n}: {_range(t) if t.said else 'not said'}" for n, t in zip(line.bins, sums, strict=True)]
                caption = f"People {harm}, at the least (full) and at the most (pale), summed over {basis}"
                values = [(figures.low, figures.high) for figures in sums]
                panels.append(_panel(f"{harm} by-{basis}", caption, values, titles))
    return "".join(panels) + charts.ticks(line.bins) + _timeline_table(line, by_report, by_event)


def _panel(kind: str, caption: str, values: Sequence[tuple[int, int]], titles: Sequence[str]) -> str:
    top = max(high for _, high in values)
    drawn = charts.columns(kind, values, titles)
    return f'<figure class="panel {kind}"><figcaption>{caption}; highest {top:,}</figcaption>{drawn}</figure>'


def _timeline_table(line: Timeline, by_report: dict[str, list[Row]], by_event: dict[str, list[Row]]) -> str:
    cells = "".join(
        f'<tr><th scope="row">{name}</th><td>{len(by_report[name]):,}</td><td>{len(by_event[name]):,}</td>'
        + "".join(f"<td>{_said(found[name], harm)}</td>" for harm in HARMS for found in (by_report, by_event))
        + "</tr>"
        for name in line.bins
        if by_report[name]
    )
    return (
        '<details><summary>These figures as a table</summary><div class="scroll"><table><thead><tr>'
        f'<th scope="col">{line.unit}</th><th scope="col">reports</th><th scope="col">events</th>'
        + "".join(f'<th scope="col">{harm}, by {basis}</th>' for harm in HARMS for basis in ("reports", "events"))
        + f"</tr></thead><tbody>{cells}</tbody></table></div></details>"
    )


def _said(rows: Iterable[Row], harm: str) -> str:
    figures = total(rows, harm)
    return _range(figures) if figures.said else ""


def _bars(rows: Sequence[Row], told: Sequence[Row]) -> str:
    """Types of target, outcomes and countries, each as bars."""
    drawn = []
    for kind, column, heading in (
        ("target", "target_types", "Types of target"),
        ("outcome", "outcome", "Outcomes"),
        ("country", "country", "Countries"),
    ):
        by_report, by_event = tallied(rows, column), tallied(told, column)
        values = list(by_report) if kind != "country" else list(by_report)[:MOST_COUNTRIES]
        label = str if kind == "country" else words
        counts = [(label(v) or _NOT_SAID, v or charts.UNSAID, by_report[v], by_event.get(v, 0)) for v in values]
        rest = len(by_report) - len(values)
        more = f'<p class="source">and {rest:,} more, in the filter of the table</p>' if rest else ""
        drawn.append(
            f'<section><h2>{heading}</h2><table class="bars"><thead><tr><th scope="col">{kind}</th><td></td>'
            f'<th scope="col">reports</th><th scope="col">events</th></tr></thead>'
            f"<tbody>{charts.bars(kind, counts)}</tbody></table>{more}</section>"
        )
    return "".join(drawn)


# The table.


def _filters(rows: Sequence[Row]) -> str:
    """A choice for each country, type of target and outcome that there is."""
    choices = []
    for kind, column in (("country", "country"), ("target", "target_types"), ("outcome", "outcome")):
        values = tallied(rows, column)
        names = {value: (value if kind == "country" else words(value)) or _NOT_SAID for value in values}
        options = "".join(
            f'<option value="{escape(value or charts.UNSAID)}">{escape(names[value])} ({number:,})</option>'
            for value, number in values.items()
        )
        choices.append(f'<label>{kind} <select id="{kind}"><option value="">any</option>{options}</select></label>')
    return "".join(choices)


def _body(records: Sequence[dict[str, Any]]) -> str:
    return "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{name}">{escape(cell)}</td>' for name, cell in zip(COLUMNS, record["cells"], strict=True)
        )
        + "</tr>"
        for record in records
    )


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{title}</title><style>{css}</style></head>
<body><a class="skip" href="#table">Skip to the table</a>
<header><h1>{title}</h1><p>{facts}</p><ul class="tiles">{tiles}</ul></header>
<main>
<section class="care"><h2>What these figures are</h2><ul>{care}</ul></section>
<section><h2>People killed and injured</h2><div class="scroll"><table class="totals"><thead>
<tr><td></td><th scope="col">summed over reports</th><th scope="col">summed over events</th></tr></thead>
<tbody>{totals}</tbody></table></div>
<p class="source">Lines of groups do not add up to the line of all people: “13 people, three of them civilians” stands
in two lines and is counted once among all.</p></section>
<p id="filtered" role="status" hidden></p>
<section><h2>Where</h2>{map}</section>
<section class="time"><h2>When</h2>
<fieldset><legend>People killed and injured:</legend>
<label><input type="radio" name="basis" id="by-events" checked> summed over events</label>
<label><input type="radio" name="basis" id="by-reports"> summed over reports</label></fieldset>{timeline}</section>
<div class="columns-of-bars">{bars}</div>
<section id="records"><h2>Reports</h2>
<noscript><p class="none">Without JavaScript these are the first rows; filters and texts need it.</p></noscript>
<form id="filter" hidden><label class="wide">words <input type="search" id="words"
 placeholder="place, actor, document, …"></label>{filters}
<label>from <input type="date" id="from"></label><label>to <input type="date" id="to"></label>
<label>order <select id="order"><option value="">as read</option><option value="start">oldest</option>
<option value="-start">newest</option><option value="-killed">most killed</option>
<option value="-injured">most injured</option><option value="-mates">told of most often</option></select></label>
<button type="reset">Clear</button></form>
<p id="state"><output id="count" aria-live="polite">{first}</output>
<button type="button" id="chosen" hidden></button></p>
<table id="table" tabindex="-1"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
<nav id="pages" aria-label="Pages of the table" hidden><button type="button" id="back">Previous</button>
<span id="at"></span><button type="button" id="on">Next</button></nav></section>
</main>
<dialog id="source" aria-labelledby="what"><div class="top"><h2 id="what"></h2>
<form method="dialog"><button>Close</button></form></div><dl id="facts"></dl><div id="text" role="region"
 aria-label="Text" tabindex="0"></div></dialog>
<script type="application/json" id="data">{data}</script><script>{js}</script></body></html>
"""
