"""Places: the point on the map that each place mention means.

Adds `attrs["places"]` to `doc.spans["civex_mentions"]`: position of the mention -> {lat, lon, country, gazetteer_id,
name, score, candidates}. Where the text gives coordinates or an MGRS reference beside a place, they are its point. Else
the name is looked up in the gazetteer of `doc._.civex_gazetteer` (a GeoNames dump) or in the one of civex itself, and
its namesakes are weighed: by spelling, by size, by whether their country is said beside the name, of the incident, in
the document or borders on one that is, and by how far they lie from the document's other places. Where no namesake
stands out, lat, lon and gazetteer_id are None and the best ones stay as candidates. An MGRS reference that can't be
read for want of the package mgrs leaves its characters under "unread".
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from civex.gazetteer import Entry, Found, Gazetteer, open_gazetteer
from civex.labels import INCIDENTS, MENTIONS
from civex.values.coordinates import Point, read_coordinates
from civex.values.places import PlaceName, infer_country, read_country, read_place

_SURE = 0.6  # share of the weight that the best namesake needs
_ANCHOR = 0.8  # score from which a place helps to tell its neighbours' namesakes apart
_SAME_KM = 20.0  # entries this close are one place: a town and its camp, a seat and its district
_NEAR_KM = 50.0  # distance over which nearness to an anchor falls by 1/e
_REACH_KM = 75.0  # so close to an anchor a namesake needs no country that speaks for it
_QUARTER_KM = 40.0  # a quarter lies this close to a place of its document
_SHOWN = 5  # candidates that are kept
_SPELLING = {"name": 1.0, "other": 0.4, "folded": 0.1}
_TRUST = {"name": 1.0, "other": 0.97, "folded": 0.8}
_COUNTRY = {"free": 1.0, "said": 1.0, "named": 0.3, "bordering": 0.02, "elsewhere": 0.002}
_KNOWN = 15_000  # inhabitants of a place that may be meant where no country is named
_UNKNOWN = 3_000  # inhabitants of a place of which the gazetteer gives none
_BEFORE, _AFTER = 200, 40  # characters from a place to its coordinates, after and before it
_EARTH_KM = 6371.0
_NOTHING = {"lat": None, "lon": None, "country": None, "gazetteer_id": None, "name": None, "score": 0.0}


@dataclass(slots=True)
class _Option:
    """A namesake: how it is spelled, where its country stands, and what that makes of it."""

    entry: Entry
    spelling: str
    country: str
    weight: float
    score: float = 0.0
    near: bool = False


@dataclass(slots=True)
class _Mention:
    """A place mention with what is known of it so far."""

    n: int
    span: Span
    incidents: set[str]
    said: set[str]  # countries said in or right after its words, else those of its incidents
    options: list[_Option] = field(default_factory=list)
    trust: float = 1.0  # less where what holds the place stands for it
    needs_near: bool = False  # a quarter whose name only towns have
    chosen: _Option | None = None


@Language.factory("civex_places", requires=["doc.spans"], assigns=["doc.spans"])
def make_places(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    return set_places


def set_places(doc: Doc) -> Doc:
    """Link the place mentions of a doc whose incidents are set. Raises `GazetteerError`."""
    group = doc.spans.get(MENTIONS)
    if group is None:
        return doc
    places = [(n, span) for n, span in enumerate(group) if span.label_ == "place"]
    rows: dict[int, dict] = {}
    if places:
        gazetteer = open_gazetteer(doc._.civex_gazetteer)
        named = _countries(group)
        rows = _linked(_mentions(doc, group, named), named, gazetteer)
        for n, point in _said_points(doc, places):
            if point.lat is None or point.lon is None:
                rows.setdefault(n, {**_NOTHING, "candidates": []})["unread"] = [point.start, point.end]
            else:
                rows[n] = _said(point.lat, point.lon, rows.get(n))
    group.attrs = {**group.attrs, "places": {str(n): rows[n] for n in sorted(rows)}}
    return doc


def _said_points(doc: Doc, places: list[tuple[int, Span]]) -> Iterator[tuple[int, Point]]:
    """The place mentions that stand beside coordinates: those right before them, else right after; each once."""
    seen = set()
    for point in read_coordinates(doc.text):
        n = _beside(point, places)
        if n is not None and n not in seen:
            seen.add(n)
            yield n, point


def _beside(point: Point, places: list[tuple[int, Span]]) -> int | None:
    before = [(n, span) for n, span in places if 0 <= point.start - span.start_char <= _BEFORE]
    if before:
        return before[-1][0]
    after = [n for n, span in places if 0 <= span.start_char - point.end <= _AFTER]
    return after[0] if after else None


def _said(lat: float, lon: float, linked: dict | None) -> dict:
    """The row of a point that the text says; the country is that of the linked namesake where it lies thereabouts."""
    said: dict = {**_NOTHING, "lat": lat, "lon": lon, "score": 1.0, "candidates": []}
    if linked and linked["lat"] is not None and distance((lat, lon), (linked["lat"], linked["lon"])) < _REACH_KM:
        said["country"] = linked["country"]
    return said


def _mentions(doc: Doc, group: SpanGroup, named: dict[str, set[str]]) -> list[_Mention]:
    spans = list(group)
    incidents: dict[int, set[str]] = {}
    for row in doc.spans[INCIDENTS].attrs.get("incidents", ()) if INCIDENTS in doc.spans else ():
        for n, _ in row["mentions"]:
            incidents.setdefault(n, set()).add(row["id"])
    countries = {span.start: span.text for span in spans if span.label_ == "country"}
    found = []
    for n, span in enumerate(spans):
        if span.label_ == "place":
            following = (countries[at] for at in range(span.end, span.end + 3) if at in countries)
            held_by = [place.name for place in read_place(span.text)[1:]]
            beside = {country.code for words in following if (country := read_country(words))}
            beside |= {country.code for name in held_by if (country := infer_country([name]))}
            told_in = incidents.get(n, set())
            said: set[str] = beside or {code for i in told_in for code in named.get(i, ())}
            found.append(_Mention(n, span, told_in, said))
    return found


def _countries(group: SpanGroup) -> dict[str, set[str]]:
    """Codes of the countries named in each incident; under "" those of the whole document.

    Where the document names none, those that its first-level divisions point to.
    """
    codes = {n: c.code for n, span in enumerate(group) if span.label_ == "country" and (c := read_country(span.text))}
    named: dict[str, set[str]] = {"": set(codes.values())}
    incidents = group.doc.spans[INCIDENTS].attrs.get("incidents", ()) if INCIDENTS in group.doc.spans else ()
    for row in incidents:
        named[row["id"]] = {codes[n] for n, _ in row["mentions"] if n in codes}
    if not codes:
        names = [span.text for span in group if span.label_ == "place"]
        named[""] = {country.code for name in names if (country := infer_country([name]))}
    return named


def _linked(mentions: list[_Mention], named: dict[str, set[str]], gazetteer: Gazetteer) -> dict[int, dict]:
    """Rows of the mentions whose name the gazetteer has: the clear ones first, then the others by what lies nearby."""
    known = [mention for mention in mentions if _look_up(mention, named, gazetteer)]
    for mention in known:
        _choose(mention)
    anchors = [mention for mention in known if mention.chosen and mention.chosen.score >= _ANCHOR]
    for mention in known if anchors else ():
        if not mention.chosen:
            _draw(mention, anchors)
            _choose(mention)
    return {mention.n: _row(mention) for mention in known}


def _look_up(mention: _Mention, named: dict[str, set[str]], gazetteer: Gazetteer) -> bool:
    """Set the namesakes of a mention, or of what holds the place where itself isn't listed; False where none is."""
    place, *held_by = read_place(mention.span.text) or (PlaceName("", "", "any"),)
    found = _entries(gazetteer, place)
    mention.needs_near = place.kind == "quarter" and all(each.entry.kind != "quarter" for each in found)
    if mention.needs_near or not found:
        for holder in held_by:
            towns = _entries(gazetteer, holder) if _holds(holder, place) else ()
            if towns:
                found, mention.trust, mention.needs_near = towns, 0.9, False
                break
    mention.options = [_option(each, mention.said, named[""]) for each in found]
    return bool(found)


def _holds(holder: PlaceName, place: PlaceName) -> bool:
    """Whether a holder can stand for a place: a city for its quarter; no country, and no division for a town in it."""
    if read_country(holder.name, whole=True):
        return False
    return place.kind == "quarter" or holder.kind == "settlement" or not infer_country([holder.name])


def _entries(gazetteer: Gazetteer, place: PlaceName) -> tuple[Found, ...]:
    """The entries that a name can mean: of a province none but divisions, of a dam or river none but itself."""
    found = gazetteer.find(place.name)
    if place.kind != "site":
        found = found or gazetteer.find(place.bare)
    if place.kind == "division":
        return tuple(each for each in found if each.entry.kind == "division")
    return found


def _option(found: Found, said: set[str], named: set[str]) -> _Option:
    entry = found.entry
    place = _place_of_country(entry.country, said, named)
    size = math.sqrt((entry.population or _UNKNOWN) + 1000)
    return _Option(entry, found.spelling, place, size * _SPELLING[found.spelling] * _COUNTRY[place])


def _place_of_country(country: str, said: set[str], named: set[str]) -> str:
    """Where a country stands: said of the mention (or of the document where none is), named, bordering, elsewhere."""
    context = said or named
    if not context:
        return "free"
    if country in context:
        return "said"
    if country in named:
        return "named"
    return "bordering" if any(country in _neighbours().get(other, ()) for other in context) else "elsewhere"


def _choose(mention: _Mention) -> None:
    """Take the namesake that stands out, if one does: most of the weight, and a country or size that speaks for it."""
    mention.options.sort(key=lambda option: -option.weight)
    total = sum(option.weight for option in mention.options)
    best = mention.options[0]
    rivals = [option for option in mention.options if _apart(option.entry, best.entry) > _SAME_KM]
    share = 1 - sum(option.weight for option in rivals) / total
    for option in mention.options:
        option.score = option.weight / total * _trust(option, mention)
    best.score = share * _trust(best, mention) * mention.trust
    if best.score >= _SURE and (best.near or not mention.needs_near):
        mention.chosen = best


def _trust(option: _Option, mention: _Mention) -> float:
    """How far a namesake can be believed that has no rival, 0 to 1."""
    entry, spelling = option.entry, _TRUST[option.spelling]
    if option.near or option.country in ("said", "named"):
        return spelling
    if option.country == "elsewhere" or (option.country == "bordering" and mention.said):
        return spelling * 0.5
    return spelling * (0.9 if entry.population >= _KNOWN else 0.65)


def _draw(mention: _Mention, anchors: list[_Mention]) -> None:
    """Weigh the namesakes of a mention by how far they lie from the linked places of its incident, or of the text."""
    own = [anchor for anchor in anchors if anchor.incidents & mention.incidents] or anchors
    for option in mention.options:
        km = min(_apart(option.entry, anchor.chosen.entry) for anchor in own if anchor.chosen)
        option.near = km <= (_QUARTER_KM if mention.needs_near else _REACH_KM)
        option.weight *= 0.02 + math.exp(-km / _NEAR_KM)


def _row(mention: _Mention) -> dict:
    """What is kept of a mention: the point of the chosen entry, or the candidates."""
    if mention.chosen:
        row = _shown(mention.chosen)
        return {**row, "candidates": []}
    likely = [option for option in mention.options if (option.country, option.spelling) != ("elsewhere", "folded")]
    return {**_NOTHING, "candidates": [_shown(option) for option in likely[:_SHOWN]]}


def _shown(option: _Option) -> dict:
    entry = option.entry
    shown = {"lat": entry.lat, "lon": entry.lon, "country": entry.country, "gazetteer_id": entry.id}
    return {**shown, "name": entry.name, "score": round(option.score, 3)}


def _apart(one: Entry, other: Entry) -> float:
    return distance((one.lat, one.lon), (other.lat, other.lon))


def distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle distance (haversine) in kilometres of two points (lat, lon in degrees)."""
    lat, other_lat = math.radians(one[0]), math.radians(other[0])
    across = math.radians(other[1] - one[1])
    half = math.sin((other_lat - lat) / 2) ** 2 + math.cos(lat) * math.cos(other_lat) * math.sin(across / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


@cache
def _neighbours() -> dict[str, list[str]]:
    return json.loads(files("civex").joinpath("data", "neighbours.json").read_text(encoding="utf-8"))
