"""What a person may do and why: in words, as the account page shows it, and by permission, as programs ask for it."""

from itertools import groupby
from typing import NamedTuple

from django.db.models import prefetch_related_objects

from servicedesk.people.access import Reason, access_of, councils_of, reasons
from servicedesk.people.models import Council, Grant, Person
from servicedesk.people.roles import PERMISSION_WORDS, Permission, Reach


class Ground(NamedTuple):
    """Where a right holds, and the grant that gives it."""

    where: str
    grant: Grant


class Right(NamedTuple):
    """One thing that a person may do; several grants may give it."""

    words: str
    grounds: list[Ground]


class Held(NamedTuple):
    """A permission that a person holds: the codes of the councils that it reaches, and whether it reaches no further
    than what concerns the person in any of them."""

    permission: Permission
    words: str
    councils: list[str]
    only_own: bool


def rights_of(person: Person) -> list[Right]:
    """Everything the person may do at this moment, in the order of the policy; nothing without a grant."""
    order = list(Permission)
    held = sorted(reasons(person), key=lambda reason: order.index(reason.permission))
    prefetch_related_objects([reason.grant for reason in held], "granted_by")
    access = access_of(person)
    names = dict(Council.objects.values_list("pk", "name"))
    served = {
        council: ", ".join(name for key, name in names.items() if key in reached)
        for council, reached in (access.served if access else {}).items()
    }
    return [
        Right(words, [Ground(_where(reason, served), reason.grant) for reason in group])
        for words, group in groupby(held, key=lambda reason: reason.words)
    ]


def permissions_of(person: Person) -> list[Held]:
    """Every permission that the person holds at this moment, in the order of the policy; none without a grant."""
    further = {reason.permission for reason in reasons(person) if reason.reach != Reach.OWN}
    codes = dict(Council.objects.order_by("code").values_list("pk", "code"))
    reached = {permission: councils_of(person, permission) for permission in Permission}
    return [
        Held(
            permission,
            PERMISSION_WORDS[permission],
            [code for key, code in codes.items() if key in councils],
            permission not in further,
        )
        for permission, councils in reached.items()
        if councils
    ]


def _where(reason: Reason, served: dict[int, str]) -> str:
    return {
        Reach.OWN: "What concerns you",
        Reach.COUNCIL: reason.grant.council.name,
        Reach.JOINT: served[reason.grant.council_id],
    }[reason.reach]
