"""Bank holidays that were announced since the product was made: closed at the calendars that keep bank holidays.

What such a calendar says of the day already stays, unless told otherwise. Open requests follow, as they do when an
administrator closes a day. A day that has passed is left as it was measured.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from assets.register.reference.planning import Action, Line, Value
from assets.register.reference.shapes import Holiday, Options
from servicedesk import wording
from servicedesk.service_levels.calendar_shape import bank_holidays
from servicedesk.service_levels.keeping import close_days
from servicedesk.service_levels.models import Calendar
from servicedesk.tickets.remeasuring import Effect, Touched, carry_out

KIND = "bank holiday"
"""Its lines, and no others, say when they are written which deadlines move."""
CAUSE = "a bank holiday was announced"


def plan_holidays(holidays: list[Holiday], options: Options) -> list[Line]:
    """What becomes of each bank holiday of the files."""
    today, told = timezone.localdate(), {holiday.day: holiday for holiday in holidays}
    lines: list[Line] = []
    new = []
    for day, holiday in told.items():
        if day < today or day in bank_holidays():
            why = "it has passed" if day < today else "it is known already"
            lines.append(_line(Action.LEAVE, holiday, why))
        else:
            new.append(holiday)
    for calendar in Calendar.objects.prefetch_related("versions", "exceptions"):
        lines += _of_calendar(calendar, new, options)
    return [*lines, *_not_told(told, today)]


def _of_calendar(calendar: Calendar, holidays: list[Holiday], options: Options) -> list[Line]:
    """What becomes of these days at one calendar: all that it closes are written as one edition of it."""
    said = {day.date: day for day in calendar.exceptions.all()}
    lines, closing = [], {}
    for holiday in holidays:
        exception, why = said.get(holiday.day), f"calendar {calendar}"
        if not _keeps(calendar, holiday.day):
            continue
        if exception and not exception.windows:
            lines.append(_line(Action.LEAVE, holiday, f"{why} is closed on that day already"))
        elif exception and not options.overwrite:
            lines.append(_line(Action.KEPT, holiday, f"{why}: a person has entered hours for that day"))
        else:
            closing[holiday.day] = _reason(holiday)
            values = (Value(str(holiday.day), "as said of that day" if exception else "open", "closed"),)
            lines.append(_line(Action.CHANGE if exception else Action.CREATE, holiday, why, values))
    first = next((at for at, line in enumerate(lines) if line.values), None)
    if first is not None:
        lines[first] = _writing(lines[first], lambda: _close(calendar, closing))
    return lines


def _line(action: Action, holiday: Holiday, why: str, values: tuple[Value, ...] = ()) -> Line:
    name = f"{holiday.title}, {wording.short_day(holiday.day)}"
    return Line(action, KIND, name, holiday.where, why, values)


def _writing(line: Line, write: Callable[[], Any]) -> Line:
    return Line(line.action, line.kind, line.name, line.where, line.why, line.values, write)


def _reason(holiday: Holiday) -> str:
    return f"{holiday.title} ({holiday.source}, {holiday.checked.isoformat()})"


def _keeps(calendar: Calendar, day: date) -> bool:
    """Whether the hours in force on a day leave out bank holidays."""
    later = [version for version in calendar.versions.all() if version.starts_on <= day]
    week = max(later, key=lambda version: version.starts_on) if later else calendar
    return week.bank_holidays and not week.always


def _close(calendar: Calendar, days: dict[date, str], now: datetime | None = None) -> list[Effect]:
    def write() -> Touched:
        return Touched(calendar=close_days(calendar, by=None, version=calendar.version, days=days))

    return carry_out(write, by=None, cause=CAUSE, now=now or timezone.now())


def _not_told(told: dict[date, Holiday], today: date) -> list[Line]:
    """Days within the years of the file on which we close and that it does not name: said, and left."""
    if not told:
        return []
    missing = sorted(
        day for day in bank_holidays() - told.keys() if max(today, min(told)) <= day <= max(told)
    )
    why = "our calendars close on that day, and the file does not name it"
    return [Line(Action.KEPT, KIND, wording.short_day(day), "", why) for day in missing]
