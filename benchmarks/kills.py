"""Kill a batch at random moments: the result is that of an unbroken run, no document lost or doubled.

    OMP_NUM_THREADS=1 python benchmarks/kills.py [--kills 50] [--documents 5000] [--n-process 1]

`civex batch` reads a .jsonl file of documents of 50 words, some of them the same; SIGKILL comes after a random time, up
to what the rest of the run would need if all kills were to fit in, and the command is given again.
"""

import filecmp
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer
from batch import texts_of

PART_SIZE = 20
START = 4.0  # seconds in which a run starts on a busy machine


def main(
    kills: int = 50,
    documents: int = 5000,
    n_process: int = 1,
    seed: Annotated[int, typer.Option(help="Of the moments.")] = 1,
) -> None:
    """Print what came of it; exit status 1 where a byte differs."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        texts = list(texts_of(50, documents))
        texts[::97] = [texts[0]] * len(texts[::97])  # the same document now and then
        lines = (json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts))
        (home / "in.jsonl").write_text("".join(lines), encoding="utf-8")
        begun = time.monotonic()
        _run(home, "whole", n_process).wait()
        whole = time.monotonic() - begun
        done = 0
        for _ in range(kills):
            run = _run(home, "broken", n_process)
            time.sleep(rng.uniform(0.2, START + whole / kills))
            if run.poll() is not None:
                break
            run.kill()
            run.wait()
            done += 1
        status = _run(home, "broken", n_process).wait()
        same = _same(home / "whole", home / "broken")
        names = [json.loads(line)["document"] for path in home.glob("broken/reports/*") for line in path.open()]
        read = [name for one in names for name in (one["name"], *one["provenance"])]
        print(
            f"{done} kills over {documents:,} documents: {'identical to' if same else 'differs from'} an unbroken run, "
            f"{documents - len(set(read))} lost, {len(read) - len(set(read))} doubled, exit status {status}"
        )
    raise typer.Exit(0 if same and len(read) == len(set(read)) == documents else 1)


def _run(home: Path, out: str, n_process: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "civex.cli", "batch", "in.jsonl", "--id-column", "id", "--out", out, "--quiet"]
    return subprocess.Popen([*command, "--part-size", str(PART_SIZE), "--n-process", str(n_process)], cwd=home)


def _same(one: Path, other: Path) -> bool:
    """Whether two folders hold the same files, but for the manifest, which tells when."""
    files = [{p.relative_to(f) for p in f.rglob("*") if p.is_file()} - {Path("manifest.sqlite")} for f in (one, other)]
    return files[0] == files[1] and filecmp.cmpfiles(one, other, map(str, files[0]), shallow=False)[1:] == ([], [])


if __name__ == "__main__":
    typer.run(main)
