"""Lines of orders as a workbook, with what the page shows and no more."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from assets.orders.models import OrderLine
from assets.orders.ordering import OF_LINE
from assets.orders.standing import Standing, standings
from servicedesk import wording
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.reports.sheets import response
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

KIND = "orders"
COLUMNS = (
    *(Column("Order"), Column("Council"), Column("Purchase order number"), Column("Supplier", width=30)),
    *(
        Column("State"),
        Column("Ordered on", "date"),
        Column("Expected on", "date"),
        Column("Model", width=30),
    ),
    *(Column("Ordered", "integer"), Column("Received", "integer"), Column("Dead on arrival", "integer")),
    *(Column("Cancelled", "integer"), Column("Still to come", "integer"), Column("Spares", "integer")),
    *(Column("Price of one (ex VAT)", "money"), Column("Cost (ex VAT)", "money"), Column("Cost centre")),
)

ABOUT = (
    "These rows are for reading. You cannot bring them back.",
    "A row tells of an order, of one of its lines and of the model together, and what was received or is still to come "
    "is counted. Each is changed where the rules of a placed order and of the batch that it is for are minded: the "
    "order and its lines on the page of the order, the part number in the sheet of asset models.",
    "What a supplier delivers comes in by its despatch sheet, from the page of the order.",
)


def take_out(orders: Any, *, by: Person) -> HttpResponse:
    """The workbook of the orders whose council's rows the person may take out; who took it out, and when, is kept."""
    taken = orders.filter(council__in=councils_of(by, Permission.EXPORT))
    lines = OrderLine.objects.filter(order__in=taken.values("pk")).select_related(*OF_LINE)
    found = standings(by, lines.order_by("-order_id", "pk"))
    with change_set(by=by, reason="Export of orders") as deed:
        export = Export.objects.create(
            kind=KIND, filters={}, format="xlsx", wanted_by=by, wanted_at=deed.at, rows=len(found)
        )
        record(deed, [export])
    target = BytesIO()
    taken_out = [f"Orders as at {wording.moment(deed.at)}", f"Taken out by: {by}, {by.council}", "", *ABOUT]
    about = SheetOut("About", (), ([line] for line in taken_out))
    write_xlsx(target, [SheetOut("Orders", COLUMNS, _rows(by, found)), about])
    return response(target.getvalue(), f"Orders {timezone.localdate():%Y-%m-%d}.xlsx")


def _rows(by: Person, found: list[Standing]) -> Iterator[list]:
    for one in found:
        line, order = one.line, one.line.order
        seen = may(by, Permission.SEE_ASSET_MONEY, line.council_id)
        yield [
            *(order.reference, order.council.code, order.number if seen else "", order.supplier.name),
            *(order.get_state_display(), order.ordered_on, order.expected_on, str(line.model)),
            *(line.quantity, one.received, one.dead, one.called_off, one.coming, line.spares),
            *(one.price, one.cost, line.cost_centre if seen else ""),
        ]
