"""What happens to tickets by itself."""

from servicedesk.tickets import clocks
from servicedesk.tickets.workflow import close_resolved


def keep_deadlines() -> None:
    """Each minute: mark the promises that are broken by now, and close what was resolved five working days ago."""
    clocks.mark_breaches()
    close_resolved()
