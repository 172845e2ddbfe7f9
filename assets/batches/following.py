"""An item follows its asset: what pages of the register, a sheet or a consignment do to it, its batch knows."""

from collections.abc import Sequence

from assets.batches.item_effects import bring_about, incident_of
from assets.batches.items import held, moving, write_moved
from assets.batches.models import BatchItem
from assets.batches.states import ITEM_MOVES, BatchState
from assets.register.models import Asset
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record, snapshot

WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "return": {"swapped": ("return",)},
    "lose": {"swapped": ("lose",)},
    # What came into stock by way of a repair is back, although nobody returned it.
    "sanitise": {"returned": ("sanitise",), "swapped": ("return", "sanitise")},
    "fail_sanitising": {"returned": ("fail_sanitising",), "swapped": ("return", "fail_sanitising")},
    # Destroyed as it came back, it was never wiped; destroyed although it was wiped, it is recycled.
    "destroy": {
        "returned": ("fail_sanitising", "destroy"),
        "sanitise_failed": ("destroy",),
        "sanitised": ("recycle",),
    },
    # What holds no data may leave without having been wiped.
    "restock": {"returned": ("sanitise", "redeploy"), "sanitised": ("redeploy",)},
    **{
        move: {
            "swapped": ("return", "sanitise", end),
            "returned": ("sanitise", end),
            "sanitised": (end,),
        }
        for move, end in (("dispose", "recycle"), ("donate", "donate"), ("sell", "sell"))
    },
}
"""By the move of the asset and the state of its item: the moves that the item makes."""


def follow(deed: ChangeSet, name: str, assets: Sequence[Asset]) -> None:
    """ASSET_MOVED: in the transaction of the asset's move, take the items of batches under way along."""
    if name == "lose":
        _keep_incidents(deed, assets)
    ways = WAYS.get(name)
    if not ways or moving.get():
        return
    found = BatchItem.objects.filter(
        asset__in=[asset.pk for asset in assets], state__in=ways, batch__state=BatchState.UNDER_WAY
    )
    items = held(found.values_list("pk", flat=True)) if found.exists() else []
    for state, moves in ways.items():
        going = [item for item in items if item.state == state and item.batch.state == BatchState.UNDER_WAY]
        for move in moves:
            _take(deed, move, going)


def _keep_incidents(deed: ChangeSet, assets: Sequence[Asset]) -> None:
    """What came back and is lost now stays returned, with the incident in which it ends."""
    found = BatchItem.objects.filter(
        asset__in=[asset.pk for asset in assets], state="returned", batch__state=BatchState.UNDER_WAY
    )
    items = held(found.values_list("pk", flat=True)) if found.exists() else []
    before = snapshot(items)
    for item in items:
        item.incident, item.version = incident_of(item), item.version + 1
    BatchItem.objects.bulk_update(items, ["incident", "version"])
    record(deed, items, before)


def _take(deed: ChangeSet, move: str, items: list[BatchItem]) -> None:
    going = [item for item in items if item.state in ITEM_MOVES[move].sources]
    if not going:
        return
    before = snapshot(going)
    for item in going:
        bring_about(move, item, {}, deed.at)
    write_moved(move, going, before, deed)
