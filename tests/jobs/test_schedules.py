from datetime import timedelta

import pytest
from django.conf import settings as configured
from django.core.management import call_command, get_commands
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from servicedesk.jobs.schedules import ensure_schedules

pytestmark = pytest.mark.django_db
TAKE_OVER = "servicedesk.jobs.running.take_over_abandoned"


def timetable() -> dict:
    return dict(Schedule.objects.values_list("func", "minutes"))


def test_timetable_is_what_the_setting_says(settings):
    settings.SCHEDULES = [(TAKE_OVER, 1), ("servicedesk.files.storing.remove_orphans", 1440)]

    ensure_schedules()

    assert timetable() == dict(settings.SCHEDULES)


def test_timetable_set_again_keeps_when_each_is_due(settings):
    settings.SCHEDULES = [(TAKE_OVER, 1)]
    ensure_schedules()
    due = Schedule.objects.get().next_run

    settings.SCHEDULES = [(TAKE_OVER, 5)]
    ensure_schedules()

    assert Schedule.objects.values_list("func", "minutes", "next_run").get() == (TAKE_OVER, 5, due)


def test_what_is_no_longer_set_no_longer_runs(settings):
    ensure_schedules()

    settings.SCHEDULES = []
    ensure_schedules()

    assert timetable() == {}


def test_name_that_cannot_be_imported_stops_the_start_and_changes_nothing(settings):
    ensure_schedules()
    before = timetable()

    settings.SCHEDULES = [("servicedesk.jobs.running.no_such_thing", 1)]
    with pytest.raises(ImportError):
        ensure_schedules()

    assert timetable() == before


def test_everything_that_is_set_can_run_without_being_given_anything():
    for name, minutes in configured.SCHEDULES:
        assert minutes > 0
        import_string(name)()


def test_abandoned_jobs_are_looked_for_each_minute():
    assert (TAKE_OVER, 1) in configured.SCHEDULES


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_queue_finds_what_is_due(settings):
    settings.SCHEDULES = [(TAKE_OVER, 1)]
    ensure_schedules()
    Schedule.objects.update(next_run=timezone.now() - timedelta(hours=3))

    scheduler()

    assert [woken.task["func"] for woken in OrmQ.objects.all()] == [TAKE_OVER]
    assert Schedule.objects.get().next_run > timezone.now()


def test_queue_starts_with_its_timetable(monkeypatch):
    assert get_commands()["qcluster"] == "servicedesk.jobs"
    started = []
    monkeypatch.setattr(
        "django_q.management.commands.qcluster.Cluster.start", lambda self: started.append(timetable())
    )

    call_command("qcluster")

    assert started == [dict(configured.SCHEDULES)]
