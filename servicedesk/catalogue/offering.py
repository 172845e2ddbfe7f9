"""Services: what they are, who stands behind them, and to whom they are offered. Every write to them.

A service is changed by who administers any of its councils, who adds and takes away no council and no agreement beyond
those that are theirs to speak for. Its out-of-hours cover is changed apart, because deadlines follow.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.history import editing
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Agreement, Council, Person
from servicedesk.people.organising import BESIDE_OTHERS, check_councils, may_administer
from servicedesk.people.roles import Permission

EDITABLE = (
    "name",
    "sentence",
    "owner",
    "support_team",
    "councils",
    "agreements",
    "criticality",
    "public_facing",
    "sharing",
    "sensitivity",
    "approval",
)


def add_service(
    service: Service,
    councils: Iterable[Council],
    agreements: Iterable[Agreement] = (),
    *,
    by: Person | None,
    now: datetime | None = None,
) -> Service:
    """Offer a new service to some councils. Raises PermissionDenied, or ValidationError by field."""
    councils, agreements = list(councils), list(agreements)
    if by is not None:
        require(by, Permission.ADMINISTER)
        check_councils(by, [], councils)
        _check_agreements(by, [], agreements)
    return editing.add(service, by=by, check=_check, now=now, councils=councils, agreements=agreements)


def change_service(
    service: Service, *, by: Person | None, version: int, now: datetime | None = None, **values: Any
) -> Service:
    """Change a service that was read at `version`. Returns it as it now is.

    Raises PermissionDenied, history.editing.Stale, or ValidationError by field.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    _check_right(by, service)
    if by is not None:
        check_councils(by, service.councils.all(), values.get("councils", service.councils.all()))
        _check_agreements(by, service.agreements.all(), values.get("agreements", service.agreements.all()))
    return editing.change(service, by=by, version=version, check=_check, now=now, **values)


def cover_out_of_hours(
    service: Service, covered: bool, *, by: Person | None, version: int, now: datetime | None = None
) -> Service:
    """Say whether the desk minds a service round the clock where it is critical. Raises as `change_service` does.

    What that does to open tickets is no matter of this app: the caller lets them follow, in the same transaction.
    """
    _check_right(by, service)
    return editing.change(service, by=by, version=version, now=now, out_of_hours_cover=covered)


def withdraw(service: Service, *, by: Person | None, version: int, now: datetime | None = None) -> Service:
    """Offer a service no longer; what was asked of it still names it. Raises as `change_service` does."""
    _check_right(by, service)
    return editing.change(service, by=by, version=version, now=now, archived_at=now or timezone.now())


def offer_again(service: Service, *, by: Person | None, version: int, now: datetime | None = None) -> Service:
    """Offer a withdrawn service again. Raises as `change_service` does."""
    _check_right(by, service)
    return editing.change(service, by=by, version=version, check=_check, now=now, archived_at=None)


def _check_right(by: Person | None, service: Service) -> None:
    if by is not None:
        require(by, Permission.ADMINISTER)
        if not may_administer(by, service):
            raise PermissionDenied(BESIDE_OTHERS)


def _check_agreements(by: Person, old: Iterable[Agreement], new: Iterable[Agreement]) -> None:
    """An agreement brings services to its councils, so one of them must be the person's."""
    before, after = {one.pk: one for one in old}, {one.pk: one for one in new}
    administered = councils_of(by, Permission.ADMINISTER)
    for key in before.keys() ^ after.keys():
        agreement = before.get(key) or after[key]
        if not agreement.councils.filter(pk__in=administered).exists():
            raise ValidationError({"agreements": f"You cannot add or take away {agreement}"})


def _check(service: Service) -> None:
    service.clean_fields()
    editing.refuse_taken(service, "name")
    if service.support_team.archived_at:
        raise ValidationError(
            {"support_team": f"{service.support_team} is no longer offered. Choose another team"}
        )
