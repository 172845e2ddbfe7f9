"""Promises that will soon be broken, and those that are: seen each minute, told, and afterwards accounted for."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from servicedesk.service_levels import stopwatch
from servicedesk.tickets.models import Clock, Ticket
from servicedesk.tickets.news import tell
from servicedesk.tickets.settling import BATCH, STILL_BROKEN
from servicedesk.tickets.workflow import RELATED

OPEN = Q(stopped_at=None, breached_at=None)


def mark_breaches(now: datetime | None = None) -> int:
    """Mark every promise that is broken by now, each with the exact instant it was due. Returns how many."""
    now = now or timezone.now()
    broken = Clock.objects.filter(OPEN, state=stopwatch.RUNNING, due_at__lt=now)
    return _mark(broken, "due_at", _break, "breached", now)


def mark_warnings(now: datetime | None = None) -> int:
    """Mark every promise of which so much is used up that we are warned, with the exact instant. Returns how many."""
    now = now or timezone.now()
    near = Clock.objects.filter(OPEN, warned_at=None, warn_at__isnull=False, warn_at__lte=now)
    return _mark(near, "warn_at", _warn, "warned", now)


def _mark(
    waiting: QuerySet[Clock],
    order: str,
    mark: Callable[[QuerySet[Clock], list[int]], object],
    event: str,
    now: datetime,
) -> int:
    """Mark and tell batch by batch, each with its tickets held, so that a move comes before or after."""
    marked = 0
    while tickets := list(waiting.order_by(order).values_list("ticket_id", flat=True)[:BATCH]):
        with transaction.atomic():
            held = Ticket.objects.select_for_update(of=("self",)).select_related(*RELATED)
            by_key = {ticket.pk: ticket for ticket in held.filter(pk__in=tickets).order_by("pk")}
            found = list(waiting.filter(ticket__in=by_key).order_by(order))
            mark(Clock.objects.filter(pk__in=[clock.pk for clock in found]), list(by_key))
            for clock in found:
                tell(event, by_key[clock.ticket_id], now=now, clock=clock)
        marked += len(found)
    return marked


def _break(clocks: QuerySet[Clock], tickets: list[int]) -> None:
    clocks.update(breached_at=F("due_at"), breach_kind=stopwatch.NORMAL)
    first = Clock.objects.filter(STILL_BROKEN, ticket=OuterRef("pk")).values("ticket")
    first_at = first.annotate(at=Min("breached_at")).values("at")
    Ticket.objects.filter(pk__in=tickets).update(breached_at=Subquery(first_at))


def _warn(clocks: QuerySet[Clock], tickets: list[int]) -> None:
    clocks.update(warned_at=F("warn_at"))
