"""What was counted in a month for one council or several together, and which of it the reader is shown."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from servicedesk.people.models import Council
from servicedesk.reports.facts import Facts
from servicedesk.reports.keeping_back import BELOW, KEPT, LEAST, kept_back
from servicedesk.reports.kpis import percent


@dataclass(frozen=True)
class Shown:
    """A number as the reader is shown it: the number, or else the mark that stands in its place. Both are nothing where
    there is no number."""

    number: int | Decimal | None
    mark: str = ""


@dataclass(frozen=True)
class Counts:
    """The figures of some councils, added up.

    `whole` are the councils of which the reader is shown every number, `uplifts` those of which the reader is told what
    raised a priority; `withheld` are, by figure, those of which it would say what somebody alone said. A number of
    several councils is shown where that of each is: by taking away the others' nobody finds one that is kept back.
    """

    figures: Facts
    councils: list[Council]
    whole: frozenset[int]
    uplifts: frozenset[int]
    withheld: Mapping[str, Collection[int]] = field(default_factory=dict)

    def count(self, figure: str, **part: str) -> Shown:
        """How many, of all or of one part: `count("met", priority="P1")`."""
        return self.worked_out(lambda tally: getattr(tally, figure), figure, **part)

    def rate(self, figure: str, of: str, **part: str) -> Shown:
        """The per cent that one figure is of another: of all, or of one part of both."""
        told_by = figure, self.figures.rest_of[figure] if part else of
        return self.worked_out(
            lambda tally: percent(getattr(tally, figure), getattr(tally, of)), *told_by, **part
        )

    def is_parted(self, figure: str, by: str, value: str) -> bool:
        """Whether there is such a part of a figure."""
        return by in self.figures.parted.get(figure, ()) and value in self.figures.values(by)

    def in_time(self, **part: str) -> Shown:
        """The per cent of promises kept."""
        return self.rate("met", "measured", **part)

    def worked_out(self, how: Callable[[Any], Any], *told_by: str, **part: str) -> Shown:
        """What comes of everything, where the figures that could be read from it are shown themselves."""
        mark = next(filter(None, (self.mark(figure, **part) for figure in told_by)), "")
        return Shown(None, mark) if mark else Shown(how(self._tally(part)))

    def mark(self, figure: str, **part: str) -> str:
        """What stands in the place of a number that is kept back; nothing where it is shown."""
        marks = [self._mark(council, figure, part) for council in self.councils]
        if len(marks) == 1:
            return marks[0]
        return KEPT if any(marks) else ""

    def _mark(self, council: Council, figure: str, part: dict[str, str]) -> str:
        if council.pk in self.withheld.get(figure, ()):
            return KEPT
        if council.pk in (self.uplifts if "uplift" in part else self.whole):
            return ""
        if "uplift" in part:
            return KEPT
        if not part:
            return self._mark_of_all(council, figure)
        if self._mark_of_all(council, figure):
            return KEPT
        ((by, value),) = part.items()  # nothing is parted twice
        numbers = {each: self._number(council, figure, **{by: each}) for each in self.figures.values(by)}
        return kept_back(numbers).get(value, "")

    def _mark_of_all(self, council: Council, figure: str) -> str:
        number, of = self._number(council, figure), self.figures.whole_of.get(figure)
        if of is None:
            return BELOW if number < LEAST else ""
        if self._mark_of_all(council, of):
            return KEPT
        rest = self._number(council, of) - number
        if figure in self.figures.mostly_all and not rest:
            return ""
        return kept_back({"part": number, "rest": rest}).get("part", "")

    def _number(self, council: Council, figure: str, **part: str) -> int:
        return getattr(self.figures.tally(council.pk, **part), figure)

    def behind(self, figure: str, **part: str) -> int:
        """How many rows a figure counted, for who is shown what comes of them."""
        return getattr(self._tally(part), figure)

    def _tally(self, part: dict[str, str]) -> Any:
        return reduce(add, (self.figures.tally(council.pk, **part) for council in self.councils))
