"""The commands `civex corpus import`, `export`, `labels` and `diff`."""

from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from civex.annotations import AnnotatedText, check
from civex.corpus import blank
from civex.formats import FORMATS, Damaged, Log, read, write
from civex.formats.difference import compare
from civex.formats.label_config import CONFIGURATIONS
from civex.formats.offsets import mend_edges
from civex.labels import MENTION_LABELS

Format = Enum("Format", {name: name for name in FORMATS}, type=str)  # type: ignore[misc]  # made from the table
Tool = Enum("Tool", {name: name for name in CONFIGURATIONS}, type=str)  # type: ignore[misc]


class Edges(str, Enum):
    """What happens to a mention that is not on token edges."""

    mend = "mend"
    keep = "keep"


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
    edges: Annotated[Edges, typer.Option(help="Mend mentions that are not on token edges, or keep them.")] = Edges.mend,
    any_label: Annotated[bool, typer.Option("--any-label", help="Take labels of other schemes too.")] = False,
    skip_damaged: Annotated[bool, typer.Option(help="Write the sound documents though others are refused.")] = False,
) -> None:
    """Read a tool's annotations and write them as civex's inline text, a file a document."""
    _refuse_existing(out)
    log = Log()
    documents = _read(path, format.value, log)
    if not any_label:
        documents = [d for d in documents if _knows_labels(d, path, log)]
    if edges is Edges.mend:
        documents = [d for d in documents if _mended(d, path, log)]
    _say(log)
    if log.faults and not skip_damaged:
        _fail(f"{_faults(log)}; nothing written (--skip-damaged writes the other documents)")
    written = Log()
    _write(documents, out, "inline", written)
    for document in documents:
        for *_, message in check(document):
            typer.echo(f"{document.id}: to mend by hand: {message}", err=True)
    _say_counts(log, documents)
    typer.echo(f"{len(documents)} documents in {out}")
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
    _refuse_existing(out)
    log = Log()
    if predict:
        documents, version = _predicted(path, model)
        log.found["documents"] = len(documents)
    else:
        documents, version = _read(path, "inline", log), None
        _say(log)
        if log.faults:
            _fail(f"{_faults(log)}; nothing written")
    _write(documents, out, format.value, log, version)
    for file, line, message in log.notes:
        typer.echo(f"{file}:{line}: {message}", err=True)
    _say_counts(log, documents)
    typer.echo(f"{len(documents)} documents in {out}")


def show_labels(
    format: Annotated[Tool, typer.Option("--format", "-f", help="The tool.")],
) -> None:
    """Print a tool's own label configuration."""
    try:
        typer.echo(CONFIGURATIONS[format.value](), nl=False)
    except ImportError as error:
        _fail(str(error))


def diff(
    one: Source,
    other: Source,
    format: Annotated[Format, typer.Option("--format", "-f", help="The format of both.")] = Format.inline,  # type: ignore[attr-defined]
) -> None:
    """What differs between two annotated collections; exit status 1 where something does."""
    log = Log()
    documents = [_read(path, format.value, log) for path in (one, other)]
    if log.faults:
        _say(log)
        _fail(_faults(log))
    found = compare(*documents)
    for line in found.lines:
        typer.echo(_plain(line))
    typer.echo(", ".join(f"{number} {kind}" for kind, number in found.counts.items()) or "no difference")
    if found.counts:
        raise typer.Exit(1)


def _read(path: Path, format: str, log: Log) -> list[AnnotatedText]:
    try:
        return read(path, format, log)
    except ImportError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or path}: {error.strerror or error}")


def _write(documents: list[AnnotatedText], out: Path, format: str, log: Log, version: str | None = None) -> None:
    try:
        if format == "label-studio" and version is not None:
            from civex.formats import label_studio

            label_studio.write(documents, out, log, model_version=version)
        else:
            write(documents, out, format, log)
    except (Damaged, ImportError) as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{error.filename or out}: {error.strerror or error}")


def _knows_labels(document: AnnotatedText, path: Path, log: Log) -> bool:
    unknown = sorted({m.label for m in document.mentions} - {*MENTION_LABELS})
    if unknown:
        message = f"unknown label {', '.join(unknown)}; labels are {', '.join(MENTION_LABELS)} (--any-label takes others)"
        _refuse(document, path, message, log)
    return not unknown


def _mended(document: AnnotatedText, path: Path, log: Log) -> bool:
    try:
        mend_edges(document.mentions, blank_nlp().make_doc(document.text), log.note(f"{path}: {document.id}", 1))
    except Damaged as error:
        _refuse(document, path, str(error), log)
        return False
    return True
