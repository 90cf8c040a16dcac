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


KILLED_ONCE = """
import os
import signal


def killed_once(columns):
    \"\"\"extract_batch, in a worker that is killed when it first meets document 12.\"\"\"
    from civex.batch import extract_batch

    if 12 in columns["id"]:
        try:
            os.close(os.open("{marker}", os.O_CREAT | os.O_EXCL))
            os.kill(os.getpid(), signal.SIGKILL)
        except FileExistsError:
            pass
    return extract_batch(columns)


"""
TWO_NODES = """
import ray
from ray.cluster_utils import Cluster

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
cluster.add_node(num_cpus=1)
ray.init(address=cluster.address)
"""


def with_a_kill(recipe: str, folder: Path) -> str:
    """The recipe with small batches, one of whose workers is killed in mid-run."""
    changed = recipe.replace("extract_batch(", "killed_once(").replace("batch_size=256", "batch_size=4")
    return KILLED_ONCE.format(marker=folder / "killed") + changed


def ray_recipe(folder: Path) -> str:
    pytest.importorskip("ray", reason="pip install 'ray[data]'")
    recipe = RECIPES["Ray Data"]
    for name in ("documents.jsonl", "records.parquet"):  # the workers have a folder of their own
        recipe = recipe.replace(f'"{name}"', f'"{folder / name}"')
    return recipe


def spark_recipe() -> str:
    pytest.importorskip("pyspark", reason="pip install pyspark")
    if shutil.which("java") is None:
        pytest.skip("apt-get install default-jre-headless")
    return RECIPES["Spark"]


@pytest.mark.slow
@pytest.mark.ray
def test_ray(tmp_path: Path) -> None:
    run(ray_recipe(tmp_path), tmp_path)
    check(result(tmp_path))


@pytest.mark.slow
@pytest.mark.ray
def test_ray_with_two_nodes_and_a_worker_killed(tmp_path: Path) -> None:
    end = "\nray.shutdown()\ncluster.shutdown()\n"
    run(TWO_NODES + with_a_kill(ray_recipe(tmp_path), tmp_path) + end, tmp_path)
    assert (tmp_path / "killed").exists()
    check(result(tmp_path))


@pytest.mark.slow
@pytest.mark.spark
def test_spark(tmp_path: Path) -> None:
    run(spark_recipe(), tmp_path)
    check(result(tmp_path))


@pytest.mark.slow
@pytest.mark.spark
def test_spark_with_a_worker_killed(tmp_path: Path) -> None:
    some = 'builder.master("local[2,4]").config("spark.sql.execution.arrow.maxRecordsPerBatch", "4")'  # four attempts
    run(with_a_kill(spark_recipe().replace("builder", some, 1), tmp_path), tmp_path)
    assert (tmp_path / "killed").exists()
    check(result(tmp_path))


@pytest.mark.slow
@pytest.mark.dask
def test_dask(tmp_path: Path) -> None:
    pytest.importorskip("dask.dataframe", reason="pip install 'dask[dataframe]'")
    run(RECIPES["Dask"], tmp_path)
    check(result(tmp_path))
