"""Asking by mail how content somebody was, once a request has closed: once for a request, once in two weeks a person.

It is asked at closing and not before, because what is resolved may be opened again. The page of the request asks from
the moment that it is resolved; who has answered there is sent nothing.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from servicedesk.notifications import outbox
from servicedesk.notifications.models import Message
from servicedesk.people.models import Person
from servicedesk.tickets.joined import people_of
from servicedesk.tickets.letters import sealed_body, sealed_subject
from servicedesk.tickets.models import Sharing, Ticket
from servicedesk.tickets.satisfying import answer_of, is_asked

EVENT = "how_content"
SELDOM = timedelta(days=14)
"""Nobody is asked again sooner, however many of their requests close."""


def ask_when_closed(event: str, ticket: Ticket, *, by, now: datetime, **facts: Any) -> None:
    """A listener of TICKET_NEWS. Asks whoever asked for it, or whom it was for where they cannot be reached by mail."""
    if event != "closed" or answer_of(ticket) is not None:
        return
    person = next((one for one in people_of(ticket) if one.is_active and one.email), None)
    if person is None or not is_asked(ticket, None, person, now) or _was_asked_lately(person, now):
        return
    subject, body = _words(ticket)
    outbox.post(
        [person],
        EVENT,
        about=ticket,
        council=ticket.council,
        subject=subject,
        body=body,
        cause=f"{EVENT} {ticket.pk}",
        by=None,  # who closes their own request is asked as well
        now=now,
    )


def _was_asked_lately(person: Person, now: datetime) -> bool:
    """Whether they were asked of another request within two weeks. Two that close at once wait for each other here."""
    Person.objects.select_for_update().get(pk=person.pk)
    return Message.objects.filter(person=person, event=EVENT, created_at__gt=now - SELDOM).exists()


def _words(ticket: Ticket) -> tuple[str, str]:
    if ticket.sharing == Sharing.RESTRICTED:
        return sealed_subject(ticket), sealed_body(ticket)
    page = f"{settings.BASE_URL}/requests/{ticket.reference}/"
    body = f"{ticket.title}\n\nThis is closed. How content are you with what we did? One click is enough:\n{page}"
    return f"How did we do? {ticket.reference} {ticket.title}", body
