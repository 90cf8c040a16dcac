"""Comparison: two systems on the same annotated documents, and whether the difference is more than chance.

`compare` takes what `civex.evaluation.evaluate` gave for each. The verdict rests on one figure that is named
beforehand; the other figures are shown with p-values corrected for their number.
"""

from typing import Any, NamedTuple

from civex.evaluation import INCIDENT_FIELDS, Evaluation, Judged
from civex.figures import MEASURES, Counts, Name, Row, columns, names, row
from civex.intervals import LEVEL, SAMPLES, Difference, difference, holm, resamples, swaps

FIGURE = ("records", "all fields")
SIGNIFICANT = 0.05
_GROUPS = ("records", "field", "narratives", "text", "mention", "relation, end to end", "genre", "war")


class Change(NamedTuple):
    """How one document fares: its errors (missed and false values) with each system, and the fields that changed."""

    document: str
    first: int
    second: int
    fields: dict[str, int]


class Comparison(NamedTuple):
    """Two systems on the same documents. `differences` is second less first, by figure; `corrected` its p by Holm."""

    names: tuple[str, str]
    figure: Name
    differences: dict[Name, Difference]
    corrected: dict[Name, float | None]
    changes: list[Change]
    documents: int

    @property
    def headline(self) -> Difference:
        """The difference of the figure that the verdict rests on."""
        return self.differences[self.figure]

    @property
    def worse(self) -> bool:
        """True where the second system is worse in the chosen figure, and by more than chance."""
        found = self.headline
        return bool(found.difference and found.difference < 0 and found.p is not None and found.p < SIGNIFICANT)

    @property
    def better(self) -> bool:
        """True where the second system is better in the chosen figure, and by more than chance."""
        found = self.headline
        return bool(found.difference and found.difference > 0 and found.p is not None and found.p < SIGNIFICANT)

    def verdict(self) -> str:
        """One sentence: which is better, by how much, and whether that is more than chance."""
        first, second = self.names
        found, what = self.headline, self.figure[1]
        if found.first is None or found.second is None or found.difference is None:
            return f"Nothing to compare: {what} is not counted in any of {self.documents} documents."
        figures = f"{what} {found.first:.3f} with {first}, {found.second:.3f} with {second}"
        if found.p is None:
            return f"Too few documents to tell: {figures} ({found.documents} document)."
        judged = "better than" if self.better else "worse than" if self.worse else "not significantly different from"
        ends = "" if found.low is None else f", 95 % interval {found.low:+.3f} to {found.high:+.3f}"
        numbers = f"{found.difference:+.3f}{ends}, p = {found.p:.2g}, {found.documents} documents"
        return f"{second} is {judged} {first}: {figures} ({numbers})."

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        figures: dict = {}
        for (group, name), found in self.differences.items():
            figures.setdefault(group, {})[name] = {**found._asdict(), "p_holm": self.corrected[group, name]}
        return {
            "first": self.names[0],
            "second": self.names[1],
            "verdict": self.verdict(),
            "worse": self.worse,
            "better": self.better,
            "figure": list(self.figure),
            "documents": self.documents,
            "figures": figures,
            "changes": [change._asdict() for change in self.changes],
        }

    def table(self) -> str:
        """The figures as lines of plain text; a star where the difference is more than chance after correction."""
        lines = [f"{'':<30}{'first':>8}{'second':>8}{'change':>8}{'95 % interval':>18}{'p (Holm)':>10}"]
        group = ""
        for (kind, name), found in self.differences.items():
            if found.first is None or found.second is None or found.difference is None:
                continue
            if kind != group:
                lines.append(kind)
                group = kind
            ends = "" if found.low is None else f"{found.low:+.3f} to {found.high:+.3f}"
            p = self.corrected[kind, name]
            sure = "" if p is None else f"{p:10.3f}" + (" *" if p < SIGNIFICANT else "")
            lines.append(
                f"  {name or '-':<28.28}{found.first:8.3f}{found.second:8.3f}{found.difference:+8.3f}{ends:>18}{sure}"
            )
        return "\n".join(lines)

    def changed(self, limit: int) -> list[str]:
        """Lines on the documents that changed most, at most `limit`."""
        return [
            f"{c.document}: {c.first} errors, then {c.second} ({c.second - c.first:+d}): "
            + ", ".join(f"{name} {change:+d}" for name, change in c.fields.items())
            for c in self.changes[:limit]
        ]


def compare(
    first: Evaluation,
    second: Evaluation,
    *,
    names: tuple[str, str] = ("A", "B"),
    figure: Name = FIGURE,
    samples: int = SAMPLES,
    seed: int = 0,
    level: float = LEVEL,
) -> Comparison:
    """Compare two evaluations of the same documents.

    figure: (group, name) of the figure that the verdict rests on. Raises ValueError where the documents are not the
    same or no document counts for the figure.
    """
    if [_told(j) for j in first.judged] != [_told(j) for j in second.judged]:
        raise ValueError("the two were not scored on the same documents")
    pairs = [(row(a), row(b)) for a, b in zip(first.judged, second.judged, strict=True)]
    differences = _differences(pairs, samples, seed, level)
    if figure not in differences:
        known = ", ".join(f"{group}: {name}" for group, name in differences)
        raise ValueError(f"no figure {figure[0]}: {figure[1]} on these documents; there are {known}")
    corrected = dict(zip(differences, holm([found.p for found in differences.values()]), strict=True))
    changes = [_change(j.document.id, *both) for j, both in zip(first.judged, pairs, strict=True)]
    changes = sorted((c for c in changes if c.fields), key=lambda c: (-abs(c.second - c.first), c.document))
    return Comparison(names, figure, differences, corrected, changes, len(pairs))


def _told(judged: Judged) -> tuple:
    return judged.document.id, judged.document.text, judged.gold.to_json()


def _differences(pairs: list[tuple[Row, Row]], samples: int, seed: int, level: float) -> dict[Name, Difference]:
    """Each figure of the groups that a verdict may rest on, by its last measure (F1, share)."""
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    drawn, swapped = resamples(len(pairs), samples, seed), swaps(len(pairs), samples, seed)
    found = {}
    for name in sorted(names([*first, *second]), key=lambda n: (_rank(n[0]), n[1])):
        if name[0] in _GROUPS:
            form, both = columns([*first, *second], name)
            counts = both[: len(pairs)], both[len(pairs) :]
            found[name] = difference(*counts, MEASURES[form][-1], drawn, swapped, level)
    return found


def _rank(group: str) -> int:
    return _GROUPS.index(group) if group in _GROUPS else len(_GROUPS)


def _change(document: str, first: Row, second: Row) -> Change:
    """Errors of the incidents' fields and of the tallies, before and after."""
    fields = {name: (_errors(first, name), _errors(second, name)) for name in (*INCIDENT_FIELDS, "tallies")}
    changed = {name: after - before for name, (before, after) in fields.items() if after != before}
    changed = dict(sorted(changed.items(), key=lambda item: -abs(item[1])))
    return Change(document, sum(b for b, _ in fields.values()), sum(a for _, a in fields.values()), changed)


def _errors(counts: Row, name: str) -> int:
    _, misses, alarms = counts.get(("field", name), Counts("set", (0, 0, 0))).columns
    return int(misses + alarms)
