"""Which row of ours each row of a sheet is, and what it would change: worked out for all rows at once.

Only rows of the import's own council are looked at, so a row of another council cannot even be noticed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import repeat
from typing import Any, cast

from django.db.models import DateTimeField, DecimalField, Model
from django.db.models import Field as Column
from django.utils import timezone

from servicedesk import bulk
from servicedesk.history.recording import as_json
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.columnwise import begin_to_read
from servicedesk.spreadsheets.kinds import Field, Key, Kind
from servicedesk.spreadsheets.models import Action
from servicedesk.spreadsheets.staging import Check, StagedRow, fold
from servicedesk.spreadsheets.values import Context, clean

Found = tuple[int, Any, str]
"""A row of ours under one key: its id, what tells it apart, and the key as it is written."""
NEW = -1
"""Stands for the key of what is still to be created."""


def look_up(
    rows: Iterable[StagedRow], name: str, known: Mapping[str, tuple[int, str]], check: Check, kind: str = ""
) -> None:
    """Turn what a field says into [id, words] by the `known` names, folded; `kind` is what may be created instead."""
    answers: dict[str, list | None] = {}
    for row in rows:
        written = row.values.get(name)
        if written is None:
            continue
        if written not in answers:
            found = known.get(fold(written))
            may_create = bool(kind) and check.may_create(kind, name, written)
            answers[written] = list(found) if found else [None, written] if may_create else None
        if answers[written]:
            row.values[name] = answers[written]
        else:
            del row.values[name]
            check.problem(row, name, "look_up_unknown", written)


def refuse_other_councils(rows: Iterable[StagedRow], check: Check) -> None:
    """A row that names another council is refused in the words for a council that does not exist."""
    own = {fold(check.council.code), fold(check.council.name)}
    for row in rows:
        written = row.values.pop("council", None)
        if written is not None and fold(written) not in own:
            check.problem(
                row,
                "council",
                "look_up_unknown",
                written,
                severity="error",
                message=f"“{written}” is not the council that this import is for",
                remedy=f"Enter {check.council.code}, or leave the row out",
            )


def is_elsewhere(row: StagedRow) -> bool:
    """Whether a row was refused for its council: it is not of this import, and takes nothing from a row that is."""
    return row.refused and any(each["field"] == "council" for each in row.problems)


class Matching:
    """Says of each row which of ours it is, if any, and refuses rows that cannot be told. Given them part by part."""

    def __init__(self, check: Check):
        self.check, self.kind = check, check.kind
        self.keys = ordered_keys(check.kind, check.keys)
        self.index = Index(check.kind, check.council, check.by)
        self.seen: dict[str, dict[str, list]] = {key.name: {} for key in self.keys}
        self.taken: dict[int, int] = {}
        self.chosen: Mapping[str, Any] = check.choices.get("rows", {})

    def match(self, rows: Iterable[StagedRow]) -> None:
        for row in rows:
            if is_elsewhere(row):
                continue
            keys = self._keys_of(row)
            if not self.kind.gather:
                self._refuse_second(row, keys)
            if not keys:
                self.check.problem(row, self.keys[0].name, "nothing_to_match_on", remedy=self._known_by())
            elif not row.problems or not row.refused:
                self._place(row, keys)
            if row.target is not None:
                first = self.taken.setdefault(row.target, row.number)
                if first != row.number:
                    self.check.problem(row, keys[0][0].name, "duplicate_in_file", f"row {first}")

    def _known_by(self) -> str:
        """What would say which row of ours one is."""
        names = [self.kind.by_name[key.name].heading.lower() for key in self.keys]
        return f"Enter the {' or the '.join(filter(None, [', the '.join(names[:-1]), names[-1]]))}"

    def _keys_of(self, row: StagedRow) -> list[tuple[Key, str, Any]]:
        """The keys that a row has: each with its value and what tells it apart."""
        found: list[tuple[Key, str, Any]] = []
        values = row.values
        for key in self.keys:
            value = values.get(key.name)
            if value is not None and not (key.last and found):
                apart = values.get(key.told_apart_by) if key.told_apart_by else None
                found.append((key, value, apart))
        return found

    def _refuse_second(self, row: StagedRow, keys: list) -> None:
        """Of rows that say the same key, whatever its case, the first counts; two of ours may differ in case alone."""
        for key, value, apart in keys:
            said = self.seen[key.name].setdefault(value.casefold(), [])
            for written, other, number in said:
                if _alike(apart, other) and (written == value or not self.index.holds(key, value)):
                    self.check.problem(row, key.name, "duplicate_in_file", f"{value} (row {number})")
                    break
            said.append((value, apart, row.number))

    def _place(self, row: StagedRow, keys: list) -> None:
        """Find the one row of ours that all the keys agree on: the first key that knows one decides, the others may not
        gainsay. Among several a person may have chosen."""
        for key, value, apart in keys:
            candidates = self.index.candidates(key, value, apart)
            if row.target is not None:
                if candidates and row.target not in candidates:
                    self.check.problem(row, key.name, "keys_disagree", value)
                    row.action = Action.DISAGREE
            elif len(candidates) == 1:
                row.target = candidates[0]
            elif candidates:
                row.target = self._chosen_of(row, candidates)
                if row.target is None:
                    self.check.problem(row, key.name, "matches_several", value)
                    row.action, row.candidates = Action.AMBIGUOUS, sorted(candidates)
                    return

    def _chosen_of(self, row: StagedRow, candidates: Sequence[int]) -> int | None:
        target = self.chosen.get(str(row.number), {}).get("target")
        return target if target in candidates else None


def ordered_keys(kind: Kind, wanted: Sequence[str]) -> tuple[Key, ...]:
    """The keys of a kind in the order that somebody wants; `last` is only a key that stands last."""
    if not wanted:
        return kind.keys
    by_name = {key.name: key for key in kind.keys}
    keys = [by_name[name] for name in wanted if name in by_name]
    return tuple(replace(key, last=key.last and at == len(keys) - 1) for at, key in enumerate(keys))


def _alike(one: Any, other: Any) -> bool:
    """Whether nothing tells two rows of one key apart: a blank matches anything."""
    return one is None or other is None or one == other


def _by_key(entries: Iterable[Found]) -> dict[str, tuple[Found, ...]]:
    """Rows by what is written, folded; most are alone under theirs."""
    written = [entry for entry in entries if entry[2]]
    folded = [entry[2].casefold() for entry in written]
    found: dict[str, tuple[Found, ...]] = dict(zip(folded, zip(written, strict=True), strict=True))
    if len(found) < len(written):
        found.clear()
        for key, entry in zip(folded, written, strict=True):
            found[key] = (*found.get(key, ()), entry)
    return found


class Index:
    """The keys of the council's rows that a sheet of this person may find, read in one query that is begun at once."""

    def __init__(self, kind: Kind, council: Council, by: Person | None = None):
        self.kind = kind
        names = [name for key in kind.keys for name in (key.name, key.told_apart_by) if name]
        self.attnames = list(dict.fromkeys(kind.column(name).attname for name in names))
        held = kind.found_by(by).filter(**kind.of_council(council))
        self._have = begin_to_read(held, ["pk", *self.attnames])

    @cached_property
    def _known(self) -> tuple[list[int], dict[str, dict[str, tuple[Found, ...]]]]:
        keys, *columns = self._have()
        del self._have  # and with it the texts
        held = dict(zip(self.attnames, columns, strict=True))

        def column(name: str | None) -> Iterable[Any]:
            return held[self.kind.column(name).attname] if name else repeat(None, len(keys))

        found = {
            key.name: _by_key(zip(keys, column(key.told_apart_by), column(key.name), strict=True))
            for key in self.kind.keys
        }
        return keys, found

    @property
    def keys(self) -> Sequence[int]:
        return self._known[0]

    @property
    def size(self) -> int:
        return len(self.keys)

    @property
    def found(self) -> dict[str, dict[str, tuple[Found, ...]]]:
        """Our rows by the name of each key and by what they hold there, folded."""
        return self._known[1]

    def holds(self, key: Key, value: str) -> bool:
        """Whether one of our rows has this key, written exactly so."""
        return any(each[2] == value for each in self.found[key.name].get(value.casefold(), ()))

    def candidates(self, key: Key, value: str, apart: Any) -> tuple[int, ...]:
        """Our rows with this key: those written exactly so, else those that differ in case alone."""
        held = self.found[key.name].get(value.casefold())
        if not held:
            return ()
        told = apart[0] or -1 if isinstance(apart, list) else apart
        if len(held) == 1:
            return (held[0][0],) if _alike(told, held[0][1]) else ()
        found = [each for each in held if _alike(told, each[1])]
        found = [each for each in found if each[2] == value] or found
        found = [each for each in found if each[1] == told] or found
        return tuple(each[0] for each in found)


def current_rows(kind: Kind, targets: set[int]) -> dict[int, dict[str, Any]]:
    """Our rows as they are now: {id: {field: value, "field label": how a related row reads, "version"}}."""
    if not targets:
        return {}
    names = ["version", *(each.name for each in kind.columns), *kind.derived]
    held = kind.model._default_manager.filter(bulk.Among("pk", targets)).order_by()
    rows = held.values_list("pk", *(kind.column(name).attname for name in names))
    current = {pk: dict(zip(names, values, strict=True)) for pk, *values in rows}
    for field in kind.columns:
        if field.label:
            reads = _reading(kind, field, {row[field.name] for row in current.values()} - {None})
            for row in current.values():
                row[f"{field.name} label"] = reads.get(row[field.name])
    return current


def _reading(kind: Kind, field: Field, keys: set[int]) -> dict[int, str]:
    """How the rows read that a field points at. Asked apart: joined, they would be looked at for all of ours."""
    if not keys:
        return {}
    related = cast(type[Model], kind.column(field.name).related_model)
    label = field.label.removeprefix(f"{field.name}__")
    return dict(related._base_manager.filter(bulk.Among("pk", keys)).order_by().values_list("pk", label))


def begin_to_find_unchanged(kind: Kind, rows: Iterable[StagedRow]) -> Callable[[], dict[int, int | None]]:
    """Begin to find, and return what finds, our rows of which these say nothing new, with their versions: most of a
    sheet that comes back. Of ours no more is read than the sheet says, and compared column by column."""
    goes_with = kind.deeds.goes_with if kind.deeds else ""
    told = {
        row.target: row.values
        for row in rows
        if row.target and not row.clears and not row.values.get(goes_with)
    }
    if not told:
        return dict
    said = set().union(*told.values())
    names = [name for name in (*(each.name for each in kind.columns), *kind.derived) if name in said]
    columns = [kind.column(name) for name in names]
    held = kind.model._default_manager.filter(bulk.Among("pk", told))
    have = begin_to_read(held, ["pk", "version", *(column.attname for column in columns)])

    def unchanged() -> dict[int, int | None]:
        keys, versions, *theirs = have()
        if not keys:
            return {}
        yours = zip(*[tuple(map(told[key].get, names)) for key in keys], strict=True)
        differ = set[int]()
        for column, olds, news in zip(columns, theirs, yours, strict=True):
            differ.update(_differing(column, olds, [*news]))
        found = enumerate(zip(keys, versions, strict=True))
        return {key: version for at, (key, version) in found if at not in differ}

    return unchanged


def _differing(column: Column, olds: list[Any], news: list[Any]) -> list[int]:
    """Where a column of ours reads otherwise than that of the sheet; a blank cell says nothing."""
    if column.is_relation:
        news = [new and (new[0] or NEW) for new in news]
    elif isinstance(column, DecimalField):
        news = [new and float(new) for new in news]
    elif isinstance(column, DateTimeField):
        olds = [old and _moment(old) for old in olds]
    if news == olds:
        return []
    pairs = enumerate(zip(olds, news, strict=True))
    return [at for at, (old, new) in pairs if old != new and new is not None]


def _moment(told: str) -> str:
    """A moment as history keeps it, from the text of a database, which means UTC where it names no zone."""
    moment = datetime.fromisoformat(told)
    return as_json(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def changed(kind: Kind, name: str, there: Mapping[str, Any], new: Any) -> list | None:
    """The change that a new value of a field would be, or None where the row says the same already."""
    old, field = there[name], kind.by_name[name]
    if field.label:
        reads = there[f"{name} label"] or ""
        same = old == new[0] if new[0] else fold(reads) == fold(new[1])
        return None if same else [old, new[0], reads, new[1]]
    if old == new or as_json(old) == new or _comes_back_as(old, new, field, kind):
        return None
    choices = kind.choices(name)
    old = as_json(old)
    return [old, new, _reads(old, choices), _reads(new, choices)]


def _comes_back_as(old: Any, new: Any, field: Field, kind: Kind) -> bool:
    """Whether a value of ours, written to a sheet and read again, is this: moments lose fractions and zone."""
    if isinstance(old, datetime):
        return _on_the_wall(old) == _on_the_wall(datetime.fromisoformat(new))
    return old is not None and as_json(clean(field.kind, old, Context(words=kind.words(field))).value) == new


def _on_the_wall(moment: datetime) -> datetime:
    return timezone.localtime(moment).replace(tzinfo=None, microsecond=0, fold=0)


def _reads(value: Any, choices: Mapping[str, str]) -> str:
    if value is None:
        return ""
    return choices.get(value, value) if choices else str(value)
