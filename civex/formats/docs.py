"""What a pipeline (or a gold Doc) says, as an annotated document that a person can correct."""

from typing import Any

from spacy.tokens import Doc

from civex.annotations import REFERENCES, AnnotatedText, Mention, settle
from civex.labels import ATTRIBUTES, CORE_LABELS, HARMS, INCIDENTS, MENTIONS
from civex.values.counts import read_count, read_number


def document_of(doc: Doc, text: str, *, id: str | None = None, meta: dict | None = None) -> AnnotatedText:
    """The mentions of a Doc that went through a civex pipeline, with incidents, tallies, values and relations.

    text: the text as it was given, of the same length as the Doc's. A figure, action or target that the Doc links to
    several incidents is given to the first, since the guideline knows no other.
    """
    group = doc.spans[MENTIONS]
    rows = group.attrs.get("attributes") or [{} for _ in group]
    mentions = [_mention(doc, n, row) for n, row in enumerate(rows)]
    _add_incidents(doc, mentions)
    _add_tallies(doc, mentions)
    for head, tail, label, _ in group.attrs.get("relations", ()):
        if label == "owner_of" and mentions[tail].start <= mentions[head].start < mentions[tail].end:
            continue  # where it stands says so
        if label in REFERENCES.values() and label not in mentions[head].references and head != tail:
            mentions[tail].id = mentions[tail].id or f"m{tail + 1}"
            mentions[head].references[label] = f"m{tail + 1}"
    for mention in mentions:
        settle(mention)
    own = {**doc.user_data.get("civex_meta", {}), **(meta or {})}
    return AnnotatedText(id or doc.user_data.get("civex_id") or "document", own, text, mentions)


def _mention(doc: Doc, n: int, row: dict[str, Any]) -> Mention:
    span = doc.spans[MENTIONS][n]
    mention = Mention(span.start_char, span.end_char, span.label_, name=row.get("name"))
    for name, (values, labels, several, _) in ATTRIBUTES.items():
        if mention.label in labels and name in row and name != "harm":
            found = row[name] if several else [row[name]]
            kept = [value for value in found or [] if value in values]
            if kept or several:
                mention.attributes[name] = kept if several else kept[0]
    if mention.label == "date":
        mention.value = row.get("value") or _iso(doc.spans[MENTIONS].attrs.get("dates", {}).get(str(n), {}))
    mention.number = _number(doc, span.start, mention, row, span.text)
    return mention


def _iso(date: dict[str, Any]) -> str:
    """`2019-03-24`, `2019-03`, `2019`, `2019-03-01..2019-03-05` or `?` of a date that `civex_dates` read."""
    start, end = date.get("start"), date.get("end")
    if not start and not end:
        return "?"
    length = {"day": 10, "month": 7, "year": 4}.get(date.get("precision") or "")
    return start[:length] if length and start else f"{start or ''}..{end or ''}"


def _number(doc: Doc, start: int, mention: Mention, row: dict, words: str) -> tuple | None:
    if "number" in row:
        return tuple(row["number"])
    if mention.label in (*HARMS, "tally"):
        count = read_count(words)
        return (count.min, count.max)
    before = doc[start - 1].text if start and mention.label in ("action", "target") else ""
    if not before[:1].isalnum() or before.lower() in ("a", "an", "the"):
        return None
    count = read_number(before)
    return None if (count.min, count.max) == (None, None) else (count.min, count.max)


def _add_incidents(doc: Doc, mentions: list[Mention]) -> None:
    members: dict[int, list[int]] = {}
    if INCIDENTS in doc.spans:
        for row in doc.spans[INCIDENTS].attrs.get("incidents", ()):
            members[row["opener"]] = [n for n, _ in row["mentions"]]
    else:
        for head, tail, label, _ in doc.spans[MENTIONS].attrs.get("relations", ()):
            if label == "tells_of":
                members.setdefault(tail, []).append(head)
    _settle_assessments(doc, mentions, members)
    for number, opener in enumerate(sorted(members, key=lambda n: min(members[n], default=n)), 1):
        for n in sorted({opener, *members[opener]}):
            if not (mentions[n].label in CORE_LABELS and mentions[n].events):
                mentions[n].events += (f"i{number}",)


def _settle_assessments(doc: Doc, mentions: list[Mention], members: dict[int, list[int]]) -> None:
    """Of the outcomes and reasons linked to an incident, those that `civex_assessments` chose for it or for none."""
    chosen = {int(n): set(row["mentions"]) for n, row in doc.spans[MENTIONS].attrs.get("assessments", {}).items()}
    used = set().union(*chosen.values())
    for opener in members:
        members[opener] = [
            n
            for n in members[opener]
            if mentions[n].label not in ("outcome", "reason") or n not in used or n in chosen.get(opener, ())
        ]


def _add_tallies(doc: Doc, mentions: list[Mention]) -> None:
    tallies = {n: f"t{k}" for k, n in enumerate((n for n, m in enumerate(mentions) if m.label == "tally"), 1)}
    for n, name in tallies.items():
        mentions[n].events = (name,)
    for head, tail, label, _ in doc.spans[MENTIONS].attrs.get("relations", ()):
        if label == "about" and tail in tallies:
            mentions[head].events += (tallies[tail],)
