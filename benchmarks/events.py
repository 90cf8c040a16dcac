"""How well `civex.batch.events` tells which reports are of one event, on constructed reports.

    python benchmarks/events.py [--seeds 10]

A seeded rule makes 200 events and 500 reports of them. Half of the events are near misses of another: the same place
some days apart, or the same day at a place nearby, with a similar toll. Reports spell the place as some publisher
does, with or without the province, three in five with the gazetteer's point or one some kilometres off; date it to the
day, two days, a week, a month or not at all, as often as the corpus does; and give tolls that differ a little, floors,
ranges or nothing. Then the same reports with the dates of each event moved by 1 to 60 days, and both sets together,
where each report has its double at another day.

Printed, as mean and worst of the seeds: pairs of reports that are of one event against pairs in one group (precision,
recall, F1); over all seeds, groups that hold events of different days, of different places, of both; and the time for
1,000 and for 100,000 reports.
"""

import datetime
import random
import statistics
import time
from collections import Counter
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Annotated, Any

import typer

from civex.batch.events import group_reports

# Spellings in use, province, rough latitude and longitude.
PLACES = (
    (("Hajin", "Hajeen"), "Deir ez-Zor", 34.69, 40.83),
    (("al-Shaafah", "Al Shafah", "Sha'fah", "ash-Sha'fah"), "Deir ez-Zor", 34.57, 40.96),
    (("al-Susah", "Sousa", "as-Susah"), "Deir ez-Zor", 34.51, 40.98),
    (("Abu Kamal", "Al-Bukamal", "Albu Kamal"), "Deir ez-Zor", 34.45, 40.92),
    (("al-Mayadin", "Mayadeen", "al-Mayadeen"), "Deir ez-Zor", 35.02, 40.45),
    (("Raqqa", "Raqqah", "ar-Raqqah", "Al-Raqqa"), "Raqqa Governorate", 35.95, 39.01),
    (("Tabqa", "al-Tabqah", "Tabaqah"), "Raqqa Governorate", 35.83, 38.55),
    (("al-Mansoura", "Mansurah", "Al-Mansura"), "Raqqa Governorate", 35.84, 38.74),
    (("Manbij", "Membij", "Minbij"), "Aleppo", 36.53, 37.95),
    (("al-Bab", "Al Bab", "el-Bab"), "Aleppo", 36.37, 37.52),
    (("Jarabulus", "Jarablus", "Djarabulus"), "Aleppo", 36.82, 38.01),
    (("Saraqib", "Saraqeb", "Saraqab"), "Idlib", 35.86, 36.80),
    (("Ma'arrat al-Numan", "Maarat al-Nu'man", "Maaret al-Numan"), "Idlib", 35.64, 36.67),
    (("Khan Shaykhun", "Khan Sheikhoun", "Khan Sheikhun"), "Idlib", 35.44, 36.65),
    (("Douma", "Duma"), "Rif Dimashq", 33.57, 36.40),
    (("Harasta", "Harastah"), "Rif Dimashq", 33.56, 36.36),
    (("Mosul", "Mosul city", "al-Mosul"), "Nineveh", 36.34, 43.13),
    (("Tal Afar", "Tel Afar", "Tall Afar"), "Nineveh", 36.37, 42.45),
    (("Qayyarah", "Qayyara", "al-Qayyarah"), "Nineveh", 35.80, 43.29),
    (("Hawija", "al-Hawijah", "Hawijah"), "Kirkuk", 35.33, 43.77),
    (("Fallujah", "Falluja", "al-Fallujah"), "Anbar", 33.35, 43.78),
    (("Ramadi", "ar-Ramadi", "al-Ramadi"), "Anbar", 33.43, 43.30),
    (("al-Qaim", "Qa'im", "Al Qaem"), "Anbar", 34.37, 41.09),
    (("Hodeidah", "al-Hudaydah", "Hudaydah", "Hodeida"), "Hodeidah Governorate", 14.80, 42.95),
    (("Zabid", "Zabeed"), "Hodeidah Governorate", 14.20, 43.31),
    (("Saada", "Sa'dah", "Saadah"), "Saada Governorate", 16.94, 43.76),
    (("Dahyan", "Dhahyan"), "Saada Governorate", 17.05, 43.60),
    (("Taiz", "Ta'izz", "Taizz"), "Taiz Governorate", 13.58, 44.02),
    (("Mocha", "al-Makha", "Mokha"), "Taiz Governorate", 13.32, 43.25),
    (("Khan Younis", "Khan Yunis", "Khan Yunus"), "Gaza", 31.35, 34.30),
    (("Rafah", "Rafah city"), "Gaza", 31.29, 34.25),
    (("Jabalia", "Jabaliya", "Jabalya"), "Gaza", 31.53, 34.48),
    (("Kunduz", "Konduz", "Kundoz"), "Kunduz Province", 36.73, 68.87),
    (("Lashkar Gah", "Lashkargah"), "Helmand", 31.59, 64.36),
    (("Sangin", "Sangeen"), "Helmand", 32.07, 64.83),
    (("Bakhmut", "Bahmut"), "Donetsk Oblast", 48.59, 38.00),
    (("Kramatorsk", "Kramatorsk city"), "Donetsk Oblast", 48.74, 37.58),
    (("Kharkiv", "Kharkov"), "Kharkiv Oblast", 49.99, 36.23),
    (("Izium", "Izyum"), "Kharkiv Oblast", 49.21, 37.26),
    (("Sirte", "Sirt", "Surt"), "Sirte District", 31.21, 16.59),
)
TARGETS = ("residential", "market", "medical", "school", "vehicle", "fighters", "religious", "camp", "building")
FIRST_DAY = datetime.date(2016, 1, 1)


@dataclass(frozen=True)
class Event:
    """What happened; `place` is a row of PLACES."""

    day: datetime.date
    place: int
    killed: int
    injured: int
    target: str


def events_of(rng: random.Random, number: int) -> list[Event]:
    """`number` events, a half of them independent, a quarter each near in time and near in place to one of those."""
    made = [
        Event(
            FIRST_DAY + datetime.timedelta(rng.randrange(730)),
            rng.randrange(len(PLACES)),
            int(rng.paretovariate(0.9)) % 80,
            rng.choice((0, 0, rng.randint(1, 40))),
            rng.choice(TARGETS),
        )
        for _ in range(number // 2)
    ]
    for n in range(number - len(made)):
        other = made[n % (number // 2)]
        toll = max(0, other.killed + rng.randint(-2, 2))
        if n % 2:
            days = rng.choice((-1, 1)) * rng.randint(1, 20)
            made.append(replace(other, day=other.day + datetime.timedelta(days), killed=toll))
        else:
            near = [p for p, row in enumerate(PLACES) if row[1] == PLACES[other.place][1] and p != other.place]
            place = rng.choice(near or [(other.place + 1) % len(PLACES)])
            made.append(replace(other, place=place, killed=toll))
    return made


def report_of(rng: random.Random, event: Event, number: int) -> dict[str, Any]:
    """One publisher's report, as the columns of an incident row that the rule reads."""
    spellings, province, lat, lon = PLACES[event.place]
    places = [rng.choice(spellings), province][rng.random() < 0.02 :][: rng.choice((1, 2))]
    located = rng.random() < 0.6
    off = 0.03 if rng.random() < 0.2 else 0.0
    killed, injured = toll_of(rng, event.killed), toll_of(rng, event.injured) if rng.random() < 0.6 else (None, None)
    said = rng.random()
    target = event.target if said < 0.55 else rng.choice(TARGETS) if said < 0.65 else ""
    start, end = dates_of(rng, event.day)
    return {
        "id": f"r{number}",
        "document_id": f"d{number}",
        "date_start": start and start.isoformat(),
        "date_end": end and end.isoformat(),
        "places": "; ".join(places),
        "lat": lat + rng.uniform(-off, off) if located else None,
        "lon": lon + rng.uniform(-off, off) if located else None,
        "country_code": None,
        **dict(zip(("killed_min", "killed_max"), killed, strict=True)),
        **dict(zip(("injured_min", "injured_max"), injured, strict=True)),
        "target_types": target,
        "outcome": None,
    }


def dates_of(rng: random.Random, day: datetime.date) -> tuple[datetime.date | None, datetime.date | None]:
    """How precisely, after the 3,513 incidents of the corpus: one day 93 %, up to a month 2 %, none 2 %."""
    said = rng.random()
    if said < 0.93:
        return day, day
    if said < 0.96:
        return day, day + datetime.timedelta(1)
    if said < 0.965:
        start = day - datetime.timedelta(rng.randint(0, 6))
        return start, start + datetime.timedelta(6)
    if said < 0.985:
        start = day.replace(day=1)
        return start, (start + datetime.timedelta(31)).replace(day=1) - datetime.timedelta(1)
    return None, None


def toll_of(rng: random.Random, number: int) -> tuple[int | None, int | None]:
    said = rng.random()
    if said < 0.55:
        return number, number
    if said < 0.78:
        other = number + rng.choice((-1, 1)) * max(1, round(number * rng.uniform(0, 0.2)))
        return (max(1, other), max(1, other)) if number else (0, 0)
    if said < 0.88:
        return (max(1, number - rng.randint(0, 2)), None) if number else (0, 0)
    if said < 0.95:
        return number, number + rng.randint(1, 5) if number else 0
    return None, None


def reports_of(rng: random.Random, events: list[Event], number: int) -> list[tuple[int, dict[str, Any]]]:
    """(event, report), `number` of them, at least one an event."""
    told = list(range(len(events))) + [rng.randrange(len(events)) for _ in range(number - len(events))]
    rng.shuffle(told)
    return [(event, report_of(rng, events[event], n)) for n, event in enumerate(told)]


def moved(rng: random.Random, events: list[Event], reports: list[tuple[int, dict]]) -> tuple[list[Event], list]:
    """The same events and reports, each event with its reports at another day."""
    shifts = [datetime.timedelta(rng.choice((-1, 1)) * rng.randint(1, 60)) for _ in events]
    later = []
    for event, row in reports:
        dates = {name: row[name] and _shift(row[name], shifts[event]) for name in ("date_start", "date_end")}
        later.append((event, row | dates | {"id": row["id"] + "m", "document_id": row["document_id"] + "m"}))
    return [replace(event, day=event.day + shift) for event, shift in zip(events, shifts, strict=True)], later


def _shift(day: str, by: datetime.timedelta) -> str:
    return (datetime.date.fromisoformat(day) + by).isoformat()


def measure(events: list[Event], reports: list[tuple[int, dict]]) -> dict[str, float]:
    """Pairwise figures, and groups that hold events of different days, of different places."""
    found = group_reports(row for _, row in reports)
    groups: dict[str, list[int]] = {}
    for (event, _), (group, _) in zip(reports, found, strict=True):
        groups.setdefault(group, []).append(event)
    together = right = days = places = both = 0
    for members in groups.values():
        pairs = list(combinations(members, 2))
        together += len(pairs)
        right += sum(a == b for a, b in pairs)
        other_day = len({events[event].day for event in members}) > 1
        other_place = len({events[event].place for event in members}) > 1
        days, places, both = days + other_day, places + other_place, both + (other_day and other_place)
    wanted = sum(n * (n - 1) // 2 for n in Counter(event for event, _ in reports).values())
    precision, recall = right / max(together, 1), right / max(wanted, 1)
    f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    figures = {"groups": len(groups), "P": precision, "R": recall, "F1": f1}
    return figures | {"days": days, "places": places, "both": both}


def sets_of(seed: int) -> dict[str, tuple[list[Event], list[tuple[int, dict]]]]:
    """name -> (events, reports) of the three sets."""
    rng = random.Random(seed)
    events = events_of(rng, 200)
    reports = reports_of(rng, events, 500)
    events_moved, reports_moved = moved(rng, events, reports)
    both = reports + [(event + len(events), row) for event, row in reports_moved]
    return {
        "500 reports of 200 events": (events, reports),
        "the same, dates moved": (events_moved, reports_moved),
        "both together": (events + events_moved, both),
    }


def main(seeds: Annotated[int, typer.Option(help="How many constructions: seeds 1, 2, ...")] = 10) -> None:
    results: dict[str, list[dict[str, float]]] = {}
    for seed in range(1, seeds + 1):
        for name, (events, reports) in sets_of(seed).items():
            results.setdefault(name, []).append(measure(events, reports))
    print(f"{'':<28}{'groups':>8}{'P':>8}{'R':>8}{'F1':>8}{'worst':>8}   across days, places, both")
    for name, rows in results.items():
        mean = {key: statistics.mean(row[key] for row in rows) for key in ("groups", "P", "R", "F1")}
        print(f"{name:<28}{mean['groups']:>8.1f}{mean['P']:>8.3f}{mean['R']:>8.3f}{mean['F1']:>8.3f}", end="")
        wrong = ", ".join(str(sum(row[key] for row in rows)) for key in ("days", "places", "both"))
        print(f"{min(row['F1'] for row in rows):>8.3f}   {wrong} of {sum(row['groups'] for row in rows):,}")
    rng = random.Random(0)
    for number in (1_000, 100_000):
        rows = [row for _, row in reports_of(rng, events_of(rng, number * 2 // 5), number)]
        start = time.perf_counter()
        group_reports(rows)
        print(f"{number:,} reports in {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    typer.run(main)
