"""Working time: which instants a calendar counts, and when a target of counted time is used up.

Plain values in, plain values out. Local days are walked in the calendar's zone and both ends of each slot
become UTC, so a day of 23 or 25 hours comes out right without a rule of its own. Every instant must know its
offset; every instant given back is in UTC. Sums are exact but for the functions that say whole seconds.

A pause is a pair of instants, or an instant and None where it has not ended. Pauses may come in any order and
may overlap. What cannot be worked out raises `DeadlineError`, whose text is a sentence for the reader.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from operator import itemgetter
from types import MappingProxyType
from zoneinfo import ZoneInfo

Windows = tuple[tuple[time, time], ...]
Slot = tuple[datetime, datetime]
Pause = tuple[datetime, datetime | None]

MIDNIGHT = time.min
ROUND_THE_CLOCK: Windows = ((MIDNIGHT, MIDNIGHT),)
LOOK_AHEAD = timedelta(days=5 * 366)
FOREVER = datetime.max.replace(tzinfo=UTC)
ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)


class DeadlineError(ValueError):
    """A deadline that cannot be worked out; says why in a sentence."""


@dataclass(frozen=True)
class Week:
    """The hours of a usual week. Frozen, hashable and compared by value.

    `windows` holds the hours of each weekday, 0 for Monday, as pairs of local times in order; a window that
    closes at 00:00 is open to the end of its day. `always` is round the clock, whatever else is given.
    """

    windows: Mapping[int, Windows] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    always: bool = False

    def __post_init__(self) -> None:
        for windows in self.windows.values():
            check_windows(windows)
        object.__setattr__(self, "windows", MappingProxyType(dict(self.windows)))

    def __hash__(self) -> int:
        return hash((frozenset(self.windows.items()), self.holidays, self.always))

    def usual_on(self, day: date) -> Windows:
        """The hours of that weekday, were it no holiday."""
        return ROUND_THE_CLOCK if self.always else self.windows.get(day.weekday(), ())

    def windows_on(self, day: date) -> Windows:
        return () if day in self.holidays and not self.always else self.usual_on(day)


@dataclass(frozen=True)
class WorkingCalendar:
    """The hours that count. Frozen, hashable and compared by value, so that its days are worked out once.

    The usual week is `windows`, `holidays` and `always`, as a Week takes them; from the day of each era on it is the
    era's. An exception replaces the hours of its date (closed, where it has none) and wins over any week and holiday.
    """

    timezone: str = "Europe/London"
    windows: Mapping[int, Windows] = field(default_factory=dict)
    exceptions: Mapping[date, Windows] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    always: bool = False
    eras: tuple[tuple[date, Week], ...] = ()

    def __post_init__(self) -> None:
        for windows in (*self.windows.values(), *self.exceptions.values()):
            check_windows(windows)
        object.__setattr__(self, "windows", MappingProxyType(dict(self.windows)))
        object.__setattr__(self, "exceptions", MappingProxyType(dict(self.exceptions)))
        object.__setattr__(self, "eras", tuple(sorted(self.eras, key=itemgetter(0))))

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.timezone, self._weeks, self._begins, frozenset(self.exceptions.items())))

    @cached_property
    def _weeks(self) -> tuple[Week, ...]:
        return (
            Week(self.windows, self.holidays, self.always),
            *(week for _, week in self.eras),
        )

    @cached_property
    def _begins(self) -> tuple[date, ...]:
        return tuple(begins for begins, _ in self.eras)

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def week_of(self, day: date) -> Week:
        """The usual week that holds on one local day."""
        return self._weeks[bisect_right(self._begins, day)]

    def windows_on(self, day: date) -> Windows:
        """The hours of one local day, in local times."""
        return self.exceptions[day] if day in self.exceptions else self.week_of(day).windows_on(day)


def check_windows(windows: Windows) -> None:
    """Raises DeadlineError unless each window closes after it opens and before the next one opens."""
    closed_at = None
    for opens, closes in windows:
        if closed_at is not None and opens < closed_at:
            raise DeadlineError("Opening hours must not overlap, and stand in order.")
        closed_at = time.max if closes == MIDNIGHT else closes
        if closed_at <= opens:
            raise DeadlineError("Opening hours must close after they open.")


def slots(calendar: WorkingCalendar, start: datetime, until: datetime) -> Iterator[Slot]:
    """The open slots between two instants, earliest first, each within one local day and cut to fit."""
    start, until = _utc(start), _utc(until)
    first, last = (instant.astimezone(calendar.zone).date().toordinal() for instant in (start, until))
    for ordinal in range(first, last + 1):
        for opens, closes in _slots_on(calendar, date.fromordinal(ordinal)):
            if opens >= until:
                return
            if closes > start:
                yield max(opens, start), min(closes, until)


def counted_slots(
    calendar: WorkingCalendar, start: datetime, until: datetime, pauses: Iterable[Pause] = ()
) -> Iterator[Slot]:
    """The slots between two instants with the pauses cut out; none from a pause that has not ended."""
    for begin, end in _stretches(start, pauses):
        if begin >= until:
            return
        yield from slots(calendar, begin, min(end, until))


def due(
    calendar: WorkingCalendar, start: datetime, target_seconds: int, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """The earliest instant at which `target_seconds` of working time since `start` are used up.

    None while that is unknown, because a pause that has not ended comes before it. Raises DeadlineError where
    the calendar is open too seldom to use the target up within five years of the last pause.
    """
    return used_up(calendar, start, timedelta(seconds=target_seconds), pauses)


def used_up(
    calendar: WorkingCalendar, start: datetime, target: timedelta, pauses: Iterable[Pause] = ()
) -> datetime | None:
    """`due` for a target that may hold a part of a second."""
    if target < timedelta(0):
        raise DeadlineError("The target is less than nothing.")
    if not target:
        return _utc(start)
    for begin, end in _stretches(start, pauses):
        horizon = begin + LOOK_AHEAD
        for opens, closes in slots(calendar, begin, min(end, horizon)):
            if closes - opens >= target:
                return opens + target
            target -= closes - opens
        if end > horizon:
            raise DeadlineError("The calendar has too few open hours to use the target up within five years.")
    return None


def next_open(calendar: WorkingCalendar, now: datetime) -> datetime:
    """The first open instant from `now` on, `now` itself within hours. Raises DeadlineError where there is none."""
    opens = next((opens for opens, _ in slots(calendar, now, now + LOOK_AHEAD)), None)
    if opens is None:
        raise DeadlineError("The calendar has no open hours within five years.")
    return opens


def worked(
    calendar: WorkingCalendar, start: datetime, end: datetime, pauses: Iterable[Pause] = ()
) -> timedelta:
    """The working time between two instants, pauses left out; nothing where `end` is not after `start`."""
    counted = counted_slots(calendar, start, end, pauses)
    return sum((closes - opens for opens, closes in counted), timedelta(0))


def paused_seconds(calendar: WorkingCalendar, start: datetime, end: datetime, pauses: Iterable[Pause]) -> int:
    """The whole working seconds between two instants that lie inside a pause."""
    return (worked(calendar, start, end) - worked(calendar, start, end, pauses)) // ONE_SECOND


def _stretches(start: datetime, pauses: Iterable[Pause]) -> Iterator[Slot]:
    """The times since `start` that no pause covers; the last lasts for ever unless a pause has not ended."""
    cursor = _utc(start)
    ends = ((_utc(begin), end and _utc(end)) for begin, end in pauses)
    for begin, end in sorted(ends, key=itemgetter(0)):
        if begin > cursor:
            yield cursor, begin
        if end is None:
            return
        cursor = max(cursor, end)
    yield cursor, FOREVER


@lru_cache(maxsize=2**16)
def _slots_on(calendar: WorkingCalendar, day: date) -> tuple[Slot, ...]:
    found = []
    for opens, closes in calendar.windows_on(day):
        last_day = day + ONE_DAY if closes == MIDNIGHT else day
        slot = _instant(calendar.zone, day, opens), _instant(calendar.zone, last_day, closes)
        if slot[0] < slot[1]:
            found.append(slot)
    return tuple(found)


def _instant(zone: ZoneInfo, day: date, clock: time) -> datetime:
    """When local clocks first show a time, in UTC; for a time that they skip in spring, when they skip it."""
    wall = datetime.combine(day, clock)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    skipped = instant.astimezone(zone).replace(tzinfo=None) - wall
    if not skipped:
        return instant
    earliest, offset = instant - skipped, instant.astimezone(zone).utcoffset()
    seconds = range(skipped // ONE_SECOND)

    def changed(second: int) -> bool:
        return (earliest + second * ONE_SECOND).astimezone(zone).utcoffset() == offset

    return earliest + bisect_left(seconds, True, key=changed) * ONE_SECOND


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise DeadlineError(f"The time {instant.isoformat()} does not say its offset from UTC.")
    return instant.astimezone(UTC)
