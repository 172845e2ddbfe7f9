"""What one thing uses in a year, and from where that is known: measured for it, else its model, else its category."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from statistics import median
from typing import NamedTuple

from assets.refresh.energy import yearly_kwh
from assets.register.models import Asset, AssetModel


class Source(StrEnum):
    """Where a figure is from, the surest first."""

    MEASURED = "measured"
    MODEL = "model"
    WATTS = "watts"
    MEDIAN = "median"
    UNKNOWN = "unknown"


SOURCES = {
    Source.MEASURED: "measured for itself",
    Source.MODEL: "said of its model",
    Source.WATTS: "its model's watts, day and night",
    Source.MEDIAN: "the median of its category",
}


class Known(NamedTuple):
    """What one uses in a year, None where nothing is known, and from where that is known."""

    kwh: Decimal | None
    source: Source


@dataclass(frozen=True)
class Catalogue:
    """What the models of the catalogue use, and take to make; read once."""

    @cached_property
    def rows(self) -> list[tuple[str, Decimal | None, Decimal | None]]:
        found = AssetModel.objects.values_list("category", "annual_kwh", "watts", "embodied_kgco2e")
        return [(category, yearly_kwh(None, kwh, watts), made) for category, kwh, watts, made in found]

    @cached_property
    def kwh(self) -> dict[str, Decimal]:
        """The median of each category of which any model's use is known."""
        return _medians((category, kwh) for category, kwh, _ in self.rows)

    @cached_property
    def embodied(self) -> dict[str, Decimal]:
        """The same of what making one emitted."""
        return _medians((category, made) for category, _, made in self.rows)

    def of(
        self, category: str, own: Decimal | None, of_model: Decimal | None, watts: Decimal | None
    ) -> Known:
        """The surest that is known of what one uses."""
        if (kwh := yearly_kwh(own, of_model, watts)) is not None:
            if own is not None:
                return Known(kwh, Source.MEASURED)
            return Known(kwh, Source.WATTS if of_model is None else Source.MODEL)
        if category in self.kwh:
            return Known(self.kwh[category], Source.MEDIAN)
        return Known(None, Source.UNKNOWN)


def use_of_one(asset: Asset, catalogue: Catalogue | None = None) -> Known:
    """What this one uses in a year, without its machine room, and from where that is known."""
    model = asset.model
    said = (model.annual_kwh, model.watts) if model else (None, None)
    return (catalogue or Catalogue()).of(asset.category, asset.annual_kwh_override, *said)


def _medians(pairs: Iterable[tuple[str, Decimal | None]]) -> dict[str, Decimal]:
    values: defaultdict[str, list[Decimal]] = defaultdict(list)
    for category, value in pairs:
        if value is not None:
            values[category].append(value)
    return {category: median(found) for category, found in values.items()}
