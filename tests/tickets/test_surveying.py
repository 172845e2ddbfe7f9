"""Asked by mail: once for a request, once in two weeks a person, and never with the title of a private one."""

from datetime import timedelta

import pytest

from servicedesk.notifications.models import Message, Preference
from servicedesk.notifications.sending import letter_for
from servicedesk.tickets.satisfying import say_how_content
from servicedesk.tickets.workflow import close_resolved, move
from tests.factories import a_ticket
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=2)


@pytest.fixture
def world():
    world = a_world()
    world.stand("resolved")
    Message.objects.all().delete()
    return world


def asked() -> list[tuple[str, str]]:
    messages = Message.objects.filter(event="how_content").order_by("id")
    return [(str(message.person), message.subject) for message in messages]


def close(ticket, by=None, now=LATER) -> None:
    move(ticket, "close", by=by, now=now)


def another(ben, now=LATER):
    return a_ticket(ben, state="resolved", resolved_at=now - timedelta(hours=1), title="No light")


def test_requester_is_asked_when_their_request_closes_even_by_their_own_hand(world):
    close(world.ticket, by=world.people["requester"])

    assert asked() == [("Ben", f"How did we do? {world.ticket} No sound")]
    letter = letter_for(world.people["requester"], Message.objects.get())
    assert f"/requests/{world.ticket}/" in letter.body


def test_request_that_closes_by_itself_is_asked_about(world):
    world.stand("resolved", title="No sound")

    close_resolved(now=MONDAY + timedelta(days=30))

    assert [name for name, _ in asked()] == ["Ben"]


def test_a_request_is_asked_about_once_however_often_it_closes(world):
    close(world.ticket)
    month_later = LATER + timedelta(days=30)
    world.stand("resolved", resolved_at=month_later)

    close(world.ticket, now=month_later)

    assert len(asked()) == 1


@pytest.mark.parametrize(("days", "times"), [(13, 1), (14, 2)])
def test_a_person_is_asked_once_in_two_weeks(world, days, times):
    ben = world.people["requester"]
    close(world.ticket)

    close(another(ben), now=LATER + timedelta(days=days))

    assert len(asked()) == times


def test_who_chose_not_to_be_asked_is_not(world):
    Preference.objects.create(person=world.people["requester"], event="how_content", wanted=False)

    close(world.ticket)

    assert asked() == []


def test_who_has_answered_already_is_not_asked(world):
    ben = world.people["requester"]
    say_how_content(world.ticket, by=ben, score=5, now=LATER)

    close(world.ticket)

    assert asked() == []


def test_what_is_answered_before_the_mail_goes_is_not_sent(world):
    ben = world.people["requester"]
    close(world.ticket)
    assert letter_for(ben, Message.objects.get()) is not None

    say_how_content(world.ticket, by=ben, score=5, now=LATER)

    assert letter_for(ben, Message.objects.get()) is None


def test_a_cancelled_request_is_not_asked_about(world):
    world.stand("new", resolved_at=None)

    move(world.ticket, "cancel", by=world.people["queue manager"], now=LATER, reason="Twice")

    assert asked() == []


def test_a_private_request_is_asked_about_without_a_word_of_it(world):
    ticket = restricted(world)

    close(ticket)

    message = Message.objects.get(event="how_content")
    assert message.subject == f"Update on your request {ticket}"
    assert "No sound" not in message.subject + message.body
