"""Generated inputs, in one place: any text, and documents with mentions that nest."""

from hypothesis import strategies as st

from civex.annotations import AnnotatedText, Mention, Relation, settle
from civex.labels import ATTRIBUTES, HARMS, LAYER_LABELS, MENTION_LABELS

ODD = "\x00\u00a0\u2009\u00ad\u200b\u200d\u200e\u200f\u202e\u2066\ufeff\ud800\udfff\u0301\U0001f4a5“”’–—•\t\r\n"
_CHARACTERS = st.one_of(
    st.characters(exclude_categories=()),  # surrogates too
    st.sampled_from(ODD),
    st.sampled_from("abcdeABC 0123456789.,;:!?()[]{}|\\-/'\""),
)
_WORDS = st.sampled_from(
    "On 4 May 2016 , an airstrike near Hajin in Syria killed at least five civilians and injured 3 "
    "others . \n\n * Jan.4,2017 "
    "assessed non-credible 3,2017 12/7/2021 via social media report; dozens of Coalition aircraft "
    "(3) Nov.29 l2 – •".split(" ")
)

any_text = st.text(_CHARACTERS, max_size=300)
likely_text = st.lists(st.one_of(_WORDS, st.text(_CHARACTERS, max_size=4)), max_size=60).map(" ".join)
texts = st.one_of(any_text, likely_text)

_LETTERS = st.text(st.sampled_from("ab é{}|\\\n\U0001f4a5\u200f"), min_size=1, max_size=40)
_NUMBERS = st.sampled_from([(5, 5), (5, None), (None, 11), (8, 12), (0, 0), (None, None)])
_SAID_OF = ("outcome", "reason", "note")  # these need an incident that another mention opens
_DATES = st.sampled_from(["2016-05-04", "2016-05", "2016", "2016-05-01..2016-05-04", "?"])


@st.composite
def mentions(draw: st.DrawFn, start: int, end: int, number: int) -> Mention:
    """A mention between two offsets, alone in its incident."""
    label = draw(st.sampled_from([label for label in MENTION_LABELS if label != "tally"]))
    mention = Mention(start, end, label, id=draw(st.sampled_from([None, f"x{number}"])))
    free = label in ("publisher", "title", "owner", "date", "place", "country", "source", "actor")
    if label in ("date", *HARMS, "action", "target") or (free and draw(st.booleans())):
        mention.events = (f"i{number}",)
    for name, (values, labels, several, _) in ATTRIBUTES.items():
        if label in labels and (name != "role" or draw(st.booleans())):
            one = st.sampled_from(values)
            mention.attributes[name] = draw(st.lists(one, min_size=1, max_size=3, unique=True) if several else one)
    if label in HARMS or (label in ("action", "target") and draw(st.booleans())):
        mention.number = draw(_NUMBERS)
    if label == "date":
        mention.value = draw(_DATES)
    if draw(st.booleans()):
        mention.name = draw(st.sampled_from(["US-led Coalition", "x"]))
    settle(mention)
    return mention


@st.composite
def documents(draw: st.DrawFn) -> AnnotatedText:
    """A document whose mentions nest or stand apart, each with an incident of its own where it has any."""
    text = draw(_LETTERS)
    found: list[Mention] = []

    def inside(low: int, high: int, depth: int) -> None:
        while low < high and len(found) < 8:
            start = draw(st.integers(low, high - 1))
            end = draw(st.integers(start + 1, high))
            if text[start:end] == text[start:end].strip() and draw(st.booleans()):
                mention = draw(mentions(start, end, len(found) + 1))
                if not any(o.start < end and start < o.end and _one_layer(o.label, mention.label) for o in found):
                    found.append(mention)
                    if depth < 2:
                        inside(start, end, depth + 1)
            low = end

    inside(0, len(text), 0)
    found = [_with_opener(m) for m in found]
    first = next((m.events[0] for m in found if m.events), None)
    for mention in found:
        if mention.label in _SAID_OF:
            mention.events = (first,) if first else ()
    kept = [m for m in found if m.events or m.label not in _SAID_OF]
    kept.sort(key=lambda m: (m.start, -m.end, MENTION_LABELS.index(m.label)))
    return AnnotatedText("generated", {"publisher": "A: B", "genre": "test"}, text, kept)


def _one_layer(one: str, other: str) -> bool:
    return any(one in layer and other in layer for layer in LAYER_LABELS)


def _with_opener(mention: Mention) -> Mention:
    """Only what can open an incident keeps its id; other mentions are said of none."""
    opens = mention.label in ("place", "action", "target", *HARMS)
    opens = opens or (mention.label == "date" and mention.attributes["role"] == "event")
    if not opens:
        mention.events = ()
    return mention


_TRAPS = st.text(
    st.sampled_from("ab1 _*;-><[]{|}\\\"'\r\n\t\u2028\u00a0\u062d\u05d0\u200f\U0001f4a5\u0301"), min_size=1, max_size=40
)
_FOREIGN = ("Military Platform", "LOC", "x_y")


@st.composite
def tool_documents(draw: st.DrawFn) -> AnnotatedText:
    """A document as a tool may give it: spans that cross, stand twice or hold blanks, any values and relations."""
    text = draw(_TRAPS)
    found = []
    for number in range(draw(st.integers(0, 6))):
        start = draw(st.integers(0, len(text) - 1))
        mention = Mention(
            start, draw(st.integers(start + 1, len(text))), draw(st.sampled_from(MENTION_LABELS + _FOREIGN))
        )
        mention.events = tuple(draw(st.lists(st.sampled_from(["i1", "i2", "i12", "t1"]), max_size=2, unique=True)))
        mention.id = draw(st.sampled_from([None, f"x{number}"]))
        mention.name = draw(st.sampled_from([None, "US-led Coalition", "a_b; |c] \\n*"]))
        mention.number = draw(st.sampled_from([None, *[(5, 5), (5, None), (None, 11), (8, 12), (None, None)]]))
        mention.value = draw(_DATES) if mention.label == "date" else None
        for name, (values, labels, several, _) in ATTRIBUTES.items():
            if mention.label in labels and name != "harm" and draw(st.booleans()):
                mention.attributes[name] = [values[-1], values[0]] if several else draw(st.sampled_from(values))
        if draw(st.integers(0, 3)) == 0:
            mention.attributes["confidence"] = draw(st.sampled_from([0.5, None, "a;b", {"c": ["\u2028"]}]))
        settle(mention)
        found.append(mention)
    ids = [m.id for m in found if m.id]
    ends = st.sampled_from(ids) if ids else st.nothing()
    labels = st.sampled_from(["part_of", "claimed_by", "Located In", "a|b"])
    data = st.sampled_from([{}, {"begin": 3}, {"words": "x\n;]"}])
    relations = draw(st.lists(st.builds(Relation, ends, ends, labels, data), max_size=4)) if ids else []
    return AnnotatedText("tool/\u062d 1", {"publisher": "A: B", "n": [1, None]}, text, found, relations)
