"""Reminding whoever a request waits for: two, five and eight working days after the desk asked them something."""

from datetime import datetime
from functools import cache

from django.db import transaction
from django.utils import timezone

from servicedesk.history.models import Change
from servicedesk.service_levels.working_time import WorkingCalendar, due
from servicedesk.tickets.grace import WORKING_DAY, desk_hours
from servicedesk.tickets.models import Ticket, TicketState
from servicedesk.tickets.news import tell
from servicedesk.tickets.workflow import RELATED

AFTER = (8, 5, 2)
"""Working days of their council's desk, the longest first."""


def remind(now: datetime | None = None) -> None:
    """Remind of every question that waits so long. Who was reminded of one after so many days is so no more."""
    now = now or timezone.now()
    hours = cache(desk_hours)
    waiting = list(Ticket.objects.filter(state=TicketState.WAITING_CUSTOMER).select_related(*RELATED))
    asked = _asked_at(waiting)
    for ticket in waiting:
        days = _waited(hours(ticket.council_id), asked[ticket.pk], now) if ticket.pk in asked else None
        if days:
            with transaction.atomic():
                tell("waiting", ticket, now=now, asked_at=asked[ticket.pk], days=days)


def _asked_at(tickets: list[Ticket]) -> dict[int, datetime]:
    """When the desk asked last, by ticket, as history has it."""
    asked = Change.objects.filter(
        kind=Ticket._meta.label_lower, object_id__in=[ticket.pk for ticket in tickets], move="ask_customer"
    )
    return dict(asked.order_by("id").values_list("object_id", "change_set__at"))


def _waited(hours: WorkingCalendar, since: datetime, now: datetime) -> int | None:
    """How many of those days are over, at the most."""
    for days in AFTER:
        ends = due(hours, since, days * WORKING_DAY)
        if ends is not None and ends <= now:
            return days
    return None
