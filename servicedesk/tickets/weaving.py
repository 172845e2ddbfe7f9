"""The conversation of a ticket with those of the tickets that were merged into it, woven together by time."""

from django.db.models import QuerySet

from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.joined import seen_sources
from servicedesk.tickets.models import Comment, How, Ticket
from servicedesk.tickets.sight import write_down


def woven(person, ticket: Ticket, how: How) -> QuerySet[Comment]:
    """What the person may read of the ticket, and of each ticket that goes on as this one and that they may see.

    Each is read by the rules of the ticket that it was said on, so that merging shows nobody more than before. That
    a sealed one was read, and `how`, is written down.
    """
    comments = readable_by(person, ticket)
    for source in seen_sources(person, ticket):
        write_down(person, source, how)
        comments = comments | readable_by(person, source)
    return comments
