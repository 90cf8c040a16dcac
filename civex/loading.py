"""Loading: the pipelines installed with civex, by name or path, each loaded once a process."""

from functools import lru_cache
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
    """Name -> folder of the models that came with civex."""
    return {
        path.parent.name: path.parent
        for folder in reversed(_FOLDERS)
        if folder.is_dir()
        for path in sorted(folder.glob("*/meta.json"))
    }


def load(model: str | Path | None = None) -> Language:
    """The pipeline of a model: a name (`civex info` lists them), a folder, or an installed spaCy package.

    `doc._.civex_published`, `doc._.civex_publisher` and `doc._.civex_gazetteer` (path of a GeoNames dump) may be
    set on a Doc from `nlp.make_doc` before it goes through.
    Raises ModelNotFound, an OSError, naming the models there are.
    """
    return _load(str(model) if model is not None else DEFAULT_MODEL)


@lru_cache(maxsize=4)
def _load(name: str) -> Language:
    models = installed_models()
    set_extensions()
    try:
        nlp = spacy.load(models.get(name, name))
    except OSError as error:
        known = ", ".join(sorted(models)) or "none"
        raise ModelNotFound(
            f"no model {name!r}: there are {known}. Give one of these names, the folder of a trained model, or make one"
            " with `civex train`"
        ) from error
    if "civex_incidents" in nlp.pipe_names and "civex_places" not in nlp.pipe_names:  # a model made before 0.2
        import civex.pipeline.places  # noqa: F401 registers the component where entry points are of before 0.2 too

        nlp.add_pipe("civex_places", after="civex_incidents")
    nlp.max_length = MAX_LENGTH
    return nlp
