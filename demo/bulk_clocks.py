"""Clocks of tickets that are made in bulk: of the open ones, as the workflow would have made them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from demo.inserting import number_rows
from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.models import Calendar, Metric
from servicedesk.service_levels.promises import Promise, Promises, hours_of
from servicedesk.service_levels.working_time import WorkingCalendar
from servicedesk.tickets.clocks import matter_of
from servicedesk.tickets.models import DONE, Clock, ClockEvent, Ticket, TicketState
from servicedesk.tickets.settling import FIX, READ_FROM_EVENTS, is_still_broken

HOUR = timedelta(hours=1)
MADE = (Metric.RESPONSE, *FIX)
"""Of the next update no clock is made: who is told what in the estate is not said."""


class ClockMaker:
    """Makes clocks as they stand at `now`; asks the database once for each kind of promise."""

    def __init__(self, now: datetime):
        self.now = now
        self.promises = Promises()
        self.hours: dict[int, WorkingCalendar] = {}

    def promised(self, ticket: Ticket) -> dict[str, Promise]:
        """What is promised of tickets like this one."""
        promises = self.promises(matter_of(ticket))
        return {metric: promises[metric] for metric in MADE if metric in promises}

    def fix(self, ticket: Ticket) -> Promise:
        """Until when the work itself is promised."""
        promised = self.promised(ticket)
        return next(promised[metric] for metric in FIX if metric in promised)

    def make(self, tickets: Iterable[Ticket]) -> tuple[list[Clock], list[ClockEvent]]:
        """The clocks of tickets that have their keys, and shown on the tickets what they say. None of it is saved."""
        made = [
            self._clock(ticket, metric, promise)
            for ticket in tickets
            if ticket.state not in DONE
            for metric, promise in self.promised(ticket).items()
        ]
        number_rows([clock for clock, _ in made])
        for clock, events in made:
            for event in events:
                event.clock = clock
        return [clock for clock, _ in made], [event for _, events in made for event in events]

    def _clock(self, ticket: Ticket, metric: str, promise: Promise) -> tuple[Clock, list[ClockEvent]]:
        events, hours = _events(ticket, metric, promise), self._hours_of(promise.calendar)
        reading = stopwatch.rebuild(events, lambda event: hours, self.now)
        clock = Clock(
            ticket=ticket,
            metric=metric,
            service_level=promise.level,
            service_level_version=promise.level.version,
            goal_percent=promise.level.goal_percent,
            calendar=promise.calendar,
            calendar_version=promise.calendar.version,
            **{name: getattr(reading, name) for name in READ_FROM_EVENTS},
        )
        clock.warn_at = stopwatch.warning_at(events, lambda event: hours, promise.level.warn_percent)
        _show(ticket, clock)
        return clock, events

    def _hours_of(self, calendar: Calendar) -> WorkingCalendar:
        if calendar.pk not in self.hours:
            self.hours[calendar.pk] = hours_of(calendar)
        return self.hours[calendar.pk]


def _events(ticket: Ticket, metric: str, promise: Promise) -> list[ClockEvent]:
    """The first reply comes after an hour, a question to the requester after two."""
    start = ClockEvent(
        kind=stopwatch.START,
        at=ticket.reported_at,
        target_seconds=promise.level.target_seconds,
        calendar=promise.calendar,
        calendar_version=promise.calendar.version,
        cause="reported",
    )
    if metric == Metric.RESPONSE and ticket.first_response_at:
        return [start, ClockEvent(kind=stopwatch.STOP, at=ticket.first_response_at, cause="first reply")]
    if metric in FIX and ticket.state == TicketState.WAITING_CUSTOMER:
        asked = ticket.reported_at + 2 * HOUR
        return [start, ClockEvent(kind=stopwatch.PAUSE, at=asked, cause="ask the requester")]
    return [start]


def _show(ticket: Ticket, clock: Clock) -> None:
    """What lists read from the ticket itself."""
    if clock.metric == Metric.RESPONSE:
        ticket.response_due_at = clock.due_at
    else:
        ticket.due_at = clock.due_at
    if clock.breached_at and is_still_broken(clock):
        ticket.breached_at = min(ticket.breached_at or clock.breached_at, clock.breached_at)
