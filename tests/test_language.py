"""The language of a text, by its commonest words and its script."""

import pytest
from spacy.language import Language

from civex.language import detect

TEXTS = {
    "The Coalition assessed that the strike killed five civilians and injured nine others in the village.": "en",
    "NEAR MOSUL THREE STRIKES ENGAGED TWO TACTICAL UNITS AND DESTROYED A VEHICLE AND THE BUNKER": "en",
    "Apr. 9, 2016, near Hajin, Syria, via Airwars report. Insufficient information: Mari, Iraq, June 3": "en",
    "La frappe a tué cinq civils et en a blessé neuf autres dans le village, selon les autorités de la région.": "fr",
    "El ataque mató a cinco civiles y dejó nueve heridos en el pueblo, según las autoridades de la región.": "es",
    "Bei dem Angriff wurden fünf Zivilisten getötet und neun weitere in dem Dorf verletzt, wie es heißt.": "de",
    "В результате удара погибли пять мирных жителей, ещё девять ранены в деревне рядом с городом.": "ru",
    "قتل خمسة مدنيين وأصيب تسعة آخرون في غارة على القرية أمس حسب المصادر المحلية": "ar",
    "Five killed in Hajin.": None,
    "": None,
    "12 34 56 78 90 12 34 56 78 90": None,
}


@pytest.mark.parametrize("text", TEXTS)
def test_detect(blank_nlp: Language, text: str) -> None:
    assert detect(blank_nlp.make_doc(text)) == TEXTS[text]


def test_one_foreign_sentence_changes_nothing(blank_nlp: Language) -> None:
    text = " ".join([next(iter(TEXTS))] * 3) + " El ataque mató a cinco civiles en el pueblo."
    assert detect(blank_nlp.make_doc(text)) == "en"
