"""What happened to a row that somebody looks after, in words."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import DateField, DateTimeField, Field, JSONField, Model

from servicedesk.history.models import Change, ChangeSet
from servicedesk.people.access import history_of
from servicedesk.wording import day, moment

MOST = 100


class Line(NamedTuple):
    """One value that changed."""

    label: str
    old: str
    new: str


class Happening(NamedTuple):
    """What one deed did to one row."""

    title: str
    deed: ChangeSet
    lines: list[Line]


def happenings(person, row: Model, *others: Model) -> list[Happening]:
    """What happened to a row, and to those that belong to it, newest first."""
    return [_happening(change, row._meta.label_lower) for change in history_of(person, row, *others)[:MOST]]


def happenings_to_each(person, *rows: Model) -> list[Happening]:
    """What happened to rows of which none is the page's own, newest first, each told by its name."""
    return [_happening(change, "") for change in history_of(person, *rows)[:MOST]] if rows else []


def _happening(change: Change, kind: str) -> Happening:
    of_its_own = change.kind == kind
    title = (
        change.get_action_display()
        if of_its_own
        else f"{change.label}: {change.get_action_display().lower()}"
    )
    return Happening(title, change.change_set, [_line(change, name) for name in change.fields])


def _line(change: Change, name: str) -> Line:
    old, new, old_words, new_words = change.fields[name]
    field = _field(change.kind, name)
    words = str(field.verbose_name) if field else name.replace("_", " ")
    return Line(words[:1].upper() + words[1:], _words(field, old, old_words), _words(field, new, new_words))


def _field(kind: str, name: str) -> Field | None:
    """The column that a value was of; nothing where it is no longer there."""
    try:
        field = apps.get_model(kind)._meta.get_field(name)
    except (FieldDoesNotExist, LookupError):
        return None
    return field if isinstance(field, Field) else None


def _words(field: Field | None, value: Any, words: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and isinstance(field, JSONField):
        return "; ".join(f"{name.replace('_', ' ')} {_in_brackets(said)}" for name, said in value.items())
    if value and isinstance(field, DateTimeField):
        return moment(datetime.fromisoformat(value))
    if value and isinstance(field, DateField):
        return day(date.fromisoformat(value))
    return words


def _in_brackets(said: Any) -> str:
    """What stands below one name, by its own names."""
    parts = said.items() if isinstance(said, dict) else [("", said)]
    return f"({', '.join(f'{name} {value}'.strip() for name, value in parts)})"
