"""Units of offsets, the check against a tool's copies, token edges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.language import Language

from civex.annotations import AnnotatedText, Mention
from civex.formats.flat import Damaged
from civex.formats.offsets import UNITS, mend_edges, place, unit_offsets

TEXT = "a\U0001f4a5b\r\nc\nd"


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("code points", [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        ("UTF-16 units", [0, 1, 3, 4, 5, 6, 7, 8, 9]),
        ("bytes of UTF-8", [0, 1, 5, 6, 7, 8, 9, 10, 11]),
        ("code points, a CRLF as one", [0, 1, 2, 3, 3, 4, 5, 6, 7]),
        ("code points, a line break as two", [0, 1, 2, 3, 4, 5, 6, 8, 9]),
    ],
)
def test_units(unit: str, expected: list[int]) -> None:
    assert unit_offsets(TEXT, unit) == expected


@given(text=st.text(st.sampled_from("ab \U0001f4a5\r\n\u062d"), min_size=3), data=st.data())
def test_any_unit_comes_back_to_code_points(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    for unit in UNITS[:3]:
        offsets = unit_offsets(text, unit)
        assert place(text, [(offsets[start], offsets[end], None)], unit, pytest.fail) == [(start, end)]


def test_an_offset_inside_a_character_is_refused() -> None:
    with pytest.raises(Damaged, match="no span of the text lies at 2 to 4"):
        place(TEXT, [(2, 4, None)], "UTF-16 units", pytest.fail)


def test_copies_say_which_unit_is_meant() -> None:
    notes: list[str] = []
    assert place(TEXT, [(2, 3, "b"), (5, 6, "c")], "UTF-16 units", notes.append) == [(2, 3), (5, 6)]
    assert notes == ["offsets count code points, not UTF-16 units: all 2 spans were read so"]


def test_words_that_stand_twice_are_refused() -> None:
    with pytest.raises(Damaged, match="'a' stands in it 2 times"):
        place("a b a", [(2, 3, "a")], "code points", pytest.fail)


@pytest.mark.parametrize(
    ("start", "end", "words", "note"),
    [
        (0, 5, "Hajin", None),
        (0, 6, "Hajin", "place 'Hajin ' is not on token edges: shrunk to 'Hajin'"),
        (6, 11, "market", "place 'marke' is not on token edges: grown to 'market'"),
        (5, 12, "market", "place ' market' is not on token edges: shrunk to 'market'"),
        (2, 12, "Hajin market", "place 'jin market' is not on token edges: grown to 'Hajin market'"),
        (5, 6, " ", "place ' ' at 5 holds no token: kept, but nothing can learn from it"),
    ],
)
def test_token_edges(start: int, end: int, words: str, note: str | None, blank_nlp: Language) -> None:
    text = "Hajin market"
    document = AnnotatedText("", {}, text, [Mention(start, end, "place")])
    notes: list[str] = []
    mend_edges(document, blank_nlp.make_doc(text), notes.append)
    (mention,) = document.mentions
    assert text[mention.start : mention.end] == words
    assert notes == ([note] if note else [])
