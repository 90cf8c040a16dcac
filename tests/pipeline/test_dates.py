"""Dates in their document; what a date phrase says by itself is tested with civex.values.dates."""

import pytest

from civex.labels import MENTIONS
from civex.pipeline.dates import _day_first, _readable, set_dates

# Text with `{date|role}` or `{date}`; published; the start (or start..end) of each date mention.
EVENT, OTHER = "i1 ?", "?"
CASES = {
    "published is given": ("On {Tuesday|EVENT} .", "2019-06-06", ["2019-06-04"]),
    "published is found": ("{June 6, 2019|published} On {Tuesday|EVENT} .", None, ["2019-06-06", "2019-06-04"]),
    "given over found": ("{June 6, 2019|published} {yesterday|EVENT}", "2020-03-02", ["2019-06-06", "2020-03-01"]),
    "nothing fixes it": ("On {Tuesday|EVENT} .", None, [None]),
    "yesterday": ("{yesterday|EVENT}", "2019-06-01", ["2019-05-31"]),
    "last night": ("{last night|EVENT}", "2019-06-01", ["2019-05-31"]),
    "without year": ("On {4 May|EVENT} .", "2019-06-06", ["2019-05-04"]),
    "the year before": ("On {30 December|EVENT} .", "2019-01-03", ["2018-12-30"]),
    "the paragraph's year": ("On {4 May 2016|EVENT} and {6 May|EVENT} .", "2019-06-06", ["2016-05-04", "2016-05-06"]),
    "over new year": (
        "On {30 December 2016|EVENT} and {2 January|EVENT} .",
        "2019-06-06",
        ["2016-12-30", "2017-01-02"],
    ),
    "the heading's month": (
        "{May 2016|OTHER}\n\nOn the {14th|EVENT} .",
        None,
        ["2016-05-01..2016-05-31", "2016-05-14"],
    ),
    "the heading's year": ("{2016|OTHER}\n\nOn {4 May|EVENT} .", None, ["2016-01-01..2016-12-31", "2016-05-04"]),
    "the usual year": (
        "A law of {1 March 2016|OTHER} .\n\nOn {4 May|EVENT} .",
        None,
        ["2016-03-01", "2016-05-04"],
    ),
    "the next day": ("On {4 May 2016|EVENT} ; {the next day|EVENT} .", "2019-06-06", ["2016-05-04", "2016-05-05"]),
    "days later": ("On {4 May 2016|EVENT} ; {three days later|EVENT} .", "2019-06-06", ["2016-05-04", "2016-05-07"]),
    "day first": ("{13/07/2021|EVENT} {04/07/2021|EVENT}", None, ["2021-07-13", "2021-07-04"]),
    "month first": ("{07/13/2021|EVENT} {04/07/2021|EVENT}", None, ["2021-07-13", "2021-04-07"]),
    "a range": ("{the night of 3 to 4 March 2019|EVENT}", None, ["2019-03-03..2019-03-04"]),
    "a holiday beside it": ("{Independence Day, 4 January|EVENT}", "2019-01-10", ["2019-01-04"]),
}


def resolved(gold, text: str, published: str | None) -> list[dict]:
    for role, tag in (("published", "date published 2000-01-01"), ("EVENT", "date i1 ?"), ("OTHER", "date ?")):
        text = text.replace(f"|{role}}}", f"|{tag}}}")
    doc = gold("{A|place i1} " + text)
    if published:
        doc._.civex_published = published
    attrs = doc.spans[MENTIONS].attrs
    bare = [{key: row[key] for key in row if key != "value"} for row in attrs["attributes"]]
    doc.spans[MENTIONS].attrs = {**attrs, "attributes": bare}
    dates = set_dates(doc).spans[MENTIONS].attrs["dates"]
    return [dates[str(n)] for n, span in enumerate(doc.spans[MENTIONS]) if span.label_ == "date"]


def short(value: dict) -> str | None:
    one_day = value["start"] == value["end"]
    return value["start"] if one_day else f"{value['start']}..{value['end']}"


@pytest.mark.parametrize("name", CASES)
def test_date_in_its_document(gold, name: str) -> None:
    text, published, expected = CASES[name]
    assert [short(value) for value in resolved(gold, text, published)] == expected


def test_unfixed_dates_have_no_precision(gold) -> None:
    (value,) = resolved(gold, "On {Tuesday|EVENT} .", None)
    nothing = {"start": None, "end": None, "precision": None, "fixed_by": None, "fixed_at": None}
    assert value == {**nothing, "warnings": []}


# What fixes the last date mention, and which date mention says it (by number); cases as above.
FIXED = {
    "published is given": ("published", None),
    "published is found": ("published", 0),
    "without year": ("published", None),
    "the paragraph's year": ("before", 0),
    "the heading's month": ("heading", 0),
    "the heading's year": ("heading", 0),
    "the usual year": ("usual_year", None),
    "the next day": ("before", 0),
    "days later": ("before", 0),
    "a range": ("words", None),
    "month first": ("words", None),
}


@pytest.mark.parametrize("name", FIXED)
def test_what_fixes_a_date(gold, name: str) -> None:
    text, published, _ = CASES[name]
    value = resolved(gold, text, published)[-1]
    expected, at = FIXED[name]
    assert value["fixed_by"] == expected
    assert value["fixed_at"] == (None if at is None else at + 1)  # the place that opens stands first


def test_a_wrong_weekday_keeps_the_date_with_a_warning(gold) -> None:
    (value,) = resolved(gold, "On {Monday, 4 May 2016|EVENT} .", None)  # a Wednesday
    assert (value["start"], value["warnings"]) == ("2016-05-04", ["weekday_contradicts_date"])


def test_figures_that_nothing_orders_are_left_open_with_a_warning(gold) -> None:
    (value,) = resolved(gold, "On {04/07/2021|EVENT} .", None)
    assert (value["start"], value["warnings"]) == (None, ["ambiguous_date_order"])


def test_a_gold_value_stands(gold) -> None:
    doc = set_dates(gold("{Tuesday|date i1 2016-05-03..2016-05-04}"))
    value = doc.spans[MENTIONS].attrs["dates"]["0"]
    assert (value["start"], value["end"], value["precision"]) == ("2016-05-03", "2016-05-04", "range")


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["13/07/2021"], True),
        (["07/13/2021"], False),
        (["13.07.2021"], True),
        (["4.7.2021"], True),
        (["13/07/2021", "07/13/2021"], None),
        (["04/07/2021", "4 May 2016"], None),
        ([], None),
    ],
)
def test_order_of_day_and_month(texts: list[str], order: bool | None) -> None:
    assert _day_first(iter(texts)) is order


@pytest.mark.parametrize(
    ("words", "part"), [("Independence Day, 4 January", "4 January"), ("the Monday market", None), ("x", None)]
)
def test_the_part_that_is_a_date(words: str, part: str | None) -> None:
    assert _readable(words) == part


def test_a_doc_without_mentions(blank_nlp) -> None:
    assert set_dates(blank_nlp.make_doc("nothing")).spans[MENTIONS].attrs["dates"] == {}
