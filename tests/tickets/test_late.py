from datetime import UTC, datetime

import pytest

from servicedesk.tickets.breaches import mark_breaches
from servicedesk.tickets.models import Clock, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from tests.factories import a_requester, an_engineer

MONDAY, AFTERNOON = datetime(2026, 11, 23, 9, 0, tzinfo=UTC), datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
REPLY_DUE, FIX_DUE = datetime(2026, 11, 23, 13, 0, tzinfo=UTC), datetime(2026, 11, 26, 9, 0, tzinfo=UTC)


def a_ticket_of_monday() -> Ticket:
    ben = a_requester()
    return raise_ticket(by=ben, requester=ben, type="incident", title="No sound", urgency=1, now=MONDAY)


@pytest.mark.django_db
def test_a_ticket_is_late_for_as_long_as_a_first_reply_is_owed():
    ticket = a_ticket_of_monday()
    assert mark_breaches(AFTERNOON) == 1
    ticket.refresh_from_db()
    assert ticket.breached_at == REPLY_DUE

    say(ticket, by=an_engineer(), body="We are looking at it.", visibility="public", now=AFTERNOON)

    ticket.refresh_from_db()
    response = Clock.objects.get(ticket=ticket, metric="response")
    assert (ticket.breached_at, response.state, response.breached_at) == (None, "missed", REPLY_DUE)


@pytest.mark.django_db
def test_a_ticket_that_was_not_fixed_in_time_is_late_for_ever():
    ticket = a_ticket_of_monday()
    say(ticket, by=an_engineer(), body="We are looking at it.", visibility="public", now=AFTERNOON)

    assert mark_breaches(datetime(2026, 11, 27, 9, 0, tzinfo=UTC)) == 1

    ticket.refresh_from_db()
    assert ticket.breached_at == FIX_DUE
