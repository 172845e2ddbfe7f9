"""An item follows its asset: what pages of the register, a sheet or a consignment do to it, its batch knows."""

from collections.abc import Sequence

from assets.batches.item_effects import bring_about
from assets.batches.items import held, moving, write_moved
from assets.batches.models import BatchItem
from assets.batches.states import ITEM_MOVES, BatchState
from assets.register.incidents import raised_with
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
STAYS_RETURNED = ("lose", "find")
"""The moves of the asset at which what came back stays so."""


def follow(deed: ChangeSet, name: str, assets: Sequence[Asset]) -> None:
    """ASSET_MOVED: in the transaction of the asset's move, take the items of batches under way along."""
    ways = WAYS.get(name, {})
    states = {*ways, "returned"} if name in STAYS_RETURNED else {*ways}
    if not states or moving.get():
        return
    found = BatchItem.objects.filter(
        asset__in=[asset.pk for asset in assets], state__in=states, batch__state=BatchState.UNDER_WAY
    )
    items = held(found.values_list("pk", flat=True)) if found.exists() else []
    items = [item for item in items if item.batch.state == BatchState.UNDER_WAY]
    if name in STAYS_RETURNED:
        _keep_incidents(deed, name, [item for item in items if item.state == "returned"])
    for state, moves in ways.items():
        going = [item for item in items if item.state == state]
        for move in moves:
            _take(deed, move, going)


def _keep_incidents(deed: ChangeSet, name: str, items: list[BatchItem]) -> None:
    """What is lost now has the incident in which it ends; what is found again goes on, and has none."""
    if not items:
        return
    incidents = raised_with([item.asset_id for item in items]) if name == "lose" else {}
    before = snapshot(items)
    for item in items:
        item.incident, item.version = incidents.get(item.asset_id), item.version + 1
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
