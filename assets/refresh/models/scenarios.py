"""What if: a council's plans beside what is planned today, and what a plan was when a committee was told of it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from assets.refresh.querysets import MoneyQuerySet, ScenarioQuerySet
from assets.register.models import Category
from servicedesk.people.models import Council, Person


class Scenario(models.Model):
    """One council's what if. `levers` says by category what is otherwise than today, and leaves out what is not:

        {"laptop": {"life": 12, "price": "700.00"}, "server": {"cloud": "3100.00"}}

    `life` are months more or less, `price` is that of one today, `cloud` means that it moves to the cloud, where
    running what it did costs so much a year. Over a year's cap, of money or days, what risks most comes first.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=100)
    inflation = models.DecimalField(
        "inflation a year",
        max_digits=5,
        decimal_places=4,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
    )
    yearly_cap = models.DecimalField(
        "most that is spent a year",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    engineer_days = models.DecimalField(
        "engineer days a year",
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    levers = models.JSONField(default=dict, blank=True)
    archived_at = models.DateTimeField("archived", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["council", "name"], name="scenario_name_once_a_council")
        ]

    def __str__(self) -> str:
        return self.name


class Baseline(models.Model):
    """The plan of a council as a committee was told of it. Written once: nothing of it changes afterwards."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="baselines")
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, null=True, blank=True, related_name="baselines"
    )
    name = models.CharField("name of the paper", max_length=100)
    reference = models.CharField("decision or minute", max_length=60, blank=True)
    as_at = models.DateField()
    inflation = models.DecimalField(max_digits=5, decimal_places=4)
    taken_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="baselines_taken")
    taken_at = models.DateTimeField()

    objects = MoneyQuerySet.as_manager()

    class Meta:
        ordering = ["-taken_at", "-id"]

    def __str__(self) -> str:
        return self.name


class BaselineLine(models.Model):
    """What was planned of one category and driver for one financial year, by the year in which it begins; none where
    nothing was known."""

    baseline = models.ForeignKey(Baseline, on_delete=models.PROTECT, related_name="lines")
    year = models.PositiveSmallIntegerField(null=True)
    category = models.CharField(max_length=20, choices=Category)
    driver = models.CharField(max_length=24, blank=True)
    count = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=16, decimal_places=2, null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.baseline}: {self.count} {self.category}"
