"""Ordering for a batch: writing an order for one of its lines, or counting one that there is. Every write of a link.

From then on the order is placed and received as any other, and the batch counts what came of it. What is ordered for a
council may not take its part beyond what it approved, whether it is linked, changed or placed.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from assets.batches.approving import limit_of, spending
from assets.batches.costing import new_ones
from assets.batches.counting import counts_of
from assets.batches.models import Batch, BatchLine, LineOrder
from assets.batches.states import AT_WORK, BATCH_ENDS
from assets.batches.supply import NOTHING, linked, supply_of
from assets.orders import ordering
from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.standing import counted
from assets.orders.states import OrderRefused, OrderState
from assets.register.lifecycle import MoveRefused
from assets.register.models import AssetModel, Supplier
from servicedesk.history import editing
from servicedesk.history.recording import change_set
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission


def missing_for(line: BatchLine) -> int:
    """How many new devices of a line are neither ordered nor on a draft."""
    return max(new_ones(line, counts_of(line.batch)) - supply_of([line]).written, 0)


def free_lines(line: BatchLine) -> QuerySet[OrderLine]:
    """The order lines that there are of its council and category, and that no batch counts yet."""
    rows = OrderLine.objects.filter(order__council=line.council_id, model__category=line.category)
    open_ones = rows.filter(for_batch=None).exclude(order__state=OrderState.CANCELLED)
    return open_ones.select_related(*ordering.OF_LINE).order_by("-pk")


def order_for(
    line: BatchLine,
    *,
    by: Person,
    supplier: Supplier,
    model: AssetModel,
    quantity: int,
    unit_price: Decimal,
    number: str = "",
    expected_on: date | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> PurchaseOrder:
    """Write a draft order for a line of a batch; it is placed and received as any other.

    Raises PermissionDenied, MoveRefused, editing.Stale, or ValidationError by field.
    """
    with change_set(by=by, now=now):
        batch, line = _opened(line, by, version)
        order = PurchaseOrder(
            council=line.council, supplier=supplier, number=number.strip(), expected_on=expected_on
        )
        order = ordering.add_order(order, by=by)
        bought = OrderLine(order=order, model=model, quantity=quantity, unit_price=unit_price)
        _link(batch, line, ordering.add_line(bought, by=by), by, "model")
    return order


def count_order(
    line: BatchLine,
    order_line: OrderLine,
    *,
    by: Person,
    version: int | None = None,
    now: datetime | None = None,
) -> LineOrder:
    """Count an order line that there is for a line of a batch. Raises as `order_for` does."""
    with change_set(by=by, now=now):
        order = ordering.held(order_line.order)
        batch, line = _opened(line, by, version)
        order_line = OrderLine.objects.select_related(*ordering.OF_LINE).get(pk=order_line.pk)
        if order.state == OrderState.CANCELLED:
            raise MoveRefused(f"{order} is cancelled, so nothing comes of it.")
        return _link(batch, line, order_line, by, "order_line")


def stop_counting(link: LineOrder, *, by: Person, now: datetime | None = None) -> None:
    """Take the link of a batch with an order line back, as long as nothing came of it. The order stays as it is.

    Raises PermissionDenied or MoveRefused.
    """
    with change_set(by=by, now=now):
        ordering.held(link.order_line.order)
        batch = Batch.objects.select_for_update().get(pk=link.line.batch_id)
        require(by, Permission.PLAN_REFRESH, link)
        held = linked([link.line]).filter(pk=link.pk).first()
        if held is None:
            raise MoveRefused(f"{link.order_line.order} does not count for {batch} any more.")
        if batch.state in BATCH_ENDS:
            raise MoveRefused(f"{batch} is {batch.get_state_display().lower()}, so its orders stay.")
        if counted([held.order_line])[0].delivered:
            raise MoveRefused(
                f"Some of {held.order_line.order} has been delivered, so it counts for {batch}."
            )
        editing.remove(held, by=by)


def check_lines(lines: Sequence[OrderLine]) -> None:
    """ORDER_CHECKS: what was linked to a batch stays of its category, and within what its council approved. Raises
    OrderRefused."""
    links = LineOrder.objects.filter(order_line__in=[line.pk for line in lines])
    links = links.exclude(line__batch__state__in=BATCH_ENDS)
    for link in links.select_related("line__council", "order_line__model").order_by("line__batch", "pk"):
        batch = Batch.objects.select_for_update().get(pk=link.line.batch_id)
        sentence = _odd(link.line, link.order_line) or _beyond(batch, link.line)
        if sentence:
            raise OrderRefused(sentence)


def _opened(line: BatchLine, by: Person, version: int | None) -> tuple[Batch, BatchLine]:
    """The batch, held so that nobody ends it meanwhile, and the line as it is."""
    batch = Batch.objects.select_for_update().get(pk=line.batch_id)
    line = (
        BatchLine.objects.select_related("council", "batch").select_for_update(of=("self",)).get(pk=line.pk)
    )
    require(by, Permission.PLAN_REFRESH, line)
    if batch.state not in AT_WORK:
        state = batch.get_state_display().lower()
        raise MoveRefused(f"{batch} is {state}, so nothing is ordered for it.")
    if version is not None and version != line.version:
        raise editing.Stale(line)
    return batch, line


def _link(batch: Batch, line: BatchLine, order_line: OrderLine, by: Person, field: str) -> LineOrder:
    """Link the two; what is wrong with the order line is said at `field`."""
    if sentence := _odd(line, order_line):
        raise ValidationError({field: sentence})
    taken = LineOrder.objects.filter(order_line=order_line).select_related("line__batch").first()
    if taken is not None:
        raise ValidationError({"order_line": f"{order_line} is for {taken.line.batch} already"})
    link = editing.add(LineOrder(line=line, order_line=order_line), by=by)
    if sentence := _beyond(batch, line):
        raise MoveRefused(sentence)
    return link


def _odd(line: BatchLine, order_line: OrderLine) -> str:
    if order_line.council_id != line.council_id:
        return f"{order_line} is not an order of {line.council}"
    if order_line.model.category != line.category:
        return f"{order_line.model} is not what {line} buys"
    return ""


def _beyond(batch: Batch, line: BatchLine) -> str:
    """Why what is ordered must be approved first, as it goes beyond what the council approved; else ""."""
    cost = spending(batch, counts_of(batch)).get(line.council_id, NOTHING)
    limit = limit_of(batch, line.council_id)
    if limit is not None and cost <= limit:
        return ""
    return (
        f"With this order the batch would cost {line.council} more than was approved, with its tolerance of "
        f"{batch.tolerance_percent}%. Change the price in the plan, and have that approved first."
    )
