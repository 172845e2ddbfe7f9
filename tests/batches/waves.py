"""The worked example: Wave 7 of two councils, and whoever has a part in it."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

from assets.batches.models import Batch, BatchItem, BatchLine
from assets.batches.ordering import order_for
from assets.orders.models import OrderLine
from assets.orders.ordering import move as place_order
from assets.orders.receiving import Box
from assets.refresh.models import UnitCosts
from assets.register.models import Asset, AssetModel, Supplier
from assets.register.registering import register_assets
from servicedesk.people.models import Council
from tests.factories import a_case_group, a_council, a_grant, a_model, a_person, an_engineer

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LATER = NOW + timedelta(days=30)
HERE = Path(__file__).parent
VECTOR = json.loads((HERE / "wave_7.json").read_text())
MOVES = json.loads((HERE / "moves.json").read_text())
PRICES = {"price": "742.00", "deploy": "38.50", "disposal": "6.00", "residual": "15.00"}


def laptops(council: Council, count: int, prefix: str, **fields) -> list[Asset]:
    """Laptops of a council with tags in a row."""
    rows = [
        Asset(council=council, asset_tag=f"{prefix}-{number:02}", category="laptop", **fields)
        for number in range(1, count + 1)
    ]
    return register_assets(rows, by=None, now=NOW - timedelta(days=900))


def people() -> SimpleNamespace:
    """Two councils that share a desk: who plans, who approves, and who swaps."""
    county, district = a_council("OCC"), a_council("CDC")
    a_case_group("cyber", county, a_person(county, "cyber_officer", name="Cy"))
    a_case_group("cyber", district, a_person(district, "cyber_officer", name="Cid"))
    for council in (county, district):
        UnitCosts.objects.create(
            council=council,
            category="laptop",
            base_fy="2026/27",
            **{name: Decimal(amount) for name, amount in PRICES.items()},
        )
    return SimpleNamespace(
        county=county,
        district=district,
        ada=a_person(county, "requester", "asset_manager", name="Ada"),
        dee=a_person(district, "requester", "asset_manager", name="Dee"),
        bea=a_person(county, "budget_approver", name="Bea"),
        bob=a_person(district, "budget_approver", name="Bob"),
        eng=an_engineer(county, name="Eng"),
        sam=an_engineer(county, name="Sam"),
        jo=a_person(county, "requester", name="Jo"),
        di=a_person(district, "requester", name="Di"),
    )


def the_wave() -> SimpleNamespace:
    """27 laptops that are due, 19 of the county and 8 of the district, one of which is on legal hold."""
    world = people()
    old = a_model("E14", annual_kwh=Decimal("22.5"))
    world.new_model = a_model("T16", annual_kwh=Decimal("16.7"))
    world.old = [
        *laptops(world.county, 19, "O", model=old, holder=world.jo, state="in_use"),
        *laptops(world.district, 8, "C", model=old, holder=world.di, state="in_use"),
    ]
    held = world.old[0]
    held.legal_hold_reason, held.legal_hold_since = "An inquiry", NOW
    held.save()
    return world


def for_both() -> SimpleNamespace:
    """Wave 7, and Flo, who approves the spending of both councils."""
    world = the_wave()
    world.flo = a_person(world.county, "budget_approver", name="Flo")
    a_grant(world.flo, "budget_approver", world.district)
    return world


def ordered(
    batch: Batch, council: Council, by, quantity: int, price: str = "742.00", place: bool = True
) -> OrderLine:
    """An order for the line of a council, placed."""
    line = line_of(batch, council)
    order = order_for(
        line,
        by=by,
        supplier=Supplier.objects.get_or_create(name="Reseller")[0],
        model=AssetModel.objects.get(name="T16"),
        quantity=quantity,
        unit_price=Decimal(price),
        now=NOW,
    )
    if place:
        place_order(order, "place", by=by, now=NOW)
    return order.lines.get()


def boxes(council: Council, count: int, dead: int = 0, first: int = 1) -> list[Box]:
    """Labelled boxes of a delivery, of which the last ones are dead on arrival."""
    working = [
        Box(f"S{council.code}{at}", f"N{council.code[0]}-{at:02}")
        for at in range(first, first + count - dead)
    ]
    return working + [Box(f"D{council.code}{at}", "", True) for at in range(dead)]


def tags(assets: list[Asset]) -> list[str]:
    return [asset.asset_tag for asset in assets]


def line_of(batch: Batch, council: Council) -> BatchLine:
    return BatchLine.objects.get(batch=batch, council=council)


def items_of(batch: Batch, *states: str, council: Council | None = None) -> list[BatchItem]:
    """The items of a batch in some states, in their order."""
    rows = batch.items.select_related("asset", "council", "batch").order_by("pk")
    rows = rows.filter(state__in=states) if states else rows
    return list(rows.filter(council=council) if council else rows)
