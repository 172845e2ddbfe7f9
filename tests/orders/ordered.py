"""A council that orders: who plans its refresh, who handles its assets, and an order of some laptops."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.ordering import add_line, add_order, move
from assets.register.models import Supplier
from tests.factories import a_council, a_model, a_person, an_engineer

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def a_world() -> SimpleNamespace:
    """Two councils that share a desk, with an asset manager each and one engineer."""
    county, district = a_council("OCC"), a_council("CDC")
    return SimpleNamespace(
        county=county,
        district=district,
        manager=a_person(county, "asset_manager", name="Ada"),
        other=a_person(district, "asset_manager", name="Dee"),
        engineer=an_engineer(county, name="Eng"),
        supplier=Supplier.objects.create(name="Thames Valley IT"),
        model=a_model("T14 Gen 6"),
    )


def an_order(world, **fields) -> PurchaseOrder:
    """A draft without lines."""
    values = {"number": "4500123", "expected_on": date(2026, 12, 4), "ordered_on": date(2026, 11, 20)}
    row = PurchaseOrder(council=world.county, supplier=world.supplier, **{**values, **fields})
    return add_order(row, by=world.manager, now=NOW)


def a_line(world, quantity: int = 26, placed: bool = True, **fields) -> OrderLine:
    """One line of an order, placed unless said otherwise."""
    order = an_order(world, **fields)
    line = OrderLine(
        order=order,
        model=world.model,
        quantity=quantity,
        unit_price=Decimal("742.00"),
        cost_centre="IT01",
        spares=1,
    )
    line = add_line(line, by=world.manager, now=NOW)
    if placed:
        move(order, "place", by=world.manager, now=NOW)
    line.order.refresh_from_db()
    return line
