"""Which documents to annotate next: the choice counted by hand, and what the doubt of the shipped model says."""

import datetime
from types import SimpleNamespace

import numpy as np
import pytest
import spacy
from spacy.language import Language

import civex
from civex.schema import Confidence, Incident
from civex.suggestions import BUCKETS, choose, suggest, tf_idf, word_counts, wrong_fields, wrong_words

STRIKE = "On 4 May 2016 an airstrike near Hajin, Syria, killed five civilians and injured nine others."
VAGUE = (
    "They say the ones in the lower street were gone after it, four or more, perhaps from the planes that night, "
    "perhaps not; a cousin of the grocer told us about a vehicle and a wall, and of others carried away."
)
WEATHER = "Rain is expected in the hills this week, with some sun by the weekend."


def test_the_greatest_doubt_is_first_and_what_is_like_it_counts_less() -> None:
    # Document 1 is document 0 but for an angle of cosine 0.8; document 2 has nothing of either.
    vectors = np.array([[1.0, 0.0, 0.0], [0.8, 0.6, 0.0], [0.0, 0.0, 1.0]])
    # After 0 (10), 1 counts 9 * 0.2 = 1.8 and 2 counts 3 * 1.
    assert choose([10.0, 9.0, 3.0], vectors, 3) == [(0, 1.0), (2, 1.0), (1, pytest.approx(0.2))]
    assert choose([10.0, 9.0, 1.0], vectors, 2) == [(0, 1.0), (1, pytest.approx(0.2))]


def test_copies_and_documents_without_doubt_are_never_chosen() -> None:
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    assert choose([2.0, 2.0, 0.0], vectors, 3) == [(0, 1.0)]
    assert choose([], np.zeros((0, 2)), 3) == []


def test_of_equals_the_first_is_chosen() -> None:
    assert [position for position, _ in choose([1.0, 1.0, 1.0], np.eye(3), 2)] == [0, 1]


def test_fields_to_expect_wrong_are_summed() -> None:
    sure = dict.fromkeys(set(Confidence.model_fields) - {"calibrated"}, 1.0)
    incidents = [
        Incident(id="i1", confidence=Confidence(**{**sure, "date": 0.75, "killed": 0.5}, calibrated=True)),
        Incident(id="i2", confidence=Confidence(**sure, calibrated=False)),
    ]
    assert wrong_fields(incidents) == pytest.approx(0.75)
    assert wrong_fields([]) == 0.0


def test_rare_words_weigh_more_and_rows_have_length_one() -> None:
    counts = np.zeros((3, BUCKETS), dtype="f")
    counts[0, [1, 2]] = 1
    counts[1, 1] = 5
    table = tf_idf(list(counts))
    common, rare = np.log(4 / 3) + 1, np.log(4 / 2) + 1  # in two documents of three, in one
    assert table[0, 2] / table[0, 1] == pytest.approx(rare / common, rel=1e-5)
    assert np.linalg.norm(table, axis=1) == pytest.approx([1, 1, 0])
    assert tf_idf([]).shape == (0, BUCKETS)


def test_words_are_counted_without_case_stop_words_and_figures(blank_nlp: Language) -> None:
    counts = word_counts(blank_nlp("The strike, the Strike and 3 others of Hajin"))
    assert sorted(counts[counts > 0]) == [1, 2]  # hajin; strike twice
    assert word_counts(blank_nlp("")).sum() == 0


def test_words_to_expect_wrong_are_summed_over_layers(blank_nlp: Language) -> None:
    first, second = [0.6, 0.1, 0.1, 0.1, 0.1], [0.02, 0.92, 0.02, 0.02, 0.02]  # O, B, I, L, U of a label
    entities = SimpleNamespace(layers=[["place"], ["date"]], predict=lambda docs: [np.log([first + second] * 3)])
    nlp = SimpleNamespace(get_pipe=lambda name: entities)
    assert wrong_words(blank_nlp("one two three"), nlp) == pytest.approx(3 * (0.4 + 0.08))


def test_a_vague_story_is_doubted_more_than_the_weather(model: Language) -> None:
    weather, vague = (wrong_words(model(text), model) for text in (WEATHER, VAGUE))
    assert 0 < weather < vague
    assert wrong_words(model(""), model) == 0.0


def test_what_the_model_doubts_comes_first(model: Language) -> None:
    found = suggest([WEATHER, VAGUE, VAGUE, STRIKE, ""], 5)
    assert [one.position for one in found][0] == 1 and {one.position for one in found} == {0, 1, 3}
    assert found[0].novelty == 1.0 and all(0 < one.novelty <= 1 for one in found)
    assert {one.position: one.incidents for one in found}[0] == 0
    assert {one.position: one.words for one in found}[0] == len(model.make_doc(WEATHER))
    assert suggest([WEATHER, VAGUE, VAGUE, STRIKE, ""], 1) == found[:1]


def test_the_list_does_not_hang_on_how_texts_are_batched(monkeypatch: pytest.MonkeyPatch, model: Language) -> None:
    texts = [STRIKE, VAGUE, WEATHER, STRIKE.replace("Hajin", "Mosul"), VAGUE.replace("cousin", "sister")]
    found = suggest(texts, 4)
    monkeypatch.setattr("civex.suggestions._BATCH", 2)
    assert suggest(iter(texts), 4) == found


def test_the_day_of_publication_is_taken_along(model: Language) -> None:
    days = (None, "2019-06-03", datetime.date(2019, 6, 3))
    found = [suggest([civex.Input("On Tuesday " + STRIKE[14:], day, id="a")], 1)[0] for day in days]
    assert found[1] == found[2] and found[0].id == "a"


def test_bad_input_is_refused(model: Language) -> None:
    with pytest.raises(ValueError, match="n is at least 1"):
        suggest([STRIKE], 0)
    with pytest.raises(TypeError, match="not of int"):
        suggest([3])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="June"):
        suggest([civex.Input(STRIKE, "June")])
    with pytest.raises(civex.ModelNotFound):
        suggest([STRIKE], model="nothing")


def test_a_model_without_entities_is_refused(tmp_path) -> None:
    spacy.blank("en").to_disk(tmp_path / "model")
    with pytest.raises(ValueError, match="civex_entities"):
        suggest([STRIKE], model=tmp_path / "model")
