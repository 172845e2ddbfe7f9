"""Questions about announcements."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from servicedesk.people.access import councils_of, may
from servicedesk.people.roles import Permission

SOON = timedelta(days=14)
TOLD = ("published", "ended")
"""The states in which everybody whom it concerns may read it."""


class AnnouncementQuerySet(models.QuerySet):
    """Announcements. What is published is for the people of its councils and for the desks that serve them.

    What is not, is for those who may write it.
    """

    def visible_to(self, person) -> Self:
        reading = councils_of(person, Permission.SEE_SHARED_TICKETS)
        if may(person, Permission.RAISE_TICKET):
            reading |= {person.council_id}
        writing = councils_of(person, Permission.ANNOUNCE) | councils_of(
            person, Permission.DRAFT_ANNOUNCEMENTS
        )
        seen = Q(state__in=TOLD) & self._of(reading) | self._of(writing)
        if may(person, Permission.ANNOUNCE_SERVICES):
            seen |= Q(service__owner=person.pk)
        return self.filter(seen)

    def on(self, now: datetime | None = None) -> Self:
        """What holds at this moment."""
        now = now or timezone.now()
        published = self.filter(state="published", starts_at__lte=now)
        return published.filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def coming(self, now: datetime | None = None) -> Self:
        """What is published and begins later."""
        return self.filter(state="published", starts_at__gt=now or timezone.now())

    def over(self, now: datetime | None = None) -> Self:
        """What has held, and holds no longer."""
        return self.filter(Q(state="ended") | Q(state="published", ends_at__lte=now or timezone.now()))

    def unpublished(self) -> Self:
        """Drafts, and what was withdrawn."""
        return self.filter(state__in=["draft", "withdrawn"])

    def concerning(self, person) -> Self:
        """What is of the person's council, and of their site where it names sites."""
        named = self._links("sites").filter(announcement=OuterRef("pk"))
        here = Exists(named.filter(site=person.site_id)) if person.site_id else Q(pk__in=[])
        return self.filter(self._of([person.council_id]) & (~Exists(named) | here))

    def for_strangers(self, now: datetime | None = None) -> Self:
        """Of what holds now, that which says something to everybody."""
        return self.on(now).exclude(public_text="").order_by("starts_at", "id")

    def _of(self, councils: Iterable[int]) -> Q:
        return Q(pk__in=self._links("councils").filter(council__in=councils).values("announcement"))

    def _links(self, name: str) -> models.QuerySet:
        """The rows that link announcements to others."""
        return getattr(self.model, name).through.objects.all()
