"""Jobs that are run by a process of their own, which is killed at a step that the test names."""

import os
import signal
import subprocess
import sys
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from servicedesk.config.environment import BASE_DIR
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import run
from tests.jobs.real_workers import address


def steps_of(job: Job) -> int:
    """Have the job run to its end, and count its steps."""
    ended = _worked(job)
    assert ended.returncode == 0
    return int(ended.stdout)


def kill_at(job: Job, step: int) -> None:
    """Have the job run up to this step, where its worker is killed."""
    assert _worked(job, step).returncode == -signal.SIGKILL


def take_over(job: Job) -> None:
    """Let the lease of the dead worker run out, and another one do the job."""
    Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(
        lease_until=timezone.now() - timedelta(seconds=1)
    )
    run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE


def _worked(job: Job, step: int = 0) -> subprocess.CompletedProcess[str]:
    folder = settings.STORAGES["default"]["OPTIONS"]["location"]
    command = [sys.executable, "-m", "tests.jobs.dying_worker", str(job.pk), str(step), folder]
    return subprocess.run(  # noqa: S603
        command,
        cwd=BASE_DIR,
        env={**os.environ, "DATABASE_URL": address()},
        stdout=subprocess.PIPE,
        text=True,
    )
