"""The monthly service report: its tables, one and the same for the page, the spreadsheet and programs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.reports.counts import PARTED, VALUES, Counts, Shown
from servicedesk.reports.figures import Figures, Month, councils_counted, month_before
from servicedesk.reports.keeping_back import KEPT
from servicedesk.reports.kpis import mean_goal, mean_hours, mean_score, median_hours
from servicedesk.tickets.models import Priority, Uplift
from servicedesk.wording import moment

JOINT = "joint"
COUNTED_HERE = (
    "Counts the requests that you may see. Private ones are in nobody’s figures; cancelled ones, duplicates and those "
    "merged into others are left out."
)
KEPT_BACK = (
    "Another council’s numbers below 5 are not shown (<5), nor any that would give them away (kept back)."
)
UNITS = {"percent": "%", "points": " points", "hours": " h"}


@dataclass(frozen=True)
class Cell:
    """A number of a table, or what stands in its place. `href` leads to the list of what was counted."""

    shown: Shown
    unit: str = ""
    href: str = ""
    signed: bool = False

    @property
    def text(self) -> str:
        """As people read it."""
        number = self.shown.number
        if number is None:
            return self.shown.mark or "–"
        sign = "+" if self.signed and number > 0 else "−" if number < 0 else ""
        return f"{sign}{abs(number):,}{UNITS.get(self.unit, '')}"

    @property
    def value(self) -> int | Decimal | str | None:
        """As a spreadsheet takes it."""
        return self.shown.mark or self.shown.number


class Row(NamedTuple):
    code: str
    heading: str
    cells: list[Cell]


class Column(NamedTuple):
    code: str
    heading: str


class Table(NamedTuple):
    """`charted` are the columns, by code, that a chart is drawn from."""

    code: str
    heading: str
    columns: list[Column]
    rows: list[Row]
    charted: tuple[str, ...] = ()


IN_TIME = [Column("met", "In time"), Column("missed", "Late"), Column("in_time", "In time, per cent")]


@dataclass
class ServiceReport:
    """What was done and kept in one month, for one council or for several together, beside the month before.

    `scope` is a council's code, or "joint". Raises KeyError where the person counts no such council.
    """

    person: object
    first: date
    scope: str
    asked_at: datetime | None = None

    def __post_init__(self) -> None:
        self.now = self.asked_at or timezone.now()
        self.councils = councils_counted(self.person)
        self.scopes = scopes_of(self.councils)
        self.in_scope = self.scopes[self.scope]
        self.month, self.before = (
            Month.of(first, self.now) for first in (self.first, month_before(self.first))
        )

    @property
    def heading(self) -> str:
        return JOINT_WORDS if self.scope == JOINT else self.in_scope[0].name

    @property
    def keeps_back(self) -> bool:
        """Whether some of what is counted here is another council's."""
        return not {council.pk for council in self.in_scope} <= self._whole

    @property
    def may_be_taken_out(self) -> bool:
        """Whether the reader may take out the requests of every council in it."""
        exported = councils_of(self.person, Permission.EXPORT)
        return {council.pk for council in self.in_scope} <= exported

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the numbers, in sentences."""
        notes = [COUNTED_HERE]
        if self.month.as_at < self.month.ends:
            notes.append(f"The month has not ended: these are the figures of {moment(self.month.as_at)}.")
        if self.keeps_back:
            notes.append(KEPT_BACK)
        return notes

    @cached_property
    def tables(self) -> list[Table]:
        by_council = [self._by_council()] if self.scope == JOINT else []
        return [
            self._at_a_glance(),
            *by_council,
            self._by_priority(),
            self._by_age(),
            self._backlog(),
            self._uplifts(),
        ]

    def counts(self, month: Month | None = None, scope: str = "") -> Counts:
        """What was counted in the month of the report, or in the one before."""
        figures = self._figures[month or self.month]
        councils = self.scopes[scope or self.scope]
        told = councils_of(self.person, Permission.SEE_COUNCIL_TICKETS)
        return Counts(figures, councils, self._whole, self._whole & told)

    @cached_property
    def _whole(self) -> frozenset[int]:
        return councils_of(self.person, Permission.SEE_REPORTS)

    @cached_property
    def _figures(self) -> dict[Month, Figures]:
        return {month: Figures(self.person, month, self.councils) for month in (self.month, self.before)}

    def _at_a_glance(self) -> Table:
        columns = [
            Column("now", f"{self.first:%B}"),
            Column("part", "Requests"),
            Column("of", "Out of"),
            Column("before", f"{self.before.first:%B}"),
            Column("change", "Change"),
            Column("goal", "Goal"),
        ]
        return Table("glance", "At a glance", columns, list(self._glances()))

    def _glances(self) -> Iterable[Row]:
        yield self._total("resolved", "Resolved")
        yield self._rate("attainment", "Fixed or delivered in time", "met", "measured", goal=True)
        yield self._total("reprioritised", "Late only because the priority was raised")
        yield self._rate("first_contact", "Resolved at first contact", "first_contact", "resolved")
        yield self._rate("reopened", "Opened again", "reopened", "resolved")
        yield self._rate("satisfaction", "Content: 4 or 5 of 5", "satisfied", "answered")
        yield self._mean("score", "Mean score of 5", "", mean_score, "satisfied")
        yield self._rate("response", "Said how content they were", "answered", "resolved")
        yield self._mean("mean_hours", "Working hours to resolve, mean", "hours", mean_hours, "measured")
        yield self._mean(
            "median_hours", "Working hours to resolve, median", "hours", median_hours, "measured"
        )
        yield self._rate("supplier", "Suppliers in time", "supplier_met", "referred")
        yield self._total("backlog", "Open at the end of the month")
        yield self._total("late", "Open past its target")

    def _total(self, figure: str, words: str) -> Row:
        now, before = self._cell(figure), self._cell(figure, self.before)
        return Row(figure, words, [now, NONE, NONE, before, _change(now, before), NONE])

    def _rate(self, code: str, words: str, figure: str, of: str, goal: bool = False) -> Row:
        now, before = (
            Cell(self.counts(month).rate(figure, of), "percent") for month in (self.month, self.before)
        )
        aim = self._goal() if goal else NONE
        return Row(code, words, [now, self._cell(figure), self._cell(of), before, _change(now, before), aim])

    def _mean(self, code: str, words: str, unit: str, how, told_by: str) -> Row:
        now, before = (
            Cell(self.counts(month).worked_out(how, told_by), unit) for month in (self.month, self.before)
        )
        return Row(code, words, [now, NONE, NONE, before, _change(now, before), NONE])

    def _by_council(self) -> Table:
        columns = [
            Column("resolved", "Resolved"),
            *IN_TIME,
            Column("goal", "Goal"),
            Column("backlog", "Open at the end"),
            Column("late", "Open past its target"),
            Column("first_contact", "At first contact"),
            Column("satisfaction", "Content"),
            Column("mean_hours", "Hours, mean"),
            Column("median_hours", "Hours, median"),
        ]
        rows = [Row(scope, self._named(scope), self._of_council(scope)) for scope in self.scopes]
        return Table("councils", "By council", columns, rows, ("in_time",))

    def _of_council(self, scope: str) -> list[Cell]:
        counts = self.counts(scope=scope)
        return [
            *(self._cell(figure, None, scope) for figure in ("resolved", "met", "missed")),
            Cell(counts.in_time(), "percent"),
            self._goal(scope=scope),
            *(self._cell(figure, None, scope) for figure in ("backlog", "late")),
            Cell(counts.rate("first_contact", "resolved"), "percent"),
            Cell(counts.rate("satisfied", "answered"), "percent"),
            Cell(counts.worked_out(mean_hours, "measured"), "hours"),
            Cell(counts.worked_out(median_hours, "measured"), "hours"),
        ]

    def _by_priority(self) -> Table:
        columns = [
            *IN_TIME,
            Column("goal", "Goal"),
            Column("before", f"In time in {self.before.first:%B}, per cent"),
            Column("late", "Open past its target"),
        ]

        def cells(**part: str) -> list[Cell]:
            before = Cell(self.counts(self.before).in_time(**part), "percent")
            return [*self._in_time(**part), self._goal(**part), before, self._cell("late", **part)]

        rows = [Row(value, words, cells(priority=value)) for value, words in Priority.choices]
        return Table(
            "priority", "In time, by priority", columns, [*rows, Row("all", "All", cells())], CHARTED
        )

    def _by_age(self) -> Table:
        rows = [Row(age, days(age), self._in_time(age=age)) for age in VALUES["age"]]
        heading = "In time, by the age of what was resolved"
        return Table("age", heading, IN_TIME, [*rows, Row("all", "All", self._in_time())], CHARTED)

    def _backlog(self) -> Table:
        columns = [Column("now", f"{self.first:%B}"), Column("before", f"{self.before.first:%B}")]

        def cells(**part: str) -> list[Cell]:
            return [self._cell("backlog", **part), self._cell("backlog", self.before, **part)]

        rows = [Row(age, days(age), cells(age=age)) for age in VALUES["age"]]
        heading = "Open at the end of the month, by age"
        return Table("backlog", heading, columns, [*rows, Row("all", "All", cells())], ("now", "before"))

    def _uplifts(self) -> Table:
        words = {**dict(Uplift.choices), "": "Nothing: the priority of the matrix"}
        rows = [Row(value or "none", words[value], self._in_time(uplift=value)) for value in VALUES["uplift"]]
        return Table("uplift", "In time, by what raised the priority", IN_TIME, rows)

    def _in_time(self, **part: str) -> list[Cell]:
        rate = Cell(self.counts().in_time(**part), "percent")
        return [self._cell("met", **part), self._cell("missed", **part), rate]

    def _goal(self, scope: str = "", **part: str) -> Cell:
        return Cell(self.counts(scope=scope).worked_out(mean_goal, "met", "missed", **part), "percent")

    def _cell(self, figure: str, month: Month | None = None, scope: str = "", /, **part: str) -> Cell:
        shown = self.counts(month, scope).count(figure, **part)
        if not shown.number:
            return Cell(shown)
        given = {
            "figure": figure,
            "month": f"{(month or self.month).first:%Y-%m}",
            "council": scope or self.scope,
            **{by: value or NO_UPLIFT for by, value in part.items()},
        }
        return Cell(shown, href=f"{reverse('reports:list')}?{urlencode(given)}")

    def _named(self, scope: str) -> str:
        return JOINT_WORDS if scope == JOINT else self.scopes[scope][0].name


NO_UPLIFT = "none"
JOINT_WORDS = "All councils together"
NONE = Cell(Shown(None))
CHARTED = ("met", "missed")


def scopes_of(councils: list[Council]) -> dict[str, list[Council]]:
    """What a report can be about: each council, and all of them together where there are several."""
    each = {council.code: [council] for council in councils}
    return {**each, JOINT: councils} if len(councils) > 1 else each


def days(age: str) -> str:
    """An age in words."""
    return f"{age.replace('-', ' to ').replace('+', ' or more')} working days"


def is_parted(figure: str, part: dict[str, str]) -> bool:
    """Whether a report has such a number."""
    return all(by in PARTED.get(figure, ()) and value in VALUES[by] for by, value in part.items())


def _change(now: Cell, before: Cell) -> Cell:
    """By how much it has changed, where both are shown."""
    mark = KEPT if now.shown.mark or before.shown.mark else ""
    if mark or now.shown.number is None or before.shown.number is None:
        return Cell(Shown(None, mark))
    unit = "points" if now.unit == "percent" else now.unit
    return Cell(Shown(now.shown.number - before.shown.number), unit, signed=True)
