"""Contact after a request has ended: a new one that goes on from it, because what has ended stays as it was."""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.history.recording import change_set
from servicedesk.people.models import Person
from servicedesk.tickets.grace import grace_ends
from servicedesk.tickets.linking import RELATES, make_link
from servicedesk.tickets.models import Priority, Ticket, TicketState
from servicedesk.tickets.priorities import priority_of
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import ENDED
from servicedesk.tickets.rights import is_its_requester
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import locked

TEAM_CANNOT_WORK = 2


def may_ask_again(person, ticket: Ticket, now: datetime) -> bool:
    """Whether the person can go on from the ticket with a new one: it is theirs, has ended, and goes on as no other."""
    return _is_theirs(person, ticket) and _has_ended(ticket, now) and ticket.merged_into_id is None


def ask_again(
    ticket: Ticket, *, by: Person, message: str, token: str = "", now: datetime | None = None
) -> Ticket:
    """Raise what goes on from a ticket that has ended: about the same, seen by the same, and linked to it.

    The desk alone says that all is lost, so what was critical is not so again by itself. Once for each token.
    Raises PermissionDenied, MoveRefused where the ticket has not ended, or ValidationError by field.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        ticket = locked(ticket)
        if not _is_theirs(by, ticket):
            raise PermissionDenied("Only whoever asked for a request may ask again about it.")
        if not may_ask_again(by, ticket, now):
            raise MoveRefused(f"{ticket} is not finished, or goes on as another. Answer it instead.")
        if not message.strip():
            raise ValidationError({"message": "Enter what is wrong, or what you need, now"})
        critical = priority_of(ticket.impact, ticket.urgency) == Priority.P1
        offered = Service.objects.offered_to(ticket.council_id).filter(pk=ticket.service_id)
        asked = raise_ticket(
            by=by,
            requester=by,
            affected_person=ticket.affected_person if by.pk == ticket.requester_id else None,
            type=ticket.type,
            title=ticket.title,
            description=message,
            service=offered.first(),
            site=ticket.site,
            impact=TEAM_CANNOT_WORK if critical else ticket.impact,
            urgency=ticket.urgency,
            goes_on_from=ticket,
            source_ref=f"again-{by.pk}-{token[:24]}" if token else "",
            now=now,
        )
        if not asked.links.filter(other=ticket).exists():
            make_link(deed, asked, ticket, RELATES, by=by, now=now)
    return asked


def asked_before_and_again(person, ticket: Ticket) -> tuple[TicketQuerySet, TicketQuerySet]:
    """What the person has gone on from with this ticket, and with what they have gone on from it."""
    own = Ticket.objects.visible_to(person).requested_by(person)
    before = ticket.links.filter(made_by=person, ended_at=None).values("other")
    again = ticket.links_here.filter(made_by=person, ended_at=None).values("ticket")
    return own.filter(pk__in=before).order_by("-id"), own.filter(pk__in=again).order_by("-id")


def _is_theirs(person, ticket: Ticket) -> bool:
    return is_its_requester(person, ticket) and person.council_id == ticket.council_id


def _has_ended(ticket: Ticket, now: datetime) -> bool:
    too_late = ticket.state == TicketState.RESOLVED and now > grace_ends(ticket)
    return ticket.state in ENDED or too_late
