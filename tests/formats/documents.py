"""Documents that formats must carry: one with every trap, and one of another scheme."""

from civex.annotations import AnnotatedText, Mention, Relation, parse
from civex.formats.flat import flatten, unflatten

# An emoji (two UTF-16 units), a CRLF, a right-to-left word, brace, bar, backslash, bracket and U+2028.
SOURCE = (
    "publisher: Relief Watch: East\nwar: Syria-Iraq\n---\n"
    "{Strikes \U0001f4a5 near Hajin|title}\r\n"
    "On {4 May 2016|date i1-i2 2016-05-04} a {Coalition|actor i1 alleged name=US-led_Coalition} "
    "{airstrike|action i1 airstrike 2} on a {{Daesh|owner #o1} vehicle|target i1 vehicle weapons_system destroyed} "
    "in {\u062d\u0644\u0628|place i1} (Aleppo) killed "
    ""
    "{at least five \U0001f469\u200d\U0001f467 people|killed i1 5.. #c1 by=#s1}, "
    "{two of them women and children|killed i1 civilians women children 2 in=#c1 alleged},\u2028 \\{said\\} "
    "{SNHR|source i1 ngo #s1}; a\\|b \\\\n [x] _ * -> 1;2\r\n\r\n"
    "{Not credible|outcome i2 non_credible}: {Mari|place i2}, {no strike|reason i2 no_strike_in_area}.\n"
    "{34 strikes|tally t1 strikes 34} in {May|date t1 2016-05}, {Syria|country t1}.\n"
)
TRAPS = parse(SOURCE, name="traps.txt", id="traps/1 \u062d")


def crossing() -> AnnotatedText:
    """A document whose mentions cross and nest: a place that ends inside a target."""
    text = "near Hajin market hall"
    mentions = [
        Mention(0, 22, "title"),
        Mention(5, 17, "place", events=("i1",)),
        Mention(11, 22, "target", events=("i1",), attributes={"target_type": ["market"], "effect": None}),
    ]
    return unflatten(flatten(AnnotatedText("crossing", {"publisher": "A"}, text, mentions)))


def unusual() -> AnnotatedText:
    """A number of a place, a day of an actor, and two relations between them of which only the second says more."""
    mentions = [Mention(0, 5, "place", number=(5, 5), id="p"), Mention(10, 15, "actor", value="2016-05-04", id="a")]
    relations = [Relation("a", "p", "Located In"), Relation("a", "p", "Located In", {"begin": 3})]
    return unflatten(flatten(AnnotatedText("unusual", {"publisher": "A"}, "Hajin and Daesh", mentions, relations)))


def foreign() -> AnnotatedText:
    """A document of another scheme: its labels, two relations of one label from one mention, data of their own."""
    text = "U.S. forces advise \U0001f4a5 the SDF and the YPG"
    mentions = [
        Mention(0, 11, "Organisation", id="e1", attributes={"confidence": 0.926, "_id": "x;1|[2]"}),
        Mention(0, 11, "Military Platform"),
        Mention(21, 28, "Organisation", id="e2"),
        Mention(33, 40, "Organisation", id="e3", attributes={"confidence": 1}),
    ]
    relations = [
        Relation("e1", "e2", "CommWith", {"begin": 12, "value": "advise \\n; x"}),
        Relation("e1", "e3", "CommWith", {"begin": 12}),
        Relation("e3", "e1", "Allies Of"),
    ]
    document = AnnotatedText("foreign", {"re3d": {"set": "A", "wordCount": 6}}, text, mentions, relations)
    return unflatten(flatten(document))


def same(one: AnnotatedText, other: AnnotatedText) -> bool:
    """Equality but for where a mention stood in its file."""
    return _key(one) == _key(other)


def _key(document: AnnotatedText) -> tuple:
    rows = [{**vars(m), "at": None} for m in document.mentions]
    return document.id, document.meta, document.text, rows, [vars(r) for r in document.relations]
