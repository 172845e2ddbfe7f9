"""A worker that is killed, idle or while it writes an import, leaves everything or nothing, and each job ends."""

import time
from datetime import timedelta

import pytest

from assets.register.models import Asset
from servicedesk.history.models import Change
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import enqueue
from servicedesk.people.models import Council
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.models import Import
from tests.factories import a_council
from tests.jobs import tasks
from tests.jobs.real_workers import kill, real_workers, until, worker_of
from tests.spreadsheets.incoming import a_csv, bring

TIMES, ROWS = 20, 600
IDLE = 4
"""Each fourth time the worker is killed while it waits, before there is anything to do."""
PROMISED = timedelta(minutes=2)


def ended(job: Job) -> bool:
    return Job.objects.get(pk=job.pk).ended


def kill_while_idle() -> None:
    """Kill the worker just after it has done something else, so that it is alive and waits."""
    job = enqueue(tasks.nothing)
    until(lambda: ended(job))
    kill(worker_of(job))


def kill_while_busy(job: Job, moment: int) -> None:
    """Kill whoever has begun the job, a little later each time, so that every part of the writing is hit."""
    until(lambda: Job.objects.filter(pk=job.pk).exclude(state="queued").exists())
    deadline = time.monotonic() + moment * 0.02
    until(lambda: time.monotonic() > deadline or ended(job))
    kill(worker_of(job))


def start_import(number: int, council: Council) -> Import:
    rows = [(f"x{number}-{row}", "Laptop") for row in range(ROWS)]
    checked = bring(a_csv(("Asset tag", "Category"), *rows), council)
    return importing.apply(checked, by=None, version=checked.version)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_killed_twenty_times_it_writes_everything_or_nothing_and_each_job_ends():
    council, killed_at_work = a_council(), 0
    with real_workers(lease=2):
        for number in range(TIMES):
            if idle := number % IDLE == 0:
                kill_while_idle()
            started = start_import(number, council)
            job = started.job
            if not idle:
                kill_while_busy(job, number)
                assert Asset.objects.filter(asset_tag__startswith=f"x{number}-").count() in (0, ROWS)
                killed_at_work += not ended(job)

            until(lambda job=job: ended(job))
            job.refresh_from_db()
            assert (job.state, Import.objects.get(pk=started.pk).state) == ("done", "applied")
            assert job.finished_at - job.created_at < PROMISED

    total = TIMES * ROWS
    assert Asset.objects.count() == total
    assert Change.objects.filter(kind="register.asset").count() == total
    assert SearchDocument.objects.filter(kind="register.asset").count() == total
    assert killed_at_work > 0
