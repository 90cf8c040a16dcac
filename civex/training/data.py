"""The documents of a run: checked, split and copied into its folder, so that it can go on whatever happens to them."""

import hashlib
import shutil
from pathlib import Path

from civex.annotations import CorpusError
from civex.corpus import blank, faults_of, paths

HELD_OUT = 0.2  # share of the documents that is kept for choosing the best model


def check_corpus(*folders: Path) -> None:
    """Raise CorpusError with every fault of every document, an unknown label or a mention off the token edges too."""
    nlp = blank()
    faults = [fault for folder in folders for fault in faults_of(folder, nlp)[1]]
    if faults:
        raise CorpusError(faults)


def split(corpus: Path, dev: Path | None) -> tuple[dict[str, Path], dict[str, Path]]:
    """Name -> file of the training and of the dev documents.

    Without a dev folder a fifth of the documents is held out, at least one: those whose sha256 of the name is least, so
    that a document that is added later moves no more than one other.
    Raises ValueError where nothing is left to train on.
    """
    files = _named(corpus)
    if not files:
        raise ValueError(f"{corpus}: no annotated .txt file")
    if dev is not None:
        if not _named(dev):
            raise ValueError(f"{dev}: no annotated .txt file")
        return files, _named(dev)
    if len(files) < 2:
        raise ValueError(f"{corpus}: one document can't be both learned and tested on; give others with --dev")
    ordered = sorted(files, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    held_out = set(ordered[: max(1, round(HELD_OUT * len(files)))])
    return (
        {name: path for name, path in files.items() if name not in held_out},
        {name: path for name, path in files.items() if name in held_out},
    )


def _named(folder: Path) -> dict[str, Path]:
    root = folder if folder.is_dir() else folder.parent
    return {path.relative_to(root).as_posix(): path for path in paths(folder)}


def hashes(files: dict[str, Path]) -> dict[str, str]:
    """Name -> sha256 of a file's bytes."""
    return {name: digest(path.read_bytes()) for name, path in sorted(files.items())}


def digest(content: bytes) -> str:
    """sha256 as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def copy(files: dict[str, Path], out: Path) -> None:
    """Copy files to a folder by name, in place of what was there."""
    shutil.rmtree(out, ignore_errors=True)
    for name, path in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, out / name)
