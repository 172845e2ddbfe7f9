"""What the jobs of the tests do."""

import time
from threading import Event

from django.db import transaction

from servicedesk.jobs.models import Job
from servicedesk.jobs.running import finish, report
from tests.factories import a_site

stop = Event()


def note(job: Job, text: str) -> dict:
    """Succeeds."""
    return {"text": text}


def nothing(job: Job) -> None:
    """Succeeds, with nothing to say."""


def break_down(job: Job) -> None:
    """Fails each time."""
    raise ValueError("a row is not as it should be")


def count_to_three(job: Job) -> dict:
    """Says how far it has come after each step."""
    for step in (1, 2, 3):
        report(job, step, 3, "Counting")
    return {"counted": 3}


def build(job: Job) -> dict:
    """Writes, and ends in the same transaction as what it wrote."""
    with transaction.atomic():
        a_site(name="Built")
        finish(job, Job.State.DONE, outcome={"built": 1})
    return {"built": 1}


def build_too_late(job: Job) -> None:
    """Is so slow that another takes its job over meanwhile, and then wants to end it."""
    with transaction.atomic():
        a_site(name="Too late")
        Job.objects.filter(pk=job.pk).update(token=None)
        finish(job, Job.State.DONE)


def build_and_hang(job: Job) -> None:
    """Writes, and is killed before it can keep what it wrote."""
    with transaction.atomic():
        a_site(name="Half built")
        print("writing", flush=True)  # noqa: T201
        time.sleep(600)


def hang(job: Job) -> None:
    """Never ends."""
    time.sleep(600)


def hang_at_first(job: Job) -> None:
    """Never ends when it is tried for the first time, and succeeds at once from then on."""
    if job.attempts == 1:
        time.sleep(600)


def take_a_second(job: Job) -> None:
    """Succeeds, but not at once."""
    time.sleep(1)


def tick() -> None:
    """Runs by itself."""


def tock() -> None:
    """Runs by itself, too."""


def say_stop(job: Job) -> None:
    """Succeeds, and has the worker that runs in the test itself end."""
    stop.set()
