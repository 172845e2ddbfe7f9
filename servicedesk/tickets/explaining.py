"""Why a clock of a ticket is due when it is: told from its events, so that it agrees with the deadline it explains.

A new priority may bring other hours. What was used before it was measured by the hours of that time, so each stretch
of a clock is explained by its own calendar.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from itertools import pairwise

from servicedesk import wording
from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.explanation import Explanation, closed_days, new_hours
from servicedesk.service_levels.promises import Hours
from servicedesk.service_levels.working_time import Pause, WorkingCalendar, counted_slots, paused_seconds
from servicedesk.tickets.models import Clock, ClockEvent
from servicedesk.tickets.settling import events_of, hours_by_event

Stretch = tuple[WorkingCalendar, datetime, datetime]


def explain_clock(clock: Clock, now: datetime, hours: Hours | None = None) -> Explanation:
    """Take a clock's deadline apart. While a pause keeps it open it is told up to `now`, or to its end."""
    events = events_of([clock])[clock.pk]
    measured = hours_by_event(events, hours or Hours())
    reading = stopwatch.rebuild(events, measured, now)
    end = reading.due_at or reading.stopped_at or now
    begun = [(measured(event), event.at) for event in events if event.target_seconds]
    pauses, stretches = _pauses(events, reading.stopped_at), list(_stretches(begun, end))
    zone = stretches[-1][0].zone
    return Explanation(
        start=reading.started_at.astimezone(zone),
        end=end.astimezone(zone),
        due=reading.due_at and reading.due_at.astimezone(zone),
        paused_seconds=sum(paused_seconds(*stretch, pauses) for stretch in stretches),
        slots=[
            (opens.astimezone(zone), closes.astimezone(zone))
            for stretch in stretches
            for opens, closes in counted_slots(*stretch, pauses)
        ],
        pauses=[
            (begin.astimezone(zone), until and until.astimezone(zone))
            for begin, until in pauses
            if begin < end
        ],
        closed=sorted(
            {
                day
                for hours, begin, until in stretches
                for day in closed_days(hours, begin.astimezone(zone), until.astimezone(zone))
            }
        ),
        turns=[
            *(
                turn
                for hours, begin, until in stretches
                for turn in new_hours(hours, begin.astimezone(zone), until.astimezone(zone))
            ),
            *_turns(events, zone),
        ],
    )


def _turns(events: Sequence[ClockEvent], zone: tzinfo) -> Iterator[tuple[datetime, str]]:
    """From when another promise held, or all was counted anew, and because of what."""
    for event in events:
        at = event.at.astimezone(zone)
        if event.kind == stopwatch.RETARGET and event.target_seconds:
            yield at, f"{event.cause}, so {wording.duration(event.target_seconds)} from the start"
        elif event.kind == stopwatch.REMEASURE:
            yield at, f"counted anew, because {event.cause}"


def _pauses(events: Sequence[ClockEvent], stopped_at: datetime | None) -> list[Pause]:
    """The stretches that do not count: pauses, and between a stop and its reopening. A clock that has stopped for good
    is not paused by that."""
    pauses: list[Pause] = []
    for event in events:
        if event.kind in (stopwatch.PAUSE, stopwatch.STOP) and not (pauses and pauses[-1][1] is None):
            pauses.append((event.at, None))
        elif event.kind == stopwatch.RESUME and pauses and pauses[-1][1] is None:
            pauses[-1] = (pauses[-1][0], event.at)
    if stopped_at and pauses and pauses[-1][1] is None:
        begun = pauses.pop()[0]
        pauses += [(begun, stopped_at)] if begun < stopped_at else []
    return pauses


def _stretches(begun: Sequence[tuple[WorkingCalendar, datetime]], end: datetime) -> Iterator[Stretch]:
    """From when until when which hours held, up to the end; there is always a first."""
    moments = [*(at for _, at in begun), max(end, begun[-1][1])]
    for number, (begin, until) in enumerate(pairwise(moments)):
        if begin < end or number == 0:
            yield begun[number][0], begin, min(until, max(begin, end))
