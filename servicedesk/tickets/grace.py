"""How long after it was resolved a ticket can be opened again; then it closes by itself."""

from collections.abc import Callable
from datetime import datetime

from servicedesk.service_levels.promises import calendar_for, hours_of
from servicedesk.service_levels.working_time import WorkingCalendar, due
from servicedesk.tickets.models import Ticket

WORKING_DAY = 34_200
GRACE_SECONDS = 5 * WORKING_DAY


def grace_ends(ticket: Ticket, hours: Callable[[int], WorkingCalendar] | None = None) -> datetime:
    """Until when a resolved ticket can be opened again: five working days of its council's hours.

    A list gives `cache(desk_hours)` as `hours`, so that the hours of a council are read once.
    """
    assert ticket.resolved_at is not None
    ends = due((hours or desk_hours)(ticket.council_id), ticket.resolved_at, GRACE_SECONDS)
    assert ends is not None  # nothing pauses it
    return ends


def desk_hours(council_id: int) -> WorkingCalendar:
    """The working hours of a council's desk, which no service's cover stretches."""
    return hours_of(calendar_for(council_id))
