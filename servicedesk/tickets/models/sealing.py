"""Who was let into a sealed ticket, who read it, who asked to open it to more people, and which council was warned."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from servicedesk.history.models import AppendOnly, AppendOnlyQuerySet
from servicedesk.people.access import access_of, councils_of, teams_of
from servicedesk.people.models import Council, Person, Span
from servicedesk.people.querysets import SpanQuerySet
from servicedesk.people.roles import ROLES, Permission
from servicedesk.tickets.models.ticket import Sensitivity, Sharing, Ticket

TOLD_OF_ALERTS = (Permission.SEE_CYBER_TICKETS, Permission.MANAGE_QUEUE)
"""Whoever holds one of these by a role at the very council that is warned."""


class GlassQuerySet(SpanQuerySet):
    """Broken glass: one's own, that of one's case group's tickets, and for the cyber security officer all."""

    def visible_to(self, person) -> Self:
        guarded = Q(ticket__council__in=councils_of(person, Permission.SEE_CYBER_TICKETS))
        own = Q(person=person.pk) | Q(ticket__case_group__in=teams_of(person))
        return self.filter(guarded | own) if access_of(person) else self.none()


class BreakGlass(Span):
    """A person opened a sealed ticket that is not theirs to see, for a few hours and for a reason that they gave."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="glasses_broken")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="glasses_broken")
    reason = models.TextField()

    objects = GlassQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__isnull=False), name="break_glass_ends"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="break_glass_span"),
        ]

    def __str__(self) -> str:
        return f"{self.person} into {self.ticket}"

    def is_over(self, now: datetime) -> bool:
        """Whether its hours are over at that moment."""
        return self.ends_at is not None and self.ends_at <= now


class RefusedGlassQuerySet(AppendOnlyQuerySet):
    """Tries that failed, for the cyber security officer of whoever tried."""

    def visible_to(self, person) -> Self:
        return self.filter(person__council__in=councils_of(person, Permission.SEE_CYBER_TICKETS))


class RefusedGlass(AppendOnly):
    """Somebody wanted to break the glass of a request that is not there, or not theirs to open even so."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="glasses_refused")
    reference = models.CharField(max_length=40)
    reason = models.TextField()
    at = models.DateTimeField()

    objects = RefusedGlassQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.person} tried {self.reference}"


class How(models.TextChoices):
    """Where a ticket was read."""

    PAGE = "page", "On its page"
    OWN_PAGE = "own_page", "On the requester's page"
    API = "api", "Through the API"
    FILE = "file", "A file of it"
    LIST = "list", "Its title in a list"
    SEARCH = "search", "Its title in a search"


class Sighting(AppendOnly):
    """A person read a sealed ticket, or its title. `how` says where.

    Of one person, ticket and way there is one an hour at the most: it says who read, not how often a page was drawn.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sightings")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="sightings")
    at = models.DateTimeField()
    how = models.CharField(max_length=20, choices=How)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["ticket", "-id"], name="sighting_of_ticket")]

    def __str__(self) -> str:
        return f"{self.person} read {self.ticket}"


class OpeningRequest(models.Model):
    """Somebody asks to show a ticket to more people than now; it takes a second person to agree."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="opening_requests")
    sharing = models.CharField(max_length=12, choices=Sharing)
    sensitivity = models.CharField(max_length=12, choices=Sensitivity)
    reason = models.TextField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="openings_asked")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="openings_decided"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    agreed = models.BooleanField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(decided_at=None), name="one_opening_asked_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(asked_by=F("decided_by")), name="opening_takes_two"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} to {self.get_sharing_display()}"


class AlertQuerySet(AppendOnlyQuerySet):
    """Warnings to a council, for its own cyber security officers and queue managers."""

    def visible_to(self, person) -> Self:
        access = access_of(person)
        grants = access.grants if access else []
        at = {grant.council_id for grant in grants if {*TOLD_OF_ALERTS} & {*ROLES[grant.role].permissions}}
        return self.filter(council__in=at)


class Alert(AppendOnly):
    """A council was warned that a security incident of another may concern it. It is told whom to ask and no more."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="alerts")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="alerts")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="alerts_raised")
    at = models.DateTimeField()

    objects = AlertQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["ticket", "council"], name="one_alert_a_council")]

    def __str__(self) -> str:
        return f"{self.council} warned"
