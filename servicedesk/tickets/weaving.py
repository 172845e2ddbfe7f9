"""The conversation of a ticket with those of the tickets that were merged into it, woven together by time."""

from django.db.models import QuerySet

from servicedesk.tickets.conversation import SaidMeanwhile, readable_by
from servicedesk.tickets.joined import seen_sources
from servicedesk.tickets.models import Comment, How, Ticket
from servicedesk.tickets.sight import write_down
from servicedesk.tickets.states import MoveRefused


def woven(person, ticket: Ticket, how: How) -> QuerySet[Comment]:
    """What the person may read of the ticket, and of each ticket that goes on as this one and that they may see.

    Each is read by the rules of the ticket that it was said on, so that merging shows nobody more than before. That
    a sealed one was read, and `how`, is written down.
    """
    sources = list(seen_sources(person, ticket))
    for source in sources:
        write_down(person, source, how)
    return readable_by(person, ticket, *sources)


def write_down_meanwhile(person, refused: MoveRefused) -> None:
    """Keep that the person reads, on a page, what others said meanwhile on tickets that are sealed, if they did."""
    if isinstance(refused, SaidMeanwhile):
        for said_on in {comment.ticket_id: comment.ticket for comment in refused.comments}.values():
            write_down(person, said_on, How.PAGE)
