"""Taking an import back: what nobody has changed since. The rest stays, and is listed with who changed it and when."""

import logging
from typing import Any

from django.apps import apps
from django.db.models import F
from django.utils import timezone

from servicedesk.history.models import Source
from servicedesk.history.recording import change_set, record, snapshot, source
from servicedesk.history.taking_back import Left
from servicedesk.history.undoing import Overtaken, Undone, undo
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import finish, report
from servicedesk.many_rows import many_rows
from servicedesk.people.models import Person
from servicedesk.search import later
from servicedesk.spreadsheets import untold
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.moving_on import RELATED

log = logging.getLogger(__name__)
State = Import.State
ITSELF = Import._meta.label_lower
LISTED = 1_000


def undo_by_job(pk: int, job: Job) -> dict[str, Any]:
    """Take an import back as a job; when it cannot be done, job and import end as they were and say why."""
    started = Import.objects.select_related(*RELATED).get(pk=pk)
    if started.state != State.UNDOING:
        return started.undone
    report(job, 0, started.rows_to_write, "Looking at what was changed since")
    try:
        if job.wanted_by and started.council_id not in started.kind_of_row.may_import(job.wanted_by):
            raise Overtaken("Nothing was undone: whoever asked for it may not import here any more.")
        return take_back(started, by=job.wanted_by, job=job).undone
    except Overtaken as overtaken:
        _give_up(started, job, str(overtaken))
        return {}


@many_rows()
def take_back(started: Import, *, by: Person | None, job: Job | None = None) -> Import:
    """Undo what an import wrote, in one transaction that says so on the import. Raises Overtaken."""

    _tell_first(started)
    deed, deeds = started.change_set, started.kind_of_row.deeds
    assert deed is not None  # noqa: S101 - only what was applied comes here
    deeds = deeds if started.counts.get("update") else None
    kept = [model for app in started.kind_of_row.keeps for model in apps.get_app_config(app).get_models()]
    leaving = {ITSELF, *(model._meta.label_lower for model in kept)}
    if deeds:
        leaving = set(deed.changes.values_list("kind", flat=True))

    def tell(undone: Undone) -> None:
        if deeds:
            deeds.give_back(deed, by, undone)
        before = snapshot([started])
        outcome = _outcome(undone, started.kind_of_row.model._meta.label_lower)
        fields = {"state": State.UNDONE, "undone": outcome, "undone_at": timezone.now(), "refused": ""}
        Import.objects.filter(pk=started.pk).update(version=F("version") + 1, **fields)
        record(undone.deed, [Import.objects.get(pk=started.pk)], before)
        if job:
            finish(job, Job.State.DONE, outcome=outcome, progress_done=started.rows_to_write)

    with source(Source.IMPORT):
        undo(deed, by=by, reason=f"Undo of the import of {started.file}", leaving=leaving, also=tell)
    later.catch_up_now()
    return Import.objects.select_related(*RELATED).get(pk=started.pk)


def _tell_first(started: Import) -> None:
    """History says what is to be undone, so all of it has to be there. Raises Overtaken."""
    try:
        untold.tell(started)
    except Exception as error:
        log.exception("The history of import %s cannot be told", started.pk)
        raise Overtaken(
            "Nothing was undone: the history of this import is not complete yet. Try again."
        ) from error


def _outcome(undone: Undone, kind: str) -> dict[str, Any]:
    removed = undone.removed_by_kind[kind]
    listed = [_left(each) for each in undone.left[:LISTED]]
    return {
        "restored": undone.restored,
        "removed": removed,
        "besides": undone.removed - removed,
        "left": listed,
        "not_listed": len(undone.left) - len(listed),
    }


def _left(each: Left) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "id": each.object_id,
        "label": each.label,
        "fields": list(each.fields),
        "why": each.why,
        "by": each.by,
        "at": each.at.isoformat() if each.at else None,
    }


def _give_up(started: Import, job: Job, sentence: str) -> None:
    """Say on the import and on the job that nothing was undone, and why."""
    with change_set(by=job.wanted_by, reason=f"Undo of the import of {started.file}") as deed:
        before = snapshot([started])
        fields = {"state": State.APPLIED, "refused": sentence}
        Import.objects.filter(pk=started.pk).update(version=F("version") + 1, **fields)
        record(deed, [Import.objects.get(pk=started.pk)], before)
        finish(job, Job.State.FAILED, problem=sentence)
