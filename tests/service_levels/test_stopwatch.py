"""The rules of a clock: pauses, new targets, reopening, and breaches that last."""

from datetime import datetime, timedelta

import pytest

from servicedesk.service_levels.stopwatch import (
    ALLOWED,
    BY_REPRIORITISATION,
    CANCEL,
    CANCELLED,
    MET,
    MISSED,
    NORMAL,
    PAUSE,
    PAUSED,
    REINSTATE,
    RESUME,
    RETARGET,
    RUNNING,
    START,
    STOP,
    ClockError,
    ClockEvent,
    Reading,
    rebuild,
    warning_at,
)
from tests.service_levels.calendars import ROUND_THE_CLOCK, STD, utc

P1, P2, P3, P4 = 14_400, 28_800, 102_600, 171_000


def november(day: int, clock: str) -> datetime:
    return utc(f"2026-11-{day}T{clock}+00:00")


def started(day: int, clock: str, target: int) -> ClockEvent:
    return ClockEvent(START, november(day, clock), target)


def happened(kind: str, day: int, clock: str, target: int | None = None) -> ClockEvent:
    return ClockEvent(kind, november(day, clock), target)


def read(*events: ClockEvent, at: datetime | None = None) -> Reading:
    return rebuild(events, lambda event: STD, at or events[-1].at)


def test_a_started_clock_runs_and_knows_when_it_is_due():
    reading = read(started(23, "09:12", P2))

    assert reading == Reading(
        state=RUNNING,
        started_at=november(23, "09:12"),
        target_seconds=P2,
        elapsed_seconds=0,
        paused_seconds=0,
        due_at=november(23, "17:12"),
        stopped_at=None,
        breached_at=None,
        breach_kind="",
    )


def test_a_paused_clock_shows_what_is_used_and_no_due_time():
    reading = read(started(23, "10:00", P3), happened(PAUSE, 23, "14:00"), at=november(30, "12:00"))

    assert (reading.state, reading.due_at, reading.breached_at) == (PAUSED, None, None)
    assert (reading.elapsed_seconds, reading.paused_seconds) == (4 * 3600, 0)


def test_a_resumed_clock_is_due_later_by_the_working_time_of_the_pause():
    reading = read(started(23, "10:00", P3), happened(PAUSE, 23, "14:00"), happened(RESUME, 24, "11:00"))

    assert (reading.state, reading.due_at) == (RUNNING, november(26, "16:30"))
    assert (reading.elapsed_seconds, reading.paused_seconds) == (4 * 3600, 390 * 60)


def test_a_pause_out_of_hours_moves_nothing():
    reading = read(started(27, "11:00", P2), happened(PAUSE, 27, "18:10"), happened(RESUME, 29, "20:00"))

    assert (reading.due_at, reading.paused_seconds) == (november(30, "09:30"), 0)


def test_two_pauses_are_added_up():
    events = [
        ClockEvent(START, utc("2026-12-22T09:00+00:00"), P3),
        ClockEvent(PAUSE, utc("2026-12-22T11:00+00:00")),
        ClockEvent(RESUME, utc("2026-12-22T13:00+00:00")),
        ClockEvent(PAUSE, utc("2026-12-24T16:00+00:00")),
        ClockEvent(RESUME, utc("2026-12-29T10:30+00:00")),
    ]

    reading = read(*events)

    assert (reading.due_at, reading.paused_seconds) == (utc("2026-12-29T15:00+00:00"), 360 * 60)


def test_a_raised_priority_keeps_the_time_used_and_swaps_the_target():
    reading = read(started(23, "09:00", P3), happened(RETARGET, 23, "16:00", P2))

    assert (reading.state, reading.elapsed_seconds, reading.due_at) == (
        RUNNING,
        420 * 60,
        november(23, "17:00"),
    )
    assert (reading.breached_at, reading.breach_kind) == (None, "")


def test_a_raised_priority_that_is_late_at_once_says_so():
    reading = read(started(23, "09:00", P3), happened(RETARGET, 24, "10:00", P2))

    assert (reading.state, reading.elapsed_seconds, reading.due_at) == (
        RUNNING,
        630 * 60,
        november(23, "17:00"),
    )
    assert (reading.breached_at, reading.breach_kind) == (november(23, "17:00"), BY_REPRIORITISATION)


def test_a_raised_priority_that_leaves_no_time_is_late_at_once():
    reading = read(started(23, "09:00", P3), happened(RETARGET, 23, "17:00", P2))

    assert (reading.breached_at, reading.breach_kind) == (november(23, "17:00"), BY_REPRIORITISATION)


def test_a_raised_priority_while_paused_can_be_late_at_once():
    reading = read(
        started(23, "08:00", P3), happened(PAUSE, 23, "17:00"), happened(RETARGET, 24, "10:00", P2)
    )

    assert (reading.state, reading.due_at) == (PAUSED, november(23, "16:00"))
    assert (reading.breached_at, reading.breach_kind) == (november(23, "16:00"), BY_REPRIORITISATION)


def test_a_raised_priority_while_paused_that_leaves_no_time_is_late_since_the_pause():
    reading = read(
        started(23, "08:00", P3), happened(PAUSE, 23, "16:00"), happened(RETARGET, 24, "10:00", P2)
    )

    assert (reading.breached_at, reading.breach_kind) == (november(23, "16:00"), BY_REPRIORITISATION)


def test_a_lowered_priority_gives_more_time():
    reading = read(started(25, "08:30", P2), happened(RETARGET, 25, "09:30", P4))

    assert (reading.due_at, reading.target_seconds) == (utc("2026-12-02T08:30+00:00"), P4)


def test_a_lowered_priority_does_not_undo_a_breach():
    reading = read(started(23, "08:00", P2), happened(RETARGET, 23, "16:30", P4))

    assert (reading.target_seconds, reading.due_at) == (P4, november(23, "16:00"))
    assert (reading.breached_at, reading.breach_kind) == (november(23, "16:00"), NORMAL)


def test_new_hours_count_from_the_change_and_keep_the_time_used():
    events = [started(23, "16:30", P3), happened(RETARGET, 23, "20:00", P1)]

    reading = rebuild(
        events, lambda event: STD if event.kind == START else ROUND_THE_CLOCK, november(23, "20:00")
    )

    assert (reading.elapsed_seconds, reading.due_at) == (3600, november(23, "23:00"))


def test_a_stop_in_time_meets_the_promise_and_keeps_its_due_time():
    reading = read(started(23, "09:00", P3), happened(STOP, 24, "15:00"), at=november(30, "12:00"))

    assert (reading.state, reading.stopped_at, reading.due_at) == (
        MET,
        november(24, "15:00"),
        november(26, "09:00"),
    )
    assert (reading.elapsed_seconds, reading.breached_at) == (930 * 60, None)


def test_a_stop_at_the_due_instant_is_in_time():
    reading = read(started(24, "13:30", P1), happened(STOP, 24, "17:30"), at=november(25, "09:00"))

    assert (reading.state, reading.due_at, reading.breached_at) == (MET, november(24, "17:30"), None)


def test_a_stop_out_of_hours_after_closing_time_was_due_is_late():
    reading = read(started(24, "13:30", P1), ClockEvent(STOP, utc("2026-11-24T17:30:01+00:00")))

    assert (reading.state, reading.breached_at) == (MISSED, november(24, "17:30"))


def test_a_stop_while_paused_is_in_time_and_due_as_if_the_pause_ended_there():
    reading = read(started(23, "09:00", P2), happened(PAUSE, 23, "10:00"), happened(STOP, 25, "11:00"))

    assert (reading.state, reading.due_at) == (MET, november(26, "08:30"))
    assert (reading.elapsed_seconds, reading.paused_seconds) == (3600, (450 + 570 + 180) * 60)


def test_a_reopened_clock_goes_on_without_the_time_between():
    reading = read(started(23, "09:00", P3), happened(STOP, 24, "15:00"), happened(RESUME, 26, "09:20"))

    assert (reading.state, reading.stopped_at, reading.due_at) == (RUNNING, None, november(27, "12:50"))
    assert reading.elapsed_seconds == 930 * 60


def test_a_reopened_clock_that_was_late_stays_late():
    reading = read(
        started(23, "08:00", P2),
        happened(STOP, 23, "17:00"),
        happened(RESUME, 24, "09:00"),
        happened(STOP, 24, "09:05"),
    )

    assert (reading.state, reading.breached_at, reading.due_at) == (
        MISSED,
        november(23, "16:00"),
        november(23, "16:00"),
    )


def test_a_pause_after_the_breach_undoes_nothing():
    reading = read(started(23, "08:00", P2), happened(PAUSE, 23, "16:30"), at=november(24, "12:00"))

    assert (reading.state, reading.due_at, reading.elapsed_seconds) == (
        PAUSED,
        november(23, "16:00"),
        510 * 60,
    )
    assert (reading.breached_at, reading.breach_kind) == (november(23, "16:00"), NORMAL)


def test_a_pause_when_nothing_is_left_is_late():
    reading = read(started(23, "08:00", P2), happened(PAUSE, 23, "16:00"))

    assert (reading.state, reading.breached_at) == (PAUSED, november(23, "16:00"))


def test_a_running_clock_is_late_once_its_due_instant_has_passed():
    events = started(23, "08:00", P2)
    due_at, a_moment = november(23, "16:00"), timedelta(microseconds=1)

    readings = [read(events, at=at).breached_at for at in (due_at, due_at + a_moment, november(30, "08:00"))]

    assert readings == [None, due_at, due_at]


def test_a_cancelled_clock_has_no_result():
    reading = read(started(23, "08:00", P2), happened(CANCEL, 23, "09:00"), at=november(30, "08:00"))

    assert (reading.state, reading.breached_at, reading.stopped_at) == (
        CANCELLED,
        None,
        november(23, "09:00"),
    )


@pytest.mark.parametrize(
    "before",
    [[], [happened(PAUSE, 23, "08:30")], [happened(STOP, 23, "08:30")], [happened(STOP, 24, "08:30")]],
    ids=["running", "paused", "met", "missed"],
)
def test_a_reinstated_clock_is_as_if_it_had_never_been_cancelled(before):
    events = [started(23, "08:00", P2), *before]
    taken_back = [happened(CANCEL, 25, "09:00"), happened(REINSTATE, 25, "11:00")]
    later = november(30, "08:00")

    assert read(*events, *taken_back, at=later) == read(*events, at=later)


def test_a_reinstated_clock_counts_the_time_that_it_was_cancelled():
    cancelled_meanwhile = [happened(CANCEL, 23, "09:00"), happened(REINSTATE, 23, "10:00")]
    reading = read(started(23, "08:00", P2), *cancelled_meanwhile, happened(STOP, 23, "11:00"))

    assert (reading.state, reading.elapsed_seconds) == (MET, 3 * 3600)


def test_an_event_dated_before_its_predecessor_counts_from_there():
    reading = read(started(23, "08:00", P2), happened(PAUSE, 23, "10:00"), happened(RESUME, 23, "09:59"))

    assert (reading.due_at, reading.elapsed_seconds, reading.paused_seconds) == (
        november(23, "16:00"),
        7200,
        0,
    )


def test_a_warning_comes_at_its_share_of_the_target_net_of_pauses():
    events = [started(23, "10:00", P3), happened(PAUSE, 23, "14:00"), happened(RESUME, 24, "11:00")]

    assert warning_at(events, lambda event: STD, 75) == utc("2026-11-26T09:22:30+00:00")


def test_a_warning_is_unknown_while_a_pause_comes_before_it():
    events = [started(23, "10:00", P3), happened(PAUSE, 23, "14:00")]

    assert warning_at(events, lambda event: STD, 75) is None
    assert warning_at(events, lambda event: STD, 10) == november(23, "12:51")


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("kind", [START, PAUSE, RESUME, STOP, RETARGET, CANCEL, REINSTATE])
def test_an_event_that_cannot_follow_is_refused(state, kind):
    leading = {
        RUNNING: [],
        PAUSED: [happened(PAUSE, 23, "09:00")],
        MET: [happened(STOP, 23, "09:00")],
        MISSED: [happened(STOP, 24, "09:00")],
        CANCELLED: [happened(CANCEL, 23, "09:00")],
    }
    events = [started(23, "08:00", P2), *leading[state]]
    assert read(*events).state == state

    if kind in ALLOWED[state]:
        read(*events, happened(kind, 25, "09:00", P2))
    else:
        with pytest.raises(ClockError, match=f"{state} cannot take the event {kind}"):
            read(*events, happened(kind, 25, "09:00", P2))


def test_a_clock_must_begin_with_its_start():
    with pytest.raises(ClockError, match="must be its start"):
        read(happened(PAUSE, 23, "09:00"))


def test_a_new_target_must_say_what_it_is():
    with pytest.raises(ClockError, match="retarget needs a target"):
        read(started(23, "08:00", P2), happened(RETARGET, 23, "09:00"))
