"""Pages of orders, as those who order, receive and look on use them."""

from datetime import date, datetime
from html import unescape
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from assets.orders.models import GoodsReceipt, OrderLine, PurchaseOrder
from assets.orders.receiving import Box, receive
from assets.register.handing_over import set_check_list
from assets.register.models import Asset
from tests.factories import a_person, a_requester, a_site
from tests.orders.ordered import NOW, a_line, a_world, an_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def world():
    return a_world()


def as_(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(answer) -> str:
    return unescape(answer.content.decode())


def test_an_order_is_written_down_with_a_line_placed_received_by_scanner_and_closed(world):
    ada, eng = as_(world.manager), as_(world.engineer)
    sent = {
        "council": world.county.pk,
        "supplier": world.supplier.pk,
        "number": "45",
        "expected_on": "4/12/2026",
    }
    answer = ada.post("/refresh/orders/new/", sent)
    order = PurchaseOrder.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/refresh/orders/{order.pk}/")
    of_line = {"model": world.model.pk, "quantity": "1", "unit_price": "742.00", "spares": "0"}
    assert ada.post(f"/refresh/orders/{order.pk}/lines/new/", of_line).status_code == 302
    assert ada.post(f"/refresh/orders/{order.pk}/moves/place/", {"version": "1"}).status_code == 302
    line, at = OrderLine.objects.get(), f"/refresh/orders/lines/{OrderLine.objects.get().pk}/receive/"

    asked = eng.post(at, {"serial_number": "sn-1", "labels": "on"})
    assert asked.status_code == 422
    assert "Now scan or type the label of sn-1" in text(asked)
    done = eng.post(
        at, {"serial_number": "sn-1", "asset_tag": "OCC-1", "labels": "on", "room": "Cage 2"}, follow=True
    )

    assert "SN-1 is received" in text(done)
    assert 'value="Cage 2"' in text(done)
    assert Asset.objects.get().asset_tag == "OCC-1"
    again = eng.post(at, {"serial_number": "SN-1"})
    assert (again.status_code, "SN-1 is received already" in text(again)) == (422, True)
    assert ada.post(f"/refresh/orders/{order.pk}/moves/close/", {}).status_code == 302
    late = eng.post(at, {"serial_number": "SN-2"})
    assert (late.status_code, "is closed, so nothing comes of it" in text(late)) == (409, True)
    assert line.receipts.count() == 1


def test_many_are_received_from_the_paste_box_or_none_of_them(world):
    line = a_line(world, 3)
    at, eng = f"/refresh/orders/lines/{line.pk}/receive/", as_(world.engineer)

    refused = eng.post(at, {"pasted": "SN1\nSN1\nSN2"})
    assert (refused.status_code, "The serial number SN1 stands here 2 times" in text(refused)) == (422, True)
    done = eng.post(at, {"pasted": "SN1\tOCC-1\nSN2\tDOA\n"}, follow=True)

    assert "1 received, 1 dead on arrival" in text(done)
    assert "1 of 3 received, 1 dead on arrival" in text(done)
    assert sorted(GoodsReceipt.objects.values_list("serial_number", "dead_on_arrival")) == [
        ("SN1", False),
        ("SN2", True),
    ]


def test_too_many_are_added_by_a_choice_with_its_reason_that_only_who_orders_is_offered(world):
    line = a_line(world, 1)
    at = f"/refresh/orders/lines/{line.pk}/receive/"

    assert "Add what is too many to the order" not in text(as_(world.engineer).get(at))
    ada = as_(world.manager)
    sent = {"pasted": "A\nB", "add_to_order": "on"}
    assert "Enter why the order is added to" in text(ada.post(at, sent))
    assert ada.post(at, {**sent, "reason": "A gift"}).status_code == 302
    line.refresh_from_db()
    assert line.quantity == 2


def test_the_rest_is_cancelled_with_a_reason(world):
    line = a_line(world, 26)
    receive(line, [Box(f"SN{n}") for n in range(10)], by=world.engineer)
    ada, at = as_(world.manager), f"/refresh/orders/lines/{line.pk}/cancel-rest/"

    assert "10 of 26 received" in text(ada.get(at))
    assert ada.post(at, {"count": "16"}).status_code == 422
    done = ada.post(at, {"count": "16", "reason": "End of sale"}, follow=True)

    assert "16 of T14 Gen 6 come no more" in text(done)
    assert "10 of 26 received, 16 cancelled" in text(done)


def test_many_of_a_line_are_staged_together_by_the_check_list_of_their_model(world):
    line = a_line(world, 2)
    receive(line, [Box("SN1"), Box("SN2")], by=world.engineer)
    set_check_list(world.model, by=world.manager, items="Image\nEncrypt", version=None)
    eng, at = as_(world.engineer), f"/refresh/orders/lines/{line.pk}/stage/"
    keys = [str(one.pk) for one in Asset.objects.all()]

    refused = eng.post(at, {"asset": keys, "checked": ["Image"]})
    assert (refused.status_code, "Not ticked yet: Encrypt" in text(refused)) == (422, True)
    assert eng.post(at, {"asset": keys, "checked": ["Image", "Encrypt"]}).status_code == 302
    assert [one.state for one in Asset.objects.all()] == ["staged", "staged"]


def test_a_move_that_is_refused_or_read_at_an_older_version_says_so_on_the_order(world):
    order = an_order(world)
    ada = as_(world.manager)

    refused = ada.post(f"/refresh/orders/{order.pk}/moves/place/", {})
    assert (refused.status_code, "has no lines yet" in text(refused)) == (409, True)
    stale = ada.post(f"/refresh/orders/{order.pk}/moves/cancel/?", {"reason": "No", "version": "7"})
    assert (stale.status_code, "was changed while you were looking at it" in text(stale)) == (409, True)


def test_what_it_costs_is_told_to_whoever_sees_the_money_of_its_council_alone(world):
    line = a_line(world, 2, number="4500999")
    secrets = ("742.00", "1,484.00", "4500999", "IT01")

    own = text(as_(world.manager).get(f"/refresh/orders/{line.order.pk}/"))
    assert [secret in own for secret in secrets] == [True] * 4
    assert "£1,484.00" in text(as_(world.manager).get("/refresh/orders/"))
    for person in (world.engineer, world.other, a_person(world.county, "auditor")):
        for page in (
            "",
            f"{line.order.pk}/",
            f"lines/{line.pk}/receive/" if person == world.engineer else "",
        ):
            seen = text(as_(person).get(f"/refresh/orders/{page}"))
            assert line.order.reference in seen
            assert not any(secret in seen for secret in secrets)


def test_staff_see_no_orders(world):
    order = an_order(world)
    jo = as_(a_requester(world.county))

    assert jo.get("/refresh/orders/").status_code == 403
    assert jo.get(f"/refresh/orders/{order.pk}/").status_code == 404


def test_the_list_narrows_to_what_is_overdue_and_the_first_screen_counts_it(world, monkeypatch):
    late, soon = a_line(world, 1, number="1").order, a_line(world, 1, number="2", expected_on=None).order
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 12, 5, 9, tzinfo=NOW.tzinfo))
    ada = as_(world.manager)

    listed = text(ada.get("/refresh/orders/?standing=overdue&council=OCC"))
    assert (late.reference in listed, soon.reference in listed) == (True, False)
    assert "Overdue" in text(ada.get(f"/refresh/orders/{late.pk}/"))
    assert "/refresh/orders/?standing=overdue&council=OCC" in text(ada.get("/home/"))
    assert "standing=overdue" not in text(as_(world.other).get("/home/"))


def test_lines_are_taken_out_as_a_workbook_with_the_money_of_ones_own_council_alone(world):
    line = a_line(world, 2)
    receive(line, [Box("SN1"), Box("SN2", dead_on_arrival=True)], by=world.engineer)

    def rows(person):
        book = load_workbook(BytesIO(as_(person).post("/refresh/orders/export/").content))
        cover = [line for (line,) in book["About"].values]
        assert cover[1] == f"Taken out by: {person}, {person.council}"
        assert "These rows are for reading. You cannot bring them back." in cover
        return [list(row) for row in book.active.iter_rows(min_row=2, values_only=True)]

    told = [line.order.reference, "OCC", "4500123", "Thames Valley IT", "Placed"]
    days = [datetime(2026, 11, 20), datetime(2026, 12, 4)]
    counts = ["T14 Gen 6", 2, 1, 1, 0, 1, 1]
    assert rows(world.manager) == [[*told, *days, *counts, 742, 1484, "IT01"]]
    assert rows(world.other) == [[*told[:2], None, *told[3:], *days, *counts, None, None, None]]


def test_a_site_of_the_other_council_takes_nothing_in(world):
    line = a_line(world, 1)
    there = a_site(world.district)

    answer = as_(world.engineer).post(
        f"/refresh/orders/lines/{line.pk}/receive/", {"serial_number": "A", "site": there.pk}
    )

    assert (answer.status_code, "Select the site from the list" in text(answer)) == (422, True)


def test_an_order_is_changed_until_it_is_closed_and_its_history_tells_it(world):
    order = a_line(world, 1).order
    ada = as_(world.manager)
    sent = {
        "supplier": world.supplier.pk,
        "number": "4500123",
        "ordered_on": "20/11/2026",
        "version": order.version,
    }

    assert (
        ada.post(f"/refresh/orders/{order.pk}/edit/", {**sent, "expected_on": "1/12/2026"}).status_code == 302
    )
    order.refresh_from_db()
    assert order.expected_on == date(2026, 12, 1)
    stale = ada.post(f"/refresh/orders/{order.pk}/edit/", {**sent, "expected_on": "2/12/2026"})
    assert (stale.status_code, "Somebody has changed this" in text(stale)) == (409, True)
    assert "Expected on: 4 December 2026 → 1 December 2026" in text(ada.get(f"/refresh/orders/{order.pk}/"))
