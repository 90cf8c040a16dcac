"""The inline annotation form: text that a person reads, with `{words|label ...}` around what is annotated.

    publisher: Joint Task Force Amber
    genre: monthly release by outcome
    ---
    On {4 May 2016|date i1 2016-05-04} an {airstrike|action i1 airstrike} near {Hajin|place i1} killed
    {five people|killed i1 5}, {three of them children|killed i1 civilians children 3 in=#c1}.

`corpus/GUIDELINE.md` says what each label is. Braces, bars and backslashes of the text itself are written with a
backslash before them. This module reads and writes the form; `civex.corpus` makes spaCy Docs of it.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from civex.labels import ATTRIBUTES, CORE_LABELS, HARMS, LAYER_LABELS, MENTION_LABELS, OPENER_LABELS, RELATIONS
from civex.values.dates import to_value

REFERENCES = {
    "in": "part_of",
    "same": "repeats",
    "sup": "superseded_by",
    "by": "claimed_by",
    "of": "owner_of",
}
COUNTED = (*HARMS, "tally", "target", "action")  # labels that carry a number
_ID_RANGE = re.compile(r"^([it])(\d+)(?:-\1?(\d+))?$")
_NUMBER = re.compile(r"^(?:\?|(?P<only>\d+)|(?P<low>\d+)?\.\.(?P<high>\d+)?)$")
_SPECIAL = re.compile(r"[\\{}|]")


class CorpusError(ValueError):
    """A malformed document; `faults` lists every one as (file, line, column, message)."""

    def __init__(self, faults: list[tuple[str, int, int, str]]):
        self.faults = faults
        super().__init__("\n".join(f"{file}:{line}:{column}: {message}" for file, line, column, message in faults))


@dataclass
class Mention:
    """One annotated stretch of text; `start` and `end` are character offsets into the text without tags.

    `number` is (min, max) or None where none is said; `value` the ISO date, or "?" where nothing fixes it;
    `references` maps a relation label to the id of another mention.
    """

    start: int
    end: int
    label: str
    events: tuple[str, ...] = ()
    attributes: dict = field(default_factory=dict)
    number: tuple | None = None
    value: str | None = None
    name: str | None = None
    id: str | None = None
    references: dict = field(default_factory=dict)
    at: tuple[int, int] = (0, 0)

    @property
    def incidents(self) -> list[str]:
        return [event for event in self.events if event[0] == "i"]

    @property
    def tallies(self) -> list[str]:
        return [event for event in self.events if event[0] == "t"]


@dataclass
class Relation:
    """A relation that `Mention.references` can't hold: a label of another scheme, or a second one of its label.

    `head` and `tail` are ids of mentions; `attributes` is plain data.
    """

    head: str
    tail: str
    label: str
    attributes: dict = field(default_factory=dict)


@dataclass
class AnnotatedText:
    """A document of the corpus: its header, its text without tags, its mentions in order (start, longest first)."""

    id: str
    meta: dict
    text: str
    mentions: list[Mention]
    relations: list[Relation] = field(default_factory=list)

    def openers(self) -> dict[str, int]:
        """Incident id -> position of the mention that opens it: the first one that no other incident shares."""
        found: dict[str, int] = {}
        members: dict[str, list[int]] = {}
        for position, mention in enumerate(self.mentions):
            for incident in mention.incidents:
                members.setdefault(incident, []).append(position)
        for incident, positions in members.items():
            fit = [p for p in positions if self.mentions[p].label in OPENER_LABELS and is_event_date(self.mentions[p])]
            own = [p for p in fit if len(self.mentions[p].incidents) == 1]
            free = [p for p in own or fit if p not in found.values()]
            if free:
                found[incident] = free[0]
        return found


def is_event_date(mention: Mention) -> bool:
    """False for the date of a report or of a publication, which never opens an incident."""
    return mention.label != "date" or mention.attributes.get("role") == "event"


def read(path: Path) -> AnnotatedText:
    """Read one annotated file. Raises CorpusError with every fault of it."""
    return parse(path.read_bytes().decode("utf-8"), name=str(path), id=path.stem)


def parse(source: str, *, name: str = "<text>", id: str = "") -> AnnotatedText:
    """Parse the inline form. Raises CorpusError with every fault, by line and column of the file."""
    header, found, body = source.partition("\n---\n")
    if not found:
        raise CorpusError([(name, 1, 1, "no line '---' between header and text")])
    faults: list[tuple[int, int, str]] = []
    meta = {}
    for number, line in enumerate(header.splitlines(), 1):
        key, colon, value = line.partition(":")
        if not colon:
            faults.append((number, 1, f"header line without a colon: {line!r}"))
        meta[key.strip()] = value.strip()
    body = body.removesuffix("\n")
    first_line = header.count("\n") + 3
    text, mentions = _Reader(body, first_line, faults).read()
    mentions.sort(key=lambda m: (m.start, -m.end, MENTION_LABELS.index(m.label)))
    document = AnnotatedText(id, meta, text, mentions)
    faults.extend(check(document))
    if faults:
        raise CorpusError([(name, line, column, message) for line, column, message in sorted(faults)])
    return document


class _Reader:
    """One pass over the body: text out, mentions out, faults by line and column."""

    def __init__(self, body: str, first_line: int, faults: list):
        self.body, self.first_line, self.faults = body, first_line, faults

    def at(self, position: int) -> tuple[int, int]:
        line = self.body.count("\n", 0, position)
        return self.first_line + line, position - (self.body.rfind("\n", 0, position) + 1) + 1

    def fault(self, position: int, message: str) -> None:
        self.faults.append((*self.at(position), message))

    def read(self) -> tuple[str, list[Mention]]:
        out: list[str] = []
        length = 0
        mentions: list[Mention] = []
        open_braces: list[tuple[int, int]] = []
        position = 0
        while position < len(self.body):
            char = self.body[position]
            if char == "\\" and self.body[position + 1 : position + 2] in ("\\", "{", "}", "|"):
                position += 1
                char = self.body[position]
            elif char == "{":
                open_braces.append((length, position))
                position += 1
                continue
            elif char == "|" and open_braces:
                close = self.body.find("}", position)
                start, opened = open_braces.pop()
                if close < 0:
                    self.fault(opened, "tag without its closing brace")
                    break
                mention = self.tag(self.body[position + 1 : close], start, length, opened)
                if mention:
                    mentions.append(mention)
                position = close + 1
                continue
            elif char == "|":
                self.fault(position, "bar outside braces: write \\| if it belongs to the text")
            elif char == "}":
                self.fault(position, "closing brace without a tag: write \\} if it belongs to the text")
                if open_braces:
                    open_braces.pop()
            out.append(char)
            length += 1
            position += 1
        for _, opened in open_braces:
            self.fault(opened, "brace that is never closed")
        return "".join(out), mentions

    def tag(self, tag: str, start: int, end: int, opened: int) -> Mention | None:
        label, *words = tag.split() or [""]
        if label not in MENTION_LABELS:
            self.fault(opened, f"unknown label {label!r}; labels are {', '.join(MENTION_LABELS)}")
            return None
        mention = Mention(start, end, label, at=self.at(opened))
        if start == end:
            self.fault(opened, f"empty {label}")
        for word in words:
            if not self.word(mention, word):
                self.fault(opened, f"{word!r} means nothing for {label}")
        settle(mention)
        return mention

    def word(self, mention: Mention, word: str) -> bool:
        key, equals, value = word.partition("=")
        if equals and key == "name":
            mention.name = value.replace("_", " ")
        elif equals and key in REFERENCES and value.startswith("#"):
            mention.references[REFERENCES[key]] = value[1:]
        elif word.startswith("#"):
            mention.id = word[1:]
        elif match := _ID_RANGE.match(word):
            kind, first, last = match.group(1), int(match.group(2)), int(match.group(3) or match.group(2))
            mention.events += tuple(f"{kind}{n}" for n in range(first, last + 1))
            return first <= last
        elif mention.label == "date" and word not in ATTRIBUTES["role"][0]:
            mention.value = word
            return _is_date(word)
        elif mention.label in COUNTED and _NUMBER.match(word):
            mention.number = parse_number(word)
        else:
            return _set_attribute(mention, word)
        return True


def _is_date(word: str) -> bool:
    try:
        to_value(word)
    except ValueError:
        return False
    return True


def _set_attribute(mention: Mention, word: str) -> bool:
    for name, (values, labels, several, _) in ATTRIBUTES.items():
        if mention.label in labels and word in values and name != "harm":
            if several:
                mention.attributes.setdefault(name, []).append(word)
            else:
                mention.attributes[name] = word
            return True
    return False


def settle(mention: Mention) -> None:
    """Fill in the attributes that the annotator may leave out."""
    if mention.label == "date" and "role" not in mention.attributes:
        mention.attributes["role"] = "event" if mention.incidents else "period" if mention.tallies else "other"
    if mention.label in HARMS:
        mention.attributes["harm"] = mention.label
    for name, (_, labels, several, default) in ATTRIBUTES.items():
        if mention.label in labels:
            mention.attributes.setdefault(name, [] if several else default)


def parse_number(word: str) -> tuple[int | None, int | None]:
    """(min, max) of `5`, `5..`, `..11`, `8..12` and `?`."""
    match = _NUMBER.match(word)
    if match is None:
        raise ValueError(f"not a number or range: {word!r}")
    if match["only"]:
        return int(match["only"]), int(match["only"])
    return (int(match["low"]) if match["low"] else None, int(match["high"]) if match["high"] else None)


def check(document: AnnotatedText) -> list[tuple[int, int, str]]:
    """Every fault of the annotation as (line, column, message)."""
    faults = []
    ids = {m.id: m for m in document.mentions if m.id}
    if len(ids) < sum(m.id is not None for m in document.mentions):
        faults.append((1, 1, "an id (#...) is used twice"))
    for mention in document.mentions:
        faults.extend((*mention.at, message) for message in _check_mention(mention, ids, document.text))
    faults.extend(_check_overlaps(document))
    openers = document.openers()
    for event in sorted({e for m in document.mentions for e in m.incidents} - openers.keys()):
        faults.append((1, 1, f"incident {event} has no date, place, action, target or casualty figure of its own"))
    return faults


def _check_mention(mention: Mention, ids: dict, text: str):
    words = text[mention.start : mention.end]
    if words != words.strip():
        yield f"{mention.label} begins or ends with a blank: {words!r}"
    if mention.label in (*HARMS, "tally"):
        if mention.number is None:
            yield f"{mention.label} without its number (5, 5.., ..11, 8..12 or ?): {words!r}"
        if mention.label in HARMS and len(mention.incidents) != 1:
            yield f"{mention.label} belongs to one incident, not {len(mention.incidents)}: {words!r}"
        if mention.label == "tally" and len(mention.tallies) != 1:
            yield f"tally needs one id t1, t2, ...: {words!r}"
    if mention.label in ("action", "target", "outcome", "reason", "note") and not mention.incidents:
        yield f"{mention.label} belongs to no incident (i1, i2, ...): {words!r}"
    if mention.label == "target" and not mention.attributes["target_type"]:
        yield f"target without a type: {words!r}"
    if mention.label == "date" and mention.attributes["role"] != "other" and mention.value is None:
        yield f"date without its value (2019-03-24, 2019-03, 2019, 2019-03-01..2019-03-05 or ?): {words!r}"
    for label, reference in mention.references.items():
        heads, tails = RELATIONS[label]
        other = ids.get(reference)
        if mention.label not in heads:
            yield f"{label} does not start at {mention.label}"
        elif other is None:
            yield f"no mention has the id #{reference}"
        elif other.label not in tails:
            yield f"{label} does not lead to {other.label}"
        elif other is mention:
            yield f"#{reference} refers to itself"
        elif mention.label in CORE_LABELS and other.label in HARMS and not set(mention.events) & set(other.events):
            yield f"{label} leads to a claim of another incident"


def _check_overlaps(document: AnnotatedText):
    for layer in LAYER_LABELS:
        last = None
        for mention in (m for m in document.mentions if m.label in layer):
            if last and mention.start < last.end:
                words = document.text[mention.start : mention.end]
                yield (*mention.at, f"{mention.label} {words!r} overlaps a {last.label}; labels of one layer may not")
            last = mention


def write(document: AnnotatedText) -> str:
    """The inline form of a document; `parse` reads it back to the same mentions."""
    header = "\n".join(f"{key}: {value}" for key, value in document.meta.items())
    opening: dict[int, list[str]] = {}
    # A tag closes at its end; where spans cross, the inner brace pair is cut by none: the form can't say it.
    ends = sorted(document.mentions, key=lambda m: (m.end, -m.start))
    for mention in document.mentions:
        opening.setdefault(mention.start, []).append("{")
    closing: dict[int, list[str]] = {}
    for mention in ends:
        closing.setdefault(mention.end, []).append(f"|{_tag(mention)}}}")
    _refuse_crossing(document)
    parts: list[str] = []
    for position in range(len(document.text) + 1):
        parts.extend(closing.get(position, ()))
        parts.extend(opening.get(position, ()))
        if position < len(document.text):
            char = document.text[position]
            parts.append("\\" + char if _SPECIAL.match(char) else char)
    return f"{header}\n---\n{''.join(parts)}\n"


def _refuse_crossing(document: AnnotatedText) -> None:
    for n, one in enumerate(document.mentions):
        for other in document.mentions[n + 1 :]:
            if other.start >= one.end:
                break
            if one.start < other.start and one.end < other.end:
                raise CorpusError([(document.id, *other.at, f"{other.label} crosses {one.label}: tags can only nest")])


def _tag(mention: Mention) -> str:
    words = [mention.label, *_ranges(mention.events)]
    for name, value in mention.attributes.items():
        default = ATTRIBUTES[name][3]
        if name == "role":
            default = "event" if mention.incidents else "period" if mention.tallies else "other"
        if isinstance(value, list):
            words.extend(value)
        elif value is not None and value != default and name != "harm":
            words.append(value)
    if mention.number is not None:
        words.append(format_number(mention.number))
    if mention.value:
        words.append(mention.value)
    if mention.name:
        words.append("name=" + mention.name.replace(" ", "_"))
    if mention.id:
        words.append("#" + mention.id)
    keys = {label: key for key, label in REFERENCES.items()}
    words.extend(f"{keys[label]}=#{reference}" for label, reference in mention.references.items())
    return " ".join(words)


def _ranges(events: tuple[str, ...]) -> list[str]:
    """`i1 i2 i3 i5` as `i1-i3 i5`; two in a row stay apart."""
    words: list[list[str]] = []
    for event in events:
        if words and words[-1][-1][0] == event[0] and int(words[-1][-1][1:]) + 1 == int(event[1:]):
            words[-1].append(event)
        else:
            words.append([event])
    return [f"{run[0]}-{run[-1]}" if len(run) > 2 else " ".join(run) for run in words]


def format_number(number: tuple[int | None, int | None]) -> str:
    """`5`, `5..`, `..11`, `8..12` or `?` of (min, max)."""
    low, high = number
    if low is None and high is None:
        return "?"
    if low == high:
        return str(low)
    return f"{'' if low is None else low}..{'' if high is None else high}"
