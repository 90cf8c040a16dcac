"""Candidate pairs of mentions for the relations, a bounded number for each mention, and what is known of each pair.

Pairs grow linearly with the text. What is never proposed can't be found: `recall` measures it.
"""

from bisect import bisect_right

import numpy
from spacy.tokens import Doc

from civex.labels import HARMS, MENTION_LABELS, MENTIONS, RELATIONS, UNITS
from civex.pipeline.features import boundaries
from civex.values.counts import read_count

GROUPS = (("tells_of",), ("about",), ("owner_of",), ("claimed_by",), ("part_of", "repeats", "superseded_by"))
# How many tails before and after a head are proposed in each group; tells_of adds the first opener of the document and
# the openers of a list that a shared mention may speak for.
_REACH = ((4, 2), (4, 6), (1, 1), (3, 2), (6, 2))
_SHARED_BEFORE, _SHARED_AFTER = 2, 1
_BLOCKS = {
    "group": len(GROUPS),
    "head": len(MENTION_LABELS),
    "tail": len(MENTION_LABELS),
    "mentions_between": 17,  # -8 or more before ... 8 or more after
    "tokens_between": 8,  # powers of two
    "units_between": 9,
    "break": 5,  # the strongest boundary between the two
    "tails_between": 10,  # rank of the tail among the proposed ones, before and after
    "same_label_between": 3,
    "is_first_tail": 2,
    "same_text": 2,
    "shared": 2,
    "numbers": 5,  # head less than, equal to, greater than the tail; one unknown; no numbers
    "nested": 2,
}
_OFFSETS = numpy.cumsum([0, *_BLOCKS.values()])[:-1]
N_PAIR_FEATURES = sum(_BLOCKS.values())


class Pairs:
    """The mentions of one doc as arrays, from which candidate pairs and their features are made."""

    def __init__(self, doc: Doc, labels: list[str], shared: list[bool]):
        spans = list(doc.spans[MENTIONS]) if MENTIONS in doc.spans else []
        self.labels = labels
        self.starts = numpy.array([span.start for span in spans], dtype="i")
        self.ends = numpy.array([span.end for span in spans], dtype="i")
        self.shared = numpy.array(shared, dtype="i")
        known: dict[str, int] = {}
        self.texts = numpy.array([known.setdefault(span.text.lower(), len(known)) for span in spans], dtype="i")
        self.label_ids = numpy.array([MENTION_LABELS.index(label) for label in self.labels], dtype="i")
        unit_starts = [unit.start for unit in doc.spans.get(UNITS, ())]
        self.units = numpy.array([bisect_right(unit_starts, span.start) for span in spans], dtype="i")
        gaps = numpy.array(boundaries(doc, spans)[:-1], dtype="i")
        self.breaks = [numpy.cumsum(gaps >= level) for level in (2, 3, 4)]
        self.numbers = numpy.array(
            [_number(span.text) if label in HARMS else -2 for span, label in zip(spans, labels, strict=True)],
            dtype="i8",
        )
        self.by_label: dict[str, list[int]] = {}
        for n, label in enumerate(self.labels):
            self.by_label.setdefault(label, []).append(n)

    def propose(self, group: int, openers: list[int]) -> numpy.ndarray:
        """(p, 2) positions of heads and tails of one group."""
        if group == 0:
            pairs = self._tells_of(openers)
        else:
            heads, tails = RELATIONS[GROUPS[group][0]]
            tail_positions = self._labelled(tails)
            before, after = _REACH[group]
            pairs = [
                (head, tail)
                for head in self._labelled(heads)
                for tail in _near(tail_positions, head, before, after)
                if head != tail
            ]
        return numpy.array(pairs, dtype="i").reshape(-1, 2)

    def _labelled(self, labels) -> list[int]:
        return sorted(n for label in labels for n in self.by_label.get(label, ()))

    def _tells_of(self, openers: list[int]) -> list[tuple[int, int]]:
        if not openers:
            return []
        pairs: dict[tuple[int, int], None] = {}
        for head in self._labelled(RELATIONS["tells_of"][0]):
            for tail in (openers[0], *_near(openers, head, *_REACH[0])):
                pairs[head, tail] = None
        for label, positions in self.by_label.items():
            shared = [n for n in positions if self.shared[n]]
            if shared and label in RELATIONS["tells_of"][0]:
                for opener in openers:
                    for head in _near(shared, opener, _SHARED_BEFORE, _SHARED_AFTER):
                        pairs[head, opener] = None
        return sorted(pairs)

    def rows(self, pairs: numpy.ndarray, group: int, openers: list[int]) -> numpy.ndarray:
        """(p, 2 + k) integers: the pair and its row in each block of the pair feature table."""
        head, tail = pairs[:, 0], pairs[:, 1]
        low, high = numpy.minimum(head, tail), numpy.maximum(head, tail)
        tails = openers if group == 0 else self._labelled(RELATIONS[GROUPS[group][0]][1])
        rank = numpy.searchsorted(tails, tail) - numpy.searchsorted(tails, head, side="right")
        gap = numpy.maximum(self.starts[high] - self.ends[low], 0)
        same_label = (self._count_before(head, high) - self._count_before(head, low + 1)).clip(0, 2)
        columns = (
            numpy.full(len(pairs), group),
            self.label_ids[head],
            self.label_ids[tail],
            (tail - head).clip(-8, 8) + 8,
            numpy.log2(gap + 1).astype("i").clip(0, 7),
            (self.units[tail] - self.units[head]).clip(-4, 4) + 4,
            self._strongest_break(low, high),
            rank.clip(-5, 4) + 5,
            same_label,
            tail == (tails[0] if tails else -1),
            self.texts[head] == self.texts[tail],
            self.shared[head],
            self._compare_numbers(head, tail),
            (self.starts[tail] <= self.starts[head]) & (self.ends[head] <= self.ends[tail]),
        )
        return numpy.column_stack([head, tail, *(c + o for c, o in zip(columns, _OFFSETS, strict=True))]).astype("i")

    def _count_before(self, head: numpy.ndarray, upto: numpy.ndarray) -> numpy.ndarray:
        """How many mentions of the head's label stand before position `upto`."""
        counts = numpy.zeros(len(head), dtype="i")
        for label, positions in self.by_label.items():
            mask = self.label_ids[head] == MENTION_LABELS.index(label)
            counts[mask] = numpy.searchsorted(positions, upto[mask])
        return counts

    def _strongest_break(self, low: numpy.ndarray, high: numpy.ndarray) -> numpy.ndarray:
        strongest = numpy.zeros(len(low), dtype="i")
        for level, crossed in enumerate(self.breaks, 1):
            strongest[crossed[high] > crossed[low]] = level
        several = self.breaks[0][high] - self.breaks[0][low] > 2
        strongest[(strongest == 1) & several] = 4
        return strongest

    def _compare_numbers(self, head: numpy.ndarray, tail: numpy.ndarray) -> numpy.ndarray:
        a, b = self.numbers[head], self.numbers[tail]
        return numpy.where((a == -2) | (b == -2), 4, numpy.where((a < 0) | (b < 0), 3, numpy.sign(a - b) + 1))


def _near(positions: list[int], at: int, before: int, after: int) -> list[int]:
    """The last `before` of the sorted positions up to and with `at`, and the first `after` beyond it."""
    cut = bisect_right(positions, at)
    return positions[max(0, cut - before) : cut + after]


def _number(words: str) -> int:
    count = read_count(words)
    return (
        -1 if count.min is None and count.max is None else int(count.min if count.min is not None else count.max or 0)
    )


def recall(doc: Doc) -> tuple[int, int]:
    """(gold relations that are proposed, gold relations) of a gold doc, with its own openers."""
    attrs = doc.spans[MENTIONS].attrs
    labels = [span.label_ for span in doc.spans[MENTIONS]]
    pairs = Pairs(doc, labels, [row.get("shared", False) for row in attrs["attributes"]])
    openers = [n for n, row in enumerate(attrs["attributes"]) if row["opens"]]
    found = total = 0
    for group, names in enumerate(GROUPS):
        proposed = set(map(tuple, pairs.propose(group, openers).tolist()))
        gold = [(head, tail) for head, tail, label, _ in attrs["relations"] if label in names]
        found += sum(pair in proposed for pair in gold)
        total += len(gold)
    return found, total


__all__ = ["GROUPS", "N_PAIR_FEATURES", "Pairs", "recall"]
