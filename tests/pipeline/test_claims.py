"""Claims: unlinked figures of later sentences say an earlier one again, are inside it, or rival it."""

import pytest
from spacy.tokens import Doc, Span

from civex.labels import MENTIONS, UNITS
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
    "{Six|killed i1 6} died . {His other wife|killed i1 1} died .": ([("His other wife", "Six", "part_of")], []),
    "{Three people|killed i1 3} died , {two women|killed i1 2} and {a child|killed i1 1} .": (
        [("two women", "Three people", "part_of"), ("a child", "Three people", "part_of")],
        [],
    ),
    "{Two civilians|killed i1 2} , {a man and his child|killed i1 2} , died .": (
        [("a man and his child", "Two civilians", "part_of")],
        [],
    ),
    "{Two men|killed i1 2} and {two boys|killed i1 2} died .": ([], []),
    "{A boy|killed i1 1} and {his aunt|killed i1 1} died . Mourners buried {two people|killed i1 2} .": (
        [("A boy", "two people", "part_of"), ("his aunt", "two people", "part_of")],
        [],
    ),
    "{A boy|killed i1 1} and {his aunt|killed i1 1} died . {Five people|killed i1 5} died there .": (
        [("A boy", "Five people", "part_of"), ("his aunt", "Five people", "part_of")],
        [],
    ),
    "{Six|killed i1 6} died . {Four|killed i1 4 rival} , said one .": ([("Four", "Six", "part_of")], []),
    "{Ten|killed i1 10 #a} fell . {A girl|killed i1 1 in=#a} , {a man|killed i1 1 in=#a} , {two others|killed i1 2}": (
        [("two others", "Ten", "part_of")],
        [],
    ),
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
    doc = set_claims(gold("{Six civilians|killed i1 6} and {two soldiers|killed i1 2} and {a man|killed i1 1} died ."))
    rows = doc.spans[MENTIONS].attrs["attributes"]
    assert [row["group"] for row in rows] == ["civilians", "combatants", "unspecified"]
    assert [row["who"] for row in rows] == [[], [], ["men"]]


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


SETTLED = {
    # a figure that gives way to another and is called used
    "{Six|killed i1 6 #a} died . {Four|killed i1 4 sup=#a} it had said .": ["used", "summed_up"],
    "{Six|killed i1 6 #a} died . {Nine|killed i1 9 sup=#a} it had said .": ["used", "used"],
    # rivals beside the range of the text
    "{Four|killed i1 4 rival} died , or {six|killed i1 6 rival} . In all {4 to 6|killed i1 4..6} died .": [
        "summed_up",
        "summed_up",
        "used",
    ],
}


@pytest.mark.parametrize("text", SETTLED)
def test_figures_that_give_way(gold, text: str) -> None:
    rows = set_claims(gold(text)).spans[MENTIONS].attrs["attributes"]
    assert [row.get("status", "used") for row in rows] == SETTLED[text]


def test_the_same_figure_that_gives_way_says_it_again(gold) -> None:
    doc = set_claims(gold("{Six|killed i1 6 #a} died . {Six|killed i1 6 sup=#a} were buried ."))
    assert [
        label for *_, label, _ in doc.spans[MENTIONS].attrs["relations"] if label in ("repeats", "superseded_by")
    ] == ["repeats"]


def test_parts_told_again_are_not_added(gold) -> None:
    doc = set_claims(
        gold(
            "{Nine|killed i1 9 #a} died , {six girls|killed i1 6 in=#a} . {Four girls|killed i1 4 in=#a} were buried ."
        )
    )
    group = doc.spans[MENTIONS]
    parts = [(group[h].text, group[t].text) for h, t, label, _ in group.attrs["relations"] if label == "part_of"]
    assert parts == [("six girls", "Nine"), ("Four girls", "six girls")]


@pytest.mark.parametrize("words", ["58-year", "30 am", "4:30 p.m"])
def test_ages_and_times_count_nobody(gold, words: str) -> None:
    doc = set_claims(gold("In {Hajin|place i1} {" + words + "|killed i1 ?} something died ."))
    group = doc.spans[MENTIONS]
    assert [group[head].text for head, _, label, _ in group.attrs["relations"] if label == "tells_of"] == ["Hajin"]


def test_wrapped_lines_do_not_end_a_sentence(gold) -> None:
    doc = gold("{Three men|killed i1 3} and\n{two boys|killed i1 2} died .")
    doc.spans[UNITS] = [Span(doc, 0, len(doc), label="paragraph")]
    assert links(set_claims(doc)) == []


def test_a_doc_without_mentions(blank_nlp) -> None:
    assert MENTIONS not in set_claims(blank_nlp.make_doc("nothing")).spans
