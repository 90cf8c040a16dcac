"""A document as annotation tools have it: a text, labelled spans with named string values, links between spans.

Every format is written from a `Task` and read into one; `flatten` and `unflatten` lead from and to the hub,
`civex.annotations.AnnotatedText`. What a span says beyond its label are its features: `events` ("i1 i2"), `number`
("5.."), `value` of a date, `name`, `id`, each attribute by its own name (several values with a blank between), and
`more`: what other schemes say of it, as JSON.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from civex.annotations import (
    REFERENCES,
    AnnotatedText,
    Mention,
    Relation,
    format_number,
    parse_number,
    settle,
)
from civex.labels import ATTRIBUTES, MENTION_LABELS
from civex.values.dates import to_value

TELLS_OF, ABOUT = "tells_of", "about"
FREE_FEATURES = ("events", "number", "value", "name", "id", "more")
FEATURES = (*FREE_FEATURES, *(name for name in ATTRIBUTES if name != "harm"))


class Damaged(ValueError):
    """A document of a tool's file that can't be read; the message is the cause in one line."""


@dataclass
class Span:
    """A labelled stretch: code points `start` to `end`; `id` is the tool's, unique in the document."""

    start: int
    end: int
    label: str
    id: str
    features: dict[str, str] = field(default_factory=dict)


@dataclass
class Link:
    """A relation between two spans, by their ids."""

    head: str
    tail: str
    label: str
    attributes: dict = field(default_factory=dict)


@dataclass
class Task:
    """A document of a tool; `linked_events`: events stand as links too, so one left out is a deletion."""

    id: str
    meta: dict
    text: str
    spans: list[Span]
    links: list[Link]
    linked_events: bool = False


def flatten(document: AnnotatedText, *, link_events: bool = False) -> Task:
    """The document as spans "1", "2", ... in its own order, and links.

    link_events: also write membership of incidents (`tells_of`, to the mention that opens it) and tallies (`about`)
    as links, for tools in which a person can't edit features. Raises Damaged where a reference leads nowhere.
    """
    spans = [Span(m.start, m.end, m.label, str(n), features(m)) for n, m in enumerate(document.mentions, 1)]
    by_id = {m.id: str(n) for n, m in enumerate(document.mentions, 1) if m.id}
    links = [
        Link(str(n), _known(by_id, tail), label)
        for n, m in enumerate(document.mentions, 1)
        for label, tail in m.references.items()
    ]
    links += [
        Link(_known(by_id, r.head), _known(by_id, r.tail), r.label, dict(r.attributes)) for r in document.relations
    ]
    if link_events:
        links += [Link(str(h + 1), str(t + 1), label) for h, t, label in sorted(_event_links(document.mentions))]
    return Task(document.id, dict(document.meta), document.text, spans, links, link_events)


def _known(by_id: dict[str, str], id: str) -> str:
    if id not in by_id:
        raise Damaged(f"a relation leads to #{id}, and no mention has that id")
    return by_id[id]


def unflatten(task: Task) -> AnnotatedText:
    """The hub document of a task, its mentions in order. Raises Damaged with the cause."""
    if len({span.id for span in task.spans}) < len(task.spans):
        twice = sorted(span.id for span in task.spans if sum(span.id == other.id for other in task.spans) > 1)
        raise Damaged(f"span id {twice[0]!r} is used twice")
    by_span = {span.id: mention_of(span) for span in task.spans}
    for link in task.links:
        for end in (link.head, link.tail):
            if end not in by_span:
                raise Damaged(f"relation {link.label!r} leads to span {end!r}, which is not there")
    mentions = list(by_span.values())
    _refuse_twice(mentions)
    members = [link for link in task.links if _is_membership(link, by_span)]
    _edit_events(mentions, [(by_span[m.head], by_span[m.tail], m.label) for m in members], task.linked_events)
    for mention in mentions:
        settle(mention)
    mentions.sort(key=order)
    document = AnnotatedText(task.id, dict(task.meta), task.text, mentions)
    at = {id(mention): n for n, mention in enumerate(mentions)}
    for link in sorted(task.links, key=lambda r: (at[id(by_span[r.head])], at[id(by_span[r.tail])], r.label)):
        if not _is_membership(link, by_span):
            _refer(document, by_span[link.head], by_span[link.tail], link)
    return document


def order(mention: Mention) -> tuple[int, int, int, str]:
    """The key that sorts mentions: start, longest first, then by label, foreign ones last."""
    known = mention.label in MENTION_LABELS
    rank = MENTION_LABELS.index(mention.label) if known else len(MENTION_LABELS)
    return mention.start, -mention.end, rank, mention.label


def _refuse_twice(mentions: list[Mention]) -> None:
    ids = [m.id for m in mentions if m.id]
    for id in ids:
        if ids.count(id) > 1:
            raise Damaged(f"the id #{id} is used twice")


def _refer(document: AnnotatedText, head: Mention, tail: Mention, link: Link) -> None:
    tail_id = _named(document, tail)
    if link.label in REFERENCES.values() and link.label not in head.references and not link.attributes:
        head.references[link.label] = tail_id
    else:
        document.relations.append(Relation(_named(document, head), tail_id, link.label, dict(link.attributes)))


def _named(document: AnnotatedText, mention: Mention) -> str:
    """The id of a mention, given one where it has none."""
    if mention.id is None:
        taken = {m.id for m in document.mentions}
        mention.id = next(f"m{n}" for n in range(1, len(taken) + 2) if f"m{n}" not in taken)
    return mention.id


def features(mention: Mention) -> dict[str, str]:
    """What a mention says beyond its span and label, without what `civex.annotations.settle` fills in."""
    found: dict[str, str] = {}
    if mention.events:
        found["events"] = " ".join(mention.events)
    if mention.number is not None:
        found["number"] = format_number(mention.number)
    for name in ("value", "name", "id"):
        if getattr(mention, name) is not None:
            found[name] = getattr(mention, name)
    usual = Mention(mention.start, mention.end, mention.label, events=mention.events)
    settle(usual)
    more = {}
    for name, value in mention.attributes.items():
        if name in usual.attributes and usual.attributes[name] == value:
            continue
        words = value if isinstance(value, list) else [value]
        values, labels, *_ = ATTRIBUTES.get(name, ((), ()))
        if words and mention.label in labels and all(word in values for word in words):
            found[name] = " ".join(words)
        else:
            more[name] = value
    if more:
        found["more"] = json.dumps(more)
    return found


def mention_of(span: Span) -> Mention:
    """The mention of a span, not settled yet. Raises Damaged where a feature means nothing."""
    mention = Mention(span.start, span.end, span.label, at=(1, 1))
    for name, words in span.features.items():
        if words.strip():
            _set_feature(mention, name, words)
    return mention


def _set_feature(mention: Mention, name: str, words: str) -> None:
    if name == "events":
        events = tuple(words.split())
        wrong = [event for event in events if event[:1] not in ("i", "t") or not event[1:].isdecimal()]
        if wrong:
            raise Damaged(f"{mention.label}: {wrong[0]!r} is no incident or tally; write i1, i2, t1, ...")
        mention.events = events
    elif name == "number":
        try:
            mention.number = parse_number(words.strip())
        except ValueError:
            raise Damaged(f"{mention.label}: {words!r} is no number; write 5, 5.., ..11, 8..12 or ?") from None
    elif name in ("value", "name", "id"):
        if name == "value" and mention.label == "date":
            _check_date(words)
        setattr(mention, name, words)
    elif name == "more":
        mention.attributes.update(json_object(words, f"{mention.label}: the feature 'more'"))
    elif name in ATTRIBUTES:
        values, labels, several, _ = ATTRIBUTES[name]
        found = words.split()
        if mention.label not in labels or not set(found) <= {*values} or (len(found) > 1 and not several):
            of = f"one of {', '.join(values)}" if mention.label in labels else f"said of {', '.join(labels)} only"
            raise Damaged(f"{mention.label}: {name} {words!r} is unknown; it is {of}")
        mention.attributes[name] = found if several else found[0]
    else:
        mention.attributes[name] = words


def _check_date(words: str) -> None:
    try:
        to_value(words)
    except ValueError:
        raise Damaged(
            f"date: {words!r} is no value; write 2019-03-24, 2019-03, 2019, 2019-03-01..2019-03-05 or ?"
        ) from None


def json_object(words: Any, name: str) -> dict[str, Any]:
    """The JSON object that `words` say: a str, None for an empty one, or a dict. Raises Damaged, calling it `name`."""
    if isinstance(words, dict):
        return words
    try:
        found = json.loads(words or "{}")
    except (ValueError, TypeError):
        found = None
    if not isinstance(found, dict):
        raise Damaged(f"{name} is no JSON object: {str(words)[:40]!r}")
    return found


def _is_membership(link: Link, by_span: dict[str, Mention]) -> bool:
    labels = (by_span[link.head].label, by_span[link.tail].label)
    return link.label in (TELLS_OF, ABOUT) and not link.attributes and set(labels) <= {*MENTION_LABELS}


def _event_links(mentions: list[Mention]) -> set[tuple[int, int, str]]:
    """(head, tail, label) by position: each member of an incident to its opener, each of a tally to the figure."""
    openers = AnnotatedText("", {}, "", mentions).openers()
    tallies = {m.tallies[0]: n for n, m in enumerate(mentions) if m.label == "tally" and len(m.tallies) == 1}
    found = {(n, openers[i], TELLS_OF) for n, m in enumerate(mentions) for i in m.incidents if i in openers}
    found |= {(n, tallies[t], ABOUT) for n, m in enumerate(mentions) for t in m.tallies if t in tallies}
    return {row for row in found if row[0] != row[1] and mentions[row[0]].label in MENTION_LABELS}


def _edit_events(mentions: list[Mention], links: list[tuple[Mention, Mention, str]], deletions: bool) -> None:
    """Bring the mentions' events into line with the links that stand between them now."""
    for mention in mentions:
        settle(mention)
    mentions.sort(key=order)
    at = {id(mention): n for n, mention in enumerate(mentions)}
    before = _event_links(mentions)
    now = {(at[id(head)], at[id(tail)], label) for head, tail, label in links}
    opened = {(n, TELLS_OF): i for i, n in AnnotatedText("", {}, "", mentions).openers().items()}
    opened |= {(n, ABOUT): m.tallies[0] for n, m in enumerate(mentions) if m.label == "tally" and m.tallies}
    for head, tail, label in sorted(before - now) if deletions else ():
        gone = opened[tail, label]
        _set_events(mentions[head], [event for event in mentions[head].events if event != gone])
    for head, tail, label in sorted(now - before):
        event = opened.get((tail, label))
        if event is None:
            event = opened[tail, label] = _next_event(mentions, "i" if label == TELLS_OF else "t")
            _set_events(mentions[tail], [*mentions[tail].events, event])
        _set_events(mentions[head], [*mentions[head].events, event])


def _set_events(mention: Mention, events: Iterable[str]) -> None:
    """Give a mention its events; the role of a date that nobody gave follows them."""
    usual = Mention(0, 1, mention.label, events=mention.events)
    settle(usual)
    mention.events = tuple(dict.fromkeys(events))
    if mention.label == "date" and mention.attributes.get("role") == usual.attributes["role"]:
        del mention.attributes["role"]
        settle(mention)


def _next_event(mentions: list[Mention], kind: str) -> str:
    numbers = [int(event[1:]) for m in mentions for event in m.events if event[0] == kind]
    return f"{kind}{max(numbers, default=0) + 1}"


def restore_features(spans: list[Span], kept: list[dict]) -> list[str]:
    """Give spans the features that were kept beside the tool's own copy; returns a line for what has no span now.

    kept: rows {start, end, label, features}. A row belongs to the span of its place and label, else to the span of
    its label that overlaps it most and has none yet.
    """
    free = list(spans)
    left: list[dict] = []
    for row in kept:
        exact = next((s for s in free if (s.start, s.end, s.label) == (row["start"], row["end"], row["label"])), None)
        if exact is None:
            left.append(row)
        else:
            exact.features = dict(row["features"])
            free.remove(exact)
    lines = []
    for row in left:
        near = [s for s in free if s.label == row["label"] and s.start < row["end"] and row["start"] < s.end]
        where = f"{row['label']} at {row['start']} to {row['end']}"
        if near:
            span = max(near, key=lambda s: min(s.end, row["end"]) - max(s.start, row["start"]))
            span.features = dict(row["features"])
            free.remove(span)
            lines.append(f"{where} stands at {span.start} to {span.end} now; its features went there")
        else:
            lines.append(f"{where} is not there any more; its features ({', '.join(row['features'])}) went with it")
    return lines


def kept_features(task: Task) -> list[dict]:
    """The rows that `restore_features` reads, for tools that hold labels only."""
    return [
        {"start": s.start, "end": s.end, "label": s.label, "features": s.features} for s in task.spans if s.features
    ]
