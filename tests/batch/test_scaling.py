"""docs/scaling.md: each recipe is run as it stands, and every document is in its result once, read as by `extract`."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import civex
from civex.batch import SCHEMA
from civex.schema import COLUMNS, Report, flat_row

pytestmark = pytest.mark.usefixtures("model")
pyarrow = pytest.importorskip("pyarrow", reason="pip install pyarrow")

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
RECIPES = dict(re.findall(r"^### (.+?)\n+```python\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.M | re.S))
NUMBER = 24


def documents() -> list[dict]:
    """Rows with a day and a publisher, without either, without a text."""
    strike = "On Tuesday an airstrike near Mosul, Iraq, killed {} civilians and injured nine others, Airwars reported."
    rows = [{"id": n, "text": strike.format(n + 2), "published": "2019-06-03"} for n in range(NUMBER)]
    for row in rows:
        row["publisher"] = "Airwars" if row["id"] % 2 else None
        row["published"] = None if row["id"] % 5 == 4 else row["published"]
    rows[7]["text"] = None
    rows[9]["text"] = "Nothing happened."
    return rows


def run(script: str, folder: Path) -> None:
    (folder / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in documents()), encoding="utf-8")
    (folder / "recipe.py").write_text(script, encoding="utf-8")
    environment = {
        **os.environ,
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_OFFLINE": "1",
        "PYSPARK_PYTHON": sys.executable,
    }
    done = subprocess.run(
        [sys.executable, "recipe.py"], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]


def check(table) -> None:
    """All documents are there once, with what `extract` says of them."""
    rows = sorted(table.to_pylist(), key=lambda row: row["id"])
    assert [row["id"] for row in rows] == list(range(NUMBER))
    assert sum(len(row["incidents"] or ()) for row in rows) >= NUMBER - 2
    for row, given in zip(rows, documents(), strict=True):
        assert row["text"] == given["text"]
        if given["text"] is None:
            assert row["report"] is None and row["incidents"] is None and "reads str, not NoneType" in row["error"]
            continue
        report = civex.extract(given["text"], published=given["published"], publisher=given["publisher"])
        assert row["error"] is None and Report.from_json(row["report"]) == report
        expected = [flat_row(incident) for incident in report.incidents]
        assert row["incidents"] == [{name: one.get(name) for name in COLUMNS} for one in expected]
    assert {"2019-05-28"} == {one["date_start"] for row in rows if row["published"] for one in row["incidents"] or ()}


def result(folder: Path):
    import pyarrow.parquet

    return pyarrow.parquet.read_table(folder / "records.parquet")


def test_every_recipe_is_tested() -> None:
    assert set(RECIPES) == {"pandas", "Hugging Face datasets", "Ray Data", "Spark", "Dask"}


def test_pandas(tmp_path: Path) -> None:
    pytest.importorskip("pandas", reason="pip install pandas")
    run(RECIPES["pandas"], tmp_path)
    check(result(tmp_path))


def test_datasets(tmp_path: Path) -> None:
    pytest.importorskip("datasets", reason="pip install datasets")
    run(RECIPES["Hugging Face datasets"], tmp_path)
    check(result(tmp_path))
    assert result(tmp_path).schema.field("incidents").type == SCHEMA.field("incidents").type


SECOND_CALL = """
import sys
from datasets import Dataset, Features, load_from_disk
from datasets.fingerprint import Hasher

import civex.batch.columns
from civex.batch import SCHEMA, extract_batch

documents = load_from_disk("documents")
features = Features({**documents.features, **Features.from_arrow_schema(SCHEMA)})
if len(sys.argv) > 1:
    civex.batch.columns.extract_many = None  # any call would fail
records = documents.map(extract_batch, batched=True, features=features)
print(Hasher.hash(extract_batch), len(records))
"""


def test_datasets_finds_its_result_again(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="pip install datasets")
    datasets.Dataset.from_list(documents()).save_to_disk(str(tmp_path / "documents"))
    (tmp_path / "run.py").write_text(SECOND_CALL, encoding="utf-8")
    said = []
    for arguments in ([], ["again"]):
        command = [sys.executable, "run.py", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]
        said.append(done.stdout)
    assert said[0] == said[1] and said[0].split()[1] == str(NUMBER)


@pytest.mark.ray
def test_ray(tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="pip install 'ray[data]'")
    run(
        RECIPES["Ray Data"]
        .replace('"documents.jsonl"', f'"{tmp_path}/documents.jsonl"')
        .replace('"records.parquet"', f'"{tmp_path}/records.parquet"'),
        tmp_path,
    )
    check(result(tmp_path))


@pytest.mark.spark
def test_spark(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="pip install pyspark")
    if shutil.which("java") is None:
        pytest.skip("apt-get install default-jre-headless")
    run(RECIPES["Spark"], tmp_path)
    check(result(tmp_path))


@pytest.mark.dask
def test_dask(tmp_path: Path) -> None:
    pytest.importorskip("dask.dataframe", reason="pip install 'dask[dataframe]'")
    run(RECIPES["Dask"], tmp_path)
    check(result(tmp_path))
