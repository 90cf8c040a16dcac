"""Rendering: a report beside its text, as one HTML page that needs nothing else and runs nothing but its own script.

The text is cut at every edge of every span; each piece carries the classes of the spans over it, so that mentions may
nest and cross. Incidents and tallies are cards; pieces name the set of cards that they belong to, by number.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape as _escape
from itertools import chain
from typing import NamedTuple

from civex.schema import (
    Claim,
    Count,
    Country,
    Date,
    Incident,
    Mention,
    Report,
    Rollup,
    Tally,
    counted,
    names,
    parts,
    unique,
)

KINDS = ("date", "place", "source", "actor", "action", "target", "casualty", "assessment", "tally")
HARMED = ("killed", "injured", "detained", "missing", "abducted")
_ROWS = {  # field of the confidence -> the row or column that shows it
    **{"date": "date", "places": "place", "country": "country", "killed": "killed", "injured": "injured"},
    **{"actors": "actor", "actions": "action", "targets": "target", "sources": "source", "assessment": "outcome"},
}
_KIND_OF = {"killed": "casualty", "injured": "casualty", "country": "place", "assessment": "assessment"}
STRETCH = "stretch"  # the class of a piece of text that tells of an incident

# Characters that HTML or UTF-8 cannot hold (lone surrogates, controls but tab and line breaks): shown as U+FFFD.
_UNHTML = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class Layer(NamedTuple):
    """A span with the class that it gives (a kind, or STRETCH) and the card that it belongs to, if any."""

    start: int
    end: int
    kind: str
    card: str | None


class Piece(NamedTuple):
    """A stretch of text between two edges: the classes and the cards over it, and the cards that begin here."""

    start: int
    end: int
    kinds: tuple[str, ...]
    cards: tuple[str, ...]
    begins: tuple[str, ...]


def render(report: Report, text: str) -> str:
    """The HTML page for `report` and the `text` that it was made from; every word is escaped, no asset is loaded.

    The page can be written as UTF-8 whatever the text holds. Where `text` is not the one that the report was made
    from, the page says so and spans that reach beyond it are cut.
    """
    spans = list(layers(report))
    found = list(pieces(spans, len(text)))
    groups: dict[tuple[str, ...], int] = {}
    body = "".join(_piece(piece, text, groups) for piece in found)
    links = {"groups": list(groups), "first": _first_pieces(found)}
    document = report.document
    return _PAGE.format(
        policy=f"default-src 'none'; style-src '{digest(_CSS)}'; script-src '{digest(_JS)}'; base-uri 'none'",
        title=escape(" ".join(document.title.text.split()) if document.title else "civex report"),
        language=escape(document.language or ""),
        css=_CSS,
        head=_head(report, text),
        legend=_legend({layer.kind for layer in spans}),
        text=body or '<p class="none">The text is empty.</p>',
        cards="".join(chain(map(_incident, report.incidents), map(_tally, _tally_cards(report), report.tallies)))
        or '<li class="none">No incident was found.</li>',
        links=json.dumps(links).replace("<", "\\u003c"),
        js=_JS,
    )


def escape(text: str) -> str:
    """`text` fit for HTML content and quoted attributes; what HTML cannot hold becomes U+FFFD."""
    return _escape(_UNHTML.sub("\ufffd", text))


def _tally_cards(report: Report) -> list[str]:
    """The card names of the tallies: "t1", "t2", ... in order."""
    return [f"t{number}" for number in range(1, len(report.tallies) + 1)]


# The text: spans to pieces.


def layers(report: Report) -> Iterator[Layer]:
    """Every span of the report that shows in the text; the same span may come once for each of its cards."""
    document = report.document
    yield from _layers("date", [document.published], None)
    yield from _layers("source", [document.publisher], None)
    for incident in report.incidents:
        yield from (Layer(start, end, STRETCH, incident.id) for start, end in incident.spans)
        for kind, mentions in _mentions(incident):
            yield from _layers(kind, mentions, incident.id)
    for card, tally in zip(_tally_cards(report), report.tallies, strict=True):
        yield from _layers("tally", [tally], card)
        yield from _layers("date", [tally.period], card)
        yield from _layers("place", [tally.area], card)
        yield from _layers("source", [tally.claimed_by], card)


def _mentions(incident: Incident) -> Iterator[tuple[str, list]]:
    """The mentions of one incident by kind."""
    yield "date", [incident.date, incident.assessment.reported_on]
    yield "place", [*incident.places, incident.country]
    yield "source", incident.sources
    yield "actor", incident.actors
    yield "action", incident.actions
    yield "target", incident.targets
    yield "casualty", incident.casualties
    yield "assessment", incident.assessment.mentions
    for field, candidates in incident.candidates.items():
        yield _KIND_OF.get(field, _ROWS[field]), candidates


def _layers(kind: str, mentions: Iterable[Mention | Country | None], card: str | None) -> Iterator[Layer]:
    """The layers of those mentions that stand in the text."""
    for mention in mentions:
        if mention is not None and mention.span is not None:
            yield Layer(*mention.span, kind, card)


def pieces(spans: Iterable[Layer], length: int) -> Iterator[Piece]:
    """Cut a text of `length` characters at all edges of `spans`, in order and without gaps.

    Spans are cut to the text; empty ones are left out. One pass over the sorted edges, whatever nests or crosses.
    """
    opening: dict[int, list[Layer]] = {}
    closing: dict[int, list[Layer]] = {}
    for layer in set(spans):
        start, end = max(layer.start, 0), min(layer.end, length)
        if start < end:
            opening.setdefault(start, []).append(layer)
            closing.setdefault(end, []).append(layer)
    edges = sorted({0, length, *opening, *closing})
    kinds: Counter[str] = Counter()
    cards: Counter[str] = Counter()
    for start, end in zip(edges, edges[1:], strict=False):
        for layer in closing.get(start, ()):
            _count(kinds, layer.kind, -1)
            _count(cards, layer.card, -1)
        begins = opening.get(start, ())
        for layer in begins:
            _count(kinds, layer.kind, 1)
            _count(cards, layer.card, 1)
        stretches = {layer.card for layer in begins if layer.kind == STRETCH and layer.card}
        yield Piece(start, end, *map(tuple, (sorted(kinds), sorted(cards, key=_order), sorted(stretches, key=_order))))


def _count(counter: Counter[str], key: str | None, step: int) -> None:
    """Count `key` up or down; at nought it is gone."""
    if key is not None:
        counter[key] += step
        if not counter[key]:
            del counter[key]


def _order(card: str) -> tuple[bool, int, str]:
    """Sorts "i2" before "i10", incidents before tallies."""
    return card.startswith("t"), len(card), card


def _piece(piece: Piece, text: str, groups: dict[tuple[str, ...], int]) -> str:
    """One piece of text as HTML; `groups` numbers each set of cards once."""
    words = escape(text[piece.start : piece.end])
    if not piece.kinds:
        return words
    group = f' data-g="{groups.setdefault(piece.cards, len(groups))}"' if piece.cards else ""
    more = f" +{len(piece.begins) - 3}" if len(piece.begins) > 3 else ""
    begins = f' data-b="{escape(" ".join(piece.begins[:3]) + more)}"' if piece.begins else ""
    title = ", ".join(kind for kind in piece.kinds if kind != STRETCH)
    hint = f' title="{title}"' if title else ""
    return f'<span class="{" ".join(piece.kinds)}"{group}{begins}{hint}>{words}</span>'


def _first_pieces(found: list[Piece]) -> dict[str, int]:
    """Where each card's first stretch begins (its first mention where it has none), counted in pieces with cards."""
    stretches: dict[str, int] = {}
    mentions: dict[str, int] = {}
    for number, piece in enumerate(piece for piece in found if piece.cards):
        for card in piece.begins:
            stretches.setdefault(card, number)
        for card in piece.cards:
            mentions.setdefault(card, number)
    return mentions | stretches


# The head and the cards.


def _head(report: Report, text: str) -> str:
    """The line of facts about the document, and the warnings."""
    document, model = report.document, report.model
    facts = [
        counted(len(report.incidents), "incident", "incidents"),
        counted(len(report.tallies), "tally", "tallies"),
        f"{len(text):,} characters",
        f"published {day(document.published)}" if document.published else "",
        document.publisher and (document.publisher.name or document.publisher.text),
        f"{model.name} {model.version}",
    ]
    notes = [f"{warning.code}: {warning.message}" for warning in report.warnings]
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    if document.sha256 and document.sha256 != digest:
        notes.insert(0, "This is not the text that the report was made from: marks may stand in the wrong places.")
    warnings = "".join(f'<li class="note">{escape(note)}</li>' for note in notes)
    return f"<p>{' · '.join(escape(fact) for fact in facts if fact)}</p>" + (f"<ul>{warnings}</ul>" if warnings else "")


def _legend(used: set[str]) -> str:
    """A switch for each kind that the report has."""
    kinds = (kind for kind in KINDS if kind in used)
    return "".join(f'<label class="{k}"><input type="checkbox" checked value="{k}"> {k}</label>' for k in kinds)


def facts(incident: Incident) -> dict[str, str]:
    """What the card of an incident says of it below its heading: a name for each row, and "" where nothing is said."""
    said = {
        **{harm: people(getattr(incident, harm), incident.casualties) for harm in HARMED},
        "conceded": "; ".join(
            f"{toll} {harm}"
            for harm in ("killed", "injured")
            if (toll := people(getattr(incident.conceded, harm), incident.casualties))
        ),
        "actor": "; ".join(names(incident.actors)),
        "action": "; ".join(unique([f"{_counted(a.count)}{a.text}" for a in incident.actions])),
        "target": "; ".join(unique([f"{_counted(t.count)}{t.text}" for t in incident.targets])),
        "source": "; ".join(names(incident.sources)),
        "claims": "; ".join(map(_claim, incident.casualties)) if len(incident.casualties) > 1 else "",
    }
    return said | {name: read for name, read in doubts(incident).items() if name in said}


def _incident(incident: Incident) -> str:
    """The card of one incident."""
    assessment, country = incident.assessment, incident.country
    where = unique([place.text for place in incident.places]) + (unique([country.name]) if country else [])
    outcome = assessment.outcome or ""
    said = [words(part) for part in (outcome, assessment.reason, "reopened" if assessment.reopened else None) if part]
    doubted = doubts(incident)
    where += [doubted[name] for name in ("place", "country") if name in doubted]
    said += [doubted["outcome"]] if "outcome" in doubted else []
    badge = f'<b class="badge {outcome}">{escape(" · ".join(said))}</b>' if said else ""
    when = doubted.get("date") or day(incident.date) or "no date"
    return _card(incident.id, when, ", ".join(where), badge, facts(incident), _confidence(incident))


def _tally(card: str, tally: Tally) -> str:
    """The card of one tally."""
    rows = {
        "said": tally.text,
        "period": day(tally.period),
        "area": tally.area.text if tally.area else "",
        "by": (tally.claimed_by.name or tally.claimed_by.text) if tally.claimed_by else "",
    }
    return _card(card, "tally", f"{figure(tally)} {words(tally.measure)}", "", rows, "")


def _card(card: str, when: str, what: str, badge: str, rows: dict[str, str], foot: str) -> str:
    """A card: a heading that is a button, then the rows that say something. `badge` is HTML, all else is text."""
    lines = "".join(
        f'<dt class="{_ROW_KINDS.get(name, "")}">{name}</dt><dd>{escape(" ".join(value.split()))}</dd>'
        for name, value in rows.items()
        if value
    )
    name = escape(card)
    foot = f"<small>{escape(foot)}</small>" if foot else ""
    return (
        f'<li class="card" data-c="{name}"><button type="button" aria-pressed="false"><i>{name}</i> '
        f"<time>{escape(when)}</time> <bdi>{escape(what)}</bdi></button>{badge}<dl>{lines}</dl>{foot}</li>\n"
    )


_ROW_KINDS = {
    **dict.fromkeys((*HARMED, "conceded", "claims"), "casualty"),
    **{kind: kind for kind in ("actor", "action", "target", "source")},
    **{"said": "tally", "period": "date", "area": "place", "by": "source"},
}


# Values in words; the command line shows them too.


def words(label: str) -> str:
    """A label as people write it: "non_credible" is "non-credible", "insufficient_information" loses its bar."""
    return label.replace("non_", "non-").replace("_", " ")


def day(when: Date | None) -> str:
    """The ISO day, month, year or range; the words of the text where nothing fixes them; "" for no date."""
    if when is None or when.start is None:
        return " ".join(when.text.split()) if when else ""
    if when.precision == "range" or (when.precision is None and when.end != when.start):
        return f"{when.start} – {when.end or '?'}"
    return when.start[: {"year": 4, "month": 7}.get(when.precision or "day", 10)]


def figure(count: Count | Tally) -> str:
    """{5, 5} is "5", {5, null} "≥5", {null, 11} "≤11", {8, 12} "8–12"; "?" is harm said without a figure."""
    low, high = count.min, count.max
    if low is None and high is None:
        return "?"
    if high is None:
        return f"≥{low:,}"
    if low is None:
        return f"≤{high:,}"
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def doubts(incident: Incident) -> dict[str, str]:
    """Row -> what was read of a field that was left empty for doubt: "? five civilians | two men"; "?" for nothing."""
    read = {field: unique([candidate.text for candidate in found]) for field, found in incident.candidates.items()}
    return {_ROWS[field]: f"? {' | '.join(texts)}".rstrip() for field, texts in read.items()}


def _counted(count: Count | None) -> str:
    """A count before a noun; 1 and nothing go without saying."""
    return "" if count is None or figure(count) in ("1", "?") else f"{figure(count)} "


def people(figures: Rollup, claims: list[Claim]) -> str:
    """Such as "5 civilians, ≥2 combatants"; parts of a total are named as such: "13 people, 3 civilians among them"."""
    inside = parts(figures, claims)
    said = {group: f"{figure(n)} {'people' if group == 'unspecified' else group}" for group, n in figures.items()}
    totals = [toll for group, toll in said.items() if group not in inside]
    return ", ".join(totals + [f"{toll} among them" for group, toll in said.items() if group in inside])


def _claim(claim: Claim) -> str:
    """A claim in its own words, with what sets it apart."""
    by = claim.claimed_by and (claim.claimed_by.name or claim.claimed_by.text)
    marks = [
        *(words(mark) for mark in (claim.stance, claim.status) if mark not in ("stated", "used")),
        *([f"part of {claim.part_of}"] if claim.part_of else []),
        *([f"by {by}"] if by else []),
    ]
    return f"{claim.id} {claim.text}" + (f" ({', '.join(marks)})" if marks else "")


def _confidence(incident: Incident) -> str:
    """The model's confidence in the incident, where it gave one."""
    share = incident.confidence.incident
    return f"confidence {share:.0%}" + ("" if incident.confidence.calibrated else ", not calibrated") if share else ""


# The page.


def digest(part: str) -> str:
    """The hash by which the page's policy lets this style or script through, and no other."""
    return "sha256-" + b64encode(hashlib.sha256(part.encode("utf-8")).digest()).decode("ascii")


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>{title}</title><style>{css}</style></head>
<body><header><h1>{title}</h1>{head}<form id="legend" aria-label="What is marked">{legend}</form></header>
<main><div id="text" lang="{language}">{text}</div>
<aside aria-label="Incidents">
<div id="find"><input id="filter" type="search" aria-label="Filter"
 placeholder="Filter: place, date, outcome, …"><output id="count" for="filter"></output></div>
<ol id="cards">{cards}</ol></aside></main>
<script type="application/json" id="links">{links}</script><script>{js}</script></body></html>
"""

# The colours of both schemes, and those of each kind of mention; other pages that show marked text have the same.
PALETTE = """
:root { --paper: #fff; --ink: #1c2024; --soft: #5b6470; --line: #d9dee4; --panel: #f5f7f9; --accent: #b3261e;
  --stretch: #f0f3f6; --date: #cfe2ff; --place: #cdeecb; --source: #e5d8fb; --actor: #ffd9b8; --action: #fdeaa0;
  --target: #c5ecee; --casualty: #ffcfcf; --assessment: #dfe3ea; --tally: #ecdcc8; }
@media (prefers-color-scheme: dark) { :root { --paper: #15181c; --ink: #e4e7eb; --soft: #9aa5b1; --line: #363d46;
  --panel: #1c2025; --accent: #ff9d8f; --stretch: #21262d; --date: #1f3f6b; --place: #20502a; --source: #45306b;
  --actor: #6b3c14; --action: #5a4a0c; --target: #0f4f55; --casualty: #702a2d; --assessment: #414a57;
  --tally: #57432a; } }
.stretch { --bg: var(--stretch); } .assessment { --bg: var(--assessment); } .tally { --bg: var(--tally); }
.casualty { --bg: var(--casualty); } .target { --bg: var(--target); } .source { --bg: var(--source); }
.action { --bg: var(--action); } .actor { --bg: var(--actor); } .place { --bg: var(--place); }
.date { --bg: var(--date); }
.date { --under: var(--date); } .place { --under: var(--place); } .actor { --under: var(--actor); }
.action { --under: var(--action); } .source { --under: var(--source); } .target { --under: var(--target); }
.casualty { --under: var(--casualty); } .tally { --under: var(--tally); } .assessment { --under: var(--assessment); }
"""

_CSS = (
    PALETTE
    + """
* { box-sizing: border-box; }
body { margin: 0; height: 100vh; display: flex; flex-direction: column; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
header { padding: .7rem 1.5rem; border-bottom: 1px solid var(--line); background: var(--panel); }
h1 { font-size: 1.15rem; margin: 0; } header p { margin: .1rem 0 .4rem; color: var(--soft); font-size: .85rem; }
header ul { margin: 0 0 .4rem; padding: 0; list-style: none; font-size: .85rem; max-height: 5rem; overflow: auto; }
.note { color: var(--accent); } .none { color: var(--soft); list-style: none; padding: 1rem; }
#legend { display: flex; flex-wrap: wrap; gap: .35rem; font-size: .8rem; }
#legend label { padding: 0 .5rem 0 .25rem; border-radius: 3px; background: var(--bg); cursor: pointer; }
#legend input { vertical-align: -2px; margin: 0 2px 0 0; }
main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(0, 1fr) minmax(20rem, 27rem); }
#text { overflow: auto; padding: 1.2rem max(1.5rem, calc(50% - 25rem)) 40vh; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 1.06rem/1.75 Charter, "Iowan Old Style", Georgia, "Noto Serif", serif;
  unicode-bidi: plaintext; }
#text span { background: var(--bg); padding: .1em 0; border-bottom: 2px solid transparent; }
#text span[title] { border-bottom-color: color-mix(in srgb, var(--under) 75%, var(--ink)); }
#text span[data-g] { cursor: pointer; }
#text [data-b]::before { content: attr(data-b); font: 600 .62rem/1 system-ui, sans-serif; color: var(--soft);
  border: 1px solid var(--line); border-radius: 3px; padding: 1px 3px; margin-right: .35em; vertical-align: .3em;
  background: var(--paper); }
#text .on { box-shadow: 0 -2px 0 var(--accent), 0 2px 0 var(--accent); }
#text .on[data-b]::before { color: var(--paper); background: var(--accent); border-color: var(--accent); }
aside { display: flex; flex-direction: column; min-height: 0; border-left: 1px solid var(--line);
  background: var(--panel); }
#find { display: flex; gap: .6rem; align-items: center; padding: .6rem .8rem; border-bottom: 1px solid var(--line); }
#filter { flex: 1; min-width: 0; font: inherit; padding: .3rem .5rem; border: 1px solid var(--line); border-radius: 5px;
  background: var(--paper); color: inherit; }
#count { color: var(--soft); font-size: .8rem; white-space: nowrap; }
#cards { margin: 0; padding: .6rem .8rem 3rem; overflow: auto; list-style: none; flex: 1; }
.card { border: 1px solid var(--line); border-left: 4px solid var(--line); border-radius: 6px; background: var(--paper);
  padding: .45rem .7rem .5rem; margin-bottom: .55rem; cursor: pointer; overflow-wrap: anywhere; }
.card[hidden] { display: none; } .card:hover { border-color: var(--soft); }
.card.on { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.card button { all: unset; cursor: pointer; display: block; font-weight: 600; }
.card button:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.card i { font-style: normal; font-weight: 400; color: var(--soft); font-size: .8rem; }
.card time { color: var(--soft); font-variant-numeric: tabular-nums; }
.badge { display: inline-block; font-size: .75rem; font-weight: 600; border-radius: 3px; padding: 0 .4rem;
  background: var(--assessment); }
.badge.credible { background: var(--casualty); } .badge.open { background: var(--action); }
dl { display: grid; grid-template-columns: 5.2rem minmax(0, 1fr); gap: .15rem .6rem; margin: .3rem 0 0;
  font-size: .87rem; }
dt { color: var(--soft); border-left: 3px solid var(--bg, transparent); padding-left: .35rem; } dd { margin: 0; }
.card small { color: var(--soft); display: block; margin-top: .25rem; }
@media (max-width: 800px) { main { grid-template: minmax(0, 1fr) minmax(0, 1fr) / 1fr; }
  #text { padding-bottom: 10vh; } aside { border-left: 0; border-top: 1px solid var(--line); } }
@media print { body, main, aside, #text, #cards { display: block; height: auto; overflow: visible; }
  #legend, #find { display: none; } .card { break-inside: avoid; } }
"""
)

_JS = """
(() => {
  "use strict";
  const $ = id => document.getElementById(id);
  const links = JSON.parse($("links").textContent);
  const marks = [...document.querySelectorAll("#text [data-g]")];
  const cards = [...document.querySelectorAll(".card")];
  const card = new Map(cards.map(element => [element.dataset.c, element]));
  const words = new Map(cards.map(element => [element, element.textContent.toLowerCase()]));
  const marksOf = links.groups.map(() => []), groupsOf = new Map();
  marks.forEach(mark => marksOf[mark.dataset.g].push(mark));
  links.groups.forEach((ids, group) => ids.forEach(id => {
    if (!groupsOf.has(id)) groupsOf.set(id, []);
    groupsOf.get(id).push(group);
  }));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches || cards.length > 60;
  const show = (element, block) => element && element.scrollIntoView({ block, behavior: still ? "auto" : "smooth" });
  let current = null;
  const paint = (id, on) => {
    if (!card.has(id)) return;
    card.get(id).classList.toggle("on", on);
    card.get(id).querySelector("button").setAttribute("aria-pressed", on);
    (groupsOf.get(id) || []).forEach(group => marksOf[group].forEach(mark => mark.classList.toggle("on", on)));
  };
  const select = id => { paint(current, false); current = id; paint(id, true); };
  const filter = () => {
    const wanted = $("filter").value.toLowerCase().split(/\\s+/).filter(Boolean);
    let shown = 0;
    cards.forEach(element => {
      element.hidden = !wanted.every(word => words.get(element).includes(word));
      shown += !element.hidden;
    });
    $("count").textContent = `${shown} of ${cards.length}`;
  };
  $("filter").addEventListener("input", filter);
  $("cards").addEventListener("click", event => {
    const chosen = event.target.closest(".card");
    if (!chosen || String(getSelection())) return;
    select(chosen.dataset.c);
    show(marks[links.first[current]], "center");
  });
  $("text").addEventListener("click", event => {
    const mark = event.target.closest("[data-g]");
    if (!mark || String(getSelection())) return;
    const ids = links.groups[mark.dataset.g];
    select(ids[(ids.indexOf(current) + 1) % ids.length]);
    if (!card.has(current)) return;
    if (card.get(current).hidden) { $("filter").value = ""; filter(); }
    show(card.get(current), "nearest");
  });
  $("legend").addEventListener("change", event =>
    document.body.style.setProperty("--" + event.target.value, event.target.checked ? "" : "transparent"));
  document.addEventListener("keydown", event => {
    if (event.target === $("filter")) return;
    if (event.key === "/") { event.preventDefault(); $("filter").focus(); }
    if (event.key === "Escape") select(null);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const here = step && event.target.closest(".card");
    if (!here) return;
    event.preventDefault();
    const visible = cards.filter(element => !element.hidden);
    const next = visible[visible.indexOf(here) + step];
    if (next) { next.querySelector("button").focus(); next.click(); }
  });
  filter();
  const linked = card.get(location.hash.slice(1));
  if (linked) { show(linked, "nearest"); linked.click(); }
})();
"""
