"""What came of a line, box by box."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from assets.orders.models.order import OrderLine
from assets.register.models import Asset
from servicedesk.people.models import Person


class GoodsReceipt(models.Model):
    """One box that was opened. Written once, by `orders.receiving` alone.

    What was dead on arrival became no asset: its serial number is kept, and its replacement is a receipt of its own.
    """

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="receipts")
    asset = models.OneToOneField(
        Asset, on_delete=models.PROTECT, null=True, blank=True, related_name="receipt"
    )
    serial_number = models.CharField(max_length=60)
    dead_on_arrival = models.BooleanField(default=False)
    despatch_note = models.CharField(max_length=60, blank=True)
    note = models.CharField(max_length=200, blank=True)
    received_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint("line", Upper("serial_number"), name="serial_number_once_a_line"),
            models.CheckConstraint(
                condition=Q(dead_on_arrival=True, asset=None) | Q(dead_on_arrival=False, asset__isnull=False),
                name="receipt_became_an_asset_or_was_dead",
            ),
        ]

    def __str__(self) -> str:
        return self.serial_number

    @property
    def council_id(self) -> int:
        """Whose it is: that of its order."""
        return self.line.order.council_id
