"""Promises that will soon be broken, and those that are: seen each minute, told, and afterwards accounted for."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils import timezone

from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, difference, record_entries
from servicedesk.service_levels import stopwatch
from servicedesk.tickets.models import BreachReason, Clock, Comment, Ticket
from servicedesk.tickets.news import tell
from servicedesk.tickets.prioritising import may_decide
from servicedesk.tickets.replying import say
from servicedesk.tickets.settling import BATCH, STILL_BROKEN
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import RELATED, check_version, locked

RUNNING = Q(state=stopwatch.RUNNING, stopped_at=None, breached_at=None, ticket__is_open=True)


def mark_breaches(now: datetime | None = None) -> int:
    """Mark every promise that is broken by now, each with the exact instant it was due. Returns how many."""
    now = now or timezone.now()
    broken = Clock.objects.filter(RUNNING, due_at__lt=now)
    return _mark(broken, "due_at", _break, "breached", now)


def broken_promise(ticket: Ticket, pk: int) -> Clock:
    """The one promise of the ticket that was broken. Raises Http404."""
    clock = ticket.clocks.select_related("ticket").filter(pk=pk).exclude(breached_at=None).first()
    if clock is None:
        raise Http404
    return clock


def mark_warnings(now: datetime | None = None) -> int:
    """Mark every promise of which so much is used up that we are warned, with the exact instant. Returns how many."""
    now = now or timezone.now()
    near = Clock.objects.filter(RUNNING, warned_at=None, warn_at__isnull=False, warn_at__lte=now)
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


def explain_breach(
    clock: Clock, *, by, reason: str, note: str = "", version: int | None = None, now: datetime | None = None
) -> Clock:
    """Account for a broken promise: why it was broken, as whoever answers for it found; the last word counts.

    Raises PermissionDenied, StaleTicket, MoveRefused where the promise is not broken, or ValidationError by field.
    """
    _check_account(clock, reason, note)
    with change_set(by=by, reason=note, now=now) as deed:
        ticket = locked(clock.ticket)
        if not may_decide(by, ticket):
            raise PermissionDenied("Only who manages the queue may say why a promise was broken.")
        check_version(ticket, version)
        clock = Clock.objects.get(pk=clock.pk)
        if not clock.breached_at:
            raise MoveRefused("This promise is not broken.")
        before = _account(clock)
        clock.breach_reason, clock.breach_note, clock.breach_explained_by = reason, note.strip(), by
        clock.save(update_fields=["breach_reason", "breach_note", "breach_explained_by"])
        _record(deed, ticket, before, _account(clock))
    return clock


def propose_breach_reason(
    clock: Clock, *, by, reason: str, note: str = "", seen: int | None = None, now: datetime | None = None
) -> Comment:
    """Tell whoever answers for it in a note why a promise was broken. Takes `seen` and raises as `replying.say`."""
    _check_account(clock, reason, note)
    if not clock.breached_at:
        raise MoveRefused("This promise is not broken.")
    words = (
        f"Proposes as the reason why “{clock.get_metric_display()}” was late: {BreachReason(reason).label}"
    )
    body = f"{words}. {note.strip()}".strip()
    return say(clock.ticket, by=by, body=body, visibility=Comment.Visibility.INTERNAL, seen=seen, now=now)


def _check_account(clock: Clock, reason: str, note: str) -> None:
    if reason not in BreachReason:
        raise ValidationError({"reason": "Select the reason"})
    if reason == BreachReason.OTHER and not note.strip():
        raise ValidationError({"note": "Enter what the reason was"})


def _account(clock: Clock) -> dict[str, tuple[str, str]]:
    """What is said of a breach, by name: the value and how it reads."""
    metric = clock.metric
    return {
        f"{metric}_breach_reason": (clock.breach_reason, clock.get_breach_reason_display()),
        f"{metric}_breach_note": (clock.breach_note, clock.breach_note),
    }


def _record(deed: ChangeSet, ticket: Ticket, before: dict, after: dict) -> None:
    """The clock is made from its events; what is said of it is told in the history of its ticket."""
    fields = difference(before, after)
    if fields:
        Ticket.objects.filter(pk=ticket.pk).update(version=F("version") + 1)
        entry = Entry(ticket.pk, str(ticket), ticket.council_id, Change.Action.UPDATE, fields)
        record_entries(deed, Ticket, [entry])
