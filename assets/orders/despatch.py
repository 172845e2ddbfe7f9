"""What rows of a supplier's despatch sheet mean: boxes that came of the lines of an order.

An import of these is begun on the page of an order, which gives the order for all rows, and with it the place; without
that each row names its order. What `receiving` would refuse of a box is said of its row, and what is imported is
received by it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse

from assets.orders.models import GoodsReceipt, OrderLine, PurchaseOrder
from assets.orders.ordering import OF_LINE, coming_of, refusal_of
from assets.orders.receiving import (
    LONGEST,
    MOST_AT_ONCE,
    Box,
    Place,
    came_of,
    known_serials,
    known_tags,
    receive,
    said_of,
    too_many_of,
)
from assets.orders.states import OrderRefused
from servicedesk.history.models import ChangeSet
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.changing import CHECK_AGAIN, Overtaken
from servicedesk.spreadsheets.council_names import site_names
from servicedesk.spreadsheets.headers import Synonyms
from servicedesk.spreadsheets.kinds import Ask, Field, Key, Kind
from servicedesk.spreadsheets.matching import look_up, refuse_other_councils
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.staging import Check, StagedRow, fold

YES = ("yes", "y", "true", "x", "1", "doa", "dead", "dead on arrival", "faulty")
NO = ("", "no", "n", "false", "0", "ok", "good", "working")
MEND = "Correct the row, or leave it out"
Lines = dict[int, OrderLine]


def interpret(rows: Sequence[StagedRow], check: Check) -> None:
    """Find the line of each row, and say what would be refused of its box."""
    refuse_other_councils(rows, check)
    sites = Site.objects.filter(council=check.council).on_offer()
    look_up(rows, "site", {fold(name): (pk, name) for pk, name in sites.values_list("pk", "name")}, check)
    orders = _orders(check.council)
    lines = _lines(orders[each] for row in rows for each in [fold(_order_of(row))] if each in orders)
    for row in rows:
        _read_dead(row, check)
        order = _find_order(row, orders, check)
        if order:
            _find_line(row, order, lines[order.pk], check)
    _count(rows, check)
    _ask_the_register(rows, {line.pk: line for found in lines.values() for line in found}, check)


def _order_of(row: StagedRow) -> str:
    return str(row.values.get("order") or row.values.get("order_written") or "")


def _orders(council: Council) -> dict[str, PurchaseOrder]:
    """The orders of a council, by our reference and by the number of its finance system."""
    found: dict[str, PurchaseOrder] = {}
    for order in PurchaseOrder.objects.filter(council=council).order_by("pk"):
        found |= {fold(name): order for name in (order.number, order.reference) if name}
    return found


def _lines(orders: Iterable[PurchaseOrder]) -> dict[int, list[OrderLine]]:
    """The lines of orders, by the key of their order."""
    found: dict[int, list[OrderLine]] = {order.pk: [] for order in orders}
    for line in OrderLine.objects.filter(order__in=found).select_related(*OF_LINE).order_by("pk"):
        found[line.order_id].append(line)
    return found


def _refuse(
    row: StagedRow, name: str, sentence: str, check: Check, value: Any = "", remedy: str = MEND
) -> None:
    check.problem(row, name, "breaks_a_rule", value, message=sentence, remedy=remedy)


def _read_dead(row: StagedRow, check: Check) -> None:
    written = row.values.pop("dead_on_arrival", "")
    word = fold(written)
    if word in YES:
        row.values["dead_on_arrival"] = True
    elif word not in NO:
        _refuse(
            row,
            "dead_on_arrival",
            f"“{written}” does not say whether the box is dead on arrival",
            check,
            written,
        )


def _find_order(row: StagedRow, orders: Mapping[str, PurchaseOrder], check: Check) -> PurchaseOrder | None:
    """The order that is given, which what the row says may not gainsay; else the one that it says."""
    name = _order_of(row)
    written = row.values.pop("order_written", "")
    order = orders.get(fold(name))
    if not name:
        _refuse(row, "order", "Nothing says of which order the box is", check)
    elif order is None:
        _refuse(row, "order", f"{check.council} has no order called {name}", check, name)
    elif written and orders.get(fold(written)) != order:
        _refuse(row, "order_written", f"It says that it belongs to the order {written}", check, written)
    elif sentence := refusal_of(order):
        _refuse(row, "order", sentence.removesuffix("."), check, name)
    else:
        row.values["order"] = str(order)
        return order
    return None


def _find_line(row: StagedRow, order: PurchaseOrder, lines: Sequence[OrderLine], check: Check) -> None:
    """The line of a row: by its model where the order has several."""
    written = row.values.get("model", "")
    named = [line for line in lines if _is_called(line, written)] if written else list(lines)
    if len(named) == 1:
        row.values |= {"line": [named[0].pk, str(named[0])], "model": str(named[0].model)}
    elif not named:
        _refuse(row, "model", f"No line of {order} is called “{written}”", check, written)
    elif written:
        sentence = f"Several lines of {order} are called “{written}”: receive it on its line"
        _refuse(row, "model", sentence, check, written)
    else:
        _refuse(row, "model", f"{order} has several lines, and nothing says of which the box is", check)


def _is_called(line: OrderLine, written: str) -> bool:
    model = line.model
    names = (model.name, f"{model.manufacturer} {model.name}", model.model_number, model.part_number)
    return fold(written) in {fold(name) for name in names if name}


def _count(rows: Sequence[StagedRow], check: Check) -> None:
    """Refuse what stands in several rows, and what is beyond the boxes that are received at once.

    Of a serial number that a line has in several rows the matching refuses all but the first.
    """
    first = check.memo.setdefault("first", set())
    for name, what in (("serial_number", "serial number"), ("asset_tag", "tag")):
        counts = check.memo.setdefault(f"{name} counted", Counter())
        counts.update(row.values[name] for row in rows if name in row.values)
        for row in rows:
            value = row.values.get(name)
            if not value or counts[value] == 1:
                continue
            key = (value, row.values.get("line", [None])[0])
            if name == "asset_tag" or key not in first:
                _refuse(row, name, f"The {what} {value} stands in {counts[value]} rows", check, value)
            first.add(key)
    seen = check.memo.get("seen", 0)
    check.memo["seen"] = seen + len(rows)
    for row in rows[max(MOST_AT_ONCE - seen, 0) :]:
        _refuse(row, "serial_number", f"At most {MOST_AT_ONCE} boxes are received at once", check)


def _ask_the_register(rows: Sequence[StagedRow], lines: Lines, check: Check) -> None:
    """Refuse what the register has already. What this very line has received is known again, and left as it is."""
    by_line: defaultdict[int, list[StagedRow]] = defaultdict(list)
    for row in rows:
        if "line" in row.values and "serial_number" in row.values:
            by_line[row.values["line"][0]].append(row)
    for key, found in by_line.items():
        line, boxes = lines[key], [_box(row.values) for row in found]
        came = came_of(line, boxes)
        serials, tags = known_serials(line, boxes, came), known_tags(line, boxes)
        for row, box in zip(found, boxes, strict=True):
            receipt = came.get(box.serial_number)
            if receipt and receipt.dead_on_arrival != box.dead_on_arrival:
                _refuse(row, "serial_number", said_of(receipt), check, box.serial_number)
            if receipt:
                continue
            for name, value, sentence in (
                ("asset_tag", box.asset_tag, _too_long(box.asset_tag) or tags.get(box.asset_tag)),
                ("serial_number", box.serial_number, serials.get(box.serial_number)),
            ):
                if sentence:
                    _refuse(row, name, sentence, check, value)


def _too_long(tag: str) -> str:
    return f"Tags have at most {LONGEST} characters" if len(tag) > LONGEST else ""


def _box(values: Mapping[str, Any]) -> Box:
    return Box(
        values["serial_number"], values.get("asset_tag", ""), bool(values.get("dead_on_arrival", False))
    )


def settle(row: StagedRow, current: Mapping[str, Any] | None, check: Check) -> None:
    """Of a line come no more boxes that work than are still to come."""
    key = row.values["line"][0]
    left = check.memo.setdefault("still to come", {})
    if key not in left:
        left[key] = (count := len(coming_of([OrderLine(pk=key)])), count)
    coming, now = left[key]
    if row.values.get("dead_on_arrival"):
        return
    left[key] = (coming, now - 1)
    if now <= 0:
        _refuse(
            row,
            "serial_number",
            too_many_of(coming, 1 - now),
            check,
            row.values["serial_number"],
            "Send it back, or receive it on the page of its line, where it can be added to the order",
        )


def complete(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """A box lacks nothing."""


def write(rows: Sequence[GoodRow], started: Import, by: Person | None) -> None:
    """Receive the boxes, those of one line that go to one place together. Raises Overtaken."""
    lines = OrderLine.objects.filter(order__council=started.council_id).select_related(*OF_LINE)
    sites = Site.objects.filter(council=started.council_id)
    together: defaultdict[tuple, list[Box]] = defaultdict(list)
    for row in rows:
        place = tuple(row.values.get(name) or "" for name in ("room", "despatch_note"))
        together[(row.values["line"][0], (row.values.get("site") or [None])[0], *place)].append(
            _box(row.values)
        )
    for (line, site, room, note), boxes in together.items():
        try:
            place = Place(sites.get(pk=site) if site else None, room, note)
            receive(lines.get(pk=line), boxes, by=by, place=place)
        except ValidationError as error:
            raise Overtaken(f"{'. '.join(error.messages)}. {CHECK_AGAIN}") from error
        except OrderRefused as refused:
            raise Overtaken(f"{refused} {CHECK_AGAIN}") from refused


def begins(given: Mapping[str, str]) -> tuple[str, str]:
    """The order on whose page an import was begun."""
    order = PurchaseOrder.objects.filter(reference=given.get("order", "")).first()
    return (
        (str(order), reverse("orders:order", args=[order.pk]))
        if order
        else ("Orders", reverse("orders:orders"))
    )


KIND = Kind(
    code="despatched-boxes",
    one="despatched box",
    many="despatched boxes",
    model=GoodsReceipt,
    permission=Permission.MOVE_ASSETS,
    synonyms=Synonyms(
        {
            "serial_number": ("serial number", "serial", "serial no", "s/n", "sn", "serialnumber"),
            "asset_tag": ("asset tag", "tag", "asset number", "asset no", "label", "barcode"),
            "model": (
                *("model", "product", "description", "item", "model name"),
                *("part number", "part no", "sku", "mpn"),
            ),
            "dead_on_arrival": ("dead on arrival", "doa", "faulty"),
            "order_written": (
                *("purchase order", "purchase order number", "po number", "po", "order number", "order"),
                *("your reference", "customer reference"),
            ),
            "council": ("council",),
            "site": ("site", "deliver to", "delivery site"),
            "room": ("room",),
            "despatch_note": ("despatch note", "delivery note", "dispatch note"),
        }
    ),
    fields=(
        Field("serial_number", "Serial number", "serial"),
        Field("asset_tag", "Asset tag", "tag", serves=True),
        Field("model", "Model", serves=True),
        Field("dead_on_arrival", "Dead on arrival", serves=True),
        Field("order", "Order", serves=True),
        Field("order_written", "Order as the supplier has it", serves=True),
        Field("council", "Council", serves=True),
        Field("site", "Site", serves=True),
        Field("room", "Room", serves=True),
        Field("despatch_note", "Despatch note"),
    ),
    keys=(Key("serial_number", "line"),),
    council="line__order__council",
    interpret=interpret,
    settle=settle,
    complete=complete,
    write=write,
    asks=(Ask("site", site_names),),
    begins=begins,
    whole=False,
    updates=False,
    title=lambda values: str(values["serial_number"]),
    search_text=lambda values: "",
)
