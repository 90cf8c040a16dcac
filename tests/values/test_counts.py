"""Counts: one case a phrase; the rule is in the contract, "Coding conventions", Figures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civex.values.counts import POLICIES, Count, read_count, read_number

PHRASES = {
    # digits and words
    "1,302 civilians": (1302, 1302),
    "1 302 civilians": (1302, 1302),
    "1.302 people": (1302, 1302),
    "1,302* civilians": (1302, 1302),
    "1,302[3] civilians": (1302, 1302),
    "34,502 strikes": (34502, 34502),
    "l2 civilians": (12, 12),
    "1O men": (10, 10),
    "2.3 million": (2300000, 2300000),
    "1.2 thousand": (1200, 1200),
    "one hundred and eleven": (111, 111),
    "two thousand, three hundred": (2300, 2300),
    "twenty-two people": (22, 22),
    "a hundred": (100, 100),
    "two dozen": (24, 24),
    "half a dozen people": (6, 6),
    "FIVE CIVILIANS": (5, 5),
    "five (5) people": (5, 5),
    "casualties (12)": (12, 12),
    "Killed: 5": (5, 5),
    "a total of 15 people": (15, 15),
    "the lives of 12 people": (12, 12),
    "deaths of five children": (5, 5),
    "one": (1, 1),
    "F0ur people": (4, 4),
    "at 1east 391 civilians": (391, None),
    # hedges
    "at least 5": (5, None),
    "At least five civilians": (5, None),
    "atleast 5 people": (5, None),
    "at least 1,302* civilians": (1302, None),
    "at least another five people": (5, None),
    "more than 1,600 civilians": (1600, None),
    "over 20 people": (20, None),
    "no fewer than 7": (7, None),
    "no less than 7": (7, None),
    "a minimum of 7 people": (7, None),
    "upwards of 30": (30, None),
    ">20 killed": (20, None),
    "nearly 50": (50, 50),
    "about 5": (5, 5),
    "around a hundred people": (100, 100),
    "approximately 30": (30, 30),
    "some 5 people": (5, 5),
    "some fifty people": (50, 50),
    "an estimated 300 people": (300, 300),
    "about a dozen or so": (12, 12),
    "up to 11": (None, 11),
    "up to eleven people": (None, 11),
    "as many as 11": (None, 11),
    "no more than 3": (None, 3),
    "fewer than 10": (None, 10),
    "at most 4": (None, 4),
    "5 confirmed so far": (5, None),
    "five people so far": (5, None),
    "five or more": (5, None),
    "five people or more": (5, None),
    "12+ civilians": (12, None),
    "60-plus people": (60, None),
    "12 people, at least": (12, None),
    "two dead and counting": (2, None),
    "15 to 18": (15, 18),
    "19 to 20 or more": (19, None),
    "15–18 civilians": (15, 18),
    "8 - 12": (8, 12),
    "between 15 and 18 people": (15, 18),
    "between eight and twelve": (8, 12),
    "from 8 to 12 people": (8, 12),
    "at least 15 to 18": (15, 18),
    "five or six": (5, 6),
    "five, possibly six people": (5, 6),
    "at least 5 and up to 11 people": (5, 11),
    "three to four hundred": (300, 400),
    "at least a child": (1, None),
    # single persons, families
    "a paramedic": (1, 1),
    "paramedic": (1, 1),
    "a man": (1, 1),
    "her husband": (1, 1),
    "his wife": (1, 1),
    "the driver": (1, 1),
    "the driver of the car": (1, 1),
    "one other": (1, 1),
    "a police officer": (1, 1),
    "a man killed": (1, 1),
    "Ahmed Hassan": (1, 1),
    "Ahmed Abbas": (1, 1),
    "journalist Ahmed Hassan": (1, 1),
    "a father of four": (1, 1),
    "the mother of three": (1, 1),
    "the body of a woman": (1, 1),
    "a family of five": (5, 5),
    "a family of five and their neighbour": (6, 6),
    "five members of one family": (5, 5),
    "members of the same family": (None, None),
    "a family": (None, None),
    "three families": (None, None),
    "a group of fighters": (None, None),
    "a family member": (1, 1),
    "his parents": (2, 2),
    "twins": (2, 2),
    "a pair of brothers": (2, 2),
    "an elderly couple": (2, 2),
    "a couple and their three children": (5, 5),
    "three couples": (6, 6),
    # sums inside one phrase
    "a man, his wife and their three children": (5, 5),
    "two men and a boy": (3, 3),
    "two men, a woman and a child": (4, 4),
    "12 staff and at least 10 patients": (22, None),
    "a father and son": (2, 2),
    "charcoal trader and taxi owner": (1, 1),
    "mother with an infant": (2, 2),
    "his nephew, a guard": (1, 1),
    "a tenant whose name nobody knows": (1, 1),
    "Hassan al-Aloush": (1, 1),
    "a woman with her two children": (3, 3),
    "his wife and children": (1, None),
    "five women and children": (5, 5),
    "five women and three children": (8, 8),
    "Ahmed and two others": (3, 3),
    "Ahmed, Ali and Omar": (3, 3),
    "two brothers, Ahmed and Ali": (2, 2),
    "Abu Ahmed, a commander": (1, 1),
    "a paramedic, Ahmed Ali": (1, 1),
    "five people in a house and a car": (5, 5),
    "seven people, two women and five children": (7, 7),
    "four people: a man and three boys": (4, 4),
    "four people - a man and three boys": (4, 4),
    "ten people (two women and eight children)": (10, 10),
    # what is inside the figure
    "13 people, three of them children": (13, 13),
    "13 people, including three children": (13, 13),
    "46 dead, among them the three attackers": (46, 46),
    "including four children": (4, 4),
    "three of them children": (3, 3),
    "two of the five": (2, 2),
    "all but one of their seven children": (6, 6),
    "four generations of one family": (None, None),
    "half of the 40 patients": (20, 20),
    "all five": (5, 5),
    "both": (2, 2),
    "both brothers": (2, 2),
    # ages, ordinals, percentages
    "a 13-year-old girl": (1, 1),
    "13-year-old girl": (1, 1),
    "two 13-year-old girls": (2, 2),
    "two five-year-old boys": (2, 2),
    "a thirteen year old": (1, 1),
    "a 3-month-old baby": (1, 1),
    "two girls aged 7 and 9": (2, 2),
    "two girls, aged seven and nine, and a boy": (3, 3),
    "a girl aged 7 and 3 boys": (4, 4),
    "her two sons, 4 and 6": (2, 2),
    "Ahmed, 34, and his brother, 12": (2, 2),
    "a man in his 60s": (1, 1),
    "a boy of 11": (1, 1),
    "a baby of eight months": (1, 1),
    "blind woman of about 70": (1, 1),
    "two patients and a caretaker of 15": (3, 3),
    "three children under the age of 10": (3, 3),
    "children under five": (None, None),
    "a boy (9)": (1, 1),
    "a third child": (1, 1),
    "a second man": (1, 1),
    "the 25th victim": (1, 1),
    "30% of the wounded": (None, None),
    "a third of the dead": (None, None),
    "another three": (3, 3),
    "nine others": (9, 9),
    "the other five": (5, 5),
    "two more people": (2, 2),
    "two people each": (2, 2),
    "the couple's three children": (3, 3),
    "as few as 5 people": (5, None),
    "six -- four men and two women": (6, 6),
    "him and his wife": (2, 2),
    "eight-member family": (8, 8),
    "an imam, two of his sons and a neighbour": (4, 4),
    "two US service members": (2, 2),
    # no number
    "civilians": (None, None),
    "casualties": (None, None),
    "people": (None, None),
    "Civilians": (None, None),
    "women and children": (None, None),
    "the wounded": (None, None),
    "civilian harm": (None, None),
    "loss of life": (None, None),
    "": (None, None),
    "?": (None, None),
    # zero
    "no casualties": (0, 0),
    "No civilians": (0, 0),
    "none": (0, 0),
    "nobody": (0, 0),
    "no one": (0, 0),
    "zero civilians": (0, 0),
    "0 killed": (0, 0),
    "not a single person": (0, 0),
    "without any casualties": (0, 0),
    "none of the 12 passengers": (0, 0),
}
VAGUE = {
    "a couple": (2, 2),
    "a couple of civilians": (2, 2),
    "several": (2, None),
    "Several people": (2, None),
    "a few others": (2, None),
    "some civilians": (2, None),
    "some of the 12 passengers": (2, None),
    "a number of people": (2, None),
    "multiple civilians": (2, None),
    "tens of people": (10, None),
    "dozens": (12, None),
    "dozens of people": (12, None),
    "scores of fighters": (20, None),
    "hundreds of people": (100, None),
    "thousands": (1000, None),
    "at least several people": (2, None),
    "several dozen": (24, None),
    "several hundred people": (200, None),
    "hundreds, if not thousands, of people": (100, None),
    "tens of thousands": (10000, None),
    "hundreds of thousands of people": (100000, None),
    "many": (None, None),
    "many people": (None, None),
    "numerous civilians": (None, None),
    "a large number of people": (None, None),
    "an unknown number of civilians": (None, None),
    "most of the 40 patients": (None, None),
}


@pytest.mark.parametrize(("words", "expected"), PHRASES.items())
def test_figure(words, expected):
    assert read_count(words) == Count(*expected, vague=False)


@pytest.mark.parametrize(("words", "expected"), VAGUE.items())
def test_vague_word_by_the_recorders_policy(words, expected):
    assert read_count(words) == Count(*expected, vague=True)


@pytest.mark.parametrize("words", VAGUE)
def test_vague_word_by_the_strict_policy(words):
    assert read_count(words, policy="strict") == Count(None, None, vague=True)


@pytest.mark.parametrize(
    ("words", "recorders", "strict"),
    [
        ("a leader and several fighters", Count(3, None, True), Count(1, None, True)),
        ("two women and dozens of children", Count(14, None, True), Count(2, None, True)),
        ("several (five) people", Count(5, 5), Count(5, 5)),
        ("dozens of people, at least 24", Count(24, None), Count(24, None)),
    ],
)
def test_vague_word_beside_a_figure(words, recorders, strict):
    assert read_count(words) == recorders
    assert read_count(words, policy="strict") == strict


@pytest.mark.parametrize("read", [read_count, read_number])
def test_unknown_policy_names_the_policies(read):
    with pytest.raises(ValueError, match="recorders, strict"):
        read("several", policy="lenient")


PIECES = (
    "at least|up to|more than|between|and|or|to|-|,|(|)|a|an|the|his|two|hundred|dozen|dozens of|several|half|of|13|"
    "1,302|2.5|million|year-old|aged|men|a boy|including|no|none|+|:|%|couple|{|}|so far|٣|²"
).split("|")


@given(
    st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=20).map(" ".join)), st.sampled_from(list(POLICIES))
)
def test_any_words_give_a_range(words, policy):
    for count in (read_count(words, policy=policy), read_number(words, policy=policy)):
        assert count.min is None or count.min >= 0
        assert count.min is None or count.max is None or count.min <= count.max


@given(st.integers(0, 10**9))
def test_digits_are_read_back(number):
    for words in (f"{number} people", f"{number:,} people"):
        assert read_count(words) == Count(number, number)
