"""Which row of ours each row of a sheet is, and what it would change: worked out for all rows at once.

Only rows of the import's own council are looked at, so a row of another council cannot even be noticed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from servicedesk.history.recording import as_json
from servicedesk.people.models import Council
from servicedesk.spreadsheets.kinds import Field, Key, Kind
from servicedesk.spreadsheets.models import ImportRow
from servicedesk.spreadsheets.staging import Check, StagedRow, fold
from servicedesk.spreadsheets.values import Context, clean

Action = ImportRow.Action
Found = tuple[int, Any, str]
"""A row of ours under one key: its id, what tells it apart, and the key as it is written."""
AT_ONCE = 5000


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
            answers[written] = list(found) if found else [None, written] if kind in check.create else None
        if answers[written]:
            row.values[name] = answers[written]
        else:
            del row.values[name]
            check.problem(row, name, "look_up_unknown", written)


def match(rows: Sequence[StagedRow], check: Check) -> None:
    """Say of each row which of ours it is, if any, and refuse rows that cannot be told."""
    index = Index(check.kind, check.council)
    seen: dict[tuple[str, str], list[tuple[Any, int]]] = {}
    taken: dict[int, int] = {}
    for row in rows:
        keys = _keys(row, check.kind)
        if not check.kind.gather:
            _refuse_second(row, keys, seen, check)
        if not keys:
            check.problem(row, check.kind.keys[0].name, "nothing_to_match_on")
        elif not row.problems or not row.refused:
            _place(row, keys, index, check)
        if row.target is not None and taken.setdefault(row.target, row.number) != row.number:
            check.problem(row, keys[0][0].name, "duplicate_in_file", f"row {taken[row.target]}")


def _keys(row: StagedRow, kind: Kind) -> list[tuple[Key, str, Any]]:
    """The keys that a row has: each with its value and what tells it apart."""
    found: list[tuple[Key, str, Any]] = []
    for key in kind.keys:
        value = row.values.get(key.name)
        if value is not None and not (key.last and found):
            apart = row.values.get(key.told_apart_by) if key.told_apart_by else None
            found.append((key, value, apart))
    return found


def _refuse_second(row: StagedRow, keys: list, seen: dict, check: Check) -> None:
    """Of rows that say the same key, the first counts."""
    for key, value, apart in keys:
        others = seen.setdefault((key.name, value), [])
        for other, number in others:
            if _alike(apart, other):
                check.problem(row, key.name, "duplicate_in_file", f"{value} (row {number})")
                break
        others.append((apart, row.number))


def _alike(one: Any, other: Any) -> bool:
    """Whether nothing tells two rows of one key apart: a blank matches anything."""
    return one is None or other is None or one == other


class Index:
    """The keys of the council's rows, read in one query."""

    def __init__(self, kind: Kind, council: Council):
        names = [name for key in kind.keys for name in (key.name, key.told_apart_by) if name]
        attnames = list(dict.fromkeys(kind.column(name).attname for name in names))
        self.found: dict[str, dict[str, list[Found]]] = {key.name: defaultdict(list) for key in kind.keys}
        held = kind.model._default_manager.filter(council=council).values_list("pk", *attnames)
        places = [
            (self.found[key.name], attnames.index(key.name) + 1, self._apart(kind, key, attnames))
            for key in kind.keys
        ]
        for values in held.iterator(chunk_size=AT_ONCE):
            for found, at, apart in places:
                if values[at]:
                    found[values[at].casefold()].append(
                        (values[0], values[apart] if apart else None, values[at])
                    )

    @staticmethod
    def _apart(kind: Kind, key: Key, attnames: list[str]) -> int:
        return attnames.index(kind.column(key.told_apart_by).attname) + 1 if key.told_apart_by else 0

    def candidates(self, key: Key, value: str, apart: Any) -> frozenset[int]:
        """Our rows with this key: those written exactly so, else those that differ in case alone."""
        held = self.found[key.name].get(value.casefold())
        if not held:
            return frozenset()
        told = apart[0] or -1 if isinstance(apart, list) else apart
        found = [each for each in held if _alike(told, each[1])]
        found = [each for each in found if each[2] == value] or found
        found = [each for each in found if each[1] == told] or found
        return frozenset(each[0] for each in found)


def _place(row: StagedRow, keys: list, index: Index, check: Check) -> None:
    """Find the one row of ours that all the keys agree on."""
    for key, value, apart in keys:
        candidates = index.candidates(key, value, apart)
        if row.target is not None:
            if candidates and row.target not in candidates:
                check.problem(row, key.name, "keys_disagree", value)
        elif len(candidates) == 1:
            row.target = next(iter(candidates))
        elif candidates:
            check.problem(row, key.name, "matches_several", value)
            row.action = Action.AMBIGUOUS
            return


def compare(rows: Sequence[StagedRow], check: Check) -> None:
    """Decide what becomes of each row: created, changed and how, left, or refused."""
    current = current_rows(
        check.kind, {row.target for row in rows if row.target is not None and not row.refused}
    )
    for row in rows:
        if row.action or row.refused:
            row.action = row.action or Action.ERROR
            continue
        there = current.get(row.target) if row.target is not None else None
        sheet_version = row.values.pop("version", None)
        if there is None:
            check.kind.settle(row, None, check)
            row.action = Action.CREATE
        elif check.kind.updates:
            row.version = there["version"]
            row.changes = _changes(row, there, check)
            check.kind.settle(row, there, check)
            row.action = Action.UPDATE if row.changes else Action.UNCHANGED
            if row.changes and sheet_version is not None and sheet_version < row.version:
                check.problem(row, "version", "stale_version", f"{sheet_version} (now {row.version})")
        else:
            row.action = Action.UNCHANGED
        if row.refused:
            row.action = Action.ERROR
    _refuse_clashes(rows, current, check)


def _refuse_clashes(rows: Sequence[StagedRow], current: Mapping[int, Mapping], check: Check) -> None:
    """Refuse updates of what tells equal keys apart, such as the maker, that would make two rows of ours alike."""
    updates = [(row, row.target) for row in rows if row.action == Action.UPDATE and row.target is not None]
    for key in check.kind.keys:
        moved = [
            (row, target) for row, target in updates if row.changes.get(key.told_apart_by, [None, None])[1]
        ]
        found = Index(check.kind, check.council).found[key.name] if moved else {}
        taken: set[tuple[str, int]] = set()
        for row, target in moved:
            value = row.values.get(key.name) or current[target][key.name]
            apart = row.changes[key.told_apart_by][1]
            others = {pk for pk, held, _ in found.get(value.casefold(), ()) if held == apart} - {target}
            if value and (others or (value, apart) in taken):
                check.problem(row, key.name, "keys_disagree", value)
                row.action = Action.ERROR
            taken.add((value, apart))


def current_rows(kind: Kind, targets: set[int]) -> dict[int, dict[str, Any]]:
    """Our rows as they are now: {id: {field: value, "field label": how a related row reads, "version"}}."""
    if not kind.updates:
        return {pk: {} for pk in targets}
    heads = ["version", *(each.name for each in kind.columns), *kind.derived]
    labels = [each for each in kind.columns if each.label]
    columns = [kind.column(name).attname for name in heads] + [each.label for each in labels]
    heads += [f"{each.name} label" for each in labels]
    wanted, current = sorted(targets), {}
    for start in range(0, len(wanted), AT_ONCE):
        held = kind.model._default_manager.filter(pk__in=wanted[start : start + AT_ONCE])
        for pk, *values in held.values_list("pk", *columns):
            current[pk] = dict(zip(heads, values, strict=True))
    return current


def _changes(row: StagedRow, there: Mapping[str, Any], check: Check) -> dict[str, list]:
    """{field: [old, new, old label, new label]} of what the row says otherwise; a blank cell says nothing."""
    changes = {}
    for name, new in row.values.items():
        if name in there:
            change = changed(check.kind, name, there, new)
            if change:
                changes[name] = change
    return changes


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
