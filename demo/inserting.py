"""Writing very many new rows: a few times as fast as `bulk_create`, which prepares each value by itself."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.db.models import Max, Model


def number_rows(rows: Sequence[Model]) -> None:
    """Give new rows of one model the keys that follow the last. Nobody else may be adding to the table."""
    if not rows:
        return
    last = type(rows[0])._default_manager.aggregate(last=Max("pk"))["last"] or 0
    for key, row in enumerate(rows, start=last + 1):
        row.pk = key


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of one model that have their keys. Their values must be of the types that their fields hold."""
    if not rows:
        return
    meta = type(rows[0])._meta
    fields = [field for field in meta.concrete_fields if not field.generated]
    names = [field.attname for field in fields]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    statement = (
        f"INSERT INTO {connection.ops.quote_name(meta.db_table)} ({columns}) "  # noqa: S608 - names of our own
        f"VALUES ({', '.join(['%s'] * len(fields))})"
    )
    adapt = _adapters()
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                [
                    adapt[type(value)](value) if type(value) in adapt else value
                    for value in map(row.__dict__.get, names)
                ]
                for row in rows
            ],
        )
        for reset in connection.ops.sequence_reset_sql(no_style(), [type(rows[0])]):
            cursor.execute(reset)


def _adapters() -> dict[type, Callable[[Any], Any]]:
    """How the database wants what it does not take as it is."""
    return {
        datetime: connection.ops.adapt_datetimefield_value,
        date: connection.ops.adapt_datefield_value,
        Decimal: lambda value: connection.ops.adapt_decimalfield_value(value),
        dict: json.dumps,
    }
