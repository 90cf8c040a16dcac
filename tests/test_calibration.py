"""Calibration: errors, risks and fits, by hand and by simulation."""

import numpy as np
import pytest

from civex.calibration import (
    BIAS,
    Observation,
    apply,
    expected_calibration_error,
    fit,
    of_model,
    perfect_calibration_error,
    reliability,
    risk_at,
    risk_coverage,
)

PARAMETERS = {"date": {"found": {BIAS: 1.0, "product": 2.0}, "empty": {BIAS: -1.0}}}


def test_apply_weighs_the_signals() -> None:
    """1 + 2 x 0.5 is a logit of 2, a probability of 0.8808; an empty field has weights of its own."""
    assert apply(PARAMETERS, "date", {"found": 1.0, "product": 0.5, "more": 9.0}) == pytest.approx(0.8808, abs=1e-4)
    assert apply(PARAMETERS, "date", {"found": 0.0}) == pytest.approx(0.2689, abs=1e-4)


def test_apply_knows_its_fields_and_signals() -> None:
    with pytest.raises(KeyError):
        apply(PARAMETERS, "places", {"found": 1.0, "product": 0.5})
    with pytest.raises(KeyError):
        apply(PARAMETERS, "date", {"found": 1.0})


def test_apply_stays_within_bounds() -> None:
    assert apply(PARAMETERS, "date", {"found": 1.0, "product": 1e6}) <= 1.0
    assert apply(PARAMETERS, "date", {"found": 1.0, "product": -1e6}) >= 0.0


def test_parameters_of_a_model() -> None:
    assert of_model({"civex": {"calibration": PARAMETERS}}) == PARAMETERS
    assert of_model({}) is None and of_model({"civex": {"calibration": None}}) is None
    assert of_model({"civex": {"calibration": {"date": {"x": [0.0, 1.0], "y": [0.2, 0.8]}}}}) is None


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


def drawn(n: int, seed: int, *, bias: float = 1.0, documents: int = 10**6) -> list[Observation]:
    """Values that are right with log-odds `bias` + 2 x product; a second signal says nothing."""
    random = np.random.default_rng(seed)
    signals, noise = random.normal(size=n), random.normal(size=n)
    right = random.random(n) < 1 / (1 + np.exp(-(bias + 2 * signals)))
    return [
        Observation({"found": 1.0, "product": float(s), "noise": float(x)}, bool(r), str(k % documents))
        for k, (s, x, r) in enumerate(zip(signals, noise, right, strict=True))
    ]


def probabilities(parameters: dict, rows: list[Observation]) -> list[float]:
    return [apply(parameters, "date", row.signals) for row in rows]


def test_fit_finds_the_weights() -> None:
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    parameters = fit({"date": drawn(5000, 0)}, {})
    weights = parameters["date"]["found"]
    assert weights["product"] == pytest.approx(2.0, abs=0.25) and weights[BIAS] == pytest.approx(1.0, abs=0.2)
    assert abs(weights["noise"]) < 0.1
    fresh = drawn(3000, 1)
    assert expected_calibration_error(probabilities(parameters, fresh), [row.right for row in fresh]) < 0.04


def test_own_documents_shift_what_others_weigh() -> None:
    """The model's own values are right far less often: the weights stay, the bias follows."""
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    held_out, own = drawn(3000, 0), drawn(400, 1, bias=-1.0)
    before, after = (
        fit({"date": held_out}, {})["date"]["found"],
        fit({"date": held_out}, {"date": own})["date"]["found"],
    )
    assert after["product"] == before["product"]
    assert after[BIAS] == pytest.approx(-1.0, abs=0.35)
    fresh, parameters = drawn(3000, 2, bias=-1.0), {"date": {"found": after, "empty": {BIAS: 0.0}}}
    assert expected_calibration_error(probabilities(parameters, fresh), [row.right for row in fresh]) < 0.05


def test_one_long_document_does_not_drown_the_others() -> None:
    """900 values of one list are all right where 100 others are right by half: a root of 900 is 30."""
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    long = [Observation({"found": 1.0, "product": 0.0}, True, "list")] * 900
    short = [Observation({"found": 1.0, "product": 0.0}, n % 2 == 0, f"d{n}") for n in range(100)]
    (p,) = {round(p, 3) for p in probabilities(fit({"date": long + short}, {}), long + short)}
    assert p == pytest.approx((30 + 50) / (30 + 100), abs=0.01)


def test_fit_of_empty_fields_and_of_little() -> None:
    """Three right ones and no wrong one: four to one, with one more of each kind."""
    empty = [Observation({"found": 0.0, "product": 0.0}, True, "d")] * 3
    parameters = fit({}, {"date": empty})
    assert apply(parameters, "date", {"found": 0.0, "product": 0.0}) == pytest.approx(0.8)
    assert apply(parameters, "date", {"found": 1.0, "product": 0.0}) == 0.5  # nothing is known of found ones
    assert fit({}, {}) == {}


def test_a_shift_is_held_back_by_its_prior() -> None:
    """Two values, both wrong, pull a probability of one half down, not to nought: the shift d solves -2 p(d) = 5 d."""
    pytest.importorskip("sklearn", reason="pip install 'civex[train]'")
    held_out = [Observation({"found": 1.0, "product": 0.0}, n % 2 == 0, f"d{n}") for n in range(100)]
    own = [Observation({"found": 1.0, "product": 0.0}, False, "e")] * 2
    (p, *_) = probabilities(fit({"date": held_out}, {"date": own}), own)
    assert p == pytest.approx(0.4547, abs=1e-3)
