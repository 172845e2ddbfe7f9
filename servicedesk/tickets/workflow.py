"""Moving and changing tickets: every write to a ticket that exists."""

from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.history.models import Change
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.models import Council
from servicedesk.tickets import clocks
from servicedesk.tickets.approvals import approver_by_rule, needs_approval
from servicedesk.tickets.case_groups import out_of_spreadsheets, sealed
from servicedesk.tickets.conversation import check_seen, publish
from servicedesk.tickets.effects import MISSING, Given, effect_of
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.grace import GRACE_SECONDS, desk_hours, grace_ends
from servicedesk.tickets.holding import keep_who_held
from servicedesk.tickets.models import ENDED, Comment, Priority, Sharing, Ticket, TicketState
from servicedesk.tickets.news import OF_MOVE, tell
from servicedesk.tickets.priorities import priority_for
from servicedesk.tickets.rights import fits, is_its_requester, may_work
from servicedesk.tickets.states import MOVES, REQUESTER_EARLY, Move, MoveRefused, StaleTicket, Who
from servicedesk.tickets.task_states import call_off
from servicedesk.tickets.wording import state_for_requester

MOST_CLOSED_AT_ONCE = 500
UNDONE = (TicketState.CANCELLED, TicketState.REJECTED)
"""Where a ticket has ended without having been done."""

RELATED = (
    "council",
    "requester",
    "affected_person",
    "service",
    "team",
    "assignee",
    "approver",
    "supplier_team",
    "case_group",
    "site",
)
EDITABLE = ("title", "description", "service", "category", "subcategory", "site", "impact", "urgency")


def move(
    ticket: Ticket,
    name: str,
    *,
    by,
    version: int | None = None,
    seen: int | None = None,
    now: datetime | None = None,
    **given,
) -> Ticket:
    """Make one named move and record who made it. Returns the ticket as it now is.

    `by` is a person, or None for the system. `given` holds what the move needs and takes (`states.MOVES`). `seen` is
    the number of the newest comment that the person had before them: what others said since is told first.
    Raises PermissionDenied, MoveRefused (with a sentence), SaidMeanwhile, StaleTicket when `version` is no longer the
    ticket's, or ValidationError by field. The update names the state it expects, so of two people who press different
    buttons at once one wins and the other is told so, on any database.
    """
    step, now = MOVES[name], now or timezone.now()
    with change_set(by=by, reason=_reason(given) or _in_place_of(ticket, step, by), now=now) as deed:
        ticket = locked(ticket)
        _check_who(ticket, step, by)
        check_state(ticket, name, by)
        check_seen(by, seen, ticket, changed=changed_since(ticket, version))
        check_version(ticket, version)
        _check_given(step, given)
        fields = {"state": step.target, **effect_of(name, ticket, given, by, now)}
        before = snapshot([ticket])
        if not _update(ticket, **fields):
            raise MoveRefused(_overtaken(fresh(ticket), step, by))
        ticket = fresh(ticket)
        record(deed, [ticket], before, move=name)
        said = _say(ticket, given, by, now)
        clocks.follow(ticket, move=name, cause=step.words.lower(), by=by, now=now)
        if step.target in UNDONE:
            call_off(deed, ticket, _reason(given), now)
        if step.target in ENDED:
            keep_who_held(ticket, now)
        if name in OF_MOVE:
            tell(OF_MOVE[name], ticket, by=by, now=now, **said)
    return ticket


def change(ticket: Ticket, *, by, version: int, now: datetime | None = None, **fields) -> Ticket:
    """Correct what a ticket says. A new impact, urgency or service brings a new priority and new deadlines.

    Raises PermissionDenied, StaleTicket when somebody has changed the ticket meanwhile, or ValidationError.
    """
    now = now or timezone.now()
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    with change_set(by=by, now=now) as deed:
        ticket = locked(ticket)
        if not may_work(by, ticket):
            raise PermissionDenied("You need the right to work on this request.")
        check_version(ticket, version)
        before = snapshot([ticket])
        fields |= _of_service(ticket, fields.get("service"))
        fields["priority"] = priority_for(
            fields.get("impact", ticket.impact),
            fields.get("urgency", ticket.urgency),
            ticket.uplift,
            ticket.priority_override,
        )
        fields = {name: value for name, value in fields.items() if getattr(ticket, name) != value}
        if not fields:
            return ticket
        if not _update(ticket, **fields):
            check_version(fresh(ticket), version)
        ticket = fresh(ticket)
        record(deed, [ticket], before)
        if fields.get("sharing") == Sharing.RESTRICTED:
            out_of_spreadsheets(deed, ticket)
        clocks.retarget(ticket, cause=f"now {Priority(ticket.priority).label}", by=by, now=now)
        index_tickets([ticket])
        tell("changed", ticket, by=by, now=now)
        if "service" in fields:
            ticket = ask_for_approval(ticket, now=now)
    return ticket


def ask_for_approval(ticket: Ticket, *, now: datetime) -> Ticket:
    """Let a new request wait where its service needs approval. Raises ValidationError where nobody can give it."""
    if not needs_approval(ticket):
        return ticket
    reason, approver = f"{ticket.service} needs approval.", approver_by_rule(ticket, now)
    return move(ticket, "request_approval", by=None, now=now, approver=approver, reason=reason)


def _of_service(ticket: Ticket, service: Service | None) -> Given:
    """What follows from a new service: a private one seals the ticket, one of a council's own hides it from others."""
    if service is None or service.pk == ticket.service_id:
        return {}
    check_offered(service, ticket.council)
    if service.sensitivity and ticket.sharing != Sharing.RESTRICTED:
        return sealed(ticket, service.sensitivity)
    keeps = service.sharing == Service.Sharing.OWN_COUNCIL and ticket.sharing == Sharing.SHARED
    return {"sharing": Sharing.OWN_COUNCIL} if keeps else {}


def check_offered(service: Service | None, council: Council) -> None:
    """Raises ValidationError where a council's people are not offered the service."""
    if service and not Service.objects.offered_to(council.pk).filter(pk=service.pk).exists():
        raise ValidationError({"service": f"{service} is not offered at {council}."})


def close_resolved(now: datetime | None = None) -> int:
    """Close what was resolved five working days ago and not opened again, the oldest first. Returns how many.

    It closes so many at a time, that a flood of them does not hold up the rest; whoever is quicker keeps a ticket open.
    """
    now = now or timezone.now()
    closed, hours = 0, cache(desk_hours)
    long_enough = now - timedelta(seconds=GRACE_SECONDS)
    waiting = Ticket.objects.filter(
        state=TicketState.RESOLVED, closed_at=None, resolved_at__isnull=False, resolved_at__lte=long_enough
    )
    for ticket in waiting.order_by("resolved_at")[:MOST_CLOSED_AT_ONCE]:
        if grace_ends(ticket, hours) <= now:
            with suppress(MoveRefused):
                move(ticket, "close", by=None, now=now)
                closed += 1
    return closed


def fresh(ticket: Ticket) -> Ticket:
    """The ticket as the database has it now, with what it points at."""
    return Ticket.objects.select_related(*RELATED).get(pk=ticket.pk)


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now, held until the transaction ends, so that two deeds on it come one after the other."""
    return Ticket.objects.select_related(*RELATED).select_for_update(of=("self",)).get(pk=ticket.pk)


def _check_who(ticket: Ticket, step: Move, by) -> None:
    asked = [Who.REQUESTER if who == Who.REQUESTER_EARLY else who for who in step.who]
    if not any(fits(who, by, ticket) for who in asked):
        raise PermissionDenied(f"Only {' or '.join(who.value for who in step.who)} may do this.")
    too_late = (
        Who.REQUESTER_EARLY in step.who
        and ticket.state in step.sources
        and ticket.state not in REQUESTER_EARLY
    )
    if too_late and not any(fits(who, by, ticket) for who in step.who):
        raise MoveRefused("We have begun to work on this. Reply to tell us that you no longer need it.")


def check_state(ticket: Ticket, name: str, by) -> None:
    """Raises MoveRefused where the move does not begin where the ticket stands."""
    step = MOVES[name]
    if TicketState(ticket.state) not in step.sources:
        raise MoveRefused(_overtaken(ticket, step, by))


def check_version(ticket: Ticket, version: int | None) -> None:
    """Raises StaleTicket where the ticket is no longer as it was read."""
    if version is not None and version != ticket.version:
        raise StaleTicket(_stale(ticket))


def changed_since(ticket: Ticket, version: int | None) -> str:
    """That the ticket is no longer as it was read, in a sentence; nothing where it is, or where the requester's answer
    alone has set the desk to work again: that is said by the answer."""
    if version is None or version == ticket.version:
        return ""
    done = Change.objects.filter(kind=ticket._meta.label_lower, object_id=ticket.pk, version__gt=version)
    return _stale(ticket) if done.exclude(move="customer_replied").exists() else ""


def _stale(ticket: Ticket) -> str:
    last = _last_hand(ticket)
    by_whom = f" by {last}" if last else ""
    return f"{ticket.reference} was changed{by_whom} while you were looking at it."


def _check_given(step: Move, given: Given) -> None:
    unknown = set(given) - {*step.needs, *step.takes}
    if unknown:
        raise ValidationError({name: "This move does not take that." for name in unknown})
    missing = [name for name in step.needs if str(given.get(name) or "").strip() == ""]
    if missing:
        raise ValidationError({name: MISSING[name] for name in missing})


def _overtaken(ticket: Ticket, step: Move, by) -> str:
    """Where the ticket stands instead, in the words of whoever asks, and who brought it there."""
    if is_its_requester(by, ticket) and not may_work(by, ticket):
        return f"{ticket.reference} has changed. It now says: {state_for_requester(ticket)}."
    last = _last_hand(ticket)
    changed = f" {last} was the last to change it." if last else ""
    return f"{ticket.reference} is {ticket.get_state_display().lower()}, so “{step.words}” is not possible.{changed}"


def _last_hand(ticket: Ticket) -> str:
    """By whom the ticket was last moved or changed, for whoever comes second."""
    last = (
        Change.objects.filter(kind=ticket._meta.label_lower, object_id=ticket.pk)
        .select_related("change_set")
        .order_by("-id")
        .first()
    )
    return last.change_set.by_label if last else ""


def _update(ticket: Ticket, **fields) -> int:
    """Write, unless somebody was quicker: the state and version read are still the ticket's."""
    rows = Ticket.objects.filter(pk=ticket.pk, state=ticket.state, version=ticket.version)
    return rows.update(version=F("version") + 1, **fields)


SAID_IN = {
    "question": Comment.Visibility.PUBLIC,
    "resolution_note": Comment.Visibility.PUBLIC,
    "message": Comment.Visibility.PUBLIC,
    "note": Comment.Visibility.INTERNAL,
    "supplier_note": Comment.Visibility.SUPPLIER,
}
"""What is given with a move and said on the ticket, and who reads it."""


def _say(ticket: Ticket, given: Given, by, now: datetime) -> dict[str, Comment]:
    """Say what was given to be said. What of it is public is a fact of the move's news."""
    said = {}
    for name, visibility in SAID_IN.items():
        if given.get(name):
            comment = publish(ticket, by=by, body=given[name], visibility=visibility, now=now)
            if visibility == Comment.Visibility.PUBLIC:
                said["comment"] = comment
    return said


def _in_place_of(ticket: Ticket, step: Move, by) -> str:
    """For whom a stand-in decides."""
    stands_in = Who.APPROVER in step.who and by and ticket.approver and by.pk != ticket.approver_id
    return f"In place of {ticket.approver}" if stands_in else ""


def _reason(given: Given) -> str:
    return str(given.get("reason") or given.get("note") or given.get("override") or "")
