"""Delivering, the next update and a supplier's own time: what starts, stops and stills each."""

from datetime import UTC, datetime

import pytest

from servicedesk.service_levels.models import (
    ServiceLevel,
)
from servicedesk.tickets.breaches import mark_breaches
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import change, move
from tests.factories import a_council, a_person, a_requester, a_service, a_team, an_engineer
from tests.tickets.promised import a_supplier, assert_rebuilt, at, raised, refer, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha():
    return an_engineer(name="Asha")


@pytest.fixture
def ben():
    return a_requester(a_council("OCC"), name="Ben")


def test_supplier_keeps_its_own_hours_and_we_are_warned_that_it_is_later(ben, asha):  # E20
    ticket = refer(raised(ben, asha, "26 15:00"), a_supplier(), asha, "26 16:10")

    ours, theirs = (ticket.clocks.get(metric=metric).due_at for metric in ("resolution", "supplier"))
    assert (ours, theirs) == (at("27 13:30"), at("27 14:10"))
    shown = told(ticket, at("26 16:30"))
    assert shown["Supplier's fix: Acme"].warning == "The supplier's promise is 40 minutes later than ours"
    assert {deadline.warning for name, deadline in shown.items() if "Acme" not in name} == {""}
    ticket.refresh_from_db()
    assert ticket.supplier_due_at == theirs


def test_supplier_in_time_is_no_warning(ben, asha):
    ticket = refer(raised(ben, asha, "26 15:00"), a_supplier(seconds=3600), asha, "26 16:10")

    assert told(ticket, at("26 16:30"))["Supplier's fix: Acme"].warning == ""


def test_supplier_clocks_follow_one_another(ben, asha):
    firm = a_supplier()
    ticket = refer(raised(ben, asha, "26 15:00"), firm, asha, "26 16:10")
    ticket = move(ticket, "supplier_answered", by=asha, now=at("26 16:40"))
    ticket = refer(ticket, firm, asha, "27 10:00")
    ticket = move(ticket, "hand_over", by=asha, team=a_team(), note="Ours after all", now=at("27 10:30"))

    clocks = ticket.clocks.filter(metric="supplier").order_by("id")
    assert [(one.state, one.elapsed_seconds, one.stopped_at) for one in clocks] == [
        ("met", 1800, at("26 16:40")),
        ("cancelled", 1800, at("27 10:30")),
    ]
    assert ticket.clocks.get(metric="resolution").paused_seconds == 0
    assert_rebuilt(ticket, at("27 11:00"))


def test_supplier_without_a_contract_has_no_clock(ben, asha):
    ticket = refer(raised(ben, asha, "26 15:00"), a_team("Bits", kind="supplier"), asha, "26 16:10")

    assert not ticket.clocks.filter(metric="supplier").exists()


def test_waiting_for_a_supplier_stills_the_clock_where_a_level_says_so(ben, asha):
    ServiceLevel.objects.filter(priority="P2", metric="resolution", ticket_type="incident").update(
        pausing=["waiting_supplier"]
    )
    ticket = refer(raised(ben, asha, "23 09:00"), a_supplier(), asha, "23 10:00")
    assert ticket.clocks.get(metric="resolution").state == "paused"

    ticket = move(ticket, "supplier_answered", by=asha, now=at("23 12:00"))
    ticket = move(ticket, "ask_customer", by=asha, question="Which?", now=at("23 12:00"))

    clock = ticket.clocks.get(metric="resolution")
    assert (clock.state, clock.paused_seconds) == ("running", 7200)


def test_request_is_delivered(ben, asha):
    ticket = raised(ben, asha, "23 11:20", type="request", impact=3, urgency=3)

    ticket = move(
        ticket, "resolve", by=asha, resolution_code="fulfilled", resolution_note="x", now=at("24 09:00")
    )

    clock = ticket.clocks.get(metric="fulfilment")
    assert set(ticket.clocks.values_list("metric", flat=True)) == {"response", "fulfilment"}
    assert (clock.state, clock.stopped_at, ticket.due_at) == ("met", at("24 09:00"), at("30 11:20"))


def test_request_of_ten_days_waits_for_its_approval(ben, asha):  # E21
    laptop = a_service("Laptop", a_team(members=(asha,)))
    ServiceLevel.objects.create(
        ticket_type="request", priority="P4", metric="fulfilment", service=laptop, target_seconds=342_000
    )
    ticket = raise_ticket(
        by=ben, requester=ben, type="request", title="Laptop", service=laptop, now=at("23 11:20")
    )
    ann = a_person(None, "budget_approver")
    move(ticket, "request_approval", by=asha, approver=ann, reason="£900", now=at("23 11:20"))
    assert ticket.clocks.get(metric="fulfilment").state == "paused"

    move(ticket, "approve", by=ann, now=at("25 09:40"))

    assert ticket.clocks.get(metric="fulfilment").due_at == datetime(2026, 12, 9, 9, 40, tzinfo=UTC)


def test_each_public_word_of_the_desk_starts_the_next_update(ben, asha):
    ticket = raised(ben, asha, "23 09:00", impact=1)  # P1: an update every half hour

    say(ticket, by=asha, body="We look into it", visibility="public", now=at("23 09:20"))
    say(ticket, by=ben, body="Thanks", visibility="public", now=at("23 09:25"))
    say(ticket, by=asha, body="Cable?", visibility="internal", now=at("23 09:30"))

    clocks = ticket.clocks.filter(metric="next_update").order_by("id")
    assert [(one.state, one.started_at, one.due_at) for one in clocks] == [
        ("met", at("23 09:00"), at("23 09:30")),
        ("running", at("23 09:20"), at("23 09:50")),
    ]
    ticket.refresh_from_db()
    assert ticket.next_update_due_at == at("23 09:50")
    assert_rebuilt(ticket, at("23 09:31"))


def test_an_update_too_late_makes_the_ticket_late_until_it_is_given(ben, asha):
    ticket = raised(ben, asha, "23 09:00", impact=1)
    say(ticket, by=asha, body="We look into it", visibility="public", now=at("23 09:20"))

    mark_breaches(now=at("23 09:51"))
    ticket.refresh_from_db()
    late_since = ticket.breached_at
    say(ticket, by=asha, body="Found it", visibility="public", now=at("23 09:55"))
    ticket.refresh_from_db()

    assert (late_since, ticket.breached_at) == (at("23 09:50"), None)
    assert [one.state for one in ticket.clocks.filter(metric="next_update").order_by("id")] == [
        "met",
        "missed",
        "running",
    ]


def test_next_update_waits_with_the_requester_and_ends_with_the_work(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    ticket = move(ticket, "ask_customer", by=asha, question="Which?", now=at("23 09:30"))
    paused = ticket.clocks.get(metric="next_update", stopped_at=None)
    say(ticket, by=ben, body="This", visibility="public", now=at("23 11:00"))
    running = ticket.clocks.get(metric="next_update", stopped_at=None)
    ticket = move(
        ticket, "resolve", by=asha, resolution_code="fixed", resolution_note="x", now=at("23 11:30")
    )

    assert (paused.state, paused.due_at) == ("paused", None)
    assert (running.state, running.due_at) == ("running", at("23 13:00"))
    assert not ticket.clocks.filter(metric="next_update", stopped_at=None).exists()
    assert {one.state for one in ticket.clocks.filter(metric="next_update")} == {"met"}


def test_reopened_ticket_is_owed_an_update_from_then_on(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    ticket = move(
        ticket, "resolve", by=asha, resolution_code="fixed", resolution_note="x", now=at("23 11:30")
    )

    ticket = move(ticket, "reopen", by=ben, message="No", now=at("23 14:00"))

    clock = ticket.clocks.get(metric="next_update", stopped_at=None)
    assert (clock.started_at, clock.due_at) == (at("23 14:00"), at("23 16:00"))
    assert ticket.clocks.get(metric="resolution").paused_seconds == 9000
    assert_rebuilt(ticket, at("23 14:00"))


def test_lower_priority_owes_no_updates_and_a_higher_one_does(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    ticket = change(ticket, by=asha, version=ticket.version, impact=3, now=at("23 10:00"))
    assert [one.state for one in ticket.clocks.filter(metric="next_update")] == ["cancelled"]

    ticket = change(ticket, by=asha, version=ticket.version, impact=2, now=at("23 11:00"))

    clock = ticket.clocks.get(metric="next_update", stopped_at=None)
    assert (clock.started_at, clock.due_at) == (at("23 11:00"), at("23 13:00"))


def test_cancelled_ticket_has_no_result_even_of_what_was_kept(ben, asha):
    ticket = raised(ben, asha, "23 09:00")
    say(ticket, by=asha, body="We look into it", visibility="public", now=at("23 09:20"))
    mia = a_person(None, "queue_manager")

    move(ticket, "cancel", by=mia, reason="Twice", now=at("23 10:00"))

    clocks = {one.metric: one for one in ticket.clocks.filter(metric__in=["response", "resolution"])}
    assert {one.state for one in ticket.clocks.all()} == {"cancelled"}
    assert (clocks["response"].stopped_at, clocks["response"].elapsed_seconds) == (at("23 09:20"), 1200)
    assert_rebuilt(ticket, at("23 12:00"))
