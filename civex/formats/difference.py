"""What differs between two annotated collections, document by document, mention by mention."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from civex.annotations import AnnotatedText, Mention
from civex.formats.flat import features


@dataclass
class Difference:
    """Lines that say what differs, and counts of them by kind."""

    lines: list[str] = field(default_factory=list)
    counts: Counter = field(default_factory=Counter)

    def add(self, kind: str, line: str) -> None:
        self.counts[kind] += 1
        self.lines.append(line)


def compare(one: Iterable[AnnotatedText], other: Iterable[AnnotatedText]) -> Difference:
    """Documents are paired by id, mentions by place and label. What a mention says is compared, references by words."""
    first, second = ({d.id: d for d in documents} for documents in (one, other))
    found = Difference()
    for id in sorted(first.keys() | second.keys()):
        if id not in second:
            found.add("documents removed", f"{id}: only in the first")
        elif id not in first:
            found.add("documents added", f"{id}: only in the second")
        elif first[id].text != second[id].text:
            found.add("texts changed", f"{id}: the texts differ; their mentions were not compared")
        else:
            _compare(first[id], second[id], found)
    return found


def _compare(one: AnnotatedText, other: AnnotatedText, found: Difference) -> None:
    if one.meta != other.meta:
        keys = sorted(key for key in {*one.meta, *other.meta} if one.meta.get(key) != other.meta.get(key))
        found.add("headers changed", f"{one.id}: header: {', '.join(map(str, keys))}")
    before, after = _by_place(one), _by_place(other)
    for place in sorted(before.keys() | after.keys()):
        where = f"{one.id}:{place[0]}-{place[1]}: {place[2]} {one.text[place[0] : place[1]]!r}"
        pairs = min(len(before.get(place, ())), len(after.get(place, ())))
        for _ in before.get(place, [])[pairs:]:
            found.add("mentions removed", f"- {where}")
        for _ in after.get(place, [])[pairs:]:
            found.add("mentions added", f"+ {where}")
        for n in range(pairs):
            changes = list(_changes(_said(one, before[place][n]), _said(other, after[place][n])))
            if changes:
                found.add("mentions changed", f"~ {where}: {', '.join(changes)}")


def _by_place(document: AnnotatedText) -> dict[tuple[int, int, str], list[Mention]]:
    places: dict[tuple[int, int, str], list[Mention]] = {}
    for mention in document.mentions:
        places.setdefault((mention.start, mention.end, mention.label), []).append(mention)
    return places


def _said(document: AnnotatedText, mention: Mention) -> dict[str, str]:
    """All that a mention says; relations by the words that they lead to."""
    said = {name: words for name, words in features(mention).items() if name != "id"}
    by_id = {m.id: m for m in document.mentions if m.id}
    links = [(label, tail) for label, tail in mention.references.items()]
    links += [(r.label, r.tail) for r in document.relations if r.head == mention.id and mention.id]
    for label, tail in sorted(links):
        end = by_id.get(tail)
        words = f"{document.text[end.start : end.end]!r} at {end.start}" if end else f"#{tail}"
        said[label] = f"{said[label]}, {words}" if label in said else words
    return said


def _changes(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield f"{name} {before.get(name, 'none')} -> {after.get(name, 'none')}"
