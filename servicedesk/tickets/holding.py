"""Who held a ticket, and for how much working time: told from its history, team by team and state by state.

While a ticket lives it is measured by the hours and agreements of today. When it ends, what was measured is kept, so
that later hours, closed days and agreements change nothing of it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from servicedesk.history.models import Change
from servicedesk.service_levels.promises import (
    Hours,
    calendar_for,
    calendar_of_team,
    promises_between_teams,
)
from servicedesk.service_levels.working_time import ONE_SECOND, WorkingCalendar, worked
from servicedesk.tickets.clocks import matter_of
from servicedesk.tickets.models import DONE, ENDED, Ticket, TicketState, TimeHeld

FOLLOWED = ("team", "supplier_team", "state")


class Holder(NamedTuple):
    """A team, by its key (None: nobody yet) and its name of the time."""

    team: int | None
    name: str


class Stretch(NamedTuple):
    """From when until when a team had the ticket in a state."""

    holder: Holder
    state: str
    begin: datetime
    end: datetime


def who_held(ticket: Ticket, now: datetime) -> list[TimeHeld]:
    """The working time of each team and state up to now, or to the end, in the order in which each first had it."""
    kept = list(ticket.time_held.all()) if ticket.state in ENDED else []
    return kept or _measured(ticket, now)


def keep_who_held(ticket: Ticket, now: datetime) -> None:
    """A ticket has ended: what was measured of it stays. A merge that was undone may have ended it before."""
    ticket.time_held.all().delete()
    TimeHeld.objects.bulk_create(_measured(ticket, now))


def _measured(ticket: Ticket, now: datetime) -> list[TimeHeld]:
    """A team is measured by the hours of its own where it keeps such, else by those of the ticket's council."""
    found = Change.objects.filter(kind=ticket._meta.label_lower, object_id=ticket.pk)
    told = [
        (change.change_set.at, change.fields)
        for change in found.select_related("change_set").order_by("id")
        if any(name in change.fields for name in FOLLOWED)
    ]
    held = list(stretches(told, ticket.reported_at, now))
    hours, councils = Hours(), calendar_for(ticket.council_id)

    @cache
    def hours_of_team(team: int | None) -> WorkingCalendar:
        return hours((calendar_of_team(team) if team else None) or councils)

    sums = working_time(held, hours_of_team)
    promised = promises_between_teams(matter_of(ticket), {holder.team for holder, _ in sums if holder.team})
    return [
        TimeHeld(
            ticket=ticket,
            team_id=holder.team,
            name=holder.name,
            state=state,
            seconds=seconds,
            promised=promised[holder.team].target_seconds if holder.team in promised else None,
        )
        for (holder, state), seconds in sums.items()
    ]


def stretches(
    told: Iterable[tuple[datetime, dict[str, list[Any]]]], begin: datetime, now: datetime
) -> Iterator[Stretch]:
    """Who had it in which state from when until when; `told` is each moment with what changed, as history keeps it.

    While it waits for a supplier the supplier has it. What ended is held by nobody.
    """
    present: dict[str, tuple[Any, str]] = {name: (None, "") for name in FOLLOWED}
    since = begin
    for at, fields in [*told, (now, {})]:
        at = max(at, since)
        if present["state"][0] and present["state"][0] not in DONE and at > since:
            yield Stretch(_holder(present), present["state"][0], since, at)
        # What was reported before it was written down has waited since it was reported.
        since = at if present["state"][0] else begin
        present |= {name: (fields[name][1], fields[name][3]) for name in FOLLOWED if name in fields}


def working_time(
    held: Iterable[Stretch], hours_of_team: Callable[[int | None], WorkingCalendar]
) -> dict[tuple[Holder, str], int]:
    """The whole working seconds of each holder and state."""
    sums: defaultdict[tuple[Holder, str], int] = defaultdict(int)
    for holder, state, begin, end in held:
        sums[holder, state] += worked(hours_of_team(holder.team), begin, end) // ONE_SECOND
    return dict(sums)


def in_all(held: Iterable[TimeHeld]) -> list[tuple[str, int, int]]:
    """What teams took altogether beside what each had promised: name, seconds, promised seconds."""
    sums: defaultdict[tuple[str, int], int] = defaultdict(int)
    for one in held:
        if one.promised:
            sums[one.name, one.promised] += one.seconds
    return [(name, seconds, promised) for (name, promised), seconds in sums.items()]


def _holder(present: dict[str, tuple[Any, str]]) -> Holder:
    waiting = present["state"][0] == TicketState.WAITING_SUPPLIER and present["supplier_team"][0]
    return Holder(*present["supplier_team" if waiting else "team"])
