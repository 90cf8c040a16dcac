"""Many documents: reading them, extracting resumably, and the tables that the field uses.

`extract_batch` is the function for data frameworks, `SCHEMA` the Arrow schema (pyarrow) of the columns that it adds.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow

    from civex.batch.columns import extract_batch

    SCHEMA: pyarrow.Schema

__all__ = ["SCHEMA", "extract_batch"]


def __getattr__(name: str):
    if name in __all__:
        import importlib

        columns = importlib.import_module("civex.batch.columns")
        return columns.schema() if name == "SCHEMA" else columns.extract_batch
    raise AttributeError(f"module 'civex.batch' has no attribute {name!r}")
