"""Measuring two things turn by turn, so that a machine that grows slower meanwhile slows both."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

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
) -> Figure:
    """How many times as long `ours` takes as `limit`: the median over turns, after one turn that is not counted."""
    pairs = [(seconds(ours), seconds(limit)) for _ in range(turns + 1)][1:]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    median = statistics.median(a / b for a, b in pairs)
    return Figure(
        name, f"{median:.2f}", f"at most {goal:g}", f"{_short(mine)} to {_short(other)}. {detail}".strip()
    )


def seconds(deed: Callable[[], object]) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    deed()
    return time.perf_counter() - begun


def _short(length: float) -> str:
    return f"{length:.2f} s" if length >= 1 else f"{length * 1000:.1f} ms"
