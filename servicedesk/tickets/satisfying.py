"""How content the requester was: asked once a ticket has been resolved, answered once, and mended for half a day."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.tickets.calling_back import owe_call_back
from servicedesk.tickets.models import Satisfaction, Ticket, TicketState
from servicedesk.tickets.rights import is_its_requester
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import locked

ASKED_IN = (TicketState.RESOLVED, TicketState.CLOSED)
MENDED_WITHIN = timedelta(hours=12)
SCORES = {5: "Very content", 4: "Content", 3: "Neither", 2: "Not content", 1: "Not content at all"}


def answer_of(ticket: Ticket) -> Satisfaction | None:
    """What was answered, if it was."""
    return Satisfaction.objects.filter(ticket=ticket).select_related("by").first()


def is_asked(ticket: Ticket, answer: Satisfaction | None, person, now: datetime | None = None) -> bool:
    """Whether the person may answer now, or mend their answer."""
    if ticket.state not in ASKED_IN or ticket.merged_into_id or not is_its_requester(person, ticket):
        return False
    mends = answer and answer.by_id == person.pk and (now or timezone.now()) <= answer.at + MENDED_WITHIN
    return answer is None or bool(mends)


def say_how_content(
    ticket: Ticket, *, by, score: int, comment: str = "", version: int = 0, now: datetime | None = None
) -> Satisfaction:
    """Answer, or mend the answer as it was read at `version` (0: there was none yet). The discontent are called back.

    Raises PermissionDenied for who did not ask for the ticket, MoveRefused where it is not resolved, was answered by
    the other of its people, more than 12 hours ago, or meanwhile; ValidationError for another score than 1 to 5.
    """
    now = now or timezone.now()
    if score not in SCORES:
        raise ValidationError({"score": "Choose a score from 1 to 5."})
    with change_set(by=by, now=now) as deed:
        ticket = locked(ticket)
        if not is_its_requester(by, ticket):
            raise PermissionDenied("Only whoever asked for it says how content they are.")
        answer = answer_of(ticket)
        if not is_asked(ticket, answer, by, now):
            raise MoveRefused(_why_not(ticket, answer))
        if version != (answer.version if answer else 0):
            raise MoveRefused("This was answered in another window meanwhile. Look at the request again.")
        before = snapshot([answer] if answer else [])
        answer = answer or Satisfaction(ticket=ticket, by=by, at=now, version=0)
        answer.score, answer.comment, answer.version = score, comment.strip(), answer.version + 1
        answer.save()
        record(deed, [answer], before)
        owe_call_back(deed, ticket, answer, by=by, now=now)
    return answer


def _why_not(ticket: Ticket, answer: Satisfaction | None) -> str:
    if answer is None:
        return f"{ticket} is not resolved, so there is nothing to say of it yet."
    return f"{answer.by} has answered for {ticket}, and it is too late to change that."
