"""Calibration: signals made into probabilities, and how far scores are from being some. Pure functions.

A score is calibrated where, of the values scored 0.8, eight in ten are right. What was fitted is plain data that
travels in a model's meta.json and is applied here without any other package.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from civex.signals import FOUND

BINS = 10
SAMPLES = 1000
NOTHING = 1.0  # the raw score of a field that is empty; what the model scored stays under it
STEP = 1e-4  # between the highest score of a value and NOTHING
BIAS = "bias"
_STRENGTH = 0.1  # C of the logistic regression, over standardized signals
_PRIOR = 5.0  # inverse variance of a field's shift towards the development documents

Weights = Mapping[str, float]  # signal -> weight, and BIAS
Parameters = Mapping[str, Mapping[str, Weights]]  # field -> "found" or "empty" -> weights


class Observation(NamedTuple):
    """A field of an incident that was found: its signals, whether its value is right, and the document."""

    signals: Mapping[str, float]
    right: bool
    document: str


Observations = Mapping[str, Sequence[Observation]]


def of_model(meta: Mapping[str, Any]) -> Parameters | None:
    """The parameters that a model's meta.json holds; None where it holds none, or such as civex 0.1 fitted."""
    found = meta.get("civex", {}).get("calibration")
    return found if found and all("found" in field for field in found.values()) else None


def apply(parameters: Parameters, field: str, signals: Mapping[str, float]) -> float:
    """The probability that a field is right. Raises KeyError for a field without parameters."""
    weights = parameters[field]["found" if signals[FOUND] else "empty"]
    logit = _weighed(weights, signals)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))


def fit(held_out: Observations, own: Observations) -> dict[str, dict[str, dict[str, float]]]:
    """Parameters for `apply`, field by field, apart for fields with mentions ("found") and without ("empty").

    held_out: from documents of the training corpus, read by models that were not trained on them: enough to weigh the
    signals by logistic regression (L2; a document weighs as the root of its number of incidents, so that one long list
    does not drown the others). own: from documents that the model itself was not trained on; they shift each field by
    a constant, which a few dozen documents can bear. Either may be empty. Needs scikit-learn, raises ImportError naming
    the extra.
    """
    found: dict[str, dict[str, dict[str, float]]] = {}
    for field in sorted({*held_out, *own}):
        found[field] = {}
        for number, part in enumerate(("empty", "found")):
            train, dev = ([o for o in rows.get(field, ()) if o.signals[FOUND] == number] for rows in (held_out, own))
            weights = _weigh(train or dev)
            weights[BIAS] += _shift(weights, dev) if train else 0.0
            found[field][part] = {name: round(weight, 5) for name, weight in weights.items()}
    return found


def _weigh(rows: Sequence[Observation]) -> dict[str, float]:
    """Weights of the signals; of rows that are all right or all wrong only a bias, as if one more were of each kind."""
    right = np.array([o.right for o in rows], dtype=bool)
    if right.all() or not right.any():
        return {BIAS: math.log((right.sum() + 1) / ((~right).sum() + 1))}
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError as error:
        raise ImportError("calibration is fitted with scikit-learn: pip install 'civex[train]'") from error
    names = sorted({name for o in rows for name in o.signals} - {FOUND})
    values = np.array([[o.signals[name] for name in names] for o in rows])
    means, spread = values.mean(axis=0), values.std(axis=0)
    spread[spread < 1e-9] = 1.0  # a signal that is always the same says nothing and gets no weight
    size = Counter(o.document for o in rows)
    model = LogisticRegression(C=_STRENGTH, max_iter=2000)
    model.fit((values - means) / spread, right, sample_weight=[size[o.document] ** -0.5 for o in rows])
    weights = model.coef_[0] / spread
    bias = float(model.intercept_[0] - weights @ means)
    return {BIAS: bias, **{name: float(w) for name, w in zip(names, weights, strict=True) if w}}


def _shift(weights: Weights, rows: Sequence[Observation]) -> float:
    """What to add to the bias for these rows: the likeliest constant, by Newton's method, held back by a prior at 0."""
    sums = np.array([_weighed(weights, o.signals) for o in rows])
    right = np.array([o.right for o in rows], dtype=float)
    shift = 0.0
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(sums + shift, -30, 30)))
        shift += float(((right - p).sum() - _PRIOR * shift) / ((p * (1 - p)).sum() + _PRIOR))
    return shift


def _weighed(weights: Weights, signals: Mapping[str, float]) -> float:
    total = weights[BIAS]
    for name, weight in weights.items():
        if name != BIAS:
            total += weight * signals[name]
    return total


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
