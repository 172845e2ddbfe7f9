"""How a ticket is said: to the person who asked in plain words, to the desk in the field's own.

Takes the state of a ticket, from a row with what it points at, and a moment. Asks the database nothing.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from servicedesk import wording
from servicedesk.service_levels.working_time import ONE_SECOND
from servicedesk.tickets.models import DONE, Comment, Priority, Ticket, TicketState, TicketType
from servicedesk.tickets.states import WORDS_FOR_REQUESTER

S = TicketState

COLOURS = {
    S.NEW: "blue",
    S.WAITING_APPROVAL: "yellow",
    S.ASSIGNED: "teal",
    S.IN_PROGRESS: "teal",
    S.WAITING_CUSTOMER: "yellow",
    S.WAITING_SUPPLIER: "purple",
    S.SCHEDULED: "purple",
    S.RESOLVED: "green",
    S.CLOSED: "grey",
    S.CANCELLED: "grey",
    S.REJECTED: "red",
}
PRIORITY_COLOURS = {Priority.P1: "red", Priority.P2: "orange", Priority.P3: "grey", Priority.P4: "grey"}
NEEDS_ANSWER = (S.WAITING_CUSTOMER, S.RESOLVED)
"""Where the next word is the requester's."""
STANDS_STILL = (S.WAITING_APPROVAL, S.WAITING_CUSTOMER, S.WAITING_SUPPLIER, S.SCHEDULED)
LONGEST_REASON = 100


class Standing(NamedTuple):
    """Where a request is, in words and a colour, what happens next, and whether we are late with it."""

    words: str
    colour: str
    next: str
    late: bool


def standing(ticket: Ticket, *, now: datetime, gone_by: datetime | None = None) -> Standing:
    """What the requester is told. `gone_by` is until when a resolved request can be opened again."""
    state = TicketState(ticket.state)
    late = _is_late(ticket, now)
    following = _next(ticket, state, now, gone_by)
    if late:
        following = " ".join(
            filter(None, ["This is late. We are sorry.", following, _next_update(ticket, now)])
        )
    return Standing(state_for_requester(ticket), COLOURS[state], following, late)


def state_for_requester(ticket: Ticket) -> str:
    """The plain words for where a ticket stands."""
    if ticket.merged_into_id:
        return "Joined with another request"
    reason = ticket.resolution_note.strip()
    if len(reason) > LONGEST_REASON:
        reason = reason[:LONGEST_REASON].rsplit(" ", 1)[0] + "…"
    return WORDS_FOR_REQUESTER[TicketState(ticket.state)].format(
        approver=_who_approves(ticket), when=wording.deadline(ticket.booked_for), reason=reason
    )


def time_left(due_at: datetime | None, state: str, now: datetime) -> str:
    """How long the desk has: "2 h 10 min" where it is due today, else the day; how long or since when it is late."""
    if due_at is None:
        return "Paused" if state in STANDS_STILL else "–"
    if state in DONE:
        return "–"
    late = due_at < now
    if day := _other_day(due_at, now):
        return f"{'Late since ' if late else ''}{day}, {wording.clock(due_at)}"
    return f"{'Late ' if late else ''}{wording.duration(_minutes(abs(due_at - now)))}"


def brief(moment: datetime, now: datetime) -> str:
    """9:12am where it is today, else Thu 26 Nov, 9:12am; the year only where it is another."""
    day = _other_day(moment, now)
    return f"{day}, {wording.clock(moment)}" if day else wording.clock(moment)


def _other_day(moment: datetime, now: datetime) -> str:
    """Thu 26 Nov, or nothing where it is today."""
    return _brief_day(wording.local(moment).date(), wording.local(now).date())


@lru_cache(maxsize=1000)
def _brief_day(day: date, today: date) -> str:
    """A list says the same few days over and over."""
    if day == today:
        return ""
    return f"{day:%a} {day.day} {day:%b}" + ("" if day.year == today.year else f" {day.year}")


def who_reads(comment: Comment, ticket: Ticket) -> str:
    """Who wrote it for whom, so that nobody mistakes a note for a reply."""
    if comment.visibility == Comment.Visibility.INTERNAL:
        return f"Internal note – {ticket.requester} cannot see this"
    if comment.visibility == Comment.Visibility.SUPPLIER:
        return f"Note to the supplier – {ticket.requester} cannot see this"
    if comment.author_id in (ticket.requester_id, ticket.affected_person_id):
        return "From the requester"
    return f"Reply to {ticket.requester}"


def _next(ticket: Ticket, state: TicketState, now: datetime, gone_by: datetime | None) -> str:
    match state:
        case S.WAITING_APPROVAL:
            return f"We begin when {_who_approves(ticket)} has approved it."
        case S.WAITING_CUSTOMER:
            return "Answer our question, so that we can go on."
        case S.SCHEDULED:
            return "We begin then."
        case S.RESOLVED:
            return _asking(gone_by)
        case S.CLOSED | S.CANCELLED | S.REJECTED:
            return ""
    return _promises(ticket, now)


def _who_approves(ticket: Ticket) -> str:
    """Who is asked; where a request was sealed meanwhile, somebody whom its case group has yet to choose."""
    return str(ticket.approver or "somebody of its case group")


def _asking(gone_by: datetime | None) -> str:
    until = f" If we do not hear from you by {wording.deadline(gone_by)}, we take it as fixed."
    return "Tell us whether it is fixed." + (until if gone_by else "")


def _promises(ticket: Ticket, now: datetime) -> str:
    """What we aim for, as far as it is still to come."""
    deed = "do" if ticket.type == TicketType.REQUEST else "fix"
    aims = []
    if ticket.first_response_at is None and ticket.response_due_at and ticket.response_due_at >= now:
        aims.append(f"We aim to reply by {wording.deadline(ticket.response_due_at)}.")
    if ticket.due_at and ticket.due_at >= now:
        aims.append(f"We aim to {deed} this by {wording.deadline(ticket.due_at)}.")
    return " ".join(aims)


def _next_update(ticket: Ticket, now: datetime) -> str:
    """By when we write again, where that is promised and still to come."""
    due_at = ticket.next_update_due_at
    return f"Next update by {wording.deadline(due_at)}." if due_at and due_at >= now else ""


def _is_late(ticket: Ticket, now: datetime) -> bool:
    if not ticket.is_open:
        return False
    reply_due = None if ticket.first_response_at else ticket.response_due_at
    return any(due_at is not None and due_at < now for due_at in (ticket.due_at, reply_due))


def _minutes(length: timedelta) -> int:
    """Whole minutes, in seconds: a queue needs no seconds."""
    return length // ONE_SECOND // 60 * 60
