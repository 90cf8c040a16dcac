"""The gazetteer: the one that comes with civex, and a GeoNames dump that a user brings."""

import os
import pickle
import stat
import threading
import zipfile
from pathlib import Path

import pytest

import civex.gazetteer
from civex.gazetteer import BUNDLED, GazetteerError, open_gazetteer

# geonameid, name, other names, lat, lon, feature class, feature code, country, population
ROWS = [
    (1, "Al Qaryah", "Qarya,Gharya,قرية", 30.5, 40.25, "P", "PPL", "SY", 1200),
    (2, "Qarya", "", 10.0, 20.0, "P", "PPL", "SD", 90),
    (3, "Al Qaryah District", "Al Qaryah", 30.6, 40.3, "A", "ADM2", "SY", 40000),
    (4, "Qarya Airfield", "", 30.51, 40.2, "S", "AIRF", "SY", 0),
    (5, "Qarya Hill", "", 30.51, 40.2, "T", "HLL", "SY", 0),
    (6, "Old Qarya", "", 30.51, 40.2, "P", "PPLH", "SY", 0),
    (7, "Hayy al Qaryah", "", 30.52, 40.2, "P", "PPLX", "SY", 0),
]


def line(row: tuple) -> str:
    number, name, others, lat, lon, feature, code, country, population = row
    columns = [str(number), name, name, others, str(lat), str(lon), feature, code, country]
    return "\t".join([*columns, "", "01", "", "", "", str(population), "", "", "Asia/Damascus", "2020-01-01"])


def dump(file: Path, rows: list[tuple] = ROWS) -> Path:
    file.write_text("".join(line(row) + "\n" for row in rows), encoding="utf-8")
    return file


def found(gazetteer, name: str) -> list[tuple]:
    return [(f.entry.id.removeprefix("geonames:"), f.spelling) for f in gazetteer.find(name)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Al Qaryah", [("3", "other"), ("1", "name"), ("2", "folded")]),  # the largest first
        ("Qarya", [("3", "folded"), ("1", "other"), ("2", "name")]),
        ("Gharya", [("1", "other")]),
        ("Kariyya", [("3", "folded"), ("1", "folded"), ("2", "folded")]),
        ("Qarya Airfield", [("4", "name")]),
        ("Hayy al Qaryah", [("7", "name")]),
        ("Qarya Hill", []),
        ("Old Qarya", []),
        ("قرية", []),
        ("", []),
    ],
)
def test_names_and_their_spellings(tmp_path, name: str, expected: list) -> None:
    assert found(open_gazetteer(dump(tmp_path / "SY.txt")), name) == expected


def test_an_entry_keeps_what_the_dump_says(tmp_path) -> None:
    first = open_gazetteer(dump(tmp_path / "SY.txt")).find("Gharya")[0].entry
    assert (first.id, first.name, first.lat, first.lon) == ("geonames:1", "Al Qaryah", 30.5, 40.25)
    assert (first.country, first.kind, first.population) == ("SY", "settlement", 1200)


def test_a_zip_is_read_as_it_comes(tmp_path) -> None:
    text = dump(tmp_path / "SY.txt")
    with zipfile.ZipFile(tmp_path / "SY.zip", "w") as archive:
        archive.writestr("readme.txt", "This readme describes the dump.")
        archive.write(text, "SY.txt")
    assert found(open_gazetteer(tmp_path / "SY.zip"), "Gharya") == [("1", "other")]


def test_a_dump_is_indexed_once_and_again_when_it_changes(tmp_path, monkeypatch) -> None:
    made = []
    write = civex.gazetteer.write_index
    monkeypatch.setattr("civex.gazetteer.write_index", lambda *args: made.append(args[0]) or write(*args))
    file = dump(tmp_path / "SY.txt")
    open_gazetteer(file)
    civex.gazetteer._opened.cache_clear()  # as in another process
    open_gazetteer(file)
    assert made == [tmp_path / "SY.txt.civex.sqlite"]
    dump(file, ROWS[:1])
    os.utime(file, ns=(1, 1))
    assert found(open_gazetteer(file), "Qarya") == [("1", "other")]
    assert len(made) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["SY.txt", "SY.txt.civex.sqlite"]


def test_a_cut_index_is_made_anew(tmp_path) -> None:
    file = dump(tmp_path / "SY.txt")
    (tmp_path / "SY.txt.civex.sqlite").write_bytes(b"SQLite format 3\0 and no more")
    assert found(open_gazetteer(file), "Gharya") == [("1", "other")]


def test_the_index_goes_to_the_cache_where_the_folder_is_closed(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(
        "civex.gazetteer._writable",
        lambda folder, real=civex.gazetteer._writable: folder.name != "closed" and real(folder),
    )
    (tmp_path / "closed").mkdir()
    file = dump(tmp_path / "closed" / "SY.txt")
    assert found(open_gazetteer(file), "Gharya") == [("1", "other")]
    (index,) = (tmp_path / "cache" / "civex").iterdir()
    assert index.name.startswith("SY-") and stat.S_IMODE(index.stat().st_mode) == 0o644
    assert [path.name for path in file.parent.iterdir()] == ["SY.txt"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty: give a GeoNames dump"),
        (b"name,lat,lon\nHajin,34.7,40.8\n", "line 1 has 1 columns instead of 19: give a GeoNames dump"),
        ((line(ROWS[0]) + "\n" + line(ROWS[1]).replace("10.0", "ten")).encode(), "line 2: could not convert"),
        (line(ROWS[0]).replace("30.5", "930.5").encode(), "line 1: no such point: 930.5, 40.25"),
        (b"\xff\xfe\t\n", "not UTF-8"),
    ],
)
def test_what_is_no_dump_is_named(tmp_path, content: bytes, message: str) -> None:
    file = tmp_path / "SY.txt"
    file.write_bytes(content)
    with pytest.raises(GazetteerError, match=message):
        open_gazetteer(file)
    assert [path.name for path in tmp_path.iterdir()] == ["SY.txt"]  # nothing half-made stays


def test_no_file_and_a_folder(tmp_path) -> None:
    with pytest.raises(GazetteerError, match="no.txt: No such file"):
        open_gazetteer(tmp_path / "no.txt")
    with pytest.raises(GazetteerError, match="is a folder"):
        open_gazetteer(tmp_path)


def test_threads_read_side_by_side() -> None:
    gazetteer, results = open_gazetteer(), []
    names = ["Mosul", "Raqqa", "Goma", "Kharkiv"]
    threads = [threading.Thread(target=lambda n=n: results.append(gazetteer._find(n))) for n in names * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(f[0].entry.country for f in results) == sorted(["IQ", "SY", "CD", "UA"] * 3)


@pytest.mark.parametrize(
    ("name", "country"),
    [("Aleppo", "SY"), ("Dayr az Zawr", "SY"), ("Kharkov", "UA"), ("Mekelle", "ET"), ("Shuja'iyya", "PS")],
)
def test_the_bundled_one_knows_the_places_of_wars(name: str, country: str) -> None:
    assert open_gazetteer().find(name)[0].entry.country == country


def test_the_bundled_one_names_its_licence_and_is_small() -> None:
    about = open_gazetteer().about()
    assert "GeoNames" in about["licence"] and "CC BY 4.0" in about["licence"]
    assert int(about["places"]) > 40_000
    assert BUNDLED.stat().st_size < 6 * 2**20


def test_the_error_survives_a_process_border() -> None:
    assert str(pickle.loads(pickle.dumps(GazetteerError("a.txt is empty")))) == "a.txt is empty"
