"""Damaged annotation files: each a sound export of two documents with one thing broken in it.

`CASES` lists (name, format, damage, outcome, what the log says). The outcome is "refused" (the document is named as a
fault, the other one is read), "file" (nothing of the file can be read), "mended" (read as it was, with a note), "noted"
(read, changed as the note says) or "left out" (no gold, counted).
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from civex.annotations import AnnotatedText, parse
from civex.formats.files import file_name
from tests.formats.documents import TRAPS

PLAIN = parse(
    "publisher: A\n---\nOn {4 May 2016|date i1 2016-05-04} a {strike|action i1 airstrike} near {Hajin|place i1}\r\n"
    "killed {five people|killed i1 5 #c1}, {two of them children|killed i1 civilians children 2 in=#c1}.\n",
    id="plain",
)
DOCUMENTS: list[AnnotatedText] = [TRAPS, PLAIN]  # the first one is damaged
NAME = file_name(TRAPS.id)
Damage = Callable[[Path], None]


def in_line(change: Callable[[dict], Any], number: int = 0) -> Damage:
    """Change the JSON value of a line."""

    def damage(path: Path) -> None:
        lines = path.read_text(encoding="utf-8").split("\n")
        row = json.loads(lines[number])
        change(row)
        lines[number] = json.dumps(row)
        path.write_text("\n".join(lines), encoding="utf-8")

    return damage


def in_list(change: Callable[[dict], Any]) -> Damage:
    """Change the first task of a Label Studio file."""

    def damage(path: Path) -> None:
        tasks = json.loads(path.read_text(encoding="utf-8"))
        change(tasks[0])
        path.write_text(json.dumps(tasks, indent=1), encoding="utf-8")

    return damage


def in_result(kind: str, change: Callable[[dict], Any]) -> Damage:
    """Change the first result of a kind in the first Label Studio task."""
    return in_list(lambda task: change(next(r for r in task["annotations"][0]["result"] if r["type"] == kind)))


def in_file(name: str, old: str, new: str) -> Damage:
    """Replace the first `old` in a file of a folder."""

    def damage(path: Path) -> None:
        (file,) = (path / name,) if path.is_dir() else (path,)
        data = file.read_bytes().decode("utf-8")
        assert old in data, (old, data[:2000])
        file.write_bytes(data.replace(old, new, 1).encode("utf-8"))

    return damage


def add(name: str, line: str) -> Damage:
    def damage(path: Path) -> None:
        with (path / name).open("a", encoding="utf-8", newline="") as file:
            file.write(line + "\n")

    return damage


def cut(name: str = "", share: float = 0.8) -> Damage:
    def damage(path: Path) -> None:
        file = path / name if name else path
        data = file.read_bytes()
        file.write_bytes(data[: int(len(data) * share)])

    return damage


def latin(name: str = "") -> Damage:
    def damage(path: Path) -> None:
        file = path / name if name else path
        file.write_bytes(file.read_bytes() + b"\n#9\tAnnotatorNotes T1\tcaf\xe9\n")

    return damage


def drop_copies(row: dict) -> None:
    for span in row["spans"]:
        del span["text"], span["token_start"]


def shift(row: dict, by: int, *, copies: bool) -> None:
    if not copies:
        drop_copies(row)
    span = row["spans"][-1]
    span["start"] += by
    span["end"] += by


def utf16(row: dict) -> None:
    for span in row["spans"]:
        for key in ("start", "end"):
            span[key] = len(row["text"][: span[key]].encode("utf-16-le")) // 2
    for relation in row["relations"]:
        for side in ("head_span", "child_span"):
            relation[side] = next(span for span in row["spans"] if span["id"] == relation[side]["id"])


def code_points(task: dict) -> None:
    data = task["data"]["text"].encode("utf-16-le")
    for result in task["annotations"][0]["result"]:
        for key in ("start", "end"):
            if "value" in result:
                result["value"][key] = len(data[: 2 * result["value"][key]].decode("utf-16-le"))


def remove_entity(row: dict) -> None:
    gone = next(e for e in row["entities"] if e["label"] == "place")
    row["entities"].remove(gone)
    row["relations"] = [r for r in row["relations"] if gone["id"] not in (r["from_id"], r["to_id"])]


def move_entity(row: dict) -> None:
    next(e for e in row["entities"] if e["label"] == "title")["end_offset"] -= 6


def same_id(row: dict) -> None:
    row["civex"]["id"] = "plain"


def label(row: dict, key: str = "spans") -> None:
    row[key][0]["label"] = "Person"


def first_relation(change: Callable[[dict], Any]) -> Callable[[dict], Any]:
    return lambda row: change(row["relations"][0])


def unix_text(path: Path) -> None:
    """The text loses its carriage returns, the offsets still count them."""
    file = path / "plain.txt"
    file.write_bytes(file.read_bytes().replace(b"\r\n", b"\n"))


def tsv_code_points(path: Path) -> None:
    file = path / f"{NAME}.tsv"
    text, lines = TRAPS.text, []
    data = text.encode("utf-16-le")
    for line in file.read_bytes().decode("utf-8").split("\n"):
        cells = line.split("\t")
        if line[:1].isdigit():
            ends = [len(data[: 2 * int(n)].decode("utf-16-le")) for n in cells[1].split("-")]
            cells[1] = f"{ends[0]}-{ends[1]}"
        lines.append("\t".join(cells))
    file.write_bytes("\n".join(lines).encode("utf-8"))


def docbin_without_user_data(path: Path) -> None:
    from spacy.tokens import DocBin

    from civex.corpus import blank

    docs = list(DocBin().from_bytes(path.read_bytes()).get_docs(blank().vocab))
    path.write_bytes(DocBin(docs=docs).to_bytes())


def docbin_without_a_span(path: Path) -> None:
    from spacy.tokens import DocBin

    from civex.corpus import blank

    docs = list(DocBin().from_bytes(path.read_bytes()).get_docs(blank().vocab))
    docs[0].spans["civex_mentions"] = list(docs[0].spans["civex_mentions"])[1:]
    path.write_bytes(DocBin(docs=docs, store_user_data=True).to_bytes())


def in_dataset(change: Callable[[dict], Any]) -> Damage:
    def damage(path: Path) -> None:
        import shutil

        import datasets

        data = datasets.load_from_disk(str(path))
        rows = [dict(row) for row in data]
        change(rows[0])
        features = data.features
        shutil.rmtree(path)
        datasets.Dataset.from_list(rows, features=features).save_to_disk(str(path))

    return damage


def remove(name: str) -> Damage:
    return lambda path: (path / name).unlink()


TRAPS_ANN, TRAPS_TSV, TRAPS_XMI, TRAPS_TXT = (f"{NAME}.{end}" for end in ("ann", "tsv", "xmi", "txt"))

CASES: list[tuple[str, str, Damage, str, str]] = [
    ("cut", "prodigy", cut(share=0.9), "refused", r":2: broken JSON at line 1"),
    ("offsets-outside", "prodigy", in_line(lambda r: shift(r, 9999, copies=False)), "refused", r"no span of the text"),
    ("offsets-shifted", "prodigy", in_line(lambda r: shift(r, 2, copies=True), 1), "mended", r"moved to \d+"),
    ("offsets-utf16", "prodigy", in_line(utf16), "mended", r"count UTF-16 units, not code points: all 16 spans"),
    (
        "relation-to-nothing",
        "prodigy",
        in_line(first_relation(lambda r: r["child_span"].update(id="gone"))),
        "refused",
        r"its child \(token \d+\) is no span",
    ),
    ("id-twice", "prodigy", in_line(lambda r: r["spans"][0].update(id="2")), "refused", r"span id '2' is used twice"),
    ("rejected", "prodigy", in_line(lambda r: r.update(answer="reject")), "left out", r"answer reject"),
    ("no-text", "prodigy", in_line(lambda r: r.pop("text")), "refused", r":1: no 'text' in"),
    (
        "spans-no-list",
        "prodigy",
        in_line(lambda r: r.update(spans="none")),
        "refused",
        r"'spans' is \"none\", not a list",
    ),
    ("unknown-label", "prodigy", in_line(label), "refused", r":1: .*Person"),
    (
        "unknown-value",
        "prodigy",
        in_line(lambda r: r["spans"][3]["features"].update(group="civilian"), 1),
        "refused",
        r":2: killed: group 'civilian' is unknown; it is one of civilians",
    ),
    (
        "number-in-words",
        "prodigy",
        in_line(lambda r: r["spans"][3]["features"].update(number="five"), 1),
        "refused",
        r"'five' is no number; write 5",
    ),
    (
        "ends-before-start",
        "prodigy",
        in_line(lambda r: shift(r, -9999, copies=False)),
        "refused",
        r"no span of the text",
    ),
    ("not-utf8", "prodigy", latin(), "file", r"line 4: not UTF-8"),
    ("cut", "doccano", cut(share=0.9), "refused", r":2: broken JSON"),
    (
        "offsets-outside",
        "doccano",
        in_line(lambda r: r["entities"][2].update(end_offset=9999)),
        "refused",
        r":1: no span of the text lies at \d+ to 9999 \(the text ends at \d+\)",
    ),
    (
        "negative",
        "doccano",
        in_line(lambda r: r["entities"][0].update(start_offset=-4)),
        "refused",
        r"no span of the text lies at -4",
    ),
    (
        "relation-to-nothing",
        "doccano",
        in_line(first_relation(lambda r: r.update(to_id=777))),
        "refused",
        r"leads to span '777', which is not there",
    ),
    ("id-twice", "doccano", in_line(lambda r: r["entities"][0].update(id=2)), "refused", r"span id '2' is used twice"),
    (
        "offset-is-text",
        "doccano",
        in_line(lambda r: r["entities"][0].update(start_offset="0")),
        "refused",
        r"'start_offset' is \"0\", not a whole number",
    ),
    ("no-label", "doccano", in_line(lambda r: r["entities"][0].pop("label")), "refused", r"no 'label' in"),
    ("unknown-label", "doccano", in_line(lambda r: label(r, "entities")), "refused", r"unknown label Person"),
    ("document-twice", "doccano", in_line(same_id), "rows", r":2: the document id 'plain' is used twice"),
    (
        "span-removed",
        "doccano",
        in_line(remove_entity),
        "noted",
        r"place at \d+ to \d+ is not there any more; its features",
    ),
    ("span-moved", "doccano", in_line(move_entity), "noted", r""),
    (
        "entities-no-object",
        "doccano",
        in_line(lambda r: r.update(entities=[3])),
        "refused",
        r"3 stands where an object",
    ),
    ("cut", "label-studio", cut(), "refused", r":\d+: broken JSON at line \d+"),
    ("offsets-code-points", "label-studio", in_list(code_points), "mended", r"count code points, not UTF-16 units"),
    (
        "other-words",
        "label-studio",
        in_result("labels", lambda r: r["value"].update(text="somewhere else")),
        "refused",
        r"should be 'somewhere else'; the text has .* stands nowhere in it",
    ),
    (
        "two-labels",
        "label-studio",
        in_result("labels", lambda r: r["value"]["labels"].append("place")),
        "refused",
        r"has 2 labels; make it a region for each",
    ),
    ("no-label", "label-studio", in_result("labels", lambda r: r["value"].pop("labels")), "refused", r"has 0 labels"),
    (
        "unknown-label",
        "label-studio",
        in_result("labels", lambda r: r["value"].update(labels=["LOC"])),
        "refused",
        r"unknown label LOC; labels are date",
    ),
    (
        "relation-to-nothing",
        "label-studio",
        in_result("relation", lambda r: r.update(to_id="gone")),
        "refused",
        r"leads to span 'gone'",
    ),
    (
        "choice-of-nothing",
        "label-studio",
        in_result("choices", lambda r: r.update(id="gone")),
        "refused",
        r"said of region 'gone', which has no label",
    ),
    (
        "unknown-choice",
        "label-studio",
        in_result("choices", lambda r: r["value"].update(choices=["perhaps"])),
        "refused",
        r"'perhaps' is unknown; it is one of",
    ),
    (
        "bi",
        "label-studio",
        in_result("relation", lambda r: r.update(direction="bi")),
        "noted",
        r"points both ways: it became two",
    ),
    (
        "up",
        "label-studio",
        in_result("relation", lambda r: r.update(direction="up")),
        "refused",
        r"points 'up', not right, left, bi",
    ),
    ("no-type", "label-studio", in_result("relation", lambda r: r.update(labels=[])), "refused", r"has no label"),
    (
        "another-tool",
        "label-studio",
        in_result("choices", lambda r: r.update(type="rectanglelabels")),
        "refused",
        r"type 'rectanglelabels' is neither",
    ),
    (
        "skipped",
        "label-studio",
        in_list(lambda t: t["annotations"][0].update(was_cancelled=True)),
        "left out",
        r"skipped by the annotator",
    ),
    ("open", "label-studio", in_list(lambda t: t.update(annotations=[])), "left out", r"not annotated"),
    (
        "two-annotations",
        "label-studio",
        in_list(lambda t: t["annotations"].insert(0, {"result": [], "updated_at": "2020"})),
        "noted",
        r"2 annotations: the one updated last was taken",
    ),
    ("no-text", "brat", remove(TRAPS_TXT), "refused", rf"its text {NAME}.txt is not beside it"),
    (
        "mention-cut",
        "brat",
        lambda path: (path / TRAPS_ANN).write_bytes(b"T1\ttitle 0 2") and None,
        "refused",
        r"line 1: no mention",
    ),
    ("id-twice", "brat", in_file(TRAPS_ANN, "\nT2\t", "\nT1\t"), "refused", r"line \d+: T1 is used twice"),
    ("relation-to-nothing", "brat", in_file(TRAPS_ANN, "Arg2:T", "Arg2:T99"), "refused", r"leads to span 'T99\d+'"),
    ("attribute-of-nothing", "brat", add(TRAPS_ANN, "A99\tgroup T99 civilians"), "refused", r"group is said of T99"),
    ("unknown-value", "brat", in_file(TRAPS_ANN, "alleged", "claimed"), "refused", r"attribution 'claimed' is unknown"),
    ("unknown-label", "brat", in_file(TRAPS_ANN, "place ", "LOC "), "refused", r"unknown label LOC"),
    (
        "other-words",
        "brat",
        in_file(TRAPS_ANN, "\tSNHR", "\tSOHR"),
        "refused",
        r"should be 'SOHR'; the text has 'SNHR'",
    ),
    ("event", "brat", add(TRAPS_ANN, "E1\tAttack:T3 Target:T5"), "refused", r"E1 is neither mention"),
    ("no-tab", "brat", add(TRAPS_ANN, "T99 place 0 4 Hajin"), "refused", r"line \d+: no tab in 'T99"),
    ("unix-line-breaks", "brat", unix_text, "noted", r"count code points, a line break as two, not code points"),
    (
        "discontinuous",
        "brat",
        in_file("plain.ann", "date 3 13\t4 May 2016", "date 3 4;9 13\t4 2016"),
        "noted",
        r"T1 is discontinuous: read as one stretch",
    ),
    ("not-utf8", "brat", latin(TRAPS_ANN), "refused", r"line \d+: not UTF-8"),
    (
        "other-version",
        "webanno-tsv",
        in_file(TRAPS_TSV, "WebAnno TSV 3.3", "WebAnno TSV 2"),
        "refused",
        r"line 1: no WebAnno",
    ),
    ("cut", "webanno-tsv", cut(TRAPS_TSV), "refused", r"line \d+: \d+ columns where the header gives \d+"),
    (
        "token-twice",
        "webanno-tsv",
        in_file(TRAPS_TSV, "\n1-2\t", "\n1-1\t"),
        "refused",
        r"token 1-1 stands there twice",
    ),
    ("offsets-code-points", "webanno-tsv", tsv_code_points, "mended", r"count code points, not UTF-16 units"),
    ("no-layer", "webanno-tsv", in_file(TRAPS_TSV, "#T_SP=webanno.custom.Civex|", "#T_SP=X|"), "refused", r"no layer"),
    ("bad-offsets", "webanno-tsv", in_file(TRAPS_TSV, "\n1-1\t0-7\t", "\n1-1\tx-7\t"), "refused", r"no token: '1-1"),
    ("cut", "inception", cut(TRAPS_XMI), "refused", r"no XMI: "),
    (
        "offsets-outside",
        "inception",
        in_file(TRAPS_XMI, 'end="21" label="title"', 'end="9999" label="title"'),
        "refused",
        r"at",
    ),
    ("no-label", "inception", in_file(TRAPS_XMI, ' label="title"', ""), "refused", r"has no label"),
    (
        "unknown-label",
        "inception",
        in_file(TRAPS_XMI, 'label="title"', 'label="headline"'),
        "refused",
        r"label headline",
    ),
    ("cut", "docbin", cut(), "file", r"no DocBin of spaCy"),
    ("no-user-data", "docbin", docbin_without_user_data, "both", r"saved without store_user_data=True"),
    ("span-removed", "docbin", docbin_without_a_span, "refused", r"is not in doc.spans\['civex_mentions'\] any more"),
    (
        "offsets-outside",
        "hf-datasets",
        in_dataset(lambda r: r["entities"][0].update(end=9999, text=None)),
        "refused",
        r"lies at 0 to 9999",
    ),
    (
        "relation-to-nothing",
        "hf-datasets",
        in_dataset(lambda r: r["relations"][0].update(tail="99")),
        "refused",
        r"leads to span '99'",
    ),
    (
        "relation-to-nothing",
        "re3d",
        lambda path: in_line(lambda r: (r.pop("civex"), r.update(sourceBegin=1)))(path / "relations.json"),
        "refused",
        r"no entity at its source, 1 to",
    ),
    (
        "entity-of-nothing",
        "re3d",
        lambda path: in_line(lambda r: r.update(documentId="gone"))(path / "entities.json"),
        "rows",
        r"entities.json:1: .*no document has the _id 'gone'",
    ),
    (
        "id-twice",
        "re3d",
        lambda path: in_line(lambda r: r.update(_id="traps/1 \u062d/2"))(path / "entities.json"),
        "rows",
        r"entities.json:2: the _id 'traps/1 \u062d/2' is used twice",
    ),
    (
        "other-words",
        "re3d",
        lambda path: in_line(lambda r: r.update(value="gone"))(path / "entities.json"),
        "refused",
        r"should be 'gone'",
    ),
    ("no-relations", "re3d", remove("relations.json"), "rows", r"relations.json:1: is not there"),
    ("brace-open", "inline", in_file(TRAPS_TXT, "|place i1}", "|place i1"), "refused", r"line \d+, column \d+: "),
    ("unknown-label", "inline", in_file(TRAPS_TXT, "|place i1}", "|plaec i1}"), "refused", r"unknown label 'plaec'"),
    ("no-header", "inline", in_file(TRAPS_TXT, "\n---\n", "\n"), "refused", r"no line '---'"),
    ("reference-to-nothing", "inline", in_file(TRAPS_TXT, "by=#s1", "by=#s9"), "refused", r"no mention has the id #s9"),
    (
        "header-broken",
        "inline",
        in_file(TRAPS_TXT, "not_in_tags: {", "not_in_tags: "),
        "refused",
        r"not_in_tags is broken",
    ),
    ("not-utf8", "inline", latin(TRAPS_TXT), "refused", r"not UTF-8"),
]
