"""Who holds a permission: the policy asked the other way round, from a council to the people whose right reaches it."""

from datetime import datetime

from django.db.models import Q, QuerySet

from servicedesk.people.access import serving
from servicedesk.people.models import Grant
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import AUDITOR, ROLES, Permission, Reach


def holders_of(permission: Permission, council: int, now: datetime | None = None) -> QuerySet[Grant]:
    """The grants in force by which the permission reaches the rows of the council: the people are their `person`.

    No role elsewhere takes an auditor to the council that they audit.
    """
    desks = serving(council, now)
    reaching = Q(pk__in=[])
    for code, role in ROLES.items():
        if permission in role.permissions:
            joint = role.permissions[permission] == Reach.JOINT
            reaching |= Q(role=code, council__in=desks if joint else {council})
    held = Grant.objects.filter(in_force(now))
    auditors = held.filter(role=AUDITOR, council=council).values("person")
    return held.filter(reaching).exclude(~Q(council=council), person__in=auditors)
