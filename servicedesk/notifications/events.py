"""What people can be told of by mail, and other systems by webhook, in the words of the pages where it is chosen."""

from dataclasses import dataclass

from servicedesk.people.access import may
from servicedesk.people.roles import Permission


@dataclass(frozen=True)
class Event:
    """Something that a person is told of: in words, and which permission it comes with (None: everybody).

    Unless a person chose otherwise they are told where it is `wanted`; of what is not `optional` they always are.
    """

    words: str
    permission: Permission | None = None
    wanted: bool = True
    optional: bool = True


EVENTS: dict[str, Event] = {
    "answered": Event("Somebody replies to your request"),
    "asked": Event("We need an answer from you", optional=False),
    "booked": Event("We book a time for your request"),
    "resolved": Event("We think that your request is done"),
    "how_content": Event("We ask how content you are with what we did"),
    "ended": Event("Your request is cancelled or not approved"),
    "logged": Event("We log a request for you"),
    "approval_wanted": Event("Somebody needs you to approve a request"),
    "given": Event("A request comes to you, or to your team while nobody has it", Permission.WORK_TICKETS),
    "critical": Event(
        "Something critical comes to you, or to your team while you are on duty",
        Permission.WORK_TICKETS,
        optional=False,
    ),
    "customer_replied": Event("The requester of your ticket replies", Permission.WORK_TICKETS),
    "supplier_answered": Event("The supplier of your ticket answers", Permission.WORK_TICKETS),
    "task_given": Event("A task comes to you or your team", Permission.WORK_TICKETS),
    "warned": Event("Your ticket is soon late", Permission.WORK_TICKETS),
    "breached": Event("Your ticket is late", Permission.WORK_TICKETS),
    "alert": Event(
        "Another council warns yours of a security incident", Permission.MANAGE_QUEUE, optional=False
    ),
    "referred": Event("A request is referred to your firm", Permission.WORK_FIRM_TICKETS),
    "kit_asked": Event("We ask whether you have what our register says", Permission.SEE_OWN_ASSETS),
    "swap_offered": Event(
        "We ask you to choose when your equipment is replaced, and remind you of it",
        Permission.SEE_OWN_ASSETS,
        optional=False,
    ),
    "swap_followed": Event("We ask how the replacement of your equipment went", Permission.SEE_OWN_ASSETS),
    "batch_given": Event("A batch of equipment to replace comes to you", Permission.PLAN_REFRESH),
    "kit_due_back": Event("Equipment that you or your people have is due back", Permission.SEE_OWN_ASSETS),
    "case": Event("Something happens on a private request of your case group"),
    "glass_broken": Event(
        "Somebody opens a private request in an emergency, or tries to",
        Permission.SEE_CYBER_TICKETS,
        optional=False,
    ),
    "access": Event(
        "Somebody changes who reaches private requests", Permission.SEE_CYBER_TICKETS, optional=False
    ),
    "account": Event("Somebody changes the email address by which you sign in", optional=False),
}

HOOK_EVENTS: dict[str, str] = {
    "ticket.raised": "A ticket is raised",
    "ticket.changed": "What a ticket says is corrected",
    "ticket.assigned": "A ticket is given to a team or a person",
    "ticket.taken": "Somebody takes a ticket or begins on it",
    "ticket.handed_over": "A ticket is handed over or put back",
    "ticket.replied": "Somebody replies in public",
    "ticket.asked": "The requester is asked something",
    "ticket.booked": "A time is booked",
    "ticket.referred": "A ticket is referred to a supplier",
    "ticket.supplier_answered": "The supplier has answered",
    "ticket.resolved": "A ticket is resolved",
    "ticket.closed": "A ticket is closed",
    "ticket.reopened": "A ticket is opened again",
    "ticket.cancelled": "A ticket is cancelled",
    "ticket.approved": "A ticket is approved",
    "ticket.rejected": "A ticket is not approved",
    "ticket.warned": "A promise will soon be broken",
    "ticket.breached": "A promise is broken",
}
TEST = "test"
"""The event of a delivery that only tries a webhook out."""


def events_for(person) -> dict[str, Event]:
    """The events that the person can meet."""
    return {
        name: event for name, event in EVENTS.items() if not event.permission or may(person, event.permission)
    }
