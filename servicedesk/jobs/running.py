"""Enqueuing, running, renewing and taking over jobs.

Who may run a job, and who may finish it, is decided by the lease on the Job row and by nothing else, so a worker that
is killed, or is slow and comes back from the dead, does no harm: its token no longer fits.
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
from django.db import Error, close_old_connections, connection
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.history.models import Source
from servicedesk.history.recording import source
from servicedesk.jobs.models import Job
from servicedesk.people.models import Person

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(seconds=20)
"""How long a job that has failed once waits for its next try; twice as long after the second failure, and so on."""
PROBLEM = "Something went wrong. Try again; if it happens again, tell the IT desk."
"""What people read of a failure. What it was stands in the log: it may quote rows that they may not see."""


class JobLost(Exception):
    """Another worker has taken this job over: undo what this one did and leave."""


class JobCancelled(Exception):
    """Somebody asked for the job to stop."""


def enqueue(
    task: Callable,
    *,
    by: Person | None = None,
    attempts: int = 3,
    not_before: datetime | None = None,
    now: datetime | None = None,
    **arguments,
) -> Job:
    """Have `task(job, **arguments)` run by a worker once the present transaction is kept, or from `not_before` on.

    The task returns its outcome, a dictionary that JSON can hold. It may run twice, so it must be safe to.
    """
    now = now or timezone.now()
    return Job.objects.create(
        task=f"{task.__module__}.{task.__qualname__}",
        arguments=arguments,
        wanted_by=by,
        max_attempts=attempts,
        created_at=now,
        not_before=not_before or now,
    )


def next_free(now: datetime | None = None) -> int | None:
    """Of the jobs that nobody holds the one that has been due for longest. Another may still be quicker to take it."""
    return Job.objects.free(now or timezone.now()).order_by("not_before").values_list("pk", flat=True).first()


def run(job_id: int) -> None:
    """Take the job if it is free, do it, and say how it ended."""
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
    """Get hold of a job that is due or whose worker has died. None when it is not to be had.

    Of several who ask at once one gets it: the update names the state that it expects.
    """
    now = now or timezone.now()
    token = uuid.uuid4()
    Job.objects.filter(pk=job_id).free(now).update(
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
    open_one = Job.objects.filter(pk=job.pk, state__in=Job.OPEN)
    open_one.update(cancel_wanted=True)  # from here on nobody begins it
    open_one.filter(state=Job.State.QUEUED).update(state=Job.State.CANCELLED, finished_at=timezone.now())


def end_abandoned(now: datetime | None = None) -> None:
    """End what no worker will take over: jobs that somebody wanted stopped, and those that were tried often enough.

    Runs each minute.
    """
    now = now or timezone.now()
    abandoned = Job.objects.abandoned(now)
    abandoned.filter(cancel_wanted=True).update(state=Job.State.CANCELLED, finished_at=now)
    abandoned.filter(attempts__gte=F("max_attempts")).update(
        state=Job.State.FAILED,
        finished_at=now,
        problem="It was begun as often as it may be, and its worker died each time.",
    )


def _held(job: Job):
    return Job.objects.filter(pk=job.pk, token=job.token, state=Job.State.RUNNING)


def _fail(job: Job) -> None:
    """Try again later, unless it has been tried often enough: a poison job ends as failed, where people see it."""
    now, held = timezone.now(), _held(job)
    if job.attempts >= job.max_attempts:
        held.update(state=Job.State.FAILED, finished_at=now, problem=PROBLEM)
        return
    later = now + RETRY_AFTER * job.attempts
    again = {"state": Job.State.QUEUED, "not_before": later, "lease_until": None, "problem": PROBLEM}
    if not held.filter(cancel_wanted=False).update(**again):
        held.update(state=Job.State.CANCELLED, finished_at=now)


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
    except Error:
        log.warning("The lease of %s could not be renewed yet", job)
        close_old_connections()


def _lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)
