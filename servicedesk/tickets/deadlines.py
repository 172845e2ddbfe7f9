"""The promises on a ticket as its page tells them, each with why it is due when it is."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from servicedesk import wording
from servicedesk.service_levels import stopwatch
from servicedesk.service_levels.models import Metric
from servicedesk.service_levels.promises import Hours
from servicedesk.tickets.explaining import explain_clock
from servicedesk.tickets.models import Clock, Ticket
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.settling import FIX

ORDER = (Metric.RESPONSE, *FIX, Metric.SUPPLIER, Metric.NEXT_UPDATE)
ONE_MINUTE = timedelta(minutes=1)


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
    agreement: str = ""
    warning: str = ""


COLOURS = {
    Clock.State.RUNNING: "blue",
    Clock.State.PAUSED: "yellow",
    Clock.State.MET: "green",
    Clock.State.MISSED: "red",
    Clock.State.CANCELLED: "grey",
}


def deadlines_of(ticket: Ticket, person, now: datetime) -> Iterator[Deadline]:
    """Each promise on the ticket as the person is told of it, the reply before the fix; of what is promised again and
    again those that ran last."""
    clocks, hours = clocks_shown(ticket), Hours()
    for clock in clocks:
        yield Deadline(
            metric=name_of(clock),
            state=state_of(clock),
            colour="red" if clock.breached_at else COLOURS[Clock.State(clock.state)],
            standing=_standing(clock),
            breach=_breach(clock),
            target=wording.duration(clock.target_seconds),
            calendar=clock.calendar.name,
            why=explain_clock(clock, now, hours).words(),
            agreement=agreement_of(clock, person),
            warning=supplier_is_later(clock, clocks),
        )


def clocks_shown(ticket: Ticket) -> list[Clock]:
    """The clocks of a ticket in the order in which they are told: each of a supplier, the last update alone."""
    read = ("calendar", "supplier_team", "service_level__agreement", "breach_explained_by")
    clocks = ticket.clocks.select_related(*read).order_by("id")
    updates = [clock for clock in clocks if clock.metric == Metric.NEXT_UPDATE]
    shown = [clock for clock in clocks if clock.metric != Metric.NEXT_UPDATE] + updates[-1:]
    return sorted(shown, key=lambda clock: ORDER.index(Metric(clock.metric)))


def agreement_of(clock: Clock, person) -> str:
    """The agreement between councils that the promise is a target of, for whoever reads the desk's notes; empty for
    others, and where it is of none."""
    agreement = clock.service_level.agreement
    return str(agreement) if agreement and may_read_notes(person, clock.ticket) else ""


def state_of(clock: Clock) -> str:
    """How a promise stands. Of a request that was merged nobody cancelled it: it ended there."""
    ended = clock.state == Clock.State.CANCELLED and clock.ticket.merged_into_id
    return "Ended by the merge" if ended else clock.get_state_display()


def name_of(clock: Clock) -> str:
    """What the promise is of, a supplier's by its name."""
    return (
        f"{clock.get_metric_display()}: {clock.supplier_team}"
        if clock.supplier_team
        else clock.get_metric_display()
    )


def supplier_is_later(clock: Clock, clocks: Iterable[Clock]) -> str:
    """The warning that a supplier's running promise ends after ours, and by how much; empty where it does not."""
    ours = [one.due_at for one in clocks if one.metric in FIX and one.due_at and not one.stopped_at]
    if clock.metric != Metric.SUPPLIER or clock.stopped_at or not clock.due_at or not ours:
        return ""
    minutes = (clock.due_at - min(ours)) // ONE_MINUTE
    if minutes <= 0:
        return ""
    length = wording.counted(minutes, "minute") if minutes < 60 else wording.duration(minutes * 60)
    return f"The supplier's promise is {length} later than ours"


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
    cause = cause_of_breach(clock)
    return f"Breached {wording.moment(clock.breached_at)}{f', by a change: {cause}' if cause else ''}"


def cause_of_breach(clock: Clock) -> str:
    """The new target or corrected hours that broke it, where time alone did not; else empty."""
    if clock.breach_kind != stopwatch.BY_REPRIORITISATION:
        return ""
    changes = clock.events.filter(kind__in=[stopwatch.RETARGET, stopwatch.REMEASURE])
    change = changes.filter(at__gte=clock.breached_at).first()
    return change.cause if change else ""
