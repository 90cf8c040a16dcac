"""Outcomes that the words of a finding name by themselves, whatever they speak for."""

import re
from functools import lru_cache

# The first that fits holds: "non-credible" before "credible", "closed as duplicates" before the rest.
_SAID = tuple(
    (outcome, re.compile(pattern, re.IGNORECASE))
    for outcome, pattern in (
        ("duplicate", r"\bduplicat"),
        ("inconclusive", r"\binconclusive|\bundetermined\b|cannot be ruled out"),
        (
            "non_credible",
            r"\b(?:non|not|neither|never|no longer)\b[\s-]*(?:\w+ ){0,3}?(?:credible|substantiated|confirmed)",
        ),
        ("non_credible", r"\b(?:noncredible|unsubstantiated|unfounded|incredible)\b|\bclosed\b.*\black of"),
        ("open", r"\bopen\b|\bpending\b|\bongoing\b|\b(?:still|under|being)\b.*\b(?:assess|review|investigat|examin)"),
        ("credible", r"\bcredible\b|\bsubstantiated\b"),
    )
)


@lru_cache(maxsize=4096)
def said_outcome(words: str) -> str | None:
    """The outcome that the words name ("Non-credible reports", "still open"), None where they leave it open."""
    return next((outcome for outcome, pattern in _SAID if pattern.search(words)), None)
