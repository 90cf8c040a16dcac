"""How many documents of a corpus show each of the cases that make figures hard to read.

A case is told from the annotation alone, so that the table in `corpus/README.md` can be printed anew at any time.
"""

from collections.abc import Callable, Iterable

from civex.annotations import AnnotatedText, Mention
from civex.labels import HARMS, WHO
from civex.values.counts import read_count

_MANY = 3  # single persons told one by one before it is a list


def count_cases(documents: Iterable[AnnotatedText]) -> dict[str, int]:
    """Case -> number of documents that show it, cases in the order of `CASES`."""
    counts = dict.fromkeys(CASES, 0)
    for document in documents:
        for name, shows in CASES.items():
            counts[name] += shows(document)
    return counts


def _figures(document: AnnotatedText) -> list[Mention]:
    return [mention for mention in document.mentions if mention.label in HARMS]


def _with(name: str, value: str) -> Callable[[AnnotatedText], bool]:
    return lambda document: any(
        mention.attributes.get(name) == value
        for mention in document.mentions
        if name != "stance" or mention.label in HARMS
    )


def _linked(relation: str) -> Callable[[AnnotatedText], bool]:
    return lambda document: any(relation in mention.references for mention in _figures(document))


def _harm(label: str) -> Callable[[AnnotatedText], bool]:
    return lambda document: any(mention.label == label for mention in document.mentions)


def _who(kind: str) -> Callable[[AnnotatedText], bool]:
    return lambda document: any(kind in mention.attributes.get("who", ()) for mention in _figures(document))


def _incidents(document: AnnotatedText) -> int:
    return len({event for mention in document.mentions for event in mention.incidents})


def _open_range(document: AnnotatedText) -> bool:
    return any(mention.number and sum(end is None for end in mention.number) == 1 for mention in _figures(document))


def _fighters_beside_civilians(document: AnnotatedText) -> bool:
    groups: dict[str, set] = {}
    for mention in _figures(document):
        for incident in mention.incidents:
            groups.setdefault(incident, set()).add(mention.attributes.get("group"))
    return any({"civilians", "combatants"} <= found for found in groups.values())


def _one_by_one(document: AnnotatedText) -> bool:
    single: dict[str, int] = {}
    for mention in _figures(document):
        if mention.number == (1, 1) and not mention.references.keys() & {"part_of", "repeats"}:
            for incident in mention.incidents:
                single[incident] = single.get(incident, 0) + 1
    return any(number >= _MANY for number in single.values())


def _relative_date(document: AnnotatedText) -> bool:
    return any(
        mention.label == "date"
        and mention.incidents
        and not any(c.isdigit() for c in document.text[mention.start : mention.end])
        for mention in document.mentions
    )


CASES: dict[str, Callable[[AnnotatedText], bool]] = {
    "no incident": lambda document: _incidents(document) == 0,
    "two incidents or more": lambda document: _incidents(document) > 1,
    "rival tolls": _with("status", "rival"),
    "a toll that a later one replaces": _with("status", "replaced"),
    "a toll summed up in another": _with("status", "summed_up"),
    "a toll withdrawn": _with("status", "withdrawn"),
    "a part inside its total": _linked("part_of"),
    "a figure said again": _linked("repeats"),
    "a figure with its claimant": _linked("claimed_by"),
    "at least, up to": _open_range,
    "a vague count": lambda d: any(read_count(d.text[m.start : m.end]).vague for m in _figures(d)),
    "nobody hurt": lambda d: any(m.number == (0, 0) for m in _figures(d)),
    "killed or injured, not split": _harm("killed_or_injured"),
    "missing": _harm("missing"),
    "abducted": _harm("abducted"),
    "detained": _harm("detained"),
    "victims told one by one": _one_by_one,
    "fighters beside civilians": _fighters_beside_civilians,
    "alleged figure": _with("stance", "alleged"),
    "conceded figure": _with("stance", "conceded"),
    "denied figure": _with("stance", "denied"),
    "alleged actor": _with("attribution", "alleged"),
    "disputed actor": _with("attribution", "disputed"),
    "denied actor": _with("attribution", "denied"),
    "a date in words": _relative_date,
    "a date that nothing fixes": lambda d: any(m.value == "?" for m in d.mentions),
    "a tally": _harm("tally"),
    **{f"counted: {kind.replace('_', ' ')}": _who(kind) for kind in WHO},
}
