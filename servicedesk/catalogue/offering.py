"""Services: what they are, who stands behind them, and to whom they are offered. Every write to them.

A service is changed by who administers any of its councils, who adds and takes away no council and no agreement beyond
those that are theirs to speak for. Who reads and who approves what is asked of it, and by when it is done, is a matter
of every council that it is offered to: who administers them all changes that, nobody else. Its out-of-hours cover is
changed apart, because deadlines follow.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.history import editing
from servicedesk.history.recording import change_set
from servicedesk.people.access import councils_of, require
from servicedesk.people.guarding import refuse_alone
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
    "first_line",
    "sharing",
    "sensitivity",
    "approval",
)
EVERY_COUNCIL = ("owner", "sharing", "sensitivity", "approval")
"""What says who reads and who approves the requests of every council that a service is offered to."""

ALL_OF_THEM = "Only who administers every council of this service changes this"
COVER_OF_ALL = f"{ALL_OF_THEM}."
OUT_OF_REACH = "Only who administers a council takes a service away from it"
KEPT_PRIVATE = (
    "This would show others what is asked of it from now on. Add another service that is not private, and withdraw "
    "this one"
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
    """Change a service that was read at `version`, with what others changed since kept where it is not the same.
    Returns it as it now is.

    Raises PermissionDenied, history.editing.Clash or Stale, or ValidationError by field.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    _check_right(by, service)
    with change_set(by=by, now=now):
        service, values = editing.settled(service, version, values)
        if by is not None:
            check_councils(by, service.councils.all(), values.get("councils", service.councils.all()))
            _check_agreements(
                by, service.agreements.all(), values.get("agreements", service.agreements.all())
            )
            _check_every_council(by, service, values)
        return editing.change(service, by=by, version=service.version, check=_check, now=now, **values)


def cover_out_of_hours(
    service: Service, covered: bool, *, by: Person | None, version: int, now: datetime | None = None
) -> Service:
    """Say whether the desk minds a service round the clock where it is critical. Raises as `change_service` does.

    What that does to open tickets is no matter of this app: the caller lets them follow, in the same transaction.
    """
    _check_right(by, service)
    if by is not None and not _administers_all(by, service):
        raise PermissionDenied(COVER_OF_ALL)
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


def _check_every_council(by: Person, service: Service, values: dict[str, Any]) -> None:
    """Refuse what one council would change for another, the other left out first as well, and that one administrator
    opens what is private."""
    kept = service.sensitivity or service.approval or service.sharing == Service.Sharing.OWN_COUNCIL
    if kept and _no_longer_offered_at(service, values) - councils_of(by, Permission.ADMINISTER):
        raise ValidationError({"councils": OUT_OF_REACH})
    changed = [name for name in EVERY_COUNCIL if name in values and values[name] != getattr(service, name)]
    if changed and not _administers_all(by, service):
        raise ValidationError(dict.fromkeys(changed, ALL_OF_THEM))
    if "sensitivity" in changed and service.sensitivity:
        refuse_alone(by, KEPT_PRIVATE, "sensitivity")


def _administers_all(by: Person, service: Service) -> bool:
    """Whether the person administers every council that the service is offered to."""
    offered_at = _offered_at(service.councils.all(), service.agreements.all())
    return offered_at <= councils_of(by, Permission.ADMINISTER)


def _no_longer_offered_at(service: Service, values: dict[str, Any]) -> set[int]:
    councils, agreements = service.councils.all(), service.agreements.all()
    after = _offered_at(values.get("councils", councils), values.get("agreements", agreements))
    return _offered_at(councils, agreements) - after


def _offered_at(councils: Iterable[Council], agreements: Iterable[Agreement]) -> set[int]:
    """These councils, and those that the agreements bring it to."""
    held = Agreement.objects.in_force().filter(pk__in=[one.pk for one in agreements])
    brought = held.filter(councils__isnull=False).values_list("councils", flat=True)
    return {one.pk for one in councils} | set(brought)


def _check(service: Service) -> None:
    service.clean_fields()
    editing.refuse_taken(service, "name")
    if service.support_team.archived_at:
        raise ValidationError(
            {"support_team": f"{service.support_team} is no longer offered. Choose another team"}
        )
