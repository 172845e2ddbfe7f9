"""Clocks of every metric at random: moves, words, priorities and corrected hours, in any order."""

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servicedesk.people.models import Council
from servicedesk.service_levels.keeping import set_day
from servicedesk.service_levels.models import Calendar, Metric, ServiceLevel
from servicedesk.tickets.breaches import mark_breaches, mark_warnings
from servicedesk.tickets.models import Clock, Ticket
from servicedesk.tickets.remeasuring import Touched, carry_out
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.settling import FIX, READ_FROM_EVENTS, read_again
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import change, move
from tests.factories import a_grant, a_person
from tests.tickets.world import a_world

pytestmark = pytest.mark.django_db

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["move", "move", "move", "say", "priority", "hours", "watch"]),
        st.integers(0, 30),
        st.integers(0, 2 * 24 * 60),
    ),
    max_size=10,
)


@settings(
    max_examples=40 if connection.vendor == "sqlite" else 10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_every_clock_is_what_its_events_add_up_to_and_what_has_stopped_stays(steps):
    with transaction.atomic():
        world = a_promising_world()
        now = world.ticket.logged_at
        for what, choice, minutes in steps:
            now += timedelta(minutes=minutes)
            stopped, late = stored(world.ticket, stopped_at__isnull=False), breaches(world.ticket)
            with suppress(MoveRefused, ValidationError):
                DEEDS[what](world, choice, now)
            assert late.items() <= breaches(world.ticket).items()
            reopened = stored(world.ticket, stopped_at=None).keys()
            if what in ("hours", "watch"):
                assert not reopened & stopped.keys()
                after = stored(world.ticket, stopped_at__isnull=False)
                assert {key: after[key] for key in stopped} == stopped
        mark_breaches(now=now)
        assert_all_rebuilt(world.ticket, now)
        transaction.set_rollback(True)


def a_promising_world():
    """A P2 with a contract of its supplier, an administrator of both councils, and a calendar to correct."""
    world = a_world()
    Ticket.objects.filter(pk=world.ticket.pk).update(supplier_team=None)
    for priority in ("P1", "P2", "P3", "P4"):
        ServiceLevel.objects.create(
            kind="uc",
            ticket_type="incident",
            priority=priority,
            metric="supplier",
            team=world.firm,
            target_seconds=7200,
        )
    ada = a_person(None, "administrator")
    for council in Council.objects.exclude(pk=ada.council_id):
        a_grant(ada, "administrator", council)
    world.people["administrator"] = ada
    world.ticket = Ticket.objects.get(pk=world.ticket.pk)
    change(
        world.ticket,
        by=world.people["engineer"],
        version=world.ticket.version,
        impact=2,
        now=world.ticket.logged_at,
    )
    return world


def make_a_move(world, choice: int, now: datetime) -> None:
    ticket = Ticket.objects.get(pk=world.ticket.pk)
    people = [world.people[who] for who in ("assignee", "queue manager", "requester")]
    open_moves = [(name, by) for by in people for name in moves_open_to(by, ticket)]
    if open_moves:
        name, by = open_moves[choice % len(open_moves)]
        booked = {"booked_for": now + timedelta(days=1)} if name == "book" else {}
        move(ticket, name, by=by, now=now, **{**world.given(name), **booked})


def say_something(world, choice: int, now: datetime) -> None:
    by = world.people["assignee" if choice % 2 else "requester"]
    say(world.ticket, by=by, body="Well", visibility="public", now=now)


def change_the_priority(world, choice: int, now: datetime, ticket: Ticket | None = None) -> None:
    ticket = ticket or Ticket.objects.get(pk=world.ticket.pk)
    if ticket.is_open:
        change(
            ticket,
            by=world.people["assignee"],
            version=ticket.version,
            impact=1 + choice % 3,
            urgency=1 + choice // 3 % 3,
            now=now,
        )


def correct_the_hours(world, choice: int, now: datetime) -> None:
    standard = Calendar.objects.get(code="STD")
    by, day = world.people["administrator"], timezone.localdate(now) + timedelta(days=choice % 5 - 2)
    windows = [[], [["06:00", "22:00"]], [["09:00", "10:00"]]][choice % 3]

    def write() -> Touched:
        return Touched(
            set_day(standard, by=by, version=standard.version, day=day, windows=windows, reason="", now=now)
        )

    carry_out(write, by=by, cause="the hours were changed", now=now)


def watch(world, choice: int, now: datetime) -> None:
    mark_warnings(now=now)
    mark_breaches(now=now)


DEEDS = {
    "move": make_a_move,
    "say": say_something,
    "priority": change_the_priority,
    "hours": correct_the_hours,
    "watch": watch,
}


def stored(ticket: Ticket, **which) -> dict[int, dict]:
    return {
        clock.pk: {name: getattr(clock, name) for name in READ_FROM_EVENTS}
        for clock in Clock.objects.filter(ticket=ticket, **which)
    }


def breaches(ticket: Ticket) -> dict[int, tuple]:
    """Of each broken promise what stays for ever."""
    broken = Clock.objects.filter(ticket=ticket).exclude(breached_at=None)
    return {clock.pk: (clock.breached_at, clock.breach_kind, clock.due_at) for clock in broken}


def assert_all_rebuilt(ticket: Ticket, now: datetime) -> None:
    clocks = list(Clock.objects.filter(ticket=ticket))
    rebuilt = {clock.pk: read_again(clock, now) for clock in clocks}
    assert stored(ticket) == {
        key: {name: getattr(reading, name) for name in READ_FROM_EVENTS} for key, reading in rebuilt.items()
    }
    ticket = Ticket.objects.get(pk=ticket.pk)
    due = {clock.metric: clock.due_at for clock in clocks if clock.metric in FIX or not clock.stopped_at}
    assert (ticket.due_at, ticket.next_update_due_at, ticket.supplier_due_at) == (
        due.get(Metric.RESOLUTION),
        due.get(Metric.NEXT_UPDATE),
        due.get(Metric.SUPPLIER),
    )
