"""Messages and tickets for the tests of sending."""

from datetime import UTC, datetime

from servicedesk.notifications import outbox
from servicedesk.notifications.models import Message
from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from tests.factories import a_ticket

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(moment: datetime):
    """A clock that stands still."""
    return lambda: moment


def a_message(person: Person, ticket: Ticket | None = None, now: datetime = NOON, **fields) -> Message:
    """A message about a ticket of the person's own."""
    ticket = ticket or a_ticket(person)
    words = {"subject": "Update", "body": "Hello", "cause": f"cause {Message.objects.count()}"}
    values = {"about": ticket, "council": ticket.council, "by": None, "at_once": True, **words, **fields}
    outbox.post([person], "answered", now=now, **values)
    return Message.objects.get(person=person, cause=values["cause"])


def as_stored(row):
    return type(row).objects.get(pk=row.pk)
