"""TICKET_PANELS: the priority and where it comes from, broken promises and their reasons, and who held the ticket."""

from typing import Any

from django.utils import timezone

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import priorities
from servicedesk.tickets.deadlines import name_of
from servicedesk.tickets.holding import in_all, who_held
from servicedesk.tickets.models import Ticket, Uplift
from servicedesk.tickets.prioritising import may_decide, shown_uplift
from servicedesk.tickets.rights import may_read_notes, may_work

Panel = dict[str, Any]


def priority(request: SignedInRequest, ticket: Ticket) -> Panel | None:
    """How the priority came about, and the ways to another one."""
    if not may_read_notes(request.user, ticket):
        return None
    uplift = shown_uplift(request.user, ticket)
    context = {
        "ticket": ticket,
        "matrix": priorities.priority_of(ticket.impact, ticket.urgency).label,
        "impact": priorities.IMPACT_WORDS[ticket.impact],
        "urgency": priorities.URGENCY_WORDS[ticket.urgency],
        "uplift": Uplift(uplift).label if uplift else "",
        "works": ticket.is_open and may_work(request.user, ticket),
        "decides": may_decide(request.user, ticket),
    }
    return {"template": "tickets/_priority.html", "context": context}


def breaches(request: SignedInRequest, ticket: Ticket) -> Panel | None:
    """Broken promises, each with its reason or the way to give one."""
    if not may_read_notes(request.user, ticket):
        return None
    broken = ticket.clocks.exclude(breached_at=None).select_related("breach_explained_by", "supplier_team")
    rows = [(clock, name_of(clock)) for clock in broken.order_by("breached_at", "id")]
    if not rows:
        return None
    context = {
        "ticket": ticket,
        "rows": rows,
        "works": may_work(request.user, ticket),
        "decides": may_decide(request.user, ticket),
    }
    return {"template": "tickets/_breaches.html", "context": context}


def holding(request: SignedInRequest, ticket: Ticket) -> Panel | None:
    """The working time of each team and state, from the history that the person may read."""
    if not may_read_notes(request.user, ticket):
        return None
    held = who_held(ticket, timezone.now())
    if not held:
        return None
    context = {"held": held, "agreements": in_all(held)}
    return {"template": "tickets/_holding.html", "context": context, "place": "main"}
