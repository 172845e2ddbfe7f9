"""Agreements between councils: proposed by one, agreed to by each, and ended by any.

An agreement opens the requests of one council to the desk of another, so it holds only once an administrator of every
council in it has agreed: where the setting asks for a second administrator, another than who proposed it, for each.
Who takes part is never changed afterwards: another agreement is made.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from servicedesk.history import editing
from servicedesk.history.models import Change
from servicedesk.history.recording import change_set
from servicedesk.people.access import councils_of, require
from servicedesk.people.guarding import tell, who_watch
from servicedesk.people.models import Agreement, Council, Person
from servicedesk.people.organising import BESIDE_OTHERS
from servicedesk.people.roles import Permission


def propose(
    agreement: Agreement, councils: Iterable[Council], *, by: Person | None, now: datetime | None = None
) -> Agreement:
    """Make an agreement of these councils, the provider among them. It awaits those that `by` does not administer, or
    all where another administrator has to agree.

    Raises PermissionDenied, or ValidationError by field.
    """
    parties = {council.pk: council for council in councils}
    if agreement.provider:
        parties[agreement.provider.pk] = agreement.provider
    own = set(parties) if by is None else councils_of(by, Permission.ADMINISTER)
    if not own & parties.keys():
        raise PermissionDenied(BESIDE_OTHERS)
    if len(parties) < 2:
        raise ValidationError({"councils": "Choose at least two councils"})
    second = by is not None and settings.GRANTS_NEED_SECOND_ADMINISTRATOR
    awaiting = [council for key, council in parties.items() if second or key not in own]
    with change_set(by=by, now=now):
        links = {"councils": parties.values(), "awaiting": awaiting}
        return _told(editing.add(agreement, by=by, check=_check, now=now, **links), by, now)


def to_answer(agreement: Agreement, by: Person) -> QuerySet[Council]:
    """The councils that it awaits and for which the person may agree."""
    awaited = agreement.awaiting.filter(pk__in=councils_of(by, Permission.ADMINISTER))
    return awaited.none() if _is_alone(agreement, by) else awaited


def agree_for(
    agreement: Agreement, council: Council, *, by: Person, now: datetime | None = None
) -> Agreement:
    """Agree for a council that the agreement awaits. It begins once the last has agreed, and never before that.

    Raises PermissionDenied, or ValidationError.
    """
    require(by, Permission.ADMINISTER, council)
    if _is_alone(agreement, by):
        raise PermissionDenied("You proposed this, so another administrator agrees to it.")
    now = now or timezone.now()
    awaiting = list(agreement.awaiting.exclude(pk=council.pk))
    over = agreement.ends_at and agreement.ends_at <= now
    if over or len(awaiting) == agreement.awaiting.count():
        raise ValidationError(f"{agreement} does not await {council}.")
    starts_at = agreement.starts_at if awaiting else max(agreement.starts_at, now)
    with change_set(by=by, now=now):
        changed = editing.change(
            agreement, by=by, version=agreement.version, now=now, awaiting=awaiting, starts_at=starts_at
        )
        return _told(changed, by, now)


def end_agreement(
    agreement: Agreement, *, by: Person, version: int, at: datetime | None = None, now: datetime | None = None
) -> Agreement:
    """End an agreement that one of the person's councils takes part in, or decline it. It holds until `at`, or now.

    Raises PermissionDenied, history.editing.Stale, or ValidationError.
    """
    now = now or timezone.now()
    if not agreement.councils.filter(pk__in=councils_of(by, Permission.ADMINISTER)).exists():
        raise PermissionDenied(BESIDE_OTHERS)
    if agreement.ends_at and agreement.ends_at <= now:
        raise ValidationError(f"{agreement} has ended already.")
    ends_at = max(at or now, now, agreement.starts_at)
    return editing.change(agreement, by=by, version=version, now=now, ends_at=ends_at)


def _is_alone(agreement: Agreement, by: Person) -> bool:
    """Whether the person would agree to what they proposed themselves, where the setting asks for a second one."""
    made = Change.objects.filter(kind=Agreement._meta.label_lower, action=Change.Action.CREATE)
    proposed = made.filter(object_id=agreement.pk, change_set__by_id=by.pk)
    return settings.GRANTS_NEED_SECOND_ADMINISTRATOR and proposed.exists()


def _told(agreement: Agreement, by: Person | None, now: datetime | None) -> Agreement:
    """Once nobody has yet to agree, cyber security officers may reach the sealed incidents of more councils."""
    if by is not None and not agreement.awaiting.exists():
        councils = agreement.councils.all()
        did = f"brought the agreement {agreement} into force, between {' and '.join(map(str, councils))}"
        people = who_watch([], [council.pk for council in councils], but=[by], now=now)
        tell(people, did, about=agreement, cause="agreed", by=by, now=now or timezone.now())
    return agreement


def _check(agreement: Agreement) -> None:
    agreement.clean_fields()
    editing.refuse_taken(agreement, "name")
    if (agreement.kind == Agreement.Kind.HOST) != bool(agreement.provider_id):
        raise ValidationError({"provider": "Choose who provides for the others, where one of them does"})
    if agreement.ends_at and agreement.ends_at < agreement.starts_at:
        raise ValidationError({"ends": "The last day must not be before the first"})
