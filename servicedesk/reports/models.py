"""Numbers of a month that come from outside: the desk's own are counted, never kept."""

from typing import Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

MOST = 10_000_000


class EnteredFigureQuerySet(models.QuerySet):
    """Entered figures, for who sees the figures of their council or enters them."""

    def visible_to(self, person) -> Self:
        seeing = councils_of(person, Permission.SEE_REPORTS) | councils_of(person, Permission.ENTER_FIGURES)
        return self.filter(council__in=seeing)


class EnteredFigure(models.Model):
    """What another system tells of a council's month, entered by hand: so many `part` of so many `whole`.

    `month` is its first day. `source` says from where it was read, and `read_on` when.
    """

    class Kind(models.TextChoices):
        CALLS = "calls", "Telephone calls given up before we answered"
        CHANGES = "changes", "Changes that succeeded"
        PROJECTS = "projects", "Working time that went into projects"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="entered_figures")
    kind = models.CharField(max_length=10, choices=Kind)
    month = models.DateField()
    part = models.PositiveIntegerField(validators=[MaxValueValidator(MOST)])
    whole = models.PositiveIntegerField(validators=[MaxValueValidator(MOST)])
    source = models.CharField(max_length=200)
    read_on = models.DateField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="figures_entered")
    version = models.PositiveIntegerField(default=1)

    objects = EnteredFigureQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "council", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["council", "kind", "month"], name="figure_entered_once"),
            models.CheckConstraint(condition=Q(part__lte=F("whole")), name="entered_part_of_whole"),
            models.CheckConstraint(condition=Q(month__day=1), name="entered_of_a_month"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.council}, {self.month:%B %Y}"
