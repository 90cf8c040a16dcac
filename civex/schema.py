"""The result of `civex.extract`: one `Report` a text, in pydantic models whose names are the public JSON names.

Every value that was read from the text carries its mention: the words and their place, with
``given_text[span[0]:span[1]] == text`` (Python indexing, end exclusive). ``python -m civex.schema`` renews the JSON
Schema in ``civex/data/report.schema.json``.
"""

import datetime
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, PrivateAttr, WithJsonSchema

from civex import labels

if TYPE_CHECKING:
    import pandas

    from civex.explanation import Notes

SCHEMA_VERSION = "1.0"
SCHEMA_PATH = Path(__file__).parent / "data" / "report.schema.json"


def _real_day(day: str) -> str:
    """`day` itself; ValueError for a day that no calendar has."""
    datetime.date.fromisoformat(day)
    return day


Span = tuple[int, int]
Day = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", json_schema_extra={"format": "date"}),
    AfterValidator(_real_day),
]
Number = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


def _known(attribute: str) -> AfterValidator:
    """Refuses what is no value of an attribute; those of a label file and of a model are (`labels.extend`)."""

    def known(word: str) -> str:
        if word not in labels.ATTRIBUTES[attribute][0]:
            raise ValueError(f"no {attribute} of the guideline: {word!r}")
        return word

    return AfterValidator(known)


def _enum(attribute: str) -> WithJsonSchema:
    return WithJsonSchema({"enum": list(labels.ATTRIBUTES[attribute][0]), "type": "string"})


# A tuple between the brackets of Literal counts as its words; the words themselves live in civex.labels only.
Harm = Literal[labels.HARMS]  # type: ignore[valid-type]
Group = Literal[labels.GROUPS]  # type: ignore[valid-type]
Who = Annotated[str, _known("who"), _enum("who")]
Stance = Literal[labels.STANCES]  # type: ignore[valid-type]
Status = Literal[labels.STATUSES]  # type: ignore[valid-type]
SourceType = Annotated[str, _known("source_type"), _enum("source_type")]
Attribution = Literal[labels.ATTRIBUTIONS]  # type: ignore[valid-type]
ActionType = Annotated[str, _known("action_type"), _enum("action_type")]
TargetType = Annotated[str, _known("target_type"), _enum("target_type")]
Effect = Annotated[str, _known("effect"), _enum("effect")]
Outcome = Annotated[str, _known("outcome"), _enum("outcome")]
Reason = Annotated[str, _known("reason"), _enum("reason")]
Measure = Annotated[str, _known("measure"), _enum("measure")]
Precision = Literal["day", "month", "year", "range"]


class Model(BaseModel):
    """What the models below share.

    A name that is not in the contract is refused, so that a slip is seen at once. So is a richer mention in the place
    of a plainer one (an Actor as `claimed_by`): it would come back from JSON as another type.
    """

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), revalidate_instances="subclass-instances")


class Mention(Model):
    """Words of the text and where they stand: character offsets, end exclusive."""

    text: str
    span: Span


class NamedMention(Mention):
    """A mention with its normalised name, where it has one: a publisher, an owner, a claimant."""

    name: str | None = None


class Owner(NamedMention):
    """Whose a target is: "Daesh", "al-Shawa family"."""


class Date(Mention):
    """A date said in the text. `start` and `end` are ISO days, inclusive; null where nothing fixes the date."""

    start: Day | None = None
    end: Day | None = None
    precision: Precision | None = None


Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class PlaceCandidate(Model):
    """A place that a mention may mean; `country` is ISO 3166-1 alpha-2, `score` its share of the weight of all."""

    name: str
    country: str
    lat: Latitude
    lon: Longitude
    gazetteer_id: str
    score: Share


class Place(Mention):
    """A place below country, with its point (degrees, WGS84) where one was found.

    `gazetteer_id` is null where the text itself says the point. Where the gazetteer has several places of the name and
    none stands out, the point is null and `candidates` lists the likeliest.
    """

    lat: Latitude | None = None
    lon: Longitude | None = None
    gazetteer_id: str | None = None
    candidates: list[PlaceCandidate] = []


class Country(Model):
    """The country. `text` and `span` are null where it is inferred from the gazetteer; `code` is ISO 3166-1 alpha-2."""

    name: str
    code: str | None = None
    inferred: bool = False
    text: str | None = None
    span: Span | None = None


class Source(NamedMention):
    """Who told of the harm."""

    type: SourceType = "unknown"


class Actor(NamedMention):
    """Who struck, as the text says."""

    attribution: Attribution = "confirmed"


class Count(Model):
    """A number of things: {5, null} is "at least 5", {null, 11} "up to 11", {null, null} said without a figure."""

    min: Number | None = None
    max: Number | None = None


class Figure(Count):
    """The figure to use for one group of people; `claims` are the ids of the claims that it rests on."""

    claims: list[str] = []


class Action(Mention):
    """What was done."""

    type: ActionType = "other"
    count: Count | None = None


class Target(Mention):
    """What was struck. A thing of two types is listed twice, once with each."""

    type: TargetType = "other"
    owner: Owner | None = None
    count: Count | None = None
    effect: Effect | None = None


class Claim(Mention):
    """One casualty figure as it is said. `part_of` and `repeats` are ids of other claims of the same incident."""

    id: str
    harm: Harm
    group: Group = "unspecified"
    who: list[Who] = []
    min: Number | None = None
    max: Number | None = None
    vague: bool = False
    claimed_by: NamedMention | None = None
    stance: Stance = "stated"
    part_of: str | None = None
    repeats: str | None = None
    status: Status = "used"


Rollup = dict[Group, Figure]


class Conceded(Model):
    """What the striking side admits."""

    killed: Rollup = {}
    injured: Rollup = {}


class Assessment(Model):
    """How a report of harm was judged, why, and by which words."""

    outcome: Outcome | None = None
    reason: Reason | None = None
    mentions: list[Mention] = []
    reopened: bool = False
    previously_reported: bool | None = None
    reported_on: Date | None = None


DOUBTED = ("date", "places", "country", "sources", "actors", "actions", "targets", "killed", "injured", "assessment")
Doubted = Literal[DOUBTED]  # type: ignore[valid-type]


class Confidence(Model):
    """How sure the model is of each field, 0 to 1; probabilities only where `calibrated` is true."""

    incident: Share = 0.0
    date: Share = 0.0
    places: Share = 0.0
    country: Share = 0.0
    sources: Share = 0.0
    actors: Share = 0.0
    actions: Share = 0.0
    targets: Share = 0.0
    killed: Share = 0.0
    injured: Share = 0.0
    assessment: Share = 0.0
    calibrated: bool = False


class Candidate(Mention):
    """A reading that is in doubt: what a field would say had it not been left empty.

    `value` is what stands in the field beside the mention (a date's start, end and precision). `confidence` is the
    product of the model's scores for the words, their link to the incident and how they were read: it puts candidates
    in order and is not calibrated.
    """

    confidence: Share
    value: dict[str, JsonValue] = {}


class Incident(Model):
    """One harmful event, or one report of one. Groups that the text does not speak of are no key of `killed` etc.

    `candidates` has a key for each field that was left empty since its confidence is below `min_confidence`: a name as
    in `Confidence`, with what was read all the same. Of killed and injured the claims stay in `casualties` as well.
    """

    id: str
    spans: list[Span] = []
    date: Date | None = None
    places: list[Place] = []
    country: Country | None = None
    sources: list[Source] = []
    actors: list[Actor] = []
    actions: list[Action] = []
    targets: list[Target] = []
    casualties: list[Claim] = []
    killed: Rollup = {}
    injured: Rollup = {}
    detained: Rollup = {}
    missing: Rollup = {}
    abducted: Rollup = {}
    conceded: Conceded = Field(default_factory=Conceded)
    assessment: Assessment = Field(default_factory=Assessment)
    confidence: Confidence = Field(default_factory=Confidence)
    candidates: dict[Doubted, list[Candidate]] = {}

    _notes: "Notes | None" = PrivateAttr(default=None)  # in memory only: what `explain` tells of

    def __eq__(self, other: object) -> bool:
        """Incidents are equal where all that JSON holds of them is."""
        return isinstance(other, Incident) and dict(self) == dict(other)

    def explain(self, text: str | None = None) -> str:
        """Why the record says what it says, in words: sentences, claims, what decided each field, how sure it is.

        text: the text that was read, for an incident that was loaded from JSON: with it the sentences are shown. Which
        rule decided is known only of an incident that comes from `civex.extract`; else the explanation says so.
        Raises ValueError for a text in which the mentions do not stand where the incident has them.
        """
        from civex.explanation import explain

        return explain(self, self._notes, text)


class Tally(Mention):
    """A figure about many incidents."""

    measure: Measure = "other"
    min: Number | None = None
    max: Number | None = None
    period: Date | None = None
    area: Mention | None = None
    claimed_by: NamedMention | None = None


class ReportWarning(Model):
    """Something the reader should know: not_english, weekday_contradicts_date, ambiguous_date_order, ..."""

    code: str
    message: str
    span: Span | None = None


class ModelInfo(Model):
    """The model that made the report."""

    name: str
    version: str


class Document(Model):
    """The text that was read. `sha256` is of the text as UTF-8 with surrogatepass; `language` is ISO 639-1."""

    sha256: str
    n_chars: Number
    language: str | None = None
    publisher: NamedMention | None = None
    published: Date | None = None
    title: Mention | None = None


class Report(Model):
    """All that one text says of incidents, in order of first mention.

    Example:
        >>> document = Document(sha256="", n_chars=0)
        >>> report = Report(model=ModelInfo(name="civex_en", version="1.0"), document=document)
        >>> report
        Report(0 incidents, 0 tallies)
        >>> Report.from_json(report.to_json()) == report
        True
    """

    model_config = ConfigDict(json_schema_extra={"$schema": "https://json-schema.org/draft/2020-12/schema"})

    schema_version: str = SCHEMA_VERSION
    model: ModelInfo
    document: Document
    incidents: list[Incident] = []
    tallies: list[Tally] = []
    warnings: list[ReportWarning] = []

    def to_dict(self) -> dict[str, Any]:
        """Plain data that `json.dumps` takes: dicts, lists, str, int, float, bool, None."""
        return self.model_dump(mode="json")

    def to_json(self, indent: int | None = None) -> str:
        """The report as JSON in ASCII: other characters, lone surrogates too, are escaped and come back unchanged."""
        return json.dumps(self.to_dict(), ensure_ascii=True, indent=indent)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Report":
        """The report that `to_dict` wrote. Raises `pydantic.ValidationError`, a `ValueError`, on anything else."""
        return cls.model_validate(data)

    @classmethod
    def from_json(cls, data: str | bytes) -> "Report":
        """The report that `to_json` wrote. Raises `ValueError` on anything else."""
        return cls.from_dict(json.loads(data))

    def to_dataframe(self) -> "pandas.DataFrame":
        """One flat row an incident, see `COLUMNS`. Days are dates, figures whole numbers with a missing value.

        Words of the text come on one line, lone surrogates as U+FFFD. Raises ImportError where pandas is missing.
        """
        try:
            import pandas
        except ImportError as error:
            raise ImportError("Report.to_dataframe needs pandas: pip install pandas") from error
        frame = pandas.DataFrame([flat_row(incident) for incident in self.incidents], columns=COLUMNS)
        for column in ("date_start", "date_end"):
            frame[column] = frame[column].astype("datetime64[s]")
        kinds = {name: "Int64" for name in COLUMNS if name.endswith(("_min", "_max")) or name == "first_offset"}
        return frame.astype({**kinds, "reopened": "boolean", "previously_reported": "boolean"})

    def __repr__(self) -> str:
        """`Report(133 incidents, 12 tallies, 'CJTF-OIR Monthly ...')`: the title or publisher, shortened."""
        parts = [
            counted(len(self.incidents), "incident", "incidents"),
            counted(len(self.tallies), "tally", "tallies"),
        ]
        named = self.document.title or self.document.publisher
        if named:
            words = one_line(named.text)
            parts.append(repr(words if len(words) <= 40 else words[:37].rstrip() + "..."))
        return f"Report({', '.join(parts)})"

    __str__ = __repr__


ROLLUPS = ("detained", "missing", "abducted")
COLUMNS = [
    *("id", "date_start", "date_end", "date_precision", "places", "country", "country_code", "sources", "source_types"),
    *("actors", "actions", "action_types", "targets", "target_types"),
    *(f"{harm}_{group}_{end}" for harm in ("killed", "injured") for group in labels.GROUPS for end in ("min", "max")),
    *(f"{harm}_{end}" for harm in ROLLUPS for end in ("min", "max")),
    *("outcome", "reason", "reopened", "previously_reported", "doubtful", "first_offset"),
]
_UNPRINTABLE = re.compile("[\ud800-\udfff]")


def one_line(text: str) -> str:
    """`text` with each run of blanks and line breaks as one blank and lone surrogates as U+FFFD: fit for any output."""
    return " ".join(_UNPRINTABLE.sub("\ufffd", text).split())


def counted(number: int, one: str, many: str) -> str:
    """Such as "1 tally", "12 tallies"."""
    return f"{number} {one if number == 1 else many}"


def unique(words: list[str]) -> list[str]:
    """`words` on one line each, without repeats, in order of first mention."""
    return list(dict.fromkeys(one_line(word) for word in words))


def names(mentions: list[Source] | list[Actor]) -> list[str]:
    """The name of each mention, or its words where it has none; each once."""
    return unique([mention.name or mention.text for mention in mentions])


def parts(figures: Rollup, claims: list[Claim]) -> set[Group]:
    """The groups that are inside another group's total: "13 people, three of them children".

    Each claim that such a group rests on is `part_of` a claim that another group's figure rests on.
    """
    part_of = {claim.id: claim.part_of for claim in claims if claim.part_of}
    used = {claim for figure in figures.values() for claim in figure.claims}
    inside = {
        group
        for group, figure in figures.items()
        if figure.claims and all(part_of.get(claim) in used - set(figure.claims) for claim in figure.claims)
    }
    return inside if len(inside) < len(figures) else set()


def overall(figures: Rollup, claims: list[Claim]) -> Figure | None:
    """One figure over all groups, None where the text gives none.

    Parts of a total are not added. A bound that one group leaves open is open; a floor counts the groups that have one.
    """
    inside = parts(figures, claims)
    added = [figure for group, figure in figures.items() if group not in inside]
    if not added:
        return None
    floors = [figure.min for figure in added if figure.min is not None]
    tops = [figure.max for figure in added if figure.max is not None]
    return Figure(
        min=sum(floors) if floors else None,
        max=sum(tops) if len(tops) == len(added) else None,
        claims=[claim for figure in added for claim in figure.claims],
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a saved report; the same stands in ``civex/data/report.schema.json``."""
    return Report.model_json_schema()


def flat_row(incident: Incident) -> dict[str, Any]:
    """The row of `Report.to_dataframe` for one incident; figures that the text does not give are no key of it."""
    date, country, assessment = incident.date, incident.country, incident.assessment
    row = {
        "id": one_line(incident.id),
        "date_start": date and date.start,
        "date_end": date and date.end,
        "date_precision": date and date.precision,
        "places": "; ".join(unique([place.text for place in incident.places])),
        "country": country and one_line(country.name),
        "country_code": country and country.code and one_line(country.code),
        "sources": "; ".join(names(incident.sources)),
        "source_types": "; ".join(unique([source.type for source in incident.sources])),
        "actors": "; ".join(names(incident.actors)),
        "actions": "; ".join(unique([action.text for action in incident.actions])),
        "action_types": "; ".join(unique([action.type for action in incident.actions])),
        "targets": "; ".join(unique([target.text for target in incident.targets])),
        "target_types": "; ".join(unique([target.type for target in incident.targets])),
        "outcome": assessment.outcome,
        "reason": assessment.reason,
        "reopened": assessment.reopened,
        "previously_reported": assessment.previously_reported,
        "doubtful": "; ".join(incident.candidates),
        "first_offset": min((start for start, _ in incident.spans), default=None),
    }
    figures = {
        f"{harm}_{group}": figure for harm in ("killed", "injured") for group, figure in getattr(incident, harm).items()
    }
    figures |= {harm: overall(getattr(incident, harm), incident.casualties) for harm in ROLLUPS}
    for name, figure in figures.items():
        if figure is not None:
            row |= {f"{name}_min": figure.min, f"{name}_max": figure.max}
    return row


def _schema_text() -> str:
    """The content of the schema file."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    SCHEMA_PATH.write_text(_schema_text(), encoding="utf-8", newline="\n")
