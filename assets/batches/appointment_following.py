"""An appointment follows its item: however the swap, the no-show or the deferral is written down, it ends with it."""

from collections.abc import Sequence

from assets.batches.models import Appointment, AppointmentState, BatchItem
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record, snapshot

ENDS = {
    "swap": AppointmentState.DONE,
    "miss": AppointmentState.MISSED,
    "defer": AppointmentState.CANCELLED,
    "exclude": AppointmentState.CANCELLED,
    "cancel": AppointmentState.CANCELLED,
}
"""By the move of the item, or of its batch: how its appointment ends."""
OPEN = (AppointmentState.OFFERED, AppointmentState.BOOKED)
RELATED = ("council", "item__asset", "person", "slot__site", "engineer")


def follow(deed: ChangeSet, move: str, items: Sequence[BatchItem]) -> None:
    """In the transaction of the move, end the appointments that are open. One without a time was not missed."""
    if move not in ENDS:
        return
    rows = Appointment.objects.filter(item__in=[item.pk for item in items], state__in=OPEN)
    found = list(rows.select_related(*RELATED).select_for_update(of=("self",)).order_by("pk"))
    before = snapshot(found)
    for one in found:
        timeless = move == "miss" and one.slot_id is None
        one.state = AppointmentState.CANCELLED if timeless else ENDS[move]
        one.version += 1
        one.save(update_fields=["state", "version"])
    record(deed, found, before)
