"""What a change of hours or promises does to open tickets: shown first, then done.

What is shown is what happens: the change is made for a look, and taken back. What has stopped is never touched.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from servicedesk.history.recording import change_set
from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission
from servicedesk.service_levels.models import Calendar
from servicedesk.service_levels.working_time import FOREVER
from servicedesk.tickets.clocks import remeasure, retarget_all
from servicedesk.tickets.models import Clock, Sharing, Ticket


class Touched(NamedTuple):
    """What was changed: a calendar, whose clocks count anew, and the tickets of which something else is promised."""

    calendar: Calendar | None = None
    tickets: Q | None = None


class Effect(NamedTuple):
    """What becomes of one open clock: due before and after, and whether that makes it late at once."""

    clock: Clock
    before: datetime | None
    after: datetime | None
    late: bool


def carry_out(
    write: Callable[[], Touched], *, by, cause: str, now: datetime, most_late: int | None = None
) -> list[Effect]:
    """Make a change and let the open clocks follow, in one change-set. Returns what became of them, soonest first.

    Raises MoreAreLate, and has changed nothing, where more than `most_late` promises would be late at once.
    """
    with change_set(by=by, now=now):
        touched = write()
        before = {clock.pk: clock for clock in _open(touched)}
        if touched.calendar:
            _count_anew(touched.calendar, cause=cause, by=by, now=now)
        if touched.tickets is not None:
            retarget_all(_tickets(touched.tickets), cause=cause, by=by, now=now)
        effects = _effects(before, _open(touched), now)
        late = late_at_once(effects)
        if most_late is not None and late > most_late:
            raise MoreAreLate(f"{late} promises would be late at once, more than you were shown.")
    return effects


def what_would(write: Callable[[], Touched], *, by, cause: str, now: datetime) -> list[Effect]:
    """What `carry_out` would do now. Nothing is changed."""
    with transaction.atomic():
        effects = carry_out(write, by=by, cause=cause, now=now)
        transaction.set_rollback(True)
    return effects


def named_to(person, effects: list[Effect]) -> list[Effect]:
    """Those whose requests the person may be told of by name: they administer their council. Others are counted."""
    administered = councils_of(person, Permission.ADMINISTER)
    return [effect for effect in effects if effect.clock.ticket.council_id in administered]


class MoreAreLate(Exception):
    """The work went on since the change was shown, and it would do more harm than was seen."""


def in_words(effects: list[Effect]) -> str:
    """41 open requests get another deadline; 7 promises are late at once."""
    if not effects:
        return "No open request gets another deadline."
    tickets, late = len({effect.clock.ticket_id for effect in effects}), late_at_once(effects)
    gets = f"{tickets:,} open {'request gets' if tickets == 1 else 'requests get'} another deadline"
    return f"{gets}; {late:,} {'promise is' if late == 1 else 'promises are'} late at once."


def late_at_once(effects: list[Effect]) -> int:
    """How many promises would be late at once."""
    return sum(effect.late for effect in effects)


def count_stale_anew(now: datetime | None = None) -> int:
    """Count anew what was started by hours that were being corrected at that moment. Returns how many."""
    now = now or timezone.now()
    with transaction.atomic():
        stale = _alive(~Q(calendar_version=F("calendar__version")), due_at__gte=now)
        remeasure(stale, cause="the hours were changed", by=None, now=now)
    return len(stale)


def _count_anew(calendar: Calendar, *, cause: str, by, now: datetime) -> None:
    calendar.refresh_from_db()
    remeasure(_alive(Q(calendar=calendar)), cause=cause, by=by, now=now)


def _alive(*which: Q, **more) -> list[Clock]:
    clocks = Clock.objects.filter(*which, stopped_at=None, breached_at=None, ticket__is_open=True, **more)
    return list(clocks.select_related("service_level", "calendar", "ticket").order_by("id"))


def _tickets(which: Q) -> list[Ticket]:
    held = Ticket.objects.filter(which, is_open=True).select_related("service", "supplier_team")
    return list(held.select_for_update(of=("self",)).order_by("pk"))


def _open(touched: Touched) -> list[Clock]:
    """The open clocks that may be concerned. What is private is not shown to who looks after hours."""
    clocks = Clock.objects.filter(stopped_at=None, ticket__is_open=True)
    clocks = clocks.exclude(ticket__sharing=Sharing.RESTRICTED)
    if touched.calendar:
        return list(clocks.filter(calendar=touched.calendar).select_related("ticket__council"))
    if touched.tickets is None:
        return []
    keys = Ticket.objects.filter(touched.tickets).values("pk")
    return list(clocks.filter(ticket__in=keys).select_related("ticket__council"))


def _effects(before: dict[int, Clock], after: list[Clock], now: datetime) -> list[Effect]:
    effects = []
    for clock in after:
        was = before.get(clock.pk)
        late = bool(clock.due_at and clock.due_at < now) and not (was and was.due_at and was.due_at < now)
        if was is None or was.due_at != clock.due_at or late:
            effects.append(Effect(clock, was.due_at if was else None, clock.due_at, late))
    return sorted(effects, key=lambda effect: (effect.after or FOREVER, effect.clock.pk))
