"""Actors and sources: one case a phrase."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civex.values.actors import read_name

ACTORS = {
    "Israeli": "Israeli military",
    "israeli": "Israeli military",
    "Israel": "Israeli military",
    "the Israeli military": "Israeli military",
    "Israeli warplanes": "Israeli military",
    "Israeli air force jets": "Israeli military",
    "Israeli forces": "Israeli military",
    "Israel's army": "Israeli military",
    "IDF": "Israeli military",
    "Israel Defense Forces": "Israeli military",
    "Israeli police": "Israeli police",
    "Israeli settlers": "Israeli settlers",
    "Russian": "Russian military",
    "alleged Russian": "Russian military",
    "RUSSIAN": "Russian military",
    "Russia": "Russian military",
    "Turkish": "Turkish military",
    "Turkish drones": "Turkish military",
    "Türkiye": "Turkish military",
    "US": "US military",
    "U.S.": "US military",
    "American": "US military",
    "U.S. forces": "US military",
    "the United States": "US military",
    "AFRICOM": "US military",
    "British": "British military",
    "RAF": "British military",
    "Burmese": "Myanmar military",
    "Tatmadaw": "Myanmar military",
    "Saudi": "Saudi military",
    "South Sudanese": "South Sudanese military",
    "Sudanese army": "Sudanese military",
    "Syrian army": "Syrian military",
    "Syrian government forces": "Syrian military",
    "Syrian Arab Army": "Syrian military",
    "Assad regime": "Syrian government",
    "Syrian regime": "Syrian government",
    "Iraqi security forces": "Iraqi security forces",
    "ISF": "Iraqi security forces",
    "Afghan police": "Afghan police",
    "Coalition": "Coalition",
    "the Coalition": "Coalition",
    "coalition": "Coalition",
    "Coalition aircraft": "Coalition",
    "coalition forces": "Coalition",
    "international coalition": "Coalition",
    "US-led Coalition": "US-led Coalition",
    "US-led coalition aircraft": "US-led Coalition",
    "the U.S.-led coalition": "US-led Coalition",
    "American-led coalition": "US-led Coalition",
    "CJTF-OIR": "US-led Coalition",
    "Saudi-led coalition": "Saudi-led Coalition",
    "Saudi-led coalition warplanes": "Saudi-led Coalition",
    "Arab coalition": "Saudi-led Coalition",
    "NATO": "NATO",
    "Daesh": "Islamic State",
    "Da’esh": "Islamic State",
    "ISIS": "Islamic State",
    "ISIL fighters": "Islamic State",
    "Islamic State militants": "Islamic State",
    "the so-called Islamic State": "Islamic State",
    "ISIS-K": "Islamic State Khorasan Province",
    "RSF": "Rapid Support Forces",
    "Rapid Support Forces": "Rapid Support Forces",
    "TTP": "Tehrik-i-Taliban Pakistan",
    "Pakistani Taliban": "Tehrik-i-Taliban Pakistan",
    "Taliban": "Taliban",
    "Taliban insurgents": "Taliban",
    "al-Shabaab": "al-Shabaab",
    "Al Shabab": "al-Shabaab",
    "al shabaab militants": "al-Shabaab",
    "Houthi": "Houthis",
    "Houthi rebels": "Houthis",
    "Huthis": "Houthis",
    "Boko Haram gunmen": "Boko Haram",
    "Hizbullah": "Hezbollah",
    "SDF": "Syrian Democratic Forces",
    "M23 rebels": "M23",
    "Russian-backed militia": "Russian-backed militia",
    "Kurdish forces": "Kurdish forces",
    "Houthi authorities": "Houthis",
    "Ansar Allah group (Houthi)": "Houthis",
    "Provisional I.R.A.": "Provisional IRA",
    "anti-balaka": "Anti-balaka",
    "Settler": None,
    "Fulani herders": "Fulani herders",
    "Mai-Mai": "Mai-Mai",
    "gunmen": None,
    "unidentified gunmen": None,
    "Gunmen": None,
    "a suicide bomber": None,
    "security forces": None,
    "militants": None,
    "rebels": None,
    "government forces": None,
    "": None,
    "...": None,
}
SOURCES = {
    "Airwars": "Airwars",
    "Airwars report": "Airwars",
    "Syrian Human Rights Network": "Syrian Human Rights Network",
    "the Syrian Observatory for Human Rights": "Syrian Observatory for Human Rights",
    "Amnesty International": "Amnesty International",
    "SNHR": "SNHR",
    "Reuters": "Reuters",
    "al-Jazeera": "al-Jazeera",
    "UN": "UN",
    "the United Nations": "United Nations",
    "Palestinian Red Crescent Society": "Palestinian Red Crescent Society",
    "Iraqi army": "Iraqi army",
    "Iraqi health ministry": "Iraqi health ministry",
    "Ministry of Health": "Ministry of Health",
    "Health Ministry": "Health Ministry",
    "Pentagon spokesman": "Pentagon",
    "@ShaamNews": "@ShaamNews",
    "Facebook": "Facebook",
    "local residents": None,
    "Local residents": None,
    "LOCAL RESIDENTS": None,
    "media": None,
    "Media": None,
    "media reports": None,
    "social media": None,
    "self-report": None,
    "Self-report": None,
    "hospital officials": None,
    "hospital official": None,
    "Mosul residents": None,
    "Iraqi officials": None,
    "police": None,
    "police spokesman": None,
    "the government": None,
    "a medic": None,
    "": None,
}


@pytest.mark.parametrize(("words", "name"), ACTORS.items())
def test_actor(words, name):
    assert read_name(words, "actor") == name


@pytest.mark.parametrize(("words", "name"), SOURCES.items())
def test_source(words, name):
    assert read_name(words, "source") == name


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("Daesh", "Islamic State"),
        ("al-Shawa family", "al-Shawa family"),
        ("Red Crescent", "Red Crescent"),
        ("Russian forces", "Russian military"),
        ("Turkish", None),
        ("local", None),
    ],
)
def test_owner(words, name):
    assert read_name(words, "owner") == name


@given(st.text(), st.sampled_from(["actor", "owner", "source", "publisher"]))
def test_any_words_give_a_name_or_none(words, label):
    name = read_name(words, label)
    assert name is None or name.strip()
