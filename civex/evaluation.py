"""Evaluation: predicted reports against the reports that the gold annotation gives, field by field.

Stricter than a comparison of what gold has: every extra value is a false alarm. Both reports come from the same code,
so that only what is learned or read differs. Incidents are paired one to one by the mentions that they share.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup
from spacy.training import Example

from civex.annotations import AnnotatedText
from civex.calibration import of_model
from civex.corpus import annotate, set_extensions
from civex.labels import CASUALTY, HARMS, MENTIONS
from civex.pipeline.assessments import set_assessments
from civex.pipeline.candidates import recall
from civex.pipeline.dates import set_dates
from civex.pipeline.incidents import set_incidents
from civex.pipeline.layout import Layout
from civex.pipeline.places import set_places
from civex.report import build_report
from civex.schema import Incident, Report, Rollup
from civex.scorers import score_attributes, score_mentions, score_relations
from civex.values.places import fold

_MODEL = {"name": "gold", "version": "0"}


@dataclass
class Counts:
    """Hits, misses and false alarms; precision, recall and F1 of them (1.0 where there was nothing to find)."""

    hits: int = 0
    misses: int = 0
    alarms: int = 0

    def add(self, gold: set, found: set) -> bool:
        self.hits += len(gold & found)
        self.misses += len(gold - found)
        self.alarms += len(found - gold)
        return gold == found

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 1.0

    @property
    def f1(self) -> float:
        total = 2 * self.hits + self.misses + self.alarms
        return 2 * self.hits / total if total else 1.0


@dataclass(frozen=True)
class Judged:
    """One document as it is annotated and as it was read: what figures, intervals and lists of errors are made of.

    `example` holds the predicted and the gold Doc, `on_gold` the Doc whose attributes and relations were predicted for
    the gold mentions, beside the gold Doc.
    """

    document: AnnotatedText
    gold: Report
    found: Report
    example: Example
    on_gold: Example | None = None


@dataclass
class Evaluation:
    """Figures over a corpus; `show` lists disagreements as (document, field, gold, found)."""

    documents: int = 0
    gold: int = 0
    paired: int = 0
    spurious: int = 0
    exact: int = 0
    false_in_empty: int = 0
    empty: int = 0
    fields: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    genres: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    wars: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    scores: dict[str, Any] = field(default_factory=dict)
    show: list[tuple] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)

    @property
    def overall(self) -> Counts:
        """All fields of the incidents, tallies left out."""
        total = Counts()
        for name, counts in self.fields.items():
            if name != "tallies":
                for key in ("hits", "misses", "alarms"):
                    setattr(total, key, getattr(total, key) + getattr(counts, key))
        return total

    def disagreements(self, limit: int) -> list[str]:
        """At most `limit` lines a field."""
        seen: Counter = Counter()
        lines = []
        for document, name, g, f, missed, extra in self.show:
            seen[name] += 1
            if seen[name] <= limit:
                lines.append(f"[{name}] {document} {g}/{f}: missed {missed or '-'}, extra {extra or '-'}")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Plain figures, as written beside a model."""
        return {
            "documents": self.documents,
            "incidents": self.gold,
            "fields_f1": self.overall.f1,
            "exact": self.exact / self.gold if self.gold else 1.0,
            "spurious": self.spurious,
            "without_incident": {"documents": self.empty, "false_incidents": self.false_in_empty},
            "fields": {name: counts.f1 for name, counts in sorted(self.fields.items())},
            "genres": {name: counts.f1 for name, counts in sorted(self.genres.items())},
            "wars": {name: counts.f1 for name, counts in sorted(self.wars.items())},
            **self.scores,
        }


def _figures(rollup: Rollup) -> set:
    return {(group, f.min, f.max) for group, f in rollup.items()}


INCIDENT_FIELDS: dict[str, Callable[[Incident], set]] = {
    "date": lambda i: {(i.date.start, i.date.end)} if i.date else set(),
    "places": lambda i: {fold(p.text) for p in i.places},
    "country": lambda i: {i.country.code or i.country.name} if i.country else set(),
    "sources": lambda i: {(s.type, fold(s.name or "")) for s in i.sources},
    "actors": lambda i: {fold(a.name or a.text) for a in i.actors},
    "actions": lambda i: {a.type for a in i.actions},
    "targets": lambda i: {fold(t.text) for t in i.targets},
    "target_types": lambda i: {t.type for t in i.targets},
    "killed": lambda i: _figures(i.killed),
    "injured": lambda i: _figures(i.injured),
    "other_harm": lambda i: {(h, *f) for h in ("detained", "missing", "abducted") for f in _figures(getattr(i, h))},
    "outcome": lambda i: {i.assessment.outcome} - {None},
    "reason": lambda i: {i.assessment.reason} - {None},
    "notes": lambda i: (
        {("reopened", i.assessment.reopened), ("reported", i.assessment.previously_reported)}
        - {("reopened", False), ("reported", None)}
    ),
}


def gold_report(document: AnnotatedText, nlp: Language) -> Report:
    """The report that the annotation of `document` gives."""
    doc = nlp.make_doc(document.text)
    annotate(doc, document)
    for component in (Layout(nlp, "civex_layout"), set_dates, set_assessments, set_incidents, set_places):
        doc = component(doc)
    return build_report(doc, document.text, model=_MODEL)


def evaluate(documents: Iterable[AnnotatedText], nlp: Language, *, gold_spans: bool = True) -> Evaluation:
    """Score a pipeline on annotated documents. With `gold_spans` also relations and attributes on gold mentions.

    The confidence of what was found is calibrated where the pipeline says how.
    """
    set_extensions()
    result = Evaluation()
    for document in documents:
        doc = nlp.make_doc(document.text)
        doc._.civex_published = document.meta.get("published") or None
        doc = nlp(doc)
        found = build_report(doc, document.text, model=_MODEL, calibration=of_model(nlp.meta))
        gold = gold_report(document, nlp)
        _compare(result, document, gold, found)
        reference = _gold_doc(document, nlp)
        related = Example(_relate(_gold_doc(document, nlp), nlp), reference) if gold_spans else None
        result.judged.append(Judged(document, gold, found, Example(doc, reference), related))
    result.scores = _scores([j.example for j in result.judged], [j.on_gold for j in result.judged if j.on_gold])
    return result


def _gold_doc(document: AnnotatedText, nlp: Language) -> Doc:
    doc = nlp.make_doc(document.text)
    annotate(doc, document)
    return Layout(nlp, "civex_layout")(doc)


def _relate(doc: Doc, nlp: Language) -> Doc:
    """Attributes and relations predicted for gold mentions, the harm of a casualty figure too."""
    gold = [(span.start, span.end, span.label_) for span in doc.spans[MENTIONS]]
    _set_mentions(doc, [(a, b, CASUALTY if label in HARMS else label) for a, b, label in gold], [1.0] * len(gold))
    for name in ("tok2vec", "transformer", "civex_relations"):
        if name in nlp.pipe_names:
            doc = nlp.get_pipe(name)(doc)
    return _set_mentions(doc, gold, [1.0] * len(gold), doc.spans[MENTIONS].attrs)


def _set_mentions(doc: Doc, mentions: list[tuple], scores: list[float], attrs: dict | None = None) -> Doc:
    spans = [Span(doc, start, end, label=label) for start, end, label in mentions]
    doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS, spans=spans, attrs={**(attrs or {}), "scores": scores})
    return doc


def _scores(examples: list[Example], on_gold: list[Example]) -> dict[str, Any]:
    scores = {**score_mentions(examples), **score_attributes(examples), **score_relations(examples)}
    if on_gold:
        found = total = 0
        for eg in on_gold:
            proposed, gold = recall(eg.reference)
            found, total = found + proposed, total + gold
        scores["candidate_recall"] = found / total if total else 1.0
        scores |= {f"gold_spans_{k}": v for k, v in {**score_attributes(on_gold), **score_relations(on_gold)}.items()}
    return scores


def _compare(result: Evaluation, document: AnnotatedText, gold: Report, found: Report) -> None:
    pairs, missed, extra = pair(gold.incidents, found.incidents)
    result.documents += 1
    result.gold += len(gold.incidents)
    result.paired += len(pairs)
    result.spurious += len(extra)
    if not gold.incidents:
        result.empty += 1
        result.false_in_empty += len(found.incidents)
    buckets = (result.genres[document.meta.get("genre", "")], result.wars[document.meta.get("war", "")])
    nothing = Incident(id="-")
    both = [*pairs, *((g, nothing) for g in missed), *((nothing, f) for f in extra)]
    for g, f in both:
        right = True
        for name, values in INCIDENT_FIELDS.items():
            a, b = values(g), values(f)
            for counts in (result.fields[name], *buckets):
                counts.add(a, b)
            if a != b:
                right = False
                result.show.append((document.id, name, g.id, f.id, a - b, b - a))
        result.exact += right and g is not nothing and f is not nothing
    said, read = tally_values(gold), tally_values(found)
    result.fields["tallies"].add(said, read)
    if said != read:
        result.show.append((document.id, "tallies", "-", "-", said - read, read - said))


def tally_values(report: Report) -> set[tuple]:
    """(measure, min, max) of each tally, each repeat as an element of its own."""
    counter = Counter((tally.measure, tally.min, tally.max) for tally in report.tallies)
    return {(key, n) for key, times in counter.items() for n in range(times)}


def pair(gold: list[Incident], found: list[Incident]) -> tuple[list[tuple[Incident, Incident]], list, list]:
    """Pairs of incidents that share mentions, most first; then gold ones without a partner, and found ones."""
    spans = [_mention_spans(i) for i in gold], [_mention_spans(i) for i in found]
    index = defaultdict(list)
    for n, own in enumerate(spans[1]):
        for key in own:
            index[key].append(n)
    shared: dict[tuple[int, int], float] = defaultdict(float)
    for n, own in enumerate(spans[0]):
        for key, weight in own.items():
            for m in index[key]:
                shared[n, m] += weight / len(index[key])
    used: tuple[set, set] = (set(), set())
    pairs = []
    for (n, m), _ in sorted(shared.items(), key=lambda x: (-x[1], abs(x[0][0] - x[0][1]), x[0])):
        if n not in used[0] and m not in used[1]:
            used[0].add(n)
            used[1].add(m)
            pairs.append((gold[n], found[m]))
    return (
        sorted(pairs, key=lambda p: p[0].spans[:1]),
        [i for n, i in enumerate(gold) if n not in used[0]],
        [i for n, i in enumerate(found) if n not in used[1]],
    )


def _mention_spans(incident: Incident) -> dict[tuple, float]:
    """Where the mentions of an incident end, which survives a disagreement on an article or hedge."""
    spans = {("date", incident.date.span[1]): 2.0} if incident.date else {}
    for kind in ("places", "sources", "actors", "actions", "targets", "casualties"):
        for mention in getattr(incident, kind):
            spans[kind, mention.span[1]] = 2.0 if kind in ("places", "casualties") else 1.0
    return spans


def to_gold_line(document: AnnotatedText, nlp: Language) -> dict[str, Any]:
    """A document's gold in the one-line JSON form that scorers outside the package read (gold.jsonl)."""
    report = gold_report(document, nlp)
    return {
        "id": document.id,
        "genre": document.meta.get("genre"),
        "published": document.meta.get("published"),
        "incidents": [_gold_incident(i) for i in report.incidents],
        "tallies": [
            {
                "what": t.measure.replace("_", "-"),
                "value": {"min": t.min, "max": t.max},
                "period": {"from": t.period.start, "to": t.period.end} if t.period else None,
                "claimed_by": t.claimed_by and (t.claimed_by.name or t.claimed_by.text),
            }
            for t in report.tallies
        ],
    }


def _gold_incident(incident: Incident) -> dict[str, Any]:
    date = incident.date
    a = incident.assessment
    rollups = {
        harm: {group: {"min": f.min, "max": f.max} for group, f in getattr(incident, harm).items()}
        for harm in ("killed", "injured")
    }
    return {
        "date": {"from": date.start, "to": date.end} if date and date.start else None,
        "places": [p.text for p in incident.places],
        "country": incident.country.name if incident.country and not incident.country.inferred else None,
        "report_sources": [s.type.replace("_", "-") + (f":{s.name}" if s.name else "") for s in incident.sources],
        "targets": [{"text": t.text, "type": t.type.replace("_", "-")} for t in incident.targets],
        "actor": incident.actors[0].name or incident.actors[0].text if incident.actors else None,
        **rollups,
        "outcome": a.outcome and a.outcome.replace("_", "-"),
        "reason": a.reason and a.reason.replace("_", "-"),
        "previously_reported": a.previously_reported,
        "reopened": a.reopened or None,
    }


def write_gold(documents: Iterable[AnnotatedText], nlp: Language, path: Path) -> int:
    """Write one gold line a document; returns how many."""
    lines = [json.dumps(to_gold_line(d, nlp), ensure_ascii=False) for d in documents]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(lines)
