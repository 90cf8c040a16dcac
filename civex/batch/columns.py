"""Columns in, columns out: the one function that Hugging Face, Ray, Spark, Dask and pandas map over their batches.

It is a plain function of a module, so that it can be pickled and hashed; each process loads the model when it first
needs it. docs/scaling.md has a tested recipe for each framework.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from civex.extraction import Failure, Input, Policy, extract_many
from civex.schema import COLUMNS, Report, flat_row, one_line

if TYPE_CHECKING:
    import pyarrow

ADDED = ("report", "incidents", "error")
_WHOLE_NUMBERS = ("_min", "_max", "_offset")
_TRUTHS = ("reopened", "previously_reported")


def extract_batch(
    columns: Mapping[str, Sequence[Any]],
    *,
    text_column: str = "text",
    counts: Policy = "recorders",
    min_confidence: float = 0.0,
    model: str | None = None,
) -> dict[str, list]:
    """The columns given, and for each row what its text says; see `civex.batch.SCHEMA` for the types.

    columns: name -> values, one a row; lists or arrays. `text_column` is read, and `published` (a day or null) and
    `publisher` (str or null) where there are such columns. Added are `report` (JSON, as `Report.to_json` writes it),
    `incidents` (flat rows with the columns of `Report.to_dataframe`) and `error`: null, or why this row could not be
    read, which leaves the other two null and costs no other row.

    Raises ValueError where there is no text column or one of the added columns is there already.
    """
    if text_column not in columns:
        raise ValueError(f"no column {text_column!r}; there are {', '.join(map(str, columns)) or 'none'}")
    there = [name for name in ADDED if name in columns]
    if there:
        raise ValueError(f"there is a column {there[0]!r} already: remove or rename it first")
    rows = len(columns[text_column])
    published = columns.get("published", [None] * rows)
    publishers = columns.get("publisher", [None] * rows)
    items = [
        Input(_plain(text), _day(day), _plain(publisher))
        for text, day, publisher in zip(columns[text_column], published, publishers, strict=True)
    ]
    found = extract_many(items, counts=counts, min_confidence=min_confidence, model=model, errors="record")
    added: dict[str, list] = {name: [] for name in ADDED}
    for result in found:
        for name, value in zip(ADDED, _cells(result), strict=True):
            added[name].append(value)
    return {**{name: list(values) for name, values in columns.items()}, **added}


@cache
def schema() -> "pyarrow.Schema":
    """The Arrow schema of the added columns; `civex.batch.SCHEMA`. Raises ImportError where pyarrow is missing."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("civex.batch.SCHEMA needs pyarrow: pip install 'civex[batch]'") from error
    kinds = {
        name: pyarrow.int64()
        if name.endswith(_WHOLE_NUMBERS)
        else pyarrow.bool_()
        if name in _TRUTHS
        else pyarrow.string()
        for name in COLUMNS
    }
    incident = pyarrow.struct(list(kinds.items()))
    return pyarrow.schema(
        [("report", pyarrow.string()), ("incidents", pyarrow.list_(incident)), ("error", pyarrow.string())]
    )


def _cells(result: Report | Failure) -> tuple[str | None, list[dict[str, Any]] | None, str | None]:
    if isinstance(result, Failure):
        return None, None, one_line(result.error)
    rows = [flat_row(incident) for incident in result.incidents]
    return result.to_json(), [{name: row.get(name) for name in COLUMNS} for row in rows], None


def _plain(value: Any) -> Any:
    """A str of its own kind (numpy's becomes Python's); None for the missing values of pandas and numpy."""
    if isinstance(value, str):
        return str(value)
    return None if _missing(value) else value


def _day(value: Any) -> Any:
    """A date, or what is left of it to read: a day of numpy becomes its ISO text."""
    if type(value).__name__ == "datetime64" and not _missing(value):
        return str(value)[:10]
    return _plain(value)


def _missing(value: Any) -> bool:
    """None, NaN, NaT and pandas.NA: what is not the same as itself, or will not say."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"
