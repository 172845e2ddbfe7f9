"""The file of an export: what its person may see, and no more, as a spreadsheet that can be edited and brought back.

The headings are those that imports map exactly, and each row carries its version, so an export that nobody has edited
changes nothing. It is asked for through `taking_out`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst

from servicedesk import wording
from servicedesk.files.storing import CSV, XLSX, keep
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import finish
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.kinds import Field, Kind, kinds
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.writing import Column, SheetOut, write_csv, write_xlsx

FORMATS = {"xlsx": XLSX, "csv": CSV}
AT_ONCE = 2000
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


def make(export: Export, job: Job | None = None) -> Export:
    """Write the file of an export and keep both together. By a job, its end is kept with them.

    The file is written before the transaction begins, so nobody who writes has to wait for it.
    """
    kind, person = kinds()[export.kind], export.wanted_by
    if export.file:
        return export
    name = f"{kind.many} {timezone.localdate(export.wanted_at):%Y-%m-%d}.{export.format}"
    with TemporaryFile() as target:
        rows = wanted(kind, person, export.filters)
        count = write(kind, rows, target, export.format, person, _about(export, kind))
        with change_set(by=person, reason=f"Export of {kind.many}") as deed:
            before = snapshot([export])  # of one that is not stored yet it counts for nothing
            export.rows = count
            export.file = keep(
                File(target), name, council=person.council, by=person, content_type=FORMATS[export.format]
            )
            export.save()
            export.money_of.set(_money_of(kind, person))
            record(deed, [export], before)
            if job:
                finish(job, Job.State.DONE, outcome={"rows": export.rows})
    return export


def wanted(kind: Kind, person: Person, filters: Mapping[str, Any]) -> QuerySet:
    """The rows that pass the filters and that the person may take out. Raises ValidationError by filter."""
    if kind.filtered is None:
        raise ValidationError(f"{capfirst(kind.many)} cannot be exported.")
    return kind.filtered(person, filters).filter(council__in=councils_of(person, Permission.EXPORT))


def _money_of(kind: Kind, person: Person) -> frozenset[int]:
    """The councils for whose rows an export of the person shows guarded fields."""
    _, guarded = _fields(kind, person)
    return councils_of(person, Permission.EXPORT) & frozenset().union(*guarded.values())


def write(
    kind: Kind,
    rows: QuerySet,
    target: BinaryIO | Any,
    format: str,
    person: Person | None,
    about: Sequence[str],
) -> int:
    """Write the rows as the person may see them (None: the system, which sees all). Returns how many."""
    fields, money = _fields(kind, person)
    counted = _Counting(_lines(kind, rows, fields, money))
    if format == "csv":
        write_csv(target, [field.heading for field in fields], counted)
    else:
        columns = [_column(kind, field) for field in fields]
        cover = SheetOut("About", (), ([line] for line in about))
        write_xlsx(target, [SheetOut(capfirst(kind.many), columns, counted), cover])
    return counted.count


class _Counting:
    """Rows, counted as they pass."""

    def __init__(self, rows: Iterable):
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator:
        for row in self.rows:
            self.count += 1
            yield row


def _fields(kind: Kind, person: Person | None) -> tuple[list[Field], dict[str, frozenset[int]]]:
    """The fields to show, and for those that are guarded the councils for whose rows the person may see them."""
    guarded = getattr(kind.model, "guarded_fields", {}) if person else {}
    money = {name: councils_of(person, permission) for name, permission in guarded.items()}
    return [field for field in kind.fields if money.get(field.name, True)], money


def _lines(
    kind: Kind, rows: QuerySet, fields: Sequence[Field], money: Mapping[str, frozenset[int]]
) -> Iterator[list[Any]]:
    paths = [field.label or field.name for field in fields]
    shows = [_showing(kind, field) for field in fields]
    hidden = [(index, money[field.name]) for index, field in enumerate(fields) if field.name in money]
    for council, *values in (
        rows.order_by("pk").values_list("council_id", *paths).iterator(chunk_size=AT_ONCE)
    ):
        line = [show(value) if show else value for show, value in zip(shows, values, strict=True)]
        for index, councils in hidden:
            if council not in councils:
                line[index] = None
        yield line


def _showing(kind: Kind, field: Field) -> Callable[[Any], Any] | None:
    """How a value of the field reads in a sheet; None where it reads as it is."""
    if field.kind == "datetime":
        return _local
    if field.label or field.serves:
        return None
    choices = kind.choices(field.name)
    return (lambda value: choices.get(value, value)) if choices else None


def _local(value: datetime | None) -> datetime | None:
    """A moment as clocks on the wall show it, which is how imports read it."""
    return timezone.localtime(value).replace(tzinfo=None, microsecond=0) if value else None


def _column(kind: Kind, field: Field) -> Column:
    choices = () if field.label or field.serves else tuple(kind.choices(field.name).values())
    return Column(field.heading, COLUMN_KINDS.get(field.kind, "text"), choices, grey=field.name == "version")


def _about(export: Export, kind: Kind) -> list[str]:
    chosen = "; ".join(f"{name}: {value}" for name, value in export.filters.items()) or "none"
    return [
        f"{capfirst(kind.many)} as at {wording.moment(export.wanted_at)}",
        f"Taken out by: {export.wanted_by}",
        f"Filters: {chosen}",
        "You can edit the rows and import the file again. Leave the Version column as it is.",
    ]
