"""The clocks of a ticket: what its moves and words do to them.

Every function here runs inside the transaction of the deed that caused it, which holds the ticket.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from servicedesk.people.models import Team
from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.models import Metric, ServiceLevel
from servicedesk.service_levels.promises import (
    Matter,
    Promise,
    Promises,
    promise_of_supplier,
    promises_for,
)
from servicedesk.tickets.models import Clock, ClockEvent, Ticket, TicketState
from servicedesk.tickets.settling import BATCH, FIX, settle, show

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
    """The priority or service has changed: the time used stays, the promise is the new one."""
    retarget_all([ticket], cause=cause, by=by, now=now)


def retarget_all(tickets: Sequence[Ticket], *, cause: str, by, now: datetime) -> None:
    """What we promise of tickets has changed: the time used stays, the promises are the new ones."""
    by_key, promised = {ticket.pk: ticket for ticket in tickets}, Promises()
    clocks = open_clocks(by_key)
    unpromised: list[Happening] = []
    measured: list[tuple[Clock, Promise]] = []
    for clock in clocks:
        ticket = by_key[clock.ticket_id]
        promise = _present_promise(ticket, clock, promised(matter_of(ticket)))
        if promise is None and clock.metric in (Metric.NEXT_UPDATE, Metric.SUPPLIER):
            unpromised.append((clock, stopwatch.CANCEL))
        elif promise and _measure_of(promise) != _measure_of(clock):
            measured.append((clock, promise))
    _happen(unpromised, cause, by, now)
    for clock, promise in measured:
        _measure_by(clock, promise)
    _write(
        [_event(clock, stopwatch.RETARGET, cause, by, now, promise) for clock, promise in measured],
        [clock for clock, _ in measured],
        now,
    )
    running = [clock for clock in clocks if by_key[clock.ticket_id].is_open]
    _happen([one for clock in running for one in _standing(by_key[clock.ticket_id], [clock])], cause, by, now)
    owed = {
        clock.ticket_id for clock in clocks if clock.metric == Metric.NEXT_UPDATE and not clock.stopped_at
    }
    for ticket in tickets:
        if ticket.is_open and ticket.pk not in owed and Metric.NEXT_UPDATE in promised(matter_of(ticket)):
            _begin_next_update(ticket, cause, by, now)
    show(tickets)


def remeasure(clocks: Sequence[Clock], *, cause: str, by, now: datetime) -> None:
    """The hours that clocks are measured by were corrected: all their time counts by the corrected ones.

    What has stopped or is late is left alone, whoever asks.
    """
    alive = [
        clock
        for clock in clocks
        if clock.stopped_at is None
        and clock.breached_at is None
        and not (clock.state == stopwatch.RUNNING and clock.due_at and clock.due_at < now)
    ]
    for clock in alive:
        clock.calendar_version = clock.calendar.version
    _write(
        [_event(clock, stopwatch.REMEASURE, cause, by, now, corrected=True) for clock in alive], alive, now
    )
    show(list({clock.ticket_id: clock.ticket for clock in alive}.values()))


def open_clocks(tickets: Iterable[int]) -> list[Clock]:
    """The clocks of tickets that have not stopped, with what they are measured by."""
    keys = list(tickets)
    return [
        clock
        for begin in range(0, len(keys), BATCH)
        for clock in Clock.objects.filter(ticket__in=keys[begin : begin + BATCH], stopped_at=None)
        .select_related("service_level", "calendar", "supplier_team")
        .order_by("id")
    ]


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
        reported_at=ticket.reported_at,
    )


def _resolve(clocks: Iterable[Clock], cause: str, by, now: datetime) -> None:
    """The work is done, and no more news of it is owed. Who fixed what was their own has nobody to reply to."""
    kinds = {**dict.fromkeys((*FIX, Metric.RESPONSE), stopwatch.STOP), Metric.NEXT_UPDATE: stopwatch.CANCEL}
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
        ticket=ticket, metric=metric, supplier_team=supplier, state=stopwatch.RUNNING, started_at=at
    )
    _measure_by(clock, promise)
    clock.save()
    _write([_event(clock, stopwatch.START, cause, by, at, promise)], [clock], now)
    return clock


def _measure_by(clock: Clock, promise: Promise) -> None:
    clock.service_level, clock.service_level_version = promise.level, promise.level.version
    clock.target_seconds, clock.goal_percent = promise.level.target_seconds, promise.level.goal_percent
    clock.calendar, clock.calendar_version = promise.calendar, promise.calendar.version


def _happen(happenings: Iterable[Happening], cause: str, by, now: datetime) -> None:
    """Let something happen to clocks, where it can: a second first reply, say, changes nothing."""
    taken = [(clock, kind) for clock, kind in happenings if kind in stopwatch.ALLOWED[clock.state]]
    events = [_event(clock, kind, cause, by, now) for clock, kind in taken]
    _write(events, [clock for clock, _ in taken], now)


def _write(events: Sequence[ClockEvent], clocks: Sequence[Clock], now: datetime) -> None:
    if events:
        ClockEvent.objects.bulk_create(events, batch_size=BATCH)
        settle(clocks, now)


def _event(
    clock: Clock,
    kind: str,
    cause: str,
    by,
    at: datetime,
    promise: Promise | None = None,
    corrected: bool = False,
) -> ClockEvent:
    """An event, saying by which hours the clock is measured from there where that is new."""
    says_hours = bool(promise) or corrected
    return ClockEvent(
        clock=clock,
        kind=kind,
        at=at,
        target_seconds=promise.level.target_seconds if promise else None,
        calendar=clock.calendar if says_hours else None,
        calendar_version=clock.calendar_version if says_hours else None,
        cause=cause[:100],
        by_id=by.pk if by else None,
    )
