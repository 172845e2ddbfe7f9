"""Rows into tables by the thousand, as fast as the database takes them. Imports nothing of ours.

PostgreSQL gets COPY, SQLite a prepared statement: five to twenty times as fast as `bulk_create` and `bulk_update`.
What a model does on `save` does not happen: give every column that has no default in the database, with values as
the model's fields hold them. Call inside a transaction.
"""

import gc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, cast

import orjson
from django.db import connection, models

Rows = Iterable[Sequence[Any]]
AT_ONCE = 1000


@contextmanager
def many_objects() -> Iterator[None]:
    """Many rows in memory at once, none of them garbage: keeps the collector from walking them over and over."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def take_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Primary keys for rows about to be inserted. Insert them before taking more."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
    return range(last + 1, last + 1 + count)


def insert(model: type[models.Model], names: Sequence[str], rows: Rows, unique: Sequence[str] = ()) -> None:
    """Insert rows of the fields named; a row that is there already, by the `unique` fields, is overwritten.

    With `unique` SQLite gets one statement: where a full-text index hangs on the table, it is written once and not for
    each row, six times as fast.
    """
    fields = _fields(model, names)
    table, columns = _table(model), _columns(fields)
    ready = _ready(fields, rows)
    first = next(ready, None)
    if first is None:
        return
    ready = chain([first], ready)
    over = _overwriting(model, fields, unique)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite" and unique:
            cells = ", ".join(f"json_extract(value, '$[{at}]')" for at in range(len(fields)))
            given = f"SELECT {cells} FROM json_each(%s) WHERE true"  # noqa: S608
            cursor.execute(f"INSERT INTO {table} ({columns}) {given} {over}", [_as_json([*ready])])  # noqa: S608
        elif connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", [*ready])  # noqa: S608
        elif unique:
            _stage(cursor, table, columns, ready)
            cursor.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM staged {over}")  # noqa: S608
            cursor.execute("DROP TABLE staged")
        else:
            _copy(cursor, table, columns, ready)


def update(model: type[models.Model], names: Sequence[str], rows: Rows) -> int:
    """Write rows of (key, version, *values of the fields named) where the version still stands, and raise it.

    Returns how many rows were written: fewer than given means that somebody else has written some meanwhile.
    """
    fields = _fields(model, names)
    table = _table(model)
    keys = _fields(model, ("id", "version"))
    ready = _ready([*keys, *fields], rows)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            given = ", ".join(f"{_quoted(field)} = %s" for field in fields)
            cursor.executemany(
                f"UPDATE {table} SET {given}, version = version + 1 WHERE id = %s AND version = %s",  # noqa: S608
                [(*values, key, version) for key, version, *values in ready],
            )
            return cursor.rowcount
        _stage(cursor, table, _columns([*keys, *fields]), ready)
        given = ", ".join(f"{_quoted(field)} = staged.{_quoted(field)}" for field in fields)
        cursor.execute(
            f"UPDATE {table} SET {given}, version = {table}.version + 1 FROM staged"  # noqa: S608
            f" WHERE {table}.id = staged.id AND {table}.version = staged.version"
        )
        written = cursor.rowcount
        cursor.execute("DROP TABLE staged")
    return written


def _stage(cursor: Any, table: str, columns: str, rows: Rows) -> None:
    like = f"SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608
    cursor.execute(f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS {like}")
    _copy(cursor, "staged", columns, rows)
    cursor.execute("ANALYZE staged")


def _copy(cursor: Any, table: str, columns: str, rows: Rows) -> None:
    with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _overwriting(model: type[models.Model], fields: Sequence[models.Field], unique: Sequence[str]) -> str:
    if not unique:
        return ""
    keys = _columns(_fields(model, unique))
    given = ", ".join(
        f"{_quoted(field)} = excluded.{_quoted(field)}" for field in fields if field.name not in unique
    )
    return f"ON CONFLICT ({keys}) DO UPDATE SET {given}"


def _ready(fields: Sequence[models.Field], rows: Rows) -> Iterator[tuple]:
    """The rows with each value in the form that the database keeps, worked out column by column.

    Only some at once, so that PostgreSQL takes them in while the next are made ready.
    """
    rest = iter(rows)
    while batch := list(islice(rest, AT_ONCE)):
        columns = zip(*batch, strict=True)
        yield from zip(*map(_prepared, fields, columns), strict=True)


def _prepared(field: models.Field, column: Sequence[Any]) -> Sequence[Any]:
    prepare = _preparing(field)
    return [None if value is None else prepare(value) for value in column] if prepare else column


def _preparing(field: models.Field) -> Callable[[Any], Any] | None:
    """What makes a value ready for the database; None where values go as they are."""
    if isinstance(field, models.JSONField):
        return _as_json
    if connection.vendor == "postgresql":
        return None
    if isinstance(field, models.DateTimeField):
        return connection.ops.adapt_datetimefield_value
    return str if isinstance(field, models.DateField | models.DecimalField) else None


def _as_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _fields(model: type[models.Model], names: Sequence[str]) -> list[models.Field]:
    return [cast(models.Field, model._meta.get_field(name)) for name in names]


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _columns(fields: Sequence[models.Field]) -> str:
    return ", ".join(_quoted(field) for field in fields)


def _quoted(field: models.Field) -> str:
    return connection.ops.quote_name(str(field.column))
