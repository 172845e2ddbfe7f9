"""What a row of a spreadsheet means to the register, and the rules it must obey."""

from datetime import date
from decimal import Decimal

import pytest

from assets.register.finding import search_text
from assets.register.models import (
    Asset,
    AssetModel,
)
from assets.register.registering import RELATED, fresh, register_assets
from servicedesk.history.models import Change
from servicedesk.search.models import SearchDocument
from servicedesk.search.words import words
from servicedesk.spreadsheets.applying import write
from tests.factories import a_council, a_model, a_person, a_site, an_asset
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
