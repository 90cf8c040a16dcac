"""Actors and sources: the usual name behind the words of a mention, or None where they name nobody.

The usual names of forces and armed groups are in `civex/data/actors.json`, written by hand; a country's adjective or
name alone, or before a word such as "warplanes", is its military ("Israeli airstrike" is the Israeli military's), by
the contract ("actors ... with name (normalised)"). Sources and publishers keep the name that the text gives them.
"""

import json
import re
from functools import cache, lru_cache
from importlib.resources import files

from civex.values.places import plain, read_country

_ARTICLE = re.compile(
    r"^(?:(?:the|a|an|some|several|local|unidentified|unknown|suspected|alleged|so-called)\s+)+", re.I
)
_IN_BRACKETS = re.compile(r"\s*\([^()]*\)$")
_POSSESSIVE = re.compile(r"['’]s?$")
_REPORT = re.compile(
    r"(?:['’]s)?\s+(?:reports?|reporting|website|statement|allegations?|pages?|accounts?|channels?|posts?|users?|hotline)$",
    re.I,
)
_SPOKESMAN = re.compile(r"(?:['’]s)?\s+(?:spokes(?:man|woman|person|people)|spokespersons|media office)$", re.I)
_LED = re.compile(r"^(.+?)[- ]led\s+(?:\w+\s+)?coalition\b", re.I)
_COALITION = re.compile(r"^(?:\w+\s+)?coalition\b", re.I)
_MEMBERS = re.compile(
    r"['’]?\s+(?:militants?|fighters?|rebels?|gunm[ae]n|insurgents?|terrorists?|jihadists?|extremists?|soldiers?"
    r"|troops|forces?|militia(?:s|m[ae]n)?|commandos?|snipers?|suicide bombers?|bombers?|attackers?|operatives?"
    r"|commanders?|group|movement|elements?|cells?|members?|units?|aircraft|warplanes?|fighter jets?|jets?"
    r"|planes?|drones?|helicopters?|gunships?|artillery|tanks?|gunboats?|warships?|navy|naval forces|air ?forces?"
    r"|air ?strikes?|strikes?|shelling|army|armed forces|military|military forces|ground forces"
    r"|defen[cs]e forces?|raids?|bombardments?|missiles?|rockets?|mortars?|fire|attacks?|regime|government"
    r"|authorities)$",
    re.I,
)
_STATE = re.compile(r"\b(?:regime|government)$", re.I)
_POLICE = re.compile(r"\b(?:police|border guards?|settlers?|security forces|security|coast ?guard|intelligence)$", re.I)
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")

# Words that name nobody, whatever their capitals.
_COMMON = frozenset(
    "a an the and or of by from in on at to for with local social media medium news press outlets outlet source "
    "sources self self-report self-reported self-reports report reports reporting resident residents eyewitness "
    "eyewitnesses witness witnesses relative relatives family families neighbour neighbours neighbor neighbors "
    "survivor survivors villager villagers activist activists official officials officer officers doctor "
    "doctors medic medics nurse hospital medical health security police army military government authorities "
    "authority state provincial district governor mayor spokesman spokesperson spokeswoman minister ministry "
    "parliament member members elder elders tribal leader leaders journalist journalists reporter reporters "
    "correspondent observer observers monitor monitors monitoring group groups rights human organisation "
    "organisations organization organizations ngo ngos agency agencies website websites channel channels user "
    "users post posts video videos footage online open-source internet rescue rescuers rescuer workers worker "
    "aid humanitarian civil defence defense ambulance paramedic paramedics morgue staff community people person "
    "man woman civilian civilians victim victims caller hotline anonymous unnamed unknown unidentified other "
    "others various several multiple many some two three one his her their its father mother brother sister son "
    "wife husband cousin uncle opposition rebel rebels militants militant gunmen gunman insurgents insurgent "
    "fighters fighter terrorists terrorist attackers attacker assailants assailant bomber bombers suicide "
    "soldiers soldier troops forces force armed men militia militias jihadists jihadist extremists islamist "
    "islamists regime pro-government pro-regime government-aligned warplanes warplane jets aircraft drones "
    "drone helicopter helicopters allied coalition-backed both sides it we our us they them he she tribesmen "
    "bandits herders settlers partner partners senior foreign special public former young old western diplomats "
    "diplomat embassy radio television tv newspaper newspapers network intelligence war plane planes artillery "
    "air ground naval navy credible joint review internal junta settler occupier occupiers element elements "
    "cell detachment command locals hospitals emergency director head chief deputy council mission unit units "
    "page pages service administration commission committee investigation assessment".split()
)
_PEOPLE = frozenset(
    "resident residents eyewitness eyewitnesses witness witnesses relative relatives villager villagers "
    "activist activists official officials officer officers doctor doctors medic medics source sources people "
    "person man woman authorities leaders elders media journalists reporters survivors families neighbours "
    "neighbors users residents' outlets posts".split()
)
_ACTOR_LABELS = ("actor", "owner")
_BODIES = frozenset(
    "army military ministry police parliament government regime observatory authority defence defense forces "
    "force agency embassy council crescent cross command".split()
)


def read_name(words: str, label: str) -> str | None:
    """Return the usual name of the actor, owner, source or publisher that `words` mention; None for common nouns.

    Actor: "IDF" -> "Israeli military", "Russian warplanes" -> "Russian military", "Daesh" -> "Islamic State",
    "coalition aircraft" -> "Coalition"; a leader is kept only if the words say so ("US-led Coalition"). An
    owner is named alike, but a country alone is no military. Sources keep their own name ("Airwars", "Syrian Human
    Rights Network"); "local residents", "social media", "self-report" are None.
    """
    return _read_name(words[:200], label)


@lru_cache(maxsize=4096)
def _read_name(words: str, label: str) -> str | None:
    words = _IN_BRACKETS.sub("", " ".join(words.split()))
    words = _POSSESSIVE.sub("", _ARTICLE.sub("", words.strip(" \"'“”‘’,;:()")))
    words = words if re.search(r"\w\.\w|\b\w\.$", words) else words.rstrip(". ")
    if not words:
        return None
    return _actor(words, label) if label in _ACTOR_LABELS else _source(words)


def _actor(words: str, label: str) -> str | None:
    known = _known(words) or _coalition(words)
    core = words
    while known is None and (shorter := _MEMBERS.sub("", core)) != core:  # "Houthi rebels", "Israeli air force jets"
        core = _POSSESSIVE.sub("", shorter)
        known = _known(core)
    return known or _state_force(words, core, label) or _proper(words)


def _coalition(words: str) -> str | None:
    led = _LED.match(words)
    if led:
        leader = read_country(led[1])
        name = led[1] if leader is None else {"SA": "Saudi", "US": "US"}.get(leader.code, leader.name)
        return f"{name}-led Coalition"
    return "Coalition" if _COALITION.match(words) else None


def _state_force(words: str, core: str, label: str) -> str | None:
    """ "Russian", "Syrian government forces", "Turkey" -> the country's military; police and settlers apart."""
    police = _POLICE.search(words)
    if police:
        country = _adjective(words[: police.start()])
        return f"{country} {police[0].lower()}" if country else None
    country = _adjective(core)
    if not country or (label == "owner" and core == words):
        return None
    state = _STATE.search(words)
    return f"{country} government" if state and words[: state.start()].strip() == core else f"{country} military"


def _adjective(words: str) -> str | None:
    """The adjective of a country where `words` are just its name or adjective."""
    country = read_country(words, whole=True)
    return country.adjective or None if country else None


def _source(words: str) -> str | None:
    words = _POSSESSIVE.sub("", _REPORT.sub("", words))
    body = _SPOKESMAN.sub("", words)
    return _proper(body)


def _proper(words: str) -> str | None:
    """`words` where they hold a proper name: a capital beyond common words, or a body with its country."""
    tokens = _WORD.findall(words)
    if not tokens:
        return None
    last = tokens[-1].lower()
    capital = [t for t in tokens if t != t.lower()]
    names = [t for t in capital if t.lower() not in _COMMON and read_country(t, whole=True) is None]
    if last in _PEOPLE:
        return None
    if names or words.startswith("@"):
        return words
    if last in _BODIES and any(read_country(t) for t in capital):  # "Iraqi health ministry"
        return words
    titled = len(tokens) > 1 and len(capital) == len([t for t in tokens if len(t) > 3]) and not words.isupper()
    return words if titled and all(t[0].isupper() for t in capital) and len(capital) > 1 else None


def _known(words: str) -> str | None:
    return _table().get(plain(words))


@cache
def _table() -> dict[str, str]:
    rows = json.loads(files("civex").joinpath("data", "actors.json").read_text(encoding="utf-8"))
    return {plain(form): name for name, forms in rows.items() for form in forms}
