"""The command `civex batch`: many inputs in, one folder of records out.

Exit status: 0 when all went well, 3 when some document failed (each is named in errors.jsonl), 2 for what the user has
to put right first.
"""

import glob
import os
import sqlite3
from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from civex.schema import counted, one_line

SOME_FAILED = 3
INTERRUPTED = 130


class Counts(str, Enum):
    """How vague words ("several", "dozens") are counted."""

    recorders = "recorders"
    strict = "strict"


class Errors(str, Enum):
    """What is done about a document that fails."""

    record = "record"
    raise_ = "raise"


Inputs = Annotated[
    list[str], typer.Argument(metavar="INPUT...", help="Files, folders, patterns; - reads standard input.")
]


def batch(
    inputs: Inputs,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the records go.")],
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", metavar="NAME", help="Also these tables: csv, parquet, ...; may be given repeatedly."),
    ] = None,
    n_process: Annotated[int, typer.Option(metavar="N", help="Worker processes; -1 is one a core.")] = 1,
    text_column: Annotated[str, typer.Option(metavar="NAME", help="Column of the text, in tables.")] = "text",
    id_column: Annotated[str | None, typer.Option(metavar="NAME", help="Column of the document's name.")] = None,
    published_column: Annotated[
        str | None, typer.Option("--published-column", "--date-column", metavar="NAME", help="Column of the day.")
    ] = None,
    publisher_column: Annotated[str | None, typer.Option(metavar="NAME", help="Column of the publisher.")] = None,
    keep_text: Annotated[bool, typer.Option("--keep-text", help="Save each text, to which all offsets refer.")] = False,
    counts: Annotated[Counts, typer.Option(help="Vague words as a floor, or as no figure.")] = Counts.recorders,
    min_confidence: Annotated[float, typer.Option(min=0.0, max=1.0, help="Leave less sure fields empty.")] = 0.0,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The model, if not the default one.")] = None,
    errors: Annotated[Errors, typer.Option(help="Go on after a document that fails, or stop at it.")] = Errors.record,
    redo_with_new_model: Annotated[
        bool, typer.Option("--redo-with-new-model", help="Extract all anew where model or settings changed.")
    ] = False,
    part_size: Annotated[int, typer.Option(metavar="N", min=1, help="Documents a file of records.")] = 1000,
    ungrouped: Annotated[bool, typer.Option("--ungrouped", help="Rows of reports, not of events, in ucdp.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless something failed.")] = False,
) -> None:
    """Extract many documents into a folder; run it again to go on after a break, or to add what is new."""
    from civex.batch.inputs import read_inputs
    from civex.batch.manifest import ManifestError
    from civex.batch.outputs import check_formats, write_outputs
    from civex.batch.progress import show_progress
    from civex.batch.run import Stopped, run_batch

    _check(inputs, out, n_process)
    asked = [name for value in formats or ["jsonl"] for name in value.split(",")]
    try:
        check_formats(asked)
        with show_progress(inputs, quiet=quiet) as progress:
            totals = run_batch(
                read_inputs(
                    inputs,
                    text_column=text_column,
                    id_column=id_column,
                    date_column=published_column,
                    publisher_column=publisher_column,
                ),
                out,
                counts=counts.value,
                min_confidence=min_confidence,
                model=model,
                n_process=n_process,
                keep_text=keep_text,
                redo_with_new_model=redo_with_new_model,
                errors=errors.value,
                part_size=part_size,
                progress=progress,
            )
        if set(asked) != {"jsonl"}:
            write_outputs(out, asked, ungrouped=ungrouped)
    except Stopped as error:
        fail(f"stopped at {error}", SOME_FAILED)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
    except (ImportError, ManifestError, ValueError, sqlite3.Error) as error:
        fail(str(error))
    except KeyboardInterrupt:
        fail("stopped; the same command goes on from here", INTERRUPTED)
    if totals.errors:
        named = f"{counted(totals.errors, 'input', 'inputs')} failed: see {out / 'errors.jsonl'}"
        fail(f"{_summary(totals.documents, totals.incidents, totals.same)}; {named}", SOME_FAILED)
    if not quiet:
        typer.echo(f"{_summary(totals.documents, totals.incidents, totals.same)} in {out}")


def fail(message: str, status: int = 2) -> NoReturn:
    """Say on stderr in one line what happened and leave with this exit status."""
    typer.echo(f"civex: {one_line(message)}", err=True)
    raise typer.Exit(status)


def _check(inputs: list[str], out: Path, n_process: int) -> None:
    """Leave with exit status 2 for inputs that are not there, an OUT among them, or a number that makes no sense."""
    for name in inputs:
        if name != "-" and not glob.has_magic(name) and not os.path.lexists(name):
            fail(f"{name}: no such file or folder")
        if os.path.isdir(name) and Path(os.path.realpath(out)).is_relative_to(os.path.realpath(name)):
            fail(f"--out {out}: lies in the input {name}, where its records would be read as documents")
    if out.exists() and not out.is_dir():
        fail(f"--out {out}: not a folder")
    if n_process < 1 and n_process != -1:
        fail(f"--n-process {n_process}: give a number from 1 on, or -1 for one a core")


def _summary(documents: int, incidents: int, same: int) -> str:
    parts = [
        counted(documents, "document", "documents"),
        counted(incidents, "report of an incident", "reports of incidents"),
    ]
    if same:
        parts.append(f"{same} more the same as others")
    return ", ".join(parts)
