"""Keeping another new device for an item than the one it was given, as long as it is not swapped."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from assets.batches.item_guards import Around, Question, problems_of
from assets.batches.items import fresh, held, write_moved
from assets.batches.models import BatchItem
from assets.batches.states import ITEM_MOVES, Outcome
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from servicedesk.history.editing import Stale
from servicedesk.history.recording import change_set, snapshot
from servicedesk.people.access import may, require
from servicedesk.people.models import Person

GIVEN = ITEM_MOVES["allocate"]
"""What gave it the first one: the right, the states of the batch and the guards are the same."""
WAITING = ("allocated", "scheduled", "no_show")


def may_exchange(person: Person, item: BatchItem) -> bool:
    """Whether the person may choose another new device for it as it stands."""
    return not _why_not(item) and may(person, GIVEN.permission, item.council_id)


def exchange(
    item: BatchItem,
    *,
    by: Person,
    replacement: Asset,
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> BatchItem:
    """Keep another device for it: the one before is free again. Returns the item as it now is.

    Raises PermissionDenied, Stale, MoveRefused, or ValidationError by field.
    """
    now = now or timezone.now()
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        item = held([item.pk], [{"replacement": replacement}])[0]
        require(by, GIVEN.permission, item)
        if version is not None and version != item.version:
            raise Stale(item)
        if refused := _why_not(item):
            raise MoveRefused(refused)
        new = Asset.objects.select_related("council", "model").get(pk=replacement.pk)
        if new.pk == item.replacement_id:
            raise ValidationError({"replacement": f"{new} is kept for {item.asset} already"})
        around = Around((item,), (new.pk,))
        found = problems_of("allocate", Question(item, {"replacement": new}, around, by, now))
        if found.get(""):
            raise MoveRefused(found[""])
        if found:
            raise ValidationError(found)
        before = snapshot([item])
        item.replacement = new
        write_moved("exchange", [item], before, deed)
    return fresh(item)


def _why_not(item: BatchItem) -> str:
    """Why nothing else can be kept for it as it stands, in a sentence."""
    if item.batch.state not in GIVEN.batch_states:
        return f"{item.batch} is {item.batch.get_state_display().lower()}, so no other device is kept for its assets."
    if item.state in WAITING and item.replacement_id is not None:
        return ""
    if item.outcome != Outcome.REPLACE:
        return f"{item.asset} is retired without a replacement."
    state = item.get_state_display().lower()
    return f"{item.asset} is “{state}” in {item.batch}: another device is chosen between its allocation and its swap."
