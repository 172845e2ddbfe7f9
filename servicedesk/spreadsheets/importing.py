"""A spreadsheet on its way in: kept, read, mapped, checked, applied. Each step is stored and can be resumed.

Pages, the API and the command call these functions and nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db.models import F
from django.utils import timezone

from servicedesk import bulk
from servicedesk.files.storing import clean_name, keep
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.jobs.running import enqueue
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets import mapping as mappings
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.matching import compare, match
from servicedesk.spreadsheets.models import Import, ImportRow, read
from servicedesk.spreadsheets.reading import Note, Refused, Sheet, Workbook
from servicedesk.spreadsheets.staging import Check, StagedRow, problem, stage
from servicedesk.spreadsheets.table import Table
from servicedesk.spreadsheets.tasks import apply_import

State = Import.State
STORED = (
    "source",
    "number",
    "action",
    "target_id",
    "target_version",
    "values",
    "changes",
    "problems",
    "worst",
)


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
    started = Import(kind=kind.code, council=council, started_by=by, started_at=now)
    started.create = [each for each in kind.creatable if each in set(create)]
    try:
        started.workbook = _read(file, name)
        _propose(started, started.workbook, said or {})
    except Refused as refusal:
        started.state, started.refused = State.REFUSED, str(refusal)
    with change_set(by=by, reason=f"Import of {kind.many}", now=now) as deed:
        started.file = keep(file, name, council=council, by=by, now=now)
        started.save()
        record(deed, [started])
    return started


def _read(file: File, name: str) -> Workbook:
    """The spreadsheet, read before the transaction begins: reading may take a minute. Raises Refused."""
    with NamedTemporaryFile() as copy:
        copy.writelines(file.chunks())
        copy.flush()
        return read(copy.name, clean_name(name))


def choose(
    started: Import,
    said: Mapping[str, Any],
    *,
    by: Person | None,
    create: Iterable[str] | None = None,
    version: int,
) -> Import:
    """Say which sheet, header row, columns and date orders are meant, as in a mapping. Raises Refused or WrongStep."""
    kind = started.kind_of_row
    _check_right(kind, started.council_id, by)
    fields: dict[str, Any] = {}
    if create is not None:
        fields["create"] = [each for each in kind.creatable if each in set(create)]
    if _moves_table(started, said):
        _propose(started, started.workbook, said)
    else:
        started.mapping = mappings.correct(started.sheets, started.mapping, said, kind)
    fields |= {"mapping": started.mapping, "sheets": started.sheets, "state": State.MAPPED, "refused": ""}
    with change_set(by=by, reason=f"Import of {started.file}"):
        chosen = _step(started, by=by, version=version, counts={}, notes=[], **fields)
        chosen.rows.all().delete()
    return chosen


@bulk.many_objects()
def check(started: Import, *, by: Person | None, now: datetime | None = None) -> Import:
    """Work out what every row would do, and everything that is wrong with the file. Nothing is written to the register.

    Raises Refused when the mapping does not do, WrongStep when the import is no longer open.
    """
    kind, workbook = started.kind_of_row, started.workbook
    _check_right(kind, started.council_id, by)
    sheet, table = mappings.chosen_table(workbook, started.mapping, kind)
    mappings.check_complete(started.mapping, kind)
    hidden = kind.hidden_from(by, started.council_id)
    checked = Check(kind, started.council, frozenset(started.create), hidden, now=now or timezone.now())
    rows = stage_rows(workbook, table, started.mapping, checked)
    counts = {action: 0 for action in ImportRow.Action.values} | Counter(row.action for row in rows)
    with change_set(by=by, reason=f"Check of {started.file}", now=now):
        ImportRow.objects.filter(source=started).delete()
        bulk.insert(ImportRow, STORED, (_stored(started, row) for row in rows))
        done = {"counts": counts, "notes": _notes(workbook, sheet, table, checked), "refused": ""}
        return _step(started, by=by, version=started.version, state=State.CHECKED, **done)


def stage_rows(
    workbook: Workbook, table: Table, mapping: Mapping[str, Any], checked: Check
) -> list[StagedRow]:
    """Every row of the table: cleaned, matched and compared."""
    rows = stage(workbook, table, mapping, checked)
    checked.kind.interpret(rows, checked)
    match(rows, checked)
    compare(rows, checked)
    return rows


def apply(started: Import, *, by: Person | None, version: int, now: datetime | None = None) -> Import:
    """Have the good rows written by a job. Asked for a second time it changes nothing. Raises WrongStep."""
    _check_right(started.kind_of_row, started.council_id, by)
    if started.state in (State.APPLYING, State.APPLIED):
        return started
    if started.state != State.CHECKED:
        raise WrongStep("Check the rows before you import them.")
    with change_set(by=by, reason=f"Import of {started.file}", now=now):
        applying = _step(started, by=by, version=version, state=State.APPLYING)
        applying.job = enqueue(apply_import, by=by, started=started.pk)
        Import.objects.filter(pk=started.pk).update(job=applying.job)
    return applying


def _propose(started: Import, workbook: Workbook, said: Mapping[str, Any]) -> None:
    """Find the tables of a file and what their columns are. Raises Refused where there is none."""
    kind = started.kind_of_row
    sheets = mappings.describe(workbook, kind)
    proposed = mappings.propose(sheets)
    name = said.get("sheet", proposed.get("sheet"))
    if said.get("header_row"):
        sheets = mappings.describe(workbook, kind, {name: said["header_row"]})
        proposed = mappings.propose([sheet for sheet in sheets if sheet["name"] == name])
    if not any(sheet["header_row"] for sheet in sheets):
        expected = ", ".join(field.heading for field in kind.fields[:4])
        raise Refused(f"We found no row of headings. Put headings such as {expected} above the rows.")
    started.sheets = sheets
    started.mapping = mappings.correct(sheets, proposed, said, kind) if said else proposed
    started.state = State.MAPPED if started.mapping else State.UPLOADED


def _moves_table(started: Import, said: Mapping[str, Any]) -> bool:
    name = said.get("sheet", started.mapping.get("sheet"))
    row = said.get("header_row")
    return bool(row) and any(sheet["name"] == name and sheet["header_row"] != row for sheet in started.sheets)


def _step(started: Import, *, by: Person | None, version: int, **fields: Any) -> Import:
    """Move an open import on, unless somebody was quicker."""
    rows = Import.objects.select_related("council", "file", "started_by", "job").filter(pk=started.pk)
    with change_set(by=by, reason=f"Import of {started.file}") as deed:
        before = snapshot(rows)  # as stored: the caller's own copy may be ahead
        if (
            not Import.objects.open()
            .filter(pk=started.pk, version=version)
            .update(version=F("version") + 1, **fields)
        ):
            raise WrongStep("Somebody has moved this import on while you were looking at it.")
        moved = rows.get()
        record(deed, [moved], before)
    return moved


def _check_right(kind: Kind, council_id: int, by: Person | None) -> None:
    """Who may import is who may change what is imported; the system may."""
    if by is not None and council_id not in kind.may_import(by):
        raise PermissionDenied(f"You may not import {kind.many} for this council.")


def _stored(started: Import, row: StagedRow) -> tuple:
    return (
        started.pk,
        row.number,
        row.action,
        row.target,
        row.version,
        row.values,
        row.changes,
        row.problems,
        row.worst,
    )


def _notes(workbook: Workbook, sheet: Sheet, table: Table, checked: Check) -> list[dict[str, Any]]:
    """What is to be said of the file beside its rows."""
    numbers = set(table.row_numbers)
    own = [note for note in table.notes if note.row not in numbers]
    others = [note for each in workbook.sheets if each is not sheet for note in each.notes]
    hidden = [note for note in others if note.code == "hidden_sheet"]
    of_file = [_note(note, table.sheet) for note in [*workbook.notes, *hidden, *own]]
    return of_file + [{**note, "sheet": table.sheet, "row": None} for note in checked.notes.values()]


def _note(note: Note, sheet: str) -> dict[str, Any]:
    return {**problem(note.code, note.value, letter=note.column or ""), "sheet": sheet, "row": note.row}
