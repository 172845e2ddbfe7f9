from datetime import UTC, datetime

import pytest

from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.factories import a_requester, a_service, a_team, an_engineer

MONDAY = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_ticket_from_call_to_close():
    ben, asha = a_requester(), an_engineer()
    service = a_service(team=a_team(members=(asha,)))
    ticket = raise_ticket(
        by=ben,
        requester=ben,
        type="incident",
        title="No sound",
        service=service,
        impact=3,
        urgency=1,
        now=MONDAY,
    )
    assert (ticket.state, ticket.priority, ticket.due_at) == (
        "new",
        "P3",
        datetime(2026, 11, 26, 9, 12, tzinfo=UTC),
    )
    ticket = move(ticket, "take", by=asha, now=datetime(2026, 11, 23, 10, tzinfo=UTC))
    ticket = move(
        ticket, "ask_customer", by=asha, question="Which headset?", now=datetime(2026, 11, 23, 14, tzinfo=UTC)
    )
    assert (ticket.state, ticket.due_at) == ("waiting_customer", None)
    say(ticket, by=ben, body="The grey one", visibility="public", now=datetime(2026, 11, 24, 11, tzinfo=UTC))
    ticket.refresh_from_db()
    assert ticket.state == "in_progress"
    assert ticket.due_at == datetime(2026, 11, 26, 15, 42, tzinfo=UTC)
    wednesday = datetime(2026, 11, 25, 9, tzinfo=UTC)
    ticket = move(
        ticket, "resolve", by=asha, resolution_code="fixed", resolution_note="New headset", now=wednesday
    )
    ticket = move(ticket, "close", by=ben, now=wednesday)
    assert ticket.state == "closed"
    assert [clock.state for clock in ticket.clocks.order_by("metric")] == ["met", "missed"]
