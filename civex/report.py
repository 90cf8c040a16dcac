"""The report: what the pipeline left on a Doc, as the public records of `civex.schema`.

Positions become mentions of the text as it was given, words become checked values, claims become the figures to use.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from spacy.tokens import Doc, Span

from civex.calibration import NOTHING, STEP, Parameters, apply
from civex.explanation import Notes, claim_ids
from civex.labels import HARMS, INCIDENTS, MENTIONS
from civex.language import detect
from civex.schema import DOUBTED, Report
from civex.signals import FIELD_LABELS, SignalReader
from civex.values.actors import read_name
from civex.values.counts import Count, read_count, read_number
from civex.values.measures import said_measure
from civex.values.places import fold, infer_country, read_country
from civex.values.tolls import ClaimValue, Toll, conceded, roll_up

_EMPTY: dict[str, Any] = {  # what stands in a field that is left empty
    **{"date": None, "country": None, "assessment": {}, "killed": {}, "injured": {}},
    **{"places": [], "sources": [], "actors": [], "actions": [], "targets": []},
}
_CLAIM_VALUE = ("text", "span", "claim", "harm", "group", "min", "max", "stance", "status", "part_of")
_ATTRIBUTION_ORDER = ("confirmed", "disputed", "denied", "alleged")
_MESSAGES = {
    "weekday_contradicts_date": "the weekday is not that of the date; the date was kept",
    "ambiguous_date_order": "day and month can't be told apart and nothing fixes their order",
    "not_english": "the text does not seem to be English; civex was trained on English only",
    "mgrs_not_read": "an MGRS reference is read with the package mgrs: pip install 'civex[batch]'",
    "tally_disagrees_with_entries": "the text says {said} open reports and lists {listed}",
}


def build_report(
    doc: Doc,
    text: str,
    *,
    counts: str = "recorders",
    model: dict[str, str],
    calibration: Parameters | None = None,
    min_confidence: float = 0.0,
) -> Report:
    """The report of a doc that went through the pipeline.

    text: the text as it was given (the doc may hold a cleaned copy of the same length); counts: policy for vague
    words, "recorders" or "strict"; model: {"name", "version"}; calibration: what `civex.calibration.fit` gave for this
    model, without which confidence is the raw score; min_confidence: a field with less is left empty, with what was
    read as its candidates.
    """
    return _Builder(doc, text, counts, calibration, min_confidence).report(model)


class _Builder:
    """One doc's mentions, attributes and relations at hand, so that each field is one short method."""

    def __init__(self, doc: Doc, text: str, policy: str, calibration: Parameters | None, min_confidence: float):
        self.doc, self.text, self.min_confidence = doc, text, min_confidence
        group = doc.spans[MENTIONS]
        self.spans: list[Span] = list(group)
        self.labels = [span.label_ for span in self.spans]
        self.bounds = [(span.start_char, span.end_char) for span in self.spans]
        self.attrs = group.attrs
        self.rows: list[dict] = group.attrs.get("attributes") or [{} for _ in self.spans]
        self.scores: list[float] = group.attrs.get("scores") or [1.0] * len(self.spans)
        self.dates: dict[str, dict] = group.attrs.get("dates", {})
        self.points: dict[str, dict] = group.attrs.get("places", {})
        self.assessments: dict[str, dict] = group.attrs.get("assessments", {})
        self.calibration = calibration
        self.count: Callable[[str], Count] = partial(read_count, policy=policy)
        self.links: dict[tuple[int, str], list[int]] = {}
        for head, tail, label, _ in group.attrs.get("relations", ()):
            self.links.setdefault((head, label), []).append(tail)
        self.owners = {target: n for (n, label), tails in self.links.items() if label == "owner_of" for target in tails}
        incidents = doc.spans[INCIDENTS]
        self.incident_rows: list[dict] = incidents.attrs["incidents"]
        self.tally_rows: list[dict] = incidents.attrs["tallies"]
        self.signals = SignalReader(doc, self.incident_rows) if calibration is not None else None
        self.stretches: dict[str, list] = {}
        for span in incidents:
            self.stretches.setdefault(span.label_, []).append([span.start_char, span.end_char])

    def report(self, model: dict[str, str]) -> Report:
        language = detect(self.doc)
        incidents = [self.incident(row) for row in self.incident_rows]
        tallies = _told_once([self.tally(row) for row in self.tally_rows])
        data = {
            "model": model,
            "document": {
                "sha256": hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest(),
                "n_chars": len(self.text),
                "language": language,
                "publisher": self.publisher(),
                "published": self.published(),
                "title": next((self.mention(n) for n, label in enumerate(self.labels) if label == "title"), None),
            },
            "incidents": [self.without_doubtful(*both) for both in zip(incidents, self.incident_rows, strict=True)],
            "tallies": tallies,
            "warnings": [*self.warnings(language), *_disagreements(incidents, tallies)],
        }
        report = Report.model_validate(data)
        notes = Notes(self.text, self.labels, self.bounds, self.scores, self.attrs, self.incident_rows)
        for incident in report.incidents:
            incident._notes = notes
        return report

    def mention(self, n: int) -> dict:
        start, end = self.bounds[n]
        return {"text": self.text[start:end], "span": (start, end)}

    def named(self, n: int) -> dict:
        name = self.rows[n].get("name") or read_name(self.spans[n].text, self.labels[n])
        return {**self.mention(n), "name": name}

    def date(self, n: int) -> dict:
        value = self.dates.get(str(n), {})
        return {**self.mention(n), **{key: value.get(key) for key in ("start", "end", "precision")}}

    def publisher(self) -> dict | None:
        given = self.doc._.civex_publisher
        found = next((n for n, label in enumerate(self.labels) if label == "publisher"), None)
        if given:
            at = self.text.find(given)
            return {"text": given, "span": (at, at + len(given)), "name": given} if at >= 0 else None
        return None if found is None else self.named(found)

    def published(self) -> dict | None:
        said = [n for n, row in enumerate(self.rows) if row.get("role") == "published"]
        return self.date(said[0]) if said else None

    def incident(self, row: dict) -> dict:
        by_label: dict[str, list[int]] = {}
        for n, _ in row["mentions"]:
            by_label.setdefault(self.labels[n], []).append(n)
        date = self.incident_date(by_label.get("date", []))
        claims = self.claims([n for label in HARMS for n in by_label.get(label, ())])
        values = [self.claim_value(claim) for claim in claims]
        harms = {harm: _figures(roll_up(values, harm)) for harm in HARMS if harm != "killed_or_injured"}
        country = self.country(by_label.get("country", []), by_label.get("place", []))
        return {
            "id": row["id"],
            "spans": self.stretches.get(row["id"], []),
            "date": None if date is None else self.date(date),
            "places": self.places(by_label.get("place", [])),
            "country": country,
            "sources": self.sources(by_label.get("source", [])),
            "actors": self.actors(by_label.get("actor", [])),
            "actions": self.actions(by_label.get("action", [])),
            "targets": self.targets(by_label.get("target", [])),
            "casualties": claims,
            **harms,
            "conceded": {harm: _figures(conceded(values, harm)) for harm in ("killed", "injured")},
            "assessment": self.assessment(self.assessments.get(str(row["opener"]), {})),
            "confidence": self.confidence(row, has_country=country is not None),
        }

    def without_doubtful(self, found: dict, row: dict) -> dict:
        """The record with each field that is too doubtful left empty, and what was read as its candidates."""
        doubtful = [field for field in DOUBTED if found["confidence"][field] < self.min_confidence]
        candidates = {field: self.candidates(field, found, row) for field in doubtful}
        conceded = {harm: {} if harm in doubtful else figures for harm, figures in found["conceded"].items()}
        return found | {field: _EMPTY[field] for field in doubtful} | {"conceded": conceded, "candidates": candidates}

    def candidates(self, field: str, found: dict, row: dict) -> list[dict]:
        """What was read of a field, surest first: the mention, its score and what stands in the field beside it."""
        scores = {self.mention(n)["span"]: self.score(n, link) for n, link in row["mentions"]}
        read = found[field]
        if field == "date":
            events = [n for n, _ in row["mentions"] if self.labels[n] == "date"]
            read = [self.date(n) for n in events if self.rows[n].get("role", "event") == "event"]
        elif field in ("killed", "injured"):
            read = [{"claim": c["id"], **c} for c in found["casualties"] if c["harm"] in (field, "killed_or_injured")]
            read = [{key: c[key] for key in _CLAIM_VALUE} for c in read]
        elif field == "country":
            read = [] if read is None else [read if not read["inferred"] else {**found["places"][0], **read}]
            read = [{key: c[key] for key in ("text", "span", "name", "code", "inferred")} for c in read]
        elif field == "assessment":
            told = {key: read[key] for key in ("outcome", "reason") if read[key]}
            read = [{**mention, **told} for mention in read["mentions"]]
        listed = [
            {
                **{"text": value["text"], "span": value["span"], "confidence": scores.get(value["span"], 0.0)},
                "value": {key: _plain(part) for key, part in value.items() if key not in ("text", "span")},
            }
            for value in read
        ]
        return sorted(listed, key=lambda candidate: -candidate["confidence"])

    def score(self, n: int, link: float) -> float:
        """The model's scores for finding a mention, linking it and reading it, multiplied."""
        return round(link * self.scores[n] * self.rows[n].get("score", 1.0), 4)

    def incident_date(self, positions: list[int]) -> int | None:
        """The first date that is fixed to the day or a range, else to the month or year, else the first one said."""
        events = [n for n in positions if self.rows[n].get("role", "event") == "event"]
        ranks = {"day": 0, "range": 0, "month": 1, "year": 2, None: 3}

        def rank(n: int) -> tuple[int, bool, int]:
            said_once_for_many = bool(self.rows[n].get("shared"))
            return ranks[self.dates.get(str(n), {}).get("precision")], said_once_for_many, n

        return min(events, key=rank, default=None)

    def places(self, positions: list[int]) -> list[dict]:
        """Each place once, divisions (provinces, districts) after what lies in them."""
        first = _unique(positions, lambda n: fold(self.spans[n].text))
        ordered = sorted(first, key=lambda n: infer_country([self.spans[n].text]) is not None)
        return [{**self.mention(n), **self.point(n)} for n in ordered]

    def point(self, n: int) -> dict:
        row = self.points.get(str(n), {})
        return {key: row[key] for key in ("lat", "lon", "gazetteer_id", "candidates") if key in row}

    def country(self, positions: list[int], places: list[int]) -> dict | None:
        """The country said of the incident itself, else the one said for its list, else what its places point to."""
        read = {n: country for n in positions if (country := read_country(self.spans[n].text)) is not None}
        own = [n for n in read if not self.rows[n].get("shared")]
        if own or len({country.code for country in read.values()}) == 1:
            n = own[0] if own else max(read)
            return {"name": read[n].name, "code": read[n].code, "inferred": False, **self.mention(n)}
        linked = [code for n in places if (code := self.points.get(str(n), {}).get("country"))]
        inferred = infer_country([self.spans[n].text for n in places], linked)
        return None if inferred is None else {"name": inferred.name, "code": inferred.code, "inferred": True}

    def sources(self, positions: list[int]) -> list[dict]:
        own = [n for n in positions if not self.rows[n].get("shared")]
        found = [{**self.named(n), "type": self.rows[n].get("source_type", "unknown")} for n in own or positions]
        return _unique(found, lambda s: (s["type"], fold(s["name"] or s["text"])))

    def actors(self, positions: list[int]) -> list[dict]:
        """Each actor once; what is confirmed anywhere is confirmed."""
        found: dict[str, dict] = {}
        for n in positions:
            actor = {**self.named(n), "attribution": self.rows[n].get("attribution", "confirmed")}
            known = found.setdefault(fold(actor["name"] or actor["text"]), actor)
            known["attribution"] = min(known["attribution"], actor["attribution"], key=_ATTRIBUTION_ORDER.index)
        return list(found.values())

    def actions(self, positions: list[int]) -> list[dict]:
        found = [
            {**self.mention(n), "type": self.rows[n].get("action_type", "other"), "count": self.number_before(n)}
            for n in positions
        ]
        return _unique(found, lambda a: (a["type"], a["text"].lower().rstrip("s")))

    def targets(self, positions: list[int]) -> list[dict]:
        """A target of two types is listed with each; one whose words another one holds is the same thing."""
        found: list[dict] = []
        known: list[set[str]] = []
        for n in sorted(positions, key=lambda n: (self.spans[n].start - self.spans[n].end, n)):
            words = set(fold(self.spans[n].text).split())
            if any(words <= other for other in known):
                continue
            known.append(words)
            owner = self.owners.get(n)
            common = {
                **self.mention(n),
                "owner": None if owner is None else self.named(owner),
                "count": self.number_before(n),
                "effect": self.rows[n].get("effect"),
            }
            found += [{**common, "type": kind} for kind in self.rows[n].get("target_type") or ["other"]]
        return sorted(found, key=lambda t: t["span"])

    def number_before(self, n: int) -> dict | None:
        """The number that stands right before an action or target ("three", "a dozen"), None for an article."""
        if "number" in self.rows[n]:
            low, high = self.rows[n]["number"]
            return {"min": low, "max": high}
        span = self.spans[n]
        before = self.doc[max(0, span.start - 1) : span.start].text
        count = read_number(before) if before[:1].isalnum() and before.lower() not in ("a", "an", "the") else None
        return None if count is None or (count.min, count.max) == (None, None) else {"min": count.min, "max": count.max}

    def claims(self, positions: list[int]) -> list[dict]:
        ids = claim_ids(positions)
        return [self.claim(n, ids) for n in sorted(positions)]

    def claim(self, n: int, ids: dict[int, str]) -> dict:
        row = self.rows[n]
        count = self.count(self.spans[n].text)
        low, high = row["number"] if "number" in row and not count.vague else (count.min, count.max)
        claimant = self.links.get((n, "claimed_by"))
        return {
            "id": ids[n],
            **self.mention(n),
            "harm": row.get("harm") or self.labels[n],
            "group": row.get("group", "unspecified"),
            "who": row.get("who", []),
            "min": low,
            "max": high,
            "vague": count.vague,
            "claimed_by": self.named(claimant[0]) if claimant else None,
            "stance": row.get("stance", "stated"),
            "part_of": self.linked_claim(n, "part_of", ids),
            "repeats": self.linked_claim(n, "repeats", ids),
            "status": row.get("status", "used"),
        }

    def linked_claim(self, n: int, label: str, ids: dict[int, str]) -> str | None:
        return next((ids[tail] for tail in self.links.get((n, label), ()) if tail in ids), None)

    @staticmethod
    def claim_value(claim: dict) -> ClaimValue:
        return ClaimValue(**{key: claim[key] for key in ClaimValue.__dataclass_fields__})

    def assessment(self, found: dict) -> dict:
        reported = found.get("reported_on")
        return {
            "outcome": found.get("outcome"),
            "reason": found.get("reason"),
            "mentions": [self.mention(n) for n in found.get("mentions", ())],
            "reopened": found.get("reopened", False),
            "previously_reported": found.get("previously_reported"),
            "reported_on": None if reported is None else self.date(reported),
        }

    def confidence(self, row: dict, *, has_country: bool) -> dict:
        """How sure the model is of each field: probabilities where calibrated, else raw scores.

        A raw score is the product of the scores of the field's mentions, since a field is right where all of them are
        found, linked and read rightly; NOTHING where there is none.
        """
        if self.calibration is not None and self.signals is not None:
            signals = self.signals.read(row, has_country=has_country)
            return {**{f: round(apply(self.calibration, f, s), 4) for f, s in signals.items()}, "calibrated": True}
        sure: dict[str, float] = {}
        for n, link in row["mentions"]:
            label = self.labels[n]
            sure[label] = sure.get(label, 1.0) * link * self.scores[n] * self.rows[n].get("score", 1.0)
        found = {field: sure.get(label) for field, label in FIELD_LABELS.items()}
        found["incident"] = self.rows[row["opener"]].get("opens_score", 1.0)
        found["assessment"] = self.assessments.get(str(row["opener"]), {}).get("score")
        raw = {f: NOTHING if s is None else min(round(s, 4), NOTHING - STEP) for f, s in found.items()}
        return {**raw, "calibrated": False}

    def tally(self, row: dict) -> dict:
        n = row["mention"]
        count = self.count(self.spans[n].text)
        low, high = self.rows[n].get("number") or (count.min, count.max)
        claimant, area = row["claimed_by"], row["areas"]
        return {
            **self.mention(n),
            "measure": said_measure(self.spans[n].text) or self.rows[n].get("measure", "other"),
            "min": low,
            "max": high,
            "period": self.date(row["periods"][0]) if row["periods"] else None,
            "area": self.mention(area[0]) if area else None,
            "claimed_by": self.named(claimant[0]) if claimant else None,
        }

    def warnings(self, language: str | None) -> Iterable[dict]:
        if language not in (None, "en"):
            yield {"code": "not_english", "message": _MESSAGES["not_english"], "span": None}
        for n, value in self.dates.items():
            for code in value["warnings"]:
                yield {"code": code, "message": _MESSAGES[code], "span": self.mention(int(n))["span"]}
        for row in self.points.values():
            if "unread" in row:
                yield {"code": "mgrs_not_read", "message": _MESSAGES["mgrs_not_read"], "span": row["unread"]}


def _told_once(tallies: list[dict]) -> list[dict]:
    """The tallies without those that say an earlier one again: its measure and figure, and no other period or area.

    Of two the one that names its period stands, else the first.
    """
    kept: list[dict] = []
    for tally in tallies:
        known = next((n for n, other in enumerate(kept) if _say_the_same(other, tally)), None)
        if known is None:
            kept.append(tally)
        elif tally["period"] and not kept[known]["period"]:
            kept[known] = tally
    return kept


def _say_the_same(one: dict, other: dict) -> bool:
    if one["min"] is None and one["max"] is None:
        return False
    if any(one[key] != other[key] for key in ("measure", "min", "max")):
        return False
    periods = {(t["period"]["start"], t["period"]["end"]) for t in (one, other) if t["period"]}
    areas = {fold(t["area"]["text"]) for t in (one, other) if t["area"]}
    return len(periods) < 2 and len(areas) < 2


def _disagreements(incidents: list[dict], tallies: list[dict]) -> Iterable[dict]:
    """A warning for a number of open reports that is not that of the entries listed as open."""
    listed = sum(i["assessment"]["outcome"] == "open" for i in incidents)
    said = [t for t in tallies if t["measure"] == "reports_open" and t["min"] is not None]
    if listed > 1 and said and all(t["min"] != listed for t in said):
        message = _MESSAGES["tally_disagrees_with_entries"].format(said=said[-1]["min"], listed=listed)
        yield {"code": "tally_disagrees_with_entries", "message": message, "span": said[-1]["span"]}


def _plain(value: Any) -> Any:
    """A span inside a value (that of an owner) as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _figures(tolls: dict[str, Toll]) -> dict[str, dict]:
    return {group: {"min": t.min, "max": t.max, "claims": t.claims} for group, t in tolls.items()}


def _unique(items: list, key: Callable) -> list:
    first: dict = {}
    for item in items:
        first.setdefault(key(item), item)
    return list(first.values())
