"""Who has an asset changes while it is in use, and what is done to a model before it is issued."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from assets.register import custody
from assets.register.effects import Deed, bring_about, handing_of
from assets.register.finding import index_assets
from assets.register.guards import Question, problems_of
from assets.register.known import Known
from assets.register.lifecycle import MOVES, AssetState, MoveRefused
from assets.register.models import Asset, AssetModel, CheckList
from assets.register.registering import StaleAsset, fresh
from assets.register.workflow import save_moved, tell_moved
from servicedesk.history import editing
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

TAKES = MOVES["issue"].takes


def hand_over(
    asset: Asset,
    *,
    by: Person,
    given: Mapping[str, Any],
    version: int | None = None,
    now: datetime | None = None,
) -> Asset:
    """Give an asset that is in use to another person, room or pool. Returns it as it now is.

    The guard is that of issuing. Raises PermissionDenied, StaleAsset, MoveRefused, or ValidationError by field.
    """
    now = now or timezone.now()
    with change_set(by=by, reason=str(given.get("note") or ""), now=now) as deed:
        asset = fresh(asset)
        require(by, Permission.MOVE_ASSETS, asset)
        if version is not None and version != asset.version:
            raise StaleAsset(asset)
        if asset.state != AssetState.IN_USE:
            state = asset.get_state_display().lower()
            raise MoveRefused(f"{asset} is {state}. Only what is in use is handed over.")
        known = Known.of([asset])
        if problems := problems_of("issue", Question(asset, given, known, by, now)):
            raise ValidationError(problems)
        before = snapshot([asset])
        bring_about("issue", asset, given, Deed(by, now, known))
        if snapshot([asset]) == before:
            raise ValidationError(
                {"person": f"{asset.holder or asset.holder_note or asset.room} has it already"}
            )
        save_moved([asset])
        record(deed, [asset], before, move="hand_over")
        custody.follow(deed, [asset], lambda one: handing_of("issue", one, given, known))
        tell_moved(deed, "hand_over", [asset])
        index_assets([asset])
    return fresh(asset)


def set_check_list(
    model: AssetModel, *, by: Person, items: str, version: int | None = None, now: datetime | None = None
) -> CheckList:
    """Say what is done to every asset of a model before it is issued, an item a line. Raises editing.Stale."""
    require(by, Permission.EDIT_ASSETS)
    tidy = "\n".join(CheckList(items=items).lines)
    held = CheckList.objects.filter(model=model).first()
    if held is None:
        return editing.add(CheckList(model=model, items=tidy), by=by, now=now)
    return editing.change(held, by=by, version=version or held.version, now=now, items=tidy)
