"""Signals: what a Doc holds that tells how sure one of its records is, as numbers by name.

A field is right where all its mentions are found, linked and read rightly, which their scores say in part. How many
they are, what stands beside them, whether figures rival each other and what kind of document it is say more.
`civex.calibration` weighs them. Scores come as logits, numbers of things as log2(1 + n), facts as 0 or 1.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence

from spacy.tokens import Doc

from civex.labels import HARMS, MENTIONS, UNITS

FIELD_LABELS = {  # field of the confidence -> label of the mentions that it rests on
    **{"date": "date", "places": "place", "country": "country", "sources": "source", "actors": "actor"},
    **{"actions": "action", "targets": "target", "killed": "killed", "injured": "injured"},
}
FOUND = "found"  # 1 where a mention was found for the field; it chooses the weights and has none itself
_LISTED = ("entry", "table_row", "heading")
_LINKS = ("part_of", "repeats", "superseded_by")
_CLOSED = ("summed_up", "replaced", "withdrawn")
_SURE = 1 - 1e-4  # scores are kept from 0 and 1 by as much

Signals = dict[str, float]
_Linked = Sequence[tuple[int, float]]  # mentions of an incident: position, score of the link


class SignalReader:
    """The signals of the records of one doc, whose incident rows are given as in `attrs["incidents"]`."""

    def __init__(self, doc: Doc, incidents: Sequence[dict]):
        group = doc.spans[MENTIONS]
        attrs = group.attrs
        self.labels = [span.label_ for span in group]
        self.rows: list[dict] = attrs.get("attributes") or [{} for _ in self.labels]
        self.scores: list[float] = attrs.get("scores") or [1.0] * len(self.labels)
        self.dates: dict[str, dict] = attrs.get("dates", {})
        self.points: dict[str, dict] = attrs.get("places", {})
        self.assessments: dict[str, dict] = attrs.get("assessments", {})
        self.links: dict[int, list[float]] = {}
        for head, _, label, score in attrs.get("relations", ()):
            if label in _LINKS:
                self.links.setdefault(head, []).append(score)
        told = {n for row in incidents for n, _ in row["mentions"]}
        self.told = Counter(self.labels[n] for n in told)
        self.loose = Counter(label for n, label in enumerate(self.labels) if n not in told)
        self.countries = {span.text for span in group if span.label_ == "country"}
        units = [(unit.start, unit.label_ in _LISTED) for unit in doc.spans.get(UNITS, ())]
        self.in_list = {row["opener"]: _listed(units, group[row["opener"]].start) for row in incidents}
        self.document = {
            "incidents": math.log2(1 + len(incidents)),
            "words": math.log2(1 + len(doc) / max(1, len(incidents))),
            "mention": _mean(self.scores),
            "link": _mean([score for row in incidents for _, score in row["mentions"]]),
            "untold": 1 - len(told) / max(1, len(self.labels)),
        }

    def read(self, row: dict, *, has_country: bool) -> dict[str, Signals]:
        """Field of the confidence -> its signals for one incident.

        has_country: whether the record has a country, said or inferred from its places.
        """
        by_label: dict[str, list[tuple[int, float]]] = {}
        for n, link in row["mentions"]:
            by_label.setdefault(self.labels[n], []).append((n, link))
        opener = row["opener"]
        common = self.document | {
            "opens": _logit(self.rows[opener].get("opens_score", 1.0)),
            "listed": self.in_list[opener],
            "mentions": math.log2(1 + len(row["mentions"])),
        }
        found = {"incident": common | self._scores([(opener, 1.0)])}
        for field, label in FIELD_LABELS.items():
            own = by_label.get(label, [])
            special = self._special(field, own, by_label)
            found[field] = {**common, **self._scores(own), **self._beside(label, own), **special}
        found["country"]["has_country"] = float(has_country)
        return found | {"assessment": common | self._assessment(opener, by_label)}

    def _scores(self, own: _Linked) -> Signals:
        """All mentions of a field together, the weakest of them, and the weakest step of any."""
        if not own:
            return {FOUND: 0.0}
        readings = [self.rows[n].get("score", 1.0) for n, _ in own]
        each = [link * self.scores[n] * reading for (n, link), reading in zip(own, readings, strict=True)]
        return {
            FOUND: 1.0,
            "product": _logit(math.prod(each)),
            "least": _logit(min(each)),
            "least_found": _logit(min(self.scores[n] for n, _ in own)),
            "least_read": _logit(min(readings)),
            "least_linked": _logit(min(link for _, link in own)),
            "number": math.log2(1 + len(own)),
            "shared": float(any(self.rows[n].get("shared") for n, _ in own)),
        }

    def _beside(self, label: str, own: _Linked) -> Signals:
        """Mentions of the same kind that other incidents have, and that none has."""
        elsewhere = self.told[label] - len(own)
        return {"elsewhere": math.log2(1 + elsewhere), "loose": math.log2(1 + self.loose[label])}

    def _special(self, field: str, own: _Linked, by_label: dict[str, list]) -> Signals:
        """What only some fields have."""
        if field in HARMS:
            return self._claims(own) | {
                "unsplit": float("killed_or_injured" in by_label),
                "other_harm": float(any(harm in by_label for harm in ("killed", "injured") if harm != field)),
            }
        if field == "date":
            values = [self.dates.get(str(n), {}) for n, _ in own if self.rows[n].get("role", "event") == "event"]
            coarse = any(value.get("precision") not in ("day", "range") for value in values)
            return {"coarse": float(coarse), "values": math.log2(1 + len({value.get("start") for value in values}))}
        if field == "country":
            places = by_label.get("place", ())
            located = any("country" in self.points.get(str(n), {}) for n, _ in places)
            return {
                "places": math.log2(1 + len(places)),
                "located": float(located),
                "countries": math.log2(1 + len(self.countries)),
            }
        return {}

    def _claims(self, own: _Linked) -> Signals:
        """Rival figures, figures summed up, groups, and the links that tie the figures together."""
        rows = [self.rows[n] for n, _ in own]
        links = [score for n, _ in own for score in self.links.get(n, ())]
        statuses = {row.get("status", "used") for row in rows}
        return {
            "rival": float("rival" in statuses),
            "closed": float(any(status in statuses for status in _CLOSED)),
            "tied": math.log2(1 + len(links)),
            "least_tied": _logit(min((score for score in links if score), default=1.0)),
            "ruled": float(0.0 in links),
            "groups": float(len({row.get("group") for row in rows}) > 1),
            "said_by": float(any(row.get("stance", "stated") != "stated" for row in rows)),
        }

    def _assessment(self, opener: int, by_label: dict[str, list]) -> Signals:
        judged = self.assessments.get(str(opener), {})
        deciding = [n for n in (judged.get("outcome_at"), judged.get("reason_at")) if n is not None]
        found = self._scores([(n, 1.0) for n in deciding])
        linked = {"least_linked": _logit(judged.get("score", 1.0))} if deciding else {}
        own = [mention for label in ("outcome", "reason") for mention in by_label.get(label, ())]
        return (
            found | linked | self._beside("outcome", by_label.get("outcome", ())) | {"number": math.log2(1 + len(own))}
        )


def _listed(units: list[tuple[int, bool]], start: int) -> float:
    """1 where the unit at a token is an entry of a list or table, or a heading."""
    at = bisect_right(units, (start, True)) - 1
    return float(at >= 0 and units[at][1])


def _mean(values: Collection[float]) -> float:
    return sum(values) / len(values) if values else 1.0


def _logit(score: float) -> float:
    p = min(max(score, 1 - _SURE), _SURE)
    return math.log(p / (1 - p))
