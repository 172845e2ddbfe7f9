"""The promises that run on a ticket, and who had it for how long."""

from django.db import models
from django.db.models import Q

from servicedesk.history.models import AppendOnly
from servicedesk.people.models import Person, Team
from servicedesk.service_levels.models import Calendar, Metric, ServiceLevel
from servicedesk.tickets.models.ticket import Ticket, TicketState


class BreachReason(models.TextChoices):
    """Why a promise was broken, as whoever manages the queue found."""

    WORKLOAD = "workload", "Too much work at once"
    SUPPLIER = "supplier", "A supplier was late"
    CUSTOMER = "customer", "The requester could not be reached"
    PARTS = "parts", "Parts were not to be had"
    WRONG_TEAM = "wrong_team", "It went to the wrong team"
    TARGET = "target", "The promise does not fit this work"
    OTHER = "other", "Something else"


class Clock(models.Model):
    """A promise that runs on a ticket: what its events add up to, kept so that lists can order by it.

    `stopwatch.rebuild` of its events gives the same figures; the service level's version, the goal that it had then and
    the calendar's version are those it was measured by, however either is changed afterwards. Of the clocks of a
    supplier and of the next update there are several, one after another.
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        MET = "met", "Met"
        MISSED = "missed", "Missed"
        CANCELLED = "cancelled", "Cancelled"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="clocks")
    metric = models.CharField(max_length=12, choices=Metric)
    service_level = models.ForeignKey(ServiceLevel, on_delete=models.PROTECT, related_name="clocks")
    service_level_version = models.PositiveIntegerField()
    goal_percent = models.PositiveSmallIntegerField()
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="clocks")
    calendar_version = models.PositiveIntegerField()
    target_seconds = models.PositiveIntegerField()
    supplier_team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="clocks"
    )
    state = models.CharField(max_length=10, choices=State)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    elapsed_seconds = models.PositiveIntegerField(default=0)
    paused_seconds = models.PositiveIntegerField(default=0)
    breached_at = models.DateTimeField(null=True)
    breach_kind = models.CharField(max_length=20, blank=True)
    breach_reason = models.CharField(max_length=12, choices=BreachReason, blank=True)
    breach_note = models.TextField(blank=True)
    breach_explained_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="breaches_explained"
    )
    warn_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "metric"],
                condition=Q(metric__in=["response", "resolution", "fulfilment"]),
                name="one_clock_a_metric",
            ),
            models.UniqueConstraint(
                fields=["ticket", "metric"], condition=Q(stopped_at=None), name="one_open_clock_a_metric"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(stopped_at=None, breached_at=None), name="clock_running_by_due"
            ),
            models.Index(
                fields=["warn_at"],
                condition=Q(stopped_at=None, breached_at=None, warned_at=None, warn_at__isnull=False),
                name="clock_to_warn_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.ticket}"


class ClockEvent(AppendOnly):
    """Something that happened to a clock: the record that the clock is rebuilt from.

    A start and a new target say which target, and by which hours it is measured, at which version of them; that the
    clock is measured anew says by which version.
    """

    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10)
    at = models.DateTimeField()
    target_seconds = models.PositiveIntegerField(null=True)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, null=True, related_name="+")
    calendar_version = models.PositiveIntegerField(null=True)
    cause = models.CharField(max_length=100, blank=True)
    by_id = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.clock}"


class TimeHeld(models.Model):
    """Working seconds that a team (none: nobody yet) had a ticket in a state, as they were measured when it ended.

    `name` is the team's name of the time, `promised` what it had agreed with the other teams for all of the ticket.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="time_held")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="time_held")
    name = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=20, choices=TicketState)
    seconds = models.PositiveIntegerField()
    promised = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "times held"

    def __str__(self) -> str:
        return f"{self.name or 'Nobody yet'}, {self.get_state_display().lower()}"
