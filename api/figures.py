"""Tables of numbers for programs: the same ones as on pages."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from servicedesk.reports.tables import Row, Table


class FigureSerializer(serializers.Serializer):
    """A number, or the mark or `words` in its place. Null with neither: there is none, as a rate of nothing."""

    column = serializers.CharField()
    value = serializers.DecimalField(max_digits=None, decimal_places=None, allow_null=True)
    kept_back = serializers.CharField(allow_blank=True)
    words = serializers.CharField(allow_blank=True)


class FiguresRowSerializer(serializers.Serializer):
    """What a row is about, and its numbers by column."""

    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    cells = FigureSerializer(many=True)


class FiguresTableSerializer(serializers.Serializer):
    """One table of figures."""

    code = serializers.CharField()
    name = serializers.CharField()
    rows = FiguresRowSerializer(many=True)


def tables_told(tables: Iterable[Table]) -> list[dict[str, Any]]:
    """As `FiguresTableSerializer` has them."""
    return [
        {"code": table.code, "name": table.heading, "rows": [_row(table, row) for row in table.rows]}
        for table in tables
    ]


def _row(table: Table, row: Row) -> dict[str, Any]:
    cells = [
        {
            "column": column.code,
            "value": cell.shown.number,
            "kept_back": cell.shown.mark,
            "words": cell.words,
        }
        for column, cell in zip(table.columns, row.cells, strict=True)
    ]
    return {"code": row.code, "name": row.heading, "cells": cells}
