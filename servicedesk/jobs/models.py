"""A Job is one piece of work: who holds it, how far it has come, how it ended. The timetable: what is due by itself."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from servicedesk.people.access import access_of, councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission


class JobQuerySet(models.QuerySet):
    """Jobs; everybody sees their own."""

    def visible_to(self, person):
        access = access_of(person)
        return self.filter(wanted_by=person) if access and access.grants else self.none()

    def administered_by(self, person):
        """The jobs of the people whose councils the person administers, and those that nobody asked for."""
        councils = councils_of(person, Permission.ADMINISTER)
        if not councils:
            return self.none()
        return self.filter(Q(wanted_by=None) | Q(wanted_by__council__in=councils))

    def failed_since(self, moment):
        return self.filter(state=Job.State.FAILED, finished_at__gt=moment)

    def abandoned(self, now):
        """Jobs whose worker has died: the lease has run out."""
        return self.filter(state=Job.State.RUNNING, lease_until__lt=now)

    def free(self, now):
        """Jobs that a worker may begin: due and waiting, or abandoned and not yet tried too often."""
        due = self.filter(state__in=Job.OPEN, not_before__lte=now)
        waiting = Q(state=Job.State.QUEUED) | Q(lease_until__lt=now)
        return due.filter(waiting, attempts__lt=F("max_attempts"), cancel_wanted=False)


class Job(models.Model):
    """Work that was asked for. Changed by `jobs.running` alone.

    A worker holds a job by its `token` until `lease_until`, which it renews while it works. When the lease has run
    out another worker takes over with a token of its own; whoever lost the lease can no longer finish. Nobody begins
    a job before `not_before`.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to start"
        RUNNING = "running", "Under way"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    OPEN = (State.QUEUED, State.RUNNING)

    task = models.CharField(max_length=200)
    arguments = models.JSONField(default=dict)
    wanted_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="jobs")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    token = models.UUIDField(null=True)
    worker = models.CharField(max_length=100, blank=True)
    not_before = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True)
    cancel_wanted = models.BooleanField(default=False)
    progress_done = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=100, blank=True)
    outcome = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "not_before"], name="job_due")]

    def __str__(self) -> str:
        return f"{self.task} {self.pk}"

    @property
    def ended(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED, self.State.CANCELLED}

    @property
    def percent(self) -> int:
        return 100 * self.progress_done // self.progress_total if self.progress_total else 0


class Timetable(models.Model):
    """When a task of the setting SCHEDULES is next due. Changed by `jobs.schedules` alone."""

    task = models.CharField(max_length=200, unique=True)
    next_run_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.task} at {self.next_run_at}"
