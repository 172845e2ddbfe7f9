"""Rows of ours read column by column, where a hundred thousand of them are compared with a sheet."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.db import models


def read_by_column(found: models.QuerySet, names: Sequence[str]) -> list[list[Any]]:
    """What a query finds, in no order, column by column: in half the time that rows take, because each column comes as
    one text. Values are as JSON tells them: dates and moments as texts, which each database writes in its own way,
    and on SQLite what is true or false as 1 or 0.
    """
    told = found.order_by().aggregate(**{f"column_{at}": _Listed(name) for at, name in enumerate(names)})
    return [orjson.loads(text) if text else [] for text in told.values()]


class _Listed(models.Aggregate):
    """All values of a column, as one JSON text."""

    function, template = "JSON_GROUP_ARRAY", "%(function)s(%(expressions)s)"
    output_field = models.TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        is_json = isinstance(self.source_expressions[0].output_field, models.JSONField)
        given: dict[str, Any] = {"template": "%(function)s(JSON(%(expressions)s))"} if is_json else {}
        return self.as_sql(compiler, connection, **given, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        given: dict[str, Any] = {"function": "JSON_AGG", "template": f"{self.template}::text"}
        return self.as_sql(compiler, connection, **given, **context)
