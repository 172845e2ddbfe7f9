"""What the events of clocks add up to, stored where lists and the minute's watch can ask for it.

Events are the record. The Clock row and the due dates on the ticket are made from them, here alone.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from django.db.models import Q

from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.models import Metric
from servicedesk.service_levels.promises import Hours
from servicedesk.service_levels.working_time import WorkingCalendar
from servicedesk.tickets.models import Clock, ClockEvent, Ticket

BATCH = 500
FIX = (Metric.RESOLUTION, Metric.FULFILMENT)
"""Clocks of the work itself: an incident is fixed, a request delivered."""
OURS_WHILE_OWED = (Metric.RESPONSE, Metric.NEXT_UPDATE)
STILL_BROKEN = Q(metric__in=FIX) | Q(metric__in=OURS_WHILE_OWED, stopped_at=None)
"""What makes a ticket late: work that was not done in time, for ever, and a word of ours for as long as it is owed."""

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
MEASURED_BY = (
    "service_level",
    "service_level_version",
    "goal_percent",
    "calendar",
    "calendar_version",
    "warn_at",
    "warned_at",
)
SHOWN = ("response_due_at", "due_at", "next_update_due_at", "supplier_due_at", "breached_at")


def read_again(clock: Clock, now: datetime) -> stopwatch.Reading:
    """What the events of a clock add up to, without looking at what is stored."""
    events = events_of([clock])[clock.pk]
    return stopwatch.rebuild(events, hours_by_event(events, Hours()), now)


def events_of(clocks: Iterable[Clock]) -> dict[int, list[ClockEvent]]:
    """The events of each clock, oldest first."""
    found: defaultdict[int, list[ClockEvent]] = defaultdict(list)
    keys = [clock.pk for clock in clocks]
    for begin in range(0, len(keys), BATCH):
        events = ClockEvent.objects.filter(clock__in=keys[begin : begin + BATCH])
        for event in events.select_related("calendar").order_by("id"):
            found[event.clock_id].append(event)
    return found


def hours_by_event(events: Sequence[ClockEvent], hours: Hours) -> Callable[[ClockEvent], WorkingCalendar]:
    """Which hours each start and new target is measured by: those of its time, or the ones they were corrected to."""
    corrected = {
        event.calendar_id: event.calendar_version for event in events if event.kind == stopwatch.REMEASURE
    }

    def of(event: ClockEvent) -> WorkingCalendar:
        versions = event.calendar_version, corrected.get(event.calendar_id)
        assert event.calendar is not None  # a start and a new target name their hours
        known = [version for version in versions if version is not None]
        return hours(event.calendar, max(known, default=None))

    return of


def settle(clocks: Sequence[Clock], now: datetime, hours: Hours | None = None) -> None:
    """Store what the events of clocks add up to, and put it onto their tickets. The clocks' levels are at hand."""
    hours, events = hours or Hours(), events_of(clocks)
    for clock in clocks:
        _read_into(clock, events[clock.pk], hours, now)
    if len(clocks) == 1:
        clocks[0].save(update_fields=[*READ_FROM_EVENTS, *MEASURED_BY])
    else:
        Clock.objects.bulk_update(clocks, [*READ_FROM_EVENTS, *MEASURED_BY], batch_size=BATCH)


def _read_into(clock: Clock, events: Sequence[ClockEvent], hours: Hours, now: datetime) -> None:
    measured = hours_by_event(events, hours)
    reading = stopwatch.rebuild(events, measured, now)
    for name in READ_FROM_EVENTS:
        setattr(clock, name, getattr(reading, name))
    clock.warn_at = stopwatch.warning_at(events, measured, clock.service_level.warn_percent)
    if clock.warn_at is None or clock.warn_at > now:
        clock.warned_at = None


def show(tickets: Sequence[Ticket]) -> None:
    """Put onto tickets what their clocks say, for lists to order and filter by."""
    clocks: defaultdict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ticket__in=[ticket.pk for ticket in tickets]):
        clocks[clock.ticket_id].append(clock)
    for ticket in tickets:
        for name, value in _shown(clocks[ticket.pk]).items():
            setattr(ticket, name, value)
    if len(tickets) == 1:
        values = {name: getattr(tickets[0], name) for name in SHOWN}
        Ticket.objects.filter(pk=tickets[0].pk).update(**values)
    else:
        Ticket.objects.bulk_update(tickets, SHOWN, batch_size=BATCH)


def _shown(clocks: Sequence[Clock]) -> dict[str, datetime | None]:
    def due(metrics: Sequence[str], open_alone: bool = False) -> datetime | None:
        found = [one for one in clocks if one.metric in metrics and not (open_alone and one.stopped_at)]
        return found[0].due_at if found else None

    broken = [clock.breached_at for clock in clocks if clock.breached_at and is_still_broken(clock)]
    return {
        "response_due_at": due([Metric.RESPONSE]),
        "due_at": due(FIX),
        "next_update_due_at": due([Metric.NEXT_UPDATE], open_alone=True),
        "supplier_due_at": due([Metric.SUPPLIER], open_alone=True),
        "breached_at": min(broken, default=None),
    }


def is_still_broken(clock: Clock) -> bool:
    """`STILL_BROKEN` of a row at hand."""
    return clock.metric in FIX or (clock.metric in OURS_WHILE_OWED and clock.stopped_at is None)
