"""Every format of `write_outputs`, counted by hand on a batch of four documents."""

import csv
import datetime
import hashlib
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from civex.batch.codebooks import UCDP, UCDP_COLUMNS
from civex.batch.outputs import FORMATS, HXL, arrow_schema, by_event, write_outputs
from civex.batch.rows import CLAIMS, INCIDENTS, TALLIES, harmless
from tests.batch.records import HAJEEN, HAJIN, NOTHING, TABQA, TALLY, claim, day, record, said, write_parts

PARTS = [
    record(
        "a.txt",
        HAJIN,
        NOTHING,
        head={"publisher": said("CJTF", name="CJTF-OIR"), "published": day("2016-05-02"), "title": said("Monthly")},
        tallies=[TALLY],
        warnings=[{"code": "ambiguous_date_order", "message": "which?", "span": [3, 9]}],
        document={
            "url": "https://example.org/a",
            "retrieved": "2020-01-02T03:04:05Z",
            "provenance": ["zip/copy.txt"],
        },
    ),
    record("b.txt"),
    record("c.txt", HAJEEN),
    record("d.txt", TABQA),
]
PROVENANCE = ("document", "sha256", "sha256_text", "retrieved", "url", "civex_version", "model_name", "settings")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_parts(tmp_path_factory.mktemp("batch"), PARTS)
    write_outputs(folder, list(FORMATS))
    return folder


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_day(rows: list[dict], column: str = "date_start") -> dict:
    return {str(row[column]): row for row in rows}


def test_paths(out):
    paths = write_outputs(out, ["csv", "airwars", "csv", "jsonl"])
    names = (
        "incidents.csv claims.csv tallies.csv airwars.csv airwars_left_out.csv airwars_belligerents.csv summary.json"
    )
    assert [path.relative_to(out).as_posix() for path in paths] == names.split()
    assert not list(out.glob(".*"))


def test_csv_incidents(out):
    rows = read_csv(out / "incidents.csv")
    assert list(rows[0]) == list(INCIDENTS)
    assert [row["date_start"] for row in rows] == ["2016-04-09", "", "2016-04-09", "2017-05-01"]
    one, nothing, other, tabqa = rows
    assert one["places"] == "Hajin; Deir ez-Zor" and (one["lat"], one["lon"], one["point_of"]) == (
        "34.69",
        "40.83",
        "Hajin",
    )
    assert (one["killed_civilians_min"], one["killed_civilians_max"], one["killed_unspecified_min"]) == ("5", "5", "")
    assert (one["killed_min"], one["injured_min"], one["injured_max"]) == ("5", "9", "")
    assert (one["killed_children_min"], one["killed_children_max"], one["killed_women_min"]) == ("2", "2", "")
    assert (one["country_code"], one["country_inferred"], one["reopened"]) == ("SY", "true", "false")
    assert (one["outcome"], one["confidence"], one["publisher"]) == ("credible", "0.9", "CJTF-OIR")
    assert (one["published"], one["title"], one["language"]) == ("2016-05-02", "Monthly", "en")
    assert (nothing["places"], nothing["killed_min"], nothing["source_types"]) == ("", "", "local_source")
    assert (tabqa["killed_min"], tabqa["killed_max"], tabqa["injured_max"]) == ("0", "0", "4")
    assert one["same_event_group"] == other["same_event_group"] == one["id"]
    assert float(one["same_event_score"]) == 1.0
    assert nothing["same_event_group"] == nothing["id"] and nothing["same_event_score"] == ""


def test_provenance(out):
    expected = {
        "document": "a.txt",
        "sha256": hashlib.sha256(b"a.txt").hexdigest(),
        "sha256_text": hashlib.sha256(b"a.txt").hexdigest()[::-1],
        "retrieved": "2020-01-02T03:04:05Z",
        "url": "https://example.org/a",
        "civex_version": "0.1.0",
        "model_name": "en_civex_sm",
        "settings": '{"counts": "recorders"}',
    }
    for name in ("incidents", "claims", "tallies"):
        row = read_csv(out / f"{name}.csv")[0]
        assert {column: row[column] for column in PROVENANCE} == expected
        assert row["also_in"] == "zip/copy.txt"


def test_csv_claims_and_tallies(out):
    claims = read_csv(out / "claims.csv")
    assert list(claims[0]) == list(CLAIMS)
    assert [(row["claim"], row["harm"], row["min"], row["max"], row["who"], row["part_of"]) for row in claims] == [
        ("c1", "killed", "5", "5", "", ""),
        ("c2", "killed", "2", "2", "children", "c1"),
        ("c3", "injured", "9", "", "", ""),
        ("c1", "killed", "7", "7", "", ""),
        ("c1", "injured", "2", "4", "", ""),
    ]
    assert claims[0]["incident_id"] == claims[3]["same_event_group"] == read_csv(out / "incidents.csv")[0]["id"]
    (tally,) = read_csv(out / "tallies.csv")
    assert list(tally) == list(TALLIES)
    assert (tally["measure"], tally["min"], tally["max"]) == ("civilians_killed", "640", "")
    assert (tally["period_start"], tally["period_end"], tally["end"]) == ("2015-01-01", "2019-04-30", "22")
    assert (tally["same_event_group"], tally["same_event_score"]) == (tally["id"], "")


def test_parquet(out):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pip install 'civex[batch]'")
    for name, columns, count in (("incidents", INCIDENTS, 4), ("claims", CLAIMS, 5), ("tallies", TALLIES, 1)):
        table = parquet.read_table(out / f"{name}.parquet")
        assert table.schema.equals(arrow_schema(columns)) and table.num_rows == count
    one = parquet.read_table(out / "incidents.parquet").to_pylist()[0]
    assert one["date_start"] == datetime.date(2016, 4, 9) and one["killed_min"] == 5 and one["lat"] == 34.69
    assert one["injured_max"] is None and one["country_inferred"] is True


def test_sqlite(out):
    database = sqlite3.connect(out / "civex.sqlite")
    counts = {"document": 4, "incident": 4, "place": 4, "source": 2, "actor": 1, "action": 1, "target": 1, "claim": 5}
    counts |= {"claim_who": 1, "figure": 5, "tally": 1, "warning": 1, "provenance": 1}
    counted = {name: database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in counts}
    assert counted == counts
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert json.loads(database.execute("SELECT value FROM about WHERE name = 'reports'").fetchone()[0]) == 4
    found = database.execute(
        "SELECT document.name, span.kind, span.text FROM span_search JOIN span ON span.id = span_search.rowid"
        " JOIN document ON document.id = span.document WHERE span_search MATCH 'zor'"
    )
    assert found.fetchall() == [("a.txt", "place", "Deir ez-Zor")]
    figures = 'SELECT harm, "group", "min", "max" FROM figure WHERE incident = 1 ORDER BY rowid'
    assert database.execute(figures).fetchall() == [("killed", "civilians", 5, 5), ("injured", "civilians", 9, None)]
    grouped = "SELECT count(*) FROM incident GROUP BY same_event_group ORDER BY 1"
    assert database.execute(grouped).fetchall() == [(1,), (1,), (2,)]
    plan = database.execute("EXPLAIN QUERY PLAN SELECT * FROM incident WHERE same_event_group = 'x'").fetchall()
    assert "incident_by_group" in str(plan)


def test_geojson(out):
    collection = json.loads((out / "incidents.geojson").read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection" and collection["summary"]["reports"] == 4
    one, nothing, other, _ = collection["features"]
    assert one["geometry"] == {"type": "Point", "coordinates": [40.83, 34.69]}
    assert other["geometry"] is None and nothing["geometry"] is None
    assert set(one) == {"type", "id", "geometry", "properties"} and one["type"] == "Feature"
    assert other["properties"]["same_event_group"] == one["id"] and one["properties"]["killed_min"] == 5


def test_hxl_is_valid(out):
    hxl = pytest.importorskip("hxl", reason="pip install 'civex[batch]'")
    faults = []
    source = hxl.data(hxl.input.ArrayInput(list(csv.reader((out / "hxl.csv").open(encoding="utf-8", newline="")))))
    source.validate(callback=faults.append)
    assert [fault for fault in faults if fault.rule.severity == "error"] == []
    assert [column.display_tag for column in source.columns] == [tag for _, tag, _ in HXL]
    headings, tags, one, nothing, *rest = (out / "hxl.csv").read_text(encoding="utf-8").splitlines()
    assert headings.startswith("Report id,") and tags.startswith("#event+id,") and len(rest) == 2
    assert one.split(",")[3:8] == ["2016-04-09", "2016-04-09", "2016-05-02", "Syria", "SY"]


def test_hxl_validator_sees_a_fault(out):
    hxl = pytest.importorskip("hxl", reason="pip install 'civex[batch]'")
    rows = list(csv.reader((out / "hxl.csv").open(encoding="utf-8", newline="")))
    rows[2][3] = "soon"
    faults = []
    assert not hxl.data(hxl.input.ArrayInput(rows)).validate(callback=faults.append)
    assert len([fault for fault in faults if fault.rule.severity == "error"]) == 1


def test_ucdp(out):
    (event,) = read_csv(out / "ucdp.csv")
    assert tuple(event) == UCDP_COLUMNS and len(UCDP) == 49
    filled = {name: value for name, value in event.items() if value and name in UCDP}
    assert filled == {
        "id": "1",
        "year": "2016",
        "number_of_sources": "2",
        "source_article": "a.txt; c.txt",
        "source_office": "CJTF-OIR",
        "source_date": "2016-05-02",
        "source_headline": "Monthly",
        "source_original": "Airwars",
        "where_coordinates": "Hajin",
        "where_description": "Hajin; Deir ez-Zor",
        "latitude": "34.69",
        "longitude": "40.83",
        "geom_wkt": "POINT (40.83 34.69)",
        "priogrid_gid": str(249 * 720 + 441 + 1),  # (34.69 + 90) * 2 = 249.4, (40.83 + 180) * 2 = 441.7
        "country": "Syria",
        "date_prec": "1",
        "date_start": "2016-04-09",
        "date_end": "2016-04-09",
        "deaths_civilians": "5",
        "deaths_unknown": "0",
        "best": "5",
        "high": "7",
        "low": "5",
    }
    assert (event["reports"], event["actors"], event["flags"]) == ("2", "US-led Coalition", "")
    left_out = read_csv(out / "ucdp_left_out.csv")
    assert [row["reason"].split(";")[0] for row in left_out] == ["no death is said", "no death is said"]


def test_airwars(out):
    rows = by_day(read_csv(out / "airwars.csv"), "date")
    assert set(rows) == {"2016-04-09", "2017-05-01"}
    hajin, tabqa = rows["2016-04-09"], rows["2017-05-01"]
    assert (hajin["civilian_non_combatants_killed_min"], hajin["civilian_non_combatants_killed_max"]) == ("5", "5")
    assert (hajin["unspecified_killed_min"], hajin["children_killed_max"], hajin["women_killed_max"]) == ("7", "2", "")
    assert (hajin["date_end"], tabqa["date_end"], hajin["country_slug"]) == ("", "2017-05-31", "syria")
    assert (hajin["strike_status_slug"], hajin["civilian_harm_status_slug"]) == ("declared-strike", "confirmed")
    assert (tabqa["strike_status_slug"], tabqa["civilian_non_combatants_killed_max"]) == ("", "0")
    (belligerent,) = read_csv(out / "airwars_belligerents.csv")
    assert belligerent["code"] == hajin["code"] == hajin["same_event_group"]
    assert belligerent["belligerent_name"] == "US-led Coalition"
    assert belligerent["assessment_slug"] == "credible-substantiated"
    assert [row["reason"] for row in read_csv(out / "airwars_left_out.csv")] == ["no date"]


def test_a_tally_told_in_two_documents_is_one_group(tmp_path):
    other = {**TALLY, "min": 650}
    parts = [record("a.txt", tallies=[other, TALLY]), record("b.txt"), record("c.txt", tallies=[TALLY])]
    folder = write_parts(tmp_path, parts)
    write_outputs(folder, ["csv", "sqlite"])
    rows = read_csv(folder / "tallies.csv")
    assert [row["same_event_group"] for row in rows] == [rows[0]["id"], rows[0]["id"], rows[0]["id"]]
    assert [row["same_event_score"] for row in rows] == ["0.5", "0.5", "0.5"]
    database = sqlite3.connect(folder / "civex.sqlite")
    found = database.execute('SELECT same_event_group, "min" FROM tally').fetchall()
    assert found == [(rows[0]["id"], 650), (rows[0]["id"], 640), (rows[0]["id"], 640)]


def test_ungrouped(tmp_path):
    folder = write_parts(tmp_path, PARTS)
    write_outputs(folder, ["ucdp", "airwars"], ungrouped=True)
    assert [(row["best"], row["reports"]) for row in read_csv(folder / "ucdp.csv")] == [("5", "1"), ("7", "1")]
    rows = read_csv(folder / "airwars.csv")
    assert len(rows) == len({row["code"] for row in rows}) == 3 and len({row["same_event_group"] for row in rows}) == 2


def test_xlsx(out):
    openpyxl = pytest.importorskip("openpyxl", reason="pip install 'civex[batch]'")
    book = openpyxl.load_workbook(out / "civex.xlsx")
    assert book.sheetnames == ["summary", "incidents", "claims", "tallies"]
    rows = list(book["incidents"].iter_rows(values_only=True))
    assert rows[0] == tuple(INCIDENTS) and len(rows) == 5
    one = dict(zip(rows[0], rows[1], strict=True))
    assert one["date_start"] == datetime.datetime(2016, 4, 9) and one["killed_min"] == 5 and one["injured_max"] is None
    summary = {row[:2]: row[2:] for row in book["summary"].iter_rows(values_only=True)}
    assert summary["killed", "reports"][:3] == (3, 12, 12) and summary["killed", "events"][:3] == (2, 5, 7)


def test_summary(out):
    summary = json.loads((out / "summary.json").read_text())
    assert summary.pop("note").startswith("Records are reports, not events")
    assert summary == {
        "documents": 4,
        "reports": 4,
        "events": 3,
        "tallies": 1,
        "killed": {
            "reports": {"with_figure": 3, "min": 12, "max": 12, "without_max": 0},
            "events": {"with_figure": 2, "min": 5, "max": 7, "without_max": 0},
        },
        "injured": {
            "reports": {"with_figure": 2, "min": 11, "max": 4, "without_max": 1},
            "events": {"with_figure": 2, "min": 11, "max": 4, "without_max": 1},
        },
    }


def test_same_bytes(out, tmp_path):
    again = write_parts(tmp_path, PARTS, size=3)  # cut into other parts
    for path in write_outputs(again, list(FORMATS)):
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name


def test_nothing_found(tmp_path):
    folder = write_parts(tmp_path, [])
    paths = write_outputs(folder, list(FORMATS))
    headings = {
        path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in paths if path.suffix == ".csv"
    }
    assert set(headings.values()) == {1, 2} and headings["hxl.csv"] == 2
    assert json.loads((folder / "incidents.geojson").read_text())["features"] == []
    assert json.loads((folder / "summary.json").read_text())["reports"] == 0


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_harmless(formula):
    assert harmless(formula) == "'" + formula


@pytest.mark.parametrize("words", ["five", "", "'=1", "a=1", "5-8", " x"])
def test_harmless_leaves_words(words):
    assert harmless(words) == words


def test_no_formula_runs(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="pip install 'civex[batch]'")
    bad = '=HYPERLINK("http://x","y")'
    south = {"places": [said(bad, lat=-34.5, lon=-58.4)], "date": day("2016-04-09"), "casualties": [claim(1, 1, 1)]}
    incident = HAJIN | south | {"actors": [said("-2+3")]}
    folder = write_parts(tmp_path, [record(bad, incident, tallies=[said("@x", measure="other")])])
    write_outputs(folder, ["csv", "xlsx", "hxl", "ucdp", "airwars"])
    for path in folder.glob("*.csv"):
        for cells in csv.reader(path.open(encoding="utf-8", newline="")):
            for cell in cells:
                assert not cell.startswith(("=", "+", "@")) and not (cell.startswith("-") and not cell[1:2].isdigit())
    (row,) = read_csv(folder / "incidents.csv")
    assert (row["places"], row["actors"], row["lat"]) == ("'" + bad, "'-2+3", "-34.5")
    book = openpyxl.load_workbook(folder / "civex.xlsx")
    cells = [cell for sheet in book for cells in sheet.iter_rows() for cell in cells if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert "'" + bad in [cell.value for cell in cells] and -34.5 in [cell.value for cell in cells]


def test_any_text(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="pip install 'civex[batch]'")
    place = "دير الزور\n\x00\x1b \U0001f4a5 \ud800"
    folder = write_parts(tmp_path, [record('ä\ud800,".txt', HAJIN | {"places": [said(place)]})])
    write_outputs(folder, list(FORMATS))
    expected = "دير الزور \x00\x1b \U0001f4a5 \ufffd"
    collection = json.loads((folder / "incidents.geojson").read_text(encoding="utf-8"))
    assert collection["features"][0]["properties"]["places"] == expected
    assert collection["features"][0]["properties"]["document"] == 'ä\ufffd,".txt'
    database = sqlite3.connect(folder / "civex.sqlite")
    assert database.execute("SELECT name FROM place").fetchone() == (expected,)
    rows = list(openpyxl.load_workbook(folder / "civex.xlsx")["incidents"].values)
    assert dict(zip(*rows, strict=True))["places"] == "دير الزور \ufffd\ufffd \U0001f4a5 \ufffd"


def test_numbers_too_large_and_texts_too_long(tmp_path):
    openpyxl = pytest.importorskip("openpyxl", reason="pip install 'civex[batch]'")
    huge = {"killed": {"civilians": {"min": 10**30, "max": None}}, "casualties": [claim(1, 10**30, None)]}
    folder = write_parts(tmp_path, [record("a", {"places": [said("x" * 40_000)]} | huge)])
    write_outputs(folder, ["csv", "parquet", "sqlite", "xlsx"])
    assert [row["min"] for row in read_csv(folder / "claims.csv")] == [""]
    rows = list(openpyxl.load_workbook(folder / "civex.xlsx")["incidents"].values)
    places = dict(zip(*rows, strict=True))["places"]
    assert len(places) == 32_767 and places.endswith("x\u2026")


UCDP_CASES = {
    "range": ({"killed_min": 8, "killed_max": 12}, {"low": "8", "best": "8", "high": "12"}),
    "floor": ({"killed_min": 8, "killed_max": None}, {"low": "8", "best": "8", "high": ""}),
    "ceiling": ({"killed_min": None, "killed_max": 3}, {"low": "", "best": "", "high": "3", "deaths_unknown": ""}),
    "reversed": ({"killed_min": 8, "killed_max": 3}, {"low": "8", "high": "3", "flags": "best_above_high"}),
}


@pytest.mark.parametrize(("told", "expected"), UCDP_CASES.values(), ids=UCDP_CASES)
def test_ucdp_figures(tmp_path, told, expected):
    figure = {"min": told["killed_min"], "max": told["killed_max"]}
    strike = {"date": day("2020-02-01"), "killed": {"unspecified": figure}}
    write_outputs(write_parts(tmp_path, [record("a", strike)]), ["ucdp"])
    (row,) = read_csv(tmp_path / "ucdp.csv")
    assert {name: row[name] for name in expected} == expected


def test_ucdp_parts_of_a_total(tmp_path):
    """ "13 people, three of them civilians, two fighters": eight of whom nothing is said."""
    claims = [claim(1, 13, 13, "unspecified"), claim(2, 3, 3, part_of="c1"), claim(3, 2, 2, "combatants", part_of="c1")]
    groups = {c["group"]: {"min": c["min"], "max": c["max"], "claims": [c["id"]]} for c in claims}
    strike = {"date": day("2020-02-01", "2020-02-29", "month"), "casualties": claims, "killed": groups}
    write_outputs(write_parts(tmp_path, [record("a", strike | {"country": {"name": "Mali"}})]), ["ucdp"])
    (row,) = read_csv(tmp_path / "ucdp.csv")
    told = {
        name: row[name]
        for name in ("best", "deaths_civilians", "deaths_unknown", "deaths_a", "where_prec", "date_prec")
    }
    assert told == {
        "best": "13",
        "deaths_civilians": "3",
        "deaths_unknown": "8",
        "deaths_a": "",
        "where_prec": "6",
        "date_prec": "4",
    }


def test_by_event_keeps_order(tmp_path):
    rows = [{"n": n, "same_event_group": group} for n, group in enumerate("abcab")]
    assert [[row["n"] for row in event] for event in by_event(rows, tmp_path)] == [[0, 3], [1, 4], [2]]
    assert not list(tmp_path.iterdir())


def test_unknown_format(tmp_path):
    with pytest.raises(ValueError, match="--format pdf: not a format; there are jsonl, csv"):
        write_outputs(write_parts(tmp_path, PARTS), ["csv", "pdf"])
    assert not (tmp_path / "incidents.csv").exists()


def test_missing_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "hxl", None)
    with pytest.raises(ImportError, match=r"--format hxl needs libhxl: pip install 'civex\[batch\]'"):
        write_outputs(write_parts(tmp_path, PARTS), ["csv", "hxl"])
    assert not (tmp_path / "incidents.csv").exists()


def test_no_parts(tmp_path):
    with pytest.raises(ValueError, match="run civex batch"):
        write_outputs(tmp_path, ["csv"])


@pytest.mark.parametrize("line", ["{", '{"document": {}}', "[]", '{"report": {}, "document": {}, "civex": ""}'])
def test_line_that_is_no_record(tmp_path, line):
    folder = write_parts(tmp_path, PARTS[:1])
    with (folder / "reports" / "part-00000.jsonl").open("a") as file:
        file.write(line + "\n")
    with pytest.raises(ValueError, match="part-00000.jsonl, line 2: not a record of civex batch"):
        write_outputs(folder, ["csv"])
    assert not list(folder.glob("*.*"))


def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch):
    folder = write_parts(tmp_path, PARTS)
    (folder / "incidents.csv").write_text("old")

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("civex.batch.outputs.csv.writer", fail)
    with pytest.raises(OSError, match="disk full"):
        write_outputs(folder, ["csv"])
    assert (folder / "incidents.csv").read_text() == "old" and not list(folder.glob(".*"))


def test_a_real_report(model, tmp_path):
    """A report of the shipped model goes through every format."""
    import civex

    text = "On 4 May 2016 an airstrike near Hajin, Syria, killed five civilians, including two children."
    report = civex.extract(text).to_dict()
    write_outputs(write_parts(tmp_path, [record("a") | {"report": report}]), list(FORMATS))
    (row,) = read_csv(tmp_path / "incidents.csv")
    (incident,) = report["incidents"]
    assert row["killed_civilians_min"] == str(incident["killed"]["civilians"]["min"])
    assert (row["date_start"], row["country_code"]) == ("2016-05-04", "SY")


def test_fields_in_doubt_are_named_and_empty(tmp_path: Path) -> None:
    """The figures of children come from the claims, which stay: they are left out with the toll."""
    candidate = {**said("five civilians"), "confidence": 0.4, "value": {"claim": "c1"}}
    doubted = {**HAJIN, "killed": {}, "candidates": {"killed": [candidate], "sources": []}}
    folder = write_parts(tmp_path, [record("a.txt", doubted)])
    write_outputs(folder, ["csv", "sqlite"])
    (row,) = csv.DictReader((folder / "incidents.csv").open(encoding="utf-8"))
    assert row["doubtful"] == "killed; sources" and row["claims"] and row["injured_min"] == "9"
    assert {row[f"killed{name}_min"] for name in ("", "_civilians", "_children", "_women")} == {""}
    with sqlite3.connect(folder / "civex.sqlite") as database:
        assert database.execute("SELECT doubtful FROM incident").fetchall() == [("killed; sources",)]
