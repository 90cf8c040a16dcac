"""The guideline's labels: what a mention can be, what is said of it, and how mentions belong together.

One place for guideline, annotation form, components and reports. To teach civex a new target type or outcome, write it
into a label file of your own (`civex --labels FILE`, `extend`), annotate documents with it and retrain; a model brings
its values along when it is loaded.
"""

import re
from collections.abc import Iterable, Mapping

# Keys of ``doc.spans``.
UNITS = "civex_units"  # layout: one span a heading, list entry, paragraph ...; label = kind
MENTIONS = "civex_mentions"  # what the text names; label = one of MENTION_LABELS
INCIDENTS = "civex_incidents"  # stretches of text that tell of an incident; label = "i1", "i2", ...

UNIT_LABELS = ("heading", "entry", "paragraph", "table_row", "footnote", "caption", "furniture")

HARMS = ("killed", "injured", "killed_or_injured", "missing", "abducted", "detained")
CASUALTY = "casualty"  # a figure of any harm, before its attribute `harm` is decided
GROUPS = ("civilians", "combatants", "unspecified")
WHO = (
    "children",
    "women",
    "men",
    "elderly",
    "family",
    "medical",
    "journalist",
    "aid_worker",
    "displaced",
    "pregnant",
    "detainee",
    "other",
)
STANCES = ("stated", "alleged", "conceded", "denied")
STATUSES = ("used", "summed_up", "replaced", "withdrawn", "rival")
DATE_ROLES = ("event", "published", "reported", "period", "other")
SOURCE_TYPES = ("self_report", "media", "social_media", "ngo", "un", "government", "local_source", "unknown")
ATTRIBUTIONS = ("confirmed", "alleged", "disputed", "denied")
ACTION_TYPES = (
    "airstrike",
    "drone_strike",
    "artillery",
    "rocket",
    "small_arms",
    "ied",
    "suicide_attack",
    "ground_operation",
    "naval",
    "raid",
    "other",
)
TARGET_TYPES = (
    "fighters",
    "vehicle",
    "command",
    "communications",
    "weapons_storage",
    "weapons_production",
    "weapons_system",
    "fighting_position",
    "staging_area",
    "logistics",
    "economic",
    "building",
    "residential",
    "medical",
    "school",
    "religious",
    "market",
    "camp",
    "infrastructure",
    "industrial",
    "agricultural",
    "media",
    "other",
)
EFFECTS = ("destroyed", "damaged", "struck", "suppressed")
OUTCOMES = ("credible", "non_credible", "open", "duplicate", "inconclusive")
REASONS = (
    "insufficient_information",
    "no_strike_in_area",
    "no_civilian_harm_on_review",
    "duplicate",
    "not_coalition",
)
NOTES = ("reopened", "reported", "unreported")
MEASURES = (
    "strikes",
    "reports_received",
    "reports_open",
    "reports_completed",
    "credible",
    "credible_previously_unreported",
    "non_credible",
    "duplicates",
    "reports_reopened",
    "inconclusive",
    "civilians_killed",
    "civilians_injured",
    "combatants_killed",
    "people_killed",
    "people_injured",
    "detained",
    "other",
)
# What a count of reports says of the reports that are listed under it.
OUTCOME_OF_MEASURE = {
    "reports_open": "open",
    "credible": "credible",
    "credible_previously_unreported": "credible",
    "non_credible": "non_credible",
    "duplicates": "duplicate",
    "inconclusive": "inconclusive",
}

# Labels of one layer never overlap each other; labels of different layers may nest and cross. The layers tell where a
# casualty figure stands; which harm it tells of is an attribute.
LAYERS = (
    ("date",),
    ("outcome", "reason", "note"),
    ("place", "country"),
    ("source", "publisher"),
    ("actor", "owner"),
    ("action",),
    ("target",),
    (CASUALTY, "tally"),
    ("title",),
)
LAYER_LABELS = tuple(
    tuple(label for name in layer for label in (HARMS if name == CASUALTY else (name,))) for layer in LAYERS
)  # the same with the harms in place of `casualty`
MENTION_LABELS = tuple(label for layer in LAYER_LABELS for label in layer)

# Attributes of a mention: name -> (values, labels that carry it, takes several values, value when not said).
_CASUALTY = HARMS
ATTRIBUTES: dict[str, tuple] = {
    "role": (DATE_ROLES, ("date",), False, "other"),
    "source_type": (SOURCE_TYPES, ("source",), False, "unknown"),
    "attribution": (ATTRIBUTIONS, ("actor",), False, "confirmed"),
    "action_type": (ACTION_TYPES, ("action",), False, "other"),
    "target_type": (TARGET_TYPES, ("target",), True, None),
    "effect": (EFFECTS, ("target",), False, None),
    "harm": (HARMS, _CASUALTY, False, None),  # the label again, decided in the light of the whole sentence
    "group": (GROUPS, _CASUALTY, False, "unspecified"),
    "who": (WHO, _CASUALTY, True, None),
    "stance": (STANCES, _CASUALTY, False, "stated"),
    "status": (STATUSES, _CASUALTY, False, "used"),
    "outcome": (OUTCOMES, ("outcome",), False, "open"),
    "reason": (REASONS, ("reason",), False, "insufficient_information"),
    "note": (NOTES, ("note",), False, "reported"),
    "measure": (MEASURES, ("tally",), False, "other"),
}

# Relations: label -> (labels of the head mention, labels of the tail mention).
# tells_of: head belongs to the incident that the tail mention opens. about: head (date, place) bounds the tally.
_INCIDENT_PARTS = tuple(label for label in MENTION_LABELS if label not in ("publisher", "title", "tally", "owner"))
RELATIONS = {
    "tells_of": (_INCIDENT_PARTS, _INCIDENT_PARTS),
    "about": (("date", "place", "country"), ("tally",)),
    "owner_of": (("owner",), ("target",)),
    "claimed_by": ((*_CASUALTY, "tally"), ("source", "actor", "publisher")),
    "part_of": (_CASUALTY, _CASUALTY),
    "repeats": (_CASUALTY, _CASUALTY),  # the same claim said again
    "superseded_by": (_CASUALTY, _CASUALTY),  # a claim summed up, replaced or withdrawn -> the one that stands
}
# Mentions that belong to one incident only; the others (a date, a place, an outcome) may be said once for several.
CORE_LABELS = ("action", "target", *HARMS)
# The labels that can open an incident.
OPENER_LABELS = ("date", "place", *CORE_LABELS)

# Attributes to which a group may add values of its own. What the others say is known to the code.
OPEN_ATTRIBUTES = ("target_type", "outcome", "reason", "source_type", "action_type", "effect", "who", "measure")


def extend(values: Mapping[str, Iterable[str]]) -> None:
    """Add values of attributes for the rest of the process: `extend({"target_type": ["bridge"]})`.

    Values that are there already are left alone. Raises ValueError for an attribute that is not open, and for a word
    that the annotation form could not tell from another one; then nothing is added.
    """
    added = {}
    for name, words in values.items():
        if name not in OPEN_ATTRIBUTES:
            raise ValueError(f"no values can be added to {name!r}, only to {', '.join(OPEN_ATTRIBUTES)}")
        known, labels, *rest = ATTRIBUTES[name]
        new = [word for word in words if word not in known]
        taken = {v for other, (vs, ls, *_) in ATTRIBUTES.items() if other != name and {*ls} & {*labels} for v in vs}
        for word in new:
            if not re.fullmatch("[a-z][a-z_]+", word):
                raise ValueError(f"{name} {word!r}: small letters and underscores only")
            if word in taken:
                raise ValueError(f"{name} {word!r}: the word says something else of the same mentions already")
        added[name] = ((*known, *dict.fromkeys(new)), labels, *rest)
    ATTRIBUTES.update(added)
