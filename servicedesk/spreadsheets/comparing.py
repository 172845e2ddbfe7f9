"""What each matched row would change, worked out for many at once, and never over what somebody else has changed."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import CharField, TextField

from servicedesk.history.models import Change
from servicedesk.history.recording import as_json
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.matching import Matching, begin_to_find_unchanged, changed, current_rows
from servicedesk.spreadsheets.models import Action
from servicedesk.spreadsheets.staging import Check, StagedRow

AT_ONCE = 5000
NOTHING_THERE = object()
UNUSED = "evidence_unused"
"""That no move of a row takes what it says. Of a row that is held back nobody knows yet."""
YOURS, THEIRS, BEFORE = "yours", "theirs", "before"
WHOSE = (YOURS, THEIRS, BEFORE)
Before = dict[int, list[tuple[int, dict[str, list]]]]
"""What changed of rows: {key: [(version after it, fields), …]}, the oldest first."""


class Comparing:
    """Decides what becomes of each row: created, changed and how, left, or refused. Given them part by part.

    What `begin` returns ends it: between the two, PostgreSQL reads what the rows are compared with.
    """

    def __init__(self, check: Check, matching: Matching):
        self.check, self.kind, self.index = check, check.kind, matching.index
        self.taken: dict[str, set[tuple[str, int]]] = defaultdict(set)

    def begin(self, rows: Sequence[StagedRow]) -> Callable[[], None]:
        for row in rows:
            if row.refused:
                row.action = row.action or Action.ERROR
            elif row.target is not None and not row.action and not self._may_change(row):
                row.action = Action.UNCHANGED
        good = [row for row in rows if not row.action]
        aimed = [row for row in good if row.target is not None]
        unchanged = begin_to_find_unchanged(self.kind, aimed)
        return lambda: self._end(rows, good, aimed, unchanged())

    def _end(
        self,
        rows: Sequence[StagedRow],
        good: Sequence[StagedRow],
        aimed: Sequence[StagedRow],
        same: dict[int, int | None],
    ) -> None:
        current = current_rows(self.kind, {row.target for row in aimed if row.target} - same.keys())
        since = self._since(good, current)
        for row in good:
            if row.target in same:
                row.action, row.version = Action.UNCHANGED, same[row.target]
                continue
            self._decide(row, current.get(row.target) if row.target is not None else None, since)
            if row.refused:
                row.action = Action.STALE if row.told else Action.ERROR
        self._refuse_clashes(rows, current)
        for row in rows:
            if row.refused:
                row.problems = [each for each in row.problems if each["code"] != UNUSED]

    def _may_change(self, row: StagedRow) -> bool:
        """Whether a row changes what is there already, or leaves it as it is."""
        deeds = self.kind.deeds
        return self.kind.updates and (not deeds or bool(self.check.by) or deeds.known_by in row.values)

    def _decide(self, row: StagedRow, there: Mapping[str, Any] | None, since: Before) -> None:
        sheet_version = row.values.pop("version", None)
        if there is None:
            self.kind.settle(row, None, self.check)
            row.action = Action.CREATE
        else:
            row.version = there["version"]
            joined = self.kind.join(row, there, self.check) if self.kind.join else {}
            row.changes = self._changes(row, there) | joined
            if row.changes and sheet_version is not None and sheet_version < there["version"]:
                self._heed_others(row, there, sheet_version, since.get(row.target or 0, []))
            if row.changes or self.kind.deeds:
                self.kind.settle(row, there, self.check)
            row.action = Action.UPDATE if row.changes else Action.UNCHANGED

    def _changes(self, row: StagedRow, there: Mapping[str, Any]) -> dict[str, list]:
        """{field: [old, new, old label, new label]} of what the row says otherwise; a blank cell says nothing."""
        changes = {}
        policies = self.check.policies
        for name, new in row.values.items():
            old = there.get(name, NOTHING_THERE)
            if old == new or old is NOTHING_THERE:
                continue
            if type(new) is list and old == new[0] and old is not None:
                continue
            change = changed(self.kind, name, there, new)
            if change and not (policies and self._is_kept(name, there)):
                changes[name] = change
        for name in row.clears - self.check.hidden:
            if name in there and not (policies and self._is_kept(name, there)):
                self._clear(row, name, there, changes)
        return changes

    def _is_kept(self, name: str, there: Mapping[str, Any]) -> bool:
        """Whether what we have stays, whatever the file says."""
        policy = self.check.policies.get(name, "overwrite")
        return policy == "never" or (policy == "fill" and there[name] not in (None, ""))

    def _clear(self, row: StagedRow, name: str, there: Mapping[str, Any], changes: dict[str, list]) -> None:
        """Empty a field whose cell says "(clear)", where it may be empty."""
        if there[name] in (None, ""):
            return
        empty = emptied(self.kind, name)
        if empty is NOTHING_THERE:
            self.check.problem(row, name, "cannot_be_cleared")
            return
        old, label = as_json(there[name]), there.get(f"{name} label")
        reads = label or str(self.kind.choices(name).get(there[name], there[name]))
        changes[name] = [old, empty, reads, ""]

    def _since(self, rows: Sequence[StagedRow], current: Mapping[int, Mapping]) -> Before:
        """What was changed of the rows whose sheet is older than they are, since that sheet was made."""
        oldest: dict[int, int] = {
            row.target: row.values["version"]
            for row in rows
            if row.target is not None
            and row.target in current
            and "version" in row.values
            and row.values["version"] < current[row.target].get("version", 0)
        }
        since: Before = defaultdict(list)
        keys = sorted(oldest)
        for start in range(0, len(keys), AT_ONCE):
            held = Change.objects.filter(
                kind=self.kind.model._meta.label_lower,
                object_id__in=keys[start : start + AT_ONCE],
                version__gt=min(oldest.values()),
            )
            for key, version, fields in held.order_by("pk").values_list("object_id", "version", "fields"):
                if version and version > oldest[key]:
                    since[key].append((version, fields))
        return since

    def _heed_others(
        self, row: StagedRow, there: Mapping[str, Any], sheet_version: int, since: list[tuple[int, dict]]
    ) -> None:
        """Of fields that somebody else has changed since the sheet was made, those that the sheet changes too wait
        for a choice; the others keep their new values."""
        before = _before(since, sheet_version, there["version"], row.changes)
        choices = self.check.choices
        whose = choices.get("rows", {}).get(str(row.number), {}).get("stale") or choices.get("stale")
        for name in [name for name in row.changes if name in before]:
            old, new, theirs, yours = row.changes[name]
            if new == before[name][0]:
                del row.changes[name]  # the sheet says what stood there: it was not edited
            elif old == before[name][0]:
                continue  # it was changed and changed back
            elif whose == YOURS:
                continue
            elif whose == THEIRS:
                del row.changes[name]
            elif whose == BEFORE and before[name][0] is not NOTHING_THERE:
                row.changes[name] = [old, before[name][0], theirs, before[name][2]]
            else:
                row.told[name] = [yours, theirs, before[name][2]]
        if row.told:
            versions = f"{sheet_version} (now {there['version']})"
            message = f"The {self.kind.one} was changed after this file was exported ({versions})"
            self.check.problem(row, "version", "stale_version", versions, message=message)

    def _refuse_clashes(self, rows: Sequence[StagedRow], current: Mapping[int, Mapping]) -> None:
        """Refuse updates of what tells equal keys apart, such as the maker, that would make two rows of ours alike."""
        updates = [
            (row, row.target) for row in rows if row.action == Action.UPDATE and row.target is not None
        ]
        for row, target in updates if self.check.keys else ():
            self._refuse_what_is_another(row, target)
        for key in self.kind.keys:
            for row, target in updates:
                apart = row.changes.get(key.told_apart_by, [None, None])[1] if key.told_apart_by else None
                if not apart:
                    continue
                value = row.values.get(key.name) or current[target][key.name]
                found = self.index.found[key.name].get(value.casefold(), ())
                others = {pk for pk, held, _ in found if held == apart} - {target}
                if value and (others or (value, apart) in self.taken[key.name]):
                    self.check.problem(row, key.name, "keys_disagree", value)
                    row.action = Action.ERROR
                self.taken[key.name].add((value, apart))

    def _refuse_what_is_another(self, row: StagedRow, target: int) -> None:
        """Refuse a row that would get what another one of ours is known by: a key that nobody asked may gainsay too."""
        for key in self.kind.keys:
            if key.name in row.changes and not key.last and row.changes[key.name][1]:
                value, apart = row.changes[key.name][1], row.values.get(key.told_apart_by)
                if {*self.index.candidates(key, value, apart)} - {target}:
                    self.check.problem(row, key.name, "keys_disagree", value)
                    row.action = Action.DISAGREE


def _before(
    since: list[tuple[int, dict]], old: int, now: int, changes: Mapping[str, list]
) -> dict[str, list]:
    """The first change of each field since a version. Where history does not tell of every version between, every
    field that the sheet changes may have been changed, and nobody knows what stood there."""
    first: dict[str, list] = {}
    for _, fields in since:
        for name, change in fields.items():
            first.setdefault(name, change)
    if {version for version, _ in since} >= set(range(old + 1, now + 1)):
        return first
    return {name: [NOTHING_THERE, None, "", ""] for name in changes} | first


def emptied(kind: Kind, name: str) -> Any:
    """What an emptied field holds: None, or "" for text; NOTHING_THERE for one that may not be empty."""
    column = kind.column(name)
    if column.null:
        return None
    if isinstance(column, CharField | TextField) and column.blank:
        return ""
    return NOTHING_THERE
