"""What people still have and must bring back, and whenever somebody was asked for it."""

from django.db import models
from django.db.models import Q

from assets.disposal.querysets import DueBackQuerySet
from assets.register.models import Asset
from servicedesk.people.models import Council, Person


class DueBack(models.Model):
    """An asset that somebody must bring back by a day. Changed by `disposal.chasing` alone.

    `council` is whose asset it is. It ends when it is back, lost, or nobody expects it any more.
    """

    class Why(models.TextChoices):
        LEAVER = "leaver", "Its holder has left"
        SWAPPED = "swapped", "It was replaced"
        TAKEN = "taken", "It was taken away at its swap"
        LOAN = "loan", "Its loan is over"
        OTHER = "other", "Something else"

    class State(models.TextChoices):
        OPEN = "open", "Due back"
        BACK = "back", "Back"
        LOST = "lost", "Lost or stolen"
        CALLED_OFF = "called_off", "Not expected any more"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="due_back")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="due_back")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="to_bring_back")
    why = models.CharField(max_length=8, choices=Why)
    note = models.CharField(max_length=200, blank=True)
    due_on = models.DateField("due back on")
    asked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="asked_back"
    )
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    ended_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="ended_due_back"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_note = models.CharField(max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DueBackQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name_plural = "due back"
        constraints = [
            models.UniqueConstraint(
                fields=["asset"], condition=Q(state="open"), name="asset_due_back_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset}, with {self.person}"


class Chase(models.Model):
    """Somebody was asked for it: by the product at its turn, or by a colleague in their own way. Written once."""

    class How(models.TextChoices):
        REMINDER = "reminder", "Reminder"
        BY_HAND = "by_hand", "By a colleague"

    due_back = models.ForeignKey(DueBack, on_delete=models.PROTECT, related_name="chases")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    step = models.PositiveSmallIntegerField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["due_back", "step"], condition=Q(how="reminder"), name="reminded_once_a_step"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}: {self.due_back}"
