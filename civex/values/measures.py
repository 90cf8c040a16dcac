"""Measures that the words of a tally name by themselves ("34,502 strikes", "122 open reports")."""

import re
from functools import lru_cache

_SAID = tuple(
    (measure, re.compile(pattern, re.IGNORECASE))
    for measure, pattern in (
        ("duplicates", r"\bduplicat"),
        ("credible_previously_unreported", r"\bpreviously unreported\b"),
        ("reports_open", r"\bopen (?:reports?|allegations?|files?|cases?|claims?)\b|\bstill open\b"),
        ("reports_received", r"\bnew (?:reports?|allegations?|claims?|files?|cases?|ones)\b"),
        (
            "civilians_killed",
            r"(?<!of )\bcivilian (?:deaths?|dead|fatalities)\b|\bcivilians? (?:were |unintentionally )*killed\b",
        ),
        (
            "civilians_injured",
            r"\bcivilian injuries\b|\b(?:injured|wounded) civilians\b|\bcivilians? (?:were )?(?:injured|wounded)",
        ),
        ("strikes", r"\b(?:air)?strikes$"),
    )
)


@lru_cache(maxsize=4096)
def said_measure(words: str) -> str | None:
    """The measure that the words name, None where they leave it open."""
    return next((measure for measure, pattern in _SAID if pattern.search(words)), None)
