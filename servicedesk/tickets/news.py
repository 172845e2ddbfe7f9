"""What happens to tickets, told to whoever wants to know: mail, calls to other systems, figures.

TICKET_NEWS lists the dotted names of functions `told(event, ticket, *, by, now, **facts)`. Each is called inside the
transaction of the deed itself, so that what it writes stands or falls with the deed; it sends nothing by itself.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from servicedesk.tickets.models import Ticket


def tell(event: str, ticket: Ticket, *, by=None, now: datetime, **facts: Any) -> None:
    """Tell everybody who listens. `event` is a word such as "warned" or "breached"; `by` None is the system."""
    for name in settings.TICKET_NEWS:
        import_string(name)(event, ticket, by=by, now=now, **facts)
