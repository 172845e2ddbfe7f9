"""How the rows of an import read on a page: what each would do, cell by cell, in words."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from servicedesk import wording
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.models import Action, Import
from servicedesk.spreadsheets.problems import PROBLEMS
from servicedesk.spreadsheets.stored_rows import StoredRow, marks_of

COLOURS = {
    "create": "green",
    "update": "blue",
    "unchanged": "grey",
    "stale": "yellow",
    "disagree": "orange",
    "ambiguous": "orange",
    "error": "red",
}
WORDS = {
    "create": "Create",
    "update": "Update",
    "unchanged": "Leave as it is",
    "stale": "Changed meanwhile",
    "disagree": "Keys disagree",
    "ambiguous": "Matches more than one",
    "error": "Refused",
}
MISSING_SHOWN = 200
NAMED = {
    "look_up_unknown": "A name that we do not know",
    "duplicate_in_file": "The same twice in the file",
    "serial_rounded_by_excel": "Serial number rounded by Excel",
    "keys_disagree": "Keys disagree",
    "matches_several": "Matches more than one",
    "stale_version": "Changed meanwhile",
    "no_move_to_state": "No way to that state",
    "nothing_to_match_on": "Nothing to recognise it by",
}
"""Problems in few words, where their code does not read well."""


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
    candidates: list[tuple[str, str]] = []
    told: list[tuple[str, str, str, str]] = []
    """Where two have changed a field: its heading, what the file says, what stands there, and what stood there."""
    line: int | None = None
    """Where it begins in a text, None where that is its number."""


def rows_shown(started: Import, rows: Iterable[StoredRow], person: Any) -> list[Shown]:
    """The rows in words, without what the person may not see."""
    kind, rows = started.kind_of_row, list(rows)
    hidden = kind.hidden_from(person, started.council_id)
    candidates = _candidates(started, {key for row in rows for key in row.candidates})
    return [
        Shown(
            row.number,
            row.action,
            WORDS[row.action],
            COLOURS[row.action],
            [cell for name, cell in _cells(kind, row) if name not in hidden],
            [problem for problem in row.problems if problem["field"] not in hidden],
            [candidates[key] for key in row.candidates if key in candidates],
            [
                (_heading(kind, name), *(_dressed(kind, name, each) or "nothing" for each in values))  # type: ignore[misc]
                for name, values in row.told.items()
                if name not in hidden
            ],
            row.line,
        )
        for row in rows
    ]


def _candidates(started: Import, keys: set[int]) -> dict[int, tuple[str, str]]:
    """Rows of the import's own council that a row may be, each with what it is known by."""
    kind = started.kind_of_row
    names = [key.name for key in kind.keys]
    held = kind.model._default_manager.filter(pk__in=keys, **kind.of_council(started.council_id))
    return {
        pk: (
            str(pk),
            ", ".join(
                f"{_heading(kind, name)} {value}" for name, value in zip(names, values, strict=True) if value
            ),
        )
        for pk, *values in held.values_list("pk", *names)
    }


def missing_shown(started: Import) -> list[str]:
    """Rows of ours that the file does not have, by what they are called; the first of them."""
    if not started.missing:
        return []
    kind = started.kind_of_row
    held = kind.model._default_manager.filter(
        pk__in=started.missing[:MISSING_SHOWN], **kind.of_council(started.council_id)
    )
    return sorted(str(row) for row in held)


def problems_in_words(started: Import, action: str) -> list[tuple[str, str, int]]:
    """Each problem of the rows with this action, and each field that they change: what to ask for, words, how many."""
    kind, marks = started.kind_of_row, marks_of(started, [action])
    said = []
    for mark, count in sorted(marks.items(), key=lambda each: -each[1]):
        if mark in PROBLEMS:
            said.append((f"problem={mark}", NAMED.get(mark, mark.replace("_", " ").capitalize()), count))
        elif mark.startswith("changes:"):
            name = mark.partition(":")[2]
            said.append((f"field={name}", f"{_heading(kind, name)} changes", count))
    return said


def _cells(kind: Kind, row: StoredRow) -> Iterable[tuple[str, Cell]]:
    """What the row changes; of a row that changes nothing of ours, what it says."""
    if row.changes:
        order = {name: place for place, name in enumerate(kind.by_name)}
        for name, (_, _, old, new) in sorted(
            row.changes.items(), key=lambda each: order.get(each[0], len(order))
        ):
            yield name, Cell(_heading(kind, name), _dressed(kind, name, old), _dressed(kind, name, new))
        for field in kind.fields if "later" in row.values else ():
            if field.extra and row.values.get(field.name) not in (None, ""):
                yield field.name, Cell(field.heading, "", reads(kind, field.name, row.values[field.name]))
    elif row.action != Action.UNCHANGED:
        for field in kind.fields:
            if row.values.get(field.name) not in (None, ""):
                yield field.name, Cell(field.heading, None, reads(kind, field.name, row.values[field.name]))


def _heading(kind: Kind, name: str) -> str:
    field = kind.by_name.get(name)
    return field.heading if field else name.replace("_", " ").capitalize()


def reads(kind: Kind, name: str, value: Any) -> str:
    """A cleaned value of a field as pages write it."""
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
