"""Candidate pairs, counted by hand; their number grows with the mentions and no faster."""

import numpy
import pytest

from civex.labels import MENTIONS
from civex.pipeline.candidates import GROUPS, N_PAIR_FEATURES, Pairs, _near, recall
from civex.pipeline.features import N_MENTION_FEATURES, mention_rows

TELLS_OF, ABOUT, OWNER_OF, CLAIMED_BY, CLAIMS = range(5)


def pairs_of(doc) -> tuple[Pairs, list[int]]:
    rows = doc.spans[MENTIONS].attrs["attributes"]
    labels = [span.label_ for span in doc.spans[MENTIONS]]
    return Pairs(doc, labels, [row["shared"] for row in rows]), [n for n, row in enumerate(rows) if row["opens"]]


def proposed(doc, group: int) -> set[tuple[int, int]]:
    pairs, openers = pairs_of(doc)
    return set(map(tuple, pairs.propose(group, openers).tolist()))


@pytest.mark.parametrize(
    ("at", "before", "after", "expected"),
    [(5, 2, 1, [3, 5, 8]), (4, 2, 1, [1, 3, 5]), (0, 2, 2, [1, 3]), (9, 1, 3, [8]), (5, 1, 0, [5])],
)
def test_near(at: int, before: int, after: int, expected: list[int]) -> None:
    assert _near([1, 3, 5, 8], at, before, after) == expected


def entries(n: int, first: str = "") -> str:
    """A list of n incidents of three mentions each: place, strike, killed."""
    lines = [f"{{P|place i{k}}} {{strike|action i{k} airstrike}} {{{k}|killed i{k} {k}}} ." for k in range(1, n + 1)]
    return first + "\n".join(lines)


def test_tells_of_are_the_openers_around_and_the_first(gold) -> None:
    doc = gold(entries(8))  # openers at 0, 3, 6, 9, 12, 15, 18, 21
    tails = {tail for head, tail in proposed(doc, TELLS_OF) if head == 16}
    assert tails == {0, 6, 9, 12, 15, 18, 21}  # first; four up to it; two after


def test_a_shared_mention_meets_every_opener_of_its_list(gold) -> None:
    doc = gold(entries(8, "{closed|outcome i1-i8 non_credible}\n"))
    assert {tail for head, tail in proposed(doc, TELLS_OF) if head == 0} == set(range(1, 25, 3))
    found, total = recall(doc)
    assert (found, total) == (32, 32)


def test_other_groups_by_hand(gold) -> None:
    doc = gold(
        "{A|source i1 ngo} {6|killed i1 6 #c1} {{X|owner} car|target i1 vehicle} {2|killed i1 2 "
        "in=#c1} in {May|date t1 2016-05}"
        " {34|tally t1 strikes 34}"
    )  # source 0, killed 1, target 2, owner 3, killed 4, date 5, tally 6
    assert proposed(doc, OWNER_OF) == {(3, 2)}
    assert proposed(doc, ABOUT) == {(5, 6)}
    assert proposed(doc, CLAIMED_BY) == {(1, 0), (4, 0), (6, 0)}
    assert proposed(doc, CLAIMS) == {(1, 4), (4, 1)}
    assert recall(doc) == (4 + 1 + 1 + 1, 7)


def test_recall_counts_what_is_never_proposed(gold) -> None:
    claims = " ".join("{9|killed i1 9}" for _ in range(8))
    doc = gold(f"{{9|killed i1 9 #c1}} {claims} {{2|killed i1 2 in=#c1}}")
    assert (9, 0) not in proposed(doc, CLAIMS)
    assert recall(doc) == (10, 11)


def test_no_openers_no_pairs(gold) -> None:
    pairs, _ = pairs_of(gold("{A|place i1} {B|source i1 ngo}"))
    assert pairs.propose(TELLS_OF, []).shape == (0, 2)


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_feature_rows_lie_in_their_blocks(gold, group: int) -> None:
    doc = gold(
        entries(
            9,
            "{A|source i1-i9 ngo #s} of {{B|owner} car|target i1 vehicle} in {May|date t1 2016} "
            "{3|tally t1 strikes 3}\n",
        )
    )
    pairs, openers = pairs_of(doc)
    candidates = pairs.propose(group, openers)
    rows = pairs.rows(candidates, group, openers)
    assert len(rows) and numpy.array_equal(rows[:, :2], candidates)
    features = rows[:, 2:]
    assert features.min() >= 0 and features.max() < N_PAIR_FEATURES
    assert (numpy.diff(features, axis=1) > 0).all()  # one row of each block
    mentions = mention_rows(doc)[:, 2:]
    assert mentions.min() >= 0 and mentions.max() < N_MENTION_FEATURES


def test_pairs_grow_with_the_list_and_no_faster(gold) -> None:
    counts = {}
    for n in (200, 2000):
        doc = gold(entries(n, f"{{closed|outcome i1-i{n} non_credible}}\n"))
        counts[n] = sum(len(proposed(doc, group)) for group in range(len(GROUPS)))
    mentions = 3 * 2000 + 1
    assert counts[2000] < 12 * mentions
    assert counts[2000] < 10.1 * counts[200]
