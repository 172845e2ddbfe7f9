"""Taking back what was just done to items of a batch: each goes back, with its asset, as far as nothing followed."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404

from assets.batches.models import Batch, BatchItem
from assets.batches.states import ITEM_MOVES
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.undoing import Undone, undo
from servicedesk.people.models import Person

ITEM = BatchItem._meta.label_lower
OURS = (ITEM, "batches.appointment", "register.")
NEVER = ("lose",)
"""A loss has raised a security incident, which no click takes back."""


def may_undo(person: Person, batch: Batch, deed: ChangeSet) -> bool:
    """Whether the deed is the person's own, moved items of this batch that is still open, and touched nothing else."""
    told = list(deed.changes.values_list("kind", "object_id", "move"))
    items = {key for kind, key, _ in told if kind == ITEM}
    own = set(batch.items.filter(pk__in=items).values_list("pk", flat=True))
    return (
        batch.is_open
        and deed.by_id == person.pk
        and deed.undoes_id is None
        and bool(items)
        and own == items
        and all(kind.startswith(OURS) for kind, _, _ in told)
        and all(move in ITEM_MOVES and move not in NEVER for kind, _, move in told if kind == ITEM)
    )


def last_deed(person: Person, batch: Batch) -> ChangeSet | None:
    """The person's last deed on items of the batch, where it may be taken back."""
    moves = Change.objects.filter(
        kind=ITEM,
        object_id__in=batch.items.values("pk"),
        action=Change.Action.MOVE,
        change_set__by_id=person.pk,
    )
    last = moves.select_related("change_set").order_by("-pk").first()
    if last is None or not may_undo(person, batch, last.change_set):
        return None
    return None if ChangeSet.objects.filter(undoes=last.change_set).exists() else last.change_set


def own_deed(person: Person, key: int) -> ChangeSet:
    """A deed of the person's own. Raises Http404."""
    deed = ChangeSet.objects.filter(pk=key, by_id=person.pk).first()
    if deed is None:
        raise Http404
    return deed


def take_back(deed: ChangeSet, batch: Batch, *, by: Person, now: datetime | None = None) -> Undone:
    """Undo it. What somebody has moved on since stays. Raises PermissionDenied or Overtaken."""
    if not may_undo(by, batch, deed):
        raise PermissionDenied("This cannot be taken back here.")
    return undo(deed, by=by, now=now)
