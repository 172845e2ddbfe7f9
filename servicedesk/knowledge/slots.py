"""What this app puts on the first screen, and on the page where help is asked for."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from servicedesk.knowledge.models import Announcement
from servicedesk.knowledge.querysets import SOON
from servicedesk.people.access import may
from servicedesk.people.models import Person
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

MOST = 5
Card = dict[str, Any]


def what_is_out_of_order(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: what is out of order at the person's site now, and what is planned there soon."""
    if not may(request.user, Permission.RAISE_TICKET):
        return None
    now, seen = timezone.now(), Announcement.objects.visible_to(request.user).concerning(request.user)
    shown = {
        "on": known_problems(request.user, now),
        "coming": list(seen.coming(now).filter(starts_at__lte=now + SOON).order_by("starts_at")[:MOST]),
    }
    return {"template": "knowledge/card.html", "context": shown} if any(shown.values()) else None


def known_problems(person: Person, now: datetime | None = None) -> list[Announcement]:
    """What holds at the person's site now, the oldest first."""
    here = Announcement.objects.visible_to(person).concerning(person).on(now)
    return list(here.order_by("starts_at", "pk")[:MOST])
