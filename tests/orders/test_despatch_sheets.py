"""A supplier's despatch sheet is looked over first, everything wrong at once, then received whole or not at all."""

import json
from decimal import Decimal
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assets.orders.despatch import Despatch, read_despatch
from assets.orders.models import GoodsReceipt, OrderLine
from assets.orders.ordering import add_line, move
from assets.orders.standing import standings
from assets.register.models import Asset
from servicedesk.history.models import Change
from servicedesk.history.undoing import undo
from tests.factories import a_model, an_asset
from tests.orders.ordered import a_line, a_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def a_sheet(*rows: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("despatch.csv", "\n".join(rows).encode())


def as_(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def said(found: Despatch) -> list[tuple]:
    return [(row.number, row.box.serial_number, row.line, row.problems) for row in found.rows]


def test_a_sheet_is_looked_over_then_received_and_undone_again(world):
    line = a_line(world, 3)
    eng, at = as_(world.engineer), f"/refresh/orders/{line.order.pk}/despatch-sheet/"
    sheet = a_sheet("Our ref,Serial No,Asset tag,DOA", "1,sn1,T1,", "2,sn2,,yes")

    looked = eng.post(at, {"sheet": sheet, "room": "Cage 2"})
    html = unescape(looked.content.decode())
    assert (looked.status_code, "Nothing is wrong with its 2 rows." in html) == (200, True)
    assert not GoodsReceipt.objects.exists()
    kept = json.dumps([[line.pk, "SN1", "T1", False], [line.pk, "SN2", "", True]])
    assert kept in html
    done = eng.post(at, {"kept": kept, "room": "Cage 2"}, follow=True)

    assert "2 boxes received" in done.content.decode()
    assert standings(world.manager, [line])[0].words == "1 of 3 received, 1 dead on arrival"
    assert [(one.asset_tag, one.room) for one in Asset.objects.filter(state="in_stock")] == [("T1", "Cage 2")]
    again = eng.post(at, {"kept": kept})
    assert (again.status_code, "SN1 is received already" in unescape(again.content.decode())) == (422, True)
    undo(Change.objects.filter(kind="orders.goodsreceipt").first().change_set, by=world.manager)
    assert standings(world.manager, [line])[0].words == "0 of 3 received"


def test_rows_go_to_the_line_of_their_model_and_everything_wrong_is_said_at_once(world):
    line = a_line(world, 1, placed=False)
    dock = OrderLine(
        order=line.order, model=a_model("U32 Dock", "Dell", "dock"), quantity=2, unit_price=Decimal(90)
    )
    dock = add_line(dock, by=world.manager)
    order = move(line.order, "place", by=world.manager)
    an_asset(world.county, "LT/1", serial_number="KNOWN", manufacturer=world.model.manufacturer)

    found = read_despatch(
        a_sheet(
            "Serial number,Model,PO number",
            "A,T14 gen 6,4500123",
            "B,dell u32 dock,",
            "B,U32 Dock,",
            "C,U32 Dock,4711",
            "KNOWN,Lenovo T14 Gen 6,",
            "D,Elite Book,",
            ",U32 Dock,",
        ),
        order,
    )

    twice = "The serial number B stands in 2 rows"
    known = "Oxfordshire County Council has an asset of Lenovo with the serial number KNOWN already: LT/1"
    assert said(found) == [
        (2, "A", line, []),
        (3, "B", dock, [twice]),
        (4, "B", dock, [twice]),
        (5, "C", dock, ["It says that it belongs to the order 4711"]),
        (6, "KNOWN", line, [known]),
        (7, "D", None, [f"No line of {order} is called “Elite Book”"]),
        (8, "", dock, ["A box has no serial number: scan or type it"]),
    ]
    assert [sentence.partition(",")[0] for sentence in found.whole] == [
        "T14 Gen 6: 1 is still to come of this line",
        "U32 Dock: 2 are still to come of this line",
    ]
    assert not found.is_good


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        (a_sheet("Name,Colour", "a,b"), "No column of the sheet is headed “Serial number”"),
        (a_sheet("Serial number,Model"), "The sheet has no rows below its headings"),
    ],
)
def test_a_sheet_that_says_nothing_of_use_is_refused_with_a_sentence(world, sheet, sentence):
    line = a_line(world, 1)

    answer = as_(world.engineer).post(f"/refresh/orders/{line.order.pk}/despatch-sheet/", {"sheet": sheet})

    assert (answer.status_code, sentence in unescape(answer.content.decode())) == (422, True)


@pytest.mark.parametrize("kept", ["", "x", "[1]", '[[99, "A", "", false]]', "{}", '[[{}, "A", "", false]]'])
def test_what_a_page_did_not_keep_is_taken_for_nothing(world, kept):
    line = a_line(world, 1)

    answer = as_(world.engineer).post(f"/refresh/orders/{line.order.pk}/despatch-sheet/", {"kept": kept})

    assert answer.status_code == 422
    assert not GoodsReceipt.objects.exists()
