"""What a search finds a ticket by: its reference, title and description, and who asked. Never what was said on it."""

from collections.abc import Iterable

from servicedesk.search.index import index
from servicedesk.tickets.models import Ticket


def index_tickets(tickets: Iterable[Ticket]) -> None:
    """Make tickets findable by their present words."""
    index(Ticket, _texts(tickets))


def search_text(reference: str, title: str, description: str, requester: str) -> str:
    """The words of one ticket."""
    return " ".join([reference, title, description, requester])


def index_again(keys: Iterable[int]) -> None:
    """Make the tickets of these keys findable by their present words."""
    index(Ticket, texts_of(keys))


def texts_of(keys: Iterable[int]) -> dict[int, str]:
    """The present words of tickets by key."""
    return _texts(Ticket.objects.filter(pk__in=list(keys)).select_related("requester"))


def _texts(tickets: Iterable[Ticket]) -> dict[int, str]:
    return {
        ticket.pk: search_text(ticket.reference, ticket.title, ticket.description, str(ticket.requester))
        for ticket in tickets
    }
