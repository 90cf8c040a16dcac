"""extract_batch: columns of any kind in, the columns of SCHEMA added, nothing lost."""

import datetime
import pickle
import subprocess
import sys
from functools import partial

import pytest

import civex
from civex.batch import SCHEMA, extract_batch
from civex.schema import COLUMNS, Report

pytestmark = pytest.mark.usefixtures("model")

TEXT = "On Tuesday an airstrike near Mosul, Iraq, killed five civilians. Dozens of people were injured."


def days(columns: dict) -> list:
    return [rows and rows[0]["date_start"] for rows in columns["incidents"]]


def test_columns_are_kept_and_three_added() -> None:
    columns = extract_batch({"id": [1, 2], "text": [TEXT, "Nothing."]})
    assert list(columns) == ["id", "text", "report", "incidents", "error"]
    assert columns["id"] == [1, 2] and columns["error"] == [None, None]
    assert Report.from_json(columns["report"][0]) == civex.extract(TEXT)
    (incident,) = columns["incidents"][0]
    assert list(incident) == COLUMNS and columns["incidents"][1] == []
    assert (incident["killed_civilians_min"], incident["killed_civilians_max"]) == (5, 5)
    assert (incident["country_code"], incident["date_start"]) == ("IQ", None)


def test_days_of_every_kind_and_missing_ones() -> None:
    numpy = pytest.importorskip("numpy")
    pandas = pytest.importorskip("pandas", reason="pip install pandas")
    given = [
        "2019-06-03",
        datetime.date(2019, 6, 3),
        datetime.datetime(2019, 6, 3, 12),
        pandas.Timestamp("2019-06-03"),
        numpy.datetime64("2019-06-03"),
        *(None, pandas.NaT, pandas.NA, float("nan"), numpy.datetime64("NaT")),
    ]
    columns = extract_batch({"text": numpy.array([TEXT] * len(given)), "published": given})
    assert columns["error"] == [None] * 10
    assert days(columns) == ["2019-05-28"] * 5 + [None] * 5


def test_a_bad_row_costs_no_other() -> None:
    columns = extract_batch({"text": [TEXT, None, b"x", TEXT], "published": [None, None, None, "June"]})
    assert [error and error.split(":")[0] for error in columns["error"]] == [
        None,
        "TypeError",
        "TypeError",
        "ValueError",
    ]
    assert [report is None for report in columns["report"]] == [False, True, True, True]


def test_no_rows() -> None:
    assert extract_batch({"text": []}) == {"text": [], "report": [], "incidents": [], "error": []}


@pytest.mark.parametrize(
    ("columns", "message"),
    [({"body": [TEXT]}, "no column 'text'; there are body"), ({"text": [TEXT], "report": [""]}, "'report' already")],
)
def test_columns_that_make_no_sense(columns: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        extract_batch(columns)


def test_options_are_bound_and_pickled() -> None:
    bound = pickle.loads(pickle.dumps(partial(extract_batch, text_column="body", counts="strict")))
    (incident,) = bound({"body": [TEXT]})["incidents"][0]
    assert incident["injured_civilians_min"] is None and incident["injured_unspecified_min"] is None
    (floor,) = extract_batch({"text": [TEXT]})["incidents"][0]
    assert 12 in (floor["injured_civilians_min"], floor["injured_unspecified_min"])


def test_schema_holds_what_is_added() -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pip install pyarrow")
    columns = extract_batch({"text": [TEXT, None, ""]})
    added = {name: columns[name] for name in SCHEMA.names}
    assert pyarrow.table(added, schema=SCHEMA).to_pydict() == added


def test_importing_it_loads_no_framework() -> None:
    code = (
        "import sys, civex.batch; civex.batch.extract_batch; print('pyarrow' in sys.modules, 'pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
