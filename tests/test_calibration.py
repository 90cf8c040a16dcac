"""Calibration: errors, risks and fits, by hand and by simulation."""

import numpy as np
import pytest

from civex.calibration import (
    NOTHING,
    apply,
    expected_calibration_error,
    fit,
    perfect_calibration_error,
    reliability,
    risk_at,
    risk_coverage,
)

POINTS = {"date": {"x": [0.2, 0.6, 0.9999, 1.0], "y": [0.1, 0.3, 0.9, 0.5]}}


@pytest.mark.parametrize(
    ("score", "expected"), [(0.0, 0.1), (0.2, 0.1), (0.4, 0.2), (0.6, 0.3), (0.9999, 0.9), (1.0, 0.5)]
)
def test_apply_interpolates(score: float, expected: float) -> None:
    assert apply(POINTS, "date", score) == pytest.approx(expected)


def test_apply_knows_its_fields() -> None:
    with pytest.raises(KeyError):
        apply(POINTS, "places", 0.5)


def test_error_by_hand() -> None:
    """Two bins of two: mean 0.3 beside none right, mean 0.8 beside one of two right: (0.3 + 0.3) / 2."""
    scores, right = [0.9, 0.2, 0.4, 0.7], [True, False, False, False]
    assert expected_calibration_error(scores, right, bins=2) == pytest.approx(0.3)
    assert reliability(scores, right, bins=2) == [
        (pytest.approx(0.3), 0.0, 2),
        (pytest.approx(0.8), 0.5, 2),
    ]


def test_bins_have_equal_mass() -> None:
    scores = [0.99] * 95 + [0.1] * 5
    assert [size for _, _, size in reliability(scores, [True] * 100)] == [10] * 10


def test_error_of_the_sure_and_wrong_is_one() -> None:
    assert expected_calibration_error([1.0] * 20, [False] * 20) == 1.0
    assert expected_calibration_error([1.0, 0.0] * 10, [True, False] * 10, bins=2) == 0.0


def test_the_order_of_the_input_changes_nothing() -> None:
    scores, right = [0.5] * 10 + [0.6] * 10, [True, False] * 5 + [True] * 10
    back = scores[::-1], right[::-1]
    assert expected_calibration_error(scores, right, 4) == expected_calibration_error(*back, 4)
    assert np.array_equal(risk_coverage(scores, right)[1], risk_coverage(*back)[1])


def test_equal_scores_in_two_bins_share_their_accuracy() -> None:
    """Half of 20 values scored 0.5 are right: no bin is off, whichever of them fall into it."""
    assert expected_calibration_error([0.5] * 20, [True] * 10 + [False] * 10, bins=10) == 0.0
    assert [share for _, share, _ in reliability([0.5] * 20, [True] * 10 + [False] * 10)] == [0.5] * 10


def test_nothing_to_count() -> None:
    with pytest.raises(ValueError):
        expected_calibration_error([], [])
    with pytest.raises(ValueError):
        expected_calibration_error([0.5], [True, False])


def test_a_perfect_model_has_the_error_of_its_size() -> None:
    """One bin of n coins: the mean of |heads / n - 1/2| is sqrt(1 / (2 pi n)) nearly."""
    for n in (100, 400):
        mean, high = perfect_calibration_error([0.5] * n, bins=1)
        assert mean == pytest.approx((1 / (2 * np.pi * n)) ** 0.5, rel=0.08)
        assert high == pytest.approx(1.96 * 0.5 / n**0.5, rel=0.12)
    assert perfect_calibration_error([0.0, 1.0] * 50) == (0.0, 0.0)
    assert perfect_calibration_error([0.3] * 50, seed=4) == perfect_calibration_error([0.3] * 50, seed=4)


def test_a_calibrated_model_lies_where_perfect_ones_do() -> None:
    random = np.random.default_rng(0)
    scores = random.random(2000)
    right = random.random(2000) < scores
    mean, high = perfect_calibration_error(scores)
    assert mean / 2 < expected_calibration_error(scores, right) < 1.2 * high


def test_risk_coverage_by_hand() -> None:
    coverage, risk = risk_coverage([0.9, 0.8, 0.7, 0.6], [True, False, True, True])
    assert coverage.tolist() == [0.25, 0.5, 0.75, 1.0]
    assert risk.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])


def test_values_of_one_score_are_not_told_apart() -> None:
    """Of two values scored alike one is wrong: whichever is kept, the risk is a half."""
    assert risk_coverage([0.9, 0.9], [True, False])[1].tolist() == [0.5, 0.5]
    assert risk_coverage([0.9, 0.5, 0.5, 0.5], [True, True, False, False])[1].tolist() == pytest.approx(
        [0, 1 / 3, 4 / 9, 1 / 2]
    )


def test_risk_at_a_coverage() -> None:
    scores, right = [n / 10 for n in range(10)], [n >= 2 for n in range(10)]
    assert risk_at(scores, right, 1.0) == pytest.approx(0.2)
    assert risk_at(scores, right, 0.8) == 0.0
    assert risk_at(scores, right, 0.0) == 0.0  # at least the surest one


# Fitting


def crooked(n: int, seed: int) -> list[tuple[float, bool]]:
    """Scores that say 0.5 where three in four are right, with the odds three times too low all over."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0.02, 0.98, n)
    odds = 3 * scores / (1 - scores)
    return list(zip(scores.tolist(), (random.random(n) < odds / (1 + odds)).tolist(), strict=True))


def test_fit_mends_what_is_crooked() -> None:
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    parameters = fit({"date": crooked(2000, 0)})
    assert apply(parameters, "date", 0.5) == pytest.approx(0.75, abs=0.04)
    assert apply(parameters, "date", 0.1) == pytest.approx(0.25, abs=0.05)
    scores, right = zip(*crooked(2000, 1), strict=True)
    before = expected_calibration_error(scores, right)
    after = expected_calibration_error([apply(parameters, "date", s) for s in scores], right)
    assert before > 0.12 and after < 0.04


def test_fit_of_empty_fields() -> None:
    """Three of four empty fields were right: (3 + 1) / (4 + 2), beside the curve of the scored ones."""
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    parameters = fit({"date": [*crooked(500, 0), *[(NOTHING, True)] * 3, (NOTHING, False)]})
    assert apply(parameters, "date", NOTHING) == pytest.approx(2 / 3, abs=1e-4)
    assert apply(parameters, "date", 0.9999) > 0.95


def test_fit_of_little() -> None:
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    assert fit({"date": []}) == {}
    only = fit({"date": [(0.7, True)] * 3})
    assert 0.5 < apply(only, "date", 0.7) < 1.0  # three right ones are no certainty
    assert apply(fit({"date": [(NOTHING, True)]}), "date", 0.4) == pytest.approx(2 / 3, abs=1e-4)


def test_a_score_that_points_the_wrong_way_is_no_evidence() -> None:
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    rows = [(s, not right) for s, right in crooked(500, 0)]
    parameters = fit({"date": rows})
    assert apply(parameters, "date", 0.1) == apply(parameters, "date", 0.9)


def test_fit_rises() -> None:
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    y = fit({"date": crooked(300, 2)})["date"]["y"]
    assert y == sorted(y) and y[0] < y[-1]
