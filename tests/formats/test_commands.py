"""`civex corpus import`, `export`, `labels` and `diff`, as a user runs them."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from civex.annotations import parse
from civex.cli import app
from civex.formats import TOOLS, write
from civex.formats.files import Log
from civex.labels import MENTION_LABELS
from tests.formats.damaged import PLAIN
from tests.formats.documents import TRAPS, foreign

FILE_FORMATS = ("prodigy", "doccano", "label-studio", "brat")


def run(*words: object) -> Result:
    return CliRunner().invoke(app, ["corpus", *map(str, words)])


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write([TRAPS, PLAIN], tmp_path / "corpus", "inline", Log())
    return tmp_path / "corpus"


@pytest.mark.parametrize("format", FILE_FORMATS)
def test_export_import_diff(corpus: Path, tmp_path: Path, format: str) -> None:
    out, back = tmp_path / "out", tmp_path / "back"
    result = run("export", corpus, "--format", format, "--out", out)
    assert result.exit_code == 0, result.output
    assert "in: 2 documents, 21 spans" in result.stdout
    assert "2 documents in" in result.stdout
    result = run("import", out, "--format", format, "--out", back, "--no-mend-edges")
    assert result.exit_code == 0, result.output
    counts = [line.partition(": ")[2] for line in result.stdout.splitlines() if line.startswith(("in:", "out:"))]
    assert counts[0] == counts[1] and "21 spans" in counts[0]
    result = run("diff", corpus, back)
    assert (result.exit_code, result.stdout) == (0, "no difference\n")


def test_a_correction_comes_back(corpus: Path, tmp_path: Path) -> None:
    out, back = tmp_path / "tasks.json", tmp_path / "back"
    run("export", corpus, "--format", "label-studio", "--out", out)
    tasks = json.loads(out.read_text())
    task = next(t for t in tasks if t["data"]["civex"]["id"] == "plain")
    results = task["annotations"][0]["result"]
    place = next(r for r in results if r["value"].get("labels") == ["place"])
    place["value"]["labels"] = ["country"]
    number = next(r for r in results if r["from_name"] == "number")
    number["value"]["text"] = ["6"]
    out.write_text(json.dumps(tasks))
    assert run("import", out, "--format", "label-studio", "--out", back).exit_code == 0
    result = run("diff", corpus, back)
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "+ plain:28-33: country 'Hajin'",
        "- plain:28-33: place 'Hajin'",
        "~ plain:42-53: killed 'five people': number 5 -> 6",
        "mentions added 1, mentions removed 1, mentions changed 1",
    ]


def test_links_drawn_in_doccano_become_incidents(tmp_path: Path) -> None:
    document = parse("a: b\n---\n{Mari|place i1} and {Hajin|place i2}: {a strike|action i1 airstrike}\n", id="d")
    path, back = tmp_path / "in.jsonl", tmp_path / "back"
    write([document], path, "doccano", Log())
    row = json.loads(path.read_text())
    (relation,) = row["relations"]
    assert relation["type"] == "tells_of"
    relation["to_id"] = 2  # the strike was at Hajin
    path.write_text(json.dumps(row))
    assert run("import", path, "--format", "doccano", "--out", back, "--no-mend-edges").exit_code == 0
    assert "{a strike|action i2 airstrike}" in (back / "d.txt").read_text()


def test_a_damaged_document_stops_the_import_unless_it_may_be_skipped(corpus: Path, tmp_path: Path) -> None:
    out, back = tmp_path / "tasks.jsonl", tmp_path / "back"
    run("export", corpus, "--format", "prodigy", "--out", out)
    lines = out.read_text().splitlines()
    out.write_text("\n".join([lines[0][:200], lines[1]]))
    result = run("import", out, "--format", "prodigy", "--out", back)
    assert result.exit_code == 2
    assert f"{out}:1: broken JSON" in result.stderr
    assert "1 fault; nothing written" in result.stderr
    assert not back.exists()
    result = run("import", out, "--format", "prodigy", "--out", back, "--skip-damaged")
    assert result.exit_code == 2
    assert len(list(back.iterdir())) == 1


def test_labels_of_another_scheme_need_consent(tmp_path: Path) -> None:
    path, back = tmp_path / "re3d", tmp_path / "back"
    write([foreign()], path, "re3d", Log())
    result = run("import", path, "--format", "re3d", "--out", back)
    assert result.exit_code == 2
    assert "documents.json:1: unknown label Military Platform, Organisation" in result.stderr
    assert run("import", path, "--format", "re3d", "--out", back, "--any-label").exit_code == 0
    assert "4 mentions" in run("import", path, "--format", "re3d", "--out", tmp_path / "b", "--any-label").stderr


def test_nothing_is_overwritten(corpus: Path, tmp_path: Path) -> None:
    out = tmp_path / "there.jsonl"
    out.write_text("mine")
    result = run("export", corpus, "--format", "prodigy", "--out", out)
    assert result.exit_code == 2
    assert "is there already" in result.stderr
    assert out.read_text() == "mine"


def test_the_model_annotates_first(model: object, tmp_path: Path) -> None:
    text = tmp_path / "texts" / "a.txt"
    text.parent.mkdir()
    text.write_text("On 4 May 2016 an airstrike near Hajin, Syria, killed five civilians.\n", encoding="utf-8")
    out = tmp_path / "tasks.json"
    result = run("export", text.parent, "--format", "label-studio", "--out", out, "--predict")
    assert result.exit_code == 0, result.output
    (task,) = json.loads(out.read_text())
    assert "annotations" not in task
    (prediction,) = task["predictions"]
    assert prediction["model_version"].startswith("en_civex_sm ")
    said = {(r["value"]["text"], *r["value"]["labels"]) for r in prediction["result"] if r["type"] == "labels"}
    assert ("five civilians", "killed") in said
    numbers = [r["value"]["text"] for r in prediction["result"] if r["from_name"] == "number"]
    assert ["5"] in numbers
    assert ["i1"] in [r["value"]["text"] for r in prediction["result"] if r["from_name"] == "events"]


@pytest.mark.parametrize("tool", TOOLS)
def test_label_configurations(tool: str) -> None:
    if tool == "inception":
        pytest.importorskip("cassis", reason="pip install 'civex[formats]'")
    result = run("labels", "--format", tool)
    assert result.exit_code == 0
    found = result.stdout
    if tool == "label-studio":
        tree = ElementTree.fromstring(found)
        assert [label.get("value") for label in tree.iter("Label")] == list(MENTION_LABELS)
        fields = {element.get("name") for kind in ("Choices", "TextArea") for element in tree.iter(kind)}
        assert {"events", "number", "value", "name", "group", "outcome", "target_type"} <= fields
    elif tool == "inception":
        names = [element.text for element in ElementTree.fromstring(found).iter() if element.tag.endswith("}name")]
        assert {"webanno.custom.Civex", "webanno.custom.CivexRelation", "events", "mentionId"} <= set(names)
    elif tool == "brat":
        entities = found.partition("[entities]\n")[2].partition("\n\n")[0].split("\n")
        assert entities == list(MENTION_LABELS)
        assert "part_of Arg1:killed|injured" in found
    elif tool == "doccano":
        assert [row["text"] for row in json.loads(found)] == list(MENTION_LABELS)
    else:
        assert json.loads(found)["labels"] == list(MENTION_LABELS)
