"""Recording what was done: the one place that writes history.

A write that matters runs inside `change_set(...)`, which is also its transaction, and tells `record(...)` what the
rows were before and are after. A deed inside a deed joins it: one request, one import, one batch is one change-set.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models, transaction
from django.utils import timezone

from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet, Source

_source: ContextVar[Source] = ContextVar("source", default=Source.COMMAND)
_current: ContextVar[ChangeSet | None] = ContextVar("change_set", default=None)

WRITTEN = ("change_set", "kind", "object_id", "label", "council_id", "action", "move", "fields", "version")
Snapshot = dict[int, dict[str, tuple[Any, str]]]
"""{primary key: {field name: (value as JSON keeps it, how it reads)}}"""


@contextmanager
def source(name: Source) -> Iterator[None]:
    """Say where the deeds inside come from."""
    token = _source.set(name)
    try:
        yield
    finally:
        _source.reset(token)


@contextmanager
def change_set(
    *, by, reason: str = "", now: datetime | None = None, undoes: ChangeSet | None = None
) -> Iterator[ChangeSet]:
    """One deed and its transaction. `by` is a person, or None for the system itself; `undoes` a deed it takes back.

    Inside another deed it joins that one: the outer deed's person, reason and time stand for both.
    """
    outer = _current.get()
    if outer is not None:
        with transaction.atomic():
            yield outer
        return
    with transaction.atomic():
        deed = ChangeSet.objects.create(
            at=now or timezone.now(),
            by_id=by.pk if by else None,
            by_label=str(by)[:200] if by else "",
            source=_source.get(),
            reason=reason,
            undoes=undoes,
        )
        token = _current.set(deed)
        try:
            yield deed
        finally:
            _current.reset(token)


def recorded_fields(model: type[models.Model]) -> list[models.Field]:
    """The columns that history follows: all but the key, the version and what the database or the model derives."""
    left_out = {"version", *getattr(model, "derived_fields", ())}
    return [
        field
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.generated or field.name in left_out)
    ]


def snapshot(rows: Iterable[models.Model]) -> Snapshot:
    """The rows as they are now. Reads related names, so select what the rows point at beforehand."""
    return {row.pk: {field.name: _value(row, field) for field in recorded_fields(type(row))} for row in rows}


class Entry(NamedTuple):
    """One row's change, for paths that compute the difference themselves, set by set."""

    object_id: int
    label: str
    council_id: int | None
    action: str
    fields: Mapping[str, list]
    version: int | None = None


def record(
    deed: ChangeSet, rows: Iterable[models.Model], before: Snapshot | None = None, *, move: str = ""
) -> int:
    """Write what became of each row; a row without a `before` was created. Returns how many rows changed."""
    before = before or {}
    rows = list({row.pk: row for row in rows}.values())
    after = snapshot(rows)
    entries = [_entry(row, before.get(row.pk), after[row.pk], move) for row in rows]
    changed = [entry for entry in entries if entry.fields or entry.action != Change.Action.UPDATE]
    if changed:
        record_entries(deed, type(rows[0]), changed, move=move)
    return len(changed)


def record_entries(
    deed: ChangeSet, model: type[models.Model], entries: Iterable[Entry], *, move: str = ""
) -> None:
    """Write changes that the caller has computed."""
    kind = model._meta.label_lower
    changes = (
        (
            deed.pk,
            kind,
            entry.object_id,
            entry.label[:200],
            entry.council_id,
            entry.action,
            move,
            entry.fields,
            entry.version,
        )
        for entry in entries
    )
    bulk.insert(Change, WRITTEN, changes)


def difference(
    old: Mapping[str, tuple[Any, str]] | None, new: Mapping[str, tuple[Any, str]]
) -> dict[str, list]:
    """{field: [old, new, old label, new label]} of what differs; a created row lists what it was given."""
    if old is None:
        return {
            name: [None, value, "", label]
            for name, (value, label) in new.items()
            if value not in (None, "", {})
        }
    return {
        name: [old[name][0], value, old[name][1], label]
        for name, (value, label) in new.items()
        if old[name][0] != value
    }


def _entry(row: models.Model, before: Mapping | None, after: Mapping, move: str) -> Entry:
    action = Change.Action.CREATE if before is None else Change.Action.MOVE if move else Change.Action.UPDATE
    fields, version = difference(before, after), getattr(row, "version", None)
    return Entry(row.pk, str(row), getattr(row, "council_id", None), action, fields, version)


def _value(row: models.Model, field: models.Field) -> tuple[Any, str]:
    value = getattr(row, field.attname)
    if value is None:
        return None, ""
    if field.is_relation:
        return value, str(getattr(row, field.name))
    if field.choices:
        return value, str(getattr(row, f"get_{field.name}_display")())
    if isinstance(field, models.DecimalField):
        value = Decimal(value).quantize(Decimal(1).scaleb(-field.decimal_places))
    return as_json(value), str(value)


def as_json(value: Any) -> Any:
    """A value as history keeps it: moments in UTC, dates and times in ISO 8601, money as text, the rest as it is."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
