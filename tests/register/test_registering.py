"""Every write to the register: checked, recorded, found, and refused when it comes too late."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections

from assets.register.models import Asset, ServiceRecord
from assets.register.registering import (
    StaleAsset,
    change_asset,
    link_ticket,
    register_asset,
    register_assets,
    unlink_ticket,
)
from servicedesk.history.models import Change, ChangeSet
from servicedesk.search.searching import matching
from tests.factories import (
    a_case_group,
    a_council,
    a_model,
    a_person,
    a_requester,
    a_site,
    a_ticket,
    an_asset,
    an_engineer,
)

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def asset_manager(code: str = "OCC"):
    return a_person(a_council(code), "asset_manager", name=f"Manager of {code}")


def changes(row) -> list[Change]:
    return list(Change.objects.filter(kind=row._meta.label_lower, object_id=row.pk).order_by("id"))


@pytest.mark.django_db
def test_register_asset_is_recorded_and_found():
    by, site = asset_manager(), a_site(a_council("OCC"), "Bodicote House")
    model = a_model("ThinkPad L14")

    asset = register_asset(
        Asset(
            council=a_council("OCC"),
            asset_tag="LT/17",
            serial_number="abc123",
            category="laptop",
            model=model,
            manufacturer=model.manufacturer,
            site=site,
            purchase_date=date(2024, 5, 1),
            purchase_cost_ex_vat=Decimal("812.50"),
        ),
        by=by,
        reason="New starters",
        now=NOW,
    )

    assert (asset.serial_number, asset.registered_at, asset.version) == ("ABC123", NOW, 1)
    (change,) = changes(asset)
    deed = change.change_set
    assert (deed.at, deed.by_id, deed.by_label, deed.reason) == (NOW, by.pk, "Manager of OCC", "New starters")
    assert (change.action, change.label, change.council_id) == ("create", "LT/17", asset.council_id)
    assert change.fields == {
        "council": [None, asset.council_id, "", "Oxfordshire County Council"],
        "asset_tag": [None, "LT/17", "", "LT/17"],
        "serial_number": [None, "ABC123", "", "ABC123"],
        "category": [None, "laptop", "", "Laptop"],
        "model": [None, model.pk, "", "ThinkPad L14"],
        "manufacturer": [None, model.manufacturer_id, "", "Lenovo"],
        "ownership": [None, "owned", "", "Owned"],
        "state": [None, "in_stock", "", "In stock"],
        "os_upgradeable": [None, "unknown", "", "Not known"],
        "date_precision": [None, "day", "", "Day"],
        "purchase_date": [None, "2024-05-01", "", "2024-05-01"],
        "purchase_cost_ex_vat": [None, "812.50", "", "812.50"],
        "site": [None, site.pk, "", "Bodicote House"],
        "evidence_missing": [None, False, "", "False"],
        "registered_at": [None, "2026-11-23T09:00:00+00:00", "", "2026-11-23 09:00:00+00:00"],
    }
    assert list(matching(Asset.objects.all(), "thinkpad bodicote")) == [asset]


@pytest.mark.django_db
def test_register_assets_is_one_deed():
    assets = [Asset(council=a_council("OCC"), asset_tag=f"T{n}", category="monitor") for n in range(3)]

    register_assets(assets, by=None, reason="Delivery")

    assert ChangeSet.objects.get(reason="Delivery").changes.count() == 3
    assert [asset.asset_tag for asset in matching(Asset.objects.order_by("asset_tag"), "t")] == [
        "T0",
        "T1",
        "T2",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["OCC", "CDC"])
def test_register_asset_of_another_council_is_refused(code):
    asset = Asset(council=a_council("CDC" if code == "OCC" else "OCC"), asset_tag="X", category="laptop")

    with pytest.raises(PermissionDenied):
        register_asset(asset, by=asset_manager(code))

    assert Asset.objects.count() == 0


@pytest.mark.django_db
def test_the_same_tag_and_serial_number_live_in_both_councils():
    for code in ("OCC", "CDC"):
        an_asset(a_council(code), "LT/17", serial_number="001234")

    assert Asset.objects.count() == 2


@pytest.mark.django_db
def test_register_asset_says_by_field_what_is_wrong():
    council, maker = a_council("OCC"), a_model().manufacturer
    an_asset(council, "LT/17", serial_number="ABC", manufacturer=maker)
    of_the_other = a_council("CDC")

    with pytest.raises(ValidationError) as refused:
        register_asset(
            Asset(
                council=council,
                asset_tag="LT/17",
                serial_number="abc",
                manufacturer=maker,
                category="laptop",
                site=a_site(of_the_other),
                holder=a_person(of_the_other),
            ),
            by=None,
        )
    with pytest.raises(ValidationError) as nameless:
        register_asset(Asset(council=council, category="laptop"), by=None)

    assert refused.value.message_dict == {
        "asset_tag": ["Oxfordshire County Council already has an asset with the tag LT/17"],
        "serial_number": [
            "Oxfordshire County Council already has an asset of Lenovo with the serial number ABC"
        ],
        "site": ["Choose one that belongs to Oxfordshire County Council"],
        "holder": ["Choose one that belongs to Oxfordshire County Council"],
    }
    assert nameless.value.message_dict == {"asset_tag": ["Enter an asset tag, a serial number or a hostname"]}


@pytest.mark.django_db
def test_change_asset_keeps_old_and_new():
    by, old, new = asset_manager(), a_site(name="Bodicote House"), a_site(name="County Hall")
    asset = an_asset(a_council("OCC"), "LT/17", site=old, room="12")

    changed = change_asset(
        asset, by=by, version=1, reason="Moved", now=NOW, site=new, room="12", serial_number="x1"
    )

    assert (changed.site, changed.serial_number, changed.version) == (new, "X1", 2)
    _, change = changes(asset)
    assert (change.action, change.change_set.reason) == ("update", "Moved")
    assert change.fields == {
        "serial_number": ["", "X1", "", "X1"],
        "site": [old.pk, new.pk, "Bodicote House", "County Hall"],
    }
    assert list(matching(Asset.objects.all(), "county hall")) == [asset]
    assert list(matching(Asset.objects.all(), "bodicote")) == []


@pytest.mark.django_db
def test_change_asset_that_changes_nothing_leaves_no_trace():
    asset = an_asset(a_council("OCC"), "LT/17", serial_number="ABC")

    change_asset(asset, by=None, version=1, asset_tag="LT/17", serial_number="abc", ip_address="", room="")

    asset.refresh_from_db()
    assert (asset.version, len(changes(asset))) == (1, 1)


@pytest.mark.django_db
def test_change_asset_read_at_an_older_version_is_refused_with_the_newer():
    asset = an_asset(a_council("OCC"), "LT/17")
    change_asset(asset, by=None, version=1, room="1")

    with pytest.raises(StaleAsset) as stale:
        change_asset(asset, by=None, version=1, room="2")

    assert (stale.value.asset.room, stale.value.asset.version) == ("1", 2)
    assert Asset.objects.get().room == "1"


@pytest.mark.django_db
def test_change_asset_refuses_what_is_not_open_to_change():
    asset = an_asset(a_council("OCC"), "LT/17")

    with pytest.raises(ValidationError) as refused:
        change_asset(asset, by=None, version=1, state="disposed", council=a_council("CDC"), room="2")

    assert set(refused.value.message_dict) == {"state", "council"}
    assert (Asset.objects.get().room, Asset.objects.get().version) == ("", 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "role", ["requester", "engineer", "queue_manager", "cyber_officer", "budget_approver", "auditor"]
)
def test_change_asset_without_the_right_is_refused(role):
    asset = an_asset(a_council("OCC"), "LT/17")

    with pytest.raises(PermissionDenied):
        change_asset(asset, by=a_person(a_council("OCC"), role), version=1, room="2")

    assert Asset.objects.get().room == ""


@pytest.mark.django_db(transaction=True)
def test_two_who_give_one_tag_at_once_get_a_sentence():
    council = a_council("OCC")
    begin, answers = threading.Barrier(2), []

    def register():
        begin.wait(10)
        try:
            register_asset(Asset(council=council, asset_tag="LT/17", category="laptop"), by=None)
            answers.append("registered")
        except ValidationError as error:
            answers.append(error.message_dict["asset_tag"][0])
        finally:
            connections.close_all()

    writers = [threading.Thread(target=register) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)

    assert sorted(answers) == [
        "Oxfordshire County Council already has an asset with the tag LT/17",
        "registered",
    ]


@pytest.mark.django_db
def test_link_ticket_stands_in_both_histories_once():
    engineer = an_engineer(a_council("OCC"))
    asset, ticket = an_asset(a_council("CDC"), "LT/17"), a_ticket()

    for _ in range(2):
        link_ticket(asset, ticket, by=engineer, now=NOW)

    assert list(ServiceRecord.objects.values_list("asset", "ticket")) == [(asset.pk, ticket.pk)]
    _, of_asset = changes(asset)
    (of_ticket,) = changes(ticket)
    assert of_asset.fields == {"ticket": [None, ticket.pk, "", ""]}
    assert of_ticket.fields == {"asset": [None, asset.pk, "", "LT/17"]}
    assert of_asset.change_set == of_ticket.change_set

    unlink_ticket(asset, ticket, by=engineer)
    unlink_ticket(asset, ticket, by=engineer)

    assert ServiceRecord.objects.count() == 0
    assert changes(asset)[2].fields == {"ticket": [ticket.pk, None, "", ""]}
    assert changes(ticket)[1].fields == {"asset": [asset.pk, None, "LT/17", ""]}


@pytest.mark.django_db
def test_link_ticket_needs_work_on_the_ticket_and_sight_of_the_asset():
    occ = a_council("OCC")
    requester = a_requester(occ)
    group = a_case_group("hr", occ)
    own, others = an_asset(occ, "OWN", holder=requester), an_asset(occ, "OTHERS")
    ticket = a_ticket(requester)
    sealed = a_ticket(a_requester(occ), sharing="restricted", sensitivity="hr", case_group=group)

    for asset, about, by in (
        (others, ticket, requester),
        (own, ticket, a_person(occ, "asset_manager")),
        (own, sealed, an_engineer(occ)),
    ):
        with pytest.raises(PermissionDenied):
            link_ticket(asset, about, by=by)
    link_ticket(own, ticket, by=requester)

    assert list(ServiceRecord.objects.values_list("asset", flat=True)) == [own.pk]
