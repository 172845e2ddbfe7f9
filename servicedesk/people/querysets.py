"""Questions about councils, teams and people."""

from datetime import datetime
from typing import Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from servicedesk.people.access import access_of, councils_of, teams_of
from servicedesk.people.roles import Permission


def in_force(now: datetime | None = None) -> Q:
    """Grants and memberships that have begun and have not ended."""
    now = now or timezone.now()
    return Q(starts_at__lte=now) & not_over(now)


def not_over(now: datetime | None = None) -> Q:
    """Grants and memberships that have not ended, those among them that are still to begin."""
    return Q(ends_at=None) | Q(ends_at__gt=now or timezone.now())


class SpanQuerySet(models.QuerySet):
    """Rows that hold from a moment and perhaps until one."""

    def in_force(self, now: datetime | None = None):
        return self.filter(in_force(now))


class StandInQuerySet(SpanQuerySet):
    """Who stands in for whom: for both, and for who administers the council of whom it is for."""

    def visible_to(self, person) -> Self:
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        administered = Q(person__council__in=councils_of(person, Permission.ADMINISTER))
        return self.filter(Q(person=person.pk) | Q(stand_in=person.pk) | administered)


class AgreementQuerySet(SpanQuerySet):
    """How councils share the desk. Who looks after a council knows of all: they say nothing of anybody."""

    def in_force(self, now: datetime | None = None):
        """Those that have begun, have not ended, and that every council in them has agreed to."""
        return super().in_force(now).filter(awaiting=None)

    def visible_to(self, person) -> Self:
        return self if councils_of(person, Permission.ADMINISTER) else self.none()

    def named_to(self, person) -> Self:
        """Those whose name the person may read, if nothing else: who audits a council reads whose targets there are."""
        return self if councils_of(person, Permission.SEE_SETTINGS) else self.none()


class ArchivableQuerySet(models.QuerySet):
    """Rows that are archived, never deleted: still read, but no longer offered."""

    def on_offer(self, kept: int | None = None) -> Self:
        """Those that can be chosen; and the one that is chosen already."""
        return self.filter(Q(archived_at=None) | Q(pk=kept))


class CouncilQuerySet(ArchivableQuerySet):
    """Councils. That one shares the desk is no secret from anybody who works there."""

    def visible_to(self, person) -> Self:
        access = access_of(person)
        return self if access and access.grants else self.none()


class PlaceQuerySet(ArchivableQuerySet):
    """Sites, departments: one's own council's, and those of each whose desk, register or people one looks after."""

    def visible_to(self, person) -> Self:
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        return self.filter(council__in={person.council_id} | known_councils(person))


class TeamQuerySet(ArchivableQuerySet):
    """Teams: one's own, and for whoever works the desk those that work there.

    Case groups are known to their members, and to who administers a council of theirs.
    """

    def visible_to(self, person) -> Self:
        own = Q(pk__in=teams_of(person))
        desk = Q(councils__in=councils_of(person, Permission.SEE_SHARED_TICKETS))
        administered = Q(councils__in=councils_of(person, Permission.ADMINISTER))
        return self.filter(own | administered | desk & ~Q(kind="case_group")).distinct()

    def first_to_answer(self, council):
        """The council's first line: of its own teams of the lowest tier the oldest. None where it has none."""
        in_house = self.on_offer().filter(kind="in_house", councils=council)
        return in_house.order_by("tier", "pk").first()


class PersonQuerySet(models.QuerySet):
    """People. Colleagues see each other's name, work e-mail, phone and site; nothing more is ever listed."""

    def active(self) -> Self:
        return self.filter(is_active=True)

    def visible_to(self, person) -> Self:
        """Oneself, and the people of every council whose desk, register or people one looks after."""
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        return self.filter(Q(pk=person.pk) | Q(council__in=known_councils(person)))


def known_councils(person) -> frozenset[int]:
    """The councils whose shared tickets or whose assets the person sees, or whose people they administer."""
    knowing = Permission.SEE_SHARED_TICKETS, Permission.SEE_ASSETS, Permission.ADMINISTER
    return frozenset().union(*(councils_of(person, permission) for permission in knowing))


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """People come by invitation or from a directory; nobody signs up."""

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)
