"""The config of a training: the templates beside this file or one's own, and every mistake in it with its line."""

import re
from collections.abc import Iterator
from configparser import Error as ConfigParserError
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spacy import util
from spacy.schemas import CONFIG_SCHEMAS
from thinc.api import Config

FINETUNE = Path(__file__).parent / "finetune.cfg"
NEW = Path(__file__).parent / "new.cfg"
SECTIONS = ("paths", "system", "nlp", "components", "corpora", "training", "initialize", "pretraining")
_CLOSED = ("nlp", "training", "initialize")  # sections of which spaCy knows every entry


class ConfigMistake(ValueError):
    """A mistake in a config, in one line that begins with its file and line."""


def read_config(path: Path, overrides: dict[str, Any]) -> Config:
    """A spaCy config with overrides by dotted name, not interpolated. Raises ConfigMistake."""
    with mistakes_with_line(path, overrides):
        config = util.load_config(path, overrides=overrides, interpolate=False)
        for section, keys in config.items():
            if section not in SECTIONS:
                raise _Unknown((section,), f"no section of a config; there are {', '.join(SECTIONS)}")
            if section in _CLOSED:
                known = set(CONFIG_SCHEMAS[section].model_fields)  # type: ignore[attr-defined]
                for key in sorted({*keys} - known):
                    raise _Unknown((section, key), f"no such entry; there are {', '.join(sorted(known))}")
    return config


def finetuning_config(config: Config, base: Any) -> Config:
    """`config` with the tokenizer and the learned components of the pipeline `base`, from its `paths.base`."""
    names = [name for name, pipe in base.pipeline if name == "civex_layout" or getattr(pipe, "is_trainable", False)]
    config["nlp"]["lang"] = base.lang
    config["nlp"]["pipeline"] = names
    config["nlp"]["tokenizer"] = dict(base.config["nlp"]["tokenizer"])
    config["components"] = {name: {"source": "${paths.base}"} for name in names}
    return config


class _Unknown(ValueError):
    def __init__(self, where: tuple[str, ...], message: str):
        self.errors = [{"loc": where, "msg": message}]
        super().__init__(message)


@contextmanager
def mistakes_with_line(path: Path, overrides: dict[str, Any]) -> Iterator[None]:
    """Turn what spaCy, thinc and configparser raise about a config into a ConfigMistake with file and line."""
    try:
        yield
    except ConfigMistake:
        raise
    except (ValueError, TypeError, OSError, ConfigParserError) as error:
        raise ConfigMistake(_in_one_line(error, path, overrides)) from error


def _in_one_line(error: Exception, path: Path, overrides: dict[str, Any]) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    found = getattr(error, "errors", None) or []
    if found:
        loc = [part for name in found[0]["loc"] for part in str(name).split(".")]
        message = f"{' -> '.join(loc)}: {found[0]['msg']}"
        number = line_of(lines, loc)
    else:
        message = " ".join(str(getattr(error, "desc", None) or error).split())
        message = message.partition(" Available ")[0]
        option = re.search(r"option '(\S+)' in section '(\S+)'", message)
        loc = [*option.group(2).split("."), option.group(1)] if option else []
        number = line_of(lines, loc) if loc else None
    for name in overrides:
        if loc and name.split(".")[-len(loc) :] == loc[-len(name.split(".")) :]:
            return f"--{name}: {message}"
    said = re.search(r"\[line\s+(\d+)\]", message)
    number = int(said.group(1)) if said else number or _line_with(lines, re.findall(r"'([^'\s]+)'", message))
    return f"{path}:{number or 1}: {message}"


def line_of(lines: list[str], loc: list[str]) -> int | None:
    """Number of the line of an entry: the key where it stands in a section whose name ends as `loc` says, else it."""
    section, best = "", None
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[([^\]]+)\]", line)
        if header:
            section = header.group(1)
            if _ends(section, loc):
                return number
            if len(loc) > 1 and _ends(section, loc[:-1]):
                best = best or number
        elif _ends(section, loc[:-1]) and re.match(rf"{re.escape(loc[-1])}\s*=", line):
            return number
    return _line_with(lines, [".".join(loc)]) or best


def _ends(section: str, loc: list[str]) -> bool:
    return section.split(".")[-len(loc) :] == loc if loc else section in ("training", "nlp", "initialize")


def _line_with(lines: list[str], words: list[str]) -> int | None:
    hits = (n for word in words for n, line in enumerate(lines, 1) if word in line and not line.startswith("#"))
    return next(hits, None)
