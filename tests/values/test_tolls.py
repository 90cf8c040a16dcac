"""Tolls: the coding conventions of the contract on figures, groups and rival tolls, one case each."""

import pytest

from civex.values.tolls import ClaimValue, conceded, left_out, roll_up


def claims_of(*claims: tuple) -> list[ClaimValue]:
    """(harm, group, min, max, {other fields}) -> claims c1, c2, ..."""
    found = []
    for n, (harm, group, low, high, *more) in enumerate(claims, 1):
        found.append(ClaimValue(f"c{n}", harm, group, low, high, **(more[0] if more else {})))
    return found


def figures(claims: list[ClaimValue], harm: str) -> dict[str, tuple]:
    return {group: (toll.min, toll.max) for group, toll in roll_up(claims, harm).items()}


C, M, U = "civilians", "combatants", "unspecified"
KILLED = {
    "one figure": ([("killed", C, 5, 5)], {C: (5, 5)}),
    "at least": ([("killed", C, 5, None)], {C: (5, None)}),
    "up to": ([("killed", C, None, 11)], {C: (None, 11)}),
    "a range": ([("killed", C, 8, 12)], {C: (8, 12)}),
    "without a figure": ([("killed", C, None, None)], {C: (None, None)}),
    "silence is no key": ([("injured", C, 5, 5)], {}),
    "nothing claimed": ([], {}),
    "unsummed parts are added": ([("killed", U, 12, 12), ("killed", U, 10, None)], {U: (22, None)}),
    "a leader and several fighters": ([("killed", M, 1, 1), ("killed", M, 2, None)], {M: (3, None)}),
    "up to beside an exact figure": ([("killed", U, None, 11), ("killed", U, 2, 2)], {U: (2, 13)}),
    "an exact figure beside many": ([("killed", U, None, None), ("killed", U, 5, 5)], {U: (5, 5)}),
    "groups apart": ([("killed", C, 5, 5), ("killed", M, 2, 2)], {C: (5, 5), M: (2, 2)}),
    "sub-counts are inside": ([("killed", C, 10, 10), ("killed", C, 4, 4, {"part_of": "c1"})], {C: (10, 10)}),
    "parts of parts": (
        [("killed", C, 10, 10), ("killed", C, 4, 4, {"part_of": "c1"}), ("killed", C, 2, 2, {"part_of": "c2"})],
        {C: (10, 10)},
    ),
    "a part of another group stands beside": (
        [("killed", U, 13, 13), ("killed", C, 3, 3, {"part_of": "c1"})],
        {U: (13, 13), C: (3, 3)},
    ),
    "two parts of one group in another's total": (
        [
            ("killed", U, 46, 46),
            ("killed", C, 2, 2, {"part_of": "c1"}),
            ("killed", C, 3, 3, {"part_of": "c1"}),
        ],
        {U: (46, 46), C: (5, 5)},
    ),
    "a part through another group": (
        [("killed", C, 9, 9), ("killed", M, 4, 4, {"part_of": "c1"}), ("killed", C, 2, 2, {"part_of": "c2"})],
        {C: (9, 9), M: (4, 4)},
    ),
    "a part of a figure that gave way": (
        [
            ("killed", C, 9, 9, {"status": "replaced"}),
            ("killed", C, 4, 4, {"part_of": "c1"}),
            ("killed", C, 12, 12),
        ],
        {C: (12, 12)},
    ),
    "a part of a figure said again": (
        [
            ("killed", C, 7, 7),
            ("killed", U, 7, 7, {"repeats": "c1"}),
            ("killed", C, 5, 5, {"part_of": "c2"}),
        ],
        {C: (7, 7)},
    ),
    "unsaid people inside a group": (
        [("killed", C, 9, 9), ("killed", U, 4, 4, {"part_of": "c1"}), ("killed", U, 2, 2)],
        {C: (9, 9), U: (2, 2)},
    ),
    "a part of what is not there": ([("killed", C, 4, 4, {"part_of": "c9"})], {C: (4, 4)}),
    "parts in a circle": (
        [("killed", C, 4, 4, {"part_of": "c2"}), ("killed", U, 5, 5, {"part_of": "c1"})],
        {C: (4, 4), U: (5, 5)},
    ),
    "two of a group inside each other": (
        [("killed", U, 4, 4, {"part_of": "c2"}), ("killed", U, 5, 5, {"part_of": "c1"})],
        {U: (5, 5)},
    ),
    "two that repeat each other": (
        [("killed", U, 5, 5, {"repeats": "c2"}), ("killed", U, 5, 5, {"repeats": "c1"})],
        {U: (5, 5)},
    ),
    "three that repeat each other": (
        [("killed", U, 5, 5, {"repeats": f"c{n}"}) for n in (2, 3, 1)],
        {U: (5, 5)},
    ),
    "a part of itself": ([("killed", U, 5, 5, {"part_of": "c1", "repeats": "c1"})], {U: (5, 5)}),
    "rivals widen": (
        [("killed", C, 14, 14, {"status": "rival"}), ("killed", C, 19, 19, {"status": "rival"})],
        {C: (14, 19)},
    ),
    "an open rival opens": (
        [("killed", C, 14, 14, {"status": "rival"}), ("killed", C, 19, None, {"status": "rival"})],
        {C: (14, None)},
    ),
    "three rivals": (
        [("killed", C, n, n, {"status": "rival"}) for n in (7, 3, 5)],
        {C: (3, 7)},
    ),
    "a rival of none": (
        [("killed", C, 14, 14, {"status": "rival"}), ("killed", C, 0, 0, {"status": "rival"})],
        {C: (0, 14)},
    ),
    "rivals that the text sums up": (
        [
            ("killed", C, 15, 15, {"status": "summed_up"}),
            ("killed", C, 18, 18, {"status": "summed_up"}),
            ("killed", C, 15, 18),
        ],
        {C: (15, 18)},
    ),
    "a replaced toll": ([("killed", C, 9, 9, {"status": "replaced"}), ("killed", C, 11, 11)], {C: (11, 11)}),
    "a withdrawn toll": ([("killed", C, 9, 9, {"status": "withdrawn"})], {}),
    "a denied toll": ([("killed", C, 9, 9, {"stance": "denied"})], {}),
    "an alleged toll counts": ([("killed", C, 9, 9, {"stance": "alleged"})], {C: (9, 9)}),
    "said twice": ([("killed", C, 9, 9), ("killed", C, 9, 9, {"repeats": "c1"})], {C: (9, 9)}),
    "said twice, hedged once": ([("killed", C, 9, 9), ("killed", C, 9, None, {"repeats": "c1"})], {C: (9, None)}),
    "said twice, hedged first": ([("killed", C, 9, None), ("killed", C, 9, 9, {"repeats": "c1"})], {C: (9, None)}),
    "casualties without a split": ([("killed_or_injured", C, 9, 9)], {}),
    "no casualties": ([("killed_or_injured", U, 0, 0)], {U: (0, 0)}),
    "no civilians were harmed": ([("killed_or_injured", C, 0, 0)], {C: (0, 0)}),
    "a conceded figure that stands alone": ([("killed", C, 9, 9, {"stance": "conceded"})], {C: (9, 9)}),
    "a conceded figure beside a stated one": (
        [("killed", C, 15, 15), ("killed", C, 9, 9, {"stance": "conceded"})],
        {C: (15, 15)},
    ),
    "a total without a lower end holds its largest part": (
        [
            ("killed", C, None, 20),
            ("killed", C, 14, None, {"part_of": "c1"}),
            ("killed", C, 3, 3, {"part_of": "c1"}),
        ],
        {C: (14, 20)},
    ),
    "parts that make up more than their total count the same people": (
        [
            ("killed", U, 14, 17),
            ("killed", C, 10, 10, {"part_of": "c1"}),
            ("killed", C, 9, 9, {"part_of": "c1"}),
        ],
        {U: (14, 17), C: (10, 10)},
    ),
    "a vague rival gives way to an exact figure": (
        [("killed", C, 20, 20), ("killed", C, 12, None, {"status": "rival", "vague": True})],
        {C: (20, 20)},
    ),
    "denied and conceded": (
        [("killed", C, 15, 15, {"stance": "denied"}), ("killed", C, 9, 9, {"stance": "conceded"})],
        {C: (9, 9)},
    ),
}


@pytest.mark.parametrize("name", KILLED)
def test_killed(name: str) -> None:
    claims, expected = KILLED[name]
    assert figures(claims_of(*claims), "killed") == expected


def test_no_casualties_is_nobody_injured_too() -> None:
    claims = claims_of(("killed_or_injured", U, 0, 0))
    assert figures(claims, "injured") == {U: (0, 0)}
    assert figures(claims, "detained") == {}


def test_conceded_is_kept_beside() -> None:
    claims = claims_of(
        ("killed", C, 15, 15), ("killed", C, 9, 9, {"stance": "conceded"}), ("injured", C, 2, 2, {"stance": "conceded"})
    )
    assert {group: (t.min, t.max, t.claims) for group, t in conceded(claims, "killed").items()} == {C: (9, 9, ["c2"])}
    assert {group: (t.min, t.max) for group, t in conceded(claims, "injured").items()} == {C: (2, 2)}


def test_an_admission_of_another_harm_does_not_hide_a_figure() -> None:
    claims = claims_of(("killed", C, 15, 15), ("injured", C, 2, 2, {"stance": "conceded"}))
    assert figures(claims, "injured") == {C: (2, 2)}


def test_figures_name_their_claims() -> None:
    claims = claims_of(
        ("killed", C, 10, 10), ("killed", C, 4, 4, {"part_of": "c1"}), ("killed", C, 2, 2), ("killed", M, 1, 1)
    )
    assert {group: toll.claims for group, toll in roll_up(claims, "killed").items()} == {C: ["c1", "c3"], M: ["c4"]}


def test_each_claim_left_out_has_its_reason() -> None:
    claims = claims_of(
        ("killed", C, 9, 9),
        ("killed", C, 4, 4, {"part_of": "c1"}),
        ("killed", C, 9, 9, {"repeats": "c1"}),
        ("killed", C, 7, 7, {"status": "replaced"}),
        ("killed", C, 2, 2, {"part_of": "c4"}),
        ("killed", C, 1, 1, {"stance": "conceded"}),
        ("killed", C, 0, 0, {"stance": "denied"}),
        ("killed", C, None, None),
        ("injured", C, 3, 3),
    )
    assert left_out(claims, "killed") == {
        "c2": "part",
        "c3": "said_again",
        "c4": "superseded",
        "c5": "superseded",
        "c6": "conceded",
        "c7": "denied",
        "c8": "no_number",
    }
    assert left_out(claims, "injured") == {}


@pytest.mark.parametrize("name", KILLED)
def test_a_claim_is_in_a_figure_or_left_out(name: str) -> None:
    claims = claims_of(*KILLED[name][0])
    used = {id for toll in roll_up(claims, "killed").values() for id in toll.claims}
    nobody = {c.id for c in claims if c.harm == "killed_or_injured" and c.min == 0 and c.max == 0}
    assert used.isdisjoint(left_out(claims, "killed"))
    assert used | set(left_out(claims, "killed")) == {c.id for c in claims if c.harm == "killed"} | nobody
