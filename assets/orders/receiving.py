"""Receiving what was ordered, box by box or many at once: every write of a receipt.

Whoever handles assets may receive. Boxes are taken all or none, and whatever is wrong is said of all at once. A box
that works turns the next planned asset of its line into stock, by the register's own move; one that is dead on arrival
is written down and becomes no asset, so that its replacement is still to come. Two people may scan at once: whoever
comes second waits, and is told what the first has taken.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError

from assets.orders.models import GoodsReceipt, OrderLine
from assets.orders.ordering import OF_LINE, ask_others, coming_of, placed, plan_assets
from assets.register.models import Asset
from assets.register.registering import change_asset, fresh
from assets.register.workflow import move_all
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission

LONGEST = 60
MOST_AT_ONCE = 500


class Box(NamedTuple):
    """One box: the serial number on it, the label that was put on it if any, and whether it is dead on arrival."""

    serial_number: str
    asset_tag: str = ""
    dead_on_arrival: bool = False


class Place(NamedTuple):
    """Where what is received is put, and with which papers it came."""

    site: Site | None = None
    room: str = ""
    despatch_note: str = ""
    note: str = ""


def receive(
    line: OrderLine,
    boxes: Sequence[Box],
    *,
    by: Person | None,
    place: Place = Place(),  # noqa: B008  (holds nothing that changes)
    extra_because: str = "",
    now: datetime | None = None,
) -> list[GoodsReceipt]:
    """Write down what came of a line, all of it or none. Returns its receipts, in the order of the boxes.

    More than are still to come are refused, unless `extra_because` says why the line is to be added to; that is for
    whoever orders. The system itself may receive. Raises PermissionDenied, OrderRefused, or ValidationError: under
    `boxes` a sentence for each.
    """
    if by is not None:
        require(by, Permission.MOVE_ASSETS, line.order)
    boxes = [tidied(box) for box in boxes]
    with change_set(by=by, reason=extra_because.strip() or place.note, now=now) as deed:
        placed(line)
        line = OrderLine.objects.select_related(*OF_LINE).get(pk=line.pk)
        _refuse_odd(line, boxes)
        working = [box for box in boxes if not box.dead_on_arrival]
        assets = _planned(line, len(working), by, extra_because.strip())
        received = iter(_received(assets, working, place, by))
        receipts = [
            GoodsReceipt(
                line=line,
                asset=None if box.dead_on_arrival else next(received),
                serial_number=box.serial_number,
                dead_on_arrival=box.dead_on_arrival,
                despatch_note=place.despatch_note,
                note=place.note,
                received_by=by,
                received_at=deed.at,
            )
            for box in boxes
        ]
        GoodsReceipt.objects.bulk_create(receipts)
        record(deed, receipts)
    return receipts


def tidied(box: Box) -> Box:
    """One way to write the same thing."""
    return Box(box.serial_number.strip().upper(), box.asset_tag.strip(), box.dead_on_arrival)


def came_of(line: OrderLine, boxes: Sequence[Box]) -> dict[str, GoodsReceipt]:
    """The receipts that the line has already of these serial numbers."""
    serials = [box.serial_number for box in boxes if box.serial_number]
    return {one.serial_number: one for one in line.receipts.filter(serial_number__in=serials)}


def said_of(receipt: GoodsReceipt) -> str:
    """What became of a box that came before."""
    return (
        f"{receipt} of this order was dead on arrival"
        if receipt.dead_on_arrival
        else f"{receipt} is received already"
    )


def known_serials(line: OrderLine, boxes: Sequence[Box], came: Mapping[str, GoodsReceipt]) -> dict[str, str]:
    """The serial numbers that the council's register has of this maker, each with its sentence, but those that came."""
    serials = [box.serial_number for box in boxes if box.serial_number and box.serial_number not in came]
    maker = {"council": line.order.council_id, "manufacturer": line.model.manufacturer_id}
    held = Asset.objects.filter(**maker, serial_number__in=serials).exclude(receipt__line=line).order_by("pk")
    return {
        asset.serial_number: f"{line.order.council} has an asset of {line.model.manufacturer} with the serial number "
        f"{asset.serial_number} already: {asset}"
        for asset in held
    }


def known_tags(line: OrderLine, boxes: Sequence[Box]) -> dict[str, str]:
    """The tags that the council's register has, each with its sentence."""
    tags = [box.asset_tag for box in boxes if box.asset_tag and not box.dead_on_arrival]
    held = Asset.objects.filter(council=line.order.council_id, asset_tag__in=tags).order_by("pk")
    return {
        asset.asset_tag: f"{line.order.council} already has an asset with the tag {asset.asset_tag}"
        for asset in held
    }


def too_many_of(coming: int, over: int) -> str:
    """The sentence that says that so many more came than were still to come."""
    still = (
        f"{coming} {'is' if coming == 1 else 'are'} still to come" if coming else "Nothing is still to come"
    )
    return f"{still} of this line, so this is {over} too many"


def _refuse_odd(line: OrderLine, boxes: Sequence[Box]) -> None:
    """Everything that is wrong with the boxes themselves. Raises ValidationError."""
    if not boxes:
        raise ValidationError({"boxes": "Scan or type at least one serial number"})
    if len(boxes) > MOST_AT_ONCE:
        raise ValidationError({"boxes": f"Receive at most {MOST_AT_ONCE} at once"})
    came = came_of(line, boxes)
    problems = [sentence for box in boxes if (sentence := _odd(box))]
    problems += _twice([box.serial_number for box in boxes], "serial number")
    problems += _twice([box.asset_tag for box in boxes if box.asset_tag], "tag")
    problems += [*map(said_of, came.values()), *known_serials(line, boxes, came).values()]
    if problems := [*problems, *known_tags(line, boxes).values()]:
        raise ValidationError({"boxes": problems})


def _odd(box: Box) -> str:
    if not box.serial_number:
        return "A box has no serial number: scan or type it"
    if max(len(box.serial_number), len(box.asset_tag)) > LONGEST:
        return f"{box.serial_number[:LONGEST]}: serial numbers and tags have at most {LONGEST} characters"
    return ""


def _twice(values: Sequence[str], what: str) -> list[str]:
    return [
        f"The {what} {value} stands here {n} times" for value, n in Counter(values).items() if value and n > 1
    ]


def _planned(line: OrderLine, count: int, by: Person | None, extra_because: str) -> list[Asset]:
    """As many planned assets as boxes came; more are ordered now where that was said, and refused where it was not."""
    coming = coming_of([line])
    over = count - len(coming)
    if over <= 0:
        return coming[:count]
    if not extra_because:
        ways = f"Send {'it' if over == 1 else 'them'} back, or choose to add to the order and say why"
        raise ValidationError({"boxes": f"{too_many_of(len(coming), over)}. {ways}"})
    if by is not None:
        require(by, Permission.PLAN_REFRESH, line.order)
    before = snapshot([line])
    line.quantity += over
    line.version += 1
    line.clean_fields()
    line.save(update_fields=["quantity", "version"])
    with change_set(by=by, reason=extra_because) as deed:
        record(deed, [line], before, move="add")
    ask_others([line])
    return [*coming, *plan_assets(line, over)]


def _received(assets: Sequence[Asset], boxes: Sequence[Box], place: Place, by: Person | None) -> list[Asset]:
    """Turn each planned asset into what came in its box. Raises ValidationError with a sentence for each refused."""
    if not assets:
        return []
    given = {key: value for key, value in (("site", place.site), ("room", place.room)) if value}
    each = {asset.pk: {"serial_number": box.serial_number} for asset, box in zip(assets, boxes, strict=True)}
    outcome = move_all(assets, "receive", by=by, given=given, each=each)
    if outcome.refused:
        raise ValidationError({"boxes": [refusal.sentence for refusal in outcome.refused]})
    for asset, box in zip(assets, boxes, strict=True):
        now = fresh(asset)
        change_asset(now, by=None, version=now.version, asset_tag=box.asset_tag)
    return [fresh(asset) for asset in assets]
