"""What happens to tickets, told to whoever wants to know: people by mail, other systems by webhook, figures.

TICKET_NEWS lists the dotted names of functions `told(event, ticket, *, by, now, **facts)`. Each is called inside the
transaction of the deed itself, so that what it writes stands or falls with the deed; it sends nothing by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from servicedesk.tickets.models import Ticket

NEWS: dict[str, str] = {
    "raised": "",
    "changed": "",
    "assigned": "",
    "taken": "",
    "handed_over": "",
    "replied": "comment: what was said in public",
    "noted": "comment: what was said among the desk, or to the supplier",
    "asked": "comment: the question",
    "waiting": "asked_at and days: when the requester was asked, and how many working days that is ago",
    "booked": "",
    "begun": "",
    "referred": "",
    "supplier_answered": "",
    "resolved": "comment: what was done",
    "closed": "",
    "reopened": "comment, where something was said: what is still wrong",
    "cancelled": "",
    "approval_wanted": "people: who may approve, where that is not the ticket's own approver",
    "approved": "",
    "rejected": "",
    "warned": "clock: the promise that will soon be broken",
    "breached": "clock: the promise that is broken",
    "alert": "alert: the Alert row, by which another council is warned",
    "task_given": "task",
    "glass_broken": "glass: the BreakGlass row",
}
"""Each event, and the facts that come with it."""

OF_MOVE = {
    "assign": "assigned",
    "take": "taken",
    "start": "taken",
    "put_back": "handed_over",
    "hand_over": "handed_over",
    "ask_customer": "asked",
    "refer_to_supplier": "referred",
    "supplier_answered": "supplier_answered",
    "book": "booked",
    "begin_booked": "begun",
    "resolve": "resolved",
    "close": "closed",
    "reopen": "reopened",
    "cancel": "cancelled",
    "request_approval": "approval_wanted",
    "approve": "approved",
    "reject": "rejected",
}
"""The news of each move. That the requester replied is told by what they said."""

_unheard: ContextVar[bool] = ContextVar("unheard", default=False)


def tell(event: str, ticket: Ticket, *, by=None, now: datetime, **facts: Any) -> None:
    """Tell everybody who listens. `event` is one of NEWS; `by` None is the system."""
    if _unheard.get():
        return
    for name in settings.TICKET_NEWS:
        import_string(name)(event, ticket, by=by, now=now, **facts)


@contextmanager
def unheard() -> Iterator[None]:
    """Nobody is told of what happens inside: it is no news, but a record of what was, such as the data of a demo."""
    token = _unheard.set(True)
    try:
        yield
    finally:
        _unheard.reset(token)
