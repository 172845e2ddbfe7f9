"""Asking for rows as a spreadsheet: few are written at once, many by a job."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone

from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.jobs.running import enqueue
from servicedesk.people.access import may, serving
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.exporting import make, wanted
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.models import Export, Import
from servicedesk.spreadsheets.outgoing import check_columns
from servicedesk.spreadsheets.stored_rows import aims_at
from servicedesk.spreadsheets.tasks import make_export

MADE_AT_ONCE = 5000


def start(
    kind: Kind,
    filters: Mapping[str, Any],
    format: str,
    *,
    by: Person,
    columns: Iterable[str] = (),
    now: datetime | None = None,
) -> Export:
    """Take out the rows of a kind that the person may see and that pass the filters: at once, or by a job if many.

    `columns` are the ones that are wanted; none are all. Raises PermissionDenied, or ValidationError where a filter
    or a column is not understood.
    """
    require_export(by)
    now = now or timezone.now()
    chosen = list(columns)
    check_columns(kind, by, chosen)
    rows = wanted(kind, by, filters)
    many = len(rows.order_by()[: MADE_AT_ONCE + 1].values_list("pk")) > MADE_AT_ONCE
    export = Export(kind=kind.code, filters=dict(filters), format=format, wanted_by=by, wanted_at=now)
    export.columns = chosen
    if not many:
        return make(export)
    with change_set(by=by, reason=f"Export of {kind.many}", now=now) as deed:
        export.save()
        record(deed, [export])
        export.job = enqueue(make_export, by=by, export=export.pk)
        export.save(update_fields=["job"])
    return export


def require_export(person: Person) -> None:
    """Refuse who may take nothing out."""
    if not may(person, Permission.EXPORT):
        raise PermissionDenied("You need the right to export.")


def take_back(kind: Kind, row: Any, deed: ChangeSet) -> None:
    """Hand out no more what was taken out by roles at the councils that serve the row's, and show no more what came
    back of the row: it may be read by others alone now.
    """
    councils = serving(row.council_id)
    made = Export.objects.filter(kind=kind.code, grants__council__in=councils).exclude(file=None)
    exports = list(made.select_related("file", "wanted_by").distinct())
    before = snapshot(exports)
    for export in exports:
        export.file = export.job = None
    Export.objects.bulk_update(exports, ["file", "job"])
    record(deed, exports, before)
    _withdraw(kind, row, deed)


def _withdraw(kind: Kind, row: Any, deed: ChangeSet) -> None:
    """Show no more the imports for the row's council that were not checked yet, or that name the row, nor any other of
    their files."""
    shown = Import.objects.filter(withdrawn_at=None).exclude(started_by=None)
    known_by = {key.name: written for key in kind.keys if (written := getattr(row, key.name))}
    files = {
        each.file_id
        for each in shown.filter(kind=kind.code, council=row.council_id)
        if not each.packed.exists() or aims_at(each, row.pk, known_by)
    }
    imports = list(shown.filter(file__in=files).select_related("file", "council"))
    before = snapshot(imports)
    held = Import.objects.filter(pk__in=[each.pk for each in imports])
    held.update(withdrawn_at=deed.at, version=F("version") + 1)
    record(deed, list(held.select_related("file", "council")), before)


def last_choice(kind: Kind, person: Person) -> Export | None:
    """The last time that the person chose columns of this kind: what they probably want again."""
    own = Export.objects.filter(wanted_by=person, kind=kind.code).exclude(columns=[])
    return own.order_by("-wanted_at", "-pk").first()
