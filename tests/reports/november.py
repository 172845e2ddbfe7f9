"""The requests of the vector, raised and moved as people do, at their times."""

from datetime import datetime, timedelta

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Person
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.satisfying import say_how_content
from servicedesk.tickets.workflow import move
from tests.factories import a_council, a_person, a_requester, a_service, a_team, an_engineer
from tests.reports.vector import ROWS, Row, at

IMPACT_URGENCY = {"P1": (1, 1), "P2": (1, 2), "P3": (2, 2), "P4": (3, 3)}
DONE = {"resolution_code": "fixed", "resolution_note": "Done"}
MINUTE = timedelta(minutes=1)


class November:
    """Two councils, a person in each who asks, an engineer who answers, and the tickets of the vector by name."""

    def __init__(self) -> None:
        self.councils: dict[str, Council] = {code: a_council(code) for code in ("OCC", "CDC")}
        self.requesters = {code: a_requester(council) for code, council in self.councils.items()}
        self.engineer = an_engineer(self.councils["OCC"])
        self.manager = a_person(self.councils["OCC"], "queue_manager")
        self.team = a_team("Service desk", members=(self.engineer,))
        self.tickets = {row.name: self.play(row) for row in ROWS}

    def reader(self, role: str = "cyber_officer", council: str = "OCC") -> Person:
        return a_person(self.councils[council], role)

    def service(self, owner: Person) -> Service:
        return a_service("Owned", self.team, owner=owner)

    def raised(self, council: str, priority: str, now: datetime, **fields) -> Ticket:
        impact, urgency = IMPACT_URGENCY[priority]
        requester = self.requesters[council]
        fields = {"type": "incident", "title": "Something", **fields}
        return raise_ticket(
            by=requester, requester=requester, impact=impact, urgency=urgency, now=now, **fields
        )

    def resolved(self, ticket: Ticket, now: datetime, at_once: bool = False) -> Ticket:
        """Resolved by the first line; unless at once, it has written to the requester before."""
        if not at_once:
            say(
                ticket,
                by=self.engineer,
                body="We are on it",
                visibility="public",
                now=ticket.reported_at + MINUTE,
            )
        return move(ticket, "resolve", by=self.engineer, now=now, **DONE)

    def play(self, row: Row) -> Ticket:
        ticket = self.raised(row.council, row.priority, at(row.opened))
        assert ticket.priority == row.priority
        if row.status.startswith("cancelled"):
            return move(ticket, "cancel", by=self.manager, reason="Twice", now=at(row.opened) + MINUTE)
        if row.reopened:
            begin, end = row.pauses[0]
            ticket = self.resolved(ticket, at(begin), at_once=True)
            ticket = move(ticket, "reopen", by=ticket.requester, now=at(end))
        elif row.pauses:
            self.paused(ticket, *row.pauses[0])
        if row.resolved is None:
            return ticket
        ticket = self.resolved(ticket, at(row.resolved), at_once=row.first_contact)
        if row.csat:
            say_how_content(ticket, by=ticket.requester, score=row.csat, now=at(row.resolved) + MINUTE)
        return ticket

    def paused(self, ticket: Ticket, begin: str, end: str) -> None:
        move(ticket, "take", by=self.engineer, now=ticket.reported_at + MINUTE)
        move(ticket, "ask_customer", by=self.engineer, question="Which?", now=at(begin))
        move(ticket, "customer_replied", by=self.engineer, now=at(end))
