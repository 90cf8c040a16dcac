"""The inline form: what is read, what is written, and every fault with its place."""

import pytest
from hypothesis import given

from civex.annotations import AnnotatedText, CorpusError, Mention, format_number, parse, parse_number, read, write
from tests.strategies import documents

HEADER = "publisher: Joint Task Force Amber\nwar: none\n---\n"


def body(text: str) -> AnnotatedText:
    return parse(HEADER + text + "\n")


def faults(source: str) -> list[tuple[int, int, str]]:
    with pytest.raises(CorpusError) as caught:
        parse(source)
    return [fault[1:] for fault in caught.value.faults]


def plain(mention: Mention) -> tuple:
    """All of a mention but for where its tag stood in the file."""
    fields = ("start", "end", "label", "events", "attributes", "number", "value", "name", "id", "references")
    return tuple(getattr(mention, name) for name in fields)


def test_header_and_text() -> None:
    document = parse("publisher: A: B\ngenre:wire\n---\nOne.\n\nTwo.\n", id="d1")
    assert document.meta == {"publisher": "A: B", "genre": "wire"}
    assert (document.id, document.text, document.mentions) == ("d1", "One.\n\nTwo.", [])


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("place i3", {"events": ("i3",)}),
        ("place i3-i5", {"events": ("i3", "i4", "i5")}),
        ("place i3-5", {"events": ("i3", "i4", "i5")}),
        ("place i1 i4 t2", {"events": ("i1", "i4", "t2")}),
        ("actor i1", {"attributes": {"attribution": "confirmed"}}),
        ("actor i1 disputed name=Israeli_military", {"name": "Israeli military"}),
        ("source i1 ngo #s1", {"attributes": {"source_type": "ngo"}, "id": "s1"}),
        ("source i1", {"attributes": {"source_type": "unknown"}}),
        ("action i1 airstrike 3", {"attributes": {"action_type": "airstrike"}, "number": (3, 3)}),
        ("target i1 school camp", {"attributes": {"target_type": ["school", "camp"], "effect": None}}),
        ("target i1 vehicle destroyed 2", {"number": (2, 2)}),
        ("killed i1 5..", {"number": (5, None)}),
        ("killed i1 ..11", {"number": (None, 11)}),
        ("killed i1 8..12", {"number": (8, 12)}),
        ("killed i1 ?", {"number": (None, None)}),
        ("date i1 2016-05-04", {"value": "2016-05-04"}),
        ("date i1 ?", {"value": "?"}),
        ("date t1 2016", {"attributes": {"role": "period"}}),
        ("date", {"attributes": {"role": "other"}, "value": None}),
        ("date published 2016-05-04", {"attributes": {"role": "published"}}),
        ("date i1 2016-05-01..2016-05-04", {"value": "2016-05-01..2016-05-04"}),
    ],
)
def test_tag(tag: str, expected: dict) -> None:
    events = "{x|place i1}{x|place i2}{x|place i3}{x|place i4}{x|place i5} "
    mention = next(m for m in body(f"{events}{{words|{tag}}}").mentions if m.end - m.start == 5)
    assert {name: getattr(mention, name) for name in expected} == expected


def test_casualty_defaults() -> None:
    (mention,) = body("{five people|killed i1 5}").mentions
    expected = {"group": "unspecified", "who": [], "stance": "stated", "status": "used", "harm": "killed"}
    assert mention.attributes == expected


def test_nesting_gives_outer_first() -> None:
    document = body("A {{Daesh|owner} {{night|date i1 2016} vehicle|place i2}|target i1 vehicle}.")
    assert document.text == "A Daesh night vehicle."
    spans = [(m.label, document.text[m.start : m.end]) for m in document.mentions]
    assert spans == [
        ("target", "Daesh night vehicle"),
        ("owner", "Daesh"),
        ("place", "night vehicle"),
        ("date", "night"),
    ]


@pytest.mark.parametrize(
    ("written", "text"), [(r"\{a\|b\}", "{a|b}"), (r"c\\d", r"c\d"), (r"C:\x", r"C:\x"), (r"{\{\}|place}", "{}")]
)
def test_escapes(written: str, text: str) -> None:
    assert body(written).text == text


def test_references() -> None:
    document = body(
        "{A|source i1 ngo #s1} said {five|killed i1 5 #c1 by=#s1}, {two children|killed i1 2 in=#c1}; "
        "{5|killed i1 5 same=#c1}, {4|killed i1 4 replaced sup=#c1}; {x|owner of=#t} {y|target i1 vehicle #t}"
    )
    assert [m.references for m in document.mentions if m.references] == [
        {"claimed_by": "s1"},
        {"part_of": "c1"},
        {"repeats": "c1"},
        {"superseded_by": "c1"},
        {"owner_of": "t"},
    ]


FAULTS = {
    "two words": ("no line '---'", "publisher: x", (1, 1)),
    "header": ("header line without a colon", "publisher\n---\nx\n", (1, 1)),
    "label": ("unknown label 'plaice'", HEADER + "at {X|plaice i1}", (4, 4)),
    "no label": ("unknown label ''", HEADER + "at {X|}", (4, 4)),
    "empty": ("empty place", HEADER + "x\n{|place}", (5, 1)),
    "word": ("'civilian' means nothing for killed", HEADER + "{5|killed i1 5 civilian}", (4, 1)),
    "not a date": ("'May' means nothing for date", HEADER + "{4 May|date i1 May 2016-05-04}", (4, 1)),
    "number of a place": ("'5' means nothing for place", HEADER + "{X|place i1 5}", (4, 1)),
    "unclosed tag": ("tag without its closing brace", HEADER + "a {X|place i1", (4, 3)),
    "unclosed brace": ("brace that is never closed", HEADER + "a {X", (4, 3)),
    "bar": ("bar outside braces", HEADER + "a | b", (4, 3)),
    "closing": ("closing brace without a tag", HEADER + "a } b", (4, 3)),
    "blank": ("begins or ends with a blank", HEADER + "{X |place i1}", (4, 1)),
    "no number": ("killed without its number", HEADER + "{X|killed i1}", (4, 1)),
    "two incidents": ("belongs to one incident, not 2", HEADER + "{X|place i2}{X|killed i1 i2 5}", (4, 13)),
    "no tally id": ("tally needs one id", HEADER + "{5|tally strikes 5}", (4, 1)),
    "no incident": ("outcome belongs to no incident", HEADER + "{closed|outcome non_credible}", (4, 1)),
    "no type": ("target without a type", HEADER + "{X|target i1}", (4, 1)),
    "no value": ("date without its value", HEADER + "{today|date i1}", (4, 1)),
    "dangling": ("no mention has the id #c9", HEADER + "{5|killed i1 5 in=#c9}", (4, 1)),
    "itself": ("#c1 refers to itself", HEADER + "{5|killed i1 5 #c1 in=#c1}", (4, 1)),
    "wrong tail": ("part_of does not lead to place", HEADER + "{X|place i1 #p} {5|killed i1 5 in=#p}", (4, 17)),
    "wrong head": ("part_of does not start at place", HEADER + "{5|killed i1 5 #c} {X|place i1 in=#c}", (4, 20)),
    "far claim": (
        "a claim of another incident",
        HEADER + "{5|killed i1 5 #c} {1|killed i2 1 in=#c}",
        (4, 20),
    ),
    "one layer": ("place 'X' overlaps a place", HEADER + "{{X|place i1} Y|place i1}", (4, 2)),
    "twice": ("used twice", HEADER + "{X|place i1 #p} {Y|place i1 #p}", (1, 1)),
    "no opener": ("incident i2 has no date", HEADER + "{A|source i2 ngo}", (1, 1)),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_with_its_place(name: str) -> None:
    message, source, place = FAULTS[name]
    found = faults(source)
    assert [fault[:2] for fault in found if message in fault[2]] == [place], found


def test_all_faults_at_once() -> None:
    found = faults(HEADER + "{X|plaice}\n{5|killed i1}\n\n| {closed|outcome open}\n")
    assert [fault[0] for fault in found] == [4, 5, 7, 7]


def test_message_names_file_line_and_column() -> None:
    with pytest.raises(CorpusError, match="^a.txt:4:1: unknown label 'x'"):
        parse(HEADER + "{X|x}", name="a.txt")


def test_read_keeps_line_breaks(tmp_path) -> None:
    path = tmp_path / "d7.txt"
    path.write_bytes((HEADER + "One\r\ntwo {Mari|place}\n").encode())
    document = read(path)
    assert (document.id, document.text) == ("d7", "One\r\ntwo Mari")


def test_openers_are_the_first_mentions_of_their_own() -> None:
    document = body(
        "{Syria|country i1-i2} {today|date reported i1 2016} {A|place i1-i2} {strike|action i1 airstrike}"
        " {B|place i2} {two|killed i2 2}"
    )
    found = {event: document.text[document.mentions[n].start] for event, n in document.openers().items()}
    assert found == {"i1": "s", "i2": "B"}


def test_openers_fall_back_to_shared_mentions() -> None:
    document = body("{A|place i1-i2} and {B|place i1-i2}")
    assert document.openers() == {"i1": 0, "i2": 1}


@pytest.mark.parametrize("form", ["5", "5..", "..11", "8..12", "?", "0"])
def test_numbers_round_trip(form: str) -> None:
    assert format_number(parse_number(form)) == form


def test_not_a_number() -> None:
    with pytest.raises(ValueError, match="five"):
        parse_number("five")


def test_crossing_tags_are_refused() -> None:
    mentions = [Mention(0, 3, "place"), Mention(2, 5, "actor")]
    with pytest.raises(CorpusError, match="actor crosses place"):
        write(AnnotatedText("d", {}, "abcde", mentions))


@pytest.mark.parametrize("events", ["i5-i3", "i1-t3"])
def test_a_range_that_runs_backwards_or_mixes_is_a_fault(events: str) -> None:
    assert any("means nothing for place" in fault[2] for fault in faults(HEADER + f"{{X|place {events}}}"))


@pytest.mark.parametrize("value", ["2016-13-01", "2016-02-30", "2016-05-04..2016-05-01", ".."])
def test_a_date_that_no_calendar_has_is_a_fault(value: str) -> None:
    assert faults(HEADER + f"{{then|date i1 {value}}}")


@given(documents())
def test_what_is_written_is_read_back(document: AnnotatedText) -> None:
    again = parse(write(document))
    assert again.text == document.text
    assert again.meta == document.meta
    assert [plain(m) for m in again.mentions] == [plain(m) for m in document.mentions]
