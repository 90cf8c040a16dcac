"""What users install: the wheel in a fresh environment, used outside the repository."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from spacy.language import Language

from tests.conftest import ROOT

pytestmark = pytest.mark.slow
TEXT = "Apr. 9, 2016, near Hajin, Syria, via Airwars report. A Coalition airstrike killed five civilians."


def run(*command: object, cwd: Path) -> str:
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=cwd, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--outdir", out, ROOT, cwd=out)
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the wheel; its dependencies are those of this environment."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    found = folder / "bin" / "python"
    run(found, "-m", "pip", "install", "--no-deps", "--no-index", wheel, cwd=folder)
    site = Path(run(found, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return found


def test_the_wheel_holds_code_data_and_models_only(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"civex"}
    assert "civex/pipeline/entities.py" in names and "civex/data/report.schema.json" in names
    assert {"civex/training/finetune.cfg", "civex/training/new.cfg"} <= {*names}
    assert not [name for name in names if name.startswith(("civex/tests", "civex/corpus/")) or name.endswith(".pyc")]


def test_the_model_is_in_the_wheel(model: Language, wheel: Path) -> None:
    files = {p.relative_to(ROOT).as_posix() for p in (ROOT / "models").rglob("*") if p.is_file()}
    assert {f"civex/{name}" for name in files} <= set(zipfile.ZipFile(wheel).namelist())


def test_it_is_the_wheel_that_is_imported(python: Path, tmp_path: Path) -> None:
    where = Path(run(python, "-c", "import civex; print(civex.__file__)", cwd=tmp_path).strip())
    assert where.is_relative_to(python.parent.parent)


def test_extract_outside_the_repository(model: Language, python: Path, tmp_path: Path) -> None:
    code = f"import civex; r = civex.extract({TEXT!r}); print(r.model.name, len(r.incidents))"
    assert run(python, "-c", code, cwd=tmp_path).split()[0] == "en_civex_sm"
    (tmp_path / "text.txt").write_text(TEXT)
    assert '"incidents"' in run(python.parent / "civex", "extract", "--json", "text.txt", cwd=tmp_path)


def test_spacy_finds_the_components(model: Language, python: Path, tmp_path: Path) -> None:
    code = (
        "import spacy; nlp = spacy.blank('en'); nlp.add_pipe('civex_layout'); doc = nlp('x'); "
        "print(len(doc.spans['civex_units']))"
    )
    assert run(python, "-c", code, cwd=tmp_path).strip() == "1"


def test_fine_tuning_outside_the_repository(model: Language, python: Path, tmp_path: Path) -> None:
    """Templates, rehearsed documents and registered functions came along."""
    documents = ROOT / "tests" / "data" / "tiny" / "train"
    options = ("--out", "run", "--training.max_steps", "2", "--training.eval_frequency", "2")
    run(python.parent / "civex", "train", documents, *options, cwd=tmp_path)
    text = tmp_path / "text.txt"
    text.write_text(TEXT)
    said = run(python.parent / "civex", "extract", "--json", text, "--model", "run/model-best", cwd=tmp_path)
    assert '"incidents"' in said
