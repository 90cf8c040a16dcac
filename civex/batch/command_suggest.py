"""The command `civex suggest`: which documents of a pool to annotate next.

Exit status: 0 when all was read, 3 when some input could not be, 2 for what the user has to put right first.
"""

import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from civex.batch.command import SOME_FAILED, fail
from civex.schema import counted, one_line

if TYPE_CHECKING:
    from civex.batch.inputs import Broken, Document
    from civex.extraction import Input

Pool = Annotated[
    list[str],
    typer.Argument(metavar="POOL...", help="Files and folders as of civex batch; annotation in them does not count."),
]


def suggest(
    pool: Pool,
    n: Annotated[int, typer.Option("--n", "-n", metavar="N", min=1, help="How many documents.")] = 50,
    model: Annotated[str | None, typer.Option(metavar="NAME", help="The model, if not the default one.")] = None,
    text_column: Annotated[str, typer.Option(metavar="NAME", help="Column of the text, in tables.")] = "text",
    id_column: Annotated[str | None, typer.Option(metavar="NAME", help="Column of the document's name.")] = None,
    published_column: Annotated[
        str | None, typer.Option("--published-column", "--date-column", metavar="NAME", help="Column of the day.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Also write them as JSON.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Show them as JSON (ASCII), not as a table.")] = False,
) -> None:
    """Show the documents to annotate next, by the doubt of the model and how they differ from one another."""
    from civex.batch.atomic import replacing
    from civex.batch.inputs import read_inputs
    from civex.suggestions import suggest as choose

    if out is not None and (out.is_dir() or not out.parent.is_dir()):
        fail(f"--out {out}: name a file in a folder that is there")
    names: list[str] = []
    broken: list[Broken] = []
    found = read_inputs(pool, text_column=text_column, id_column=id_column, date_column=published_column)
    try:
        chosen = choose(_texts(found, names, broken), n, model=model)
    except (OSError, ValueError) as error:
        fail(str(error))
    for one in broken:
        typer.echo(f"civex: {one.name}: {one.cause}; {one.advice}", err=True)
    if not names:
        fail("no document to choose from")
    rows = [
        {
            "rank": rank,
            "document": names[one.position],
            "doubt": one.doubt,
            "novelty": one.novelty,
            "words": one.words,
            "incidents": one.incidents,
        }
        for rank, one in enumerate(chosen, 1)
    ]
    written = json.dumps(rows, indent=2) + "\n"
    if out is not None:
        try:
            with replacing(out) as temporary:
                temporary.write_text(written, encoding="utf-8")
        except OSError as error:
            fail(f"--out {out}: {error.strerror or error}")
    if as_json:
        typer.echo(written, nl=False)
    else:
        _show(rows, len(names))
    if broken:
        fail(f"{counted(len(broken), 'input', 'inputs')} could not be read", SOME_FAILED)


def _texts(found: "Iterator[Document | Broken]", names: "list[str]", broken: "list[Broken]") -> "Iterator[Input]":
    """The texts of the pool without annotation; their names, and what could not be read, are put into the lists."""
    from civex.annotations import CorpusError, parse
    from civex.batch.inputs import Broken
    from civex.extraction import Input

    for document in found:
        if isinstance(document, Broken):
            broken.append(document)
            continue
        text, published = document.text, document.published
        if "\n---\n" in text:
            try:
                annotated = parse(text)
                text, published = annotated.text, annotated.meta.get("published") or published
            except CorpusError:
                pass  # a text of its own with such a line
        if published is not None and not _is_day(published):
            broken.append(Broken(document.name, "input", f"published on {published!r}", "write the day as 2019-06-03"))
            continue
        names.append(document.name)
        yield Input(text, published, document.publisher, document.name)


def _is_day(words: str) -> bool:
    try:
        datetime.date.fromisoformat(words)
    except ValueError:
        return False
    return True


def _show(rows: list[dict], pool: int) -> None:
    width = max([len("document"), *(len(one_line(row["document"])) for row in rows)])
    typer.echo(f"{'':>4}  {'document':<{width}}  {'doubt':>8}  {'novelty':>7}  {'words':>7}  {'incidents':>9}")
    for row in rows:
        typer.echo(
            f"{row['rank']:4}  {one_line(row['document']):<{width}}  {row['doubt']:8.1f}  {row['novelty']:7.2f}  "
            f"{row['words']:7,}  {row['incidents']:9,}"
        )
    words = sum(row["words"] for row in rows)
    typer.echo(f"{len(rows)} of {counted(pool, 'document', 'documents')}, {words:,} words to annotate")
