"""Annotations in and out: a module for each format, each a pair of functions to and from `AnnotatedText`.

`read(path, format, log)` and `write(documents, path, format, log)` choose the module. Rules that hold for all of them:
offsets become code points; every span is checked against the tool's own copy of its words; a document that can't be
read is refused with file, line and cause, and what was mended or left out is said in the log
(`civex.formats.files.Log`).
"""

import importlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from civex.annotations import AnnotatedText
    from civex.formats.files import Log

FORMATS = {  # name -> module
    "inline": "inline",
    "prodigy": "prodigy",
    "doccano": "doccano",
    "label-studio": "label_studio",
    "brat": "brat",
    "inception": "inception",
    "webanno-tsv": "webanno_tsv",
    "docbin": "docbin",
    "hf-datasets": "hf_datasets",
    "re3d": "re3d",
}
TOOLS = ("label-studio", "doccano", "brat", "inception", "prodigy")  # those with a label configuration


def read(path: Path, format: str, log: "Log") -> "list[AnnotatedText]":
    """The documents of a file or folder in one of `FORMATS`. Raises ImportError where an extra is missing, OSError."""
    return _module(format).read(path, log)


def write(documents: "Iterable[AnnotatedText]", path: Path, format: str, log: "Log") -> None:
    """Write documents to a file or folder. Raises Damaged where a text can't be written, ImportError, OSError."""
    _module(format).write(documents, path, log)


def _module(format: str) -> Any:
    return importlib.import_module(f"civex.formats.{FORMATS[format]}")
