"""Whole days that count: those on which a council's desk is open."""

from datetime import date, timedelta

from servicedesk.service_levels.promises import calendar_for, hours_of
from servicedesk.service_levels.working_time import WorkingCalendar

MOST_DAYS = 3660
"""No further is counted, however long ago something was: a calendar without hours has no working day at all."""


class WorkingDays:
    """Counts working days by the hours of each council's desk, each read once."""

    def __init__(self) -> None:
        self.hours: dict[int, WorkingCalendar] = {}

    def since(self, council: int, day: date, today: date) -> int:
        """The working days after `day` up to and with `today`: none before it."""
        span = min((today - day).days, MOST_DAYS)
        return sum(self._is_open(council, day + timedelta(days=at)) for at in range(1, span + 1))

    def after(self, council: int, day: date, count: int) -> date:
        """The day that is so many working days after `day`; so many days, where the calendar has no hours."""
        left = count
        for at in range(MOST_DAYS):
            found = day + timedelta(days=at)
            left -= at > 0 and self._is_open(council, found)
            if not left:
                return found
        return day + timedelta(days=count)

    def _is_open(self, council: int, day: date) -> bool:
        if council not in self.hours:
            self.hours[council] = hours_of(calendar_for(council))
        return bool(self.hours[council].windows_on(day))
