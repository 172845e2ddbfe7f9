"""Where a merged ticket went, and what went into a ticket. A merge is a pointer, so both are found by following it."""

from servicedesk.tickets.models import Ticket

SHOWN = ("council", "requester", "affected_person", "team", "assignee", "supplier_team", "case_group")


def root_of(ticket: Ticket) -> Ticket:
    """The ticket that this one goes on as: itself, unless it was merged, however often."""
    while ticket.merged_into_id:
        ticket = Ticket.objects.select_related(*SHOWN).get(pk=ticket.merged_into_id)
    return ticket


def sources_of(ticket: Ticket) -> list[Ticket]:
    """The tickets that go on as this one, those that were merged into them among them."""
    found: list[Ticket] = []
    newest = [ticket]
    while newest:
        newest = list(
            Ticket.objects.filter(merged_into__in=[each.pk for each in newest])
            .select_related(*SHOWN)
            .order_by("pk")
        )
        found += newest
    return found


def family_of(ticket: Ticket) -> list[Ticket]:
    """The ticket with all that goes on as it."""
    return [ticket, *sources_of(ticket)]
