"""The swap itself, as it is done on a phone: two scans, one signature, and all that hangs on it closes at once."""

from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError

from assets.batches.items import RELATED, held, move_item
from assets.batches.models import Appointment, BatchItem
from assets.register.models import Asset
from servicedesk.history.recording import change_set
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import ResolutionCode, Ticket
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.workflow import move as move_ticket

SWAPPABLE = ("allocated", "scheduled")


class Swapped(NamedTuple):
    """The item as it is after its swap, and the request that was resolved with it, if there was one."""

    item: BatchItem
    resolved: Ticket | None


def to_swap(person: Person, scanned: str) -> BatchItem | None:
    """What waits to be swapped and is called so, of the councils whose assets the person handles."""
    councils = councils_of(person, Permission.MOVE_ASSETS)
    named = Asset.objects.filter(council__in=councils).named(scanned)
    waiting = BatchItem.objects.filter(asset__in=named, state__in=SWAPPABLE, batch__state="under_way")
    return waiting.select_related(*RELATED).order_by("pk").first()


def swap(
    item: BatchItem,
    *,
    by: Person,
    old: str,
    new: str,
    signed_by: str,
    data_saved: bool,
    note: str = "",
    freeze_reason: str = "",
    back_on: date | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> Swapped:
    """Write down the swap: both assets with who has them, the item, its appointment and its request, in one deed.

    The person signs once, and says with it that their data are saved. Where they have not brought the old one they keep
    it until `back_on`. Raises as `items.move_item` does.
    """
    require(by, Permission.MOVE_ASSETS, item)
    if not data_saved:
        raise ValidationError(
            {"data_saved": "Nothing is swapped before the person says that their data are saved"}
        )
    with change_set(by=by, reason=freeze_reason or note, now=now):
        held([item.pk])
        open_ones = Appointment.objects.filter(
            item=item.pk, state__in=("offered", "booked"), ticket__isnull=False
        )
        appointment = open_ones.select_related("ticket").first()
        more = {"new": new, "note": note, "freeze_reason": freeze_reason.strip(), "back_on": back_on}
        given = {"old": old, "signed_by": signed_by, **{name: said for name, said in more.items() if said}}
        swapped = move_item(item, "swap", by=by, given=given, version=version, now=now)
        resolved = _resolve(appointment.ticket, swapped, by, now) if appointment else None
    return Swapped(swapped, resolved)


def _resolve(ticket: Ticket | None, item: BatchItem, by: Person, now: datetime | None) -> Ticket | None:
    """Resolve the request, where the person works on it and it is not over; else it stays with whoever does."""
    if ticket is None or "resolve" not in moves_open_to(by, ticket):
        return None
    said = (
        f"{item.asset} is replaced by {item.replacement}."
        if item.replacement
        else f"{item.asset} is taken back."
    )
    return move_ticket(
        ticket, "resolve", by=by, now=now, resolution_code=ResolutionCode.FULFILLED, resolution_note=said
    )
