"""The forecast of the estate in numbers and money: what one reader is told, or all where nobody in particular asks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from assets.refresh.estate_forecast import IN_SERVICE, Basis, Group, groups_of
from assets.refresh.forecast import (
    INFLATION,
    UNKNOWN,
    YEARS,
    Costs,
    Driver,
    financial_year,
    unit_cost,
    year_begun,
    year_of,
)
from assets.refresh.models import UnitCosts
from assets.register.models import Asset, AssetModel
from assets.register.querysets import KEPT
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission


@dataclass(frozen=True)
class Prices:
    """What replacing one costs a council: at its model's price, else at what the council pays for its category.

    `list_prices` are those of a scenario, by category, in the place of both.
    """

    councils: Iterable[int]
    now: int
    inflation: Decimal = INFLATION
    list_prices: dict[str, Decimal] = field(default_factory=dict)

    @cached_property
    def models(self) -> dict[int, tuple[Decimal, str]]:
        """Price and its financial year, by model."""
        rows = AssetModel.objects.exclude(replacement_cost_ex_vat=None)
        wanted = rows.values_list("pk", "replacement_cost_ex_vat", "price_base_fy")
        return {key: (price, base) for key, price, base in wanted if price is not None}

    @cached_property
    def costs(self) -> dict[tuple[int, str], UnitCosts]:
        rows = UnitCosts.objects.filter(council__in=self.councils)
        return {(row.council_id, row.category): row for row in rows}

    def of(self, council: int, category: str, model: int | None) -> Costs | None:
        """What one costs at the prices of their years; None where no price is known."""
        own = self.costs.get((council, category))
        base = year_begun(own.base_fy) if own else self.now
        if category in self.list_prices:
            price, price_base = self.list_prices[category], self.now
        elif model in self.models:
            price, named = self.models[model]
            price_base = year_begun(named) if named else self.now
        elif own and own.price is not None:
            price, price_base = own.price, base
        else:
            return None
        return (
            Costs(price, price_base, own.deploy, own.disposal, own.residual, base)
            if own
            else Costs(price, price_base)
        )

    @property
    def unpriced(self) -> Q:
        """What is due, of councils whose money may be told, and has no price."""
        priced = Q(category__in=self.list_prices) | Q(model__in=self.models)
        for (council, category), own in self.costs.items():
            if own.price is not None:
                priced |= Q(council=council, category=category)
        return Q(council__in=self.councils, due_on__isnull=False) & ~priced

    def unit(self, council: int, category: str, model: int | None, year: int) -> Decimal | None:
        """What one costs in the financial year that begins in `year`."""
        costs = self.of(council, category, model)
        return unit_cost(costs, year, self.inflation) if costs else None


@dataclass(frozen=True)
class Line:
    """Assets of one council, category and driver that are planned for one financial year.

    `year` and `driver` are None where nothing is known; `cost` is None where there is none or the reader may not know
    it; `unpriced` have no price.
    """

    year: int | None
    council: int
    category: str
    driver: str | None
    count: int
    cost: Decimal | None
    unpriced: int = 0
    overdue: int = 0
    unsupported: int = 0
    not_seen: int = 0
    sourced: int = 0
    undated: int = 0


NUMBERS = ("count", "unpriced", "overdue", "unsupported", "not_seen", "sourced", "undated")
"""What of lines is added up, beside their cost."""


@dataclass(frozen=True)
class Sum:
    """Lines added up. `cost` is None where no cost of any is known."""

    count: int
    cost: Decimal | None
    unpriced: int


@dataclass(frozen=True)
class EstateForecast:
    """When the assets of some councils are due, and what their replacement costs those whose money may be told."""

    councils: list[Council]
    money: frozenset[int]
    as_at: date
    now: datetime
    inflation: Decimal = INFLATION
    life_changes: dict[str, int] = field(default_factory=dict)
    list_prices: dict[str, Decimal] = field(default_factory=dict)

    @property
    def year(self) -> int:
        """The present financial year."""
        return year_of(self.as_at)

    @property
    def years(self) -> range:
        return range(self.year, self.year + YEARS)

    @cached_property
    def basis(self) -> Basis:
        return Basis([council.pk for council in self.councils], self.life_changes)

    @cached_property
    def prices(self) -> Prices:
        return Prices(self.money, self.year, self.inflation, self.list_prices)

    @cached_property
    def lines(self) -> list[Line]:
        assets = Asset.objects.filter(IN_SERVICE, council__in=self.basis.councils)
        found: dict[tuple, Line] = {}
        for group in groups_of(assets, self.basis, self.as_at, self.now):
            line = self._line(group)
            key = line.year, line.council, line.category, line.driver
            found[key] = _both(found[key], line) if key in found else line
        return list(found.values())

    @cached_property
    def left_out(self) -> dict[int, int]:
        """How many assets of each council are not here yet or on their way out, so that nothing is planned for them."""
        rows = Asset.objects.filter(KEPT, council__in=self.basis.councils).exclude(IN_SERVICE).order_by()
        return dict(rows.values_list("council").annotate(number=Count("pk")))

    def sum(self, wanted: Callable[[Line], Any] = lambda line: True) -> Sum:
        """The lines that are wanted, added up."""
        found = [line for line in self.lines if wanted(line)]
        costs = [line.cost for line in found if line.cost is not None]
        return Sum(
            sum(line.count for line in found),
            sum(costs, Decimal(0)) if costs else None,
            sum(line.unpriced for line in found),
        )

    def rows(self) -> list[dict[str, Any]]:
        """By financial year, council and category, in that order: what programs are told."""
        codes = {council.pk: council.code for council in self.councils}
        found: dict[tuple[str, str, str], list[Line]] = {}
        for line in self.lines:
            year = UNKNOWN if line.year is None else financial_year(line.year)
            found.setdefault((year, codes[line.council], line.category), []).append(line)
        return [
            {
                "financial_year": year,
                "council": council,
                "category": category,
                "count": sum(line.count for line in lines),
                "cost": _added(line.cost for line in lines),
            }
            for (year, council, category), lines in sorted(found.items())
        ]

    @property
    def total(self) -> Decimal:
        """What all of it costs, as far as it is known and may be told."""
        return _added(line.cost for line in self.lines) or Decimal("0.00")

    def told(self) -> dict[str, Any]:
        """The whole of it, as programs read it."""
        rows = [{**row, "cost": None if row["cost"] is None else str(row["cost"])} for row in self.rows()]
        return {
            "as_at": self.as_at.isoformat(),
            "inflation": str(self.inflation),
            "rows": rows,
            "total": str(self.total),
        }

    def _line(self, group: Group) -> Line:
        year = None if group.year is None else max(group.year, self.year)
        cost, unpriced = None, 0
        if year is not None and group.council in self.money:
            one = self.prices.unit(group.council, group.category, group.model, year)
            cost, unpriced = (None, group.count) if one is None else (one * group.count, 0)
        return Line(
            year,
            group.council,
            group.category,
            group.driver,
            group.count,
            cost,
            unpriced,
            group.overdue,
            group.unsupported,
            group.not_seen,
            self._sourced(group),
            group.undated,
        )

    def _sourced(self, group: Group) -> int:
        """Of how many it is written down where the date that makes them due comes from."""
        if group.driver is None:
            return 0
        if group.driver == Driver.LIFE:
            return group.count - group.estimated
        if group.driver == Driver.VENDOR:
            return group.count if group.model in self._sourced_models else group.own_date
        return group.count

    @property
    def sourced(self) -> Q:
        """The same as a rule, for what is `with_due`."""
        began = Q(in_service_date__isnull=False) | Q(purchase_date__isnull=False)
        said = Q(vendor_end_of_support__isnull=False) | Q(model__in=self._sourced_models)
        others = Q(driver__isnull=False) & ~Q(driver__in=(Driver.LIFE.value, Driver.VENDOR.value))
        return Q(driver=Driver.LIFE.value) & began | Q(driver=Driver.VENDOR.value) & said | others

    @cached_property
    def _sourced_models(self) -> set[int]:
        """The models of which it is said who announced the end of their support."""
        ended = AssetModel.objects.exclude(end_of_support=None)
        return {model.pk for model in ended if model.said("end_of_support").source}


def forecast_for(
    person,
    as_at: date | None = None,
    now: datetime | None = None,
    council: Council | None = None,
    where: Permission = Permission.SEE_ASSETS,
    **levers: Any,
) -> EstateForecast:
    """Of every council whose register the person reads, or of one of them, or of those `where` they have another right
    as well; with the money of those whose money they see."""
    now = now or timezone.now()
    seen = councils_of(person, Permission.SEE_ASSETS) & councils_of(person, where)
    if council:
        seen &= {council.pk}
    money = councils_of(person, Permission.SEE_ASSET_MONEY) & seen
    councils = list(Council.objects.filter(pk__in=seen).order_by("code"))
    return EstateForecast(councils, money, as_at or timezone.localdate(now), now, **levers)


def whole_forecast(councils: list[Council], as_at: date, now: datetime, **levers: Any) -> EstateForecast:
    """With the money of all of them: for whoever runs the machine."""
    return EstateForecast(councils, frozenset(council.pk for council in councils), as_at, now, **levers)


def _both(one: Line, other: Line) -> Line:
    """Two lines of the same as one."""
    numbers = {name: getattr(one, name) + getattr(other, name) for name in NUMBERS}
    return replace(one, cost=_added((one.cost, other.cost)), **numbers)


def _added(costs: Iterable[Decimal | None]) -> Decimal | None:
    known = [cost for cost in costs if cost is not None]
    return sum(known, Decimal("0.00")) if known else None
