"""What administration leaves to a worker."""

import logging
from datetime import datetime
from typing import Any

from django.utils import timezone

from servicedesk.administration.leaving import let_go
from servicedesk.jobs.models import Job
from servicedesk.people.inviting import write_letter
from servicedesk.people.leaving import gone
from servicedesk.people.models import Person

log = logging.getLogger(__name__)


def send_letter(job: Job, *, person: int) -> dict[str, Any]:
    """Send somebody the letter of their invitation. Sent twice, both of its links work until one is used."""
    write_letter(Person.objects.select_related("council").get(pk=person))
    return {}


def close_accounts(now: datetime | None = None) -> None:
    """Let go everybody whose last day is over. Run each minute; each person by themselves, so that one fails alone."""
    now = now or timezone.now()
    for person in gone(now):
        try:
            let_go(person, now=now)
        except Exception:
            log.exception("The account of %s is still open", person.pk)
