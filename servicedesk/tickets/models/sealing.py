"""Who was let into a sealed ticket, who read it, and who asked to open it to more people."""

from django.db import models
from django.db.models import F, Q

from servicedesk.history.models import AppendOnly
from servicedesk.people.models import Person, Span
from servicedesk.tickets.models.ticket import Sensitivity, Sharing, Ticket


class BreakGlass(Span):
    """A person opened a sealed ticket that is not theirs to see, for a few hours and for a reason that they gave."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="glasses_broken")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="glasses_broken")
    reason = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__isnull=False), name="break_glass_ends"),
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="break_glass_span"),
        ]

    def __str__(self) -> str:
        return f"{self.person} into {self.ticket}"


class Sighting(AppendOnly):
    """A person read a sealed ticket. `how` says where: its page, the API, a file, a search."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sightings")
    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="sightings")
    at = models.DateTimeField()
    how = models.CharField(max_length=20)

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
