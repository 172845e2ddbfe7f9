"""What is written to whoever a swap is for, whatever about it."""

from datetime import datetime

from assets.batches.models import Appointment, SwapSurvey
from servicedesk.notifications.outbox import post


def tell(
    about: Appointment | SwapSurvey, event: str, subject: str, body: str, cause: str, now: datetime
) -> int:
    """Write to the person, once of each cause. Returns how many were told: nobody where nobody has the old one."""
    people = [about.person] if about.person else []
    return post(
        people,
        event,
        about=about,
        council=about.council,
        subject=subject,
        body=body,
        cause=cause,
        by=None,
        now=now,
    )
