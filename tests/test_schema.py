"""The result types: they hold what is given, survive JSON, and their JSON Schema is the one in the package."""

import builtins
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from civex import labels, schema
from civex.schema import (
    Actor,
    Assessment,
    Claim,
    Conceded,
    Country,
    Date,
    Document,
    Figure,
    Incident,
    Mention,
    ModelInfo,
    NamedMention,
    Owner,
    Place,
    Report,
    ReportWarning,
    Source,
    Tally,
    Target,
    overall,
)

MODEL = ModelInfo(name="civex_en", version="1.0")
ANY_TEXT = st.text(st.characters(), max_size=30)  # st.text() alone leaves lone surrogates out


def claim(id: str, min: int | None, max: int | None, part_of: str | None = None, **fields: object) -> Claim:
    return Claim(id=id, text="x", span=(0, 1), harm="detained", min=min, max=max, part_of=part_of, **fields)


def full_incident() -> Incident:
    """An incident with every field filled."""
    owner = Owner(text="Daesh", span=(10, 15), name="Daesh")
    date = Date(text="Apr. 9, 2016", span=(0, 12), start="2016-04-09", end="2016-04-09", precision="day")
    return Incident(
        id="i1",
        spans=[(40, 90), (0, 30)],
        date=date,
        places=[Place(text="al-Bado\nneighborhood", span=(1, 4)), Place(text="Mosul", span=(5, 9), lat=36.3, lon=43.1)],
        country=Country(name="Iraq", code="IQ", inferred=True),
        sources=[Source(text="its report", span=(0, 3), type="ngo", name="Airwars")],
        actors=[Actor(text="Coalition", span=(0, 3)), Actor(text="Coalition", span=(5, 8))],
        targets=[
            Target(text="school", span=(0, 3), type=kind, owner=owner, effect="struck") for kind in ("school", "camp")
        ],
        casualties=[claim("c1", 13, 13), claim("c2", 3, 3, "c1", who=["children"], claimed_by=owner)],
        killed={"civilians": Figure(min=5, max=None, claims=["c1"])},
        detained={"unspecified": Figure(min=13, max=13, claims=["c1"]), "civilians": Figure(min=3, claims=["c2"])},
        conceded=Conceded(killed={"civilians": Figure(min=1, max=1)}),
        assessment=Assessment(outcome="credible", reopened=True, reported_on=date),
    )


def full_report(text: str = "CJTF-OIR Monthly Civilian Casualty Report of April") -> Report:
    plain = Mention(text=text, span=(0, len(text)))
    mention = NamedMention(**plain.model_dump(), name=text)
    return Report(
        model=MODEL,
        document=Document(sha256="0" * 64, n_chars=len(text), publisher=mention, title=plain),
        incidents=[full_incident(), Incident(id="i2")],
        tallies=[Tally(text=text, span=(0, 1), measure="strikes", min=34502, area=plain, claimed_by=mention)],
        warnings=[ReportWarning(code="not_english", message=text, span=(0, 1))],
    )


def test_dict_is_plain_data_with_the_names_of_the_contract() -> None:
    data = full_report().to_dict()
    assert list(data) == ["schema_version", "model", "document", "incidents", "tallies", "warnings"]
    incident = data["incidents"][0]
    assert incident["spans"] == [[40, 90], [0, 30]]
    assert incident["killed"] == {"civilians": {"min": 5, "max": None, "claims": ["c1"]}}
    assert incident["date"]["start"] == "2016-04-09"
    assert incident["country"]["span"] is None
    assert data["incidents"][1]["detained"] == {} and data["incidents"][1]["date"] is None
    assert json.loads(json.dumps(data)) == data


def test_report_survives_dict_and_json() -> None:
    report = full_report()
    assert Report.from_dict(report.to_dict()) == report
    assert Report.from_json(report.to_json()) == report
    assert Report.from_json(report.to_json(indent=2).encode()) == report


@given(ANY_TEXT)
@settings(deadline=None)  # the first call imports pandas
def test_any_text_survives_json_and_prints(text: str) -> None:
    report = full_report(text)
    written = report.to_json()
    assert written.isascii()
    assert Report.from_json(written) == report
    assert repr(report).encode("utf-8") and str(report) == repr(report)
    assert len(report.to_dataframe()) == 2


def test_unchecked_construction_writes_the_same() -> None:
    checked = full_report()
    unchecked = Report.model_construct(**{name: getattr(checked, name) for name in Report.model_fields})
    assert unchecked.to_json() == checked.to_json()


def test_defaults_are_not_shared() -> None:
    one, other = Incident(id="i1"), Incident(id="i2")
    one.places.append(Place(text="Mosul", span=(0, 5)))
    one.conceded.killed["civilians"] = Figure(min=1, max=1)
    assert other.places == [] and other.conceded.killed == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"start": "2019-02-30"},
        {"start": "3 June 2019"},
        {"precision": "week"},
        {"span": (0, 1, 2)},
        {"strat": "2019-06-03"},
    ],
)
def test_what_is_not_in_the_contract_is_refused(fields: dict) -> None:
    with pytest.raises(ValueError):
        Date(**{"text": "x", "span": (0, 1), **fields})


@pytest.mark.parametrize("data", ["", "[]", "{}", '{"model": 1}', b"\xff"])
def test_from_json_refuses_anything_else_with_a_value_error(data: str | bytes) -> None:
    with pytest.raises(ValueError):
        Report.from_json(data)


@pytest.mark.parametrize(
    ("alias", "words"),
    [("Harm", labels.HARMS), ("TargetType", labels.TARGET_TYPES), ("Measure", labels.MEASURES), ("Who", labels.WHO)],
)
def test_enumerations_are_those_of_the_guideline(alias: str, words: tuple[str, ...]) -> None:
    kind = TypeAdapter(getattr(schema, alias))
    assert kind.json_schema() == {"enum": list(words), "type": "string"}
    assert [kind.validate_python(word) for word in words] == list(words)
    with pytest.raises(ValidationError):
        kind.validate_python("nonesuch")


def test_repr_is_short() -> None:
    assert repr(full_report()) == "Report(2 incidents, 1 tally, 'CJTF-OIR Monthly Civilian Casualty Re...')"
    bare = Report(model=MODEL, document=Document(sha256="", n_chars=0))
    assert repr(bare) == "Report(0 incidents, 0 tallies)"


def test_schema_file_is_current() -> None:
    """Renew it with `python -m civex.schema`."""
    assert json.loads(schema.SCHEMA_PATH.read_text(encoding="utf-8")) == schema.json_schema()


@pytest.mark.parametrize(
    ("figures", "claims", "expected"),
    [
        ({}, [], None),
        ({"civilians": (2, None, "c1")}, [claim("c1", 2, None)], (2, None)),
        # "three soldiers and at least two civilians": parts that nobody summed up
        (
            {"combatants": (3, 3, "c1"), "civilians": (2, None, "c2")},
            [claim("c1", 3, 3), claim("c2", 2, None)],
            (5, None),
        ),
        # "13 people, three of them children": the part is inside the total
        (
            {"unspecified": (13, 13, "c1"), "civilians": (3, 3, "c2")},
            [claim("c1", 13, 13), claim("c2", 3, 3, "c1")],
            (13, 13),
        ),
        # "3 soldiers and many civilians": the floor stands, the top is open
        ({"combatants": (3, 3, "c1"), "civilians": (None, None, "c2")}, [], (3, None)),
        ({"civilians": (None, None, "c1")}, [], (None, None)),
    ],
)
def test_overall(figures: dict, claims: list[Claim], expected: tuple | None) -> None:
    rollup = {group: Figure(min=low, max=high, claims=[id]) for group, (low, high, id) in figures.items()}
    found = overall(rollup, claims)
    assert (found and (found.min, found.max)) == expected


def test_dataframe_has_one_flat_row_an_incident() -> None:
    frame = full_report().to_dataframe()
    assert list(frame.columns) == schema.COLUMNS
    row = frame.iloc[0]
    assert str(row["date_start"].date()) == "2016-04-09" and row["date_precision"] == "day"
    assert row["places"] == "al-Bado neighborhood; Mosul"
    assert (row["country"], row["country_code"]) == ("Iraq", "IQ")
    assert (row["sources"], row["actors"]) == ("Airwars", "Coalition")
    assert (row["targets"], row["target_types"]) == ("school", "school; camp")
    assert row["killed_civilians_min"] == 5 and frame.isna()["killed_civilians_max"][0]
    assert (row["detained_min"], row["detained_max"]) == (13, 13)
    assert row["first_offset"] == 0 and row["outcome"] == "credible" and row["reopened"]
    empty = frame.iloc[1]
    assert empty[["date_start", "killed_civilians_min", "missing_max", "first_offset"]].isna().all()


def test_dataframe_of_no_incidents_has_the_same_columns_and_kinds() -> None:
    frame = Report(model=MODEL, document=Document(sha256="", n_chars=0)).to_dataframe()
    assert list(frame.columns) == schema.COLUMNS and not len(frame)
    assert str(frame["killed_civilians_min"].dtype) == "Int64"
    assert frame["date_start"].dtype == full_report().to_dataframe()["date_start"].dtype


def test_dataframe_without_pandas_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_pandas(name: str, *args: object, **kwargs: object) -> object:
        if name == "pandas":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_pandas)
    with pytest.raises(ImportError, match="pip install pandas"):
        full_report().to_dataframe()


def test_a_mention_of_another_kind_is_refused_or_made_the_declared_one() -> None:
    """Otherwise the report would not equal what its own JSON gives back."""
    owner, actor = Owner(text="Daesh", span=(0, 5)), Actor(text="Daesh", span=(0, 5))
    assert type(claim("c1", 1, 1, claimed_by=owner).claimed_by) is NamedMention
    with pytest.raises(ValueError):
        claim("c1", 1, 1, claimed_by=actor)


def test_mention_gives_back_its_words() -> None:
    text = "A strike near Mosul."
    mention = Mention.model_validate({"text": "Mosul", "span": [14, 19]})
    assert text[slice(*mention.span)] == mention.text
