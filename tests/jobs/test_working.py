from datetime import timedelta
from threading import Event

import pytest
from django.db import OperationalError
from django.utils import timezone

from servicedesk.jobs import working
from servicedesk.jobs.models import Job, Timetable
from servicedesk.jobs.running import enqueue
from servicedesk.jobs.working import work
from tests.jobs import tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def stop() -> Event:
    """Set by the task `say_stop`."""
    tasks.stop.clear()
    return tasks.stop


def states() -> list[tuple[str, str]]:
    return list(Job.objects.order_by("pk").values_list("task", "state"))


def test_worker_does_what_is_due_and_job_after_job_until_it_is_stopped(stop, settings):
    now = timezone.now()
    settings.SCHEDULES = [("tests.jobs.tasks.tick", 1)]
    enqueue(tasks.note, text="for later", not_before=now + timedelta(hours=1))
    enqueue(tasks.note, text="first", now=now - timedelta(seconds=9))
    enqueue(tasks.say_stop, now=now - timedelta(seconds=5))
    enqueue(tasks.note, text="too late", now=now)

    work(stop)

    assert [state for _, state in states()] == ["queued", "done", "done", "queued"]
    assert Timetable.objects.get().task == "tests.jobs.tasks.tick"


def test_job_that_fails_does_not_end_the_worker(stop):
    now = timezone.now()
    enqueue(tasks.break_down, attempts=1, now=now - timedelta(seconds=9))
    enqueue(tasks.say_stop, now=now)

    work(stop)

    assert [state for _, state in states()] == ["failed", "done"]


@pytest.mark.django_db(transaction=True)
def test_database_that_does_not_answer_for_a_while_does_not_end_the_worker(stop, monkeypatch, caplog):
    answers = [OperationalError("the server is gone"), OperationalError("it is still gone")]
    run_due = working.run_due

    def look():
        if answers:
            raise answers.pop()
        run_due()

    monkeypatch.setattr(working, "run_due", look)
    monkeypatch.setattr(working, "TROUBLE", 0)
    enqueue(tasks.say_stop)

    work(stop)

    assert [state for _, state in states()] == ["done"]
    assert caplog.text.count("The database does not answer; trying again") == 2
