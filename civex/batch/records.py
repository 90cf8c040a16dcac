"""The records that a batch wrote: one JSON line a document in `OUT/reports/part-*.jsonl`."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from civex.schema import Report


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the parts: a document, where it comes from, and its report."""

    document: dict[str, Any]
    settings: dict[str, Any]
    version: str
    report: Report

    @property
    def id(self) -> str:
        """16 hexadecimal digits that stand for the document's name and content in every table."""
        parts = (self.document.get(name) or "" for name in ("name", "sha256", "sha256_text"))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_records(out: Path) -> Iterator[Record]:
    """The records of `OUT/reports/part-*.jsonl`, part by part in the order of their names.

    Raises ValueError, with file and line, for a line that `civex batch` did not write, and where there is no folder
    of parts.
    """
    folder = out / "reports"
    if not folder.is_dir():
        raise ValueError(f"{folder}: not there; run civex batch with --out {out} first")
    for path in sorted(folder.glob("part-*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    data = json.loads(line)
                    report = Report.from_dict(data["report"])
                    yield Record(data["document"], data.get("settings") or {}, data["civex"], report)
                except (KeyError, TypeError, ValueError) as error:
                    reason = f"lacks {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
                    raise ValueError(
                        f"{path}, line {number}: not a record of civex batch ({reason}); remove OUT and run again"
                    ) from None
