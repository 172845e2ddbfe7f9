"""A programme in tables: by council and financial year what may be spent, what batches plan and what falls due; and of
what is due within its window, what is in a batch, deferred with a reason, or a gap. Every figure opens its list."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.urls import reverse

from assets.batches.costing import NOTHING, planned
from assets.batches.counting import Counts
from assets.batches.energy import Table as EnergyTable
from assets.batches.energy import table_of
from assets.batches.models import Batch, BatchItem, Deferral, Programme
from assets.batches.planning import years_of
from assets.batches.standing import Standing, standings_of
from assets.batches.states import BatchState
from assets.refresh.estate_forecast import IN_SERVICE, with_due
from assets.refresh.figures import EstateForecast, forecast_for
from assets.refresh.forecast import financial_year, year_named, year_of
from assets.register.models import Asset
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.reports.counts import Shown
from servicedesk.reports.tables import Cell, Column, Row, Table

IN_BATCH, DEFERRED, GAP = "batch", "deferred", "gap"
STANDINGS = {IN_BATCH: "In a batch", DEFERRED: "Deferred with a reason", GAP: "Gap"}
NO_MORE = ("excluded", "deferred")
OVER = Cell(Shown(None), words="Over")
"""What was due in a year that is over and is not replaced is due in the present one."""


def batch_year(batch: Batch) -> str:
    """The financial year in which a batch is paid for: that of its first planned day, else that of its prices."""
    return financial_year(year_of(batch.planned_from)) if batch.planned_from else batch.base_fy


def with_standing(assets: QuerySet[Asset], today: date) -> QuerySet[Asset]:
    """Each asset with where it stands: in a batch, deferred beyond today, or a gap.

    What a batch has put back into stock is due as before once that one is closed.
    """
    items = BatchItem.objects.filter(asset=OuterRef("pk")).exclude(batch__state=BatchState.CANCELLED)
    items = items.exclude(batch__state=BatchState.CLOSED, state="redeployed")
    put_off = Deferral.objects.filter(asset=OuterRef("pk"), until__gte=today)
    return assets.annotate(
        standing=Case(
            When(Exists(items.exclude(state__in=NO_MORE)), then=Value(IN_BATCH)),
            When(
                Q(Exists(put_off)) | Q(Exists(items.filter(state="deferred", deferred_until__gte=today))),
                then=Value(DEFERRED),
            ),
            default=Value(GAP),
            output_field=CharField(),
        )
    )


@dataclass(frozen=True)
class ProgrammeTables:
    """One programme as one person may see it."""

    programme: Programme
    person: Any
    today: date

    @cached_property
    def councils(self) -> list[Council]:
        seen = councils_of(self.person, Permission.SEE_ASSETS)
        return list(self.programme.councils.filter(pk__in=seen).order_by("code"))

    @cached_property
    def money(self) -> frozenset[int]:
        return councils_of(self.person, Permission.SEE_ASSET_MONEY)

    @cached_property
    def forecast(self) -> EstateForecast:
        return forecast_for(self.person, self.today)

    @cached_property
    def standings(self) -> list[Standing]:
        """The batches of the programme that are not cancelled, as far as the person sees them."""
        seen = Batch.objects.visible_to(self.person).filter(programme=self.programme)
        seen = seen.exclude(state=BatchState.CANCELLED)
        return standings_of(seen.prefetch_related("lines"))

    @cached_property
    def budgets(self) -> dict[tuple[int, str], Decimal]:
        rows = self.programme.budgets.filter(council__in=self.money)
        return {(row.council_id, row.financial_year): row.amount for row in rows}

    @cached_property
    def energy(self) -> EnergyTable:
        """What all its batches change in a year: closed ones as they were, the others as planned."""
        return table_of(self.person, [one.batch for one in self.standings], self.councils, self.today)

    @property
    def tables(self) -> list[Table]:
        return [self._window(), *(self._of_council(council) for council in self.councils)]

    def due(self) -> Any:
        """What falls due within the window, what is overdue among it, each with where it stands."""
        first, last = self.programme.window_from, self.programme.window_to
        seen: Any = Asset.objects.visible_to(self.person).filter(
            IN_SERVICE, council__in=[council.pk for council in self.councils]
        )
        due: Any = with_due(seen, self.forecast.basis)
        due = due.filter(due_on__lte=last)
        return with_standing(due.filter(Q(due_on__gte=first) | Q(due_on__lt=self.today)), self.today)

    def _window(self) -> Table:
        rows = self.due().order_by().values_list("council", "standing").annotate(number=Count("pk"))
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for council, standing, number in rows:
            found[council][standing] = number
        columns = [Column("due", "Due"), *(Column(code, words) for code, words in STANDINGS.items())]
        lines = []
        for council in self.councils:
            mine = found[council.pk]
            cells = [self._list(sum(mine.values()), council)]
            cells += [self._list(mine.get(code, 0), council, code) for code in STANDINGS]
            lines.append(Row(council.code, council.name, cells))
        return Table("window", "What falls due in the window", columns, lines)

    def _list(self, number: int, council: Council, standing: str = "") -> Cell:
        asked = {"council": council.code} | ({"standing": standing} if standing else {})
        href = reverse("batches:programme_assets", args=[self.programme.pk], query=asked)
        return Cell(Shown(number), href=href if number else "")

    def _of_council(self, council: Council) -> Table:
        columns = [Column("due", "Falls due"), Column("batched", "In batches")]
        if council.pk in self.money:
            columns += [
                Column("cost", "Forecast cost"),
                Column("budget", "Budget"),
                Column("planned", "Planned in batches"),
                Column("remaining", "Remaining"),
            ]
        years = years_of(self.programme)
        rows = [Row(year, year, self._years(council, [year])) for year in years]
        return Table(
            council.code, council.name, columns, [*rows, Row("all", "All", self._years(council, years))]
        )

    def _years(self, council: Council, years: list[str]) -> list[Cell]:
        """One financial year, or all of them together. Of one that is over nothing falls due any more."""
        ahead = [year_named(year) for year in years if year_named(year) >= self.forecast.year]
        due = self.forecast.sum(lambda line: line.council == council.pk and line.year in ahead)
        alone = len(years) == 1
        asked = {"council": council.code, "year": years[0] if alone else f"{years[0]} to {years[-1]}"}
        listed = reverse("refresh:assets", query=asked) if alone else ""
        mine = [one for one in self.standings if batch_year(one.batch) in years]
        batched = sum(_of(one, council).confirmed + _of(one, council).candidates for one in mine)
        batches = reverse("batches:batches", query={"programme": self.programme.pk, "state": "kept", **asked})
        cells = [
            Cell(Shown(due.count), href=listed if due.count else "") if ahead else OVER,
            Cell(Shown(batched), href=batches if batched else ""),
        ]
        if council.pk not in self.money:
            return cells
        spent = sum((self._spent(one, council) for one in mine), NOTHING)
        budgets = [self.budgets[council.pk, year] for year in years if (council.pk, year) in self.budgets]
        budget = sum(budgets, NOTHING) if budgets else None
        return [
            *cells,
            _money(due.cost, listed) if ahead else OVER,
            _money(budget),
            _money(spent, batches if spent else ""),
            _money(None if budget is None else budget - spent, batches),
        ]

    def _spent(self, standing: Standing, council: Council) -> Decimal:
        """What a batch plans to spend for the council."""
        lines = [line for line in standing.lines if line.council_id == council.pk]
        return planned(lines, standing.counts, standing.supplies)


def _of(standing: Standing, council: Council) -> Counts:
    return standing.counts.part(lambda tally: tally.council == council.pk)


def _money(amount: Decimal | None, href: str = "") -> Cell:
    return Cell(Shown(amount), "money", href if amount is not None else "")
