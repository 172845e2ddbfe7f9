"""What both councils of the world do together, each with its own money: a programme, and two batches of it.

The county leads the one that is closed: half of it was sold, half went with a firm. The district leads the one that
waits for both approvals. All that either pays or is paid, and every sum of it, are marks (`tests.sweeps.marks`).
"""

from datetime import date
from decimal import Decimal
from typing import Any

from assets.batches.choosing import create_batch
from assets.batches.items import move_items
from assets.batches.models import Batch, BatchItem, BatchLine, Programme
from assets.batches.ordering import order_for
from assets.batches.planning import add_programme, change_line, set_budget
from assets.batches.workflow import move
from assets.disposal import closing
from assets.orders import ordering
from assets.orders.receiving import Box, receive
from assets.register.models import Asset, AssetModel, Manufacturer, Supplier
from assets.register.registering import register_asset
from tests.sweeps.marks import NOON, PRICES, Side, cost_of, mark, marked
from tests.sweeps.world_register import certified

OLD_KWH, NEW_KWH = Decimal("300000.0"), Decimal("100000.0")
"""In a year: what one kWh costs brings both to sums that are marks."""
BUDGETS = {1: 31, 2: 37}
EACH = 2


def add_together(sides: list[Side], maker: Manufacturer) -> None:
    """The rows of each are the batch that it leads, its own part of that, and its own order for the closed one."""
    lead, other = sides
    programme = _programme(lead, sides)
    old, new = (
        AssetModel.objects.create(manufacturer=maker, name=name, category="laptop", annual_kwh=kwh)
        for name, kwh in (("T14 worn", OLD_KWH), ("T14 young", NEW_KWH))
    )
    closed = _closed(_submitted(lead, sides, programme, old, EACH), lead, sides, new)
    for side, batch in ((lead, closed), (other, _submitted(other, sides, programme, old, 1))):
        side.rows |= {
            "joint programme": programme,
            "joint batch": batch,
            "joint line": _line(batch, side),
            "joint item": _items(batch, side)[0],
            "joint order": _line(closed, side).orders.get(),
        }


def _programme(lead: Side, sides: list[Side]) -> Programme:
    programme = Programme(
        name=f"{marked(lead.number, 'joint batch')} programme",
        from_fy="2026/27",
        to_fy="2028/29",
        window_from=date(2026, 4, 1),
        window_to=date(2029, 3, 31),
    )
    programme = add_programme(
        programme, by=lead.people["asset_manager"], councils=[side.council for side in sides]
    )
    for side in sides:
        budget = BUDGETS[side.number] * cost_of(side)
        set_budget(programme, side.council, "2026/27", budget, by=side.people["asset_manager"])
    return programme


def _submitted(led: Side, sides: list[Side], programme: Programme, old: AssetModel, each: int) -> Batch:
    """Drafted by one, reviewed and priced by each, and submitted."""
    there = Batch.objects.count()
    tags = [
        register_asset(
            Asset(
                council=side.council,
                asset_tag=f"{mark(side.number, 'asset')} {there} {at}".upper(),
                category="laptop",
                model=old,
                manufacturer=old.manufacturer,
                holder=side.people["case worker"],
                state="in_use",
            ),
            by=side.people["asset_manager"],
        ).asset_tag
        for side in sides
        for at in range(each)
    ]
    batch = create_batch(
        by=led.people["asset_manager"],
        title=marked(led.number, "joint batch"),
        rule={"tags": tags},
        as_at=NOON.date(),
        programme=programme,
        now=NOON,
    )
    for side in sides:
        _move(batch, side, "confirm")
        line, keeper = _line(batch, side), side.people["asset_manager"]
        prices = {name: times * cost_of(side) for name, times in PRICES[side.number].items()}
        change_line(line, by=keeper, version=line.version, now=NOON, **prices)
    return move(batch, "submit", by=led.people["asset_manager"], now=NOON)


def _closed(batch: Batch, led: Side, sides: list[Side], new: AssetModel) -> Batch:
    """Approved, ordered, swapped, wiped, and gone: of each council one is sold, and one goes with a firm."""
    for side in sides:
        word = {"decision_reference": mark(side.number, "money")}
        batch = move(batch, "approve", by=side.people["budget_approver"], given=word, now=NOON)
    for side in sides:
        _delivered(batch, side, new)
    for name in ("order", "begin"):
        batch = move(batch, name, by=led.people["asset_manager"], now=NOON)
    for side in sides:
        _swapped(batch, side)
        sold, gone = _items(batch, side)
        sale = {"buyer": marked(side.number, "disposal"), "income": EACH * cost_of(side)}
        _move(batch, side, "sell", sale, items=[sold])
        text = marked(side.number, "consignment")
        consignment = certified(side, gone.asset, text, income=2 * EACH * cost_of(side))
        closing.close(consignment, by=side.people["asset_manager"], now=NOON)
    return move(batch, "close", by=led.people["asset_manager"], now=NOON)


def _delivered(batch: Batch, side: Side, new: AssetModel) -> None:
    keeper, line = side.people["asset_manager"], _line(batch, side)
    order = order_for(
        line,
        by=keeper,
        supplier=Supplier.objects.get(name="Isis Fibre"),
        model=new,
        quantity=EACH,
        unit_price=PRICES[side.number]["purchase"] * cost_of(side),
        number=f"{mark(side.number, 'money')} together",
        now=NOON,
    )
    ordering.move(order, "place", by=keeper, now=NOON)
    names = [f"{mark(side.number, 'asset')} new {at}".upper() for at in range(EACH)]
    receive(order.lines.get(), [Box(name, name) for name in names], by=keeper, now=NOON)


def _swapped(batch: Batch, side: Side) -> None:
    """New for old, and the old ones back and wiped."""
    engineer = side.people["engineer"]
    _move(batch, side, "allocate")
    for item in _items(batch, side):
        scanned = {"old": item.asset.asset_tag, "new": item.replacement.asset_tag, "signed_by": "Themselves"}
        _move(batch, side, "swap", scanned, by=engineer, items=[item])
    _move(batch, side, "return", {"condition": "B"}, by=engineer)
    wiped = {
        "method": "purge",
        "verified_by": side.people["asset_manager"],
        "certificate_number": mark(side.number, "disposal"),
    }
    _move(batch, side, "sanitise", wiped, by=engineer)


def _move(
    batch: Batch, side: Side, name: str, given: dict[str, Any] | None = None, *, by=None, items=None
) -> None:
    """One move of what the side has in the batch, by whom it takes; none of it may be refused."""
    items = _items(batch, side) if items is None else items
    done = move_items(items, name, by=by or side.people["asset_manager"], given=given or {}, now=NOON)
    assert done.refused == []


def _items(batch: Batch, side: Side) -> list[BatchItem]:
    rows = batch.items.filter(council=side.council).select_related("asset", "replacement", "council", "batch")
    return list(rows.order_by("pk"))


def _line(batch: Batch, side: Side) -> BatchLine:
    return batch.lines.get(council=side.council)
