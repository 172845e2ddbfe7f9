"""Whole months and financial years in the database's own words, as `forecast` counts them."""

import re

from django.db import connection
from django.db.models import DateField, Func


class AddMonths(Func):
    """`forecast.add_months`: AddMonths("start", life), nothing where either is missing.

    SQLite carries a day that a month does not have over into the next; only the days after the 28th can be such.
    """

    output_field = DateField()
    arity = 2

    def as_sqlite(self, compiler, connection, **context):
        beyond = "CASE WHEN {day} IS NOT NULL AND {months} IS NOT NULL THEN '9999-12-31' END"
        moved = "DATE({day}, ({months}) || ' months')"
        last = "DATE({day}, 'start of month', (({months}) + 1) || ' months', '-1 day')"
        clamped = f"CASE WHEN SUBSTR({{day}}, 9, 2) <= '28' THEN {moved} ELSE MIN({moved}, {last}) END"
        return self._filled(f"MAX(COALESCE({clamped}, {beyond}), '0001-01-01')", compiler)

    def as_postgresql(self, compiler, connection, **context):
        moved = "({day} + MAKE_INTERVAL(months => {months}))::date"
        within = f"LEAST(GREATEST({moved}, DATE '0001-01-01'), DATE '9999-12-31')"
        return self._filled(
            f"CASE WHEN {{day}} IS NOT NULL AND {{months}} IS NOT NULL THEN {within} END", compiler
        )

    def _filled(self, template: str, compiler):
        """The template with its two expressions, and their parameters in the order in which they stand in it."""
        names = ("day", "months")
        compiled = dict(zip(names, map(compiler.compile, self.source_expressions), strict=True))
        sql = ""
        parameters: list[object] = []
        for place, part in enumerate(re.split(r"\{(day|months)\}", template)):
            text, values = compiled[part] if place % 2 else (part, ())
            sql += text
            parameters += values
        return sql, tuple(parameters)


def year_sql(day: str) -> str:
    """The calendar year in which the financial year of a date expression begins."""
    if connection.vendor == "sqlite":
        year, month = f"CAST(SUBSTR({day}, 1, 4) AS INTEGER)", f"CAST(SUBSTR({day}, 6, 2) AS INTEGER)"
    else:
        year, month = f"DATE_PART('year', {day})::int", f"DATE_PART('month', {day})::int"
    return f"({year} - CASE WHEN {month} < 4 THEN 1 ELSE 0 END)"


def earliest_sql(*days: str) -> str:
    """The earliest of dates none of which is missing."""
    return f"{'MIN' if connection.vendor == 'sqlite' else 'LEAST'}({', '.join(days)})"
