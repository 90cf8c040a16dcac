"""Extraction: text in, `Report` out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from spacy.language import Language
from spacy.tokens import Doc

from civex.gazetteer import open_gazetteer
from civex.loading import load
from civex.report import build_report
from civex.schema import Report

Policy = Literal["recorders", "strict"]
_POLICIES = ("recorders", "strict")


@dataclass(frozen=True, slots=True)
class Input:
    """A text with what is known of it from elsewhere. `published` is an ISO day or a date."""

    text: str
    published: str | date | None = None
    publisher: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What `extract_many(errors="record")` gives in place of a text that failed."""

    id: str | None
    stage: str
    error: str


def extract(
    text: str,
    *,
    published: str | date | None = None,
    publisher: str | None = None,
    counts: Policy = "recorders",
    min_confidence: float = 0.0,
    model: str | None = None,
    gazetteer: str | Path | None = None,
) -> Report:
    """Every incident and tally that `text` tells of.

    published: day of publication, against which "on Tuesday" is resolved; publisher: who issued the text; counts: how
    vague words are valued ("dozens" is at least 12 for "recorders", no figure for "strict"); min_confidence: fields
    scored lower are left empty; model: name or folder (default: the one that came with civex); gazetteer: a GeoNames
    dump (.txt or .zip) to find places in, indexed at its first use (default: the small one that came with civex).

    Raises TypeError for anything but a str, ValueError for a date, policy or threshold that makes no sense,
    `civex.ModelNotFound`, and `civex.gazetteer.GazetteerError`, an OSError, for a gazetteer that can't be read.
    """
    return _extract(Input(text, published, publisher), counts, min_confidence, load(model), _checked(gazetteer))


def extract_many(
    items: Iterable[str | Input],
    *,
    counts: Policy = "recorders",
    min_confidence: float = 0.0,
    model: str | None = None,
    gazetteer: str | Path | None = None,
    batch_size: int = 64,
    n_process: int = 1,
    as_tuples: bool = False,
    errors: Literal["raise", "record"] = "raise",
) -> Iterator:
    """A Report for each item, in order; with `errors="record"` a Failure for one that fails.

    items: str or `Input`; with `as_tuples` (item, context) pairs, giving (report, context). n_process other than 1 is
    refused: run several processes over parts of the input instead.
    """
    if n_process != 1:
        raise ValueError("n_process: only 1 is supported; split the items over processes that call extract_many")
    nlp, gazetteer = load(model), _checked(gazetteer)
    for entry in items:
        item, context = entry if as_tuples else (entry, None)  # type: ignore
        given = Input(item) if isinstance(item, str) else item
        result: Report | Failure
        try:
            result = _extract(given, counts, min_confidence, nlp, gazetteer)
        except Exception as error:
            if errors == "raise":
                raise
            result = Failure(getattr(given, "id", None), "extract", f"{type(error).__name__}: {error}")
        yield (result, context) if as_tuples else result


def _extract(given: Input, counts: str, min_confidence: float, nlp: Language, gazetteer: str | None) -> Report:
    if not isinstance(given, Input) or not isinstance(given.text, str):
        kind = type(getattr(given, "text", given)).__name__
        raise TypeError(f"civex reads str, not {kind}: decode bytes and read files first")
    if counts not in _POLICIES:
        raise ValueError(f"counts is one of {', '.join(_POLICIES)}, not {counts!r}")
    if not 0.0 <= min_confidence <= 1.0:
        raise ValueError(f"min_confidence lies between 0 and 1, not {min_confidence!r}")
    doc = nlp(_prepared(given, nlp, gazetteer))
    model = {"name": f"{nlp.meta['lang']}_{nlp.meta['name']}", "version": nlp.meta["version"]}
    report = build_report(doc, given.text, counts=counts, model=model)
    return _without_doubtful(report, min_confidence) if min_confidence else report


def _checked(gazetteer: str | Path | None) -> str | None:
    """The path of a gazetteer that can be read; its index is made if need be."""
    if gazetteer is None:
        return None
    open_gazetteer(gazetteer)
    return str(gazetteer)


def _prepared(given: Input, nlp: Language, gazetteer: str | None) -> Doc:
    doc = nlp.make_doc(given.text)
    if given.published is not None:
        doc._.civex_published = _day(given.published)
    doc._.civex_publisher = given.publisher
    doc._.civex_gazetteer = gazetteer
    return doc


def _day(published: str | date) -> str:
    if isinstance(published, date):
        return published.strftime("%Y-%m-%d")
    try:
        return date.fromisoformat(published).isoformat()
    except (TypeError, ValueError):
        raise ValueError(f"published is an ISO day such as 2019-06-03, not {published!r}") from None


def _without_doubtful(report: Report, least: float) -> Report:
    """Fields scored under `least` emptied; the claims stay as candidates."""
    empty: dict[str, Any] = {"date": None, "country": None}
    empty |= {"places": [], "sources": [], "actors": [], "actions": [], "targets": []}
    incidents = []
    for incident in report.incidents:
        doubtful = {name: value for name, value in empty.items() if getattr(incident.confidence, name) < least}
        doubtful |= {harm: {} for harm in ("killed", "injured") if getattr(incident.confidence, harm) < least}
        incidents.append(incident.model_copy(update=doubtful))
    return report.model_copy(update={"incidents": incidents})
