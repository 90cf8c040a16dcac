"""Cleaning at the same length, and the tokens that annotation and components rely on."""

import pytest
from hypothesis import example, given
from spacy.language import Language

from civex.text import CleaningTokenizer, clean
from tests.strategies import texts


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("“Daesh’s”", '"Daesh\'s"'),
        ("a\u00a0b\u2009c\u3000d", "a b c d"),
        ("3‐4‑5−6\u00ad7", "3-4-5-6-7"),
        ("a—b―c", "a–b–c"),
        ("●▪◦·", "••••"),
        ("a\x00b", "a b"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("\U0001f4a5 é \u200f\u200b\ufeff\r\n\t", "\U0001f4a5 é \u200f\u200b\ufeff\r\n\t"),
    ],
)
def test_clean(given_text: str, cleaned: str) -> None:
    assert clean(given_text) == cleaned


@given(texts)
@example("\ud83d\ude00")  # two lone surrogates are two characters
def test_clean_keeps_the_length_and_settles(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")


TOKENS = {
    "Jan.4,2017": ["Jan.", "4", ",", "2017"],
    "Nov.29": ["Nov.", "29"],
    "May 3,2017": ["May", "3", ",", "2017"],
    "1,302 civilians": ["1,302", "civilians"],
    "* Near Hajin": ["*", "Near", "Hajin"],
    "*Near Hajin": ["*", "Near", "Hajin"],
    "•Hajin": ["•", "Hajin"],
    "-Near Mosul": ["-", "Near", "Mosul"],
    "2)Near Mosul": ["2)", "Near", "Mosul"],
    "vehicles.Near Raqqah": ["vehicles", ".", "Near", "Raqqah"],
    "Mosul;two strikes": ["Mosul", ";", "two", "strikes"],
    "Syria/Iraq": ["Syria", "/", "Iraq"],
    "killed(3)": ["killed", "(", "3", ")"],
    "12killed": ["12", "killed"],
    "1st Brigade": ["1", "st", "Brigade"],
    "10-15 people": ["10", "-", "15", "people"],
    "10–15 people": ["10", "–", "15", "people"],
    "Mosul – two": ["Mosul", "–", "two"],
    "Mosul—two": ["Mosul", "–", "two"],
    "Mosul–": ["Mosul", "–"],
    "391*": ["391", "*"],
    "Israel’s strike": ["Israel", "'s", "strike"],
    "Syria: two": ["Syria", ":", "two"],
    "wait...then": ["wait", "...", "then"],
    "“Daesh”": ['"', "Daesh", '"'],
}


@pytest.mark.parametrize("text", TOKENS)
def test_tokens(blank_nlp: Language, text: str) -> None:
    assert [token.text for token in blank_nlp.make_doc(text)] == TOKENS[text]


def test_invisible_marks_leave_the_norm(blank_nlp: Language) -> None:
    (token,) = blank_nlp.make_doc("Rak\u200bka\u200f")
    assert (token.text, token.norm_) == ("Rak\u200bka\u200f", "Rakka".lower())


@given(texts)
@example("a\x00b \ud800 \u202eDaesh\u202c 3\u200b000")
def test_tokens_stand_where_they_stood(blank_nlp: Language, text: str) -> None:
    doc = blank_nlp.make_doc(text)
    assert doc.text == clean(text)
    for token in doc:
        assert doc.text[token.idx : token.idx + len(token)] == token.text


def test_the_tokenizer_survives_bytes(blank_nlp: Language) -> None:
    text = "Jan.4,2017 – “Daesh”"
    copy = CleaningTokenizer(blank_nlp.vocab)
    assert len(copy(text)) == 3  # split at blanks only
    copy.from_bytes(blank_nlp.tokenizer.to_bytes())
    assert [t.text for t in copy(text)] == [t.text for t in blank_nlp.make_doc(text)]
