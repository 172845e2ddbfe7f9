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
    return Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))


class SpanQuerySet(models.QuerySet):
    """Rows that hold from a moment and perhaps until one."""

    def in_force(self, now: datetime | None = None):
        return self.filter(in_force(now))


class CouncilQuerySet(models.QuerySet):
    """Councils. That one shares the desk is no secret from anybody who works there."""

    def visible_to(self, person) -> Self:
        access = access_of(person)
        return self if access and access.grants else self.none()


class SiteQuerySet(models.QuerySet):
    """Sites: a person's own council's, and those of every council whose desk or register they work."""

    def visible_to(self, person) -> Self:
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        return self.filter(council__in={person.council_id} | working_councils(person))


class TeamQuerySet(models.QuerySet):
    """Teams: one's own, and for whoever works the desk those that work there. Case groups are known to members."""

    def visible_to(self, person) -> Self:
        own = Q(pk__in=teams_of(person))
        desk = Q(councils__in=councils_of(person, Permission.SEE_SHARED_TICKETS))
        return self.filter(own | desk & ~Q(kind="case_group")).distinct()


class PersonQuerySet(models.QuerySet):
    """People. Colleagues see each other's name, work e-mail, phone and site; nothing more is ever listed."""

    def active(self) -> Self:
        return self.filter(is_active=True)

    def visible_to(self, person) -> Self:
        """Oneself, and the people of every council whose desk or register one works."""
        access = access_of(person)
        if not (access and access.grants):
            return self.none()
        return self.filter(Q(pk=person.pk) | Q(council__in=working_councils(person)))


def working_councils(person) -> frozenset[int]:
    """The councils whose shared tickets or whose assets the person sees."""
    return councils_of(person, Permission.SEE_SHARED_TICKETS) | councils_of(person, Permission.SEE_ASSETS)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """People come by invitation or from a directory; nobody signs up."""

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)
