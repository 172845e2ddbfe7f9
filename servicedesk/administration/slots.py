"""What administration puts on the first screen of whoever administers a council."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from servicedesk.administration.messages import unsent
from servicedesk.administration.questions import requests_at_councils_of
from servicedesk.jobs.models import Job
from servicedesk.lists.showing import capped_count
from servicedesk.people.access import may
from servicedesk.people.grants import requests_for_officer
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

LATELY, MOST = timedelta(days=7), 5
Card = dict[str, Any]


def people_and_roles(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: the way to people and roles, and how much waits for a second administrator."""
    if not may(request.user, Permission.ADMINISTER):
        return None
    waiting = requests_at_councils_of(request.user)
    return {"template": "administration/people_card.html", "context": {"waiting": waiting.count()}}


def second_administrators(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: who is to be a second administrator, for the cyber security officer who agrees to it or does not."""
    if may(request.user, Permission.ADMINISTER):
        return None  # these decide on the page of roles
    asked = requests_for_officer(request.user).select_related("person", "council", "asked_by")
    rows = list(asked.order_by("id")[:MOST]) if may(request.user, Permission.SEE_CYBER_TICKETS) else []
    return {"template": "administration/second_card.html", "context": {"requests": rows}} if rows else None


def what_failed(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: jobs that failed within the week, by kind and time and no more, and mail that did not go."""
    if not may(request.user, Permission.ADMINISTER):
        return None
    now = timezone.now()
    failed = Job.objects.administered_by(request.user).failed_since(now - LATELY)
    shown = {
        "failed": capped_count(failed),
        "jobs": [(_kind(job.task), job.finished_at) for job in failed.order_by("-finished_at")[:MOST]],
        "unsent": capped_count(unsent(request.user, now)),
        "days": LATELY.days,
        "last_backup": last_backup(),
    }
    return {"template": "administration/failed_card.html", "context": shown}


def last_backup() -> datetime | None:
    """When the site was backed up last, by the file that BACKUP_STAMP names; nothing where that says nothing."""
    try:
        touched = Path(settings.BACKUP_STAMP).stat().st_mtime if settings.BACKUP_STAMP else None
    except OSError:
        return None
    return datetime.fromtimestamp(touched, tz=UTC) if touched else None


def _kind(task: str) -> str:
    """servicedesk.tickets.tasks.keep_deadlines → Keep deadlines"""
    return task.rpartition(".")[2].replace("_", " ").capitalize()
