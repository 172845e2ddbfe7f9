"""Watches that no request writes what people change without recording it, in the same transaction."""

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connection

from servicedesk import bulk
from tests.architecture.tables import RECORDED

WRITE = re.compile(
    r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)"?', re.IGNORECASE
)
UPDATE = re.compile(r'UPDATE "(\w+)" SET (.*?)(?: WHERE |$)', re.DOTALL)
COLUMN_SET = re.compile(r'(?:^|, )"(\w+)" = ')
HISTORY = "history_change"


_watching, _insert = threading.local(), bulk.insert


def _noted(model, names, rows, unique=()):
    """Note rows for whoever watches the thread: PostgreSQL's COPY is no statement that a wrapper sees."""
    for deeds in getattr(_watching, "all", ()):
        rows = list(rows)
        if rows:
            deeds.note(model._meta.db_table, rows)
    _insert(model, names, rows, unique)


bulk.insert = _noted


@contextmanager
def watching() -> Iterator["Deeds"]:
    """Watch what is done inside, by this thread."""
    deeds, before = Deeds(), getattr(_watching, "all", ())
    _watching.all = (*before, deeds)
    try:
        with connection.execute_wrapper(deeds):
            yield deeds
    finally:
        _watching.all = before


class Deeds:
    """An execute wrapper for one request: which recorded tables each transaction wrote, and which kinds it recorded."""

    def __init__(self) -> None:
        self.outside = len(connection.savepoint_ids)
        self.written: defaultdict[str, set[str]] = defaultdict(set)
        self.recorded: defaultdict[str, set[str]] = defaultdict(set)

    def __call__(self, execute, sql, params, many, context):
        write = WRITE.match(sql)
        if write and not _is_derived(sql):
            self.note(write[1], params)
        return execute(sql, params, many, context)

    def note(self, table: str, values) -> None:
        """A table was written with these values: a record of its kind, or something to be recorded."""
        if table == HISTORY:
            self.recorded[self._transaction()] |= RECORDED.intersection(_texts(values))
        else:
            self.written[self._transaction()] |= {_labels().get(table, "")} & RECORDED

    def _transaction(self) -> str:
        """The outermost savepoint inside the test's own transaction: one for each that a request would commit."""
        inside = connection.savepoint_ids[self.outside :]
        return str(inside[0]) if inside else "none" if self.outside else str(connection.in_atomic_block)

    def unrecorded(self) -> set[str]:
        return {label for key, labels in self.written.items() for label in labels - self.recorded[key]}


def _texts(params) -> Iterator[str]:
    """The texts among an insert's values, which may come row by row or column by column."""
    for value in params:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from _texts(value)


def _is_derived(sql: str) -> bool:
    """Whether it updates nothing but columns that a model derives from rows of their own, such as who spoke last."""
    update = UPDATE.match(sql)
    if update is None:
        return False
    model = next((model for model in apps.get_models() if model._meta.db_table == update[1]), None)
    derived = {model._meta.get_field(name).column for name in getattr(model, "derived_fields", ())}
    return set(COLUMN_SET.findall(update[2])) <= derived


def _labels() -> dict[str, str]:
    return {
        model._meta.db_table: model._meta.label_lower for model in apps.get_models(include_auto_created=True)
    }
