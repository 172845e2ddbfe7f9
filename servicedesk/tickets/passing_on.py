"""When somebody leaves: what they worked on goes back to its team, what they asked for passes to their manager.

A restricted request never passes to a manager, whom it may be about: it stays with its case group.
"""

from collections.abc import Callable
from datetime import datetime

from django.db.models import Q, QuerySet

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.models import Person
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import Sharing, Task, Ticket, TicketState

BEGUN = (TicketState.ASSIGNED, TicketState.IN_PROGRESS)
NAMED = ("council", "requester", "affected_person", "assignee", "approver")


def assigned_to(person: Person) -> QuerySet[Ticket]:
    """The tickets that somebody is working on."""
    return Ticket.objects.filter(assignee=person, is_open=True)


def asked_for_by(person: Person) -> QuerySet[Ticket]:
    """What somebody asked for that is not finished, and that others may come to know of."""
    unfinished = Q(is_open=True) | Q(state=TicketState.RESOLVED)
    return Ticket.objects.filter(unfinished, requester=person).exclude(sharing=Sharing.RESTRICTED)


def awaiting_approval_of(person: Person) -> QuerySet[Ticket]:
    """The tickets that somebody is asked to approve."""
    return Ticket.objects.filter(approver=person, state=TicketState.WAITING_APPROVAL)


def tasks_of(person: Person) -> QuerySet[Task]:
    """The tasks that somebody has not finished."""
    return Task.objects.filter(assignee=person, ended_at=None)


def heir_of(person: Person) -> Person | None:
    """Who takes over what somebody asked for: their manager, where there is one at their council who stays."""
    manager = person.line_manager
    stays = manager and manager.is_active and manager.council_id == person.council_id
    return manager if stays else None


def pass_on(person: Person, *, now: datetime) -> None:
    """Give back and pass on all of it. Without a manager, what was asked for stays with the name of who left."""
    with change_set(by=None, now=now) as deed:
        _change(deed, assigned_to(person), _give_back, "state", "assignee")
        _give_back_tasks(deed, person)
        heir = heir_of(person)
        if heir is None:
            return
        _change(
            deed,
            asked_for_by(person).exclude(pk__in=awaiting_approval_of(heir)),
            _to(heir),
            "requester",
            "affected_person",
        )
        others = awaiting_approval_of(person).exclude(requester=heir).exclude(affected_person=heir)
        _change(deed, others, _approver(heir), "approver")


def _change(deed, tickets: QuerySet[Ticket], change: Callable[[Ticket], None], *fields: str) -> None:
    rows = list(tickets.select_related(*NAMED).select_for_update(of=("self",)))
    before = snapshot(rows)
    for ticket in rows:
        change(ticket)
        ticket.version += 1
    Ticket.objects.bulk_update(rows, [*fields, "version"], batch_size=500)
    record(deed, rows, before)
    index_tickets(rows)


def _give_back(ticket: Ticket) -> None:
    ticket.assignee = None
    if ticket.state in BEGUN:
        ticket.state = TicketState.NEW


def _to(heir: Person) -> Callable[[Ticket], None]:
    def change(ticket: Ticket) -> None:
        ticket.affected_person = ticket.affected_person or ticket.requester
        ticket.requester = heir

    return change


def _approver(heir: Person) -> Callable[[Ticket], None]:
    def change(ticket: Ticket) -> None:
        ticket.approver = heir

    return change


def _give_back_tasks(deed, person: Person) -> None:
    rows = list(tasks_of(person).select_related("ticket", "team", "assignee"))
    before = snapshot(rows)
    for task in rows:
        task.assignee = None
        task.version += 1
    Task.objects.bulk_update(rows, ["assignee", "version"])
    record(deed, rows, before)
