"""Which tallies seem to be one figure told again, as running totals are month after month. Nothing is merged.

Two tallies fit together where they count the same (`measure`), over the same days, in the same area, by the same count
(that of the one who claims it, else of the publisher; names are compared folded), and their ranges overlap. A tally
joins the first one that it fits. One without a period or without a figure stands alone: nothing says when it was true.
"""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from civex.values.places import fold


def group_tallies(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, float | None]]:
    """The group of each row and how well the row fits it, in the order of the rows.

    rows: tally rows as of `civex.batch.rows`; read are id, measure, min, max, period_start, period_end, area,
    claimed_by and publisher. A group is named by the id of its first tally. The score is 1 where the range is that of
    the first one, 0.5 where the two only overlap (for the first one itself, that of the best other); None where a
    tally stands alone.
    """
    found: list[tuple[str, float | None]] = []
    firsts: dict[tuple, list[tuple[int, str, float, float]]] = {}
    for number, row in enumerate(rows):
        found.append((row["id"], None))
        if not row["period_start"] or not row["period_end"] or row["min"] is row["max"] is None:
            continue
        low, high = row["min"] or 0, math.inf if row["max"] is None else row["max"]
        known = firsts.setdefault(_counted(row), [])
        same = [first for first in known if low <= first[3] and first[2] <= high]
        if not same:
            known.append((number, row["id"], low, high))
            continue
        first, id, *figure = max(same, key=lambda one: (list(one[2:]) == [low, high], -one[0]))
        score = 1.0 if figure == [low, high] else 0.5
        found[number] = (id, score)
        found[first] = (id, max(score, found[first][1] or 0.0))
    return found


def _counted(row: Mapping[str, Any]) -> tuple:
    """What is counted, over which days, where and by whom."""
    by = row["claimed_by"] or row["publisher"] or ""
    return row["measure"], row["period_start"], row["period_end"], fold(row["area"] or ""), fold(by)
