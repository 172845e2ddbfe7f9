"""The refresh over years: what it spans, what each council may spend on it, and what waits with a reason."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from assets.batches.querysets import ProgrammeQuerySet
from assets.refresh.querysets import MoneyQuerySet
from assets.register.models import Asset
from assets.register.models.catalogue import check_financial_year
from assets.register.querysets import RegisterQuerySet
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission


class Programme(models.Model):
    """Replacing what some councils own over several financial years.

    What falls due within the window, from `window_from` to `window_to`, both included, is in a batch, deferred with a
    reason, or a gap.
    """

    name = models.CharField(max_length=100)
    from_fy = models.CharField("first financial year", max_length=7, validators=[check_financial_year])
    to_fy = models.CharField("last financial year", max_length=7, validators=[check_financial_year])
    window_from = models.DateField("refresh window from")
    window_to = models.DateField("refresh window until")
    councils = models.ManyToManyField(Council, related_name="programmes")
    version = models.PositiveIntegerField(default=1)

    objects = ProgrammeQuerySet.as_manager()

    class Meta:
        ordering = ["-from_fy", "name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to_fy__gte=F("from_fy")), name="programme_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(window_to__gt=F("window_from")), name="programme_window_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProgrammeBudget(models.Model):
    """What a council may spend on a programme in one financial year."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="budgets")
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="programme_budgets")
    financial_year = models.CharField(max_length=7, validators=[check_financial_year])
    amount = models.DecimalField(max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])
    version = models.PositiveIntegerField(default=1)

    guarded_fields = {"amount": Permission.SEE_ASSET_MONEY}

    objects = MoneyQuerySet.as_manager()

    class Meta:
        ordering = ["financial_year", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "council", "financial_year"], name="one_budget_a_council_and_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.council}, {self.financial_year}"


class Deferral(models.Model):
    """Why an asset that is due is not replaced before a day. The last of an asset counts."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="deferrals")
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="deferrals")
    reason = models.CharField(max_length=200)
    until = models.DateField("deferred until")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="deferrals")
    decided_at = models.DateTimeField()

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_at", "-id"]

    def __str__(self) -> str:
        return f"{self.asset} until {self.until:%d %B %Y}"
