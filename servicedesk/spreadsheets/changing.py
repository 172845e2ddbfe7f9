"""The changed rows of an import, their history and their place in the search, made ready before they are written."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField

from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet
from servicedesk.search.index import as_kept
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.matching import current_rows
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.stored_rows import StoredRow

PART = 2_000
TOLD = ("object_id", "label", "action", "move", "fields", "version")
CHECK_AGAIN = "Nothing was imported. Check the rows again."


class Overtaken(Exception):
    """The register is no longer as it was when the rows were checked. The text is for the person."""


class Changing:
    """The changed rows of one import: what is written over what stood when they were checked."""

    def __init__(self, started: Import, kind: Kind, rows: Iterable[StoredRow], names: Iterable[str]):
        self.kind, self.council_id = kind, started.council_id if kind.has_council else None
        self.names = sorted(names)
        self.moments = {name for name in self.names if isinstance(kind.column(name), DateTimeField)}
        self.pointing = {field.name for field in kind.columns if field.label}
        self.keys: list[int] = []
        self.written: list[tuple] = []
        self.told: list[tuple] = []
        self.texts: list[tuple[int, str]] = []
        self.heeded: list[StoredRow] = []
        part: list[StoredRow] = []
        for row in rows:
            part.append(row)
            if len(part) == PART:
                self._add(part)
                part = []
        self._add(part)
        self.changes = bulk.Ready(Change, TOLD, lambda: self.told)
        # In one order, so that two writers of the same rows wait for one another rather than for ever.
        self.documents = bulk.Ready(SearchDocument, ("object_id", "text"), lambda: sorted(self.texts))

    def write(self, deed: ChangeSet) -> None:
        """Write them. Raises Overtaken where a row is no longer as it was."""
        kind = self.kind.model._meta.label_lower
        bulk.hold(self.kind.model, self.keys)  # with what is written later, by moves
        if bulk.update(self.kind.model, self.names, self.written) != len(self.written):
            raise Overtaken(f"Some rows were changed by somebody just now. {CHECK_AGAIN}")
        self.changes.insert({"change_set": deed.pk, "kind": kind, "council_id": self.council_id})
        self.documents.insert({"kind": kind}, unique=("kind", "object_id"))

    def drop(self) -> None:
        self.changes.drop()
        self.documents.drop()

    def _add(self, rows: list[StoredRow]) -> None:
        current = current_rows(self.kind, {row.target_id for row in rows if row.target_id is not None})
        for row in rows:
            there = current.get(row.target_id or 0)
            if there is None or there["version"] != row.target_version:
                raise Overtaken(
                    f"Row {row.number} was changed by somebody since the rows were checked. {CHECK_AGAIN}"
                )
            self._add_one(row, there)

    def _add_one(self, row: StoredRow, there: Mapping[str, Any]) -> None:
        changes, move, target = _with_created(row), row.values.get("move", ""), row.target_id or 0
        self.keys.append(target)
        if later := row.values.get("later"):
            self.heeded.append(row)
            move = ""  # which is told as it is made
            changes = {name: change for name, change in changes.items() if name not in later}
            if not changes:
                return
        new = {
            name: _moment(change[1]) if name in self.moments else change[1]
            for name, change in changes.items()
        }
        self.written.append(
            (target, row.target_version, *(new.get(name, there[name]) for name in self.names))
        )
        before = {**there, **{name: _pointed(there[name], there[f"{name} label"]) for name in self.pointing}}
        after = {**before, **{name: self._after(name, change) for name, change in changes.items()}}
        action = Change.Action.MOVE if move else Change.Action.UPDATE
        version = (row.target_version or 0) + 1
        self.told.append((target, self.kind.title(after)[:200], action, move, changes, version))
        if not later and (move or self.kind.heeds & changes.keys()):
            self.heeded.append(row)
        if (text := self.kind.search_text(after)) != self.kind.search_text(before):
            self.texts.append((target, as_kept(text)))

    def _after(self, name: str, change: list) -> Any:
        return _pointed(change[1], change[3]) if name in self.pointing else change[1]


def _pointed(key: Any, label: str) -> list | None:
    """What points at another row, as hooks of the kind read it."""
    return [key, label] if key else None


def names_changed(marks: Iterable[str]) -> Iterator[str]:
    """The fields that packed rows say they change."""
    for mark in marks:
        kind, _, name = mark.partition(":")
        if kind == "changes":
            yield name


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _with_created(row: StoredRow) -> dict[str, list]:
    """The changes of a row, with the keys of what was created for it."""
    for name, change in row.changes.items():
        value = row.values.get(name)
        if type(value) is list and change[1] is None and change[3]:
            change[1] = value[0]
    return row.changes
