"""Undoing a deed: carrying out what `history.taking_back` has worked out, in one transaction.

Undoing is itself a deed, so it is recorded and can be undone in turn; but what was removed does not come back. It knows
nothing of rights: the function that calls it has asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import F, IntegerField, JSONField, Value

from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record_entries
from servicedesk.history.taking_back import (
    AT_ONCE,
    Keys,
    Left,
    Part,
    Plan,
    Row,
    as_held,
    is_link,
    is_versioned,
    plan,
    undoables,
)

IN_USE = "It is in use."
TAKEN = "The old value is used by another row now."
JUST_NOW = "Nothing was undone: somebody changed some of it just now. Try again."


class Overtaken(Exception):
    """Somebody was quicker, and nothing was written. The text is for the person."""


@dataclass
class Undone:
    """What became of it: how many rows have old values again, how many are no more, and which stay as they are."""

    deed: ChangeSet
    restored: int = 0
    removed_by_kind: Counter[str] = field(default_factory=Counter)
    left: list[Left] = field(default_factory=list)

    @property
    def removed(self) -> int:
        return self.removed_by_kind.total()


def undo(
    deed: ChangeSet,
    *,
    by,
    reason: str = "",
    leaving: Iterable[str] = (),
    also: Callable[[Undone], object] = lambda undone: None,
    now: datetime | None = None,
) -> Undone:
    """Undo a deed as far as it can be undone, whatever became of the rest. Done again it finds nothing to do.

    Rows of the kinds in `leaving` are let be. `also` is called at the end, in the same transaction. Raises Overtaken.
    """
    planned = plan(deed, leaving)  # before the transaction, so that nobody waits for it
    removes_alone = not planned.restored
    try:
        with (
            bulk.looked_at_in_sets() if removes_alone else nullcontext(),
            change_set(by=by, reason=reason or f"Undo: {deed}", now=now, undoes=deed) as own,
        ):
            for part in planned.parts:
                bulk.hold(part.model, [row.pk for row in [*part.restore, *part.remove]])
            if not planned.stands():
                planned = plan(deed, leaving)
            if removes_alone and planned.restored:
                raise Overtaken(JUST_NOW)
            undone = Undone(own, left=planned.left)
            for part in planned.parts:
                _restore(part, undone)
            removed = [(part.model, _remove(planned, part, undone)) for part in _dependants_first(planned)]
            if removes_alone and any(_pointing_at(model, keys) for model, keys in removed):
                raise Overtaken(JUST_NOW)
            also(undone)
    except IntegrityError as error:
        raise Overtaken(JUST_NOW) from error
    return undone


def _restore(part: Part, undone: Undone) -> None:
    """Write the old values, their history, and what hangs on them."""
    written = _write(part, part.restore, undone)
    for row in written:
        for name in row.fields:
            if is_link(part.model, name):
                _relink(part.model, row, name)
    entries = [
        Entry(
            row.pk,
            row.label,
            row.council_id,
            Change.Action.UPDATE,
            {
                name: [new, old, new_label, old_label]
                for name, (old, new, old_label, new_label) in row.fields.items()
            },
            row.version + 1 if row.version is not None else None,
        )
        for row in written
    ]
    record_entries(undone.deed, part.model, entries)
    undone.restored += len(written)
    beside = undoables().get(part.kind)
    if beside and (keys := [row.pk for row in written if beside.fields & row.fields.keys()]):
        beside.restored(keys)


def _write(part: Part, rows: Sequence[Row], undone: Undone) -> list[Row]:
    """Write rows all at once; where one of them cannot be, find out which by halves. Returns those written."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            _write_all(part.model, rows)
    except IntegrityError:
        if len(rows) == 1:
            undone.left.append(rows[0].left(part.kind, TAKEN, rows[0].fields))
            return []
        half = len(rows) // 2
        return [*_write(part, rows[:half], undone), *_write(part, rows[half:], undone)]
    return list(rows)


def _write_all(model: type[models.Model], rows: Sequence[Row]) -> None:
    names = sorted({name for row in rows for name in row.fields if not is_link(model, name)})
    columns: dict[str, Any] = {name: model._meta.get_field(name) for name in names}
    versioned = is_versioned(model)
    partly = [row.pk for row in rows if any(name not in row.fields for name in names)]
    others = _values(model, partly, columns)
    written = [
        [
            row.pk,
            *([row.version] if versioned else []),
            *(
                as_held(column, row.fields[name][0]) if name in row.fields else others[row.pk][name]
                for name, column in columns.items()
            ),
        ]
        for row in rows
    ]
    if (names or versioned) and bulk.update(model, names, written, versioned=versioned) != len(written):
        raise Overtaken(JUST_NOW)


def _values(
    model: type[models.Model], keys: Sequence[int], columns: Mapping[str, Any]
) -> dict[int, dict[str, Any]]:
    held: dict[int, dict[str, Any]] = {}
    for start in range(0, len(keys), AT_ONCE):
        rows = model._base_manager.filter(pk__in=keys[start : start + AT_ONCE])
        for pk, *values in rows.values_list("pk", *(column.attname for column in columns.values())):
            held[pk] = dict(zip(columns, values, strict=True))
    return held


def _relink(model: type[models.Model], row: Row, name: str) -> None:
    """Link a row to what it was linked to, as far as that is still there."""
    manager = getattr(model._base_manager.get(pk=row.pk), name)
    manager.set(manager.model._base_manager.filter(pk__in=row.fields[name][0]))


def _dependants_first(planned: Plan) -> list[Part]:
    """The parts in an order in which each kind comes before what it points at."""
    by_model = {part.model: part for part in planned.parts if part.remove}
    ordered: list[Part] = []

    def place(part: Part, above: frozenset) -> None:
        for model, other in by_model.items():
            if other not in ordered and model not in above and _points_at(model, part.model):
                place(other, above | {model})
        if part not in ordered:
            ordered.append(part)

    for model, part in by_model.items():
        place(part, frozenset({model}))
    return ordered


def _points_at(model: type[models.Model], other: type[models.Model]) -> bool:
    return any(each.is_relation and each.related_model is other for each in model._meta.concrete_fields)


def _remove(planned: Plan, part: Part, undone: Undone) -> set[int]:
    """Remove what the deed created, as far as nothing points at it, with its links and what hangs on it; the keys."""
    rows = {row.pk: row for row in part.remove}
    for pk in _used(part.model, set(rows)):
        undone.left.append(rows.pop(pk).left(part.kind, IN_USE))
    if not rows:
        return set()
    for link in part.model._meta.many_to_many:
        own: Any = getattr(part.model, link.name).through
        bulk.delete(own, rows, link.m2m_column_name())
    if beside := undoables().get(part.kind):
        beside.removed(list(rows))
    bulk.delete(part.model, rows)
    _record_removal(planned.deed, part.kind, rows, undone.deed)
    undone.removed_by_kind[part.kind] += len(rows)
    return set(rows)


def _record_removal(made: ChangeSet, kind: str, keys: Keys, own: ChangeSet) -> None:
    """Each removal is told as its making was, in one statement."""
    making = made.changes.filter(bulk.Among("object_id", keys), kind=kind, action=Change.Action.CREATE)
    told: dict[str, Any] = {
        "change_set": Value(own.pk),
        **{name: F(name) for name in ("kind", "object_id", "label", "council_id")},
        "action": Value(Change.Action.REMOVE.value),
        "move": Value(""),
        "fields": Value({}, output_field=JSONField()),
        "version": Value(None, output_field=IntegerField()),
    }
    found: Any = making.order_by("pk").values_list(*told.values())
    bulk.insert_found(Change, list(told), found)


def _used(model: type[models.Model], keys: set[int]) -> set[int]:
    """Which of the rows others point at, or rows that stay because others point at them."""
    used: set[int] = set()
    own = {getattr(model, link.name).through for link in model._meta.many_to_many}
    beside = undoables().get(model._meta.label_lower)
    follow = beside.follow if beside else frozenset()
    relations = [
        each
        for each in _relations(model)
        if each.model not in own and each.model._meta.label_lower not in follow
    ]
    while True:
        found: set[int] = set()
        for relation in relations:
            found |= _pointed_at(relation, keys - used, within=relation.model is model)
        if not found:
            return used
        used |= found


def _pointing_at(model: type[models.Model], keys: set[int]) -> set[int]:
    """Which of the keys, of rows that are gone, anything still points at."""
    return set().union(*(_pointed_at(each, keys, within=False) for each in _relations(model) if keys))


def _relations(model: type[models.Model]) -> list[Any]:
    """The columns that point at rows of a model."""
    pointing: list[Any] = list(model._meta.get_fields(include_hidden=True))
    return [
        each.field
        for each in pointing
        if each.auto_created and not each.concrete and (each.one_to_many or each.one_to_one)
    ]


def _pointed_at(relation: Any, keys: set[int], *, within: bool) -> set[int]:
    """Which of the keys a foreign key points at; `within` their own table only from rows that are not among them."""
    pointing = relation.model._base_manager.order_by()
    if not pointing.filter(**{f"{relation.attname}__isnull": False}).exists():
        return set()
    pairs = pointing.filter(bulk.Among(relation.attname, keys)).values_list("pk", relation.attname)
    return {key for pk, key in pairs if not (within and pk in keys)}
