"""Stand-ins: who decides in somebody's place, from one day to another, so that nothing waits while they are away.

A stand-in gets the one right to decide what waits for that person's approval, and the sight of it that this takes. They
decide nothing that they asked for, that is for them, or for which they asked for approval (`tickets.approvals`). It is
not handed on: who stands in for a stand-in decides for that one alone.
"""

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import Access, councils_of, may
from servicedesk.people.models import Person, StandIn
from servicedesk.people.querysets import not_over
from servicedesk.people.roles import Permission

LOCKED = "person", "stand_in"


def may_name_stand_in(by: Person, person: Person) -> bool:
    """Whether `by` says who stands in for the person: the person themselves, or who administers their council."""
    return by.pk == person.pk or may(by, Permission.ADMINISTER, person.council_id)


def decided_for_by(by) -> QuerySet[Person]:
    """For whom somebody says who stands in: themselves, and the people of the councils that they administer."""
    administered = Q(council__in=councils_of(by, Permission.ADMINISTER))
    return Person.objects.filter(administered | Q(pk=getattr(by, "pk", None)))


def nameable_by(by) -> QuerySet[Person]:
    """Whom somebody can name: the people of their own council, and of those that they administer."""
    administered = Q(council__in=councils_of(by, Permission.ADMINISTER))
    return Person.objects.filter(administered | Q(council=getattr(by, "council_id", None)))


def name_stand_in(
    person: Person,
    stand_in: Person,
    *,
    by: Person,
    starts_at: datetime | None,
    ends_at: datetime | None,
    now: datetime | None = None,
) -> StandIn:
    """Let another decide in the person's place, from now or a later moment until one.

    Raises PermissionDenied, or ValidationError by field.
    """
    now = now or timezone.now()
    starts_at = starts_at or now
    _check_right(by, person)
    if by.pk == stand_in.pk:
        raise PermissionDenied("You cannot name yourself to decide for somebody else.")
    if ends_at is None or ends_at <= starts_at:
        raise ValidationError({"ends": "Enter the last day on which they stand in"})
    _check_stand_in(person, stand_in, now)
    with change_set(by=by, now=now) as deed:
        Person.objects.select_for_update().get(pk=person.pk)
        others = person.stood_in_for_by.filter(not_over(starts_at), starts_at__lt=ends_at)
        if other := others.select_related(*LOCKED).first():
            raise ValidationError({"begins": f"{other.stand_in} stands in for {person} then already"})
        named = StandIn.objects.create(person=person, stand_in=stand_in, starts_at=starts_at, ends_at=ends_at)
        record(deed, [named])
    return named


def end_stand_in(row: StandIn, *, by: Person, now: datetime | None = None) -> None:
    """Let somebody stand in no longer, from the next click. Raises PermissionDenied."""
    now = now or timezone.now()
    _check_right(by, row.person)
    with change_set(by=by, now=now) as deed:
        ended = list(
            StandIn.objects.filter(not_over(now), pk=row.pk)
            .select_related(*LOCKED)
            .select_for_update(of=("self",))
        )
        before = snapshot(ended)
        for one in ended:
            one.ends_at = max(now, one.starts_at)
            one.save(update_fields=["ends_at"])
        record(deed, ended, before)


def stand_ins_of(person: Person, now: datetime | None = None) -> QuerySet[StandIn]:
    """Who stands in for the person, now or later."""
    return person.stood_in_for_by.filter(not_over(now)).select_related(*LOCKED)


def _check_right(by: Person, person: Person) -> None:
    if not may_name_stand_in(by, person):
        raise PermissionDenied("You need the right to look after this person.")


def _check_stand_in(person: Person, stand_in: Person, now: datetime) -> None:
    """Somebody else of the same council, who works there and is no auditor or supplier alone."""
    if stand_in.pk == person.pk:
        raise ValidationError({"stand_in": "Choose somebody else"})
    of_the_council = stand_in.is_active and stand_in.council_id == person.council_id
    if not of_the_council or Permission.RAISE_TICKET not in Access(stand_in, now).councils:
        raise ValidationError({"stand_in": f"Choose somebody who works at {person.council}"})
