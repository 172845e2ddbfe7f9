"""Doing something to see what becomes of it, and taking all of it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


class _TakenBack(Exception):
    """What was tried out is not to be kept."""


@contextmanager
def tried_out() -> Iterator[None]:
    """What is written inside is taken back at the end, and what waited for it to be kept never happens."""
    try:
        with transaction.atomic():
            yield
            raise _TakenBack
    except _TakenBack:
        pass
