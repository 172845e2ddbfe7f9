"""One import from one step to the next: never past somebody who was quicker, and recorded."""

from typing import Any

from django.db.models import F, QuerySet

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.models import Person
from servicedesk.spreadsheets.models import Import, WrongStep

RELATED = ("council", "file", "started_by", "job", "profile", "change_set")
NOTHING_CHECKED: dict[str, Any] = {"counts": {}, "notes": [], "missing": [], "warnings": [], "choices": {}}


class Unconfirmed(WrongStep):
    """What was asked for does so much that it has to be asked for twice."""


def move_on(
    started: Import, *, by: Person | None, version: int, standing: QuerySet | None = None, **fields: Any
) -> Import:
    """Move on an import that is open, or is among those `standing`. Raises WrongStep where somebody was quicker."""
    rows = Import.objects.select_related(*RELATED).filter(pk=started.pk)
    with change_set(by=by, reason=f"Import of {started.file}") as deed:
        before = snapshot(rows)  # as stored: the caller's own copy may be ahead
        standing = Import.objects.open() if standing is None else standing
        if not standing.filter(pk=started.pk, version=version).update(version=F("version") + 1, **fields):
            raise WrongStep("Somebody has moved this import on while you were looking at it.")
        moved = rows.get()
        record(deed, [moved], before)
    return moved
