"""A working calendar read from its JSON shape, or refused in a sentence that names the field.

A shape gives its hours as `open` and `close` on `weekdays` (0 is Monday; Monday to Friday where left out), as
`windows` `{weekday: [[from, to], ...]}`, or as `always`. Times are "08:00"; "24:00" is midnight. It may
add `exceptions` `{date: null (closed) | [from, to] | [[from, to], ...]}`, `holidays` ("england-and-wales" for
its bank holidays, or a list of dates), `versions` (a list of shapes of hours and holidays alone, each with the day
that it holds from as `starts_on`) and `extends`, a shape whose fields hold unless it has its own.
"""

import re
from collections.abc import Mapping
from datetime import date, time
from functools import cache
from reprlib import repr as shown
from typing import Any
from zoneinfo import ZoneInfo

from govuk_bank_holidays.bank_holidays import BankHolidays

from servicedesk.service_levels.working_time import (
    MIDNIGHT,
    DeadlineError,
    Week,
    Windows,
    WorkingCalendar,
    check_windows,
)

HOURS = ({"always"}, {"windows"}, {"open", "close", "weekdays"})
ALL_HOURS = frozenset().union(*HOURS)
COMMENTS = {"name", "note", "why"}
FIELDS = ALL_HOURS | COMMENTS | {"extends", "exceptions", "holidays", "timezone", "versions"}
FIELDS_OF_VERSION = ALL_HOURS | COMMENTS | {"holidays", "starts_on"}
MOST_WINDOWS = 24
MOST_VERSIONS = 100
WORKING_WEEK = [0, 1, 2, 3, 4]
WEEKDAYS = ("0", "1", "2", "3", "4", "5", "6")
SPOKEN = re.compile(r"(\d{1,2})[:.](\d\d) *(?:to|-|–) *(\d{1,2})[:.](\d\d)")
CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")


def calendar_from_shape(
    shapes: Mapping[str, object], name: str, timezone: str = "Europe/London"
) -> WorkingCalendar:
    """The calendar called `name` among `shapes`. Raises DeadlineError where it cannot be read."""
    try:
        return _calendar(_complete(name, shapes), timezone)
    except DeadlineError as problem:
        raise DeadlineError(f"Calendar {shown(name)}: {problem}") from problem


@cache
def bank_holidays() -> frozenset[date]:
    """Those of England and Wales that are known, from the copy inside the package: nothing is fetched."""
    known = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return frozenset(holiday["date"] for holiday in known)


def windows_from_text(text: str) -> list[list[str]]:
    """ "08:00 to 12:00, 13:00 to 17:00" as a calendar keeps it; nothing for a closed day. Raises DeadlineError."""
    pairs = []
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        times = SPOKEN.fullmatch(part)
        if times is None:
            raise DeadlineError(f"{shown(part)} is not written such as 08:00 to 17:30.")
        pairs.append([f"{int(hour):02}:{minute}" for hour, minute in (times.group(1, 2), times.group(3, 4))])
    _windows("The hours", pairs)
    return sorted(pairs)


def windows_as_text(windows: list[list[str]]) -> str:
    """The way back: hours as people write them."""
    return ", ".join(f"{opens} to {closes}" for opens, closes in windows)


def _complete(name: object, shapes: Mapping[str, object], path: tuple[object, ...] = ()) -> dict[str, Any]:
    """The shape with what it takes over from those that it extends."""
    if not isinstance(name, str) or name not in shapes:
        raise DeadlineError(f"{shown(name)} is not one of the calendars.")
    if name in path:
        raise DeadlineError(f"extends leads in a circle back to {shown(name)}.")
    shape = _object("it", shapes[name])
    if unknown := sorted(map(str, shape.keys() - FIELDS)):
        raise DeadlineError(f"{shown(unknown[0])} is not a field of a calendar.")
    if shape.get("extends") is None:
        return shape
    base = _complete(shape["extends"], shapes, (*path, name))
    if kinds := _kinds_of_hours(shape):
        base = {field: value for field, value in base.items() if field in kinds[0] or field not in ALL_HOURS}
    exceptions = [_object("exceptions", given.get("exceptions")) for given in (base, shape)]
    return base | shape | {"exceptions": exceptions[0] | exceptions[1]}


def _calendar(shape: Mapping[str, Any], timezone: str) -> WorkingCalendar:
    usual = _usual_week(shape)
    exceptions = _object("exceptions", shape.get("exceptions")).items()
    return WorkingCalendar(
        timezone=_zone(shape.get("timezone", timezone)),
        windows=usual.windows,
        exceptions={
            _date("exceptions", day): _windows(f"exceptions {day}", hours) for day, hours in exceptions
        },
        holidays=usual.holidays,
        always=usual.always,
        eras=_eras(shape.get("versions")),
    )


def _usual_week(shape: Mapping[str, Any]) -> Week:
    if len(_kinds_of_hours(shape)) != 1:
        raise DeadlineError("the hours must be given once: as open and close, as windows, or as always.")
    if shape.get("always") not in (None, False, True):
        raise DeadlineError(f"always must be true or false, not {shown(shape['always'])}.")
    return Week(_week(shape), _holidays(shape.get("holidays")), bool(shape.get("always")))


def _eras(versions: object) -> tuple[tuple[date, Week], ...]:
    if versions is not None and not isinstance(versions, list):
        raise DeadlineError(f"versions must be a list, not {shown(versions)}.")
    if versions and len(versions) > MOST_VERSIONS:
        raise DeadlineError(f"versions has more than {MOST_VERSIONS}.")
    eras = dict(_era(version) for version in versions or ())
    if len(eras) < len(versions or ()):
        raise DeadlineError("versions has two that start on the same day.")
    return tuple(eras.items())


def _era(version: object) -> tuple[date, Week]:
    shape = _object("versions", version)
    if unknown := sorted(map(str, shape.keys() - FIELDS_OF_VERSION)):
        raise DeadlineError(f"{shown(unknown[0])} is not a field of a version.")
    starts_on = _date("starts_on", shape.get("starts_on"))
    try:
        return starts_on, _usual_week(shape)
    except DeadlineError as problem:
        raise DeadlineError(f"the version from {starts_on}: {problem}") from problem


def _kinds_of_hours(shape: Mapping[str, Any]) -> list[set[str]]:
    return [kind for kind in HOURS if any(shape.get(field) for field in kind)]


def _week(shape: Mapping[str, Any]) -> dict[int, Windows]:
    if shape.get("always"):
        return {}
    weekdays = shape.get("weekdays", WORKING_WEEK)
    if not isinstance(weekdays, list):
        raise DeadlineError(f"weekdays must be a list such as [0, 1, 2, 3, 4], not {shown(weekdays)}.")
    same_hours = [shape.get("open"), shape.get("close")]
    week = _object("windows", shape.get("windows")) or {str(weekday): same_hours for weekday in weekdays}
    if strange := [weekday for weekday in week if weekday not in WEEKDAYS]:
        raise DeadlineError(
            f"the hours name weekday {shown(strange[0])}, not one of 0 (Monday) to 6 (Sunday)."
        )
    return {int(weekday): _windows(f"weekday {weekday}", hours) for weekday, hours in week.items()}


def _windows(field: str, value: object) -> Windows:
    """[from, to], a list of those, or nothing for closed."""
    if value is not None and not isinstance(value, list):
        raise DeadlineError(f'{field} must be a list such as ["08:00", "17:30"], not {shown(value)}.')
    if value and len(value) > MOST_WINDOWS:
        raise DeadlineError(f"{field} has more than {MOST_WINDOWS} windows.")
    pairs = value if not value or isinstance(value[0], list) else [value]
    windows = tuple(sorted(_window(field, pair) for pair in pairs or ()))
    try:
        check_windows(windows)
    except DeadlineError as problem:
        raise DeadlineError(f"{field}: {problem}") from problem
    return windows


def _window(field: str, pair: object) -> tuple[time, time]:
    if not isinstance(pair, list) or len(pair) != 2:
        raise DeadlineError(f"{field} must hold two times, from and to, not {shown(pair)}.")
    opens, closes = _clock(field, pair[0]), MIDNIGHT if pair[1] == "24:00" else _clock(field, pair[1])
    if closes <= opens and pair[1] != "24:00":
        raise DeadlineError(
            f"{field} opens at {pair[0]} and must close after that, not at {pair[1]}. Midnight is written 24:00."
        )
    return opens, closes


def _clock(field: str, value: object) -> time:
    try:
        if isinstance(value, str) and CLOCK.fullmatch(value):
            return time.fromisoformat(value)
    except ValueError:
        pass
    raise DeadlineError(f"{field} has {shown(value)}, not a time such as 17:30.")


def _date(field: str, value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as problem:
        raise DeadlineError(f"{field} has {shown(value)}, not a date such as 2026-12-24.") from problem


def _holidays(value: object) -> frozenset[date]:
    if isinstance(value, str) and value.startswith("england-and-wales"):
        return bank_holidays()
    if value is None or isinstance(value, list):
        return frozenset(_date("holidays", day) for day in value or ())
    raise DeadlineError(f"holidays must be england-and-wales or a list of dates, not {shown(value)}.")


def _zone(value: object) -> str:
    try:
        return ZoneInfo(value if isinstance(value, str) else "").key
    except (LookupError, ValueError, OSError) as problem:
        raise DeadlineError(f"timezone is {shown(value)}, not one such as Europe/London.") from problem


def _object(field: str, value: object) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise DeadlineError(f"{field} must be an object, not {shown(value)}.")
    return value or {}
