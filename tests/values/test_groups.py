"""Groups and people that the words of a figure name by themselves."""

import pytest

from civex.values.groups import said_group, said_who


@pytest.mark.parametrize(
    ("words", "group"),
    [
        ("at least five civilians", "civilians"),
        ("three Taliban fighters", "combatants"),
        ("two non-combatants", "civilians"),
        ("four children", "civilians"),
        ("six people", None),
        ("nine civilians and militants", None),
        ("the gunman", "combatants"),
    ],
)
def test_group(words: str, group: str | None) -> None:
    assert said_group(words) == group


@pytest.mark.parametrize(
    ("words", "who"),
    [
        ("five women and children", ("children", "women")),
        ("a pregnant woman", ("women", "pregnant")),
        ("two paramedics", ("medical",)),
        ("an elderly man", ("men", "elderly")),
        ("six people", ()),
        ("a businessman", ()),
    ],
)
def test_who(words: str, who: tuple[str, ...]) -> None:
    assert said_who(words) == who
