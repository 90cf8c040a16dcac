"""Tolls: from the claims of one incident to the figures to use. Arithmetic only; what a claim is has been decided.

The rules are the coding conventions of the result contract: parts are inside their total, rival tolls widen the
range, figures summed up, replaced or withdrawn are not used, unsummed parts are added, a conceded figure counts where
it stands alone (ranges after Every Casualty, "Standards for Casualty Recording", 2016).
"""

from dataclasses import dataclass, field, replace

from civex.values.counts import Count, sum_counts, widen

NOT_USED = ("summed_up", "replaced", "withdrawn")


@dataclass(slots=True)
class ClaimValue:
    """One casualty figure: the fields of a claim that arithmetic needs. `part_of` and `repeats` are ids of others."""

    id: str
    harm: str
    group: str
    min: int | None
    max: int | None
    stance: str = "stated"
    status: str = "used"
    part_of: str | None = None
    repeats: str | None = None
    vague: bool = False


@dataclass(slots=True)
class Toll:
    """The figure to use for one group, and the ids of the claims that it rests on."""

    min: int | None
    max: int | None
    claims: list[str] = field(default_factory=list)


def roll_up(claims: list[ClaimValue], harm: str) -> dict[str, Toll]:
    """group -> figure of one harm ("killed", "injured", ...); only groups that a claim speaks of."""
    relevant = [c for c in _in_use(claims, harm) if c.stance != "denied"]
    told = {c.group for c in relevant if c.stance != "conceded"}
    alone = [c for c in relevant if c.stance != "conceded" or not told & {c.group, "unspecified"}]
    return _by_group(alone)


def conceded(claims: list[ClaimValue], harm: str) -> dict[str, Toll]:
    """group -> figure of one harm that the striking side admits."""
    return _by_group([c for c in _in_use(claims, harm) if c.stance == "conceded"])


def _in_use(claims: list[ClaimValue], harm: str) -> list[ClaimValue]:
    """The claims of a harm that neither are superseded themselves nor are parts of a figure that is."""
    told = {c.id: c for c in claims if _tells_of(c, harm)}
    return [c for c in told.values() if all(x.status not in NOT_USED for x in _follow(c, "part_of", told)[0])]


def _tells_of(claim: ClaimValue, harm: str) -> bool:
    """A claim of the harm itself; "no casualties" tells of killed and injured alike."""
    if claim.harm == harm:
        return True
    nobody = claim.harm == "killed_or_injured" and claim.min == 0 and claim.max == 0
    return nobody and harm in ("killed", "injured")


def _by_group(claims: list[ClaimValue]) -> dict[str, Toll]:
    by_id = {c.id: c for c in claims}
    hedged = {c.repeats for c in claims if c.repeats and c.max is None}
    groups: dict[str, list[ClaimValue]] = {}
    for claim in claims:
        if not _said_again(claim, by_id) and not _inside_own_group(claim, by_id):
            groups.setdefault(claim.group, []).append(_with_least(claim, by_id))
    return {group: _figure(_at_most_total(members, by_id), hedged) for group, members in groups.items()}


def _with_least(claim: ClaimValue, by_id: dict[str, ClaimValue]) -> ClaimValue:
    """ "Up to 20, among them at least 14 of one family": a total without a lower end holds its largest part."""
    if claim.min is not None or claim.max is None:
        return claim
    parts = [c.min for c in by_id.values() if c is not claim and claim in _follow(c, "part_of", by_id)[0] and c.min]
    return replace(claim, min=min(max(parts), claim.max)) if parts else claim


def _at_most_total(members: list[ClaimValue], by_id: dict[str, ClaimValue]) -> list[ClaimValue]:
    """Parts of one group that make up more than the total of another group that holds them count the same people."""
    holders = [by_id.get(c.part_of or "") for c in members]
    total = holders[0] if holders else None
    if total is None or total.max is None or any(holder is not total for holder in holders):
        return members
    if sum(c.min or 0 for c in members) <= total.max:
        return members
    return [max(members, key=lambda c: c.min or 0)]


def _said_again(claim: ClaimValue, by_id: dict[str, ClaimValue]) -> bool:
    """True where another claim says it first; of claims that all repeat each other one stands."""
    chain, circle = _follow(claim, "repeats", by_id)
    return len(chain) > 1 and not (circle and claim.id == min(c.id for c in chain))


def _inside_own_group(claim: ClaimValue, by_id: dict[str, ClaimValue]) -> bool:
    """True where a total of the same group holds the claim; of claims inside each other the largest holds the rest.

    People of whom nothing is said ("his son") are of the group of the total that holds them.
    """
    chain, circle = _follow(claim, "part_of", by_id)
    chain += [same for c in chain[1:] for same in _follow(c, "repeats", by_id)[0][1:]]
    own = [c for c in chain if c.group == claim.group or claim.group == "unspecified"]
    if circle:
        return claim is not max(own, key=lambda c: max(c.min or 0, c.max or 0))
    return len(own) > 1


def _follow(claim: ClaimValue, link: str, by_id: dict[str, ClaimValue]) -> tuple[list[ClaimValue], bool]:
    """The claim and those that the link leads to one by one; whether it leads back to the claim."""
    chain = [claim]
    other = by_id.get(getattr(claim, link) or "")
    while other is not None and all(other is not c for c in chain):
        chain.append(other)
        other = by_id.get(getattr(other, link) or "")
    return chain, other is claim and len(chain) > 1


def _figure(claims: list[ClaimValue], hedged: set) -> Toll:
    told = [c for c in claims if c.min is not None or c.max is not None] or claims
    used = [_count(c, hedged) for c in told if c.status == "used"]
    rivals = [_count(c, hedged) for c in told if c.status == "rival"]
    figure = widen([sum_counts(used), *rivals]) if rivals else sum_counts(used)
    return Toll(figure.min, figure.max, [c.id for c in told])


def _count(claim: ClaimValue, hedged: set) -> Count:
    """The same figure with and without a hedge keeps the hedge."""
    return Count(claim.min, None if claim.id in hedged and claim.min is not None else claim.max, claim.vague)


def left_out(claims: list[ClaimValue], harm: str) -> dict[str, str]:
    """id -> why a claim of the harm is no number of the figure to use, of those that are none.

    "superseded" by its own status or as part of such a claim, "denied", "conceded" where others give a figure,
    "said_again", "part" of a total of its group, "no_number" beside one that has a number.
    """
    told = [c for c in claims if _tells_of(c, harm)]
    used = {id for toll in roll_up(claims, harm).values() for id in toll.claims}
    in_use = {c.id for c in _in_use(claims, harm)}
    relevant = {c.id: c for c in told if c.id in in_use and c.stance != "denied"}

    def why(claim: ClaimValue) -> str:
        if claim.id not in in_use:
            return "superseded"
        if claim.stance == "denied":
            return "denied"
        if _said_again(claim, relevant):
            return "said_again"
        if _inside_own_group(claim, relevant):
            return "part"
        return "conceded" if claim.stance == "conceded" else "no_number"

    return {c.id: why(c) for c in told if c.id not in used}
