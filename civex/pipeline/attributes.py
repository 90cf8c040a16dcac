"""Attributes: what kind of thing each mention is (type of target, outcome meant, group counted, role of a date ...).

A softmax for each one-valued attribute, a sigmoid for each value of the others, over columns of one score matrix
(mentions, values) that `civex_relations` learns.
"""

import numpy
from spacy.tokens import SpanGroup

from civex.labels import ATTRIBUTES, HARMS
from civex.networks import softmax

NONE = "-"  # the value of an attribute that a mention may lack


def n_values(table: dict) -> int:
    """Columns of the score matrix."""
    return sum(len(values) for values, *_ in table.values())


def columns_of(table: dict) -> list[tuple[str, str]]:
    """(attribute, value) of each column of the score matrix."""
    return [(name, value) for name, (values, *_) in table.items() for value in values]


def blocks_of(table: dict) -> dict[str, list[tuple[str, list[str], slice, bool]]]:
    """Mention label -> its attributes as (name, values, columns, takes several)."""
    blocks: dict[str, list] = {}
    start = 0
    for name, (values, labels, several) in table.items():
        for label in labels:
            blocks.setdefault(label, []).append((name, values, slice(start, start + len(values)), several))
        start += len(values)
    return blocks


def get_loss(scores: numpy.ndarray, group: SpanGroup, blocks: dict) -> tuple[float, numpy.ndarray]:
    """Cross-entropy over the attributes that a gold mention's label carries, and its gradient (mentions, values).

    A mention that noise made up has none.
    """
    loss, gradient = 0.0, numpy.zeros_like(scores)
    for n, (span, gold) in enumerate(zip(group, group.attrs["attributes"], strict=True)):
        if gold.get("false"):
            continue
        for name, values, columns, several in blocks.get(span.label_, ()):
            target = _target(gold.get(name), values, several)
            gradient[n, columns], cost = _loss(scores[n, columns], target, several)
            loss += cost
    return loss, gradient


def attribute_table() -> dict:
    """Attribute -> [values, labels, takes several]; NONE stands first where a mention may lack the attribute."""
    table: dict = {}
    for name, (values, labels, several, default) in ATTRIBUTES.items():
        optional = default is None and not several
        table[name] = [[NONE, *values] if optional else list(values), list(labels), several]
    table["shared"] = [[NONE, "shared"], ["date", "place", "country", "source", "actor", "outcome", "reason"], False]
    return table


def _target(gold, values: list[str], several: bool) -> numpy.ndarray:
    target = numpy.zeros(len(values), dtype="f")
    if several:
        target[[values.index(v) for v in gold or () if v in values]] = 1.0
    elif isinstance(gold, bool):
        target[int(gold)] = 1.0
    else:
        target[values.index(gold) if gold in values else 0] = 1.0
    return target


def _loss(scores: numpy.ndarray, target: numpy.ndarray, several: bool) -> tuple[numpy.ndarray, float]:
    if several:
        probs = 1.0 / (1.0 + numpy.exp(-scores))
        return probs - target, float(-numpy.log(numpy.where(target > 0, probs, 1 - probs) + 1e-8).sum())
    probs = softmax(scores)
    return probs - target, float(-numpy.log(probs[target > 0] + 1e-8).sum())


def read_scores(scores: numpy.ndarray, labels: list[str], blocks: dict) -> list[dict]:
    """One dict a mention: chosen values, and `score`, the least probability among them."""
    found: list[dict] = [{"score": 1.0} for _ in labels]
    by_label: dict[str, list[int]] = {}
    for n, label in enumerate(labels):
        by_label.setdefault(label, []).append(n)
    for label, positions in by_label.items():
        for name, values, columns, several in blocks.get(label, ()):
            block = scores[positions][:, columns]
            if several:
                _read_several(found, positions, name, values, block)
                continue
            probs = softmax(block)
            for n, k, p in zip(positions, probs.argmax(axis=1).tolist(), probs.max(axis=1).tolist(), strict=True):
                value = values[k]
                found[n][name] = (value != NONE) if name == "shared" else None if value == NONE else value
                if name != "shared":
                    found[n]["score"] = min(found[n]["score"], round(p, 4))
    return found


def _read_several(found: list[dict], positions: list[int], name: str, values: list[str], block: numpy.ndarray) -> None:
    """Values over one half; a target gets its best type where none is."""
    for n, row in zip(positions, block, strict=True):
        chosen = [values[k] for k in numpy.flatnonzero(row > 0)]
        if not chosen and name == "target_type":
            chosen = [values[int(row.argmax())]]
        found[n][name] = chosen


def agree_on_harm(rows: list[dict], scores: numpy.ndarray, blocks: dict, links: list) -> None:
    """Give figures that are parts or repeats of one another one harm: the likeliest of all of them together.

    links: pairs of positions. "Killed 26, including 12 children": what is sure of the total is sure of the part.
    """
    together: dict[int, set[int]] = {}
    for a, b in links:
        joined = together.get(a, {a}) | together.get(b, {b})
        together |= dict.fromkeys(joined, joined)
    _, values, columns, _ = next(block for block in blocks[HARMS[0]] if block[0] == "harm")
    for group in {id(group): group for group in together.values()}.values():
        members = sorted(group)
        likely = numpy.log(softmax(scores[members][:, columns]) + 1e-10).sum(axis=0)
        for n in members:
            rows[n]["harm"] = values[int(likely.argmax())]
