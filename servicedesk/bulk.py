"""Rows into tables by the thousand, as fast as the database takes them. Imports nothing of ours.

PostgreSQL gets COPY, SQLite a prepared statement: five to twenty times as fast as `bulk_create` and `bulk_update`.
What a model does on `save` does not happen: give every column that has no default in the database, with values as
the model's fields hold them. Call inside a transaction.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count, islice
from typing import Any, cast

import orjson
from django.db import connection, models
from psycopg.copy import QueuedLibpqWriter

Rows = Iterable[Sequence[Any]]
AT_ONCE = 1000
FEW = 20
"""So many rows PostgreSQL takes as they are written in a statement sooner than by a table of their own."""


@contextmanager
def looked_at_in_sets() -> Iterator[None]:
    """Rows are deleted without asking, for each of them, every table that might point at it, which on SQLite takes
    longer than the deleting. For who asks the tables once for all the rows; within a transaction it changes nothing.
    """
    trusting = connection.vendor == "sqlite" and connection.disable_constraint_checking()
    try:
        yield
    finally:
        if trusting:
            connection.enable_constraint_checking()


def take_keys(model: type[models.Model], count: int) -> Sequence[int]:
    """Primary keys for rows that are to be inserted, now or later: nobody else gets them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            sequence = cursor.fetchone()[0]
            cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
            return [key for (key,) in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM sqlite_sequence WHERE name = %s", [table])
        last = cursor.fetchone()[0]
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + count, table])
        if not cursor.rowcount:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
    return range(last + 1, last + 1 + count)


def insert(model: type[models.Model], names: Sequence[str], rows: Rows, unique: Sequence[str] = ()) -> None:
    """Insert rows of the fields named; a row that is there already, by the `unique` fields, is overwritten.
    None is given twice.

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
            _insert_or_overwrite(cursor, model, fields, ready, unique)
        else:
            _copy(cursor, table, columns, ready)


def _insert_or_overwrite(
    cursor: Any,
    model: type[models.Model],
    fields: Sequence[models.Field],
    rows: Iterator[tuple],
    unique: Sequence[str],
) -> None:
    """On PostgreSQL. Of many rows those that are there are changed first: what the table makes of a row by itself, such
    as the words of its text, is made once, and not a second time for the row that turns out to be there. They are taken
    in the order of their keys, so that two who write the same wait for one another rather than for ever. Few rows are
    not worth a table of their own.
    """
    table, columns, over = _table(model), _columns(fields), _overwriting(model, fields, unique)
    some = list(islice(rows, FEW + 1))
    if len(some) <= FEW:
        marks = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * len(some))
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {marks} {over}", [*chain(*some)])  # noqa: S608
        return
    _stage(cursor, table, columns, chain(some, rows))
    keys = [_quoted(field) for field in _fields(model, unique)]
    given = ", ".join(f"{name} = staged.{name}" for name in map(_quoted, fields) if name not in keys)
    same = {
        other: " AND ".join(f"{other}.{name} = staged.{name}" for name in keys)
        for other in (table, "changed")
    }
    told = ", ".join(f"{table}.{name}" for name in keys)
    held = f"SELECT 1 FROM {table} JOIN staged ON {same[table]} ORDER BY {told} FOR NO KEY UPDATE OF {table}"  # noqa: S608
    cursor.execute(f"SELECT COUNT(*) FROM ({held}) AS held")  # noqa: S608
    cursor.execute(
        f"WITH changed AS (UPDATE {table} SET {given} FROM staged WHERE {same[table]} RETURNING {told})"  # noqa: S608
        f" INSERT INTO {table} ({columns}) SELECT {columns} FROM staged"
        f" WHERE NOT EXISTS (SELECT 1 FROM changed WHERE {same['changed']}) {over}"
    )
    cursor.execute("DROP TABLE staged")


def update(model: type[models.Model], names: Sequence[str], rows: Rows, *, versioned: bool = True) -> int:
    """Write rows of (key, version, *values of the fields named) where the version still stands, and raise it.

    Rows of a model that is not `versioned` come without one. Returns how many rows were written: fewer than given
    means that somebody else has written some meanwhile.
    """
    fields, keys = _fields(model, names), _fields(model, ("id", "version") if versioned else ("id",))
    table, count = _table(model), 2 if versioned else 1
    ready = _ready([*keys, *fields], rows)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            given = [f"{_quoted(field)} = %s" for field in fields] + ["version = version + 1"] * versioned
            same = " AND ".join(f"{_quoted(key)} = %s" for key in keys)
            cursor.executemany(
                f"UPDATE {table} SET {', '.join(given)} WHERE {same}",  # noqa: S608
                [(*row[count:], *row[:count]) for row in ready],
            )
            return cursor.rowcount
        _stage(cursor, table, _columns([*keys, *fields]), ready)
        given = [f"{_quoted(field)} = staged.{_quoted(field)}" for field in fields]
        given += [f"version = {table}.version + 1"] * versioned
        same = " AND ".join(f"{table}.{_quoted(key)} = staged.{_quoted(key)}" for key in keys)
        cursor.execute(f"UPDATE {table} SET {', '.join(given)} FROM staged WHERE {same}")  # noqa: S608
        written = cursor.rowcount
        cursor.execute("DROP TABLE staged")
    return written


def hold(model: type[models.Model], keys: Iterable[int]) -> None:
    """Let nobody change these rows, or point at them, until the transaction ends. They are taken in one order, so that
    two who take the same wait for one another rather than for ever.
    """
    if connection.features.has_select_for_update:
        held = model._base_manager.filter(Among("pk", keys)).order_by("pk")
        list(held.select_for_update().values_list("pk", flat=True))


def insert_found(model: type[models.Model], names: Sequence[str], found: models.QuerySet) -> None:
    """Insert what a query finds, as rows of the fields named, in one statement."""
    sql, params = found.query.sql_with_params()
    into = f"INSERT INTO {_table(model)} ({_columns(_fields(model, names))}) {sql}"
    with connection.cursor() as cursor:
        cursor.execute(into, params)


class Ready:
    """Rows made ready before a transaction, so that it only has to move them.

    SQLite knows one writer at a time, so they wait in a table of this connection alone; PostgreSQL takes them in as
    they are made, by `rows()`, which is called then. Drop it afterwards.
    """

    def __init__(self, model: type[models.Model], names: Sequence[str], rows: Callable[[], Rows]):
        self.model, self.names, self.rows = model, list(names), rows
        self.table = f"ready_{model._meta.db_table}_{next(_numbers)}" if connection.vendor == "sqlite" else ""
        if self.table:
            with connection.cursor() as cursor, _apart(cursor):
                columns = _columns(_fields(model, names))
                cursor.execute(
                    f"CREATE TEMPORARY TABLE {self.table} AS SELECT {columns} FROM {_table(model)} WHERE false"  # noqa: S608
                )
                self._fill(cursor)

    def _fill(self, cursor: Any) -> None:
        fields = _fields(self.model, self.names)
        statement = f"INSERT INTO {self.table} VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608
        ready = _ready(fields, self.rows())
        while some := list(islice(ready, AT_ONCE)):
            cursor.executemany(statement, some)

    def insert(
        self,
        given: dict[str, Any],
        keyed: tuple[str, Sequence[int]] | None = None,
        unique: Sequence[str] = (),
    ) -> None:
        """Move the rows, with what is the same for all of them, and a key for each in the field named."""
        if not self.table:
            names, keys = [*self.names, *given, *([keyed[0]] if keyed else [])], keyed[1] if keyed else None
            same = tuple(given.values())
            rows = (
                ((*row, *same, key) for row, key in zip(self.rows(), keys, strict=True))
                if keys is not None
                else ((*row, *same) for row in self.rows())
            )
            insert(self.model, names, rows, unique)
            return
        fields = _fields(self.model, list(given))
        prepared = [_prepared(field, [value])[0] for field, value in zip(fields, given.values(), strict=True)]
        into = ", ".join(filter(None, [_columns(_fields(self.model, self.names)), _columns(fields)]))
        taken = ", ".join(["*", *["%s"] * len(fields)]) if fields else "*"
        if keyed:
            if not len(keyed[1]):
                return
            into += f", {_columns(_fields(self.model, [keyed[0]]))}"
            taken += f", rowid - 1 + {int(keyed[1][0])}"
        over = _overwriting(self.model, _fields(self.model, [*self.names, *given]), unique)
        with connection.cursor() as cursor, _trusting(cursor, self.model):
            cursor.execute(
                f"INSERT INTO {_table(self.model)} ({into}) SELECT {taken} FROM {self.table} WHERE true {over}",  # noqa: S608
                prepared,
            )

    def drop(self) -> None:
        if self.table:
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE IF EXISTS {self.table}")


_numbers = count(1)


@contextmanager
def _trusting(cursor: Any, model: type[models.Model]) -> Iterator[None]:
    """Of a model without conditions of its own SQLite is told not to look at what the types of its fields demand: to
    read JSON that we have made, only to see that it is, takes half as long as writing it."""
    trusted = not any(isinstance(each, models.CheckConstraint) for each in model._meta.constraints)
    if trusted:
        cursor.execute("PRAGMA ignore_check_constraints = 1")
    try:
        yield
    finally:
        if trusted:
            cursor.execute("PRAGMA ignore_check_constraints = 0")


@contextmanager
def _apart(cursor: Any) -> Iterator[None]:
    """A transaction that writes to tables of this connection alone, and so locks nobody out."""
    if connection.in_atomic_block:
        yield
        return
    cursor.execute("BEGIN")
    try:
        yield
    finally:
        cursor.execute("COMMIT")


def delete(model: type[models.Model], keys: Iterable[int], column: str = "id", **alike: Any) -> int:
    """Delete the rows whose column holds one of the keys, and the other columns named what is given, in one statement.
    Nothing that points at them is looked at. Returns how many there were.
    """
    also = "".join(f" AND {connection.ops.quote_name(name)} = %s" for name in alike)
    table, (held, given) = _table(model), _held(connection.ops.quote_name(column), keys)
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {held}{also}", [given, *alike.values()])  # noqa: S608
        return cursor.rowcount


class Among(models.Func):
    """For `filter(Among("pk", keys))`: whether a column holds one of the keys, however many there are.

    They go to the database as one value, and where the column is the table's own it looks them up before it joins
    other tables to it.
    """

    output_field = models.BooleanField()

    def __init__(self, column: str, keys: Iterable[int]):
        super().__init__(column)
        self.keys = list(keys)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **context: Any) -> tuple[str, tuple]:
        column, params = compiler.compile(self.source_expressions[0])
        held, given = _held(column, self.keys)
        return held, (*params, given)


def _held(column: str, keys: Iterable[int]) -> tuple[str, str]:
    """The condition that a column holds one of the keys, and its one parameter: a text, which is sent as it is, where
    each key of a list would be looked at."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s::bigint[])", "{" + ",".join(map(str, sorted(keys))) + "}"
    return f"{column} IN (SELECT value FROM json_each(%s))", _as_json(sorted(keys))  # noqa: S608


def from_json(text: str) -> Any:
    """What a JSON column holds, from its text: several times as fast as a field reads it."""
    return orjson.loads(text)


def _stage(cursor: Any, table: str, columns: str, rows: Rows) -> None:
    like = f"SELECT {columns} FROM {table} WITH NO DATA"  # noqa: S608
    cursor.execute(f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS {like}")
    _copy(cursor, "staged", columns, rows)
    cursor.execute("ANALYZE staged")


def _copy(cursor: Any, table: str, columns: str, rows: Rows) -> None:
    """Many rows are sent by another thread while more are made, so that neither waits for the other. Meanwhile this
    connection does nothing else: whoever makes many rows reads beforehand, and to its end, what that takes.
    """
    rest = iter(rows)
    some = list(islice(rest, AT_ONCE))
    command = f"COPY {table} ({columns}) FROM STDIN"
    with connection.wrap_database_errors, connection.execute_wrapper(_refuse):
        if len(some) < AT_ONCE:
            _send(cursor.copy(command), some)
        else:
            own = cursor.cursor  # whose wrapper knows of no writer
            _send(own.copy(command, writer=QueuedLibpqWriter(own)), chain(some, rest))


def _send(copying: Any, rows: Rows) -> None:
    with copying as copy:
        for row in rows:
            copy.write_row(row)


def _refuse(*asked: Any) -> None:
    """What is asked while rows are copied would wait for its own connection for ever."""
    raise RuntimeError("Nothing can be read over the connection that copies rows. Read it beforehand.")


def _overwriting(model: type[models.Model], fields: Sequence[models.Field], unique: Sequence[str]) -> str:
    if not unique:
        return ""
    keys = _columns(_fields(model, unique))
    given = ", ".join(
        f"{_quoted(field)} = excluded.{_quoted(field)}" for field in fields if field.name not in unique
    )
    return f"ON CONFLICT ({keys}) DO UPDATE SET {given}"


def _ready(fields: Sequence[models.Field], rows: Rows) -> Iterator[tuple]:
    """The rows with each value in the form that the database keeps, worked out column by column, some at once."""
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
