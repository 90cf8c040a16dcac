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


_LIKELY = re.compile(r"(?:\w+ ){0,4}?(?:more likely than not|likely|probabl[ye])", re.IGNORECASE)
_DENIED = re.compile(r"[^.;\n]{0,60}?\b(?:no|not|nobody|never)\b", re.IGNORECASE)
# A report of which one of these is said is a rejected one, whether or not its rejection has words of its own.
REJECTING = ("insufficient_information", "no_civilian_harm_on_review")


@lru_cache(maxsize=4096)
def said_outcome(words: str, after: str = "") -> str | None:
    """The outcome that the words name ("Non-credible reports", "still open"), None where they leave it open.

    after: the words that follow, which say what was found likely ("more likely than not, no civilians were harmed").
    """
    if _LIKELY.fullmatch(words.strip()) and _DENIED.match(after):
        return "non_credible"
    return next((outcome for outcome, pattern in _SAID if pattern.search(words)), None)
