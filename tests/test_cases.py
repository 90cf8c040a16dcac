"""Cases that a corpus shows, by hand."""

import pytest

from civex.annotations import parse
from civex.cases import CASES, count_cases

SHOWS = {
    "no incident": "{4 May|date 2016-05-04}",
    "two incidents or more": "{Mari|place i1} {Hajin|place i2}",
    "rival tolls": "{six|killed i1 6 rival} {seven|killed i1 7 rival}",
    "a toll that a later one replaces": "{six|killed i1 6 replaced sup=#c} {seven|killed i1 7 #c}",
    "a part inside its total": "{six|killed i1 6 #c} {two|killed i1 2 in=#c}",
    "a figure said again": "{six|killed i1 6 #c} {six|killed i1 6 same=#c}",
    "at least, up to": "{at least six|killed i1 6..}",
    "a vague count": "{several people|killed i1 2..}",
    "nobody hurt": "{no casualties|killed_or_injured i1 0}",
    "victims told one by one": "{a man|killed i1 1} {a nurse|killed i1 1} {a boy|killed i1 1}",
    "fighters beside civilians": "{six civilians|killed i1 civilians 6} {two fighters|killed i1 combatants 2}",
    "denied actor": "{shelling|action i1 artillery} {the army|actor i1 denied}",
    "a date in words": "{Tuesday|date i1 2016-05-03}",
    "a date that nothing fixes": "{Tuesday|date i1 ?}",
    "counted: aid worker": "{two aid workers|injured i1 civilians aid_worker 2}",
}


@pytest.mark.parametrize("case", SHOWS)
def test_case(case: str) -> None:
    assert CASES[case](parse(f"genre: x\n---\n{SHOWS[case]}\n"))


def test_cases_are_counted_by_document() -> None:
    plain = parse(
        "genre: x\n---\n{six civilians|killed i1 civilians 6} in {Mari|place i1} on {4 May 2016|date i1 2016-05-04}\n"
    )
    counts = count_cases([plain, parse(f"genre: x\n---\n{SHOWS['rival tolls']}\n")])
    assert {case for case, number in counts.items() if number} == {"rival tolls"}
    assert counts["rival tolls"] == 1
