"""Workers as they really run: processes of their own, on the database of the test. For tests that kill them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection

from servicedesk.config.environment import BASE_DIR
from servicedesk.jobs.models import Job

PATIENCE = 120


def until(happened: Callable[[], object]) -> None:
    """Wait for a condition, however slow the machine."""
    given_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < given_up, "nothing happened"
        time.sleep(0.01)


@contextmanager
def real_workers(number: int = 1, *, lease: int = 20, timeout: int = 900) -> Iterator[subprocess.Popen]:
    """`manage.py work`; nothing of it is left afterwards."""
    own = {"JOB_WORKERS": number, "JOB_LEASE_SECONDS": lease, "JOB_TIMEOUT_SECONDS": timeout}
    keeper = subprocess.Popen(  # noqa: S603
        [sys.executable, "manage.py", "work"],
        cwd=BASE_DIR,
        env={**os.environ, "DATABASE_URL": address(), **{name: str(value) for name, value in own.items()}},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield keeper
    finally:
        with suppress(ProcessLookupError):
            os.killpg(keeper.pid, signal.SIGKILL)
        keeper.wait()


def address() -> str:
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    port = f":{held['PORT']}" if held["PORT"] else ""
    place = f"/{held['HOST']}" if held["HOST"].startswith("/") else f"{held['HOST']}{port}"
    return f"postgres://{held['USER']}:{held['PASSWORD']}@{place}/{held['NAME']}"


def workers_of(keeper: subprocess.Popen) -> list[int]:
    """The processes that it keeps."""
    return [int(pid) for pid in Path(f"/proc/{keeper.pid}/task/{keeper.pid}/children").read_text().split()]


def gone(pid: int) -> bool:
    """Whether a process has ended; whoever must bury it may be slow to."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def worker_of(job: Job) -> int:
    """The process that began the job last."""
    return int(Job.objects.get(pk=job.pk).worker.rpartition(":")[2])


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
