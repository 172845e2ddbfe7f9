"""What was brought by what a batch sold, as the register says it of each asset."""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import F, Sum

from assets.batches.models import Batch, BatchItem
from assets.batches.states import ItemState
from assets.register.models import Disposal


def income_of(batches: Iterable[Batch]) -> dict[tuple[int, int], Decimal]:
    """By batch and council."""
    sold = BatchItem.objects.filter(
        batch__in=[batch.pk for batch in batches], state=ItemState.SOLD
    ).order_by()
    rows = sold.filter(asset__disposal_records__kind=Disposal.Kind.SOLD).values_list("batch", "council")
    found = rows.annotate(income=Sum(F("asset__disposal_records__income")))
    return {(batch, council): income for batch, council, income in found if income is not None}
