"""A worker that is killed, idle or while it checks, writes or takes back an import, leaves everything or nothing, and
each job ends.

KILLS says how often workers are killed in check, import and undo together: at steps spread evenly over each of them.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Count

from assets.register.models import Asset, Custody
from servicedesk.history.models import Change
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import enqueue
from servicedesk.people.models import Council
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Import
from tests.factories import a_council
from tests.jobs import tasks
from tests.jobs.dying import kill_at, steps_of, take_over
from tests.jobs.real_workers import kill, real_workers, until, worker_of
from tests.spreadsheets.incoming import a_csv, bring

TIMES, ROWS = 20 if connection.vendor == "sqlite" else 8, 600
IDLE = 4
"""Each fourth time the worker is killed while it waits, before there is anything to do."""
PROMISED = timedelta(minutes=2)
KILLS, FEW = int(os.environ.get("KILLS", 6)), 50


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


@pytest.mark.django_db(transaction=True)
def test_killed_time_and_again_it_writes_everything_or_nothing_and_each_job_ends():
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


def stages(number: int, council: Council) -> Iterator[tuple[Job, Callable[[], object], tuple, tuple]]:
    """An import from file to undo, each stage to be done before the next: its job, what it changes, and how that is
    before and after."""
    rows = [(f"k{number}-{row}", "Laptop", "In use", f"Desk {row}") for row in range(FEW)]
    file = a_csv(("Asset tag", "Category", "State", "Holder note"), *rows)
    started = importing.start(file, file.name, kinds()["assets"], council, by=None)
    started = importing.choose(started, {}, by=None, version=started.version)

    def now() -> Import:
        return Import.objects.get(pk=started.pk)

    def stands() -> tuple:
        return (
            now().state,
            sum(started.packed.values_list("count", flat=True)),
            Asset.objects.count(),
            Custody.objects.count(),
            Change.objects.filter(kind="register.asset", label__startswith=f"k{number}-").count(),
            SearchDocument.objects.filter(kind="register.asset").count(),
        )

    checking = importing.begin_check(started, by=None)
    yield checking.job, stands, ("checking", 0, 0, 0, 0, 0), ("checked", FEW, 0, 0, 0, 0)
    applying = importing.apply(now(), by=None, version=now().version)
    yield applying.job, stands, ("applying", FEW, 0, 0, 0, 0), ("applied", FEW, FEW, FEW, FEW, FEW)
    undoing = importing.undo(now(), by=None, version=now().version)
    yield undoing.job, stands, ("undoing", FEW, FEW, FEW, FEW, FEW), ("undone", FEW, 0, 0, 2 * FEW, 0)


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_step_of_check_import_and_undo_it_leaves_everything_or_nothing(monkeypatch):
    monkeypatch.setattr(importing, "MOST_AT_ONCE", 0)  # few rows are checked by a job as well
    council, turns = a_council(), KILLS // 3
    steps = [steps_of(job) for job, *_ in stages(0, council)]

    for turn in range(turns):
        for count, (job, stands, before, after) in zip(steps, stages(turn + 1, council), strict=True):
            kill_at(job, 1 + count * (2 * turn + 1) // (2 * turns))
            assert stands() in (before, after)
            take_over(job)
            assert stands() == after

    told = Change.objects.filter(kind="register.asset").values("object_id").annotate(times=Count("pk"))
    assert {each["times"] for each in told} == {2}  # made once, taken back once
