"""A worker that is killed while it writes an import leaves everything or nothing, and another one ends the job."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from django.db import connection

from assets.register.models import Asset
from servicedesk.config.environment import BASE_DIR
from servicedesk.history.models import Change
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import take_over_abandoned
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.models import Import
from tests.factories import a_council
from tests.spreadsheets.incoming import a_csv, bring

TIMES, ROWS, LEASE = 20, 600, 2
PATIENCE, PROMISED = 120, timedelta(minutes=2)


def until(happened: Callable[[], object]) -> None:
    """Wait for a condition, however slow the machine."""
    given_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < given_up, "nothing happened"
        time.sleep(0.01)


@contextmanager
def workers():
    """A real cluster of one worker on the database of the test; the guard beside it replaces a worker that dies."""
    held = connection.settings_dict
    address = f"sqlite:///{held['NAME']}"
    if connection.vendor == "postgresql":
        address = f"postgres://{held['USER']}:{held['PASSWORD']}@{held['HOST']}:{held['PORT']}/{held['NAME']}"
    own = {"DATABASE_URL": address, "JOB_LEASE_SECONDS": str(LEASE), "JOB_WORKERS": "1"}
    cluster = subprocess.Popen(  # noqa: S603
        [sys.executable, "manage.py", "qcluster"],
        cwd=BASE_DIR,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        os.killpg(cluster.pid, signal.SIGKILL)
        cluster.wait()


def kill_the_worker_of(job: Job, moments: int) -> None:
    """Kill whoever has begun the job, a little later each time, so that every part of the writing is hit."""
    until(lambda: Job.objects.filter(pk=job.pk).exclude(state="queued").exists())
    deadline = time.monotonic() + moments * 0.02
    until(lambda: time.monotonic() > deadline or Job.objects.get(pk=job.pk).ended)
    with suppress(ProcessLookupError):
        os.kill(int(Job.objects.get(pk=job.pk).worker.rpartition(":")[2]), signal.SIGKILL)


def ended(job: Job) -> bool:
    take_over_abandoned()
    return Job.objects.get(pk=job.pk).ended


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_killed_twenty_times_it_writes_everything_or_nothing_and_each_job_ends():
    council, killed_at_work = a_council(), 0
    with workers():
        for time_of in range(TIMES):
            number = Import.objects.count() + 1
            rows = [(f"x{number}-{row}", "Laptop") for row in range(ROWS)]
            started = bring(a_csv(("Asset tag", "Category"), *rows), council)
            job = importing.apply(started, by=None, version=started.version).job

            kill_the_worker_of(job, time_of)
            assert Asset.objects.filter(asset_tag__startswith=f"x{number}-").count() in (0, ROWS)
            killed_at_work += not Job.objects.get(pk=job.pk).ended

            until(lambda job=job: ended(job))
            job.refresh_from_db()
            assert (job.state, Import.objects.get(pk=started.pk).state) == ("done", "applied")
            assert job.finished_at - job.created_at < PROMISED

    total = TIMES * ROWS
    assert Asset.objects.count() == total
    assert Change.objects.filter(kind="register.asset").count() == total
    assert SearchDocument.objects.filter(kind="register.asset").count() == total
    assert killed_at_work > 0
