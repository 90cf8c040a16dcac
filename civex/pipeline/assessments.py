"""Assessments: the outcome and reason of each report, resolved from its own words or from those that govern its list.

What an outcome or reason mention says, and which reports it speaks for, is learned by the components before this one.
Here a scope is resolved: a report's own words win over those of its list, a later finding over an earlier one. A count
of reports that stands over a list ("40 reports still open:") speaks for it as a finding does, and a reason that only
rejected reports have says that one was rejected. Adds
`attrs["assessments"]` to `doc.spans["civex_mentions"]`: opener position (as str) -> row.
"""

from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc, Span

from civex.labels import MENTIONS, OUTCOME_OF_MEASURE
from civex.pipeline.features import text_after
from civex.values.outcomes import REJECTING, said_outcome

_AFTER = 16  # tokens after a finding


@Language.factory("civex_assessments", requires=["doc.spans"], assigns=["doc.spans"])
def make_assessments(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_assessments


def set_assessments(doc: Doc) -> Doc:
    """Add a row for each opener: outcome, reason, mentions (positions), reopened, previously_reported, reported_on.

    `outcome_at` and `reason_at` are the positions of the mentions that decide, None where none does.
    """
    if MENTIONS in doc.spans:
        group = doc.spans[MENTIONS]
        labels = [span.label_ for span in group]
        rows = group.attrs.get("attributes", [])
        members: dict[int, list[tuple[int, float]]] = {}
        for head, tail, label, score in group.attrs.get("relations", ()):
            if label == "tells_of" and labels[head] in ("outcome", "tally", "reason", "note", "date"):
                members.setdefault(tail, []).append((head, score))
        openers = [n for n, row in enumerate(rows) if row.get("opens")]
        said = {n: _said(span) for n, span in enumerate(group) if labels[n] == "outcome"}
        said |= {n: OUTCOME_OF_MEASURE.get(rows[n].get("measure", "")) for n, x in enumerate(labels) if x == "tally"}
        rows = [{**row, "shared": True} if x == "tally" else row for row, x in zip(rows, labels, strict=True)]
        table = {str(opener): assess(opener, members.get(opener, []), labels, rows, said) for opener in openers}
        group.attrs = {**group.attrs, "assessments": table}
    return doc


def _said(span: Span) -> str | None:
    return said_outcome(span.text, text_after(span, _AFTER))


def assess(
    opener: int, linked: list[tuple[int, float]], labels: list[str], rows: list[dict], said: dict[int, str | None]
) -> dict:
    """The assessment of one incident from the mentions linked to it, given as (position, score).

    said: outcomes that the words of a mention name by themselves, by position; they win over what was learned of it.
    """
    outcome_at = _governing(opener, [n for n, _ in linked if labels[n] in ("outcome", "tally")], rows)
    reason_at = _governing(opener, [n for n, _ in linked if labels[n] == "reason"], rows)
    outcome = None if outcome_at is None else said.get(outcome_at) or rows[outcome_at].get("outcome")
    reason = rows[reason_at].get("reason") if reason_at is not None else None
    if outcome is None and reason == "duplicate":
        outcome = "duplicate"
    own = reason_at is not None and not rows[reason_at].get("shared")
    if reason in REJECTING and (outcome is None or (own and outcome == "credible")):
        outcome, outcome_at = "non_credible", None  # the reason says it
    if outcome in ("credible", "open") and reason_at is not None and rows[reason_at].get("shared"):
        reason, reason_at = None, None  # the list's reason is not that of an exception to it
    notes = [n for n, _ in linked if labels[n] == "note"]
    remarks = {rows[n].get("note") for n in notes}
    reported = [n for n, _ in linked if labels[n] == "date" and rows[n].get("role") == "reported"]
    return {
        "outcome": outcome,
        "reason": reason,
        "outcome_at": outcome_at,
        "reason_at": reason_at,
        "mentions": sorted(n for n in {outcome_at, reason_at, *notes} if n is not None),
        "reopened": "reopened" in remarks,
        "previously_reported": False if "unreported" in remarks else True if "reported" in remarks else None,
        "reported_on": reported[0] if reported else None,
        "score": min((score for n, score in linked if n in (outcome_at, reason_at)), default=1.0),
    }


def _governing(opener: int, positions: list[int], rows: list[dict]) -> int | None:
    """The report's own last word; else that of the nearest list, before it rather than after it."""
    own = [n for n in positions if not rows[n].get("shared")]
    if own:
        return max(own)
    before = [n for n in positions if n <= opener]
    return max(before) if before else min(positions, default=None)
