"""What monthly reports have in common: of which month, for whom, and which of its numbers they are shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from servicedesk.people.access import councils_of
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.reports.counts import Counts
from servicedesk.reports.months import Month, month_before, year_before
from servicedesk.reports.tables import NONE, Cell, Column, Row, Table, change
from servicedesk.wording import moment

JOINT = "joint"
JOINT_WORDS = "All councils together"
NOTHING = "none"
"""In an address: what has no such part."""
KEPT_BACK = (
    "Another council’s numbers below 5 are not shown (<5), nor any that would give them away (kept back)."
)


class Listed(NamedTuple):
    """What a number counted: nothing of it is to be shown where the number has a mark in its place."""

    words: str
    number: int
    mark: str
    rows: QuerySet


@dataclass
class Report:
    """What was counted in one month, for one council or for several together, beside months before.

    `scope` is a council's code, or "joint". Raises KeyError where the person counts no such council.
    """

    person: Any
    first: date
    scope: str
    asked_at: datetime | None = None

    code: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    asks: ClassVar[tuple[Permission, ...]] = (Permission.SEE_REPORTS,)
    """The rights without which nobody opens it."""
    words: ClassVar[Mapping[str, str]]
    """What each figure counts, in words."""
    parts: ClassVar[tuple[str, ...]]
    """By what its figures are parted."""
    one: ClassVar[str]
    """What is counted, one of it."""
    list_template: ClassVar[str]
    list_order: ClassVar[tuple[str, str]]

    def __post_init__(self) -> None:
        self.now = self.asked_at or timezone.now()
        self.councils = self.counted_by(self.person)
        self.scopes = scopes_of(self.councils)
        self.in_scope = self.scopes[self.scope]
        self.month, self.before, self.year_ago = (
            Month.of(first, self.now)
            for first in (self.first, month_before(self.first), year_before(self.first))
        )

    @classmethod
    def counted_by(cls, person) -> list[Council]:
        """The councils of which the person counts anything, by code."""
        raise NotImplementedError

    def figures(self, month: Month) -> Any:
        """What the person may count in a month."""
        raise NotImplementedError

    @property
    def tables(self) -> list[Table]:
        """All that the report says."""
        raise NotImplementedError

    def part_in_words(self, by: str, value: str) -> str:
        """Which part of a number it is."""
        raise NotImplementedError

    @property
    def heading(self) -> str:
        return JOINT_WORDS if self.scope == JOINT else self.in_scope[0].name

    @property
    def keeps_back(self) -> bool:
        """Whether some of what is counted here is another council's."""
        return not {council.pk for council in self.in_scope} <= self.whole

    @property
    def may_be_taken_out(self) -> bool:
        """Whether the reader may take out the rows of every council in it."""
        exported = councils_of(self.person, Permission.EXPORT)
        return {council.pk for council in self.in_scope} <= exported

    @property
    def notes(self) -> list[str]:
        """What a reader must know of the numbers, in sentences."""
        notes = []
        if self.month.as_at < self.month.ends:
            notes.append(f"The month has not ended: these are the figures of {moment(self.month.as_at)}.")
        if self.keeps_back:
            notes.append(KEPT_BACK)
        return notes

    def counts(self, month: Month | None = None, scope: str = "") -> Counts:
        """What was counted in the month of the report, or in another."""
        told = councils_of(self.person, Permission.SEE_COUNCIL_TICKETS)
        councils = self.scopes[scope or self.scope]
        return Counts(self._counted(month or self.month), councils, self.whole, self.whole & told)

    @cached_property
    def whole(self) -> frozenset[int]:
        """The councils of which the reader is shown every number."""
        return councils_of(self.person, Permission.SEE_REPORTS)

    def listed(self, figure: str, part: Mapping[str, str]) -> Listed | None:
        """The list behind a number; None where the report has no such number."""
        part = {by: "" if value == NOTHING else value for by, value in part.items()}
        if figure not in self.words or len(part) > 1:
            return None
        counts = self.counts()
        if not all(counts.is_parted(figure, by, value) for by, value in part.items()):
            return None
        shown = counts.count(figure, **part)
        rows = counts.figures.rows(figure, [council.pk for council in self.in_scope], **part)
        said = ", ".join([self.words[figure], *(self.part_in_words(*each) for each in part.items())])
        return Listed(said, int(shown.number or 0), shown.mark, rows)

    def cell(self, figure: str, month: Month | None = None, scope: str = "", /, **part: str) -> Cell:
        """A number with the way to its list."""
        shown = self.counts(month, scope).count(figure, **part)
        if not shown.number:
            return Cell(shown)
        given = {
            "figure": figure,
            "month": f"{(month or self.month).first:%Y-%m}",
            "council": scope or self.scope,
            **{by: value or NOTHING for by, value in part.items()},
        }
        return Cell(shown, href=f"{reverse('reports:list', args=[self.code])}?{urlencode(given)}")

    def named(self, scope: str) -> str:
        """What a row about a council, or about all, is called."""
        return JOINT_WORDS if scope == JOINT else self.scopes[scope][0].name

    def compared_columns(self, counted: str) -> list[Column]:
        """The headings of what `total`, `rate` and `mean` say: now, the month before and a year ago."""
        return [
            Column("now", f"{self.first:%B}"),
            Column("part", counted),
            Column("of", "Out of"),
            Column("before", f"{self.before.first:%B}"),
            Column("change", "Change"),
            Column("year_ago", f"{self.year_ago.first:%B %Y}"),
        ]

    def total(self, figure: str, words: str) -> Row:
        """How many there were."""
        now, before, year_ago = (self.cell(figure, month) for month in self.compared)
        return Row(figure, words, [now, NONE, NONE, before, change(now, before), year_ago])

    def rate(self, code: str, words: str, figure: str, of: str) -> Row:
        """The per cent that one figure was of another, and both."""
        now, before, year_ago = (
            Cell(self.counts(month).rate(figure, of), "percent") for month in self.compared
        )
        parts = self.cell(figure), self.cell(of)
        return Row(code, words, [now, *parts, before, change(now, before), year_ago])

    def mean(
        self, code: str, words: str, unit: str, how: Callable[[Any], Decimal | None], told_by: str
    ) -> Row:
        """What comes of all of them, such as a mean."""
        now, before, year_ago = (
            Cell(self.counts(month).worked_out(how, told_by), unit) for month in self.compared
        )
        return Row(code, words, [now, NONE, NONE, before, change(now, before), year_ago])

    @property
    def compared(self) -> tuple[Month, Month, Month]:
        return self.month, self.before, self.year_ago

    def _counted(self, month: Month) -> Any:
        if month.first not in self._figures:
            self._figures[month.first] = self.figures(month)
        return self._figures[month.first]

    @cached_property
    def _figures(self) -> dict[date, Any]:
        return {}


def scopes_of(councils: list[Council]) -> dict[str, list[Council]]:
    """What a report can be about: each council, and all of them together where there are several."""
    each = {council.code: [council] for council in councils}
    return {**each, JOINT: councils} if len(councils) > 1 else each
