"""What can be brought in and taken out by spreadsheet. A kind is a declaration; higher apps make them.

Settings name them in SPREADSHEET_KINDS. `importing` and `exporting` do the same for every kind: read, find the
columns, clean, match within the council, compare, write in sets, record. What a kind alone knows stands in its hooks.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import connection
from django.db.models import Field as Column
from django.db.models import Model
from django.utils.module_loading import import_string

from servicedesk.people.access import councils_of, may
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.headers import Synonyms
from servicedesk.spreadsheets.words import plain

LONGEST_TEXT = 32_767
CODED = ("coded", "status", "category")

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from servicedesk.history.models import ChangeSet
    from servicedesk.people.models import Council, Person
    from servicedesk.spreadsheets.applying import GoodRow
    from servicedesk.spreadsheets.staging import Check, StagedRow


@dataclass(frozen=True)
class Field:
    """One column of a kind's sheets.

    `name` is the column of the model that it fills, and what mappings call it; with `serves` it fills none and only
    helps to find or to check. `known_as` is its name among the synonyms, `heading` what exports write. `label` is the
    path to how a related row reads, `words` what further words a coded value goes by.
    """

    name: str
    heading: str
    kind: str = "text"
    known_as: str = ""
    label: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    serves: bool = False


@dataclass(frozen=True)
class Key:
    """What a row is recognised by: a field, and perhaps one that tells equal values apart where both have it.

    A `last` key counts only for rows that have none of the keys before it.
    """

    name: str
    told_apart_by: str = ""
    last: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of row.

    gather(table, columns) -> indexes     which rows of the table are looked at; None: all of them
    interpret(rows, check)                turn cleaned words into rows of ours, before matching
    settle(row, current, check)           the kind's rules on a row that is matched (`current`) or new (None)
    complete(rows, deed, council)         give rows about to be written what they still lack: what they point at
    filtered(person, filters)             the rows that the person may see and that pass filters; None: not exported
    title(values), search_text(values)    how a row reads in history, and what a search finds it by

    Values are those of a row on its way: what points at another row is [id, words]. `derived` names columns that the
    rules read or set and no sheet can; a `move` among the values of a row is how its state changes. `updates` is
    False where a row that is there already is left as it is.
    """

    code: str
    one: str
    many: str
    model: type[Model]
    permission: Permission | None
    synonyms: Synonyms
    fields: tuple[Field, ...]
    keys: tuple[Key, ...]
    interpret: "Callable[[Sequence[StagedRow], Check], None]"
    settle: "Callable[[StagedRow, Mapping[str, Any] | None, Check], None]"
    complete: "Callable[[Sequence[GoodRow], ChangeSet, Council], None]"
    title: Callable[[Mapping[str, Any]], str]
    search_text: Callable[[Mapping[str, Any]], str]
    gather: Callable[..., list[int]] | None = None
    filtered: "Callable[[Person, Mapping[str, Any]], QuerySet] | None" = None
    derived: tuple[str, ...] = ()
    creatable: tuple[str, ...] = ()
    updates: bool = True

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by their name and by the name that the synonyms know them by."""
        return {each.known_as: each for each in self.fields if each.known_as} | {
            each.name: each for each in self.fields
        }

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """The fields that fill a column of the model."""
        return tuple(each for each in self.fields if not each.serves)

    def column(self, name: str) -> Column:
        return cast(Column, self.model._meta.get_field(name))

    def choices(self, name: str) -> dict[str, str]:
        """How the codes of a field read."""
        return dict(self.column(name).flatchoices)

    def words(self, wanted: Field) -> dict[str, str]:
        """What a coded value may be written as: its code, as it reads here, and the field's further words."""
        if wanted.kind not in CODED:
            return {}
        own = {word: code for code, reads in self.choices(wanted.name).items() for word in (code, reads)}
        return {plain(str(word)): code for word, code in {**wanted.words, **own}.items()}

    def limit(self, wanted: Field) -> int:
        """How long a text of this field may be."""
        if wanted.serves:
            return LONGEST_TEXT
        column = self.column(wanted.name)
        if wanted.label:
            related = cast(type[Model], column.related_model)
            column = cast(Column, related._meta.get_field(wanted.label.rpartition("__")[2]))
        return column.max_length or LONGEST_TEXT

    def bounds(self, wanted: Field) -> tuple[int, int] | None:
        """The least and the greatest whole number that its column holds, on any database; None for other columns."""
        if wanted.serves:
            return None
        return connection.ops.integer_field_ranges.get(self.column(wanted.name).get_internal_type())

    def hidden_from(self, person, council_id: int) -> frozenset[str]:
        """The fields of a council's rows that the person may not see. The system itself sees all."""
        guarded = getattr(self.model, "guarded_fields", {})
        return frozenset(
            name for name, needed in guarded.items() if person and not may(person, needed, council_id)
        )

    def may_import(self, person) -> frozenset[int]:
        """The councils that the person may import this kind for."""
        return councils_of(person, self.permission) if self.permission else frozenset()


def kinds() -> dict[str, Kind]:
    """Every kind there is, by its code."""
    found = [import_string(name) for name in settings.SPREADSHEET_KINDS]
    return {kind.code: kind for kind in found}


def kinds_for(person) -> list[Kind]:
    """The kinds that the person may import for some council."""
    return [kind for kind in kinds().values() if kind.may_import(person)]
