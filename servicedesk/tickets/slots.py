"""What tickets put into lower pages."""

from django.db.models import QuerySet
from django.urls import reverse

from servicedesk.history.taking_back import Undoable
from servicedesk.search.later import forget
from servicedesk.search.searching import Source
from servicedesk.tickets.finding import index_again
from servicedesk.tickets.models import How, Sharing, Ticket
from servicedesk.tickets.sight import write_down_titles

FINDABLE = Source(
    heading="Requests",
    rows=lambda: Ticket.objects.select_related("council"),
    title=lambda ticket: f"{ticket.reference}: {ticket.title}",
    detail=lambda ticket: f"{ticket.council}, {ticket.get_state_display().lower()}",
    url=lambda ticket: reverse("tickets:ticket", args=[ticket.reference]),
    list_url=lambda: reverse("tickets:queue"),
    shown=lambda person, rows: write_down_titles(person, rows, How.SEARCH),
)
"""SEARCH_SOURCES: tickets. Whoever asked for one is led on to their own page of it."""


def sealed_requests() -> QuerySet[Ticket]:
    """SEALED_REQUESTS: all of them."""
    return Ticket.objects.filter(sharing=Sharing.RESTRICTED)


UNDOABLE = Undoable(
    "tickets.ticket",
    frozenset({"reference", "title", "description", "requester"}),
    restored=index_again,
    removed=lambda keys: forget(Ticket, keys),
)
"""UNDOABLE: what is undone of tickets is found by its words again, or no more."""
