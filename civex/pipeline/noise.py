"""Noise for training: gold mentions as a tagger would leave them, some missed, some cut wrong, some that are none.

The relations of a text are learned on gold mentions but read from found ones. Without noise every mention tells of
something, and one wrong mention at the head of a text leads all that follows astray (exposure bias: Ranzato et al.
2016, "Sequence Level Training with Recurrent Neural Networks").
"""

import numpy
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import HARMS, MENTIONS, OPENER_LABELS

# Where a tagger sees what is not there: names as places and sources, numbers as figures, first words as titles.
_FALSE_NAMES = ("place", "place", "place", "source", "actor", "country", "publisher", "target")
_FALSE_NUMBERS = (*HARMS[:2], "tally", "date", "date")
_FALSE_WORDS = ("action", "target", "outcome", "reason", "killed")


def with_noise(gold: Doc, random: numpy.random.RandomState, share: float) -> Doc:
    """A copy of `gold` in which about `share` of the mentions is missing, `share` cut wrong, and as many are false.

    An incident whose opener is missing is opened by the next of its mentions that may; one that has none is lost.
    """
    old = gold.spans[MENTIONS]
    rows, relations = old.attrs["attributes"], old.attrs["relations"]
    spans = [(span.start, span.end, span.label_) for span in old]
    kept = random.uniform(size=len(spans)) >= share
    entries = [(*_cut(spans[n], len(gold), random, share), dict(rows[n]), n) for n in numpy.flatnonzero(kept).tolist()]
    known = {(start, end) for start, end, *_ in entries}
    for start, end, label in _false_mentions(gold, random, share * len(spans)):
        if (start, end) not in known:
            entries.append((start, end, label, {}, -1))
    entries.sort(key=lambda entry: (entry[0], -entry[1]))
    position = {n: k for k, (*_, n) in enumerate(entries) if n >= 0}
    openers = _openers(spans, rows, relations, position)
    links = [
        [position[head], position[openers.get(tail, -1) if label == "tells_of" else tail], label, score]
        for head, tail, label, score in relations
        if head in position and (openers.get(tail, -1) if label == "tells_of" else tail) in position
    ]
    opening = {position[n] for n in openers.values()}
    doc = gold.copy()
    doc.spans[MENTIONS] = SpanGroup(
        doc,
        name=MENTIONS,
        spans=[Span(doc, start, end, label=label) for start, end, label, *_ in entries],
        attrs={
            "scores": [1.0] * len(entries),
            "attributes": [
                {"shared": False, **row, "opens": k in opening, "false": n < 0}
                for k, (*_, row, n) in enumerate(entries)
            ],
            "relations": links,
        },
    )
    return doc


def _cut(span: tuple[int, int, str], n_tokens: int, random, share: float) -> tuple[int, int, str]:
    start, end, label = span
    if random.uniform() < share:
        start, end = start + random.randint(-1, 2), end + random.randint(-1, 2)
        start, end = max(0, min(start, span[1] - 1)), min(n_tokens, max(end, span[0] + 1))
    return (start, end, label) if start < end else span


def _false_mentions(doc: Doc, random, number: float) -> list[tuple[int, int, str]]:
    found = []
    for _ in range(random.poisson(number) if len(doc) else 0):
        start = 0 if random.uniform() < 0.1 else random.randint(len(doc))
        end = min(len(doc), start + 1 + random.randint(3))
        if doc[start].is_space or doc[start].is_punct:
            continue
        labels = _FALSE_NAMES if doc[start].is_title else _FALSE_NUMBERS if doc[start].like_num else _FALSE_WORDS
        label = "title" if start == 0 and random.uniform() < 0.5 else labels[random.randint(len(labels))]
        found.append((start, end, label))
    return found


def _openers(spans: list, rows: list[dict], relations: list, position: dict[int, int]) -> dict[int, int]:
    """Opener before -> opener now, by position among the gold mentions."""
    members: dict[int, list[int]] = {}
    times: dict[int, int] = {}
    for head, tail, label, _ in relations:
        if label == "tells_of":
            members.setdefault(tail, []).append(head)
            times[head] = times.get(head, 0) + 1
    now: dict[int, int] = {}
    for opener, heads in sorted(members.items()):
        if opener in position:
            now[opener] = opener
            continue
        fit = [
            n
            for n in sorted(heads)
            if n in position and spans[n][2] in OPENER_LABELS and rows[n].get("role", "event") == "event"
        ]
        own = [n for n in fit if times[n] == 1]
        free = [n for n in own or fit if n not in now.values() and n not in members]
        if free:
            now[opener] = free[0]
    return now
