"""Questions about councils, teams and people."""

from datetime import datetime

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone


def in_force(now: datetime | None = None) -> Q:
    """Grants and memberships that have begun and have not ended."""
    now = now or timezone.now()
    return Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))


class SpanQuerySet(models.QuerySet):
    """Rows that hold from a moment and perhaps until one."""

    def in_force(self, now: datetime | None = None):
        return self.filter(in_force(now))


class PersonQuerySet(models.QuerySet):
    """People. Colleagues see each other's name, work e-mail, phone and site; nothing more is ever listed."""

    def active(self):
        return self.filter(is_active=True)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):  # type: ignore[misc]
    """People come by invitation or from a directory; nobody signs up."""

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)
