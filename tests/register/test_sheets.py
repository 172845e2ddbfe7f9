"""What a row of a spreadsheet means to the register, and the rules it must obey."""

from datetime import date
from decimal import Decimal

import pytest

from assets.register.finding import search_text
from assets.register.models import (
    HOLDS_NO_DATA,
    Asset,
    AssetModel,
    CheckList,
    Custody,
    Disposal,
    Sanitisation,
    WriteOff,
)
from assets.register.registering import RELATED, fresh, register_assets
from assets.register.sheet_moves import CAN_MEET
from servicedesk.history.models import Change
from servicedesk.search.models import SearchDocument
from servicedesk.search.words import words
from servicedesk.spreadsheets.applying import write
from tests.factories import LONG_AGO, a_council, a_model, a_person, a_site, an_asset
from tests.spreadsheets.incoming import a_csv, bring, codes, rows_of

pytestmark = pytest.mark.django_db


def imported(*rows, **options):
    return write(bring(a_csv(*rows), a_council(), **options), by=None)


def checked(*rows, **options):
    return bring(a_csv(*rows), a_council(), **options)


def test_whole_row_is_written_as_the_register_itself_writes_it():
    site, holder, model = a_site(name="County Hall"), a_person(name="Jo Okoro"), a_model("T14", "Lenovo")
    headings = (
        "Tag",
        "S/N",
        "Hostname",
        "Type",
        "Make",
        "Model",
        "Status",
        "Site",
        "Room",
        "Assigned to",
        "Cost",
    )
    row = (
        "0042",
        "pf2g",
        "LT-42",
        "Notebook",
        "LENOVO",
        "T14",
        "Active",
        "County Hall",
        "2.01",
        "Okoro, Jo",
        "£742.50",
    )
    headings += ("Purchase date", "OS", "IP", "Encrypted", "Notes")
    row += ("14/09/2022", "Windows 11", "10.1.2.3", "Yes", "With bag")

    imported(headings, row)

    asset = fresh(Asset.objects.get())
    by_hand = Asset(
        council=a_council(),
        asset_tag="0043",
        serial_number="PF2H",
        hostname="LT-42",
        category="laptop",
        manufacturer=model.manufacturer,
        model=model,
        state="in_use",
        site=site,
        room="2.01",
        holder=holder,
        purchase_cost_ex_vat=Decimal("742.50"),
        purchase_date=date(2022, 9, 14),
        os_name="Windows 11",
        ip_address="10.1.2.3",
        encrypted=True,
        notes="With bag",
    )
    register_assets([by_hand], by=None)
    own = {"id", "asset_tag", "serial_number", "registered_at"}
    assert without(asset, own) == without(fresh(by_hand), own)
    ours, theirs = (
        Change.objects.get(object_id=pk, kind="register.asset").fields for pk in (asset.pk, by_hand.pk)
    )
    assert {k: v for k, v in ours.items() if k not in own} == {
        k: v for k, v in theirs.items() if k not in own
    }
    assert ours["registered_at"][1] == asset.registered_at.isoformat()
    assert SearchDocument.objects.get(object_id=asset.pk).text == " ".join(words(search_text(asset)))


def without(asset: Asset, names: set[str]) -> dict:
    return {
        field.attname: getattr(asset, field.attname)
        for field in Asset._meta.concrete_fields
        if field.name not in names
    }


def test_search_keeps_up_with_a_changed_row():
    asset = an_asset(tag="1", room="Old room")

    imported(("Tag", "Room", "Site"), ("1", "New room", "Depot"), create=["sites"])

    asset = Asset.objects.select_related(*RELATED).get(pk=asset.pk)
    assert SearchDocument.objects.get(object_id=asset.pk).text == " ".join(words(search_text(asset)))


@pytest.mark.parametrize("written", ["CDC", "Cherwell District Council", "NOWHERE"])
def test_other_council_is_refused_like_one_that_does_not_exist(written):
    a_council("CDC")
    an_asset(a_council("CDC"), tag="B1", serial_number="SB")

    found = rows_of(checked(("Organisation", "Tag", "Serial"), (written, "B1", "SB")))[0]

    assert found.action == "error"
    assert [(each["code"], each["message"], each["remedy"]) for each in found.problems] == [
        (
            "look_up_unknown",
            f"“{written}” is not the council that this import is for",
            "Enter OCC, or leave the row out",
        )
    ]


@pytest.mark.parametrize("written", ["OCC", "Oxfordshire County Council", " occ "])
def test_own_council_is_known_by_code_and_name(written):
    assert [row.action for row in rows_of(checked(("Council", "Tag"), (written, "1")))] == ["create"]


def test_tag_serial_site_and_holder_of_the_other_council_are_as_if_they_were_not():
    cdc = a_council("CDC")
    theirs = an_asset(cdc, tag="1", serial_number="S1")
    a_site(cdc, "Bodicote House")
    a_person(cdc, name="Ben Evans", email="ben@cdc.example")
    headings = ("Tag", "Serial", "Site", "Assigned to", "Email")

    done = imported(headings, ("1", "S1", "Bodicote House", "Ben Evans", "ben@cdc.example"))

    ours = Asset.objects.get(council=a_council())
    theirs.refresh_from_db()
    assert codes(done) == {2: ["look_up_unknown", "look_up_unknown"]}
    assert (ours.site, ours.holder, ours.holder_note) == (None, None, "Ben Evans")
    assert (theirs.version, theirs.site) == (1, None)


def test_holder_is_found_by_email_then_by_a_name_that_one_person_has():
    jo = a_person(name="Jo Okoro", email="jo@occ.example")
    a_person(name="Sam Reid")
    a_person(name="Sam Reid")
    ann = a_person(name="Ann Lee")

    imported(
        ("Tag", "Assigned to", "Email"),
        ("1", "Somebody Else", "JO@occ.example"),
        ("2", "Sam Reid", ""),
        ("3", "lee, ann", ""),
        ("4", "Pool", ""),
    )

    held = {asset.asset_tag: (asset.holder, asset.holder_note) for asset in Asset.objects.all()}
    assert held == {"1": (jo, ""), "2": (None, "Sam Reid"), "3": (ann, ""), "4": (None, "")}


def test_known_holder_takes_the_place_of_the_note():
    asset = an_asset(tag="1", holder_note="Jo Okoro")
    jo = a_person(name="Jo Okoro")

    imported(("Tag", "Assigned to"), ("1", "Jo Okoro"))

    asset.refresh_from_db()
    assert (asset.holder, asset.holder_note) == (jo, "")


def test_unknown_holder_does_not_put_out_the_known_one():
    jo = a_person(name="Jo Okoro")
    asset = an_asset(tag="1", holder=jo)

    done = checked(("Tag", "Assigned to"), ("1", "Nobody Known"))

    assert (rows_of(done)[0].action, codes(done)) == ("unchanged", {2: ["look_up_unknown"]})
    asset.refresh_from_db()
    assert asset.holder == jo


def test_maker_and_model_in_one_cell_are_told_apart():
    t14 = a_model("ThinkPad T14", "Lenovo")

    imported(
        ("Tag", "Make & Model", "Type"),
        ("1", "Lenovo ThinkPad T14", "Laptop"),
        ("2", "Dell Latitude 5420", "Laptop"),
        ("3", "thinkpad t14", "Laptop"),
        create=["asset-models"],
    )

    models = {asset.asset_tag: asset.model for asset in Asset.objects.select_related("model")}
    made = AssetModel.objects.get(name="Latitude 5420")
    assert (made.manufacturer.name, made.category) == ("Dell", "laptop")
    assert models == {"1": t14, "2": made, "3": t14}
    assert set(Asset.objects.values_list("manufacturer__name", flat=True)) == {"Lenovo", "Dell"}
    assert Change.objects.filter(kind="register.assetmodel", object_id=made.pk).count() == 1


def test_category_comes_from_a_known_model_and_is_otherwise_missing_aloud():
    a_model("ProCurve", "HP", "switch")

    done = imported(("Tag", "Model"), ("1", "ProCurve"), ("2", ""))

    assert list(Asset.objects.order_by("asset_tag").values_list("category", flat=True)) == ["switch", ""]
    assert [note["message"] for note in done.notes] == [
        "The sheet has no column for the state. No state: taken as in stock",
        "The sheet has no column for the category. No category: registered without one",
    ]


def test_warranty_is_a_date_or_months():
    imported(("Tag", "Warranty"), ("1", "36"), ("2", "3 years"), ("3", "30/06/2024"))

    kept = Asset.objects.order_by("asset_tag").values_list("warranty_months", "warranty_end")
    assert list(kept) == [(36, None), (36, None), (None, date(2024, 6, 30))]


def test_precision_of_a_date_is_kept_until_the_date_is_told_better():
    imported(("Tag", "Purchased"), ("1", "Sept 2022"), ("2", "2022/23"), ("3", "14/09/2022"))
    known = list(Asset.objects.order_by("asset_tag").values_list("date_precision", flat=True))

    imported(("Tag", "Purchased"), ("1", "14/09/2022"), ("2", "2022-04-01"))

    later = list(Asset.objects.order_by("asset_tag").values_list("date_precision", flat=True))
    assert known == ["month", "financial_year", "day"]
    assert later == ["day", "financial_year", "day"]


@pytest.mark.parametrize("category", ["laptop", *HOLDS_NO_DATA])
def test_terminal_state_without_certificate_is_flagged_unless_it_holds_no_data(category):
    imported(
        ("Tag", "Type", "Status", "Certificate no"),
        ("1", category, "Donated", ""),
        ("2", category, "Donated", "C-1"),
    )

    flags = list(Asset.objects.order_by("asset_tag").values_list("state", "evidence_missing"))
    assert flags == [("donated", category == "laptop"), ("donated", False)]


def test_certificate_that_comes_later_is_the_missing_evidence():
    imported(("Tag", "Type", "Status"), ("1", "Laptop", "Disposed of"))

    imported(("Tag", "Certificate no"), ("1", "C-1"))

    asset = Asset.objects.get()
    assert (asset.evidence_missing, asset.certificate_number) == (False, "C-1")
    assert Change.objects.filter(kind="register.asset").latest("id").fields["evidence_missing"] == [
        True,
        False,
        "True",
        "False",
    ]


REACHED = [
    ("on_order", "In stock", {"serial_number": "S1"}, {}, "receive"),
    ("in_stock", "Staged", {}, {}, "stage"),
    ("staged", "In stock", {}, {}, "unstage"),
    ("in_stock", "In use", {}, {"Room": "2.01"}, "issue"),
    ("in_repair", "In stock", {}, {}, "back_from_repair"),
    ("in_use", "Returned", {}, {"Condition": "B"}, "return"),
    ("returned", "Wiped", {}, {"Certificate no": "C-1"}, "sanitise"),
    ("returned", "Destroyed", {}, {"Certificate no": "C-1"}, "destroy"),
    ("sanitised", "In stock", {}, {}, "restock"),
]


@pytest.mark.parametrize(("state", "to", "fields", "cells", "move"), REACHED)
def test_changed_state_runs_the_move_that_leads_there(state, to, fields, cells, move):
    asset = an_asset(tag="1", state=state, **fields)

    imported(("Tag", "State", *cells), ("1", to, *cells.values()))

    asset.refresh_from_db()
    change = Change.objects.filter(kind="register.asset", object_id=asset.pk).latest("id")
    assert asset.get_state_display() == to
    assert (change.action, change.move, change.fields["state"][:2]) == ("move", move, [state, asset.state])


def test_every_move_that_a_sheet_can_make_is_tried():
    assert {move for *_, move in REACHED} | {"write_off"} == set(CAN_MEET)


@pytest.mark.parametrize(
    ("state", "to", "fields", "cells"),
    [
        ("on_order", "In stock", {}, {}),
        ("in_stock", "In use", {}, {}),
        ("in_use", "Returned", {"condition": "A"}, {}),
        ("in_use", "In repair", {}, {}),
        ("in_use", "Disposed of", {}, {}),
        ("in_use", "Lost or stolen", {}, {}),
        ("returned", "Wiped", {}, {}),
        ("sanitised", "Sold", {}, {}),
        ("disposed", "In use", {}, {"Room": "1"}),
        ("lost_stolen", "Written off", {}, {}),
    ],
)
def test_state_that_a_row_cannot_reach_is_refused(state, to, fields, cells):
    an_asset(tag="1", state=state, **fields)

    found = checked(("Tag", "State", *cells), ("1", to, *cells.values()))

    assert ([row.action for row in rows_of(found)], codes(found)) == (["error"], {2: ["no_move_to_state"]})


def test_refused_state_names_the_moves_that_there_are():
    an_asset(tag="1", state="on_order")

    problem = rows_of(checked(("Tag", "State"), ("1", "Sold")))[0].problems[0]

    assert problem["remedy"] == (
        "From on order it can go on by: Receive (In stock; needs a serial number);"
        " Cancel the order (Cancelled; needs a reason)"
    )


def test_legal_hold_stops_the_wiping():
    asset = an_asset(tag="1", state="returned")
    Asset.objects.filter(pk=asset.pk).update(legal_hold_reason="Case 7", legal_hold_since=asset.registered_at)

    assert codes(checked(("Tag", "State", "Certificate no"), ("1", "Wiped", "C-1"))) == {
        2: ["no_move_to_state"]
    }


def test_returning_ends_custody():
    asset = an_asset(tag="1", state="in_use", holder=a_person(name="Jo Okoro"))

    imported(("Tag", "State", "Condition", "Assigned to"), ("1", "Returned", "B", "Jo Okoro"))

    asset.refresh_from_db()
    assert (asset.state, asset.holder, asset.condition) == ("returned", None, "B")


def test_row_from_an_older_export_that_would_change_something_is_refused():
    asset = an_asset(tag="1", room="1")
    Asset.objects.filter(pk=asset.pk).update(version=8, room="2")

    stale = rows_of(checked(("Tag", "Room", "Version"), ("1", "1", "7")))[0]
    harmless = rows_of(checked(("Tag", "Room", "Version"), ("1", "2", "7")))[0]

    assert (stale.action, stale.problems[0]["code"], stale.problems[0]["value"]) == (
        "stale",
        "stale_version",
        "7 (now 8)",
    )
    assert stale.changes == {"room": ["2", "1", "2", "1"]}
    assert harmless.action == "unchanged"


def test_text_longer_than_its_column_is_refused():
    assert codes(checked(("Tag", "Hostname"), ("1", "x" * 101)))[2] == ["text_too_long"]


def test_state_cell_runs_the_guards_of_the_move_and_leaves_its_evidence():
    jo, kim = a_person(name="Jo Okoro"), a_person(name="Kim Ray")
    keeper = a_person(a_council(), "asset_manager")
    held = an_asset(tag="1", state="in_use", holder=jo)
    wiped = an_asset(tag="2", state="returned")
    gone = an_asset(tag="3", state="returned", holder=jo)
    lent = an_asset(tag="4", state="in_stock")
    destroyed = an_asset(tag="5", state="sanitise_failed")
    lost = Asset(council=a_council(), asset_tag="6", category="laptop", state="lost_stolen", holder=jo)
    register_assets([lost], by=None, now=LONG_AGO)
    approval = {"asset": lost, "council": lost.council, "recorded_at": LONG_AGO, "decision": "approved"}
    WriteOff.objects.create(**approval)
    rows = [
        ("Tag", "State", "Condition", "Certificate no", "Assigned to"),
        ("1", "Returned", "C", "", ""),
        ("2", "Wiped", "", "C-2", ""),
        ("3", "Destroyed", "", "C-3", ""),
        ("4", "In use", "", "", "Kim Ray"),
        ("5", "Destroyed", "", "C-5", ""),
        ("6", "Written off", "", "", ""),
        ("7", "In use", "B", "", "Kim Ray"),
    ]

    found = bring(a_csv(*rows), a_council())
    refused = {row.number: row.problems[-1]["remedy"] for row in rows_of(found) if row.action == "error"}
    assert list(refused) == [4]
    assert refused[4].startswith("Jo Okoro still has 3. Take it back first. From returned it can go on by: ")

    write(found, by=keeper)

    new = Asset.objects.get(asset_tag="7")
    custodies = Custody.objects.order_by("asset", "pk")
    assert [
        (held.asset_id, held.person, held.condition_at_start, held.condition_at_end, bool(held.ended_at))
        for held in custodies
    ] == [
        (held.pk, jo, "", "C", True),
        (gone.pk, jo, "", "", False),
        (lent.pk, kim, "", "", False),
        (lost.pk, jo, "", "", True),
        (new.pk, kim, "B", "", False),
    ]
    assert list(Sanitisation.objects.values_list("asset", "certificate_number", "result", "recorded_by")) == [
        (wiped.pk, "C-2", "passed", keeper.pk)
    ]
    assert list(Disposal.objects.values_list("asset", "kind", "certificate_number")) == [
        (destroyed.pk, "destroyed", "C-5")
    ]
    lost.refresh_from_db()
    assert (lost.state, lost.holder, lost.disposal_date is not None) == ("written_off", None, True)
    kinds = {"register.sanitisation", "register.disposal"}
    assert set(Change.objects.filter(kind__in=kinds).values_list("kind", flat=True)) == kinds


def test_asset_with_a_check_list_is_staged_on_its_own_page():
    model = a_model("T14")
    CheckList.objects.create(model=model, items="Encrypt it")
    an_asset(tag="1", state="in_stock", model=model, manufacturer=model.manufacturer)

    problem = rows_of(checked(("Tag", "State"), ("1", "Staged")))[0].problems[0]

    assert problem["remedy"].startswith("Not ticked yet: Encrypt it. From in stock it can go on by: Stage")
