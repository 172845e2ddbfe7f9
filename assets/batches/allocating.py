"""Which new device takes the place of which old one, by rule: whoever plans may choose otherwise by hand, of the same.

Of the devices of the same council and category that are free in stock, those that came of the batch's own orders come
first, and those that came for another batch that is open are left to it. Among them the model that replaces the old
one's comes first, then the one that was registered first.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from assets.batches.models import BatchItem, LineOrder
from assets.batches.states import BATCH_ENDS, Outcome
from assets.orders.models import OrderedAsset
from assets.register.known import Known
from assets.register.lifecycle import AssetState
from assets.register.models import Asset
from servicedesk import bulk

STOCKED = (AssetState.IN_STOCK, AssetState.STAGED)
Given = Mapping[str, Any]
Pair = tuple[BatchItem, Given]


def free_devices(council: int, category: str) -> list[Asset]:
    """What is in stock and kept by nobody, the first registered first."""
    stock = Asset.objects.filter(
        council=council,
        category=category,
        state__in=STOCKED,
        legal_hold_reason="",
    )
    kept = BatchItem.objects.filter(locked=True)
    free = stock.exclude(pk__in=kept.exclude(replacement=None).values("replacement"))
    free = free.exclude(pk__in=kept.values("asset"))
    away = Known(Q(asset__council=council, asset__category=category), Q()).kept
    rows = free.select_related("council", "model", "manufacturer").order_by("registered_at", "pk")
    return [asset for asset in rows if asset.pk not in away]


def devices_for(item: BatchItem) -> list[Asset]:
    """What may take the place of its asset, in the order in which the rule takes them."""
    return _own_first(free_devices(item.council_id, item.category), item.batch_id)


def came_for(assets: Iterable[int]) -> dict[int, tuple[int, str]]:
    """For which batch that is open devices were bought, by device: its key and its reference."""
    ordered = OrderedAsset.objects.filter(bulk.Among("asset_id", assets))
    bought = LineOrder.objects.filter(order_line__ordered__in=ordered)
    rows = bought.exclude(line__batch__state__in=BATCH_ENDS)
    told = rows.values_list("order_line__ordered__asset", "line__batch", "line__batch__reference")
    return {asset: (batch, reference) for asset, batch, reference in told}


def hand_out(pairs: Sequence[Pair]) -> list[Pair]:
    """Give each item that is replaced, and has no new device named, the next that is free."""
    named = {given["replacement"].pk for _, given in pairs if given.get("replacement")}
    stocks: dict[tuple[int, str], list[Asset]] = {}
    found: list[Pair] = []
    for item, given in pairs:
        if given.get("replacement") or item.outcome != Outcome.REPLACE:
            found.append((item, given))
            continue
        key = item.council_id, item.category
        if key not in stocks:
            free = [asset for asset in free_devices(*key) if asset.pk not in named]
            stocks[key] = _own_first(free, item.batch_id)
        new = _best(stocks[key], item)
        found.append((item, {**given, "replacement": new} if new else given))
    return found


def _own_first(stock: list[Asset], batch: int) -> list[Asset]:
    """What came of the batch's own orders, then what came for no batch that is open."""
    owners = came_for(asset.pk for asset in stock)
    own = [asset for asset in stock if asset.pk in owners and owners[asset.pk][0] == batch]
    return own + [asset for asset in stock if asset.pk not in owners]


def _best(stock: list[Asset], item: BatchItem) -> Asset | None:
    wanted = item.asset.model.replacement_model_id if item.asset.model else None
    for new in stock:
        if wanted and new.model_id == wanted:
            stock.remove(new)
            return new
    return stock.pop(0) if stock else None
