"""Requests as they were at the end of a month, whatever became of them since.

Today's rows, with what history tells of the time since taken back, and the promise of each read from its events up to
then where it has gone on. Only requests that the reader may see today are told of, and never what is or then was
private.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q

from servicedesk.catalogue.models import Service
from servicedesk.history.as_at import values_then
from servicedesk.history.models import Change
from servicedesk.people.models import Person, Team
from servicedesk.reports.months import Month, midnight, next_month
from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.models import Metric
from servicedesk.service_levels.promises import Hours
from servicedesk.tickets.models import Clock, Sharing, Ticket, TicketState, TicketType
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.settling import events_of, hours_by_event

KIND = Ticket._meta.label_lower
DONE = (TicketState.RESOLVED, TicketState.CLOSED)
UNDONE = (TicketState.CANCELLED, TicketState.REJECTED)
NEVER = ("council", "type", "channel", "reported_at", "logged_at", "first_response_at")
"""What does not change of a request, or not in a way that matters here."""
FOLLOWED = (
    *("state", "priority", "uplift", "sharing", "resolved_at", "reopen_count", "reassign_count"),
    *("team", "supplier_team", "service", "merged_into", "duplicate_of"),
)
"""What history is asked of."""
PROMISE = (
    *("id", "state", "started_at", "due_at", "breached_at", "breach_kind", "breach_reason"),
    *("goal_percent", "elapsed_seconds", "paused_seconds"),
)
ITS_PROMISE = Q(clocks__metric=Metric.FULFILMENT, type=TicketType.REQUEST) | (
    Q(clocks__metric=Metric.RESOLUTION) & ~Q(type=TicketType.REQUEST)
)
"""A request is delivered, anything else is fixed."""


@dataclass(slots=True)
class Promise:
    """The promise of the work itself, as it stood."""

    id: int
    state: str
    started_at: datetime
    due_at: datetime | None
    breached_at: datetime | None
    breach_kind: str
    breach_reason: str
    goal_percent: int
    elapsed_seconds: int
    paused_seconds: int

    @property
    def late_from(self) -> datetime | None:
        return self.breached_at or self.due_at


@dataclass(slots=True)
class Request:
    """One request as it was. `first_line` is whether the first line could have resolved it, `ever_reopened` whether it
    was ever opened again, also afterwards.
    """

    pk: int
    council: int
    type: str
    channel: str
    reported_at: datetime
    logged_at: datetime
    first_response_at: datetime | None
    state: str
    priority: str
    uplift: str
    sharing: str
    resolved_at: datetime | None
    reopen_count: int
    reassign_count: int
    team: int | None
    supplier_team: int | None
    service: int | None
    merged_into: int | None
    duplicate_of: int | None
    promise: Promise | None
    tier: int = 1
    first_line: bool = True
    ever_reopened: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is in any figure."""
        left_out = self.merged_into or self.duplicate_of or self.sharing == Sharing.RESTRICTED
        return not left_out and self.state not in UNDONE

    @property
    def is_done(self) -> bool:
        return self.state in DONE


def requests_of(tickets: TicketQuerySet, month: Month) -> Iterator[Request]:
    """Of these tickets, those that count and were open at some time in the month, as they were at its end."""
    found = _as_they_were(_there(tickets, month), month)
    tiers, first_line = _then(Team, "tier", month), _then(Service, "first_line", month)
    for request in found.values():
        request.tier = tiers.get(request.team or 0, 1)
        request.first_line = first_line.get(request.service or 0, True)
        if request.counts and (not request.resolved_at or request.resolved_at >= month.begins):
            yield request


def requests_for_starters(tickets: TicketQuerySet, month: Month) -> Iterator[tuple[Request, int, datetime]]:
    """What had been asked for people whose first day fell in the month, by the end of it: each request as it was at the
    month's end, for whom, and when their first day ended. A first day is that which was known at the month's end.
    """
    ended = _first_days_ended(month)
    asked = tickets.filter(type=TicketType.REQUEST, affected_person__in=ended, logged_at__lt=month.as_at)
    whose = dict(asked.values_list("pk", "affected_person"))
    for request in _as_they_were(asked, month).values():
        person = whose[request.pk]
        if request.counts and request.logged_at < ended[person]:
            yield request, person, ended[person]


def _first_days_ended(month: Month) -> dict[int, datetime]:
    """Of whom the first day was in the month, and when it ended."""
    days = dict(
        Person.objects.filter(employed_from__gte=month.first, employed_from__lt=next_month(month.first))
        .order_by()
        .values_list("pk", "employed_from")
    )
    if month.ends == month.as_at:
        told = values_then(Person._meta.label_lower, month.ends, ("employed_from",))
        days |= {key: _day(old["employed_from"][0]) for key, old in told.items()}
    ended = {key: midnight(day + timedelta(days=1)) for key, day in days.items() if day}
    return {key: moment for key, moment in ended.items() if month.begins < moment <= month.as_at}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _as_they_were(tickets: TicketQuerySet, month: Month) -> dict[int, Request]:
    """These tickets by key, as they were at the end of the month."""
    promised = FilteredRelation("clocks", condition=ITS_PROMISE)
    rows = tickets.order_by().annotate(promise=promised)
    columns = [*NEVER, *FOLLOWED, *(f"promise__{name}" for name in PROMISE)]
    found = {row[0]: _request(row) for row in rows.values_list("pk", *columns)}
    if month.ends == month.as_at:
        _take_back(found, tickets, month.ends)
    return found


def _there(tickets: TicketQuerySet, month: Month) -> TicketQuerySet:
    """What may have been open in the month: written down before its end, and not ended before it."""
    ended_since = Change.objects.filter(
        kind=KIND, object_id=OuterRef("pk"), change_set__at__gte=month.as_at, action=Change.Action.MOVE
    )
    open_then = Q(is_open=True) | Q(resolved_at__gte=month.begins) | Q(Exists(ended_since), state__in=UNDONE)
    return tickets.filter(open_then, logged_at__lt=month.as_at)


def _request(row: tuple) -> Request:
    split = 1 + len(NEVER) + len(FOLLOWED)
    promise = Promise(*row[split:]) if row[split] is not None else None
    request = Request(*(*row[:split], promise))
    request.ever_reopened = request.reopen_count > 0
    return request


def _take_back(found: dict[int, Request], there: TicketQuerySet, moment: datetime) -> None:
    """Make the requests what they were at a moment that is over."""
    gone_on = []
    for key, old in values_then(KIND, moment, FOLLOWED, there.values("pk")).items():
        request = found.get(key)
        if request is None:
            continue
        resolved_at = request.resolved_at
        for name, (value, _) in old.items():
            setattr(request, name, _value(name, value))
        if request.is_done and request.resolved_at != resolved_at:
            gone_on.append(request)
    gone_on += [request for request in found.values() if _may_be_late_by_later_priority(request, moment)]
    _rewind([request.promise for request in gone_on if request.promise], moment)


def _value(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name == "resolved_at" and value else value


def _may_be_late_by_later_priority(request: Request, moment: datetime) -> bool:
    """Whether it is late from before the moment, but perhaps only because of what was decided after it."""
    promise = request.promise
    if request.is_done or promise is None or promise.breached_at is None:
        return False
    return promise.breach_kind == stopwatch.BY_REPRIORITISATION and promise.breached_at < moment


def _rewind(promises: Collection[Promise], moment: datetime) -> None:
    """Read promises from their events up to a moment alone."""
    if not promises:
        return
    hours = Hours()
    told = events_of(Clock.objects.filter(pk__in=[promise.id for promise in promises]))
    for promise in promises:
        events = [event for event in told[promise.id] if event.at < moment]
        reading = stopwatch.rebuild(events, hours_by_event(events, hours), moment)
        for name in ("state", "due_at", "breached_at", "breach_kind", "elapsed_seconds", "paused_seconds"):
            setattr(promise, name, getattr(reading, name))


def _then(model: type[Team | Service], name: str, month: Month) -> dict[int, Any]:
    """A column of all rows by key, as it was at the end of the month."""
    values = dict(model.objects.values_list("pk", name))
    if month.ends == month.as_at:
        told = values_then(model._meta.label_lower, month.ends, (name,))
        values |= {key: old[name][0] for key, old in told.items()}
    return values


def given_back(requests: Iterable[Request], month: Month) -> Iterator[tuple[Request, int, bool]]:
    """What a supplier gave back in the month: the request, the supplier, and whether it came late.

    Of several suppliers it stands with one that was late, else with the last.
    """
    stopped = Clock.objects.filter(
        metric=Metric.SUPPLIER,
        stopped_at__gte=month.begins,
        stopped_at__lt=month.ends,
        events__kind=stopwatch.STOP,
    )
    late: dict[int, tuple[int, bool]] = {}
    for ticket, supplier, breached_at in stopped.order_by("stopped_at", "pk").values_list(
        "ticket", "supplier_team", "breached_at"
    ):
        if breached_at or not late.get(ticket, (0, False))[1]:
            late[ticket] = supplier, bool(breached_at)
    for request in requests:
        if request.pk in late:
            yield request, *late[request.pk]
