"""What a move changes beside the state, move by move. Each effect checks what it was given."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from servicedesk.people.models import Team
from servicedesk.tickets.approvals import approvers_for
from servicedesk.tickets.choices import engineers_for, suppliers_for, teams_for
from servicedesk.tickets.grace import grace_ends
from servicedesk.tickets.models import Sharing, Ticket, TicketType
from servicedesk.tickets.referring import check_given, check_referred
from servicedesk.tickets.routing import team_for
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.unfinished import unfinished

Given = dict[str, Any]


def _assign(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    assignee = given.get("assignee")
    _check_team(ticket, given["team"], by, now)
    if assignee:
        _one_of(engineers_for(ticket), assignee, "assignee", "Choose somebody who may work on this.")
    return {"team": given["team"], "assignee": assignee}


def _take(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    if ticket.assignee_id not in (None, by.pk):
        raise MoveRefused(
            f"{ticket.reference} is assigned to {ticket.assignee}. Use Hand over to take it on."
        )
    return {"assignee": by}


def _hand_over(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    team, assignee = given.get("team") or ticket.team, given.get("assignee")
    if (team, assignee) in ((ticket.team, None), (ticket.team, ticket.assignee)):
        raise ValidationError({"team": "Choose another team or another person."})
    if given.get("team"):
        _check_team(ticket, given["team"], by, now)
    if assignee:
        _one_of(engineers_for(ticket), assignee, "assignee", "Choose somebody who may work on this.")
    return {
        "team": team,
        "assignee": assignee,
        "supplier_team": None,
        "reassign_count": F("reassign_count") + 1,
    }


def _refer(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    supplier = given["supplier_team"]
    _one_of(
        suppliers_for(ticket), supplier, "supplier_team", "Choose a supplier that works for this council."
    )
    check_referred(ticket, supplier, given.get("override", "").strip(), by, now)
    return {"supplier_team": supplier}


def _book(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    if given["booked_for"] <= now:
        raise ValidationError({"booked_for": "The date and time must be in the future."})
    return {"booked_for": given["booked_for"], "booked_by_customer": bool(given.get("booked_by_customer"))}


def _resolve(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    still_open = unfinished(ticket, by)
    if still_open:
        raise MoveRefused(still_open)
    lessons = {name: given.get(name, "") for name in ("containment", "recovery", "lessons")}
    if ticket.type == TicketType.SECURITY and not all(lessons.values()):
        raise ValidationError({name: MISSING[name] for name, text in lessons.items() if not text})
    return {
        "resolution_code": given["resolution_code"],
        "resolution_note": given["resolution_note"],
        "resolved_at": now,
        **lessons,
    }


def _close(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    return {"closed_at": now}


def _reopen(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    if now > grace_ends(ticket):
        raise MoveRefused("This was finished more than 5 working days ago. Ask again about it.")
    return {
        "reopen_count": F("reopen_count") + 1,
        "resolved_at": None,
        "resolution_code": "",
        "resolution_note": "",
    }


def _cancel(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    other = given.get("duplicate_of")
    if other and (other.pk == ticket.pk or not Ticket.objects.visible_to(by).filter(pk=other.pk).exists()):
        raise ValidationError({"duplicate_of": "Enter the reference of another request that you can see."})
    if other and other.sharing == Sharing.RESTRICTED != ticket.sharing:
        raise ValidationError({"duplicate_of": "A private request cannot be named on one that others see."})
    return {"resolution_note": given["reason"], "duplicate_of": other}


def _request_approval(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    if given["approver"].pk in (ticket.requester_id, ticket.affected_person_id):
        raise ValidationError({"approver": "Nobody approves their own request."})
    if by and given["approver"].pk == by.pk:
        raise ValidationError({"approver": "Choose somebody else: nobody approves what they ask for."})
    private = ticket.sharing == Sharing.RESTRICTED
    whose = "their manager or a budget approver" if not private else "somebody of its case group"
    _one_of(approvers_for(ticket), given["approver"], "approver", f"This is approved by {whose}.")
    return {
        "approver": given["approver"],
        "approval_reason": given["reason"],
        "approval_cost": given.get("cost"),
    }


def _approve(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    _still_approved_by(ticket)
    return {"team": ticket.team or team_for(ticket.council, ticket.service, now)}


def _reject(ticket: Ticket, given: Given, by, now: datetime) -> Given:
    _still_approved_by(ticket)
    return {"resolution_note": given["reason"]}


def effect_of(name: str, ticket: Ticket, given: Given, by, now: datetime) -> Given:
    """The fields, beside the state, that a move changes. Raises ValidationError by field, or MoveRefused."""
    effect = EFFECTS.get(name)
    return effect(ticket, given, by, now) if effect else {}


EFFECTS: dict[str, Callable[[Ticket, Given, Any, datetime], Given]] = {
    "assign": _assign,
    "take": _take,
    "put_back": lambda ticket, given, by, now: {"assignee": None},
    "hand_over": _hand_over,
    "refer_to_supplier": _refer,
    "book": _book,
    "resolve": _resolve,
    "close": _close,
    "reopen": _reopen,
    "cancel": _cancel,
    "request_approval": _request_approval,
    "approve": _approve,
    "reject": _reject,
}
MISSING = {
    "team": "Choose a team",
    "note": "Enter a note for whoever takes this on",
    "question": "Enter the question for the requester",
    "supplier_team": "Choose a supplier",
    "booked_for": "Enter the date and time",
    "resolution_code": "Choose how it was resolved",
    "resolution_note": "Enter what was done, in words for the requester",
    "containment": "Enter how it was contained",
    "recovery": "Enter how things were put right",
    "lessons": "Enter what was learnt",
    "reason": "Enter the reason",
    "approver": "Choose who approves",
}


def _still_approved_by(ticket: Ticket) -> None:
    """Refuse where whoever was asked may not approve it any more: somebody else is asked then."""
    asked = ticket.approver
    if asked is None or not approvers_for(ticket).filter(pk=asked.pk).exists():
        raise MoveRefused(f"{asked} no longer approves this. The IT desk can ask somebody else.")


def _check_team(ticket: Ticket, team: Team, by, now: datetime) -> None:
    _one_of(teams_for(ticket), team, "team", "Choose a team that works for this council.")
    check_given(ticket, team, by, now)


def _one_of(rows, row, field: str, sentence: str) -> None:
    if not rows.filter(pk=row.pk).exists():
        raise ValidationError({field: sentence})
