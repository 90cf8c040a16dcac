"""Registered scorers. Gold that was never proposed counts as missed; what gold does not have, as a false alarm."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from spacy.scorer import PRFScore, Scorer
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import registry

from civex.labels import ATTRIBUTES, MENTIONS


def score_mentions(examples: Iterable[Example], **kwargs) -> dict[str, Any]:
    """Exact spans and labels, micro-averaged (`mentions_p`, `mentions_r`, `mentions_f`, `mentions_per_type`).

    A casualty figure whose harm is not yet decided is of no harm: score a pipeline with `civex_relations`.
    """
    scores = Scorer.score_spans(
        list(examples),
        MENTIONS,
        getter=lambda doc, key: list(doc.spans.get(key, ())),
        has_annotation=lambda doc: MENTIONS in doc.spans,
        allow_overlap=True,
        labeled=True,
    )
    return {key.replace(MENTIONS, "mentions"): value for key, value in scores.items()}


def score_attributes(examples: Iterable[Example], **kwargs) -> dict[str, Any]:
    """Share of attribute values that are right, over the mentions that gold and prediction share."""
    right: dict[str, list[bool]] = {}
    for eg in examples:
        for _, name, gold, found in attribute_pairs(eg):
            right.setdefault(name, []).append(gold == found)
    total = [value for values in right.values() for value in values]
    return {
        "attributes_acc": sum(total) / len(total) if total else None,
        "attributes_per_type": {name: sum(v) / len(v) for name, v in sorted(right.items())},
    }


def attribute_pairs(eg: Example) -> Iterator[tuple]:
    """(mention as (start, end, label), attribute, gold value, predicted value) of the mentions that both have.

    Where several values may hold, they are compared as sets.
    """
    gold, found = _by_span(eg.reference), _by_span(eg.predicted)
    for key in sorted(gold.keys() & found.keys()):
        for name, (_, labels, several, _) in ATTRIBUTES.items():
            if key[2] in labels:
                a, b = gold[key].get(name), found[key].get(name)
                yield key, name, frozenset(a or ()) if several else a, frozenset(b or ()) if several else b


def mention_keys(doc: Doc) -> set[tuple[int, int, str]]:
    """Each mention of a Doc as (start, end, label) in characters."""
    return {(s.start_char, s.end_char, s.label_) for s in doc.spans.get(MENTIONS, ())}


def _by_span(doc: Doc) -> dict[tuple, dict]:
    group = doc.spans.get(MENTIONS)
    if group is None:
        return {}
    rows = group.attrs.get("attributes") or [{}] * len(group)
    return {(s.start_char, s.end_char, s.label_): row for s, row in zip(group, rows, strict=True)}


def relation_triples(doc: Doc) -> set[tuple]:
    """(head, tail, label) of each relation, a mention as (start, end, label) in characters.

    `tells_of` is turned into pairs of mentions that tell of one incident, head and the nearest one before it, so that a
    choice between two equally good openers changes one pair and not all.
    """
    if MENTIONS not in doc.spans:
        return set()
    keys = [(s.start_char, s.end_char, s.label_) for s in doc.spans[MENTIONS]]
    triples = set()
    members: dict[int, set[int]] = {}
    for head, tail, label, *_ in doc.spans[MENTIONS].attrs.get("relations", ()):
        if label == "tells_of":
            members.setdefault(tail, set()).add(head)
        else:
            triples.add((keys[head], keys[tail], label))
    for group in members.values():
        ordered = sorted(group)
        triples.update((keys[b], keys[a], "tells_of") for a, b in zip(ordered, ordered[1:], strict=False))
        if len(ordered) == 1:
            triples.add((keys[ordered[0]], keys[ordered[0]], "tells_of"))
    return triples


def score_relations(examples: Iterable[Example], **kwargs) -> dict[str, Any]:
    """Relations whose head, tail and label are right (`relations_p`, `_r`, `_f`, `_per_type`)."""
    total = PRFScore()
    per_type: dict[str, PRFScore] = {}
    for eg in examples:
        gold, found = relation_triples(eg.reference), relation_triples(eg.predicted)
        total.score_set(found, gold)
        for label in {triple[2] for triple in gold | found}:
            score = per_type.setdefault(label, PRFScore())
            score.score_set({t for t in found if t[2] == label}, {t for t in gold if t[2] == label})
    return {
        "relations_p": total.precision,
        "relations_r": total.recall,
        "relations_f": total.fscore,
        "relations_per_type": {label: score.to_dict() for label, score in sorted(per_type.items())},
    }


def score_relations_and_attributes(examples: Iterable[Example], **kwargs) -> dict[str, Any]:
    """`score_relations` and `score_attributes`."""
    examples = list(examples)
    return {**score_relations(examples), **score_attributes(examples)}


@registry.scorers("civex.entities_scorer.v1")
def make_entities_scorer() -> Callable:
    return score_mentions


@registry.scorers("civex.attributes_scorer.v1")
def make_attributes_scorer() -> Callable:
    return score_attributes


@registry.scorers("civex.relations_scorer.v1")
def make_relations_scorer() -> Callable:
    """Of `civex_relations`, which decides the attributes too."""
    return score_relations_and_attributes
