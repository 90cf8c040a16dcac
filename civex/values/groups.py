"""Whom a casualty figure counts, where its own words say so. What they leave open is learned.

The words are those of the coding conventions ("civilians where the text says so or names only civilian roles;
combatants for soldiers, fighters, insurgents, gunmen of any side") and of `corpus/GUIDELINE.md`, section kin.
"""

import re
from functools import lru_cache

_CIVILIANS = re.compile(r"\b(?:civilians?|non-?combatants?|children|women and children)\b", re.IGNORECASE)
_COMBATANTS = re.compile(
    r"\b(?:soldiers?|fighters?|militants?|insurgents?|gunm[ae]n|terrorists?|combatants?|jihadi(?:st)?s?|rebels?"
    r"|servicem[ae]n|servicew[ao]m[ae]n|guerr?illas?|marines?|paratroopers?|suicide bombers?)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\bnon-?combatants?\b", re.IGNORECASE)
_WHO = {
    "children": r"child|children|kids?|girls?|boys?|bab(?:y|ies)|infants?|toddlers?|newborns?|minors?|schoolchildren",
    "women": r"wom[ae]n|wife|wives|mothers?|grandmothers?|housewi(?:fe|ves)|midwi(?:fe|ves)",
    "men": r"m[ae]n|husbands?|fathers?|grandfathers?",
    "elderly": r"elderly|old (?:m[ae]n|wom[ae]n)|grandparents?|pensioners?",
    "family": r"famil(?:y|ies)|relatives|household",
    "medical": r"paramedics?|medics?|doctors?|nurses?|(?:medical|health) (?:staff|workers?|personnel)|midwi(?:fe|ves)",
    "journalist": r"journalists?|reporters?|cameram[ae]n|photographers?|media workers?",
    "aid_worker": r"aid workers?|humanitarian workers?|relief workers?",
    "displaced": r"displaced|refugees?|idps?",
    "pregnant": r"pregnant",
    "detainee": r"detainees?|prisoners?|inmates?",
}
CIVILIAN_ROLES = (
    "children",
    "women",
    "elderly",
    "family",
    "medical",
    "journalist",
    "aid_worker",
    "displaced",
    "pregnant",
)
_WHO_PATTERNS = {kind: re.compile(rf"\b(?:{words})\b", re.IGNORECASE) for kind, words in _WHO.items()}


@lru_cache(maxsize=4096)
def said_group(words: str) -> str | None:
    """ "civilians" or "combatants" where the words of a figure name one of them and not the other, else None.

    Civilian roles are of the words too ("two nurses", "a family of five"): see `CIVILIAN_ROLES`.
    """
    civilians = bool(_CIVILIANS.search(words)) or any(kind in CIVILIAN_ROLES for kind in said_who(words))
    combatants = bool(_COMBATANTS.search(_NOT.sub("", words)))
    return None if civilians == combatants else "civilians" if civilians else "combatants"


@lru_cache(maxsize=4096)
def said_who(words: str) -> tuple[str, ...]:
    """The kinds of people that the words of a figure name, in the order of the label file."""
    return tuple(kind for kind, pattern in _WHO_PATTERNS.items() if pattern.search(words))
