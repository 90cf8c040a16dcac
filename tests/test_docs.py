"""The documentation builds, and names what there is."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from spacy.language import Language

from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = sorted((DOCS / "api").glob("*.md"))
API = [name for page in PAGES for name in re.findall(r"^::: (\S+)", page.read_text(encoding="utf-8"), re.M)]


@pytest.mark.parametrize("name", API)
def test_api_pages_name_modules_that_say_what_they_are_for(name: str) -> None:
    assert (importlib.import_module(name).__doc__ or "").strip()


def test_every_page_is_in_the_navigation() -> None:
    written = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    assert set(re.findall(r"[\w/]+\.md", nav)) == written


@pytest.mark.slow
def test_the_site_builds_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="pip install 'civex[docs]'")
    pytest.importorskip("mkdocstrings", reason="pip install 'civex[docs]'")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pages = {path.relative_to(tmp_path / "site").as_posix() for path in (tmp_path / "site").rglob("*.html")}
    assert pages == {"404.html", *(p.relative_to(DOCS).with_suffix(".html").as_posix() for p in DOCS.rglob("*.md"))}
    api = (tmp_path / "site" / "api" / "extraction.html").read_text(encoding="utf-8")
    assert 'id="civex.extraction.extract"' in api and "Every incident and tally that" in api
    everything = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.html"))
    assert not re.findall(r'<(?:script|img|link rel="stylesheet")[^>]* (?:src|href)="https?:', everything)


def test_the_example_of_the_first_page_runs(model: Language, capsys: pytest.CaptureFixture) -> None:
    code, said = re.findall(r"```(?:python)?\n(.*?)```", (DOCS / "index.md").read_text(encoding="utf-8"), re.S)
    exec(compile(code, "docs/index.md", "exec"), {})
    assert capsys.readouterr().out == said
