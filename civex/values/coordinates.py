"""Coordinates said in a text: decimal degrees, degrees with minutes and seconds, and MGRS references."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_NUMBER = r"[-+]?\d{1,3}\.\d+"
_MAY_HOLD = re.compile(r"\d\.\d\d|\d ?[°º]|\d ?[C-HJ-NP-X] ?[A-HJ-NP-Z]{2} ?\d\d")
_DECIMAL = re.compile(
    rf"(?<![\d.,])(?P<cue>(?i:\blat(?:itude)?)[.:]?\s?)?(?P<a_before>[NS]\s?)?(?<![\d.,])(?P<a>{_NUMBER})(?:\s?[°º])?\s?(?P<a_side>[NS]\b)?"
    rf"(?:\s?[,;/]\s?|\s)(?:(?i:lon(?:g(?:itude)?)?)[.:]?\s?)?"
    rf"(?P<b_before>[EW]\s?)?(?P<b>{_NUMBER})(?:\s?[°º])?\s?(?P<b_side>[EW]\b)?(?![\d°º]|\.\d)"
)
_ANGLE = (
    r"(?P<{0}_d>\d{{1,3}})\s?[°º]\s?(?P<{0}_m>\d{{1,2}}(?:\.\d+)?)\s?'\s?"
    r"(?:(?P<{0}_s>\d{{1,2}}(?:\.\d+)?)\s?(?:\"|'')\s?)?"
)
_SEXAGESIMAL = re.compile(
    rf"(?P<a_before>[NS]\s?)?{_ANGLE.format('a')}(?P<a_side>[NS]\b)?\s?[,;/]?\s?"
    rf"(?P<b_before>[EW]\s?)?{_ANGLE.format('b')}(?P<b_side>[EW]\b)?"
)
_MGRS = re.compile(
    r"\b(?P<zone>[1-9]|[1-5]\d|60|0[1-9])\s?(?P<band>[C-HJ-NP-X])\s?(?P<square>[A-HJ-NP-Z][A-HJ-NP-V])\s?"
    r"(?P<digits>\d{2,5}\s\d{2,5}|\d{4,10})\b"
)
_PRECISE = 4  # decimals; two numbers with fewer and without N, S, E, W or a degree sign may be anything


class MgrsMissing(ImportError):
    """The text holds an MGRS reference, and the package that reads it isn't installed."""


@dataclass(frozen=True, slots=True)
class Point:
    """Coordinates at characters `start` to `end`; lat, lon in degrees (WGS84), None for MGRS that can't be read."""

    start: int
    end: int
    lat: float | None
    lon: float | None


def read_coordinates(text: str) -> list[Point]:
    """The coordinates that a text says, in order. Typographic primes count as quotes only after `civex.text.clean`.

    MGRS references are read by the package mgrs (extra `batch`); without it their points have no lat and lon.
    """
    if not _MAY_HOLD.search(text):
        return []
    return sorted([*_decimal(text), *_sexagesimal(text), *_mgrs(text)], key=lambda point: point.start)


def _decimal(text: str) -> Iterator[Point]:
    for match in _DECIMAL.finditer(text):
        said = bool(match["a_side"] or match["a_before"]) and bool(match["b_side"] or match["b_before"])
        if said or match["cue"] or _precise(match["a"], match["b"]) or re.search("[°º]", match[0]):
            yield from _point(match, float(match["a"]), float(match["b"]))


def _precise(*numbers: str) -> bool:
    return all(len(number.partition(".")[2]) >= _PRECISE for number in numbers)


def _sexagesimal(text: str) -> Iterator[Point]:
    for match in _SEXAGESIMAL.finditer(text):
        if match["a_side"] or match["a_before"]:
            yield from _point(match, _degrees(match, "a"), _degrees(match, "b"))


def _degrees(match: re.Match, name: str) -> float:
    minutes, seconds = float(match[f"{name}_m"]), float(match[f"{name}_s"] or 0)
    return float(match[f"{name}_d"]) + minutes / 60 + seconds / 3600


def _point(match: re.Match, lat: float, lon: float) -> Iterator[Point]:
    south = "S" in (match["a_side"] or match["a_before"] or "")
    west = "W" in (match["b_side"] or match["b_before"] or "")
    lat, lon = -lat if south else lat, -lon if west else lon
    if -90 <= lat <= 90 and -180 <= lon <= 180:
        yield Point(match.start(), match.end(), round(lat, 6), round(lon, 6))


def _mgrs(text: str) -> Iterator[Point]:
    for match in _MGRS.finditer(text):
        digits = match["digits"].split()
        if len(digits) == 2 and len(digits[0]) != len(digits[1]) or len("".join(digits)) % 2:
            continue
        reference = f"{int(match['zone'])}{match['band']}{match['square']}{''.join(digits)}"
        try:
            point = mgrs_point(reference)
        except MgrsMissing:
            yield Point(match.start(), match.end(), None, None)
            continue
        if point is not None:
            yield Point(match.start(), match.end(), *point)


def mgrs_point(reference: str) -> tuple[float, float] | None:
    """Latitude and longitude of an MGRS reference ("37SDA1234567890"), None where no such square is.

    Raises MgrsMissing without the package mgrs.
    """
    try:
        import mgrs
    except ImportError as error:
        raise MgrsMissing("MGRS references are read with the package mgrs: pip install 'civex[batch]'") from error
    try:
        lat, lon = mgrs.MGRS().toLatLon(reference)
    except mgrs.core.MGRSError:
        return None
    return round(lat, 6), round(lon, 6)
