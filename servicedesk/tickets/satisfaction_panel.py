"""TICKET_PANELS: how content the requester was, for whoever reads what the desk says among itself."""

from typing import Any

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.satisfying import SCORES, answer_of


def panel(request: SignedInRequest, ticket: Ticket) -> dict[str, Any] | None:
    """The answer, once there is one."""
    answer = answer_of(ticket)
    if answer is None or not may_read_notes(request.user, ticket):
        return None
    context = {"answer": answer, "words": SCORES[answer.score]}
    return {"template": "tickets/_satisfaction.html", "context": context}
