"""The clocks of a ticket: what its moves and words do to them.

Every function here runs inside the transaction of the deed that caused it, which holds the ticket.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from servicedesk.people.models import Team
from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.models import Metric, ServiceLevel
from servicedesk.service_levels.promises import Matter, Promise, promise_of_supplier, promises_for
from servicedesk.tickets.models import Clock, ClockEvent, Ticket, TicketState
from servicedesk.tickets.settling import FIX, settle, show

STAND_STILL = (*FIX, Metric.NEXT_UPDATE)
"""What may pause. A first reply is owed whatever happens, and a supplier's time is the supplier's."""
SUPPLIER_HAS_DONE = ("supplier_answered", "resolve")
Happening = tuple[Clock, str]


def start_clocks(ticket: Ticket, *, by, now: datetime) -> None:
    """Start a clock for each promise, from the moment the requester made contact."""
    promises = promises_for(matter_of(ticket))
    for metric, promise in promises.items():
        _start(ticket, metric, promise, ticket.reported_at, "reported", by, now)
    show([ticket])


def follow(ticket: Ticket, *, move: str, cause: str, by, now: datetime) -> None:
    """A move has brought the ticket to where it stands: its clocks stop, stand still, or run on."""
    clocks = list(ticket.clocks.select_related("service_level"))
    if ticket.state == TicketState.RESOLVED:
        _resolve(clocks, cause, by, now)
    elif ticket.is_open:
        reopened = any(clock.metric in FIX and clock.stopped_at for clock in clocks)
        _happen(_standing(ticket, clocks), cause, by, now)
        if reopened:
            _begin_next_update(ticket, cause, by, now)
    elif ticket.state != TicketState.CLOSED:
        _happen([(clock, stopwatch.CANCEL) for clock in clocks], cause, by, now)
    _follow_supplier(ticket, clocks, move, cause, by, now)
    show([ticket])


def replied(ticket: Ticket, *, by, now: datetime) -> None:
    """A person of the desk has spoken to the requester: the promise of a reply, and of the next update, is kept or was
    broken. From now on the update after it is promised."""
    clocks = list(ticket.clocks.filter(stopped_at=None).select_related("service_level"))
    owed = [clock for clock in clocks if clock.metric in (Metric.RESPONSE, Metric.NEXT_UPDATE)]
    if not owed:
        return
    for clock in owed:
        cause = "first reply" if clock.metric == Metric.RESPONSE else "an update"
        _happen([(clock, stopwatch.STOP)], cause, by, now)
    if ticket.is_open and any(clock.metric == Metric.NEXT_UPDATE for clock in owed):
        _begin_next_update(ticket, "an update", by, now)
    show([ticket])


def retarget(ticket: Ticket, *, cause: str, by, now: datetime) -> None:
    """The priority, the service or what we promise has changed: the time used stays, the promise is the new one."""
    promises = promises_for(matter_of(ticket))
    clocks = list(ticket.clocks.filter(stopped_at=None).select_related("service_level"))
    for clock in clocks:
        promise = _present_promise(ticket, clock, promises)
        if promise is None and clock.metric in (Metric.NEXT_UPDATE, Metric.SUPPLIER):
            _happen([(clock, stopwatch.CANCEL)], cause, by, now)
        elif promise and _measure_of(promise) != _measure_of(clock):
            _add([(clock, stopwatch.RETARGET)], cause, by, now, promise)
            settle([clock], now)
    if ticket.is_open:
        _happen(_standing(ticket, clocks), cause, by, now)
        _begin_next_update(ticket, cause, by, now)
    show([ticket])


def reinstate(ticket: Ticket, cancelled: Iterable[int], *, by, now: datetime) -> None:
    """What cancelled these clocks is taken back: they are as if they had never stopped."""
    clocks = list(ticket.clocks.filter(pk__in=cancelled).select_related("service_level"))
    _happen([(clock, stopwatch.REINSTATE) for clock in clocks], "merge undone", by, now)
    show([ticket])


def stands_still(ticket: Ticket, level: ServiceLevel) -> bool:
    """Whether the service level lets the clock wait where the ticket stands: for somebody else than the desk."""
    if ticket.state == TicketState.SCHEDULED and not ticket.booked_by_customer:
        return False
    return ticket.state in level.pausing


def matter_of(ticket: Ticket) -> Matter:
    """What promises of the ticket are looked up by."""
    return Matter(
        ticket_type=ticket.type,
        priority=ticket.priority,
        council_id=ticket.council_id,
        service=ticket.service,
        reported_on=timezone.localdate(ticket.reported_at),
    )


def _resolve(clocks: Iterable[Clock], cause: str, by, now: datetime) -> None:
    """The work is done, and no more news of it is owed."""
    kinds = {**dict.fromkeys(FIX, stopwatch.STOP), Metric.NEXT_UPDATE: stopwatch.CANCEL}
    ended = [clock for clock in clocks if clock.metric in kinds and clock.stopped_at is None]
    _happen([(clock, kinds[Metric(clock.metric)]) for clock in ended], cause, by, now)


def _standing(ticket: Ticket, clocks: Iterable[Clock]) -> list[Happening]:
    """Each clock that may pause, pausing or running as the ticket stands; an update that was given stays given."""
    return [
        (clock, stopwatch.PAUSE if stands_still(ticket, clock.service_level) else stopwatch.RESUME)
        for clock in clocks
        if clock.metric in FIX or (clock.metric in STAND_STILL and clock.stopped_at is None)
    ]


def _begin_next_update(ticket: Ticket, cause: str, by, now: datetime) -> None:
    """Promise the next update, where one is promised and none is owed."""
    if ticket.clocks.filter(metric=Metric.NEXT_UPDATE, stopped_at=None).exists():
        return
    promise = promises_for(matter_of(ticket)).get(Metric.NEXT_UPDATE)
    if promise:
        clock = _start(ticket, Metric.NEXT_UPDATE, promise, now, cause, by, now)
        _happen(_standing(ticket, [clock]), cause, by, now)


def _follow_supplier(
    ticket: Ticket, clocks: Iterable[Clock], move: str, cause: str, by, now: datetime
) -> None:
    """The supplier's time runs while the ticket is with them; several such times may follow one another."""
    running = [clock for clock in clocks if clock.metric == Metric.SUPPLIER and clock.stopped_at is None]
    if ticket.state != TicketState.WAITING_SUPPLIER:
        kind = stopwatch.STOP if move in SUPPLIER_HAS_DONE else stopwatch.CANCEL
        _happen([(clock, kind) for clock in running], cause, by, now)
    elif not running and ticket.supplier_team:
        promise = promise_of_supplier(matter_of(ticket), ticket.supplier_team)
        if promise:
            _start(ticket, Metric.SUPPLIER, promise, now, cause, by, now, ticket.supplier_team)


def _present_promise(ticket: Ticket, clock: Clock, promises: dict[str, Promise]) -> Promise | None:
    if clock.metric == Metric.SUPPLIER and clock.supplier_team:
        return promise_of_supplier(matter_of(ticket), clock.supplier_team)
    return promises.get(clock.metric)


def _measure_of(measured: Promise | Clock) -> tuple[int, int, int]:
    """By which level, which hours and how long."""
    if isinstance(measured, Promise):
        return measured.level.pk, measured.calendar.pk, measured.level.target_seconds
    return measured.service_level_id, measured.calendar_id, measured.target_seconds


def _start(
    ticket: Ticket,
    metric: str,
    promise: Promise,
    at: datetime,
    cause: str,
    by,
    now: datetime,
    supplier: Team | None = None,
) -> Clock:
    clock = Clock(
        ticket=ticket,
        metric=metric,
        supplier_team=supplier,
        state=stopwatch.RUNNING,
        started_at=at,
        service_level=promise.level,
        calendar=promise.calendar,
        calendar_version=promise.calendar.version,
        target_seconds=promise.level.target_seconds,
    )
    clock.save()
    _add([(clock, stopwatch.START)], cause, by, at, promise)
    settle([clock], now)
    return clock


def _happen(happenings: Iterable[Happening], cause: str, by, now: datetime) -> None:
    """Let something happen to clocks, where it can: a second first reply, say, changes nothing."""
    taken = [(clock, kind) for clock, kind in happenings if kind in stopwatch.ALLOWED[clock.state]]
    if taken:
        _add(taken, cause, by, now)
        settle([clock for clock, _ in taken], now)


def _add(
    happenings: Iterable[Happening], cause: str, by, at: datetime, promise: Promise | None = None
) -> None:
    """Write down what happened; with a promise, the clocks are measured by that from then on."""
    for clock, _ in happenings if promise else ():
        clock.service_level, clock.calendar = promise.level, promise.calendar
        clock.calendar_version = promise.calendar.version
    ClockEvent.objects.bulk_create(
        ClockEvent(
            clock=clock,
            kind=kind,
            at=at,
            target_seconds=promise.level.target_seconds if promise else None,
            calendar=promise.calendar if promise else None,
            calendar_version=promise.calendar.version if promise else None,
            cause=cause[:100],
            by_id=by.pk if by else None,
        )
        for clock, kind in happenings
    )
