"""Enqueuing, running, renewing and taking over jobs.

The queue only wakes a worker. Who may run a job, and who may finish it, is decided by the lease on the Job row, so a
worker that is killed, or is slow and comes back from the dead, does no harm: its token no longer fits.
"""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.tasks import async_task

from servicedesk.history.models import Source
from servicedesk.history.recording import source
from servicedesk.jobs.models import Job
from servicedesk.people.models import Person

log = logging.getLogger(__name__)

PROBLEM = "Something went wrong. Try again; if it happens again, tell the IT desk."
"""What people read of a failure. What it was stands in the log: it may quote rows that they may not see."""


class JobLost(Exception):
    """Another worker has taken this job over: undo what this one did and leave."""


class JobCancelled(Exception):
    """Somebody asked for the job to stop."""


def enqueue(
    task: Callable, *, by: Person | None = None, attempts: int = 3, now: datetime | None = None, **arguments
) -> Job:
    """Have `task(job, **arguments)` run by a worker once the present transaction is kept.

    The task returns its outcome, a dictionary that JSON can hold. It may run twice, so it must be safe to.
    """
    now = now or timezone.now()
    job = Job.objects.create(
        task=f"{task.__module__}.{task.__qualname__}",
        arguments=arguments,
        wanted_by=by,
        max_attempts=attempts,
        created_at=now,
        lease_until=now + _lease(),
    )
    transaction.on_commit(lambda: async_task(run, job.pk))
    return job


def run(job_id: int) -> None:
    """Take the job if it is free, do it, and say how it ended. What a worker is woken for."""
    job = take(job_id)
    if job is None:
        return
    try:
        with source(Source.JOB), _renewing(job):
            outcome = import_string(job.task)(job, **job.arguments)
        finish(job, Job.State.DONE, outcome=outcome or {})
    except JobLost:
        log.warning("%s was taken over by another worker", job)
    except JobCancelled:
        _held(job).update(state=Job.State.CANCELLED, finished_at=timezone.now())
    except Exception:
        log.exception("%s failed", job)
        _fail(job)


def take(job_id: int, now: datetime | None = None) -> Job | None:
    """Get hold of a job that is waiting or whose worker has died. None when it is not to be had.

    Of several who ask at once one gets it: the update names the state that it expects.
    """
    now = now or timezone.now()
    token = uuid.uuid4()
    free = Job.objects.filter(pk=job_id).filter(state=Job.State.QUEUED) | Job.objects.filter(
        pk=job_id
    ).abandoned(now)
    free.filter(attempts__lt=F("max_attempts"), cancel_wanted=False).update(
        state=Job.State.RUNNING,
        token=token,
        worker=f"{socket.gethostname()}:{os.getpid()}",
        attempts=F("attempts") + 1,
        started_at=now,
        lease_until=now + _lease(),
    )
    return Job.objects.filter(pk=job_id, token=token).first()


def finish(job: Job, state: str, **fields) -> None:
    """End the job. Raises JobLost, which undoes the transaction around it, when the lease has passed to another.

    A task that writes calls this inside its own transaction: its work and the job's end are kept together or not
    at all.
    """
    ended = _held(job).update(state=state, finished_at=timezone.now(), **fields)
    if (
        not ended
        and not Job.objects.filter(pk=job.pk, token=job.token).exclude(state=Job.State.RUNNING).exists()
    ):
        raise JobLost(str(job))


def report(job: Job, done: int, total: int, stage: str = "") -> None:
    """Show how far the job has come; raises JobCancelled or JobLost when it should not go on.

    Not inside a transaction that takes long: nobody would see it before the end, and cancelling would wait for it.
    """
    if not _held(job).update(progress_done=done, progress_total=total, stage=stage):
        raise JobLost(str(job))
    if Job.objects.filter(pk=job.pk, cancel_wanted=True).exists():
        raise JobCancelled(str(job))


def cancel(job: Job) -> None:
    """Ask for a job to stop: at once when nobody has begun it, else at its next report."""
    waiting = Job.objects.filter(pk=job.pk, state=Job.State.QUEUED)
    if not waiting.update(state=Job.State.CANCELLED, finished_at=timezone.now()):
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_wanted=True)


def take_over_abandoned(now: datetime | None = None) -> int:
    """Wake a worker for every job that nobody holds any more; runs each minute. Returns how many were woken for.

    Those that somebody wanted stopped are, and those that have been tried often enough have failed.
    """
    now = now or timezone.now()
    Job.objects.abandoned(now).filter(cancel_wanted=True).update(state=Job.State.CANCELLED, finished_at=now)
    Job.objects.abandoned(now).filter(attempts__gte=F("max_attempts")).update(
        state=Job.State.FAILED,
        finished_at=now,
        problem="It was begun as often as it may be, and its worker died each time.",
    )
    abandoned = list(Job.objects.abandoned(now).values_list("pk", flat=True))
    for job_id in abandoned:
        async_task(run, job_id)
    return len(abandoned)


def _held(job: Job):
    return Job.objects.filter(pk=job.pk, token=job.token, state=Job.State.RUNNING)


def _fail(job: Job) -> None:
    """Try again later, unless it has been tried often enough: a poison job ends as failed, where people see it."""
    again = job.attempts < job.max_attempts
    held = _held(job)
    if again:
        held.update(state=Job.State.QUEUED, lease_until=timezone.now() + _lease(), problem=PROBLEM)
    else:
        held.update(state=Job.State.FAILED, finished_at=timezone.now(), problem=PROBLEM)


@contextmanager
def _renewing(job: Job) -> Iterator[None]:
    """Renew the lease from beside the work, every third of its length, until the work is over."""
    over = threading.Event()

    def renew() -> None:
        try:
            while not over.wait(settings.JOB_LEASE_SECONDS / 3):
                _renew(job)
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease of job {job.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _renew(job: Job) -> None:
    """On SQLite this waits while the job itself writes, and gives up in the end; so does whoever would take over."""
    try:
        _held(job).update(lease_until=timezone.now() + _lease())
    except OperationalError:
        log.warning("The lease of %s could not be renewed yet", job)


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)
