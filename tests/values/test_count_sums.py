"""Counts: the number before a target, parts added up, and rival tolls."""

import pytest

from civex.values.counts import Count, read_number, sum_counts, widen


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("three", Count(3, 3)),
        ("a", Count(1, 1)),
        ("An", Count(1, 1)),
        ("two", Count(2, 2)),
        ("multiple", Count(2, None, True)),
        ("at least four", Count(4, None)),
        ("several", Count(2, None, True)),
        ("a series of", Count(2, None, True)),
        ("a dozen", Count(12, 12)),
        ("three ISIL vehicles", Count(3, 3)),
        ("vehicle", Count()),
        ("the", Count()),
        ("", Count()),
    ],
)
def test_number_before_a_target(words, expected):
    assert read_number(words) == expected


@pytest.mark.parametrize(
    ("parts", "total"),
    [
        ([], Count()),
        ([Count(12, 12), Count(10, None)], Count(22, None)),
        ([Count(None, 11), Count(5, 5)], Count(5, 16)),
        ([Count(), Count()], Count()),
        ([Count(), Count(3, 3)], Count(3, None)),
        ([Count(1, 1), Count(2, None, True)], Count(3, None, True)),
    ],
)
def test_sum(parts, total):
    assert sum_counts(parts) == total


@pytest.mark.parametrize(
    ("tolls", "expected"),
    [
        ([], Count()),
        ([Count()], Count()),
        ([Count(5, 5), Count(8, 8)], Count(5, 8)),
        ([Count(5, None), Count(8, 8)], Count(5, 8)),
        ([Count(8, None), Count(5, 5)], Count(5, None)),
        ([Count(8, 8), Count(8, None)], Count(8, None)),
        ([Count(None, 11), Count(5, 5)], Count(5, 11)),
        ([Count(None, 4), Count(8, 8)], Count(None, 8)),
        ([Count(5, None), Count(None, 11)], Count(5, 11)),
        ([Count(10, 12), Count(11, None)], Count(10, 12)),
        ([Count(12, None, True), Count(9, 9)], Count(9, 9)),
        ([Count(12, None, True), Count(2, None, True)], Count(2, None, True)),
        ([Count(), Count(3, 3)], Count(3, 3)),
        ([Count(0, 0), Count(3, 3)], Count(0, 3)),
    ],
)
def test_rival_tolls_widen_the_range(tolls, expected):
    assert widen(tolls) == expected
    assert widen(reversed(tolls)) == expected
