"""Files as the tools themselves write them, by their documentation, not as civex does."""

import json
from pathlib import Path

import pytest

from civex.annotations import AnnotatedText
from civex.formats import read, write
from civex.formats.files import Log


def read_one(path: Path, format: str, notes: int = 0) -> AnnotatedText:
    log = Log()
    (document,) = read(path, format, log)
    assert log.faults == []
    assert len(log.notes) == notes, log.notes
    assert log.found == log.given
    return document


def words(document: AnnotatedText) -> list[tuple[str, str]]:
    return [(m.label, document.text[m.start : m.end]) for m in document.mentions]


def test_prodigy_relations_name_tokens(tmp_path: Path) -> None:
    tokens = [("Two", 0, True), ("children", 4, True), ("of", 13, True), ("five", 16, True), ("people", 21, False)]
    row = {
        "text": "Two children of five people",
        "tokens": [{"text": t, "start": s, "end": s + len(t), "id": n, "ws": w} for n, (t, s, w) in enumerate(tokens)],
        "spans": [
            {"start": 0, "end": 12, "token_start": 0, "token_end": 1, "label": "killed"},
            {"start": 16, "end": 27, "token_start": 3, "token_end": 4, "label": "killed"},
        ],
        "relations": [{"head": 1, "child": 4, "label": "part_of", "color": "#c5bdf4"}],
        "_input_hash": -7,
        "_task_hash": 9,
        "_view_id": "relations",
        "answer": "accept",
        "meta": {"source": "wire"},
    }
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(row) + "\n")
    document = read_one(path, "prodigy")
    assert document.id == "-7"
    assert words(document) == [("killed", "Two children"), ("killed", "five people")]
    assert document.mentions[0].references == {"part_of": document.mentions[1].id}
    kept = {"_input_hash": -7, "_task_hash": 9, "_view_id": "relations"}
    assert document.meta == {"source": "wire", "prodigy": kept}
    write([document], tmp_path / "b.jsonl", "prodigy", Log())
    back = json.loads((tmp_path / "b.jsonl").read_text())
    assert {key: back[key] for key in kept} == kept


def test_doccano_spans_only(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": 12, "text": "near Hajin", "label": [[5, 10, "place"]], "Comments": []}))
    document = read_one(path, "doccano")
    assert (document.id, words(document)) == ("12", [("place", "Hajin")])
    assert document.meta == {"doccano": {"id": 12, "Comments": []}}


def test_label_studio_counts_utf16(tmp_path: Path) -> None:
    def region(id: str, start: int, end: int, text: str, label: str) -> dict:
        value = {"start": start, "end": end, "text": text, "labels": [label]}
        return {"id": id, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual", "value": value}

    result = [
        region("aB-1", 3, 7, "army", "owner"),  # the bomb is two units
        region("cD_2", 8, 13, "truck", "target"),
        {"from_id": "cD_2", "to_id": "aB-1", "type": "relation", "direction": "left", "labels": ["owner_of"]},
    ]
    annotation = {"id": 4, "completed_by": 1, "was_cancelled": False, "lead_time": 3.5, "result": result}
    task = {"id": 77, "data": {"text": "\U0001f4a5 army truck"}, "annotations": [annotation], "predictions": []}
    path = tmp_path / "export.json"
    path.write_text(json.dumps([task]))
    document = read_one(path, "label-studio")
    assert words(document) == [("owner", "army"), ("target", "truck")]
    assert document.mentions[0].references == {"owner_of": document.mentions[1].id}
    assert document.meta["label_studio"]["annotation"]["lead_time"] == 3.5
    assert document.id == "77"


def test_brat_attributes_and_notes(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"Five\nchildren died")
    lines = ["T1\tkilled 0 13\tFive children", "A1\tgroup T1 civilians", "A2\twho_children T1"]
    lines += ["#1\tAnnotatorNotes T1\tevents=i1; number=5", "A3\tNegation T1"]
    (tmp_path / "a.ann").write_text("\n".join(lines) + "\n")
    (mention,) = read_one(tmp_path, "brat").mentions
    assert (mention.events, mention.number) == (("i1",), (5, 5))
    assert mention.attributes["group"] == "civilians"
    assert mention.attributes["who"] == ["children"]
    assert mention.attributes["Negation"] == "true"


def test_a_free_note_of_brat_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"Hajin")
    (tmp_path / "a.ann").write_text("T1\tplace 0 5\tHajin\n#1\tAnnotatorNotes T1\tsure? ask = Ann\n")
    (mention,) = read_one(tmp_path, "brat").mentions
    assert mention.attributes == {"note": "sure? ask = Ann"}


TSV = """#FORMAT=WebAnno TSV 3.3
#T_SP=webanno.custom.Civex|label|events
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value
#T_RL=webanno.custom.CivexRelation|label|BT_webanno.custom.Civex


#Text=\U0001f4a5 army truck
1-1\t0-2\t\U0001f4a5\t_\t_\t_\t_\t_\t
1-2\t3-7\tarmy\towner|target[2]\t*|i1[2]\tORG\t_\t_\t
1-3\t8-13\ttruck\ttarget[2]\ti1[2]\t_\tabout\\_it\t1-2[0_2]\t

#Text=near Hajin
2-1\t15-19\tnear\t_\t_\t_\t_\t_\t
2-2\t20-25\tHajin\tplace\ti1\t_\t_\t_\t
"""


def test_inception_tsv(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(TSV, encoding="utf-8")
    log = Log()
    (document,) = read(tmp_path, "webanno-tsv", log)
    assert log.faults == []
    assert [note for *_, note in log.notes] == [
        "1 values of the layer de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity were left out: civex reads"
        " webanno.custom.Civex and webanno.custom.CivexRelation"
    ]
    assert document.text == "\U0001f4a5 army truck\n\nnear Hajin"
    assert words(document) == [("target", "army truck"), ("owner", "army"), ("place", "Hajin")]
    assert [m.events for m in document.mentions] == [("i1",), (), ("i1",)]
    (relation,) = document.relations
    assert relation.label == "about_it"
    assert {m.id: m.label for m in document.mentions if m.id} == {relation.head: "owner", relation.tail: "target"}


def test_datasets_of_tags(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="pip install 'civex[formats]'")
    names = datasets.ClassLabel(names=["O", "B-place", "I-place"])
    list_of = getattr(datasets, "List", datasets.Sequence)
    features = datasets.Features({"tokens": list_of(datasets.Value("string")), "ner_tags": list_of(names)})
    rows = [{"tokens": ["near", "Deir", "ez-Zor", "\U0001f4a5"], "ner_tags": [0, 1, 2, 0]}]
    datasets.Dataset.from_list(rows, features=features).save_to_disk(str(tmp_path / "d"))
    document = read_one(tmp_path / "d", "hf-datasets")
    assert document.text == "near Deir ez-Zor \U0001f4a5"
    assert words(document) == [("place", "Deir ez-Zor")]


def test_a_dict_of_lists_is_a_list_of_rows() -> None:
    from civex.formats.hf_datasets import from_row

    row = {
        "text": "Hajin, Mari",
        "entities": {"start": [0, 7], "end": [5, 11], "label": ["place", "place"]},
        "relations": {"head": ["1"], "tail": ["2"], "label": ["near"]},
    }
    task = from_row(row, pytest.fail)
    assert [(s.start, s.end) for s in task.spans] == [(0, 5), (7, 11)]
    assert [(r.head, r.tail) for r in task.links] == [("1", "2")]


def test_a_compiled_corpus_is_read_without_our_own_data(tmp_path: Path) -> None:
    from civex.corpus import blank, compile_folder
    from tests.formats.damaged import PLAIN

    write([PLAIN], tmp_path / "corpus", "inline", Log())
    compile_folder(tmp_path / "corpus", tmp_path / "out", blank())
    log = Log()
    (document,) = read(tmp_path / "out" / "corpus.spacy", "docbin", log)
    assert words(document) == words(PLAIN)
    assert [m.events for m in document.mentions] == [m.events for m in PLAIN.mentions]
    assert [m.number for m in document.mentions] == [m.number for m in PLAIN.mentions]
    assert [list(m.references) for m in document.mentions] == [list(m.references) for m in PLAIN.mentions]
