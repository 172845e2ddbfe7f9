"""Whom a ticket can be given to. Forms, the API and the workflow all ask here."""

from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from servicedesk.people.holders import holders_of
from servicedesk.people.models import Membership, Person, Team
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Sensitivity, Sharing, Ticket

NOBODY = Q(pk__in=[])


def teams_for(ticket: Ticket) -> QuerySet[Team]:
    """The teams that a ticket can be given to: its case group alone when it is restricted."""
    if ticket.sharing == Sharing.RESTRICTED:
        return Team.objects.filter(cases=ticket)
    return Team.objects.on_offer().exclude(kind=Team.Kind.CASE_GROUP).filter(councils=ticket.council_id)


def suppliers_for(ticket: Ticket) -> QuerySet[Team]:
    """The suppliers that serve the ticket's council. A restricted ticket is not told to any."""
    if ticket.sharing == Sharing.RESTRICTED:
        return Team.objects.none()
    return Team.objects.on_offer().filter(kind=Team.Kind.SUPPLIER, councils=ticket.council_id)


def engineers_for(ticket: Ticket) -> QuerySet[Person]:
    """The people who can be given a ticket: those who work the desk, or its case group when it is restricted."""
    of_the_case = Membership.objects.filter(in_force(), team=ticket.case_group_id).values("person")
    rule = Q(pk__in=of_the_case)
    if ticket.sharing != Sharing.RESTRICTED:
        rule |= _holding(Permission.WORK_TICKETS, [ticket.council_id])
    if ticket.sensitivity == Sensitivity.CYBER:
        rule |= _holding(Permission.WORK_CYBER_TICKETS, [ticket.council_id])
    return Person.objects.active().filter(rule)


def engineers_of(councils: Iterable[int]) -> QuerySet[Person]:
    """Those who work at the desks of any of these councils, for a ticket that is not there yet."""
    return Person.objects.active().filter(_holding(Permission.WORK_TICKETS, councils))


def _holding(permission: Permission, councils: Iterable[int]) -> Q:
    return reduce(or_, (Q(pk__in=holders_of(permission, one).values("person")) for one in councils), NOBODY)
