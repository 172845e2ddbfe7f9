"""What a person who may see a ticket may do with it. Sight itself is `TicketQuerySet.visible_to`."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from servicedesk.history.models import Change
from servicedesk.people.access import councils_of, may, stood_in_for, teams_of
from servicedesk.people.models import Team
from servicedesk.people.roles import Permission
from servicedesk.tickets.choices import suppliers_for
from servicedesk.tickets.lapsing import lapsed_among
from servicedesk.tickets.models import Sensitivity, Sharing, Ticket, TicketState
from servicedesk.tickets.states import MOVES, REQUESTER_EARLY, Who

QUEUE_PERMISSIONS = (
    Permission.SEE_SHARED_TICKETS,
    Permission.SEE_COUNCIL_TICKETS,
    Permission.SEE_CYBER_TICKETS,
    Permission.SEE_SERVICE_TICKETS,
    Permission.SEE_FIRM_TICKETS,
    Permission.SEE_ASSET_TICKETS,
)


def has_a_queue(person) -> bool:
    """Whether the person sees requests beside their own."""
    return any(may(person, permission) for permission in QUEUE_PERMISSIONS) or in_a_case_group(person)


def require_a_queue(person) -> None:
    """Refuse who sees no requests beside their own."""
    if not has_a_queue(person):
        raise PermissionDenied("You need the right to see requests beside your own.")


def in_a_case_group(person) -> bool:
    """Whether the person handles private matters, which takes no role."""
    teams = teams_of(person)
    return bool(teams) and Team.objects.filter(pk__in=teams, kind=Team.Kind.CASE_GROUP).exists()


def works_a_queue(person) -> bool:
    """Whether the person's work begins with what waits for the desk or their firm."""
    working = Permission.WORK_TICKETS, Permission.WORK_CYBER_TICKETS, Permission.WORK_FIRM_TICKETS
    return any(may(person, permission) for permission in working)


def may_work(person, ticket: Ticket) -> bool:
    """Whether the person may answer, assign and resolve the ticket."""
    if ticket.sensitivity == Sensitivity.CYBER and may(
        person, Permission.WORK_CYBER_TICKETS, ticket.council_id
    ):
        return True
    if ticket.sharing == Sharing.RESTRICTED:
        return ticket.case_group_id in teams_of(person)
    if not may(person, Permission.WORK_TICKETS, ticket.council_id):
        return False
    if ticket.sharing == Sharing.OWN_COUNCIL:
        return may(person, Permission.SEE_COUNCIL_TICKETS, ticket.council_id) or _assigned(person, ticket)
    return True


def may_read_notes(person, ticket: Ticket) -> bool:
    """Whether the person reads what the desk says among itself, and the ticket's history."""
    if may_work(person, ticket):
        return True
    if ticket.sharing == Sharing.RESTRICTED:
        return reads_by_glass(person, ticket)
    desk = (
        Permission.SEE_SHARED_TICKETS if ticket.sharing == Sharing.SHARED else Permission.SEE_COUNCIL_TICKETS
    )
    return ticket.council_id in councils_of(person, desk)


def reads_by_glass(person, ticket: Ticket) -> bool:
    """Whether the person broke the glass of a sealed ticket: then they read all of it, and do nothing to it."""
    return (
        may(person, Permission.BREAK_GLASS, ticket.council_id)
        and ticket.glasses_broken.in_force().filter(person=person.pk).exists()
    )


def is_its_supplier(person, ticket: Ticket) -> bool:
    """Whether the person answers for the supplier that the ticket is with."""
    return (
        may(person, Permission.WORK_FIRM_TICKETS, ticket.council_id)
        and ticket.sharing != Sharing.RESTRICTED
        and bool({ticket.supplier_team_id, ticket.team_id} & teams_of(person))
    )


def is_its_requester(person, ticket: Ticket) -> bool:
    """Whether it is the person's own request, or one made for them."""
    return bool(person) and person.pk in (ticket.requester_id, ticket.affected_person_id)


def reads_as_its_requester(person, ticket: Ticket) -> bool:
    """Whether the person is told of their own request what everybody is of theirs: where it is and what happens next.
    Whom it is with, and how bad the desk finds it, is the desk's matter."""
    return is_its_requester(person, ticket) and not (
        may_read_notes(person, ticket) or is_its_supplier(person, ticket)
    )


def decides(person, ticket: Ticket) -> bool:
    """Whether it is the person's to approve: they are its approver, or stand in for them. Never what they asked for or
    what is for them; and no stand-in decides on what they wanted approved themselves, or outside of its case group."""
    if is_its_requester(person, ticket):
        return False
    if person.pk == ticket.approver_id:
        return True
    sealed = ticket.sharing == Sharing.RESTRICTED and ticket.case_group_id not in teams_of(person)
    if sealed or ticket.approver_id not in stood_in_for(person):
        return False
    return not wanted_approved_by(person).filter(object_id=ticket.pk).exists()


def wanted_approved_by(person) -> QuerySet[Change]:
    """What the person asked others to approve, as history has it."""
    asked = Change.objects.filter(kind=Ticket._meta.label_lower, move="request_approval")
    return asked.filter(change_set__by_id=person.pk)


def may_override_supplier(person, ticket: Ticket) -> bool:
    """Whether the person may let a ticket go to a supplier that has lapsed. A sealed one goes to none."""
    officer = may(person, Permission.WORK_CYBER_TICKETS, ticket.council_id)
    return officer and ticket.sharing != Sharing.RESTRICTED


def fits(who: Who, person, ticket: Ticket) -> bool:
    """Whether the person (None: the system) is the one that a move asks for."""
    if person is None:
        return who == Who.SYSTEM
    return {
        Who.WORKER: lambda: may_work(person, ticket),
        Who.ASSIGNEE: lambda: _assigned(person, ticket) and may_work(person, ticket),
        Who.REQUESTER: lambda: is_its_requester(person, ticket),
        Who.REQUESTER_EARLY: lambda: is_its_requester(person, ticket) and ticket.state in REQUESTER_EARLY,
        Who.MANAGER: lambda: (
            may_work(person, ticket) and may(person, Permission.MANAGE_QUEUE, ticket.council_id)
        ),
        Who.SUPPLIER: lambda: is_its_supplier(person, ticket) and ticket.supplier_team_id in teams_of(person),
        Who.OFFICER: lambda: may_override_supplier(person, ticket),
        Who.APPROVER: lambda: decides(person, ticket),
        Who.SYSTEM: lambda: False,
    }[who]()


def may_make(person, ticket: Ticket, name: str) -> bool:
    """Whether the move is the person's to make, wherever the ticket stands."""
    return any(fits(who, person, ticket) for who in MOVES[name].who)


def moves_open_to(person, ticket: Ticket) -> list[str]:
    """The names of the moves that the person could make from where the ticket stands."""
    return [
        name
        for name, move in MOVES.items()
        if TicketState(ticket.state) in move.sources
        and may_make(person, ticket, name)
        and not (name == "refer_to_supplier" and _has_none_to_refer_to(person, ticket))
    ]


def _has_none_to_refer_to(person, ticket: Ticket) -> bool:
    """Whether the person could refer the ticket to a supplier that has lapsed alone, and none has."""
    return not may_work(person, ticket) and not lapsed_among(suppliers_for(ticket), ticket.council)


def _assigned(person, ticket: Ticket) -> bool:
    return bool(person) and ticket.assignee_id == person.pk
