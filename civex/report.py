"""The report: what the pipeline left on a Doc, as the public records of `civex.schema`.

Positions become mentions of the text as it was given, words become checked values, claims become the figures to use.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import partial

from spacy.tokens import Doc, Span

from civex.labels import HARMS, INCIDENTS, MENTIONS
from civex.language import detect
from civex.schema import Report
from civex.values.actors import read_name
from civex.values.counts import Count, read_count, read_number
from civex.values.places import fold, infer_country, read_country
from civex.values.tolls import ClaimValue, Toll, conceded, roll_up

_ATTRIBUTION_ORDER = ("confirmed", "disputed", "denied", "alleged")
_MESSAGES = {
    "weekday_contradicts_date": "the weekday is not that of the date; the date was kept",
    "ambiguous_date_order": "day and month can't be told apart and nothing fixes their order",
    "not_english": "the text does not seem to be English; civex was trained on English only",
    "mgrs_not_read": "an MGRS reference is read with the package mgrs: pip install 'civex[batch]'",
    "tally_disagrees_with_entries": "the text says {said} open reports and lists {listed}",
}


def build_report(doc: Doc, text: str, *, counts: str = "recorders", model: dict[str, str]) -> Report:
    """The report of a doc that went through the pipeline.

    text: the text as it was given (the doc may hold a cleaned copy of the same length); counts: policy for vague
    words, "recorders" or "strict"; model: {"name", "version"}.
    """
    return _Builder(doc, text, counts).report(model)


class _Builder:
    """One doc's mentions, attributes and relations at hand, so that each field is one short method."""

    def __init__(self, doc: Doc, text: str, policy: str):
        self.doc, self.text = doc, text
        group = doc.spans[MENTIONS]
        self.spans: list[Span] = list(group)
        self.labels = [span.label_ for span in self.spans]
        self.rows: list[dict] = group.attrs.get("attributes") or [{} for _ in self.spans]
        self.scores: list[float] = group.attrs.get("scores") or [1.0] * len(self.spans)
        self.dates: dict[str, dict] = group.attrs.get("dates", {})
        self.points: dict[str, dict] = group.attrs.get("places", {})
        self.assessments: dict[str, dict] = group.attrs.get("assessments", {})
        self.count: Callable[[str], Count] = partial(read_count, policy=policy)
        self.links: dict[tuple[int, str], list[int]] = {}
        for head, tail, label, _ in group.attrs.get("relations", ()):
            self.links.setdefault((head, label), []).append(tail)
        self.owners = {target: n for (n, label), tails in self.links.items() if label == "owner_of" for target in tails}
        incidents = doc.spans[INCIDENTS]
        self.incident_rows: list[dict] = incidents.attrs["incidents"]
        self.tally_rows: list[dict] = incidents.attrs["tallies"]
        self.stretches: dict[str, list] = {}
        for span in incidents:
            self.stretches.setdefault(span.label_, []).append([span.start_char, span.end_char])

    def report(self, model: dict[str, str]) -> Report:
        language = detect(self.doc)
        incidents = [self.incident(row) for row in self.incident_rows]
        tallies = [self.tally(row) for row in self.tally_rows]
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
            "incidents": incidents,
            "tallies": tallies,
            "warnings": [*self.warnings(language), *_disagreements(incidents, tallies)],
        }
        return Report.model_validate(data)

    def mention(self, n: int) -> dict:
        span = self.spans[n]
        start, end = span.start_char, span.end_char
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
        sure: dict[str, float] = {}
        for n, score in row["mentions"]:
            label = self.labels[n]
            by_label.setdefault(label, []).append(n)
            sure[label] = max(sure.get(label, 0.0), min(score, self.scores[n]))
        date = self.incident_date(by_label.get("date", []))
        places = self.places(by_label.get("place", []))
        claims = self.claims([n for label in HARMS for n in by_label.get(label, ())])
        values = [self.claim_value(claim) for claim in claims]
        harms = {harm: _figures(roll_up(values, harm)) for harm in HARMS if harm != "killed_or_injured"}
        assessment = self.assessments.get(str(row["opener"]), {})
        return {
            "id": row["id"],
            "spans": self.stretches.get(row["id"], []),
            "date": None if date is None else self.date(date),
            "places": places,
            "country": self.country(by_label.get("country", []), by_label.get("place", [])),
            "sources": self.sources(by_label.get("source", [])),
            "actors": self.actors(by_label.get("actor", [])),
            "actions": self.actions(by_label.get("action", [])),
            "targets": self.targets(by_label.get("target", [])),
            "casualties": claims,
            **harms,
            "conceded": {harm: _figures(conceded(values, harm)) for harm in ("killed", "injured")},
            "assessment": self.assessment(assessment),
            "confidence": _confidence(self.rows[row["opener"]].get("opens_score", 1.0), sure, assessment),
        }

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
        ids = {n: f"c{k}" for k, n in enumerate(sorted(positions), 1)}
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

    def tally(self, row: dict) -> dict:
        n = row["mention"]
        count = self.count(self.spans[n].text)
        low, high = self.rows[n].get("number") or (count.min, count.max)
        claimant, area = row["claimed_by"], row["areas"]
        return {
            **self.mention(n),
            "measure": self.rows[n].get("measure", "other"),
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


def _disagreements(incidents: list[dict], tallies: list[dict]) -> Iterable[dict]:
    """A warning for a number of open reports that is not that of the entries listed as open."""
    listed = sum(i["assessment"]["outcome"] == "open" for i in incidents)
    said = [t for t in tallies if t["measure"] == "reports_open" and t["min"] is not None]
    if listed > 1 and said and all(t["min"] != listed for t in said):
        message = _MESSAGES["tally_disagrees_with_entries"].format(said=said[-1]["min"], listed=listed)
        yield {"code": "tally_disagrees_with_entries", "message": message, "span": said[-1]["span"]}


def _figures(tolls: dict[str, Toll]) -> dict[str, dict]:
    return {group: {"min": t.min, "max": t.max, "claims": t.claims} for group, t in tolls.items()}


def _unique(items: list, key: Callable) -> list:
    first: dict = {}
    for item in items:
        first.setdefault(key(item), item)
    return list(first.values())


def _confidence(opens: float, sure: dict[str, float], assessment: dict) -> dict:
    """The model's raw scores: of a field the best link of its mentions, 1 where the field is empty."""
    fields = {"date": "date", "places": "place", "country": "country", "sources": "source", "actors": "actor"}
    fields |= {"actions": "action", "targets": "target", "killed": "killed", "injured": "injured"}
    found = {field: round(sure.get(label, 1.0), 4) for field, label in fields.items()}
    return {"incident": opens, **found, "assessment": assessment.get("score", 1.0), "calibrated": False}
