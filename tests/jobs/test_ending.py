from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from servicedesk.jobs.models import Job
from servicedesk.jobs.running import (
    JobCancelled,
    cancel,
    end_abandoned,
    enqueue,
    report,
    run,
    take,
)
from servicedesk.people.models import Site
from tests.jobs import tasks

NOON = datetime(2025, 11, 28, 12, tzinfo=UTC)
LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)
SECOND = timedelta(seconds=1)
PAST = LEASE + SECOND


def a_job(task=tasks.nothing, **given) -> Job:
    return enqueue(task, now=given.pop("now", timezone.now()), **given)


def as_stored(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


@pytest.mark.django_db
class TestEndAbandoned:
    def test_leaves_alone_what_is_held_waiting_or_ended_and_what_another_worker_will_take(self):
        killed, held, waiting, done = (a_job(now=NOON) for _ in range(4))
        take(killed.pk, now=NOON)
        take(held.pk, now=NOON + LEASE)
        run(done.pk)

        end_abandoned(now=NOON + PAST)

        states = [as_stored(job).state for job in (killed, held, waiting, done)]
        assert states == ["running", "running", "queued", "done"]

    def test_ends_as_failed_what_killed_its_worker_each_time(self):
        job, now = a_job(now=NOON), NOON
        for _ in range(3):
            take(job.pk, now=now)
            now += PAST

        end_abandoned(now=now)

        job = as_stored(job)
        assert (job.state, job.finished_at) == ("failed", now)
        assert job.problem == "It was begun as often as it may be, and its worker died each time."

    def test_ends_what_was_to_stop_when_its_worker_died(self):
        job = a_job(now=NOON)
        take(job.pk, now=NOON)
        cancel(job)

        end_abandoned(now=NOON + PAST)

        assert (as_stored(job).state, as_stored(job).finished_at) == ("cancelled", NOON + PAST)


@pytest.mark.django_db
class TestCancel:
    def test_of_a_waiting_job_holds_at_once(self):
        job = a_job(tasks.build)

        cancel(job)
        run(job.pk)

        assert (as_stored(job).state, Site.objects.count()) == ("cancelled", 0)
        assert as_stored(job).finished_at

    def test_of_a_running_job_holds_at_its_next_report(self):
        job = take(a_job().pk)

        cancel(job)

        with pytest.raises(JobCancelled):
            report(job, 1, 3)
        assert (as_stored(job).state, as_stored(job).cancel_wanted) == ("running", True)

    def test_of_a_running_job_ends_it_as_cancelled(self, monkeypatch):
        job = a_job(tasks.count_to_three)

        def report_and_be_cancelled(job, *progress):
            report(job, *progress)
            cancel(job)

        monkeypatch.setattr(tasks, "report", report_and_be_cancelled)
        run(job.pk)

        job = as_stored(job)
        assert (job.state, job.progress_done, job.problem) == ("cancelled", 2, "")

    def test_of_a_job_that_has_ended_changes_nothing(self):
        job = a_job()
        run(job.pk)
        before = Job.objects.filter(pk=job.pk).values().get()

        cancel(job)

        assert Job.objects.filter(pk=job.pk).values().get() == before
