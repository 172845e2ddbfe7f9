"""What happens to tickets by itself."""

from servicedesk.tickets.breaches import mark_breaches, mark_warnings
from servicedesk.tickets.remeasuring import count_stale_anew
from servicedesk.tickets.workflow import close_resolved


def keep_deadlines() -> None:
    """Each minute: mark the promises that are nearly or quite broken, and close what was resolved five days ago."""
    count_stale_anew()
    mark_warnings()
    mark_breaches()
    close_resolved()
