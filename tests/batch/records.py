"""Hand-made parts of a batch: what `civex batch` writes, without running a model."""

import hashlib
import json
from pathlib import Path
from typing import Any


def said(text: str, **more: Any) -> dict[str, Any]:
    return {"text": text, "span": [0, len(text)], **more}


def day(start: str, end: str | None = None, precision: str = "day") -> dict[str, Any]:
    return said("then") | {"start": start, "end": end or start, "precision": precision}


def claim(number: int, low: int | None, high: int | None, group: str = "civilians", **more: Any) -> dict[str, Any]:
    base = {"id": f"c{number}", "harm": "killed", "group": group, "min": low, "max": high}
    return said(f"{low} dead") | base | more


def record(name: str, *incidents: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The record of one document; `more` are fields of its report, or `document`: fields of the document."""
    sha = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    own = {"name": name, "sha256": sha, "sha256_text": sha[::-1], "retrieved": None, "url": None}
    document = own | {"provenance": []} | more.pop("document", {})
    report = {
        "schema_version": "1.0",
        "model": {"name": "en_civex_sm", "version": "0.1.0"},
        "document": {"sha256": sha[::-1], "n_chars": 100, "language": "en", **more.pop("head", {})},
        "incidents": [{"id": f"i{n}", **incident} for n, incident in enumerate(incidents, 1)],
        **more,
    }
    return {
        "document": document,
        "settings": {"counts": "recorders"},
        "model": report["model"],
        "civex": "0.1.0",
        "report": report,
    }


def write_parts(out: Path, records: list[dict[str, Any]], size: int = 2) -> Path:
    """Write the records as parts of `size` lines and return `out`."""
    folder = out / "reports"
    folder.mkdir(parents=True)
    for n in range(0, max(len(records), 1), size):
        lines = [json.dumps(one, sort_keys=True) + "\n" for one in records[n : n + size]]
        (folder / f"part-{n // size:05d}.jsonl").write_text("".join(lines), encoding="utf-8")
    return out


HAJIN = {
    "date": day("2016-04-09"),
    "places": [said("Hajin", lat=34.69, lon=40.83, gazetteer_id="g1"), said("Deir ez-Zor")],
    "country": {"name": "Syria", "code": "SY", "inferred": True},
    "sources": [said("Airwars report", name="Airwars", type="ngo")],
    "actors": [said("Coalition", name="US-led Coalition", attribution="alleged")],
    "actions": [said("airstrike", type="airstrike", count={"min": 2, "max": 2})],
    "targets": [said("market", type="market", effect="struck")],
    "casualties": [
        claim(1, 5, 5),
        claim(2, 2, 2, who=["children"], part_of="c1"),
        claim(3, 9, None, harm="injured", vague=True),
    ],
    "killed": {"civilians": {"min": 5, "max": 5, "claims": ["c1"]}},
    "injured": {"civilians": {"min": 9, "max": None, "claims": ["c3"]}},
    "assessment": {"outcome": "credible", "mentions": [said("credible")]},
    "confidence": {"incident": 0.9},
}
# The same strike by another publisher: other spelling, no point, seven dead.
HAJEEN = {
    "date": day("2016-04-09"),
    "places": [said("Hajeen")],
    "country": {"name": "Syria", "code": "SY"},
    "casualties": [claim(1, 7, 7, "unspecified")],
    "killed": {"unspecified": {"min": 7, "max": 7, "claims": ["c1"]}},
}
# Another strike, at another place a month long, nobody killed, two to four injured.
TABQA = {
    "date": day("2017-05-01", "2017-05-31", "month"),
    "places": [said("Tabqa")],
    "casualties": [claim(1, 2, 4, "unspecified", harm="injured")],
    "killed": {"civilians": {"min": 0, "max": 0, "claims": []}},
    "injured": {"unspecified": {"min": 2, "max": 4, "claims": ["c1"]}},
}
# Nothing but a source.
NOTHING = {"sources": [said("a resident", type="local_source")]}
YEARS = day("2015-01-01", "2019-04-30", "range")
TALLY = said("at least 640 civilians", measure="civilians_killed", min=640, max=None, period=YEARS)
