"""`civex report`: the records of a batch as one page."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from civex.batch.records import Record

_DIGEST = re.compile(r"[0-9a-f]{64}")


def report(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder that civex batch wrote.")],
    html: Annotated[Path, typer.Option("--html", metavar="FILE", help="The page to write.")],
    title: Annotated[str, typer.Option(metavar="WORDS", help="The heading of the page.")] = "Reports of civilian harm",
) -> None:
    """Write figures, map, timeline and table of a batch as one page that needs nothing else."""
    from civex.batch.atomic import replacing
    from civex.batch.page import page

    if not out.is_dir():
        _fail(f"{out}: no such folder; give the one that civex batch wrote (--out)")
    if not any((out / "reports").glob("part-*.jsonl")):
        _fail(f"{out}: no reports/part-*.jsonl in it; run civex batch INPUT --out {out} first")
    if html.is_dir() or not html.parent.is_dir():
        _fail(f"{html}: name a file in a folder that is there")
    try:
        content = page(_documents(out), title).encode("utf-8")
        with replacing(html) as temporary:
            temporary.write_bytes(content)
    except OSError as error:
        _fail(f"{error.filename or html}: {error.strerror or error}")
    except ValueError as error:
        _fail(str(error))


def _documents(out: Path) -> Iterator[tuple["Record", str | None]]:
    """The records, each with its text where it was kept and is still the one that was read."""
    from civex.batch.records import read_records

    for record in read_records(out):
        yield record, _text(out, str(record.document.get("sha256_text") or ""))


def _text(out: Path, digest: str) -> str | None:
    path = out / "texts" / f"{digest}.txt"
    if not _DIGEST.fullmatch(digest) or not path.is_file():
        return None
    data = path.read_bytes()
    return data.decode("utf-8", "surrogatepass") if hashlib.sha256(data).hexdigest() == digest else None


def _fail(message: str) -> NoReturn:
    """One line on stderr and exit status 2, as `civex.cli.fail`, which the layers keep out of reach here."""
    from civex.schema import one_line

    typer.echo(f"civex: {one_line(message)}", err=True)
    raise typer.Exit(2)
