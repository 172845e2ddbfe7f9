"""The web server and the job worker as two children that live and die together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

HOST = "127.0.0.1"
SOONEST = 5
"""Seconds: a job worker that dies sooner than this after its start would only die again."""
PATIENCE = 15
"""Seconds that a child is given to end before it is killed."""


class ServingFailed(Exception):
    """The site cannot be served, or no longer. The text is for whoever started it."""


def refuse_taken(port: int) -> None:
    """Say in time that something listens there already."""
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except PermissionError:
            raise ServingFailed(
                f"Port {port} is for the system alone. Choose another: PORT=8001 make demo"
            ) from None
        except OSError:
            raise ServingFailed(
                f"Port {port} is taken by another program. Stop it, or choose another port: PORT={port + 1} make demo"
            ) from None


def serve(port: int, folder: Path, say: Callable[[str], object]) -> None:
    """Serve until Ctrl-C or SIGTERM. Raises ServingFailed when the web server ends by itself, or the worker at once."""
    children = Children(port, folder)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _leave)
    try:
        children.start()
        _wait_for_page(port, children)
        say(f"Open http://{HOST}:{port} – Ctrl-C stops it.")
        children.watch(say)
    except Leaving:
        say("Stopping …")
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_IGN)
        children.stop()


class Leaving(Exception):
    """Somebody asked for the end."""


def _leave(*_) -> None:
    raise Leaving


class Children:
    """The two processes, each the leader of a group of its own, so that Ctrl-C reaches them through us alone."""

    def __init__(self, port: int, folder: Path):
        self.port, self.folder = port, folder
        self.running: dict[str, subprocess.Popen] = {}

    def start(self) -> None:
        # Threads, because browsers open connections before they need them, and each would hold a process.
        self.running["web"] = self._run(
            *(
                "-m",
                "gunicorn",
                settings.WSGI_APPLICATION.rpartition(".")[0],
                "--bind",
                f"{HOST}:{self.port}",
            ),
            *("--workers", "2", "--worker-class", "gthread", "--threads", "4"),
            *("--log-level", "warning", "--no-control-socket"),
        )
        self.start_jobs()

    def start_jobs(self) -> None:
        self.running["jobs"] = self._run("manage.py", "work")
        self.jobs_began = time.monotonic()

    def watch(self, say: Callable[[str], object]) -> None:
        """Start a job worker that has died again, until the web server ends."""
        while True:
            self.check()
            if self.running["jobs"].poll() is not None:
                if time.monotonic() - self.jobs_began < SOONEST:
                    raise ServingFailed(
                        "The job worker ended as soon as it began, so everything was stopped."
                    )
                say("The job worker has died. Starting it again …")
                _kill_group(self.running["jobs"])
                self.start_jobs()
            time.sleep(0.2)

    def check(self) -> None:
        """Raises ServingFailed when the web server is no more."""
        if self.running["web"].poll() is not None:
            raise ServingFailed("The web server has ended by itself, so everything was stopped.")

    def stop(self) -> None:
        """Ask both to end, and kill what does not."""
        for child in self.running.values():
            child.terminate()
        for child in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(PATIENCE)
            _kill_group(child)

    def _run(self, *command: str) -> subprocess.Popen:
        environment = {"BASE_URL": f"http://{HOST}:{self.port}", **os.environ}
        return subprocess.Popen(  # noqa: S603 - our own programs
            [sys.executable, *command], cwd=self.folder, env=environment, start_new_session=True
        )


def _kill_group(child: subprocess.Popen) -> None:
    """End what a child has left behind."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _wait_for_page(port: int, children: Children) -> None:
    while True:
        children.check()
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/health/live", timeout=PATIENCE):  # noqa: S310 - our own
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
