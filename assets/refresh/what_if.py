"""A council's scenario beside today: what is planned when, at what cost, what waits, and what slips."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property

from django.db.models import Count, Value
from django.db.models.functions import Coalesce, NullIf

from assets.refresh import levers
from assets.refresh.energy import Use
from assets.refresh.energy_tables import ROOMS, assumed
from assets.refresh.estate_energy import OF_MODEL, Assumptions, Figure, together
from assets.refresh.estate_forecast import IN_SERVICE, with_due
from assets.refresh.figures import EstateForecast, Line
from assets.refresh.forecast import FIRST_MONTH, TENTH, half_up, year_of
from assets.refresh.models import Scenario
from assets.refresh.scenarios import Decision, Item, decide, slipped
from assets.refresh.using import Catalogue
from assets.register.models import Asset, Category, ServiceRecord, Upgradeable
from assets.register.registering import NAMES
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket, TicketType
from servicedesk.wording import money

CALLED = Coalesce(*(NullIf(column, Value("")) for column in NAMES))
"""The first of its names that an asset has."""
YEAR_OF_INCIDENTS = timedelta(days=365)


@dataclass(frozen=True)
class Planned:
    """What one financial year holds: how many are replaced, at what cost, and what runs in the cloud by then."""

    year: int
    count: int
    cost: Decimal | None
    to_cloud: int
    running: Decimal


@dataclass(frozen=True)
class WhatIf:
    """Without a scenario it is what is planned today. `person` is whose sight of incidents counts in the risk."""

    person: object
    council: Council
    scenario: Scenario | None
    as_at: date
    now: datetime

    @cached_property
    def levers(self) -> levers.Levers:
        return levers.read(self.scenario.levers if self.scenario else {})

    @property
    def levers_told(self) -> list[tuple[str, str]]:
        """What is otherwise by category, as pages say it."""
        life, prices, cloud = self.levers
        names = dict(Category.choices)
        return [
            *((f"{names[one]}: useful life", f"{months:+} months") for one, months in life.items()),
            *((f"{names[one]}: price", money(price)) for one, price in prices.items()),
            *((f"{names[one]}: to the cloud", f"{money(cost)} a year each") for one, cost in cloud.items()),
        ]

    @cached_property
    def today(self) -> EstateForecast:
        return EstateForecast([self.council], self._money, self.as_at, self.now)

    @cached_property
    def forecast(self) -> EstateForecast:
        """With what the scenario makes otherwise, before any cap."""
        if self.scenario is None:
            return self.today
        return EstateForecast(
            [self.council],
            self._money,
            self.as_at,
            self.now,
            self.scenario.inflation,
            self.levers.life,
            self.levers.prices,
        )

    @property
    def capped(self) -> bool:
        return self.scenario is not None and not (
            self.scenario.yearly_cap is None and self.scenario.engineer_days is None
        )

    @cached_property
    def lines(self) -> list[Line]:
        """What is planned: of what moves to the cloud nothing is bought; over a cap, as the decisions have it."""
        lines = [
            replace(line, cost=Decimal("0.00"), unpriced=0)
            if line.category in self.levers.cloud and line.year
            else line
            for line in self.forecast.lines
        ]
        if not self.capped:
            return lines
        years = self.forecast.years
        kept = [line for line in lines if line.year not in years or line.category in self.levers.cloud]
        return [*kept, *self._decided()]

    @cached_property
    def years(self) -> list[Planned]:
        """Each of the five years of the plan."""
        found = []
        moved = 0
        running = Decimal(0)
        for year in self.forecast.years:
            of_year = [line for line in self.lines if line.year == year]
            bought = [line for line in of_year if line.category not in self.levers.cloud]
            to_cloud = [line for line in of_year if line.category in self.levers.cloud]
            moved += sum(line.count for line in to_cloud)
            running += sum((self.levers.cloud[line.category] * line.count for line in to_cloud), Decimal(0))
            costs = [line.cost for line in bought if line.cost is not None]
            found.append(
                Planned(
                    year,
                    sum(line.count for line in bought),
                    sum(costs, Decimal(0)) if costs else None,
                    moved,
                    running,
                )
            )
        return found

    @cached_property
    def decisions(self) -> list[Decision]:
        """Line by line, of what is due within the five years and replaced; none without a cap."""
        return self.line_by_line if self.capped else []

    @cached_property
    def line_by_line(self) -> list[Decision]:
        """The same with or without a cap: without one everything is bought in its year."""
        cap = self.scenario.yearly_cap if self.scenario else None
        days = self.scenario.engineer_days if self.scenario else None
        return list(decide(self._items(), self.forecast.years, self.as_at, self._unit, cap, days))

    def in_the_cloud_by(self, year: int) -> list[tuple[int, str, date]]:
        """What has moved to the cloud by the end of a financial year: its key, its name and when it was due."""
        due_by = date(year + 1, FIRST_MONTH, 1)
        rows = self._due().filter(category__in=self.levers.cloud, due_on__lt=due_by).annotate(called=CALLED)
        return list(rows.order_by("due_on", "pk").values_list("pk", "called", "due_on"))

    @cached_property
    def slipped(self) -> list[tuple[Item, int | None]]:
        """What waits past the end of its support."""
        return slipped(self.decisions)

    @cached_property
    def rates(self) -> Assumptions:
        """What a kWh costs and emits in the present financial year, and what machine rooms add."""
        return Assumptions(year_of(self.as_at), [self.council.pk])

    @property
    def rates_told(self) -> list[str]:
        return [*assumed(self.rates, [self.council], self._money), ROOMS]

    @cached_property
    def cloud_kwh(self) -> Decimal:
        """What the equipment uses in a year that moves to the cloud within the five years, as far as it is known; what
        the cloud uses for it is not known."""
        return sum((kwh * number for _, kwh, number in self._to_cloud if kwh is not None), Decimal(0))

    @property
    def cloud_use(self) -> Use:
        """The same with what machine rooms use for it, and what that costs and emits."""
        figure = self.cloud
        return Use(half_up(figure.kwh, TENTH), half_up(figure.cost or Decimal(0)), half_up(figure.kgco2e))

    @cached_property
    def cloud(self) -> Figure:
        """The same before anything is rounded, with how many are of no known use."""
        return together(
            self.rates.figure(self.council.pk, site, category, number, kwh)
            for (category, site), kwh, number in self._to_cloud
        )

    @cached_property
    def _to_cloud(self) -> list[tuple[tuple[str, int | None], Decimal | None, int]]:
        """How many of a category at a site use so much each."""
        rows = self._due().filter(category__in=self.levers.cloud)
        alike = Counter(rows.values_list("category", "site", "annual_kwh_override", *OF_MODEL))
        catalogue = Catalogue()
        return [
            ((category, site), catalogue.of(category, *use).kwh, number)
            for (category, site, *use), number in alike.items()
        ]

    @property
    def _money(self) -> frozenset[int]:
        return councils_of(self.person, Permission.SEE_ASSET_MONEY) & {self.council.pk}

    def _due(self):
        """The assets that are due within the five years."""
        assets = Asset.objects.filter(IN_SERVICE, council=self.council)
        return with_due(assets, self.forecast.basis).filter(
            due_on__lt=date(self.forecast.years.stop, FIRST_MONTH, 1)
        )

    def _items(self) -> Iterable[Item]:
        incidents = self._incidents()
        costs = self.forecast.prices.costs
        left = self.forecast.basis.os_end((Upgradeable.NO, Upgradeable.UNKNOWN))
        rows = self._due().exclude(category__in=self.levers.cloud).annotate(called=CALLED, left=left)
        ends = {"os_end": "left", "vendor_end": "vendor_end", "warranty_end": "warranty_end"}
        for row in rows.values("pk", "called", "category", "model_id", "due_on", "driver", *ends.values()):
            own = costs.get((self.council.pk, row["category"]))
            yield Item(
                key=row["pk"],
                name=row["called"],
                category=row["category"],
                model=row["model_id"],
                due=row["due_on"],
                driver=row["driver"],
                incidents=incidents[row["pk"]],
                days=own.engineer_days if own else Decimal(0),
                **{name: row[column] for name, column in ends.items()},
            )

    def _incidents(self) -> Counter[int]:
        """How many incidents of the last year the person knows of, by asset."""
        since = self.now - YEAR_OF_INCIDENTS
        known = Ticket.objects.visible_to(self.person).filter(
            type=TicketType.INCIDENT, reported_at__gte=since
        )
        found = ServiceRecord.objects.filter(asset__council=self.council, ticket__in=known.values("pk"))
        return Counter(dict(found.order_by().values_list("asset").annotate(number=Count("pk"))))

    @cached_property
    def _unit(self):
        @cache
        def unit(category: str, model: int | None, year: int) -> Decimal | None:
            return self.forecast.prices.unit(self.council.pk, category, model, year)

        return lambda item, year: unit(item.category, item.model, year)

    def _decided(self) -> list[Line]:
        """What is bought in each year, and after the last what still waits, at the prices of the year after."""
        last, after = self.forecast.years[-1], self.forecast.years.stop
        found: dict[tuple[int, str, str], Line] = {}
        for one in self.decisions:
            if not one.taken and one.year != last:
                continue
            year = one.year if one.taken else after
            cost = one.cost if one.taken else self._unit(one.item, after)
            key = year, one.item.category, one.item.driver
            line = found.get(key) or Line(year, self.council.pk, one.item.category, one.item.driver, 0, None)
            total = line.cost if cost is None else (line.cost or 0) + cost
            found[key] = replace(
                line, count=line.count + 1, cost=total, unpriced=line.unpriced + (cost is None)
            )
        return list(found.values())
