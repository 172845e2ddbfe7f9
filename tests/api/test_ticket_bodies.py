"""The whole body of a ticket, of what was said on it, and of its deadlines."""

from datetime import UTC, datetime

import pytest

from servicedesk.tickets.breaches import mark_breaches
from servicedesk.tickets.prioritising import override_priority
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.api.calling import as_person, one_page
from tests.factories import (
    a_person,
    a_requester,
    a_service,
    a_team,
    an_asset,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 22, 8, 12, tzinfo=UTC)


@pytest.fixture
def life(asha):
    """A ticket that was raised on a summer Monday, taken, and asked about."""
    ben = a_requester(name="Ben")
    service = a_service("Email", a_team("Desk", members=(asha,)))
    ticket = raise_ticket(
        by=ben,
        requester=ben,
        type="incident",
        title="No sound",
        description="In calls",
        service=service,
        impact=3,
        urgency=1,
        now=MONDAY,
    )
    move(ticket, "take", by=asha, now=datetime(2026, 6, 22, 9, tzinfo=UTC))
    return move(
        ticket,
        "ask_customer",
        by=asha,
        question="Which headset?",
        now=datetime(2026, 6, 22, 13, tzinfo=UTC),
    )


def ticket_body(ticket) -> dict:
    return {
        "reference": ticket.reference,
        "type": "incident",
        "council": "OCC",
        "sharing": "shared",
        "sensitivity": "normal",
        "requester": {"id": ticket.requester_id, "name": "Ben"},
        "affected_person": None,
        "channel": "portal",
        "title": "No sound",
        "service": {"id": ticket.service_id, "name": "Email"},
        "category": "",
        "subcategory": "",
        "site": None,
        "impact": 3,
        "urgency": 1,
        "priority": "P3",
        "priority_override": "",
        "state": "waiting_customer",
        "team": {"id": ticket.team_id, "name": "Desk"},
        "assignee": {"id": ticket.assignee_id, "name": "Asha"},
        "supplier_team": None,
        "booked_for": None,
        "reported_at": "2026-06-22T09:12:00+01:00",
        "logged_at": "2026-06-22T09:12:00+01:00",
        "first_response_at": "2026-06-22T14:00:00+01:00",
        "response_due_at": "2026-06-22T13:12:00+01:00",
        "due_at": None,
        "next_update_due_at": None,
        "supplier_due_at": None,
        "breached_at": None,
        "resolved_at": None,
        "closed_at": None,
        "reopen_count": 0,
        "resolution_code": "",
        "version": 3,
    }


def test_ticket(life, asha):
    caller, body = as_person(asha), ticket_body(life)
    moves = ["hand_over", "customer_replied", "resolve"]

    assert caller.get("tickets/").json() == one_page(body)
    assert caller.get(f"tickets/{life.reference}/").json() == {
        **body,
        "uplift": "",
        "matrix_priority": "P3",
        "priority_reason": "",
        "description": "In calls",
        "resolution_note": "",
        "assignee_away_until": None,
        "approver": None,
        "approval_reason": "",
        "approval_cost": None,
        "parent": None,
        "merged_into": None,
        "moves": moves,
    }


@pytest.mark.parametrize("name", ["priority", "unassigned", "breached", "my_teams"])
def test_requester_learns_nothing_by_narrowing_their_own_list(life, name):
    caller = as_person(life.requester)
    values = [f"P{level}" for level in range(1, 5)] if name == "priority" else ["true", "false"]

    assert [caller.get(f"tickets/?{name}={value}").json() for value in values] == [one_page()] * len(values)
    assert len(caller.get("tickets/").json()["results"]) == 1


def test_requester_is_told_what_the_page_of_their_request_says(life):
    caller, body = as_person(life.requester), ticket_body(life)
    desks = ["category", "subcategory", "impact", "urgency", "priority", "priority_override"]
    desks += ["team", "assignee", "supplier_team", "supplier_due_at", "reopen_count", "resolution_code"]
    for name in desks:
        del body[name]

    assert caller.get("tickets/").json() == one_page(body)
    assert caller.get(f"tickets/{life.reference}/").json() == {
        **body,
        "priority_reason": "",
        "description": "In calls",
        "resolution_note": "",
        "approver": None,
        "approval_reason": "",
        "approval_cost": None,
        "parent": None,
        "merged_into": None,
        "moves": [],
    }


def test_comments_as_far_as_the_person_may_read_them(life, asha):
    note = say(
        life,
        by=asha,
        body="Try another socket",
        visibility="internal",
        now=datetime(2026, 6, 22, 14, tzinfo=UTC),
    )
    question = {
        "id": life.comments.first().pk,
        "ticket": life.reference,
        "author": {"id": asha.pk, "name": "Asha"},
        "visibility": "public",
        "body": "Which headset?",
        "at": "2026-06-22T14:00:00+01:00",
        "attachments": [],
    }
    internal = {
        "id": note.pk,
        "ticket": life.reference,
        "author": {"id": asha.pk, "name": "Asha"},
        "visibility": "internal",
        "body": "Try another socket",
        "at": "2026-06-22T15:00:00+01:00",
        "attachments": [],
    }
    path = f"tickets/{life.reference}/comments/"

    assert as_person(asha).get(path).json() == one_page(question, internal)
    assert as_person(life.requester).get(path).json() == one_page(question)


def test_deadlines_of_a_ticket_that_waits(life, asha):
    say(
        life,
        by=life.requester,
        body="The grey one",
        visibility="public",
        now=datetime(2026, 6, 23, 9, tzinfo=UTC),
    )

    response, resolution = as_person(asha).get(f"tickets/{life.reference}/deadlines/").json()["results"]

    assert response == {
        "id": life.clocks.get(metric="response").pk,
        "metric": "response",
        "state": "missed",
        "calendar": "STD",
        "service_level_version": 1,
        "goal_percent": 90,
        "started_at": "2026-06-22T09:12:00+01:00",
        "target_seconds": 14400,
        "due_at": "2026-06-22T13:12:00+01:00",
        "warn_at": "2026-06-22T12:12:00+01:00",
        "warned_at": None,
        "agreement": "",
        "warning": "",
        "supplier": None,
        "breach_cause": "",
        "breach_reason": "",
        "breach_note": "",
        "breach_explained_by": None,
        "breached_at": "2026-06-22T13:12:00+01:00",
        "breach_kind": "normal",
        "stopped_at": "2026-06-22T14:00:00+01:00",
        "elapsed_seconds": 17280,
        "paused_seconds": 0,
        "slots": [["2026-06-22T09:12:00+01:00", "2026-06-22T13:12:00+01:00"]],
        "pauses": [],
        "why": ["Monday 22 June, 9:12am to 1:12pm: 4 h"],
    }
    assert resolution["due_at"] == "2026-06-25T14:42:00+01:00"
    assert resolution["pauses"] == [["2026-06-22T14:00:00+01:00", "2026-06-23T10:00:00+01:00"]]
    assert resolution["slots"][:2] == [
        ["2026-06-22T09:12:00+01:00", "2026-06-22T14:00:00+01:00"],
        ["2026-06-23T10:00:00+01:00", "2026-06-23T17:30:00+01:00"],
    ]


def test_what_was_said_of_a_breach_is_told_to_who_reads_the_notes_of_the_desk_alone(life, asha):
    manager = a_person(None, "queue_manager", name="Mo")
    mark_breaches(datetime(2026, 6, 23, 9, tzinfo=UTC))
    clock = life.clocks.get(metric="response")
    path = f"tickets/{life.reference}/"
    said = {"reason": "other", "note": "Half the desk was ill"}
    assert as_person(manager).ask("POST", f"{path}breaches/{clock.pk}/", said).status_code == 200

    told = {
        reader: as_person(reader).get(f"{path}deadlines/").json()["results"][0]
        for reader in (asha, life.requester)
    }

    names = ("breach_reason", "breach_note", "breach_explained_by", "why")
    assert {reader: [one[name] for name in names] for reader, one in told.items()} == {
        asha: [
            "other",
            "Half the desk was ill",
            {"id": manager.pk, "name": "Mo"},
            ["Monday 22 June, 9:12am to 1:12pm: 4 h"],
        ],
        life.requester: ["", "", None, []],
    }


def test_change_that_broke_a_promise_is_told_to_the_desk(asha):
    ben, manager = a_requester(), a_person(None, "queue_manager")
    service = a_service("Email", a_team("Desk", members=(asha, manager)))
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="No sound", service=service, now=MONDAY
    )
    override_priority(
        ticket, by=manager, priority="P1", reason="All are down", now=datetime(2026, 6, 25, 9, tzinfo=UTC)
    )
    path = f"tickets/{ticket.reference}/deadlines/"

    told, asked = (
        {one["metric"]: one for one in as_person(reader).get(path).json()["results"]}["resolution"]
        for reader in (asha, ben)
    )

    assert (told["breach_kind"], told["breach_cause"]) == ("by_reprioritisation", "now P1 critical")
    assert "now P1 critical, so 4 h from the start" in told["why"][-1]
    assert (asked["breach_cause"], asked["why"]) == ("", [])


def test_tickets_of_an_asset_are_those_that_the_person_may_see(life, asha):
    laptop = an_asset()
    laptop.service_records.create(council=laptop.council, ticket=life)
    path = f"assets/{laptop.pk}/tickets/"

    assert as_person(asha).get(path).json() == one_page(ticket_body(life))
    assert as_person(a_person(None, "budget_approver")).get(path).json() == one_page()
