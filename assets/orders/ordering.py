"""Orders and their lines: writing them down, placing, calling off, closing. Every write but receipts.

Placing an order makes its assets: planned rows of the register, on order, without a serial number, each called by its
order until it has a label. They are counted from then on; nothing of what has come is written on the order itself.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.module_loading import import_string

from assets.orders.models import OrderedAsset, OrderLine, PurchaseOrder
from assets.orders.states import MOVES, Move, OrderRefused, OrderState
from assets.register import workflow
from assets.register.lifecycle import AssetState
from assets.register.models import Asset
from assets.register.registering import register_assets
from servicedesk.history import editing
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.lists.references import take_references
from servicedesk.people.access import may, require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

Row = TypeVar("Row", PurchaseOrder, OrderLine)
PREFIX = "ORD"
EDITABLE: dict[type, tuple[str, ...]] = {
    PurchaseOrder: ("number", "supplier", "ordered_on", "expected_on", "note"),
    OrderLine: ("model", "quantity", "unit_price", "cost_centre", "spares"),
}
"""What may be changed of each; whose it is, it stays."""
RELATED = ("council", "supplier", "written_by")
OF_LINE = ("order__council", "order__supplier", "model__manufacturer")


def add_order(row: PurchaseOrder, *, by: Person, now: datetime | None = None) -> PurchaseOrder:
    """Write down a new order, as a draft. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.PLAN_REFRESH, row)
    with change_set(by=by, now=now) as deed:
        row.state, row.written_by, row.written_at = OrderState.DRAFT, by, deed.at
        row.reference = take_references(PREFIX, timezone.localdate(deed.at).year)[0]
        return editing.add(row, by=by, check=_check, now=now)


def add_line(row: OrderLine, *, by: Person, now: datetime | None = None) -> OrderLine:
    """Put another line on a draft. Raises PermissionDenied, OrderRefused, or ValidationError by field."""
    require(by, Permission.PLAN_REFRESH, row.order)
    with change_set(by=by, now=now):
        _drafted(row)
        return editing.add(row, by=by, check=_check, now=now)


def change_row(row: Row, *, by: Person, version: int, now: datetime | None = None, **values: Any) -> Row:
    """Change an order, or a line of a draft, that was read at `version`.

    Raises PermissionDenied, OrderRefused, history.editing.Stale, or ValidationError by field.
    """
    if unknown := set(values) - set(EDITABLE[type(row)]):
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    require(by, Permission.PLAN_REFRESH, row)
    with change_set(by=by, now=now):
        order = _drafted(row) if isinstance(row, OrderLine) else held(row)
        if order.state in (OrderState.CLOSED, OrderState.CANCELLED):
            raise OrderRefused(f"{order} is {order.get_state_display().lower()}: it stays as it is.")
        if order.state == OrderState.PLACED and values.get("number", order.number) != order.number:
            raise ValidationError({"number": "The assets of a placed order bear its number already"})
        changed = editing.change(row, by=by, version=version, check=_check, now=now, **values)
        if isinstance(changed, OrderLine):
            ask_others([changed])
        return changed


def remove_line(line: OrderLine, *, by: Person, now: datetime | None = None) -> None:
    """Take a line off a draft. Raises PermissionDenied or OrderRefused."""
    require(by, Permission.PLAN_REFRESH, line.order)
    with change_set(by=by, now=now):
        _drafted(line)
        held_line = OrderLine.objects.select_related(*OF_LINE).filter(pk=line.pk).first()
        if held_line is None:
            raise OrderRefused(f"{line.model} is taken off {line.order} already.")
        editing.remove(held_line, by=by)


def move(
    order: PurchaseOrder,
    name: str,
    *,
    by: Person,
    version: int | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> PurchaseOrder:
    """Make one named move of `states.MOVES`. Returns the order as it now is.

    Raises PermissionDenied, history.editing.Stale where `version` is not the order's any more, OrderRefused (with a
    sentence), or ValidationError by field.
    """
    step = MOVES[name]
    require(by, step.permission, order)
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        order = held(order)
        if version is not None and version != order.version:
            raise editing.Stale(order)
        if order.state not in step.sources:
            raise OrderRefused(
                f"{order} is {order.get_state_display().lower()}, so “{step.words}” is not possible."
            )
        if step.asks_why and not reason.strip():
            raise ValidationError({"reason": "Enter the reason"})
        before = snapshot([order])
        {"place": _place, "close": _close, "cancel": _cancel}[name](order, deed, by, reason.strip())
        order.state = step.target
        _write(order, deed, before, move=name)
    return order


def call_off(
    line: OrderLine, *, by: Person, reason: str, count: int | None = None, now: datetime | None = None
) -> int:
    """Cancel what is still to come of a line, or `count` of it: those planned assets come no more. Returns how many.

    Raises PermissionDenied, OrderRefused, or ValidationError by field.
    """
    require(by, Permission.PLAN_REFRESH, line.order)
    if not reason.strip():
        raise ValidationError({"reason": "Enter the reason"})
    with change_set(by=by, reason=reason.strip(), now=now):
        placed(line)
        coming = coming_of([line])
        count = len(coming) if count is None else count
        if not coming:
            raise OrderRefused(f"Nothing is still to come of {line}.")
        if not 1 <= count <= len(coming):
            raise ValidationError({"count": f"{len(coming)} are still to come. Enter a number up to that"})
        _cancel_assets(coming[len(coming) - count :], by, reason.strip())
    return count


def moves_of(person, order: PurchaseOrder) -> dict[str, Move]:
    """The moves that the person may make of an order as it stands, for buttons. Guards are asked on pressing."""
    return {
        name: step
        for name, step in MOVES.items()
        if order.state in step.sources and may(person, step.permission, order.council_id)
    }


def plan_assets(line: OrderLine, count: int, *, now: datetime | None = None) -> list[Asset]:
    """Make so many more planned assets of a line, named after it. Called within the deed that orders them."""
    order, known = line.order, line.ordered.count()
    place = list(order.lines.order_by("pk").values_list("pk", flat=True)).index(line.pk) + 1
    assets = [
        Asset(
            council=order.council,
            asset_tag=f"{order.reference}/{place}-{number:03}",
            category=line.model.category,
            model=line.model,
            manufacturer=line.model.manufacturer,
            state=AssetState.ON_ORDER,
            purchase_date=order.ordered_on,
            purchase_cost_ex_vat=line.unit_price,
            po_number=order.number,
            cost_centre=line.cost_centre,
            supplier=order.supplier,
        )
        for number in range(known + 1, known + count + 1)
    ]
    planned = register_assets(assets, by=None, now=now)
    OrderedAsset.objects.bulk_create(OrderedAsset(line=line, asset=asset) for asset in planned)
    return planned


def held(order: PurchaseOrder) -> PurchaseOrder:
    """The order as it is now, kept from everybody else until the transaction ends."""
    rows = PurchaseOrder.objects.select_for_update(of=("self",)).select_related("council", "supplier")
    return rows.get(pk=order.pk)


def placed(line: OrderLine) -> PurchaseOrder:
    """The order of a line, held, if things can come of it. Raises OrderRefused."""
    order = held(line.order)
    if sentence := refusal_of(order):
        raise OrderRefused(sentence)
    return order


def refusal_of(order: PurchaseOrder) -> str:
    """The sentence that says that nothing can come of an order; "" where it can."""
    if order.state == OrderState.PLACED:
        return ""
    return f"{order} is {order.get_state_display().lower()}, so nothing comes of it."


def ask_others(lines: Sequence[OrderLine]) -> None:
    """Let what lines are bought for refuse what became of them, in their transaction. Raises OrderRefused."""
    for check in settings.ORDER_CHECKS:
        import_string(check)(lines)


def coming_of(lines: Iterable[OrderLine]) -> list[Asset]:
    """The assets that are still to come of lines, in the order in which they were planned."""
    rows = OrderedAsset.objects.filter(line__in=list(lines)).coming().select_related("asset")
    return [one.asset for one in rows.order_by("pk")]


def _place(order: PurchaseOrder, deed: ChangeSet, by: Person, reason: str) -> None:
    lines = list(order.lines.select_related(*OF_LINE).order_by("pk"))
    if not lines:
        raise OrderRefused(f"{order} has no lines yet. Add what is ordered first.")
    ask_others(lines)
    order.ordered_on = order.ordered_on or timezone.localdate(deed.at)
    for line in lines:
        line.order = order
        plan_assets(line, line.quantity)


def _close(order: PurchaseOrder, deed: ChangeSet, by: Person, reason: str) -> None:
    coming = len(coming_of(order.lines.all()))
    if coming:
        raise OrderRefused(f"{coming} of {order} are still to come. Receive them, or cancel the rest first.")


def _cancel(order: PurchaseOrder, deed: ChangeSet, by: Person, reason: str) -> None:
    received = OrderedAsset.objects.filter(line__order=order).received().count()
    if received:
        raise OrderRefused(
            f"{received} of {order} are received. Cancel what is still to come of its lines, then close it."
        )
    _cancel_assets(coming_of(order.lines.all()), by, reason)


def _cancel_assets(assets: Sequence[Asset], by: Person, reason: str) -> None:
    if assets:
        outcome = workflow.move_all(assets, "cancel_order", by=by, given={"reason": reason})
        if outcome.refused:
            raise OrderRefused(outcome.refused[0].sentence)


def _drafted(line: OrderLine) -> PurchaseOrder:
    order = held(line.order)
    if order.state != OrderState.DRAFT:
        raise OrderRefused(
            f"{order} is {order.get_state_display().lower()}: its lines stay as they were ordered."
        )
    return order


def _write(order: PurchaseOrder, deed: ChangeSet, before: Any, move: str = "") -> None:
    order.version += 1
    order.save(update_fields=["state", "ordered_on", "version"])
    record(deed, [order], before, move=move)


def _check(row: PurchaseOrder | OrderLine) -> None:
    """What the database would refuse, or cannot be, in words. Raises ValidationError by field."""
    row.clean_fields()
    if isinstance(row, OrderLine):
        if row.spares > row.quantity:
            raise ValidationError({"spares": "No more can be spares than are ordered"})
        return
    editing.refuse_taken(row, "number", within="council_id")
    if row.ordered_on and row.expected_on and row.expected_on < row.ordered_on:
        raise ValidationError({"expected_on": "It cannot be expected before it is ordered"})
