"""A supplier's despatch sheet comes in like any spreadsheet, from the page of its order, and its boxes are received."""

import json
from html import unescape
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from assets.batches import undoing
from assets.batches.approving import approve
from assets.batches.choosing import create_batch
from assets.batches.items import move_item
from assets.orders.models import GoodsReceipt, OrderLine
from assets.orders.ordering import add_line, move
from assets.orders.receiving import Box, receive
from assets.orders.standing import counted
from assets.register.models import Asset
from assets.register.workflow import move as move_asset
from servicedesk.history.models import Change
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import Overtaken
from servicedesk.spreadsheets.applying import write as apply
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.rejects import write_rejects
from servicedesk.spreadsheets.taking_back import take_back
from tests.factories import a_model, a_person, a_requester, a_site, an_asset
from tests.orders.ordered import NOW, a_line, a_world, an_order
from tests.spreadsheets.incoming import a_csv, actions, bring, rows_of

pytestmark = pytest.mark.django_db
HEADINGS = ("Serial No", "Asset tag", "DOA")


@pytest.fixture
def world():
    return a_world()


def as_(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def checked(line, *rows, by=None, **given) -> Import:
    """A sheet that was begun on the page of the line's order, and checked."""
    said = {"given": {"order": line.order.reference, **given}}
    return bring(a_csv(*rows), line.order.council, by, kind="despatched-boxes", said=said)


def said(started: Import) -> list[tuple]:
    """What becomes of each row, and what is said of it."""
    return [
        (row.number, row.action, [problem["message"] for problem in row.problems]) for row in rows_of(started)
    ]


def standing(line) -> str:
    return counted([line])[0].words


def test_a_sheet_goes_from_the_page_of_the_order_to_received_boxes_and_back(world):
    line = a_line(world, 3)
    site = a_site(world.county, "Bodicote House")
    eng = as_(world.engineer)
    sheet = SimpleUploadedFile("despatch.csv", b"Our ref,Serial No,Asset tag,DOA\n1,sn1,T1,\n2,sn2,,yes\n")
    sent = {"sheet": sheet, "site": site.pk, "room": "Cage 2", "despatch_note": "DN-7"}

    begun = eng.post(f"/refresh/orders/{line.order.pk}/despatch-sheet/", sent, follow=True)

    started = Import.objects.get()
    page = unescape(begun.content.decode())
    assert begun.redirect_chain[-1][0] == f"/imports/{started.pk}/sheet/"
    assert f"Every row: Order {line.order}, Site Bodicote House, Room Cage 2, Despatch note DN-7" in page
    assert f'href="/refresh/orders/{line.order.pk}/"' in page
    started = apply(importing.check(started, by=world.engineer), by=world.engineer)
    assert not GoodsReceipt.objects.exclude(received_by=world.engineer).exists()
    assert list(
        GoodsReceipt.objects.order_by("pk").values_list("serial_number", "dead_on_arrival", "despatch_note")
    ) == [("SN1", False, "DN-7"), ("SN2", True, "DN-7")]
    asset = Asset.objects.get(state="in_stock")
    assert (asset.asset_tag, asset.serial_number, asset.site, asset.room) == ("T1", "SN1", site, "Cage 2")
    assert standing(line) == "1 of 3 received, 1 dead on arrival"
    assert set(Change.objects.filter(kind="orders.goodsreceipt").values_list("change_set", flat=True)) == {
        started.change_set_id
    }

    undone = take_back(started, by=world.engineer)

    assert (standing(line), undone.undone["left"]) == ("0 of 3 received", [])


def test_everything_wrong_is_said_row_by_row_and_the_good_rows_are_received_with_the_rest_handed_back(world):
    line = a_line(world, 1, placed=False)
    dock = OrderLine(order=line.order, model=a_model("U32 Dock", "Dell", "dock"), quantity=2, unit_price=90)
    dock = add_line(dock, by=world.manager)
    move(line.order, "place", by=world.manager)
    line.order.refresh_from_db()
    an_asset(world.county, "LT/1", serial_number="KNOWN", manufacturer=world.model.manufacturer)
    rows = (
        ("Serial number", "Model", "PO number", "Tag", "Faulty"),
        ("A1", "T14 gen 6", "4500123", "", ""),
        ("A2", "Lenovo T14 Gen 6", "", "", ""),
        ("B1", "dell u32 dock", "", "", "no"),
        ("B1", "U32 Dock", "", "", ""),
        ("C1", "U32 Dock", "4711", "", ""),
        ("KNOWN", "T14 Gen 6", "", "", ""),
        ("D1", "Elite Book", "", "", ""),
        ("", "U32 Dock", "", "", ""),
        ("E1", "U32 Dock", "", "LT/1", ""),
        ("F1", "U32 Dock", "", "", "perhaps"),
        ("G1", "", "", "", ""),
        ("H1", "U32 Dock", "", "", ""),
    )

    started = checked(line, *rows, by=world.engineer)

    over = "1 is still to come of this line, so this is 1 too many"
    known = "Oxfordshire County Council has an asset of Lenovo with the serial number KNOWN already: LT/1"
    assert said(started) == [
        (2, "create", []),
        (3, "error", [over]),
        (4, "error", ["The serial number B1 stands in 2 rows"]),
        (5, "error", ["“B1 (row 4)” stands in this file more than once"]),
        (6, "error", ["It says that it belongs to the order 4711"]),
        (7, "error", [known]),
        (8, "error", [f"No line of {line.order} is called “Elite Book”"]),
        (9, "error", ["The row has nothing to know it by"]),
        (10, "error", ["Oxfordshire County Council already has an asset with the tag LT/1"]),
        (11, "error", ["“perhaps” does not say whether the box is dead on arrival"]),
        (12, "error", [f"{line.order} has several lines, and nothing says of which the box is"]),
        (13, "create", []),
    ]
    apply(started, by=world.engineer)
    assert (standing(line), standing(dock)) == ("1 of 1 received", "1 of 2 received")
    rest = BytesIO()
    assert write_rejects(started, rest) == 10
    sheet = load_workbook(rest).active
    assert [cell.value for cell in sheet[1]][-2:] == ["Result", "Problem"]
    cells = ["A2", "Lenovo T14 Gen 6", None, None, None]
    assert [cell.value for cell in sheet[2]] == [
        *cells,
        "Refused",
        f"{over}. Send it back, or receive it on the page of its line, where it can be added to the order.",
    ]


def test_the_same_sheet_again_receives_nothing_twice(world):
    line = a_line(world, 3)
    rows = (HEADINGS, ("SN1", "T1", ""), ("SN2", "", "yes"))
    apply(checked(line, *rows), by=world.engineer)

    again = checked(line, *rows)
    turned = checked(line, HEADINGS, ("SN1", "", "yes"), ("SN2", "", ""))

    assert set(actions(again).values()) == {"unchanged"}
    assert said(turned) == [
        (2, "error", ["SN1 is received already"]),
        (3, "error", ["SN2 of this order was dead on arrival"]),
    ]


def test_what_came_by_another_way_since_the_check_stops_the_whole_sheet(world):
    line = a_line(world, 2)
    started = checked(line, HEADINGS, ("SN1", "", ""), ("SN2", "", ""))
    receive(line, [Box("SN3")], by=world.engineer)

    with pytest.raises(
        Overtaken, match="1 is still to come of this line, so this is 1 too many.*Check the rows again"
    ):
        apply(started, by=world.engineer)

    assert standing(line) == "1 of 2 received"


def test_an_order_that_was_called_off_since_the_check_takes_nothing(world):
    line = a_line(world, 2)
    started = checked(line, HEADINGS, ("SN1", "", ""))
    move(line.order, "cancel", by=world.manager, reason="Too late")

    with pytest.raises(Overtaken, match="is cancelled, so nothing comes of it. Nothing was imported"):
        apply(started, by=world.engineer)


def test_what_has_gone_on_since_stays_received_with_its_box_when_the_sheet_is_undone(world):
    line = a_line(world, 2)
    started = apply(checked(line, HEADINGS, ("SN1", "T1", ""), ("SN2", "T2", "")), by=world.engineer)
    on = Asset.objects.get(asset_tag="T1")
    move_asset(on, "issue", by=world.engineer, given={"pool": "Loan laptops"})

    undone = take_back(started, by=world.engineer)

    assert {(each["label"], each["why"]) for each in undone.undone["left"]} == {
        (f"{line.order}/1-001", "It was changed since."),
        ("SN1", "What it is about stays as it is."),
    }
    assert list(GoodsReceipt.objects.values_list("serial_number", "asset")) == [("SN1", on.pk)]
    assert standing(line) == "1 of 2 received"


def test_what_is_allocated_since_stays_received_when_the_sheet_is_undone(world):
    line = a_line(world, 2)
    old = an_asset(world.county, state="in_use", holder_note="Reception")
    batch = create_batch(
        by=world.manager, title="A", rule={"tags": [old.asset_tag]}, as_at=NOW.date(), now=NOW
    )
    batch.items.update(state="confirmed", locked=True)
    batch.lines.update(purchase=1)
    type(batch).objects.update(state="under_way")
    approve(batch, world.county, by=a_person(world.county, "budget_approver"), now=NOW)
    started = apply(checked(line, HEADINGS, ("SN1", "T1", ""), ("SN2", "T2", "")), by=world.engineer)
    new = Asset.objects.get(asset_tag="T1")
    item = move_item(batch.items.get(), "allocate", by=world.manager, given={"replacement": new})

    undone = take_back(started, by=world.engineer)

    left = {each["label"]: (each["why"], each["by"]) for each in undone.undone["left"]}
    assert left == {
        f"{line.order}/1-001": ("It was allocated since.", str(world.manager)),
        "SN1": ("What it is about stays as it is.", ""),
    }
    new.refresh_from_db()
    assert (new.state, standing(line)) == ("in_stock", "1 of 2 received")
    batch.refresh_from_db()
    undoing.take_back(undoing.last_deed(world.manager, batch), batch, by=world.manager)
    item.refresh_from_db()
    assert item.replacement is None


def test_without_a_page_each_row_names_its_order_and_no_other_councils(world):
    line, draft = a_line(world, 2), an_order(world, number="4500999")
    rows = (
        ("Serial number", "Your reference", "Council"),
        ("A", line.order.reference.lower(), "OCC"),
        ("B", "4500123", ""),
        ("C", draft.reference, ""),
        ("D", "ORD-2026-999999", ""),
        ("E", "", ""),
        ("F", "4500123", "CDC"),
    )

    started = bring(a_csv(*rows), world.county, kind="despatched-boxes")
    elsewhere = bring(a_csv(*rows[:2]), world.district, kind="despatched-boxes")

    assert said(started)[:5] == [
        (2, "create", []),
        (3, "create", []),
        (4, "error", [f"{draft} is draft, so nothing comes of it"]),
        (5, "error", ["Oxfordshire County Council has no order called ORD-2026-999999"]),
        (6, "error", ["Nothing says of which order the box is"]),
    ]
    assert said(started)[5][1] == "error"
    assert (
        f"Cherwell District Council has no order called {line.order.reference.lower()}"
        in said(elsewhere)[0][2]
    )
    apply(started, by=None)
    assert list(GoodsReceipt.objects.values_list("serial_number", "received_by")) == [
        ("B", None),
        ("A", None),
    ]


def test_a_sheet_is_received_from_the_command_line(world, tmp_path):
    line = a_line(world, 2)
    sheet, mapping = tmp_path / "despatch.csv", tmp_path / "mapping.json"
    sheet.write_text("Serial number\nA\n")
    mapping.write_text(json.dumps({"given": {"order": line.order.reference, "room": "Cage 2"}}))

    with pytest.raises(SystemExit) as ended:
        command = (
            "import_sheet",
            "despatched-boxes",
            str(sheet),
            "--council",
            "OCC",
            "--mapping",
            str(mapping),
        )
        call_command(*command, "--apply", stdout=StringIO())

    assert ended.value.code == 0
    assert list(Asset.objects.filter(state="in_stock").values_list("serial_number", "room")) == [
        ("A", "Cage 2")
    ]


def test_the_suppliers_next_sheet_is_known_by_its_headings_for_any_order(world):
    line, odd = a_line(world, 2), ("Box code", "Sticker")
    first = bring(
        a_csv(("Serial number", *odd), ("A", "x", "T1"), name="Thames despatch 2026-10.csv"),
        world.county,
        world.engineer,
        kind="despatched-boxes",
        said={"given": {"order": line.order.reference}},
    )
    importing.choose(
        first, {"columns": {"C": "asset_tag"}}, by=world.engineer, version=first.version, save_as="Thames"
    )
    other = a_line(world, 2, number="4500124")

    second = bring(
        a_csv((*odd, "Serial number"), ("x", "T2", "B"), name="Thames despatch 2026-11.csv"),
        world.county,
        world.engineer,
        kind="despatched-boxes",
        said={"given": {"order": other.order.reference}},
    )

    assert (str(second.profile), second.mapping["given"]) == ("Thames", {"order": other.order.reference})
    assert rows_of(second)[0].values["asset_tag"] == "T2"
    assert "given" not in second.profile.mapping


def test_more_boxes_than_are_received_at_once_are_refused(world, monkeypatch):
    monkeypatch.setattr("assets.orders.despatch.MOST_AT_ONCE", 2)
    line = a_line(world, 5)

    started = checked(line, HEADINGS, *((f"SN{number}", "", "") for number in range(3)))

    assert said(started)[2] == (4, "error", ["At most 2 boxes are received at once"])


def test_a_bad_sheet_is_mended_where_it_was_begun_and_by_what_such_a_sheet_has(world):
    line = a_line(world, 1)
    order = f"/refresh/orders/{line.order.pk}/"
    rows = ("Serial number", "Tag"), ("", "LT/7"), ("SN1", ""), ("SN2", "")

    started = checked(line, *rows, by=world.engineer)

    assert [problem["remedy"] for row in rows_of(started) for problem in row.problems] == [
        "Enter the serial number",
        "Send it back, or receive it on the page of its line, where it can be added to the order",
    ]
    page = as_(world.engineer).get(f"/imports/{started.pk}/sheet/").content.decode()
    assert f'href="{order}">Upload another</a>' in page


def test_the_page_says_what_is_missing_and_is_for_who_handles_assets(world):
    line = a_line(world, 1)
    at = f"/refresh/orders/{line.order.pk}/despatch-sheet/"

    empty = as_(world.engineer).post(at, {})

    assert (empty.status_code, "Select the despatch sheet" in empty.content.decode()) == (422, True)
    assert as_(a_requester(world.county)).get(at).status_code == 404
    assert not Import.objects.exists()


def test_boxes_are_not_among_what_the_page_of_imports_offers(world):
    page = as_(world.engineer).get("/imports/").content.decode()

    assert "despatched boxes" not in page.lower()
