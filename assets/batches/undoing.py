"""Taking back what was just done to items of a batch: each goes back whole, with its asset, or stays as it is."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from assets.batches.appointment_following import RELATED
from assets.batches.appointments import engaged_then, taken_then
from assets.batches.items import held
from assets.batches.models import Appointment, AppointmentState, Batch, BatchItem, SwapSlot, SwapSurvey
from assets.batches.states import ITEM_MOVES
from assets.disposal.models import DueBack
from assets.register.changes import left_in_words
from assets.register.models import Asset
from servicedesk import wording
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, record_entries
from servicedesk.history.undoing import Overtaken, Undone, undo
from servicedesk.people.access import may
from servicedesk.people.models import Person

ITEM, ASSET = BatchItem._meta.label_lower, Asset._meta.label_lower
APPOINTMENT, DUE_BACK = Appointment._meta.label_lower, DueBack._meta.label_lower
OURS = (ITEM, APPOINTMENT, "register.", DUE_BACK)
NEVER = ("lose", "sanitise", "fail_sanitising", "destroy", "donate", "sell", "recycle")
"""A loss has raised a security incident, and the others have left evidence, which no click takes back."""
REVIEW = ("confirm", "exclude")
"""What goes back to be reviewed, which a draft alone is."""


def may_undo(person: Person, batch: Batch, deed: ChangeSet) -> bool:
    """Whether the deed is the person's own, moved items of this batch by moves that they may still make and that lead
    back to where the batch still is, and touched nothing else."""
    told = list(deed.changes.values_list("kind", "object_id", "move", "council_id"))
    items = {key for kind, key, *_ in told if kind == ITEM}
    own = set(batch.items.filter(pk__in=items).values_list("pk", flat=True))
    return (
        batch.is_open
        and deed.by_id == person.pk
        and deed.undoes_id is None
        and bool(items)
        and own == items
        and all(kind.startswith(OURS) for kind, *_ in told)
        and all(_may_reverse(person, batch, move, council) for kind, _, move, council in told if kind == ITEM)
    )


def _may_reverse(person: Person, batch: Batch, move: str, council: int | None) -> bool:
    if move not in ITEM_MOVES or move in NEVER:
        return False
    states = ("draft",) if move in REVIEW else ITEM_MOVES[move].batch_states
    return council is not None and batch.state in states and may(person, ITEM_MOVES[move].permission, council)


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
    """Undo it. Of many items those that somebody has moved on since stay. Raises PermissionDenied, or Overtaken where
    nothing would go back, or some item in part, or a swap to a time that others have taken."""
    with transaction.atomic():
        held(deed.changes.filter(kind=ITEM).values_list("object_id", flat=True))
        batch = Batch.objects.get(pk=batch.pk)
        if not may_undo(by, batch, deed):
            raise PermissionDenied("This cannot be taken back here.")
        return undo(deed, by=by, now=now, also=lambda undone: _settle(deed, undone, by))


def _settle(deed: ChangeSet, undone: Undone, by: Person) -> None:
    _refuse_halves(deed, undone)
    _refuse_taken_times(undone, by)
    _ask_no_more(deed, undone)


def _refuse_taken_times(undone: Undone, by: Person) -> None:
    """Undo nothing where a swap would be at a time again whose last place, or whose people, others have had since."""
    keys = undone.deed.changes.filter(kind=APPOINTMENT).values_list("object_id", flat=True)
    again = Appointment.objects.filter(pk__in=list(keys), state=AppointmentState.BOOKED)
    # In the order of their engineers, whom `engaged_then` holds, so that two who undo do not wait for each other.
    booked = list(again.select_related(*RELATED).order_by("engineer", "pk"))
    slots = SwapSlot.objects.filter(pk__in=[one.slot_id for one in booked])
    held_slots: dict[int | None, SwapSlot] = {
        slot.pk: slot for slot in slots.select_for_update().order_by("pk")
    }
    for one in booked:
        slot = held_slots[one.slot_id]
        problems = [*taken_then(one, slot, by), engaged_then(one, slot, one.engineer, by)]
        if wrong := next(filter(None, problems), ""):
            when = wording.moment(slot.starts_at)
            raise Overtaken(f"Nothing was taken back. The swap of {one.item.asset} was on {when}. {wrong}.")


def _ask_no_more(deed: ChangeSet, undone: Undone) -> None:
    """How a swap went that was taken back is not asked, so that it is asked of the next one."""
    keys = deed.changes.filter(kind=ITEM).values_list("object_id", flat=True)
    rows = SwapSurvey.objects.filter(item__in=list(keys), item__swapped_at=None, answered_at=None)
    gone = [
        Entry(row.pk, str(row), row.council_id, Change.Action.REMOVE, {})
        for row in rows.select_related("item__asset").select_for_update(of=("self",))
    ]
    SwapSurvey.objects.filter(pk__in=[entry.object_id for entry in gone]).delete()
    record_entries(undone.deed, SwapSurvey, gone)


def _refuse_halves(deed: ChangeSet, undone: Undone) -> None:
    """Undo nothing where an item would part from its assets or from whoever was asked for them, or nothing of it goes
    back."""
    if not undone.left:
        return
    touched = set(deed.changes.values_list("kind", "object_id"))
    stays = {(left.kind, left.object_id) for left in undone.left}
    items = BatchItem.objects.filter(pk__in=[key for kind, key in touched if kind == ITEM])
    parts = [
        touched & {(ITEM, item.pk), (ASSET, item.asset_id), (ASSET, item.replacement_id)} for item in items
    ]
    parted = any(part & stays and part - stays for part in parts)
    asked = any(left.kind == DUE_BACK for left in undone.left)
    if parted or asked or len(parts) == 1 or not undone.restored:
        raise Overtaken(f"Nothing was taken back. {left_in_words(undone.left[0])}")
