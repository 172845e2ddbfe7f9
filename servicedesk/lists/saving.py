"""Every write to saved views. Each is recorded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.forms import composed
from servicedesk.history import editing
from servicedesk.lists.models import SavedView
from servicedesk.lists.savable import Savable
from servicedesk.people.access import require
from servicedesk.people.models import Person


def save_view(
    listed: Savable,
    query: Mapping[str, Any],
    *,
    by: Person,
    name: str,
    shared: bool = False,
    now: datetime | None = None,
) -> SavedView:
    """Keep a list as it is narrowed, under a name of one's own. Raises PermissionDenied, or ValidationError."""
    require(by, listed.permission)
    kept, _ = listed.narrowed(by, query)
    if not kept:
        raise ValidationError("Narrow the list first, and save it then")
    row = SavedView(
        council=by.council,
        owner=by,
        list=listed.code,
        name=composed(name).strip(),
        query=kept,
        shared=shared,
    )
    return editing.add(row, by=by, check=_check, now=now)


def remove_view(view: SavedView, *, by: Person, now: datetime | None = None) -> None:
    """Keep it no longer: its owner alone says so. What was chosen by it stays. Raises PermissionDenied."""
    if view.owner_id != by.pk:
        raise PermissionDenied(f"{view} is removed by {view.owner}, whose view it is.")
    editing.remove(view, by=by, now=now)


def _check(row: SavedView) -> None:
    row.clean_fields(exclude=["query"])
    own = SavedView.objects.filter(owner=row.owner_id, list=row.list)
    editing.refuse_taken(row, "name", among=own)
