"""extract_many: batches, processes and threads change no result; what fails costs nothing else."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest
from spacy.language import Language

import civex
from civex import extraction
from civex.loading import load_apart

pytestmark = pytest.mark.usefixtures("model")

STRIKE = "On 4 May 2016 an airstrike near Hajin, Syria, killed {} civilians and injured nine others, Airwars reported."
TEXTS = [STRIKE.format(n) for n in range(2, 22)]
ODD = ["", "\ud83d\ude00 killed 5 near Mosul", "a\x00b \ud800 An airstrike killed 5 civilians", "killed " * 300]
forked = pytest.mark.skipif(
    sys.platform != "linux", reason="the fault is set in this process and reaches the workers by fork"
)


def test_batches_change_nothing() -> None:
    texts = TEXTS + ODD
    expected = [civex.extract(text) for text in texts]
    assert sum(len(report.incidents) for report in expected) >= len(TEXTS)
    for size in (1, 7, 64):
        assert list(civex.extract_many(texts, batch_size=size)) == expected


def test_processes_change_nothing() -> None:
    texts = TEXTS + ODD
    items = [(civex.Input(text, published="2019-06-03", id=str(n)), n) for n, text in enumerate(texts)]
    found = list(civex.extract_many(items, n_process=2, batch_size=3, as_tuples=True))
    assert [n for _, n in found] == list(range(len(texts)))
    assert [report for report, _ in found] == [civex.extract(text, published="2019-06-03") for text in texts]


def test_processes_read_only_some_batches_ahead() -> None:
    taken = []

    def items():
        for text in TEXTS * 50:
            taken.append(text)
            yield text

    results = civex.extract_many(items(), n_process=2, batch_size=2)
    assert next(results) == civex.extract(TEXTS[0])
    assert len(taken) <= 10
    results.close()
    assert multiprocessing.active_children() == []


def test_long_texts_make_small_batches() -> None:
    sizes = [len(batch) for batch in extraction._batches(((text, None) for text in ["x" * 15_000] * 4 + ["x"]), 64)]
    assert sizes == [2, 2, 1]


@pytest.mark.parametrize("n_process", [1, pytest.param(2, marks=forked)])
def test_a_text_that_fails_costs_no_other(faulty: None, n_process: int) -> None:
    items = [civex.Input(text) for text in TEXTS]
    items[3] = civex.Input("Five killed in Tabqa.", id="bad")
    items[8] = civex.Input(5, id="number")  # type: ignore[arg-type]
    found = list(civex.extract_many(items, errors="record", n_process=n_process, batch_size=6))
    assert found[3] == civex.Failure("bad", "extract", "RuntimeError: no way through Tabqa")
    assert (found[8].id, found[8].stage) == ("number", "input")
    assert [n for n, result in enumerate(found) if isinstance(result, civex.Report)] == [
        n for n in range(len(TEXTS)) if n not in (3, 8)
    ]


@pytest.mark.parametrize("n_process", [1, pytest.param(2, marks=forked)])
def test_raise_comes_after_the_results_before_it(faulty: None, n_process: int) -> None:
    results = civex.extract_many([*TEXTS[:3], "Five killed in Tabqa.", TEXTS[3]], n_process=n_process)
    assert [next(results) for _ in range(3)] == [civex.extract(text) for text in TEXTS[:3]]
    with pytest.raises(RuntimeError, match="no way through Tabqa"):
        next(results)


@forked
def test_a_text_that_kills_its_worker_costs_no_other(faulty: None) -> None:
    items = [civex.Input(text) for text in TEXTS]
    items[7] = civex.Input("Five killed in Raqqah.", id="killer")
    found = list(civex.extract_many(items, errors="record", n_process=2, batch_size=4))
    assert (found[7].id, found[7].stage) == ("killer", "worker")
    assert sum(isinstance(result, civex.Report) for result in found) == len(TEXTS) - 1
    with pytest.raises(RuntimeError, match="worker process died"):
        list(civex.extract_many(items, n_process=2, batch_size=4))


@forked
def test_a_worker_killed_from_outside_costs_nothing() -> None:
    texts = TEXTS * 5
    results = civex.extract_many(texts, n_process=2, batch_size=4)
    found = [next(results)]
    os.kill(multiprocessing.active_children()[0].pid, 9)
    found += results
    assert found == [civex.extract(text) for text in TEXTS] * 5


def test_an_item_that_cannot_be_sent_is_a_failure_of_its_own() -> None:
    found = list(civex.extract_many([TEXTS[0], lambda: None, TEXTS[1]], n_process=2, errors="record"))
    assert [type(result).__name__ for result in found] == ["Report", "Failure", "Report"]


@pytest.mark.parametrize(
    "options", [{"counts": "vague"}, {"min_confidence": 2}, {"n_process": 0}, {"batch_size": 0}, {"errors": "ignore"}]
)
def test_options_that_make_no_sense_are_refused_at_once(options: dict) -> None:
    with pytest.raises(ValueError):
        civex.extract_many(TEXTS, **options)


def test_no_such_model() -> None:
    with pytest.raises(civex.ModelNotFound):
        civex.extract_many(TEXTS, model="nowhere")


def test_words_of_a_batch_are_freed_and_docs_elsewhere_stay_sound(model: Language) -> None:
    words = [f"Qz{one}{other}ville" for one in "abcdefghij" for other in "abcdefghij"]
    doc = model(f"Five killed in {words[0]}.")
    list(civex.extract_many([TEXTS[0]]))
    apart = load_apart()
    before = len(apart.vocab.strings)
    texts = [f"On 4 May 2016 five civilians were killed in {word}, Syria." for word in words]
    reports = list(civex.extract_many(texts))
    assert len(apart.vocab.strings) == before and words[5] not in apart.vocab.strings
    assert [token.text for token in doc] == ["Five", "killed", "in", words[0], "."]
    assert reports == [civex.extract(text) for text in texts]


def test_threads() -> None:
    expected = [civex.extract(text) for text in TEXTS]
    found: dict[int, list] = {}

    def work(n: int) -> None:
        found[n] = list(civex.extract_many(TEXTS, batch_size=2))
        found[n + 10] = [civex.extract(text) for text in TEXTS]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and all(reports == expected for reports in found.values())


def test_processes_started_while_a_thread_extracts() -> None:
    expected = [civex.extract(text) for text in TEXTS]
    going = threading.Event()
    going.set()

    def work() -> None:
        while going.is_set():
            list(civex.extract_many(TEXTS[:4], batch_size=2))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(3):
            assert list(civex.extract_many(TEXTS, n_process=2, batch_size=5)) == expected
    finally:
        going.clear()
        thread.join()


def count_in_pool(text: str) -> tuple[int, list[str]]:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        reports = list(civex.extract_many([text], n_process=2))
    return len(reports[0].incidents), [str(w.message) for w in said if w.category is RuntimeWarning]


@forked
def test_inside_multiprocessing() -> None:
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.map(count_in_pool, TEXTS[:4])
    assert [number for number, _ in found] == [len(civex.extract(text).incidents) for text in TEXTS[:4]]
    assert all("n_process is taken as 1" in said[0] for _, said in found)


SCRIPT = """
import multiprocessing, sys
import civex

if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    texts = {texts!r}
    found = list(civex.extract_many(texts, n_process=2, batch_size=2))
    print(found == [civex.extract(text) for text in texts], len(found))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_start_methods(tmp_path: Path, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} on this system")
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(method=method, texts=TEXTS[:8]), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "True 8", done.stderr


ORPHANS = """
import multiprocessing, sys
import civex

if __name__ == "__main__":
    results = civex.extract_many({texts!r} * 1000, n_process=2, batch_size=2)
    next(results)
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    list(results)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and /proc")
def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "run.py"
    script.write_text(ORPHANS.format(texts=TEXTS), encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 2
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 60
    while any(map(_runs, workers)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(map(_runs, workers))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")
