"""Who held a ticket: working time by team and state, told from its history; and why a promise was broken."""

from datetime import UTC, date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.people.access import history_of
from servicedesk.service_levels.models import Calendar, CalendarException, ServiceLevel, TeamCalendar
from servicedesk.tickets.breaches import explain_breach, mark_breaches, propose_breach_reason
from servicedesk.tickets.holding import Holder, Stretch, in_all, stretches, who_held
from servicedesk.tickets.merging import merge, undo
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.workflow import move
from tests.tickets.world import a_world

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


def test_stretches_are_told_from_what_changed_alone():
    desk, acme = Holder(1, "Desk"), Holder(2, "Acme")
    told = [
        (at("23 09:30"), {"state": [None, "new", "", "New"], "team": [None, 1, "", "Desk"]}),
        (
            at("23 10:00"),
            {"state": ["new", "waiting_supplier", "", ""], "supplier_team": [None, 2, "", "Acme"]},
        ),
        (at("23 11:00"), {"state": ["waiting_supplier", "in_progress", "", ""]}),
        (at("23 12:00"), {"state": ["in_progress", "resolved", "", ""]}),
        (at("23 15:00"), {"state": ["resolved", "in_progress", "", ""]}),
    ]

    assert list(stretches(told, at("23 09:00"), at("23 16:00"))) == [
        Stretch(desk, "new", at("23 09:00"), at("23 10:00")),
        Stretch(acme, "waiting_supplier", at("23 10:00"), at("23 11:00")),
        Stretch(desk, "in_progress", at("23 11:00"), at("23 12:00")),
        Stretch(desk, "in_progress", at("23 15:00"), at("23 16:00")),
    ]


def test_each_team_is_measured_by_its_own_hours_and_held_against_what_it_agreed():
    world = a_world()
    asha = world.people["engineer"]
    Ticket.objects.update(supplier_team=None)
    windows = {str(day): [["09:00", "12:00"]] for day in range(5)}
    mornings = Calendar.objects.create(code="M", name="Mornings", windows=windows)
    TeamCalendar.objects.create(team=world.firm, calendar=mornings)
    ServiceLevel.objects.create(
        kind="ola",
        ticket_type="incident",
        priority="P3",
        metric="resolution",
        team=world.team,
        target_seconds=3600,
    )
    ticket = move(world.ticket, "assign", by=asha, team=world.team, assignee=asha, now=at("23 09:42"))
    ticket = move(ticket, "start", by=asha, now=at("23 10:42"))
    ticket = move(ticket, "refer_to_supplier", by=asha, supplier_team=world.firm, now=at("23 11:00"))
    ticket = move(ticket, "supplier_answered", by=asha, now=at("24 10:00"))

    held = who_held(ticket, at("24 11:00"))

    assert [(one.name, one.state, one.seconds, one.promised) for one in held] == [
        ("Service desk", "new", 30 * 60, 3600),
        ("Service desk", "assigned", 60 * 60, 3600),
        ("Service desk", "in_progress", 78 * 60, 3600),
        ("Acme", "waiting_supplier", 120 * 60, None),
    ]
    assert in_all(held) == [("Service desk", 168 * 60, 3600)]


def told(held) -> list:
    return [(one.name, one.state, one.seconds, one.promised) for one in held]


def the_same_again(world) -> Ticket:
    ben, eve = world.people["requester"], world.people["affected person"]
    said = {"type": "incident", "title": "Same", "now": at("23 09:12")}
    return raise_ticket(by=ben, requester=ben, affected_person=eve, **said)


def hours_and_agreements_change(world) -> None:
    """The team agrees to another time and keeps hours of its own, and Monday was closed for the council after all."""
    ServiceLevel.objects.filter(team=world.team).update(target_seconds=60)
    standard = Calendar.objects.get(code="STD")
    CalendarException.objects.create(calendar=standard, date=date(2026, 11, 23), windows=[])
    windows = {str(day): [["15:00", "16:00"]] for day in range(5)}
    afternoons = Calendar.objects.create(code="A", name="Afternoons", windows=windows)
    TeamCalendar.objects.create(team=world.team, calendar=afternoons)


@pytest.mark.parametrize(
    "last, given", [("close", {}), ("cancel", {"reason": "No longer needed"}), ("merge", {})]
)
def test_what_was_measured_stays_when_a_ticket_has_ended(last, given):
    """Of what is open it follows the hours and agreements of today."""
    world = a_world()
    asha = world.people["engineer"]
    ServiceLevel.objects.create(
        kind="ola",
        ticket_type="incident",
        priority="P3",
        metric="resolution",
        team=world.team,
        target_seconds=3600,
    )
    Ticket.objects.update(supplier_team=None, assignee=None)
    ticket = move(world.ticket, "take", by=asha, now=at("23 10:12"))
    if last == "close":
        done = {"resolution_code": "fixed", "resolution_note": "Done"}
        ticket = move(ticket, "resolve", by=asha, now=at("23 12:12"), **done)
    if last == "merge":
        merge(ticket, the_same_again(world), by=asha, now=at("23 12:12"))
    else:
        by = None if last == "close" else world.people["queue manager"]
        move(ticket, last, by=by, now=at("23 12:12"), **given)
    ticket.refresh_from_db()
    measured = [("Service desk", "new", 3600, 3600), ("Service desk", "in_progress", 7200, 3600)]
    assert told(who_held(ticket, at("30 09:00"))) == measured

    hours_and_agreements_change(world)

    assert told(who_held(ticket, at("30 09:00"))) == measured


def test_what_lives_again_is_measured_again():
    world = a_world()
    asha = world.people["engineer"]
    merged = merge(world.ticket, the_same_again(world), by=asha, now=at("23 10:12"))
    ticket = undo(merged, by=asha, now=at("23 11:12"))

    assert told(who_held(ticket, at("23 12:12"))) == [("Service desk", "new", 2 * 3600, None)]


def a_broken_promise():
    world = a_world()
    mark_breaches(now=at("27 09:00"))
    return world, world.ticket.clocks.select_related("ticket").get(metric="resolution")


def test_reason_is_given_by_who_manages_the_queue_and_stands_in_history():
    world, clock = a_broken_promise()
    mia = world.people["queue manager"]

    clock = explain_breach(clock, by=mia, reason="parts", note="Headsets on order", now=at("27 10:00"))

    assert (clock.breach_reason, clock.breach_note, clock.breach_explained_by) == (
        "parts",
        "Headsets on order",
        mia,
    )
    told = history_of(mia, world.ticket)[0]
    assert told.fields == {
        "resolution_breach_reason": ["", "parts", "", "Parts were not to be had"],
        "resolution_breach_note": ["", "Headsets on order", "", "Headsets on order"],
    }
    assert told.change_set.by_id == mia.pk


@pytest.mark.parametrize("who", ["engineer", "requester", "stranger", "asset manager"])
def test_reason_is_given_by_nobody_else(who):
    world, clock = a_broken_promise()

    with pytest.raises(PermissionDenied):
        explain_breach(clock, by=world.people[who], reason="parts")


def test_engineer_proposes_a_reason_in_a_note():
    world, clock = a_broken_promise()

    note = propose_breach_reason(clock, by=world.people["engineer"], reason="supplier", note="Acme forgot")

    clock.refresh_from_db()
    assert note.visibility == "internal"
    assert note.body == "Proposes as the reason why “Fixed” was late: A supplier was late. Acme forgot"
    assert clock.breach_reason == ""


def test_reason_is_refused_where_it_says_nothing_or_nothing_is_broken():
    world, clock = a_broken_promise()
    mia = world.people["queue manager"]
    with pytest.raises(ValidationError, match="Enter what the reason was"):
        explain_breach(clock, by=mia, reason="other")
    with pytest.raises(ValidationError, match="Select the reason"):
        explain_breach(clock, by=mia, reason="")
    with pytest.raises(StaleTicket):
        explain_breach(clock, by=mia, reason="parts", version=world.ticket.version + 7)
    kept = world.ticket.clocks.select_related("ticket").get(metric="response")
    kept.breached_at = None
    kept.save()
    with pytest.raises(MoveRefused):
        explain_breach(kept, by=mia, reason="parts")


def test_ticket_page_shows_each_panel(client):
    world, clock = a_broken_promise()
    client.force_login(world.people["queue manager"])

    page = client.get(f"/tickets/{world.ticket.reference}/").content.decode()

    assert "Working time by team and state" in page
    assert f"/tickets/{world.ticket.reference}/late/{clock.pk}/" in page
    assert f"/tickets/{world.ticket.reference}/priority/" in page


def test_pages_of_priority_and_reason_save_and_refuse(client):
    world, clock = a_broken_promise()
    client.force_login(world.people["queue manager"])
    ticket = f"/tickets/{world.ticket.reference}"

    refused = client.post(f"{ticket}/priority/", {"priority": "P2", "reason": ""})
    saved = client.post(f"{ticket}/priority/", {"priority": "P2", "reason": "Payday"})
    stale = client.post(f"{ticket}/priority/", {"priority": "P4", "reason": "Late news", "version": "1"})
    raised = client.post(f"{ticket}/uplift/", {"uplift": "vip", "version": "1"})
    said = client.post(f"{ticket}/late/{clock.pk}/", {"reason": "parts", "note": ""})

    assert [one.status_code for one in (refused, saved, stale, raised, said)] == [422, 302, 409, 302, 302]
    world.ticket.refresh_from_db()
    clock.refresh_from_db()
    assert (world.ticket.priority, world.ticket.uplift, clock.breach_reason) == ("P2", "vip", "parts")


def test_engineers_page_proposes(client):
    world, clock = a_broken_promise()
    client.force_login(world.people["engineer"])

    client.post(f"/tickets/{world.ticket.reference}/priority/", {"priority": "P2", "reason": "Payday"})
    client.post(f"/tickets/{world.ticket.reference}/late/{clock.pk}/", {"reason": "parts", "note": ""})

    world.ticket.refresh_from_db()
    assert world.ticket.priority == "P3"
    assert sorted(world.ticket.comments.values_list("body", flat=True)) == [
        "Proposes as the reason why “Fixed” was late: Parts were not to be had.",
        "Proposes the priority P2 high: Payday",
    ]
