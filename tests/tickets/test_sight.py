"""Who sees which ticket: the whole table, both councils."""

import pytest
from django.http import Http404

from servicedesk.people.access import open_door
from servicedesk.people.models import Person
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.replying import say
from tests.factories import (
    a_case_group,
    a_council,
    a_person,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_engineer,
)
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db

# By role at the ticket's own council, then at the other one.
EVERYONE = {
    "requester": ("", ""),
    "engineer": ("shared own", "shared"),
    "queue_manager": ("shared own", "shared"),
    "asset_manager": ("", ""),
    "cyber_officer": ("shared own cyber", "shared own cyber"),
    "service_owner": ("", ""),
    "supplier_contact": ("", ""),
    "budget_approver": ("", ""),
    "administrator": ("", ""),
    "auditor": ("shared own", ""),
}


@pytest.fixture
def tickets():
    """A ticket of Cherwell of each kind of sharing."""
    cdc = a_council("CDC")
    ben = a_requester(cdc, name="Ben")
    group = {kind: a_case_group(kind, cdc) for kind in ("hr", "cyber")}
    return {
        "shared": a_ticket(ben),
        "own": a_ticket(ben, sharing="own_council"),
        **{
            kind: a_ticket(ben, sharing="restricted", sensitivity=kind, case_group=group[kind])
            for kind in group
        },
    }


def seen_by(person, tickets) -> str:
    found = set(Ticket.objects.visible_to(person).values_list("pk", flat=True))
    return " ".join(name for name, ticket in tickets.items() if ticket.pk in found)


def test_each_role_at_each_council(tickets):
    cdc, occ = a_council("CDC"), a_council("OCC")
    assert {
        role: (seen_by(a_person(cdc, role), tickets), seen_by(a_person(occ, role), tickets))
        for role in EVERYONE
    } == EVERYONE


def test_the_people_it_concerns(tickets):
    cdc = a_council("CDC")
    everything = "shared own hr cyber"
    assert seen_by(tickets["hr"].requester, tickets) == everything
    affected, assignee = a_requester(cdc), an_engineer(a_council("OCC"))
    Ticket.objects.update(affected_person=affected)
    assert seen_by(affected, tickets) == everything
    Ticket.objects.update(affected_person=None, assignee=assignee)
    assert (
        seen_by(assignee, tickets) == "shared own"
    )  # a sealed one is its case group's, whoever it is assigned to


def test_the_members_of_the_case_group_alone(tickets):
    cdc = a_council("CDC")
    member = a_requester(cdc)
    a_case_group("hr", a_council("OCC"), member)
    assert seen_by(member, tickets) == ""
    tickets["hr"].case_group.memberships.create(person=member, starts_at=MONDAY.replace(year=2020))
    assert seen_by(Person.objects.get(pk=member.pk), tickets) == "hr"


def test_owner_of_the_service_sees_what_is_not_sealed(tickets):
    owner = a_person(a_council("CDC"), "service_owner")
    elsewhere = a_person(a_council("OCC"), "service_owner")
    Ticket.objects.update(service=a_service(owner=owner))
    assert seen_by(owner, tickets) == "shared own"
    Ticket.objects.update(service=a_service(owner=elsewhere))
    assert seen_by(elsewhere, tickets) == "shared"


def test_supplier_sees_what_is_with_it_and_only_then(tickets):
    contact = a_person(a_council("OCC"), "supplier_contact")
    firm = a_team("Acme", kind="supplier", members=(contact,))
    Ticket.objects.update(supplier_team=firm)
    assert seen_by(contact, tickets) == ""
    Ticket.objects.update(state="waiting_supplier")
    assert seen_by(contact, tickets) == "shared own"


def test_people_without_a_role_or_no_longer_active_see_nothing(tickets):
    nobody = a_person(a_council("CDC"))
    gone = an_engineer(a_council("CDC"), is_active=False)
    assert (seen_by(nobody, tickets), seen_by(gone, tickets), seen_by(None, tickets)) == ("", "", "")


def test_hidden_ticket_is_as_one_that_does_not_exist(tickets):
    asha = an_engineer(a_council("OCC"))
    for reference in (tickets["hr"].reference, "INC-2026-999999", "\0"):
        with pytest.raises(Http404):
            open_door(asha, Ticket.objects, reference=reference)


def test_who_reads_which_comment():
    world = a_world()
    world.stand("waiting_supplier")
    for visibility in ("public", "internal", "supplier"):
        say(world.ticket, by=world.people["assignee"], body=visibility, visibility=visibility, now=MONDAY)
    everything, outsider = ["public", "internal", "supplier"], ["public"]
    assert {
        who: [comment.body for comment in readable_by(person, world.ticket)]
        for who, person in world.people.items()
        if person
    } == {
        "engineer": everything,
        "assignee": everything,
        "queue manager": everything,
        "requester": outsider,
        "affected person": outsider,
        "approver": outsider,
        "supplier contact": ["public", "supplier"],
        "other supplier's contact": outsider,
        "case worker": outsider,
        "cyber officer": everything,
        "asset manager": outsider,
        "stranger": outsider,
    }
