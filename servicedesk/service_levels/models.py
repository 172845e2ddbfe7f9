"""When the desk works, and how long it gives itself."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Team


class Calendar(models.Model):
    """Working hours: `windows` is {weekday: [[from, to], …]} with 0 for Monday, as text and local to `timezone`.

    `version` grows with each edit, so that a closed ticket can say which hours it was measured by.
    """

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    timezone = models.CharField(max_length=40, default="Europe/London")
    always = models.BooleanField(default=False)
    windows = models.JSONField(default=dict, blank=True)
    bank_holidays = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CalendarException(models.Model):
    """A day that differs: closed when there are no windows, else open for those alone."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="exceptions")
    date = models.DateField()
    windows = models.JSONField(default=list, blank=True)
    reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="one_exception_a_day")]

    def __str__(self) -> str:
        return f"{self.calendar} on {self.date}"


class CouncilCalendar(models.Model):
    """The hours that a council's requests are measured by."""

    council = models.OneToOneField(Council, on_delete=models.PROTECT, related_name="calendar_link")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="councils")

    def __str__(self) -> str:
        return f"{self.council}: {self.calendar}"


class TeamCalendar(models.Model):
    """The hours that a team or supplier keeps, where they are not the council's."""

    team = models.OneToOneField(Team, on_delete=models.PROTECT, related_name="calendar_link")
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="teams")

    def __str__(self) -> str:
        return f"{self.team}: {self.calendar}"


class Metric(models.TextChoices):
    """What a clock measures."""

    RESPONSE = "response", "First reply"
    RESOLUTION = "resolution", "Fixed or done"


class ServiceLevel(models.Model):
    """A promise: this kind of ticket, at this priority, within so many working seconds.

    The most particular one that fits counts: council and service before either, either before none.
    """

    ticket_type = models.CharField(max_length=20)
    priority = models.CharField(max_length=2)
    metric = models.CharField(max_length=12, choices=Metric)
    council = models.ForeignKey(
        Council, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    target_seconds = models.PositiveIntegerField()
    goal_percent = models.PositiveSmallIntegerField(default=90)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "ticket_type",
                "priority",
                "metric",
                Coalesce("council", 0),
                Coalesce("service", 0),
                name="one_service_level_for_each",
            ),
            models.CheckConstraint(
                condition=Q(target_seconds__gt=0), name="service_level_target_above_nothing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.ticket_type} {self.priority}"
