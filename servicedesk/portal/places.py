"""The parts of the site, and whom each is open to: what the way round it shows, and what programs are told."""

from typing import NamedTuple

from servicedesk.people.access import may
from servicedesk.people.roles import Permission
from servicedesk.tickets.rights import QUEUE_PERMISSIONS, has_a_queue

HOME, QUEUE = "/home/", "/queue/"


class Place(NamedTuple):
    """A part of the site, and the permissions of which any one opens it."""

    label: str
    href: str
    opened_by: tuple[Permission, ...]


PLACES = (
    Place("Home", HOME, ()),
    Place("Get help", "/help/", (Permission.RAISE_TICKET,)),
    Place("My requests", "/requests/", (Permission.RAISE_TICKET,)),
    Place("Announcements", "/announcements/", (Permission.RAISE_TICKET, Permission.SEE_SHARED_TICKETS)),
    Place("Queue", QUEUE, QUEUE_PERMISSIONS),
    Place("Tasks", "/tasks/", (Permission.WORK_TICKETS, Permission.WORK_FIRM_TICKETS)),
    Place("Assets", "/assets/", (Permission.SEE_ASSETS,)),
    Place("Refresh", "/refresh/", (Permission.SEE_ASSETS,)),
    Place("Reports", "/reports/", (Permission.SEE_REPORTS,)),
    Place("Imports", "/imports/", (Permission.EDIT_ASSETS, Permission.WORK_TICKETS)),
    Place("Administration", "/admin/", (Permission.SEE_SETTINGS, Permission.MANAGE_QUEUE)),
    Place("Private requests", "/tickets/break-glass/", (Permission.BREAK_GLASS,)),
    Place("Search", "/search/", (*QUEUE_PERMISSIONS, Permission.SEE_ASSETS)),
)


def places_of(person) -> list[Place]:
    """The parts of the site that are open to the person, in the order in which they are shown."""
    return [place for place in PLACES if _open(place, person)]


def _open(place: Place, person) -> bool:
    """Whether the person may go there; to the queue goes also who is of a case group, whatever their roles."""
    if place.href == QUEUE:
        return has_a_queue(person)
    return not place.opened_by or any(may(person, permission) for permission in place.opened_by)
