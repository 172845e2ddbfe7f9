"""Cards of the first screen that are made from what lies below it: settings.HOME_CARDS names them.

Every card counts and lists by the door alone, and is None for whom it is not.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from servicedesk.people.access import councils_of, may
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.portal.approving import costs_of, to_approve
from servicedesk.portal.own_requests import needing_answer, others, told
from servicedesk.spreadsheets.models import Import
from servicedesk.tickets import wording
from servicedesk.tickets.models import BreakGlass, How, RefusedGlass, Ticket, TicketType
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.rights import has_a_queue
from servicedesk.tickets.sight import write_down_titles

MOST = 10
FEW = 3
"""Of one's own requests: on a phone each is a third of the screen, and all of them are one link away."""
LATELY = timedelta(days=7)
Card = dict[str, Any]


def waiting_for_approval(request: SignedInRequest) -> Card | None:
    """What waits for the person's approval, each with the reason that was given and what it would cost."""
    tickets = to_approve(request.user).order_by("id")[:MOST]
    asked = [(ticket, costs_of(ticket)) for ticket in tickets]
    write_down_titles(request.user, tickets, How.LIST)
    return _card("to_approve", asked=asked) if asked else None


def imports_to_decide(request: SignedInRequest) -> Card | None:
    """Spreadsheets that were begun and not decided on."""
    waiting = Import.objects.visible_to(request.user).open().select_related("file", "council")
    imports = list(waiting.order_by("-id")[:MOST])
    return _card("imports", imports=imports) if imports else None


def security_incidents(request: SignedInRequest) -> Card | None:
    """Open security incidents, for whoever answers for cyber security."""
    councils = councils_of(request.user, Permission.SEE_CYBER_TICKETS)
    if not councils:
        return None
    seen = Ticket.objects.visible_to(request.user).filter(type=TicketType.SECURITY, council__in=councils)
    rows = _rows(seen.open())
    write_down_titles(request.user, (ticket for ticket, _, _ in rows), How.LIST)
    return _card("security_incidents", rows=rows, href=_queue(type=TicketType.SECURITY))


def broken_glass(request: SignedInRequest) -> Card | None:
    """Who opened a private request in an emergency within the last days, and how many tried in vain."""
    if not may(request.user, Permission.SEE_CYBER_TICKETS):
        return None
    since = timezone.now() - LATELY
    broken = BreakGlass.objects.visible_to(request.user).filter(starts_at__gt=since)
    rows = list(broken.select_related("person", "ticket", "ticket__council").order_by("-id")[:MOST])
    refused = RefusedGlass.objects.visible_to(request.user).filter(at__gt=since).count()
    return _card("broken_glass", rows=rows, refused=refused)


def about_my_services(request: SignedInRequest) -> Card | None:
    """How many requests are open about each service that the person owns."""
    if not may(request.user, Permission.SEE_SERVICE_TICKETS):
        return None
    mine = Ticket.objects.visible_to(request.user).open().filter(service__owner=request.user.pk)
    counted = (
        mine.values_list("service", "service__name").annotate(open=Count("pk")).order_by("service__name")
    )
    services = [(name, number, _queue(service=str(key))) for key, name, number in counted]
    return _card("my_services", services=services)


def desk(request: SignedInRequest) -> Card | None:
    """The way to the queue, for whoever sees more requests than their own."""
    if not has_a_queue(request.user):
        return None
    return _card("desk", works=may(request.user, Permission.WORK_TICKETS))


def get_help(request: SignedInRequest) -> Card | None:
    """One large button."""
    return _card("get_help") if _raises(request) else None


def needs_my_answer(request: SignedInRequest) -> Card | None:
    """The person's requests where the next word is theirs."""
    found = list(needing_answer(request.user)[: FEW + 1]) if _raises(request) else []
    if not found:
        return None
    return _card("requests", caption="Needs your answer", rows=told(found[:FEW]), more=len(found) > FEW)


def my_open_requests(request: SignedInRequest) -> Card | None:
    """The person's other requests, each with what happens next."""
    if not _raises(request):
        return None
    rows = told(others(request.user).open().order_by("-id")[:FEW])
    return _card("requests", caption="Your open requests", rows=rows, more=True)


def call_the_desk(request: SignedInRequest) -> Card | None:
    """The telephone number and hours of the desk of the person's council."""
    council = request.user.council
    return _card("call_the_desk", "side", council=council) if council.desk_phone else None


def _raises(request: SignedInRequest) -> bool:
    return may(request.user, Permission.RAISE_TICKET)


def _rows(tickets: TicketQuerySet, now: datetime | None = None) -> list[tuple[Ticket, str, str]]:
    """The first by due: each with the colour of its state and the time left."""
    now = now or timezone.now()
    first = tickets.select_related("council").order_by("sort_due", "id")[:MOST]
    return [
        (ticket, wording.COLOURS[ticket.state], wording.time_left(ticket.due_at, ticket.state, now))
        for ticket in first
    ]


def _queue(**query: str) -> str:
    return reverse("tickets:queue", query=query)


def _card(name: str, place: str = "main", **context: Any) -> Card:
    return {"template": f"portal/cards/{name}.html", "context": context, "place": place}
