"""Reliability: how sure a model was of each value of its records beside whether the value was right."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from civex import calibration
from civex.evaluation import Judged
from civex.figures import matched, values
from civex.intervals import resamples
from civex.labels import INCIDENTS
from civex.schema import Incident
from civex.signals import SignalReader, Signals

# Field of `Confidence` -> fields of the record that have to be right.
FIELDS = {
    "date": ("date",),
    "places": ("places",),
    "country": ("country",),
    "sources": ("sources",),
    "actors": ("actors",),
    "actions": ("actions",),
    "targets": ("targets", "target_types"),
    "killed": ("killed",),
    "injured": ("injured",),
    "assessment": ("outcome", "reason", "notes"),
}
KILLED_MIN = "killed_min"  # not a field of its own: the lower end of the toll, scored as `killed`
COVERAGE = 0.8

Observations = dict[str, list[tuple[float, bool]]]


class Reliability(NamedTuple):
    """Figures of the confidence. Errors are expected calibration errors; risks are shares of wrong `killed_min`.

    `intervals`: name of a figure -> 95 % interval over documents, where `measure` was given them one by one.
    """

    values: int
    error: float
    perfect: float
    perfect_high: float
    killed_min: int
    risk: float | None
    risk_at_coverage: float | None
    intervals: dict[str, tuple[float, float]] = {}

    @property
    def best_risk(self) -> float:
        """Risk at COVERAGE were every wrong `killed_min` surer to be wrong than any right one."""
        return max(0.0, (self.risk or 0.0) - (1 - COVERAGE)) / COVERAGE

    def line(self) -> str:
        """The figures in one line."""
        risk = ""
        if self.risk is not None and self.risk_at_coverage is not None:
            risk = (
                f"; killed_min wrong {self.risk:.3f}{self._ends('risk')} of {self.killed_min}, "
                f"{self.risk_at_coverage:.3f}{self._ends('risk_at_coverage')} of the surest {COVERAGE:.0%} "
                f"(at best {self.best_risk:.3f})"
            )
        return (
            f"confidence: expected calibration error {self.error:.3f}{self._ends('error')} over {self.values:,} values "
            f"(a perfectly calibrated model {self.perfect:.3f}, up to {self.perfect_high:.3f}){risk}"
        )

    def _ends(self, name: str) -> str:
        low, high = self.intervals.get(name, (None, None))
        return "" if low is None else f" ({low:.3f}-{high:.3f})"


def observe(judged: Iterable[Judged], parameters: calibration.Parameters | None = None) -> Observations:
    """Field -> (confidence, right) for each incident that was found.

    parameters: what would have calibrated the confidence, in place of the one that the reports have.

    Values of an incident that the annotation does not have are wrong, its empty fields right, as in the evaluation.
    `killed_min` is observed where the annotation or the record has a toll: one that is invented is wrong, and a record
    that gives none gives no answer, with confidence 0.
    """
    found: Observations = {field: [] for field in ("incident", *FIELDS, KILLED_MIN)}
    for j in judged:
        for gold, own, signals in _found(j):
            sure = own.confidence.model_dump()
            if parameters is not None:
                sure = {field: calibration.apply(parameters, field, row) for field, row in signals.items()}
            for field in ("incident", *FIELDS):
                found[field].append((sure[field], _right(field, gold, own)))
            if own.killed or (gold is not None and gold.killed):
                found[KILLED_MIN].append((sure["killed"] if own.killed else 0.0, _floors(gold) == _floors(own)))
    return found


def _found(judged: Judged) -> Iterator[tuple[Incident | None, Incident, dict[str, Signals]]]:
    """Each incident that was found: the annotated one, if any, the found one, and its signals by field."""
    rows = {row["id"]: row for row in judged.example.predicted.spans[INCIDENTS].attrs["incidents"]}
    reader = SignalReader(judged.example.predicted, list(rows.values()))
    for gold, own in matched(judged.gold, judged.found):
        if own is not None:
            yield gold, own, reader.read(rows[own.id], has_country=own.country is not None)


def _right(field: str, gold: Incident | None, own: Incident) -> bool:
    if field == "incident":
        return gold is not None
    return all(values(gold, name) == values(own, name) for name in FIELDS[field])


def signals(judged: Iterable[Judged]) -> dict[str, list[calibration.Observation]]:
    """Field -> signals and correctness of each incident that was found: what `civex.calibration.fit` takes."""
    found: dict[str, list[calibration.Observation]] = {field: [] for field in ("incident", *FIELDS)}
    for j in judged:
        for gold, own, row in _found(j):
            for field, numbers in row.items():
                found[field].append(calibration.Observation(numbers, _right(field, gold, own), j.document.id))
    return found


def fit(own: Iterable[Judged], held_out: Iterable[Judged] = ()) -> dict[str, dict[str, dict[str, float]]]:
    """Parameters that make the confidence of a model's records calibrated; see `civex.calibration.fit`.

    own: documents that the model was not trained on; held_out: training documents that others like it read without
    having seen them. Raises ValueError where no incident was found, and ImportError where scikit-learn is missing.
    """
    documents = list(own)
    if not any(j.found.incidents for j in documents):
        raise ValueError("no incident was found: there is no confidence to calibrate")
    return calibration.fit(signals(held_out), signals(documents))


def measure(observations: Observations, *, bins: int = calibration.BINS, seed: int = 0) -> Reliability | None:
    """The figures, pooled over fields; None where no incident was found."""
    pooled = _pooled(observations)
    if not pooled:
        return None
    perfect, high = calibration.perfect_calibration_error([score for score, _ in pooled], bins, seed=seed)
    error, risk, at_coverage = _error_and_risks(observations, bins)
    return Reliability(
        len(pooled), error or 0.0, perfect, high, len(observations.get(KILLED_MIN, [])), risk, at_coverage
    )


def measure_documents(documents: list[Observations], *, samples: int = 500, seed: int = 0) -> Reliability | None:
    """`measure` over documents, with percentile intervals: each resample draws whole documents.

    A resample repeats values, which makes bins coarser: the interval of the calibration error leans upwards.
    """
    found = measure(joined(documents), seed=seed)
    if found is None or len(documents) < 2:
        return found
    names = ("error", "risk", "risk_at_coverage")
    drawn: dict[str, list[float]] = {name: [] for name in names}
    for times in resamples(len(documents), samples, seed):
        rows = joined([d for d, n in zip(documents, times, strict=True) for _ in range(int(n))])
        for name, value in zip(names, _error_and_risks(rows), strict=True):
            if value is not None:
                drawn[name].append(value)
    ends = {name: np.quantile(values, [0.025, 0.975]) for name, values in drawn.items() if values}
    return found._replace(intervals={name: (float(low), float(high)) for name, (low, high) in ends.items()})


def joined(documents: list[Observations]) -> Observations:
    """The observations of several documents together."""
    fields = {field for document in documents for field in document}
    return {field: [row for document in documents for row in document.get(field, [])] for field in sorted(fields)}


def _error_and_risks(
    observations: Observations, bins: int = calibration.BINS
) -> tuple[float | None, float | None, float | None]:
    """Calibration error pooled over fields, risk of killed_min in full and at COVERAGE; None where none is counted."""
    pooled, rows = _pooled(observations), observations.get(KILLED_MIN, [])
    error = (
        calibration.expected_calibration_error([s for s, _ in pooled], [r for _, r in pooled], bins) if pooled else None
    )
    if not rows:
        return error, None, None
    scores, right = zip(*rows, strict=True)
    return error, calibration.risk_at(scores, right, 1.0), calibration.risk_at(scores, right, COVERAGE)


def plot(observations: Observations, out: Path, *, title: str = "") -> list[Path]:
    """Write reliability.png and risk-coverage.png into the folder `out`; returns their paths.

    Raises ImportError naming the extra where matplotlib is missing, ValueError where there is nothing to draw.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("plots are drawn with matplotlib: pip install 'civex[train]'") from error
    pooled = _pooled(observations)
    if not pooled:
        raise ValueError("no incident was found: there is nothing to draw")
    out.mkdir(parents=True, exist_ok=True)
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="perfectly calibrated")
    scores, right = zip(*pooled, strict=True)
    bins = calibration.reliability(scores, right)
    axes.plot([s for s, _, _ in bins], [r for _, r, _ in bins], marker="o", label=f"{len(pooled):,} values, ten bins")
    axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1), title=title)
    axes.legend(loc="upper left")
    drawn = [_save(figure, out / "reliability.png")]
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    for name, rows in (("all fields", pooled), (KILLED_MIN, observations.get(KILLED_MIN, []))):
        if rows:
            scores, right = zip(*rows, strict=True)
            axes.plot(*calibration.risk_coverage(scores, right), label=f"{name} ({len(rows):,})")
    axes.set(
        xlabel="coverage: share of values kept, surest first", ylabel="risk: share wrong", xlim=(0, 1), title=title
    )
    axes.set_ylim(bottom=0)
    axes.legend(loc="lower right")
    return [*drawn, _save(figure, out / "risk-coverage.png")]


def _save(figure: Any, path: Path) -> Path:
    figure.savefig(path, dpi=120, metadata={"Software": None})
    return path


def _pooled(observations: Observations) -> list[tuple[float, bool]]:
    """All fields together; `killed_min` is part of `killed` and not counted twice."""
    return [row for field, rows in observations.items() if field != KILLED_MIN for row in rows]


def _floors(incident: Incident | None) -> dict:
    return {} if incident is None else {group: figure.min for group, figure in incident.killed.items()}
