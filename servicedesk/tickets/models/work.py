"""How a ticket is divided, tied to others and joined with them."""

from django.db import models
from django.db.models import F, Q

from servicedesk.people.models import Person, Team
from servicedesk.tickets.models.ticket import Ticket
from servicedesk.tickets.querysets import TaskQuerySet


class Task(models.Model):
    """A piece of the work on a ticket, with a team of its own; it begins when those that it waits for are done.

    `due_at` is set for a call-back alone: that is owed to a person, and done although the ticket itself has ended.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting for another task"
        OPEN = "open", "To do"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Not needed"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="tasks")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    detail = models.TextField(blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="tasks")
    assignee = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="assigned_tasks"
    )
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    after = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="before")
    outcome = models.TextField(blank=True)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = TaskQuerySet.as_manager()
    words = {"after": "tasks that it comes after"}

    class Meta:
        ordering = ["ticket", "position"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "position"], name="task_position_once"),
            models.CheckConstraint(
                condition=Q(state__in=["done", "cancelled"], ended_at__isnull=False)
                | Q(state__in=["waiting", "open"], ended_at=None),
                name="ended_task_says_when",
            ),
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(due_at__isnull=False), name="one_call_back_of_a_ticket"
            ),
        ]
        indexes = [
            models.Index(fields=["team", "id"], condition=Q(ended_at=None), name="task_open_team"),
            models.Index(fields=["assignee", "id"], condition=Q(ended_at=None), name="task_open_assignee"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} task {self.position}"


class Link(models.Model):
    """One ticket has to do with another. It is taken away by ending it, so that history can tell of it."""

    class Kind(models.TextChoices):
        RELATES = "relates", "Has to do with"
        CAUSED_BY = "caused_by", "Caused by"
        BLOCKS = "blocks", "Must come before"

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="links_here")
    kind = models.CharField(max_length=10, choices=Kind)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="links_made")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "other", "kind"], condition=Q(ended_at=None), name="one_link_of_a_kind"
            ),
            models.CheckConstraint(condition=~Q(ticket=F("other")), name="link_to_another_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket} {self.get_kind_display().lower()} {self.other}"


class Merge(models.Model):
    """One ticket was joined into another: nothing of it is rewritten, so that it can come apart again.

    `before` is what the source's own fields were, by name, for undoing within 24 hours.
    """

    source = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="merges")
    target = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="merges_here")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    at = models.DateTimeField()
    before = models.JSONField(default=dict)
    undone_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="merges_undone"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"], condition=Q(undone_at=None), name="merged_into_one_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="merge_into_another_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.source} into {self.target}"
