"""Why a clock of a ticket is due when it is: told from its events, so that it agrees with the deadline it explains.

A new priority may bring other hours. What was used before it was measured by the hours of that time, so each stretch
of a clock is explained by its own calendar.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import pairwise

from servicedesk import wording
from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.explanation import Explanation, closed_days, new_hours
from servicedesk.service_levels.promises import Hours
from servicedesk.service_levels.working_time import WorkingCalendar, counted_slots, paused_seconds
from servicedesk.tickets.clocks import pauses_of
from servicedesk.tickets.models import Clock
from servicedesk.tickets.settling import events_of, hours_by_event, read_again

Stretch = tuple[WorkingCalendar, datetime, datetime]


def explain_clock(clock: Clock, now: datetime) -> Explanation:
    """Take a clock's deadline apart. While a pause keeps it open it is told up to `now`, or to its end."""
    reading = read_again(clock, now)
    end = reading.due_at or reading.stopped_at or now
    pauses, stretches = pauses_of(clock), list(_stretches(clock, end))
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
            *_turns(clock, zone),
        ],
    )


def _turns(clock: Clock, zone: tzinfo) -> Iterator[tuple[datetime, str]]:
    """From when another promise held, or all was counted anew, and because of what."""
    for event in clock.events.all():
        at = event.at.astimezone(zone)
        if event.kind == stopwatch.RETARGET:
            yield at, f"{event.cause}, so {wording.duration(event.target_seconds)} from the start"
        elif event.kind == stopwatch.REMEASURE:
            yield at, f"counted anew, because {event.cause}"


def _stretches(clock: Clock, end: datetime) -> Iterator[Stretch]:
    """From when until when which hours held, up to the end; there is always a first."""
    events = events_of([clock])[clock.pk]
    hours = hours_by_event(events, Hours())
    measured = [(hours(event), event.at) for event in events if event.target_seconds]
    moments = [*(at for _, at in measured), max(end, measured[-1][1])]
    for number, (begin, until) in enumerate(pairwise(moments)):
        if begin < end or number == 0:
            yield measured[number][0], begin, min(until, max(begin, end))
