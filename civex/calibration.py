"""Calibration: scores made into probabilities, and how far scores are from being some. Pure functions.

A score is calibrated where, of the values scored 0.8, eight in ten are right. What was fitted is plain data that
travels in a model's meta.json and is applied here without any other package.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

BINS = 10
SAMPLES = 1000
NOTHING = 1.0  # the raw score of a field that is empty; what the model scored stays under it
STEP = 1e-4  # between the highest score of a value and NOTHING

Parameters = Mapping[str, Mapping[str, Sequence[float]]]
Observations = Mapping[str, Sequence[tuple[float, bool]]]


def apply(parameters: Parameters, field: str, score: float) -> float:
    """The probability that a field is right, by linear interpolation between the fitted points.

    parameters: field -> {"x": raw scores in rising order, "y": probabilities}. Outside the points the nearest one
    holds. Raises KeyError for a field without parameters.
    """
    x, y = parameters[field]["x"], parameters[field]["y"]
    after = bisect_right(x, score)
    if after == 0:
        return y[0]
    if after == len(x):
        return y[-1]
    share = (score - x[after - 1]) / (x[after] - x[after - 1])
    return y[after - 1] + share * (y[after] - y[after - 1])


def fit(observations: Observations, points: int = 21) -> dict[str, dict[str, list[float]]]:
    """Parameters for `apply` from raw scores and whether the value was right, field by field.

    Platt scaling (Platt 1999, with his targets that keep a small sample from 0 and 1) over the logit of the score:
    two parameters a field, which some hundred incidents can bear and an isotonic fit can't. It is written down as
    `points` points. Empty fields (score NOTHING) have no score to scale: their share of right ones, with one right and
    one wrong added, is a point of its own. Fields without observations are left out. Needs scikit-learn, raises
    ImportError naming the extra.
    """
    return {field: _fit(rows, points) for field, rows in sorted(observations.items()) if rows}


def _fit(rows: Sequence[tuple[float, bool]], points: int) -> dict[str, list[float]]:
    scored = [(score, right) for score, right in rows if score < NOTHING]
    empty = [right for score, right in rows if score >= NOTHING]
    nothing = (sum(empty) + 1) / (len(empty) + 2)
    x = [round(float(value), 4) for value in np.linspace(0, 1, points)]
    x[-1] = NOTHING - STEP
    y = _platt(scored, x) if scored else [nothing] * len(x)
    if empty:
        x, y = [*x, NOTHING], [*y, nothing]
    return {"x": x, "y": [round(value, 4) for value in y]}


def _platt(rows: Sequence[tuple[float, bool]], x: Sequence[float]) -> list[float]:
    """The logistic curve through the rows, at the points x."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise ImportError("calibration is fitted with scikit-learn: pip install 'civex[train]'") from error
    right = sum(bool(r) for _, r in rows)
    high, low = (right + 1) / (right + 2), 1 / (len(rows) - right + 2)  # Platt's targets for right and wrong
    targets = np.array([high if r else low for _, r in rows])
    logits = _logit([score for score, _ in rows])
    # Each row stands twice, as right and as wrong, with its target as weight: soft targets for a hard classifier.
    model = LogisticRegression(C=1e6, max_iter=1000)
    both = np.concatenate([logits, logits])[:, None]
    labels = np.concatenate([np.ones(len(rows)), np.zeros(len(rows))])
    model.fit(both, labels, sample_weight=np.concatenate([targets, 1 - targets]))
    if model.coef_[0, 0] <= 0:  # a score that says nothing, or the wrong way round, is no evidence
        return [float(targets.mean())] * len(x)
    return [float(p) for p in model.predict_proba(_logit(x)[:, None])[:, 1]]


def _logit(scores: Sequence[float]) -> np.ndarray:
    clipped = np.clip(np.asarray(scores, dtype=float), STEP, 1 - STEP)
    return np.log(clipped / (1 - clipped))


def expected_calibration_error(scores: Sequence[float], right: Sequence[bool], bins: int = BINS) -> float:
    """Mean distance of confidence and accuracy over bins of equal mass (Naeini et al. 2015; Nixon et al. 2019).

    Values of one score that fall into two bins go there with their common share of right ones, so that the order of the
    input changes nothing. Raises ValueError where there is nothing to count.
    """
    return _error(*_ordered(scores, right), bins)


def perfect_calibration_error(
    scores: Sequence[float], bins: int = BINS, samples: int = SAMPLES, seed: int = 0
) -> tuple[float, float]:
    """(mean, 95th percentile) of that error for a perfectly calibrated model with these scores.

    By simulation: each value is right with the probability that its score says. It is above 0 since a bin's accuracy is
    counted on few values.
    """
    ordered = np.sort(np.asarray(scores, dtype=float))
    random = np.random.default_rng(seed)
    drawn = [_error(*_ordered(ordered, random.random(len(ordered)) < ordered), bins) for _ in range(samples)]
    return float(np.mean(drawn)), float(np.quantile(drawn, 0.95))


def reliability(scores: Sequence[float], right: Sequence[bool], bins: int = BINS) -> list[tuple[float, float, int]]:
    """(mean score, share right, values) of each bin of equal mass, lowest first."""
    ordered, correct = _ordered(scores, right)
    parts = zip(np.array_split(ordered, bins), np.array_split(correct, bins), strict=True)
    return [(float(s.mean()), float(r.mean()), len(s)) for s, r in parts if len(s)]


def risk_coverage(scores: Sequence[float], right: Sequence[bool]) -> tuple[np.ndarray, np.ndarray]:
    """(coverage, risk) for each number of values kept, the surest first (El-Yaniv & Wiener 2010).

    Risk is the share of wrong ones among those kept. Values of one score are kept or left together: in place of each
    stands the mean of their group, so that the order of the input changes nothing.
    """
    _, correct = _ordered(scores, right)
    wrong = 1.0 - correct[::-1]
    kept = np.arange(1, len(wrong) + 1)
    return kept / len(wrong), np.cumsum(wrong) / kept


def risk_at(scores: Sequence[float], right: Sequence[bool], coverage: float) -> float:
    """The risk where the surest values are kept, as many as `coverage` says (at least one)."""
    _, risk = risk_coverage(scores, right)
    return float(risk[max(1, round(coverage * len(risk))) - 1])


def _ordered(scores: ArrayLike, right: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Scores in rising order, and beside each the share of right ones among the values of that score."""
    values, correct = np.asarray(scores, dtype=float), np.asarray(right, dtype=float)
    if len(values) != len(correct) or not len(values):
        raise ValueError("as many scores as judgements are needed, at least one")
    _, group, size = np.unique(values, return_inverse=True, return_counts=True)
    shares = np.bincount(group, weights=correct) / size
    order = np.argsort(values, kind="stable")
    return values[order], shares[group[order]]


def _error(ordered: np.ndarray, right: np.ndarray, bins: int) -> float:
    parts = zip(np.array_split(ordered, bins), np.array_split(right, bins), strict=True)
    return float(sum(abs(s.mean() - r.mean()) * len(s) for s, r in parts if len(s)) / len(ordered))
