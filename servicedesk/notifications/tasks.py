"""What sends: each minute by the timetable, and at once when something was written."""

from servicedesk.jobs.models import Job
from servicedesk.notifications.delivering import deliver_waiting
from servicedesk.notifications.sending import send_waiting


def send_now(job: Job) -> dict[str, int]:
    """Woken by whatever was written to the outbox."""
    return {"messages": send_waiting(), "deliveries": deliver_waiting()}


def send_each_minute() -> None:
    """What waited for its hour or its next attempt, and what nobody was woken for."""
    send_waiting()
    deliver_waiting()
