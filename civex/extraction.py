"""Extraction: text in, `Report` out; one text, or a stream of them in one process or several.

`extract_many` reads texts in batches in a pipeline of its own, and frees after each batch what spaCy keeps of its words
(`Language.memory_zone`), so that memory does not grow with the stream.
"""

import multiprocessing
import os
import signal
import threading
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

from spacy.language import Language
from spacy.tokens import Doc

from civex.calibration import of_model
from civex.gazetteer import open_gazetteer
from civex.loading import load, load_apart
from civex.report import build_report
from civex.schema import Report

Policy = Literal["recorders", "strict"]
_POLICIES = ("recorders", "strict")
_BATCH_CHARS = 20_000  # larger batches are no faster
_Batch = list[tuple[Any, Any]]  # items with their contexts

# One thread at a time is inside a memory zone, for words that another adds would be freed with those of the zone. A
# process is never forked inside one: its copy of the vocabulary would be half in the zone.
_ZONE = threading.Lock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_ZONE.acquire, after_in_parent=_ZONE.release, after_in_child=_ZONE.release)


@dataclass(frozen=True, slots=True)
class Input:
    """A text with what is known of it from elsewhere. `published` is an ISO day or a date."""

    text: str
    published: str | date | None = None
    publisher: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What `extract_many(errors="record")` gives in place of a text that failed."""

    id: str | None
    stage: str
    error: str


def extract(
    text: str,
    *,
    published: str | date | None = None,
    publisher: str | None = None,
    counts: Policy = "recorders",
    min_confidence: float = 0.0,
    model: str | None = None,
    gazetteer: str | Path | None = None,
) -> Report:
    """Every incident and tally that `text` tells of.

    published: day of publication, against which "on Tuesday" is resolved; publisher: who issued the text; counts: how
    vague words are valued ("dozens" is at least 12 for "recorders", no figure for "strict"); min_confidence: a field of
    an incident that is less sure is left empty, and `Incident.candidates` keeps what was read of it; model: name or
    folder (default: the one that came with civex); gazetteer: a GeoNames dump (.txt or .zip) to find places in,
    indexed at its first use (default: the small one that came with civex).

    Raises TypeError for anything but a str, ValueError for a date, policy or threshold that makes no sense,
    `civex.ModelNotFound`, and `civex.gazetteer.GazetteerError`, an OSError, for a gazetteer that can't be read.
    """
    given = _input(Input(text, published, publisher))
    _check(counts, min_confidence)
    nlp = load(model)
    return _report(nlp(_prepared(given, nlp, _readable(gazetteer))), given, nlp, counts, min_confidence)


def extract_many(
    items: Iterable[str | Input] | Iterable[tuple[str | Input, Any]],
    *,
    counts: Policy = "recorders",
    min_confidence: float = 0.0,
    model: str | None = None,
    gazetteer: str | Path | None = None,
    batch_size: int = 64,
    n_process: int = 1,
    as_tuples: bool = False,
    errors: Literal["raise", "record"] = "raise",
) -> Iterator:
    """A Report for each item, in order; with `errors="record"` a Failure for one that fails.

    items: str or `Input`, read a few batches ahead; with `as_tuples` (item, context) pairs, giving (report, context).
    batch_size: most texts read at once (long texts make smaller batches); it changes no result. n_process: worker
    processes, -1 for one a core; they are started by the start method of `multiprocessing` and load the model once.
    A text that kills its worker is a Failure of stage "worker" (with `errors="raise"` a RuntimeError) and costs no
    other. In a process that may have no children (a worker of `multiprocessing.Pool`) n_process is taken as 1, with a
    RuntimeWarning.

    Raises ValueError for an option that makes no sense, `civex.ModelNotFound` and, with `errors="raise"`, what
    `extract` raises, after the results of the items before.
    """
    _check(counts, min_confidence)
    if errors not in ("raise", "record"):
        raise ValueError(f"errors is raise or record, not {errors!r}")
    if batch_size < 1 or (n_process < 1 and n_process != -1):
        raise ValueError("batch_size and n_process are at least 1 (n_process=-1: one a core)")
    load_apart(model)
    work = _Work(counts, min_confidence, model, _readable(gazetteer))
    pairs: Iterable[Any] = items if as_tuples else ((item, None) for item in items)
    batches = _batches(pairs, batch_size)
    n_process = _allowed(n_process)
    results = _in_processes(batches, work, n_process) if n_process > 1 else _in_this_process(batches, work)
    return _results(results, work, as_tuples, errors)


@dataclass(frozen=True, slots=True)
class _Work:
    """What a worker has to know besides the texts."""

    counts: Policy
    min_confidence: float
    model: str | None
    gazetteer: str | None


def _check(counts: str, min_confidence: float) -> None:
    if counts not in _POLICIES:
        raise ValueError(f"counts is one of {', '.join(_POLICIES)}, not {counts!r}")
    if not 0.0 <= min_confidence <= 1.0:
        raise ValueError(f"min_confidence lies between 0 and 1, not {min_confidence!r}")


def _allowed(n_process: int) -> int:
    """The number of worker processes that this process may start."""
    if n_process == -1:
        n_process = os.cpu_count() or 1
    if n_process > 1 and multiprocessing.current_process().daemon:
        warnings.warn("a daemonic process may have no children: n_process is taken as 1", RuntimeWarning, stacklevel=3)
        return 1
    return n_process


def _batches(pairs: Iterable[tuple[Any, Any]], batch_size: int) -> Iterator[_Batch]:
    """The items with their contexts, at most `batch_size` and about `_BATCH_CHARS` characters at once."""
    batch: _Batch = []
    length = 0
    for item, context in pairs:
        batch.append((item, context))
        text = getattr(item, "text", item)
        length += len(text) if isinstance(text, str) else 0
        if len(batch) == batch_size or length >= _BATCH_CHARS:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def _results(
    batches: Iterable[tuple[_Batch, list[Report | Failure]]], work: _Work, as_tuples: bool, errors: str
) -> Iterator:
    for batch, outcomes in batches:
        for (item, context), outcome in zip(batch, outcomes, strict=True):
            if errors == "raise" and isinstance(outcome, Failure):
                if outcome.stage == "worker":
                    raise RuntimeError(outcome.error)
                outcome = _one(item, work)  # raises the error itself, with its traceback
            yield (outcome, context) if as_tuples else outcome


def _in_this_process(batches: Iterable[_Batch], work: _Work) -> Iterator[tuple[_Batch, list[Report | Failure]]]:
    for batch in batches:
        yield batch, _outcomes([item for item, _ in batch], work)


def _in_processes(
    batches: Iterator[_Batch], work: _Work, n_process: int
) -> Iterator[tuple[_Batch, list[Report | Failure]]]:
    """Batches in order, two for each worker under way; workers that die are replaced."""
    waiting: deque[tuple[_Batch, Future]] = deque()
    pool = _pool(n_process)
    try:
        while True:
            while len(waiting) < 2 * n_process and (batch := next(batches, None)) is not None:
                waiting.append((batch, _submit(pool, batch, work)))
            if not waiting:
                return
            batch, future = waiting.popleft()
            try:
                outcomes = _read(future.result())
            except BrokenExecutor:
                pool.shutdown()
                outcomes = _one_at_a_time(batch, work)
                pool = _pool(n_process)
                waiting = deque((b, f if _is_good(f) else _submit(pool, b, work)) for b, f in waiting)
            except Exception:  # an item that cannot be sent to another process
                outcomes = _outcomes([item for item, _ in batch], work)
            yield batch, outcomes
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(n_process: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(n_process, mp_context=multiprocessing.get_context(), initializer=_start_worker)


def _start_worker() -> None:
    """Leave Ctrl-C to the parent, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _submit(pool: ProcessPoolExecutor, batch: _Batch, work: _Work) -> Future:
    try:
        return pool.submit(_plain_outcomes, [item for item, _ in batch], work)
    except BrokenExecutor as error:
        broken: Future = Future()
        broken.set_exception(error)
        return broken


def _is_good(future: Future) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _one_at_a_time(batch: _Batch, work: _Work) -> list[Report | Failure]:
    """The outcomes of a batch in which a worker died: the text at which one dies again is the one that failed."""
    outcomes: list[Report | Failure] = []
    pool = _pool(1)
    for pair in batch:
        try:
            outcomes += _read(_submit(pool, [pair], work).result())
        except BrokenExecutor:
            pool.shutdown()
            pool = _pool(1)
            failed = "the worker process died at this text; it may need more memory than there is"
            outcomes.append(Failure(getattr(pair[0], "id", None), "worker", failed))
    pool.shutdown()
    return outcomes


def _plain_outcomes(items: list, work: _Work) -> list[dict[str, Any] | Failure]:
    """Run in a worker: plain data comes back, for a Doc would take its whole vocabulary along."""
    return [o.to_dict() if isinstance(o, Report) else o for o in _outcomes(items, work)]


def _read(outcomes: list[dict[str, Any] | Failure]) -> list[Report | Failure]:
    return [Report.from_dict(o) if isinstance(o, dict) else o for o in outcomes]


def _outcomes(items: list, work: _Work) -> list[Report | Failure]:
    """A Report or Failure for each item: all at once, or one by one where a component fails on the batch."""
    given = [_checked(item) for item in items]
    sound = [one for one in given if isinstance(one, Input)]
    found: Iterator[Report | Failure]
    try:
        found = iter(_reports(sound, work))
    except Exception:
        found = (_alone(one, work) for one in sound)
    return [next(found) if isinstance(one, Input) else one for one in given]


def _alone(given: Input, work: _Work) -> Report | Failure:
    try:
        return _reports([given], work)[0]
    except Exception as error:
        return Failure(given.id, "extract", f"{type(error).__name__}: {error}")


def _one(item: object, work: _Work) -> Report:
    return _reports([_input(item)], work)[0]


def _checked(item: object) -> Input | Failure:
    try:
        return _input(item)
    except (TypeError, ValueError) as error:
        return Failure(getattr(item, "id", None), "input", f"{type(error).__name__}: {error}")


def _reports(given: list[Input], work: _Work) -> list[Report]:
    """The reports of some texts. What spaCy takes in memory for their words is freed before they are returned."""
    nlp = load_apart(work.model)
    with _ZONE, nlp.memory_zone():
        docs = nlp.pipe([_prepared(one, nlp, work.gazetteer) for one in given], batch_size=len(given) or 1)
        return [_report(doc, one, nlp, work.counts, work.min_confidence) for doc, one in zip(docs, given, strict=True)]


def _input(item: object) -> Input:
    """The item with its day of publication as an ISO day. Raises TypeError and ValueError for what cannot be read."""
    given = Input(item) if isinstance(item, str) else item
    if not isinstance(given, Input) or not isinstance(given.text, str):
        kind = type(getattr(given, "text", given)).__name__
        raise TypeError(f"civex reads str, not {kind}: decode bytes and read files first")
    if not isinstance(given.publisher, str | None):
        raise TypeError(f"publisher is str or None, not {type(given.publisher).__name__}")
    return given if given.published is None else replace(given, published=_day(given.published))


def _report(doc: Doc, given: Input, nlp: Language, counts: str, min_confidence: float) -> Report:
    model = {"name": f"{nlp.meta['lang']}_{nlp.meta['name']}", "version": nlp.meta["version"]}
    return build_report(
        doc, given.text, counts=counts, model=model, calibration=of_model(nlp.meta), min_confidence=min_confidence
    )


def _readable(gazetteer: str | Path | None) -> str | None:
    """The path of a gazetteer that can be read; its index is made if need be."""
    if gazetteer is None:
        return None
    open_gazetteer(gazetteer)
    return str(gazetteer)


def _prepared(given: Input, nlp: Language, gazetteer: str | None) -> Doc:
    doc = nlp.make_doc(given.text)
    doc._.civex_gazetteer = gazetteer
    doc._.civex_published = given.published
    doc._.civex_publisher = given.publisher
    return doc


def _day(published: str | date) -> str:
    if isinstance(published, date):
        return published.strftime("%Y-%m-%d")
    try:
        return date.fromisoformat(published).isoformat()
    except (TypeError, ValueError):
        raise ValueError(f"published is an ISO day such as 2019-06-03, not {published!r}") from None
