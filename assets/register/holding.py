"""Legal hold: an asset that an inquiry may want to see is neither wiped nor let go until somebody lifts the hold."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from assets.register.lifecycle import TERMINAL, MoveRefused
from assets.register.models import Asset
from assets.register.registering import StaleAsset, fresh
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission


def set_hold(
    asset: Asset, *, by: Person, reason: str, version: int | None = None, now: datetime | None = None
) -> Asset:
    """Put an asset on hold, and say why. Raises PermissionDenied, MoveRefused, StaleAsset, or ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it is held"})
    with change_set(by=by, now=now) as deed:
        asset = _opened(asset, by, version)
        if asset.legal_hold_reason:
            raise MoveRefused(f"{asset} is on legal hold already: {asset.legal_hold_reason}")
        if asset.state in TERMINAL:
            raise MoveRefused(
                f"{asset} is {asset.get_state_display().lower()}, so it cannot be held any more."
            )
        values = {
            "legal_hold_reason": reason.strip(),
            "legal_hold_by": by,
            "legal_hold_since": deed.at,
        }
        return _written(asset, values, deed, "hold")


def lift_hold(
    asset: Asset, *, by: Person, reason: str, version: int | None = None, now: datetime | None = None
) -> Asset:
    """Lift the hold, and say why it is over. Raises PermissionDenied, MoveRefused, StaleAsset, or ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": "Enter why the hold is lifted"})
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        asset = _opened(asset, by, version)
        if not asset.legal_hold_reason:
            raise MoveRefused(f"{asset} is not on legal hold.")
        values = {"legal_hold_reason": "", "legal_hold_by": None, "legal_hold_since": None}
        return _written(asset, values, deed, "lift_hold")


def _opened(asset: Asset, by: Person, version: int | None) -> Asset:
    asset = fresh(asset)
    require(by, Permission.HOLD_ASSETS, asset)
    if version is not None and version != asset.version:
        raise StaleAsset(asset)
    return asset


def _written(asset: Asset, values: dict[str, Any], deed, name: str) -> Asset:
    before = snapshot([asset])
    rows = Asset.objects.filter(pk=asset.pk, version=asset.version)
    if not rows.update(version=F("version") + 1, **values):
        raise StaleAsset(fresh(asset))
    asset = fresh(asset)
    record(deed, [asset], before, move=name)
    return asset
