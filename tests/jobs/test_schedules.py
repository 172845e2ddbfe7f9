from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection
from django.utils.module_loading import import_string

from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set
from servicedesk.jobs.models import Timetable
from servicedesk.jobs.schedules import check_names, claim, run_due
from tests.jobs import tasks

pytestmark = pytest.mark.django_db
NOON = datetime(2025, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TICK, TOCK = "tests.jobs.tasks.tick", "tests.jobs.tasks.tock"


@pytest.fixture
def ran(monkeypatch) -> list[str]:
    """What ran by itself, in order."""
    ran: list[str] = []
    monkeypatch.setattr(tasks, "tick", lambda: ran.append("tick"))
    monkeypatch.setattr(tasks, "tock", lambda: ran.append("tock"))
    return ran


def timetable() -> dict:
    return dict(Timetable.objects.values_list("task", "next_run_at"))


def test_what_never_ran_runs_at_once_and_then_each_so_many_minutes(settings, ran):
    settings.SCHEDULES = [(TICK, 1), (TOCK, 2)]

    for minute in range(5):
        run_due(NOON + minute * MINUTE)
        run_due(NOON + minute * MINUTE)

    assert ran == ["tick", "tock", "tick", "tick", "tock", "tick", "tick", "tock"]
    assert timetable() == {TICK: NOON + 5 * MINUTE, TOCK: NOON + 6 * MINUTE}


def test_what_was_missed_runs_once(settings, ran):
    settings.SCHEDULES = [(TICK, 1)]
    run_due(NOON)

    run_due(NOON + 180 * MINUTE)
    run_due(NOON + 180 * MINUTE)

    assert ran == ["tick"] * 2
    assert timetable() == {TICK: NOON + 181 * MINUTE}


def test_what_is_no_longer_set_no_longer_runs(settings, ran):
    settings.SCHEDULES = [(TICK, 1), (TOCK, 1)]
    run_due(NOON)

    settings.SCHEDULES = [(TOCK, 1)]
    run_due(NOON + MINUTE)

    assert ran == ["tick", "tock", "tock"]


def test_what_fails_is_logged_keeps_nothing_else_back_and_is_due_again(settings, ran, monkeypatch, caplog):
    settings.SCHEDULES = [("servicedesk.jobs.gone.task", 1), (TICK, 1), (TOCK, 1)]
    monkeypatch.setattr(tasks, "tick", lambda: 1 / 0)

    run_due(NOON)

    assert ran == ["tock"]
    assert [record.message for record in caplog.records] == [
        "servicedesk.jobs.gone.task failed",
        f"{TICK} failed",
    ]
    assert set(timetable().values()) == {NOON + MINUTE}


def test_what_runs_by_itself_says_so_in_history(settings, monkeypatch):
    def write():
        with change_set(by=None):
            pass

    settings.SCHEDULES = [(TICK, 1)]
    monkeypatch.setattr(tasks, "tick", write)

    run_due(NOON)

    assert ChangeSet.objects.get().source == "job"


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_claim_at_once_one_gets_it_each_time():
    for now in (NOON, NOON + MINUTE):
        gate, got = Barrier(8), []

        def ask(now=now, gate=gate, got=got):
            gate.wait()
            got.append(claim(TICK, 1, now))
            connection.close()

        workers = [Thread(target=ask) for _ in range(8)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert sorted(got) == [False] * 7 + [True]
        assert timetable() == {TICK: now + MINUTE}


def test_name_that_cannot_be_imported_stops_the_start(settings):
    settings.SCHEDULES = [("servicedesk.jobs.running.no_such_thing", 1)]

    with pytest.raises(ImportError):
        call_command("work")


def test_everything_that_is_set_can_run_without_being_given_anything():
    check_names()
    for name, minutes in configured.SCHEDULES:
        assert minutes > 0
        import_string(name)()


def test_abandoned_jobs_are_looked_for_each_minute():
    assert ("servicedesk.jobs.running.end_abandoned", 1) in configured.SCHEDULES
