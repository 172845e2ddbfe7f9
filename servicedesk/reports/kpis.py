"""What the figures of the desk are, as arithmetic on plain numbers.

A Tally counts tickets of some kind; tallies of disjoint tickets add up to the tally of all of them, so the councils'
figures and the joint ones come from the same numbers. A rate of nothing is None.
"""

from bisect import bisect_right
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Self

from servicedesk.service_levels.working_time import WorkingCalendar, slots
from servicedesk.tickets.grace import WORKING_DAY

AGES = {"0-5": 0, "6-10": 6, "11-20": 11, "21-30": 21, "31+": 31}
"""Ages in completed working days, each from its first day on."""
SATISFIED = 4
"""The least score, of five, that says content."""
FURTHEST_BACK = timedelta(days=366)
TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


@dataclass(frozen=True)
class Tally:
    """How many tickets there are of each sort. `seconds` are the working seconds that each took, those of `measured`.

    Written down in the period: `raised`. Resolved in it: `resolved`, of which a promise was `met` or `missed`, some of
    these only because the priority was raised (`reprioritised`); `goals` adds up the per cent that each should reach.
    Of them the first line could have resolved those that are `eligible`, and did so with those at `first_contact`.
    Answered for in it: `answered`, with `scores` added up. Open at its end: `backlog`, of which some are `late`. Given
    back by a supplier in it: `supplier_met` and `supplier_missed`. What was out of order in it: `critical` and `high`,
    with their minutes. Whose first day was in it, of whom something was asked: `starters`, for whom all of it was there
    by then: `ready`. Entered by hand: `calls`, `changes` and `hours`, and of each what was `abandoned`, `successful`
    and `project_hours`.
    """

    raised: int = 0
    resolved: int = 0
    met: int = 0
    missed: int = 0
    reprioritised: int = 0
    goals: int = 0
    eligible: int = 0
    first_contact: int = 0
    reopened: int = 0
    answered: int = 0
    satisfied: int = 0
    scores: int = 0
    backlog: int = 0
    late: int = 0
    supplier_met: int = 0
    supplier_missed: int = 0
    critical: int = 0
    critical_minutes: int = 0
    high: int = 0
    high_minutes: int = 0
    starters: int = 0
    ready: int = 0
    calls: int = 0
    abandoned: int = 0
    changes: int = 0
    successful: int = 0
    hours: int = 0
    project_hours: int = 0
    seconds: tuple[int, ...] = ()

    def __add__(self, other: Self) -> "Tally":
        return Tally(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def measured(self) -> int:
        """Those that carried a promise."""
        return self.met + self.missed

    @property
    def referred(self) -> int:
        return self.supplier_met + self.supplier_missed


def percent(part: int, whole: int) -> Decimal | None:
    """To one decimal, rounded half up."""
    return _rounded(Decimal(100 * part) / whole, TENTH) if whole else None


def mean_goal(tally: Tally) -> Decimal | None:
    """The per cent that would be in time if each promise kept its own goal."""
    return _rounded(Decimal(tally.goals) / tally.measured, TENTH) if tally.measured else None


def mean_score(tally: Tally) -> Decimal | None:
    return _rounded(Decimal(tally.scores) / tally.answered, TENTH) if tally.answered else None


def mean_hours(tally: Tally) -> Decimal | None:
    return hours(Decimal(sum(tally.seconds)) / len(tally.seconds)) if tally.seconds else None


def median_hours(tally: Tally) -> Decimal | None:
    return hours(Decimal(median(tally.seconds))) if tally.seconds else None


def age_of(working_seconds: int) -> str:
    """The age, in completed working days, of what has waited so long."""
    days = working_seconds // WORKING_DAY
    return list(AGES)[bisect_right(list(AGES.values()), days) - 1]


def begun_before(calendar: WorkingCalendar, end: datetime, days: int) -> datetime | None:
    """The latest instant from which at least so many working days are completed at `end`: what began later is younger.

    None where the calendar has not so many in a year.
    """
    wanted = timedelta(seconds=days * WORKING_DAY)
    for opens, closes in reversed(list(slots(calendar, end - FURTHEST_BACK, end))):
        if closes - opens >= wanted:
            return closes - wanted
        wanted -= closes - opens
    return None


def hours(seconds: Decimal) -> Decimal:
    return _rounded(seconds / 3600, HUNDREDTH)


def _rounded(value: Decimal, unit: Decimal) -> Decimal:
    return value.quantize(unit, ROUND_HALF_UP)
