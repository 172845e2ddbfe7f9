"""How the rows of an import read on a page: what each would do, cell by cell, in words."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from servicedesk import wording
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.models import Import, ImportRow

COLOURS = {"create": "green", "update": "blue", "unchanged": "grey", "ambiguous": "orange", "error": "red"}
WORDS = {
    "create": "Create",
    "update": "Update",
    "unchanged": "Leave as it is",
    "ambiguous": "Matches more than one",
    "error": "Refused",
}


class Cell(NamedTuple):
    """A field of a row as it would be, and as it is now: None where there is no such row yet."""

    heading: str
    old: str | None
    new: str


class Shown(NamedTuple):
    """A row for the page."""

    number: int
    action: str
    words: str
    colour: str
    cells: list[Cell]
    problems: list[Mapping[str, str]]


def rows_shown(started: Import, rows: Iterable[ImportRow], person: Any) -> list[Shown]:
    """The rows in words, without what the person may not see."""
    kind = started.kind_of_row
    hidden = kind.hidden_from(person, started.council_id)
    return [
        Shown(
            row.number,
            row.action,
            WORDS[row.action],
            COLOURS[row.action],
            [cell for name, cell in _cells(kind, row) if name not in hidden],
            [problem for problem in row.problems if problem["field"] not in hidden],
        )
        for row in rows
    ]


def _cells(kind: Kind, row: ImportRow) -> Iterable[tuple[str, Cell]]:
    """What the row changes; of a row that changes nothing of ours, what it says."""
    if row.changes:
        order = {name: place for place, name in enumerate(kind.by_name)}
        for name, (_, _, old, new) in sorted(
            row.changes.items(), key=lambda each: order.get(each[0], len(order))
        ):
            yield name, Cell(_heading(kind, name), _dressed(kind, name, old), _dressed(kind, name, new))
    elif row.action != ImportRow.Action.UNCHANGED:
        for field in kind.fields:
            if row.values.get(field.name) not in (None, ""):
                yield field.name, Cell(field.heading, None, _reads(kind, field.name, row.values[field.name]))


def _heading(kind: Kind, name: str) -> str:
    field = kind.by_name.get(name)
    return field.heading if field else name.replace("_", " ").capitalize()


def _reads(kind: Kind, name: str, value: Any) -> str:
    if isinstance(value, list):
        return value[1]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    serves = kind.by_name[name].serves
    return _dressed(kind, name, value if serves else str(kind.choices(name).get(value, value)))


def _dressed(kind: Kind, name: str, value: Any) -> str:
    """A date, a moment or an amount as pages write it; anything else as it is."""
    field = kind.by_name.get(name)
    if not field or not value:
        return str(value)
    if field.kind == "datetime":
        return wording.short_moment(datetime.fromisoformat(str(value)))
    if field.kind in ("date", "end_date", "warranty") and not str(value).isdecimal():
        return wording.short_day(date.fromisoformat(str(value)))
    return wording.money(Decimal(value)) if field.kind == "money" else str(value)
