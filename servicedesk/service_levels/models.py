"""When the desk works, and how long it gives itself."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from servicedesk.catalogue.models import Service
from servicedesk.history.models import AppendOnly
from servicedesk.people.models import Agreement, Council, Team
from servicedesk.service_levels.querysets import HoursQuerySet


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

    objects = HoursQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """Other hours from a day on. What ended before that day was measured by the hours of its time."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    starts_on = models.DateField()
    always = models.BooleanField(default=False)
    windows = models.JSONField(default=dict, blank=True)
    bank_holidays = models.BooleanField(default=True)

    class Meta:
        ordering = ["calendar", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["calendar", "starts_on"], name="one_calendar_version_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.calendar} from {self.starts_on}"


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


class CalendarEdition(AppendOnly):
    """What a calendar said before it was changed: the shape of its hours at a version that is no longer the present.

    What ended is read by the edition that it was measured by, however often the calendar is changed afterwards.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="editions")
    version = models.PositiveIntegerField()
    shape = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "version"], name="one_calendar_edition_a_version")
        ]

    def __str__(self) -> str:
        return f"{self.calendar}, version {self.version}"


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
    RESOLUTION = "resolution", "Fixed"
    FULFILMENT = "fulfilment", "Delivered"
    NEXT_UPDATE = "next_update", "Next update"
    SUPPLIER = "supplier", "Supplier's fix"


class Pausing(models.TextChoices):
    """What may stop the time to fix, where a service level says so."""

    WAITING_CUSTOMER = "waiting_customer", "Waiting for the customer"
    WAITING_APPROVAL = "waiting_approval", "Waiting for approval"
    SCHEDULED = "scheduled", "Booked for a time that the customer chose"
    WAITING_SUPPLIER = "waiting_supplier", "Waiting for a supplier"


def usually_pausing() -> list[str]:
    """What pauses unless somebody chose otherwise: whatever waits for the customer, and nothing that waits for us."""
    return [Pausing.WAITING_CUSTOMER, Pausing.WAITING_APPROVAL, Pausing.SCHEDULED]


FROM_THE_BEGINNING = date(2000, 1, 1)


class ServiceLevel(models.Model):
    """A promise: this kind of ticket, at this priority, within so many working seconds.

    It holds for what is reported from `starts_on` on, until another of the same scope does. The most particular one
    that fits counts: council and service before either, either before none. A target of an `agreement` between councils
    counts before all others: for its customers, or for each of those who share the desk, about the services that it
    covers, and for what was reported while it was in force. An agreement with a supplier names its `team`; so does one
    between our teams, which runs no clock: what a team took is held against it.
    """

    class Kind(models.TextChoices):
        SLA = "sla", "Service level: with the customer"
        OLA = "ola", "Operational level: between our teams"
        UC = "uc", "Underpinning contract: with a supplier"

    kind = models.CharField(max_length=3, choices=Kind, default=Kind.SLA)
    ticket_type = models.CharField(max_length=20)
    priority = models.CharField(max_length=2)
    metric = models.CharField(max_length=12, choices=Metric)
    council = models.ForeignKey(
        Council, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    service = models.ForeignKey(
        Service, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    calendar = models.ForeignKey(
        Calendar, on_delete=models.PROTECT, null=True, blank=True, related_name="service_levels"
    )
    starts_on = models.DateField(default=FROM_THE_BEGINNING)
    ended_on = models.DateField(null=True, blank=True)
    target_seconds = models.PositiveIntegerField()
    goal_percent = models.PositiveSmallIntegerField(default=90)
    warn_percent = models.PositiveSmallIntegerField(default=75)
    pausing = models.JSONField(default=usually_pausing)
    version = models.PositiveIntegerField(default=1)

    objects = HoursQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "ticket_type",
                "priority",
                "metric",
                Coalesce("council", 0),
                Coalesce("service", 0),
                Coalesce("team", 0),
                Coalesce("agreement", 0),
                "starts_on",
                name="one_service_level_for_each",
            ),
            models.CheckConstraint(
                condition=Q(target_seconds__gt=0), name="service_level_target_above_nothing"
            ),
            models.CheckConstraint(
                condition=Q(warn_percent__gte=1, warn_percent__lte=99), name="service_level_warns_in_time"
            ),
            models.CheckConstraint(
                condition=~Q(metric="supplier") | Q(team__isnull=False),
                name="supplier_promise_names_its_team",
            ),
            models.CheckConstraint(
                condition=Q(agreement=None) | Q(kind="sla", team=None),
                name="target_of_an_agreement_is_for_customers",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.ticket_type} {self.priority}"
