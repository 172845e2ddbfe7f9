"""The door: every question of who may see or do what is answered here.

It fails closed. Somebody who is not signed in, not active, or without a grant may do nothing and sees nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.http import Http404

from servicedesk.history.models import Change
from servicedesk.people.roles import AUDITOR, PERMISSION_WORDS, ROLES, Permission, Reach

# The models' own querysets ask here who may see them, so nothing here imports the models.
if TYPE_CHECKING:
    from servicedesk.people.models import Grant, Person

R = TypeVar("R", bound=Model, covariant=True)


class Scoped(Protocol[R]):
    """Rows, or a model's `objects`, that know who may see which of them."""

    def visible_to(self, person, /) -> QuerySet[R]: ...


class Access:
    """What one person may do at this moment, read once for a request: the roles and teams at once, the rest when it is
    first asked for."""

    def __init__(self, person: "Person", now: datetime | None = None):
        self.grants: list[Grant] = list(person.grants.in_force(now))
        self.teams = frozenset(person.memberships.in_force(now).values_list("team_id", flat=True))
        self._person, self._now = person, now

    @cached_property
    def councils(self) -> dict[Permission, frozenset[int]]:
        """For each permission the councils whose rows it reaches; one that is not there is not held.

        An auditor does none of the work of the council that they audit, so no role elsewhere reaches it.
        """
        reached: defaultdict[Permission, set[int]] = defaultdict(set)
        audited = {grant.council_id for grant in self.grants if grant.role == AUDITOR}
        for grant in self.grants:
            own = {grant.council_id}
            for permission, reach in ROLES[grant.role].permissions.items():
                joint = reach == Reach.JOINT
                reached[permission] |= self.served[grant.council_id] - (audited - own) if joint else own
        return {permission: frozenset(councils) for permission, councils in reached.items()}

    @cached_property
    def served(self) -> dict[int, set[int]]:
        """For each council of a grant those that its desk serves, itself among them: how far JOINT goes."""
        return _served({grant.council_id for grant in self.grants}, self.agreements)

    @cached_property
    def agreements(self) -> dict[int, "Sharing"]:
        """Those in force, by key."""
        return _agreements(self._now) if self.grants else {}

    @cached_property
    def stands_in_for(self) -> frozenset[int]:
        """Those in whose place the person decides."""
        standing_in = self._person.standing_in.in_force(self._now)
        return frozenset(standing_in.values_list("person_id", flat=True))


class Sharing(NamedTuple):
    """An agreement in force: its provider, or None where each serves the others, and the councils that take part."""

    provider: int | None
    councils: set[int]


def served_by(councils: Iterable[int], now: datetime | None = None) -> dict[int, set[int]]:
    """For each council: itself, and the councils that its desk serves by the agreements in force."""
    return _served(councils, _agreements(now))


def _served(councils: Iterable[int], agreements: dict[int, Sharing]) -> dict[int, set[int]]:
    served = {council: {council} for council in councils}
    for sharing in agreements.values():
        for council in sharing.councils & served.keys():
            if sharing.provider in (None, council):
                served[council] |= sharing.councils
    return served


def serving(council: int, now: datetime | None = None) -> set[int]:
    """The councils whose desks serve this one: itself, and those that do so by the agreements in force."""
    found = {council}
    for sharing in _agreements(now).values():
        if council in sharing.councils:
            found |= {sharing.provider} if sharing.provider else sharing.councils
    return found


def _agreements(now: datetime | None) -> dict[int, Sharing]:
    """Those in force, by key."""
    agreements = apps.get_model("people", "Agreement").objects.in_force(now)
    found: dict[int, Sharing] = {}
    for key, provider, council in agreements.values_list("pk", "provider", "councils"):
        if council:
            found.setdefault(key, Sharing(provider, set())).councils.add(council)
    return found


def access_of(person) -> Access | None:
    """What the person may do, remembered on the person, who lives as long as the request does."""
    if not (person and person.is_authenticated and person.is_active):
        return None
    if not hasattr(person, "_access"):
        person._access = Access(person)
    return person._access


def councils_of(person, permission: Permission) -> frozenset[int]:
    """The councils whose rows this permission of the person reaches: none without it."""
    access = access_of(person)
    return access.councils.get(permission, frozenset()) if access else frozenset()


def teams_of(person) -> frozenset[int]:
    """The teams that the person is in."""
    access = access_of(person)
    return access.teams if access else frozenset()


def stood_in_for(person) -> frozenset[int]:
    """Those in whose place the person decides now."""
    access = access_of(person)
    return access.stands_in_for if access else frozenset()


def may(person, permission: Permission, council_id: int | None = None) -> bool:
    """Whether the person holds the permission: at that council, or anywhere when none is named."""
    councils = councils_of(person, permission)
    return bool(councils) if council_id is None else council_id in councils


def open_door(person, rows: Scoped[R], **lookup) -> R:
    """The one row that the person may see, or 404, the same for a hidden row as for one that does not exist."""
    if any("\0" in value for value in lookup.values() if isinstance(value, str)):
        raise Http404  # PostgreSQL refuses to look for it
    # There is one at most, so no order is asked for: databases would read along it instead of looking the row up.
    for row in rows.visible_to(person).filter(**lookup).order_by()[:1]:
        return row
    raise Http404


def require(person, permission: Permission, row: Model | None = None) -> None:
    """Refuse, with 403, who may not do this deed to this row (or at all, when no row is named)."""
    if not may(person, permission, _council_of(row)):
        words = PERMISSION_WORDS[permission]
        raise PermissionDenied(f"You need the right to: {words[0].lower()}{words[1:]}.")


def _council_of(row: Model | None) -> int | None:
    """Whose row it is; a council is its own, and a row that all share, such as a maker's, is nobody's."""
    if row is not None and row._meta.label_lower == "people.council":
        return row.pk
    return getattr(row, "council_id", None)


class Reason(NamedTuple):
    """A permission, where it reaches, and the grant that gives it."""

    permission: Permission
    words: str
    reach: Reach
    grant: "Grant"


def reasons(person) -> list[Reason]:
    """All that a person may do, and why: one line for each permission of each grant."""
    access = access_of(person)
    grants = access.grants if access else []
    prefetch_related_objects(grants, "council")
    return [
        Reason(permission, PERMISSION_WORDS[permission], reach, grant)
        for grant in grants
        for permission, reach in ROLES[grant.role].permissions.items()
    ]


def history_of(person, row: Model, *others: Model) -> list[Change]:
    """What happened to a row that the person has been let in to, newest first, without what they may not see.

    `others` are rows that belong to it, told with it. A model names the fields that need more than sight of the row:
    `guarded_fields = {field: permission}`, held at the council whose the row was when it changed; what depends on more
    than that its `hidden_from(person)` names.
    """
    rows = {(one._meta.label_lower, one.pk): one for one in (row, *others)}
    keys: defaultdict[str, list[int]] = defaultdict(list)
    for kind, key in rows:
        keys[kind].append(key)
    told = reduce(or_, (Q(kind=kind, object_id__in=found) for kind, found in keys.items()))
    changes = list(Change.objects.filter(told).select_related("change_set").order_by("-id"))
    for change in changes:
        unseen = _hidden_from(person, rows[change.kind, change.object_id], change.council_id)
        change.fields = {name: values for name, values in change.fields.items() if name not in unseen}
    return [
        change for change in changes if change.fields or change.move or change.action != Change.Action.UPDATE
    ]


def _hidden_from(person, row: Model, council_then: int | None) -> set[str]:
    guarded = getattr(row, "guarded_fields", {})
    council = _council_of(row) if council_then is None else council_then
    hidden = {name for name, permission in guarded.items() if not may(person, permission, council)}
    return hidden | (row.hidden_from(person) if hasattr(row, "hidden_from") else set())
