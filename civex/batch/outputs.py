"""The tables of a batch, derived from the JSONL parts in `OUT/reports`."""

from pathlib import Path

FORMATS = ("jsonl",)


def check_formats(formats: list[str]) -> None:
    """Raise ValueError for an unknown format, ImportError where the package for one is missing."""
    for name in formats:
        if name not in FORMATS:
            raise ValueError(f"--format {name}: not a format; there are {', '.join(FORMATS)}")


def write_outputs(out: Path, formats: list[str], *, ungrouped: bool = False) -> list[Path]:
    """Write the tables of the batch in `out`; the parts themselves are the format "jsonl"."""
    check_formats(formats)
    return []
