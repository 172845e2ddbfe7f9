"""What is supported no longer is the same everywhere: forecast, lists, first screen, report, and risk of waiting."""

from datetime import date

import pytest
from django.utils import timezone

from assets.refresh.models import ExtendedSupport
from assets.refresh.what_if import WhatIf
from assets.register.models import Asset
from tests.factories import a_council, a_model, a_person, an_asset
from tests.refresh.estates import NOW
from tests.refresh.test_estate_forecast import a_release
from tests.refresh.test_pages import client_of, page
from tests.reports.test_pages import cells

pytestmark = pytest.mark.django_db
UNSUPPORTED = {"ITS-MAKER", "ITS-MODEL", "CANNOT", "NOT-KNOWN", "COULD"}


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def estate():
    """Of the county five that nobody mends any more, and three that somebody does; and what has gone for good."""
    council = a_council("OCC")
    ended, bought = a_release("alpha", date(2025, 10, 14)), a_release("beta", date(2025, 10, 14))
    ExtendedSupport.objects.create(council=council, release=bought, until=date(2028, 10, 10))
    old = {"os_name": "alpha", "os_version": ended.cycle}
    an_asset(council, "ITS-MAKER", vendor_end_of_support=date(2026, 11, 22))
    an_asset(council, "ITS-MODEL", model=a_model(end_of_support=date(2026, 11, 22)))
    an_asset(council, "CANNOT", os_upgradeable="no", **old)
    an_asset(council, "NOT-KNOWN", **old)
    an_asset(council, "COULD", os_upgradeable="yes", **old)
    an_asset(council, "BOUGHT", os_name="beta", os_version="1")
    an_asset(council, "LAST-DAY", vendor_end_of_support=date(2026, 11, 23))
    an_asset(council, "NO-SYSTEM")
    an_asset(council, "GONE", state="disposed", **old)


def listed(client, address: str) -> set[str]:
    tags = Asset.objects.values_list("asset_tag", flat=True)
    html = page(client, address)
    return {tag for tag in tags if f">{tag}<" in html}


def test_a_system_that_has_ended_counts_until_the_device_has_another(estate):
    client = client_of("asset_manager")

    assert cells(page(client), "At a glance")["Oxfordshire County Council"][2] == "5"
    assert listed(client, "/refresh/assets/?standing=unsupported") == UNSUPPORTED


def test_the_register_lists_the_same(estate):
    client = client_of("asset_manager")
    told = client.get("/api/v1/assets/?unsupported=true").json()["results"]

    assert listed(client, "/assets/?unsupported=true") == UNSUPPORTED
    assert {one["asset_tag"] for one in told} == UNSUPPORTED
    assert listed(client, "/assets/?unsupported=false") == {*("BOUGHT", "LAST-DAY", "NO-SYSTEM", "GONE")}


def test_support_that_another_council_bought_is_not_ours(estate):
    an_asset(a_council("CDC"), "DISTRICT", os_name="beta", os_version="1")
    client = client_of("cyber_officer")

    assert listed(client, "/assets/?unsupported=true") == {*UNSUPPORTED, "DISTRICT"}
    assert listed(client, "/refresh/assets/?standing=unsupported&council=CDC") == {"DISTRICT"}


def test_who_answers_for_security_reads_it_on_the_first_screen_and_in_the_monthly_report(estate):
    client = client_of("cyber_officer")
    report = cells(page(client, "/reports/equipment/?month=2026-11&council=OCC"), "At a glance")

    assert "5</strong> No longer supported" in page(client, "/")
    assert report["No longer supported"][:3] == ["62.5%", "5", "8"]


def test_the_risk_of_waiting_leaves_out_what_another_system_would_mend():
    council = a_council("OCC")
    a_release("alpha", date(2025, 10, 14))
    for can in ("no", "unknown", "yes"):
        fields = {"os_name": "alpha", "os_version": "1", "in_service_date": date(2021, 11, 1)}
        an_asset(council, can, os_upgradeable=can, **fields)

    decisions = WhatIf(a_person(council, "asset_manager"), council, None, NOW.date(), NOW).line_by_line

    assert {one.item.name: one.risk.os_unsupported for one in decisions} == {
        "no": 40,
        "unknown": 40,
        "yes": 0,
    }
