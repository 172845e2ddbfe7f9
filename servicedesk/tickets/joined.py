"""Where a merged ticket went, and what went into a ticket. A merge is a pointer, so both are found by following it."""

from servicedesk.people.models import Person
from servicedesk.tickets.models import Sharing, Ticket

SHOWN = ("council", "requester", "affected_person", "team", "assignee", "supplier_team", "case_group")

NARROW_FIRST = (Sharing.RESTRICTED, Sharing.OWN_COUNCIL, Sharing.SHARED)


def is_wider(ticket: Ticket, other: Ticket) -> bool:
    """Whether the ticket is shared with more people than the other."""
    return NARROW_FIRST.index(Sharing(ticket.sharing)) > NARROW_FIRST.index(Sharing(other.sharing))


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


def seen_sources(person, ticket: Ticket) -> list[Ticket]:
    """The tickets that go on as this one, as far as the person may see them."""
    sources = sources_of(ticket)
    keys = [source.pk for source in sources]
    seen = Ticket.objects.visible_to(person).filter(pk__in=keys).values_list("pk", flat=True) if keys else ()
    return [source for source in sources if source.pk in set(seen)]


def people_of(*tickets: Ticket) -> list[Person]:
    """Whose requests they are, and for whom."""
    each = (person for ticket in tickets for person in (ticket.requester, ticket.affected_person))
    return list(dict.fromkeys(person for person in each if person))
