"""What runs by itself: the functions that the setting SCHEDULES names, each so many minutes apart."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.history.models import Source
from servicedesk.history.recording import source
from servicedesk.jobs.models import Timetable

log = logging.getLogger(__name__)


def check_names() -> None:
    """Raises ImportError for a name in SCHEDULES that is not there, so that the workers do not start."""
    for task, _ in settings.SCHEDULES:
        import_string(task)


def run_due(now: datetime | None = None) -> None:
    """Run what is due, and what has never run. However many workers ask, on however many machines, one runs each.

    A task that fails is logged, and runs again when it is next due. What was missed while no worker ran is run once.
    """
    now = now or timezone.now()
    timetable = dict(Timetable.objects.values_list("task", "next_run_at"))
    for task, minutes in settings.SCHEDULES:
        if timetable.get(task, now) <= now and claim(task, minutes, now):
            _run(task)


def claim(task: str, minutes: int, now: datetime) -> bool:
    """Put off a task that is due to its next time; False when somebody was quicker."""
    Timetable.objects.get_or_create(task=task, defaults={"next_run_at": now})
    due = Timetable.objects.filter(task=task, next_run_at__lte=now)
    return bool(due.update(next_run_at=now + timedelta(minutes=minutes)))


def _run(task: str) -> None:
    try:
        with source(Source.JOB):
            import_string(task)()
    except Exception:
        log.exception("%s failed", task)
