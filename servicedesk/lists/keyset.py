"""Pages by keyset: the next page begins after the last row seen, so page 1,000 costs what page 1 costs."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, Q, QuerySet

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursors that lead to the pages before and after."""

    rows: list
    next: str
    previous: str


def keyset_page(queryset: QuerySet, order: tuple[str, str], cursor: str = "", size: int = PAGE_SIZE) -> Page:
    """The page at a cursor of rows in an order of two columns, the second unique: `("sort_due", "id")`.

    A leading minus on both turns the order round. Works on instances and on `values()` that hold both columns, which
    are never null: order by a column generated for it where the one that people know may be. A cursor that was not
    given out here raises BadRequest.
    """
    falling = order[0].startswith("-")
    columns = tuple(name.lstrip("-") for name in order)
    backwards, after = _read(cursor, queryset.model, columns)
    if after:
        queryset = queryset.filter(_beyond(columns, after, falling != backwards))
    ordering = [f"-{name}" if falling != backwards else name for name in columns]
    rows = list(queryset.order_by(*ordering)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (bool(after), more) if backwards else (more, bool(after))
    return Page(
        rows,
        next=_write(rows[-1], columns, False) if has_next and rows else "",
        previous=_write(rows[0], columns, True) if has_previous and rows else "",
    )


def _beyond(columns: tuple, after: list, falling: bool) -> Q:
    """`a >= x and (a > x or id > y)`: the form that both databases answer from the index."""
    first, second = columns
    beyond = "lt" if falling else "gt"
    return Q(**{f"{first}__{beyond}e": after[0]}) & (
        Q(**{f"{first}__{beyond}": after[0]}) | Q(**{f"{second}__{beyond}": after[1]})
    )


def _write(row: Any, columns: tuple, backwards: bool) -> str:
    values = [row[name] if isinstance(row, dict) else getattr(row, name) for name in columns]
    text = json.dumps([int(backwards), *(v.isoformat() if isinstance(v, datetime) else v for v in values)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, model: type[Model], columns: tuple) -> tuple[bool, list]:
    if not cursor:
        return False, []
    try:
        backwards, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        after = [_value(model, name, value) for name, value in zip(columns, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, ValidationError) as error:
        raise BadRequest("That page does not exist: begin again at the first.") from error
    return bool(backwards), after


def _value(model: type[Model], column: str, value: Any) -> Any:
    """What the cursor says, as something that any database can compare with the column; raises what `_read` answers."""
    field: Any = model._meta.get_field(column)
    # A generated column leaves it to its output.
    value = getattr(field, "output_field", field).to_python(value)
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, str):
        value.encode()  # a lone surrogate is no text
    if (
        value is None
        or isinstance(value, str)
        and "\0" in value
        or isinstance(value, int)
        and abs(value) >= 2**63
    ):
        raise ValueError(column)
    return value


def _moment(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a moment without its zone")
    return value.astimezone(UTC)
