"""What monthly reports have in common: of which month, for whom, and which of its numbers they are shown."""

from collections.abc import Callable, Collection, Iterator, Mapping
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
from servicedesk.reports.counts import Counts, Shown
from servicedesk.reports.facts import Fact
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


class Beside(NamedTuple):
    """What a list says beside each row that a figure counted, where the reader is shown the figure `told_by`."""

    heading: str
    told_by: str
    tell: Callable[[Fact], tuple[int | Decimal | None, str]]
    """A number and its unit."""


class Said(NamedTuple):
    """A column of a list: by the key of a row, what is said of it."""

    heading: str
    texts: Mapping[int, str]


class Listed(NamedTuple):
    """What a number counted: nothing of it is to be shown where the number has a mark in its place.

    Of a rate it is the whole, with a sentence and a column that tell which of it the rate counted.
    """

    words: str
    number: int
    mark: str
    rows: QuerySet
    said: list[Said]
    sentence: str = ""


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
    besides: ClassVar[Mapping[str, tuple[Beside, ...]]] = {}
    """By figure, what means are made of: the number of each row."""
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
        figures = self._counted(month or self.month)
        return Counts(figures, councils, self.whole, self.whole & told, self.withheld(figures))

    def withheld(self, figures: Any) -> Mapping[str, Collection[int]]:
        """By figure, the councils of which it is kept back whoever counts them."""
        return {}

    @cached_property
    def whole(self) -> frozenset[int]:
        """The councils of which the reader is shown every number."""
        return councils_of(self.person, Permission.SEE_REPORTS)

    def listed(self, figure: str, part: Mapping[str, str], of: str = "") -> Listed | None:
        """The list behind a number, or behind the rate that a figure is `of` its whole; None where there is none."""
        part = {by: "" if value == NOTHING else value for by, value in part.items()}
        counts, whole = self.counts(), of or figure
        known = figure in self.words and of in ("", counts.figures.whole_of.get(figure)) and len(part) <= 1
        both_parted = not (of and part) or figure in counts.figures.rest_of
        if not (
            known and both_parted and all(counts.is_parted(figure, by, value) for by, value in part.items())
        ):
            return None
        shown = counts.rate(figure, of, **part) if of else counts.count(figure, **part)
        if shown.mark:
            return Listed("", 0, shown.mark, counts.figures.rows(whole, []), [])
        councils = [council.pk for council in self.in_scope]
        words = ", ".join([self.words[whole], *(self.part_in_words(*each) for each in part.items())])
        number = counts.behind(whole, **part)
        said = list(self._said(whole, councils, part))
        sentence = ""
        if of:
            counted = set(counts.figures.keys(figure, councils, part))
            every = counts.figures.keys(whole, councils, part)
            said.insert(
                0, Said(self.words[figure], {key: "Yes" if key in counted else "No" for key in every})
            )
            sentence = f"{self.words[figure]}: {counts.behind(figure, **part)} of {number}."
        return Listed(words, number, "", counts.figures.rows(whole, councils, **part), said, sentence)

    def _said(self, figure: str, councils: list[int], part: Mapping[str, str]) -> Iterator[Said]:
        counts = self.counts()
        for beside in self.besides.get(figure, ()):
            if not counts.mark(beside.told_by):
                facts = counts.figures.counted(figure, councils, part)
                numbers = ((fact.row, *beside.tell(fact)) for fact in facts)
                yield Said(
                    beside.heading, {row: Cell(Shown(number), unit).text for row, number, unit in numbers}
                )

    def cell(self, figure: str, month: Month | None = None, scope: str = "", /, **part: str) -> Cell:
        """A number with the way to its list."""
        shown = self.counts(month, scope).count(figure, **part)
        return Cell(shown, href=self._list(shown, figure, "", month, scope, part))

    def share(
        self, figure: str, of: str, month: Month | None = None, scope: str = "", /, **part: str
    ) -> Cell:
        """The per cent that a figure is of another, with the way to the list of that one, which tells of which it is
        so; or, where it is no part of it, to its own list."""
        counts = self.counts(month, scope)
        shown = counts.rate(figure, of, **part)
        whole = of if counts.figures.whole_of.get(figure) == of else ""
        return Cell(shown, "percent", self._list(shown, figure, whole, month, scope, part))

    def worked_out(
        self,
        how: Callable[[Any], int | Decimal | None],
        unit: str,
        figure: str,
        month: Month | None = None,
        scope: str = "",
        /,
        *told_by: str,
        of: str = "",
        **part: str,
    ) -> Cell:
        """What comes of all that a figure counted, such as a mean, with the way to the list of it. Unless others are
        named it is told by that figure alone."""
        shown = self.counts(month, scope).worked_out(how, *(told_by or [figure]), **part)
        return Cell(shown, unit, self._list(shown, figure, of, month, scope, part))

    def _list(
        self, shown: Shown, figure: str, of: str, month: Month | None, scope: str, part: Mapping[str, str]
    ) -> str:
        """The address of the list behind what is shown; none where nothing is shown, or nothing was counted."""
        if shown.number is None or not self.counts(month, scope).behind(of or figure, **part):
            return ""
        given = {
            "figure": figure,
            **({"of": of} if of else {}),
            "month": f"{(month or self.month).first:%Y-%m}",
            "council": scope or self.scope,
            **{by: value or NOTHING for by, value in part.items()},
        }
        return f"{reverse('reports:list', args=[self.code])}?{urlencode(given)}"

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
        now, before, year_ago = (self.share(figure, of, month) for month in self.compared)
        parts = self.cell(figure), self.cell(of)
        return Row(code, words, [now, *parts, before, change(now, before), year_ago])

    def mean(
        self,
        code: str,
        words: str,
        unit: str,
        how: Callable[[Any], Decimal | None],
        figure: str,
        *told_by: str,
    ) -> Row:
        """What comes of all that a figure counted, such as a mean."""
        now, before, year_ago = (
            self.worked_out(how, unit, figure, month, "", *told_by) for month in self.compared
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
