"""The end of somebody's time with a council: their last day, and their account."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from servicedesk.history import editing
from servicedesk.history.recording import change_set
from servicedesk.people.access import require
from servicedesk.people.grants import end, refuse_to_lose_the_last
from servicedesk.people.guarding import tell_of_account
from servicedesk.people.models import Person
from servicedesk.people.querysets import not_over
from servicedesk.people.roles import Permission
from servicedesk.people.tokens import take_back_all


def set_last_day(
    person: Person, last_day: date | None, *, by: Person, version: int, now: datetime | None = None
) -> Person:
    """Write down the last day of somebody's employment, or that there is none. The account is open until its end.

    Raises PermissionDenied, history.editing.Stale, or ValidationError where a council would be left without an
    administrator, or the day is before the first.
    """
    require(by, Permission.ADMINISTER, person)
    if last_day and person.employed_from and last_day < person.employed_from:
        raise ValidationError({"employed_to": "The last day must not be before the first"})
    with change_set(by=by, now=now):
        if last_day:
            refuse_to_lose_the_last(person)
        return editing.change(person, by=by, version=version, now=now, employed_to=last_day)


def switch_off(person: Person, *, by: Person, version: int, now: datetime | None = None) -> Person:
    """Close an account at once: nobody signs in by it, and no program acts by it. Raises as `set_last_day` does."""
    require(by, Permission.ADMINISTER, person)
    with change_set(by=by, now=now):
        refuse_to_lose_the_last(person)
        take_back_all(person, by=by)
        person = editing.change(person, by=by, version=version, now=now, is_active=False)
        tell_of_account(person, "switched off the account of", by=by, now=now)
    return person


def switch_on(person: Person, *, by: Person, version: int, now: datetime | None = None) -> Person:
    """Open an account again. Raises as `set_last_day` does."""
    require(by, Permission.ADMINISTER, person)
    if person.employed_to and person.employed_to < timezone.localdate(now):
        raise ValidationError(f"The last day of {person} is over. Change it first.")
    with change_set(by=by, now=now):
        person = editing.change(person, by=by, version=version, now=now, is_active=True)
        tell_of_account(person, "switched on again the account of", by=by, now=now)
    return person


def gone(now: datetime | None = None) -> QuerySet[Person]:
    """The people whose last day is over, by the clocks on the wall, and whose account is still open."""
    return Person.objects.active().filter(employed_to__lt=timezone.localdate(now))


def let_go(person: Person, *, now: datetime | None = None) -> None:
    """Close the account of somebody whose last day is over, and end every role and team place."""
    now = now or timezone.now()
    with change_set(by=None, reason="The last day is over", now=now):
        take_back_all(person, by=None)
        held = not_over(now)
        for span in (*person.grants.filter(held), *person.memberships.filter(held)):
            end(span, by=None, now=now)
        editing.change(person, by=None, version=person.version, now=now, is_active=False)
