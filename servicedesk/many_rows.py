"""Work on very many rows at once. Imports nothing of ours."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LITTLE = {"temp_store": 1, "mmap_size": 0}
"""What SQLite is told so that it needs little memory: temporary tables in a file, nothing mapped."""


@contextmanager
def many_rows() -> Iterator[None]:
    """Work on very many rows that needs little memory, and no more time for that.

    None of the rows is garbage, so the collector does not walk them over and over. SQLite keeps what is made ready in
    a file of its own rather than in memory, and does not map the database into ours.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        with _little_memory():
            yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _little_memory() -> Iterator[None]:
    if connection.vendor != "sqlite" or connection.in_atomic_block:  # there it cannot be changed
        yield
        return
    before = {}
    with connection.cursor() as cursor:
        for name, value in LITTLE.items():
            cursor.execute(f"PRAGMA {name}")
            before[name] = cursor.fetchone()[0]
            cursor.execute(f"PRAGMA {name} = {value}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for name, value in before.items():
                cursor.execute(f"PRAGMA {name} = {value}")
