"""Why a deadline is what it is: the working slots that a target uses up, as data and in words.

`explain` takes one deadline apart. `explain_cases` does so for a document of calendars and cases that
somebody else wrote, and refuses what it cannot read with a `DeadlineError` that names the case and the
field.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from reprlib import repr as shown
from typing import Any

from servicedesk import wording
from servicedesk.service_levels.calendar_shape import calendar_from_shape
from servicedesk.service_levels.working_time import (
    LOOK_AHEAD,
    MIDNIGHT,
    ONE_SECOND,
    DeadlineError,
    Pause,
    Slot,
    WorkingCalendar,
    counted_slots,
    due,
    paused_seconds,
)

MOST_CALENDARS = 20
MOST_CASES = 1_000
MOST_PAUSES = 100
MOST_DAYS_AND_SLOTS = 200_000
LONGEST_TARGET = LOOK_AHEAD // ONE_SECOND
YEARS = range(2000, 2101)
EXAMPLE = "2026-11-23T09:12+00:00"


@dataclass(frozen=True)
class Explanation:
    """One deadline taken apart; its times are local to its calendar.

    `due` is None while a pause that has not ended keeps it open; `end` is due, or else how far is looked.
    `slots` are those used, pauses cut out. `pauses` are those that begin before the target is used up,
    `paused_seconds` the working time in them. `closed` are the days until then that lack the hours of their
    weekday, as midnights, with the reason. `turns` are the moments from which something else held: other hours,
    another target.
    """

    start: datetime
    end: datetime
    due: datetime | None
    paused_seconds: int
    slots: list[Slot]
    pauses: list[Pause]
    closed: list[tuple[datetime, str]]
    turns: list[tuple[datetime, str]] = field(default_factory=list)

    def shape(self) -> dict[str, Any]:
        """{"due", "paused_seconds", "slots": [[from, to], ...]} with times in ISO 8601, ready for JSON."""
        return {
            "due": self.due and self.due.isoformat(),
            "paused_seconds": self.paused_seconds,
            "slots": [[opens.isoformat(), closes.isoformat()] for opens, closes in self.slots],
        }

    def words(self) -> list[str]:
        """A line for each slot, pause, closed day and turn, in the order in which they come."""
        lines = [(opens, _slot_in_words(opens, closes)) for opens, closes in self.slots]
        lines += [(begin, _pause_in_words(begin, end)) for begin, end in self.pauses]
        lines += [(day, f"{day:%A} {day.day} {day:%B}: {why}") for day, why in self.closed]
        lines += [(at, f"{wording.deadline(at)}: {what}") for at, what in self.turns]
        return [line for _, line in sorted(lines, key=lambda line: line[0].timestamp())]


def explain(
    calendar: WorkingCalendar,
    start: datetime,
    target_seconds: int,
    pauses: Iterable[Pause] = (),
    now: datetime | None = None,
) -> Explanation:
    """Take one deadline apart. A pause that has not ended is counted up to `now`, where that is given."""
    pauses = sorted(pauses, key=itemgetter(0))
    due_at = due(calendar, start, target_seconds, pauses)
    end = due_at or now or pauses[-1][0]

    def local(instant: datetime) -> datetime:
        return instant.astimezone(calendar.zone)

    return Explanation(
        start=local(start),
        end=local(end),
        due=due_at and local(due_at),
        paused_seconds=paused_seconds(calendar, start, end, pauses),
        slots=[
            (local(opens), local(closes)) for opens, closes in counted_slots(calendar, start, end, pauses)
        ],
        pauses=[
            (local(begin), until and local(until)) for begin, until in pauses if not due_at or begin < due_at
        ],
        closed=list(closed_days(calendar, local(start), local(end))),
        turns=list(new_hours(calendar, local(start), local(end))),
    )


def closed_days(calendar: WorkingCalendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The days that lack the hours of their weekday, as midnights, with the reason."""
    for ordinal in range(start.toordinal(), end.toordinal() + 1):
        day = date.fromordinal(ordinal)
        if calendar.week_of(day).usual_on(day) and not calendar.windows_on(day):
            why = "closed" if day in calendar.exceptions else "bank holiday"
            yield datetime.combine(day, MIDNIGHT, calendar.zone), why


def new_hours(calendar: WorkingCalendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    """The midnights after which other weekly hours held."""
    for begins, _ in calendar.eras:
        if start.date() < begins <= end.date():
            yield datetime.combine(begins, MIDNIGHT, calendar.zone), "other hours from here on"


def _slot_in_words(opens: datetime, closes: datetime) -> str:
    length = wording.duration((closes - opens) // ONE_SECOND)
    return f"{wording.deadline(opens)} to {wording.clock(closes)}: {length}"


def _pause_in_words(begin: datetime, end: datetime | None) -> str:
    if end is None:
        return f"Paused since {wording.deadline(begin)}: not counted"
    until = wording.clock(end) if end.date() == begin.date() else wording.deadline(end)
    return f"Paused {wording.deadline(begin)} to {until}: not counted"


def explain_cases(document: object) -> list[dict[str, Any]]:
    """[{"id", "due", "paused_seconds", "slots"}, ...] for a document as `read_cases` takes."""
    return [{"id": name, **explanation.shape()} for name, explanation in read_cases(document)]


def read_cases(document: object) -> list[tuple[str | int, Explanation]]:
    """The id and explanation of each case of {"calendars": {name: shape}, "cases": [...]}.

    A case has `id`, `calendar`, `start`, `target_seconds` and, where it has any, `pauses` [[from, to],
    ...], `to` being null where one has not ended; times are ISO 8601 with offset. Other fields are left
    alone. Raises DeadlineError at the first thing that cannot be read, and where the document asks for too
    much.
    """
    if not isinstance(document, dict):
        raise DeadlineError(f"Give one object with calendars and cases, not {shown(document)}.")
    shapes, cases = document.get("calendars"), document.get("cases")
    if not isinstance(shapes, dict) or len(shapes) > MOST_CALENDARS:
        raise DeadlineError(f"calendars must be an object of at most {MOST_CALENDARS} calendars by name.")
    if not isinstance(cases, list) or len(cases) > MOST_CASES:
        raise DeadlineError(f"cases must be a list of at most {MOST_CASES:,} cases.")
    timezone = document.get("timezone", "Europe/London")
    calendars = {name: calendar_from_shape(shapes, name, timezone) for name in shapes}
    explained, size = [], 0
    for number, case in enumerate(cases, 1):
        name, explanation = _explained(number, case, calendars)
        explained.append((name, explanation))
        size += (explanation.end - explanation.start).days + len(explanation.slots)
        if size > MOST_DAYS_AND_SLOTS:
            raise DeadlineError(f"Case {number} makes this too long to work out. Send fewer cases at once.")
    return explained


def _explained(
    number: int, case: object, calendars: Mapping[str, WorkingCalendar]
) -> tuple[str | int, Explanation]:
    if not isinstance(case, dict):
        raise DeadlineError(f"Case {number} must be an object, not {shown(case)}.")
    name = case.get("id")
    if not isinstance(name, str | int):
        raise DeadlineError(f"Case {number}: id must be a text, not {shown(name)}.")
    try:
        return name, explain(*_arguments(case, calendars))
    except DeadlineError as problem:
        raise DeadlineError(f"Case {shown(name)}: {problem}") from problem


def _arguments(
    case: Mapping[str, Any], calendars: Mapping[str, WorkingCalendar]
) -> tuple[WorkingCalendar, datetime, int, list[Pause]]:
    name, target, pauses = case.get("calendar"), case.get("target_seconds"), case.get("pauses") or []
    if not isinstance(name, str) or name not in calendars:
        raise DeadlineError(f"calendar is {shown(name)}, which is not one of the calendars.")
    if type(target) is not int or not 0 <= target <= LONGEST_TARGET:
        raise DeadlineError(
            f"target_seconds must be a whole number from 0 to {LONGEST_TARGET}, not {shown(target)}."
        )
    if not isinstance(pauses, list) or len(pauses) > MOST_PAUSES:
        raise DeadlineError(f"pauses must be a list of at most {MOST_PAUSES} pauses.")
    start = _instant("start", case.get("start"))
    return calendars[name], start, target, [_pause(pause, start) for pause in pauses]


def _pause(value: object, start: datetime) -> Pause:
    if not isinstance(value, list) or len(value) != 2:
        raise DeadlineError(f"pauses must each be a pair, from and to, not {shown(value)}.")
    begin, end = _instant("pauses", value[0]), value[1] and _instant("pauses", value[1])
    if end and end < begin:
        raise DeadlineError(f"pauses has one that ends at {value[1]}, before it begins at {value[0]}.")
    if (end or begin) > start + LOOK_AHEAD:
        raise DeadlineError("pauses has one later than five years after start.")
    return begin, end


def _instant(field: str, value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as problem:
        raise DeadlineError(f"{field} has {shown(value)}, not a time such as {EXAMPLE}.") from problem
    if instant.utcoffset() is None:
        raise DeadlineError(f"{field} has {shown(value)} without its offset. Write it such as {EXAMPLE}.")
    if instant.year not in YEARS:
        raise DeadlineError(f"{field} has {shown(value)}, outside the years {YEARS[0]} to {YEARS[-1]}.")
    return instant
