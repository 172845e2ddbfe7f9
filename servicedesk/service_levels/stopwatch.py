"""A clock of a promise: what its events add up to.

The rules. A pause takes away the working time inside it and no more. A new target keeps the time used,
measured by the hours that held at the time, and goes on with the new target and hours. Reopening resumes
the old clock; the time between a stop and its reopening does not count. A clock is late once the instant at
which its target is used up has passed: a stop at that very instant is in time, a pause is not. Once late it
is late for ever, and its due and breach instants move no more. A clock that is not late may be measured anew, when
the hours that it was measured by are corrected: all its time counts by the corrected ones, and if that makes it late it
is late by the correction. Cancelling leaves the figures of a clock that has stopped, and takes its result. A clock that
is reinstated is as if it had never been cancelled: all the time between counts as it would have.
"""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from servicedesk.service_levels.working_time import ONE_SECOND, WorkingCalendar, used_up, worked

RUNNING, PAUSED, MET, MISSED, CANCELLED = "running", "paused", "met", "missed", "cancelled"
START, PAUSE, RESUME, STOP, RETARGET, CANCEL = "start", "pause", "resume", "stop", "retarget", "cancel"
REMEASURE, REINSTATE = "remeasure", "reinstate"
NORMAL, BY_REPRIORITISATION = "normal", "by_reprioritisation"

ALLOWED = {
    RUNNING: {PAUSE, STOP, RETARGET, REMEASURE, CANCEL},
    PAUSED: {RESUME, STOP, RETARGET, REMEASURE, CANCEL},
    MET: {RESUME, CANCEL},
    MISSED: {RESUME, CANCEL},
    CANCELLED: {REINSTATE},
}


class ClockError(ValueError):
    """An event that cannot follow those before it."""


class Event(Protocol):
    """What happened to a clock. `start` and `retarget` say the target; the others have None."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def target_seconds(self) -> int | None: ...


AnEvent = TypeVar("AnEvent", bound=Event)


@dataclass(frozen=True)
class ClockEvent:
    """An event that is not, or not yet, a row."""

    kind: str
    at: datetime
    target_seconds: int | None = None


@dataclass(frozen=True)
class Reading:
    """What a clock shows.

    `elapsed_seconds` and `paused_seconds` are whole working seconds up to the last event: those that count,
    and those since the start that do not (in pauses, and between a stop and its reopening). `due_at` is
    None while paused in time; of a stopped clock it is what it was at the stop. Once `breached_at` is set,
    `due_at` is the same instant.
    """

    state: str
    started_at: datetime
    target_seconds: int
    elapsed_seconds: int
    paused_seconds: int
    due_at: datetime | None
    stopped_at: datetime | None
    breached_at: datetime | None
    breach_kind: str


def rebuild(
    events: Iterable[AnEvent], calendar_of: Callable[[AnEvent], WorkingCalendar], at: datetime
) -> Reading:
    """What the events, of which there is at least one, oldest first, add up to at the instant `at`.

    `calendar_of` is asked for the hours of each start and retarget: the corrected ones, where a later event says that
    the clock was measured anew. An event dated before its predecessor
    counts from that one's instant, as two machines never quite agree on the time. Raises ClockError where
    an event cannot follow those before it.
    """
    return _run(events, calendar_of).reading(at)


def warning_at(
    events: Iterable[AnEvent], calendar_of: Callable[[AnEvent], WorkingCalendar], per_cent: int
) -> datetime | None:
    """When that much of the target is used up; None while a pause or the end of the clock comes before it."""
    stopwatch = _run(events, calendar_of)
    return stopwatch.used_up(stopwatch.target * per_cent / 100)


def _run(events: Iterable[AnEvent], calendar_of: Callable[[AnEvent], WorkingCalendar]) -> "_Stopwatch":
    first, *others = events
    if first.kind != START:
        raise ClockError("The first event of a clock must be its start.")
    stopwatch = uncancelled = _Stopwatch(first.at, calendar_of(first), _target(first))
    for event in others:
        if event.kind not in ALLOWED[stopwatch.state]:
            raise ClockError(f"A clock that is {stopwatch.state} cannot take the event {event.kind}.")
        if event.kind == REINSTATE:
            stopwatch = uncancelled
            continue
        if event.kind == CANCEL:
            uncancelled = stopwatch.kept()
        _happen(stopwatch, event, calendar_of)
    return stopwatch


def _happen(
    stopwatch: "_Stopwatch", event: AnEvent, calendar_of: Callable[[AnEvent], WorkingCalendar]
) -> None:
    if event.kind == CANCEL and stopwatch.stopped_at:
        stopwatch.state = CANCELLED
        return
    stopwatch.settle(max(event.at, stopwatch.last_at), in_time=event.kind in (STOP, REMEASURE))
    if event.kind == RETARGET:
        stopwatch.retarget(_target(event), calendar_of(event))
    elif event.kind == REMEASURE:
        stopwatch.remeasured()
    else:
        stopwatch.turn(event.kind)


def _target(event: Event) -> timedelta:
    if event.target_seconds is None:
        raise ClockError(f"The event {event.kind} needs a target.")
    return timedelta(seconds=event.target_seconds)


class _Stopwatch:
    """A clock amid its events; `counted` holds its finished stretches, `since` begins the present one."""

    def __init__(self, at: datetime, calendar: WorkingCalendar, target: timedelta) -> None:
        self.state = RUNNING
        self.calendar, self.target = calendar, target
        self.started_at = self.last_at = at
        self.since: datetime | None = at
        self.counted: list[tuple[WorkingCalendar, datetime, timedelta]] = []
        self.paused = timedelta(0)
        self.due_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self.breached_at: datetime | None = None
        self.breach_kind = ""

    def used_up(self, target: timedelta) -> datetime | None:
        """When the counted time reaches `target`; None where it does not and does not go on."""
        for calendar, begin, length in self.counted:
            if length >= target:
                return used_up(calendar, begin, target)
            target -= length
        return used_up(self.calendar, self.since, target) if self.since else None

    def settle(self, at: datetime, in_time: bool) -> None:
        """Account for the time since the last event. What comes at the due instant itself may be in time."""
        length = worked(self.calendar, self.last_at, at)
        if self.since is None:
            self.paused += length
        else:
            due = self.used_up(self.target)
            if due and (due < at or (due == at and not in_time)):
                self._breach(due, NORMAL)
            self.counted.append((self.calendar, self.since, length))
            self.since = None
        self.last_at = at

    def retarget(self, target: timedelta, calendar: WorkingCalendar) -> None:
        self.target, self.calendar = target, calendar
        if self.state == RUNNING:
            self.since = self.last_at
        due = self.used_up(target)
        if due and due <= self.last_at:
            self._breach(due, BY_REPRIORITISATION)

    def remeasured(self) -> None:
        """It was not late by the hours of before: what is late by now is so by the corrected ones."""
        if self.breached_at:
            self.breach_kind = BY_REPRIORITISATION
        if self.state == RUNNING:
            self.since = self.last_at

    def turn(self, kind: str) -> None:
        """Pause, resume, stop or cancel at the last event's instant."""
        self.stopped_at = None
        if kind == PAUSE:
            self.state = PAUSED
            return
        self.state, self.since = RUNNING, self.last_at
        if kind in (STOP, CANCEL):
            self.due_at, self.since, self.stopped_at = self.used_up(self.target), None, self.last_at
            self.state = CANCELLED if kind == CANCEL else MISSED if self.breached_at else MET

    def kept(self) -> "_Stopwatch":
        """The clock as it is now, whatever becomes of this one."""
        other = copy(self)
        other.counted = list(self.counted)
        return other

    def reading(self, at: datetime) -> Reading:
        due = self.due_at if self.stopped_at else self.used_up(self.target)
        if self.state == RUNNING and due and due < at:
            self._breach(due, NORMAL)
        return Reading(
            state=self.state,
            started_at=self.started_at,
            target_seconds=self.target // ONE_SECOND,
            elapsed_seconds=sum((length for _, _, length in self.counted), timedelta(0)) // ONE_SECOND,
            paused_seconds=self.paused // ONE_SECOND,
            due_at=self.breached_at or due,
            stopped_at=self.stopped_at,
            breached_at=self.breached_at,
            breach_kind=self.breach_kind,
        )

    def _breach(self, due: datetime, kind: str) -> None:
        if self.breached_at is None:
            self.breached_at, self.breach_kind = due, kind
