"""Outcomes by their own words."""

import pytest

from civex.values.outcomes import said_outcome


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("Credible Reports", "credible"),
        ("was found credible", "credible"),
        ("Non-Credible Reports", "non_credible"),
        ("Non Credible", "non_credible"),
        ("not deemed to be credible", "non_credible"),
        ("could not be substantiated", "non_credible"),
        ("unsubstantiated", "non_credible"),
        ("NON\nCREDIBLE", "non_credible"),
        ("Open Reports", "open"),
        ("still being assessed", "open"),
        ("under review", "open"),
        ("closed as a duplicate", "duplicate"),
        ("inconclusive", "inconclusive"),
        ("more likely than not", None),
        ("closed", None),
        ("opened fire", None),
        ("", None),
    ],
)
def test_said_outcome(words: str, outcome: str | None) -> None:
    assert said_outcome(words) == outcome


@pytest.mark.parametrize(
    ("words", "after", "outcome"),
    [
        ("more likely than not", ", nobody in the village came to harm that day.", "non_credible"),
        ("it is more likely than not", " that no civilians were harmed", "non_credible"),
        ("more likely than not", " that civilians came to harm", None),
        ("assessed as likely", ". No more is known", None),
        ("credible", ", though no names are known", "credible"),
    ],
)
def test_what_was_found_likely(words: str, after: str, outcome: str | None) -> None:
    assert said_outcome(words, after) == outcome
