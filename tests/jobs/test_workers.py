"""Workers that are killed, stopped and left alone, as real processes."""

import signal
from pathlib import Path

import pytest

from servicedesk.jobs.models import Job
from servicedesk.jobs.running import end_abandoned, enqueue
from tests.jobs import tasks
from tests.jobs.real_workers import gone, kill, real_workers, until, worker_of, workers_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="Finds children as Linux shows them"),
]


def in_state(job: Job, state: str) -> bool:
    return Job.objects.filter(pk=job.pk, state=state).exists()


def test_worker_that_is_killed_while_it_waits_is_replaced():
    with real_workers() as keeper:
        before = enqueue(tasks.nothing)
        until(lambda: in_state(before, "done"))
        kill(worker_of(before))
        after = enqueue(tasks.nothing)
        until(lambda: in_state(after, "done"))

        assert workers_of(keeper) == [worker_of(after)]
        assert worker_of(after) != worker_of(before)


def test_job_of_a_worker_that_is_killed_is_done_by_another():
    with real_workers(lease=1):
        job = enqueue(tasks.hang_at_first)
        until(lambda: in_state(job, "running"))
        kill(worker_of(job))
        until(lambda: in_state(job, "done"))

    assert Job.objects.get(pk=job.pk).attempts == 2


def test_two_workers_do_each_job_once_and_go_on_when_one_is_held_up():
    with real_workers(2):
        held_up = enqueue(tasks.hang)
        until(lambda: in_state(held_up, "running"))
        for _ in range(20):
            enqueue(tasks.nothing)
        until(lambda: Job.objects.filter(state="done").count() == 20)

    assert set(Job.objects.values_list("task", "state", "attempts")) == {
        ("tests.jobs.tasks.hang", "running", 1),
        ("tests.jobs.tasks.nothing", "done", 1),
    }


@pytest.mark.parametrize(
    ("name", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 0), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_none_outlives_its_keeper_idle_or_busy(name, code):
    with real_workers(2) as keeper:
        busy = enqueue(tasks.hang)
        until(lambda: in_state(busy, "running") and len(workers_of(keeper)) == 2)
        workers = workers_of(keeper)

        keeper.send_signal(name)

        assert keeper.wait(timeout=60) == code
        until(lambda: all(gone(pid) for pid in workers))
    assert in_state(busy, "running")


def test_job_under_way_is_finished_when_the_workers_are_stopped():
    with real_workers() as keeper:
        job = enqueue(tasks.take_a_second)
        until(lambda: in_state(job, "running"))
        keeper.terminate()
        keeper.wait(timeout=60)

    assert in_state(job, "done")


def test_job_that_takes_too_long_is_tried_again_and_ends_as_failed():
    def ended() -> bool:
        end_abandoned()
        return in_state(job, "failed")

    with real_workers(lease=1, timeout=2):
        job = enqueue(tasks.hang, attempts=2)
        until(ended)
        after = enqueue(tasks.nothing)
        until(lambda: in_state(after, "done"))

    assert Job.objects.get(pk=job.pk).attempts == 2
