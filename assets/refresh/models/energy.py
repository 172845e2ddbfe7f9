"""What energy is reckoned with: tariffs, factors of years, overheads of machine rooms, and years that are closed."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from assets.refresh.querysets import MoneyQuerySet
from assets.register.models import Category
from assets.register.querysets import RegisterQuerySet, SharedQuerySet
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission


class Dated(models.Model):
    """Something that counts at a council from a day, and perhaps until a day: never two on one day of one place."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField("from")
    ends_on = models.DateField("until", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
        ordering = ["council", "site", "-starts_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="%(class)s_ends_after_it_starts",
            )
        ]


class Tariff(Dated):
    """What a council pays for a kWh, excluding VAT: at one site, or wherever a site has no tariff of its own."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    pence = models.DecimalField(
        "pence per kWh", max_digits=6, decimal_places=3, validators=[MinValueValidator(0)]
    )

    guarded_fields = {"pence": Permission.SEE_ASSET_MONEY}
    objects = MoneyQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Tariff of {self.site or self.council}"


class RoomOverhead(Dated):
    """What the machine room of a site uses for each kWh of its equipment, cooling and all: its PUE."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    pue = models.DecimalField(
        "PUE", max_digits=4, decimal_places=2, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )

    objects = RegisterQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Machine room of {self.site}"


class EnergyFactor(models.Model):
    """What making a kWh emitted in a calendar year, as published. Shared by all councils; a year is entered once.

    What is lost on the way, `grid_losses`, is kept beside it and is in no figure. Where nobody `entered` it, it came
    with the product.
    """

    year = models.PositiveSmallIntegerField(
        unique=True, validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    generation = models.DecimalField(
        "kgCO2e per kWh generated", max_digits=7, decimal_places=6, validators=[MinValueValidator(0)]
    )
    grid_losses = models.DecimalField(
        "kgCO2e per kWh of transmission and distribution",
        max_digits=7,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    source = models.CharField(max_length=200)
    checked_on = models.DateField("checked")
    entered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return f"Carbon factor of {self.year}"


class ClosedYear(models.Model):
    """What a category of a council's equipment used in a financial year that has ended, with the factor of then.

    Written once: no tariff, factor or asset that is entered afterwards changes it.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="closed_energy_years")
    year = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=20, choices=Category)
    count = models.PositiveIntegerField()
    unknown = models.PositiveIntegerField()
    kwh = models.DecimalField(max_digits=15, decimal_places=4)
    kgco2e = models.DecimalField(max_digits=15, decimal_places=4)
    cost = models.DecimalField(max_digits=15, decimal_places=4)
    factor = models.DecimalField(max_digits=7, decimal_places=6)
    factor_year = models.PositiveSmallIntegerField()
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    guarded_fields = {"cost": Permission.SEE_ASSET_MONEY}
    objects = RegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "council", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "year", "category"], name="closed_year_once_a_category"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}, {self.year}"
