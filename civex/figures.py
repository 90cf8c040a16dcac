"""Figures: every figure of `civex evaluate` as counts by document, so that each has its interval.

A figure is named by (group, name) and counted in one of three forms: `set` (hits, misses, alarms: precision, recall and
F1), `share` (part, whole) and `bcubed` (see `civex.intervals`). Pure counting; `civex.evaluation` says what is read.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from spacy.tokens import Doc

from civex.annotations import AnnotatedText
from civex.evaluation import INCIDENT_FIELDS, Judged, pair, tally_values
from civex.intervals import LEVEL, SAMPLES, Estimate, estimate, resamples
from civex.labels import INCIDENTS
from civex.pipeline.candidates import recall
from civex.pipeline.incidents import set_incidents
from civex.schema import Incident, Report
from civex.scorers import attribute_pairs, mention_keys, relation_triples
from civex.values.places import fold

NARRATIVE_WORDS = 60  # words for each incident from which on a document tells and does not list

MEASURES = {"set": ("p", "r", "f"), "share": ("share",), "bcubed": ("bcubed_f",)}
Name = tuple[str, str]


class Counts(NamedTuple):
    """What one document adds to one figure."""

    form: str
    columns: tuple[float, ...]


Row = dict[Name, Counts]


class Figure(NamedTuple):
    """One figure over all documents: an estimate for each of the measures of its form, and how many gold values."""

    estimates: dict[str, Estimate]
    gold: float


def is_narrative(document: AnnotatedText) -> bool:
    """True for a document that tells of its incidents in prose and does not list them.

    Taken from the annotation, since publishers name their genres as they like: it has an incident, and 60 words or more
    for each one. In `corpus/` that holds for every document whose genre says narrative or testimony, for most wire
    stories and letters, and for no strike list, register, digest or table.
    """
    incidents = {event for mention in document.mentions for event in mention.incidents}
    return bool(incidents) and len(document.text.split()) >= NARRATIVE_WORDS * len(incidents)


def row(judged: Judged) -> Row:
    """What one document adds to every figure."""
    counts = {**_records(judged), **_spans(judged)}
    if is_narrative(judged.document):
        told = narrative_counts(judged.gold, judged.found)
        if judged.on_gold is not None:
            gold, found = _clusters(judged.on_gold.reference), _clusters(judged.on_gold.predicted)
            told["grouping, gold mentions"] = Counts("bcubed", bcubed(gold, found))
        counts |= {("narratives", name): value for name, value in told.items()}
    return counts


def figures(rows: Sequence[Row], *, samples: int = SAMPLES, seed: int = 0, level: float = LEVEL) -> dict[Name, Figure]:
    """Every figure that any document counts for, with its interval over documents."""
    drawn = resamples(len(rows), samples, seed)
    found = {}
    for name in names(rows):
        form, counts = columns(rows, name)
        estimates = {measure: estimate(counts, measure, drawn, level) for measure in MEASURES[form]}
        total = counts.sum(axis=0)
        found[name] = Figure(estimates, total[0] + total[1] if form == "set" else total[-1])
    return found


def names(rows: Iterable[Row]) -> list[Name]:
    """The figures that the rows have, groups in order of first appearance, names in order of the alphabet."""
    seen = dict.fromkeys(name for row in rows for name in row)
    groups = list(dict.fromkeys(group for group, _ in seen))
    return sorted(seen, key=lambda name: (groups.index(name[0]), name[1]))


def columns(rows: Sequence[Row], name: Name) -> tuple[str, np.ndarray]:
    """Form and counts (documents, columns) of one figure; nought where a document does not count for it.

    Raises KeyError where no row has it.
    """
    form = next((row[name].form for row in rows if name in row), None)
    if form is None:
        raise KeyError(name)
    width = {"set": 3, "share": 2, "bcubed": 4}[form]
    return form, np.array([row[name].columns if name in row else (0.0,) * width for row in rows])


def to_dict(found: dict[Name, Figure]) -> dict:
    """Group -> name -> measure -> value, low, high, documents: plain data for JSON."""
    data: dict = {}
    for (group, name), figure in found.items():
        data.setdefault(group, {})[name] = {m: e._asdict() for m, e in figure.estimates.items()}
    return data


def table(found: dict[Name, Figure]) -> str:
    """The figures as lines of plain text: value and interval of each measure, gold values, documents."""
    lines = [f"{'':<30}{'P':>6}{'':13}{'R':>6}{'':13}{'F1, share':>10}{'':9}{'gold':>7}{'documents':>11}"]
    group = ""
    for (kind, name), figure in found.items():
        if kind != group:
            lines.append(kind)
            group = kind
        cells = [_cell(figure.estimates.get(measure)) for measure in ("p", "r", "f")]
        if "f" not in figure.estimates:
            cells = [" " * 19, " " * 19, _cell(next(iter(figure.estimates.values())))]
        documents = next(iter(figure.estimates.values())).documents
        lines.append(f"  {name or '-':<28.28}{''.join(cells)}{figure.gold:7.0f}{documents:11d}".rstrip())
    return "\n".join(lines)


def _cell(found: Estimate | None) -> str:
    if found is None or found.value is None:
        return f"{'-':>6}{'':13}"
    ends = "" if found.low is None or found.high is None else f" {found.low:.3f}-{found.high:.3f}"
    return f"{found.value:6.3f}{ends:<13}"


def _set(gold: set, found: set) -> Counts:
    return Counts("set", (len(gold & found), len(gold - found), len(found - gold)))


def _share(right: Iterable[bool]) -> Counts:
    values = list(right)
    return Counts("share", (sum(values), len(values)))


def _add(one: Counts | None, other: Counts) -> Counts:
    if one is None:
        return other
    return Counts(other.form, tuple(a + b for a, b in zip(one.columns, other.columns, strict=True)))


# Records


def matched(gold: Report, found: Report) -> Iterator[tuple[Incident | None, Incident | None]]:
    """Pairs of gold and found incidents; None beside one that is missed or invented."""
    pairs, missed, extra = pair(gold.incidents, found.incidents)
    yield from pairs
    yield from ((incident, None) for incident in missed)
    yield from ((None, incident) for incident in extra)


def values(incident: Incident | None, name: str) -> set:
    """The values of a field as `civex.evaluation` compares them; none of no incident."""
    return set() if incident is None else INCIDENT_FIELDS[name](incident)


def same(gold: Incident | None, found: Incident | None, names: Iterable[str] = INCIDENT_FIELDS) -> bool:
    """True where both are there and agree in all of these fields."""
    return gold is not None and found is not None and all(values(gold, n) == values(found, n) for n in names)


def _records(judged: Judged) -> Row:
    both = list(matched(judged.gold, judged.found))
    fields: dict[str, Counts] = {}
    for gold, found in both:
        for name in INCIDENT_FIELDS:
            fields[name] = _add(fields.get(name), _set(values(gold, name), values(found, name)))
    overall = Counts("set", (0, 0, 0))
    for own in fields.values():
        overall = _add(overall, own)
    meta = judged.document.meta
    counts: Row = {
        ("records", "all fields"): overall,
        ("records", "every field right"): _share(same(g, f) for g, f in both if g is not None),
        ("records", "incidents"): _pairs(both),
    }
    if not judged.gold.incidents:
        counts["records", "false incidents a document"] = Counts("share", (len(judged.found.incidents), 1))
    counts |= {("field", name): value for name, value in fields.items()}
    counts["field", "tallies"] = _set(tally_values(judged.gold), tally_values(judged.found))
    counts["genre", meta.get("genre", "")] = overall
    counts["war", meta.get("war", "")] = overall
    return counts


def _pairs(both: list[tuple[Incident | None, Incident | None]]) -> Counts:
    hits = sum(g is not None and f is not None for g, f in both)
    return Counts("set", (hits, sum(f is None for _, f in both), sum(g is None for g, _ in both)))


# Narratives


def narrative_counts(gold: Report, found: Report) -> dict[str, Counts]:
    """The figures of prose from two reports alone, so that any system that gives reports is measured alike.

    A missed incident is wrong in all of them. Tolls are compared whole: every group, both ends. The place is the first,
    which is the most specific one.
    """
    both = list(matched(gold, found))
    told = [(g, f) for g, f in both if g is not None]
    types = Counts("set", (0, 0, 0))
    for g, f in both:
        types = _add(types, _set(values(g, "target_types"), values(f, "target_types")))
    return {
        "killed range exact": _share(same(g, f, ["killed"]) for g, f in told if g.killed),
        "no toll where none is told": _share(same(g, f, ["killed"]) for g, f in told if not g.killed),
        "killed, date and place": _share(same(g, f, ["killed", "date"]) and _place(g) == _place(f) for g, f in told),
        "every field right": _share(same(g, f) for g, f in told),
        "target types": types,
        "incidents": _pairs(both),
        "grouping, end to end": Counts("bcubed", bcubed(_members(gold), _members(found))),
    }


def _place(incident: Incident | None) -> str | None:
    return fold(incident.places[0].text) if incident is not None and incident.places else None


def bcubed(gold: dict[Hashable, set], found: dict[Hashable, set]) -> tuple[float, float, float, float]:
    """(sum of precisions, found items, sum of recalls, gold items) of two groupings, each item -> its groups.

    B-cubed (Bagga & Baldwin 1998) as extended to items of several groups by Amigó et al. 2009. An item that the other
    side does not have scores 0.
    """
    return _bcubed_side(found, gold), len(found), _bcubed_side(gold, found), len(gold)


def _bcubed_side(own: dict[Hashable, set], other: dict[Hashable, set]) -> float:
    members: dict[Hashable, list] = {}
    for item, groups in own.items():
        for group in groups:
            members.setdefault(group, []).append(item)
    total = 0.0
    for item, groups in own.items():
        beside = {mate for group in groups for mate in members[group]}
        shares = 0.0
        for mate in beside:
            both = len(groups & own[mate])
            shares += min(both, len(other.get(item, set()) & other.get(mate, set()))) / both
        total += shares / len(beside)
    return total


def _members(report: Report) -> dict[Hashable, set]:
    """(kind, end) of each mention of the incidents -> ids of the incidents that it belongs to.

    Where a mention ends survives a disagreement on an article or hedge, as in `civex.evaluation.pair`.
    """
    found: dict[Hashable, set] = {}
    for incident in report.incidents:
        mentions = [("date", incident.date)] if incident.date else []
        for kind in ("places", "sources", "actors", "actions", "targets", "casualties"):
            mentions += [(kind, mention) for mention in getattr(incident, kind)]
        for kind, mention in mentions:
            found.setdefault((kind, mention.span[1]), set()).add(incident.id)
    return found


def _clusters(doc: Doc) -> dict[Hashable, set]:
    """Position of each mention that tells of an incident -> its incidents, as the pipeline assembles them."""
    found: dict[Hashable, set] = {}
    for incident in set_incidents(doc).spans[INCIDENTS].attrs["incidents"]:
        for position, _ in incident["mentions"]:
            found.setdefault(position, set()).add(incident["id"])
    return found


# Mentions, attributes, relations


def _spans(judged: Judged) -> Row:
    gold, found = mention_keys(judged.example.reference), mention_keys(judged.example.predicted)
    counts = {("text", "mentions, exact spans"): _set(gold, found)}
    counts |= _related(judged.example, "end to end")
    for label in {key[2] for key in gold | found}:
        own = ({key for key in keys if key[2] == label} for keys in (gold, found))
        counts["mention", label] = _set(*own)
    if judged.on_gold is not None:
        counts |= _related(judged.on_gold, "gold mentions")
        counts["text", "candidates, recall"] = Counts("share", recall(judged.on_gold.reference))
    return counts


def _related(example, where: str) -> Row:
    """Relations and attributes, whole and by label."""
    gold, found = relation_triples(example.reference), relation_triples(example.predicted)
    counts = {("text", f"relations, {where}"): _set(gold, found)}
    for label in {triple[2] for triple in gold | found}:
        own = ({triple for triple in triples if triple[2] == label} for triples in (gold, found))
        counts[f"relation, {where}", label] = _set(*own)
    right: dict[str, list[bool]] = {}
    for _, name, a, b in attribute_pairs(example):
        right.setdefault(name, []).append(a == b)
    counts["text", f"attributes, {where}"] = _share(value for row in right.values() for value in row)
    counts |= {(f"attribute, {where}", name): _share(row) for name, row in right.items()}
    return counts
