"""What is bought in which year where a year's money or days do not suffice: what risks most comes first. No database.

In each year what is due, and what waited, stands in the order of its risk, and each that still fits is bought: a thing
that is too dear for what is left waits, and does not hold up those after it. Every decision is a line that says why.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from assets.refresh.forecast import FIRST_MONTH, overdue_months, year_of

OS_UNSUPPORTED, VENDOR_UNSUPPORTED, OUT_OF_WARRANTY = 40, 25, 5
MOST_OVERDUE, MOST_INCIDENTS = 20, 10


@dataclass(frozen=True)
class Item:
    """One thing that is due, with what its risk follows from. `days` are those of an engineer to swap it."""

    key: int
    name: str
    category: str
    model: int | None
    due: date
    driver: str
    os_end: date | None = None
    vendor_end: date | None = None
    warranty_end: date | None = None
    incidents: int = 0
    days: Decimal = Decimal(0)

    @property
    def supported_until(self) -> date | None:
        """The end of whichever support ends first."""
        return min(filter(None, (self.os_end, self.vendor_end)), default=None)


class Risk(NamedTuple):
    """The points of each part of a thing's risk on a day."""

    os_unsupported: int
    vendor_unsupported: int
    overdue: int
    out_of_warranty: int
    incidents: int

    @property
    def score(self) -> int:
        return sum(self)

    @property
    def told(self) -> list[str]:
        """The parts that count, each with its points."""
        return [f"{name.replace('_', ' ')} {points}" for name, points in self._asdict().items() if points]


class Decision(NamedTuple):
    """One line of a year: whether a thing is bought in it, at what cost, and what was left before it came to its turn.
    `cost` is None where nobody knows its price: it then takes nothing of the money."""

    year: int
    item: Item
    risk: Risk
    cost: Decimal | None
    taken: bool
    money_left: Decimal | None
    days_left: Decimal | None

    @property
    def why(self) -> str:
        """In a sentence, beside the numbers."""
        if self.taken:
            return "No price is known: it takes nothing of the money" if self.cost is None else "Fits"
        if self.money_left is not None and self.cost is not None and self.cost > self.money_left:
            return "More than what is left of the money: waits for the next year"
        return "More than what is left of the days: waits for the next year"


def risk_of(item: Item, on: date) -> Risk:
    """As things stand on a day."""

    def ended(end: date | None, points: int) -> int:
        return points if end is not None and end < on else 0

    return Risk(
        ended(item.os_end, OS_UNSUPPORTED),
        ended(item.vendor_end, VENDOR_UNSUPPORTED),
        min(overdue_months(item.due, on) or 0, MOST_OVERDUE),
        ended(item.warranty_end, OUT_OF_WARRANTY),
        min(item.incidents, MOST_INCIDENTS),
    )


def decide(
    items: Iterable[Item],
    years: Sequence[int],
    as_at: date,
    cost: Callable[[Item, int], Decimal | None],
    cap: Decimal | None = None,
    days: Decimal | None = None,
) -> Iterator[Decision]:
    """Year by year, in the order of risk. The risk of a year is that of its first day, or of today."""
    due: defaultdict[int, list[Item]] = defaultdict(list)
    for item in items:
        due[max(year_of(item.due), years[0])].append(item)
    waiting: list[Item] = []
    for year in years:
        on = max(as_at, date(year, FIRST_MONTH, 1))
        ranked = [(risk_of(item, on), item) for item in (*waiting, *due[year])]
        ranked.sort(key=lambda one: (-one[0].score, one[1].due, one[1].name, one[1].key))
        waiting = []
        money_left, days_left = cap, days
        for risk, item in ranked:
            price = cost(item, year)
            taken = _fits(price, money_left) and _fits(item.days, days_left)
            yield Decision(year, item, risk, price, taken, money_left, days_left)
            if not taken:
                waiting.append(item)
                continue
            money_left = None if money_left is None else money_left - (price or 0)
            days_left = None if days_left is None else days_left - item.days


def slipped(decisions: Iterable[Decision]) -> list[tuple[Item, int | None]]:
    """What waits past the end of its support, each with the year that it waits for; None beyond the last."""
    placed: dict[int, tuple[Item, int, int | None]] = {}
    for one in decisions:
        first = placed[one.item.key][1] if one.item.key in placed else one.year
        placed[one.item.key] = one.item, first, one.year if one.taken else None
    return [
        (item, year) for item, first, year in placed.values() if year != first and _unsupported_by(item, year)
    ]


def _unsupported_by(item: Item, year: int | None) -> bool:
    """Whether its support has ended before the year for which it waits begins; it ends before it is never bought."""
    end = item.supported_until
    return end is not None and (year is None or end < date(year, FIRST_MONTH, 1))


def _fits(wanted: Decimal | None, left: Decimal | None) -> bool:
    return left is None or not wanted or wanted <= left
