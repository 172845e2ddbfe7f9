"""Logging a call: what somebody says who telephones, stands at the desk or writes, taken down and done with at once."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.catalogue.models import Service
from servicedesk.history.recording import change_set
from servicedesk.people.access import councils_of
from servicedesk.people.callers import add_caller, called, callers_for, with_digits
from servicedesk.people.models import Council, Person, Team
from servicedesk.people.roles import Permission
from servicedesk.tickets.choices import engineers_of
from servicedesk.tickets.models import Ticket, TicketState, TicketType
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.workflow import move

MOST_FOUND, SHORTEST = 10, 2
GOES_TO_OTHERS = (
    "You cannot work on this: it goes to those who handle it. Choose “Pass on”, and no team or person"
)
WAITS = "{} must approve this first. Choose “Pass on”, and no team or person"


class Belongings(Protocol):
    """What callers have, which a higher app knows of; settings.CALLER_SEARCH names such objects.

    `name` is the name of the field in which one of them is chosen.
    """

    name: str

    def holders(self, by: Person, text: str) -> dict[int, str]:
        """The keys of those who have something of that name, each with what to say of it: "has LT/17"."""

    def field(self, by: Person, caller: Person) -> forms.Field | None:
        """Which of the caller's things it is about, or None where there are none to be seen."""

    def answered(self, ticket: Ticket, value: Any, by: Person) -> None:
        """Keep what was chosen, inside the transaction that raises the ticket."""


class Found(NamedTuple):
    """Somebody who may be calling, and by what they were found, where it is not their name."""

    person: Person
    words: str


class NewCaller(NamedTuple):
    """Somebody who is not known yet."""

    name: str
    council: Council
    phone: str = ""


def belongings() -> list[Belongings]:
    """All that callers can have."""
    return [import_string(name) for name in settings.CALLER_SEARCH]


def offered_to(by: Person) -> dict[str, QuerySet]:
    """By field what there is to choose from in a call, at the councils whose desk the person works at."""
    councils = councils_of(by, Permission.WORK_TICKETS)
    teams = Team.objects.visible_to(by).filter(archived_at=None, councils__in=councils)
    return {
        "new_council": Council.objects.filter(pk__in=councils, archived_at=None),
        "service": Service.objects.offered_to(*councils),
        "team": teams.exclude(kind=Team.Kind.CASE_GROUP),
        "assignee": engineers_of(councils),
    }


def find_callers(by: Person, text: str) -> list[Found]:
    """The people one may log a call for, by part of a name, telephone number or e-mail, or by what they have."""
    text = text.strip()
    if len(text) < SHORTEST or "\0" in text:
        return []
    having: dict[int, str] = {}
    for things in belongings():
        having |= things.holders(by, text)
    people = with_digits(callers_for(by))
    found = people.filter(called(text)) | people.filter(pk__in=having)
    return [
        Found(person, having.get(person.pk, ""))
        for person in found.order_by("display_name", "pk")[:MOST_FOUND]
    ]


def open_requests_of(by: Person, caller: Person) -> list[Ticket]:
    """The caller's open requests, the newest first, as far as one may see them."""
    seen = Ticket.objects.visible_to(by).requested_by(caller).open()
    return list(seen.order_by("-id")[:MOST_FOUND])


def log_call(
    *,
    by: Person,
    caller: Person | NewCaller,
    said: Mapping[str, Any],
    about: Mapping[str, Any],
    outcome: str,
    then: Mapping[str, Any],
    token: str,
    now: datetime | None = None,
) -> Ticket:
    """Take down what a caller says and do with it what was decided: all of it or nothing, and once for each token.

    `said` is what `raise_ticket` takes, `about` what was chosen of the caller's `belongings`, `outcome` one of
    OUTCOMES, and `then` what that needs. Returns the ticket as it then is.
    Raises PermissionDenied, MoveRefused, or ValidationError by field.
    """
    now = now or timezone.now()
    source_ref = f"call-{by.pk}-{token[:24]}"
    with change_set(by=by, now=now):
        # Whoever presses twice waits for the first press, and finds what it made.
        Person.objects.select_for_update().get(pk=by.pk)
        before = Ticket.objects.filter(source_ref=source_ref).first()
        if before:
            return before
        if isinstance(caller, NewCaller):
            caller = add_caller(**caller._asdict(), by=by, now=now)
        ticket = raise_ticket(by=by, requester=caller, source_ref=source_ref, now=now, **said)
        for things in belongings():
            things.answered(ticket, about.get(things.name), by)
        return OUTCOMES[outcome](ticket, by, now, then)


def _resolve(ticket: Ticket, by: Person, now: datetime, then: Mapping[str, Any]) -> Ticket:
    """It is the desk's own work, so it is taken before it is resolved, and says who did it."""
    _check_may_work(ticket, by)
    if ticket.type == TicketType.SECURITY:
        raise ValidationError(
            {
                "outcome": "A security incident is resolved on its own page, with what was learnt. Choose “Keep it”"
            }
        )
    ticket = move(ticket, "take", by=by, now=now)
    given = {name: then[name] for name in ("resolution_code", "resolution_note")}
    return move(ticket, "resolve", by=by, now=now, **given)


def _keep(ticket: Ticket, by: Person, now: datetime, then: Mapping[str, Any]) -> Ticket:
    _check_may_work(ticket, by)
    return move(ticket, "take", by=by, now=now)


def _pass_on(ticket: Ticket, by: Person, now: datetime, then: Mapping[str, Any]) -> Ticket:
    """To the team named, else to that of the service; what others handle goes to them without a word."""
    team, assignee = then.get("team") or ticket.team, then.get("assignee")
    if team is None:
        raise ValidationError({"team": "Choose a team, or the service that it is about"})
    if (team, assignee) == (ticket.team, None):
        return ticket
    if not may_work(by, ticket):
        raise ValidationError({"team": GOES_TO_OTHERS})
    _check_approved(ticket, "team")
    return move(ticket, "assign", by=by, now=now, team=team, assignee=assignee)


def _check_may_work(ticket: Ticket, by: Person) -> None:
    if not may_work(by, ticket):
        raise ValidationError({"outcome": GOES_TO_OTHERS})
    _check_approved(ticket, "outcome")


def _check_approved(ticket: Ticket, field: str) -> None:
    if ticket.state == TicketState.WAITING_APPROVAL:
        raise ValidationError({field: WAITS.format(ticket.approver)})


OUTCOMES: dict[str, Callable[[Ticket, Person, datetime, Mapping[str, Any]], Ticket]] = {
    "resolve": _resolve,
    "pass_on": _pass_on,
    "keep": _keep,
}
"""What can become of a call, inside the transaction that logs it."""
