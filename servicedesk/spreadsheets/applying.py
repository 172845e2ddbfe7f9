"""Writing the good rows of a checked import: one transaction, one change-set, in sets.

Everything is kept, the job's end with it, or nothing. What was checked is looked at again inside that transaction: rows
that somebody changed meanwhile, or tags that were taken, stop the import with a sentence.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import IntegrityError
from django.db.models import DateTimeField, F, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet, Source
from servicedesk.history.recording import (
    Entry,
    as_json,
    change_set,
    record,
    record_entries,
    recorded_fields,
    snapshot,
    source,
)
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import finish, report
from servicedesk.people.models import Person
from servicedesk.search.index import index
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.matching import Index, current_rows
from servicedesk.spreadsheets.models import Import, ImportRow

State, Action = Import.State, ImportRow.Action
CHECK_AGAIN = "Nothing was imported. Check the rows again."


@dataclass(slots=True)
class GoodRow:
    """A checked row that is to be written, as its ImportRow has it: plain, because there are many."""

    number: int
    target_id: int | None
    target_version: int | None
    values: dict[str, Any]
    changes: dict[str, list]


class Overtaken(Exception):
    """The register is no longer as it was when the rows were checked. The text is for the person."""


def apply_by_job(pk: int, job: Job) -> dict[str, Any]:
    """Apply the import as a job; when it cannot be done any more, job and import end as failed and say why."""
    started = Import.objects.select_related("council", "file", "started_by").get(pk=pk)
    report(job, 0, started.rows_to_write, "Writing the rows")
    try:
        if job.wanted_by and started.council_id not in started.kind_of_row.may_import(job.wanted_by):
            raise Overtaken("Nothing was imported: whoever asked for it may not import here any more.")
        write(started, by=job.wanted_by, job=job)
    except Overtaken as overtaken:
        _fail(started, job, str(overtaken))
    return {"counts": started.counts}


def write(
    started: Import, *, by: Person | None, job: Job | None = None, now: datetime | None = None
) -> Import:
    """Write the good rows, once: an import that is applied already is left as it is. Raises Overtaken."""
    now = now or timezone.now()
    try:
        with source(Source.IMPORT), change_set(by=by, reason=f"Import of {started.file}", now=now) as deed:
            before = snapshot([started])
            if not _take(started, deed, now):
                return Import.objects.get(pk=started.pk)
            with bulk.many_objects():
                _write_rows(started, deed)
            applied = Import.objects.select_related("council", "file", "started_by").get(pk=started.pk)
            record(deed, [applied], before)
            if job:
                finish(
                    job,
                    Job.State.DONE,
                    outcome={"counts": started.counts},
                    progress_done=started.rows_to_write,
                )
    except IntegrityError as error:
        raise Overtaken(
            f"A tag or serial number has been taken since the rows were checked. {CHECK_AGAIN}"
        ) from error
    return applied


def _take(started: Import, deed: ChangeSet, now: datetime) -> int:
    """Mark the import as applied, unless it is; until this transaction ends nobody else gets past here."""
    standing = Import.objects.filter(pk=started.pk, state__in=(State.CHECKED, State.APPLYING))
    return standing.update(state=State.APPLIED, applied_at=now, change_set=deed, version=F("version") + 1)


def _write_rows(started: Import, deed: ChangeSet) -> None:
    kind = started.kind_of_row
    created, changed = _good_rows(started, Action.CREATE), _good_rows(started, Action.UPDATE)
    _refuse_taken(started, kind, created)
    kind.complete([*created, *changed], deed, started.council)
    if created:
        _create(started, kind, created, deed)
    if changed:
        _update(started, kind, changed, deed)


def _good_rows(started: Import, action: ImportRow.Action) -> list[GoodRow]:
    """The rows with this action. Their JSON is read here, several times as fast as a field reads it."""
    columns = [Cast(name, TextField()) for name in ("values", "changes")]
    held = started.rows.filter(action=action).order_by("number")
    return [
        GoodRow(number, target, version, orjson.loads(values), orjson.loads(changes))
        for number, target, version, values, changes in held.values_list(
            "number", "target_id", "target_version", *columns
        )
    ]


def _refuse_taken(started: Import, kind: Kind, created: Sequence[GoodRow]) -> None:
    if not created:
        return
    index = Index(kind, started.council)
    for row in created:
        for key in kind.keys:
            value = row.values.get(key.name)
            if value and not key.last and index.candidates(key, value, row.values.get(key.told_apart_by)):
                raise Overtaken(
                    f"{value} (row {row.number}) has been registered since the rows were checked. {CHECK_AGAIN}"
                )


def _create(started: Import, kind: Kind, rows: Sequence[GoodRow], deed: ChangeSet) -> None:
    """Insert new rows with their history and their place in the search."""
    columns = {field.name: field for field in kind.model._meta.concrete_fields if not field.generated}
    given = {name: None if field.primary_key else field.get_default() for name, field in columns.items()}
    given["council"] = [started.council_id, str(started.council)]
    followed = {field.name: dict(field.flatchoices) for field in recorded_fields(kind.model)}
    usual = _firsts(given, followed)
    moments = [name for name, field in columns.items() if isinstance(field, DateTimeField)]
    for row in rows:
        row.values.update((name, _moment(row.values[name])) for name in moments if name in row.values)
    keys = bulk.take_keys(kind.model, len(rows))
    whole = [{**given, **row.values, "id": key} for key, row in zip(keys, rows, strict=True)]
    # Made as they are written: PostgreSQL takes them in meanwhile.
    bulk.insert(kind.model, list(columns), map(_as_stored, whole))
    entries = (
        Entry(
            values["id"],
            kind.title(values),
            started.council_id,
            Change.Action.CREATE,
            {**usual, **_firsts(row.values, followed)},
        )
        for row, values in zip(rows, whole, strict=True)
    )
    record_entries(deed, kind.model, entries)
    index(kind.model, {values["id"]: kind.search_text(values) for values in whole})


def _as_stored(values: Mapping[str, Any]) -> list:
    return [value[0] if type(value) is list else value for value in values.values()]


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _firsts(values: Mapping[str, Any], followed: Mapping[str, Mapping[Any, str]]) -> dict[str, list]:
    """The fields of a new row that say something, as history keeps them."""
    return {
        name: [None, value, "", followed[name].get(value, value)]
        if type(value) is str
        else _first(value, followed[name])
        for name, value in values.items()
        if value is not None and value != "" and name in followed
    }


def _first(value: Any, choices: Mapping[Any, str]) -> list:
    """A field of a new row that is no text, as history keeps it."""
    if type(value) is list:
        return [None, value[0], "", value[1]]
    return [None, as_json(value), "", str(choices.get(value, value))]


def _update(started: Import, kind: Kind, rows: Sequence[GoodRow], deed: ChangeSet) -> None:
    """Write changed rows over what stood when they were checked, with their history and their place in the search."""
    aimed = [(row, row.target_id) for row in rows if row.target_id is not None]
    current = current_rows(kind, {target for _, target in aimed})
    names = sorted({name for row in rows for name in row.changes})
    moments = {name for name in names if isinstance(kind.column(name), DateTimeField)}
    written, texts = [], {}
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for row, target in aimed:
        there = current.get(target)
        if there is None or there["version"] != row.target_version:
            raise Overtaken(
                f"Row {row.number} was changed by somebody since the rows were checked. {CHECK_AGAIN}"
            )
        changes, move = _with_created(row), row.values.get("move", "")
        new = {name: _moment(change[1]) if name in moments else change[1] for name, change in changes.items()}
        written.append([target, row.target_version, *(new.get(name, there[name]) for name in names)])
        values = _values_after(kind, there, changes)
        action = Change.Action.MOVE if move else Change.Action.UPDATE
        entries[move].append(Entry(target, kind.title(values), started.council_id, action, changes))
        texts[target] = kind.search_text(values)
    if bulk.update(kind.model, names, written) != len(written):
        raise Overtaken(f"Some rows were changed by somebody just now. {CHECK_AGAIN}")
    for move, made in entries.items():
        record_entries(deed, kind.model, made, move=move)
    index(kind.model, texts)


def _with_created(row: GoodRow) -> dict[str, list]:
    """The changes of a row, with the keys of what was created for it."""
    for name, change in row.changes.items():
        value = row.values.get(name)
        if type(value) is list and change[1] is None and change[3]:
            change[1] = value[0]
    return row.changes


def _values_after(kind: Kind, there: Mapping[str, Any], changes: Mapping[str, list]) -> dict[str, Any]:
    values = {}
    for field in kind.columns:
        change = changes.get(field.name)
        value = change[1] if change else there[field.name]
        label = change[3] if change else there.get(f"{field.name} label")
        values[field.name] = ([value, label] if value else None) if field.label else value
    return values


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
