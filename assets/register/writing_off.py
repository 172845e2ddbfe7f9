"""Writing off what was lost takes two hands: an asset manager asks, a budget approver of the council answers."""

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F

from assets.register.lifecycle import AssetState, MoveRefused
from assets.register.models import Asset, WriteOff
from servicedesk.history import editing
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

RELATED = ("asset", "council", "recorded_by", "decided_by")


def ask_to_write_off(asset: Asset, *, by: Person, reason: str, now: datetime | None = None) -> WriteOff:
    """Ask the council's budget approver. Raises PermissionDenied, MoveRefused, or ValidationError."""
    require(by, Permission.EDIT_ASSETS, asset)
    if asset.state != AssetState.LOST_STOLEN:
        state = asset.get_state_display().lower()
        raise MoveRefused(f"{asset} is {state}. Only what is lost or stolen is written off.")
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it should be written off"})
    with change_set(by=by, now=now) as deed:
        row = WriteOff(
            council=asset.council,
            asset=asset,
            recorded_by=by,
            recorded_at=deed.at,
            reason=reason.strip(),
        )
        return editing.add(row, by=by, check=_refuse_second)


def answer_write_off(
    asked: WriteOff,
    *,
    by: Person,
    approve: bool,
    note: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> WriteOff:
    """Approve, or refuse and say why. Raises PermissionDenied, MoveRefused, or ValidationError."""
    require(by, Permission.APPROVE_SPENDING, asked)
    if asked.recorded_by_id == by.pk:
        raise PermissionDenied("Somebody else must approve what you asked for.")
    if asked.asset.holder_id == by.pk:
        raise PermissionDenied("Somebody else must approve what you had yourself.")
    if not approve and not note.strip():
        raise ValidationError({"note": "Enter why it is refused"})
    decision = WriteOff.Decision.APPROVED if approve else WriteOff.Decision.REFUSED
    with change_set(by=by, now=now) as deed:
        before = snapshot([asked])
        waiting = WriteOff.objects.filter(pk=asked.pk, decision="", version=version or asked.version)
        if asked.asset.state != AssetState.LOST_STOLEN or not waiting.update(
            decision=decision,
            decided_by=by,
            decided_at=deed.at,
            decision_note=note.strip(),
            version=F("version") + 1,
        ):
            raise MoveRefused("This has been answered, or the asset is not lost any more. Look at it again.")
        asked = WriteOff.objects.select_related(*RELATED).get(pk=asked.pk)
        record(deed, [asked], before)
    return asked


def call_off(deed: ChangeSet, assets: Iterable[Asset]) -> None:
    """Nobody need answer for what was found again: open questions are closed, given approvals are spent."""
    keys = [asset.pk for asset in assets]
    open_still = WriteOff.objects.filter(asset__in=keys).exclude(decision=WriteOff.Decision.REFUSED)
    rows = list(open_still.select_related(*RELATED))
    before = snapshot(rows)
    for row in rows:
        row.decision, row.version = WriteOff.Decision.REFUSED, row.version + 1
        row.decision_note = "It was found again"
    WriteOff.objects.bulk_update(rows, ["decision", "decision_note", "version"])
    record(deed, rows, before)


def _refuse_second(row: WriteOff) -> None:
    if WriteOff.objects.filter(asset=row.asset, decision="").exists():
        raise ValidationError(f"The budget approver has been asked about {row.asset} already.")
