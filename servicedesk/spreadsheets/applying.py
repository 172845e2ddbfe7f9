"""Writing the good rows of a checked import: one transaction, one change-set, in sets.

Everything is kept, the job's end with it, or nothing; of very many rows SQLite takes history and words a moment later,
which `untold` and `search.later` see to. What is written is made ready beforehand, so that nobody waits
long for the transaction: on SQLite, which knows one writer at a time, it only moves rows from one table to another.
What was checked is looked at again inside it: rows that somebody changed meanwhile, or tags that were taken, stop the
import with a sentence.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.db import IntegrityError, connection
from django.db.models import Count, F, Max, Sum
from django.utils import timezone

from servicedesk import bulk
from servicedesk.history.models import ChangeSet, Source
from servicedesk.history.recording import change_set, record, snapshot, source
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import finish, report
from servicedesk.many_rows import many_rows
from servicedesk.people.models import Council, Person
from servicedesk.search import later
from servicedesk.spreadsheets import untold
from servicedesk.spreadsheets.changing import CHECK_AGAIN, Changing, Overtaken, names_changed
from servicedesk.spreadsheets.creating import Columns, Created, Creation, columns_of, with_created
from servicedesk.spreadsheets.matching import Index
from servicedesk.spreadsheets.models import WRITTEN, Action, Import
from servicedesk.spreadsheets.moving_on import RELATED
from servicedesk.spreadsheets.stored_rows import LOOSE, StoredRow, blocks, rows_of
from servicedesk.spreadsheets.trying import tried_out

State = Import.State
STANDING = (State.CHECKED, State.APPLYING)
GoodRow = StoredRow
"""A checked row that is to be written, as hooks of its kind complete it."""


def apply_by_job(pk: int, job: Job) -> dict[str, Any]:
    """Apply the import as a job; when it cannot be done any more, job and import end as failed and say why."""
    started = Import.objects.select_related(*RELATED).get(pk=pk)
    report(job, 0, started.rows_to_write, "Making the rows ready")
    try:
        if job.wanted_by and started.council_id not in started.kind_of_row.may_import(job.wanted_by):
            raise Overtaken("Nothing was imported: whoever asked for it may not import here any more.")
        write(started, by=job.wanted_by, job=job)
    except Overtaken as overtaken:
        _fail(started, job, str(overtaken))
    return {"counts": started.counts}


@many_rows()
def write(
    started: Import, *, by: Person | None, job: Job | None = None, now: datetime | None = None
) -> Import:
    """Write the good rows, once: an import that is applied already is left as it is. Raises Overtaken."""
    written = _write(started, by, job, now or timezone.now())
    untold.tell_now(written)
    later.catch_up_now()
    return written


def _write(started: Import, by: Person | None, job: Job | None, now: datetime) -> Import:
    if not Import.objects.filter(pk=started.pk, state__in=STANDING).exists():
        return Import.objects.select_related(*RELATED).get(pk=started.pk)
    try:
        with Writing(started, now) as writing:
            if job:
                report(job, started.rows_to_write // 2, started.rows_to_write, "Writing the rows")
            with (
                source(Source.IMPORT),
                change_set(by=by, reason=f"Import of {started.file}", now=now) as deed,
            ):
                before = snapshot([started])
                if not _take(started, deed, now):
                    return Import.objects.select_related(*RELATED).get(pk=started.pk)
                if writing.kind.write:
                    writing.kind.write(list(rows_of(started, [Action.CREATE])), started, by)
                else:
                    writing.write(deed, by)
                applied = Import.objects.select_related(*RELATED).get(pk=started.pk)
                record(deed, [applied], before)
                if job:
                    done = {"outcome": {"counts": started.counts}, "progress_done": started.rows_to_write}
                    finish(job, Job.State.DONE, **done)
    except IntegrityError as error:
        raise Overtaken(
            f"A tag or serial number has been taken since the rows were checked. {CHECK_AGAIN}"
        ) from error
    return applied


def _take(started: Import, deed: ChangeSet, now: datetime) -> int:
    """Mark the import as applied, unless it is; until this transaction ends nobody else gets past here.

    Nor does another import of the same council: it would not see yet what this one creates.
    """
    Council.objects.select_for_update(no_key=True).get(pk=started.council_id)
    standing = Import.objects.filter(pk=started.pk, state__in=STANDING)
    return standing.update(state=State.APPLIED, applied_at=now, change_set=deed, version=F("version") + 1)


class Writing:
    """What an import writes: made ready on entering, dropped on leaving."""

    def __init__(self, started: Import, now: datetime):
        self.started, self.kind, self.now = started, started.kind_of_row, now
        self.marks = [
            marks for marks in started.packed.filter(action__in=WRITTEN).values_list("marks", flat=True)
        ]
        self.by_row = self.kind.stamped is None or any(
            f"{LOOSE}:{name}" in marks for name in self.kind.tied for marks in self.marks
        )
        self.keys: Sequence[int] = ()
        self.created: Created = {}
        self.whole: dict[str, list[StoredRow]] | None = None
        self.creation: Creation | None = None
        self.changing: Changing | None = None

    def __enter__(self) -> "Writing":
        """Where a kind has to complete every row, or what is created may not be told beforehand, this waits."""
        self.as_it_was = self._as_it_is()
        self._refuse_taken()
        if not (self.by_row or self.kind.write) and connection.vendor == "sqlite":
            self.created = self._foretold()
            self._make_ready()
        return self

    def __exit__(self, *failure: object) -> None:
        self._drop()

    def write(self, deed: ChangeSet, by: Person | None) -> None:
        """Write all of it, in the transaction of the deed. Raises Overtaken."""
        if self._as_it_is() != self.as_it_was:
            self._refuse_taken()
        if count := self.started.counts.get("create"):
            self.keys = bulk.take_keys(self.kind.model, count)
        if not self.by_row:
            created = self._create_looked_up(deed)
            if created != self.created or not self._is_ready:
                self.created = created
                self._make_ready()
        else:
            self._complete_all(deed)
            self._make_ready()
        if self.creation:
            self.creation.write(deed, self.keys)
            if self.history_follows:
                untold.put_off(self.started, self.keys, self.created)
        if self.changing:
            self.changing.write(deed)
        if self.kind.deeds and by:
            self.kind.deeds.change(list(rows_of(self.started, [Action.UPDATE])), deed, by)
        if self.kind.written:
            heeded = self.changing.heeded if self.changing else []
            self.kind.written(self.keys, heeded, deed, self.started.council)

    @property
    def history_follows(self) -> bool:
        """Whether the history of the new rows follows them: where they are many, and can be read again as they were."""
        return not self.by_row and later.is_for_later(self.kind.model, self.started.counts["create"])

    @property
    def _is_ready(self) -> bool:
        return self.creation is not None or self.changing is not None

    def _make_ready(self) -> None:
        counts = self.started.counts
        self._drop()
        if counts.get("create"):
            self.creation = Creation(self.started, self.now, self._new_columns)
            self.creation.make_ready(history_follows=self.history_follows)
        if counts.get("update") and not self.kind.deeds:
            names = {name for marks in self.marks for name in names_changed(marks)}
            self.changing = Changing(self.started, self.kind, self._changed_rows(), names)

    def _drop(self) -> None:
        for made in (self.creation, self.changing):
            if made:
                made.drop()

    def _as_it_is(self) -> Mapping[str, Any]:
        """What changes whenever a row of the council does; asked where rows are created, as each that is changed tells
        its own version."""
        if not self.started.counts.get("create"):
            return {}
        held = self.kind.model._default_manager.filter(**self.kind.of_council(self.started.council_id))
        versioned = any(field.name == "version" for field in self.kind.model._meta.concrete_fields)
        counted = {"count": Count("pk"), "last": Max("pk")} | ({"sum": Sum("version")} if versioned else {})
        return held.order_by().aggregate(**counted)

    def _refuse_taken(self) -> None:
        """Refuse new rows that somebody else has registered since."""
        if not self.started.counts.get("create"):
            return
        index = Index(self.kind, self.started.council)
        if not index.size:
            return
        for block in blocks(self.started, Action.CREATE):
            for key in self.kind.keys:
                aparts = block.columns.get(key.told_apart_by) if key.told_apart_by else None
                for at, value in enumerate(block.columns.get(key.name, ())):
                    if (
                        value
                        and not key.last
                        and index.candidates(key, value, aparts[at] if aparts else None)
                    ):
                        raise Overtaken(
                            f"{value} (row {block.numbers[at]}) has been registered since the rows were checked."
                            f" {CHECK_AGAIN}"
                        )

    def _new_columns(self) -> Iterator[Columns]:
        """The values of the new rows, with the keys of what was created for them."""
        if self.whole is not None:
            rows = self.whole[Action.CREATE]
            names = list(dict.fromkeys(name for row in rows for name in row.values))
            yield len(rows), {name: [row.values.get(name) for row in rows] for name in names}
            return
        for block in blocks(self.started, Action.CREATE):
            yield columns_of(block, self.created)

    def _changed_rows(self) -> Iterator[StoredRow]:
        if self.whole is not None:
            yield from self.whole[Action.UPDATE]
            return
        for row in rows_of(self.started, [Action.UPDATE]):
            if self.created:
                row.values = {
                    name: with_created(name, value, self.created) for name, value in row.values.items()
                }
            yield row

    def _create_looked_up(self, deed: ChangeSet) -> Created:
        """Create what rows name and we do not have, each once, where that was allowed."""
        if not any(LOOSE in marks for marks in self.marks):
            return {}
        rows: dict[bytes, StoredRow] = {}
        for row in rows_of(self.started, WRITTEN, LOOSE):
            row.values = {
                name: value
                for name, value in row.values.items()
                if type(value) is list
                and value[0] is None
                and (row.action == Action.CREATE or name in row.changes)
            }
            rows.setdefault(orjson.dumps(row.values), row)
        said = [
            (row, name, orjson.dumps(value)) for row in rows.values() for name, value in row.values.items()
        ]
        self.kind.complete(list(rows.values()), deed, self.started.council)
        return {(name, value): row.values[name][0] for row, name, value in said if row.values.get(name)}

    def _foretold(self) -> Created:
        """The keys that what is created will have, unless somebody is quicker: tried out, and taken back."""
        if not any(LOOSE in marks for marks in self.marks):
            return {}
        with tried_out(), change_set(by=None, now=self.now) as deed:
            return self._create_looked_up(deed)

    def _complete_all(self, deed: ChangeSet) -> None:
        """Let the kind complete every row, because it has something to say of each."""
        self.whole = {action: list(rows_of(self.started, [action])) for action in WRITTEN}
        for row, key in zip(self.whole[Action.CREATE], self.keys, strict=True):
            row.key = key
        self.kind.complete([row for rows in self.whole.values() for row in rows], deed, self.started.council)


def _fail(started: Import, job: Job, sentence: str) -> None:
    """Say on the import and on the job that nothing was written, and why."""
    with change_set(by=job.wanted_by, reason=f"Import of {started.file}") as deed:
        before = snapshot([started])
        started.state, started.refused = State.FAILED, sentence
        Import.objects.filter(pk=started.pk).update(
            state=State.FAILED, refused=sentence, version=F("version") + 1
        )
        record(deed, [started], before)
        finish(job, Job.State.FAILED, problem=sentence)
