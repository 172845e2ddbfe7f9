"""Saying something on a ticket, which may also move it."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.history.recording import change_set
from servicedesk.tickets.conversation import publish, supplier_of
from servicedesk.tickets.models import Comment, Ticket, TicketState
from servicedesk.tickets.news import tell
from servicedesk.tickets.rights import is_its_requester, is_its_supplier, may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import locked, move

ENDED = (TicketState.CLOSED, TicketState.CANCELLED, TicketState.REJECTED)


def say(ticket: Ticket, *, by, body: str, visibility: str, now: datetime | None = None) -> Comment:
    """Add a reply or a note. The requester's reply to a question sets the desk to work again.

    Raises PermissionDenied, MoveRefused when the ticket has ended, or ValidationError when nothing is said.
    """
    now = now or timezone.now()
    if not body.strip():
        raise ValidationError({"body": "Enter your message"})
    with change_set(by=by, now=now):
        ticket = locked(ticket)
        if not _may_say(ticket, by, visibility):
            raise PermissionDenied("You cannot write this on the request.")
        if visibility == Comment.Visibility.SUPPLIER and not supplier_of(ticket):
            raise ValidationError(
                {"visibility": "This request is with no supplier, so none would read a note to it."}
            )
        if ticket.state in ENDED and visibility == Comment.Visibility.PUBLIC:
            raise MoveRefused(
                "This request has ended, so nobody would read a reply. Ask for help again, and name it."
            )
        if ticket.state == TicketState.RESOLVED and _is_requesters(ticket, by, visibility):
            raise MoveRefused(
                "We think that this is fixed. Say that it is not fixed, and what is still wrong."
            )
        comment = publish(ticket, by=by, body=body, visibility=visibility, now=now)
        public = visibility == Comment.Visibility.PUBLIC
        tell("replied" if public else "noted", ticket, by=by, now=now, comment=comment)
        if ticket.state == TicketState.WAITING_CUSTOMER and _is_requesters(ticket, by, visibility):
            move(ticket, "customer_replied", by=None, now=now)
    return comment


def _is_requesters(ticket: Ticket, by, visibility: str) -> bool:
    return is_its_requester(by, ticket) and visibility == Comment.Visibility.PUBLIC


def _may_say(ticket: Ticket, by, visibility: str) -> bool:
    if may_work(by, ticket):
        return True
    if visibility == Comment.Visibility.PUBLIC:
        return is_its_requester(by, ticket)
    return visibility == Comment.Visibility.SUPPLIER and is_its_supplier(by, ticket)
