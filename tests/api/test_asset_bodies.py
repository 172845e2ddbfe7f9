"""The whole body of an asset, and of what happened to it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.api.calling import as_person, both, named, one_page
from tests.factories import (
    a_council,
    a_model,
    a_person,
    a_requester,
    a_site,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 22, 8, 12, tzinfo=UTC)


def asset_body(asset) -> dict:
    """All that an asset says to whoever keeps the register of its council."""
    return {
        "id": asset.pk,
        "council": "OCC",
        "asset_tag": "T/1",
        "serial_number": "ABC",
        "category": "laptop",
        "model": named(asset.model),
        "manufacturer": named(asset.manufacturer),
        "ownership": "owned",
        "managed_by": "",
        "condition": "",
        "hostname": "",
        "ip_address": None,
        "mac_address": "",
        "management_address": None,
        "firmware_version": "",
        "network_role": "",
        "rack": "",
        "rack_unit": None,
        "stack_name": "",
        "stack_member": None,
        "uplink": None,
        "imei": "",
        "phone_number": "",
        "os_name": "",
        "os_version": "",
        "os_upgradeable": "unknown",
        "encrypted": None,
        "data_classification": "",
        "purchase_date": "2024-02-29",
        "in_service_date": None,
        "date_precision": "day",
        "purchase_cost_ex_vat": "812.50",
        "po_number": "PO1",
        "supplier": None,
        "cost_centre": "CC1",
        "department": None,
        "warranty_months": None,
        "warranty_end": None,
        "support_contract_end": None,
        "lease_end": None,
        "vendor_end_of_support": None,
        "holder": named(asset.holder),
        "holder_note": "",
        "site": named(asset.site),
        "room": "",
        "last_audit_at": None,
        "annual_kwh_override": None,
        "notes": "",
        "state": "in_use",
        "last_seen_at": None,
        "disposal_date": None,
        "certificate_number": "",
        "evidence_missing": False,
        "legal_hold_reason": "",
        "legal_hold_by": None,
        "legal_hold_since": None,
        "registered_at": asset.registered_at.isoformat().replace("+00:00", "Z"),
        "energy_use": {"kwh": None, "source": "unknown"},
        "version": 1,
    }


@pytest.fixture
def laptop():
    model = a_model("Latitude 5440", "Dell")
    return an_asset(
        a_council(),
        "T/1",
        serial_number="ABC",
        model=model,
        manufacturer=model.manufacturer,
        purchase_date=date(2024, 2, 29),
        purchase_cost_ex_vat=Decimal("812.5"),
        po_number="PO1",
        cost_centre="CC1",
        holder=a_requester(name="Ben"),
        site=a_site(name="Library"),
        registered_at=MONDAY,
    )


MONEY = ("purchase_cost_ex_vat", "po_number", "cost_centre")


def test_asset_with_its_money(laptop):
    keeper = a_person(None, "asset_manager")
    body = asset_body(laptop)
    assert both(keeper, "assets/", laptop) == [one_page(body), body]


@pytest.mark.parametrize("role", ["engineer", "auditor"])
def test_asset_without_its_money_has_no_keys_for_it(laptop, role):
    body = {name: value for name, value in asset_body(laptop).items() if name not in MONEY}
    assert both(a_person(None, role), "assets/", laptop) == [one_page(body), body]


def test_asset_says_to_its_holder_what_it_is_and_no_more(laptop):
    body = asset_body(laptop)
    told = ("asset_tag", "serial_number", "category", "model", "manufacturer", "holder", "site", "room")
    short = {name: body[name] for name in ("id", "council", *told)}
    assert both(laptop.holder, "assets/", laptop) == [one_page(short), short]
    assert as_person(laptop.holder).get(f"assets/{laptop.pk}/history/").json() == one_page()


def test_history_of_an_asset(laptop):
    keeper = a_person(None, "asset_manager", name="Kim")
    caller = as_person(keeper)
    caller.ask(
        "PATCH", f"assets/{laptop.pk}/", {"version": 1, "po_number": "PO2", "room": "G1", "reason": "Moved"}
    )

    body = caller.get(f"assets/{laptop.pk}/history/").json()

    changed, made = body["results"]
    at, identity = changed.pop("at"), changed.pop("id")
    assert identity > made["id"]
    assert datetime.fromisoformat(at).tzinfo is not None
    changed["changes"].sort(key=lambda change: change["field"])
    assert changed == {
        "by": "Kim",
        "source": "api",
        "reason": "Moved",
        "action": "update",
        "move": "",
        "changes": [
            {"field": "po_number", "old": "PO1", "new": "PO2", "old_words": "PO1", "new_words": "PO2"},
            {"field": "room", "old": "", "new": "G1", "old_words": "", "new_words": "G1"},
        ],
    }
    assert (body["next"], body["previous"], made["action"]) == (None, None, "create")
    engineers = as_person(an_engineer()).get(f"assets/{laptop.pk}/history/").json()["results"]
    assert [change["field"] for change in engineers[0]["changes"]] == ["room"]
    assert not {"PO1", "CC1", "812.50"} & {change["new"] for change in engineers[1]["changes"]}
