"""Clocks at random: against a minute-walking second opinion, and what must hold whatever happens."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.service_levels.stopwatch import (
    ALLOWED,
    BY_REPRIORITISATION,
    CANCEL,
    MET,
    MISSED,
    NORMAL,
    PAUSE,
    PAUSED,
    REMEASURE,
    RESUME,
    RETARGET,
    RUNNING,
    START,
    STOP,
    Reading,
    rebuild,
)
from servicedesk.service_levels.working_time import WorkingCalendar, due, worked
from tests.service_levels.calendars import MINUTE, ROUND_THE_CLOCK, STD, is_open, utc


@dataclass(frozen=True)
class Row:
    """An event as it is stored: with its own hours."""

    kind: str
    at: datetime
    target_seconds: int | None = None
    calendar: WorkingCalendar | None = None


def read_rows(rows: list[Row], at: datetime) -> Reading:
    return rebuild(rows, lambda row: row.calendar, at)


@st.composite
def histories(draw, calendars=(STD, ROUND_THE_CLOCK)):
    """Up to seven events that can follow each other, to the minute, about the end of summer time."""
    at = utc("2026-10-23T12:00+01:00") + draw(st.integers(0, 600)) * MINUTE
    target = st.integers(1, 900).map(lambda minutes: minutes * 60)
    rows = [Row(START, at, draw(target), draw(st.sampled_from(calendars)))]
    for _ in range(draw(st.integers(0, 6))):
        at += draw(st.integers(0, 700)) * MINUTE
        reading = read_rows(rows, at)
        late = {REMEASURE} if reading.breached_at else set()  # what is late is measured anew no more
        choices = sorted(ALLOWED[reading.state] - {CANCEL} - late)
        kind = draw(st.sampled_from(choices))
        rows.append(Row(kind, at))
        if kind == RETARGET:
            rows[-1] = replace(
                rows[-1], target_seconds=draw(target), calendar=draw(st.sampled_from(calendars))
            )
    return rows


def walked(rows: list[Row], end: datetime) -> tuple[str, int, datetime | None, str]:
    """What rebuild should find, by walking every minute: state, minutes used, breach and its kind."""
    rows, minute, state, used_by_last = list(rows), rows[0].at, RUNNING, 0
    used_up = [minute]  # used_up[n]: the earliest instant at which n minutes were used
    breach: list = [None, ""]

    def look(kind: str, late: bool) -> None:
        if late and breach[0] is None and len(used_up) > target:
            breach[:] = used_up[target], kind

    while True:
        while rows and rows[0].at == minute:
            row, used_by_last = rows.pop(0), len(used_up) - 1
            if row.kind not in (START, STOP, REMEASURE):
                look(NORMAL, late=state == RUNNING)
            if row.kind in (START, RETARGET):
                calendar, target = row.calendar, row.target_seconds // 60
                look(BY_REPRIORITISATION, late=True)
            ended = MISSED if breach[0] else MET
            state = {PAUSE: PAUSED, RESUME: RUNNING, STOP: ended}.get(row.kind, state)
        if minute == end:
            return state, used_by_last, *breach
        look(NORMAL, late=state == RUNNING)
        used_up += [minute + MINUTE] * (state == RUNNING and is_open(calendar, minute))
        minute += MINUTE


quick = settings(deadline=None, max_examples=100)


@quick
@given(rows=histories(), later=st.integers(0, 2000))
def test_a_reading_agrees_with_walking_every_minute(rows, later):
    end = rows[-1].at + later * MINUTE

    reading = read_rows(rows, end)

    found = reading.state, reading.elapsed_seconds // 60, reading.breached_at, reading.breach_kind
    assert found == walked(rows, end)


@quick
@given(rows=histories())
def test_a_breach_is_for_ever_whatever_follows(rows):
    readings = [read_rows(rows[: number + 1], row.at) for number, row in enumerate(rows)]

    breaches = [(reading.breached_at, reading.breach_kind) for reading in readings]
    assert all(after == before for before, after in pairwise(breaches) if before[0])


@quick
@given(rows=histories())
def test_a_reading_before_the_next_event_agrees_with_the_reading_after_it(rows):
    before, after = read_rows(rows[:-1] or rows, rows[-1].at), read_rows(rows, rows[-1].at)

    if before.breached_at:
        assert (after.breached_at, after.breach_kind) == (before.breached_at, before.breach_kind)
    assert after.elapsed_seconds >= before.elapsed_seconds
    assert after.paused_seconds >= before.paused_seconds
    assert after.started_at == before.started_at


@quick
@given(rows=histories())
def test_a_late_clock_is_due_when_it_was_late(rows):
    reading = read_rows(rows, rows[-1].at + timedelta(days=9))

    assert reading.breached_at in (None, reading.due_at)


@quick
@given(rows=histories(calendars=(STD,)))
def test_time_used_and_time_paused_make_up_the_working_time(rows):
    reading = read_rows(rows, rows[-1].at)

    total = worked(STD, rows[0].at, rows[-1].at)
    assert timedelta(seconds=reading.elapsed_seconds + reading.paused_seconds) == total


@quick
@given(rows=histories(calendars=(STD,)).filter(lambda rows: all(row.kind != RETARGET for row in rows)))
def test_a_clock_that_kept_its_target_is_due_as_its_pauses_say(rows):
    reading = read_rows(rows, rows[-1].at)

    pauses, standing = [], None
    for row in rows:
        if row.kind in (PAUSE, STOP) and standing is None:
            standing = row.at
        elif row.kind == RESUME:
            pauses.append((standing, row.at))
            standing = None
    if reading.state == RUNNING:
        assert reading.due_at == due(STD, rows[0].at, rows[0].target_seconds, pauses)
