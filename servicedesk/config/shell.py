"""What every page shows around its content: the person's council, the way round the site, the desk's telephone."""

from functools import cached_property

from django.http import HttpRequest

from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Council
from servicedesk.portal.places import HOME, places_of

PRODUCT = "IT service desk"
MOST_OUTAGES = 5


class Shell:
    """Answers what the base page asks, each when it is asked and no sooner."""

    def __init__(self, request: HttpRequest):
        self.path = request.path
        self.person = getattr(request, "user", None)

    @property
    def signed_in(self) -> bool:
        return bool(self.person and self.person.is_authenticated)

    @cached_property
    def council(self) -> Council | None:
        return getattr(self.person, "council", None)

    @cached_property
    def navigation(self) -> list[dict]:
        """The places open to the person, as the service navigation takes them."""
        if not self.signed_in:
            return []
        return [
            {"text": place.label, "href": place.href, "active": self._inside(place.href)}
            for place in places_of(self.person)
        ]

    @cached_property
    def desks(self) -> list[Council]:
        """Whom to telephone, for people who cannot sign in."""
        return list(Council.objects.filter(archived_at=None).exclude(desk_phone=""))

    @cached_property
    def outages(self) -> list[str]:
        """What everybody may read of what is out of order now, for people who cannot sign in."""
        return list(Announcement.objects.for_strangers().values_list("public_text", flat=True)[:MOST_OUTAGES])

    def _inside(self, href: str) -> bool:
        return self.path.startswith(href) or (href == HOME and self.path == "/")


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor."""
    return {"shell": Shell(request)}
