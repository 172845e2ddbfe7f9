"""What one thing uses in a year, and from where that is known: measured for it, else its model, else its category."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from assets.refresh.energy import yearly_kwh
from assets.register.models import AssetModel

MEASURED, MODEL, WATTS, MEDIAN = "measured", "model", "watts", "median"
SOURCES = {
    MEASURED: "measured for itself",
    MODEL: "said of its model",
    WATTS: "its model's watts, day and night",
    MEDIAN: "the median of its category",
}
"""Where a figure is from, the surest first."""


class Found(NamedTuple):
    """kWh a year and where that is from; None and "" where nobody knows it."""

    kwh: Decimal | None
    source: str


def found_kwh(
    own: Decimal | None, of_model: Decimal | None, watts: Decimal | None, of_category: Decimal | None
) -> Found:
    """The surest that is known of what one uses in a year."""
    if (kwh := yearly_kwh(own, of_model, watts)) is not None:
        return Found(kwh, MEASURED if own is not None else MODEL if of_model is not None else WATTS)
    return Found(of_category, MEDIAN) if of_category is not None else Found(None, "")


def category_medians(categories: Iterable[str]) -> dict[str, Decimal]:
    """By category the median of what its models use in a year, of those of which it is known."""
    found: defaultdict[str, list[Decimal]] = defaultdict(list)
    models = AssetModel.objects.filter(category__in=set(categories)).order_by()
    for category, of_model, watts in models.values_list("category", "annual_kwh", "watts"):
        if (kwh := yearly_kwh(None, of_model, watts)) is not None:
            found[category].append(kwh)
    return {category: median(known) for category, known in found.items()}
