"""Whoever is asked to approve is shown what waits for them, what it costs and why, and decides."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from assets.register.writing_off import answer_write_off, ask_to_write_off
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.factories import (
    a_case_group,
    a_person,
    a_requester,
    an_asset,
    an_engineer,
)
from tests.portal.test_home import NOW, an_approval, links, occ, read, signed_in

pytestmark = pytest.mark.django_db
__all__ = ["occ"]


def test_approver_is_shown_what_waits_and_nothing_else(occ):
    ann, ben = a_person(occ, "budget_approver"), a_requester(occ, name="Ben")
    asked = an_approval(ann, ben)
    an_approval(a_person(occ, "budget_approver"), ben)
    an_approval(ann, ben, state="assigned")
    an_approval(ann, ben, affected_person=ann)
    an_approval(ann, ben, sharing="restricted", case_group=a_case_group("hr", occ))
    assert [link for link in links(ann) if link.endswith("/approve/")] == [f"/requests/{asked}/approve/"]
    assert f"{asked}, asked by Ben on " in read(ann)


def test_approver_is_shown_the_cost_and_the_reason_of_each(occ):
    ann, ben = a_person(occ, "budget_approver"), a_requester(occ, name="Ben")
    an_approval(ann, ben, description="For maps, £189.50 or £1,200 for two; the £189.50 one will do")
    an_approval(ann, ben, title="A chair", description="x" * 300)
    text = read(ann)
    reason = "For maps, £189.50 or £1,200 for two; the £189.50 one will do"
    why = "Reason: It is not standard"
    assert f"A second screen Cost: £189.50, £1,200 {why} {reason} " in text
    assert [text.count("Cost:"), f"A chair {why} {'x' * 197}... " in text] == [1, True]


def test_approver_is_shown_what_a_write_off_cost_and_why_it_is_asked(occ):
    keeper, ann = a_person(occ, "asset_manager", name="Kay"), a_person(occ, "budget_approver")
    both = a_person(occ, "asset_manager", "budget_approver")
    lost = an_asset(occ, tag="LT-1", state="lost_stolen", purchase_cost_ex_vat=Decimal("799.50"))
    asked = ask_to_write_off(lost, by=keeper, reason="Left on a train")
    ask_to_write_off(an_asset(occ, state="lost_stolen"), by=both, reason="Not found")
    assert (
        f"{lost} Cost: £799.50 excluding VAT, when it was bought Reason: Left on a train"
        f" {occ}, asked by Kay on " in read(ann)
    )
    assert f"/assets/write-offs/{asked.pk}/" in links(ann)
    assert ["Left on a train" in read(both), "Not found" in read(both)] == [True, False]
    assert "Left on a train" not in read(keeper)
    answer_write_off(asked, by=ann, approve=True)
    assert "Left on a train" not in read(ann)


def test_approver_reads_what_is_asked_and_no_notes(occ):
    ann, ben = a_person(occ, "budget_approver"), a_requester(occ, name="Ben")
    asked = an_approval(ann, ben)
    Comment.objects.create(ticket=asked, body="Overspent", visibility="internal", at=NOW)
    text = read(ann, f"/requests/{asked}/approve/")
    assert [each in text for each in ("A second screen", "For maps", "Ben", "Overspent")] == [
        True,
        True,
        True,
        False,
    ]
    assert signed_in(ann).get(f"/tickets/{asked}/").headers["Location"] == f"/requests/{asked}/approve/"


def test_approver_approves(occ):
    ann = a_person(occ, "budget_approver")
    asked = an_approval(ann, a_requester(occ))
    response = signed_in(ann).post(f"/requests/{asked}/approve/", {"version": asked.version})
    asked.refresh_from_db()
    assert (asked.state, response.headers["Location"]) == ("assigned", "/home/")
    assert f"{asked} A second screen This does not wait for you any more." in read(
        ann, f"/requests/{asked}/approve/"
    )


def test_approver_does_not_approve_and_says_why(occ):
    ann = a_person(occ, "budget_approver")
    asked = an_approval(ann, a_requester(occ))
    client, path = signed_in(ann), f"/requests/{asked}/reject/"
    assert "Enter why you do not approve it" in client.post(path, {"reason": " "}).content.decode()
    client.post(path, {"reason": "Too dear", "version": asked.version})
    asked.refresh_from_db()
    assert (asked.state, asked.resolution_note) == ("rejected", "Too dear")


def test_decision_on_what_has_changed_since_is_refused_and_kept(occ):
    ann = a_person(occ, "budget_approver")
    asked = an_approval(ann, a_requester(occ))
    Ticket.objects.filter(pk=asked.pk).update(title="Two screens", version=asked.version + 1)
    given = {"reason": "Too dear", "version": asked.version}
    response = signed_in(ann).post(f"/requests/{asked}/reject/", given)
    text = response.content.decode()
    assert response.status_code == 409
    assert ["Two screens" in text, "Too dear" in text, "while you were looking" in text] == [True] * 3
    asked.refresh_from_db()
    assert asked.state == "waiting_approval"


def test_what_was_said_since_approval_was_asked_is_read_before_it_is_given(occ):
    ann, ben = a_person(occ, "budget_approver"), a_requester(occ, name="Ben")
    asked = raise_ticket(by=ben, requester=ben, type="request", title="A second screen", now=NOW)
    minutes = [NOW + timedelta(minutes=n) for n in range(4)]
    say(asked, by=ben, body="For maps", visibility="public", now=minutes[1])
    move(asked, "request_approval", by=None, approver=ann, reason="Dear", now=minutes[2])
    say(asked, by=ben, body="I need it no longer", visibility="public", now=minutes[3])
    client, path = signed_in(ann), f"/requests/{asked}/approve/"
    hidden = r'<input type="hidden" name="(version|seen)" value="(\d+)"'

    sent = dict(re.findall(hidden, client.get(path).content.decode()))
    refused = client.post(path, sent)
    text = refused.content.decode()

    assert (refused.status_code, "I need it no longer" in text, "For maps" in text) == (409, True, False)
    assert client.post(path, dict(re.findall(hidden, text))).status_code == 302


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_nobody_else_decides(occ, deed):
    ben, asha = a_requester(occ), an_engineer(occ)
    asked = an_approval(a_person(occ, "budget_approver"), ben)
    for person in (ben, asha, a_person(occ, "budget_approver"), a_person(occ, "administrator")):
        answer = signed_in(person).post(f"/requests/{asked}/{deed}/", {"reason": "No"})
        assert answer.status_code == 404
