"""The workers: a keeper that has as many of them alive as are wanted, and what each of them does.

They share nothing but the database, where leases and the timetable say who does what. So each of them may be killed at
any moment, idle or busy, and the others go on.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread, Timer

from django.conf import settings
from django.db import Error, close_old_connections

from servicedesk.jobs.running import next_free, run
from servicedesk.jobs.schedules import check_names, run_due

log = logging.getLogger(__name__)

PAUSE = 0.5
"""Seconds between two looks for work when there was none."""
TROUBLE = 3
"""Seconds until the next look when the database did not answer."""
SOONEST = 2
"""Seconds between two starts of a worker: one that dies sooner would only die again."""
GRACE = 5
"""Seconds that a job under way is given when the workers are to end; then its worker dies, and its lease runs out."""


class Worker:
    """One place at work: a process, and the next one when it has died.

    The process holds the other end of a pipe. When the pipe closes, whether because the worker is to end or because
    the keeper has been killed, the worker ends.
    """

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        self.began = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, settings.BASE_DIR / "manage.py", "work", "--one"], stdin=subprocess.PIPE
        )

    def keep_alive(self) -> None:
        """Start a process that has died again."""
        if self.process.poll() is None or time.monotonic() < self.began + SOONEST:
            return
        log.warning("A worker has died (%s); another one starts", self.process.returncode)
        self.ask_to_end()
        try:
            self.start()
        except OSError:
            log.exception("It could not start yet")

    def ask_to_end(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()

    def end(self) -> None:
        """Wait for the end, and make it come."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE + 1)
        self.process.kill()
        self.process.wait()


def keep_workers() -> None:
    """Keep settings.JOB_WORKERS workers alive until SIGTERM or Ctrl-C, and leave none behind."""
    check_names()
    asked: list[int] = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda number, _: asked.append(number))
    workers = [Worker() for _ in range(settings.JOB_WORKERS)]
    while not asked:
        time.sleep(PAUSE)
        for worker in workers:
            worker.keep_alive()
    for worker in workers:
        worker.ask_to_end()
    for worker in workers:
        worker.end()


def be_a_worker() -> None:
    """Work until standard input closes. Signals that ask for an end are for the keeper, which tells its workers."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: None)
    stop = Event()
    Thread(target=_follow_keeper, args=[stop], name="keeper", daemon=True).start()
    work(stop)


def work(stop: Event) -> None:
    """Do what is due by itself, and job after job, until told to stop."""
    while not stop.is_set():
        try:
            if not _do_next():
                stop.wait(PAUSE)
        except Error:
            log.exception("The database does not answer; trying again")
            close_old_connections()
            stop.wait(TROUBLE)


def _do_next() -> bool:
    """Whether there was a job to do."""
    with _within_its_time():
        run_due()
        job_id = next_free()
    if job_id is None:
        return False
    with _within_its_time():
        run(job_id)
    return True


@contextmanager
def _within_its_time() -> Iterator[None]:
    """Whatever takes too long dies with its worker: nothing else ends a call that hangs."""
    clock = Timer(settings.JOB_TIMEOUT_SECONDS, _die, ["It took too long"])
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _follow_keeper(stop: Event) -> None:
    """End when the keeper asks for it, or is no more."""
    os.read(sys.stdin.fileno(), 1)
    stop.set()
    time.sleep(GRACE)
    _die("The workers are to end")


def _die(why: str) -> None:
    log.error("%s: this worker dies, and its job is left to another", why)
    os.kill(os.getpid(), signal.SIGKILL)
