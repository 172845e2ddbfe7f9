"""Tables of a scenario beside today, and of a baseline beside what is planned since."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from assets.refresh.figures import Line
from assets.refresh.forecast import Driver, financial_year
from assets.refresh.models import Baseline, BaselineLine
from assets.refresh.what_if import Planned, WhatIf
from assets.refresh.words import DRIVERS
from servicedesk.reports.counts import Shown
from servicedesk.reports.service_report import Cell, Column, Row, Table

ALL = "all"
NOTHING_KNOWN = "Nothing known"


def beside_today(today: WhatIf, what_if: WhatIf) -> Table:
    """Year by year: how many and at what cost as planned today and in the scenario, and by how much that differs."""
    columns = [
        Column("today", "Today: assets"),
        Column("today_cost", "Today: cost"),
        Column("then", "Scenario: assets"),
        Column("then_cost", "Scenario: cost"),
        Column("change", "Difference"),
    ]
    if what_if.levers.cloud:
        columns += [
            Column("cloud", "In the cloud by then"),
            Column("running", "Their running cost that year"),
        ]
    rows = []
    for old, new in zip(today.years, what_if.years, strict=True):
        rows.append(Row(financial_year(old.year), financial_year(old.year), _pair(old, new, what_if)))
    return Table(
        "beside", "The scenario beside today", columns, [*rows, _total(rows)], ("today_cost", "then_cost")
    )


def variance(baseline: Baseline, what_if: WhatIf) -> list[Table]:
    """What has changed since, by financial year and by driver."""
    then, now = list(baseline.lines.all()), what_if.lines
    lines: list[Any] = [*then, *now]
    years = sorted({line.year for line in lines if line.year is not None})
    by_year = [
        Row(financial_year(year), financial_year(year), _changed(then, now, "year", year)) for year in years
    ]
    unknown = Row("unknown", NOTHING_KNOWN, _changed(then, now, "year", None))
    drivers = [Row(driver.value, DRIVERS[driver], _changed(then, now, "driver", driver)) for driver in Driver]
    nothing = Row("none", NOTHING_KNOWN, _changed(then, now, "driver", None))
    columns = [
        Column("then", "Then: assets"),
        Column("then_cost", "Then: cost"),
        Column("now", "Now: assets"),
        Column("now_cost", "Now: cost"),
        Column("change", "Assets more or fewer"),
        Column("change_cost", "Variance"),
    ]
    return [
        Table(code, heading, columns, [*rows, Row(ALL, "All", _changed(then, now))], charted)
        for code, heading, rows, charted in (
            ("years", "By financial year", [*by_year, unknown], ("then_cost", "now_cost")),
            ("drivers", "By what makes them due", [*drivers, nothing], ()),
        )
    ]


def _pair(old: Planned, new: Planned, what_if: WhatIf) -> list[Cell]:
    cells = [_count(old.count), _money(old.cost), _count(new.count), _money(new.cost)]
    cells.append(_money((new.cost or Decimal(0)) - (old.cost or Decimal(0)), signed=True))
    if what_if.levers.cloud:
        cells += [_count(new.to_cloud), _money(new.running)]
    return cells


def _total(rows: list[Row]) -> Row:
    """The columns added up; what is in the cloud by then stands in each year already."""
    cells = []
    for at, cell in enumerate(rows[0].cells):
        numbers = [row.cells[at].shown.number for row in rows if row.cells[at].shown.number is not None]
        total: Any = sum(numbers) if numbers else None
        if at == CLOUD:
            total = rows[-1].cells[at].shown.number
        cells.append(Cell(Shown(total), cell.unit, signed=cell.signed))
    return Row(ALL, "All", cells)


CLOUD = 5


def _changed(
    then: Iterable[BaselineLine], now: Iterable[Line], column: str = "", value: Any = None
) -> list[Cell]:
    """What both hold of one year or driver, or of all, and the difference."""

    def added(lines: Iterable[Any]) -> tuple[int, Decimal | None]:
        found = [line for line in lines if not column or (getattr(line, column) or None) == value]
        costs = [line.cost for line in found if line.cost is not None]
        return sum(line.count for line in found), sum(costs, Decimal(0)) if costs else None

    (count, cost), (count_now, cost_now) = added(then), added(now)
    differs = (cost_now or Decimal(0)) - (cost or Decimal(0))
    return [
        _count(count),
        _money(cost),
        _count(count_now),
        _money(cost_now),
        Cell(Shown(count_now - count), signed=True),
        _money(differs, signed=True),
    ]


def _count(number: int) -> Cell:
    return Cell(Shown(number))


def _money(amount: Decimal | None, signed: bool = False) -> Cell:
    return Cell(Shown(amount), "money", signed=signed)
