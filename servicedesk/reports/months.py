"""The months of reports."""

from datetime import date, datetime, time
from typing import NamedTuple

from django.utils import timezone


class Month(NamedTuple):
    """A month of the councils' own clocks. It is counted as it was at its end, or now where it has not ended."""

    first: date
    begins: datetime
    ends: datetime
    as_at: datetime

    @classmethod
    def of(cls, first: date, now: datetime) -> "Month":
        begins, ends = midnight(first), midnight(next_month(first))
        return cls(first, begins, ends, min(ends, now))


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def month_before(first: date) -> date:
    """The first day of the month before."""
    return date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)


def year_before(first: date) -> date:
    """The first day of the same month a year ago."""
    return first.replace(year=first.year - 1)


def midnight(day: date) -> datetime:
    """When a day begins by the councils' own clocks."""
    return timezone.make_aware(datetime.combine(day, time.min))
