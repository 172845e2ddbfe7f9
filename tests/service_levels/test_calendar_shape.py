"""Calendars from JSON: what may be written, what is taken over, and what is refused in which words."""

from datetime import date, time

import pytest

from servicedesk.service_levels.calendar_shape import bank_holidays, calendar_from_shape
from servicedesk.service_levels.working_time import MIDNIGHT, DeadlineError, WorkingCalendar

NINE_TO_FIVE = ((time(9), time(17)),)
WEEK = {"open": "09:00", "close": "17:00", "weekdays": [0, 1]}


def read(**shapes) -> WorkingCalendar:
    """The first calendar given; the others are there to be extended."""
    return calendar_from_shape(shapes, next(iter(shapes)))


def test_open_and_close_hold_on_the_weekdays_named():
    assert read(A=WEEK) == WorkingCalendar(windows={0: NINE_TO_FIVE, 1: NINE_TO_FIVE})


def test_open_and_close_without_weekdays_hold_from_monday_to_friday():
    calendar = read(A={"open": "09:00", "close": "17:00"})

    assert calendar == WorkingCalendar(windows=dict.fromkeys(range(5), NINE_TO_FIVE))


def test_windows_are_put_in_order_and_may_close_at_midnight():
    calendar = read(A={"windows": {"4": [["18:00", "24:00"], ["09:00", "17:00"]]}})

    assert calendar == WorkingCalendar(windows={4: (*NINE_TO_FIVE, (time(18), MIDNIGHT))})


def test_always_needs_no_hours():
    assert read(A={"always": True}) == WorkingCalendar(always=True)


def test_exceptions_are_closed_or_one_window_or_several():
    exceptions = {
        "2026-12-24": ["09:00", "17:00"],
        "2026-12-29": None,
        "2026-12-30": [],
        "2026-12-31": [["09:00", "10:00"], ["11:00", "12:00"]],
    }

    calendar = read(A=WEEK | {"exceptions": exceptions})

    assert calendar.exceptions == {
        date(2026, 12, 24): NINE_TO_FIVE,
        date(2026, 12, 29): (),
        date(2026, 12, 30): (),
        date(2026, 12, 31): ((time(9), time(10)), (time(11), time(12))),
    }


def test_holidays_are_those_of_england_and_wales_or_dates_of_ones_own():
    assert read(A=WEEK | {"holidays": "england-and-wales"}).holidays == bank_holidays()
    assert read(A=WEEK | {"holidays": ["2026-09-07"]}).holidays == {date(2026, 9, 7)}


def test_bank_holidays_of_2026_and_2027_are_those_of_gov_uk():
    found = sorted(day.isoformat()[2:] for day in bank_holidays() if day.year in (2026, 2027))

    first = ["26-01-01", "26-04-03", "26-04-06", "26-05-04", "26-05-25", "26-08-31", "26-12-25", "26-12-28"]
    second = ["27-01-01", "27-03-26", "27-03-29", "27-05-03", "27-05-31", "27-08-30", "27-12-27", "27-12-28"]
    assert found == first + second


def test_a_calendar_that_extends_another_adds_exceptions_and_keeps_the_rest():
    base = WEEK | {"holidays": ["2026-09-07"], "exceptions": {"2026-12-24": None, "2026-12-29": None}}

    calendar = read(A={"extends": "B", "exceptions": {"2026-12-29": ["09:00", "17:00"]}}, B=base)

    assert calendar == WorkingCalendar(
        windows={0: NINE_TO_FIVE, 1: NINE_TO_FIVE},
        holidays=frozenset({date(2026, 9, 7)}),
        exceptions={date(2026, 12, 24): (), date(2026, 12, 29): NINE_TO_FIVE},
    )


def test_a_calendar_that_extends_another_may_change_one_end_of_its_hours():
    assert read(A={"extends": "B", "close": "12:00"}, B=WEEK).windows[0] == ((time(9), time(12)),)


@pytest.mark.parametrize("hours", [{"always": True}, {"windows": {"6": [["09:00", "17:00"]]}}])
def test_a_calendar_that_extends_another_may_replace_the_kind_of_its_hours(hours):
    assert read(A={"extends": "B"} | hours, B=WEEK) == read(A=hours)


def test_a_calendar_may_have_a_zone_of_its_own():
    assert read(A=WEEK | {"timezone": "Europe/Dublin"}).timezone == "Europe/Dublin"


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ([], "it must be an object, not []."),
        ({}, "the hours must be given once: as open and close, as windows, or as always."),
        (
            WEEK | {"always": True},
            "the hours must be given once: as open and close, as windows, or as always.",
        ),
        ({"always": "yes"}, "always must be true or false, not 'yes'."),
        (WEEK | {"exeptions": {}}, "'exeptions' is not a field of a calendar."),
        ({"open": "09:00"}, "weekday 0 has None, not a time such as 17:30."),
        (WEEK | {"open": "9am"}, "weekday 0 has '9am', not a time such as 17:30."),
        (WEEK | {"close": "25:00"}, "weekday 0 has '25:00', not a time such as 17:30."),
        (
            WEEK | {"close": "08:00"},
            "weekday 0 opens at 09:00 and must close after that, not at 08:00. Midnight is written 24:00.",
        ),
        (
            WEEK | {"close": "00:00"},
            "weekday 0 opens at 09:00 and must close after that, not at 00:00. Midnight is written 24:00.",
        ),
        (WEEK | {"weekdays": [7]}, "the hours name weekday '7', not one of 0 (Monday) to 6 (Sunday)."),
        (WEEK | {"weekdays": 5}, "weekdays must be a list such as [0, 1, 2, 3, 4], not 5."),
        ({"windows": {"Mon": []}}, "the hours name weekday 'Mon', not one of 0 (Monday) to 6 (Sunday)."),
        ({"windows": [1]}, "windows must be an object, not [1]."),
        (
            {"windows": {"0": "9-5"}},
            """weekday 0 must be a list such as ["08:00", "17:30"], not '9-5'.""",
        ),
        (
            {"windows": {"0": [["09:00"]]}},
            "weekday 0 must hold two times, from and to, not ['09:00'].",
        ),
        (
            {"windows": {"0": [["09:00", "13:00"], ["12:00", "17:00"]]}},
            "weekday 0: Opening hours must not overlap, and stand in order.",
        ),
        ({"windows": {"0": [["09:00", "10:00"]] * 25}}, "weekday 0 has more than 24 windows."),
        (WEEK | {"exceptions": {"24 Dec": None}}, "exceptions has '24 Dec', not a date such as 2026-12-24."),
        (
            WEEK | {"exceptions": {"2026-12-24": ["x", "13:00"]}},
            "exceptions 2026-12-24 has 'x', not a time such as 17:30.",
        ),
        (WEEK | {"exceptions": []}, "exceptions must be an object, not []."),
        (
            WEEK | {"holidays": "scotland"},
            "holidays must be england-and-wales or a list of dates, not 'scotland'.",
        ),
        (WEEK | {"holidays": [1]}, "holidays has 1, not a date such as 2026-12-24."),
        (WEEK | {"timezone": "London"}, "timezone is 'London', not one such as Europe/London."),
        (WEEK | {"timezone": "../etc"}, "timezone is '../etc', not one such as Europe/London."),
        (WEEK | {"timezone": 1}, "timezone is 1, not one such as Europe/London."),
        ({"extends": "B"}, "'B' is not one of the calendars."),
        ({"extends": []}, "[] is not one of the calendars."),
        ({"extends": "A"}, "extends leads in a circle back to 'A'."),
    ],
)
def test_a_shape_that_cannot_be_read_is_refused_in_a_sentence(shape, sentence):
    with pytest.raises(DeadlineError) as refused:
        read(A=shape)

    assert str(refused.value) == f"Calendar 'A': {sentence}"
