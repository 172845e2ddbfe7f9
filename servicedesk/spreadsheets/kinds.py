"""What can be brought in and taken out by spreadsheet. A kind is a declaration; higher apps make them.

Settings name them in SPREADSHEET_KINDS. `importing` and `exporting` do the same for every kind: read, find the
columns, clean, match within the council, compare, write in sets, record. What a kind alone knows stands in its hooks.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Field as Column
from django.db.models import Model, Q
from django.utils.module_loading import import_string

from servicedesk.people.access import councils_of, may
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.headers import Synonyms
from servicedesk.spreadsheets.texts import storable
from servicedesk.spreadsheets.words import plain

LONGEST_TEXT = 32_767
CODED = ("coded", "status", "category")

VERSION = "version"

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet
    from django_filters import FilterSet

    from servicedesk.history.models import ChangeSet
    from servicedesk.history.undoing import Undone
    from servicedesk.people.models import Council, Person
    from servicedesk.spreadsheets.applying import GoodRow
    from servicedesk.spreadsheets.models import Import
    from servicedesk.spreadsheets.staging import Check, StagedRow


@dataclass(frozen=True)
class Field:
    """One column of a kind's sheets.

    `name` is the column of the model that it fills, and what mappings call it; with `serves` it fills none and only
    helps to find or to check. `known_as` is its name among the synonyms, `heading` what exports write. `label` is the
    path to how a related row reads, `words` what further words a coded value goes by. What is typed into a `fixed` one
    changes nothing, so exports show it grey. A `blank` one is empty in exports, to be filled in, an `extra` one only in
    exports for which it was chosen. `offers` gives the words that drop down in it for rows of these councils, where
    they are not simply the names of what it points at.
    """

    name: str
    heading: str
    kind: str = "text"
    known_as: str = ""
    label: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)
    serves: bool = False
    fixed: bool = False
    blank: bool = False
    extra: bool = False
    offers: "Callable[[frozenset[int]], Iterable[str]] | None" = None

    @property
    def path(self) -> str:
        """Where an export finds how it reads."""
        return self.label or self.name


@dataclass(frozen=True)
class Key:
    """What a row is recognised by: a field, and perhaps one that tells equal values apart where both have it.

    A `last` key counts only for rows that have none of the keys before it.
    """

    name: str
    told_apart_by: str = ""
    last: bool = False


class Name(NamedTuple):
    """A name that a field may say: `meant` finds it, `reads` is its own name, `hint` tells namesakes apart."""

    meant: str
    reads: str
    hint: str = ""


@dataclass(frozen=True)
class Ask:
    """A field whose unknown words a person decides about.

    names(council, person) -> names     what they may mean: what the council has, as far as the person may see it
    `beside` names the fields that help to find it, `also` those that may say it in place of it. `creates` is the code
    of what can be created under a new name, "" where nothing can.
    """

    field: str
    names: "Callable[[Council, Person | None], Iterable[Name]]"
    creates: str = ""
    beside: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class Opening(NamedTuple):
    """Fields that not every reader of a row reads, and the rows on which somebody does; None where that is no row."""

    fields: frozenset[str]
    rows: Q | None


@dataclass(frozen=True)
class Deeds:
    """How rows of a kind are changed where each change is a deed of somebody, with rights, clocks and news of its own.

    reach(person) -> rows          which rows a sheet of the person may find
    change(rows, deed, by)         change them; raises Overtaken where that cannot be done any more
    give_back(deed, by, undone)    give back what can be given back of what a deed changed, and say so
    goes_with                      the column that a change may need and that changes nothing by itself
    known_by                       the key of a row that comes back; what is known by another is left as it is for the
                                   system, which brings in the logs of others

    The system has no rights, so a sheet that it brings in leaves what is there as it is. What somebody brings in is
    seen by themselves alone: others may not see the same rows.
    """

    reach: "Callable[[Person], QuerySet]"
    change: "Callable[[Sequence[GoodRow], ChangeSet, Person], None]"
    give_back: "Callable[[ChangeSet, Person | None, Undone], None]"
    goes_with: str
    known_by: str


@dataclass(frozen=True)
class Kind:
    """A kind of row.

    gather(table, columns) -> indexes     which rows of the table are looked at; None: all of them
    interpret(rows, check)                turn cleaned words into rows of ours, before matching
    join(row, current, check) -> changes  what a row of ours (`current`) changes of a value that several columns tell
    settle(row, current, check)           the kind's rules on a row that is new (None) or changes ours (`current`)
    complete(rows, deed, council)         give rows about to be written what they still lack: what they point at
    written(keys, changed, deed, council) write what goes with rows just written: new ones by their keys, and those
                                          changed rows that run a move or change a field of `heeds`
    filtered(person, filters)             the rows that the person may see and that pass filters; None: not exported
    open_to(person)                       which fields not every reader of a row reads, and on which rows this one does
    as_at(day, council)                   rows as they were at the end of a day, read like a queryset; None: not told
    write(rows, started, by) -> None      write the new rows, where that is a deed of its own and not plain rows of the
                                          model; raises Overtaken where one does not stand any more
    begins(given) -> (name, address)      the page of their own on which its imports begin, by what is given for all
                                          rows; None: on the page of imports
    title(values), search_text(values)    how a row reads in history, and what a search finds it by

    Values are those of a row on its way: what points at another row is [id, words]. `derived` names columns that the
    rules read or set and no sheet can; a `move` among the values of a row is how its state changes, and `later` names
    what `written` changes of it. `updates` is False where a row that is there already is left as it is. `complete`
    gets every row to be written, unless `stamped` names the columns that hold when a row was written: then it gets only
    rows with what they name and we do not have, each combination once, and nothing else of them. That way the rows can
    be made ready beforehand.
    `filters` is what `filtered` narrows by, for its words.
    `told` are columns that exports show besides and imports leave alone: the synonyms must know them as `_ignore`.
    reckoned() -> expressions by name     of those of `told` that no row has and the database works out
    `council` is the path from a row to whose it is. `whole` is False where a sheet never says all there is: what we
    have and it does not is then no news.
    `never` are rows that nobody takes out. `tied` are fields that may name another new row of the same sheet. `secret`
    are fields that only their writer reads: nobody else sees an import that has one. What an import has made in the
    apps of `keeps`, such as a request that it raised, stays when it is undone.
    """

    code: str
    one: str
    many: str
    model: type[Model]
    permission: Permission
    synonyms: Synonyms
    fields: tuple[Field, ...]
    keys: tuple[Key, ...]
    interpret: "Callable[[Sequence[StagedRow], Check], None]"
    settle: "Callable[[StagedRow, Mapping[str, Any] | None, Check], None]"
    complete: "Callable[[Sequence[GoodRow], ChangeSet, Council], None]"
    title: Callable[[Mapping[str, Any]], str]
    search_text: Callable[[Mapping[str, Any]], str]
    join: "Callable[[StagedRow, Mapping[str, Any], Check], dict[str, list]] | None" = None
    gather: Callable[..., list[int]] | None = None
    written: "Callable[[Sequence[int], Sequence[GoodRow], ChangeSet, Council], None] | None" = None
    heeds: frozenset[str] = frozenset()
    tied: tuple[str, ...] = ()
    filtered: "Callable[[Person, Mapping[str, Any]], QuerySet] | None" = None
    open_to: "Callable[[Person], Sequence[Opening]] | None" = None
    filters: "type[FilterSet] | None" = None
    told: tuple[Field, ...] = ()
    reckoned: Callable[[], Mapping[str, Any]] | None = None
    never: Q | None = None
    as_at: "Callable[[date, Council | None], Any] | None" = None
    derived: tuple[str, ...] = ()
    creatable: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    updates: bool = True
    council: str = "council"
    whole: bool = True
    begins: Callable[[Mapping[str, str]], tuple[str, str]] | None = None
    write: "Callable[[Sequence[GoodRow], Import, Person | None], None] | None" = None
    stamped: tuple[str, ...] | None = None
    deeds: Deeds | None = None
    secret: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by their name and by the name that the synonyms know them by."""
        return {each.known_as: each for each in self.fields if each.known_as} | {
            each.name: each for each in self.fields
        }

    @cached_property
    def asks_about(self) -> dict[str, Ask]:
        """The fields whose unknown words are asked about, those that say the same in another way with them."""
        return {name: ask for ask in self.asks for name in (ask.field, *ask.also)}

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """The fields that fill a column of the model."""
        return tuple(each for each in self.fields if not each.serves)

    @cached_property
    def exported(self) -> tuple[Field, ...]:
        """What exports can show: what rows are known by, the rest, what is only told, and at the end the version."""
        keys, real = {key.name for key in self.keys}, {each.name for each in self.model._meta.fields}
        own = [each for each in self.fields if each.label or each.blank or each.name in real]
        first = [each for each in own if each.name in keys]
        last = [each for each in own if each.name == VERSION]
        return (*first, *(each for each in own if each not in first and each not in last), *self.told, *last)

    @cached_property
    def has_council(self) -> bool:
        """Whether its rows are a council's; those of other kinds are shared."""
        return any(each.name == self.council.partition("__")[0] for each in self.model._meta.fields)

    def of_council(self, council: "Council | int") -> dict[str, Any]:
        """What narrows rows to a council's; nothing where they are shared, and so are matched and written for all."""
        return {self.council: council} if self.has_council else {}

    def rows(self, person, filters: Mapping[str, Any]) -> "QuerySet":
        """The rows that the person may see and that pass the filters, or all for the system; never those of `never`."""
        every = self.model._default_manager.all()
        rows = self.filtered(person, filters) if person and self.filtered else every
        rows = rows.annotate(**self.reckoned()) if self.reckoned else rows
        return rows.exclude(self.never) if self.never else rows

    def found_by(self, person: "Person | None") -> "QuerySet":
        """The rows that a sheet of the person, or of the system, may find."""
        rows = self.deeds.reach(person) if self.deeds and person else self.model._default_manager.all()
        return rows.exclude(self.never) if self.never else rows

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
        return councils_of(person, self.permission)


def kinds() -> dict[str, Kind]:
    """Every kind there is, by its code."""
    found = [import_string(name) for name in settings.SPREADSHEET_KINDS]
    return {kind.code: kind for kind in found}


def narrowed(filters: "type[FilterSet]", rows: "QuerySet", person, given: Mapping[str, Any]) -> "QuerySet":
    """The rows that pass the filters that a page or a program gave. Raises ValidationError by filter."""
    known = filters.base_filters
    if unknown := [name for name in given if name not in known]:
        listed = f"There is no such filter. There are: {', '.join(known)}."
        raise ValidationError({storable(unknown[0]): listed})
    found = filters(given, queryset=rows, request=SimpleNamespace(user=person))
    if not found.is_valid():
        raise ValidationError(found.errors)
    return found.qs


def kinds_for(person) -> list[Kind]:
    """The kinds that the person may import for some council."""
    return [kind for kind in kinds().values() if kind.may_import(person)]
