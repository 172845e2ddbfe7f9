"""When a thing falls due for replacement, why, in which financial year it is planned, and what that costs. No database.

A reason that lies beyond the calendar is none: people write 31 December 9999 for "never".
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

PENNY, TENTH = Decimal("0.01"), Decimal("0.1")
NEVER = date.max
FIRST_MONTH = 4
"""Financial years begin in April."""
UNKNOWN = "unknown"
INFLATION = Decimal("0.03")
"""A year, where nobody says otherwise."""
YEARS = 5
"""How far a forecast looks, the present financial year among them."""


class Driver(StrEnum):
    """What makes a thing due; of several on one day the first here names it."""

    OS = "os_end_of_support"
    VENDOR = "vendor_end_of_support"
    LIFE = "life_cycle"
    WARRANTY = "warranty_end"


@dataclass(frozen=True)
class Facts:
    """What is known of a thing. `os_upgradeable` is None where nobody knows; the warranty makes it due by policy alone.

    The ends of support are those that count for it: its own date, else that of its model or release.
    """

    in_service_date: date | None = None
    purchase_date: date | None = None
    warranty_end: date | None = None
    warranty_months: int | None = None
    life_months: int | None = None
    vendor_end_of_support: date | None = None
    os_end_of_support: date | None = None
    os_upgradeable: bool | None = None
    warranty_counts: bool = False


class Due(NamedTuple):
    """When it is due and by what, None where nothing is known; all reasons that compete; where its life begins."""

    on: date | None
    driver: Driver | None
    reasons: dict[Driver, date]
    start: date | None
    estimated: bool


def due_of(facts: Facts) -> Due:
    """The earliest of its reasons."""
    start, estimated = start_of(facts)
    found = {
        Driver.OS: facts.os_end_of_support if facts.os_upgradeable is False else None,
        Driver.VENDOR: facts.vendor_end_of_support,
        Driver.LIFE: add_months(start, facts.life_months)
        if start and facts.life_months is not None
        else None,
        Driver.WARRANTY: facts.warranty_end if facts.warranty_counts else None,
    }
    reasons = {driver: day for driver, day in found.items() if day and day < NEVER}
    if not reasons:
        return Due(None, None, {}, start, estimated)
    driver = min(reasons, key=lambda one: reasons[one])  # the first of those on one day
    return Due(reasons[driver], driver, reasons, start, estimated)


def unsupported(facts: Facts, as_at: date) -> bool:
    """Whether its maker, or that of what runs on it, mends it no more. That it could take the next system makes it
    supported only once it has it."""
    ends = facts.vendor_end_of_support, facts.os_end_of_support
    return any(end is not None and end < as_at for end in ends)


def start_of(facts: Facts) -> tuple[date | None, bool]:
    """Where its life begins, and whether that is only worked out from its warranty."""
    known = facts.in_service_date or facts.purchase_date
    if known or facts.warranty_end is None or facts.warranty_months is None:
        return known, False
    return add_months(facts.warranty_end, -facts.warranty_months), True


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the last of a month that is shorter; what leaves the calendar stays at its
    end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if months < 0 else date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def completed_months(since: date, until: date) -> int:
    """How many whole months have gone by."""
    months = (until.year - since.year) * 12 + until.month - since.month
    return months - (add_months(since, months) > until)


def age_in_years(months: int) -> Decimal:
    """50 months are 4.2 years."""
    return (Decimal(months) / 12).quantize(TENTH, ROUND_HALF_UP)


def overdue_months(due: date | None, as_at: date) -> int | None:
    """The whole months since it fell due; None for what is not overdue."""
    return completed_months(due, as_at) if due and due < as_at else None


def year_of(day: date) -> int:
    """The calendar year in which the financial year of a day begins."""
    return day.year - (day.month < FIRST_MONTH)


def financial_year(begins: int) -> str:
    """2026/27"""
    return f"{begins:04}/{(begins + 1) % 100:02}"


def year_named(text: str) -> int:
    """The calendar year in which 2026/27 begins. Raises ValueError."""
    begins = int(text[:4])
    if text != financial_year(begins):
        raise ValueError(f"{text} is not a financial year")
    return begins


def year_begun(text: str) -> int:
    """The calendar year in which a financial year that was written down begins, also where the one after the stroke
    does not follow it: what once was let in takes no page down."""
    return int(text[:4])


def bucket(due: date | None, as_at: date) -> str:
    """The financial year in which it is planned: what is overdue counts in the present one."""
    return financial_year(year_of(max(due, as_at))) if due else UNKNOWN


class Costs(NamedTuple):
    """What replacing one costs, in pounds excluding VAT: the price at the prices of the financial year that begins in
    `price_base`, the rest at those of `base`."""

    price: Decimal
    price_base: int
    deploy: Decimal = Decimal(0)
    disposal: Decimal = Decimal(0)
    residual: Decimal = Decimal(0)
    base: int | None = None


def unit_cost(costs: Costs, year: int, inflation: Decimal) -> Decimal:
    """What one costs in the financial year that begins in `year`: each part grown and rounded, less what the old one
    brings."""
    base = costs.price_base if costs.base is None else costs.base
    parts = (costs.price, costs.price_base), (costs.deploy, base), (costs.disposal, base)
    return sum((grown(part, year - since, inflation) for part, since in parts), -costs.residual)


def grown(amount: Decimal, years: int, inflation: Decimal) -> Decimal:
    """An amount after so many years of inflation, to the penny."""
    return half_up(amount * (1 + inflation) ** years)


def half_up(amount: Decimal, unit: Decimal = PENNY) -> Decimal:
    """Rounded half up at the unit."""
    return amount.quantize(unit, ROUND_HALF_UP)
