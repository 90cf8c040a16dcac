"""Places: countries named, countries inferred, and the key of transliterated names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civex.values.places import Country, fold, infer_country, plain, read_country

NAMED = {
    "Syria": "SY",
    "SYRIA": "SY",
    "Syria's": "SY",
    "Syria’s": "SY",
    "the Syrian Arab Republic": "SY",
    "northern Syria": "SY",
    "Syrian": "SY",
    "Iraqi": "IQ",
    "Iraqis": "IQ",
    "Republic of Iraq": "IQ",
    "Mosul, Iraq": "IQ",
    "U.S.": "US",
    "US": "US",
    "USA": "US",
    "the United States of America": "US",
    "UK": "GB",
    "Gaza Strip": "PS",
    "the Gaza Strip": "PS",
    "occupied West Bank": "PS",
    "Palestinian": "PS",
    "DRC": "CD",
    "eastern DR Congo": "CD",
    "Congo": "CD",
    "Republic of the Congo": "CG",
    "CAR": "CF",
    "Cote d'Ivoire": "CI",
    "Côte d’Ivoire": "CI",
    "Türkiye": "TR",
    "Burma": "MM",
    "Kosovo": "XK",
    "South Sudan": "SS",
    "southern Sudan": "SD",
    "Niger": "NE",
    "Nigeria": "NG",
    "Guinea-Bissau": "GW",
    "Papua New Guinea": "PG",
    "Somaliland": "SO",
    "war-torn Yemen": "YE",
    "SYR": "SY",
    "lraq": "IQ",
    "Raqqa": None,
    "Gulf of Oman": None,
    "Lake Chad": None,
    "Niger River": None,
    "Iraq and Syria": None,
    "": None,
    "the": None,
}
INFERRED = [
    (["Deir Ezzor province"], "SY"),
    (["Deir ez-Zor"], "SY"),
    (["Dayr az-Zawr"], "SY"),
    (["Ar Raqqah"], "SY"),
    (["Idlib's countryside"], "SY"),
    (["Governorate of Idlib"], "SY"),
    (["eastern Aleppo countryside"], "SY"),
    (["al-Hasaka Governorate"], "SY"),
    (["Mosul, Nineveh"], "IQ"),
    (["Salahuddin province"], "IQ"),
    (["Qayyarah", "Ninawa"], "IQ"),
    (["Khan Younis"], "PS"),
    (["Khan Yunis", "Gaza Strip"], "PS"),
    (["Gaza"], "PS"),
    (["Sa'dah"], "YE"),
    (["Hodeidah"], "YE"),
    (["Aden"], "YE"),
    (["Adana"], "TR"),
    (["Kherson region"], "UA"),
    (["Kharkov"], "UA"),
    (["Donetsk Oblast"], "UA"),
    (["Helmand"], "AF"),
    (["Lower Shabelle"], "SO"),
    (["North Kivu"], "CD"),
    (["Cabo Delgado"], "MZ"),
    (["Gaza Province"], "MZ"),
    (["Niger State"], "NG"),
    (["Red Sea State"], "SD"),
    (["southern Lebanon"], "LB"),
    (["Lachin"], "AZ"),
    (["north-eastern Nigeria's Borno State"], "NG"),
    ([], None),
    ([""], None),
    (["Bayji"], None),
    (["Mosul", "west bank"], None),
    (["Mosul"], None),  # a city, not a division
    (["Punjab"], None),  # India and Pakistan
    (["Tripoli"], None),
    (["Aleppo", "Kharkiv"], None),
    (["Aleppo", "southern Turkey"], None),
    (["Kuwait roundabout"], None),
    (["Indonesian Hospital"], None),
    (["Palestine Square"], None),
    (["Red Sea"], None),
    (["off the coast of Oman"], None),
]


@pytest.mark.parametrize(("words", "code"), NAMED.items())
def test_named_country(words, code):
    country = read_country(words)
    assert (country and country.code) == code


@pytest.mark.parametrize(("names", "code"), INFERRED)
def test_inferred_country(names, code):
    country = infer_country(names)
    assert (country and country.code) == code


def test_linked_places_infer_with_the_names():
    assert infer_country(["Hajin"], ["SY"]).name == "Syria"
    assert infer_country(["Helmand"], ["SY"]) is None
    assert infer_country([], ["SY", "IQ"]) is None
    assert infer_country([], ["??"]) is None


def test_country_is_named_by_its_english_short_name():
    assert read_country("USA") == Country("United States", "US", "US")
    assert read_country("Gaza Strip").name == "Palestine"
    assert read_country("Syrian Arab Republic").name == "Syria"


@pytest.mark.parametrize(
    "spellings",
    [
        ("Deir ez-Zor", "Dayr az-Zawr", "Deir Ezzor", "Deir al-Zour"),
        ("Zaytoun", "Zeitoun", "al-Zaitoun", "Zeitun"),
        ("Raqqa", "Ar Raqqah", "Rakka"),
        ("al-Hasakah", "Hassakeh"),
        ("Khan Younis", "Khan Yunis", "Khān Yūnis"),
        ("Shuja'iyya", "Shujaiya", "al-Shuja’iya"),
        ("Jabalia", "Jabaliya"),
        ("Mayadin", "al-Mayadeen"),
        ("Tal Afar", "Tall 'Afar"),
        ("Baghuz", "al-Baghouz"),
    ],
)
def test_spellings_share_a_key(spellings):
    assert len({fold(s) for s in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("Homs", "Hama"), ("Jabalia", "Jabal"), ("Kunduz", "Kandahar"), ("Aden", "")]
)
def test_other_names_have_other_keys(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_any_words(words):
    read_country(words)
    infer_country([words, words])
    fold(words)
    assert plain(plain(words)) == plain(words)
