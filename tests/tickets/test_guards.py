"""What a move refuses, with the sentence for the person and nothing written."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from servicedesk.history.models import Change, ChangeSet
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.tasking import add_task
from servicedesk.tickets.workflow import change, move
from tests.factories import a_case_group, a_council, a_requester, a_team, a_ticket
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def refusal(world, name: str, who: str, **given):
    """What the refusal says; a move that was refused has written nothing."""
    before = everything()
    with pytest.raises((MoveRefused, ValidationError)) as refused:
        move(world.ticket, name, by=world.people[who], now=MONDAY, **given)
    assert everything() == before
    error = refused.value
    return error.message_dict if isinstance(error, ValidationError) else str(error)


def everything():
    return list(Ticket.objects.values()), *(model.objects.count() for model in (Change, ChangeSet, Comment))


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("assign", "new", {"team": ["Choose a team"]}),
        ("put_back", "assigned", {"note": ["Enter a note for whoever takes this on"]}),
        ("hand_over", "in_progress", {"note": ["Enter a note for whoever takes this on"]}),
        ("ask_customer", "in_progress", {"question": ["Enter the question for the requester"]}),
        ("refer_to_supplier", "in_progress", {"supplier_team": ["Choose a supplier"]}),
        ("book", "in_progress", {"booked_for": ["Enter the date and time"]}),
        (
            "resolve",
            "in_progress",
            {
                "resolution_code": ["Choose how it was resolved"],
                "resolution_note": ["Enter what was done, in words for the requester"],
            },
        ),
        ("cancel", "new", {"reason": ["Enter the reason"]}),
    ],
)
def test_move_without_what_it_needs(name, state, said):
    world = a_world()
    world.stand(state)
    assert refusal(world, name, "queue manager") == said


def test_reject_without_a_reason():
    world = a_world()
    world.stand("waiting_approval")
    assert refusal(world, "reject", "approver") == {"reason": ["Enter the reason"]}


def test_move_with_something_it_does_not_take():
    world = a_world()
    assert refusal(world, "take", "engineer", note="Mine") == {"note": ["This move does not take that."]}


def test_take_of_what_somebody_has():
    world = a_world()
    world.stand("assigned")
    assert refusal(world, "take", "engineer") == (
        f"{world.ticket} is assigned to Dev. Use Hand over to take it on."
    )


def test_hand_over_to_where_it_is():
    world = a_world()
    world.stand("in_progress")
    same = {"team": ["Choose another team or another person."]}
    assert refusal(world, "hand_over", "engineer", note="Yours") == same
    assert refusal(world, "hand_over", "engineer", note="Yours", team=world.team) == same
    assert refusal(world, "hand_over", "engineer", note="Yours", assignee=world.people["assignee"]) == same


def test_giving_to_a_team_that_does_not_serve_the_council():
    world = a_world()
    elsewhere = a_team("Elsewhere", a_council("OCC"))
    said = {"team": ["Choose a team that works for this council."]}
    assert refusal(world, "assign", "engineer", team=elsewhere) == said
    sealed = a_case_group("legal", a_council("CDC"))
    assert refusal(world, "assign", "engineer", team=sealed) == said


def test_giving_to_somebody_who_may_not_work():
    world = a_world()
    said = {"assignee": ["Choose somebody who may work on this."]}
    assert refusal(world, "assign", "engineer", team=world.team, assignee=world.people["stranger"]) == said


def test_restricted_ticket_stays_with_its_case_group():
    world = a_world()
    restricted(world)
    world.stand("in_progress")
    team = {"team": ["Choose a team that works for this council."]}
    assert refusal(world, "hand_over", "case worker", note="Yours", team=world.team) == team
    person = {"assignee": ["Choose somebody who may work on this."]}
    assert (
        refusal(world, "hand_over", "case worker", note="Yours", assignee=world.people["engineer"]) == person
    )
    supplier = {"supplier_team": ["Choose a supplier that works for this council."]}
    assert refusal(world, "refer_to_supplier", "case worker", supplier_team=world.firm) == supplier


def test_referring_to_a_team_that_is_no_supplier():
    world = a_world()
    world.stand("in_progress")
    said = {"supplier_team": ["Choose a supplier that works for this council."]}
    assert refusal(world, "refer_to_supplier", "engineer", supplier_team=world.team) == said


def test_booking_in_the_past():
    world = a_world()
    world.stand("in_progress")
    said = {"booked_for": ["The date and time must be in the future."]}
    assert refusal(world, "book", "engineer", booked_for=MONDAY) == said


def test_resolving_with_open_children():
    world = a_world()
    world.stand("in_progress")
    first = a_ticket(world.people["requester"], parent=world.ticket)
    given = world.given("resolve")
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 1 open child ({first}). End it first."
    )
    second = a_ticket(world.people["requester"], parent=world.ticket)
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 2 open children ({first}, {second}). End them first."
    )


def test_resolving_with_an_open_child_that_the_person_may_not_see():
    world = a_world()
    world.stand("in_progress")
    a_ticket(world.people["requester"], parent=world.ticket, sharing="own_council")
    assert refusal(world, "resolve", "engineer", **world.given("resolve")) == (
        f"{world.ticket} has an open record that you cannot see. End it first."
    )


def test_resolving_with_open_tasks():
    world = a_world()
    world.stand("in_progress")
    asha, given = world.people["engineer"], world.given("resolve")
    add_task(world.ticket, by=asha, title="Order it", team=world.team, now=MONDAY)
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 1 open task. End it first."
    )
    a_ticket(world.people["requester"], parent=world.ticket, sharing="own_council")
    assert refusal(world, "resolve", "engineer", **given) == (
        f"{world.ticket} has 1 open task and an open record that you cannot see. End them first."
    )


def test_resolving_a_security_incident_without_its_lessons():
    world = a_world()
    Ticket.objects.update(type="security")
    restricted(world, "cyber")
    world.stand("in_progress")
    given = {**world.given("resolve"), "containment": "Blocked the sender"}
    assert refusal(world, "resolve", "cyber officer", **given) == {
        "recovery": ["Enter how things were put right"],
        "lessons": ["Enter what was learnt"],
    }
    told = {"containment": "Blocked", "recovery": "Reset", "lessons": "Train"}
    resolved = move(world.ticket, "resolve", by=world.people["cyber officer"], **{**given, **told})
    assert (resolved.state, resolved.containment, resolved.recovery, resolved.lessons) == (
        "resolved",
        "Blocked",
        "Reset",
        "Train",
    )


def test_cancelling_once_work_has_begun():
    world = a_world()
    world.stand("in_progress")
    assert refusal(world, "cancel", "requester", reason="It works") == (
        "We have begun to work on this. Reply to tell us that you no longer need it."
    )


def test_duplicate_of_itself_or_of_what_is_hidden():
    world = a_world()
    hidden = a_ticket(a_requester(), sharing="restricted", case_group=a_case_group("legal", a_council("OCC")))
    said = {"duplicate_of": ["Enter the reference of another request that you can see."]}
    assert refusal(world, "cancel", "queue manager", reason="Twice", duplicate_of=world.ticket) == said
    assert refusal(world, "cancel", "queue manager", reason="Twice", duplicate_of=hidden) == said
    other = a_ticket(world.people["requester"])
    cancelled = move(
        world.ticket, "cancel", by=world.people["queue manager"], reason="Twice", duplicate_of=other
    )
    assert (cancelled.state, cancelled.duplicate_of) == ("cancelled", other)


def test_asking_the_requester_to_approve():
    world = a_world()
    said = {"approver": ["Nobody approves their own request."]}
    for who in ("requester", "affected person"):
        given = {"approver": world.people[who], "reason": "Dear"}
        assert refusal(world, "request_approval", "system", **given) == said


def test_move_from_where_the_ticket_no_longer_stands():
    world = a_world()
    world.stand("new", assignee=None)
    move(world.ticket, "take", by=world.people["assignee"], now=MONDAY)
    assert refusal(world, "take", "engineer") == (
        f"{world.ticket} is in progress, so “Take” is not possible. Dev was the last to change it."
    )


def test_requester_is_told_in_their_own_words():
    world = a_world()
    world.stand("closed")
    assert refusal(world, "close", "requester") == f"{world.ticket} has changed. It now says: Finished."


def test_move_over_a_newer_version():
    world = a_world()
    read = world.stand("in_progress").version
    change(world.ticket, by=world.people["engineer"], version=read, title="No sound at all", now=MONDAY)
    with pytest.raises(StaleTicket) as stale:
        move(world.ticket, "put_back", by=world.people["assignee"], version=read, note="x")
    assert str(stale.value) == f"{world.ticket} was changed by Asha while you were looking at it."


def test_change_over_a_newer_version_keeps_the_newer():
    world = a_world()
    change(world.ticket, by=world.people["engineer"], version=1, title="Newer", now=MONDAY)
    with pytest.raises(StaleTicket):
        change(world.ticket, by=world.people["assignee"], version=1, title="Older", now=MONDAY)
    world.ticket.refresh_from_db()
    assert world.ticket.title == "Newer"


def test_change_of_what_is_not_a_fact():
    world = a_world()
    with pytest.raises(ValidationError) as refused:
        change(world.ticket, by=world.people["engineer"], version=1, state="closed", now=MONDAY)
    assert refused.value.message_dict == {"state": ["This cannot be changed here."]}


def test_reopening_within_and_after_five_working_days():
    world = a_world()
    world.stand("resolved", resolved_at=MONDAY)
    until = MONDAY + timedelta(days=7)  # five working days of 8am to 5:30pm, from Monday 9:12 to Monday 9:12
    with pytest.raises(MoveRefused) as refused:
        move(world.ticket, "reopen", by=world.people["requester"], now=until + timedelta(seconds=1))
    assert str(refused.value) == ("This was finished more than 5 working days ago. Ask again about it.")
    reopened = move(world.ticket, "reopen", by=world.people["requester"], message="No", now=until)
    assert (reopened.state, reopened.reopen_count, reopened.resolved_at) == ("in_progress", 1, None)
