"""Text: a cleaned copy of the same length, and the tokenizer that works on it.

Every cleaning replaces one character by one character, so that an offset into the cleaned text is an offset into the
text as it was given.
"""

import re
from collections.abc import Callable

from spacy.lang.char_classes import ALPHA, ALPHA_LOWER, ALPHA_UPPER, CONCAT_QUOTES
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc
from spacy.util import compile_infix_regex, compile_prefix_regex, compile_suffix_regex, registry

_SAME_LENGTH = {
    0x0000: " ",
    0x00A0: " ",
    0x1680: " ",
    **{c: " " for c in range(0x2000, 0x200B)},
    0x202F: " ",
    0x205F: " ",
    0x3000: " ",
    **{c: "'" for c in (0x2018, 0x2019, 0x201A, 0x201B, 0x02BC, 0x02BB, 0x02BE, 0x02BF, 0x0060, 0x00B4, 0x2032)},
    **{c: '"' for c in (0x201C, 0x201D, 0x201E, 0x201F, 0x00AB, 0x00BB, 0x2033)},
    **{c: "-" for c in (0x2010, 0x2011, 0x2012, 0x2212, 0x00AD)},
    **{c: "–" for c in (0x2013, 0x2014, 0x2015)},
    **{c: "•" for c in (0x2022, 0x25CF, 0x25AA, 0x25E6, 0x00B7, 0x2043, 0xF0B7)},
}
# Zero-width and direction marks carry no meaning here; as blanks they would cut words, so they stay and are left out
# of a token's norm.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")

_PREFIXES = (r"[A-Za-z]{3,4}\.(?=\d)", r"[•*\-–~](?=\w)", r"\d+[.)](?=[A-Za-z])")
_INFIXES = (
    rf"(?<=[{ALPHA}])[,;:!?](?=[{ALPHA}0-9])",
    rf"(?<=[{ALPHA_LOWER}]{{2}})\.(?=[{ALPHA_UPPER}0-9])",  # glued sentences
    r"(?<=[A-Z][a-z]{2}\.)(?=[0-9])",  # "Nov.29"
    r"(?<=[0-9]),(?=[0-9]{4}\b)",  # "3,2017"
    r"(?<=[^\s;]);(?=[^\s;])",
    rf"(?<=[{ALPHA}0-9])[–/()\[\]](?=[{ALPHA}0-9(])",
    rf"(?<=[0-9])(?=[{ALPHA}]{{3}})",
    rf"(?<=[{ALPHA}0-9{CONCAT_QUOTES}])[–](?=\s|$|\w)",
    r"(?<=[0-9])[-–:](?=[0-9])",
    r"\.\.+",
)
_SUFFIXES = (r"[–\-:;]", r"(?<=[0-9])(?:st|nd|rd|th)", r"\*")


def clean(text: str) -> str:
    """Return `text` with the odd characters of web pages and PDF files made plain, at the same length.

    Curly quotes become straight, exotic blanks become blanks, lone surrogates become U+FFFD.
    """
    return _SURROGATE.sub("\ufffd", text.translate(_SAME_LENGTH))


class CleaningTokenizer(Tokenizer):
    """spaCy's tokenizer over the cleaned text, with splits for glued dates, entries and dashes."""

    def __call__(self, string: str) -> Doc:
        doc = super().__call__(clean(string))
        if _INVISIBLE.search(string):
            for token in doc:
                token.norm_ = _INVISIBLE.sub("", token.norm_) or token.norm_
        return doc


def set_extensions() -> None:
    """Register `doc._.civex_published`, `civex_publisher` and `civex_gazetteer` (str or None), once."""
    for name in ("civex_published", "civex_publisher", "civex_gazetteer"):
        if not Doc.has_extension(name):
            Doc.set_extension(name, default=None)


@registry.tokenizers("civex.Tokenizer.v1")
def create_tokenizer() -> Callable[[Language], CleaningTokenizer]:
    """Registered as ``civex.Tokenizer.v1``: the tokenizer of every civex pipeline."""

    def make(nlp: Language) -> CleaningTokenizer:
        set_extensions()
        defaults = nlp.Defaults
        return CleaningTokenizer(
            nlp.vocab,
            rules=defaults.tokenizer_exceptions,
            prefix_search=compile_prefix_regex([*_PREFIXES, *(defaults.prefixes or ())]).search,
            suffix_search=compile_suffix_regex([*_SUFFIXES, *(defaults.suffixes or ())]).search,
            infix_finditer=compile_infix_regex([*_INFIXES, *(defaults.infixes or ())]).finditer,
            token_match=defaults.token_match,
            url_match=defaults.url_match,
        )

    return make
