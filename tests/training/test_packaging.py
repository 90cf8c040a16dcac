"""`package`: what is in the wheel and what is not, the card, and an installed wheel that civex finds."""

import json
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

import civex
from civex import loading
from civex.loading import installed_models, load
from civex.training import package
from civex.training.run import RunError
from tests.training.tiny import TINY


@pytest.fixture(scope="module")
def wheel(tiny_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    return package(tiny_run, out, name="en_tiny_test", version="0.2.0", license="MIT", test=TINY / "dev")


@pytest.fixture
def installed(wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The wheel unpacked where Python looks, as pip does it."""
    zipfile.ZipFile(wheel).extractall(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    loading._load.cache_clear()


def test_name_and_contents(wheel: Path) -> None:
    assert wheel.name == "en_tiny_test-0.2.0-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"en_tiny_test", "en_tiny_test-0.2.0.dist-info"}
    assert {f"en_tiny_test/en_tiny_test-0.2.0/{name}" for name in ("README.md", "meta.json", "tok2vec/model")} <= {
        *names
    }


def test_no_document_and_no_path_travels(wheel: Path, tiny_run: Path) -> None:
    """Neither a line of the documents nor where they lay."""
    everything = b"\n".join(zipfile.ZipFile(wheel).read(name) for name in zipfile.ZipFile(wheel).namelist())
    assert str(tiny_run).encode() not in everything and str(TINY).encode() not in everything
    for path in (TINY / "train").glob("*.txt"):
        body = path.read_text(encoding="utf-8").partition("---\n")[2]
        for line in filter(None, body.splitlines()):
            assert line[:40].encode() not in everything


def test_the_requirement_is_this_civex(wheel: Path) -> None:
    metadata = zipfile.ZipFile(wheel).read("en_tiny_test-0.2.0.dist-info/METADATA").decode()
    assert f"Requires-Dist: civex>={version('civex')}" in metadata and "# en_tiny_test" in metadata


def test_the_card_tells_what_it_was_made_of(wheel: Path, tiny_run: Path) -> None:
    card = zipfile.ZipFile(wheel).read("en_tiny_test/en_tiny_test-0.2.0/README.md").decode()
    assert "Trained anew, on 4 documents." in card
    best = max(map(json.loads, (tiny_run / "log.jsonl").read_text().splitlines()), key=lambda row: row["score"])
    assert f"step {best['step']}, by 2 documents: mentions_f {best['scores']['mentions_f']:.3f}" in card
    assert "Figures below: 2 documents, not trained on" in card and "| mentions, exact spans, F1 |" in card


def test_civex_finds_it_by_name(installed: Path) -> None:
    assert installed_models()["en_tiny_test"] == installed / "en_tiny_test" / "en_tiny_test-0.2.0"
    nlp = load("en_tiny_test")
    assert (nlp.meta["name"], nlp.meta["version"], nlp.meta["license"]) == ("tiny_test", "0.2.0", "MIT")
    report = civex.extract("On 4 May 2016 a strike hit Hajin.", model="en_tiny_test")
    assert (report.model.name, report.model.version) == ("en_tiny_test", "0.2.0")


def test_only_pipelines_of_civex_are_listed(installed: Path) -> None:
    meta = installed / "en_tiny_test" / "meta.json"
    meta.write_text(json.dumps({**json.loads(meta.read_text()), "pipeline": ["tok2vec", "ner"]}))
    assert "en_tiny_test" not in installed_models()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": "kivu"}, "such as en_kivu"),
        ({"name": "en_Kivu"}, "such as en_kivu"),
        ({"name": "en_kivu-2"}, "such as en_kivu"),
        ({"name": "en_kivu", "version": "two"}, "write it as 0.1.0"),
        ({"name": "en_kivu", "test": TINY / "train"}, r"four.txt: the model was trained on this document"),
        ({"name": "en_kivu", "calibrate": TINY / "train"}, r"four.txt: the model was trained on this document"),
    ],
)
def test_what_is_refused(tiny_run: Path, tmp_path: Path, options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        package(tiny_run, tmp_path / "dist", **options)
    assert not (tmp_path / "dist").exists()


def test_a_shipped_name_is_taken(tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("civex.training.packaging.shipped_models", lambda: {"en_one": tiny_run})
    with pytest.raises(ValueError, match="came with civex"):
        package(tiny_run, tmp_path, name="en_one")


def test_an_unfinished_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(RunError, match="is not finished"):
        package(tmp_path, tmp_path / "dist", name="en_kivu")
