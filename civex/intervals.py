"""Intervals and tests of figures that are counted document by document.

A figure is a formula over counts that add up (hits, misses, alarms; right and total), one row of counts a document.
Documents are what is drawn again, since the values of one document are not independent of each other; a resample is
then one product of matrices. Percentile bootstrap: Efron & Tibshirani 1993, chapter 13. Test of two systems on the same
documents: approximate randomization (Noreen 1989; Yeh 2000). Several tests at once: Holm 1979.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

SAMPLES = 2000
LEVEL = 0.95


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole; NaN where there was nothing to count."""
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def _bcubed(counts: np.ndarray) -> np.ndarray:
    """F1 of B-cubed precision and recall: (sum of precisions, found items, sum of recalls, gold items)."""
    precision, recall = _ratio(counts[..., 0], counts[..., 1]), _ratio(counts[..., 2], counts[..., 3])
    both = np.where((counts[..., 1] > 0) | (counts[..., 3] > 0), 0.0, np.nan)
    added = np.nan_to_num(precision) + np.nan_to_num(recall)
    return np.divide(2 * np.nan_to_num(precision) * np.nan_to_num(recall), added, out=both, where=added > 0)


# Name -> formula over the last axis: (hits, misses, alarms) for p, r and f; (part, whole) for share; see `_bcubed`.
FORMULAS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "p": lambda c: _ratio(c[..., 0], c[..., 0] + c[..., 2]),
    "r": lambda c: _ratio(c[..., 0], c[..., 0] + c[..., 1]),
    "f": lambda c: _ratio(2 * c[..., 0], 2 * c[..., 0] + c[..., 1] + c[..., 2]),
    "share": lambda c: _ratio(c[..., 0], c[..., 1]),
    "bcubed_f": _bcubed,
}


class Estimate(NamedTuple):
    """A figure with its interval; `value` is None where nothing was counted, the ends with fewer than two documents.

    `documents` is the number of documents that count for it.
    """

    value: float | None
    low: float | None
    high: float | None
    documents: int


class Difference(NamedTuple):
    """A figure of two systems on the same documents: `difference` is second less first, `p` two-sided."""

    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    documents: int


def resamples(documents: int, samples: int = SAMPLES, seed: int = 0) -> np.ndarray:
    """How often each document is drawn in each resample: an array (samples, documents)."""
    if documents == 0:
        return np.zeros((samples, 0))
    return np.random.default_rng(seed).multinomial(documents, [1 / documents] * documents, size=samples).astype(float)


def swaps(documents: int, samples: int = SAMPLES, seed: int = 0) -> np.ndarray:
    """Which documents change sides in each permutation, 0 or 1: an array (samples, documents)."""
    return np.random.default_rng(seed).integers(0, 2, size=(samples, documents)).astype(float)


def estimate(counts: np.ndarray, formula: str, drawn: np.ndarray, level: float = LEVEL) -> Estimate:
    """A figure with its percentile interval. counts: (documents, columns); drawn: from `resamples`.

    Resamples in which nothing counts for the figure are left out.
    """
    compute = FORMULAS[formula]
    support = int(np.count_nonzero(counts.any(axis=1)))
    value = _number(compute(counts.sum(axis=0)))
    if support < 2 or value is None:
        return Estimate(value, None, None, support)
    low, high = _percentiles(compute(drawn @ counts), level)
    return Estimate(value, low, high, support)


def difference(
    first: np.ndarray, second: np.ndarray, formula: str, drawn: np.ndarray, swapped: np.ndarray, level: float = LEVEL
) -> Difference:
    """A figure of two systems, the interval of its difference (paired bootstrap) and the p of a permutation test.

    first, second: (documents, columns) of the same documents in the same order; swapped: from `swaps`.
    """
    compute = FORMULAS[formula]
    support = int(np.count_nonzero(first.any(axis=1) | second.any(axis=1)))
    one, other = _number(compute(first.sum(axis=0))), _number(compute(second.sum(axis=0)))
    if one is None or other is None:
        return Difference(one, other, None, None, None, None, support)
    if support < 2:
        return Difference(one, other, other - one, None, None, None, support)
    low, high = _percentiles(compute(drawn @ second) - compute(drawn @ first), level)
    change = second - first
    chance = compute(second.sum(axis=0) - swapped @ change) - compute(first.sum(axis=0) + swapped @ change)
    extreme = np.count_nonzero(np.abs(chance) >= abs(other - one) - 1e-12)
    p = (extreme + 1) / (len(chance) + 1)  # the arrangement that was seen counts as one of them
    return Difference(one, other, other - one, low, high, p, support)


def holm(values: list[float | None]) -> list[float | None]:
    """p-values corrected for being many (Holm 1979), in the order given; None stays None."""
    order = sorted((p, n) for n, p in enumerate(values) if p is not None)
    corrected: list[float | None] = [None] * len(values)
    least = 0.0
    for rank, (p, n) in enumerate(order):
        least = max(least, min(1.0, p * (len(order) - rank)))
        corrected[n] = least
    return corrected


def _number(value: np.ndarray) -> float | None:
    return None if np.isnan(value) else float(value)


def _percentiles(values: np.ndarray, level: float) -> tuple[float | None, float | None]:
    values = values[~np.isnan(values)]
    if not len(values):
        return None, None
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
