"""A stock-take: what a council expected at one of its sites, and what was found there."""

from django.db import models
from django.db.models import Q

from assets.register.models.asset import Asset
from assets.register.querysets import OfRegisterQuerySet
from servicedesk.people.models import Council, Person, Site


class StockTake(models.Model):
    """Counting what is at a site, or in one room of it. Changed by `register.stock_taking` alone.

    What is expected is what the register said as it began, and stays so whatever is corrected meanwhile.
    """

    class State(models.TextChoices):
        OPEN = "open", "Being counted"
        FINISHED = "finished", "Finished"
        CANCELLED = "cancelled", "Cancelled"

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="stock_takes")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="stock_takes")
    room = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    begun_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="stock_takes_begun")
    begun_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="stock_takes_ended"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = OfRegisterQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at", "-id"]

    def __str__(self) -> str:
        return f"{self.site}, {self.room}" if self.room else str(self.site)


class StockTakeLine(models.Model):
    """One thing that was expected or met. Without an asset it is a name that the council's register does not know.

    `site_then`, `room_then` and `state_then` are what the register said of the asset when the line was written.
    """

    stock_take = models.ForeignKey(StockTake, on_delete=models.PROTECT, related_name="lines")
    asset = models.ForeignKey(
        Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="stock_take_lines"
    )
    name = models.CharField(max_length=200)
    expected = models.BooleanField(default=False)
    site_then = models.CharField(max_length=100, blank=True)
    room_then = models.CharField(max_length=60, blank=True)
    state_then = models.CharField(max_length=20, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="stock_take_lines"
    )
    moved_here = models.BooleanField(default=False)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["stock_take", "asset"],
                condition=Q(asset__isnull=False),
                name="asset_once_a_stock_take",
            ),
            models.UniqueConstraint(
                fields=["stock_take", "name"], condition=Q(asset=None), name="unknown_name_once_a_stock_take"
            ),
            models.CheckConstraint(
                condition=Q(expected=True, asset__isnull=False) | Q(expected=False, counted_at__isnull=False),
                name="stock_take_line_is_expected_or_counted",
            ),
        ]

    def __str__(self) -> str:
        return self.name
