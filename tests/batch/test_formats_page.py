"""docs/formats.md names every column that a table has."""

import itertools
import re
from pathlib import Path

import pytest

from civex.batch.codebooks import AIRWARS_COLUMNS, BELLIGERENT_COLUMNS, UCDP_COLUMNS
from civex.batch.outputs import HXL
from civex.batch.rows import CLAIMS, INCIDENTS, TALLIES

PAGE = (Path(__file__).parent.parent.parent / "docs" / "formats.md").read_text(encoding="utf-8")


def named() -> set[str]:
    """The code words of the page, with braces spelt out: `{a,b}_c` is a_c and b_c."""
    found = set()
    for word in re.findall(r"`([^`\n]+)`", PAGE):
        pieces = [
            piece.strip("{}").split(",") if piece[:1] == "{" else [piece] for piece in re.split(r"({[^}]*})", word)
        ]
        found |= {"".join(parts) for parts in itertools.product(*pieces)}
    return found


TABLES = {
    "incidents": INCIDENTS,
    "claims": CLAIMS,
    "tallies": TALLIES,
    "ucdp": UCDP_COLUMNS,
    "airwars": [*AIRWARS_COLUMNS, *BELLIGERENT_COLUMNS],
    "hxl": [tag for _, tag, _ in HXL],
}


@pytest.mark.parametrize("columns", TABLES.values(), ids=TABLES)
def test_every_column_is_named(columns):
    assert set(columns) - named() == set()
