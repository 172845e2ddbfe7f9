"""Approval while the approver is away: a stand-in decides, with the duties kept apart all the same."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from servicedesk.history.models import ChangeSet
from servicedesk.notifications.models import Message
from servicedesk.people.duty import note_absence
from servicedesk.people.models import Person
from servicedesk.people.standing_in import end_stand_in, name_stand_in
from servicedesk.portal.approving import to_approve
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.sight import everyone_who_sees, why
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_person, a_requester
from tests.tickets.test_approvals import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    desk = Desk()
    desk.eve = a_requester(desk.cdc, name="Eve")
    return desk


def again(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def stands_in(person: Person, stand_in: Person):
    ends_at = timezone.now() + timedelta(days=7)
    return name_stand_in(person, stand_in, by=person, starts_at=None, ends_at=ends_at)


def waiting(desk, by: Person | None = None, approver: Person | None = None, **given) -> Ticket:
    ticket = desk.asked(**given)
    asked = {"approver": approver or desk.cleo, "reason": "It costs"}
    return move(ticket, "request_approval", by=by or desk.asha, **asked)


def decides(person: Person, ticket: Ticket) -> tuple[bool, bool]:
    """Whether it waits for them, and whether they could approve it."""
    person = again(person)
    return to_approve(person).filter(pk=ticket.pk).exists(), "approve" in moves_open_to(person, ticket)


def test_stand_in_sees_what_waits_and_decides_and_history_says_in_whose_place(desk, client):
    ticket = waiting(desk)
    stands_in(desk.cleo, desk.eve)
    client.force_login(desk.eve)
    page = client.get("/").content.decode()
    assert ("A laptop" in page, ", in the place of Cleo" in page) == (True, True)
    assert "It costs" in client.get(reverse("portal:approve", args=[ticket])).content.decode()

    approved = move(ticket, "approve", by=again(desk.eve))

    deed = ChangeSet.objects.latest("pk")
    assert (approved.state, deed.by_label, deed.reason) == ("assigned", "Eve", "In place of Cleo")
    assert not Ticket.objects.visible_to(again(desk.eve)).exists()


def test_approver_decides_as_well_and_says_so_in_nobodys_place(desk):
    ticket = waiting(desk)
    stands_in(desk.cleo, desk.eve)

    move(ticket, "approve", by=again(desk.cleo))

    assert ChangeSet.objects.latest("pk").reason == ""


def test_nobody_decides_before_after_or_for_somebody_else(desk):
    ticket, other = waiting(desk), waiting(desk, approver=desk.dot)
    assert decides(desk.eve, ticket) == (False, False)
    row = stands_in(desk.cleo, desk.eve)
    assert (decides(desk.eve, ticket), decides(desk.eve, other)) == ((True, True), (False, False))

    end_stand_in(row, by=desk.cleo)

    assert decides(desk.eve, ticket) == (False, False)
    with pytest.raises(PermissionDenied):
        move(ticket, "approve", by=again(desk.eve))


def test_stand_in_never_decides_on_what_they_asked_for_or_is_for_them(desk):
    own, for_them = waiting(desk), waiting(desk, affected_person=desk.eve)
    stands_in(desk.cleo, desk.ben)
    assert decides(desk.ben, own) == (False, False)

    end_stand_in(desk.cleo.stood_in_for_by.get(), by=desk.cleo)
    stands_in(desk.cleo, desk.eve)

    assert (decides(desk.eve, for_them), decides(desk.eve, own)) == ((False, False), (True, True))


def test_engineer_who_wanted_it_approved_does_not_approve_it_as_a_stand_in(desk):
    ticket, of_another = waiting(desk, by=desk.dev), waiting(desk, by=desk.asha)
    stands_in(desk.cleo, desk.dev)

    assert (decides(desk.dev, ticket), decides(desk.dev, of_another)) == ((False, False), (True, True))
    with pytest.raises(PermissionDenied):
        move(ticket, "approve", by=again(desk.dev))


def test_private_request_stays_with_its_case_group(desk):
    hana, ida = (a_requester(desk.cdc, name=name) for name in ("Hana", "Ida"))
    a_case_group("hr", desk.cdc, hana, ida)
    said = {"type": "request", "title": "A quarrel", "sensitivity": "hr"}
    ticket = raise_ticket(by=desk.ben, requester=desk.ben, **said)
    ticket = move(ticket, "request_approval", by=again(ida), approver=hana, reason="It costs")
    stands_in(hana, desk.eve)

    assert decides(desk.eve, ticket) == (False, False)


def test_why_and_who_name_the_stand_in(desk):
    ticket = waiting(desk)
    stands_in(desk.cleo, desk.eve)
    sentence = "it waits for the approval of somebody for whom they stand in"

    assert why(again(desk.eve), ticket) == [sentence]
    assert {seers.sentence: seers.people for seers in everyone_who_sees(ticket)}[sentence] == [desk.eve]


def test_stand_in_is_told_of_what_waits(desk):
    stands_in(desk.cleo, desk.eve)
    waiting(desk)

    told = Message.objects.filter(event="approval_wanted").values_list("person__display_name", flat=True)
    assert sorted(told) == ["Cleo", "Eve"]


def test_rule_asks_the_manager_who_is_away_with_a_stand_in(desk):
    desk.rule("manager")
    today, admin = timezone.localdate(), a_person(desk.cdc, "administrator")
    note_absence(desk.cleo, today, today + timedelta(days=3), by=admin)
    assert desk.asked(now=timezone.now()).approver == desk.dot

    stands_in(desk.cleo, desk.eve)

    assert desk.asked(now=timezone.now()).approver == desk.cleo
