"""Checking an import: what every row would do, and everything that is wrong with the file. The register stays as it is.

Rows go through part by part, so that a hundred thousand of them need little memory: cleaned, looked up, matched,
compared, packed. Only the last step writes, and it takes an instant.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from servicedesk import bulk
from servicedesk.history.recording import change_set
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import finish, report
from servicedesk.many_rows import many_rows
from servicedesk.people.models import Person
from servicedesk.spreadsheets import mapping as mappings
from servicedesk.spreadsheets.comparing import Comparing
from servicedesk.spreadsheets.matching import Matching
from servicedesk.spreadsheets.models import Action, Import, ImportRows
from servicedesk.spreadsheets.moving_on import RELATED, move_on
from servicedesk.spreadsheets.reading import Note, Refused, Sheet, Workbook
from servicedesk.spreadsheets.staging import Check, StagedRow, allowed_by_name, in_batches, problem
from servicedesk.spreadsheets.stored_rows import BATCH, STORED, pack
from servicedesk.spreadsheets.table import Table

State = Import.State
PART = 5 * BATCH
"""So many rows are looked up together."""
MISSING_KEPT = 1_000
ALWAYS_COUNTED = ("create", "update", "unchanged", "ambiguous", "error")
ALONE = 1
"""A single changed row asks for no second press: whoever imports it has just seen all of it."""


def check_by_job(pk: int, job: Job) -> dict[str, Any]:
    """Check an import as a job; where the mapping does not do, the import says why."""
    started = Import.objects.select_related(*RELATED).get(pk=pk)
    if started.state != State.CHECKING:
        return {"counts": started.counts}
    try:
        return {"counts": check(started, by=job.wanted_by, job=job).counts}
    except Refused as refused:
        with change_set(by=job.wanted_by, reason=f"Check of {started.file}"):
            _move(started, job.wanted_by, job, state=State.FAILED, refused=str(refused))
            finish(job, Job.State.FAILED, problem=str(refused))
        return {}


@many_rows()
def check(
    started: Import, *, by: Person | None, job: Job | None = None, now: datetime | None = None
) -> Import:
    """Check every row, and keep what was found. Raises Refused, or WrongStep when the import is no longer open."""
    if job:
        report(job, 0, started.table.get("data_rows", 0), "Reading the file")
    kind, workbook = started.kind_of_row, started.workbook
    del started.workbook  # which is large, and not needed again
    sheet, table = mappings.chosen_table(workbook, started.mapping, kind)
    mappings.check_complete(started.mapping, kind, started.table)
    checked = _what_to_check_against(started, by, now)
    check_rows = Checking(checked, started, len(table.rows))
    packed = [*check_rows.packed(workbook, table, job)]
    done = {
        "counts": check_rows.counted(),
        "notes": _notes(workbook, sheet, table, checked),
        "missing": check_rows.missing[:MISSING_KEPT],
        "warnings": check_rows.warnings(),
        "refused": "",
    }
    with change_set(by=by, reason=f"Check of {started.file}", now=now):
        ImportRows.objects.filter(source=started).delete()
        bulk.insert(ImportRows, STORED, packed)
        moved = _move(started, by, job, state=State.CHECKED, **done)
        if job:
            finish(job, Job.State.DONE, outcome={"counts": done["counts"]}, progress_done=len(table.rows))
    return moved


def _move(started: Import, by: Person | None, job: Job | None, **fields: Any) -> Import:
    standing = Import.objects.filter(state=State.CHECKING) if job else None
    return move_on(started, by=by, version=started.version, standing=standing, **fields)


def _what_to_check_against(started: Import, by: Person | None, now: datetime | None) -> Check:
    kind, mapping = started.kind_of_row, started.mapping
    return Check(
        kind,
        started.council,
        frozenset(started.create),
        kind.hidden_from(by, started.council_id),
        by=by,
        creates=allowed_by_name(mapping),
        policies=mapping.get("policies", {}),
        keys=mapping.get("keys", ()),
        choices=started.choices,
        now=now or timezone.now(),
    )


class Checking:
    """The rows of a table on their way through, and what is to be said of all of them."""

    def __init__(self, check: Check, started: Import, total: int):
        self.check, self.started, self.total = check, started, total
        self.matching = Matching(check)
        self.comparing = Comparing(check, self.matching)
        self.counts: Counter[str] = Counter()
        self.jumping = 0

    def rows(self, workbook: Workbook, table: Table) -> Iterator[list[StagedRow]]:
        """Every row of the table: cleaned, matched and compared.

        What some are compared with is read while the next are matched, and not while they are taken from here.
        """
        before, compare = list[StagedRow](), None
        for rows in in_batches(workbook, table, self.started.mapping, self.check, PART):
            self.check.kind.interpret(rows, self.check)
            self.matching.match(rows)
            if compare:
                yield self._counted(before, compare)
            before, compare = rows, self.comparing.begin(rows)
        if compare:
            yield self._counted(before, compare)

    def _counted(self, rows: list[StagedRow], compare: Callable[[], None]) -> list[StagedRow]:
        compare()
        self.counts.update(row.action for row in rows)
        self.jumping += sum(row.jumps for row in rows if row.action in (Action.CREATE, Action.UPDATE))
        return rows

    def packed(self, workbook: Workbook, table: Table, job: Job | None) -> Iterator[tuple]:
        """The rows as they are kept, and word to whoever waits for them."""
        batch = done = 0
        for rows in self.rows(workbook, table):
            for start in range(0, len(rows), BATCH):
                yield from pack(self.started, batch, rows[start : start + BATCH])
                batch += 1
            done += len(rows)
            if job:
                report(job, done, self.total, "Checking the rows")

    def counted(self) -> dict[str, int]:
        """How many rows become what; the five usual outcomes always, the rarer ones where there are any."""
        counts = {str(action): self.counts[action] for action in Action} | {"missing": len(self.missing)}
        return {name: count for name, count in counts.items() if count or name in ALWAYS_COUNTED}

    @property
    def missing(self) -> list[int]:
        """The rows of ours that the file does not have. Nothing becomes of them."""
        if not self.check.kind.whole:
            return []
        taken = self.matching.taken
        return [key for key in self.matching.index.keys if key not in taken]

    def warnings(self) -> list[str]:
        """Why a second press is asked for before this is imported."""
        kind, changing, estate = self.check.kind, self.counts[Action.UPDATE], self.matching.index.size
        said = []
        if changing > ALONE and changing * 5 > estate:
            said.append(f"{changing:,} of the {estate:,} {kind.many} of {self.check.council} would change.")
        elif changing > ALONE and changing * 2 > self.total:
            said.append(f"{changing:,} of the {self.total:,} rows of the file would change what we have.")
        if self.jumping:
            said.append(
                f"{self.jumping:,} of the rows pass over a rule: they say that something is gone, and give no evidence."
            )
        return said


def _notes(workbook: Workbook, sheet: Sheet, table: Table, checked: Check) -> list[dict[str, Any]]:
    """What is to be said of the file beside its rows."""
    numbers = set(table.row_numbers) if table.notes else set()
    own = [note for note in table.notes if note.row not in numbers]
    others = [note for each in workbook.sheets if each is not sheet for note in each.notes]
    hidden = [note for note in others if note.code == "hidden_sheet"]
    of_file = [_note(note, table.sheet) for note in [*workbook.notes, *hidden, *own]]
    return of_file + [{**note, "sheet": table.sheet, "row": None} for note in checked.notes.values()]


def _note(note: Note, sheet: str) -> dict[str, Any]:
    return {**problem(note.code, note.value, letter=note.column or ""), "sheet": sheet, "row": note.row}
