"""A spreadsheet on its way in: kept, read, mapped, checked, applied. Each step is stored, so it can be left and resumed.

Pages, the API and the command call these functions and nothing else.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db.models import F
from django.utils import timezone

from servicedesk import bulk
from servicedesk.files.storing import keep
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.jobs.running import enqueue
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets import mapping as mappings
from servicedesk.spreadsheets.kinds import Kind, kinds
from servicedesk.spreadsheets.matching import compare, match
from servicedesk.spreadsheets.models import Import, ImportRow
from servicedesk.spreadsheets.reading import Limits, Note, Refused, Sheet, Workbook, read_upload
from servicedesk.spreadsheets.staging import Check, StagedRow, problem, stage
from servicedesk.spreadsheets.table import Table

State = Import.State
OPEN = (State.UPLOADED, State.MAPPED, State.CHECKED, State.FAILED)
STORED = ("source", "number", "action", "target_id", "target_version", "values", "changes", "problems", "worst")


class WrongStep(Exception):
    """The import does not stand where this step begins, or somebody was quicker. The text is for the person."""


def start(
    file: File,
    name: str,
    kind: Kind,
    council: Council,
    *,
    by: Person | None,
    create: Iterable[str] = (),
    said: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> Import:
    """Keep a file, read it and propose what its columns are; `said` corrects the proposal.

    A file that cannot be read is kept as a refused import that says why. Raises PermissionDenied.
    """
    now = now or timezone.now()
    _check_right(kind, council.pk, by)
    with change_set(by=by, reason=f"Import of {kind.many}", now=now) as deed:
        stored = keep(file, name, council=council, by=by, now=now)
        started = Import(kind=kind.code, council=council, file=stored, started_by=by, started_at=now)
        started.create = [each for each in kind.creatable if each in set(create)]
        try:
            _propose(started, read(started), said or {})
        except Refused as refusal:
            started.state, started.refused = State.REFUSED, str(refusal)
        started.save()
        record(deed, [started])
    return started


def read(started: Import) -> Workbook:
    """The file as it was stored. Raises Refused."""
    limits = Limits(file_size=settings.IMPORT_MAX_BYTES, rows=settings.IMPORT_MAX_ROWS)
    return read_upload(started.file.content.path, started.file.name, limits)


def choose(
    started: Import, said: Mapping[str, Any], *, by: Person | None, create: Iterable[str] | None = None, version: int
) -> Import:
    """Say which sheet, header row, columns and date orders are meant, as in a mapping. Raises Refused or WrongStep."""
    kind = started.kind_of_row
    _check_right(kind, started.council_id, by)
    fields: dict[str, Any] = {}
    if create is not None:
        fields["create"] = [each for each in kind.creatable if each in set(create)]
    if _moves_table(started, said):
        _propose(started, read(started), said)
    else:
        started.mapping = mappings.correct(started.sheets, started.mapping, said, kind)
    fields |= {"mapping": started.mapping, "sheets": started.sheets, "state": State.MAPPED, "refused": ""}
    return _step(started, by=by, version=version, **fields)


def check(started: Import, *, by: Person | None, now: datetime | None = None) -> Import:
    """Work out what every row would do, and everything that is wrong with the file. Nothing is written to the register.

    Raises Refused when the mapping does not do, WrongStep when the import is no longer open.
    """
    kind, workbook = started.kind_of_row, read(started)
    _check_right(kind, started.council_id, by)
    if not started.mapping:
        raise Refused(NO_SHEET)
    mappings.check_complete(started.mapping, kind)
    sheet = next(each for each in workbook.sheets if each.name == started.mapping["sheet"])
    table = mappings.table_of(sheet, kind, started.mapping["header_row"])
    rows = stage_rows(started, workbook, table, by, now or timezone.now())
    counts = {action: 0 for action in ImportRow.Action.values}
    for row in rows:
        counts[row.action] += 1
    with change_set(by=by, reason=f"Check of {started.file}", now=now):
        ImportRow.objects.filter(source=started).delete()
        bulk.insert(ImportRow, STORED, (_stored(started, row) for row in rows)) if rows else None
        notes = _notes(workbook, sheet, table)
        return _step(started, by=by, version=started.version, state=State.CHECKED, counts=counts, notes=notes, refused="")


def stage_rows(started: Import, workbook: Workbook, table: Table, by: Person | None, now: datetime) -> list[StagedRow]:
    """Every row of the table: cleaned, matched and compared."""
    kind = started.kind_of_row
    checked = Check(
        kind, started.council, frozenset(started.create), kind.hidden_from(by, started.council_id), now=now
    )
    rows = stage(workbook, table, started.mapping, checked)
    kind.interpret(rows, checked)
    match(rows, checked)
    compare(rows, checked)
    return rows


def apply(started: Import, *, by: Person | None, version: int, now: datetime | None = None) -> Import:
    """Have the good rows written by a job. Asked for a second time it changes nothing. Raises WrongStep."""
    from_here = State.CHECKED
    _check_right(started.kind_of_row, started.council_id, by)
    if started.state in (State.APPLYING, State.APPLIED):
        return started
    if started.state != from_here:
        raise WrongStep("Check the rows before you import them.")
    with change_set(by=by, reason=f"Import of {started.file}", now=now):
        moved = _step(started, by=by, version=version, state=State.APPLYING)
        job = enqueue(tasks.apply_import, by=by, started=started.pk)
        Import.objects.filter(pk=moved.pk).update(job=job)
        moved.job = job
    return moved
