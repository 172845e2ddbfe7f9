"""The clocks of a ticket: what its moves do to them, and which promises are broken.

Events are the record; the Clock row and the ticket's due dates are what they add up to, kept so that a queue can be
ordered by them. Every function here runs inside the transaction of the deed that caused it.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Min, OuterRef, Q, Subquery
from django.utils import timezone

from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.models import Metric
from servicedesk.service_levels.promises import Promise, hours_of, promises_for
from servicedesk.tickets.models import Clock, ClockEvent, Ticket

BATCH = 500
STILL_BROKEN = Q(metric=Metric.RESOLUTION) | Q(stopped_at=None)
"""What makes a ticket late: a fix that was not in time, for ever, and a first reply for as long as it is owed."""

READ_FROM_EVENTS = (
    "state",
    "started_at",
    "target_seconds",
    "elapsed_seconds",
    "paused_seconds",
    "due_at",
    "stopped_at",
    "breached_at",
    "breach_kind",
)


def start_clocks(ticket: Ticket, *, by, now: datetime) -> None:
    """Start a clock for each promise, from the moment the requester made contact."""
    for metric, promise in _promises(ticket).items():
        clock = Clock(ticket=ticket, metric=metric, state=stopwatch.RUNNING, started_at=ticket.reported_at)
        _measure_by(clock, promise)
        clock.save()
        _add(clock, stopwatch.START, ticket.reported_at, "reported", by, promise)
        _settle(clock, now)
    _show(ticket)


def pause(ticket: Ticket, *, cause: str, by, now: datetime) -> None:
    """The time to fix stands still. The time to reply never does."""
    _happen(ticket, Metric.RESOLUTION, stopwatch.PAUSE, cause, by, now)


def resume(ticket: Ticket, *, cause: str, by, now: datetime) -> None:
    """The time to fix runs on: after a pause, or because the ticket was opened again."""
    _happen(ticket, Metric.RESOLUTION, stopwatch.RESUME, cause, by, now)


def replied(ticket: Ticket, *, by, now: datetime) -> None:
    """A person of the desk has answered in public: the promise of a reply is kept, or was broken."""
    _happen(ticket, Metric.RESPONSE, stopwatch.STOP, "first reply", by, now)


def resolved(ticket: Ticket, *, by, now: datetime) -> None:
    """The work is done."""
    _happen(ticket, Metric.RESOLUTION, stopwatch.STOP, "resolved", by, now)


def cancelled(ticket: Ticket, *, cause: str, by, now: datetime) -> None:
    """Nothing is promised any more: a cancelled ticket has no result."""
    for metric in Metric:
        _happen(ticket, metric, stopwatch.CANCEL, cause, by, now)


def retarget(ticket: Ticket, *, cause: str, by, now: datetime) -> None:
    """The priority or service has changed: the time used stays, the promise is the new one."""
    promises = _promises(ticket)
    for clock in ticket.clocks.filter(state__in=_takers(stopwatch.RETARGET)):
        promise = promises.get(clock.metric)
        if promise and (promise.level.pk, promise.calendar.pk) != (clock.service_level_id, clock.calendar_id):
            _measure_by(clock, promise)
            _add(clock, stopwatch.RETARGET, now, cause, by, promise)
            _settle(clock, now)
    _show(ticket)


def mark_breaches(now: datetime | None = None) -> int:
    """Mark every promise that is broken by now, each with the exact instant it was due. Returns how many."""
    now = now or timezone.now()
    running = Clock.objects.filter(state=stopwatch.RUNNING, stopped_at=None, breached_at=None, due_at__lt=now)
    marked = 0
    while broken := list(running.order_by("due_at").values_list("pk", "ticket_id")[:BATCH]):
        clocks, tickets = zip(*broken, strict=True)
        with transaction.atomic():
            marked += running.filter(pk__in=clocks).update(
                breached_at=F("due_at"), breach_kind=stopwatch.NORMAL
            )
            first = Clock.objects.filter(STILL_BROKEN, ticket=OuterRef("pk")).values("ticket")
            first_at = first.annotate(at=Min("breached_at")).values("at")
            Ticket.objects.filter(pk__in=tickets).update(breached_at=Subquery(first_at))
    return marked


def read_again(clock: Clock, now: datetime) -> stopwatch.Reading:
    """What the events of a clock add up to, without looking at what is stored."""
    events = list(clock.events.select_related("calendar"))
    calendars = {event.calendar_id: event.calendar for event in events if event.calendar}
    hours = {key: hours_of(calendar) for key, calendar in calendars.items()}
    return stopwatch.rebuild(events, lambda event: hours[event.calendar_id], now)


def pauses_of(clock: Clock) -> list[tuple[datetime, datetime | None]]:
    """The stretches that do not count: pauses, and between a stop and its reopening. A clock that has stopped for good
    is not paused by that."""
    pauses: list[tuple[datetime, datetime | None]] = []
    for event in clock.events.all():
        if event.kind in (stopwatch.PAUSE, stopwatch.STOP) and not (pauses and pauses[-1][1] is None):
            pauses.append((event.at, None))
        elif event.kind == stopwatch.RESUME and pauses and pauses[-1][1] is None:
            pauses[-1] = (pauses[-1][0], event.at)
    if clock.stopped_at and pauses and pauses[-1][1] is None:
        begun = pauses.pop()[0]
        pauses += [(begun, clock.stopped_at)] if begun < clock.stopped_at else []
    return pauses


def _promises(ticket: Ticket) -> dict[str, Promise]:
    return promises_for(
        ticket_type=ticket.type,
        priority=ticket.priority,
        council_id=ticket.council_id,
        service=ticket.service,
    )


def _measure_by(clock: Clock, promise: Promise) -> None:
    clock.service_level = promise.level
    clock.calendar = promise.calendar
    clock.calendar_version = promise.calendar.version
    clock.target_seconds = promise.level.target_seconds


def _happen(ticket: Ticket, metric: Metric, kind: str, cause: str, by, now: datetime) -> None:
    """Let something happen to a clock, where it can: a second first reply, say, changes nothing."""
    clock = ticket.clocks.filter(metric=metric, state__in=_takers(kind)).first()
    if clock:
        _add(clock, kind, now, cause, by)
        _settle(clock, now)
        _show(ticket)


def _takers(kind: str) -> list[str]:
    return [state for state, kinds in stopwatch.ALLOWED.items() if kind in kinds]


def _add(clock: Clock, kind: str, at: datetime, cause: str, by, promise: Promise | None = None) -> None:
    ClockEvent.objects.create(
        clock=clock,
        kind=kind,
        at=at,
        target_seconds=promise.level.target_seconds if promise else None,
        calendar=promise.calendar if promise else None,
        cause=cause[:100],
        by_id=by.pk if by else None,
    )


def _settle(clock: Clock, now: datetime) -> None:
    """Store what the events add up to."""
    reading = read_again(clock, now)
    for name in READ_FROM_EVENTS:
        setattr(clock, name, getattr(reading, name))
    clock.save()


def _show(ticket: Ticket) -> None:
    """Put onto the ticket what its clocks show, for lists to order and filter by."""
    by_metric = {clock.metric: clock for clock in ticket.clocks.all()}
    response, resolution = by_metric.get(Metric.RESPONSE), by_metric.get(Metric.RESOLUTION)
    broken = [
        clock.breached_at for clock in by_metric.values() if clock.breached_at and _is_still_broken(clock)
    ]
    ticket.response_due_at = response.due_at if response else None
    ticket.due_at = resolution.due_at if resolution else None
    ticket.breached_at = min(broken) if broken else None
    Ticket.objects.filter(pk=ticket.pk).update(
        response_due_at=ticket.response_due_at, due_at=ticket.due_at, breached_at=ticket.breached_at
    )


def _is_still_broken(clock: Clock) -> bool:
    return clock.metric == Metric.RESOLUTION or clock.stopped_at is None
