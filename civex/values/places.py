"""Places: the country that words name, and the country that place names point to.

Source: `civex/data/countries.json`, written by hand: the countries and territories of ISO 3166-1 (and Kosovo, XK) with
their usual names and adjectives, and the first-level divisions of those where armed conflicts are reported, in several
spellings each. A division whose bare name is a common word stands there with its kind ("Red Sea State").
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal


@dataclass(frozen=True, slots=True)
class Country:
    """English short name, ISO 3166-1 alpha-2 code, and the adjective that comes first ("Syrian"), "" if none."""

    name: str
    code: str
    adjective: str = ""


@dataclass(frozen=True, slots=True)
class PlaceName:
    """A name ("Jabalia refugee camp"), the name without the word for its kind ("Jabalia"), the kind ("camp")."""

    name: str
    bare: str
    kind: "PlaceKind"


_MARKS = re.compile("[\u2018\u2019\u201b\u02bb-\u02bf'`\u00b4\u200b-\u200f\u2060\ufeff.*]")
_APART = re.compile(r"[\W_]+")
_ASCII = str.maketrans({"ı": "i", "ß": "ss", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe"})
_ARTICLES = frozenset("al el ar er as es ash esh ad ed adh edh an en at et ath az ez ul ud ur the".split())
_GLUED_ARTICLE = re.compile(r"^[ae](?=([rsztdn])\1)|^[ae]sh(?=sh)|^al(?=[bcdfghjkmpqrstvwxyz])(?=.{5})")
_SOUNDS = (
    (re.compile(r"i?yy+(?=a)|iy(?=a)"), "i"),
    (re.compile(r"ee|[ae]i(?=.)|[aei]y|iy"), "i"),
    (re.compile(r"oo|ou|[aou]w|au"), "u"),
    (re.compile(r"gh|dj|[kdtp]h|ck"), lambda m: {"gh": "g", "dj": "j", "ck": "k", "ph": "f"}.get(m[0], m[0][0])),
    (re.compile(r"(\w)\1+"), r"\1"),
    (re.compile(r"(?<=...)[ae]h?$|(?<=[aeiou])h$"), ""),
)
_LETTERS = str.maketrans("qeyowc", "kiiuuk")

_DIRECTION = (
    r"(?:(?:far |the )?(?:north|south|east|west)(?:[ -]?(?:east|west))?(?:ern)?|northernmost|southernmost|central"
    r"|centre of|mid|upper|lower|rural|countryside of|rural areas of|parts of|inside|mainland|occupied|besieged"
    r"|government[- ]held|rebel[- ]held|war[- ]torn|neighbou?ring|the|of|in|city of|state of"
    r"|republic of|country of|territory of)"
)
_BEFORE = re.compile(rf"^(?:{_DIRECTION}\s+)+", re.I)
_KIND = (
    r"(?:governorate|governate|province|provinces|oblast|region|state|prefecture|county|krai|republic|department"
    r"|departement|muhafazah|muhafaza|wilaya|wilayat|vilayet|vilayat|municipality|division|emirate|district|city|canton"
    r"|countryside|outskirts|suburbs|area)"
)
_KIND_AFTER = re.compile(rf"(?:['’]s)?\s+{_KIND}$", re.I)
_KIND_BEFORE = re.compile(rf"^{_KIND}\s+of\s+", re.I)
_SCANNED = re.compile(r"^[l1](?=r|nd|sr|t)")  # "lraq", "1raq"
_NO_LAND = re.compile(
    r"\b(?:gulf|sea|lake|coast|waters|strait|straits|river|valley|airspace|embassy|delta|state|province|county)\b", re.I
)

PlaceKind = Literal["any", "settlement", "district", "division", "quarter", "camp", "airport", "site"]
_BEFORE_PLACE = re.compile(r"^(?:(?:near|in|at|around|outside|the|far|rural|central|downtown|[a-z]+ern) )+", re.I)
_SIDE = re.compile(r"^(?:(?:north|south|east|west)(?:ern)?[ -]?)+\b", re.I)
_POSSESSIVE = re.compile(r"(?:'s|’s|(?<=s)') ")
_KIND_WORDS: dict[PlaceKind, str] = {
    "camp": r"(?:(?:refugee|idp|displacement|displaced persons)\s+)?camps?",
    "quarter": r"neighbou?rhoods?|quarter|street|road|avenue|square|roundabout|market|souk|bridge|junction|hospital"
    r"|clinic|schools?|mosque|church|university|building|tower|crossing|checkpoint|block|area|complex|prison|suq",
    "site": r"dam|oil\s*fields?|refinery|river|lake|sea|mountains?|desert|border|highway|coast|gulf|strait|forest|plain"
    r"|valley|island",
    "airport": r"(?:(?:international|military|army|air)\s+)*(?:airport|airbase|base|airfield|airstrip|port)",
    "settlement": r"city|towns?|villages?|hamlet|settlement|township|outskirts|suburbs?|cent(?:er|re)|area of",
    "district": r"(?:sub-?)?districts?|raion|county|municipality|locality|woreda|commune|tehsil|cercle|nahiya",
    "division": r"provinces?|governorates?|governate|oblast|region|state|department|prefecture|krai|wilaya|division"
    r"|(?:the\s+)?countryside",
}
_PLACE_KINDS: dict[PlaceKind, re.Pattern] = {
    kind: re.compile(rf"\s+(?:{words})$|^(?:{words})\s+of\s+(?:the\s+)?", re.I) for kind, words in _KIND_WORDS.items()
}


def plain(name: str) -> str:
    """`name` in lower case without accents, apostrophes and dots, words apart by one blank: "Côte d'Ivoire"."""
    letters = _MARKS.sub("", name)
    if not letters.isascii():
        letters = unicodedata.normalize("NFKD", letters).lower().translate(_ASCII)
        letters = "".join(c for c in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(c))
    return _APART.sub(" ", letters.lower()).strip()


@lru_cache(maxsize=8192)
def fold(name: str) -> str:
    """A key that the spellings of one transliterated name share: "Deir ez-Zor", "Dayr az-Zawr" -> "dir zur".

    Articles go, long and short vowels, emphatic consonants, doubled letters and a last -a, -e, -ah become one. Some
    different names share a key; it is for comparing names of one text or table, not for showing.
    """
    words = plain(name).split()
    words = [w for w in words if w not in _ARTICLES] or words
    return " ".join(_fold_word(w) for w in words)


def _fold_word(word: str) -> str:
    word = _GLUED_ARTICLE.sub("", word)
    for pattern, sound in _SOUNDS:
        word = pattern.sub(sound, word)
    return word.translate(_LETTERS)


def read_country(words: str, *, whole: bool = False) -> Country | None:
    """Return the country that `words` name: "the Syrian Arab Republic", "northern Syria", "U.S.", "Iraqi".

    Gaza Strip and West Bank are Palestine (PS), Kosovo is XK; "Congo" alone is the Democratic
    Republic, as news agencies use it. A longer phrase counts where it
    names one country only ("Mosul, Iraq"); seas, rivers and valleys ("Gulf of Oman") name none.
    With `whole` the phrase must be a country's name or adjective and nothing longer.
    """
    return _read_country(words[:200], whole)


@lru_cache(maxsize=4096)
def _read_country(words: str, whole: bool) -> Country | None:
    table = _countries()
    exact = table.get(plain(words)) or _without_ending(words) or table.get(plain(_SCANNED.sub("i", words)))
    if exact or whole:
        return exact
    if _NO_LAND.search(words):
        return None
    tokens = plain(re.sub(r"['’]s\b", "", words)).split()
    found, at = set(), 0
    while at < len(tokens):
        for length in range(min(7, len(tokens) - at), 0, -1):  # the longest name first: "Papua New Guinea"
            country = table.get(" ".join(tokens[at : at + length]))
            if country and not (tokens[at : at + 1] == ["us"] and length < len(tokens)):
                found.add(country)
                break
        at += length if country else 1
    return found.pop() if len(found) == 1 else None


def infer_country(place_names: Sequence[str], codes: Sequence[str] = ()) -> Country | None:
    """Return the one country that the names of places point to, or None where they disagree or are silent.

    Only names of countries ("southern Syria", "Mosul, Iraq") and of first-level divisions ("Deir Ezzor province",
    "Khan Younis") count, nothing else is guessed; a name that two countries share ("Punjab") says nothing. `codes`:
    ISO 3166-1 codes of the countries in which the gazetteer has some of the places; they count as much.
    """
    found = {country for name in place_names for country in _points_to(name[:200])}
    found |= {country for code in codes if (country := _by_code().get(code))}
    return found.pop() if len(found) == 1 else None


def read_place(words: str) -> tuple[PlaceName, ...]:
    """The names in a place phrase, the place itself first, then what holds it.

    "Raqqa's al-Bado neighborhood" -> al-Bado neighborhood, Raqqa; "the town of Hajin, Syria" -> town of Hajin, Syria.
    """
    return _read_place(words[:200])


@lru_cache(maxsize=8192)
def _read_place(words: str) -> tuple[PlaceName, ...]:
    pieces = [piece.strip() for piece in re.split(r"[,;()/]", words)]
    pieces = [part for piece in pieces for part in reversed(_POSSESSIVE.split(piece))]
    return tuple(_place_name(piece) for piece in pieces if any(letter.isupper() for letter in piece))


def _place_name(piece: str) -> PlaceName:
    piece = _BEFORE_PLACE.sub("", piece)
    for kind, pattern in _PLACE_KINDS.items():
        bare = pattern.sub("", piece).strip()
        if bare != piece and any(letter.isupper() for letter in bare):
            return PlaceName(piece, bare, kind)
    return PlaceName(piece, _SIDE.sub("", piece), "any")


@lru_cache(maxsize=8192)
def _points_to(name: str) -> frozenset[Country]:
    found = set()
    for piece in (name, *re.split(r"[,;()/]|['’]s\s", name)):
        country = _division(piece)
        if country is None and not piece.islower() and not _NO_LAND.search(piece):  # "the west bank" of a river
            country = _without_ending(piece, adjectives=False)
        if country:
            found.add(country)
    return frozenset(found)


def _division(name: str) -> Country | None:
    """The country of a first-level division; the whole name first, then without direction and kind."""
    table, piece = _divisions(), " ".join(name.split())
    for _ in range(4):
        country = table.get("=" + plain(piece)) or table.get(fold(piece))
        shorter = _KIND_BEFORE.sub("", _KIND_AFTER.sub("", _BEFORE.sub("", piece)))
        if country or shorter == piece:
            return country
        piece = shorter
    return None


def _without_ending(words: str, adjectives: bool = True) -> Country | None:
    """The country of "the Iraqis", "northern Syria", "Syria's"; `adjectives`: whether "Iraqi" alone counts."""
    table = _countries() if adjectives else _countries(adjectives=False)
    base = re.sub(r"['’]s?$", "", words.strip(" \t,.;:"))
    core = _BEFORE.sub("", base)
    for piece in (base, core, core.removesuffix("s")):
        if country := table.get(plain(piece)):
            return country
    return None


@cache
def _rows() -> list[tuple[Country, dict]]:
    rows = json.loads(files("civex").joinpath("data", "countries.json").read_text(encoding="utf-8"))
    return [(Country(row["name"], row["code"], next(iter(row.get("adjectives", ())), "")), row) for row in rows]


@cache
def _by_code() -> dict[str, Country]:
    return {country.code: country for country, _ in _rows()}


@cache
def _countries(adjectives: bool = True) -> dict[str, Country]:
    table: dict[str, Country] = {}
    for country, row in _rows():
        for name in (row["name"], *row.get("names", ()), *(row.get("adjectives", ()) if adjectives else ())):
            table.setdefault(plain(name), country)
    return table


@cache
def _divisions() -> dict[str, Country]:
    """Name -> country: "=" and the plain name, and the folded name of five letters and more (shorter ones clash).

    A name that two countries share is left out.
    """
    table: dict[str, Country | None] = {}
    for country, row in _rows():
        for name in (n for names in row.get("divisions", ()) for n in names):
            folded = fold(name)
            for key in ("=" + plain(name), *([folded] if len(folded) > 4 else ())):
                table[key] = country if table.get(key, country) == country else None
    return {key: country for key, country in table.items() if country}
