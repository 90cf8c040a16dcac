"""Batch extraction: documents in, one JSON line a document out, in parts, so that a killed run goes on where it was.

A part is written whole or not at all and then entered in the manifest, so that whatever moment a run is killed at, the
next one goes on after the last whole part and the files are the same bytes as those of an unbroken run.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal

import civex
from civex.batch.atomic import replacing
from civex.batch.inputs import Broken, Document
from civex.batch.manifest import Manifest, Totals
from civex.extraction import Failure, Input, Policy, extract_many
from civex.loading import load_apart
from civex.schema import Report, one_line

_ADVICE = {
    "input": "give the day of publication as 2019-06-03, the publisher as text",
    "extract": "a fault of civex: please report it with the text",
    "worker": "give it more memory, or run fewer processes at once",
}


class Stopped(Exception):
    """The first document that failed, where the run was to stop at it."""


@dataclass(slots=True)
class Seen:
    """What a run has met so far; `known` are documents that an earlier run extracted."""

    documents: int = 0
    known: int = 0
    same: int = 0
    incidents: int = 0
    errors: int = 0


def run_batch(
    documents: Iterable[Document | Broken],
    out: Path,
    *,
    counts: Policy = "recorders",
    min_confidence: float = 0.0,
    model: str | None = None,
    n_process: int = 1,
    keep_text: bool = False,
    redo_with_new_model: bool = False,
    errors: Literal["raise", "record"] = "record",
    part_size: int = 1000,
    progress: Callable[[Seen], None] = lambda seen: None,
) -> Totals:
    """Extract all documents into the folder `out`, or those that it does not hold yet; what it holds in the end.

    Written are `reports/part-*.jsonl`, `errors.jsonl`, `manifest.sqlite` and, with `keep_text`, `texts/*.txt`. A
    document with the text, day and publisher of an earlier one is not extracted again: its name joins the provenance of
    that one. Those that failed before are tried again. part_size: documents a part; the same in all runs over an `out`.
    progress: called after each document.

    Raises ManifestError where `out` was made with another model or other settings and `redo_with_new_model` is not
    set, or is in use; Stopped, with `errors="raise"`, at the first document that fails; OSError; ModelNotFound.
    """
    made_by = _settings(counts, min_confidence, model)
    out.mkdir(parents=True, exist_ok=True)
    (out / "reports").mkdir(exist_ok=True)
    manifest = Manifest(out / "manifest.sqlite")
    try:
        manifest.begin({**made_by, "part_size": part_size}, redo=redo_with_new_model)
        batch = _Batch(out, manifest, made_by, keep_text, errors == "raise", progress)
        options: dict[str, Any] = {"counts": counts, "min_confidence": min_confidence, "model": model}
        pending = batch.pending(documents)
        batch.write(extract_many(pending, **options, n_process=n_process, as_tuples=True, errors="record"), part_size)
        manifest.forget_errors_of_earlier_runs()
        manifest.commit()
        _finish(out, manifest)
        return manifest.totals()
    finally:
        manifest.close()


def _settings(counts: str, min_confidence: float, model: str | None) -> dict[str, Any]:
    """All that decides what a record says, besides its text."""
    nlp = load_apart(model)
    name = f"{nlp.meta['lang']}_{nlp.meta['name']}"
    return {
        "counts": counts,
        "min_confidence": min_confidence,
        "model": {"name": name, "version": nlp.meta["version"], "sha256": _digest(nlp.path)},
        "civex": civex.__version__,
    }


def _digest(folder: Path) -> str:
    """SHA-256 over the files of a model: a model trained anew may have the version of the one before."""
    total = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        total.update(path.relative_to(folder).as_posix().encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class _Pending:
    """A document under way: its row in the manifest and what its record says of where it comes from."""

    row: int
    facts: dict[str, Any]


class _Batch:
    """One run: what it reads goes into the manifest at once, what it extracts into parts."""

    def __init__(
        self,
        out: Path,
        manifest: Manifest,
        made_by: dict[str, Any],
        keep_text: bool,
        stop: bool,
        progress: Callable[[Seen], None],
    ):
        self.out, self.manifest, self.keep_text, self.stop, self.progress = out, manifest, keep_text, stop, progress
        self.seen = Seen()
        self.model = {name: made_by["model"][name] for name in ("name", "version")}
        self.settings = {name: made_by[name] for name in ("counts", "min_confidence")}
        if keep_text:
            (out / "texts").mkdir(exist_ok=True)

    def pending(self, documents: Iterable[Document | Broken]) -> Iterator[tuple[Input, _Pending]]:
        """The documents that are to be extracted; the others are entered in the manifest."""
        for document in documents:
            if isinstance(document, Broken):
                self.manifest.broken(document)
                self.error(document.name, document.cause)
            else:
                new = self.enter(document)
                if new is not None:
                    yield Input(document.text, document.published, document.publisher), new
            self.progress(self.seen)

    def enter(self, document: Document) -> _Pending | None:
        """Enter a document in the manifest; None where it is known or the double of another."""
        data = document.text.encode("utf-8", "surrogatepass")
        sha256_text = hashlib.sha256(data).hexdigest()
        if self.keep_text:
            self.save_text(sha256_text, data)
        if self.manifest.is_known(document, sha256_text):
            self.seen.known += 1
            return None
        double_of = self.manifest.double(document, sha256_text)
        row = self.manifest.add(document, sha256_text, double_of)
        if double_of is not None:
            self.seen.same += 1
            return None
        facts = asdict(document)
        del facts["text"]
        return _Pending(row, {**facts, "sha256_text": sha256_text, "provenance": []})

    def save_text(self, sha256_text: str, data: bytes) -> None:
        path = self.out / "texts" / f"{sha256_text}.txt"
        if not path.exists():
            with replacing(path) as temporary:
                temporary.write_bytes(data)

    def write(self, results: Iterator[tuple[Report | Failure, _Pending]], part_size: int) -> None:
        """Write the records in parts, each entered in the manifest once it stands on disk."""
        records = self.records(results)
        number = self.manifest.next_part()
        first = next(records, None)
        while first is not None:
            with replacing(_part(self.out, number)) as temporary, temporary.open("wb") as file:
                last = 0
                for line, (pending, report) in enumerate(chain([first], islice(records, part_size - 1))):
                    file.write(self.record(pending, report))
                    model = f"{self.model['name']} {self.model['version']}"
                    self.manifest.done(pending.row, number, line, len(report.incidents), model)
                    last = pending.row
            self.manifest.commit(last)
            number += 1
            first = next(records, None)

    def records(self, results: Iterator[tuple[Report | Failure, _Pending]]) -> Iterator[tuple[_Pending, Report]]:
        for result, pending in results:
            if isinstance(result, Failure):
                cause = one_line(result.error)
                self.manifest.failed(pending.row, result.stage, cause, _ADVICE[result.stage])
                self.error(pending.facts["name"], cause)
            else:
                self.seen.documents += 1
                self.seen.incidents += len(result.incidents)
                yield pending, result
            self.progress(self.seen)

    def record(self, pending: _Pending, report: Report) -> bytes:
        """One line of a part."""
        return _line(
            {
                "document": pending.facts,
                "settings": self.settings,
                "model": self.model,
                "civex": civex.__version__,
                "report": report.to_dict(),
            }
        )

    def error(self, name: str, cause: str) -> None:
        self.seen.errors += 1
        if self.stop:
            raise Stopped(f"{name}: {cause}")


def _finish(out: Path, manifest: Manifest) -> None:
    """Bring the files up to the manifest: doubles found late, what failed; what killed runs and older ones left."""
    for part in manifest.parts_with_doubles():
        _add_doubles(_part(out, part), manifest.doubles(part))
    with replacing(out / "errors.jsonl") as temporary, temporary.open("wb") as file:
        file.writelines(map(_line, manifest.errors()))
    parts = {_part(out, number) for number in range(manifest.next_part())}
    left = [path for path in (out / "reports").glob("part-*.jsonl") if path not in parts]
    for path in chain(left, *(folder.glob(".*.tmp") for folder in (out, out / "reports", out / "texts"))):
        path.unlink()


def _add_doubles(path: Path, doubles: Iterable[list[str]]) -> None:
    """Name in each record of a part the inputs in which its document was found again."""
    with replacing(path) as temporary:
        with path.open("rb") as lines, temporary.open("wb") as file:
            for line, names in zip(lines, doubles, strict=True):
                if names:
                    record = json.loads(line)
                    record["document"]["provenance"] = names
                    line = _line(record)
                file.write(line)


def _part(out: Path, number: int) -> Path:
    return out / "reports" / f"part-{number:05}.jsonl"


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True).encode("ascii") + b"\n"
