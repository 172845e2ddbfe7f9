"""Saving what somebody edited: never over a newer version, and never unrecorded.

It knows nothing of rights: the function that calls it has asked.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from servicedesk.history.merging import Difference, changes_since, overtaken, own_edits
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, difference, record_entries, snapshot

Row = TypeVar("Row", bound=models.Model)
Check = Callable[[Any], None]


class Stale(Exception):
    """Somebody has changed the row since the person read it. `row` is how it is now."""

    def __init__(self, row: Any, differences: Iterable[Difference] = ()):
        super().__init__(overtaken(str(row), differences))
        self.row = row


class Clash(Stale):
    """Others gave the same fields other values meanwhile: `differences`. `mine` names all that the person edited."""

    def __init__(self, row: Any, differences: list[Difference], mine: Iterable[str]):
        super().__init__(row, differences)
        self.differences, self.mine = differences, set(mine)


def add(row: Row, *, by, check: Check | None = None, now: datetime | None = None, **links: Iterable) -> Row:
    """Write a new row, and what it is linked to, each by the name of its many-to-many field.

    `check` looks at the row and raises ValidationError by field where it cannot be.
    """
    with change_set(by=by, now=now) as deed:
        with _saying_what_is_taken(row, check):
            row.save(force_insert=True)
        fields = difference(None, snapshot([row])[row.pk]) | _link(row, links)
        _record(deed, row, Change.Action.CREATE, fields)
    return row


def change(
    row: Row,
    *,
    by,
    version: int,
    check: Check | None = None,
    reason: str = "",
    now: datetime | None = None,
    **values: Any,
) -> Row:
    """Save new values of a row that was read at `version`: of its columns, and of its many-to-many fields, as lists.

    Returns the row as it now is. What is the same already is no change. Raises Stale, or ValidationError by field.
    """
    with change_set(by=by, reason=reason, now=now) as deed:
        row = type(row)._default_manager.select_for_update().get(pk=row.pk)
        if row.version != version:  # type: ignore[attr-defined]
            raise Stale(row)
        links = {
            field.name: values.pop(field.name) for field in row._meta.many_to_many if field.name in values
        }
        before = snapshot([row])[row.pk]
        for name, value in values.items():
            setattr(row, name, value)
        fields = difference(before, snapshot([row])[row.pk]) | _link(row, links)
        if fields:
            row.version += 1  # type: ignore[attr-defined]
            with _saying_what_is_taken(row, check):
                row.save(update_fields=[*values, "version"])
            _record(deed, row, Change.Action.UPDATE, fields)
    return row


def settled(row: Row, version: int, values: dict[str, Any]) -> tuple[Row, dict[str, Any]]:
    """The row as it is now, held, and of these values those that somebody who read it at `version` edited themselves:
    what others changed apart from them is kept. Runs inside the transaction of the deed.

    Raises Clash where they changed the same, and Stale where history does not say what they did.
    """
    row = type(row)._default_manager.select_for_update().get(pk=row.pk)
    if version == row.version:  # type: ignore[attr-defined]
        return row, values
    since = changes_since(row, version)
    if not since:
        raise Stale(row)
    own, differences = own_edits(row, since, values)
    if differences:
        raise Clash(row, differences, own)
    return row, own


def remove(row: models.Model, *, by, reason: str = "", now: datetime | None = None) -> None:
    """Delete a row; history keeps what it said."""
    with change_set(by=by, reason=reason, now=now) as deed:
        was = snapshot([row])[row.pk]
        fields = {name: [value, None, label, ""] for name, (value, label) in was.items()}
        _record(deed, row, Change.Action.REMOVE, fields)
        row.delete()


def refuse_taken(
    row: models.Model, *names: str, within: str = "", among: models.QuerySet | None = None
) -> None:
    """Refuse values that another row has already, whatever their case: of the whole table, within a parent, or among
    some rows."""
    others = (type(row)._default_manager.all() if among is None else among).exclude(pk=row.pk)
    if within:
        others = others.filter(**{within: getattr(row, within)})
    taken = [
        name
        for name in names
        if getattr(row, name) and others.filter(**{f"{name}__iexact": getattr(row, name)}).exists()
    ]
    if taken:
        raise ValidationError(
            {name: f"{_label(row, name)} is already in use. Enter another" for name in taken}
        )


@contextmanager
def _saying_what_is_taken(row: models.Model, check: Check | None) -> Iterator[None]:
    """Check before the write, and say the same of a row that came in between as of one that was there."""
    check = check or (lambda row: None)
    check(row)
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        check(row)
        raise


def _link(row: models.Model, links: dict[str, Iterable]) -> dict[str, list]:
    """Set each link and say what changed, as history keeps it: numbers, and names in their order."""
    changed = {}
    for name, wanted in links.items():
        manager = getattr(row, name)
        old = list(manager.all())
        manager.set(wanted)
        new = list(manager.all())
        if {one.pk for one in old} != {one.pk for one in new}:
            changed[name] = [
                *([one.pk for one in rows] for rows in (old, new)),
                *(_names(rows) for rows in (old, new)),
            ]
    return changed


def _names(rows: list) -> str:
    return ", ".join(str(one) for one in rows)


def _label(row: models.Model, name: str) -> str:
    return str(getattr(row._meta.get_field(name), "verbose_name", name)).capitalize()


def _record(deed: ChangeSet, row: models.Model, action: str, fields: dict[str, list]) -> None:
    council = row.pk if row._meta.label_lower == "people.council" else getattr(row, "council_id", None)
    version = getattr(row, "version", None)
    record_entries(deed, type(row), [Entry(row.pk, str(row), council, action, fields, version)])
