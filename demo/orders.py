"""What the councils have ordered: one that is late and half received, one that is on its way, one still a draft."""

from datetime import datetime, timedelta
from decimal import Decimal

from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.ordering import add_line, add_order, move
from assets.orders.receiving import Box, Place, receive
from assets.register.handing_over import set_check_list
from assets.register.models import AssetModel, Supplier
from servicedesk.people.models import Council

# By council: its finance number, how long ago it was ordered and is expected after, whether it is placed, how many of
# which category at which price, how many are spares, and how many came.
ORDERED = (
    ("OCC", "4500018822", 30, 25, True, (("laptop", 26, "742.00", 1, 10), ("dock", 4, "118.50", 0, 0))),
    ("OCC", "", 2, 40, False, (("monitor", 12, "164.00", 0, 0),)),
    ("CDC", "PO-2271", 9, 21, True, (("laptop", 8, "742.00", 0, 0),)),
)
CHECKS = "Image installed\nDisk encrypted\nLabel on the lid\nSigned in once"


def load_orders(now: datetime) -> None:
    """Orders by the asset manager of each council, with what came of them."""
    for code, number, ago, until, placed, lines in ORDERED:
        council, then = Council.objects.get(code=code), now - timedelta(days=ago)
        manager = council.people.get(email__startswith="asset.manager@")
        row = PurchaseOrder(
            council=council,
            supplier=Supplier.objects.order_by("pk")[0],
            number=number,
            ordered_on=then.date(),
            expected_on=(then + timedelta(days=until)).date(),
        )
        order = add_order(row, by=manager, now=then)
        wanted = [(_line(order, manager, then, line), line[-1]) for line in lines]
        if placed:
            move(order, "place", by=manager, now=then)
        for line, came in wanted:
            if came:
                _receive(line, came, manager, now - timedelta(days=3))


def _line(order: PurchaseOrder, manager, then: datetime, line: tuple) -> OrderLine:
    category, quantity, price, spares, _ = line
    model = AssetModel.objects.filter(category=category).order_by("pk")[0]
    row = OrderLine(
        order=order,
        model=model,
        quantity=quantity,
        unit_price=Decimal(price),
        cost_centre="IT01",
        spares=spares,
    )
    return add_line(row, by=manager, now=then)


def _receive(line: OrderLine, came: int, manager, then: datetime) -> None:
    """So many came, the last of which was dead on arrival; what is done to each is said beforehand."""
    set_check_list(line.model, by=manager, items=CHECKS, now=then)
    boxes = [Box(f"PF5{1000 + at}K", f"OX{7000 + at}") for at in range(came)]
    dead = Box("PF5999K", dead_on_arrival=True)
    place = Place(line.order.council.sites.order_by("pk").first(), "Store", "DN-40117")
    receive(line, [*boxes, dead], by=manager, place=place, now=then)
