"""What happened to the rows of administration, in words."""

from typing import NamedTuple

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from servicedesk.history.models import Change, ChangeSet
from servicedesk.people.access import history_of

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
    return [_happening(change, row) for change in history_of(person, row, *others)[:MOST]]


def _happening(change: Change, row: Model) -> Happening:
    of_its_own = change.kind == row._meta.label_lower
    title = (
        change.get_action_display()
        if of_its_own
        else f"{change.label}: {change.get_action_display().lower()}"
    )
    return Happening(title, change.change_set, [_line(change, name) for name in change.fields])


def _line(change: Change, name: str) -> Line:
    old, new, old_words, new_words = change.fields[name]
    return Line(_label(change.kind, name), _words(old, old_words), _words(new, new_words))


def _label(kind: str, name: str) -> str:
    try:
        words = apps.get_model(kind)._meta.get_field(name).verbose_name  # type: ignore[union-attr]
    except (FieldDoesNotExist, LookupError):
        words = name.replace("_", " ")
    return str(words)[:1].upper() + str(words)[1:]


def _words(value: object, words: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return words
