"""Hours that change from a day on, and clocks that are measured anew by corrected ones."""

from datetime import UTC, date, datetime, time

import pytest

from servicedesk.service_levels.calendar_shape import (
    calendar_from_shape,
    windows_as_text,
    windows_from_text,
)
from servicedesk.service_levels.explanation import explain, explain_cases
from servicedesk.service_levels.stopwatch import (
    BY_REPRIORITISATION,
    PAUSE,
    REMEASURE,
    START,
    STOP,
    ClockEvent,
    rebuild,
)
from servicedesk.service_levels.working_time import (
    DeadlineError,
    Week,
    WorkingCalendar,
    due,
    next_open,
    worked,
)
from tests.service_levels.calendars import ROUND_THE_CLOCK, STD

MORNINGS = Week({day: ((time(9), time(12)),) for day in range(5)})
AFTERNOONS = Week({day: ((time(13), time(15)),) for day in range(5)})
CHANGED = WorkingCalendar(
    windows=MORNINGS.windows,
    exceptions={date(2026, 11, 26): ((time(10), time(11)),)},
    eras=((date(2026, 11, 25), AFTERNOONS), (date(2026, 11, 30), Week(always=True))),
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        (24, ((time(9), time(12)),)),
        (25, ((time(13), time(15)),)),
        (26, ((time(10), time(11)),)),
        (27, ((time(13), time(15)),)),
        (28, ()),
        (30, ((time(0), time(0)),)),
    ],
)
def test_each_day_has_the_hours_of_its_era_unless_it_differs(day, hours):
    assert CHANGED.windows_on(date(2026, 11, day)) == hours


def test_a_target_runs_through_the_eras():
    assert due(CHANGED, at("24 11:00"), 4 * 3600) == at("26 11:00")
    assert worked(CHANGED, at("24 09:00"), at("27 23:00")).total_seconds() == (3 + 2 + 1 + 2) * 3600


def test_eras_may_come_in_any_order_and_are_compared_by_value():
    turned = WorkingCalendar(
        windows=MORNINGS.windows, exceptions=CHANGED.exceptions, eras=tuple(reversed(CHANGED.eras))
    )

    assert turned == CHANGED
    assert hash(turned) == hash(CHANGED)


def test_a_new_era_is_told():
    explanation = explain(CHANGED, at("24 11:00"), 2 * 3600)

    assert explanation.words() == [
        "Tuesday 24 November, 11am to midday: 1 h",
        "Wednesday 25 November, midnight: other hours from here on",
        "Wednesday 25 November, 1pm to 2pm: 1 h",
    ]


SHAPE = {
    "open": "09:00",
    "close": "12:00",
    "versions": [{"starts_on": "2026-11-25", "open": "13:00", "close": "15:00"}],
}


def test_versions_of_a_shape_become_eras():
    calendar = calendar_from_shape({"A": SHAPE}, "A")

    assert calendar == WorkingCalendar(windows=MORNINGS.windows, eras=((date(2026, 11, 25), AFTERNOONS),))


def test_cases_from_outside_may_have_versions():
    case = {"id": 1, "calendar": "A", "start": "2026-11-24T11:00+00:00", "target_seconds": 7200}

    assert (
        explain_cases({"calendars": {"A": SHAPE}, "cases": [case]})[0]["due"] == "2026-11-25T14:00:00+00:00"
    )


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        ("x", "versions must be a list"),
        ([{"starts_on": "soon", "always": True}], "not a date such as 2026-12-24"),
        ([{"starts_on": "2026-11-25"}], "the version from 2026-11-25: the hours must be given once"),
        ([{"starts_on": "2026-11-25", "extends": "A"}], "is not a field of a version"),
        ([{"starts_on": "2026-11-25", "always": True}] * 2, "two that start on the same day"),
        ([{}] * 101, "more than 100"),
    ],
)
def test_versions_that_cannot_be_read_are_refused(versions, sentence):
    with pytest.raises(DeadlineError, match=sentence):
        calendar_from_shape({"A": SHAPE | {"versions": versions}}, "A")


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("", []),
        ("8:00 to 17:30", [["08:00", "17:30"]]),
        ("13:00-17:00, 08.30 – 12.00", [["08:30", "12:00"], ["13:00", "17:00"]]),
        ("20:00 to 24:00", [["20:00", "24:00"]]),
    ],
)
def test_hours_are_read_as_people_write_them(text, windows):
    assert windows_from_text(text) == windows
    assert windows_from_text(windows_as_text(windows)) == windows


@pytest.mark.parametrize(
    "text", ["nine", "09:00", "17:00 to 09:00", "25:00 to 26:00", "08:00 to 12:00, 11:00 to 13:00"]
)
def test_hours_that_cannot_be_are_refused(text):
    with pytest.raises(DeadlineError):
        windows_from_text(text)


@pytest.mark.parametrize(
    ("now", "expected"), [("24 10:00", "24 10:00"), ("24 12:00", "25 13:00"), ("27 18:00", "30 00:00")]
)
def test_next_open_instant(now, expected):
    assert next_open(CHANGED, at(now)) == at(expected)


def test_hours_that_never_come_are_refused():
    with pytest.raises(DeadlineError):
        next_open(WorkingCalendar(), at("24 10:00"))


def read(calendar: WorkingCalendar, *events: ClockEvent, now: datetime):
    return rebuild(events, lambda event: calendar, now)


STARTED = ClockEvent(START, at("23 09:00"), 4 * 3600)


def test_measured_anew_counts_all_its_time_by_the_corrected_hours():
    snow = WorkingCalendar(windows=STD.windows, exceptions={date(2026, 11, 23): ()})
    anew = ClockEvent(REMEASURE, at("23 12:00"))

    reading = read(snow, STARTED, anew, now=at("23 12:00"))

    assert (reading.elapsed_seconds, reading.due_at, reading.breached_at) == (0, at("24 12:00"), None)


def test_late_by_corrected_hours_is_late_by_the_correction():
    anew = ClockEvent(REMEASURE, at("23 14:00"))

    before = read(STD, STARTED, now=at("23 12:59"))
    reading = read(ROUND_THE_CLOCK, STARTED, anew, now=at("23 14:00"))

    assert before.breached_at is None
    assert (reading.breached_at, reading.breach_kind) == (at("23 13:00"), BY_REPRIORITISATION)


def test_measured_anew_while_paused_stays_paused():
    paused, anew = ClockEvent(PAUSE, at("23 10:00")), ClockEvent(REMEASURE, at("23 11:00"))

    reading = read(STD, STARTED, paused, anew, now=at("23 12:00"))

    assert (reading.state, reading.elapsed_seconds, reading.paused_seconds) == ("paused", 3600, 3600)


def test_a_stop_at_the_instant_of_measuring_anew_is_in_time():
    anew, stop = ClockEvent(REMEASURE, at("23 13:00")), ClockEvent(STOP, at("23 13:00"))

    assert read(STD, STARTED, anew, stop, now=at("23 13:00")).state == "met"
