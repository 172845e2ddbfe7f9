"""What councils plan with is typed, kept, changed and frozen on its pages, by those alone who plan."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from assets.refresh.models import Baseline, ExtendedSupport, Scenario, UnitCosts
from assets.refresh.planning import add_row, change_row, take_baseline
from tests.api.calling import as_person
from tests.factories import a_council, a_person
from tests.refresh.estates import NOW, the_estate
from tests.refresh.test_estate_forecast import a_release
from tests.refresh.test_plans import a_scenario, client_of, manager, page
from tests.refresh.vector import AS_AT

pytestmark = pytest.mark.django_db
__all__ = ["manager"]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_who_may_not_plan_writes_nothing_and_the_other_council_sees_nothing(manager):
    the_estate()
    scenario = a_scenario(manager, name="Ours alone")
    costs = add_row(
        UnitCosts(council=manager.council, category="laptop", base_fy="2026/27", deploy=Decimal("38.50")),
        by=manager,
    )
    baseline = take_baseline(by=manager, council=manager.council, name="Our paper", now=NOW)
    theirs = a_person(a_council("CDC"), "asset_manager")
    approver = a_person(a_council("OCC"), "budget_approver")

    for address in (
        f"/refresh/scenarios/{scenario.pk}/",
        f"/refresh/scenarios/{scenario.pk}/edit/",
        f"/refresh/scenarios/{scenario.pk}/2026/",
        f"/refresh/costs/{costs.pk}/",
        f"/refresh/baselines/{baseline.pk}/",
        f"/refresh/baselines/{baseline.pk}/lines/",
    ):
        assert client_of(theirs).get(address).status_code == 404
    for address in ("/refresh/costs/", "/refresh/scenarios/", "/refresh/baselines/"):
        html = page(theirs, address)
        assert not [words for words in ("Ours alone", "38.50", "Our paper") if words in html]
    assert "Our paper" in page(approver, "/refresh/baselines/")
    assert as_person(theirs).ask("GET", "refresh/baselines/").json()["results"] == []
    for part in ("", "lines/"):
        assert as_person(theirs).ask("GET", f"refresh/baselines/{baseline.pk}/{part}").status_code == 404
    told = as_person(approver).ask("GET", "refresh/baselines/").json()["results"]
    assert [(one["name"], one["council"]) for one in told] == [("Our paper", "OCC")]
    assert client_of(approver).post("/refresh/baselines/", {}).status_code == 403
    assert client_of(approver).get("/refresh/scenarios/new/").status_code == 403
    assert client_of(approver).get(f"/refresh/scenarios/{scenario.pk}/edit/").status_code == 403
    with pytest.raises(PermissionDenied):
        take_baseline(by=theirs, council=manager.council, name="Not ours", now=NOW)
    with pytest.raises(PermissionDenied):
        change_row(scenario, by=approver, version=1, name="Mine")
    engineer = a_person(a_council("OCC"), "engineer")
    assert "38.50" not in page(engineer, "/refresh/costs/")
    assert client_of(engineer).get("/refresh/scenarios/").status_code == 403


def test_a_scenario_is_typed_kept_and_changed_on_its_page(manager):
    client = client_of(manager)
    typed = {
        "council": manager.council_id,
        "name": "Tight",
        "inflation": "2.5",
        "yearly_cap": "1000",
        "life_laptop": "12",
        "price_laptop": "700",
        "cloud_server": "3100.5",
    }

    answer = client.post("/refresh/scenarios/new/", typed)

    scenario = Scenario.objects.get()
    assert answer["Location"] == "/refresh/scenarios/"
    assert (scenario.inflation, scenario.yearly_cap, scenario.engineer_days) == (
        Decimal("0.025"),
        Decimal(1000),
        None,
    )
    assert scenario.levers == {"laptop": {"life": 12, "price": "700"}, "server": {"cloud": "3100.5"}}
    html = page(manager, f"/refresh/scenarios/{scenario.pk}/edit/")
    assert 'value="2.5"' in html and 'value="3100.5"' in html
    again = {**typed, "version": "1", "name": "Tighter", "price_laptop": ""}
    del again["council"]
    client.post(f"/refresh/scenarios/{scenario.pk}/edit/", again)
    scenario.refresh_from_db()
    assert (scenario.name, scenario.levers["laptop"], scenario.version) == ("Tighter", {"life": 12}, 2)
    stale = client.post(f"/refresh/scenarios/{scenario.pk}/edit/", again)
    assert stale.status_code == 409


def test_costs_and_bought_support_are_typed_once_for_each(manager):
    client = client_of(manager)
    release = a_release("windows", date(2025, 10, 14), cycle="10-22h2")
    costs = {
        "council": manager.council_id,
        "category": "laptop",
        "base_fy": "2026/27",
        "deploy": "38.50",
        "disposal": "6",
        "residual": "15",
        "engineer_days": "0.25",
    }

    odd = client.post("/refresh/costs/new/", {**costs, "base_fy": "2026/99"})
    client.post("/refresh/costs/new/", costs)
    client.post(
        "/refresh/support/new/", {"council": manager.council_id, "release": release.pk, "until": "10/10/2028"}
    )

    assert (odd.status_code, "Enter the financial year like 2026/27" in odd.content.decode()) == (422, True)
    assert UnitCosts.objects.get().deploy == Decimal("38.50")
    assert ExtendedSupport.objects.get().until == date(2028, 10, 10)
    second = client.post("/refresh/costs/new/", costs)
    assert (
        second.status_code == 422 and "has said what this category costs already" in second.content.decode()
    )
    html = page(manager, "/refresh/costs/")
    assert "£38.50" in html and "10 Oct 2028" in html
    support = ExtendedSupport.objects.get()
    client.post(f"/refresh/support/{support.pk}/", {"version": "1", "until": "10/10/2027"})
    assert ExtendedSupport.objects.get().until == date(2027, 10, 10)


def test_a_plan_is_frozen_on_its_page(manager):
    the_estate()
    client = client_of(manager)

    refused = client.post("/refresh/baselines/", {"plan": "CDC", "name": "Paper"})
    client.post("/refresh/baselines/", {"plan": "OCC", "name": "Paper", "reference": "122"})

    assert refused.status_code == 422
    baseline = Baseline.objects.get()
    assert (baseline.name, baseline.reference, baseline.council, baseline.as_at) == (
        "Paper",
        "122",
        manager.council,
        AS_AT,
    )
    assert sum(line.count for line in baseline.lines.all()) == 4
