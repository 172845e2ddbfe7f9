"""Models, suppliers, contracts, circuits, lines, useful lives, connections and impact by the API."""

from datetime import date
from decimal import Decimal

import pytest

from assets.register.keeping import add_row
from assets.register.models import AssetModel, Circuit, Contract, LifecyclePolicy, Line, Supplier
from tests.api.calling import NOTHING, as_person, named
from tests.factories import a_council, a_model, a_person, a_service, a_site, an_asset, an_engineer

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def keeper(county):
    return a_person(county, "asset_manager")


def ask(person, method: str, path: str, body=None):
    answer = as_person(person).ask(method, path, body)
    return answer.status_code, answer.json() if answer.content else None


def test_model_is_added_read_and_changed_with_its_sources_and_its_price_told_to_who_may_see_money(
    keeper, county
):
    maker = a_model().manufacturer
    sent = {
        "manufacturer": maker.pk,
        "name": "U6",
        "category": "access_point",
        "watts": "12.5",
        "end_of_support": None,
    }
    sources = {"end_of_support": {"source": "maker", "checked": "2026-08-14", "announced": False}}
    status, model = ask(
        keeper, "POST", "asset-models/", {**sent, "replacement_cost_ex_vat": "120.00", "sources": sources}
    )

    assert (status, model) == (
        201,
        {
            "id": AssetModel.objects.get(name="U6").pk,
            "manufacturer": named(maker),
            "name": "U6",
            "model_number": "",
            "part_number": "",
            "category": "access_point",
            "useful_life_months": None,
            "holds_data": None,
            "end_of_sale": None,
            "end_of_software_releases": None,
            "end_of_security_patches": None,
            "end_of_support": None,
            "watts": "12.5",
            "annual_kwh": None,
            "embodied_kgco2e": None,
            "replacement_model": None,
            "replacement_cost_ex_vat": "120.00",
            "price_base_fy": "",
            "sources": sources,
            "notes": "",
            "version": 1,
        },
    )
    path = f"asset-models/{model['id']}/"
    assert "replacement_cost_ex_vat" not in ask(an_engineer(county), "GET", path)[1]
    assert ask(keeper, "PATCH", path, {"version": 1, "part_number": "U6-PRO"})[0] == 200
    status, stale = ask(keeper, "PATCH", path, {"version": 1, "part_number": "X"})
    assert (status, stale["current"]["part_number"]) == (409, "U6-PRO")
    year = {"version": 2, "price_base_fy": "2026/99"}
    assert ask(keeper, "PATCH", path, year)[1]["errors"] == {
        "price_base_fy": ["Enter the financial year like 2026/27"]
    }
    odd = {"version": 2, "sources": {"colour": {}}}
    assert list(ask(keeper, "PATCH", path, odd)[1]["errors"]) == ["sources"]
    assert ask(an_engineer(county), "PATCH", path, {"version": 2, "notes": "x"})[0] == 403
    assert [one["action"] for one in ask(keeper, "GET", f"{path}history/")[1]["results"]] == [
        "update",
        "create",
    ]


def test_lines_are_listed_first_those_that_must_go(keeper, county):
    lines = [
        add_row(Line(council=county, number="1", type="sip"), by=None),
        add_row(Line(council=county, number="2", type="pstn", migrate_by=date(2026, 12, 18)), by=None),
        add_row(Line(council=county, number="3", type="isdn", critical=True), by=None),
    ]
    add_row(Line(council=a_council("CDC"), number="4", type="pstn"), by=None)

    found = ask(keeper, "GET", "lines/?council=OCC")[1]["results"]
    assert [(one["number"], one["last_day"]) for one in found] == [
        ("3", "2027-01-31"),
        ("2", "2026-12-18"),
        ("1", None),
    ]
    left = ask(keeper, "GET", "lines/?council=OCC&analogue_left=true&critical=false")[1]["results"]
    assert [one["number"] for one in left] == ["2"]
    assert ask(a_person(county), "GET", f"lines/{lines[0].pk}/") == (404, NOTHING)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("suppliers/", {"name": "Isis Fibre", "certificate": "iso27001", "certificate_expiry": "2027-02-01"}),
        ("contracts/", {"council": "OCC", "reference": "C-1", "supplier": None, "notice_months": 3}),
        ("circuits/", {"council": "OCC", "number": "IF-1", "mbps_down": 1000, "critical": True}),
        ("lines/", {"council": "OCC", "number": "01865 1", "type": "pstn"}),
        ("lifecycle-policies/", {"council": "OCC", "category": "laptop", "useful_life_months": 48}),
    ],
)
def test_each_is_added_by_its_councils_keeper_and_by_nobody_else(keeper, county, path, body):
    if "supplier" in body:
        body = {**body, "supplier": add_row(Supplier(name="Other"), by=None).pk}

    status, made = ask(keeper, "POST", path, body)

    assert status == 201, made
    assert {name: made[name] for name in body if name != "supplier"} == {
        k: v for k, v in body.items() if k != "supplier"
    }
    assert ask(an_engineer(county), "POST", path, body)[0] == 403
    assert ask(keeper, "GET", f"{path}{made['id']}/")[1] == made
    assert ask(keeper, "PATCH", f"{path}{made['id']}/", {"version": 2})[0] == 409
    if "council" in body:
        assert list(ask(keeper, "POST", path, {**body, "council": "CDC"})[1]["errors"]) == ["council"]


def test_nothing_is_written_but_what_may_be(keeper, county):
    other = a_council("CDC")
    supplier = add_row(Supplier(name="Isis"), by=None)
    rows = {
        "contracts": add_row(Contract(council=county, supplier=supplier, reference="C"), by=None),
        "circuits": add_row(Circuit(council=county, number="N"), by=None),
        "lines": add_row(Line(council=county, number="N", type="pstn"), by=None),
        "lifecycle-policies": add_row(
            LifecyclePolicy(council=county, category="laptop", useful_life_months=48), by=None
        ),
    }
    for path, row in rows.items():
        hopes = {
            "id": 99,
            "pk": 99,
            "council": other.code,
            "council_id": other.pk,
            "category": "monitor",
            "rank": 2,
        }
        status, _ = ask(keeper, "PATCH", f"{path}/{row.pk}/", {**hopes, "version": 1, "by": 1})
        row.refresh_from_db()
        assert (status, row.council, row.version, getattr(row, "category", "laptop")) == (
            200,
            county,
            1,
            "laptop",
        )


def test_product_default_is_read_and_stays_as_it_is(keeper):
    default = LifecyclePolicy.objects.get(council=None, category="switch")

    assert ask(keeper, "GET", f"lifecycle-policies/{default.pk}/")[1] == {
        "id": default.pk,
        "council": None,
        "category": "switch",
        "useful_life_months": 96,
        "use_warranty_as_driver": False,
        "version": 1,
    }
    change = {"version": 1, "useful_life_months": 1}
    assert ask(keeper, "PATCH", f"lifecycle-policies/{default.pk}/", change)[0] == 403


def test_connections_are_added_read_from_both_ends_and_ended(keeper, county):
    switch, server = an_asset(county, "SW", category="switch"), an_asset(county, "SRV", category="server")
    service = a_service("Website", public_facing=True)
    path = f"assets/{switch.pk}/relations/"

    status, tie = ask(
        keeper, "POST", f"assets/{server.pk}/relations/", {"kind": "connects_to", "asset": switch.pk}
    )
    assert (status, tie["how"], tie["asset"], tie["service"]) == (201, "connects to", named(switch), None)
    assert ask(keeper, "POST", path, {"kind": "runs_on", "service": service.pk})[0] == 201
    assert ask(keeper, "POST", path, {"kind": "runs_on"})[0] == 400
    assert [
        (one["how"], one["asset"] or one["service"]) for one in ask(keeper, "GET", path)[1]["results"]
    ] == [
        ("is connected from", named(server)),
        ("runs", named(service)),
    ]
    engineer = an_engineer(county)
    assert ask(engineer, "POST", path, {"kind": "runs_on", "service": service.pk})[0] == 403
    assert ask(engineer, "POST", f"{path}{tie['id']}/end/")[0] == 403
    assert ask(keeper, "POST", f"{path}{tie['id']}/end/") == (204, None)
    assert [one["how"] for one in ask(keeper, "GET", path)[1]["results"]] == ["runs"]


def test_impact_tells_what_its_failure_reaches(keeper, county):
    site = a_site(county, "County Hall")
    switch = an_asset(county, "SW", category="switch", site=site)
    point = an_asset(county, "AP", category="access_point", uplink=switch)
    a_person(county, site=site)

    assert ask(keeper, "GET", f"assets/{switch.pk}/impact/") == (
        200,
        {
            "assets": [named(point)],
            "services": [],
            "sites": [named(site)],
            "people": [{"council": "Oxfordshire County Council", "people": 1}],
            "councils": ["Oxfordshire County Council"],
            "cut_off": False,
            "impact": 2,
            "why": "A team or a site depends on it",
        },
    )
    holder = a_person(county, "requester")
    held = an_asset(county, "LT", holder=holder)
    assert ask(holder, "GET", f"assets/{held.pk}/impact/")[0] == 403


def test_asset_tells_its_network_and_its_supplier(keeper, county):
    core = an_asset(county, "CORE", category="switch")
    supplier = add_row(Supplier(name="Isis"), by=None)
    theirs = an_asset(a_council("CDC"), "THEIRS", category="switch")
    asset = an_asset(county, "SW", category="switch", purchase_cost_ex_vat=Decimal("10.00"))
    sent = {
        "version": 1,
        "uplink": core.pk,
        "supplier": supplier.pk,
        "network_role": "access",
        "rack_unit": 12,
    }

    status, told = ask(keeper, "PATCH", f"assets/{asset.pk}/", sent)

    assert (status, told["uplink"], told["supplier"], told["network_role"], told["rack_unit"]) == (
        200,
        named(core),
        named(supplier),
        "access",
        12,
    )
    for wrong in (theirs.pk, 10**9):
        refused = ask(keeper, "PATCH", f"assets/{asset.pk}/", {"version": 2, "uplink": wrong})
        assert (refused[0], list(refused[1]["errors"])) == (400, ["uplink"])
