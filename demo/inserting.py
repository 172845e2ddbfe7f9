"""Rows of a model, made but not saved, into their table by the thousand."""

from collections.abc import Sequence
from operator import attrgetter

from django.db.models import Model

from servicedesk import bulk


def number_rows(rows: Sequence[Model]) -> None:
    """Give new rows of one model their keys. Insert them before numbering more."""
    if rows:
        for row, key in zip(rows, bulk.take_keys(type(rows[0]), len(rows)), strict=True):
            row.pk = key


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of one model, each with its key and every value of the type that its field holds."""
    if rows:
        model = type(rows[0])
        fields = [field for field in model._meta.concrete_fields if not field.generated]
        values = attrgetter(*(field.attname for field in fields))
        bulk.insert(model, [field.name for field in fields], map(values, rows))
