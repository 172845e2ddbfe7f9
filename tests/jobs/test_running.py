from datetime import UTC, datetime, timedelta
from threading import Barrier, Semaphore, Thread

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set
from servicedesk.jobs import running
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import (
    JobLost,
    cancel,
    enqueue,
    finish,
    next_free,
    report,
    run,
    take,
)
from servicedesk.people.models import Site
from tests.factories import a_requester
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
class TestEnqueue:
    def test_says_what_is_to_be_done_and_for_whom(self):
        ben = a_requester()

        job = as_stored(enqueue(tasks.note, by=ben, text="hello", now=NOON))

        assert (job.task, job.arguments, job.wanted_by) == ("tests.jobs.tasks.note", {"text": "hello"}, ben)
        assert (job.state, job.attempts, job.max_attempts) == ("queued", 0, 3)
        assert (job.created_at, job.not_before, job.lease_until) == (NOON, NOON, None)

    def test_of_a_transaction_that_is_not_kept_asks_for_nothing(self):
        with pytest.raises(ValueError), transaction.atomic():  # noqa: PT011
            a_job()
            raise ValueError

        assert Job.objects.count() == 0


@pytest.mark.django_db
class TestNextFree:
    def test_is_the_job_that_has_been_due_for_longest(self):
        late = a_job(now=NOON, not_before=NOON + 2 * SECOND)
        first, second = a_job(now=NOON), a_job(now=NOON + SECOND)

        order = []
        while found := next_free(NOON + PAST):
            order.append(found)
            Job.objects.filter(pk=found).update(state=Job.State.DONE)

        assert order == [first.pk, second.pk, late.pk]

    def test_of_a_job_for_later_is_none_until_then(self):
        later = a_job(now=NOON, not_before=NOON + LEASE)

        assert next_free(NOON + LEASE - SECOND) is None
        assert next_free(NOON + LEASE) == later.pk

    def test_is_a_job_whose_worker_died_and_none_that_is_held(self):
        killed, held = a_job(now=NOON), a_job(now=NOON)
        take(killed.pk, now=NOON)
        take(held.pk, now=NOON + LEASE)

        assert next_free(NOON + PAST) == killed.pk
        take(killed.pk, now=NOON + PAST)
        assert next_free(NOON + PAST) is None

    def test_is_none_that_was_tried_often_enough_or_is_to_stop(self):
        worn_out, stopped = a_job(attempts=1, now=NOON), a_job(now=NOON)
        for job in (worn_out, stopped):
            take(job.pk, now=NOON)
        cancel(stopped)

        assert next_free(NOON + PAST) is None

    def test_is_found_by_an_index(self):
        query = Job.objects.free(NOON).order_by("not_before").values_list("pk", flat=True)[:1]
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":  # which reads a small table from end to end, unless told
                cursor.execute("SET LOCAL enable_seqscan = off")

        assert "job_due" in query.explain()


@pytest.mark.django_db
class TestTake:
    def test_of_a_waiting_job_holds_it_for_one_lease(self):
        taken = take(a_job(now=NOON).pk, now=NOON)

        assert (taken.state, taken.attempts, taken.started_at, taken.lease_until) == (
            "running",
            1,
            NOON,
            NOON + LEASE,
        )
        assert taken.token

    def test_of_a_job_for_later_gives_nothing_until_then(self):
        job = a_job(now=NOON, not_before=NOON + LEASE)

        assert take(job.pk, now=NOON + LEASE - SECOND) is None
        assert take(job.pk, now=NOON + LEASE).attempts == 1

    def test_of_a_job_that_somebody_holds_gives_nothing(self):
        job = a_job(now=NOON)
        take(job.pk, now=NOON)

        assert take(job.pk, now=NOON + LEASE) is None

    def test_of_a_job_whose_worker_died_gives_it_with_another_token(self):
        job = a_job(now=NOON)
        first = take(job.pk, now=NOON)

        second = take(job.pk, now=NOON + PAST)

        assert (second.attempts, second.token == first.token) == (2, False)

    @pytest.mark.parametrize("state", [Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED])
    def test_of_a_job_that_has_ended_gives_nothing(self, state):
        job = a_job()
        Job.objects.filter(pk=job.pk).update(state=state)

        assert take(job.pk, now=timezone.now() + PAST) is None

    def test_of_a_job_that_was_tried_often_enough_gives_nothing(self):
        job = a_job(attempts=1, now=NOON)
        take(job.pk, now=NOON)

        assert take(job.pk, now=NOON + PAST) is None

    def test_of_a_job_that_is_not_there_gives_nothing(self):
        assert take(1) is None


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_ask_at_once_one_gets_the_job():
    job, gate, got = a_job(), Barrier(8), []

    def ask():
        gate.wait()
        got.append(take(job.pk))
        connection.close()

    workers = [Thread(target=ask) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    winners = [taken for taken in got if taken]
    assert (len(got), len(winners)) == (8, 1)
    assert as_stored(job).token == winners[0].token
    assert as_stored(job).attempts == 1


@pytest.mark.django_db
class TestRun:
    def test_keeps_the_outcome(self):
        job = a_job(tasks.note, text="hello")

        run(job.pk)

        job = as_stored(job)
        assert (job.state, job.outcome, job.problem, job.ended) == ("done", {"text": "hello"}, "", True)
        assert job.finished_at >= job.started_at

    def test_without_an_outcome_keeps_an_empty_one(self):
        job = a_job()

        run(job.pk)

        assert (as_stored(job).state, as_stored(job).outcome) == ("done", {})

    def test_of_a_task_that_ends_itself_agrees_with_it(self):
        job = a_job(tasks.build)

        run(job.pk)

        assert (as_stored(job).state, as_stored(job).outcome) == ("done", {"built": 1})
        assert Site.objects.get().name == "Built"

    def test_twice_does_the_work_once(self):
        job = a_job(tasks.build)

        run(job.pk)
        run(job.pk)

        assert (Site.objects.count(), as_stored(job).attempts) == (1, 1)

    def test_of_a_late_worker_undoes_what_it_wrote(self):
        job = a_job(tasks.build_too_late)

        run(job.pk)

        assert (Site.objects.count(), as_stored(job).state) == (0, "running")

    def test_shows_how_far_it_has_come(self):
        job = a_job(tasks.count_to_three)

        run(job.pk)

        job = as_stored(job)
        assert (job.progress_done, job.progress_total, job.stage, job.percent) == (3, 3, "Counting", 100)

    def test_says_in_history_that_the_system_did_it(self, monkeypatch):
        def write(job):
            with change_set(by=None):
                pass

        monkeypatch.setattr(tasks, "nothing", write)
        run(a_job(tasks.note, text="").pk)
        job = Job.objects.create(task="tests.jobs.tasks.nothing", created_at=NOON)

        run(job.pk)

        assert ChangeSet.objects.get().source == "job"

    def test_that_fails_waits_for_another_try_and_longer_each_time(self):
        job, waits = a_job(tasks.break_down), []

        for _ in range(2):
            run(job.pk)
            waits.append(as_stored(job).not_before - timezone.now())
            run(job.pk)
            assert (as_stored(job).state, as_stored(job).attempts) == ("queued", len(waits))
            Job.objects.filter(pk=job.pk).update(not_before=NOON)

        assert [round(wait / running.RETRY_AFTER, 1) for wait in waits] == [1, 2]

    def test_that_fails_after_it_was_asked_to_stop_is_not_tried_again(self, monkeypatch):
        job = a_job()

        def be_cancelled_and_fail(job):
            cancel(job)
            raise ValueError

        monkeypatch.setattr(tasks, "nothing", be_cancelled_and_fail)
        run(job.pk)

        assert (as_stored(job).state, as_stored(job).attempts) == ("cancelled", 1)

    def test_that_fails_each_time_ends_as_failed_where_people_see_it(self):
        job = a_job(tasks.break_down)

        for _ in range(5):
            Job.objects.filter(pk=job.pk).update(not_before=NOON)
            run(job.pk)

        job = as_stored(job)
        assert (job.state, job.attempts, job.ended) == ("failed", 3, True)
        assert job.problem == running.PROBLEM

    def test_of_a_task_that_is_no_more_ends_as_failed(self):
        job = Job.objects.create(task="servicedesk.jobs.gone.task", max_attempts=1, created_at=NOON)

        run(job.pk)

        assert as_stored(job).state == "failed"


@pytest.mark.django_db
class TestLease:
    def test_is_renewed_again_and_again_while_the_work_lasts(self, settings, monkeypatch):
        settings.JOB_LEASE_SECONDS = 0.03
        job, renewals = take(a_job().pk), Semaphore(0)
        monkeypatch.setattr(running, "_renew", lambda job: renewals.release())

        with running._renewing(job):
            assert [renewals.acquire(timeout=10) for _ in range(3)] == [True] * 3

    def test_that_is_renewed_lasts_a_whole_lease_from_then(self):
        job = take(a_job(now=NOON).pk, now=NOON)

        running._renew(job)

        assert as_stored(job).lease_until > timezone.now() + LEASE - timedelta(seconds=5)

    def test_that_has_passed_to_another_is_not_renewed(self):
        job = a_job(now=NOON)
        first = take(job.pk, now=NOON)
        second = take(job.pk, now=NOON + PAST)

        running._renew(first)

        assert as_stored(job).lease_until == second.lease_until

    def test_that_has_passed_to_another_lets_the_first_neither_report_nor_finish(self):
        job = a_job(now=NOON)
        first = take(job.pk, now=NOON)
        take(job.pk, now=NOON + PAST)

        with pytest.raises(JobLost):
            report(first, 1, 2)
        with pytest.raises(JobLost):
            finish(first, Job.State.DONE)
        assert as_stored(job).state == "running"


@pytest.mark.django_db(transaction=True)
def test_lease_that_cannot_be_renewed_for_now_does_not_end_the_work(monkeypatch, caplog):
    def no_answer(job):
        raise OperationalError("the server is gone")

    job = take(a_job().pk)
    monkeypatch.setattr(running, "_held", no_answer)

    running._renew(job)

    assert "could not be renewed yet" in caplog.text
    assert as_stored(job).lease_until == job.lease_until
