"""Orders are written down, placed, called off and closed, and planned assets stand in the register meanwhile."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.ordering import add_line, call_off, change_row, move, moves_of, remove_line
from assets.orders.receiving import Box, receive
from assets.orders.standing import standings, total_of
from assets.orders.states import MOVES, OrderRefused, OrderState
from assets.register.models import Asset
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from tests.orders.ordered import a_line, a_world, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def words(line: OrderLine, person) -> str:
    return standings(person, [line])[0].words


def test_placing_an_order_plans_its_assets_in_the_register_in_one_deed(world):
    line = a_line(world, 2)

    planned = Asset.objects.order_by("pk")
    reference = line.order.reference
    assert [
        (
            *(one.asset_tag, one.serial_number, one.state, one.model, one.council, one.supplier),
            *(one.po_number, one.purchase_cost_ex_vat, one.cost_centre, one.purchase_date),
        )
        for one in planned
    ] == [
        (
            *(f"{reference}/1-{number}", "", "on_order", world.model, world.county, world.supplier),
            *("4500123", Decimal("742.00"), "IT01", date(2026, 11, 20)),
        )
        for number in ("001", "002")
    ]
    placing = Change.objects.get(kind="orders.purchaseorder", move="place")
    assert {change.kind for change in placing.change_set.changes.all()} == {
        "orders.purchaseorder",
        "register.asset",
    }
    assert words(line, world.manager) == "0 of 2 received"


def test_an_order_without_lines_is_not_placed(world):
    order = an_order(world)

    with pytest.raises(OrderRefused, match="has no lines yet"):
        move(order, "place", by=world.manager)
    assert PurchaseOrder.objects.get().state == "draft"


def test_lines_of_a_placed_order_stay_as_they_were_ordered(world):
    line = a_line(world, 2)

    for deed in (
        lambda: change_row(line, by=world.manager, version=1, quantity=3),
        lambda: remove_line(line, by=world.manager),
        lambda: add_line(
            OrderLine(order=line.order, model=world.model, quantity=1, unit_price=1), by=world.manager
        ),
    ):
        with pytest.raises(OrderRefused, match="its lines stay as they were ordered"):
            deed()


def test_a_line_of_a_draft_is_changed_and_taken_off_and_both_are_remembered(world):
    line = a_line(world, 2, placed=False)

    change_row(line, by=world.manager, version=1, quantity=3)
    remove_line(line, by=world.manager)

    assert not OrderLine.objects.exists()
    told = Change.objects.filter(kind="orders.orderline").order_by("pk")
    assert [(one.action, one.fields["quantity"][:2]) for one in told] == [
        ("create", [None, 2]),
        ("update", [2, 3]),
        ("remove", [3, None]),
    ]


def test_what_was_read_at_an_older_version_is_never_written_over(world):
    order = an_order(world)
    change_row(order, by=world.manager, version=1, note="Call before delivery")

    with pytest.raises(Stale):
        change_row(order, by=world.manager, version=1, note="Leave at the gate")
    with pytest.raises(Stale):
        move(order, "cancel", by=world.manager, version=1, reason="Too dear")


@pytest.mark.parametrize(
    "values, field",
    [
        ({"quantity": 0}, "quantity"),
        ({"quantity": 1001}, "quantity"),
        ({"unit_price": Decimal("-0.01")}, "unit_price"),
        ({"spares": 3}, "spares"),
    ],
)
def test_an_odd_line_is_refused_at_its_field(world, values, field):
    line = a_line(world, 2, placed=False)

    with pytest.raises(ValidationError) as refused:
        change_row(line, by=world.manager, version=1, **values)
    assert list(refused.value.message_dict) == [field]


def test_a_purchase_order_number_is_once_a_council_and_its_days_follow_each_other(world):
    an_order(world)

    with pytest.raises(ValidationError) as refused:
        an_order(world)
    assert refused.value.message_dict == {
        "number": ["Purchase order number is already in use. Enter another"]
    }
    with pytest.raises(ValidationError) as refused:
        an_order(world, number="2", expected_on=date(2026, 11, 1))
    assert refused.value.message_dict == {"expected_on": ["It cannot be expected before it is ordered"]}


def test_ten_of_26_received_and_the_rest_cancelled_with_a_reason_leaves_nothing_to_come(world):
    line = a_line(world, 26)
    receive(line, [Box(f"SN{n}") for n in range(10)], by=world.engineer)
    assert words(line, world.manager) == "10 of 26 received"

    with pytest.raises(ValidationError):
        call_off(line, by=world.manager, reason=" ")
    assert call_off(line, by=world.manager, reason="End of sale") == 16

    assert words(line, world.manager) == "10 of 26 received, 16 cancelled"
    assert total_of(standings(world.manager, [line])) == Decimal("7420.00")
    assert Asset.objects.filter(state="cancelled").count() == 16
    assert set(
        Change.objects.filter(kind="register.asset", move="cancel_order").values_list(
            "change_set__reason", flat=True
        )
    ) == {"End of sale"}
    with pytest.raises(OrderRefused, match="Nothing is still to come"):
        call_off(line, by=world.manager, reason="Once more")
    assert move(line.order, "close", by=world.manager).state == "closed"


def test_some_of_the_rest_can_be_cancelled(world):
    line = a_line(world, 3)

    call_off(line, by=world.manager, reason="One too many", count=1)

    assert words(line, world.manager) == "0 of 3 received, 1 cancelled"
    with pytest.raises(ValidationError, match="2 are still to come"):
        call_off(line, by=world.manager, reason="x", count=3)


def test_an_order_with_something_still_to_come_is_not_closed_and_with_something_received_not_cancelled(world):
    line = a_line(world, 2)
    receive(line, [Box("SN1")], by=world.engineer)

    with pytest.raises(OrderRefused, match="1 of ORD-.* are still to come"):
        move(line.order, "close", by=world.manager)
    with pytest.raises(OrderRefused, match="1 of ORD-.* are received"):
        move(line.order, "cancel", by=world.manager, reason="Changed our mind")


def test_a_cancelled_order_cancels_its_planned_assets(world):
    line = a_line(world, 2)

    move(line.order, "cancel", by=world.manager, reason="No money this year")

    assert [one.state for one in Asset.objects.all()] == ["cancelled", "cancelled"]
    with pytest.raises(OrderRefused, match="is cancelled, so nothing comes of it"):
        receive(line, [Box("SN1")], by=world.engineer)
    with pytest.raises(OrderRefused, match="it stays as it is"):
        change_row(line.order, by=world.manager, version=line.order.version + 1, note="x")


@pytest.mark.parametrize("state", OrderState.values)
@pytest.mark.parametrize("name", MOVES)
def test_every_move_begins_where_the_table_says_and_nowhere_else(world, name, state):
    order = a_line(world, 1, placed=False).order
    PurchaseOrder.objects.filter(pk=order.pk).update(state=state)
    order.refresh_from_db()
    begins = state in MOVES[name].sources

    assert (name in moves_of(world.manager, order)) == begins
    if begins:
        assert move(order, name, by=world.manager, reason="Why").state == MOVES[name].target
    else:
        with pytest.raises(OrderRefused, match="is not possible"):
            move(order, name, by=world.manager, reason="Why")


def test_who_does_not_plan_the_refresh_of_the_council_orders_nothing(world):
    line = a_line(world, 2, placed=False)

    for person in (world.engineer, world.other):
        assert moves_of(person, line.order) == {}
        for deed in (
            lambda person=person: move(line.order, "place", by=person),
            lambda person=person: change_row(line, by=person, version=1, quantity=1),
            lambda person=person: call_off(line, by=person, reason="x"),
            lambda person=person: remove_line(line, by=person),
        ):
            with pytest.raises(PermissionDenied):
                deed()
