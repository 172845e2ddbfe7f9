"""What is done to a priority by hand: set with a reason, raised for a reason that is told apart, or proposed.

Whoever read the ticket before others changed it keeps what they changed; of what both changed, both values are shown.
"""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import may
from servicedesk.people.roles import Permission
from servicedesk.tickets import clocks
from servicedesk.tickets.editing import own_edits
from servicedesk.tickets.models import Comment, Priority, Sensitivity, Ticket, Uplift
from servicedesk.tickets.news import tell
from servicedesk.tickets.priorities import priority_for
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import fits, may_work
from servicedesk.tickets.states import MoveRefused, Who
from servicedesk.tickets.workflow import fresh, locked

LONGEST_REASON = 200
SENT_AS = {"priority_override": "priority", "priority_reason": "reason"}
"""The columns that forms and programs know by another name."""


def may_decide(person, ticket: Ticket) -> bool:
    """Whether the person answers for the ticket's priority and promises: who manages the queue; of a security incident
    the cyber security officer."""
    if ticket.sensitivity == Sensitivity.CYBER and may(
        person, Permission.WORK_CYBER_TICKETS, ticket.council_id
    ):
        return True
    return fits(Who.MANAGER, person, ticket)


def shown_uplift(person, ticket: Ticket) -> str:
    """What raises the ticket, as far as the person may know: what somebody needs because of a disability is the
    council's own matter, and the desk of another sees the priority alone."""
    own_matter = may(person, Permission.SEE_COUNCIL_TICKETS, ticket.council_id)
    return "" if ticket.uplift == Uplift.ASSISTIVE and not own_matter else ticket.uplift


def override_priority(
    ticket: Ticket, *, by, priority: str, reason: str, version: int | None = None, now: datetime | None = None
) -> Ticket:
    """Set the priority whatever the matrix says, or with "" go back to the matrix. The deadlines follow.

    Raises PermissionDenied, editing.Clash or StaleTicket, MoveRefused when the ticket has ended, or ValidationError by
    field.
    """
    if priority and priority not in Priority:
        raise ValidationError({"priority": "Select a priority"})
    if not reason.strip():
        raise ValidationError({"reason": "Enter the reason"})
    kept = reason.strip() if priority else ""
    if len(kept) > LONGEST_REASON:
        raise ValidationError({"reason": f"Reason must be {LONGEST_REASON} characters or fewer"})

    def check(ticket: Ticket) -> None:
        if not may_decide(by, ticket):
            raise PermissionDenied("Only who manages the queue may set a priority by hand.")

    return _write(ticket, by, version, reason, now, check, priority_override=priority, priority_reason=kept)


def set_uplift(
    ticket: Ticket, *, by, uplift: str, version: int | None = None, now: datetime | None = None
) -> Ticket:
    """Say what raises the priority by a step, or with "" that nothing does. The deadlines follow.

    Raises PermissionDenied, editing.Clash or StaleTicket, MoveRefused when the ticket has ended, or ValidationError by
    field.
    """
    if uplift not in Uplift:
        raise ValidationError({"uplift": "Select what raises the priority"})

    def check(ticket: Ticket) -> None:
        if not may_work(by, ticket):
            raise PermissionDenied("You need the right to work on this request.")

    if uplift == shown_uplift(by, ticket):
        check(ticket)
        return ticket
    return _write(ticket, by, version, "", now, check, uplift=uplift)


def propose_priority(
    ticket: Ticket, *, by, priority: str, reason: str, seen: int | None = None, now: datetime | None = None
) -> Comment:
    """Ask whoever manages the queue for another priority, in a note. Takes `seen` and raises as `replying.say` does."""
    if priority not in Priority:
        raise ValidationError({"priority": "Select a priority"})
    if not reason.strip():
        raise ValidationError({"reason": "Enter the reason"})
    body = f"Proposes the priority {Priority(priority).label}: {reason.strip()}"
    return say(ticket, by=by, body=body, visibility=Comment.Visibility.INTERNAL, seen=seen, now=now)


def _write(
    ticket: Ticket,
    by,
    version: int | None,
    reason: str,
    now: datetime | None,
    check: Callable[[Ticket], None],
    **fields,
) -> Ticket:
    """Write what `check` lets pass of the ticket as it is now."""
    now = now or timezone.now()
    with change_set(by=by, reason=reason, now=now) as deed:
        ticket = locked(ticket)
        check(ticket)
        if not ticket.is_open:
            raise MoveRefused("This request has ended, so its priority stays as it was.")
        fields, _ = own_edits(ticket, version, fields, by=by)
        fields = {name: value for name, value in fields.items() if getattr(ticket, name) != value}
        if not fields:
            return ticket
        before = snapshot([ticket])
        for name, value in fields.items():
            setattr(ticket, name, value)
        ticket.priority = priority_for(ticket.impact, ticket.urgency, ticket.uplift, ticket.priority_override)
        ticket.version += 1
        ticket.save(update_fields=[*fields, "priority", "version"])
        record(deed, [ticket], before)
        clocks.retarget(ticket, cause=f"now {Priority(ticket.priority).label}", by=by, now=now)
        tell("changed", ticket, by=by, now=now)
    return fresh(ticket)
