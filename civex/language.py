"""The language of a text, by its script and the share of each language's commonest words (spaCy's stop words)."""

import importlib
from functools import cache

from spacy.tokens import Doc

_LANGUAGES = ("en", "fr", "es", "de", "it", "pt", "nl", "tr", "id")
_SCRIPTS = ((0x0400, 0x052F, "ru"), (0x0590, 0x05FF, "he"), (0x0600, 0x06FF, "ar"), (0x4E00, 0x9FFF, "zh"))
_ENOUGH_WORDS = 8
_SAMPLE = 400  # tokens


@cache
def _stop_words(language: str) -> frozenset[str]:
    return frozenset(importlib.import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS)


def detect(doc: Doc) -> str | None:
    """ISO 639-1 code, None where the text is too short to tell. Cyrillic counts as ru, Arabic script as ar."""
    words = [token.norm_ for token in doc[:_SAMPLE] if token.is_alpha]
    if len(words) < _ENOUGH_WORDS:
        return None
    for low, high, language in _SCRIPTS:
        if sum(low <= ord(word[0]) <= high for word in words) > len(words) / 2:
            return language
    english = sum(word in _stop_words("en") for word in words)
    if english > 0.2 * len(words):
        return "en"
    hits = {language: sum(word in _stop_words(language) for word in words) for language in _LANGUAGES}
    best = max(hits, key=lambda language: hits[language])
    return best if hits[best] > 0.15 * len(words) and hits[best] > 1.5 * english else "en"
