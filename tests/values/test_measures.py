"""Measures of tallies, told from their own words."""

import pytest

from civex.values.measures import said_measure


@pytest.mark.parametrize(
    ("words", "measure"),
    [
        ("34,502 strikes", "strikes"),
        ("12 airstrikes", "strikes"),
        ("3 strikes on markets", None),
        ("122 open reports", "reports_open"),
        ("seven new reports", "reports_received"),
        ("five unintentional civilian deaths", "civilians_killed"),
        ("at least 11,520 civilians killed", "civilians_killed"),
        ("64 claims of civilian deaths", None),
        ("23 wounded civilians", "civilians_injured"),
        ("three previously unreported incidents", "credible_previously_unreported"),
        ("one as a duplicate", "duplicates"),
        ("111 reports", None),
        ("1,302", None),
    ],
)
def test_said_measure(words: str, measure: str | None) -> None:
    assert said_measure(words) == measure
