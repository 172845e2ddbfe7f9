"""What the network puts into the pages of the desk: what a ticket's assets reach, and the analogue lines that go."""

from typing import Any

from django.urls import reverse

from assets.register.estate_views import countdown
from assets.register.impact import impact_of
from assets.register.models import Asset
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.rights import may_work


def impact_of_ticket(request: SignedInRequest, ticket: Ticket) -> dict[str, Any] | None:
    """TICKET_PANELS: what hangs off the assets that a ticket is about, and the impact that this proposes."""
    if not may(request.user, Permission.SEE_ASSETS):
        return None
    seen = Asset.objects.visible_to(request.user).filter(service_records__ticket=ticket)
    impact = impact_of(request.user, seen.select_related("council", "site").order_by("asset_tag", "id"))
    if impact is None or not impact.reaches_something:
        return None
    return {
        "template": "register/impact_panel.html",
        "context": {
            "ticket": ticket,
            "impact": impact,
            "may_change": may_work(request.user, ticket)
            and ticket.is_open
            and ticket.impact != impact.proposed,
        },
    }


def analogue_lines(request: SignedInRequest) -> dict[str, Any] | None:
    """HOME_CARDS: the lines that stop working, for whoever keeps their council's register, while there are any."""
    councils = councils_of(request.user, Permission.EDIT_ASSETS)
    left = countdown(request.user, councils) if councils else {"left": 0}
    if not left["left"]:
        return None
    codes = Council.objects.filter(pk__in=councils).values_list("code", flat=True)
    query = {"analogue_left": "true", **({"council": codes[0]} if len(codes) == 1 else {})}
    href = reverse("register:lines", query=query)
    return {"template": "register/lines_card.html", "context": {"countdown": left, "href": href}}
