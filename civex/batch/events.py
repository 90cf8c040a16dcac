"""Which reports seem to tell of one event. Nothing is merged: each report gets a group and a score beside it.

Two reports fit together where all of these hold:

1. Dates: one day is possible for both, and one of the two is dated to within three days, the other to within 31.
2. Places: both points lie within 10 km of each other; where one has no point, the most specific place of one has the
   name of a place of the other: the same consonants where there are three or more ("Minbij", "Manbij"), else the same
   folded name (`civex.values.places.fold`). Two different countries never fit.
3. Harm: of killed, injured and types of target, those that both speak of, at least half agree, and at least one. Tolls
   agree where their ranges overlap or lie no further apart than a third of the larger, one at the least; nobody
   and somebody never do. Types of target agree where one is shared ("other" is none). Where a date is wider than
   three days, or the places are only near each other or one inside the other, two of the three must agree, none may
   differ, and ranges must overlap.
4. Documents: two incidents of one document were told apart by it, unless it calls one of them a duplicate.

Groups are stars. The most precise dates come first; a report joins the group whose first report it fits best if its
date and place fit all reports there, and opens a group where there is none. What the first report does not say of harm
is filled in by the next one that does. A report that fits groups of different
days or places nearly as well stands alone. So a vague report never ties two precise ones together, and all dates of a
group share a day. Reports without date, place or harm stand alone.

Each report is held against those of its days and places only, so the time is near-linear in the number of reports.
After the practice of casualty recorders to match by date, place and toll (Every Casualty, "Standards for Casualty
Recording", 2016); the limits are ours.
"""

import datetime
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from civex.values.counts import Count, widen
from civex.values.places import fold, plain

KILOMETRES = 10.0
SAME_POINT = 1.0  # km
MAX_DAYS = 31
PRECISE_DAYS = 3
SLACK = 1 / 3
MARGIN = 0.15  # by which a group must fit better than one of another day or place
_EARTH = 6371.0
_SETTLEMENTS = frozenset("city town village neighborhood neighbourhood".split())
_DIRECTIONS = frozenset(
    "north south east west northern southern eastern western northeast northwest southeast southwest nord sud est "
    "ouest upper lower old new".split()
)
_VOWELS = re.compile("[aeiou ]")
_NEIGHBOURS = [(x, y, z) for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)]

Point = tuple[float, float, float]
Range = tuple[float, float]
Bounds = tuple[int | None, int | None]
Estimate = tuple[int | None, int | None, int | None]


@dataclass(frozen=True, slots=True)
class _Key:
    """What the rule compares of one report. Days are ordinals, `point` is in km from the centre of the earth."""

    document: str
    duplicate: bool
    first: int
    last: int
    country: str | None
    names: tuple[str, ...]
    point: Point | None
    killed: Range | None
    injured: Range | None
    targets: frozenset[str]


@dataclass(slots=True)
class _Group:
    """Reports that fit `seed`; `first` to `last` are the days that all of them share.

    What the first report does not say of killed, injured or targets is filled in by the next one that does.
    """

    seed: _Key
    first: int
    last: int
    number: int  # of the first report
    documents: set[str]
    places: list[_Key]  # one report of each place told of
    best: float | None = None
    members: list[tuple[int, float]] = field(default_factory=list)


def group_reports(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, float | None]]:
    """The group of each row and how well the row fits it, in the order of the rows.

    rows: incident rows as of `civex.batch.rows`; read are id, document_id, date_start, date_end, places, lat, lon,
    country_code, killed_min, killed_max, injured_min, injured_max, target_types and outcome. A group is named by the
    id of its first report, so that every row has one and grouping by it is right at once. The score, 0 to 1, is the
    mean of how well date, place and harm fit the first report (for that one itself, of the best other); None where a
    report stands alone.
    """
    ids: list[str] = []
    keyed: list[tuple[int, _Key]] = []
    for number, row in enumerate(rows):
        ids.append(row["id"])
        if key := _key(row):
            keyed.append((number, key))
    groups = _groups(sorted(keyed, key=_order))
    found: list[tuple[str, float | None]] = [(own, None) for own in ids]
    for group in groups:
        found[group.number] = (ids[group.number], group.best)
        for number, score in group.members:
            found[number] = (ids[group.number], score)
    return found


def event_figure(figures: Iterable[Bounds]) -> Estimate:
    """(low, best, high) of what several reports say of one event; reports without a figure do not count.

    low and high are the range of rival tolls (`civex.values.counts.widen`), best is the lower median of the floors: of
    5 and 8 it is 5. A single report's range stays as it is, even with its top under its floor.
    """
    said = [(least, most) for least, most in figures if least is not None or most is not None]
    floors = sorted(least for least, _ in said if least is not None)
    best = floors[(len(floors) - 1) // 2] if floors else None
    if len(said) == 1:
        return said[0][0], best, said[0][1]
    range_ = widen(Count(least, most) for least, most in said)
    return range_.min, best, range_.max


def _order(numbered: tuple[int, _Key]) -> tuple[int, int, int, int]:
    """Precise dates first, then the report with more places, then with more said of harm."""
    number, key = numbered
    said = (key.killed is not None) + (key.injured is not None) + bool(key.targets)
    return key.last - key.first, -len(key.names) - (key.point is not None), -said, number


def _groups(keyed: list[tuple[int, _Key]]) -> list[_Group]:
    groups: list[_Group] = []
    blocks: dict[tuple, list[_Group]] = {}
    for number, key in keyed:
        group, score = _best(key, blocks)
        if group is None:
            group = _Group(key, key.first, key.last, number, {key.document}, [key])
            groups.append(group)
            for block in _blocks_of(key):
                blocks.setdefault(block, []).append(group)
            continue
        group.members.append((number, score))
        group.best = max(group.best or 0.0, score)
        group.first, group.last = max(group.first, key.first), min(group.last, key.last)
        group.documents.add(key.document)
        group.seed = _filled(group.seed, key)
        if all((key.names, key.point) != (other.names, other.point) for other in group.places):
            group.places.append(key)
    return groups


def _filled(seed: _Key, key: _Key) -> _Key:
    if (seed.killed and seed.injured and seed.targets) or not (key.killed or key.injured or key.targets):
        return seed
    return replace(
        seed,
        killed=seed.killed or key.killed,
        injured=seed.injured or key.injured,
        targets=seed.targets or key.targets,
    )


def _blocks_of(key: _Key) -> Iterator[tuple]:
    """Where a group of this first report is looked for: by day, and by each name, the first name and the point."""
    for day in range(key.first, key.last + 1):
        for name in key.names:
            yield day, "any", name
        if key.names:
            yield day, "first", key.names[0]
        if key.point:
            yield day, _cell(key.point)


def _candidates(key: _Key, blocks: dict[tuple, list[_Group]]) -> Iterator[_Group]:
    """Each group that shares a day and may share the place, once, in order of its making within a block."""
    wanted: list[tuple] = [("first", name) for name in key.names]
    if key.names:
        wanted.append(("any", key.names[0]))
    if key.point:
        x, y, z = _cell(key.point)
        wanted += [((x + a, y + b, z + c),) for a, b, c in _NEIGHBOURS]
    seen: set[int] = set()
    for day in range(key.first, key.last + 1):
        for block in wanted:
            for group in blocks.get((day, *block), ()):
                if group.number not in seen:
                    seen.add(group.number)
                    yield group


def _best(key: _Key, blocks: dict[tuple, list[_Group]]) -> tuple[_Group | None, float]:
    """The group that the report fits best; none where one of another day or place fits nearly as well."""
    scored = [(score, group) for group in _candidates(key, blocks) if (score := _score(key, group)) is not None]
    if not scored:
        return None, 0.0
    top, best = max(scored, key=lambda pair: (pair[0], -pair[1].number))
    if any(top - score < MARGIN and _apart(best, group) for score, group in scored):
        return None, 0.0
    return best, top


def _apart(one: _Group, other: _Group) -> bool:
    same_days = (one.first, one.last) == (other.first, other.last)
    return not same_days or _place_score(one.seed, other.seed) is None


def _score(key: _Key, group: _Group) -> float | None:
    """How well a report fits a group, None where it does not; the parts count alike."""
    seed = group.seed
    if key.document in group.documents and not (key.duplicate or seed.duplicate):
        return None
    if key.first > group.last or key.last < group.first:
        return None
    place = _place_score(key, seed)
    if place is None or any(_place_score(key, other) is None for other in group.places):
        return None
    vague = [one for one in (key, seed) if one.last - one.first >= PRECISE_DAYS]
    if len(vague) == 2:
        return None
    harm = _harm_score(key, seed, strict=bool(vague) or place < 1)
    if harm is None:
        return None
    shared = min(key.last, seed.last) - max(key.first, seed.first) + 1
    date = shared / (max(key.last, seed.last) - min(key.first, seed.first) + 1)
    return round((date + place + harm) / 3, 3)


def _place_score(one: _Key, other: _Key) -> float | None:
    """1 for the same most specific name or point, 0.5 for one nearby or a wider place that both name, None if apart."""
    if one.country and other.country and one.country != other.country:
        return None
    same = bool(one.names) and one.names[:1] == other.names[:1]
    if one.point and other.point:
        distance = math.dist(one.point, other.point)  # the chord, which is a millimetre short of 10 km
        return None if distance > KILOMETRES else 1.0 if same or distance < SAME_POINT else 0.5
    if same or not one.names or not other.names:
        return 1.0 if same else None
    return 0.5 if one.names[0] in other.names or other.names[0] in one.names else None


def _harm_score(one: _Key, other: _Key, strict: bool) -> float | None:
    """The share of killed, injured and targets that agree, of those that both speak of; None where too few do."""
    needed, share, slack = (2, 1.0, 0.0) if strict else (1, 0.5, SLACK)
    compared = [
        _tolls_agree(a, b, slack) for a, b in ((one.killed, other.killed), (one.injured, other.injured)) if a and b
    ]
    if one.targets and other.targets:
        compared.append(bool(one.targets & other.targets))
    agreeing = sum(compared)
    return agreeing / len(compared) if agreeing >= needed and agreeing >= share * len(compared) else None


def _tolls_agree(one: Range, other: Range, share: float) -> bool:
    nobody = one[1] == 0 or other[1] == 0
    slack = 0.0 if nobody or not share else max(1.0, share * max(one[0], other[0]))
    return one[0] <= other[1] + slack and other[0] <= one[1] + slack


def _key(row: Mapping[str, Any]) -> _Key | None:
    """What the rule compares of a row; None where date, place or harm is missing or the date too wide."""
    start, end = row["date_start"], row["date_end"]
    names = _names(row["places"] or "")
    point = None if row["lat"] is None or row["lon"] is None else _point(row["lat"], row["lon"])
    killed, injured = (_range(row[f"{harm}_min"], row[f"{harm}_max"]) for harm in ("killed", "injured"))
    targets = _targets(row["target_types"] or "")
    if not start or not end or not (names or point) or not (killed or injured or targets):
        return None
    first, last = _ordinal(start), _ordinal(end)
    if not 0 <= last - first < MAX_DAYS:
        return None
    duplicate = row["outcome"] == "duplicate"
    return _Key(row["document_id"], duplicate, first, last, row["country_code"], names, point, killed, injured, targets)


@lru_cache(maxsize=4096)
def _ordinal(day: str) -> int:
    return datetime.date.fromisoformat(day).toordinal()


@lru_cache(maxsize=4096)
def _names(places: str) -> tuple[str, ...]:
    """The keys of the names, most specific first, without a word such as "city"."""
    return tuple(dict.fromkeys(filter(None, map(_name, places.split("; ")))))


def _name(place: str) -> str:
    """The consonants of the folded name, or the folded name where they are fewer than three; directions as they are."""
    words = [word for word in plain(place).split() if word not in _SETTLEMENTS]
    directions = [word for word in words if word in _DIRECTIONS]  # "west" and "south" have the same sounds as "east"
    folded = fold(" ".join(word for word in words if word not in _DIRECTIONS))
    consonants = _VOWELS.sub("", folded)
    return " ".join([*directions, consonants if len(consonants) > 2 else folded]).strip()


@lru_cache(maxsize=4096)
def _targets(types: str) -> frozenset[str]:
    return frozenset(types.split("; ")) - {"", "other"}


def _range(least: int | None, most: int | None) -> Range | None:
    if least is None and most is None:
        return None
    return least or 0, math.inf if most is None else most


def _point(lat: float, lon: float) -> Point:
    phi, theta = math.radians(lat), math.radians(lon)
    return (
        _EARTH * math.cos(phi) * math.cos(theta),
        _EARTH * math.cos(phi) * math.sin(theta),
        _EARTH * math.sin(phi),
    )


def _cell(point: Point) -> tuple[int, int, int]:
    """The cube of 10 km that holds the point: no seam at the poles or the date line."""
    x, y, z = (math.floor(value / KILOMETRES) for value in point)
    return x, y, z
