"""The clocks of a ticket through its moves: the examples that were worked out by hand, and what stops what."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from servicedesk.tickets.breaches import mark_breaches, mark_warnings
from servicedesk.tickets.models import Clock, ClockEvent, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.remeasuring import Touched, carry_out, what_would
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.settling import READ_FROM_EVENTS, read_again
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import change, close_resolved, move
from tests.factories import a_council, a_requester, a_service, a_team, an_engineer
from tests.tickets.world import a_world

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")


def at(text: str) -> datetime:
    """A time on the wall, in UTC: "2026-11-23 10:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


class Desk:
    """Ben, whose ticket it is, and Asha, who works on it."""

    def __init__(self, reported: str, impact: int = 3, urgency: int = 1, **fields):
        self.ben, self.asha = a_requester(a_council("CDC"), name="Ben"), an_engineer(name="Asha")
        self.ticket = raise_ticket(
            by=self.ben,
            requester=self.ben,
            type="incident",
            title="No sound",
            service=a_service(team=a_team(members=(self.asha,))),
            impact=impact,
            urgency=urgency,
            now=at(reported),
            **fields,
        )
        move(self.ticket, "take", by=self.asha, now=at(reported))

    def does(self, name: str, when: str, by=None, **given):
        self.ticket = move(self.ticket, name, by=by or self.asha, now=at(when), **given)

    def asks(self, when: str):
        self.does("ask_customer", when, question="Which one?")

    def hears(self, when: str):
        say(self.ticket, by=self.ben, body="That one", visibility="public", now=at(when))

    def resolves(self, when: str):
        self.does("resolve", when, resolution_code="fixed", resolution_note="Done")

    def becomes(self, impact: int, urgency: int, when: str):
        self.ticket.refresh_from_db()
        change(
            self.ticket,
            by=self.asha,
            version=self.ticket.version,
            impact=impact,
            urgency=urgency,
            now=at(when),
        )

    def clock(self, metric: str = "resolution") -> Clock:
        return self.ticket.clocks.get(metric=metric)


def test_pause_over_a_night_moves_the_deadline_by_its_working_time():  # E13
    desk = Desk("2026-11-23 10:00")
    assert desk.clock().due_at == at("2026-11-26 10:00")
    desk.asks("2026-11-23 14:00")
    assert (desk.clock().state, desk.clock().due_at) == ("paused", None)
    desk.hears("2026-11-24 11:00")
    clock = desk.clock()
    assert (clock.state, clock.due_at, clock.paused_seconds) == ("running", at("2026-11-26 16:30"), 390 * 60)


def test_pause_outside_working_hours_moves_nothing():  # E14
    desk = Desk("2026-11-27 11:00", impact=2)
    desk.asks("2026-11-27 18:10")
    desk.hears("2026-11-29 20:00")
    assert (desk.clock().due_at, desk.clock().paused_seconds) == (at("2026-11-30 09:30"), 0)


def test_two_pauses_one_over_christmas():  # E15
    desk = Desk("2026-12-22 09:00")
    desk.asks("2026-12-22 11:00")
    desk.hears("2026-12-22 13:00")
    desk.asks("2026-12-24 16:00")
    desk.hears("2026-12-29 10:30")
    assert (desk.clock().due_at, desk.clock().paused_seconds) == (at("2026-12-29 15:00"), 360 * 60)


def test_priority_raised_in_time_keeps_the_time_used():  # E16, first half
    desk = Desk("2026-11-23 09:00")
    desk.becomes(2, 1, "2026-11-23 16:00")
    clock = desk.clock()
    assert (desk.clock().due_at, clock.breached_at) == (at("2026-11-23 17:00"), None)


def test_priority_raised_too_late_is_breached_by_that():  # E16, second half
    desk = Desk("2026-11-23 09:00")
    desk.becomes(2, 1, "2026-11-24 10:00")
    clock, due = desk.clock(), at("2026-11-23 17:00")
    assert (clock.due_at, clock.breached_at, clock.breach_kind) == (due, due, "by_reprioritisation")


def test_priority_lowered_gives_more_time():  # E17
    desk = Desk("2026-11-25 08:30", impact=2)
    desk.becomes(3, 3, "2026-11-25 09:30")
    assert desk.clock().due_at == at("2026-12-02 08:30")


def test_new_hours_alone_keep_the_time_used_and_the_target():
    desk = Desk("2026-11-23 16:30", impact=1)
    desk.ticket.refresh_from_db()
    before = desk.clock()
    covered = a_service(team=desk.ticket.team, out_of_hours_cover=True)

    change(
        desk.ticket, by=desk.asha, version=desk.ticket.version, service=covered, now=at("2026-11-23 17:00")
    )

    clock, event = desk.clock(), desk.clock().events.last()
    assert (before.calendar.code, before.due_at) == ("STD", at("2026-11-24 11:00"))
    assert (clock.calendar.code, clock.due_at) == ("24X7", at("2026-11-23 20:30"))
    assert (clock.service_level, clock.target_seconds) == (before.service_level, 4 * 3600)
    assert (event.kind, event.calendar.code, event.target_seconds) == ("retarget", "24X7", 4 * 3600)


def test_reopening_goes_on_with_the_old_clock():  # E18
    desk = Desk("2026-11-23 09:00")
    desk.resolves("2026-11-24 15:00")
    assert (desk.clock().state, desk.clock().elapsed_seconds) == ("met", 930 * 60)
    desk.does("reopen", "2026-11-26 09:20", by=desk.ben)
    assert (desk.clock().state, desk.clock().due_at) == ("running", at("2026-11-27 12:50"))


def test_breach_is_for_ever():  # E19
    desk = Desk("2026-11-23 08:00", impact=2)
    due = at("2026-11-23 16:00")
    mark_breaches(now=at("2026-11-23 16:00:01"))
    desk.asks("2026-11-23 16:30")
    clock = desk.clock()
    assert (clock.state, clock.due_at, clock.breached_at) == ("paused", due, due)
    desk.hears("2026-11-24 10:00")
    desk.resolves("2026-11-24 10:10")
    assert (desk.clock().state, desk.clock().breached_at) == ("missed", due)


def test_breach_is_marked_with_the_very_instant_it_was_due():
    desk = Desk("2026-11-23 09:12")
    response, due = at("2026-11-23 13:12"), at("2026-11-26 09:12")
    mark_breaches(now=response)
    assert [desk.clock("response").breached_at, Ticket.objects.get().breached_at] == [None, None]
    assert mark_breaches(now=response + timedelta(minutes=1)) == 1
    assert mark_breaches(now=response + timedelta(minutes=2)) == 0
    assert [desk.clock("response").breached_at, Ticket.objects.get().breached_at] == [response, response]
    assert mark_breaches(now=due + timedelta(days=9)) == 1
    assert [desk.clock().breached_at, Ticket.objects.get().breached_at] == [due, response]


def test_reply_is_the_first_public_word_of_the_desk():
    desk = Desk("2026-11-23 09:12")
    soon, later = at("2026-11-23 10:00"), at("2026-11-23 11:00")
    say(desk.ticket, by=desk.asha, body="A note", visibility="internal", now=soon)
    say(desk.ticket, by=desk.ben, body="And also", visibility="public", now=soon)
    desk.does(
        "refer_to_supplier", "2026-11-23 10:00", supplier_team=a_team(kind="supplier"), supplier_note="Look"
    )
    assert (desk.clock("response").state, Ticket.objects.get().first_response_at) == ("running", None)
    say(desk.ticket, by=desk.asha, body="We are on it", visibility="public", now=later)
    clock = desk.clock("response")
    assert (clock.state, clock.stopped_at, Ticket.objects.get().first_response_at) == ("met", later, later)


def test_question_with_a_move_is_a_reply():
    desk = Desk("2026-11-23 09:12")
    desk.asks("2026-11-23 10:00")
    assert (desk.clock("response").state, desk.clock("response").stopped_at) == (
        "met",
        at("2026-11-23 10:00"),
    )


def test_engineer_who_asks_for_help_does_not_answer_themselves():
    asha = an_engineer()
    ticket = raise_ticket(by=asha, requester=asha, type="incident", title="Mine", now=at("2026-11-23 09:00"))
    say(ticket, by=asha, body="It still fails", visibility="public", now=at("2026-11-23 09:30"))
    assert ticket.clocks.get(metric="response").state == "running"


def test_engineer_who_fixes_what_is_their_own_owes_nobody_a_reply_any_more():
    asha = an_engineer()
    mine = {"service": a_service(team=a_team(members=(asha,))), "type": "incident", "title": "Mine"}
    ticket = raise_ticket(by=asha, requester=asha, now=at("2026-11-23 09:00"), **mine)
    ticket = move(ticket, "take", by=asha, now=at("2026-11-23 09:01"))
    move(ticket, "resolve", by=asha, resolution_code="fixed", resolution_note="x", now=at("2026-11-23 09:05"))

    assert (mark_breaches(now=at("2026-12-30 09:00")), mark_warnings(now=at("2026-12-30 09:00"))) == (0, 0)
    assert {clock.metric: clock.state for clock in ticket.clocks.all()} == {
        "response": "met",
        "resolution": "met",
    }


def test_what_is_closed_is_late_no_more_nor_measured_anew_whatever_was_left_running():
    desk = Desk("2026-11-23 09:12")
    ended = at("2026-11-23 10:00")
    Ticket.objects.filter(pk=desk.ticket.pk).update(state="closed", resolved_at=ended, closed_at=ended)
    left = {clock.pk: (clock.due_at, clock.calendar_version) for clock in desk.ticket.clocks.all()}
    calendar = desk.clock().calendar

    assert mark_breaches(now=at("2026-12-30 09:00")) == 0
    assert (
        what_would(lambda: Touched(calendar=calendar), by=None, cause="x", now=at("2026-11-24 09:00")) == []
    )
    carry_out(lambda: Touched(calendar=calendar), by=None, cause="x", now=at("2026-11-24 09:00"))
    kept = {clock.pk: (clock.due_at, clock.calendar_version) for clock in desk.ticket.clocks.all()}
    assert (kept, ClockEvent.objects.filter(kind="remeasure").count()) == (left, 0)


@pytest.mark.parametrize(("chosen_by_customer", "state"), [(True, "paused"), (False, "running")])
def test_booking_pauses_only_when_the_customer_chose_the_time(chosen_by_customer, state):
    desk = Desk("2026-11-23 09:12")
    desk.does(
        "book", "2026-11-23 10:00", booked_for=at("2026-11-25 09:00"), booked_by_customer=chosen_by_customer
    )
    assert (desk.clock().state, desk.clock("response").state) == (state, "running")


def test_supplier_does_not_stop_the_clock():
    desk = Desk("2026-11-23 09:12")
    desk.does("refer_to_supplier", "2026-11-23 10:00", supplier_team=a_team(kind="supplier"))
    assert desk.clock().state == "running"


def test_cancelled_ticket_has_no_result():
    desk = Desk("2026-11-23 09:12")
    move(desk.ticket, "put_back", by=desk.asha, note="x", now=at("2026-11-23 09:20"))
    move(desk.ticket, "cancel", by=desk.ben, reason="Works", now=at("2026-11-23 10:00"))
    assert {clock.metric: clock.state for clock in desk.ticket.clocks.all()} == {
        "response": "cancelled",
        "resolution": "cancelled",
    }


def test_resolved_ticket_closes_by_itself_after_five_working_days():  # E25
    desk = Desk("2026-12-24 09:00")
    desk.resolves("2026-12-24 12:00")
    closes = at("2027-01-05 12:00")
    assert (close_resolved(now=closes - timedelta(seconds=1)), Ticket.objects.get().state) == (0, "resolved")
    assert close_resolved(now=closes) == 1
    assert (Ticket.objects.get().state, Ticket.objects.get().closed_at) == ("closed", closes)


def test_cover_round_the_clock_does_not_shorten_the_days_to_reopen():
    desk = Desk("2026-11-23 09:00", impact=1)
    Ticket.objects.update(priority="P1")
    desk.ticket.service.out_of_hours_cover = True
    desk.ticket.service.save()
    desk.resolves("2026-11-23 12:00")
    assert close_resolved(now=at("2026-11-30 11:59")) == 0
    assert close_resolved(now=at("2026-11-30 12:00")) == 1


STEPS = st.lists(
    st.tuples(st.integers(0, 17), st.integers(0, 3 * 24 * 60), st.sampled_from([1, 2, 3])), max_size=8
)


@pytest.mark.once
@settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_stored_clock_is_what_its_events_add_up_to(steps):
    with transaction.atomic():
        world = a_world()
        now = go_through(world, steps)
        mark_breaches(now=now)
        stored = {clock.metric: clock for clock in Clock.objects.filter(ticket=world.ticket)}
        again = {metric: read_again(clock, now) for metric, clock in stored.items()}
        assert {metric: figures(clock) for metric, clock in stored.items()} == {
            metric: figures(reading) for metric, reading in again.items()
        }
        ticket = Ticket.objects.get(pk=world.ticket.pk)
        assert (ticket.response_due_at, ticket.due_at) == (
            stored["response"].due_at,
            stored["resolution"].due_at,
        )
        transaction.set_rollback(True)


def go_through(world, steps) -> datetime:
    """Make the moves that the steps choose among those open, each so many minutes later, and change the urgency."""
    now = world.ticket.logged_at
    people = [world.people[who] for who in ("assignee", "queue manager", "requester")]
    for choice, minutes, urgency in steps:
        now += timedelta(minutes=minutes)
        ticket = Ticket.objects.get(pk=world.ticket.pk)
        open_moves = [(name, by) for by in people for name in moves_open_to(by, ticket)]
        if not open_moves:
            return now
        name, by = open_moves[choice % len(open_moves)]
        with suppress(MoveRefused, ValidationError):
            booked = {"booked_for": now + timedelta(days=1)} if name == "book" else {}
            ticket = move(ticket, name, by=by, now=now, **{**world.given(name), **booked})
        if ticket.is_open:
            change(ticket, by=people[0], version=ticket.version, urgency=urgency, now=now)
    return now


def figures(reading) -> dict:
    return {name: getattr(reading, name) for name in READ_FROM_EVENTS}
