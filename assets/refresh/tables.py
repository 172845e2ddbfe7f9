"""The tables of the forecast, one and the same for the page, paper and the spreadsheet. Every number opens its list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.urls import reverse

from assets.refresh.figures import EstateForecast, Line
from assets.refresh.filters import LATER, STANDINGS
from assets.refresh.forecast import TENTH, UNKNOWN, Driver, financial_year, half_up
from assets.refresh.words import DRIVERS
from assets.register.models import Category
from servicedesk import wording
from servicedesk.people.models import Council
from servicedesk.reports.counts import Shown
from servicedesk.reports.tables import Cell, Column, Row, Table

Wanted = Callable[[Line], bool]
ALL, TOGETHER = "all", "All councils together"
GLANCED = ("overdue", "unsupported", "not_seen")
STANDS = len(("assets", *GLANCED, "unknown"))


class Span(NamedTuple):
    """When something is planned, as tables and addresses name it, and which lines fall into it."""

    code: str
    heading: str
    holds: Wanted


@dataclass(frozen=True)
class ForecastTables:
    """All tables of one forecast."""

    forecast: EstateForecast
    asked: dict[str, str] = field(default_factory=dict)
    """What the forecast was asked with beside the council, to be asked of every list again."""

    @cached_property
    def spans(self) -> list[Span]:
        """Five financial years, what comes later, and what nothing is known of."""
        years, last = self.forecast.years, self.forecast.years[-1]
        return [
            *(Span(financial_year(year), financial_year(year), _in_year(year)) for year in years),
            Span(LATER, "Later", lambda line: line.year is not None and line.year > last),
            Span(UNKNOWN, "Not known", lambda line: line.year is None),
        ]

    @property
    def dated(self) -> list[Span]:
        return self.spans[:-1]

    @property
    def rich(self) -> list[Council]:
        """The councils whose money the reader is told."""
        return [council for council in self.forecast.councils if council.pk in self.forecast.money]

    @cached_property
    def tables(self) -> list[Table]:
        return [
            self._glance(),
            self._by_year("due", "How many fall due", self.forecast.councils, self.spans, self._count),
            *self._money_by_year(),
            self._by_driver(),
            *(table for council in self.forecast.councils for table in self._of_council(council)),
        ]

    @property
    def at_home(self) -> list[Table]:
        """What a first screen shows: how things stand, and what falls due each year with what that costs."""
        councils = self.forecast.councils
        columns: list[Column] = []
        for council in councils:
            whose = f", {council.name}" if len(councils) > 1 else ""
            columns.append(Column(f"{council.code}-due", f"Assets{whose}"))
            if council in self.rich:
                columns.append(Column(f"{council.code}-cost", f"Cost{whose}"))
        rows = [Row(span.code, span.heading, self._of_span(span)) for span in self.spans]
        return [_narrow(self._glance()), Table("years", "What falls due", columns, rows)]

    @property
    def unsupported(self) -> list[tuple[str, list[tuple[str, int, str]]]]:
        """By council how many have no support any more, and their list; nothing of councils without assets."""
        found = []
        for council in self.forecast.councils:
            if lines := [line for line in self.forecast.lines if line.council == council.pk]:
                number = sum(line.unsupported for line in lines)
                href = self._list(standing="unsupported", council=council.code)
                found.append((council.name, [(STANDINGS["unsupported"], number, href)]))
        return found

    def _of_span(self, span: Span) -> list[Cell]:
        """By council how many, and what they cost whoever may know."""
        cells = []
        for council in self.forecast.councils:
            wanted, given = (
                _both(span.holds, _of_council(council)),
                {"council": council.code, "year": span.code},
            )
            cells.append(self._count(wanted, **given))
            if council in self.rich:
                cells.append(self._cost(wanted, **given))
        return cells

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the numbers, in sentences."""
        forecast, notes = self.forecast, []
        if self.rich:
            inflation = wording.percent(forecast.inflation)
            notes.append(f"Prices exclude VAT and grow by {inflation} a year from the year of each price.")
        if poor := [council.name for council in forecast.councils if council not in self.rich]:
            notes.append(f"What {' and '.join(poor)} pays is not shown to you.")
        notes.append("What is overdue counts in the present financial year.")
        return notes

    @property
    def gaps(self) -> list[tuple[str, str, str]]:
        """What is missing, what would make it known, and the list of it."""
        lines = self.forecast.lines
        undated = sum(line.undated for line in lines if line.year is None)
        lifeless = sum(line.count for line in lines if line.year is None) - undated
        unpriced = sum(line.unpriced for line in lines)
        found = [
            (
                undated,
                "no_start",
                "Enter when it was bought or came into service, or the end and months of its warranty.",
            ),
            (lifeless, "no_life", "Decide how long things of its category or model last."),
            (
                unpriced,
                "unpriced",
                "Enter the price of what replaces its model, or the council’s price for its category.",
            ),
        ]
        return [
            (f"{STANDINGS[code]}: {wording.counted(number, 'asset')}", remedy, self._list(standing=code))
            for number, code, remedy in found
            if number
        ]

    def _glance(self) -> Table:
        columns = [
            Column("assets", "Assets"),
            *(Column(code, STANDINGS[code]) for code in GLANCED),
            Column("unknown", "Due date not known"),
            Column("sourced", "Dated and sourced, per cent"),
            Column("left_out", STANDINGS["left_out"]),
        ]
        rows = [
            Row(code, heading, self._glanced(wanted, given))
            for code, heading, wanted, given in self._scopes()
        ]
        return Table("glance", "At a glance", columns, rows)

    def _scopes(self) -> Iterable[tuple[str, str, Wanted, dict[str, str]]]:
        """Each council, and all of them where there are several: code, name, lines, and what narrows a list to it."""
        for council in self.forecast.councils:
            yield council.code, council.name, _of_council(council), {"council": council.code}
        if len(self.forecast.councils) > 1:
            yield ALL, TOGETHER, lambda line: True, {}

    def _glanced(self, wanted: Wanted, given: dict[str, str]) -> list[Cell]:
        lines = [line for line in self.forecast.lines if wanted(line)]
        number = sum(line.count for line in lines)
        left_out = self.forecast.left_out
        keys = {
            council.pk
            for council in self.forecast.councils
            if given.get("council", council.code) == council.code
        }
        return [
            self._cell(number, **given),
            *(
                self._cell(sum(getattr(line, code) for line in lines), standing=code, **given)
                for code in GLANCED
            ),
            self._cell(sum(line.count for line in lines if line.year is None), year=UNKNOWN, **given),
            self._share(sum(line.sourced for line in lines), number, **given),
            self._cell(sum(left_out.get(key, 0) for key in keys), standing="left_out", **given),
        ]

    def _by_year(
        self, code: str, heading: str, councils: list[Council], spans: list[Span], cell: Callable[..., Cell]
    ) -> Table:
        """A row for each year, a column for each council: charted."""
        columns = [Column(council.code, council.name) for council in councils]

        def cells(holds: Wanted, **given: str) -> list[Cell]:
            each = [
                cell(_both(holds, _of_council(council)), council=council.code, **given)
                for council in councils
            ]
            return [*each, cell(_both(holds, _of_any(councils)), **given)] if len(councils) > 1 else each

        if len(councils) > 1:
            columns = [*columns, Column(ALL, "Together")]
        rows = [Row(span.code, span.heading, cells(span.holds, year=span.code)) for span in spans]
        total = Row(ALL, "All", cells(_of_any(councils)))
        return Table(code, heading, columns, [*rows, total], tuple(council.code for council in councils))

    def _money_by_year(self) -> list[Table]:
        if not self.rich:
            return []
        return [self._by_year("cost", "What replacing them costs", self.rich, self.dated, self._cost)]

    def _by_driver(self) -> Table:
        columns = [Column(span.code, span.heading) for span in self.dated]
        rows = []
        for driver in Driver:
            by_it = _by(driver)
            cells = [
                self._count(_both(span.holds, by_it), year=span.code, driver=driver.value)
                for span in self.dated
            ]
            if any(cell.shown.number for cell in cells):
                rows.append(Row(driver.value, DRIVERS[driver], cells))
        return Table("driver", "Why they fall due", columns, rows)

    def _of_council(self, council: Council) -> Iterable[Table]:
        """By category: how many, and what they cost whoever may know."""
        code, name = council.code, council.name
        yield self._by_category(f"{code}-due", f"{name}: how many", council, self.spans, self._count)
        if council in self.rich:
            yield self._by_category(f"{code}-cost", f"{name}: what it costs", council, self.dated, self._cost)

    def _by_category(
        self, code: str, heading: str, council: Council, spans: list[Span], cell: Callable[..., Cell]
    ) -> Table:
        own = _of_council(council)
        there = {line.category for line in self.forecast.lines if own(line)}
        columns = [*(Column(span.code, span.heading) for span in spans), Column(ALL, "All")]

        def cells(of_it: Wanted, **given: str) -> list[Cell]:
            given = {"council": council.code, **given}
            each = [cell(_both(span.holds, of_it), year=span.code, **given) for span in spans]
            return [*each, cell(of_it, **given)]

        rows = [
            Row(category, label, cells(_both(own, _is(category)), category=category))
            for category, label in Category.choices
            if category in there
        ]
        return Table(code, heading, columns, [*rows, Row(ALL, "All", cells(own))])

    def _count(self, wanted: Wanted, **given: str) -> Cell:
        return self._cell(self.forecast.sum(wanted).count, **given)

    def _cost(self, wanted: Wanted, **given: str) -> Cell:
        """What it costs; a dash where there is nothing, or nothing that has a price."""
        cost = self.forecast.sum(wanted).cost
        return Cell(Shown(cost), "money", href=self._list(**given) if cost is not None else "")

    def _cell(self, number: int, **given: str) -> Cell:
        return Cell(Shown(number), href=self._list(**given) if number else "")

    def _share(self, part: int, whole: int, **given: str) -> Cell:
        """How many in a hundred are due by a reason with a date and a source, with the list of those."""
        share = half_up(Decimal(100 * part) / whole, TENTH) if whole else None
        return Cell(Shown(share), "percent", href=self._list(standing="sourced", **given) if part else "")

    def _list(self, **given: str) -> str:
        return reverse("refresh:assets", query={**self.asked, **given})


def _narrow(table: Table) -> Table:
    """How things stand without how well that is known, for which a first screen has no room."""
    rows = [row._replace(cells=row.cells[:STANDS]) for row in table.rows]
    return table._replace(columns=table.columns[:STANDS], rows=rows)


def _in_year(year: int) -> Wanted:
    return lambda line: line.year == year


def _of_council(council: Council) -> Wanted:
    return lambda line: line.council == council.pk


def _of_any(councils: list[Council]) -> Wanted:
    keys = {council.pk for council in councils}
    return lambda line: line.council in keys


def _by(driver: Driver) -> Wanted:
    return lambda line: line.driver == driver


def _is(category: str) -> Wanted:
    return lambda line: line.category == category


def _both(one: Wanted, other: Wanted) -> Wanted:
    return lambda line: one(line) and other(line)
