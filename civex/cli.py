"""The command line: reads a text, calls civex, shows what it found.

What the user did wrong (no such file, not UTF-8, a bad date, an unknown model) is one line on stderr and exit status 2;
a traceback is always a fault of civex.
"""

import datetime
import importlib.metadata
import os
import platform
import re
import shlex
import sys
import tempfile
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from civex.batch.command import batch
from civex.batch.command_report import report
from civex.batch.command_suggest import suggest
from civex.formats.commands import add_commands as add_format_commands
from civex.render import HARMED, day, doubts, figure, people, render, words
from civex.schema import Incident, Report, Tally, counted, names, one_line, unique

app = typer.Typer(
    name="civex",
    help="Who harmed whom, when, where and how many: incidents from reports of civilian harm.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PIPED_WIDTH = 4096  # wide enough for one incident a line, so that grep and less -S work
_NARROW = 150  # below this many columns, an incident's fields share columns:
_SHARED = {
    "when and where": ("date", "place", "country"),
    "harm": HARMED,
    "what": ("actor", "action", "target"),
    "source and outcome": ("source", "outcome"),
}
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Counts(str, Enum):
    """How vague words ("several", "dozens") are counted."""

    recorders = "recorders"
    strict = "strict"


File = Annotated[
    str, typer.Argument(metavar="[FILE|-]", help="Plain text in UTF-8; - or nothing reads standard input.")
]
Published = Annotated[
    str | None, typer.Option(metavar="DATE", help="The day the text was published (2019-06-03): fixes relative dates.")
]
Publisher = Annotated[str | None, typer.Option(metavar="NAME", help="Who published the text.")]
CountsOption = Annotated[Counts, typer.Option(help="Vague words as a floor (recorders), or as no figure (strict).")]
ModelOption = Annotated[str | None, typer.Option(metavar="NAME", help="The model, if not the default one.")]
MinConfidence = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, metavar="SHARE", help="Leave fields that are less sure empty: 0.9; shown with a ?."),
]
GazetteerOption = Annotated[
    str | None,
    typer.Option(metavar="FILE", help="A GeoNames dump (allCountries.zip, cities500.txt) to find places in."),
]


def main() -> None:
    """The command `civex`."""
    app(prog_name="civex")


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Show the version and leave.")] = False,
    labels: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="CIVEX_LABELS", help="Values of your own for attributes, as JSON."),
    ] = None,
) -> None:
    """Who harmed whom, when, where and how many: incidents from reports of civilian harm."""
    if version:
        typer.echo(f"civex {_version()}")
        raise typer.Exit()
    if labels is not None:
        _extend_labels(labels)


def _extend_labels(path: Path) -> None:
    """Add the values of a label file ({"target_type": ["bridge"]}) to those of the guideline."""
    import json

    from civex.labels import extend

    try:
        values = json.loads(_read(str(path)))
        if not isinstance(values, dict) or not all(isinstance(words, list) for words in values.values()):
            raise ValueError('a label file is like {"target_type": ["bridge"], "outcome": ["referred"]}')
        extend(values)
    except ValueError as error:
        fail(f"{path}: {error}")


@app.command()
def extract(
    file: File = "-",
    published: Published = None,
    publisher: Publisher = None,
    counts: CountsOption = Counts.recorders,
    model: ModelOption = None,
    gazetteer: GazetteerOption = None,
    min_confidence: MinConfidence = 0.0,
    json: Annotated[bool, typer.Option("--json", help="The whole report as JSON (ASCII).")] = False,
) -> None:
    """Show the incidents, tallies and warnings of a text."""
    report = _report(_read(file), published, publisher, counts, model, gazetteer, min_confidence)
    if json:
        typer.echo(report.to_json(indent=2))
    else:
        _show(report)
    _warn(report)


@app.command("render")
def render_page(
    file: File = "-",
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE", help="The page; - is standard output.")] = "-",
    published: Published = None,
    publisher: Publisher = None,
    counts: CountsOption = Counts.recorders,
    model: ModelOption = None,
    gazetteer: GazetteerOption = None,
    min_confidence: MinConfidence = 0.0,
) -> None:
    """Write a text with all that was found in it as one HTML page."""
    if out != "-" and file != "-" and os.path.realpath(out) == os.path.realpath(file):
        fail(f"{out}: the page would overwrite the text")
    text = _read(file)
    report = _report(text, published, publisher, counts, model, gazetteer, min_confidence)
    page = render(report, text).encode("utf-8")
    if out == "-":
        sys.stdout.buffer.write(page)
    else:
        try:
            Path(out).write_bytes(page)
        except OSError as error:
            fail(f"{out}: {error.strerror or error}")
    _warn(report)


@app.command()
def explain(
    file: File = "-",
    incident: Annotated[str | None, typer.Option(metavar="ID", help="One incident: i3. Without it all.")] = None,
    published: Published = None,
    publisher: Publisher = None,
    counts: CountsOption = Counts.recorders,
    model: ModelOption = None,
    gazetteer: GazetteerOption = None,
) -> None:
    """Say in words why a record says what it says: the sentences, each claim, what decided, how sure it is."""
    report = _report(_read(file), published, publisher, counts, model, gazetteer)
    known = {found.id: found for found in report.incidents}
    if incident is not None and incident not in known:
        fail(f"--incident {incident}: the text has {', '.join(known) or 'no incident'}")
    if not known:
        typer.echo("No incident was found in this text.")
    for found in known.values() if incident is None else [known[incident]]:
        _lines(found.explain())
        typer.echo()


@app.command()
def info(model: ModelOption = None) -> None:
    """Show the versions in use and what the model is made of."""
    import civex

    try:
        nlp = civex.load(model)
    except OSError as error:
        fail(str(error))
    meta = nlp.meta
    rows: dict[str, Any] = {
        "civex": _version(),
        "python": f"{platform.python_version()} on {platform.platform()}",
        "spacy": _version("spacy"),
        "model": f"{meta.get('name')} {meta.get('version')}",
        "about": meta.get("description"),
        "licence": meta.get("license"),
        "pipeline": ", ".join(nlp.pipe_names),
        **{name: f"{value:.3f}" for name, value in (meta.get("performance") or {}).items() if isinstance(value, float)},
    }
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in rows.items():
        if value:
            table.add_row(_cell(name), _cell(str(value)))
    _console().print(table)


app.command("batch")(batch)
app.command("report")(report)
app.command("suggest")(suggest)
corpus_app = typer.Typer(help="Annotated documents: check, compile, count.", no_args_is_help=True)
app.add_typer(corpus_app, name="corpus")
add_format_commands(corpus_app)
Folder = Annotated[Path, typer.Argument(exists=True, metavar="FOLDER", help="Annotated .txt files, or one of them.")]


@corpus_app.command("check")
def corpus_check(
    folder: Folder, show: Annotated[bool, typer.Option(help="Also show the records that the annotation gives.")] = False
) -> None:
    """Every fault of every document, with file, line and column; exit status 2 where there is one."""
    from civex.annotations import read
    from civex.corpus import blank, faults_of, paths
    from civex.evaluation import gold_report

    nlp = blank()
    sound, faults = faults_of(folder, nlp)
    for file, line, column, message in faults:
        typer.echo(f"{file}:{line}:{column}: {message}", err=True)
    if show and not faults:
        for path in paths(folder):
            typer.echo(f"== {path}")
            _show(gold_report(read(path), nlp))
    typer.echo(f"{counted(sound, 'sound document', 'sound documents')}, {counted(len(faults), 'fault', 'faults')}")
    if faults:
        raise typer.Exit(2)


@corpus_app.command("compile")
def corpus_compile(
    folder: Folder, out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to.")]
) -> None:
    """Write the documents as spaCy DocBin and as Prodigy JSONL."""
    from civex.annotations import CorpusError
    from civex.corpus import blank, compile_folder

    try:
        number = compile_folder(folder, out, blank())
    except CorpusError as error:
        for file, line, column, message in error.faults:
            typer.echo(f"{file}:{line}:{column}: {message}", err=True)
        fail(f"{counted(len(error.faults), 'fault', 'faults')}; nothing written")
    typer.echo(f"{counted(number, 'document', 'documents')} in {out}")


@corpus_app.command("stats")
def corpus_stats(folder: Folder) -> None:
    """Counts by part and genre, how many of a genre's eight-word runs stand in other documents too, and hard cases."""
    from civex.cases import count_cases
    from civex.corpus import describe, read_folder, template_share

    documents = read_folder(folder)
    rows = describe(documents)
    typer.echo(", ".join(f"{number:,} {what}" for what, number in rows.items()))
    table = Table(box=box.SIMPLE)
    for heading in ("genre", "documents", "incidents", "words", "shared 8-grams"):
        table.add_column(heading, justify="left" if heading == "genre" else "right")
    for genre, share in template_share(documents).items():
        own = describe(d for d in documents if d.meta.get("genre", "") == genre)
        cells = (own["documents"], own["incidents"], own["words"])
        table.add_row(_cell(genre), *(f"{c:,}" for c in cells), f"{share:.1%}")
    _console().print(table)
    for case, number in count_cases(documents).items():
        typer.echo(f"{number:5}  {case}")


@corpus_app.command("agree")
def corpus_agree(one: Folder, other: Folder) -> None:
    """Agreement of two annotators on the documents that both folders have: F1 of exact spans by label."""
    from civex.corpus import agreement, read_folder

    table = agreement(read_folder(one), read_folder(other))
    if not table:
        fail(f"no document has the same name in {one} and {other}")
    for label, (f1, first, second) in table.items():
        typer.echo(f"{label:<18}{f1:.3f}  ({first} and {second} mentions)")


@app.command("train", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def train_model(
    context: typer.Context,
    corpus: Folder,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="RUN", help="Folder for the run; a broken one goes on.")],
    base: Annotated[
        str, typer.Option(metavar="NAME|none", help="The model to fine-tune, by name or folder; none trains anew.")
    ] = "en_civex_sm",
    dev: Annotated[
        Path | None,
        typer.Option(exists=True, metavar="FOLDER", help="Documents to choose by: else a fifth of CORPUS."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, metavar="FILE", help="A spaCy training config of yours.")
    ] = None,
    code: Annotated[
        Path | None, typer.Option(exists=True, metavar="FILE", help="Python file with functions that the config names.")
    ] = None,
) -> None:
    """Fine-tune a model on annotated documents, or train one anew.

    Other values of the config follow as for spaCy: --training.max_steps 500 --system.seed 1.
    """
    from civex.annotations import CorpusError
    from civex.training import train

    try:
        best = train(corpus, out, base=base, dev=dev, config=config, code=code, overrides=_overrides(context.args))
    except CorpusError as error:
        _fail_with_faults(error.faults)
    except (ValueError, ImportError, OSError) as error:
        fail(str(error))
    except KeyboardInterrupt:
        typer.echo(f"civex: stopped; the same command goes on from the last evaluation in {out}", err=True)
        raise typer.Exit(130) from None
    typer.echo(f"best model: {best}")


def _overrides(args: list[str]) -> dict[str, Any]:
    """Config entries by dotted name of `--training.max_steps 500` or `--training.max_steps=500`."""
    from spacy.cli._util import parse_config_overrides

    for arg in args:
        if arg.startswith("-") and "." not in arg.partition("=")[0] and not re.fullmatch(r"-?[\d.e-]+", arg):
            fail(f"no such option: {arg}; values of the config are given as --training.max_steps 500")
    if args and not args[0].startswith("--"):
        fail(f"{args[0]!r} is one argument too many")
    return parse_config_overrides(list(args))


@app.command("package")
def package_model(
    run: Annotated[Path, typer.Argument(exists=True, file_okay=False, metavar="RUN", help="Folder of `civex train`.")],
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the model: en_ and your word, such as en_kivu.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the wheel.")] = Path("dist"),
    version: Annotated[str, typer.Option(metavar="VERSION", help="Version of the model.")] = "0.1.0",
    license: Annotated[str, typer.Option(metavar="NAME", help="Licence of the model.")] = "",
    test: Annotated[
        Path | None, typer.Option(exists=True, metavar="FOLDER", help="Measure on these documents, for the card.")
    ] = None,
    calibrate: Annotated[
        Path | None, typer.Option(exists=True, metavar="FOLDER", help="Make the confidence a probability by these.")
    ] = None,
) -> None:
    """Make a wheel of a trained model, with its card, for pip to install."""
    from civex.annotations import CorpusError
    from civex.training import package

    try:
        wheel = package(run, out, name=name, version=version, license=license, test=test, calibrate=calibrate)
    except CorpusError as error:
        _fail_with_faults(error.faults)
    except (ValueError, ImportError, OSError) as error:
        fail(str(error))
    typer.echo(f"pip install {wheel}")


@app.command("models")
def list_models() -> None:
    """List the models that are installed."""
    import json

    from civex.loading import installed_models

    table = Table(box=None, pad_edge=False)
    for heading in ("model", "version", "fields F1", "about", "folder"):
        table.add_column(heading)
    for name, folder in sorted(installed_models().items()):
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        f1 = (meta.get("performance") or {}).get("fields_f1")
        cells = (name, meta["version"], "" if f1 is None else f"{f1:.3f}", meta.get("description") or "", str(folder))
        table.add_row(*map(_cell, cells))
    _console().print(table)


@app.command("evaluate")
def evaluate_model(
    folder: Folder,
    model: ModelOption = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Also write the figures to a JSON file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page of every error in its sentence.")] = None,
    plots: Annotated[Path | None, typer.Option(help="Folder for plots of the confidence (extra train).")] = None,
    narratives: Annotated[bool, typer.Option("--narratives", help="Only documents that tell in prose.")] = False,
    gold: Annotated[Path | None, typer.Option(help="Write the gold records as gold.jsonl and leave.")] = None,
    show: Annotated[int, typer.Option(help="Show that many disagreements a field.")] = 0,
) -> None:
    """Score a model on annotated documents: every figure with its 95 % bootstrap interval over documents."""
    import json

    from civex import calibration, figures, reliability
    from civex.corpus import blank
    from civex.error_page import error_page
    from civex.evaluation import evaluate, write_gold

    documents = _documents(folder)
    if narratives:
        documents = [document for document in documents if figures.is_narrative(document)]
        if not documents:
            fail(f"{folder}: no document tells of incidents in prose")
    if gold is not None:
        typer.echo(f"{counted(write_gold(documents, blank(), gold), 'document', 'documents')} in {gold}")
        return
    nlp = _load(model)
    result = evaluate(documents, nlp)
    found = figures.figures([figures.row(judged) for judged in result.judged])
    observed = [reliability.observe([judged]) for judged in result.judged]
    parameters = calibration.of_model(nlp.meta)
    confidence = reliability.measure_documents(observed)
    if json_out is not None:
        data = {**result.to_dict(), "intervals": figures.to_dict(found), "calibrated": bool(parameters)}
        data["confidence"] = confidence and confidence._asdict()
        _write(json_out, json.dumps(data, indent=2) + "\n")
    if html is not None:
        _write(html, error_page(result.judged, f"Errors of {nlp.meta['lang']}_{nlp.meta['name']} on {folder}"))
    if plots is not None:
        try:
            reliability.plot(reliability.joined(observed), plots)
        except (ImportError, ValueError, OSError) as error:
            fail(f"--plots {plots}: {error}")
    _lines(figures.table(found))
    typer.echo(counted(len(documents), "document", "documents"))
    if confidence is not None:
        typer.echo(confidence.line() + ("" if parameters else "; raw scores, not calibrated"))
    for line in result.disagreements(show):
        typer.echo(line)


@app.command("compare")
def compare_models(
    first: Annotated[str, typer.Argument(metavar="A", help="The model in use: name or folder.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The model that may replace it.")],
    folder: Annotated[Path, typer.Argument(exists=True, metavar="CORPUS", help="Annotated .txt files.")],
    figure: Annotated[
        str, typer.Option(metavar="GROUP:NAME", help="What the verdict rests on, such as field:killed.")
    ] = "records:all fields",
    json_out: Annotated[Path | None, typer.Option("--json", help="Also write the comparison to a JSON file.")] = None,
    show: Annotated[int, typer.Option(help="Show that many of the documents that changed most.")] = 10,
) -> None:
    """Compare two models on the same documents; exit status 1 where the second is significantly worse.

    Paired bootstrap over documents for the intervals, a permutation test for p; 0 means not worse, 2 bad usage.
    """
    import json

    from civex.comparison import compare
    from civex.evaluation import evaluate

    documents = _documents(folder)
    group, _, name = figure.partition(":")
    evaluations = [evaluate(documents, nlp) for nlp in (_load(first), _load(second))]
    try:
        found = compare(*evaluations, names=(first, second), figure=(group.strip(), name.strip()))
    except ValueError as error:
        fail(str(error))
    if json_out is not None:
        _write(json_out, json.dumps(found.to_dict(), indent=2) + "\n")
    _lines(found.table())
    for line in found.changed(show):
        typer.echo(_plain(line))
    typer.echo(_plain(found.verdict()))
    if found.worse:
        raise typer.Exit(1)


@app.command("agree")
def agree_annotators(
    one: Folder,
    other: Folder,
    json_out: Annotated[Path | None, typer.Option("--json", help="Also write the figures to a JSON file.")] = None,
    html: Annotated[Path | None, typer.Option(help="Also write a page of every disagreement.")] = None,
    show: Annotated[int, typer.Option(help="Show that many disagreements a cause.")] = 3,
) -> None:
    """Agreement of two annotators: F1 by label and by field of the records, and where they disagree."""
    import json

    from civex import figures
    from civex.agreement import agree
    from civex.annotations import CorpusError
    from civex.corpus import blank
    from civex.error_page import error_page
    from civex.errors import CAUSES, errors

    try:
        found = agree(_documents(one), _documents(other), blank())
    except CorpusError as error:
        _fail_with_faults(error.faults)
    for line in found.skipped:
        typer.echo(_plain(f"civex: left out: {line}"), err=True)
    if not found.judged:
        fail(f"{one} and {other} have no document of the same name and text")
    measured = figures.figures([figures.row(judged) for judged in found.judged])
    if json_out is not None:
        _write(json_out, json.dumps({"documents": len(found.judged), **figures.to_dict(measured)}, indent=2) + "\n")
    if html is not None:
        _write(html, error_page(found.judged, f"{one} and {other}", ("first", "second")))
    _lines(figures.table(measured))
    listed = [(judged.document.id, wrong) for judged in found.judged for wrong in errors(judged)]
    for cause in CAUSES:
        own = [(name, wrong) for name, wrong in listed if wrong.cause == cause]
        for name, wrong in own[:show]:
            said = f"{cause} ({len(own)}), {wrong.label}: {wrong.gold or '-'} / {wrong.found or '-'}"
            typer.echo(_plain(f"{name}, character {wrong.span[0]}: {said}"))
    typer.echo(counted(len(found.judged), "document", "documents"))


def _documents(folder: Path) -> list[Any]:
    """The annotated documents of a folder; every fault as a line on stderr."""
    from civex.annotations import CorpusError
    from civex.corpus import read_folder

    try:
        documents = read_folder(folder)
    except CorpusError as error:
        _fail_with_faults(error.faults)
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{folder}: {error}")
    if not documents:
        fail(f"{folder}: no annotated .txt file")
    return documents


def _fail_with_faults(faults: list[tuple[str, int, int, str]]) -> NoReturn:
    """Each fault of annotated documents as a line."""
    for file, line, column, message in faults:
        typer.echo(_plain(f"{file}:{line}:{column}: {message}"), err=True)
    fail(f"{counted(len(faults), 'fault', 'faults')} in the annotation: mend them first")


def _load(model: str | None) -> Any:
    import civex

    try:
        return civex.load(model)
    except OSError as error:
        fail(str(error))


def _lines(table: str) -> None:
    """A table of plain text, line by line, so that no word of a document can steer the terminal."""
    for line in table.splitlines():
        typer.echo(_CONTROLS.sub("\ufffd", line))


def _write(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    if path.is_dir():
        fail(f"{path}: is a directory")
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        fail(f"{path}: {error.strerror or error}")


def fail(message: str) -> NoReturn:
    """Say on stderr, in one line, what the user can put right, and leave with exit status 2."""
    typer.echo(f"civex: {_plain(message)}", err=True)
    raise typer.Exit(2)


def _version(package: str = "civex") -> str:
    """The installed version of a package."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"


def _read(file: str) -> str:
    """The text of a file, or of standard input, character for character but for a byte order mark."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror or error}")
    except ValueError as error:  # a NUL in the name
        fail(f"{file}: {error}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        fail(f"{file}: not UTF-8 (byte {error.start}); {_advice(data, file)}")


def _advice(data: bytes, file: str) -> str:
    """How to make UTF-8 text of what a file seems to hold."""
    file = shlex.quote(file)
    if data.startswith(b"%PDF"):
        return f"this is a PDF: pdftotext -layout {file} text.txt"
    if data.startswith(b"PK\x03\x04"):
        return "this looks like a word processor's file or an archive: save it as plain text in UTF-8"
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    return f"convert it first: iconv -f {'UTF-16' if utf16 else 'WINDOWS-1252'} -t UTF-8 {file} > text.txt"


def _report(
    text: str,
    published: str | None,
    publisher: str | None,
    counts: Counts,
    model: str | None,
    gazetteer: str | None,
    min_confidence: float = 0.0,
) -> Report:
    """Call `civex.extract` with options that are known to be good."""
    if published is not None:
        try:
            published = datetime.date.fromisoformat(published).isoformat()
        except ValueError:
            fail(f"--published {published}: not a date; write it as 2019-06-03")
    import civex

    try:
        return civex.extract(
            text,
            published=published,
            publisher=publisher,
            counts=counts.value,
            min_confidence=min_confidence,
            model=model,
            gazetteer=gazetteer,
        )
    except OSError as error:
        fail(str(error))


def _warn(report: Report) -> None:
    """Each warning as one line on stderr."""
    for warning in report.warnings:
        where = f" (characters {warning.span[0]} to {warning.span[1]})" if warning.span else ""
        typer.echo(_plain(f"civex: warning: {warning.code}: {warning.message}{where}"), err=True)


def _console() -> Console:
    """A console as wide as the terminal (or COLUMNS), or wide enough for one line a row where output is piped."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that cannot show a character shows "?"
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_PIPED_WIDTH if piped else None, highlight=False, soft_wrap=False)


def _show(report: Report) -> None:
    """The report as tables."""
    console = _console()
    document = report.document
    title = document.title or document.publisher
    facts = [
        counted(len(report.incidents), "incident", "incidents"),
        counted(len(report.tallies), "tally", "tallies"),
        f"published {day(document.published)}" if document.published else "",
        f"{report.model.name} {report.model.version}",
    ]
    if title:
        console.print(Text(_plain(title.text), style="bold"))
    console.print(Text(_plain(" · ".join(filter(None, facts)))))
    narrow = console.width < _NARROW
    _table(console, [_narrow(_incident(i)) if narrow else _incident(i) for i in report.incidents])
    _table(console, [_tally(tally) for tally in report.tallies])


def _table(console: Console, rows: list[dict[str, str]]) -> None:
    """Rows as a table; columns in which no row says anything are left out."""
    if not rows:
        return
    columns = [name for name in rows[0] if any(row[name] for row in rows)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in ("id", "date", "figure"))
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in columns))
    console.print(table)


def _incident(incident: Incident) -> dict[str, str]:
    """The row of one incident."""
    assessment, country = incident.assessment, incident.country
    outcome = [assessment.outcome, assessment.reason, "reopened" if assessment.reopened else None]
    row = {
        "id": incident.id,
        "date": day(incident.date),
        "place": ", ".join(unique([place.text for place in incident.places])),
        "country": one_line(country.name) if country else "",
        **{harm: people(getattr(incident, harm), incident.casualties) for harm in HARMED},
        "actor": ", ".join(names(incident.actors)),
        "action": ", ".join(unique([action.text for action in incident.actions])),
        "target": ", ".join(unique([target.text for target in incident.targets])),
        "source": ", ".join(names(incident.sources)),
        "outcome": ", ".join(words(part) for part in outcome if part),
    }
    return row | doubts(incident)


def _narrow(row: dict[str, str]) -> dict[str, str]:
    """A row of few columns, in whose cells each field has its own line."""
    cells = {"id": row["id"]}
    for column, fields in _SHARED.items():
        lines = [f"{name}: {row[name]}" if column == "harm" else row[name] for name in fields if row[name]]
        cells[column] = "\n".join(map(_plain, lines))
    return cells


def _tally(tally: Tally) -> dict[str, str]:
    """The row of one tally."""
    by = tally.claimed_by
    return {
        "tally": words(tally.measure),
        "figure": figure(tally),
        "period": day(tally.period),
        "area": one_line(tally.area.text) if tally.area else "",
        "by": one_line(by.name or by.text) if by else "",
        "said": one_line(tally.text),
    }


def _plain(text: str) -> str:
    """`text` in one line that can neither steer the terminal nor fail to print."""
    return _CONTROLS.sub("\ufffd", one_line(text))


def _cell(text: str) -> Text:
    """A table cell, never read as markup; line breaks are those that `_narrow` set."""
    return Text("\n".join(map(_plain, text.split("\n"))))


if __name__ == "__main__":
    main()
