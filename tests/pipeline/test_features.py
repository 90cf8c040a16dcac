"""What the mention encoder is told of words of harm, by hand."""

import numpy
import pytest
import spacy
from spacy.tokens import Doc, Span, SpanGroup

from civex.labels import MENTIONS, UNITS
from civex.pipeline.features import _BLOCKS, _harm_of, mention_rows, sentence_numbers

KILLED, INJURED, MISSING = 1, 2, 4


def rows_of(text: str, *found: str) -> list[tuple[int, int, int]]:
    """Rows of harm_before, harm_after and harm_inside of each of the words found in the text."""
    doc = spacy.blank("en")(text)
    spans = [doc.char_span(text.index(words), text.index(words) + len(words), label="casualty") for words in found]
    doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS, spans=spans)
    return [tuple(rows[name] for name in ("harm_before", "harm_after", "harm_inside")) for rows in features_of(doc)]


def features_of(doc: Doc) -> list[dict[str, int]]:
    """Block -> row of it, of each mention."""
    offsets = numpy.cumsum([0, *_BLOCKS.values()])[:-1]
    return [dict(zip(_BLOCKS, row, strict=True)) for row in (mention_rows(doc)[:, 2:] - offsets).tolist()]


def near(kind: int) -> int:
    return 2 * kind - 1


def far(kind: int) -> int:
    return 2 * kind


def test_the_nearest_word_of_each_side() -> None:
    found = rows_of("Strikes killed five civilians and injured nine others.", "five civilians", "nine others")
    assert found == [(near(KILLED), near(INJURED), 0), (near(INJURED), 0, 0)]


def test_a_word_far_away_is_told_apart() -> None:
    text = "Wounded in that attack on the old market were nine people."
    assert rows_of(text, "nine people") == [(far(INJURED), 0, 0)]


def test_a_word_inside_the_mention() -> None:
    assert rows_of("They found ten dead villagers there.", "ten dead villagers") == [(0, 0, KILLED)]


def test_other_sentences_do_not_count() -> None:
    assert rows_of("Two were injured. Nine people came. One died.", "Nine people") == [(0, 0, 0)]


def test_a_text_without_such_words() -> None:
    assert rows_of("Nine people came.", "Nine people") == [(0, 0, 0)]


@pytest.mark.parametrize(
    ("word", "kind"),
    [("killed", 1), ("martyrs", 1), ("bodies", 1), ("wounded", 2), ("casualties", 3), ("missing", MISSING)]
    + [("kidnapped", 5), ("arrested", 6), ("skill", 0), ("lived", 0), ("strike", 0)],
)
def test_words_of_harm(word: str, kind: int) -> None:
    assert _harm_of(word) == kind


def test_every_row_lies_in_its_block() -> None:
    doc = spacy.blank("en")("Killed: 5 at Mari. 6 were hurt, and 7 are missing under the rubble.")
    spans = [Span(doc, n, n + 1, label="casualty") for n in range(len(doc))]
    doc.spans[MENTIONS] = SpanGroup(doc, name=MENTIONS, spans=spans)
    rows = mention_rows(doc)[:, 2:]
    ends = numpy.cumsum(list(_BLOCKS.values()))
    assert ((rows < ends) & (rows >= ends - list(_BLOCKS.values()))).all()


def test_words_for_fighters_and_civilians() -> None:
    doc = spacy.blank("en")("Six died. The villagers fled. Ten of the soldiers fell.")
    found = [(0, 1), (7, 8)]
    doc.spans[MENTIONS] = SpanGroup(doc, spans=[Span(doc, *ends, label="casualty") for ends in found], name=MENTIONS)
    assert [(rows["fighters"], rows["civilians"]) for rows in features_of(doc)] == [(1, 1), (3, 1)]


def test_no_fighters_in_the_document() -> None:
    doc = spacy.blank("en")("Six died.")
    doc.spans[MENTIONS] = SpanGroup(doc, spans=[Span(doc, 0, 1, label="casualty")], name=MENTIONS)
    assert features_of(doc)[0]["fighters"] == 0


def test_a_wrapped_line_is_no_boundary_and_no_end_of_a_sentence() -> None:
    doc = spacy.blank("en")("Six died\nand nine.\n\nTwo")
    doc.spans[MENTIONS] = SpanGroup(doc, spans=[doc[n : n + 1] for n in (0, 4, 7)], name=MENTIONS)
    assert sentence_numbers(doc).tolist() == [0, 0, 0, 1, 1, 1, 2, 3]
    assert [rows["before"] for rows in features_of(doc)] == [5, 3, 4]
    doc.spans[UNITS] = [Span(doc, 0, 7, label="paragraph"), Span(doc, 7, 8, label="paragraph")]
    assert sentence_numbers(doc).tolist() == [0, 0, 0, 0, 0, 0, 1, 2]
    assert [rows["before"] for rows in features_of(doc)] == [5, 1, 4]
