"""civex: structured, checkable records of civilian harm from press releases and NGO statements.

    >>> import civex
    >>> report = civex.extract("On 4 May 2016 an airstrike near Hajin killed five civilians.")  # doctest: +SKIP

Names are loaded at first use, so that `import civex` costs nothing.
"""

from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from civex.extraction import Failure, Input, extract, extract_many
    from civex.loading import ModelNotFound, load
    from civex.schema import Report
    from civex.suggestions import Suggestion, suggest

_HOMES = {
    "extract": "civex.extraction",
    "extract_many": "civex.extraction",
    "Failure": "civex.extraction",
    "Input": "civex.extraction",
    "load": "civex.loading",
    "ModelNotFound": "civex.loading",
    "Report": "civex.schema",
    "Suggestion": "civex.suggestions",
    "suggest": "civex.suggestions",
}
__all__ = ["Failure", "Input", "ModelNotFound", "Report", "Suggestion", "extract", "extract_many", "load", "suggest"]


def __getattr__(name: str):
    if name in _HOMES:
        import importlib

        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'civex' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
