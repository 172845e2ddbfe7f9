"""Programmes, their budgets and gaps, deferrals and the energy of the estate for programs."""

from decimal import Decimal

import pytest
from django.utils import timezone

from assets.batches.models import Deferral, Programme
from assets.batches.planning import set_budget
from assets.register.models import Asset
from tests.api.calling import NOTHING, as_person, invalid, named, one_page
from tests.batches.test_moves import drafted, world
from tests.batches.waves import NOW
from tests.factories import a_council_alone, a_model, a_person, an_asset

pytestmark = pytest.mark.django_db
__all__ = ["world"]
SENT = {
    "name": "Refresh 2026 to 2031",
    "from_fy": "2026/27",
    "to_fy": "2030/31",
    "window_from": "2026-04-01",
    "window_to": "2028-03-31",
    "councils": ["OCC", "CDC"],
}


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def ask(person, method: str, path: str, body=None) -> tuple[int, dict]:
    answer = as_person(person).ask(method, path, body)
    return answer.status_code, answer.json()


@pytest.fixture
def programme(world) -> Programme:
    Asset.objects.filter(asset_tag__in=["O-01", "O-02", "O-03", "C-01"]).update(purchase_date="2021-12-01")
    status, made = ask(world.ada, "POST", "refresh/programmes/", SENT)
    assert status == 201, made
    return Programme.objects.get(pk=made["id"])


def cells(tables: list[dict], table: str, row: str) -> dict:
    [found] = [one for one in tables if one["code"] == table]
    [line] = [one for one in found["rows"] if one["code"] == row]
    return {cell["column"]: cell["value"] for cell in line["cells"]}


def test_a_programme_is_written_down_read_and_changed(world, programme):
    at = f"refresh/programmes/{programme.pk}/"

    shown = {"id": programme.pk, **SENT, "councils": ["CDC", "OCC"], "version": 1}
    told = ask(world.dee, "GET", at)[1]
    assert {**told, "councils": sorted(told["councils"])} == shown
    assert ask(world.ada, "PATCH", at, {"version": 1, "name": "Refresh"})[1]["name"] == "Refresh"
    status, stale = ask(world.ada, "PATCH", at, {"version": 1, "name": "Again"})
    assert (status, stale["current"]["version"]) == (409, 2)
    odd = ask(world.ada, "PATCH", at, {"version": 2, "to_fy": "2026/99"})
    assert odd == (400, invalid(to_fy=["Enter the financial year like 2026/27"]))
    short = ask(world.ada, "PATCH", at, {"version": 2, "window_to": "2027-03-31"})
    assert short == (400, invalid(window_to=["The refresh window must be at least two years"]))
    assert ask(world.eng, "PATCH", at, {"version": 2, "name": "x"})[0] == 403
    assert ask(world.jo, "GET", at) == (404, NOTHING)


def test_a_budget_is_told_to_those_alone_who_see_the_money_of_its_council(world, programme):
    at = f"refresh/programmes/{programme.pk}/"
    set_budget(programme, world.district, "2026/27", Decimal("777.77"), by=world.dee)
    sent = {"council": "OCC", "financial_year": "2026/27", "amount": "10000.00"}

    assert ask(world.ada, "POST", f"{at}budgets/", sent) == (200, {**sent, "version": 1})
    assert ask(world.ada, "POST", f"{at}budgets/", {**sent, "version": 9})[0] == 409
    unread = invalid(version=["This field is required."])
    assert ask(world.ada, "POST", f"{at}budgets/", {**sent, "amount": "1.00"}) == (400, unread)
    assert ask(world.ada, "POST", f"{at}budgets/", {**sent, "council": "CDC"})[0] == 400
    assert ask(world.eng, "POST", f"{at}budgets/", sent)[0] == 403
    assert ask(world.ada, "GET", f"{at}budgets/")[1] == one_page({**sent, "version": 1})
    assert ask(world.eng, "GET", f"{at}budgets/")[1] == one_page()
    for path in ("", "budgets/", "years/", "assets/"):
        assert "777.77" not in as_person(world.ada).get(at + path).content.decode()


def test_years_and_gaps_are_those_of_the_page(world, programme):
    at = f"refresh/programmes/{programme.pk}/"
    set_budget(programme, world.county, "2026/27", Decimal("1000"), by=world.ada)
    drafted(world, 1, programme=programme)
    gap, deferred = Asset.objects.get(asset_tag="O-02"), Asset.objects.get(asset_tag="O-03")
    given = {"asset": deferred.pk, "reason": "Long absence", "until": "2027-09-01"}
    assert ask(world.ada, "POST", "refresh/deferrals/", given)[0] == 201

    years = ask(world.ada, "GET", f"{at}years/")[1]

    assert cells(years["tables"], "window", "OCC") == {"due": "3", "batch": "1", "deferred": "1", "gap": "1"}
    of_year = cells(years["tables"], "OCC", "2026/27")
    assert (of_year["due"], of_year["batched"], of_year["budget"]) == ("3", "1", "1000.00")
    assert Decimal(of_year["remaining"]) == 1000 - Decimal(of_year["planned"])
    assert "budget" not in cells(years["tables"], "CDC", "2026/27")
    gaps = ask(world.ada, "GET", f"{at}assets/?council=OCC&standing=gap")[1]
    assert gaps == one_page(
        {
            "id": gap.pk,
            "name": "O-02",
            "council": "OCC",
            "category": "laptop",
            "due_on": "2026-12-01",
            "driver": "life_cycle",
            "standing": "gap",
        }
    )
    assert ask(world.ada, "GET", f"{at}assets/?standin=gap")[0] == 400


def test_a_deferral_is_written_down_with_a_reason_by_who_plans(world):
    asset, theirs = Asset.objects.get(asset_tag="O-03"), Asset.objects.get(asset_tag="C-01")
    given = {"asset": asset.pk, "reason": "Long absence", "until": "2027-09-01"}

    status, made = ask(world.ada, "POST", "refresh/deferrals/", given)

    assert (status, made) == (
        201,
        {
            "id": Deferral.objects.get().pk,
            "council": "OCC",
            "asset": named(asset),
            "reason": "Long absence",
            "until": "2027-09-01",
            "decided_by": named(world.ada),
            "decided_at": "2026-11-23T10:00:00Z",
        },
    )
    assert ask(world.ada, "GET", f"refresh/deferrals/?asset={asset.pk}")[1] == one_page(made)
    assert ask(world.ada, "GET", f"refresh/deferrals/?asset={theirs.pk}")[1] == one_page()
    assert ask(world.ada, "POST", "refresh/deferrals/", {**given, "asset": theirs.pk})[0] == 400
    past = ask(world.ada, "POST", "refresh/deferrals/", {**given, "until": "2026-11-01"})
    assert past == (400, invalid(until=["The date must be in the future"]))
    assert ask(world.eng, "POST", "refresh/deferrals/", given)[0] == 403
    assert ask(world.jo, "GET", f"refresh/deferrals/{made['id']}/") == (404, NOTHING)


def test_energy_of_the_estate_is_told_and_its_cost_to_those_alone_who_see_the_money(world):
    Asset.objects.update(state="in_stock")
    model = a_model(annual_kwh=Decimal(100))
    an_asset(world.county, model=model)
    an_asset(world.district, model=model)

    told = ask(world.ada, "GET", "refresh/energy/")[1]

    assert told["financial_year"] == "2026/27"
    assert told["notes"][:2] == [
        "Carbon is counted with 0.177 kgCO2e a kWh, the factor of 2025.",
        "2026 is not published here yet: counted with 2025’s.",
    ]
    now = {code: cells(told["tables"], "now", code) for code in ("OCC", "CDC", "all")}
    assert {code: (row["kwh"], row["kgco2e"], row["cost"]) for code, row in now.items()} == {
        "OCC": ("100.0", "17.70", "25.00"),
        "CDC": ("100.0", "17.70", None),
        "all": ("200.0", "35.40", None),
    }
    assert "cost" not in cells(ask(world.eng, "GET", "refresh/energy/")[1]["tables"], "now", "OCC")
    assert ask(world.jo, "GET", "refresh/energy/")[0] == 403


def test_a_name_that_others_have_given_to_what_one_does_not_see_is_free(world, programme):
    far = a_council_alone("XYZ")
    xena = a_person(far, "asset_manager", name="Xena")

    status, made = ask(xena, "POST", "refresh/programmes/", {**SENT, "councils": ["XYZ"]})

    assert (status, made["name"]) == (201, programme.name)
    taken = ask(world.dee, "POST", "refresh/programmes/", {**SENT, "name": SENT["name"].upper()})
    assert taken == (400, invalid(name=["Name is already in use. Enter another"]))


def test_no_council_is_taken_out_of_a_programme_but_by_who_plans_its_refresh(world, programme):
    at = f"refresh/programmes/{programme.pk}/"
    said = ["Only who plans its refresh takes out Cherwell District Council"]

    assert ask(world.ada, "PATCH", at, {"version": 1, "councils": ["OCC"]}) == (400, invalid(councils=said))
    status, told = ask(world.dee, "PATCH", at, {"version": 1, "councils": ["OCC"]})
    assert (status, told.get("councils")) == (200, ["OCC"])
