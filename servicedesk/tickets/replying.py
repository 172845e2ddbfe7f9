"""Saying something on a ticket, which may also move it."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.history.recording import change_set
from servicedesk.tickets.attaching import Files, refuse_bad
from servicedesk.tickets.conversation import check_seen, publish, supplier_of
from servicedesk.tickets.joined import is_wider, root_of
from servicedesk.tickets.models import ENDED, Comment, Ticket, TicketState
from servicedesk.tickets.news import tell
from servicedesk.tickets.rights import is_its_requester, is_its_supplier, may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import locked, move


def say(
    ticket: Ticket,
    *,
    by,
    body: str,
    visibility: str,
    files: Files = (),
    seen: int | None = None,
    now: datetime | None = None,
) -> Comment:
    """Add a reply or a note, with files. The requester's reply to a question sets the desk to work again.

    What is said on a merged ticket is said on the one that it goes on as.

    `seen` is the number of the newest comment that the person had before them (0 where there was none): what others
    said since is told first. Raises PermissionDenied, MoveRefused when the ticket has ended, SaidMeanwhile, or
    ValidationError by field.
    """
    now = now or timezone.now()
    if not (body.strip() or files):
        raise ValidationError({"body": "Enter your message"})
    refuse_bad(files)
    with change_set(by=by, now=now):
        said_on, ticket = ticket, _followed(ticket)
        _check_merged(said_on, ticket, by)
        _check(ticket, by, visibility, said_on)
        check_seen(by, seen, ticket)
        comment = publish(ticket, by=by, body=body, visibility=visibility, files=files, now=now)
        public = visibility == Comment.Visibility.PUBLIC
        tell("replied" if public else "noted", ticket, by=by, now=now, comment=comment)
        if ticket.state == TicketState.WAITING_CUSTOMER and _is_requesters(ticket, said_on, by, visibility):
            move(ticket, "customer_replied", by=None, now=now)
    return comment


def _followed(ticket: Ticket) -> Ticket:
    """The ticket that this one goes on as, held; what is said on a merged one is said there."""
    held = locked(root_of(ticket))
    while held.merged_into_id:
        held = locked(root_of(held))
    return held


def _check_merged(said_on: Ticket, ticket: Ticket, by) -> None:
    """Whether who sees the one sees the other still, and nobody reads there what they would not have read here."""
    if said_on == ticket:
        return
    seen = Ticket.objects.visible_to(by).filter(pk=ticket.pk).exists()
    if not seen or is_wider(ticket, said_on):
        raise MoveRefused("This request goes on as another, where you cannot write. Call the IT desk.")


def _check(ticket: Ticket, by, visibility: str, said_on: Ticket) -> None:
    """Whether the person may say it, and anybody would read it."""
    if not (_may_say(ticket, by, visibility) or _is_requesters(ticket, said_on, by, visibility)):
        raise PermissionDenied("You cannot write this on the request.")
    if visibility == Comment.Visibility.SUPPLIER and not supplier_of(ticket):
        raise ValidationError(
            {"visibility": "This request is with no supplier, so none would read a note to it."}
        )
    if ticket.state in ENDED and visibility == Comment.Visibility.PUBLIC:
        raise MoveRefused("This request has ended, so nobody would read a reply. Ask again about it.")
    if ticket.state == TicketState.RESOLVED and _is_requesters(ticket, said_on, by, visibility):
        raise MoveRefused("We think that this is fixed. Say that it is not fixed, and what is still wrong.")


def _is_requesters(ticket: Ticket, said_on: Ticket, by, visibility: str) -> bool:
    own = is_its_requester(by, ticket) or is_its_requester(by, said_on)
    return own and visibility == Comment.Visibility.PUBLIC


def _may_say(ticket: Ticket, by, visibility: str) -> bool:
    if may_work(by, ticket):
        return True
    if visibility == Comment.Visibility.PUBLIC:
        return is_its_requester(by, ticket)
    return visibility == Comment.Visibility.SUPPLIER and is_its_supplier(by, ticket)
