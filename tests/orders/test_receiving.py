"""What was ordered is received box by box or many at once; each box becomes an asset, or is dead on arrival."""

import threading
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from assets.orders.forms import pasted
from assets.orders.models import GoodsReceipt, OrderLine
from assets.orders.receiving import Box, Place, receive
from assets.orders.standing import standings
from assets.orders.states import OrderRefused
from assets.register.models import Asset
from servicedesk.history.models import Change
from servicedesk.history.undoing import undo
from tests.factories import a_site, an_asset
from tests.orders.ordered import NOW, a_line, a_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def words(line: OrderLine, person) -> str:
    return standings(person, [line])[0].words


def said(line, boxes, person, **more) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        receive(line, boxes, by=person, **more)
    return refused.value.message_dict["boxes"]


def test_a_box_turns_the_next_planned_asset_into_stock_under_its_own_serial_number_and_label(world):
    line = a_line(world, 2)
    place = Place(a_site(world.county, "Depot"), "Cage 2", "DN-77")

    (receipt,) = receive(line, [Box(" sn-1 ", "OCC-0001")], by=world.engineer, place=place, now=NOW)

    first, second = Asset.objects.order_by("pk")
    assert (first.asset_tag, first.serial_number, first.state, str(first.site), first.room) == (
        *("OCC-0001", "SN-1", "in_stock", "Depot", "Cage 2"),
    )
    assert (first.purchase_cost_ex_vat, second.state) == (Decimal("742.00"), "on_order")
    assert (receipt.asset, receipt.serial_number, receipt.despatch_note, receipt.received_by) == (
        *(first, "SN-1", "DN-77", world.engineer),
    )
    deed = Change.objects.get(kind="orders.goodsreceipt").change_set
    assert [(one.kind, one.move) for one in deed.changes.order_by("pk")] == [
        ("register.asset", "receive"),
        ("register.asset", ""),
        ("orders.goodsreceipt", ""),
    ]
    assert words(line, world.manager) == "1 of 2 received"


def test_without_a_label_the_serial_number_alone_names_it(world):
    line = a_line(world, 1)

    receive(line, [Box("SN-1")], by=world.engineer)

    assert [(one.asset_tag, str(one)) for one in Asset.objects.all()] == [("", "SN-1")]


def test_dead_on_arrival_becomes_no_stock_and_its_replacement_can_still_be_received(world):
    line = a_line(world, 2)

    receive(line, [Box("SN-1"), Box("SN-2", dead_on_arrival=True)], by=world.engineer)

    assert words(line, world.manager) == "1 of 2 received, 1 dead on arrival"
    assert sorted(Asset.objects.values_list("state", flat=True)) == ["in_stock", "on_order"]
    assert said(line, [Box("SN-2")], world.engineer) == ["SN-2 of this order was dead on arrival"]
    receive(line, [Box("SN-3")], by=world.engineer)
    found = standings(world.manager, [line])[0]
    assert (found.received, found.dead, found.delivered, found.coming) == (2, 1, 3, 0)


def test_too_many_are_refused_and_none_of_them_is_taken(world):
    line = a_line(world, 2)

    assert said(line, [Box("A"), Box("B"), Box("C")], world.engineer) == [
        "2 are still to come of this line, so this is 1 too many. Send it back, or choose to add to the order and "
        "say why"
    ]
    assert not GoodsReceipt.objects.exists()


def test_too_many_are_added_to_the_line_by_whoever_orders_with_the_reason(world):
    line = a_line(world, 1)
    boxes = [Box("A"), Box("B")]

    with pytest.raises(PermissionDenied):
        receive(line, boxes, by=world.engineer, extra_because="They gave us one more")
    receive(line, boxes, by=world.manager, extra_because="They gave us one more")

    line.refresh_from_db()
    assert (line.quantity, words(line, world.manager)) == (2, "2 of 2 received")
    added = Change.objects.get(kind="orders.orderline", move="add")
    assert (added.fields["quantity"][:2], added.change_set.reason) == ([1, 2], "They gave us one more")


def test_everything_wrong_is_said_of_all_boxes_at_once(world):
    line = a_line(world, 9)
    receive(line, [Box("OLD")], by=world.engineer)
    maker = world.model.manufacturer
    an_asset(world.county, "LT/1", serial_number="KNOWN", manufacturer=maker)
    an_asset(world.county, "TAKEN")
    boxes = [Box("A"), Box("a"), Box("", "T"), Box("OLD"), Box("KNOWN"), Box("B", "TAKEN"), Box("C", "T")]

    assert said(line, boxes, world.engineer) == [
        "A box has no serial number: scan or type it",
        "The serial number A stands here 2 times",
        "The tag T stands here 2 times",
        "OLD is received already",
        "Oxfordshire County Council has an asset of Lenovo with the serial number KNOWN already: LT/1",
        "Oxfordshire County Council already has an asset with the tag TAKEN",
    ]
    assert GoodsReceipt.objects.count() == 1


def test_the_same_serial_number_in_the_other_council_is_nobodys_business(world):
    line = a_line(world, 1)
    an_asset(world.district, "D1", serial_number="SN-1", manufacturer=world.model.manufacturer)

    receive(line, [Box("SN-1")], by=world.engineer)

    assert words(line, world.manager) == "1 of 1 received"


def test_nothing_comes_of_a_draft(world):
    line = a_line(world, 1, placed=False)

    with pytest.raises(OrderRefused, match="is draft, so nothing comes of it"):
        receive(line, [Box("SN-1")], by=world.engineer)


def test_who_may_not_handle_the_assets_of_the_council_receives_nothing(world):
    line = a_line(world, 1)

    with pytest.raises(PermissionDenied):
        receive(line, [Box("SN-1")], by=world.other)


def test_a_receipt_is_undone_with_its_asset_planned_again(world):
    line = a_line(world, 1)
    tag = Asset.objects.get().asset_tag
    receive(line, [Box("SN-1", "OCC-1")], by=world.manager)

    undone = undo(Change.objects.get(kind="orders.goodsreceipt").change_set, by=world.manager)

    assert undone.left == []
    assert [(one.asset_tag, one.serial_number, one.state) for one in Asset.objects.all()] == [
        (tag, "", "on_order")
    ]
    assert words(line, world.manager) == "0 of 1 received"
    receive(line, [Box("SN-1", "OCC-1")], by=world.engineer)


def test_pasted_lines_are_boxes_as_a_sheet_or_a_scanner_gives_them():
    assert pasted("sn1\tOCC-1\n\nsn2, OCC-2\nsn3\nsn4\tDOA\nsn5;OCC-5;dead on arrival\n\tOCC-6\n") == [
        Box("SN1", "OCC-1"),
        Box("SN2", "OCC-2"),
        Box("SN3"),
        Box("SN4", "", True),
        Box("SN5", "OCC-5", True),
        Box("", "OCC-6"),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_scan_the_last_box_at_once_one_wins(world):
    line = a_line(world, 1)
    ready, told = threading.Barrier(2), []

    def scan(serial: str, person) -> None:
        try:
            ready.wait()
            receive(line, [Box(serial)], by=person)
            told.append("received")
        except ValidationError as error:
            told.append(error.message_dict["boxes"][0])
        finally:
            connection.close()

    people = [("SN-1", world.engineer), ("SN-2", world.manager)]
    threads = [threading.Thread(target=scan, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == [
        "Nothing is still to come of this line, so this is 1 too many. Send it back, or choose to add to the order "
        "and say why",
        "received",
    ]
    assert Asset.objects.filter(state="in_stock").count() == 1
