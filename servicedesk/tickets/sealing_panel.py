"""The panel of a ticket that says how private it is, who has read it, and what can be done about that."""

from typing import Any

from django.db.models import Max
from django.utils import timezone

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets.breaking_glass import may_end_glass
from servicedesk.tickets.models import BreakGlass, How, Sharing, Sighting, Ticket
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.sealing import may_alert, may_raise_sensitivity, openings_of
from servicedesk.tickets.sealing_forms import AlertForm


def panel(request: SignedInRequest, ticket: Ticket) -> dict[str, Any]:
    """TICKET_PANELS: who can see it and why; to the case group also who has read it, and who asked to open it."""
    person = request.user
    sealed = ticket.sharing == Sharing.RESTRICTED
    context = {
        "ticket": ticket,
        "person": person,
        "sealed": sealed,
        "may_seal": not sealed and may_raise_sensitivity(person, ticket),
    }
    if sealed:
        context |= _of_sealed(person, ticket)
    return {"template": "tickets/sealing_panel.html", "context": context}


def _of_sealed(person, ticket: Ticket) -> dict[str, Any]:
    of_group = may_work(person, ticket)
    return {
        "of_group": of_group,
        "glasses": _glasses(person, ticket, of_group),
        "readers": readers_of(ticket) if of_group else [],
        "openings": ticket.opening_requests.select_related("asked_by", "decided_by") if of_group else [],
        "may_be_opened": of_group and bool(openings_of(ticket)),
        "alerts": ticket.alerts.select_related("by", "council") if of_group else [],
        "alert": AlertForm(ticket) if may_alert(person, ticket) else None,
    }


def _glasses(person, ticket: Ticket, of_group: bool) -> list[tuple[BreakGlass, bool]]:
    """Each time the glass was broken, and whether the person may end it; to others than the case group their own."""
    now = timezone.now()
    broken = ticket.glasses_broken.select_related("person", "ticket").order_by("-starts_at")
    return [
        (glass, not glass.is_over(now) and may_end_glass(person, glass))
        for glass in (broken if of_group else broken.filter(person=person))
    ]


def readers_of(ticket: Ticket) -> list[dict[str, Any]]:
    """Who has read a sealed ticket: each person, and way of reading, with the last time."""
    read = Sighting.objects.filter(ticket=ticket).order_by().values("person__display_name", "how")
    return [
        {"name": row["person__display_name"], "how": How(row["how"]).label, "last": row["last"]}
        for row in read.annotate(last=Max("at")).order_by("-last")
    ]
