"""The baselines of the benchmarks: what they are said to do, on sentences; they are to be fair, not good."""

import re
from functools import partial
from pathlib import Path

import pytest
from spacy.language import Language

from benchmarks import narratives, suggestions
from civex.evaluation import gold_report
from civex.figures import figures, narrative_counts
from tests.judging import judge

TEXT = (
    "On 4 May 2016 an airstrike hit a house in Hajin, Syria. At least five civilians were killed and three people "
    "wounded. Residents said that it happened at night.\n"
    "Two days earlier all was calm.\n"
    "On 9 March 2015 a mortar struck the market in Mari, killing between 12 and twenty-one shoppers."
)


@pytest.mark.parametrize(
    ("words", "expected"), [("1,302", 1302), ("seven", 7), ("forty", 40), ("twenty-three", 23), ("a dozen", 12)]
)
def test_number(words: str, expected: int) -> None:
    assert re.fullmatch(narratives.NUMBER, words, re.I) and narratives.number(words) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("at least 5", (5, None)),
        ("up to eleven", (None, 11)),
        ("between 15 and 18", (15, 18)),
        ("about twelve", (12, 12)),
        ("several", (2, None)),
        ("dozens", (12, None)),
    ],
)
def test_ends(words: str, expected: tuple) -> None:
    match = narratives.FIGURE.search(words)
    assert match is not None and narratives.ends(match) == expected


def test_numbers_that_are_no_toll() -> None:
    for words in ("15 years", "12 km", "20 per cent", "3:40", "5 pm"):
        assert narratives.FIGURE.match(words) is None, words


def test_two_incidents_by_regular_expressions() -> None:
    first, second = narratives.read_by_regex(TEXT, None).incidents
    assert (first.date.start, second.date.start) == ("2016-05-04", "2015-03-09")
    assert [p.text for p in first.places] == ["Hajin"] and first.country is None
    assert (first.killed["civilians"].min, first.killed["civilians"].max) == (5, None)
    assert first.injured["unspecified"].min == 3
    assert (second.killed["civilians"].min, second.killed["civilians"].max) == (12, 21)
    assert [t.type for t in first.targets] == ["residential"] and [t.type for t in second.targets] == ["market"]
    assert [s.type for s in first.sources] == ["local_source"]
    for incident in (first, second):
        for mention in (*incident.places, *incident.targets, *incident.casualties, *incident.actions):
            assert TEXT[slice(*mention.span)] == mention.text


def test_the_day_of_publication_is_no_date_of_an_event() -> None:
    (incident,) = narratives.read_by_regex("3 June 2019. A strike on 2 June killed two people.", "2019-06-03").incidents
    assert incident.date.start == "2019-06-02"


def test_no_one_was_killed() -> None:
    (incident,) = narratives.read_by_regex("A shelling on 2 June 2019. No one was killed.", None).incidents
    assert incident.killed["unspecified"].max == 0


def test_a_text_without_harm_has_no_incident() -> None:
    assert narratives.read_by_regex("The parliament met in Hajin on 4 May 2016.", None).incidents == []


def test_nearest_number(model: Language) -> None:
    spacy = pytest.importorskip("spacy")
    try:
        peer = spacy.load(narratives.PEER)
    except OSError:
        pytest.skip(f"pip install {narratives.PEER.replace('_', '-')}")
    first, *_ = narratives.NearestNumber(peer)(TEXT, None).incidents
    assert first.date.start == "2016-05-04" and first.country.code == "SY"
    assert [p.text for p in first.places] == ["Hajin"]
    assert (first.killed["civilians"].min, first.injured["unspecified"].min) == (5, 3)


def test_baselines_are_scored_as_civex_is(blank_nlp: Language) -> None:
    """A reader that gives back the gold records has every figure at 1, by the functions that score all three."""
    gold = (
        "On {4 May 2016|date i1 2016-05-04} in {Hajin|place i1} {five civilians|killed i1 civilians 5} died ."
        + " So ." * 60
    )
    judged = judge(blank_nlp, gold, gold)
    found = narrative_counts(judged.gold, gold_report(judged.document, blank_nlp))
    values = figures([{("narratives", name): counts for name, counts in found.items()}])
    assert {estimate.value for figure in values.values() for estimate in figure.estimates.values()} <= {1.0, None}


def test_parts_of_a_toll_are_claims_and_not_the_toll() -> None:
    text = "A strike on 2 June 2019 killed nine people, including four children and two women."
    (incident,) = narratives.read_by_regex(text, None).incidents
    assert {(tuple(c.who), c.min) for c in incident.casualties} == {((), 9), (("children",), 4), (("women",), 2)}
    assert [figure.min for figure in incident.killed.values()] == [9]


def suggestion_runs() -> list[dict]:
    """Two seeds; F1 of mentions rises by 0.1 with each doubling of random documents and is 0.55 with 60 suggested."""
    sizes = [("first", 25, 0.3), ("random", 50, 0.4), ("random", 100, 0.5), ("random", 200, 0.6)]
    sizes += [("suggested", 60, 0.55), ("suggested", 120, 0.7)]
    return [
        {"way": way, "documents": ["d"] * n, "words": 100 * n, "mentions": f1 + off, "records": f1, "seed": seed}
        for seed, off in enumerate((-0.01, 0.01))
        for way, n, f1 in sizes
    ]


def test_suggested_documents_against_random_ones() -> None:
    runs = suggestion_runs()
    assert suggestions.means(runs, "suggested", "documents", "mentions") == [
        (25, pytest.approx(0.3)),
        (60, pytest.approx(0.55)),
        (120, pytest.approx(0.7)),
    ]
    as_many = partial(suggestions.as_many_random, runs, "documents", "mentions")
    assert as_many(0.5) == pytest.approx(100) and as_many(0.55) == pytest.approx(100 * 2**0.5)
    assert as_many(0.7) is None and suggestions.as_many_random(runs, "words", "mentions", 0.5) == pytest.approx(10_000)
    lines, kinds = suggestions.table(runs).splitlines(), ("documents", "words")
    assert lines[0] == "F1 of mentions (exact spans), mean of 2 seeds"
    assert lines[6].endswith("F1 0.550   42% of 141 random documents   42% of 14,142 random words")
    assert lines[7].endswith(
        "F1 0.700" + "".join(f"   over all random ones, with 60% of their most {x}" for x in kinds)
    )


def test_the_plot_of_suggestions(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="pip install 'civex[train]'")
    suggestions.draw(suggestion_runs(), tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
