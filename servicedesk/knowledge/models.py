"""What people are told of outages and planned work."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.knowledge.querysets import AnnouncementQuerySet
from servicedesk.people.models import Council, Person, Site


class Announcement(models.Model):
    """Something that the people of `councils` are told, of everything there or of some of their `sites`.

    `public_text` is all that a stranger reads of it, on the page of sign-in; without one they read nothing.
    """

    class Kind(models.TextChoices):
        OUTAGE = "outage", "Outage"
        PLANNED = "planned", "Planned work"
        ADVICE = "advice", "Advice"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        ENDED = "ended", "Over"
        WITHDRAWN = "withdrawn", "Withdrawn"

    kind = models.CharField(max_length=8, choices=Kind, default=Kind.OUTAGE)
    title = models.CharField(max_length=100)
    text = models.TextField(max_length=2000, blank=True)
    public_text = models.CharField(max_length=300, blank=True)
    councils = models.ManyToManyField(Council, related_name="announcements")
    sites = models.ManyToManyField(Site, blank=True, related_name="announcements")
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="announcements"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    written_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="announcements_written"
    )
    published_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="announcements_published"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="announcement_span"
            ),
            models.CheckConstraint(
                condition=~Q(kind="planned") | Q(ends_at__isnull=False), name="planned_work_has_an_end"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(state="published"), name="announcement_published")
        ]

    def __str__(self) -> str:
        return self.title

    def is_on(self, now: datetime | None = None) -> bool:
        """Whether it holds at this moment."""
        now = now or timezone.now()
        begun = self.state == self.State.PUBLISHED and self.starts_at <= now
        return begun and (self.ends_at is None or self.ends_at > now)
