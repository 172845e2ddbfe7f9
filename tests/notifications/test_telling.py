"""Who is told of what, in which words, and when."""

from datetime import UTC, datetime, timedelta

import pytest

from servicedesk.notifications.models import Delivery, Message, Preference
from servicedesk.people.models import Membership, Person
from servicedesk.tickets.models import BreakGlass, Clock, Ticket
from servicedesk.tickets.news import tell, unheard
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.factories import a_council, a_person, a_requester, a_team, an_engineer
from tests.tickets.world import MONDAY, World, a_world, restricted

pytestmark = pytest.mark.django_db
EVENING = datetime(2026, 11, 23, 20, tzinfo=UTC)
TUESDAY_OPENS = datetime(2026, 11, 24, 8, tzinfo=UTC)


@pytest.fixture
def world() -> World:
    """Ben's incident, for Eve, with Dev; what was told of its beginning is forgotten."""
    world = a_world()
    Message.objects.all().delete()
    return world


def told() -> set[tuple[str, str]]:
    return {(message.event, str(message.person)) for message in Message.objects.all()}


def given_to(world: World, name: str, **more) -> dict:
    return {**world.given(name), **more}


def test_new_request_is_told_to_its_team_and_to_nobody_else():
    asha, dev = an_engineer(name="Asha"), an_engineer(name="Dev")
    team = a_team(members=(asha, dev))
    gone = an_engineer(name="Gone")
    Membership.objects.create(person=gone, team=team, starts_at=MONDAY, ends_at=MONDAY)
    ben = a_requester()
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", now=MONDAY)
    Ticket.objects.filter(pk=ticket.pk).update(team=team)
    ticket.refresh_from_db()

    tell("raised", ticket, by=ben, now=MONDAY)

    assert told() == {("given", "Asha"), ("given", "Dev")}


def test_request_logged_by_the_desk_is_told_to_whose_it_is_and_to_the_rest_of_its_team(world):
    ben, asha = world.people["requester"], world.people["engineer"]
    raise_ticket(by=asha, requester=ben, type="incident", title="No sound", now=MONDAY)

    assert told() == {("logged", "Ben"), ("given", "Dev")}


@pytest.mark.parametrize(
    ("name", "state", "by", "expected"),
    [
        ("assign", "new", "engineer", {("given", "Asha"), ("given", "Dev")} - {("given", "Asha")}),
        ("take", "assigned", "assignee", set()),
        ("ask_customer", "in_progress", "assignee", {("asked", "Ben"), ("asked", "Eve")}),
        ("refer_to_supplier", "in_progress", "assignee", {("referred", "Sue")}),
        ("supplier_answered", "waiting_supplier", "supplier contact", {("supplier_answered", "Dev")}),
        ("book", "in_progress", "assignee", {("booked", "Ben"), ("booked", "Eve")}),
        ("resolve", "in_progress", "assignee", {("resolved", "Ben"), ("resolved", "Eve")}),
        ("close", "resolved", "requester", {("how_content", "Ben")}),
        ("reopen", "resolved", "requester", {("customer_replied", "Dev")}),
        (
            "reopen",
            "resolved",
            "engineer",
            {("customer_replied", "Dev"), ("answered", "Ben"), ("answered", "Eve")},
        ),
        ("cancel", "new", "queue manager", {("ended", "Ben"), ("ended", "Eve")}),
        ("cancel", "new", "requester", {("ended", "Eve")}),
        ("request_approval", "new", "system", {("approval_wanted", "Ann")}),
        ("approve", "waiting_approval", "approver", {("given", "Dev")}),
        ("reject", "waiting_approval", "approver", {("ended", "Ben"), ("ended", "Eve")}),
        ("hand_over", "in_progress", "assignee", {("given", "Asha")}),
        ("put_back", "in_progress", "assignee", {("given", "Asha")}),
    ],
)
def test_move_is_told_to_whom_it_concerns(world, name, state, by, expected):
    ticket = world.stand(state)

    move(ticket, name, by=world.people[by], now=MONDAY + timedelta(hours=2), **world.given(name))

    assert told() == expected


@pytest.mark.parametrize(
    ("by", "visibility", "expected"),
    [
        ("requester", "public", {("answered", "Eve"), ("customer_replied", "Dev")}),
        ("affected person", "public", {("answered", "Ben"), ("customer_replied", "Dev")}),
        ("assignee", "public", {("answered", "Ben"), ("answered", "Eve")}),
        ("assignee", "internal", set()),
        ("assignee", "supplier", {("referred", "Sue")}),
        ("supplier contact", "supplier", {("supplier_answered", "Dev")}),
    ],
)
def test_what_is_said_is_told_to_whom_it_concerns(world, by, visibility, expected):
    ticket = world.stand("waiting_supplier")

    say(ticket, by=world.people[by], body="Hello", visibility=visibility, now=MONDAY)

    assert told() == expected


def test_reply_says_whose_words_and_where_to_answer(world):
    comment = say(
        world.ticket, by=world.people["assignee"], body="Try {this}", visibility="public", now=MONDAY
    )

    message = Message.objects.get(person=world.people["requester"])

    reference = world.ticket.reference
    assert message.subject == f"Update on your request {reference} No sound"
    assert message.body == (
        "No sound\n\nDev wrote:\n\nTry {this}\n\nRead it and answer:\n"
        f"http://127.0.0.1:8000/tickets/{reference}/"
    )
    assert (message.about_kind, message.about_id, message.council) == (
        "tickets.comment",
        comment.pk,
        world.ticket.council,
    )


@pytest.mark.parametrize("event", ["warned", "breached"])
def test_late_promise_is_told_to_who_has_the_ticket_once(world, event):
    clock = Clock.objects.get(ticket=world.ticket, metric="response")

    tell(event, world.ticket, now=MONDAY, clock=clock)
    tell(event, world.ticket, now=MONDAY, clock=clock)

    assert [(message.event, str(message.person)) for message in Message.objects.all()] == [(event, "Dev")]


def test_broken_glass_is_told_to_its_case_group_and_to_who_answers_for_cyber_security(world):
    ticket = restricted(world)
    glass = BreakGlass.objects.create(
        person=world.people["engineer"], ticket=ticket, reason="Danger", starts_at=MONDAY, ends_at=EVENING
    )

    tell("glass_broken", ticket, by=world.people["engineer"], now=MONDAY, glass=glass)

    assert told() == {("glass_broken", "Cas"), ("glass_broken", "Cy")}
    message = Message.objects.first()
    assert (message.about_kind, message.about_id) == ("tickets.breakglass", glass.pk)
    assert message.body == (
        f"Asha has opened the private request {ticket.reference} of Cherwell District Council in an emergency. "
        "It closes again on Monday 23 November 2026, 8pm."
    )
    assert "Danger" not in message.body + message.subject


def test_sealed_ticket_is_told_of_without_its_words(world):
    ticket = restricted(world)

    say(ticket, by=world.people["case worker"], body="About the grievance", visibility="public", now=MONDAY)
    say(ticket, by=world.people["requester"], body="My grievance", visibility="public", now=MONDAY)

    for message in Message.objects.all():
        assert message.subject == f"Update on your request {ticket.reference}"
        assert "grievance" not in message.body
        assert "No sound" not in message.body
    assert told() == {("answered", "Ben"), ("answered", "Eve"), ("case", "Cas")}


def test_webhooks_are_told_nothing_of_sealed_tickets(world):
    ticket = restricted(world)

    tell(
        "replied", ticket, by=None, now=MONDAY, comment=ticket.comments.create(visibility="public", at=MONDAY)
    )

    assert not Delivery.objects.exists()


class TestWhen:
    def test_within_hours_at_once(self, world):
        say(world.ticket, by=world.people["assignee"], body="x", visibility="public", now=MONDAY)

        assert {message.next_try_at for message in Message.objects.all()} == {MONDAY}

    def test_outside_hours_when_they_next_begin(self, world):
        say(world.ticket, by=world.people["assignee"], body="x", visibility="public", now=EVENING)

        assert {message.next_try_at for message in Message.objects.all()} == {TUESDAY_OPENS}

    def test_of_what_is_critical_at_once(self, world):
        ticket = world.stand("in_progress", priority="P1")

        say(ticket, by=world.people["assignee"], body="x", visibility="public", now=EVENING)

        assert {message.next_try_at for message in Message.objects.all()} == {EVENING}


class TestWho:
    @pytest.mark.parametrize("fields", [{"email": None}, {"is_active": False}])
    def test_who_cannot_be_reached_is_not_told(self, world, fields):
        Person.objects.filter(pk=world.people["requester"].pk).update(**fields)
        ticket = Ticket.objects.get(pk=world.ticket.pk)

        say(ticket, by=world.people["assignee"], body="x", visibility="public", now=MONDAY)

        assert told() == {("answered", "Eve")}

    def test_who_does_not_want_to_know_is_not_told(self, world):
        Preference.objects.create(person=world.people["requester"], event="answered", wanted=False)

        say(world.ticket, by=world.people["assignee"], body="x", visibility="public", now=MONDAY)

        assert told() == {("answered", "Eve")}

    def test_what_nobody_may_miss_is_told_all_the_same(self, world):
        Preference.objects.create(person=world.people["requester"], event="asked", wanted=False)

        move(
            world.stand("in_progress"), "ask_customer", by=world.people["assignee"], now=MONDAY, question="?"
        )

        assert told() == {("asked", "Ben"), ("asked", "Eve")}


def test_nobody_is_told_of_old_records(world):
    with unheard():
        say(world.ticket, by=world.people["assignee"], body="x", visibility="public", now=MONDAY)

    assert told() == set()


def test_what_is_not_kept_is_not_told(world):
    with pytest.raises(Exception, match="Choose"):
        move(world.stand("in_progress"), "hand_over", by=world.people["assignee"], note="x", now=MONDAY)

    assert told() == set()


def test_somebody_of_another_council_who_only_shares_the_desk_is_not_told(world):
    a_person(a_council("CDC"), "engineer", name="Other")

    say(world.ticket, by=world.people["requester"], body="x", visibility="public", now=MONDAY)

    assert told() == {("answered", "Eve"), ("customer_replied", "Dev")}
