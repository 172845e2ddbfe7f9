"""A person's own requests, each with where it is and what happens next."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.utils import timezone

from servicedesk.people.requests import SignedInRequest
from servicedesk.portal.forms import CancelForm, NotFixedForm, ReplyForm
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.grace import desk_hours, grace_ends
from servicedesk.tickets.models import Comment, Ticket, TicketState
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.replying import ENDED
from servicedesk.tickets.states import REQUESTER_EARLY
from servicedesk.tickets.wording import NEEDS_ANSWER, Standing, standing

SHOWN = ("approver", "requester", "affected_person", "council")


class Told(NamedTuple):
    """A request, and what its requester is told of it."""

    ticket: Ticket
    standing: Standing


def requests_of(person) -> TicketQuerySet:
    """The person's requests, and those made for them."""
    return Ticket.objects.visible_to(person).requested_by(person).select_related(*SHOWN)


def told(tickets: Iterable[Ticket], now: datetime | None = None) -> list[Told]:
    """What the requester is told of each; the hours of a council are read once."""
    now, hours = now or timezone.now(), cache(desk_hours)

    def gone_by(ticket: Ticket) -> datetime | None:
        return grace_ends(ticket, hours) if ticket.state == TicketState.RESOLVED else None

    return [Told(ticket, standing(ticket, now=now, gone_by=gone_by(ticket))) for ticket in tickets]


def needing_answer(person) -> TicketQuerySet:
    """Where the next word is the person's."""
    return requests_of(person).filter(state__in=NEEDS_ANSWER).order_by("-id")


def others(person) -> TicketQuerySet:
    """The rest."""
    return requests_of(person).exclude(state__in=NEEDS_ANSWER)


def request_page(request: SignedInRequest, ticket: Ticket, **sent: Any) -> dict[str, Any]:
    """The context of the page of one request. `sent` is the form that was not taken: it comes back as typed."""
    state = TicketState(ticket.state)
    may_cancel = state in REQUESTER_EARLY
    # Who is too late to cancel is asked to reply: the reason is their reply already.
    unsent = sent["cancel"]["reason"].value() if "cancel" in sent and not may_cancel else ""
    said = readable_by(request.user, ticket).filter(visibility=Comment.Visibility.PUBLIC)
    return {
        "told": told([ticket])[0],
        "ticket": ticket,
        "comments": said.select_related("author"),
        "reply": sent.get("reply") or ReplyForm(initial={"body": unsent}),
        "not_fixed": sent.get("not_fixed") or NotFixedForm(),
        "cancel": sent.get("cancel") or CancelForm(),
        "sent": next(iter(sent.values()), None),
        "may_reply": state not in ENDED and state != TicketState.RESOLVED,
        "is_resolved": state == TicketState.RESOLVED,
        "may_cancel": may_cancel,
        "ended": state in ENDED,
    }
