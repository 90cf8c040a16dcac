"""Tables: rows as documents, with their columns; bad rows named, and no other lost."""

import csv
import datetime
import hashlib
import io
import json
from pathlib import Path

import pytest

from civex.batch.inputs import Limits, read_inputs
from civex.batch.sources import Broken, Document
from tests.batch.made import SAID, zipped

COLUMNS = {"id_column": "key", "date_column": "day", "publisher_column": "by"}
ROW = {
    "key": "k7",
    "text": SAID,
    "day": "3 June 2019",
    "by": "Airwars",
    "url": "https://x.org",
    "retrieved": "2020-01-02T03:04Z",
}


def rows(path: Path, data: bytes, **options) -> list[Document | Broken]:
    """What the rows of a table of `data` give, named without the path."""
    path.write_bytes(data)
    return list(read_inputs([path], **options))


def told(found: list[Document | Broken]) -> list[tuple[str, str]]:
    """Row and text, or row and stage of a failure."""
    return [(d.name.partition("#")[2], getattr(d, "text", None) or d.stage) for d in found]


def comma(*lines: list[str], delimiter: str = ",") -> bytes:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(lines)
    return stream.getvalue().encode()


def parquet(table: list[dict], **options) -> bytes:
    import pyarrow
    from pyarrow import parquet

    stream = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(table), stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("a.jsonl", json.dumps(ROW).encode()),
        ("a.json", json.dumps([ROW]).encode()),
        ("a.csv", comma(list(ROW), list(ROW.values()))),
        ("a.csv", comma(list(ROW), list(ROW.values()), delimiter=";")),
        ("a.tsv", comma(list(ROW), list(ROW.values()), delimiter="\t")),
        ("a.csv", comma(list(ROW), list(ROW.values())).decode().encode("utf-16")),
        ("a.parquet", parquet([ROW])),
    ],
)
def test_columns_of_each_kind(tmp_path: Path, file: str, data: bytes) -> None:
    (found,) = rows(tmp_path / file, data, **COLUMNS)
    line = json.dumps(ROW, sort_keys=True, separators=(",", ":"))
    assert found == Document(
        f"{(tmp_path / file).as_posix()}#k7",
        SAID,
        hashlib.sha256(line.encode()).hexdigest(),
        "2019-06-03",
        "Airwars",
        "2020-01-02T03:04Z",
        "https://x.org",
    )


def test_jsonl_lines_are_read_one_by_one(tmp_path: Path) -> None:
    data = b'{"text": "a"}\r\n\n{"text": "b"\n["text"]\n{"txt": "c"}\n{"text": 5}\n{"text": " "}\n'
    data += b'{"text": "\\ud800"}\nnull\n{"text": "z"}'
    found = rows(tmp_path / "a.jsonl", data)
    assert told(found) == [
        ("1", "a"),
        ("3", "parse"),
        ("4", "parse"),
        ("5", "parse"),
        ("6", "read"),
        ("7", "read"),
        ("8", "\ud800"),
        ("9", "parse"),
        ("10", "z"),
    ]
    assert found[3].cause == "no column 'text'; there are: txt"
    assert found[3].advice == "give --text-column NAME"


def test_ids_print_in_one_line_and_numbers_stand_in_for_none(tmp_path: Path) -> None:
    data = b'{"text": "a", "k": "x\\ny z"}\n{"text": "b", "k": null}\n{"text": "c", "k": 0}\n{"text": "d"}'
    assert told(rows(tmp_path / "a.jsonl", data, id_column="k")) == [
        ("x\\x0ay z", "a"),
        ("2", "b"),
        ("0", "c"),
        ("4", "parse"),
    ]


def test_the_hash_does_not_depend_on_how_a_row_is_written(tmp_path: Path) -> None:
    one, other = rows(tmp_path / "a.jsonl", b'{"text": "a", "b": 1}\n{"b":1,"text":"\\u0061"}\n')
    assert one.sha256 == other.sha256


@pytest.mark.parametrize(
    ("day", "published"),
    [
        ("2019-06-03", "2019-06-03"),
        ("2019-06-03T23:59:00+02:00", "2019-06-03"),
        ("June 3, 2019", "2019-06-03"),
        ("13/6/2019", "2019-06-13"),
        ("", None),
        (None, None),
    ],
)
def test_days(tmp_path: Path, day: str | None, published: str | None) -> None:
    (found,) = rows(tmp_path / "a.jsonl", json.dumps({"text": "a", "day": day}).encode(), date_column="day")
    assert found.published == published


@pytest.mark.parametrize("day", ["3/6/2019", "June 2019", "yesterday", "2019-02-30", 5])
def test_a_day_is_never_guessed(tmp_path: Path, day: object) -> None:
    (found,) = rows(tmp_path / "a.jsonl", json.dumps({"text": "a", "day": day}).encode(), date_column="day")
    assert (found.stage, found.cause) == ("parse", f"{str(day)!r} is no day")


def test_dates_of_parquet(tmp_path: Path) -> None:
    table = [{"text": "a", "d": datetime.date(2019, 6, 3)}, {"text": "b", "d": None}]
    first, second = rows(tmp_path / "a.parquet", parquet(table), date_column="d")
    assert (first.published, second.published) == ("2019-06-03", None)


def test_csv_of_many_lines_and_long_fields(tmp_path: Path) -> None:
    long = "x" * 300_000
    data = comma(["text", "n"], ['a\nb, "c"', "1"], [], [long, "2"], ["only"], ["a", "b", "c"], ["z", "5"])
    found = rows(tmp_path / "a.csv", data)
    assert told(found) == [("1", 'a\nb, "c"'), ("2", long), ("3", "parse"), ("4", "parse"), ("5", "z")]
    assert found[2].cause == "1 fields under 2 headings (line 6)"


def test_csv_that_is_cut_or_badly_quoted(tmp_path: Path) -> None:
    found = rows(tmp_path / "a.csv", b'text,n\na,1\n"b"c,2\nd,3\n"cut, 4\n')
    assert told(found) == [("1", "a"), ("2", "parse"), ("3", "d"), ("4", "parse")]


def test_a_table_without_the_column_is_named_once(tmp_path: Path) -> None:
    for file, data in (("a.csv", b"a,b\n1,2\n3,4\n"), ("a.parquet", parquet([{"a": 1, "b": 2}] * 3))):
        (found,) = rows(tmp_path / file, data)
        assert (found.name, found.cause) == ((tmp_path / file).as_posix(), "no column 'text'; there are: a, b")


def test_encodings_of_lines(tmp_path: Path) -> None:
    plain = b'{"text": "plain"}\n' * 9000
    odd = '{"text": "São Tomé – José’s café"}\n'
    found = rows(tmp_path / "a.jsonl", plain + odd.encode("cp1252") + odd.encode() + plain)
    assert len(found) == 18002
    assert {d.text for d in found} == {"plain", "São Tomé – José’s café"}
    found = rows(tmp_path / "b.csv", b"text\n" + "São Tomé – José’s café\n".encode("cp1252") * 3)
    assert told(found) == [(str(n), "São Tomé – José’s café") for n in (1, 2, 3)]


def test_a_line_too_long_costs_no_other(tmp_path: Path) -> None:
    data = b'{"text": "a"}\n{"text": "' + b"x" * 3_000_000 + b'"}\n{"text": "z"}\n'
    found = rows(tmp_path / "a.jsonl", data, limits=Limits(characters=1000))
    assert told(found) == [("1", "a"), ("2", "read"), ("3", "z")]
    found = rows(tmp_path / "a.csv", b"text\na\n" + b"x" * 3_000_000 + b"\nz\n", limits=Limits(characters=1000))
    assert told(found) == [("1", "a"), ("2", "read"), ("3", "z")]


def test_parquet_row_groups(tmp_path: Path) -> None:
    table = [{"text": f"row {n}", "blob": b"\xff"} for n in range(1, 1001)]
    data = parquet(table, row_group_size=100, compression="none", use_dictionary=False, data_page_version="2.0")
    assert told(rows(tmp_path / "a.parquet", data)) == [(str(n), f"row {n}") for n in range(1, 1001)]
    (tmp_path / "a.zip").write_bytes(zipped({"b.parquet": data}))
    assert len(list(read_inputs([tmp_path / "a.zip"]))) == 1000


def test_a_damaged_row_group_costs_no_other(tmp_path: Path) -> None:
    table = [{"text": f"row {n} {'x' * 50}"} for n in range(1, 301)]
    data = bytearray(parquet(table, row_group_size=100, compression="zstd", use_dictionary=False))
    from pyarrow import parquet as library

    group = library.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1).column(0)
    middle = group.data_page_offset + group.total_compressed_size // 2
    data[middle : middle + 40] = b"\xff" * 40
    found = rows(tmp_path / "a.parquet", bytes(data))
    assert [d.text.rpartition(" ")[0] for d in found if isinstance(d, Document)] == [
        *(f"row {n}" for n in range(1, 101)),
        *(f"row {n}" for n in range(201, 301)),
    ]
    (bad,) = [d for d in found if isinstance(d, Broken)]
    assert bad.cause.startswith("row group 2 cannot be read")


def test_dataset_folders(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets", reason="pip install 'civex[batch]'")
    part = datasets.Dataset.from_list([{"text": "a", "k": 1}, {"text": "", "k": 2}, {"text": "c", "k": 3}])
    part.save_to_disk(tmp_path / "in" / "one")
    datasets.DatasetDict({"train": part, "test": part.select([0])}).save_to_disk(tmp_path / "in" / "two")
    (tmp_path / "in" / "z.txt").write_text("z")
    found = list(read_inputs([tmp_path / "in"]))
    names = [d.name.removeprefix(tmp_path.as_posix()) for d in found]
    assert names == [
        "/in/one#1",
        "/in/one#2",
        "/in/one#3",
        "/in/two/test#1",
        "/in/two/train#1",
        "/in/two/train#2",
        "/in/two/train#3",
        "/in/z.txt",
    ]
    assert [getattr(d, "text", None) for d in found] == ["a", None, "c", "a", "a", None, "c", "z"]
    assert [d.name.partition("#")[2] for d in read_inputs([tmp_path / "in" / "one"], id_column="k")] == ["1", "2", "3"]
    (found,) = read_inputs([tmp_path / "in" / "one"], text_column="body")
    assert found.cause == "no column 'body'; there are: text, k"
    for arrow in (tmp_path / "in" / "one").glob("*.arrow"):
        arrow.write_bytes(b"cut")
    (found,) = read_inputs([tmp_path / "in" / "one"])
    assert found.cause.startswith("not a whole dataset")


NINJS = {
    "uri": "https://news.example.org/1",
    "type": "text",
    "versionCreated": "2019-06-03T23:00:00+02:00",
    "headlines": [{"role": "short", "value": "Five"}, {"role": "main", "value": "Five killed"}],
    "bodies": [
        {"contentType": "application/xhtml+xml", "value": f"<p>{SAID}</p><p>More.</p>"},
        {"contentType": "text/plain", "value": SAID},
    ],
    "by": "Jane Doe",
    "infosources": [{"name": "Example Agency"}],
}


def test_ninjs(tmp_path: Path) -> None:
    data = json.dumps(NINJS).encode()
    (found,) = rows(tmp_path / "a.json", data)
    assert found.text == f"Five killed\n\n{SAID}"
    assert (found.published, found.publisher) == ("2019-06-03", "Example Agency")
    assert (found.url, found.sha256) == ("https://news.example.org/1", hashlib.sha256(data).hexdigest())


def test_ninjs_of_html_and_without_more(tmp_path: Path) -> None:
    html = {**NINJS, "bodies": NINJS["bodies"][:1]}
    bare = {"uri": "urn:1", "bodies": [{"value": "Bare."}]}
    wrong = {"uri": "urn:2", "bodies": [{"text": "x"}]}
    first, second, third = rows(tmp_path / "a.json", json.dumps([html, bare, wrong]).encode())
    assert first.text == f"Five killed\n\n{SAID}\nMore."
    assert (second.name[-2:], second.text, second.published, second.publisher, second.url) == (
        "#2",
        "Bare.",
        None,
        None,
        None,
    )
    assert (third.stage, third.cause) == ("parse", "not valid ninjs 3.1 (KeyError: 'value')")
