"""Tickets by their number, oldest first, for an estate of any size: most have ended, one in twelve is open."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone

from demo.bulk_clocks import HOUR, ClockMaker
from demo.reading import conversations
from servicedesk.catalogue.models import Service
from servicedesk.lists.references import take_references
from servicedesk.people.models import Council, Grant, Person, Team
from servicedesk.service_levels.models import Calendar
from servicedesk.service_levels.promises import STANDARD, hours_of
from servicedesk.service_levels.working_time import due, slots
from servicedesk.tickets.models import Ticket, TicketState, TicketType
from servicedesk.tickets.priorities import priority_of
from servicedesk.tickets.raising import PREFIXES

MARK = "estate-"
OPEN_ONE_IN = 12
YEARS, MONTH = timedelta(days=3 * 365), timedelta(days=30)
S = TicketState
OPEN = (S.NEW, S.ASSIGNED, S.IN_PROGRESS, S.IN_PROGRESS, S.WAITING_CUSTOMER, S.WAITING_SUPPLIER, S.SCHEDULED)
ENDED = (*[S.CLOSED] * 19, S.CANCELLED)
due_by = lru_cache(maxsize=2**16)(due)


class TicketMaker:
    """Makes the ticket of any number out of `wanted`, always the same one but for its reference."""

    def __init__(self, wanted: int, now: datetime, clocks: ClockMaker):
        self.wanted, self.now, self.clocks = wanted, now, clocks
        self.hours = hours_of(Calendar.objects.get(code=STANDARD))
        self.ended_at = list(self._moments(now - YEARS, now - MONTH))
        self.open_at = list(self._moments(now - MONTH, now))
        self.words = [
            words
            for words in conversations()
            if "sensitivity" not in words and words.get("type") != "security"
        ]
        self.services = {row.name: row for row in Service.objects.select_related("support_team")}
        self.councils = list(Council.objects.order_by("-code"))
        self.people = {council.pk: _with_role("requester", council=council) for council in self.councils}
        self.engineers = _with_role("engineer")
        self.supplier = Team.objects.filter(kind=Team.Kind.SUPPLIER).first()

    def count(self) -> int:
        """How many there are already."""
        return Ticket.objects.filter(source_ref__startswith=MARK).count()

    def make(self, numbers: Iterable[int]) -> list[Ticket]:
        """Rows that are not yet saved, with their references. Call it inside the transaction that saves them."""
        tickets = [self._ticket(number) for number in numbers]
        waiting: dict[tuple[str, int], list[Ticket]] = {}
        for ticket in tickets:
            year = timezone.localtime(ticket.reported_at).year
            waiting.setdefault((PREFIXES[TicketType(ticket.type)], year), []).append(ticket)
        for (prefix, year), group in waiting.items():
            for ticket, reference in zip(group, take_references(prefix, year, len(group)), strict=True):
                ticket.reference = reference
        return tickets

    def _ticket(self, number: int) -> Ticket:
        words = self.words[number % len(self.words)]
        council = next(
            c for c in self.councils if c.code == words.get("council", "CDC" if number % 10 == 9 else "OCC")
        )
        people = self.people[council.pk]
        requester = people[number // 7 % len(people)]
        service = self.services[words["service"]]
        is_open = number >= self.wanted - self.wanted // OPEN_ONE_IN
        reported = self._reported(number, is_open)
        ticket = Ticket(
            type=words.get("type", "incident"),
            council=council,
            sharing=service.sharing,
            requester=requester,
            channel=words.get("channel", "portal"),
            title=words["title"].format(site=requester.site),
            description=words["description"].format(site=requester.site),
            service=service,
            site=requester.site,
            impact=words["impact"],
            urgency=words["urgency"],
            priority=priority_of(words["impact"], words["urgency"]),
            team=service.support_team,
            source_ref=f"{MARK}{number:07}",
            reported_at=reported,
            logged_at=reported,
        )
        for name, value in (self._open(number, reported) if is_open else self._ended(number, ticket)).items():
            setattr(ticket, name, value)
        return ticket

    def _reported(self, number: int, is_open: bool) -> datetime:
        """Later for higher numbers, so that references grow with time."""
        opened = self.wanted // OPEN_ONE_IN
        ended = self.wanted - opened
        moments = self.open_at if is_open else self.ended_at
        place, places = (number - ended, opened) if is_open else (number, ended)
        return moments[min(place, places - 1) * len(moments) // places]

    def _open(self, number: int, reported: datetime) -> dict[str, Any]:
        state = OPEN[number % len(OPEN)]
        begun = state not in (S.NEW, S.ASSIGNED)
        return {
            "state": state,
            "assignee": self.engineers[number % len(self.engineers)] if begun else None,
            "first_response_at": reported + HOUR if begun else None,
            "supplier_team": self.supplier if state == S.WAITING_SUPPLIER else None,
            "booked_for": self.now + timedelta(days=1 + number % 9) if state == S.SCHEDULED else None,
        }

    def _ended(self, number: int, ticket: Ticket) -> dict[str, Any]:
        state = ENDED[number % len(ENDED)]
        if state == S.CANCELLED:
            return {"state": state, "resolution_note": "No longer needed."}
        after = timedelta(hours=1 + number * 13 % 90)
        promise = self.clocks.fix(ticket)
        due_at = due_by(self.hours, ticket.reported_at, promise.level.target_seconds)
        resolved = ticket.reported_at + after
        return {
            "state": state,
            "assignee": self.engineers[number % len(self.engineers)],
            "due_at": due_at,
            "breached_at": due_at if due_at and resolved > due_at else None,
            "first_response_at": ticket.reported_at + after / 4,
            "resolved_at": resolved,
            "closed_at": resolved + timedelta(days=7),
            "resolution_code": "fixed",
            "resolution_note": "Put right, and tried out together.",
        }

    def _moments(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every full hour of work between two instants."""
        for opens, closes in slots(self.hours, start, end):
            for hour in range(int((closes - opens) / HOUR)):
                yield opens + hour * HOUR


def _with_role(role: str, **where: Any) -> list[Person]:
    grants = Grant.objects.filter(role=role, **where).select_related("person__site").order_by("pk")
    return [grant.person for grant in grants]
