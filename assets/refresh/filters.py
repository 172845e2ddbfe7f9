"""What narrows the list of what is due, the same for every figure that opens it."""

from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import QueryDict

from assets.refresh.estate_energy import IN_USE, energy_known_by
from assets.refresh.estate_forecast import IN_SERVICE, with_due
from assets.refresh.figures import EstateForecast, forecast_for
from assets.refresh.forecast import FIRST_MONTH, UNKNOWN, Driver, financial_year, year_named
from assets.refresh.using import Source
from assets.refresh.words import DRIVERS
from assets.register.models import Asset, Category
from assets.register.querysets import KEPT, not_seen
from servicedesk.forms import FilterForm
from servicedesk.people.models import Person

LATER = "later"
FARTHEST = 20
"""Years after those of the forecast of which a list may be asked for."""
STANDINGS = {
    "overdue": "Overdue",
    "unsupported": "No longer supported",
    "not_seen": "Not seen for 60 days",
    "no_start": "Nothing says when it came",
    "no_life": "No useful life decided",
    "unpriced": "No price known",
    "sourced": "Due by a dated, sourced reason",
    "in_use": "In use",
    "measured": "In use, measured for itself",
    "model": "In use, as is said of its model",
    "watts": "In use, by its model’s watts",
    "median": "In use, by the median of its category",
    "no_energy": "In use, and nothing says what it uses",
    "left_out": "On order, lost, wiped or leaving",
}


BY_ENERGY = {source.value: source for source in Source} | {"no_energy": Source.UNKNOWN}
"""Standings by which what is in use is told apart by how its energy is known."""


class DueFilters(filters.FilterSet):
    """Assets with their reasons, by where the forecast counts them. `forecast` says of which day and councils."""

    council = filters.ChoiceFilter(label="Council", field_name="council__code", empty_label="Any")
    category = filters.ChoiceFilter(label="Category", choices=Category.choices, empty_label="Any")
    year = filters.ChoiceFilter(label="Financial year", method="by_year", empty_label="Any")
    driver = filters.ChoiceFilter(
        label="Because of",
        choices=[(driver.value, DRIVERS[driver]) for driver in Driver],
        empty_label="Anything",
    )
    standing = filters.ChoiceFilter(
        label="Standing", choices=list(STANDINGS.items()), method="by_standing", empty_label="Any"
    )

    class Meta:
        model = Asset
        form = FilterForm
        fields: list[str] = []

    def __init__(self, data: Any, queryset: QuerySet, forecast: EstateForecast):
        super().__init__(data, queryset)
        self.forecast = forecast
        self.filters["council"].extra["choices"] = [
            (council.code, council.name) for council in forecast.councils
        ]
        self.filters["year"].extra["choices"] = [
            *(
                (financial_year(year), financial_year(year))
                for year in (*forecast.years, *_beyond(data, forecast))
            ),
            (LATER, f"After {financial_year(forecast.years[-1])}"),
            (UNKNOWN, "Not known"),
        ]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """What is left out of the forecast is in no list but its own."""
        left_out = self.form.cleaned_data.get("standing") == "left_out"
        return super().filter_queryset(
            queryset.exclude(IN_SERVICE) if left_out else queryset.filter(IN_SERVICE)
        )

    def by_year(self, assets: QuerySet, name: str, value: str) -> QuerySet:
        if value == UNKNOWN:
            return assets.filter(due_on=None)
        if value == LATER:
            return assets.filter(due_on__gte=_begins(self.forecast.years.stop))
        year = year_named(value)
        due = assets.filter(due_on__lt=_begins(year + 1))
        return due if year == self.forecast.year else due.filter(due_on__gte=_begins(year))

    def by_standing(self, assets: QuerySet, name: str, value: str) -> QuerySet:
        if value in BY_ENERGY:
            return assets.filter(energy_known_by(BY_ENERGY[value]))
        as_at = self.forecast.as_at
        rules = {
            "overdue": Q(due_on__lt=as_at),
            "unsupported": self.forecast.basis.unsupported(as_at),
            "not_seen": not_seen(self.forecast.now),
            "no_start": Q(due_on=None, life_start=None),
            "no_life": Q(due_on=None, life_start__isnull=False),
            "unpriced": self.forecast.prices.unpriced,
            "sourced": self.forecast.sourced,
            "in_use": Q(state=IN_USE),
            "left_out": Q(),
        }
        return assets.filter(rules[value])


def due_filters(person: Person, query: QueryDict, as_at: date | None = None) -> DueFilters:
    """The list of what is due as an address narrows it, of what the person may see."""
    forecast = forecast_for(person, as_at)
    seen = Asset.objects.visible_to(person).filter(KEPT, council__in=forecast.basis.councils)
    return DueFilters(query, with_due(seen, forecast.basis), forecast)


def _beyond(data: Any, forecast: EstateForecast) -> list[int]:
    """The year that is asked for, where it is one after those of the forecast, as those of a programme may be."""
    try:
        year = year_named((data or {}).get("year") or "")
    except ValueError:
        return []
    return [year] if year in range(forecast.years.stop, forecast.years.stop + FARTHEST) else []


def _begins(year: int) -> date:
    return date(year, FIRST_MONTH, 1)
