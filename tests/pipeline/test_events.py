"""Events: openers that prose does not tell apart are one event; entries of lists stand for themselves."""

import pytest

from civex.labels import INCIDENTS, MENTIONS
from civex.pipeline.events import set_events
from civex.pipeline.incidents import set_incidents

HIT = "On {4 May 2016|date i1 2016-05-04} {A|place i1} was {hit|action i1 airstrike} ."
# the text after HIT -> ids of the events that are left
AFTER = {
    "{Six|killed i2 6} died .": ["i1"],
    "{Six|killed i2 6} died in {A|place i2} .": ["i1"],
    "{Six|killed i2 6} died in {B|place i2} .": ["i1", "i2"],
    "He was in {B|place i2} .": ["i1"],
    "On {5 May 2016|date i2 2016-05-05} {six|killed i2 6} died .": ["i1", "i2"],
    "{Shelling|action i2 artillery} hit it . {Six|killed i3 6} died in {B|place i3} .": ["i1", "i2"],
}


@pytest.mark.parametrize("after", AFTER)
def test_prose(gold, after: str) -> None:
    doc = set_incidents(set_events(gold(f"{HIT} {after}")))
    assert [row["id"] for row in doc.spans[INCIDENTS].attrs["incidents"]] == AFTER[after]


def test_what_was_told_of_the_other_tells_of_the_first(gold) -> None:
    doc = set_events(gold(f"{HIT} {{Six|killed i2 6}} died , said {{Reuters|source i1 i2 media}} ."))
    group = doc.spans[MENTIONS]
    told = [(group[head].text, group[tail].text) for head, tail, *_ in group.attrs["relations"]]
    assert told == [(words, "4 May 2016") for words in ("4 May 2016", "A", "hit", "Reuters", "Six")] or told == [
        (words, "4 May 2016") for words in ("4 May 2016", "A", "hit", "Six", "Reuters")
    ]
    assert [row["opens"] for row in group.attrs["attributes"]] == [True, False, False, False, False]


def test_entries_stand_for_themselves(gold) -> None:
    doc = set_incidents(set_events(gold("* 4 May , {A|place i1} , {one|killed i1 1} dead\n* {two|killed i2 2} dead")))
    assert [row["id"] for row in doc.spans[INCIDENTS].attrs["incidents"]] == ["i1", "i2"]


def test_a_doc_without_mentions(blank_nlp) -> None:
    assert MENTIONS not in set_events(blank_nlp.make_doc("nothing")).spans
