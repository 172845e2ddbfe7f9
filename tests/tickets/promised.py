"""A ticket and its promises, played on days of one November."""

from datetime import UTC, datetime

from servicedesk.people.models import Team
from servicedesk.service_levels.models import (
    Calendar,
    ServiceLevel,
    TeamCalendar,
)
from servicedesk.tickets.breaches import mark_breaches
from servicedesk.tickets.deadlines import deadlines_of
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.settling import READ_FROM_EVENTS, read_again
from servicedesk.tickets.workflow import move
from tests.factories import a_service, a_team


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


def raised(ben, asha, when: str, impact: int = 2, urgency: int = 1, **given) -> Ticket:
    service = given.pop("service", None) or a_service(team=a_team(members=(asha,)))
    ticket = raise_ticket(
        by=ben,
        requester=ben,
        type=given.pop("type", "incident"),
        title="No line",
        service=service,
        impact=impact,
        urgency=urgency,
        now=at(when),
        **given,
    )
    return move(ticket, "take", by=asha, now=at(when))


def a_supplier(hours: bool = True, seconds: int = 21_600) -> Team:
    """Acme, who work 09:00 to 17:00 and promise a P2 within six hours."""
    firm = a_team("Acme", kind="supplier")
    if hours:
        windows = {str(day): [["09:00", "17:00"]] for day in range(5)}
        calendar = Calendar.objects.create(code="SUPPLIER", name="Acme's hours", windows=windows)
        TeamCalendar.objects.create(team=firm, calendar=calendar)
    ServiceLevel.objects.create(
        kind="uc", ticket_type="incident", priority="P2", metric="supplier", team=firm, target_seconds=seconds
    )
    return firm


def refer(ticket: Ticket, firm: Team, asha, when: str) -> Ticket:
    return move(ticket, "refer_to_supplier", by=asha, supplier_team=firm, now=at(when))


def told(ticket: Ticket, now: datetime) -> dict:
    return {deadline.metric: deadline for deadline in deadlines_of(ticket, ticket.requester, now)}


def assert_rebuilt(ticket: Ticket, now: datetime) -> None:
    mark_breaches(now=now)
    for clock in ticket.clocks.all():
        again = read_again(clock, now)
        assert [getattr(clock, name) for name in READ_FROM_EVENTS] == [
            getattr(again, name) for name in READ_FROM_EVENTS
        ]
