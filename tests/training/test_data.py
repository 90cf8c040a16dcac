"""The split of a corpus, which depends on the names of the documents alone."""

from pathlib import Path

import pytest

from civex.training.data import split


def folder(path: Path, names: list[str]) -> Path:
    path.mkdir(exist_ok=True)
    for name in names:
        (path / f"{name}.txt").write_text("genre: wire\n---\nNothing.\n")
    return path


def test_a_fifth_is_held_out_and_always_the_same(tmp_path: Path) -> None:
    names = [f"d{n}" for n in range(20)]
    train, dev = split(folder(tmp_path / "a", names), None)
    assert (len(train), len(dev)) == (16, 4) and not train.keys() & dev.keys()
    assert split(folder(tmp_path / "b", names[::-1]), None)[1].keys() == dev.keys()
    more = split(folder(tmp_path / "a", ["new"]), None)[1]
    assert len(more) == 4 and len(more.keys() & dev.keys()) >= 3


def test_of_two_documents_one_is_held_out(tmp_path: Path) -> None:
    train, dev = split(folder(tmp_path / "a", ["one", "two"]), None)
    assert (len(train), len(dev)) == (1, 1)


def test_with_a_dev_folder_all_is_learned(tmp_path: Path) -> None:
    train, dev = split(folder(tmp_path / "a", ["one"]), folder(tmp_path / "b", ["two"]))
    assert (set(train), set(dev)) == ({"one.txt"}, {"two.txt"})


def test_documents_in_folders_keep_apart(tmp_path: Path) -> None:
    folder(tmp_path / "a", ["one"])
    folder(tmp_path / "a" / "b", ["one"])
    train, dev = split(tmp_path / "a", None)
    assert {*train, *dev} == {"one.txt", "b/one.txt"}


def test_too_few_documents(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no annotated .txt file"):
        split(folder(tmp_path / "a", []), None)
    with pytest.raises(ValueError, match="--dev"):
        split(folder(tmp_path / "a", ["one"]), None)
