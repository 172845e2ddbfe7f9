"""Priorities raised by a step, set by hand with a reason, or proposed."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.people.access import history_of
from servicedesk.tickets.breaches import explain_breach
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.priorities import MATRIX, priority_for, uplift_of
from servicedesk.tickets.prioritising import (
    override_priority,
    propose_priority,
    set_uplift,
    shown_uplift,
)
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.workflow import change, move
from tests.factories import a_case_group, a_council, a_person, a_requester, an_engineer
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db

LATER = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def an_incident(requester, **given):
    return raise_ticket(
        by=requester, requester=requester, type="incident", title="No sound", now=MONDAY, **given
    )


@pytest.mark.parametrize("uplift", ["vip", "safeguarding", "assistive"])
def test_uplift_raises_one_step_and_never_to_p1(uplift):
    raised = {by: str(priority_for(*by, uplift)) for by in MATRIX}

    assert raised == {
        (1, 1): "P1",
        (1, 2): "P2",
        (1, 3): "P2",
        (2, 1): "P2",
        (2, 2): "P2",
        (2, 3): "P3",
        (3, 1): "P2",
        (3, 2): "P3",
        (3, 3): "P3",
    }


def test_override_counts_before_matrix_and_uplift():
    assert priority_for(3, 3, "vip", "P1") == "P1"


@pytest.mark.parametrize(
    ("fields", "uplift", "priority"),
    [
        ({}, "", "P4"),
        ({"vip": True}, "vip", "P3"),
        ({"uses_assistive_technology": True}, "assistive", "P3"),
        ({"vip": True, "uses_assistive_technology": True}, "vip", "P3"),
    ],
)
def test_whom_it_is_for_raises_it_from_the_first_instant(fields, uplift, priority):
    ticket = an_incident(a_requester(**fields))

    assert (ticket.uplift, ticket.priority) == (uplift, priority)
    assert ticket.clocks.get(metric="resolution").service_level.priority == priority


def test_whom_it_is_for_counts_rather_than_who_asked():
    asked, affected = a_requester(vip=True), a_requester()

    assert uplift_of(affected) == an_incident(asked, affected_person=affected).uplift == ""


def test_safety_is_said_by_the_desk_alone():
    ben, asha = a_requester(), an_engineer()

    with pytest.raises(PermissionDenied):
        an_incident(ben, safeguarding=True)
    ticket = raise_ticket(by=asha, requester=ben, type="incident", title="A", safeguarding=True, now=MONDAY)

    assert (ticket.uplift, ticket.priority) == ("safeguarding", "P3")


def test_priority_set_by_hand_has_its_reason_and_its_deadlines_and_outlasts_the_matrix():
    world = a_world()
    mia = world.people["queue manager"]

    ticket = override_priority(
        world.ticket, by=mia, priority="P2", reason="The chief executive's talk", now=LATER
    )
    ticket = change(ticket, by=mia, version=ticket.version, urgency=3, now=LATER)

    assert (ticket.priority, ticket.priority_override) == ("P2", "P2")
    assert ticket.priority_reason == "The chief executive's talk"
    assert ticket.due_at == datetime(2026, 11, 23, 17, 12, tzinfo=UTC)
    told = history_of(mia, ticket)[1]
    assert told.fields["priority"] == ["P3", "P2", "P3 normal", "P2 high"]
    assert told.change_set.reason == "The chief executive's talk"


def test_reason_of_a_priority_set_by_hand_is_for_the_desk(client):
    council = a_council("CDC")
    ticket, queue = an_incident(a_requester(council)), a_person(council, "queue_manager")
    override_priority(ticket, by=queue, priority="P4", reason="He always exaggerates")

    told = []
    for person in (queue, ticket.requester):
        client.force_login(person)
        told.append(client.get(f"/api/v1/tickets/{ticket}/").json()["priority_reason"])
    assert told == ["He always exaggerates", ""]


def test_the_way_back_to_the_matrix_keeps_no_reason():
    world = a_world()
    mia = world.people["queue manager"]
    ticket = override_priority(world.ticket, by=mia, priority="P1", reason="Talk", now=LATER)

    ticket = override_priority(ticket, by=mia, priority="", reason="The talk is over", now=LATER)

    assert (ticket.priority, ticket.priority_override, ticket.priority_reason) == ("P3", "", "")


def test_what_was_never_set_by_hand_goes_back_to_the_matrix_without_a_change():
    world = a_world()

    override_priority(
        world.ticket, by=world.people["queue manager"], priority="", reason="Just so", now=LATER
    )

    assert Ticket.objects.get().version == world.ticket.version


@pytest.mark.parametrize("who", ["engineer", "assignee", "requester", "stranger", "supplier contact"])
def test_priority_is_set_by_nobody_else(who):
    world = a_world()

    with pytest.raises(PermissionDenied):
        override_priority(world.ticket, by=world.people[who], priority="P1", reason="Mine")


def test_cyber_officer_sets_the_priority_of_a_security_incident():
    world = a_world()
    ticket = restricted(world, "cyber")

    ticket = override_priority(ticket, by=world.people["cyber officer"], priority="P1", reason="Spreading")

    assert ticket.priority == "P1"
    with pytest.raises(PermissionDenied):
        override_priority(ticket, by=world.people["queue manager"], priority="P4", reason="No")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"priority": "P9", "reason": "x"}, "priority"),
        ({"priority": "P1", "reason": " "}, "reason"),
        ({"priority": "P1", "reason": "x" * 201}, "reason"),
    ],
)
def test_priority_by_hand_needs_a_priority_and_a_reason_that_can_be_kept(given, field):
    world = a_world()

    with pytest.raises(ValidationError) as refused:
        override_priority(world.ticket, by=world.people["queue manager"], **given)

    assert list(refused.value.message_dict) == [field]


def test_what_was_changed_meanwhile_or_has_ended_keeps_its_priority():
    world = a_world()
    mia = world.people["queue manager"]
    with pytest.raises(StaleTicket):
        override_priority(world.ticket, by=mia, priority="P1", reason="x", version=world.ticket.version + 1)
    ended = move(world.ticket, "resolve", by=mia, resolution_code="fixed", resolution_note="Done", now=LATER)
    with pytest.raises(MoveRefused):
        override_priority(ended, by=mia, priority="P1", reason="x")


def test_who_could_no_longer_work_on_it_meanwhile_changes_no_priority():
    """The right is asked of the request as it is, not as it was read."""
    council = a_council("CDC")
    ticket, dev = an_incident(a_requester(council)), a_person(council, "engineer", "queue_manager")
    group = a_case_group("hr", council, a_requester(council))
    Ticket.objects.filter(pk=ticket.pk).update(sharing="restricted", sensitivity="hr", case_group=group)

    for deed in (
        lambda: set_uplift(ticket, by=dev, uplift="vip"),
        lambda: override_priority(ticket, by=dev, priority="P1", reason="It is urgent"),
        lambda: explain_breach(ticket.clocks.first(), by=dev, reason="other", note="It took long"),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_engineer_proposes_in_a_note_that_changes_nothing():
    world = a_world()

    comment = propose_priority(
        world.ticket, by=world.people["engineer"], priority="P2", reason="Payday", now=LATER
    )

    world.ticket.refresh_from_db()
    assert (comment.visibility, comment.body) == (
        Comment.Visibility.INTERNAL,
        "Proposes the priority P2 high: Payday",
    )
    assert world.ticket.priority == "P3"


def test_need_of_a_disability_is_told_to_the_desk_of_its_own_council_alone():
    occ, cdc = a_council("OCC"), a_council("CDC")
    ticket = an_incident(a_requester(cdc, uses_assistive_technology=True))
    theirs, own = an_engineer(occ), an_engineer(cdc)

    assert (shown_uplift(theirs, ticket), shown_uplift(own, ticket)) == ("", "assistive")
    assert set_uplift(ticket, by=theirs, uplift="", now=LATER).uplift == "assistive"
    assert set_uplift(ticket, by=own, uplift="", now=LATER).uplift == ""
    assert [change.fields for change in history_of(own, ticket)][0]["uplift"][:2] == ["assistive", ""]
    assert not any("uplift" in change.fields for change in history_of(theirs, ticket))


def test_raising_by_hand_brings_the_deadline_of_the_priority():
    world = a_world()

    ticket = set_uplift(world.ticket, by=world.people["engineer"], uplift="safeguarding", now=LATER)

    assert (ticket.priority, ticket.due_at) == ("P2", datetime(2026, 11, 23, 17, 12, tzinfo=UTC))
    with pytest.raises(PermissionDenied):
        set_uplift(ticket, by=a_person(None, "service_owner"), uplift="")
    with pytest.raises(ValidationError):
        set_uplift(ticket, by=world.people["engineer"], uplift="friend")
