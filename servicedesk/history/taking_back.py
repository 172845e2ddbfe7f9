"""What undoing a deed would do: what nobody changed since goes back, the rest stays and is listed with who and when.

It works over every model that history follows, from what history holds: old values are written again, rows that the
deed created are removed where nothing happened to them and nothing points at them. What else hangs on the rows of a
model, such as their place in the search, the setting UNDOABLE says.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, cast

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.module_loading import import_string

from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet

AT_ONCE = 5000
CHANGED = "It was changed since."
GONE = "It is no longer there."
POINTS_NOWHERE = "What it pointed at is no longer there."
TELLS_OF_ANOTHER = "What it is about stays as it is."
NOT_A_COLUMN = "This is kept elsewhere. Undo it there."
OF_ANOTHER = "It belongs to another council now."
TAKEN_SINCE = "It was allocated since."
EVIDENCE = "It is evidence, and stays."
HAS_EVIDENCE = "There is evidence of it, which stays."
Keys = Collection[int]
SAID = "note"
"""What somebody said with a deed, where a row has no column for it: words, which nobody takes back."""


@dataclass(frozen=True)
class Undoable:
    """What has to be done beside the rows of a model; named in settings.UNDOABLE.

    `restored(keys)` is told of rows of which one of `fields` has its old value again, `removed(keys)` of rows that
    are to be removed, which takes their rows of the models that `follow` them along; both in the transaction. `along`
    names the column by which a row tells of another: new or changed, it stays where that one stays as the deed has made
    it. What is `evidence` stays at any rate, and that one with it. So does a row that one of the moves `proven` has
    moved, as these leave evidence elsewhere.
    """

    kind: str
    fields: frozenset[str] = frozenset()
    restored: Callable[[Keys], object] = lambda keys: None
    removed: Callable[[Keys], object] = lambda keys: None
    follow: frozenset[str] = frozenset()
    along: str = ""
    evidence: bool = False
    proven: frozenset[str] = frozenset()


def undoables() -> dict[str, Undoable]:
    """What is said of models, by kind."""
    return {each.kind: each for each in map(import_string, settings.UNDOABLE)}


class Left(NamedTuple):
    """A row that stays as it is, at least in these fields: why, and who changed it when, where somebody did."""

    kind: str
    object_id: int
    label: str
    council_id: int | None
    fields: tuple[str, ...]
    why: str
    by: str = ""
    at: datetime | None = None


@dataclass
class Row:
    """What one deed did to one row: every field from its first old value to its last new one."""

    pk: int
    label: str
    council_id: int | None
    created: bool = False
    moves: set[str] = field(default_factory=set)
    fields: dict[str, list] = field(default_factory=dict)
    version: int | None = None

    @property
    def moved(self) -> bool:
        return bool(self.moves)

    def left(self, kind: str, why: str, names: Iterable[str] = (), change: Change | None = None) -> Left:
        deed = change.change_set if change else None
        who = (deed.by_label or "The system", deed.at) if deed else ("", None)
        return Left(kind, self.pk, self.label, self.council_id, tuple(sorted(names)), why, *who)


@dataclass
class Part:
    """What is to be done with the rows of one kind. The rows stand in the order in which they are to be written."""

    model: type[models.Model]
    restore: list[Row] = field(default_factory=list)
    remove: list[Row] = field(default_factory=list)
    later: list[int] = field(default_factory=list)
    moved: list[int] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return self.model._meta.label_lower


@dataclass
class Plan:
    """What undoing a deed would do, as things are now. Rows in use by others may stay beside those in `left`."""

    deed: ChangeSet
    leaving: frozenset[str]
    parts: list[Part] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def restored(self) -> int:
        return sum(len(part.restore) for part in self.parts)

    @property
    def removed(self) -> int:
        return sum(len(part.remove) for part in self.parts)

    def stands(self) -> bool:
        """Whether nothing was recorded of these rows, and none was taken, since the plan was made."""
        return all(
            part.later == list(_later(self.deed, part.kind).values_list("pk", flat=True))
            and part.taken == sorted(_taken(self.deed, part))
            for part in self.parts
        )


def plan(deed: ChangeSet, leaving: Iterable[str] = ()) -> Plan:
    """Work out what undoing a deed would do; rows of the kinds in `leaving` are let be."""
    made = Plan(deed, frozenset(leaving))
    kinds = deed.changes.exclude(kind__in=made.leaving).order_by().values_list("kind", flat=True).distinct()
    for kind in sorted(kinds):
        rows = _rows(deed, kind)
        try:
            part = Part(apps.get_model(kind))
        except LookupError:
            made.left += [row.left(kind, GONE) for row in rows.values()]
            continue
        made.parts.append(part)
        _sort(made, part, rows)
    for part in made.parts:
        _keep_what_is_taken(made, part)
    for part in made.parts:
        _keep_evidence(made, part)
    for part in made.parts:
        _keep_what_tells_of_others(made, part)
    return made


def _rows(deed: ChangeSet, kind: str) -> dict[int, Row]:
    """What the deed did, by row, the last first: values are given back in that order, so that none is taken twice."""
    changes = deed.changes.filter(kind=kind).order_by("pk")
    rows: dict[int, Row] = {}
    for pk, label, council in changes.filter(action=Change.Action.CREATE).values_list(
        "object_id", "label", "council_id"
    ):
        rows[pk] = Row(pk, label, council, created=True)
    told = changes.exclude(action__in=(Change.Action.CREATE, Change.Action.REMOVE)).values_list(
        "object_id", "label", "council_id", "move", Cast("fields", TextField())
    )
    for pk, label, council, move, fields in told.iterator(chunk_size=AT_ONCE):
        row = rows.setdefault(pk, Row(pk, label, council))
        if move:
            row.moves.add(move)
        for name, (old, new, old_label, new_label) in bulk.from_json(fields).items():
            first = row.fields.get(name)
            row.fields[name] = [first[0] if first else old, new, first[2] if first else old_label, new_label]
    return dict(reversed(rows.items()))


def _sort(made: Plan, part: Part, rows: Mapping[int, Row]) -> None:
    """Say of each row whether it goes back, goes away, or stays and why."""
    later: dict[int, list[Change]] = defaultdict(list)
    for change in _later(made.deed, part.kind).select_related("change_set"):
        later[change.object_id].append(change)
        part.later.append(change.pk)
    names = sorted({name for row in rows.values() for name in row.fields if not row.created})
    if _column(part.model, "council"):
        names = sorted({*names, "council"})
    current = _current(part.model, rows, [name for name in names if _column(part.model, name)])
    beside = undoables().get(part.kind)
    proven = beside.proven if beside else frozenset()
    for pk, row in rows.items():
        standing = _standing(made.deed, later.get(pk, ()))
        if pk not in current:
            if not row.created:
                made.left.append(row.left(part.kind, GONE, row.fields))
        elif _is_of_another(row, current[pk]):
            made.left.append(row.left(part.kind, OF_ANOTHER))
        elif row.moves & proven:
            made.left.append(row.left(part.kind, HAS_EVIDENCE, row.fields))
        elif row.created and standing:
            last = max(standing.values(), key=lambda change: change.pk)
            made.left.append(row.left(part.kind, CHANGED, standing.keys() - {""}, last))
        elif row.created:
            part.remove.append(row)
        else:
            _keep_what_goes_back(made, part, row, standing, current[pk])
    _drop_what_points_nowhere(made, part)


def _is_of_another(row: Row, current: Mapping[str, Any]) -> bool:
    """Whether it went to another council since: what that one did with it is not told, nor written over."""
    _, council, *_ = row.fields.get("council", (None, row.council_id))
    return current.get("council", council) != council


def _later(deed: ChangeSet, kind: str) -> models.QuerySet[Change]:
    """What happened afterwards to the rows of a deed, in order."""
    own = Change.objects.filter(change_set=deed, kind=kind)
    first = own.aggregate(first=models.Min("pk"))["first"] or 0
    after = Change.objects.filter(kind=kind, pk__gt=first, object_id__in=own.values("object_id"))
    return after.exclude(change_set=deed).order_by("pk")


def _standing(deed: ChangeSet, later: Iterable[Change]) -> dict[str, Change]:
    """The last later change of each field, "" where it has none; what was undone does not count, nor its undoing."""
    stacks: dict[str, list[Change]] = defaultdict(list)
    for change in later:
        undone = change.change_set.undoes_id
        for name in change.fields or ("",):
            stack = stacks[name]
            if undone and stack and stack[-1].change_set_id == undone:
                stack.pop()
            elif undone != deed.pk:
                stack.append(change)
    return {name: stack[-1] for name, stack in stacks.items() if stack}


def _current(model: type[models.Model], rows: Keys, names: list[str]) -> dict[int, dict[str, Any]]:
    """The rows as they are: {key: {field: value, "version"}}."""
    heads = [*names, *(["version"] if is_versioned(model) else [])]
    columns = [cast(models.Field, model._meta.get_field(name)).attname for name in heads]
    keys, current = sorted(rows), {}
    for start in range(0, len(keys), AT_ONCE):
        held = model._base_manager.filter(pk__in=keys[start : start + AT_ONCE])
        for pk, *values in held.values_list("pk", *columns):
            current[pk] = dict(zip(heads, values, strict=True))
    return current


def _keep_what_goes_back(
    made: Plan, part: Part, row: Row, standing: Mapping[str, Change], current: Mapping[str, Any]
) -> None:
    """Leave of a row what goes back to its old value. A move goes back whole or not at all."""
    staying: dict[str, tuple[str, Change | None]] = {}
    for name, (old, new, *_) in list(row.fields.items()):
        column = _column(part.model, name)
        if name == SAID and column is None:
            del row.fields[name]
        elif name in standing:
            staying[name] = CHANGED, standing[name]
        elif column is None and not is_link(part.model, name):
            staying[name] = NOT_A_COLUMN, None
        elif column is not None and current[name] == as_held(column, old):
            del row.fields[name]
        elif column is not None and current[name] != as_held(column, new):
            staying[name] = CHANGED, None
    if row.moved and any(why == CHANGED for why, _ in staying.values()):
        last = max(
            (change for _, change in staying.values() if change), key=lambda each: each.pk, default=None
        )
        made.left.append(row.left(part.kind, CHANGED, row.fields, last))
        return
    for name, (why, change) in staying.items():
        made.left.append(row.left(part.kind, why, [name], change))
        del row.fields[name]
    if row.fields:
        row.version = current.get("version")
        part.restore.append(row)


def _taken(deed: ChangeSet, part: Part) -> dict[int, Change]:
    """Which of the rows that the deed has moved somebody has taken since, and by which change."""
    found: dict[int, Change] = {}
    for slot in settings.TAKEN_SINCE if part.moved else ():
        found |= import_string(slot)(deed, part.kind, part.moved)
    return found


def _keep_what_is_taken(made: Plan, part: Part) -> None:
    """Leave where it is what the deed has moved to where others have taken it from since."""
    part.moved = sorted(row.pk for row in part.restore if row.moved)
    taken = _taken(made.deed, part)
    part.taken = sorted(taken)
    for row in part.restore:
        if row.pk in taken:
            made.left.append(row.left(part.kind, TAKEN_SINCE, row.fields, taken[row.pk]))
    part.restore = [row for row in part.restore if row.pk not in taken]


def _keep_evidence(made: Plan, part: Part) -> None:
    """Let evidence be that the deed has left, and what it is evidence of."""
    beside = undoables().get(part.kind)
    if beside is None or not beside.evidence:
        return
    column: Any = part.model._meta.get_field(beside.along)
    told = _current(part.model, [row.pk for row in part.remove], [beside.along])
    proven = {each[beside.along] for each in told.values()}
    made.left += [row.left(part.kind, EVIDENCE) for row in part.remove]
    part.remove = []
    for other in made.parts:
        if other.model is column.related_model:
            kept = [row for row in other.restore if row.pk in proven]
            made.left += [row.left(other.kind, HAS_EVIDENCE, row.fields) for row in kept]
            other.restore = [row for row in other.restore if row.pk not in proven]


def _keep_what_tells_of_others(made: Plan, part: Part) -> None:
    """Let rows be that tell of a row which is not given back: new ones, and those that changed with it."""
    beside = undoables().get(part.kind)
    if beside is None or not beside.along:
        return
    column: Any = part.model._meta.get_field(beside.along)
    stays = {left.object_id for left in made.left if left.kind == column.related_model._meta.label_lower}
    in_part = {row.pk for other in made.parts if other.model is column.related_model for row in other.restore}
    told = _current(part.model, [row.pk for row in [*part.remove, *part.restore]], [beside.along])
    new = {row.pk for row in part.remove if told[row.pk][beside.along] in stays}
    old = {row.pk for row in part.restore if told[row.pk][beside.along] in stays - in_part}
    made.left += [row.left(part.kind, TELLS_OF_ANOTHER) for row in part.remove if row.pk in new]
    made.left += [row.left(part.kind, TELLS_OF_ANOTHER, row.fields) for row in part.restore if row.pk in old]
    part.remove = [row for row in part.remove if row.pk not in new]
    part.restore = [row for row in part.restore if row.pk not in old]


def _drop_what_points_nowhere(made: Plan, part: Part) -> None:
    """Leave values alone whose old value was a row that is there no more."""
    relations = {name: _column(part.model, name) for row in part.restore for name in row.fields}
    for name, column in relations.items():
        if column is None or not column.is_relation:
            continue
        wanted = {row.fields[name][0] for row in part.restore if name in row.fields} - {None}
        held = set(_current(column.related_model, wanted, []))  # type: ignore[arg-type]
        for row in part.restore:
            if name in row.fields and row.fields[name][0] not in held | {None}:
                made.left.append(row.left(part.kind, POINTS_NOWHERE, [name]))
                del row.fields[name]
    part.restore = [row for row in part.restore if row.fields]


def is_versioned(model: type[models.Model]) -> bool:
    """Whether rows of the model count their own changes."""
    return any(each.name == "version" for each in model._meta.concrete_fields)


def is_link(model: type[models.Model], name: str) -> bool:
    return any(each.name == name for each in model._meta.many_to_many)


def _column(model: type[models.Model], name: str) -> Any:
    """The column that a field of history is, None for what is none."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if getattr(found, "concrete", False) and not found.many_to_many else None


def as_held(column: Any, value: Any) -> Any:
    """A value of history as the database gives it."""
    return value if value is None or column.is_relation else column.to_python(value)
