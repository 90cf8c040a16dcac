"""What `civex batch` leaves in OUT, written by hand: reports, and texts where they were kept."""

import hashlib
import json
from pathlib import Path

from civex.schema import (
    Assessment,
    Claim,
    Country,
    Date,
    Document,
    Figure,
    Incident,
    ModelInfo,
    Place,
    Report,
    Target,
)

TEXT = "On 9 April 2016 a strike in Mosul, Iraq killed between 5 and 8 people at a market.\n"


def incident(
    day: str | None = "2016-04-09",
    *,
    number: int = 1,
    end: str | None = None,
    place: str | None = "Mosul",
    point: tuple[float, float] | None = None,
    country: tuple[str, str | None] | None = ("Iraq", "IQ"),
    killed: dict[str, tuple[int | None, int | None]] | None = None,
    injured: dict[str, tuple[int | None, int | None]] | None = None,
    targets: tuple[str, ...] = (),
    outcome: str | None = None,
    rival: bool = False,
) -> Incident:
    """An incident of TEXT; `killed` and `injured` are (floor, top) by group."""
    lat, lon = point or (None, None)
    claims = [Claim(id="c1", text="5", span=(53, 54), harm="killed", status="rival")] if rival else []
    return Incident(
        id=f"i{number}",
        spans=[(0, len(TEXT) - 1)],
        date=day and Date(text="9 April 2016", span=(3, 15), start=day, end=end or day, precision="day"),
        places=[Place(text=place, span=(28, 33), lat=lat, lon=lon)] if place else [],
        country=country and Country(name=country[0], code=country[1], inferred=True),
        targets=[Target(text="market", span=(75, 81), type=kind) for kind in targets],
        casualties=claims,
        killed={group: Figure(min=low, max=high) for group, (low, high) in (killed or {}).items()},
        injured={group: Figure(min=low, max=high) for group, (low, high) in (injured or {}).items()},
        assessment=Assessment(outcome=outcome),
    )


def report(*incidents: Incident, text: str = TEXT) -> Report:
    """The report of a text."""
    return Report(
        model=ModelInfo(name="civex_en", version="1.0"),
        document=Document(sha256=digest(text), n_chars=len(text)),
        incidents=list(incidents),
    )


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def write_out(out: Path, *reports: Report, texts: tuple[str, ...] = (), **document: str) -> Path:
    """OUT with one part that holds the reports; texts are kept. document: more facts of each document."""
    (out / "reports").mkdir(parents=True)
    (out / "texts").mkdir()
    for text in texts:
        (out / "texts" / f"{digest(text)}.txt").write_bytes(text.encode("utf-8", "surrogatepass"))
    lines = [
        {
            "document": {
                "name": f"{number}.txt",
                "sha256": found.document.sha256,
                "sha256_text": found.document.sha256,
                "retrieved": None,
                "url": None,
                "provenance": [],
                **document,
            },
            "settings": {},
            "model": found.model.model_dump(),
            "civex": "0.1.0",
            "report": found.to_dict(),
        }
        for number, found in enumerate(reports, 1)
    ]
    part = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    (out / "reports" / "part-00000.jsonl").write_text(part, encoding="utf-8")
    return out
