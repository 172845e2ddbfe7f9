"""The promises on a ticket as its page tells them, each with why it is due when it is."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from servicedesk import wording
from servicedesk.service_levels.stopwatch import BY_REPRIORITISATION
from servicedesk.tickets.explaining import explain_clock
from servicedesk.tickets.models import Clock, Ticket


class Deadline(NamedTuple):
    """A promise: what it is of, how it stands, by which hours, and the lines that explain it."""

    metric: str
    state: str
    colour: str
    standing: str
    breach: str
    target: str
    calendar: str
    why: list[str]


COLOURS = {
    Clock.State.RUNNING: "blue",
    Clock.State.PAUSED: "yellow",
    Clock.State.MET: "green",
    Clock.State.MISSED: "red",
    Clock.State.CANCELLED: "grey",
}


def deadlines_of(ticket: Ticket, now: datetime) -> Iterator[Deadline]:
    """Each promise on the ticket, the reply before the fix."""
    for clock in ticket.clocks.select_related("calendar").order_by("-metric"):
        yield Deadline(
            metric=clock.get_metric_display(),
            state=clock.get_state_display(),
            colour="red" if clock.breached_at else COLOURS[Clock.State(clock.state)],
            standing=_standing(clock),
            breach=_breach(clock),
            target=wording.duration(clock.target_seconds),
            calendar=clock.calendar.name,
            why=explain_clock(clock, now).words(),
        )


def _standing(clock: Clock) -> str:
    if clock.state == Clock.State.PAUSED and not clock.due_at:
        return f"{wording.duration((clock.target_seconds - clock.elapsed_seconds) // 60 * 60)} left"
    if clock.state == Clock.State.CANCELLED:
        return "Nothing is promised any more"
    due = f"Due {wording.moment(clock.due_at)}" if clock.due_at else ""
    return f"{due}. Ended {wording.moment(clock.stopped_at)}" if clock.stopped_at else due


def _breach(clock: Clock) -> str:
    if not clock.breached_at:
        return ""
    how = ", when the priority was changed" if clock.breach_kind == BY_REPRIORITISATION else ""
    return f"Breached {wording.moment(clock.breached_at)}{how}"
