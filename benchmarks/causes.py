"""Why the lowest toll of a coded narrative is read wrongly: the causes with their counts.

    python benchmarks/causes.py [--shared ../shared] [--model NAME] [--list CAUSE]

Reads the narratives beside the repository (`airwars_gaza/dev.jsonl`). The figure of a report is that of its incident
with most casualty figures, of civilians or of people of unsaid status, whichever is larger, as their own scorer takes
it. The first cause that fits is counted:

- no incident, no figure tagged
- other incident: an incident beside it gives the coded number
- as fighters: the coded number is used, as a number of combatants
- not used: the coded number is a figure of the incident that is summed up, replaced, a rival or part of another
- sum too high: the coded number is used, and more is added to it
- not tagged: no figure of the incident is the coded number; a part of these has no figure in the text, only names
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

import civex
from civex.schema import Incident, Rollup

ROOT = Path(__file__).parent.parent


def toll(killed: Rollup) -> int | None:
    """The lower end of the figure of civilians or of people of unsaid status, whichever goes higher."""
    told = [killed[group] for group in ("civilians", "unspecified") if group in killed]
    ends = [(f.max if f.max is not None else f.min or 0, f.min or 0) for f in told if (f.min, f.max) != (None, None)]
    return max(ends)[1] if ends else None


def cause(incidents: list[Incident], coded: int) -> str | None:
    """Why the incidents do not give the coded number; None where they do."""
    if not incidents:
        return "no incident"
    main = max(incidents, key=lambda incident: len(incident.casualties))
    if toll(main.killed) == coded:
        return None
    if any(toll(incident.killed) == coded for incident in incidents):
        return "other incident"
    figures = [claim for claim in main.casualties if claim.harm == "killed"]
    if not figures:
        return "no figure tagged"
    used = {claim for figure in main.killed.values() for claim in figure.claims}
    same = [claim for claim in figures if claim.min == coded]
    if any(claim.group == "combatants" and claim.id in used for claim in same):
        return "as fighters"
    if any(claim.id in used and claim.status == "used" for claim in same):
        return "sum too high"
    return "not used" if same else "not tagged"


def main(
    shared: Path = ROOT.parent / "shared",
    model: Annotated[str | None, typer.Option(help="Name or folder.")] = None,
    listed: Annotated[str, typer.Option("--list", help="Print the ids of the records of this cause.")] = "",
) -> None:
    """Print how often each cause is met."""
    lines = (shared / "airwars_gaza" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["coded"]["killed_min"] is not None]
    reports = civex.extract_many((row["text"] for row in rows), model=model)
    causes = [cause(report.incidents, row["coded"]["killed_min"]) for row, report in zip(rows, reports, strict=True)]
    for name, number in Counter(causes).most_common():
        typer.echo(f"{number:5}  {name or 'right'}")
    for row, name in zip(rows, causes, strict=True):
        if listed and name == listed:
            typer.echo(row["id"])


if __name__ == "__main__":
    typer.run(main)
