"""Places in their document: which of its namesakes a name means, and the points that the text says itself."""

import csv
import sys
from pathlib import Path

import pytest
from spacy.tokens import Doc, DocBin

import civex
from civex.gazetteer import GazetteerError
from civex.labels import MENTIONS
from civex.pipeline.incidents import set_incidents
from civex.pipeline.places import distance, set_places
from civex.report import build_report
from civex.values.places import read_place


def links(gold, text: str) -> list[dict | None]:
    """The link of each place mention, in order; None where nothing of the name is known."""
    doc = set_places(set_incidents(gold(text)))
    rows = doc.spans[MENTIONS].attrs["places"]
    return [rows.get(str(n)) for n, span in enumerate(doc.spans[MENTIONS]) if span.label_ == "place"]


def countries(gold, text: str) -> list[str | None]:
    return [row and row["country"] for row in links(gold, text)]


# Annotated text; the country of each link, None where no namesake stands out or none is known.
CASES = {
    "the country beside it": ("{Tripoli|place i1} , {Lebanon|country i1}", ["LB"]),
    "the other country beside it": ("{Tripoli|place i1} in {Libya|country i1}", ["LY"]),
    "nothing says which": ("{shelling|action i1} of {Tripoli|place i1}", [None]),
    "what lies nearby": ("{Tripoli|place i1} and {Baalbek|place i1} and {Nabatieh|place i1}", ["LB", "LB", "LB"]),
    "the country in its words": ("{Tripoli, Lebanon|place i1}", ["LB"]),
    "the country of its incident": (
        "{Syria|country i1} : {strike|action i1} at {Manbij|place i1} .\n\n{Iraq|country i2} : {Rawah|place i2}",
        ["SY", "IQ"],
    ),
    "a namesake far from the country named": ("{Palma|place i1} , {Syria|country i1}", [None]),
    "a neighbour of a country of the document": ("{Iraq|country} says . {Manbij|place i1}", ["SY"]),
    "a division of the document": ("{Aleppo province|place i1} , {Mare|place i1}", [None, "SY"]),
    "a province is no town": ("{Aleppo province|place i1} , {Syria|country i1}", [None]),
    "a city of a province": ("{Aleppo city|place i1} , {Syria|country i1}", ["SY"]),
    "a camp": ("{Jabalia refugee camp|place i1} , {Gaza Strip|country i1}", ["PS"]),
    "a camp by its town": ("{Tal Abyad camp|place i1} , {Syria|country i1}", ["SY"]),
    "a quarter and its city": ("{Raqqa's al-Bado neighborhood|place i1} , {Syria|country i1}", ["SY"]),
    "a square is no country": ("{Palestine Square|place i1} , {Gaza Strip|country i1}", [None]),
    "a river is no town": ("{Euphrates river|place i1} , {Syria|country i1}", [None]),
    "a part of a city": ("{west Mosul|place i1} , {Iraq|country i1}", ["IQ"]),
    "without a country, a large town": ("{Mosul|place i1}", ["IQ"]),
    "words in small letters": ("{the west bank of the river|place i1} , {Syria|country i1}", [None]),
}


@pytest.mark.parametrize("case", CASES)
def test_the_place_that_is_meant(gold, case: str) -> None:
    text, expected = CASES[case]
    assert countries(gold, text) == expected


def test_the_300_places_are_found_and_none_is_far_off(gold) -> None:
    """The targets of the bundled gazetteer; the figures themselves are those of benchmarks/places.py."""
    off = []
    with open(Path(__file__).parent.parent / "data" / "places_300.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        context = [
            f"{{{row[key]}|{label} i1}}" for key, label in (("country", "country"), ("beside", "place")) if row[key]
        ]
        link = links(gold, " , ".join([f"{{{row['name']}|place i1}}", *context]))[0]
        if link and link["lat"] is not None:
            off.append(distance((link["lat"], link["lon"]), (float(row["lat"]), float(row["lon"]))))
    assert len(rows) == 300
    assert sum(km <= 25 for km in off) >= 0.6 * 300
    assert sum(km > 100 for km in off) <= 0.03 * len(off)


def test_a_link_says_where_and_how_sure(gold) -> None:
    (row,) = links(gold, "{Hajin|place i1} , {Syria|country i1}")
    assert distance((row["lat"], row["lon"]), (34.69, 40.83)) < 5
    assert row["gazetteer_id"].startswith("geonames:") and row["candidates"] == []
    assert 0.6 <= row["score"] <= 1


def test_the_unsure_keep_their_candidates(gold) -> None:
    (row,) = links(gold, "{Tripoli|place i1}")
    assert (row["lat"], row["lon"], row["gazetteer_id"]) == (None, None, None)
    assert {"LY", "LB"} <= {candidate["country"] for candidate in row["candidates"]}
    scores = [candidate["score"] for candidate in row["candidates"]]
    assert scores == sorted(scores, reverse=True) and len(scores) <= 5 and sum(scores) <= 1


def test_a_name_that_only_sounds_like_one_of_another_continent_is_no_candidate(gold) -> None:
    assert links(gold, "{Barire|place i1} , {Somalia|country i1}")[0]["candidates"] == []


SAID = {
    "decimal": ("{Hajin|place i1} ( 34.5123 , 40.7001 )", (34.5123, 40.7001)),
    "hemispheres": ("{Palma|place i1} at 10.77° S 40.47° E", (-10.77, 40.47)),
    "minutes": ("{Hajin|place i1} , 34°41'36\"N 40°49'50\"E", (34.693333, 40.830556)),
    "before it": ("At 34.5123, 40.7001 ( {Hajin|place i1} )", (34.5123, 40.7001)),
    "no name of the gazetteer": ("{Qarya Thing|place i1} ( 34.5123 , 40.7001 )", (34.5123, 40.7001)),
}


@pytest.mark.parametrize("case", SAID)
def test_coordinates_of_the_text_are_the_point(gold, case: str) -> None:
    text, point = SAID[case]
    (row,) = links(gold, text)
    assert (row["lat"], row["lon"]) == point
    assert row["gazetteer_id"] is None and row["score"] == 1.0


def test_coordinates_belong_to_the_place_before_them(gold) -> None:
    first, second = links(gold, "{Manbij|place i1} and {Hajin|place i1} ( 34.5123 , 40.7001 ) , {Syria|country i1}")
    assert first["gazetteer_id"] is not None
    assert (second["lat"], second["gazetteer_id"], second["country"]) == (34.5123, None, "SY")


def test_an_mgrs_reference_is_the_point(gold) -> None:
    pytest.importorskip("mgrs", reason="pip install 'civex[batch]'")
    (row,) = links(gold, "{Hajin|place i1} ( 37S FU 67627 40189 ) , {Syria|country i1}")
    assert distance((row["lat"], row["lon"]), (34.69, 40.83)) < 0.1


def test_an_mgrs_reference_without_its_package_is_warned_of(gold, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "mgrs", None)  # what a missing package looks like to `import`
    doc = set_places(set_incidents(gold("{Hajin|place i1} ( 37SFU6762740189 ) , {Syria|country i1}")))
    report = build_report(doc, doc.text, model={"name": "gold", "version": "0"})
    (warning,) = [w for w in report.warnings if w.code == "mgrs_not_read"]
    assert doc.text[slice(*warning.span)] == "37SFU6762740189" and "civex[batch]" in warning.message
    assert report.incidents[0].places[0].gazetteer_id is not None  # the name is looked up all the same


def report_of(gold, text: str):
    doc = set_places(set_incidents(gold(text)))
    return build_report(doc, doc.text, model={"name": "gold", "version": "0"})


def test_the_report_has_point_candidates_and_the_inferred_country(gold) -> None:
    (incident,) = report_of(gold, "{4 May 2016|date i1 2016-05-04} {Manbij|place i1}").incidents
    (place,) = incident.places
    assert distance((place.lat, place.lon), (36.53, 37.95)) < 5
    assert (incident.country.code, incident.country.inferred, incident.country.span) == ("SY", True, None)
    (incident,) = report_of(gold, "{4 May 2016|date i1 2016-05-04} {Tripoli|place i1}").incidents
    assert incident.places[0].lat is None and len(incident.places[0].candidates) > 1
    assert incident.country is None


def test_links_are_plain_data(gold, blank_nlp) -> None:
    doc = set_places(set_incidents(gold("{Hajin|place i1} , {Syria|country i1} , {Tripoli|place i1}")))
    (again,) = DocBin(docs=[doc], store_user_data=True).get_docs(blank_nlp.vocab)
    assert again.spans[MENTIONS].attrs["places"] == doc.spans[MENTIONS].attrs["places"]


def test_a_doc_without_mentions(blank_nlp) -> None:
    assert isinstance(set_places(blank_nlp("Nothing happened .")), Doc)


ROW = "7\tHajin\tHajin\t\t10.5\t20.5\tP\tPPL\tSY\t\t01\t\t\t\t100\t\t\tAsia/Damascus\t2020-01-01\n"
TEXT = "On 9 April 2016, an airstrike near Hajin, Syria, killed five civilians."


def test_a_dump_of_the_user_is_read(model, tmp_path) -> None:
    file = tmp_path / "SY.txt"
    file.write_text(ROW, encoding="utf-8")
    (own,) = civex.extract(TEXT, gazetteer=file).incidents
    assert (own.places[0].lat, own.places[0].gazetteer_id) == (10.5, "geonames:7")
    (bundled,) = civex.extract(TEXT).incidents
    assert 34 < bundled.places[0].lat < 35
    (many,) = civex.extract_many([TEXT], gazetteer=file)
    assert many.incidents == [own]


def test_a_missing_dump_is_refused_before_any_text_is_read(model, tmp_path) -> None:
    with pytest.raises(GazetteerError, match="No such file"):
        civex.extract(TEXT, gazetteer=tmp_path / "no.txt")
    with pytest.raises(GazetteerError, match="No such file"):
        list(civex.extract_many([TEXT], gazetteer=tmp_path / "no.txt", errors="record"))


PHRASES = {
    "the town of Hajin": [("town of Hajin", "Hajin", "settlement")],
    "Raqqa's al-Bado neighborhood": [
        ("al-Bado neighborhood", "al-Bado", "quarter"),
        ("Raqqa", "Raqqa", "any"),
    ],
    "Mosul, Iraq": [("Mosul", "Mosul", "any"), ("Iraq", "Iraq", "any")],
    "Deir Ezzor province": [("Deir Ezzor province", "Deir Ezzor", "division")],
    "Jabalia refugee camp": [("Jabalia refugee camp", "Jabalia", "camp")],
    "Mosul Dam": [("Mosul Dam", "Mosul", "site")],
    "Baghdad International Airport": [("Baghdad International Airport", "Baghdad", "airport")],
    "Gaza City": [("Gaza City", "Gaza", "settlement")],
    "west Mosul": [("west Mosul", "Mosul", "any")],
    "the river": [],
    "": [],
}


@pytest.mark.parametrize("words", PHRASES)
def test_what_a_phrase_says_of_its_place(words: str) -> None:
    assert [(place.name, place.bare, place.kind) for place in read_place(words)] == PHRASES[words]
