"""The moves of a ticket, as a table: buttons, API choices, documentation and tests are all made from it."""

from dataclasses import dataclass
from enum import Enum

from servicedesk.tickets.models import TicketState as S


class MoveRefused(Exception):
    """The ticket does not stand where the move begins, or a guard says no. The text is for the person."""


class StaleTicket(MoveRefused):
    """Somebody has changed the ticket since the person read it."""


class Who(Enum):
    """Who may make a move; a move is open to whoever fits one of those it names."""

    WORKER = "whoever may work on the ticket"
    ASSIGNEE = "the person it is assigned to"
    REQUESTER = "the requester"
    REQUESTER_EARLY = "the requester, while nobody has begun"
    MANAGER = "whoever manages the queue"
    SUPPLIER = "a contact of the supplier that it is with"
    OFFICER = "a cyber security officer, where the supplier has lapsed"
    APPROVER = "the approver, never the requester"
    SYSTEM = "the system itself"


@dataclass(frozen=True)
class Move:
    """From where, to where, by whom, what must be given and may be given, and the words on the button."""

    words: str
    sources: tuple[S, ...]
    target: S
    who: tuple[Who, ...]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


MOVES: dict[str, Move] = {
    "assign": Move("Assign", (S.NEW,), S.ASSIGNED, (Who.WORKER, Who.SYSTEM), ("team",), ("assignee",)),
    "take": Move("Take", (S.NEW, S.ASSIGNED), S.IN_PROGRESS, (Who.WORKER,)),
    "start": Move("Start", (S.ASSIGNED,), S.IN_PROGRESS, (Who.ASSIGNEE,)),
    "put_back": Move("Put back", (S.ASSIGNED, S.IN_PROGRESS), S.NEW, (Who.WORKER,), ("note",)),
    "hand_over": Move(
        "Hand over",
        (S.IN_PROGRESS, S.WAITING_CUSTOMER, S.WAITING_SUPPLIER, S.SCHEDULED, S.ASSIGNED),
        S.ASSIGNED,
        (Who.WORKER,),
        ("note",),
        ("team", "assignee"),
    ),
    "ask_customer": Move(
        "Ask the requester", (S.ASSIGNED, S.IN_PROGRESS), S.WAITING_CUSTOMER, (Who.WORKER,), ("question",)
    ),
    "customer_replied": Move(
        "The requester has replied", (S.WAITING_CUSTOMER,), S.IN_PROGRESS, (Who.SYSTEM, Who.WORKER)
    ),
    "refer_to_supplier": Move(
        "Refer to a supplier",
        (S.ASSIGNED, S.IN_PROGRESS),
        S.WAITING_SUPPLIER,
        (Who.WORKER, Who.OFFICER),
        ("supplier_team",),
        ("supplier_note", "override"),
    ),
    "supplier_answered": Move(
        "The supplier has answered", (S.WAITING_SUPPLIER,), S.IN_PROGRESS, (Who.WORKER, Who.SUPPLIER)
    ),
    "book": Move(
        "Book a time",
        (S.ASSIGNED, S.IN_PROGRESS),
        S.SCHEDULED,
        (Who.WORKER,),
        ("booked_for",),
        ("booked_by_customer",),
    ),
    "begin_booked": Move("Begin the booked work", (S.SCHEDULED,), S.IN_PROGRESS, (Who.WORKER,)),
    "resolve": Move(
        "Resolve",
        (S.NEW, S.ASSIGNED, S.IN_PROGRESS, S.WAITING_CUSTOMER, S.WAITING_SUPPLIER, S.SCHEDULED),
        S.RESOLVED,
        (Who.WORKER,),
        ("resolution_code", "resolution_note"),
        ("containment", "recovery", "lessons"),
    ),
    "close": Move("It is fixed", (S.RESOLVED,), S.CLOSED, (Who.REQUESTER, Who.SYSTEM)),
    "reopen": Move(
        "It is not fixed", (S.RESOLVED,), S.IN_PROGRESS, (Who.REQUESTER, Who.WORKER), (), ("message",)
    ),
    "cancel": Move(
        "Cancel",
        (
            S.NEW,
            S.WAITING_APPROVAL,
            S.ASSIGNED,
            S.IN_PROGRESS,
            S.WAITING_CUSTOMER,
            S.WAITING_SUPPLIER,
            S.SCHEDULED,
        ),
        S.CANCELLED,
        (Who.REQUESTER_EARLY, Who.MANAGER),
        ("reason",),
        ("duplicate_of",),
    ),
    "request_approval": Move(
        "Ask for approval",
        (S.NEW, S.WAITING_APPROVAL),
        S.WAITING_APPROVAL,
        (Who.WORKER, Who.SYSTEM),
        ("approver", "reason"),
        ("cost",),
    ),
    "approve": Move("Approve", (S.WAITING_APPROVAL,), S.ASSIGNED, (Who.APPROVER,)),
    "reject": Move("Do not approve", (S.WAITING_APPROVAL,), S.REJECTED, (Who.APPROVER,), ("reason",)),
}

REQUESTER_EARLY = (S.NEW, S.ASSIGNED, S.WAITING_APPROVAL)
"""While a ticket is here its requester may still cancel it."""

WORDS_FOR_REQUESTER = {
    S.NEW: "We have it",
    S.WAITING_APPROVAL: "Waiting for {approver} to approve",
    S.ASSIGNED: "We are working on it",
    S.IN_PROGRESS: "We are working on it",
    S.WAITING_CUSTOMER: "We need something from you",
    S.WAITING_SUPPLIER: "We have asked our supplier",
    S.SCHEDULED: "Booked for {when}",
    S.RESOLVED: "We think it is fixed: tell us if not",
    S.CLOSED: "Finished",
    S.CANCELLED: "Cancelled",
    S.REJECTED: "Not approved: {reason}",
}
