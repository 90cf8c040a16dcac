"""The commands `civex corpus import`, `export`, `labels` and `diff`. The formats are imported when a command runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from civex.formats import FORMATS, TOOLS
from civex.schema import counted

if TYPE_CHECKING:
    from civex.annotations import AnnotatedText
    from civex.formats.files import Log

Format = Enum("Format", {name: name for name in FORMATS}, type=str)  # type: ignore[misc]  # made from the table
Tool = Enum("Tool", {name: name for name in TOOLS}, type=str)  # type: ignore[misc]

_COUNTED = ("documents", "spans", "relations")
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="The tool's format.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="PATH", help="Where to write; must not be there yet.")]
Source = Annotated[Path, typer.Argument(exists=True, metavar="PATH", help="File or folder.")]


def add_commands(app: typer.Typer) -> None:
    """Add the commands to `civex corpus`."""
    app.command("import")(import_corpus)
    app.command("export")(export_corpus)
    app.command("labels")(show_labels)
    app.command("diff")(diff)


def import_corpus(
    path: Source,
    format: FormatOption,
    out: Out,
    mend_edges: Annotated[bool, typer.Option(help="Move mentions that are not on token edges.")] = True,
    any_label: Annotated[bool, typer.Option("--any-label", help="Take labels of other schemes too.")] = False,
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Write the sound documents though others are refused.")
    ] = False,
) -> None:
    """Read a tool's annotations and write them as civex's inline text, a file a document."""
    from civex.annotations import check
    from civex.formats.conversion import read_checked
    from civex.formats.files import Log

    _refuse_existing(out)
    log, written = Log(), Log()
    with _one_line():
        documents = read_checked(path, format.value, log, any_label=any_label, mend=mend_edges)
    _say(log)
    if log.faults and not skip_damaged:
        _say_counts(log)
        _fail(f"{_faults(log)}; nothing written (--skip-damaged writes the other documents)")
    _write(documents, out, "inline", written)
    _say(written)
    for document in documents:
        for *_, message in check(document):
            typer.echo(_plain(f"{document.id}: to mend by hand: {message}"), err=True)
    _say_counts(log)
    typer.echo(f"{counted(len(documents), 'document', 'documents')} in {out}")
    if log.faults:
        raise typer.Exit(2)


def export_corpus(
    path: Source,
    format: FormatOption,
    out: Out,
    predict: Annotated[bool, typer.Option("--predict", help="Annotate the texts with the model first.")] = False,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The model, if not the default one.")] = None,
) -> None:
    """Write annotated documents in a tool's format; with --predict plain texts too, for a person to correct."""
    from civex.formats import read
    from civex.formats.conversion import predicted
    from civex.formats.files import Log
    from civex.loading import load

    _refuse_existing(out)
    log, written, version = Log(), Log(), None
    with _one_line():
        if predict:
            nlp = load(model)
            version = f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}"
            documents = predicted(path, nlp)
        else:
            documents = read(path, "inline", log)
    _say(log)
    if log.faults:
        _fail(f"{_faults(log)}; nothing written")
    _write(documents, out, format.value, written, version)
    _say(written)
    if version is None or format.value not in ("label-studio", "inline"):  # these refuse what a person must mend first
        _check_back(documents, out, format.value)
    if not predict:
        _say_counts(log)
    typer.echo(f"{counted(len(documents), 'document', 'documents')} in {out}")


def show_labels(format: Annotated[Tool, typer.Option("--format", "-f", help="The tool.")]) -> None:
    """Print a tool's own label configuration."""
    from civex.formats.label_config import configuration

    with _one_line():
        typer.echo(configuration(format.value), nl=False)


def diff(
    one: Source,
    other: Source,
    format: Annotated[Format, typer.Option("--format", "-f", help="The format of both.")] = Format.inline,  # type: ignore[attr-defined]
) -> None:
    """What differs between two annotated collections; exit status 1 where something does."""
    from civex.formats import read
    from civex.formats.difference import compare
    from civex.formats.files import Log

    log = Log()
    with _one_line():
        documents = [read(path, format.value, log) for path in (one, other)]
    if log.faults:
        _say(log)
        _fail(_faults(log))
    found = compare(*documents)
    for line in found.lines:
        typer.echo(_plain(line))
    typer.echo(", ".join(f"{kind} {number}" for kind, number in found.counts.items()) or "no difference")
    if found.counts:
        raise typer.Exit(1)


@contextmanager
def _one_line() -> Iterator[None]:
    """Whatever a user can put right leaves as one line: a missing extra or model, a file that can't be read."""
    from civex.formats.flat import Damaged

    try:
        yield
    except (Damaged, ImportError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _write(documents: "list[AnnotatedText]", out: Path, format: str, log: "Log", version: str | None = None) -> None:
    from civex.formats import label_studio, write

    with _one_line():
        if format == "label-studio" and version is not None:
            label_studio.write(documents, out, log, model_version=version)
        else:
            write(documents, out, format, log)


def _check_back(documents: "list[AnnotatedText]", out: Path, format: str) -> None:
    """Read what was written; anything that differs is named."""
    from civex.formats.conversion import read_back

    with _one_line():
        found, log = read_back(documents, out, format)
    for line in found.lines:
        typer.echo(_plain(line), err=True)
    if log.faults or found.counts:
        _say(log)
        _fail(f"{out}: does not read back as it was written; the lines above say where")


def _say(log: "Log") -> None:
    for file, line, message in (*log.notes, *log.faults):
        typer.echo(_plain(f"{file}:{line}: {message}"), err=True)


def _say_counts(log: "Log") -> None:
    for name, counts in (("in", log.found), ("out", log.given), ("refused or left out", log.refused)):
        if counts or name != "refused or left out":
            typer.echo(f"{name}: {', '.join(counted(counts[what], what[:-1], what) for what in _COUNTED)}")
    for cause, number in log.left_out.items():
        typer.echo(f"left out: {counted(number, 'document', 'documents')}: {cause}")


def _faults(log: "Log") -> str:
    return counted(len(log.faults), "fault", "faults")


def _refuse_existing(out: Path) -> None:
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        _fail(f"{out} is there already; give another name, or take it away")


def _plain(message: str) -> str:
    return " ".join(message.split())


def _fail(message: str) -> NoReturn:
    typer.echo(f"civex: {_plain(message)}", err=True)
    raise typer.Exit(2)
