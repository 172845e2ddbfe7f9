"""An asset changes its owner, with the agreement of both: one council offers it, the other accepts it.

Both keep their histories. Every change says whose the asset was then; what the old owner's said of money is read with
a right at the old owner's alone, and none of it goes with the asset. Who gave it keeps what the register said of it
that day; that the other has something with the same tag is said to the other alone.
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from assets.register.finding import index_assets
from assets.register.lending import OPEN as OPEN_LOANS
from assets.register.lending import require_receiver
from assets.register.lifecycle import TERMINAL, AssetState, MoveRefused
from assets.register.models import Asset, Custody, Loan, Transfer
from assets.register.registering import StaleAsset, fresh, refuse
from servicedesk.history import editing
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, difference, record, record_entries, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

STAYS_BEHIND: dict[str, Any] = {
    "purchase_cost_ex_vat": None,
    "po_number": "",
    "cost_centre": "",
    "department": None,
    "site": None,
    "room": "",
    "holder": None,
    "holder_note": "",
    "notes": "",
    "management_address": None,
    "rack": "",
    "rack_unit": None,
    "stack_name": "",
    "stack_member": None,
    "uplink": None,
}
"""What belongs to the council and not to the thing."""


def offer_transfer(
    asset: Asset, *, by: Person, receiver: Council, reason: str, now: datetime | None = None
) -> Transfer:
    """Offer an asset to another council. Raises PermissionDenied, MoveRefused, or ValidationError by field."""
    require(by, Permission.EDIT_ASSETS, asset)
    if receiver.pk == asset.council_id:
        raise ValidationError({"receiver": f"It belongs to {receiver} already: choose another council"})
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it changes hands"})
    _check_free(asset)
    now = now or timezone.now()
    transfer = Transfer(
        council=asset.council,
        receiver=receiver,
        asset=asset,
        reason=reason.strip(),
        offered_by=by,
        offered_at=now,
    )
    return editing.add(transfer, by=by, check=_refuse_second, now=now)


def withdraw_transfer(
    transfer: Transfer, *, by: Person, version: int | None = None, now: datetime | None = None
) -> Transfer:
    """Take the offer back. Raises PermissionDenied, or MoveRefused when it is answered already."""
    require(by, Permission.EDIT_ASSETS, transfer)
    return _answered(transfer, Transfer.State.WITHDRAWN, by, "", version, now)


def refuse_transfer(
    transfer: Transfer, *, by: Person, note: str, version: int | None = None, now: datetime | None = None
) -> Transfer:
    """Say no for the council that is asked, and why. Raises PermissionDenied, MoveRefused, or ValidationError."""
    require_receiver(by, transfer.receiver_id)
    if not note.strip():
        raise ValidationError({"note": "Enter why it is refused"})
    return _answered(transfer, Transfer.State.REFUSED, by, note, version, now)


def accept_transfer(
    transfer: Transfer,
    *,
    by: Person,
    asset_tag: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Asset:
    """Take the asset over, with a tag of one's own if wanted. Returns it as it now is.

    Raises PermissionDenied, MoveRefused, StaleAsset, or ValidationError by field, such as for a tag that the taking
    council has given to something else.
    """
    require_receiver(by, transfer.receiver_id)
    if transfer.offered_by_id == by.pk:
        raise PermissionDenied("Somebody else must accept what you offered.")
    with change_set(by=by, reason=transfer.reason, now=now) as deed:
        transfer = _answered(transfer, Transfer.State.ACCEPTED, by, "", version, deed.at)
        asset = fresh(transfer.asset)
        _check_free(asset)
        known = snapshot([asset])[asset.pk]
        Transfer.objects.filter(pk=transfer.pk).update(known=known)
        _hand_on(asset, transfer, asset_tag.strip(), deed)
        index_assets([fresh(asset)])
    return fresh(asset)


def _hand_on(asset: Asset, transfer: Transfer, tag: str, deed: ChangeSet) -> None:
    """Two changes: what stays behind is the old owner's to read, the rest the new one's as well."""
    before = snapshot([asset])
    for name, value in STAYS_BEHIND.items():
        setattr(asset, name, value)
    between = snapshot([asset])
    asset.council = transfer.receiver
    asset.asset_tag = tag or asset.asset_tag
    _check_taken(asset)
    values = {**STAYS_BEHIND, "council": asset.council, "asset_tag": asset.asset_tag}
    rows = Asset.objects.filter(pk=asset.pk, version=asset.version, council=transfer.council_id)
    try:
        with transaction.atomic():
            written = rows.update(version=F("version") + 1, **values)
    except IntegrityError:
        _check_taken(asset)
        raise
    if not written:
        raise StaleAsset(fresh(asset))
    after = snapshot([asset])
    version = asset.version + 1
    for old, new, council in (
        (before, between, transfer.council_id),
        (between, after, transfer.receiver_id),
    ):
        fields = difference(old[asset.pk], new[asset.pk])
        entry = Entry(asset.pk, str(asset), council, Change.Action.MOVE, fields, version)
        record_entries(deed, Asset, [entry], move="transfer")


def _check_taken(asset: Asset) -> None:
    """Say what the taking council's own register has already, by the field that can be mended."""
    try:
        refuse(asset)
    except ValidationError as error:
        found = error.message_dict
        if "asset_tag" in found:
            found["asset_tag"] = [f"{found['asset_tag'][0]}. Enter another tag"]
        raise ValidationError(found) from error


def _check_free(asset: Asset) -> None:
    """Raises MoveRefused while somebody has it, or something stands against its going."""
    if asset.state in (*TERMINAL, AssetState.LOST_STOLEN):
        raise MoveRefused(f"{asset} is {asset.get_state_display().lower()}, so it cannot change hands.")
    if asset.legal_hold_reason:
        raise MoveRefused(f"{asset} is on legal hold, so it cannot change hands until the hold is lifted.")
    held = Custody.objects.filter(asset=asset, ended_at=None).select_related("person", "site").first()
    if held:
        raise MoveRefused(f"{held} still has {asset}. Take it back first.")
    if Loan.objects.filter(asset=asset, state__in=OPEN_LOANS).exists():
        raise MoveRefused(f"{asset} is lent, or offered to somebody. End the loan first.")
    if asset.downlinks.exists() or asset.circuits.exists():
        raise MoveRefused(f"Other equipment or a circuit hangs off {asset}. Change that first.")


def _refuse_second(transfer: Transfer) -> None:
    if Transfer.objects.filter(asset=transfer.asset, state=Transfer.State.OFFERED).exists():
        raise ValidationError(f"{transfer.asset} is offered to another council already.")


def _answered(
    transfer: Transfer, state: str, by: Person, note: str, version: int | None, now: datetime | None
) -> Transfer:
    if transfer.state != Transfer.State.OFFERED:
        raise MoveRefused(f"The transfer is {transfer.get_state_display().lower()} already.")
    with change_set(by=by, now=now) as deed:
        waiting = Transfer.objects.filter(
            pk=transfer.pk, state=Transfer.State.OFFERED, version=version or transfer.version
        )
        before = snapshot([transfer])
        if not waiting.update(
            state=state,
            decided_by=by,
            decided_at=deed.at,
            decision_note=note.strip(),
            version=F("version") + 1,
        ):
            raise MoveRefused("Somebody has answered this just now. Look at it again.")
        transfer = Transfer.objects.select_related(
            "asset", "council", "receiver", "offered_by", "decided_by"
        ).get(pk=transfer.pk)
        record(deed, [transfer], before)
    return transfer
