"""Changing many assets at once: what would become of each, and then the deed, one change-set for all.

Each asset is looked at by itself: what cannot be done to it is said in a sentence, and the others go on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from assets.register import custody
from assets.register.facts import label, value_of
from assets.register.finding import index_again
from assets.register.models import Asset
from assets.register.registering import RELATED
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

MOST = 500
"""How many assets are changed together at most."""
CHANGEABLE = (
    "site",
    "room",
    "holder",
    "holder_note",
    "department",
    "condition",
    "ownership",
    "supplier",
    "warranty_end",
    "support_contract_end",
    "lease_end",
    "last_audit_at",
)
"""What may be the same for many. What is one asset's own, such as its tag, is corrected on its page."""
OF_ITS_COUNCIL = ("site", "holder", "department")
STALE = "Somebody has changed it since you chose it. Choose it again"


class Line(NamedTuple):
    """One value of one asset: how it is, and how it would be."""

    label: str
    old: str
    new: str


class Row(NamedTuple):
    """What would become of one asset."""

    asset: Asset
    lines: list[Line]


class Refused(NamedTuple):
    """An asset to which it cannot be done, and why."""

    asset: Asset
    why: str


@dataclass
class Sorted:
    """The chosen assets: what changes, what is so already, and what is refused. `missing` were not found at all."""

    changing: list[Row] = field(default_factory=list)
    same: list[Asset] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    missing: int = 0
    deed: ChangeSet | None = None


def look(chosen: Mapping[int, int], values: Mapping[str, Any], *, by: Person) -> Sorted:
    """What changing the chosen assets, each as read at a version, would do. Writes nothing."""
    _check_names(chosen, values)
    return _sort(chosen_assets(chosen, by), chosen, values, by)


def change_all(
    chosen: Mapping[int, int],
    values: Mapping[str, Any],
    *,
    by: Person,
    reason: str = "",
    now: datetime | None = None,
) -> Sorted:
    """Change them, as far as it can be done. `deed` is None where nothing was changed. Raises ValidationError."""
    _check_names(chosen, values)
    with transaction.atomic():
        seen = [asset.pk for asset in chosen_assets(chosen, by)]
        held = Asset.objects.select_for_update(of=("self",)).select_related(*RELATED)
        done = _sort(list(held.filter(pk__in=seen).order_by("id")), chosen, values, by)
        changing = [row.asset for row in done.changing]
        if changing:
            with change_set(by=by, reason=reason, now=now) as done.deed:
                _write(done.deed, changing, values)
    return done


def _write(deed: ChangeSet, assets: list[Asset], values: Mapping[str, Any]) -> None:
    keys, before = [asset.pk for asset in assets], snapshot(assets)
    Asset.objects.filter(pk__in=keys).update(version=F("version") + 1, **values)
    written = list(Asset.objects.select_related(*RELATED).filter(pk__in=keys).order_by("id"))
    record(deed, written, before)
    custody.follow(deed, written)
    index_again(keys)


def chosen_assets(keys: Iterable[int], person: Person) -> list[Asset]:
    """The chosen ones that the person may see, in the order of the list."""
    seen = Asset.objects.visible_to(person).filter(pk__in=list(keys))
    return list(seen.select_related(*RELATED).order_by("asset_tag", "id"))


def _check_names(chosen: Mapping[int, int], values: Mapping[str, Any]) -> None:
    if len(chosen) > MOST:
        raise ValidationError(f"Choose {MOST} assets or fewer at a time")
    if not values:
        raise ValidationError("Say what is to be changed")
    if unknown := set(values) - set(CHANGEABLE):
        raise ValidationError({name: "This cannot be changed for many at once." for name in unknown})


def _sort(assets: list[Asset], chosen: Mapping[int, int], values: Mapping[str, Any], by: Person) -> Sorted:
    mine = councils_of(by, Permission.EDIT_ASSETS)
    result = Sorted(missing=len(chosen) - len(assets))
    for asset in assets:
        why = _refusal(asset, chosen[asset.pk], values, mine)
        lines = [] if why else _lines(asset, values)
        if why:
            result.refused.append(Refused(asset, why))
        elif lines:
            result.changing.append(Row(asset, lines))
        else:
            result.same.append(asset)
    return result


def _refusal(asset: Asset, version: int, values: Mapping[str, Any], mine: frozenset[int]) -> str:
    if asset.council_id not in mine:
        return f"You need the right to change the assets of {asset.council}"
    if asset.version != version:
        return STALE
    for name in OF_ITS_COUNCIL:
        other = values.get(name)
        if other is not None and other.council_id != asset.council_id:
            return f"{other} does not belong to {asset.council}"
    return ""


def _lines(asset: Asset, values: Mapping[str, Any]) -> list[Line]:
    """How each value reads before and after. The asset is put back as it was."""
    old = {name: (getattr(asset, name), value_of(asset, name)) for name in values}
    lines = []
    for name, value in values.items():
        setattr(asset, name, value)
        if getattr(asset, name) != old[name][0]:
            lines.append(Line(label(name), old[name][1], value_of(asset, name)))
        setattr(asset, name, old[name][0])
    return lines
