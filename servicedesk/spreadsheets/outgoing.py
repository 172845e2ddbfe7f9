"""What a person gets of a kind when they take it out: which columns, what drops down in them, what stays grey.

Nobody gets a column in which they may read nothing, and no cell that they may not read.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import Model, Q

from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.kinds import CODED, VERSION, Field, Kind, Opening
from servicedesk.spreadsheets.texts import storable
from servicedesk.spreadsheets.writing import Column

MOST_CHOICES = 5000
COLUMN_KINDS = {
    "tag": "identifier",
    "serial": "identifier",
    "date": "date",
    "end_date": "date",
    "warranty": "date",
    "datetime": "datetime",
    "money": "money",
    "integer": "integer",
    "months": "integer",
    "yesno": "yesno",
}


@dataclass(frozen=True)
class Outgoing:
    """The columns of one export. `person` None is the system, which reads all.

    `openings` say of which fields not every row is open to the person.
    """

    kind: Kind
    person: Person | None
    fields: tuple[Field, ...]
    openings: tuple[Opening, ...] = ()
    money_of: frozenset[int] = frozenset()
    may_change: frozenset[int] = field(default=frozenset())

    @property
    def grey(self) -> list[Field]:
        """The columns in which nothing can be changed by bringing the file back."""
        return [each for each in self.fields if self.is_grey(each)]

    def is_grey(self, wanted: Field) -> bool:
        if self.person and not self.may_change:
            return True
        return wanted.fixed or wanted.name == VERSION or wanted in self.kind.told or not self.kind.updates

    def columns(self) -> list[Column]:
        """The columns as the sheet shows them."""
        return [
            Column(
                each.heading,
                COLUMN_KINDS.get(each.kind, "text"),
                () if self.is_grey(each) else self._choices(each),
                grey=self.is_grey(each),
            )
            for each in self.fields
        ]

    def _choices(self, wanted: Field) -> Sequence[str]:
        """What the drop-down of a column offers: the words of a code, or the names of what it may point at."""
        if wanted.offers:
            words = sorted(set(wanted.offers(self.may_change)))
            return () if len(words) > MOST_CHOICES else tuple(words)
        if wanted.kind == "yesno":
            return ("Yes", "No")
        if wanted.kind in CODED and not wanted.label:
            return tuple(map(str, self.kind.choices(wanted.name).values()))
        return self._names(wanted) if wanted.label.count("__") == 1 and not wanted.serves else ()

    def _names(self, wanted: Field) -> Sequence[str]:
        """The names of the rows of ours that a cell may name, of the councils that the file can be brought back for.

        People, and rows of the kind itself, are not offered: they are known by keys of their own, and are too many.
        """
        related = cast(type[Model], self.kind.column(wanted.name).related_model)
        if issubclass(related, (Person, self.kind.model)):
            return ()
        known = {each.name for each in related._meta.fields}
        rows = related._default_manager.all()
        if self.person and hasattr(rows, "visible_to"):
            rows = rows.visible_to(self.person)
        if "council" in known and (self.person or self.may_change):
            rows = rows.filter(council__in=self.may_change)
        if "archived_at" in known:
            rows = rows.filter(archived_at=None)
        name = wanted.label.rpartition("__")[2]
        names = rows.order_by(name).values_list(name, flat=True).distinct()[: MOST_CHOICES + 1]
        return () if len(names) > MOST_CHOICES else tuple(names)


def outgoing(
    kind: Kind, person: Person | None, chosen: Iterable[str] = (), council: Council | None = None
) -> Outgoing:
    """What the person gets of these columns, all but the extra ones without any. What rows are known by, and the
    version, go along.

    `council` is whose rows the system takes out, where they are one council's.
    """
    openings = _openings(kind, person)
    wanted = set(chosen)
    fields = tuple(
        each
        for each in _open_ones(kind, openings)
        if each.name in wanted or is_needed(kind, each) or not (wanted or each.extra)
    )
    names = {each.name for each in fields}
    known = (each._replace(fields=each.fields & names) for each in openings)
    return Outgoing(
        kind,
        person,
        fields,
        tuple(each for each in known if each.fields),
        _money_of(kind, person, names),
        kind.may_import(person) if person else frozenset({council.pk} if council else ()),
    )


def offered(kind: Kind, person: Person | None) -> list[Field]:
    """The columns that the person may have."""
    return _open_ones(kind, _openings(kind, person))


def check_columns(kind: Kind, person: Person | None, chosen: Iterable[str]) -> None:
    """Refuse a column that there is not, or not for this person. Raises ValidationError."""
    names = [each.name for each in offered(kind, person)]
    if unknown := [name for name in chosen if name not in names]:
        told = f"There is no column {storable(unknown[0])}. There are: {', '.join(names)}."
        raise ValidationError({"columns": told})


def _open_ones(kind: Kind, openings: Iterable[Opening]) -> list[Field]:
    closed = {name for each in openings if each.rows is None for name in each.fields}
    return [each for each in kind.exported if each.name not in closed]


def is_needed(kind: Kind, wanted: Field) -> bool:
    """Whether a file without the column could not be brought back safely: by these its rows are found again."""
    return wanted.name == VERSION or wanted.name in {key.name for key in kind.keys}


def _openings(kind: Kind, person: Person | None) -> list[Opening]:
    if person is None:
        return []
    openings = list(kind.open_to(person)) if kind.open_to else []
    for name, permission in getattr(kind.model, "guarded_fields", {}).items():
        councils = councils_of(person, permission)
        if kind.has_council or not councils:
            openings.append(Opening(frozenset({name}), Q(council__in=councils) if councils else None))
    return openings


def _money_of(kind: Kind, person: Person | None, names: set[str]) -> frozenset[int]:
    """The councils for whose rows an export with these columns says what they cost."""
    guarded = getattr(kind.model, "guarded_fields", {})
    if person and any(guarded.get(name) == Permission.SEE_ASSET_MONEY for name in names):
        return councils_of(person, Permission.SEE_ASSET_MONEY)
    return frozenset()
