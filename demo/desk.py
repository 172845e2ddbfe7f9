"""Three months of tickets: the conversations of the fixture, played at past times through the workflow of the desk.

Times are counted in working hours, so that nobody answers at night, and backwards from now, so that every state is
there whenever the demo is loaded. Nothing is random: who and when go by the number of the ticket.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from assets.register.models import Asset
from assets.register.registering import link_ticket
from demo.reading import conversations
from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Person, Team
from servicedesk.service_levels.models import Calendar
from servicedesk.service_levels.promises import STANDARD, hours_of
from servicedesk.service_levels.working_time import WorkingCalendar, slots, used_up
from servicedesk.tickets.breaches import mark_breaches
from servicedesk.tickets.grace import grace_ends
from servicedesk.tickets.models import Comment, Sensitivity, Ticket, TicketState, TicketType
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.workflow import move

HOUR = timedelta(hours=1)
SAID = {
    "reply": Comment.Visibility.PUBLIC,
    "note": Comment.Visibility.INTERNAL,
    "supplier_note": Comment.Visibility.SUPPLIER,
}
OPEN_FOR = [0.3, 0.6, 1, 1.5, 2.5, 4, 6, 10, 16, 60]
"""Working hours since the last word on tickets that are still open."""
SLOWNESS = [1, 2, 1, 9, 1, 1, 5, 1, 8, 1, 6]
"""Some tickets take longer than their conversation says, and so break their promise."""


@dataclass(frozen=True)
class Play:
    """One ticket to make: a conversation, as many of its steps as are played, and when it starts."""

    number: int
    words: dict[str, Any]
    steps: list[dict[str, Any]]
    start: datetime
    slowness: int


def load_tickets(now: datetime) -> None:
    """Make every ticket of the fixture, oldest first."""
    hours = hours_of(Calendar.objects.get(code=STANDARD))
    cast = Cast()
    for play in sorted(plays(hours, now), key=lambda play: play.start):
        _perform(play, cast, hours, now)
    mark_breaches(now)


def plays(hours: WorkingCalendar, now: datetime) -> Iterator[Play]:
    numbers, past = count(), list(slots(hours, now - timedelta(days=100), now))
    for words in conversations():
        for wanted in words["plays"]:
            number, whole = next(numbers), wanted == "all"
            steps = words["steps"] if whole else words["steps"][:wanted]
            length = sum((span(step["after"]) for step in steps), timedelta())
            slowness = SLOWNESS[number % len(SLOWNESS)] if length < 10 * HOUR else 1
            ago = (_ended_for(number) if whole else _open_for(number, steps)) + length * slowness
            yield Play(number, words, steps, _before(past, ago), slowness)


def _ended_for(number: int) -> timedelta:
    """One in eight has ended within the last week."""
    return HOUR * (2 + number % 40 if number % 8 == 0 else 12 + number * 89 % 440)


def _open_for(number: int, steps: list[dict]) -> timedelta:
    """What is booked is booked for a time to come."""
    booked = bool(steps) and steps[-1]["do"] == "book"
    return HOUR * (2 if booked else OPEN_FOR[number % len(OPEN_FOR)])


def _before(past: list[tuple[datetime, datetime]], ago: timedelta) -> datetime:
    """The instant that lies so much working time ago."""
    for opens, closes in reversed(past):
        if closes - opens >= ago:
            return closes - ago
        ago -= closes - opens
    raise ValueError("The conversation would begin before the days that were looked at.")


def span(text: str) -> timedelta:
    hours, minutes = text.split(":")
    return timedelta(hours=int(hours), minutes=int(minutes))


class Cast:
    """The people and things that tickets name."""

    def __init__(self) -> None:
        people = Person.objects.select_related("council", "site", "department", "line_manager")
        self.by_role: dict[str, list[Person]] = {}
        for person in people.order_by("pk").prefetch_related("grants"):
            for grant in person.grants.all():
                self.by_role.setdefault(grant.role, []).append(person)
        self.councils = {council.code: council for council in Council.objects.all()}
        self.services = {service.name: service for service in Service.objects.all()}
        self.teams = {team.name: team for team in Team.objects.all()}
        self.people = {person.pk: person for role in self.by_role.values() for person in role}
        self.members: dict[int | None, list[Person]] = {
            team.pk: [self.people[m.person_id] for m in team.memberships.order_by("pk")]
            for team in self.teams.values()
        }
        self.assets = list(Asset.objects.filter(state="in_use").select_related("council").order_by("pk"))

    def requester(self, play: Play) -> Person:
        """Somebody whom the conversation suits; every eighth time the one who signs in to try the product."""
        code = play.words.get("council") or ("CDC" if play.number % 3 == 2 else "OCC")
        role = "engineer" if play.words.get("from") == ["IT and Digital"] else "requester"
        people = [person for person in self.by_role[role] if person.council.code == code]
        suited = [person for person in people if _suits(person, play.words.get("from"))]
        return suited[0 if play.number % 8 == 0 else play.number % len(suited)]

    def player(self, role: str, ticket: Ticket, number: int) -> Person | None:
        """Who makes a step: None is the system itself."""
        match role:
            case "system":
                return None
            case "requester":
                return self.people[ticket.requester_id]
            case "approver":
                return self.of_council("budget_approver", ticket)
            case "manager":
                return self.of_council("queue_manager", ticket)
            case "supplier":
                return self.members[ticket.supplier_team_id][0]
            case "desk":
                return self.able(self.members[self.teams["Service Desk"].pk], ticket, number)
        if ticket.assignee_id:
            return self.people[ticket.assignee_id]
        return self.able(self.members[ticket.team_id], ticket, number)

    def of_council(self, role: str, ticket: Ticket) -> Person:
        """Who has the role at the ticket's council."""
        return next(person for person in self.by_role[role] if person.council_id == ticket.council_id)

    def able(self, people: list[Person], ticket: Ticket, number: int) -> Person:
        """One of them who may work on the ticket; nobody works on a request of their own."""
        fit = [person for person in people if may_work(person, ticket) and person.pk != ticket.requester_id]
        return fit[number % len(fit)]

    def asset(self, category: str, requester: Person) -> Asset | None:
        """What the ticket is about: what the requester holds, else what stands in their council."""
        kind = [
            asset
            for asset in self.assets
            if asset.category == category and asset.council == requester.council
        ]
        held = [asset for asset in kind if asset.holder_id == requester.pk]
        return next(iter(held or kind), None)


def _suits(person: Person, wanted: list[str] | None) -> bool:
    return (
        wanted is None
        or person.kind in wanted
        or bool(person.department and person.department.name in wanted)
    )


def _perform(play: Play, cast: Cast, hours: WorkingCalendar, now: datetime) -> None:
    """Raise the ticket and make its steps, each at its time; what was resolved long ago closes by itself."""
    ticket, at = _raise(play, cast), play.start
    for step in play.steps:
        at = later(hours, at, span(step["after"]) * play.slowness)
        ticket = _make(step, ticket, play, cast, hours, at)
    if ticket.state == TicketState.RESOLVED and (ends := grace_ends(ticket)) <= now:
        move(ticket, "close", by=None, now=ends)


def _raise(play: Play, cast: Cast) -> Ticket:
    words, requester = play.words, cast.requester(play)
    channel = words.get("channel", "portal")
    logged = cast.by_role["engineer"][play.number % 2] if channel in ("phone", "email") else requester
    site = requester.site.name if requester.site else requester.council.name
    ticket = raise_ticket(
        by=logged,
        requester=requester,
        type=words.get("type", TicketType.INCIDENT),
        title=words["title"].format(site=site),
        description=words["description"].format(site=site),
        service=cast.services[words["service"]],
        impact=words["impact"],
        urgency=words["urgency"],
        sensitivity=words.get("sensitivity", Sensitivity.NORMAL),
        channel=channel,
        now=play.start,
    )
    asset = cast.asset(words["asset"], requester) if "asset" in words else None
    if asset:
        link_ticket(asset, ticket, by=None, now=play.start)
    return ticket


def _make(
    step: dict[str, Any], ticket: Ticket, play: Play, cast: Cast, hours: WorkingCalendar, at: datetime
) -> Ticket:
    """One step: something said, or a move with what it takes."""
    by = cast.player(step["by"], ticket, play.number)
    site = ticket.site.name if ticket.site else ticket.council.name
    given = {name: _given(name, value, ticket, play, cast, hours, at, site) for name, value in step.items()}
    deed = step["do"]
    if deed in SAID:
        say(ticket, by=by, body=given["body"], visibility=SAID[deed], now=at)
        return Ticket.objects.select_related("council", "site").get(pk=ticket.pk)
    return move(
        ticket, deed, by=by, now=at, **{k: v for k, v in given.items() if k not in ("after", "by", "do")}
    )


def _given(
    name: str, value: Any, ticket: Ticket, play: Play, cast: Cast, hours, at: datetime, site: str
) -> Any:
    match name:
        case "team" | "supplier_team":
            return cast.teams[value]
        case "approver":
            return cast.player("approver", ticket, play.number)
        case "booked_for":
            return later(hours, at, span(value) * play.slowness)
    return value.format(site=site) if isinstance(value, str) else value


def later(hours: WorkingCalendar, at: datetime, span: timedelta) -> datetime:
    later = used_up(hours, at, span)
    assert later is not None  # nothing pauses it
    return later
