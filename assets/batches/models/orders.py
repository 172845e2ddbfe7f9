"""What is ordered for a batch."""

from django.db import models

from assets.batches.models.batches import BatchLine
from assets.batches.querysets import LineOrderQuerySet
from assets.orders.models import OrderLine


class LineOrder(models.Model):
    """An order line that is for a line of a batch: of the same council and category, and for no other batch.

    What is ordered and delivered is counted from it and never kept. Written by `batches.ordering`; it is taken back as
    long as nothing came, and goes with its order line, when that is taken off a draft.
    """

    line = models.ForeignKey(BatchLine, on_delete=models.PROTECT, related_name="orders")
    order_line = models.OneToOneField(OrderLine, on_delete=models.CASCADE, related_name="for_batch")

    objects = LineOrderQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.order_line} for {self.line.batch}"

    @property
    def council_id(self) -> int:
        """Whose it is: that of its line."""
        return self.line.council_id
