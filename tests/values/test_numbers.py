"""Numbers: number words and odd digits made plain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civex.values.numbers import to_digits

CASES = {
    "one hundred and eleven people": "111 people",
    "twenty-two men and three women": "22 men and 3 women",
    "five thousand two hundred and six": "5206",
    "half a million": "500000",
    "half of the 40": "half of the 40",
    "2.3 million": "2300000",
    "4.5k": "4500",
    "27.500 M": "27500000",
    "1.302 people": "1302 people",
    "1 302 people": "1302 people",
    "l2 people": "12 people",
    "l,302 people": "1302 people",
    "three to four hundred": "300 to 400",
    "between 2 and 3 thousand": "between 2000 and 3000",
    "two five": "2 5",
    "5 and 6": "5 and 6",
    "a man": "a man",
    "2.5": "2.5",
    "9" * 5000: "9" * 5000,
}


@pytest.mark.parametrize(("words", "digits"), CASES.items(), ids=[c[:30] for c in CASES])
def test_to_digits(words, digits):
    assert to_digits(words) == digits


@given(st.text())
def test_any_text(text):
    to_digits(text)
