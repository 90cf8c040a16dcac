"""Claims: unlinked figures of later sentences say an earlier one again, are inside it, or rival it."""

import pytest
from spacy.tokens import Doc

from civex.labels import MENTIONS
from civex.pipeline.claims import set_claims

# text -> links (figure, earlier figure, relation) and the figures that become rivals
READINGS = {
    "{Six people|killed i1 6} died . {Six|killed i1 6} were buried .": ([("Six", "Six people", "repeats")], []),
    "{Six people|killed i1 6} died . {A boy|killed i1 1} was among them .": ([("A boy", "Six people", "part_of")], []),
    "{Six|killed i1 6} died . The hospital counted {nine|killed i1 9} .": ([], ["Six", "nine"]),
    "{Three men|killed i1 3} and {two boys|killed i1 2} died .": ([], []),
    "{Six|killed i1 6} died . {Two more|killed i1 2} died in hospital .": ([], []),
    "{Six|killed i1 6} died . {Two|injured i1 2} were hurt .": ([], []),
    "{Six|killed i1 6} died in {A|place i1} . {Two|killed i2 2} died in {B|place i2} .": ([], []),
    "{At least six|killed i1 6..} and {up to nine people|killed i1 ..9} died .": (
        [],
        ["At least six", "up to nine people"],
    ),
    "{At least six|killed i1 6..} died with their driver , and {up to nine people|killed i1 ..9} .": ([], []),
    "{Ten|killed i1 10 #a} died , including {two women|killed i1 2 in=#a} and {six girls|killed i1 6} .": (
        [("six girls", "Ten", "part_of")],
        [],
    ),
    "{Ten|killed i1 10 #a} died , {two women|killed i1 2 in=#a} among them , and {two others|killed i1 2} .": ([], []),
    "{Ten|killed i1 10 #a} died , {two women|killed i1 2 in=#a} among them . {One|killed i1 1} was named .": (
        [("One", "Ten", "part_of")],
        [],
    ),
    "{Six people|killed i1 6} died , {five of them|killed i1 5} at home .": (
        [("five of them", "Six people", "part_of")],
        [],
    ),
    "{Six people|killed i1 6} died , including at least {two girls|killed i1 2} .": (
        [("two girls", "Six people", "part_of")],
        [],
    ),
    "{Six people|killed i1 6} died , {two girls|killed i1 2} among them .": (
        [("two girls", "Six people", "part_of")],
        [],
    ),
    "{Two of them|killed i1 2} died .": ([], []),
    "{Up to ten|killed i1 ..10} died . Police said {eight|killed i1 8} .": ([], ["Up to ten", "eight"]),
    "{Up to ten|killed i1 ..10} died . Police said {eight boys|killed i1 8} .": (
        [("eight boys", "Up to ten", "part_of")],
        [],
    ),
    "{Six|killed i1 6} died . {His wife|killed i1 1 rival} died .": ([("His wife", "Six", "part_of")], []),
    "{Two|killed i1 2 rival} died . Police said {one|killed i1 1 rival} .": ([], ["Two", "one"]),
    "{Many|killed i1 ?} died . {Two|killed i1 2} were named .": ([], []),
    "{Six|killed i1 6 #a} died . {Four|killed i1 4 replaced sup=#a} it had said .": ([], []),
}


def links(doc: Doc) -> list[tuple[str, str, str]]:
    group = doc.spans[MENTIONS]
    return [(group[h].text, group[t].text, label) for h, t, label, score in group.attrs["relations"] if score == 0.0]


@pytest.mark.parametrize("text", READINGS)
def test_readings(gold, text: str) -> None:
    doc = set_claims(gold(text))
    group = doc.spans[MENTIONS]
    rivals = [s.text for s, row in zip(group, group.attrs["attributes"], strict=True) if row.get("status") == "rival"]
    assert (links(doc), rivals) == READINGS[text]


def test_a_figure_is_of_the_group_that_its_words_name(gold) -> None:
    doc = set_claims(
        gold("{Six civilians|killed i1 6} and {two soldiers|killed i1 2} and {a man|killed i1 1} died .")
    )
    rows = doc.spans[MENTIONS].attrs["attributes"]
    assert [row["group"] for row in rows] == ["civilians", "combatants", "unspecified"]
    assert [row["who"] for row in rows] == [[], [], ["medical"]]


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("{Six civilians|killed i1 6 rival} died . Police said {nine|killed i1 9 rival} .", ["civilians", "civilians"]),
        ("{Six civilians|killed i1 6} died . Police said {nine|killed i1 9 rival} .", ["civilians", "civilians"]),
        ("{Six people|killed i1 6 rival} died . Police said {nine|killed i1 9 rival} .", ["unspecified"] * 2),
        (
            "{Six civilians|killed i1 6 rival} with {two soldiers|killed i1 2} . Police : {nine|killed i1 9 rival} .",
            ["civilians", "combatants", "unspecified"],
        ),
    ],
)
def test_a_rival_toll_counts_the_same_people(gold, text: str, groups: list[str]) -> None:
    assert [row["group"] for row in set_claims(gold(text)).spans[MENTIONS].attrs["attributes"]] == groups


@pytest.mark.parametrize(
    ("text", "harm"),
    [
        ("{12 people|killed i1 12} were reported injured .", "injured"),
        ("{12 people|killed i1 12} were killed or injured .", "killed"),
        ("Nobody died . {12 people|killed i1 12} were hurt .", "injured"),
        ("{12 people|killed i1 12} were there .", "killed"),
        ("{12 people|injured i1 12} were found dead .", "injured"),
    ],
)
def test_nobody_is_killed_in_a_sentence_of_injury_alone(gold, text: str, harm: str) -> None:
    (row,) = [row for row in set_claims(gold(text)).spans[MENTIONS].attrs["attributes"] if "harm" in row]
    assert row["harm"] == harm


def test_a_doc_without_mentions(blank_nlp) -> None:
    assert MENTIONS not in set_claims(blank_nlp.make_doc("nothing")).spans
