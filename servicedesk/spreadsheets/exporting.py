"""The file of an export: what its person may see, and no more, as a spreadsheet that can be edited and brought back.

The headings are those that imports map exactly, and each row carries its version, so an export that nobody has edited
changes nothing. It is asked for through `taking_out`; `outgoing` says which columns its person gets.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db.models import BooleanField, Case, QuerySet, Value, When
from django.utils import timezone
from django.utils.text import capfirst

from servicedesk.files.storing import CSV, XLSX, keep
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import finish, report
from servicedesk.people.access import councils_of
from servicedesk.people.models import Grant, Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets import cover
from servicedesk.spreadsheets.kinds import Field, Kind, kinds
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.outgoing import Outgoing, outgoing
from servicedesk.spreadsheets.writing import SheetOut, write_csv, write_xlsx

FORMATS = {"xlsx": XLSX, "csv": CSV}
AT_ONCE = 2000


def make(export: Export, job: Job | None = None) -> Export:
    """Write the file of an export and keep both together. By a job, its end is kept with them.

    The file is written before the transaction begins, so nobody who writes has to wait for it.
    """
    kind, person = kinds()[export.kind], export.wanted_by
    if export.file:
        return export
    name = f"{kind.many} {timezone.localdate(export.wanted_at):%Y-%m-%d}.{export.format}"
    given = outgoing(kind, person, export.columns)
    grants = list(Grant.objects.in_force().filter(person=person))
    with TemporaryFile() as target:
        rows = wanted(kind, person, export.filters)
        count = write(given, rows, target, export, _reporting(job, rows))
        with change_set(by=person, reason=f"Export of {kind.many}") as deed:
            before = snapshot([export])  # of one that is not stored yet it counts for nothing
            export.rows = count
            export.file = keep(
                File(target), name, council=person.council, by=person, content_type=FORMATS[export.format]
            )
            keep_record(export, given, grants)
            record(deed, [export], before)
            if job:
                finish(job, Job.State.DONE, outcome={"rows": export.rows})
    return export


def keep_record(export: Export, given: Outgoing, grants: Iterable[Grant]) -> None:
    """Keep what was taken out by whom: by which roles they saw it, and for which councils it says what they paid."""
    export.save()
    export.money_of.set(given.money_of & councils_of(export.wanted_by, Permission.EXPORT))
    export.grants.set(grants)


def _reporting(job: Job | None, rows: QuerySet) -> Callable[[int], None]:
    """What shows how far the job has come."""
    if job is None:
        return lambda done: None
    total = rows.order_by().count()
    return lambda done: report(job, done, total, "Writing the rows")


def wanted(kind: Kind, person: Person, filters: Mapping[str, Any]) -> QuerySet:
    """The rows that pass the filters and that the person may take out. Raises ValidationError by filter."""
    if kind.filtered is None:
        raise ValidationError(f"{capfirst(kind.many)} cannot be exported.")
    rows = kind.rows(person, filters)
    return rows.filter(council__in=councils_of(person, Permission.EXPORT)) if kind.has_council else rows


def write(
    given: Outgoing,
    rows: QuerySet,
    target: BinaryIO | Any,
    export: Export,
    told: Callable[[int], None] = lambda done: None,
) -> int:
    """Write the rows as `export`, stored or not, wants them; `told` hears how many there are so far. Returns how many.

    The columns say whose eyes they are for: rows of a system's export hold everything.
    """
    counted: Counter[str] = Counter()
    lines = _counted(_lines(given, rows), given, counted, told)
    if export.format == "csv":
        write_csv(target, [each.heading for each in given.fields], lines)
    else:
        name = capfirst(given.kind.many)
        about = SheetOut("About", (), ([line] for line in cover.lines(export, given, counted)))
        write_xlsx(target, [SheetOut(name, given.columns(), lines, table=True), about])
    return counted.total()


def _counted(
    lines: Iterator[list[Any]], given: Outgoing, counted: Counter[str], told: Callable[[int], None]
) -> Iterator[list[Any]]:
    """The lines as they pass, counted by the council that they name."""
    council = next((at for at, each in enumerate(given.fields) if each.name == "council"), None)
    for done, line in enumerate(lines, 1):
        counted["" if council is None else line[council]] += 1
        if done % AT_ONCE == 0:
            told(done)
        yield line


def _lines(given: Outgoing, rows: QuerySet) -> Iterator[list[Any]]:
    """The cells of each row, those left out that are not open to the person."""
    at = {each.name: index for index, each in enumerate(given.fields)}
    shown = [(index, show) for index, each in enumerate(given.fields) if (show := _showing(given.kind, each))]
    flags = {
        f"_open_{number}": Case(When(each.rows, then=True), default=False, output_field=BooleanField())
        for number, each in enumerate(given.openings)
    }
    closed = [[at[name] for name in each.fields] for each in given.openings]
    paths = [*flags, *(Value("") if each.blank else each.path for each in given.fields)]
    held = (rows.annotate(**flags) if flags else rows).order_by("pk").values_list(*paths)
    for values in held.iterator(chunk_size=AT_ONCE):
        line = list(values[len(flags) :])
        for index, show in shown:
            line[index] = show(line[index])
        for is_open, places in zip(values, closed, strict=False):
            if not is_open:
                for index in places:
                    line[index] = None
        yield line


def _showing(kind: Kind, wanted: Field) -> Callable[[Any], Any] | None:
    """How a value of the field reads in a sheet; None where it reads as it is."""
    if wanted.kind == "datetime":
        return _local
    if wanted.kind == "date" and wanted.serves:  # kept as text
        return lambda value: date.fromisoformat(value) if value else None
    if wanted.label or wanted.serves:
        return None
    choices = kind.choices(wanted.name)
    return (lambda value: choices.get(value, value)) if choices else None


def _local(value: datetime | None) -> datetime | None:
    """A moment as clocks on the wall show it, which is how imports read it."""
    return timezone.localtime(value).replace(tzinfo=None, microsecond=0) if value else None
