"""Two people at once, on real connections: one wins, and the other is told by whom."""

import pytest

from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import move
from tests.at_once import at_once
from tests.factories import a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_engineers_take_one_ticket():
    ben, asha, dev = a_requester(), an_engineer(name="Asha"), an_engineer(name="Dev")
    team = a_team(members=(asha, dev))
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="No sound", service=a_service(team=team)
    )

    def taking(person: Person):
        return lambda: move(Ticket.objects.get(pk=ticket.pk), "take", by=Person.objects.get(pk=person.pk))

    outcomes = at_once(taking(asha), taking(dev), refusals=MoveRefused)
    winner = Ticket.objects.select_related("assignee").get(pk=ticket.pk)
    assert winner.state == "in_progress"
    assert sorted(map(str, outcomes)) == sorted(
        [
            str(ticket),
            f"{ticket} is in progress, so “Take” is not possible. {winner.assignee} was the last to change it.",
        ]
    )


def test_one_form_sent_twice_at_once_raises_one_ticket():
    ben = a_requester()

    def sending():
        return raise_ticket(
            by=Person.objects.get(pk=ben.pk),
            requester=Person.objects.get(pk=ben.pk),
            type="incident",
            title="No sound",
            source_ref="form-1",
        )

    first, second = at_once(sending, sending, refusals=MoveRefused)
    assert (first.pk, Ticket.objects.count()) == (second.pk, 1)


def test_two_engineers_answer_one_ticket():
    ben, asha, dev = a_requester(), an_engineer(name="Asha"), an_engineer(name="Dev")
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound")

    def answering(person: Person):
        return lambda: say(
            ticket, by=Person.objects.get(pk=person.pk), body="We look at it", visibility="public"
        )

    said = at_once(answering(asha), answering(dev), refusals=MoveRefused)

    clock = ticket.clocks.get(metric="response")
    assert [comment.body for comment in said] == ["We look at it", "We look at it"]
    assert list(clock.events.values_list("kind", flat=True)) == ["start", "stop"]
    # Of two that are sent within a moment the one that was kept first is the reply, whichever was begun first.
    first = Ticket.objects.get(pk=ticket.pk).first_response_at
    assert first in {comment.at for comment in said}
    assert clock.events.get(kind="stop").at == first
