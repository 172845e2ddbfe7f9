"""What every page shows around its content: the person's council, the way round the site, the desk's telephone."""

from functools import cached_property
from typing import NamedTuple

from django.http import HttpRequest

from servicedesk.knowledge.models import Announcement
from servicedesk.people.access import may
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.tickets.rights import has_a_queue

PRODUCT = "IT service desk"
QUEUE = "/queue/"
MOST_OUTAGES = 5


class Place(NamedTuple):
    """A part of the site, and the permissions of which any one opens it."""

    label: str
    href: str
    opened_by: tuple[Permission, ...]


HOME = "/home/"
SEES_TICKETS = (
    Permission.SEE_SHARED_TICKETS,
    Permission.SEE_COUNCIL_TICKETS,
    Permission.SEE_CYBER_TICKETS,
    Permission.SEE_SERVICE_TICKETS,
    Permission.SEE_FIRM_TICKETS,
    Permission.SEE_ASSET_TICKETS,
)
PLACES = (
    Place("Home", HOME, ()),
    Place("Get help", "/help/", (Permission.RAISE_TICKET,)),
    Place("My requests", "/requests/", (Permission.RAISE_TICKET,)),
    Place("Announcements", "/announcements/", (Permission.RAISE_TICKET, Permission.SEE_SHARED_TICKETS)),
    Place("Queue", QUEUE, SEES_TICKETS),
    Place("Tasks", "/tasks/", (Permission.WORK_TICKETS, Permission.WORK_FIRM_TICKETS)),
    Place("Assets", "/assets/", (Permission.SEE_ASSETS,)),
    Place("Refresh", "/refresh/", (Permission.SEE_ASSETS,)),
    Place("Reports", "/reports/", (Permission.SEE_REPORTS,)),
    Place("Imports", "/imports/", (Permission.EDIT_ASSETS, Permission.WORK_TICKETS)),
    Place("Administration", "/admin/", (Permission.SEE_SETTINGS, Permission.MANAGE_QUEUE)),
    Place("Private requests", "/tickets/break-glass/", (Permission.BREAK_GLASS,)),
    Place("Search", "/search/", (*SEES_TICKETS, Permission.SEE_ASSETS)),
)


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
            for place in PLACES
            if self._open(place)
        ]

    @cached_property
    def desks(self) -> list[Council]:
        """Whom to telephone, for people who cannot sign in."""
        return list(Council.objects.filter(archived_at=None).exclude(desk_phone=""))

    @cached_property
    def outages(self) -> list[str]:
        """What everybody may read of what is out of order now, for people who cannot sign in."""
        return list(Announcement.objects.for_strangers().values_list("public_text", flat=True)[:MOST_OUTAGES])

    def _open(self, place: Place) -> bool:
        """Whether the person may go there; to the queue goes also who is of a case group, whatever their roles."""
        if place.href == QUEUE:
            return has_a_queue(self.person)
        return not place.opened_by or any(may(self.person, permission) for permission in place.opened_by)

    def _inside(self, href: str) -> bool:
        return self.path.startswith(href) or (href == HOME and self.path == "/")


def shell(request: HttpRequest) -> dict[str, Shell]:
    """The context processor."""
    return {"shell": Shell(request)}
