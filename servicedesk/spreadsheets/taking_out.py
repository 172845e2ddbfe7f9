"""Asking for rows as a spreadsheet: few are written at once, many by a job."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from servicedesk.history.recording import change_set, record
from servicedesk.jobs.running import enqueue
from servicedesk.people.access import may
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.exporting import make, wanted
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.tasks import make_export

MADE_AT_ONCE = 5000


def start(
    kind: Kind, filters: Mapping[str, Any], format: str, *, by: Person, now: datetime | None = None
) -> Export:
    """Take out the rows of a kind that the person may see and that pass the filters: at once, or by a job if many.

    Raises PermissionDenied, or ValidationError where a filter is not understood.
    """
    if not may(by, Permission.EXPORT):
        raise PermissionDenied("You need the right to export.")
    now = now or timezone.now()
    rows = wanted(kind, by, filters)
    many = len(rows.order_by()[: MADE_AT_ONCE + 1].values_list("pk")) > MADE_AT_ONCE
    export = Export(kind=kind.code, filters=dict(filters), format=format, wanted_by=by, wanted_at=now)
    if not many:
        return make(export)
    with change_set(by=by, reason=f"Export of {kind.many}", now=now) as deed:
        export.save()
        record(deed, [export])
        export.job = enqueue(make_export, by=by, export=export.pk)
        export.save(update_fields=["job"])
    return export
