"""Measuring two things turn by turn, so that a machine that grows slower meanwhile slows both."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True)
class Figure:
    """One line of the page."""

    name: str
    shown: str
    goal: str
    detail: str


@contextmanager
def own_database() -> Iterator[None]:
    """A database of the measurement's own, made afresh and removed afterwards."""
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


def ratio(
    name: str,
    goal: float,
    ours: Callable[[], object],
    limit: Callable[[], object],
    *,
    turns: int = 5,
    detail: str = "",
    least: bool = False,
) -> Figure:
    """How many times as long `ours` takes as `limit`: the median over turns, after one turn that is not counted.

    With `least` the goal is what the ratio should reach, not what it should stay below.
    """
    pairs = [(seconds(ours), seconds(limit)) for _ in range(turns + 1)][1:]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    median = statistics.median(a / b for a, b in pairs)
    return Figure(
        name,
        f"{median:.2f}",
        f"at {'least' if least else 'most'} {goal:g}",
        f"{short(mine)} to {short(other)}. {detail}".strip(),
    )


class Process:
    """One of our commands in a process of its own, on our database. `peak` is the most that it held, in MB."""

    def __init__(self, arguments: Sequence[str]):
        command = [sys.executable, str(Path(__file__).parent.parent / "manage.py"), *arguments]
        environment = {**os.environ, "DATABASE_URL": _address()}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
        self.peak = 0.0
        self._ended = False

    def poll(self) -> int | None:
        """None as long as it runs."""
        if self._ended:
            return 0
        self.peak = max(self.peak, *map(_most_held, self._family()))
        ended = self._process.poll()
        if ended is None:
            return None
        self._ended = True
        if ended not in (0, 2):
            raise RuntimeError(f"The command ended with {ended}")
        return 0

    def _family(self) -> list[str]:
        """It and its children, by number. What the system adds up of a process that has ended counts ours as well,
        from which it was begun."""
        own = str(self._process.pid)
        try:
            return [own, *Path("/proc", own, "task", own, "children").read_text().split()]
        except OSError:
            return [own]


@contextmanager
def own_process(arguments: Sequence[str]) -> Iterator[Process]:
    """One of our commands beside us; waits for its end."""
    process = Process(arguments)
    try:
        yield process
    finally:
        while process.poll() is None:
            time.sleep(0.1)


def _most_held(process: str) -> float:
    """The most that a process has held so far, in MB; 0 where it is no more."""
    try:
        told = Path("/proc", process, "status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in told.splitlines() if line.startswith("VmHWM")), 0)


def _address() -> str:
    """The database of the measurement, as a setting."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    user, password, name = given["USER"], given["PASSWORD"], given["NAME"]
    host = f"{given['HOST']}:{given['PORT']}" if given["PORT"] else f"/{given['HOST']}"  # a folder of sockets
    return f"postgres://{user}{':' + password if password else ''}@{host}/{name}"


def seconds(deed: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def short(length: float) -> str:
    """So many seconds, in words."""
    return f"{length:.2f} s" if length >= 1 else f"{length * 1000:.1f} ms"
