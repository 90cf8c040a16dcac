"""Loading: the pipelines installed with civex, by name or path, each loaded once a process."""

import json
from functools import lru_cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import spacy
from spacy.language import Language

from civex.text import set_extensions

DEFAULT_MODEL = "en_civex_sm"
MAX_LENGTH = 10**9  # characters; memory is bounded by chunks, no text is refused for its length
_HERE = Path(__file__).parent
_FOLDERS = (_HERE / "models", _HERE.parent / "models")  # in the wheel; in a clone (editable install)


class ModelNotFound(OSError):
    """No model of that name or path."""


def installed_models() -> dict[str, Path]:
    """Name -> folder of the models that came with civex and of those that were installed as packages of their own."""
    return _packages() | shipped_models()


def shipped_models() -> dict[str, Path]:
    """Name -> folder of the models that came with civex."""
    return {
        path.parent.name: path.parent
        for folder in reversed(_FOLDERS)
        if folder.is_dir()
        for path in sorted(folder.glob("*/meta.json"))
    }


def _packages() -> dict[str, Path]:
    """The same of spaCy packages with components of civex, such as `civex package` makes; none is imported."""
    found = {}
    for entry in sorted(entry_points(group="spacy_models"), key=lambda entry: entry.name):
        spec = find_spec(entry.module)
        for place in (spec and spec.submodule_search_locations) or ():
            meta = Path(place) / "meta.json"
            known = json.loads(meta.read_text(encoding="utf-8")) if meta.is_file() else {}
            if any(name.startswith("civex_") for name in known.get("pipeline", ())):
                found[entry.name] = meta.parent / f"{known['lang']}_{known['name']}-{known['version']}"
    return found


def find_model(model: str | Path) -> Path:
    """The folder of a model by name or path. Raises ModelNotFound, naming the models there are."""
    models = installed_models()
    folder = models.get(str(model), Path(model))
    if not (folder / "meta.json").is_file():
        raise _not_found(str(model), models)
    return folder


def load(model: str | Path | None = None) -> Language:
    """The pipeline of a model: a name (`civex info` lists them), a folder, or an installed spaCy package.

    `doc._.civex_published`, `doc._.civex_publisher` and `doc._.civex_gazetteer` (path of a GeoNames dump) may be
    set on a Doc from `nlp.make_doc` before it goes through.
    Raises ModelNotFound, an OSError, naming the models there are.
    """
    return _load(str(model) if model is not None else DEFAULT_MODEL)


def load_apart(model: str | Path | None = None) -> Language:
    """The same pipeline, loaded apart: what `extract_many` frees in it, no Doc of `load` points to."""
    return _load(str(model) if model is not None else DEFAULT_MODEL, apart=True)


def _not_found(name: str, models: dict[str, Path]) -> ModelNotFound:
    known = ", ".join(sorted(models)) or "none"
    return ModelNotFound(
        f"no model {name!r}: there are {known}. Give one of these names, the folder of a trained model, or make one"
        " with `civex train`"
    )


@lru_cache(maxsize=8)
def _load(name: str, apart: bool = False) -> Language:
    models = installed_models()
    set_extensions()
    try:
        nlp = spacy.load(models.get(name, name))
    except OSError as error:
        raise _not_found(name, models) from error
    if "civex_incidents" in nlp.pipe_names and "civex_places" not in nlp.pipe_names:  # a model made before 0.2
        import civex.pipeline.places  # noqa: F401 registers the component where entry points are of before 0.2 too

        nlp.add_pipe("civex_places", after="civex_incidents")
    nlp.max_length = MAX_LENGTH
    return nlp
