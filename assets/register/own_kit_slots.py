"""What holders see and are told of their own kit: the card of their first screen, and the letter that asks."""

from typing import Any

from assets.register.models import KitAnswer
from assets.register.own_kit import asked_of, last_of
from assets.register.slots import devices_of
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import Letter
from servicedesk.people.access import may
from servicedesk.people.models import Person
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission


def my_devices(request: SignedInRequest) -> dict[str, Any] | None:
    """HOME_CARDS: what I have, each with a way to report a problem and to say whether I have it."""
    devices = list(devices_of(request.user))
    if not devices:
        return None
    asked = asked_of(request.user)
    context = {
        "devices": sorted(devices, key=lambda asset: asset.pk not in asked),
        "asked": asked,
        "said": last_of(request.user, devices),
        "asks": may(request.user, Permission.RAISE_TICKET),
    }
    return {"template": "register/my_devices.html", "context": context}


def about_kit(person: Person, message: Message) -> Letter | None:
    """TOLD_ABOUT: to whoever has still not answered about something that they hold."""
    waiting = KitAnswer.objects.filter(
        check_asked=message.about_id,
        check_asked__ended_at=None,
        person=person,
        answer="",
        asset__holder=person,
    )
    return Letter(message.subject, message.body, []) if waiting.exists() else None
