"""The conversation of a ticket with those of the tickets that were merged into it, woven together by time."""

from django.db.models import QuerySet

from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.joined import seen_sources
from servicedesk.tickets.models import Comment, Ticket


def woven(person, ticket: Ticket) -> QuerySet[Comment]:
    """What the person may read of the ticket, and of each ticket that goes on as this one and that they may see.

    Each is read by the rules of the ticket that it was said on, so that merging shows nobody more than before.
    """
    comments = readable_by(person, ticket)
    for source in seen_sources(person, ticket):
        comments = comments | readable_by(person, source)
    return comments
