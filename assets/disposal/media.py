"""The media of an asset: listing them, taking them out, and wiping each by itself.

A wiping is looked at by a second person, and a medium that cannot be wiped is destroyed with a certificate of its own.
With the last medium of an asset that is back, the asset itself becomes wiped, in the same transaction.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils import timezone

from assets.register.effects import Deed, wiping
from assets.register.guards import MISSING
from assets.register.known import Known
from assets.register.lifecycle import MOVES, TERMINAL, MoveRefused
from assets.register.models import Asset, Medium, Sanitisation
from assets.register.registering import RELATED
from assets.register.verifying import wrong_verifier
from assets.register.workflow import move as move_asset
from servicedesk.history import editing
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

Result = Sanitisation.Result
BACK = (*MOVES["sanitise"].sources, "sanitised", "sanitise_failed")
"""States of an asset in which its media are wiped: also one that comes to light in what was wiped already."""


def add_medium(asset: Asset, *, by: Person, now: datetime | None = None, **values: Any) -> Medium:
    """List a medium of an asset. Raises PermissionDenied, MoveRefused or ValidationError."""
    require(by, Permission.MOVE_ASSETS, asset)
    if asset.state in TERMINAL:
        raise MoveRefused(f"{asset} is {asset.get_state_display().lower()}: it has no media any more.")
    if asset.holds_no_data:
        raise MoveRefused(f"There is nothing to wipe in {asset}.")
    with change_set(by=by, now=now) as deed:
        values["serial_number"] = values.get("serial_number", "").strip().upper()
        row = Medium(council=asset.council, asset=asset, recorded_by=by, recorded_at=deed.at, **values)
        return editing.add(row, by=by, check=_check)


def take_out(medium: Medium, *, by: Person, on: date, version: int, now: datetime | None = None) -> Medium:
    """Say that it was taken out of its asset. Raises PermissionDenied, Stale or ValidationError."""
    require(by, Permission.MOVE_ASSETS, medium)
    if on > timezone.localdate(now):
        raise ValidationError({"removed_on": "The day it was taken out must not be in the future"})
    return editing.change(medium, by=by, version=version, removed_on=on, now=now)


def strike_out(
    medium: Medium, *, by: Person, reason: str, version: int, now: datetime | None = None
) -> Medium:
    """It was listed by mistake: who keeps the register says why. What was taken out, wiped, or tried to be, was there.

    Raises PermissionDenied, Stale, MoveRefused or ValidationError.
    """
    require(by, Permission.EDIT_ASSETS, medium)
    if medium.removed_on or Sanitisation.objects.filter(medium=medium).exists():
        raise MoveRefused(f"{medium} was taken out, or somebody tried to wipe it, so it is no mistake.")
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it should not be listed"})
    return editing.change(medium, by=by, version=version, struck_out=reason.strip(), now=now)


def wipe_medium(
    medium: Medium, *, by: Person, given: Mapping[str, Any], passed: bool, now: datetime | None = None
) -> Asset:
    """Write down that a medium was wiped or destroyed, or that it could not be. Returns the asset as it now is.

    Raises PermissionDenied, MoveRefused, or ValidationError by field.
    """
    now = now or timezone.now()
    with change_set(by=by, reason=str(given.get("note") or ""), now=now) as deed:
        asset = Asset.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=medium.asset_id)
        require(by, Permission.MOVE_ASSETS, asset)
        medium = Medium.objects.listed().with_wiping().filter(pk=medium.pk).first() or medium
        _refuse(medium, asset, given, by, passed, now)
        making = Deed(by, now, Known.of([asset]))
        result = Result.PASSED if passed else Result.FAILED
        rows: defaultdict[type[Model], list[Model]] = defaultdict(list)
        for row in wiping(asset, given, making, result, medium):
            rows[type(row)].append(row)
        for kind, made in rows.items():
            record(deed, kind._default_manager.bulk_create(made))
        left = Medium.objects.filter(asset=asset).unwiped()
        if passed and asset.state in MOVES["sanitise"].sources and not left.exists():
            whole = {name: value for name, value in given.items() if name != "file"}
            return move_asset(asset, "sanitise", by=by, given=whole, now=now)
    return asset


def _refuse(
    medium: Medium, asset: Asset, given: Mapping[str, Any], by: Person, passed: bool, now: datetime
) -> None:
    if asset.legal_hold_reason:
        raise MoveRefused(f"{asset} is on legal hold, so nothing of it is wiped until the hold is lifted.")
    if asset.state not in BACK:
        raise MoveRefused(f"{asset} is {asset.get_state_display().lower()}. Take it back first.")
    if medium.struck_out or getattr(medium, "wiped", False):
        raise MoveRefused(f"{medium} is struck out, or wiped already.")
    asked = MOVES["sanitise"].asks if passed else MOVES["fail_sanitising"].asks
    found = {name: MISSING[name] for name in asked if given.get(name) in (None, "")}
    if wrong := wrong_verifier(given.get("verified_by"), asset, by):
        found["verified_by"] = wrong
    if given.get("method") and given["method"] not in Sanitisation.Method.values:
        found["method"] = MISSING["method"]
    if given.get("done_on") and given["done_on"] > timezone.localdate(now):
        found["done_on"] = "The date must not be in the future"
    if found:
        raise ValidationError(found)


def _check(medium: Medium) -> None:
    medium.clean_fields(exclude=["recorded_by", "council", "asset"])
    others = Medium.objects.listed().filter(asset=medium.asset, serial_number=medium.serial_number)
    if medium.serial_number and others.exclude(pk=medium.pk).exists():
        raise ValidationError({"serial_number": "A medium with this serial number is listed already"})
