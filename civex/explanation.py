"""Explanation: why a record says what it says, in words that need no programmer.

The pipeline writes down what decided while it decides (`rules` of a figure, what fixed a date, which words govern an
outcome); `civex.report` hands that on as `Notes`, and here it becomes sentences. Nothing is decided here.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from civex.labels import HARMS
from civex.render import day, figure, people, words
from civex.schema import Claim, Count, Figure, Incident, Mention, counted, one_line
from civex.values.tolls import ClaimValue, left_out

RULES = {  # names of rules as `civex_claims` writes them
    "only_hurt": "the words of harm in its sentence all tell of injury, so nobody is taken as killed",
    "said_harm": "its own words, or the verb after it, say whether they were killed or injured",
    "group_of_rival": "it says nothing of who they were, so it counts the same people as the figure that it rivals",
    "one_of_them": "one person, or the only rival, told beside a larger figure is inside it, not a rival figure",
    "range": "two figures side by side are the two ends of a range",
    "said_part": "its own words, or the list that it goes on, say that it is a part of the figure before",
    "spelled_out": "the figures of the sentence together are the first of them, which they spell out",
    "summed_after": "persons told one by one are in the total that a later sentence gives",
    "told_again": "another sentence counts people of this kind in the same total, so they are not added up",
    "gives_way": "the text says that another figure stands for it, so it is not used beside that one",
    "in_range": "the text gives a range itself, which sums up the rival figures",
    "said_before": "a later sentence with the same figure says it again",
    "inside_before": "a smaller figure in a later sentence is inside the one before",
    "rival_before": "a larger figure in another sentence, which nothing links to this one, is a rival figure",
}
_UNUSED = {
    "superseded": "not used",
    "denied": "not used: it is denied",
    "conceded": "not used: the side that struck admits it, and others give a figure",
    "said_again": "not added: the same people are counted already",
    "part": "not added: they are inside a total that is counted",
    "no_number": "not used: it has no number, and another has one",
}
_STATUSES = {
    "summed_up": "the text itself sums it up in another figure",
    "replaced": "the text replaces it by another figure",
    "withdrawn": "the text takes it back",
    "rival": "a rival figure: it widens the range",
}
_STANCES = {"alleged": "alleged", "conceded": "admitted by the side that struck", "denied": "denied"}
_FIXED = {
    "words": "its own words say the date",
    "published": "counted from the day of publication",
    "before": "counted from the date told before it",
    "heading": "the heading above it says the rest",
    "usual_year": "the year is the one that the text's other dates have",
    None: "nothing in the text fixes it to a day, month or year",
}
_TOLLS = ("killed", "injured", "detained", "missing", "abducted")
_LINKS = ("part_of", "repeats")
_LISTS = (
    *(("Places", "places", "place"), ("Who struck", "actors", "actor"), ("What was done", "actions", "action")),
    *(("What was hit", "targets", "target"), ("Who told", "sources", "source")),
)
_CLOSING = (
    "Scores run from 0 to 1. A score of some words is the model's for finding them, linking them to this incident and\n"
    "reading them; how sure civex is of a field {calibrated}."
)
_REDUCED = (
    "This record was loaded without what the pipeline noted when it was made: which rule decided, and each score, are\n"
    "missing here. For the whole explanation read the text again: civex explain FILE --incident {id}"
)


class Notes(NamedTuple):
    """What the pipeline noted of a whole text, as plain data that outlives the Doc.

    text: as it was given; labels, bounds (characters) and scores of all mentions; attrs: of the group of mentions, see
    `docs/design.md`; incidents: the rows of `attrs["incidents"]`.
    """

    text: str
    labels: list[str]
    bounds: list[tuple[int, int]]
    scores: list[float]
    attrs: dict[str, Any]
    incidents: list[dict]


class Said(NamedTuple):
    """Words of the text that the record rests on.

    `score` is the model's for finding them, linking them to the incident and reading them, multiplied; `shared`: they
    speak for several incidents; `rules` are names as in `RULES`; `value`: what a date was read as; `claim` and `stands`
    are ids of claims: this one, and the one that sums it up or replaces it; `links`: scores of the links to the claims
    that it is a part of or repeats, 0 where a rule made them.
    """

    kind: str
    text: str
    span: tuple[int, int]
    score: float = 1.0
    shared: bool = False
    rules: tuple[str, ...] = ()
    value: str = ""
    claim: str = ""
    stands: str = ""
    links: tuple[tuple[str, float], ...] = ()


class Evidence(NamedTuple):
    """What the pipeline noted of one incident.

    `said` are all mentions of the incident; `date_by` is what fixed its date ("words", "published", ...) and `date_at`
    the mention that says it; `outcome` and `reason` govern the assessment; `joined` seemed to open incidents of their
    own at first; `opener` is the mention that opens this one.
    """

    opener: Said
    said: tuple[Said, ...]
    date_by: str | None = None
    date_at: Said | None = None
    outcome: Said | None = None
    reason: Said | None = None
    joined: tuple[Said, ...] = ()


def explain(incident: Incident, notes: Notes | None, text: str | None = None) -> str:
    """The explanation of a record, as lines of plain text.

    notes: None for a record that was loaded: the claims and figures are explained, rules and scores are not. Raises
    ValueError where `text` is not the text that the record was read from.
    """
    text = text if text is not None else notes.text if notes else None
    _check(incident, text)
    told = _Words(incident, gather(incident, notes) if notes else None)
    parts = [told.head(), _sentences(incident, text), *(told.toll(harm) for harm in _TOLLS), told.conceded()]
    parts += [told.date(), told.outcome(), told.country(), *(told.mentions(*names) for names in _LISTS)]
    parts.append(told.closing())
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def gather(incident: Incident, notes: Notes) -> Evidence | None:
    """What was noted of one incident; None where the notes have none of its id."""
    row = next((row for row in notes.incidents if row["id"] == incident.id), None)
    if row is None:
        return None
    links = dict(row["mentions"])
    ids = claim_ids([n for n in links if notes.labels[n] in HARMS])
    said = {n: _said(notes, n, link, ids) for n, link in links.items()}
    span = incident.date.span if incident.date else None
    date = next((n for n, one in said.items() if one.kind == "date" and one.span == span), None)
    value = notes.attrs.get("dates", {}).get(str(date), {})
    judged = notes.attrs.get("assessments", {}).get(str(row["opener"]), {})

    def at(n: int | None) -> Said | None:
        return None if n is None else said.get(n) or _said(notes, n, 1.0, {})

    return Evidence(
        opener=said.get(row["opener"]) or _said(notes, row["opener"], 1.0, {}),
        said=tuple(said.values()),
        date_by=value.get("fixed_by"),
        date_at=at(value.get("fixed_at")),
        outcome=at(judged.get("outcome_at")),
        reason=at(judged.get("reason_at")),
        joined=tuple(said.get(n) or _said(notes, n, 1.0, {}) for n in row.get("joined", ())),
    )


def claim_ids(positions: Iterable[int]) -> dict[int, str]:
    """Position of each casualty figure of an incident -> the id of its claim, in text order."""
    return {n: f"c{k}" for k, n in enumerate(sorted(positions), 1)}


def _said(notes: Notes, n: int, link: float, ids: dict[int, str]) -> Said:
    """A mention with its score and, of a figure, its id and the rules and links that decided."""
    (start, end), kind = notes.bounds[n], notes.labels[n]
    row = notes.attrs["attributes"][n] if notes.attrs.get("attributes") else {}
    score = round(link * notes.scores[n] * row.get("score", 1.0), 4)
    said = Said(kind, notes.text[start:end], (start, end), score, bool(row.get("shared")))
    if kind == "date":
        role = row.get("role", "event")
        day = notes.attrs.get("dates", {}).get(str(n), {}).get("start")
        return said._replace(value=(day or "no day") if role == "event" else f"the date of something else ({role})")
    if n not in ids:
        return said
    own = [(label, tail, score) for head, tail, label, score in notes.attrs.get("relations", ()) if head == n]
    stands = next((ids[tail] for label, tail, _ in own if label == "superseded_by" and tail in ids), "")
    links = tuple((label, score) for label, tail, score in own if label in _LINKS and tail in ids)
    return said._replace(rules=tuple(row.get("rules", ())), claim=ids[n], stands=stands, links=links)


def _check(incident: Incident, text: str | None) -> None:
    said = [*incident.casualties, *incident.places, *([incident.date] if incident.date else [])]
    if text is not None and any(text[m.span[0] : m.span[1]] != m.text for m in said):
        raise ValueError(f"{incident.id} was not read from this text: its words stand elsewhere")


def _sentences(incident: Incident, text: str | None) -> list[str]:
    if not incident.spans:
        return []
    lines = ["Read from"]
    for start, end in incident.spans:
        said = "" if text is None else f'"{one_line(text[start:end])}" '
        lines.append(f"  {said}(characters {start} to {end})")
    return lines


class _Words:
    """One incident with its evidence at hand, so that each part of the explanation is one short method."""

    def __init__(self, incident: Incident, evidence: Evidence | None):
        self.incident, self.evidence = incident, evidence
        self.said = {(said.kind, said.span): said for said in (evidence.said if evidence else ())}
        self.claims = {claim.id: claim for claim in incident.casualties}
        self.notes = {said.claim: said for said in self.said.values() if said.claim}

    def head(self) -> list[str]:
        incident = self.incident
        known = [day(incident.date), *(place.text for place in incident.places[:1])]
        known += [incident.country.name] if incident.country else []
        lines = [f"{incident.id}: {', '.join(map(one_line, filter(None, known))) or 'no date or place'}"]
        lines.append(f"An incident: {self.sure('incident')}.")
        if self.evidence:
            lines.append(f"It begins with {_quoted(self.evidence.opener)}.")
            if self.evidence.joined:
                others = ", ".join(map(_quoted, self.evidence.joined))
                lines.append(f"{others}: no date or place, or no harm, of its own, so it is told of this incident too.")
        return lines

    def sure(self, field: str) -> str:
        share = getattr(self.incident.confidence, field)
        return f"{share:.0%} sure" if self.incident.confidence.calibrated else f"score {share:.2f}, not calibrated"

    def heading(self, title: str, field: str, value: str) -> str:
        """Such as "Date: 2016-04-09 (97% sure)"; a field in doubt says so and names what was read."""
        if field not in self.incident.candidates:
            return f"{title}: {value} ({self.sure(field)})"
        read = ", ".join(f'"{one_line(c.text)}"' for c in self.incident.candidates[field])
        return f"{title}: left empty, in doubt ({self.sure(field)}); read: {read or 'nothing'}"

    def toll(self, harm: str) -> list[str]:
        """The figure of one harm, each of its claims, and how they make the figure."""
        figures = getattr(self.incident, harm)
        own = [claim for claim in self.incident.casualties if claim.harm == harm]
        nobody = [c for c in self.incident.casualties if c.harm == "killed_or_injured" and c.max == 0]
        own += nobody if harm in ("killed", "injured") else []
        if not (own or figures or harm in self.incident.candidates):
            return []
        title, told = harm.capitalize(), people(figures, self.incident.casualties) or "no figure"
        lines = [self.heading(title, harm, told) if harm in ("killed", "injured") else f"{title}: {told}"]
        unused = left_out([_value(claim) for claim in self.incident.casualties], harm)
        for claim in own:
            lines += self.claim(claim, unused.get(claim.id))
        return lines + [self.sum(group, figure) for group, figure in figures.items()]

    def claim(self, claim: Claim, unused: str | None) -> list[str]:
        """A claim as it was read; then what became of it, and why."""
        note = self.notes.get(claim.id)
        lines = [
            f'  {claim.id} "{one_line(claim.text)}": {_read(claim)}' + (f", score {note.score:.2f}" if note else "")
        ]
        lines.append(f"     {self.fate(claim, unused)}")
        for rule in note.rules if note else ():
            lines.append(f"     rule: {RULES.get(rule, rule.replace('_', ' '))}")
        return lines

    def fate(self, claim: Claim, unused: str | None) -> str:
        note = self.notes.get(claim.id)
        said = [_UNUSED[unused]] if unused else ["used"]
        if claim.status in _STATUSES and (unused in (None, "superseded")):
            said.append(_STATUSES[claim.status] + (f" ({note.stands})" if note and note.stands else ""))
        for link, what in (("part_of", "a part of"), ("repeats", "the same as")):
            other = getattr(claim, link)
            if other in self.claims:
                score = dict(note.links).get(link) if note else None
                by = f" (the model's link, score {score:.2f})" if score else ""
                said.append(f'{what} {other} "{one_line(self.claims[other].text)}"{by}')
        return "; ".join(said)

    def sum(self, group: str, figure: Figure) -> str:
        """How the claims of a group make its figure."""
        used = [self.claims[id] for id in figure.claims if id in self.claims]
        told = f"  {people({group: figure}, [])}: "
        if len(used) == 1:
            return f"{told}the figure of {used[0].id}"
        ids = ", ".join(claim.id for claim in used)
        if any(claim.status == "rival" for claim in used):
            return f"{told}from the lowest to the highest of {ids}, which are rival figures"
        return f"{told}{ids} added up, since the text does not add them"

    def conceded(self) -> list[str]:
        lines = []
        for harm in ("killed", "injured"):
            for group, toll in getattr(self.incident.conceded, harm).items():
                admitted = f"{people({group: toll}, [])} {harm}"
                lines.append(f"Admitted by the side that struck: {admitted} ({', '.join(toll.claims)})")
        return lines

    def date(self) -> list[str]:
        """The date, what fixes it, and the other dates of the incident."""
        date, evidence = self.incident.date, self.evidence
        if date is None and "date" not in self.incident.candidates:
            return []
        lines = [self.heading("Date", "date", day(date))]
        if date is not None and evidence is not None:
            by = _FIXED[evidence.date_by]
            if evidence.date_at is not None:
                by += f": {_quoted(evidence.date_at)}"
            elif evidence.date_by == "published":
                by += ", which was given with the text"
            lines.append(f"  {self.line('date', date.text, date.span)}: {by}")
        for said in self.said.values():
            if said.kind == "date" and (date is None or said.span != date.span):
                lines.append(f"  not used: {_quoted(said)}, {said.value}, score {said.score:.2f}")
        if date is not None and len(lines) > 2:
            lines.append("  of several dates the one said most exactly is used, then the one said first")
        return lines

    def outcome(self) -> list[str]:
        """How the report was judged, and which words govern it."""
        found, evidence = self.incident.assessment, self.evidence
        told = [part for part in (found.outcome, found.reason) if part]
        if not told and not found.mentions and "assessment" not in self.incident.candidates:
            return []
        lines = [self.heading("Outcome", "assessment", ", ".join(map(words, told)) or "none said")]
        for said in dict.fromkeys(s for s in (evidence.outcome, evidence.reason) if s) if evidence else ():
            scope = "speaks for a list of reports, this one among them" if said.shared else "is said of this report"
            lines.append(f"  {_quoted(said)} {scope}, score {said.score:.2f}")
        if evidence is None:
            lines += [f"  {_quoted(mention)}" for mention in found.mentions]
        return lines

    def country(self) -> list[str]:
        country = self.incident.country
        if country is None and "country" not in self.incident.candidates:
            return []
        lines = [self.heading("Country", "country", country.name if country else "")]
        if country is not None and country.inferred:
            lines.append("  the text does not name it: the places lie there")
        elif country is not None and country.text and country.span:
            lines.append(f"  {self.line('country', country.text, country.span)}")
        return lines

    def mentions(self, title: str, field: str, kind: str) -> list[str]:
        """The values of a field that is a list, each with its words."""
        values = getattr(self.incident, field)
        if not values and field not in self.incident.candidates:
            return []
        lines = [self.heading(title, field, counted(len(values), "value", "values"))]
        for value in values:
            read = [words(part) for name in ("type", "attribution") if (part := getattr(value, name, None))]
            lines.append(f"  {self.line(kind, value.text, value.span)}" + (f": {', '.join(read)}" if read else ""))
        return lines

    def line(self, kind: str, text: str, span: tuple[int, int]) -> str:
        said = self.said.get((kind, span))
        score = f", score {said.score:.2f}" if said else ""
        return f'"{one_line(text)}" (characters {span[0]} to {span[1]}{score})'

    def closing(self) -> list[str]:
        calibrated = self.incident.confidence.calibrated
        if self.evidence is None:
            return [_REDUCED.format(id=self.incident.id)]
        return [_CLOSING.format(calibrated="was measured on annotated texts" if calibrated else "was not measured")]


def _quoted(said: Said | Mention) -> str:
    return f'"{one_line(said.text)}" (characters {said.span[0]} to {said.span[1]})'


def _value(claim: Claim) -> ClaimValue:
    return ClaimValue(**{name: getattr(claim, name) for name in ClaimValue.__dataclass_fields__})


def _read(claim: Claim) -> str:
    """A claim's figure in words, who is counted and who says so."""
    group = "people" if claim.group == "unspecified" else claim.group
    count = figure(Count(min=claim.min, max=claim.max))
    told = [f"{count} {group}" + (f" ({', '.join(map(words, claim.who))})" if claim.who else "")]
    if claim.vague:
        told.append("a vague word, counted by policy")
    if claim.claimed_by:
        told.append(f"as {one_line(claim.claimed_by.name or claim.claimed_by.text)} says")
    return ", ".join(told + ([_STANCES[claim.stance]] if claim.stance in _STANCES else []))
