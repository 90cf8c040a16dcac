"""Dates: one expression a case, read against a publication of 15 March 2017 (a Wednesday) and an event of 4 March."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civex.values.dates import (
    AMBIGUOUS_ORDER,
    LONGEST,
    WEEKDAY_CONTRADICTS,
    DateValue,
    full_date,
    is_complete,
    parse,
    read_date,
    to_value,
)

PUBLISHED, ANCHOR = date(2017, 3, 15), date(2017, 3, 4)
OPEN = DateValue(None, None, None)

COMPLETE = {
    "Apr. 9, 2016": "2016-04-09",
    "Nov.29, 2018": "2018-11-29",
    "Jan. 04, 2019": "2019-01-04",
    "Sept. 3,2017": "2017-09-03",
    "May 5th, 2018": "2018-05-05",
    "3rd of May 2018": "2018-05-03",
    "the 7th of October, 2023": "2023-10-07",
    "October 7th 2023": "2023-10-07",
    "7 OCTOBER 2023": "2023-10-07",
    "9 Apr 16": "2016-04-09",
    "12-May-2017": "2017-05-12",
    "2017 May 12": "2017-05-12",
    "2017-10-12": "2017-10-12",
    "2017/10/12": "2017-10-12",
    "2017.10.12": "2017-10-12",
    "2017-10-12T10:30:00Z": "2017-10-12",
    "20170312": "2017-03-12",
    "121430ZMAY17": "2017-05-12",
    "12 1430Z MAY 2017": "2017-05-12",
    "13/7/2021": "2021-07-13",
    "7/13/2021": "2021-07-13",
    "5/5/2021": "2021-05-05",
    "31.12.2021": "2021-12-31",
    "Saturday, 7 October 2023": "2023-10-07",
    "7 October 2023 (Saturday)": "2023-10-07",
    "the evening of Tuesday, October 10, 2023": "2023-10-10",
    "October 7, 2023 at 9:30 am": "2023-10-07",
    "early hours of 8 October 2023": "2023-10-08",
    "10 pm on 4 May 2018": "2018-05-04",
    "4\u00a0May\u200b 2018.": "2018-05-04",
}
SCAN_FAULTS = {
    "Fed. 15, 2017": "2017-02-15",
    "l0 May 2017": "2017-05-10",
    "1O May 2O17": "2017-05-10",
    "0ct. 3, 2017": "2017-10-03",
    "Novernber 3, 2017": "2017-11-03",
    "Febuary 2, 2017": "2017-02-02",
    "May l0th, 2017": "2017-05-10",
}
STRETCHES = {
    "2019": "2019",
    "March 2019": "2019-03",
    "March, 2019": "2019-03",
    "March '19": "2019-03",
    "2019-03": "2019-03",
    "12/2017": "2017-12",
    "the month of March 2019": "2019-03",
    "5-7 Oct 2017": "2017-10-05..2017-10-07",
    "October 25-26, 2016": "2016-10-25..2016-10-26",
    "March 29 and 30, 2017": "2017-03-29..2017-03-30",
    "3, 4 and 5 March 2017": "2017-03-03..2017-03-05",
    "March 30 to April 2, 2019": "2019-03-30..2019-04-02",
    "Aug. 1 - Oct. 31, 2018": "2018-08-01..2018-10-31",
    "December 28 to January 3, 2019": "2018-12-28..2019-01-03",
    "29 December 2018 to 3 January": "2018-12-29..2019-01-03",
    "the night of 31 to 1 April 2019": "2019-03-31..2019-04-01",
    "the night of Saturday 7 to Sunday 8 October 2023": "2023-10-07..2023-10-08",
    "3/4 March 2019": "2019-03-03..2019-03-04",
    "2017-10-05 to 2017-10-07": "2017-10-05..2017-10-07",
    "12/7/2021 to 15/7/2021": "2021-07-12..2021-07-15",
    "August 2014 and the end of April 2019": "2014-08..2019-04",
    "August to October 2014": "2014-08..2014-10",
    "2014-2016": "2014..2016",
    "late March 2017": "2017-03-21..2017-03-31",
    "early November 2005": "2005-11-01..2005-11-10",
    "the end of February 2020": "2020-02-21..2020-02-29",
    "mid-2016": "2016-05..2016-08",
    "Q2 2019": "2019-04..2019-06",
    "2019 Q2": "2019-04..2019-06",
    "the second quarter of 2019": "2019-04..2019-06",
    "the 2nd half of 2018": "2018-07..2018-12",
    "first half of March 2019": "2019-03-01..2019-03-15",
    "first week of June 2020": "2020-06-01..2020-06-07",
    "last week of February 2020": "2020-02-23..2020-02-29",
    "the summer of 2017": "2017-06..2017-08",
    "since 2014": "2014..",
    "until March 2019": "..2019-03",
}
BY_PUBLICATION = {
    "9 April": "2016-04-09",
    "14 March": "2017-03-14",
    "16 March": "2017-03-16",  # one day ahead: within the tolerance
    "Dec.14th": "2016-12-14",
    "29 Feb": "2016-02-29",
    "May": "2016-05",
    "March": "2017-03",
    "mid January": "2017-01-11..2017-01-20",
    "Q4": "2016-10..2016-12",
    "3–4 March": "2017-03-03..2017-03-04",
    "March 29 and 30": "2016-03-29..2016-03-30",
    "the night of 3 to 4 March": "2017-03-03..2017-03-04",
    "Monday 19 December": "2016-12-19",
    "Tuesday": "2017-03-14",
    "Wednesday": "2017-03-15",
    "Thursday": "2017-03-09",
    "Monday night": "2017-03-13",
    "early hours of Sunday": "2017-03-12",
    "Friday's": "2017-03-10",
    "Saturday night into Sunday": "2017-03-11..2017-03-12",
    "last Wednesday": "2017-03-08",
    "last Friday": "2017-03-10",
    "Monday of last week": "2017-03-06",
    "today": "2017-03-15",
    "this morning": "2017-03-15",
    "yesterday evening": "2017-03-14",
    "last night": "2017-03-14",
    "overnight": "2017-03-14",
    "the day before yesterday": "2017-03-13",
    "eight days ago": "2017-03-07",
    "three weeks ago": "2017-02-19..2017-02-25",
    "two months ago": "2017-01",
    "four years ago": "2013",
    "last week": "2017-03-06..2017-03-12",
    "last month": "2017-02",
    "last year": "2016",
    "last March": "2016-03",
    "last February": "2017-02",
    "March last year": "2016-03",
    "the 3rd of last month": "2017-02-03",
    "the end of last year": "2016-09..2016-12",
    "the past 24 hours": "2017-03-14..2017-03-15",
    "the last three days": "2017-03-12..2017-03-15",
    "the weekend": "2017-03-11..2017-03-12",
}
BY_ANCHOR = {
    "three days later": "2017-03-07",
    "2 days earlier": "2017-03-02",
    "48 hours later": "2017-03-06",
    "the next day": "2017-03-05",
    "the next morning": "2017-03-05",
    "the following day": "2017-03-05",
    "the day after": "2017-03-05",
    "the day before": "2017-03-03",
    "the previous night": "2017-03-03",
    "the night before": "2017-03-03",
    "that day": "2017-03-04",
    "same day": "2017-03-04",
    "later that night": "2017-03-04",
    "the previous month": "2017-02",
    "the following Monday": "2017-03-06",
    "the previous Monday": "2017-02-27",
    "14th": "2017-03-14",
    "the 2nd": "2017-03-02",
}
NO_DATES = [
    "",
    "Eid",
    "12",
    "5-7",
    "two years",
    "12 months",
    "every day",
    "8pm",
    "two hours later",
    "3 and March",
    "0 May",
]
NO_DATES += [
    "29 March and 2017",
    "to",
    "may be",
    "538400",
    "killed 12",
    "32 May 2017",
    "99999 days ago",
    "a",
    "of of of",
]
FORMATS = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%d %B %Y",
    "%B %d, %Y",
    "%b. %d, %Y",
    "%d %b %Y",
    "%A, %d %B %Y",
    "%d%H%MZ%b%y",
]
FORMATS += ["%B %d %Y", "%a %d %b, %Y", "%d-%b-%Y"]


@pytest.mark.parametrize(("words", "iso"), {**COMPLETE, **SCAN_FAULTS}.items())
def test_complete_dates(words, iso):
    assert read_date(words) == full_date(words) == to_value(iso)
    assert is_complete(words)


@pytest.mark.parametrize(("words", "iso"), STRETCHES.items())
def test_stretches(words, iso):
    assert read_date(words) == to_value(iso)
    assert full_date(words) is None
    assert is_complete(words)


@pytest.mark.parametrize(("words", "iso"), BY_PUBLICATION.items())
def test_fixed_by_publication(words, iso):
    assert read_date(words, published=PUBLISHED) == to_value(iso)
    assert read_date(words) == OPEN
    assert not is_complete(words)


@pytest.mark.parametrize(("words", "iso"), BY_ANCHOR.items())
def test_fixed_by_the_date_told_of_before(words, iso):
    assert read_date(words, published=PUBLISHED, anchor=ANCHOR) == to_value(iso)
    assert read_date(words) == OPEN


@pytest.mark.parametrize("words", ["the next day", "three days later", "that month", "the previous night"])
def test_publication_does_not_fix_what_refers_back(words):
    assert read_date(words, published=PUBLISHED) == OPEN


@pytest.mark.parametrize("words", ["yesterday", "Tuesday", "last month", "two days ago"])
def test_event_does_not_fix_what_refers_to_publication(words):
    assert read_date(words, anchor=ANCHOR) == OPEN


def test_anchor_gives_the_nearest_year_without_publication():
    assert read_date("30 December", anchor=date(2018, 1, 3)) == to_value("2017-12-30")


@pytest.mark.parametrize(
    "words", ["31 Feb 2019", "31 Feb", "31/13/2021", "a few days later", "several days ago", "days later"]
)
def test_dates_that_nothing_fixes(words):
    assert read_date(words, published=PUBLISHED, anchor=ANCHOR) == OPEN


@pytest.mark.parametrize("words", NO_DATES)
def test_no_dates(words):
    assert read_date(words, published=PUBLISHED, anchor=ANCHOR) is None


@pytest.mark.parametrize(
    ("words", "iso"),
    {
        "12": "2019-03-12",
        "5-7": "2019-03-05..2019-03-07",
        "14th": "2019-03-14",
        "12 March": "2019-03-12",
        "12 May": "2019-05-12",
        "April": "2019-04",
        "12 March 2018": "2018-03-12",
    }.items(),
)
def test_heading_gives_month_and_year(words, iso):
    assert read_date(words, published=date(2020, 1, 1), year=2019, month=3) == to_value(iso)


def test_heading_without_year_takes_it_from_publication():
    assert read_date("12", published=PUBLISHED, month=5) == to_value("2016-05-12")


@pytest.mark.parametrize("words", ["12/7/2021", "12.07.2021", "12-7-21", "Monday 12/7/2021"])
def test_order_of_figures(words):
    assert read_date(words) == DateValue(None, None, None, (AMBIGUOUS_ORDER,))
    assert read_date(words, day_first=True) == full_date(words, day_first=True) == to_value("2021-07-12")
    assert read_date(words, day_first=False).start == "2021-12-07"
    assert full_date(words) is None


def test_order_of_figures_without_year():
    assert read_date("07/03", published=PUBLISHED).warnings == (AMBIGUOUS_ORDER,)
    assert read_date("07/03", published=PUBLISHED, day_first=True) == to_value("2017-03-07")
    assert read_date("13/7/2021", day_first=False) == to_value("2021-07-13")


@pytest.mark.parametrize("words", ["Sunday, 7 October 2023", "October 7, 2023 (Sunday)"])
def test_weekday_that_contradicts(words):
    assert read_date(words) == DateValue("2023-10-07", "2023-10-07", "day", (WEEKDAY_CONTRADICTS,))


@pytest.mark.parametrize(
    ("iso", "value"),
    [
        ("2019-03-24", ("2019-03-24", "2019-03-24", "day")),
        ("2019-02", ("2019-02-01", "2019-02-28", "month")),
        ("2019", ("2019-01-01", "2019-12-31", "year")),
        ("2019-03-01..2019-03-05", ("2019-03-01", "2019-03-05", "range")),
        ("2019-03-01..2019-03-01", ("2019-03-01", "2019-03-01", "day")),
        ("2014-08..2019-04", ("2014-08-01", "2019-04-30", "range")),
        ("..2019-03", (None, "2019-03-31", "range")),
        ("2014..", ("2014-01-01", None, "range")),
        ("?", (None, None, None)),
    ],
)
def test_gold_notation(iso, value):
    assert to_value(iso) == DateValue(*value)


@pytest.mark.parametrize(
    "iso", ["", "..", "2019-3-1", "2019-02-30", "2019-13", "May", "2019..2020..2021", "2020..2019", "0000"]
)
def test_gold_notation_refused(iso):
    with pytest.raises(ValueError):
        to_value(iso)


def test_reading_keeps_what_the_words_say():
    reading = parse("Tuesday, 12 May")
    assert (reading.weekday, reading.day, reading.month, reading.year) == (1, 12, 5, None)
    assert parse("three days later").shift == ("anchor", "day", 3)


@given(day=st.dates(date(1970, 1, 1), date(2069, 12, 31)), pattern=st.sampled_from(FORMATS), upper=st.booleans())
def test_formatted_days_come_back(day, pattern, upper):
    words = day.strftime(pattern)
    assert full_date(words.upper() if upper else words) == to_value(day.isoformat())


VOCABULARY = st.sampled_from(
    "the of and to - / , . 3 31 2017 May march last next first week quarter night days ago later since l0 Fed 24 hours"
    " Monday early end 12/7 year Q2 morning 10:30 that day a couple 9999 0 2019-03 in early on at".split()
)
WORDS = st.one_of(
    st.text(max_size=2 * LONGEST), st.lists(VOCABULARY, max_size=24).map(" ".join), st.lists(VOCABULARY).map("".join)
)
DAYS = st.none() | st.dates()


@given(WORDS, DAYS, DAYS, st.none() | st.integers(1, 9999), st.none() | st.integers(1, 12), st.none() | st.booleans())
def test_any_words_give_none_or_a_sound_value(words, published, anchor, year, month, day_first):
    value = read_date(words, published=published, anchor=anchor, year=year, month=month, day_first=day_first)
    is_complete(words), full_date(words)
    if value is None:
        return
    assert (value.precision is None) == (value.start is None and value.end is None)
    if value.start and value.end:
        assert date.fromisoformat(value.start) <= date.fromisoformat(value.end)
