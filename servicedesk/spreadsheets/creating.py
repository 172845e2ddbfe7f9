"""The new rows of an import, with their history and their place in the search, made ready before they are written.

Made column by column from the rows as they are packed, because a hundred thousand dictionaries would cost more than
all the writing. What is made is what `history.recording` and `search.index` would have made of each row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

import orjson
from django.db.models import DateTimeField, Field, Model

from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import as_json, recorded_fields
from servicedesk.search import later
from servicedesk.search.index import as_kept
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.stored_rows import Block

Columns = tuple[int, dict[str, list]]
"""So many rows, and their values by field."""
Created = dict[tuple[str, bytes], int]
"""The keys of what was created for rows: {(field, what it said): key}."""

TOLD = ["label", "fields"]


class Creation:
    """The new rows of one import. `parts()` gives their values, as often as it is asked; `council` is how the council
    reads, as it is called now unless said."""

    def __init__(
        self, started: Import, now: datetime, parts: Callable[[], Iterable[Columns]], *, council: str = ""
    ):
        self.started, self.kind, self.parts = started, started.kind_of_row, parts
        kind = self.kind
        self.ready: dict[type[Model], bulk.Ready] = {}
        self.columns: dict[str, Field] = {
            field.name: field
            for field in kind.model._meta.concrete_fields
            if not (field.generated or field.primary_key)
        }
        self.usual: dict[str, Any] = {name: field.get_default() for name, field in self.columns.items()}
        if kind.has_council:
            self.usual["council"] = [started.council_id, council or str(started.council)]
        self.usual |= dict.fromkeys(kind.stamped or (), now)
        self.followed = {field.name: dict(field.flatchoices) for field in recorded_fields(kind.model)}
        self.moments = [name for name, field in self.columns.items() if isinstance(field, DateTimeField)]

    def make_ready(self, *, history_follows: bool) -> None:
        """Make everything of the rows that does not need their keys, without the history that follows them."""
        model = self.kind.model
        self.ready[model] = bulk.Ready(model, list(self.columns), self._rows)
        if not history_follows:
            self.ready[Change] = bulk.Ready(Change, TOLD, self._changes)
        if not later.is_for_later(model, self.started.counts["create"]):
            self.ready[SearchDocument] = bulk.Ready(SearchDocument, ["text"], self._documents)

    def write(self, deed: ChangeSet, keys: Sequence[int]) -> None:
        """Write them, with these keys."""
        model = self.kind.model
        self.ready[model].insert({}, ("id", keys))
        if Change in self.ready:
            self.ready[Change].insert(self._told_of_all(deed), ("object_id", keys))
        if SearchDocument in self.ready:
            self.ready[SearchDocument].insert({"kind": model._meta.label_lower}, ("object_id", keys))
        else:
            later.put_off(model, keys[0], keys[-1])

    def history(self, deed: ChangeSet) -> tuple[list[str], list[tuple]]:
        """The names and values of what history says of them, but for the keys of the rows and of the lines."""
        given = self._told_of_all(deed)
        return [*TOLD, *given], [(*each, *given.values()) for each in self._changes()]

    def drop(self) -> None:
        for ready in self.ready.values():
            ready.drop()

    def _told_of_all(self, deed: ChangeSet) -> dict[str, Any]:
        return {
            "change_set": deed.pk,
            "kind": self.kind.model._meta.label_lower,
            "council_id": self.started.council_id if self.kind.has_council else None,
            "action": Change.Action.CREATE.value,
            "move": "",
            "version": 1 if "version" in self.columns else None,
        }

    def _whole(self) -> Iterator[Columns]:
        """Every part, with moments as moments."""
        for count, columns in self.parts():
            for name in self.moments:
                if name in columns:
                    columns[name] = list(map(_moment, columns[name]))
            yield count, columns

    def _rows(self) -> Iterator[tuple]:
        for count, columns in self._whole():
            yield from zip(*(self._column(name, columns, count) for name in self.columns), strict=True)

    def _column(self, name: str, columns: Mapping[str, list], count: int) -> Iterable[Any]:
        """One column of the table: what the rows say, else what is usual."""
        usual = _key(self.usual[name])
        own = columns.get(name)
        if own is None:
            return repeat(usual, count)
        return [usual if value is None else value[0] if type(value) is list else value for value in own]

    def _readings(self) -> Iterator[dict[str, Any]]:
        """Every row as hooks of its kind read it."""
        for count, columns in self._whole():
            names = list({**self.columns, **columns})
            filled = [_filled(columns.get(name), self.usual.get(name), count) for name in names]
            for values in zip(*filled, strict=True):
                yield dict(zip(names, values, strict=True))

    def _changes(self) -> Iterator[tuple]:
        titles = (self.kind.title(values)[:200] for values in self._readings())
        yield from zip(titles, self._histories(), strict=True)

    def _histories(self) -> Iterator[orjson.Fragment]:
        """What history keeps of each row: the fields that say something, put together from texts made once."""
        usual = {
            name: first_words(name, self.usual[name], choices) for name, choices in self.followed.items()
        }
        for count, columns in self._whole():
            same = [words for name, words in usual.items() if words and name not in columns]
            own = [
                _words_of(name, column, self.followed[name], usual[name])
                for name, column in columns.items()
                if name in self.followed
            ]
            ending = ",".join(same)
            for words in zip(*own, strict=True) if own else repeat((), count):
                told = ",".join([each for each in words if each])
                yield orjson.Fragment(f"{{{told}{',' if told and ending else ''}{ending}}}")

    def _documents(self) -> Iterator[tuple[str]]:
        for values in self._readings():
            yield (as_kept(self.kind.search_text(values)),)


def with_created(name: str, value: Any, created: Created) -> Any:
    """A value of a field, with the key of what was created for it."""
    if type(value) is list and value[0] is None:
        return [created.get((name, orjson.dumps(value))), *value[1:]]
    return value


def columns_of(block: Block, created: Created) -> Columns:
    """The values of packed rows, with the keys of what was created for them."""
    columns = block.columns
    if created:
        columns = {
            name: [with_created(name, value, created) for value in column] for name, column in columns.items()
        }
    return len(block.numbers), columns


def _filled(column: list | None, usual: Any, count: int) -> Iterable[Any]:
    """A column with what is usual where it says nothing."""
    if column is None:
        return repeat(usual, count)
    return [usual if value is None else value for value in column] if None in column and usual else column


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _key(value: Any) -> Any:
    return value[0] if type(value) is list else value


def _words_of(name: str, column: Sequence[Any], choices: Mapping[Any, str], usual: str) -> list[str]:
    """One column as history tells it; each different value is put into words once."""
    words: dict[Any, str] = {None: usual, "": usual}
    told = []
    for value in column:
        if type(value) is dict:
            told.append(first_words(name, value, choices))
            continue
        key = (value[0], value[1]) if type(value) is list else value
        found = words.get(key)
        if found is None:
            found = words[key] = first_words(name, value, choices)
        told.append(found)
    return told


def first_words(name: str, value: Any, choices: Mapping[Any, str]) -> str:
    """A field of a new row as history keeps it: "name":[null,value,"",how it reads], or "name":[value] of what
    reads as it is; nothing of one that is blank.
    """
    if value is None or value == "" or value == {}:
        return ""
    if type(value) is list:
        if value[0] is None:
            return ""
        first = [None, value[0], "", value[1]]
    elif isinstance(value, str):
        first = [None, value, "", choices[value]] if value in choices else [value]
    else:
        kept, reads = as_json(value), str(choices.get(value, value) if choices else value)
        first = [kept] if str(kept) == reads else [None, kept, "", reads]
    return f"{orjson.dumps(name).decode()}:{orjson.dumps(first).decode()}"
