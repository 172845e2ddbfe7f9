"""Deadlines to the second: every worked example, the odd days of the year, and a minute-walking second opinion."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.service_levels.working_time import (
    MIDNIGHT,
    DeadlineError,
    WorkingCalendar,
    due,
    paused_seconds,
    slots,
    worked,
)
from tests.service_levels.calendars import (
    CALENDARS,
    CASES,
    MINUTE,
    ROUND_THE_CLOCK,
    STD,
    is_open,
    pauses_of,
    utc,
)

NINE = utc("2026-11-23T09:00+00:00")
HOUR = 3600
SUNDAY_NIGHT = {6: ((time(0, 30), time(1, 30)), (time(1, 30), time(4, 0)))}


@pytest.mark.parametrize("name", CASES)
def test_due_of_a_worked_example_is_right_to_the_second(name):
    case = CASES[name]

    found = due(CALENDARS[case["calendar"]], utc(case["start"]), case["target_seconds"], pauses_of(case))

    assert found == utc(case["due"])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if "paused_seconds" in case])
def test_paused_seconds_of_a_worked_example_count_working_time_alone(name):
    case = CASES[name]

    found = paused_seconds(STD, utc(case["start"]), utc(case["due"]), pauses_of(case))

    assert found == case["paused_seconds"]


def test_working_time_of_a_full_working_day_is_570_minutes():
    day = worked(STD, utc("2026-11-23T00:00+00:00"), utc("2026-11-24T00:00+00:00"))

    assert day == timedelta(minutes=570)


def test_working_time_of_the_nights_of_the_clock_changes_is_25_and_23_hours():
    autumn = worked(ROUND_THE_CLOCK, utc("2026-10-25T00:00+01:00"), utc("2026-10-26T00:00+00:00"))
    spring = worked(ROUND_THE_CLOCK, utc("2027-03-28T00:00+00:00"), utc("2027-03-29T00:00+01:00"))

    assert (autumn, spring) == (timedelta(hours=25), timedelta(hours=23))


def test_working_time_backwards_is_none():
    assert worked(STD, NINE, NINE - timedelta(days=3)) == timedelta(0)


def test_working_time_keeps_a_part_of_a_second():
    assert worked(STD, NINE, NINE + timedelta(seconds=1.75)) == timedelta(seconds=1.75)


def test_slots_when_spring_skips_a_closing_time_join_without_overlap():
    calendar = WorkingCalendar(windows=SUNDAY_NIGHT)

    found = list(slots(calendar, utc("2027-03-28T00:00+00:00"), utc("2027-03-29T00:00+01:00")))

    assert found == [
        (utc("2027-03-28T00:30+00:00"), utc("2027-03-28T01:00+00:00")),
        (utc("2027-03-28T01:00+00:00"), utc("2027-03-28T03:00+00:00")),
    ]


def test_slots_when_autumn_repeats_a_closing_time_change_over_at_the_first():
    calendar = WorkingCalendar(windows=SUNDAY_NIGHT)

    found = list(slots(calendar, utc("2026-10-25T00:00+01:00"), utc("2026-10-26T00:00+00:00")))

    assert found == [
        (utc("2026-10-24T23:30+00:00"), utc("2026-10-25T00:30+00:00")),
        (utc("2026-10-25T00:30+00:00"), utc("2026-10-25T04:00+00:00")),
    ]


def test_slots_of_an_evening_until_midnight_end_with_the_day():
    calendar = WorkingCalendar(windows={0: ((time(20), MIDNIGHT),)})

    found = list(slots(calendar, NINE, NINE + timedelta(days=2)))

    assert found == [(utc("2026-11-23T20:00+00:00"), utc("2026-11-24T00:00+00:00"))]


def test_due_of_no_target_is_the_start_even_out_of_hours():
    saturday = utc("2026-11-28T10:00+00:00")

    assert due(STD, saturday, 0) == saturday


def test_due_is_unknown_while_a_pause_that_comes_first_has_not_ended():
    assert due(STD, NINE, 2 * HOUR, [(NINE + timedelta(hours=1), None)]) is None


def test_due_is_known_when_it_comes_before_a_pause_that_has_not_ended():
    at = NINE + timedelta(hours=2)

    assert due(STD, NINE, 2 * HOUR, [(at, None)]) == at


def test_due_counts_overlapping_nested_and_unordered_pauses_once():
    ten, eleven, noon, one = (NINE + timedelta(hours=hours) for hours in (1, 2, 3, 4))

    assert due(STD, NINE, 2 * HOUR, [(eleven, one), (ten, noon)]) == one + timedelta(hours=1)
    assert due(STD, NINE, 2 * HOUR, [(eleven, noon), (ten, one)]) == one + timedelta(hours=1)


def test_due_of_an_exception_on_a_bank_holiday_uses_its_hours():
    christmas = date(2026, 12, 25)
    calendar = WorkingCalendar(
        windows=STD.windows, holidays=STD.holidays, exceptions={christmas: ((time(10), time(12)),)}
    )

    assert due(calendar, utc("2026-12-24T17:30+00:00"), HOUR) == utc("2026-12-25T11:00+00:00")


def test_due_round_the_clock_passes_over_a_day_that_is_closed_by_exception():
    calendar = WorkingCalendar(always=True, exceptions={date(2026, 11, 24): ()})

    assert due(calendar, utc("2026-11-23T23:00+00:00"), 2 * HOUR) == utc("2026-11-25T01:00+00:00")


def test_due_in_another_zone_keeps_that_zones_hours():
    calendar = WorkingCalendar(timezone="America/New_York", windows={0: ((time(9), time(17)),)})

    assert due(calendar, NINE, HOUR) == utc("2026-11-23T15:00+00:00")


@pytest.mark.parametrize(
    "calendar", [WorkingCalendar(), WorkingCalendar(windows={0: ((time(9), time(9, 0, 1)),)})]
)
def test_due_of_a_calendar_that_hardly_opens_is_refused_and_does_not_run_for_ever(calendar):
    with pytest.raises(DeadlineError, match="too few open hours"):
        due(calendar, NINE, HOUR)


def test_due_after_a_pause_of_many_years_is_still_found():
    end = utc("2034-11-23T09:00+00:00")

    assert due(ROUND_THE_CLOCK, NINE, 60, [(NINE, end)]) == end + MINUTE


def test_due_refuses_a_time_without_offset():
    with pytest.raises(DeadlineError, match="does not say its offset"):
        due(STD, datetime(2026, 11, 23, 9), HOUR)


def test_due_refuses_a_target_below_nothing():
    with pytest.raises(DeadlineError, match="less than nothing"):
        due(STD, NINE, -1)


@pytest.mark.parametrize(
    "windows",
    [
        ((time(9), time(9)),),
        ((time(17), time(9)),),
        ((time(9), time(13)), (time(12), time(17))),
        ((time(13), time(17)), (time(9), time(12))),
        ((time(9), MIDNIGHT), (time(12), time(17))),
    ],
)
def test_a_calendar_refuses_hours_that_would_count_twice_or_not_at_all(windows):
    with pytest.raises(DeadlineError, match="Opening hours must"):
        WorkingCalendar(windows={0: windows})


def test_calendars_of_equal_hours_are_equal_and_share_what_is_kept_of_them():
    def made():
        return WorkingCalendar(windows={0: ((time(9), time(17)),)}, exceptions={date(2026, 12, 29): ()})

    assert {made(): "kept"}[made()] == "kept"


# Half hours outside the two in which clocks change, where a person at the door would hesitate too.
HALF_HOURS = [time(0, 0), *(time(hour, minute) for hour in range(3, 24) for minute in (0, 30))]
MINUTES = st.integers(min_value=0, max_value=9 * 24 * 60).map(lambda minutes: minutes * MINUTE)
STARTS = st.builds(
    lambda base, offset: base + offset,
    st.sampled_from([utc("2026-10-21T00:00+00:00"), utc("2027-03-24T00:00+00:00")]),
    MINUTES,
)
TARGETS = st.integers(min_value=1, max_value=1500).map(lambda minutes: minutes * 60)
WINDOWS = st.lists(st.sampled_from(HALF_HOURS), unique=True, max_size=4).map(
    lambda times: tuple(zip(sorted(times)[::2], sorted(times)[1::2], strict=False))
)
DAYS = st.dates(date(2026, 10, 21), date(2026, 11, 8)) | st.dates(date(2027, 3, 24), date(2027, 4, 10))
HOURS = st.builds(
    WorkingCalendar,
    windows=st.dictionaries(st.integers(0, 6), WINDOWS).map(lambda week: {0: ((time(9), time(17)),)} | week),
    exceptions=st.dictionaries(DAYS, WINDOWS, max_size=3),
    holidays=st.frozensets(DAYS, max_size=3),
    always=st.sampled_from([False, False, False, True]),
).filter(lambda calendar: calendar.always or any(calendar.windows.values()))
PAUSES = st.lists(
    st.tuples(STARTS, st.integers(0, 4 * 24 * 60)).map(
        lambda pause: (pause[0], pause[0] + pause[1] * MINUTE)
    ),
    max_size=3,
)

quick = settings(deadline=None, max_examples=100)


@quick
@given(calendar=HOURS, start=STARTS, target=TARGETS, pauses=PAUSES)
def test_due_agrees_with_walking_every_minute(calendar, start, target, pauses):
    found = due(calendar, start, target, pauses)

    minute, end, left = start, start + timedelta(days=8), target // 60
    while left and minute < end:
        paused = any(begin <= minute < until for begin, until in pauses)
        left -= not paused and is_open(calendar, minute)
        minute += MINUTE
    assert found > end if left else found == minute


@quick
@given(calendar=HOURS, start=STARTS, target=TARGETS, pauses=PAUSES)
def test_working_time_from_start_to_due_is_the_target(calendar, start, target, pauses):
    found = due(calendar, start, target, pauses)

    assert worked(calendar, start, found, pauses) == timedelta(seconds=target)


@quick
@given(calendar=HOURS, start=STARTS, target=TARGETS, pauses=PAUSES)
def test_due_is_inside_hours_or_at_closing(calendar, start, target, pauses):
    found = due(calendar, start, target, pauses)

    assert is_open(calendar, found - timedelta(seconds=1))


@quick
@given(calendar=HOURS, start=STARTS, target=TARGETS, more=TARGETS, pauses=PAUSES)
def test_due_grows_with_the_target(calendar, start, target, more, pauses):
    assert due(calendar, start, target, pauses) < due(calendar, start, target + more, pauses)


@quick
@given(calendar=HOURS, start=STARTS, target=TARGETS, pauses=PAUSES, another=PAUSES)
def test_due_is_never_earlier_for_another_pause(calendar, start, target, pauses, another):
    assert due(calendar, start, target, pauses + another) >= due(calendar, start, target, pauses)


@quick
@given(calendar=HOURS, start=STARTS, target=TARGETS, pauses=PAUSES, length=MINUTES)
def test_due_is_not_moved_by_a_pause_after_it(calendar, start, target, pauses, length):
    found = due(calendar, start, target, pauses)

    assert due(calendar, start, target, [*pauses, (found, found + length)]) == found
