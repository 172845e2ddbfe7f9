"""What one council of the world plans, orders and swaps."""

from datetime import date, timedelta
from decimal import Decimal

from assets.batches.choosing import create_batch
from assets.batches.freezing import add_freeze
from assets.batches.models import (
    Appointment,
    Batch,
    BatchItem,
    ChangeFreeze,
    LineOrder,
    Programme,
    SwapSlot,
    SwapSurvey,
)
from assets.batches.planning import add_programme, defer_asset, set_budget
from assets.orders import ordering
from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.receiving import Box, Place, receive
from assets.refresh import planning
from assets.refresh.models import ExtendedSupport, RoomOverhead, Scenario, Tariff, UnitCosts
from assets.register.models import (
    Asset,
    AssetModel,
    OperatingSystemRelease,
    Supplier,
)
from assets.register.registering import register_asset
from tests.sweeps.marks import NOON, Side, cost_of, mark, marked


def add_plans(side: Side) -> None:
    """What the refresh of its assets is planned with."""
    manager, council = side.people["asset_manager"], side.council
    cost = cost_of(side)
    costs = UnitCosts(council=council, category="laptop", base_fy="2026/27", price=cost, deploy=cost)
    bought = ExtendedSupport(
        council=council,
        release=OperatingSystemRelease.objects.get(cycle=council.code),
        until=NOON.date(),
    )
    what_if = Scenario(
        council=council, name=marked(side.number, "scenario"), inflation=Decimal("0.03"), yearly_cap=cost
    )
    since = NOON.date()
    begun = date(2026, 4, 1)  # so that all of the year costs the same
    tariff = Tariff(council=council, pence=(cost / 1000).quantize(Decimal("0.001")), starts_on=begun)
    room = RoomOverhead(council=council, site=side.rows["site"], pue=Decimal("1.50"), starts_on=since)
    plans = {"unit costs": costs, "bought support": bought, "scenario": what_if}
    for kind, row in {**plans, "tariff": tariff, "machine room": room}.items():
        side.rows[kind] = planning.add_row(row, by=manager)
    name = marked(side.number, "baseline")
    side.rows["baseline"] = planning.take_baseline(by=manager, council=council, name=name, reference=name)
    _batches(side, cost)


def _batches(side: Side, cost: Decimal) -> None:
    """A programme with a budget, and a batch of it with one laptop to review."""
    manager = side.people["asset_manager"]
    programme = Programme(
        name=marked(side.number, "programme"),
        from_fy="2026/27",
        to_fy="2030/31",
        window_from=date(2026, 4, 1),
        window_to=date(2028, 3, 31),
    )
    side.rows["programme"] = add_programme(programme, by=manager, councils=[side.council])
    set_budget(programme, side.council, "2026/27", cost, by=manager)
    laptop = Asset(council=side.council, asset_tag=f"BATCH{side.number}", category="laptop")
    register_asset(laptop, by=manager)
    batch = create_batch(
        by=manager,
        title=marked(side.number, "batch"),
        rule={"tags": [laptop.asset_tag]},
        as_at=NOON.date(),
        programme=programme,
        now=NOON,
    )
    side.rows["batch"], side.rows["batch item"] = batch, batch.items.get()
    side.rows["deferral"] = defer_asset(
        laptop, by=manager, reason=marked(side.number, "batch"), until=date(2036, 1, 1), now=NOON
    )


def add_orders(side: Side, model: AssetModel) -> None:
    """An order that is late, of which one came."""
    manager, supplier = side.people["asset_manager"], Supplier.objects.get(name="Isis Fibre")
    row = PurchaseOrder(
        council=side.council,
        supplier=supplier,
        number=f"{mark(side.number, 'money')} {PurchaseOrder.objects.count()}",
        note=marked(side.number, "money"),
        ordered_on=NOON.date(),
        expected_on=NOON.date(),
    )
    order = ordering.add_order(row, by=manager, now=NOON)
    cost = cost_of(side)
    line = OrderLine(
        order=order, model=model, quantity=1, unit_price=cost, cost_centre=mark(side.number, "money")
    )
    line = ordering.add_line(line, by=manager, now=NOON)
    side.rows |= {"order": ordering.move(order, "place", by=manager, now=NOON), "order line": line}
    dead = Box(f"{mark(side.number, 'order')} {order.pk}", dead_on_arrival=True)
    receive(line, [dead], by=manager, place=Place(note=marked(side.number, "order")), now=NOON)
    side.rows["line order"] = LineOrder.objects.create(line=side.rows["batch"].lines.get(), order_line=line)


def add_appointments(side: Side) -> None:
    """When what somebody has is replaced, at a time that their site offers."""
    manager, someone, number = side.people["asset_manager"], side.people["someone"], Batch.objects.count()
    batch = Batch.objects.create(
        council=side.council,
        reference=f"RB-2026-9{number:05}",
        title=marked(side.number, "appointment"),
        owner=manager,
        as_at=NOON.date(),
        base_fy="2026/27",
        state="under_way",
        state_since=NOON,
    )
    item = BatchItem.objects.create(
        batch=batch,
        council=side.council,
        asset=side.rows["asset"],
        category="laptop",
        state="allocated",
        state_since=NOON,
        swapped_at=NOON,
        note=marked(side.number, "appointment"),
    )
    starts = NOON + timedelta(days=1, hours=number)
    slot = SwapSlot.objects.create(
        council=side.council,
        site=side.rows["site"],
        room=marked(side.number, "appointment"),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=30),
        capacity=2,
    )
    freeze = ChangeFreeze(
        council=side.council,
        site=side.rows["site"],
        starts_on=date(2036, 12, 24),
        ends_on=date(2036, 12, 31),
        why=marked(side.number, "appointment"),
    )
    side.rows |= {"swap time": slot, "freeze": add_freeze(freeze, by=manager, now=NOON)}
    side.rows["swap survey"] = SwapSurvey.objects.create(
        council=side.council,
        item=item,
        swapped_at=NOON,
        person=someone,
        checked_at=NOON,
        score=2,
        answered_at=NOON,
        comment=marked(side.number, "swap survey"),
    )
    side.rows["appointment"] = Appointment.objects.create(
        council=side.council, item=item, person=someone, slot=slot, state="booked", offered_at=NOON
    )
