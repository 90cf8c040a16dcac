"""How far a batch is: a bar on a terminal, a plain line every so often where the output is piped, or nothing."""

import sys
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from civex.batch.run import Seen
from civex.schema import counted

EVERY = 10.0  # seconds between two plain lines
Show = Callable[[Seen], None]


@contextmanager
def show_progress(inputs: Iterable[str], *, quiet: bool = False, every: float = EVERY) -> Iterator[Show]:
    """Give a function to be called with what was seen so far; it writes to stderr.

    inputs: those of the batch, by which the time left is told where their documents can be counted beforehand. every:
    seconds between two lines where stderr is not a terminal.
    """
    if quiet:
        yield lambda seen: None
    elif sys.stderr.isatty():
        with _bar() as bar:
            yield _on_bar(bar, bar.add_task("", total=count_documents(inputs), said=""))
    else:
        yield _in_lines(every)


def count_documents(inputs: Iterable[str]) -> int | None:
    """About how many documents the inputs hold; None where only reading them would tell."""
    total = 0
    for name in inputs:
        path = Path(name)
        for file in (p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
            number = _documents_in(file)
            if number is None:
                return None
            total += number
    return total


def _documents_in(file: Path) -> int | None:
    try:
        match file.suffix.lower():
            case ".jsonl":
                with file.open("rb") as lines:
                    return sum(1 for _ in lines)
            case ".zip":
                with zipfile.ZipFile(file) as archive:
                    return len(archive.namelist())
            case ".txt" | ".md" | ".html" | ".htm" | ".pdf" | ".docx" | ".eml":
                return 1
    except (OSError, zipfile.BadZipFile):
        return 1  # one error
    return None


def _bar() -> Progress:
    return Progress(
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _on_bar(bar: Progress, task: TaskID) -> Show:
    begun = time.monotonic()

    def show(seen: Seen) -> None:
        completed = seen.documents + seen.known + seen.same + seen.errors
        bar.update(task, completed=completed, description=_said(seen, time.monotonic() - begun))

    return show


def _in_lines(every: float) -> Show:
    begun = last = time.monotonic()

    def show(seen: Seen) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every:
            last = now
            print(f"civex: {_said(seen, now - begun)}", file=sys.stderr, flush=True)

    return show


def _said(seen: Seen, seconds: float) -> str:
    parts = [
        counted(seen.documents, "document", "documents"),
        f"{seen.documents / max(seconds, 0.001):.1f}/s",
        counted(seen.incidents, "incident", "incidents"),
        counted(seen.errors, "error", "errors"),
    ]
    if seen.known:
        parts.append(f"{seen.known} done before")
    return ", ".join(parts)
