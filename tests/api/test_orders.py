"""Orders by the API: written down, placed, received, cancelled, read; money where one may see it."""

import pytest

from assets.orders.models import GoodsReceipt, OrderLine, PurchaseOrder
from assets.register.models import Asset
from tests.api.calling import NOTHING, as_person, invalid, named, problem
from tests.factories import a_requester
from tests.orders.ordered import a_line, a_world, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def ask(person, method: str, path: str, body=None):
    answer = as_person(person).ask(method, path, body)
    return answer.status_code, answer.json()


def test_an_order_is_written_down_placed_received_in_two_parts_and_closed(world):
    ada, eng = world.manager, world.engineer
    sent = {"council": "OCC", "supplier": world.supplier.pk, "number": "45", "expected_on": "2026-12-04"}
    status, order = ask(ada, "POST", "orders/", sent)
    assert (status, order) == (
        201,
        {
            "id": PurchaseOrder.objects.get().pk,
            "reference": PurchaseOrder.objects.get().reference,
            "council": "OCC",
            "supplier": named(world.supplier),
            "number": "45",
            "ordered_on": None,
            "expected_on": "2026-12-04",
            "state": "draft",
            "note": "",
            "written_at": order["written_at"],
            "ordered": 0,
            "coming": 0,
            "cancelled": 0,
            "total": None,
            "version": 1,
        },
    )
    at = f"orders/{order['id']}/"
    of_line = {"model": world.model.pk, "quantity": 3, "unit_price": "742.00"}
    assert ask(ada, "POST", f"{at}lines/", of_line)[0] == 201
    status, placed = ask(ada, "POST", f"{at}moves/place/", {"version": 1})
    assert (status, placed["state"], placed["ordered"], placed["total"]) == (200, "placed", 3, "2226.00")
    line = OrderLine.objects.get()

    boxes = [{"serial_number": "sn1", "asset_tag": "T1"}, {"serial_number": "sn2", "dead_on_arrival": True}]
    status, made = ask(
        eng, "POST", f"order-lines/{line.pk}/receipts/", {"boxes": boxes, "despatch_note": "DN1"}
    )

    receipts = list(GoodsReceipt.objects.order_by("pk"))
    assert status == 201
    assert made["results"] == [
        {
            "id": one.pk,
            "line": line.pk,
            "asset": named(one.asset) if one.asset else None,
            "serial_number": one.serial_number,
            "dead_on_arrival": one.dead_on_arrival,
            "despatch_note": "DN1",
            "note": "",
            "received_by": named(eng),
            "received_at": told["received_at"],
        }
        for one, told in zip(receipts, made["results"], strict=True)
    ]
    assert Asset.objects.get(state="in_stock").asset_tag == "T1"
    assert ask(eng, "GET", f"order-lines/{line.pk}/receipts/")[1] == made
    status, left = ask(ada, "POST", f"order-lines/{line.pk}/cancel-rest/", {"reason": "End of sale"})
    assert (status, left) == (
        200,
        {
            "id": line.pk,
            "order": named(line.order),
            "model": named(world.model),
            "quantity": 3,
            "spares": 0,
            "unit_price": "742.00",
            "cost_centre": "",
            "received": 1,
            "dead_on_arrival": 1,
            "cancelled": 2,
            "coming": 0,
            "version": 1,
        },
    )
    assert ask(ada, "POST", f"{at}moves/close/", {})[1]["state"] == "closed"
    moves = [one["move"] for one in ask(ada, "GET", f"{at}history/")[1]["results"]]
    assert moves == ["close", "place", "", ""]


def test_money_has_a_key_for_those_alone_who_see_that_of_the_council(world):
    line = a_line(world, 2)

    for person in (world.engineer, world.other):
        (order,) = ask(person, "GET", "orders/")[1]["results"]
        assert not {"number", "note", "total"} & order.keys()
        for path in (f"orders/{order['id']}/lines/", "order-lines/"):
            (told,) = ask(person, "GET", path)[1]["results"]
            assert not {"unit_price", "cost_centre"} & told.keys()
        history = as_person(person).get(f"orders/{order['id']}/history/").content.decode()
        assert "742.00" not in history
        assert "4500123" not in history
    assert ask(world.manager, "GET", f"order-lines/{line.pk}/")[1]["unit_price"] == "742.00"


def test_what_is_wrong_with_boxes_is_said_at_once_and_a_wrong_state_is_a_conflict(world):
    line = a_line(world, 1)
    at = f"order-lines/{line.pk}/receipts/"

    sent = {"boxes": [{"serial_number": "A"}, {"serial_number": "a"}]}
    assert ask(world.engineer, "POST", at, sent) == (
        400,
        invalid(boxes=["The serial number A stands here 2 times"]),
    )
    draft = an_order(world, number="2")
    detail = f"{draft} has no lines yet. Add what is ordered first."
    assert ask(world.manager, "POST", f"orders/{draft.pk}/moves/place/", {}) == (
        409,
        problem(409, "Conflict", detail),
    )
    status, stale = ask(world.manager, "PATCH", f"orders/{draft.pk}/", {"note": "x", "version": 9})
    assert (status, stale["current"]["version"]) == (409, 1)


def test_who_may_not_is_refused_and_who_may_not_see_finds_nothing(world):
    line = a_line(world, 1)
    at = f"order-lines/{line.pk}/"

    assert ask(world.other, "POST", f"{at}receipts/", {"boxes": [{"serial_number": "A"}]})[0] == 403
    assert ask(world.engineer, "POST", f"{at}cancel-rest/", {"reason": "x"})[0] == 403
    assert ask(world.engineer, "POST", "orders/", {})[0] == 403
    assert ask(a_requester(world.county), "GET", at) == (404, NOTHING)
