"""Tables of a scenario beside today, and of a baseline beside what is planned since."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from assets.refresh.figures import Line
from assets.refresh.forecast import UNKNOWN, Driver, financial_year, year_named
from assets.refresh.models import Baseline, BaselineLine
from assets.refresh.what_if import Planned, WhatIf
from assets.refresh.words import DRIVERS
from servicedesk.reports.counts import Shown
from servicedesk.reports.service_report import Cell, Column, Row, Table

ALL = "all"
NOTHING_KNOWN = "Nothing known"


def frozen_lines(baseline: Baseline, year: str = "", driver: str = "") -> QuerySet[BaselineLine]:
    """The lines of a baseline as they were frozen: all, those of a financial year, or those that one thing made due.
    Raises ValueError for what is no year and no driver."""
    lines = baseline.lines.order_by("year", "category", "driver", "pk")
    if year:
        lines = lines.filter(year=None if year == UNKNOWN else year_named(year))
    if driver:
        lines = lines.filter(driver="" if driver == UNKNOWN else Driver(driver).value)
    return lines


def year_words(year: int | str | None) -> str:
    """A financial year by its beginning or its name, as pages call it."""
    if year in (None, UNKNOWN):
        return NOTHING_KNOWN
    return financial_year(year) if isinstance(year, int) else str(year)


def driver_words(driver: str) -> str:
    """What makes things due, as pages call it."""
    return NOTHING_KNOWN if driver in ("", UNKNOWN) else DRIVERS[Driver(driver)]


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

    def row(code: str, heading: str, told: dict[str, str], planned: dict[str, str], *of: Any) -> Row:
        listed = _then(baseline, **told), _now(what_if, **planned)
        return Row(code, heading, _changed(then, now, listed, *of))

    by_year = []
    for year in sorted({line.year for line in lines if line.year is not None}):
        name = financial_year(year)
        by_year.append(row(name, name, {"year": name}, {"year": name}, "year", year))
    unknown = {"year": UNKNOWN}
    by_year.append(row("unknown", NOTHING_KNOWN, unknown, unknown, "year", None))
    by_driver = [
        row(one.value, DRIVERS[one], {"driver": one.value}, {"driver": one.value}, "driver", one)
        for one in Driver
    ]
    by_driver.append(row("none", NOTHING_KNOWN, {"driver": UNKNOWN}, unknown, "driver", None))
    total = row(ALL, "All", {}, {})
    return [
        Table("years", "By financial year", VARIANCE, [*by_year, total], ("then_cost", "now_cost")),
        Table("drivers", "By what makes them due", VARIANCE, [*by_driver, total], ()),
    ]


VARIANCE = [
    Column("then", "Then: assets"),
    Column("then_cost", "Then: cost"),
    Column("now", "Now: assets"),
    Column("now_cost", "Now: cost"),
    Column("change", "Assets more or fewer"),
    Column("change_cost", "Variance"),
]


def _pair(old: Planned, new: Planned, what_if: WhatIf) -> list[Cell]:
    today = _due(what_if, year=financial_year(old.year))
    cells = [_opens(one, today) for one in (_count(old.count), _money(old.cost))]
    cells += [
        _opens(one, _lines(what_if, new.year, "bought")) for one in (_count(new.count), _money(new.cost))
    ]
    cells.append(_money((new.cost or Decimal(0)) - (old.cost or Decimal(0)), signed=True))
    if what_if.levers.cloud:
        there = _lines(what_if, new.year, "cloud")
        cells += [_opens(one, there) for one in (_count(new.to_cloud), _money(new.running))]
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
    then: Iterable[BaselineLine],
    now: Iterable[Line],
    listed: tuple[str, str],
    column: str = "",
    value: Any = None,
) -> list[Cell]:
    """What both hold of one year or driver, or of all, and the difference. `listed` says where each of the two is."""

    def added(lines: Iterable[Any]) -> tuple[int, Decimal | None]:
        found = [line for line in lines if not column or (getattr(line, column) or None) == value]
        costs = [line.cost for line in found if line.cost is not None]
        return sum(line.count for line in found), sum(costs, Decimal(0)) if costs else None

    (count, cost), (count_now, cost_now) = added(then), added(now)
    differs = (cost_now or Decimal(0)) - (cost or Decimal(0))
    return [
        *(_opens(cell, listed[0]) for cell in (_count(count), _money(cost))),
        *(_opens(cell, listed[1]) for cell in (_count(count_now), _money(cost_now))),
        Cell(Shown(count_now - count), signed=True),
        _money(differs, signed=True),
    ]


def _then(baseline: Baseline, **given: str) -> str:
    """What was frozen."""
    return reverse("refresh:baseline_lines", args=[baseline.pk], query=given)


def _now(what_if: WhatIf, **given: str) -> str:
    """The list of what is planned now, where there is one of just that: of a scenario by year alone."""
    years = {financial_year(year): year for year in what_if.forecast.years}
    year = years.get(given.get("year", ""))
    if what_if.scenario is None:
        return _due(what_if, **given) if year or given.get("year") in (None, UNKNOWN) else ""
    return _lines(what_if, year, "bought") if year and not what_if.levers.cloud else ""


def _due(what_if: WhatIf, **given: str) -> str:
    return reverse("refresh:assets", query={"council": what_if.council.code, **given})


def _lines(what_if: WhatIf, year: int, kind: str) -> str:
    """What a scenario buys, or has moved to the cloud, in a year."""
    key = what_if.scenario.pk if what_if.scenario else 0
    return reverse("refresh:lines", args=[key, year], query={"only": kind})


def _opens(cell: Cell, href: str) -> Cell:
    return replace(cell, href=href) if cell.shown.number else cell


def _count(number: int) -> Cell:
    return Cell(Shown(number))


def _money(amount: Decimal | None, signed: bool = False) -> Cell:
    return Cell(Shown(amount), "money", signed=signed)
