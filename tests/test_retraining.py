"""docs/retraining.md: every command on the page is run, in order, as a user would type it."""

import json
import os
import re
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from spacy.language import Language

from civex.annotations import AnnotatedText
from civex.corpus import read_folder
from civex.formats import write
from civex.formats.files import Log
from tests.conftest import ROOT

pytestmark = pytest.mark.slow
PAGE = (ROOT / "docs" / "retraining.md").read_text(encoding="utf-8")
SHORT = "--training.max_steps 4 --training.eval_frequency 2"
BRIDGE = (
    "genre: wire\n---\nOn {{{day} May 2016|date i1 2016-05-{day:02d}}} a {{drone strike|action i1 drone_strike}} "
    "destroyed the {{road bridge|target i1 bridge destroyed}} in {{Hajin|place i1}}; the case was "
    "{{referred to the prosecutor|outcome i1 referred}}.\n"
)


@pytest.fixture(scope="module")
def documents() -> list[AnnotatedText]:
    """Twenty-four short documents whose annotation stands for what a person corrected."""
    found = sorted(read_folder(ROOT / "corpus" / "second"), key=lambda document: len(document.text))[:24]
    for number, document in enumerate(found, 1):
        document.id = f"doc-{number:02d}"
    return found


@pytest.fixture(scope="module")
def place(documents: list[AnnotatedText], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the page has it, with the corrected export and an environment of its own."""
    folder = tmp_path_factory.mktemp("retraining")
    (folder / "texts").mkdir()
    (folder / "bridges").mkdir()
    for document in documents:
        (folder / "texts" / f"{document.id}.txt").write_text(document.text, encoding="utf-8")
    for day in range(1, 11):
        (folder / "bridges" / f"b{day}.txt").write_text(BRIDGE.format(day=day), encoding="utf-8")
    write(documents, folder / "export.json", "label-studio", Log())
    venv.create(folder / "venv", with_pip=True)
    bin = folder / "venv" / "bin"
    site = subprocess.check_output([bin / "python", "-c", "import site; print(site.getsitepackages()[0])"], text=True)
    paths = [str(ROOT), *(path for path in sys.path if path.endswith("site-packages"))]
    (Path(site.strip()) / "dependencies.pth").write_text("\n".join(dict.fromkeys(paths)) + "\n")
    script = bin / "civex"
    script.write_text(f"#!{bin / 'python'}\nfrom civex.cli import main\n\nmain()\n")
    script.chmod(0o755)
    return folder


def test_every_command_of_the_page(model: Language, place: Path) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    commands = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    assert len(commands) == 18
    allowed = [f"{line} || test $? = 1" if line.startswith("civex compare") else line for line in commands]
    said = run(place, "\n".join(allowed)).stdout
    assert "24 documents in tasks.json" in said and "24 documents in corrected" in said
    assert "24 sound documents, 0 faults" in said and "10 sound documents, 0 faults" in said
    assert re.search(r"runs/ours/model-best is (better|worse|not significantly different)", said)
    assert re.search(r"en_ours +0\.1\.0 +0\.\d{3}", said) and "· en_ours 0.1.0" in said
    assert (place / "errors.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert len(json.loads((place / "tasks.json").read_text(encoding="utf-8"))) == 24
    assert "<Relation value=" in (place / "interface.xml").read_text(encoding="utf-8")
    assert len(list((place / "judged").iterdir())) == 5
    facts = json.loads((place / "runs" / "ours" / "run.json").read_text())
    assert (len(facts["train"]), len(facts["dev"])) == (15, 4)


def run(place: Path, script: str) -> subprocess.CompletedProcess:
    """Run commands in bash, where trainings are short and pip looks at no index."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "CIVEX", "SPACY"))}
    env |= {"PATH": f"{place}/venv/bin:{env['PATH']}", "PIP_NO_INDEX": "1", "COLUMNS": "200"}
    env |= {"SPACY_CONFIG_OVERRIDES": SHORT, "VIRTUAL_ENV": f"{place}/venv"}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=place, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def test_the_python_of_the_page(model: Language, place: Path) -> None:
    """After the commands of the page, whose folders it reads."""
    (source,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    shortened = source.replace('"training.max_steps": 600', '"training.max_steps": 3')
    assert shortened != source
    (place / "page.py").write_text(shortened)
    run(place, "python page.py")
    assert (place / "dist" / "en_again-0.1.0-py3-none-any.whl").exists()
