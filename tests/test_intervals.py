"""Intervals and tests of figures, by hand and against what is known in closed form."""

import numpy as np
import pytest

from civex.intervals import FORMULAS, difference, estimate, holm, resamples, swaps


@pytest.mark.parametrize(
    ("formula", "counts", "expected"),
    [
        ("p", (3, 1, 2), 3 / 5),
        ("r", (3, 1, 2), 3 / 4),
        ("f", (3, 1, 2), 6 / 9),
        ("f", (0, 1, 0), 0.0),
        ("p", (0, 1, 0), None),  # nothing was found: there is no precision
        ("f", (0, 0, 0), None),
        ("share", (1, 4), 0.25),
        ("share", (0, 0), None),
        ("bcubed_f", (2, 4, 3, 4), 2 * 0.5 * 0.75 / 1.25),
        ("bcubed_f", (0, 0, 0, 4), 0.0),  # nothing was found and all is missed
        ("bcubed_f", (0, 0, 0, 0), None),
    ],
)
def test_formulas(formula: str, counts: tuple, expected: float | None) -> None:
    value = float(FORMULAS[formula](np.array(counts, dtype=float)))
    assert np.isnan(value) if expected is None else value == pytest.approx(expected)


def test_resamples_draw_as_many_documents_as_there_are() -> None:
    drawn = resamples(7, 50, seed=1)
    assert drawn.shape == (50, 7) and set(drawn.sum(axis=1)) == {7}
    assert np.array_equal(drawn, resamples(7, 50, seed=1))
    assert not np.array_equal(drawn, resamples(7, 50, seed=2))


def test_interval_of_a_share_is_that_of_the_binomial() -> None:
    counts = np.array([[n % 2, 1] for n in range(100)], dtype=float)  # half of 100 documents right
    found = estimate(counts, "share", resamples(100, 4000))
    assert (found.value, found.documents) == (0.5, 100)
    assert found.low == pytest.approx(0.402, abs=0.015) and found.high == pytest.approx(0.598, abs=0.015)


def test_a_document_is_drawn_whole() -> None:
    """Ten values of one document are no ten documents: the interval is that of the documents."""
    few = estimate(np.array([[10.0, 10.0], [0.0, 10.0]] * 5), "share", resamples(10))
    many = estimate(np.array([[1.0, 1.0], [0.0, 1.0]] * 50), "share", resamples(100))
    assert few.value == many.value == 0.5
    assert few.high - few.low > 2 * (many.high - many.low)


def test_nothing_varies_and_nothing_to_count() -> None:
    assert estimate(np.array([[2.0, 1.0, 0.0]] * 5), "r", resamples(5))[:3] == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert estimate(np.zeros((5, 3)), "f", resamples(5)) == (None, None, None, 0)
    assert estimate(np.array([[1.0, 1.0], [0.0, 0.0]]), "share", resamples(2)) == (1.0, None, None, 1)
    assert estimate(np.zeros((0, 2)), "share", resamples(0)) == (None, None, None, 0)


def test_resamples_without_the_figure_are_left_out() -> None:
    counts = np.array([[1.0, 1.0], [1.0, 1.0]] + [[0.0, 0.0]] * 8)
    assert estimate(counts, "share", resamples(10)) == (1.0, 1.0, 1.0, 2)


def test_the_same_system_twice() -> None:
    counts = np.array([[n % 3, 3] for n in range(30)], dtype=float)
    found = difference(counts, counts, "share", resamples(30), swaps(30))
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)


def test_better_on_every_document() -> None:
    first, second = np.array([[1.0, 4.0]] * 20), np.array([[3.0, 4.0]] * 20)
    found = difference(first, second, "share", resamples(20), swaps(20))
    assert (found.first, found.second, found.difference) == (0.25, 0.75, 0.5)
    assert (found.low, found.high) == (0.5, 0.5)
    assert found.p < 0.002
    back = difference(second, first, "share", resamples(20), swaps(20))
    assert (back.difference, back.p) == (-0.5, found.p)


def test_two_documents_can_show_nothing() -> None:
    """Of the four ways to swap two documents, two are as extreme as what was seen: p is a half."""
    first, second = np.array([[0.0, 1.0]] * 2), np.array([[1.0, 1.0]] * 2)
    assert difference(first, second, "share", resamples(2), swaps(2)).p == pytest.approx(0.5, abs=0.04)


def test_false_alarms_are_as_rare_as_they_should_be() -> None:
    """Two systems that are equally good: about one test in twenty falls under 0.05."""
    random = np.random.default_rng(3)
    swapped, drawn = swaps(40, 400), resamples(40, 10)
    ones = np.ones(40)
    tests = [
        difference(np.stack([a, ones], 1), np.stack([b, ones], 1), "share", drawn, swapped).p
        for a, b in random.random((300, 2, 40))
    ]
    assert 0.02 <= np.mean(np.array(tests) < 0.05) <= 0.09


def test_one_document_or_none_has_no_test() -> None:
    one = np.array([[1.0, 2.0], [0.0, 0.0]])
    assert difference(one, one, "share", resamples(2), swaps(2))[2:] == (0.0, None, None, None, 1)
    assert difference(one * 0, one, "share", resamples(2), swaps(2)).difference is None


def test_holm() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == pytest.approx([0.03, None, 0.06, 0.06])
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []
