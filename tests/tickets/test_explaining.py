"""The explanation of a clock agrees with the deadline that the clock stores, whatever happened to it."""

from datetime import UTC, datetime, timedelta

import pytest

from servicedesk.service_levels.models import Metric
from servicedesk.tickets.explaining import explain_clock
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import change, fresh, move
from tests.factories import a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026, when London keeps UTC; the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def asha():
    return an_engineer()


@pytest.fixture
def ticket(asha):
    ben = a_requester()
    service = a_service(team=a_team(members=(asha,)), out_of_hours_cover=True)
    return raise_ticket(
        by=ben,
        requester=ben,
        type="incident",
        title="No line",
        service=service,
        impact=2,
        urgency=1,
        now=at(23, 17),
    )


def explained(ticket, now: datetime):
    clock = ticket.clocks.get(metric=Metric.RESOLUTION)
    return clock, explain_clock(clock, now)


def counted(explanation) -> timedelta:
    return sum((closes - opens for opens, closes in explanation.slots), timedelta(0))


def test_hours_that_changed_on_the_way_are_each_told_as_they_were(ticket, asha):
    assert (ticket.priority, ticket.due_at) == ("P2", at(24, 15, 30))
    change(ticket, by=asha, version=ticket.version, impact=1, now=at(23, 19))

    clock, explanation = explained(ticket, at(23, 20))

    assert (clock.calendar.code, clock.due_at, clock.target_seconds) == ("24X7", at(23, 22, 30), 14_400)
    assert explanation.due == clock.due_at
    assert explanation.slots == [(at(23, 17), at(23, 17, 30)), (at(23, 19), at(23, 22, 30))]
    assert counted(explanation) == timedelta(seconds=clock.target_seconds)


def test_a_breach_stays_where_it_was_when_the_hours_change_after_it(ticket, asha):
    change(ticket, by=asha, version=ticket.version, impact=3, urgency=3, now=at(25, 9))

    clock, explanation = explained(ticket, at(25, 10))

    assert clock.due_at == clock.breached_at == at(24, 15, 30)
    assert explanation.due == at(24, 15, 30)
    assert counted(explanation) == timedelta(hours=8)


def test_a_pause_that_has_not_ended_is_told_up_to_now(ticket, asha):
    move(ticket, "take", by=asha, now=at(23, 17, 10))
    move(fresh(ticket), "ask_customer", by=asha, question="Which line?", now=at(23, 17, 20))

    clock, explanation = explained(ticket, at(24, 10))

    assert (clock.due_at, explanation.due, explanation.end) == (None, None, at(24, 10))
    assert explanation.slots == [(at(23, 17), at(23, 17, 20))]
    assert explanation.pauses == [(at(23, 17, 20), None)]
    assert explanation.paused_seconds == 10 * 60 + 2 * 3600


def test_a_new_target_while_paused_counts_on_from_where_it_stood(ticket, asha):
    move(ticket, "take", by=asha, now=at(23, 17, 10))
    paused = move(fresh(ticket), "ask_customer", by=asha, question="Which line?", now=at(23, 17, 20))
    changed = change(paused, by=asha, version=paused.version, impact=1, now=at(23, 18))
    move(changed, "customer_replied", by=asha, now=at(23, 21))

    clock, explanation = explained(ticket, at(23, 22))

    assert clock.due_at == explanation.due == at(23, 21) + timedelta(hours=3, minutes=40)
    assert explanation.slots[0] == (at(23, 17), at(23, 17, 20))
    assert counted(explanation) == timedelta(hours=4)


def test_a_stopped_clock_is_told_up_to_the_deadline_that_it_had(ticket, asha):
    move(ticket, "resolve", by=asha, resolution_code="fixed", resolution_note="Plugged in", now=at(24, 9))

    clock, explanation = explained(ticket, at(27, 9))

    assert (clock.state, clock.stopped_at) == ("met", at(24, 9))
    assert explanation.due == clock.due_at == at(24, 15, 30)
    assert counted(explanation) == timedelta(hours=8)


def test_a_bank_holiday_on_the_way_is_told_once(asha):
    ben = a_requester()
    raised = datetime(2026, 12, 24, 17, tzinfo=UTC)
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="No line", impact=2, urgency=1, now=raised
    )
    change(ticket, by=asha, version=ticket.version, urgency=2, now=datetime(2026, 12, 25, 12, tzinfo=UTC))

    _, explanation = explained(ticket, raised)

    assert [(day.day, why) for day, why in explanation.closed] == [(25, "bank holiday"), (28, "bank holiday")]
