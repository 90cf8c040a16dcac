"""From annotation to Doc and to training files; and the corpus itself, every file of it."""

import json
import re
from pathlib import Path

import pytest
from spacy.language import Language
from spacy.tokens import DocBin

from civex.annotations import CorpusError, parse
from civex.corpus import (
    compile_folder,
    describe,
    faults_of,
    fingerprint,
    grams,
    incident_members,
    misaligned,
    read_folder,
    shared_grams,
    stock_phrases,
    template_share,
    to_doc,
)
from civex.labels import MENTIONS
from tests.conftest import ROOT

CORPUS = ROOT / "corpus"
HEADER = "publisher: A\nwar: B\ngenre: wire\n---\n"
SOURCE = HEADER + (
    "On {4 May 2016|date i1 2016-05-04} a {strike|action i1 airstrike 2} near {Hajin|place i1} killed "
    "{five|killed i1 civilians 5.. #c1 by=#s1}, {two children|killed i1 civilians children 2 in=#c1}, "
    "{SNHR|source i1-i2 ngo #s1 name=Syrian_Network} said. In {Mari|place i2} a {{Daesh|owner} "
    "car|target i2 vehicle} burned. "
    "{34 strikes|tally t1 strikes 34} in {May|date t1 2016-05}, the {Army|source t1 government} says.\n"
)


@pytest.fixture
def document():
    return parse(SOURCE, name="d1.txt", id="d1")


def words_of(doc) -> list[str]:
    return [span.text for span in doc.spans[MENTIONS]]


def test_mentions_become_spans(document, blank_nlp: Language) -> None:
    doc = to_doc(document, blank_nlp)
    assert [(s.label_, s.text) for s in doc.spans[MENTIONS]] == [
        (m.label, document.text[m.start : m.end]) for m in document.mentions
    ]
    assert doc.user_data["civex_id"] == "d1"
    assert doc.user_data["civex_meta"] == {"publisher": "A", "war": "B", "genre": "wire"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("4 May 2016", {"role": "event", "value": "2016-05-04", "opens": True, "shared": False}),
        ("strike", {"action_type": "airstrike", "number": [2, 2], "opens": False}),
        ("five", {"group": "civilians", "who": [], "stance": "stated", "status": "used", "number": [5, None]}),
        ("two children", {"who": ["children"], "number": [2, 2]}),
        ("SNHR", {"source_type": "ngo", "name": "Syrian Network", "shared": True, "opens": False}),
        ("Mari", {"opens": True, "shared": False}),
        ("Daesh car", {"target_type": ["vehicle"], "effect": None, "opens": False}),
        ("34 strikes", {"measure": "strikes", "number": [34, 34]}),
        ("May", {"role": "period", "value": "2016-05", "opens": False}),
    ],
)
def test_attributes(document, blank_nlp: Language, words: str, expected: dict) -> None:
    doc = to_doc(document, blank_nlp)
    row = doc.spans[MENTIONS].attrs["attributes"][words_of(doc).index(words)]
    assert {key: row[key] for key in expected} == expected


def test_relations_point_by_position(document, blank_nlp: Language) -> None:
    doc = to_doc(document, blank_nlp)
    words = words_of(doc)
    found = {(words[head], words[tail], label) for head, tail, label, _ in doc.spans[MENTIONS].attrs["relations"]}
    members = {
        "4 May 2016": ("4 May 2016", "strike", "Hajin", "five", "two children", "SNHR"),
        "Mari": ("SNHR", "Mari", "Daesh car"),
    }
    expected = {(head, tail, "tells_of") for tail, heads in members.items() for head in heads}
    expected |= {
        ("two children", "five", "part_of"),
        ("five", "SNHR", "claimed_by"),
        ("Daesh", "Daesh car", "owner_of"),
        ("May", "34 strikes", "about"),
        ("34 strikes", "Army", "claimed_by"),
    }
    assert found == expected
    assert incident_members(doc) == {0: [0, 1, 2, 3, 4, 5], 6: [5, 6, 7]}


def test_an_owner_belongs_to_the_innermost_target(blank_nlp: Language) -> None:
    text = "{cars at a {{Daesh|owner} base|place i1}|target i1 vehicle} {{Daesh|owner} tank|target i1 vehicle}"
    doc = to_doc(parse(f"{HEADER}{text}\n"), blank_nlp)
    rows = [(h, t) for h, t, label, _ in doc.spans[MENTIONS].attrs["relations"] if label == "owner_of"]
    words = words_of(doc)
    assert [(words[h], words[t]) for h, t in rows] == [("Daesh", "cars at a Daesh base"), ("Daesh", "Daesh tank")]


def test_published_of_the_header_is_set(blank_nlp: Language) -> None:
    doc = to_doc(parse("published: 2019-06-03\n---\nx\n"), blank_nlp)
    assert doc._.civex_published == "2019-06-03"


def test_misaligned_names_the_tokens(blank_nlp: Language) -> None:
    document = parse(HEADER + "\nthe {air|action i1 airstrike}strikes\n", id="d2")
    ((name, line, column, message),) = misaligned(document, blank_nlp.make_doc(document.text))
    assert (name, line, column) == ("d2", 6, 5)
    assert message == "action 'air' is not on token edges; the tokens there are ['airstrikes']"
    with pytest.raises(CorpusError, match="d2:6:5"):
        to_doc(document, blank_nlp)


def folder_of(tmp_path: Path, **texts: str) -> Path:
    folder = tmp_path / "train"
    folder.mkdir()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


def test_compile_keeps_everything(tmp_path: Path, blank_nlp: Language) -> None:
    folder, out = folder_of(tmp_path, a=SOURCE, b=HEADER + "Nothing here.\n"), tmp_path / "out"
    assert compile_folder(folder, out, blank_nlp) == 2
    first, second = DocBin(store_user_data=True).from_disk(out / "train.spacy").get_docs(blank_nlp.vocab)
    expected = to_doc(parse(SOURCE, id="a"), blank_nlp)
    assert first.user_data["civex_id"] == "a"
    assert words_of(first) == words_of(expected)
    assert first.spans[MENTIONS].attrs == expected.spans[MENTIONS].attrs
    assert len(second.spans[MENTIONS]) == 0


def test_prodigy_tasks(tmp_path: Path, blank_nlp: Language) -> None:
    out = tmp_path / "out"
    compile_folder(folder_of(tmp_path, a=SOURCE), out, blank_nlp)
    task = json.loads((out / "train.jsonl").read_text(encoding="utf-8"))
    assert task["meta"]["id"] == "a" and task["answer"] == "accept"
    for span in task["spans"]:
        first, last = task["tokens"][span["token_start"]], task["tokens"][span["token_end"]]  # inclusive
        assert (first["start"], last["end"]) == (span["start"], span["end"])
    date = task["spans"][0]
    assert (date["label"], date["token_start"], date["token_end"]) == ("date", 1, 3)
    part = next(r for r in task["relations"] if r["label"] == "part_of")
    assert task["text"][part["head_span"]["start"] : part["head_span"]["end"]] == "two children"
    assert (part["head"], part["child"]) == (part["head_span"]["token_end"], part["child_span"]["token_end"])
    assert "".join(t["text"] + " " * t["ws"] for t in task["tokens"]) == task["text"]


def test_compile_writes_nothing_where_there_are_faults(tmp_path: Path, blank_nlp: Language) -> None:
    folder = folder_of(tmp_path, a=SOURCE, b=HEADER + "{X|plaice}\n", c=HEADER + "{Y|x}\n")
    with pytest.raises(CorpusError) as caught:
        compile_folder(folder, tmp_path / "out", blank_nlp)
    assert [Path(fault[0]).name for fault in caught.value.faults] == ["b.txt", "c.txt"]
    assert not (tmp_path / "out").exists()
    sound, faults = faults_of(folder, blank_nlp)
    assert (sound, len(faults)) == (1, 2)


def test_grams_are_runs_of_eight_words_without_figures() -> None:
    assert grams("One, two three four five six seven") == set()
    assert grams("One, TWO three four five six seven: eight") == {
        tuple("one two three four five six seven eight".split())
    }
    assert len(grams("a b c d e f g h i j")) == 3
    assert grams("a b c d 5 f g h i") == set()


def test_shared_grams_name_both_documents() -> None:
    run = "they struck the old bridge over the river"
    one, other = (parse(f"{HEADER}{text}\n", id=name) for name, text in (("a", run), ("b", f"Then {run.upper()}.")))
    assert list(shared_grams([one], [other], set())) == [("a", "b", run)]
    assert list(shared_grams([one], [other], grams(run))) == []
    assert template_share([one, other]) == {"wire": 2 / 3}


def test_stock_phrases_leave_comments_out(tmp_path: Path) -> None:
    path = tmp_path / "phrases.txt"
    path.write_text("# a b c d e f g h\none two three four five six seven eight\n")
    assert stock_phrases(path) == {tuple("one two three four five six seven eight".split())}
    assert stock_phrases(tmp_path / "none.txt") == set()


def test_describe(document) -> None:
    nothing = parse(HEADER + "Two words.\n")
    counts = describe([document, nothing])
    assert {key: counts[key] for key in ("documents", "incidents", "tallies", "mentions")} == {
        "documents": 2,
        "incidents": 2,
        "tallies": 1,
        "mentions": 12,
    }
    assert counts["without incident"] == 1


def test_fingerprint_sees_names_and_bytes(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, a="x")
    first = fingerprint(folder)
    (folder / "a.txt").rename(folder / "b.txt")
    second = fingerprint(folder)
    (folder / "b.txt").write_text("y")
    assert len({first, second, fingerprint(folder)}) == 3


# The corpus itself.


@pytest.fixture(scope="module")
def collections() -> dict[str, list]:
    return {name: read_folder(CORPUS / name) for name in ("train", "dev", "test")}


@pytest.mark.parametrize("path", sorted(CORPUS.rglob("*/*.txt")), ids=lambda path: path.stem)
def test_every_file_parses_and_aligns(path: Path, blank_nlp: Language) -> None:
    _, faults = faults_of(path, blank_nlp)
    assert not faults, "\n".join(f"{line}:{column}: {message}" for _, line, column, message in faults)


def parties(war: str) -> set[str]:
    """The countries and groups in the name of a war, years left out: "Russia-Ukraine" is "Ukraine-Russia 2022"."""
    parts = re.split(r"[-/(),]| and ", re.sub(r"\b(?:19|20)?\d\d(?:s|\b)", "", war))
    return {part.strip() for part in parts} - {"", "none", "several"}


@pytest.mark.parametrize(
    ("war", "expected"),
    [
        ("Sri Lanka 2009", {"Sri Lanka"}),
        ("Nigeria/Lake Chad", {"Nigeria", "Lake Chad"}),
        ("Pakistan (FATA)", {"Pakistan", "FATA"}),
        ("Croatia 1991-95", {"Croatia"}),
        ("Gaza and Lebanon", {"Gaza", "Lebanon"}),
        ("none", set()),
    ],
)
def test_parties(war: str, expected: set[str]) -> None:
    assert parties(war) == expected


def test_test_shares_no_publisher_with_the_rest(collections: dict) -> None:
    def publishers(*names: str) -> set[str]:
        return {d.meta["publisher"].casefold() for name in names for d in collections[name] if d.meta.get("publisher")}

    assert publishers("test") and publishers("test") & publishers("train", "dev") == set()


def test_test_shares_no_war_with_the_rest(collections: dict) -> None:
    def wars(*names: str) -> set[str]:
        return set().union(*(parties(d.meta.get("war", "")) for name in names for d in collections[name]))

    assert wars("test") and wars("test") & wars("train", "dev") == set()


def test_no_test_document_shares_eight_words_with_the_rest(collections: dict) -> None:
    known = stock_phrases(CORPUS / "stock_phrases.list")
    shared = list(shared_grams(collections["test"], collections["train"] + collections["dev"], known))
    assert shared == []


def test_every_document_has_its_header(collections: dict) -> None:
    keys = {"publisher", "war", "genre", "constructed"}
    assert [d.id for ds in collections.values() for d in ds if not keys <= d.meta.keys()] == []
