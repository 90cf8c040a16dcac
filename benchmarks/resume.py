"""A training killed at random moments and resumed, beside an unbroken one: `python benchmarks/resume.py CORPUS`.

Each trial starts `civex train` as a process of its own, kills it (SIGKILL) after a random time, starts it again, and so
on until it ends by itself. Its weight files are then compared with those of the unbroken run, and so is its log.
"""

import hashlib
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer


def main(
    corpus: Path,
    base: str = "en_civex_sm",
    config: Annotated[Path | None, typer.Option(help="As of `civex train`.")] = None,
    steps: int = 60,
    every: Annotated[int, typer.Option(help="Steps between two evaluations, which are the checkpoints.")] = 10,
    trials: int = 5,
    kills: Annotated[int, typer.Option(help="Kills a trial, at most.")] = 3,
    seed: int = 0,
) -> None:
    """Print a row a trial; exit status 1 where a resumed run differs from the unbroken one."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        options = ["--base", base, "--training.max_steps", str(steps), "--training.eval_frequency", str(every)]
        options += ["--config", str(config)] if config else []
        command = [sys.executable, "-m", "civex.cli", "train", str(corpus), *options, "--out"]
        begun = time.monotonic()
        subprocess.run([*command, f"{folder}/unbroken"], check=True, stdout=subprocess.DEVNULL)
        seconds = time.monotonic() - begun
        expected = outcome(Path(folder, "unbroken"))
        typer.echo(f"unbroken: {steps} steps in {seconds:.0f} s")
        same = 0
        for trial in range(1, trials + 1):
            out = Path(folder, f"trial{trial}")
            killed = run_with_kills([*command, str(out)], [rng.uniform(0.15, 0.95) * seconds for _ in range(kills)])
            found = outcome(out)
            same += found == expected
            differ = [name for name in expected if found.get(name) != expected[name]]
            at = ", ".join(f"{second:.1f}" for second in killed)
            verdict = "same weights, same log" if not differ else f"differs in {', '.join(differ)}"
            typer.echo(f"trial {trial}: killed after {at or 'no'} s: {verdict}")
            shutil.rmtree(out)
        typer.echo(f"{same} of {trials} resumed runs ended with the weights and scores of the unbroken one")
        raise typer.Exit(same < trials)


def run_with_kills(command: list[str], after: list[float]) -> list[float]:
    """Run a command until it ends by itself, killing it after these seconds first; returns the kills that came."""
    done = []
    for seconds in after:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            process.wait(seconds)
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            done.append(seconds)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return done


def outcome(run: Path) -> dict[str, str]:
    """sha256 of every weight file of both models, and of the scores and losses of the log."""
    files = {p.relative_to(run).as_posix(): p.read_bytes() for p in sorted(run.glob("model-*/*/model"))}
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    told = [[row["step"], row["score"], row["losses"]] for row in rows]
    files |= {f"log, step {row[0]}": json.dumps(row).encode() for row in told}
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


if __name__ == "__main__":
    typer.run(main)
