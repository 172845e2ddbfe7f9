"""Who handles a private matter, and what a ticket becomes when it is sealed for them or opened again."""

from copy import copy
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from servicedesk.catalogue.models import Service
from servicedesk.history.models import ChangeSet
from servicedesk.people.models import Council, Team
from servicedesk.people.querysets import in_force
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.taking_out import take_back
from servicedesk.tickets.models import Sensitivity, Sharing, Ticket, TicketState, TicketType
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.routing import team_for

Fields = dict[str, Any]


def case_group_for(council: Council, sensitivity: str) -> Team:
    """The people who handle a council's private matters of this kind.

    Raises ValidationError where there are none: a private matter is never shown to others for want of a group.
    """
    group = _groups_of(council).filter(sensitivity=sensitivity).first()
    if group is None:
        raise ValidationError(
            {
                "sensitivity": "Nobody at your council receives private requests of this kind. Call the IT desk."
            }
        )
    return group


def private_matters_at(council: Council) -> list[str]:
    """The kinds of private matter that somebody at the council receives."""
    received = set(_groups_of(council).values_list("sensitivity", flat=True))
    return [kind for kind in Sensitivity.values if kind in received]


def sensitivity_of(ticket_type: str, said: str, service: Service | None) -> str:
    """What a new ticket is about: a security incident always cyber security, else what was said, else its service."""
    if ticket_type == TicketType.SECURITY:
        return Sensitivity.CYBER
    if said == Sensitivity.NORMAL and service and service.sensitivity:
        return service.sensitivity
    return said


def sealed(ticket: Ticket, sensitivity: str) -> Fields:
    """The fields of the ticket once it is its case group's alone. Who may then not work on it is taken off it, and
    who may not approve it is asked no longer: its case group asks somebody of theirs."""
    group = case_group_for(ticket.council, sensitivity)
    fields = {
        "sharing": Sharing.RESTRICTED,
        "sensitivity": sensitivity,
        "case_group": group,
        "team": group,
    }
    waits = ticket.state == TicketState.WAITING_APPROVAL
    if waits and not group.memberships.filter(in_force(), person=ticket.approver_id).exists():
        fields["approver"] = None
    return fields | _taken_off(ticket, fields)


def out_of_spreadsheets(deed: ChangeSet, ticket: Ticket) -> None:
    """What was exported before the ticket was sealed, or came back, still tells of it: it is handed out no more."""
    take_back(kinds()["tickets"], ticket, deed)


def opened(ticket: Ticket, sharing: str, now: datetime) -> Fields:
    """The fields of the ticket once it is the desk's again, with the team that it would have had."""
    fields = {
        "sharing": sharing,
        "sensitivity": Sensitivity.NORMAL,
        "case_group": None,
        "team": team_for(ticket.council, ticket.service, now),
    }
    return fields | _taken_off(ticket, fields)


def _taken_off(ticket: Ticket, fields: Fields) -> Fields:
    after = copy(ticket)
    for name, value in fields.items():
        setattr(after, name, value)
    if ticket.assignee is None or may_work(ticket.assignee, after):
        return {}
    begun = ticket.state == TicketState.IN_PROGRESS
    return {"assignee": None, "state": TicketState.ASSIGNED if begun else ticket.state}


def _groups_of(council: Council):
    return Team.objects.filter(kind=Team.Kind.CASE_GROUP, councils=council, archived_at=None)
