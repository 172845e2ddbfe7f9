"""The page of an approval once it is decided: what, by whom and when, for whoever decided it or was asked."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from servicedesk.people.grants import end
from servicedesk.people.models import Membership, Person
from servicedesk.people.standing_in import name_stand_in
from servicedesk.tickets.models import Sighting, Ticket
from servicedesk.tickets.workflow import change, move
from tests.factories import a_case_group, a_requester
from tests.portal.test_home import signed_in
from tests.tickets.test_approvals import WEDNESDAY, Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    desk = Desk()
    desk.eve = a_requester(desk.cdc, name="Eve")
    return desk


def waiting(desk) -> Ticket:
    return move(desk.asked(), "request_approval", by=desk.asha, approver=desk.cleo, reason="It costs")


def page(person: Person, ticket: Ticket, status: int = 200) -> str:
    response = signed_in(person).get(f"/requests/{ticket}/approve/")
    assert response.status_code == status
    main = response.content.decode().split("<main", 1)[-1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main.partition(">")[2]).split())


def test_who_has_decided_reads_what_and_when(desk):
    ticket = waiting(desk)
    move(ticket, "reject", by=desk.cleo, reason="Too dear", now=WEDNESDAY)
    move(another := waiting(desk), "approve", by=desk.cleo, now=WEDNESDAY)

    assert page(desk.cleo, ticket) == (
        f"{ticket} A laptop This does not wait for you any more. Decided Not approved By Cleo "
        "When Wednesday 25 November 2026, 9:40am Said with it Too dear"
    )
    assert "Decided Approved By Cleo" in page(desk.cleo, another)


def test_stand_in_and_whom_it_was_asked_of_read_who_decided(desk):
    ticket = waiting(desk)
    until = timezone.now() + timedelta(days=7)
    name_stand_in(desk.cleo, desk.eve, by=desk.cleo, starts_at=None, ends_at=until)
    move(ticket, "approve", by=Person.objects.get(pk=desk.eve.pk))

    for person in (desk.eve, desk.cleo):
        text = page(person, ticket)
        assert ("By Eve" in text, "Said with it In place of Cleo" in text) == (True, True)
    page(desk.dot, ticket, 404)


def test_title_is_told_as_it_was_decided_on(desk):
    ticket = move(waiting(desk), "approve", by=desk.cleo)
    change(ticket, by=desk.asha, version=ticket.version, title="A laptop for somebody who is ill")

    text = page(desk.cleo, ticket)
    assert ("A laptop This does not" in text, "ill" in text) == (True, False)


def test_sealed_decision_is_told_to_its_case_group_in_writing_and_nothing_to_others_or_the_person_has_no_role(
    desk,
):
    sealed, other = (move(waiting(desk), "approve", by=desk.cleo) for _ in range(2))
    group = a_case_group("hr", desk.cdc)
    Ticket.objects.filter(pk=sealed.pk).update(sharing="restricted", sensitivity="hr", case_group=group)

    page(desk.cleo, sealed, 404)
    Membership.objects.create(person=desk.cleo, team=group, starts_at=WEDNESDAY)
    page(desk.cleo, sealed)
    assert list(Sighting.objects.values_list("person", "ticket", "how")) == [
        (desk.cleo.pk, sealed.pk, "page")
    ]
    page(desk.cleo, other)
    for grant in desk.cleo.grants.all():
        end(grant, by=None)
    page(desk.cleo, other, 404)


def test_what_is_asked_again_waits_again(desk):
    ticket = move(waiting(desk), "approve", by=desk.cleo)
    ticket = move(ticket, "put_back", by=desk.asha, note="It costs more")
    move(ticket, "request_approval", by=desk.asha, approver=desk.cleo, reason="It costs more")

    assert "Do you approve it?" in page(desk.cleo, ticket)


def test_who_presses_a_second_time_is_told_what_was_decided_and_changes_nothing(desk):
    ticket = move(waiting(desk), "approve", by=desk.cleo)

    answer = signed_in(desk.cleo).post(f"/requests/{ticket}/reject/", {"reason": "No"})

    assert (answer.status_code, "Approved" in answer.content.decode()) == (409, True)
    ticket.refresh_from_db()
    assert ticket.state == "assigned"
