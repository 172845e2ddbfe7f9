"""Whom a ticket can be given to. Forms, the API and the workflow all ask here."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from servicedesk.people.access import serving
from servicedesk.people.models import Grant, Membership, Person, Team
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import ROLES, Permission
from servicedesk.tickets.models import Sensitivity, Sharing, Ticket

WORKING_ROLES = [code for code, role in ROLES.items() if Permission.WORK_TICKETS in role.permissions]
CYBER_ROLES = [code for code, role in ROLES.items() if Permission.WORK_CYBER_TICKETS in role.permissions]


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
    roles = [] if ticket.sharing == Sharing.RESTRICTED else list(WORKING_ROLES)
    if ticket.sensitivity == Sensitivity.CYBER:
        roles += CYBER_ROLES
    desks = serving(ticket.council_id)
    granted = Grant.objects.filter(in_force(), role__in=roles, council__in=desks).values("person")
    of_the_case = Membership.objects.filter(in_force(), team=ticket.case_group_id).values("person")
    return Person.objects.active().filter(Q(pk__in=granted) | Q(pk__in=of_the_case))


def engineers_of(councils: Iterable[int]) -> QuerySet[Person]:
    """Those who work at the desks of any of these councils, for a ticket that is not there yet."""
    desks: set[int] = set().union(*(serving(council) for council in councils))
    granted = Grant.objects.filter(in_force(), role__in=WORKING_ROLES, council__in=desks)
    return Person.objects.active().filter(pk__in=granted.values("person"))
