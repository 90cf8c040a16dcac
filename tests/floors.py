"""The floor of quality: figures of the shipped model on texts and gold that did not change unnoticed.

python tests/floors.py            measure and compare with tests/floors.json; exit 1 below a floor or on other data
python tests/floors.py --raise    write higher figures, and figures for data that is new
python tests/floors.py --lower    write the figures as they are, lower ones and those of changed data too
"""

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from civex.corpus import fingerprint
from civex.training import evaluate_folder

ROOT = Path(__file__).parent.parent
FLOORS = Path(__file__).parent / "floors.json"
SLACK = 0.002  # figures may drop by this much: another processor rounds differently
CORPUS = ("fields_f1", "exact", "mentions_f", "relations_f")
SHARED = ("overall_f1", "exact", "paired")


def digest(*paths: Path) -> str:
    """sha256 over the bytes of files."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def of_corpus() -> dict[str, Any]:
    """Figures of the shipped model on corpus/test."""
    folder = ROOT / "corpus" / "test"
    figures = evaluate_folder(None, folder).to_dict()
    return {"digest": fingerprint(folder), "figures": {name: round(figures[name], 4) for name in CORPUS}}


def of_release(shared: Path) -> dict[str, Any]:
    """Figures of the shipped model on the release beside the repository, by its own scorer."""
    gold, text, scorer = shared / "seed" / "gold.jsonl", shared / "seed" / "release.txt", shared / "eval" / "score.py"
    command = [sys.executable, str(scorer), "--gold", str(gold), "--texts", str(text), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{scorer} failed:\n{done.stderr}")
    figures = json.loads(done.stdout)
    wrong = {"wrong offsets": figures["bad_spans"]} if figures["bad_spans"] else {}
    found = {name: round(figures[name], 4) for name in SHARED}
    return {"digest": digest(gold, text, scorer), "figures": found, **wrong}


def faults(floors: dict[str, Any], measured: dict[str, Any]) -> list[str]:
    """What is below its floor, measured on other data than the floor, or without a floor."""
    found = []
    for name, now in measured.items():
        floor = floors.get(name)
        if floor is None:
            found.append(f"{name}: no floor yet (--raise)")
            continue
        if floor["digest"] != now["digest"]:
            found.append(f"{name}: the data are not those of the floor (--lower after looking)")
            continue
        for figure, least in floor["figures"].items():
            if now["figures"][figure] < least - SLACK:
                found.append(f"{name}: {figure} {now['figures'][figure]} is below its floor {least}")
        if "wrong offsets" in now:
            found.append(f"{name}: {now['wrong offsets']} mentions whose offsets are wrong")
    return found


def renewed(floors: dict[str, Any], measured: dict[str, Any], *, lower: bool) -> dict[str, Any]:
    """The floors to write: higher figures, new data; with `lower` whatever was measured."""
    result = dict(floors)
    for name, now in measured.items():
        old = floors.get(name)
        if old is None or lower:
            result[name] = {"digest": now["digest"], "figures": now["figures"]}
        elif old["digest"] == now["digest"]:
            figures = {key: max(value, old["figures"].get(key, value)) for key, value in now["figures"].items()}
            result[name] = {"digest": old["digest"], "figures": figures}
    return result


def read() -> dict[str, Any]:
    """The floors as they stand."""
    return json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}


def main() -> None:
    """Measure, compare, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--raise", dest="higher", action="store_true", help="write higher and new figures")
    parser.add_argument("--lower", action="store_true", help="write the figures as they are, lower ones too")
    args = parser.parse_args()
    measured = {"corpus/test": of_corpus()}
    shared = ROOT.parent / "shared"
    if (shared / "eval" / "score.py").exists():
        measured["release"] = of_release(shared)
    floors = read()
    if args.higher or args.lower:
        floors = renewed(floors, measured, lower=args.lower)
        FLOORS.write_text(json.dumps(floors, indent=2) + "\n", encoding="utf-8")
    for name, now in measured.items():
        print(name, now["figures"], "floor", floors.get(name, {}).get("figures"))
    found = faults(floors, measured)
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
