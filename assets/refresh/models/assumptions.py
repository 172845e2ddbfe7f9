"""What a council reckons with when it plans: what replacing one thing costs, and support bought beyond its end."""

from django.core.validators import MinValueValidator
from django.db import models

from assets.refresh.querysets import MoneyQuerySet
from assets.register.models import Category, OperatingSystemRelease
from assets.register.models.catalogue import check_financial_year
from assets.register.querysets import RegisterQuerySet
from servicedesk.people.models import Council


def _money(name: str, **more) -> models.DecimalField:
    return models.DecimalField(
        name, max_digits=12, decimal_places=2, validators=[MinValueValidator(0)], **more
    )


class UnitCosts(models.Model):
    """What replacing one thing of a category costs a council, at the prices of one financial year.

    Its price counts where the model of a thing says none. `residual` is what the old one brings.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="unit_costs")
    category = models.CharField(max_length=20, choices=Category)
    base_fy = models.CharField(
        "financial year of these prices", max_length=7, validators=[check_financial_year]
    )
    price = _money("price where the model says none", null=True, blank=True)
    deploy = _money("putting it in place", default=0)
    disposal = _money("disposing of the old one", default=0)
    residual = _money("what the old one brings", default=0)
    engineer_days = models.DecimalField(
        "engineer days to swap one",
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    version = models.PositiveIntegerField(default=1)

    objects = MoneyQuerySet.as_manager()

    class Meta:
        ordering = ["category", "id"]
        verbose_name_plural = "unit costs"
        constraints = [
            models.UniqueConstraint(fields=["council", "category"], name="unit_costs_once_a_category")
        ]

    def __str__(self) -> str:
        return self.get_category_display()


class ExtendedSupport(models.Model):
    """A council has bought support for a release beyond the end that everybody else has: it counts for its assets."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="extended_support")
    release = models.ForeignKey(
        OperatingSystemRelease, on_delete=models.PROTECT, related_name="extended_support"
    )
    until = models.DateField("supported until")
    version = models.PositiveIntegerField(default=1)

    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["release", "id"]
        verbose_name_plural = "extended support"
        constraints = [
            models.UniqueConstraint(fields=["council", "release"], name="extended_support_once_a_release")
        ]

    def __str__(self) -> str:
        return str(self.release)
