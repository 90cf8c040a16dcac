"""Checkpoints of a training: what spaCy's loop needs to go on after a kill as if nothing had happened.

spaCy saves models, not the state of their training. A checkpoint holds the raw weights, the state of the optimizer
(moments, averages, counts of updates), the states of the random numbers, and a row for each evaluation so far. What the
loop derives from the number of the step alone (schedules, dropout, the order of the documents) is not in it: a resumed
training runs through the steps before the checkpoint again, without their examples, and all of that follows.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy
import srsly
from spacy.language import Language
from thinc.api import Model, Optimizer

from civex.formats.files import write_atomically

FILE = "checkpoint.msgpack"
_MOMENTS = ("mom1", "mom2", "averages")
_COUNTS = ("nr_update", "last_seen")


class Checkpoint(NamedTuple):
    """State after a step. `rows`: what the log says of each evaluation."""

    step: int
    rows: list[dict[str, Any]]
    weights: dict[str, bytes]
    optimizer: list[dict[str, Any]]
    randoms: dict[str, list]


def save(path: Path, nlp: Language, optimizer: Optimizer, rows: list[dict[str, Any]]) -> None:
    """Write a checkpoint whole or not at all; the step is that of the last row."""
    weights = {name: model.to_bytes() for name, model in _models(nlp)}
    state = Checkpoint(rows[-1]["step"], rows, weights, _optimizer_rows(nlp, optimizer), _random_states(nlp))
    write_atomically(path, srsly.msgpack_dumps(state._asdict()))


def load(path: Path) -> Checkpoint | None:
    """The checkpoint of a file; None where there is none."""
    return Checkpoint(**srsly.msgpack_loads(path.read_bytes())) if path.exists() else None


def restore(state: Checkpoint, nlp: Language, optimizer: Optimizer) -> None:
    """Put weights, optimizer and random numbers back to the state of a checkpoint of the same pipeline."""
    nodes: dict[tuple[str, int], Any] = {}
    for name, model in _models(nlp):
        model.from_bytes(state.weights[name])
        nodes.update({(name, position): node for position, node in _parts(model)})
    for row in state.optimizer:
        node = nodes[row["pipe"], row["position"]]
        key = (node.id, row["param"])
        for table in _MOMENTS:
            if row[table] is not None:
                getattr(optimizer, table)[key] = numpy.array(row[table])
        for table in _COUNTS:
            if row[table]:
                getattr(optimizer, table)[key] = row[table]
        if isinstance(node, Model):  # a parameter once learned is updated in each step, without a gradient too
            node.set_grad(row["param"], numpy.zeros_like(node.get_param(row["param"])))
    _set_random_states(state.randoms, nlp)


def _models(nlp: Language) -> Iterator[tuple[str, Model]]:
    for name, pipe in nlp.pipeline:
        if getattr(pipe, "is_trainable", False) and isinstance(pipe.model, Model):
            yield name, pipe.model


def _parts(model: Model) -> Iterator[tuple[int, Any]]:
    """The layers of a model and the shims of other libraries in them by position: their ids are new each time."""
    parts = [part for node in model.walk() for part in (node, *node.shims)]
    return iter(enumerate(parts))


def _optimizer_rows(nlp: Language, optimizer: Optimizer) -> list[dict[str, Any]]:
    where = {part.id: (name, position) for name, model in _models(nlp) for position, part in _parts(model)}
    rows = []
    for key in sorted(optimizer.nr_update, key=lambda key: (where[key[0]], key[1])):
        pipe, position = where[key[0]]
        tables = {table: (getattr(optimizer, table) or {}).get(key) for table in (*_MOMENTS, *_COUNTS)}
        rows.append({"pipe": pipe, "position": position, "param": key[1], **tables})
    return rows


def _random_states(nlp: Language) -> dict[str, list]:
    """Of the modules `random` and numpy, and of each component that draws random numbers of its own (`pipe.random`)."""
    own = {name: list(pipe.random.get_state()) for name, pipe in nlp.pipeline if hasattr(pipe, "random")}
    version, numbers, rest = random.getstate()
    return {"random": [version, list(numbers), rest], "numpy": list(numpy.random.get_state()), **own}


def _set_random_states(states: dict[str, list], nlp: Language) -> None:
    version, numbers, rest = states["random"]
    random.setstate((version, tuple(numbers), rest))
    numpy.random.set_state(tuple(states["numpy"]))
    for name, pipe in nlp.pipeline:
        if hasattr(pipe, "random"):
            pipe.random.set_state(tuple(states[name]))
