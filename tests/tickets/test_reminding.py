"""Reminders to whoever a request waits for."""

from datetime import UTC, datetime

import pytest

from servicedesk.notifications.models import Message
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.reminding import remind
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.factories import a_council, a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


@pytest.fixture
def asha():
    return an_engineer(a_council("OCC"), name="Asha")


@pytest.fixture
def ticket(asha) -> Ticket:
    """Asked on Monday the 2nd at ten."""
    service = a_service(team=a_team(members=(asha,)))
    ben = a_requester(a_council("OCC"), name="Ben")
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="No sound", service=service, now=at("02T09:00")
    )
    ticket = move(ticket, "take", by=asha, now=at("02T09:30"))
    return move(ticket, "ask_customer", by=asha, question="Which room?", now=at("02T10:00"))


def reminded(*moments: str) -> list[str]:
    """The days on which a reminder was written, where the job ran at these moments."""
    for moment in moments:
        remind(at(moment))
    told = Message.objects.filter(cause__startswith="waiting").order_by("id")
    return [f"{message.created_at:%d}" for message in told]


def test_who_does_not_answer_is_reminded_after_two_five_and_eight_working_days(ticket):
    hourly = [f"{day:02}T{hour:02}:00" for day in range(2, 28) for hour in (9, 10, 11, 16)]

    assert reminded(*hourly) == ["04", "09", "12"]
    message = Message.objects.filter(cause__startswith="waiting").first()
    assert (message.person, message.event) == (ticket.requester, "asked")
    assert "We asked you something on 2 November 2026, and cannot go on without your answer." in message.body


def test_weekend_and_closed_hours_do_not_count(ticket):
    assert reminded("04T09:59") == []
    assert reminded("04T10:00", "07T12:00", "08T12:00", "09T09:59") == ["04"]


def test_who_has_answered_is_reminded_no_more(ticket):
    say(ticket, by=ticket.requester, body="The hall", visibility="public", now=at("03T09:00"))

    assert reminded("04T10:00", "12T10:00") == []


def test_asked_again_the_days_begin_anew(ticket, asha):
    reminded("04T10:00")
    say(ticket, by=ticket.requester, body="The hall", visibility="public", now=at("04T11:00"))
    again = Ticket.objects.get(pk=ticket.pk)
    move(again, "ask_customer", by=asha, question="Which hall?", now=at("05T10:00"))

    assert reminded("06T10:00", "09T10:00") == ["04", "09"]


def test_job_that_was_down_reminds_once_of_what_it_missed(ticket):
    assert reminded("16T10:00", "16T11:00") == ["16"]


def test_private_request_is_reminded_of_without_a_word_of_it(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(
        sharing="restricted", sensitivity="hr", case_group=a_team(kind="case_group", sensitivity="hr")
    )

    assert reminded("04T10:00") == ["04"]
    message = Message.objects.get(cause__startswith="waiting")
    assert "sound" not in (message.subject + message.body).lower()
