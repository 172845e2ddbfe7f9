"""Taking the ticket that is due first, for whoever is free."""

from servicedesk.people.access import teams_of
from servicedesk.tickets.models import Ticket, TicketState
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import RELATED, move

MOST_TRIED = 10


def take_next(*, by, now=None) -> Ticket | None:
    """The first by due of what waits unassigned for the person's teams, now theirs; None where nothing waits.

    Somebody else may be quicker: then the one after it is taken.
    """
    waiting = (
        Ticket.objects.visible_to(by)
        .open()
        .filter(assignee=None, team__in=teams_of(by), state__in=[TicketState.NEW, TicketState.ASSIGNED])
        .select_related(*RELATED)
        .order_by("sort_due", "id")
    )
    for ticket in waiting[:MOST_TRIED]:
        if may_work(by, ticket):
            try:
                return move(ticket, "take", by=by, now=now)
            except MoveRefused:
                continue
    return None
