"""What runs by itself: the functions that the setting SCHEDULES names, each so many minutes apart."""

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import Schedule


@transaction.atomic
def ensure_schedules() -> None:
    """Make the queue's timetable what SCHEDULES says, and leave alone when each is next due; safe to run again.

    Called whenever the workers start. A name in the setting that cannot be imported stops the start. The queue looks
    at its timetable every half minute, so what is set for each minute begins at most one and a half minutes after the
    last time.
    """
    for task, _ in settings.SCHEDULES:
        import_string(task)
    Schedule.objects.exclude(name__in=[task for task, _ in settings.SCHEDULES]).delete()
    for task, minutes in settings.SCHEDULES:
        what = {"func": task, "schedule_type": Schedule.MINUTES, "minutes": minutes, "repeats": -1}
        Schedule.objects.update_or_create(name=task, defaults=what)
