"""Who may say what, and what saying it does."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.people.grants import end
from servicedesk.people.models import Person
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_council, a_person, a_requester, a_team, an_engineer
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db

WORKERS = {"engineer", "assignee", "queue manager"}


@pytest.mark.parametrize(
    ("visibility", "who"),
    [
        ("public", WORKERS | {"requester", "affected person"}),
        ("internal", WORKERS),
        ("supplier", WORKERS | {"supplier contact"}),
    ],
)
def test_who_may_say_it(visibility, who):
    world = a_world()
    world.stand("waiting_supplier")
    said = set()
    for name, person in world.people.items():
        try:
            say(world.ticket, by=person, body="Hello", visibility=visibility, now=MONDAY)
            said.add(name)
        except PermissionDenied:
            pass
    assert said == who


@pytest.mark.parametrize("who", ["requester", "affected person"])
def test_answer_of_the_requester_sets_the_desk_to_work(who):
    world = a_world()
    world.stand("waiting_customer")
    say(world.ticket, by=world.people[who], body="The grey one", visibility="public", now=MONDAY)
    ticket = Ticket.objects.get(pk=world.ticket.pk)
    assert (ticket.state, ticket.last_comment_by, ticket.last_comment_at) == (
        "in_progress",
        world.people[who],
        MONDAY,
    )


def test_word_of_the_desk_leaves_it_waiting():
    world = a_world()
    world.stand("waiting_customer")
    say(world.ticket, by=world.people["engineer"], body="Any news?", visibility="public", now=MONDAY)
    assert Ticket.objects.get(pk=world.ticket.pk).state == "waiting_customer"


@pytest.mark.parametrize("state", ["closed", "cancelled", "rejected"])
def test_nothing_public_is_said_once_it_has_ended(state):
    world = a_world()
    world.stand(state)
    with pytest.raises(MoveRefused) as refused:
        say(world.ticket, by=world.people["requester"], body="One more thing", visibility="public")
    assert str(refused.value) == ("This request has ended, so nobody would read a reply. Ask again about it.")
    note = say(world.ticket, by=world.people["engineer"], body="For the record", visibility="internal")
    assert list(Comment.objects.all()) == [note]


def test_empty_word():
    world = a_world()
    with pytest.raises(ValidationError) as refused:
        say(world.ticket, by=world.people["requester"], body=" \n ", visibility="public")
    assert refused.value.message_dict == {"body": ["Enter your message"]}


def test_note_to_a_supplier_that_there_is_not():
    world = a_world()
    Ticket.objects.update(supplier_team=None)
    with pytest.raises(ValidationError) as refused:
        say(world.ticket, by=world.people["engineer"], body="Look", visibility="supplier")
    assert refused.value.message_dict == {
        "visibility": ["This request is with no supplier, so none would read a note to it."]
    }


def test_a_supplier_reads_its_own_notes_and_not_those_of_another_firm():
    occ = a_council("OCC")
    ben, asha = a_requester(occ), an_engineer(occ)
    first, second = a_person(occ, "supplier_contact"), a_person(occ, "supplier_contact")
    firm_a = a_team("Firm A", occ, members=(first,), kind="supplier")
    firm_b = a_team("Firm B", occ, members=(second,), kind="supplier")
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="Line down")
    ticket = move(ticket, "take", by=asha)
    ticket = move(ticket, "refer_to_supplier", by=asha, supplier_team=firm_a, supplier_note="To A alone")
    say(ticket, by=first, body="A's quote", visibility="supplier")
    ticket = move(ticket, "supplier_answered", by=asha)
    ticket = move(ticket, "refer_to_supplier", by=asha, supplier_team=firm_b, supplier_note="To B alone")

    assert [comment.body for comment in readable_by(second, ticket)] == ["To B alone"]
    assert [comment.body for comment in readable_by(asha, ticket)] == [
        "To A alone",
        "A's quote",
        "To B alone",
    ]


def test_who_has_left_the_case_group_reads_nothing_of_a_case_that_was_theirs():
    occ = a_council("OCC")
    member, ben = a_requester(occ), a_requester(occ)
    group = a_case_group("hr", occ, member)
    ticket = raise_ticket(by=ben, requester=ben, type="request", title="A matter", sensitivity="hr")
    Ticket.objects.filter(pk=ticket.pk).update(assignee=member)
    end(group.memberships.get(person=member), by=None)

    again = Person.objects.get(pk=member.pk)

    assert not Ticket.objects.visible_to(again).exists()
    assert not may_work(again, Ticket.objects.get(pk=ticket.pk))
