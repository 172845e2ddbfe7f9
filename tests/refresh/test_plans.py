"""What councils plan with: costs, bought support, scenarios beside today, and baselines with what has changed since."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from assets.refresh import plan_views
from assets.refresh.levers import read
from assets.refresh.models import Scenario, UnitCosts
from assets.refresh.planning import add_row, change_row, take_baseline
from assets.refresh.what_if import WhatIf
from assets.register.models import Asset, AssetModel, ServiceRecord
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from tests.api.calling import as_person
from tests.factories import a_case_group, a_council, a_model, a_person, a_ticket, an_asset
from tests.refresh.estates import NOW, the_estate
from tests.refresh.test_estate_forecast import a_release
from tests.refresh.vector import AS_AT
from tests.reports.test_pages import Links, cells

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def manager():
    return a_person(a_council("OCC"), "asset_manager")


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(person, address: str) -> str:
    return client_of(person).get(address).content.decode()


def a_scenario(manager, **fields) -> Scenario:
    fields = {"name": "What if", "inflation": Decimal("0.03"), **fields}
    return add_row(Scenario(council=manager.council, **fields), by=manager)


def planned(manager, scenario: Scenario | None) -> list[tuple]:
    what_if = WhatIf(manager, manager.council, scenario, AS_AT, NOW)
    return [(one.year, one.count, one.cost) for one in what_if.years if one.count or one.to_cloud]


def laptops(council, number: int, **fields) -> list[Asset]:
    """Due in the present financial year at £100 each."""
    model = a_model(replacement_cost_ex_vat=Decimal(100), price_base_fy="2026/27", useful_life_months=60)
    return [
        an_asset(council, f"LT/{one}", **{"model": model, "in_service_date": date(2021, 12, 1), **fields})
        for one in range(1, number + 1)
    ]


def test_without_levers_a_scenario_is_what_is_planned_today(manager):
    the_estate()

    assert (
        planned(manager, a_scenario(manager))
        == planned(manager, None)
        == [
            (2026, 1, Decimal("742.00")),
            (2027, 2, Decimal("3699.76")),
        ]
    )


def test_a_longer_life_puts_off_what_its_life_alone_makes_due(manager):
    the_estate()

    found = planned(manager, a_scenario(manager, levers={"laptop": {"life": 12}, "switch": {"life": 12}}))

    assert found == [
        (2026, 1, Decimal("742.00")),
        (2027, 1, Decimal("2935.50")),
        (2028, 1, Decimal("787.19")),
    ]


def test_prices_and_inflation_of_a_scenario_count(manager):
    the_estate()

    found = planned(
        manager, a_scenario(manager, inflation=Decimal("0.1"), levers={"laptop": {"price": "700.00"}})
    )

    assert found == [(2026, 1, Decimal("700.00")), (2027, 2, Decimal("770.00") + Decimal("3135.00"))]


def test_what_moves_to_the_cloud_is_not_bought_but_runs_and_its_energy_is_said(manager):
    model = a_model(
        category="server",
        replacement_cost_ex_vat=Decimal(9000),
        annual_kwh=Decimal("1528.6"),
        useful_life_months=60,
    )
    for _ in range(12):
        an_asset(manager.council, category="server", model=model, in_service_date=date(2022, 9, 1))
    scenario = a_scenario(manager, levers={"server": {"cloud": "3100.00"}})

    what_if = WhatIf(manager, manager.council, scenario, AS_AT, NOW)

    assert [(one.year, one.count, one.cost, one.to_cloud, one.running) for one in what_if.years[:2]] == [
        (2026, 0, None, 0, 0),
        (2027, 0, None, 12, Decimal("37200.00")),
    ]
    assert str(what_if.cloud_kwh) == "18343.2"
    assert tuple(map(str, what_if.cloud_use)) == ("31183.4", "7795.86", "5519.47")
    html = page(manager, f"/refresh/scenarios/{scenario.pk}/")
    assert "31,183.4 kWh, £7,795.86 and 5,519.47 kgCO2e" in html
    assert "What the cloud itself uses is not included" in html


def numbers_opened(person, address: str) -> list[tuple[str, int, int]]:
    """The counts of a page that open a list: where, what the page says, and how many the list has."""
    found = [(href, text) for href, text in Links(page(person, address)).found if text.isdecimal()]
    listed = re.compile(r">(\d+) (?:assets?|lines?)[<.,]")
    return [(href, int(text), int(listed.search(page(person, href))[1])) for href, text in found]


def test_figures_of_a_scenario_and_of_a_variance_open_lists_of_as_many(manager):
    laptops(manager.council, 3)
    young = {"category": "laptop", "model": AssetModel.objects.get(), "in_service_date": date(2023, 1, 1)}
    an_asset(manager.council, "YOUNG", **young)
    server = a_model(category="server", replacement_cost_ex_vat=Decimal(9000), useful_life_months=60)
    an_asset(manager.council, "SRV", category="server", model=server, in_service_date=date(2022, 9, 1))
    capped = a_scenario(manager, yearly_cap=Decimal(200), levers={"server": {"cloud": "3100.00"}})
    plain = a_scenario(manager, name="Longer", levers={"laptop": {"life": 12}})
    baselines = [
        take_baseline(by=manager, council=manager.council, name=f"Paper {one}", scenario=one, now=NOW)
        for one in (None, plain)
    ]

    for address, least in (
        (f"/refresh/scenarios/{capped.pk}/", {"bought", "cloud", "year=2026"}),
        (f"/refresh/scenarios/{plain.pk}/", {"bought", "year=2026"}),
        (f"/refresh/baselines/{baselines[0].pk}/", {"year=2026", "driver=life_cycle", "/lines/"}),
        (f"/refresh/baselines/{baselines[1].pk}/", {"bought"}),
    ):
        opened = numbers_opened(manager, address)
        assert [(said, listed) for _, said, listed in opened if said != listed] == [], address
        assert {kind for kind in least if any(kind in href for href, *_ in opened)} == least, address
    assert "SRV" in page(manager, f"/refresh/scenarios/{capped.pk}/2027/?only=cloud")
    other = a_person(a_council("CDC"), "asset_manager")
    assert client_of(other).get(f"/refresh/scenarios/{capped.pk}/2027/?only=cloud").status_code == 404


def test_over_the_cap_what_risks_most_comes_first_line_by_line_and_what_slips_is_named(manager):
    laptops(manager.council, 2)
    a_release("alpha", date(2025, 10, 14))
    risky = an_asset(
        manager.council,
        "RISKY",
        model=AssetModel.objects.latest("pk"),
        in_service_date=date(2021, 12, 1),
        os_name="alpha",
        os_version="1",
        os_upgradeable="no",
    )
    ending = an_asset(
        manager.council,
        "ENDING",
        model=AssetModel.objects.latest("pk"),
        in_service_date=date(2021, 12, 1),
        vendor_end_of_support=date(2027, 2, 1),
    )
    scenario = a_scenario(manager, yearly_cap=Decimal(100))

    what_if = WhatIf(manager, manager.council, scenario, AS_AT, NOW)

    assert [(one.item.name, one.risk.score, one.taken) for one in what_if.decisions if one.year == 2026] == [
        ("RISKY", 53, True),
        ("ENDING", 0, False),
        ("LT/1", 0, False),
        ("LT/2", 0, False),
    ]
    assert [(item.name, year) for item, year in what_if.slipped] == [("ENDING", None)]
    html = page(manager, f"/refresh/scenarios/{scenario.pk}/")
    assert f'href="/assets/{ending.pk}/">ENDING</a>' in html
    lines = page(manager, f"/refresh/scenarios/{scenario.pk}/2026/")
    assert f'href="/assets/{risky.pk}/">RISKY</a>' in lines
    assert "os unsupported 40, overdue 13" in lines
    assert "More than what is left of the money: waits for the next year" in lines


def test_every_line_of_a_year_stands_on_one_of_its_pages(manager, monkeypatch):
    monkeypatch.setattr(plan_views, "MOST_LINES", 2)
    laptops(manager.council, 5)
    at = f"/refresh/scenarios/{a_scenario(manager, yearly_cap=Decimal(100)).pk}/2026/"

    pages = [page(manager, f"{at}?only=&page={number}") for number in (1, 2, 3)]

    found = [re.findall(r">(LT/\d)</a>", one) for one in pages]
    assert found == [["LT/1", "LT/2"], ["LT/3", "LT/4"], ["LT/5"]]
    assert [f"5 lines. Page {number} of 3." in one for number, one in enumerate(pages, 1)] == [True] * 3
    assert [("Next page" in one, "Previous page" in one) for one in pages] == [
        (True, False),
        (True, True),
        (False, True),
    ]


def test_a_capped_plan_spends_no_more_than_the_cap_and_forgets_nothing(manager):
    laptops(manager.council, 7)
    UnitCosts.objects.create(
        council=manager.council, category="laptop", base_fy="2026/27", engineer_days=Decimal("0.5")
    )

    by_money = planned(manager, a_scenario(manager, yearly_cap=Decimal(210)))
    by_days = planned(manager, a_scenario(manager, name="Days", engineer_days=Decimal(1)))

    assert by_money == [
        (2026, 2, Decimal("200.00")),
        (2027, 2, Decimal("206.00")),
        (2028, 1, Decimal("106.09")),
        (2029, 1, Decimal("109.27")),
        (2030, 1, Decimal("112.55")),
    ]
    assert [count for _, count, _ in by_days] == [2, 2, 2, 1]


def test_what_never_fits_stands_after_the_last_year(manager):
    laptops(manager.council, 1)
    what_if = WhatIf(manager, manager.council, a_scenario(manager, yearly_cap=Decimal(50)), AS_AT, NOW)

    assert [(line.year, line.count, line.cost) for line in what_if.lines] == [(2031, 1, Decimal("115.93"))]


def test_a_baseline_stays_as_it_was_told_and_what_has_changed_is_told_by_year_and_driver(manager):
    assets = the_estate()
    baseline = take_baseline(
        by=manager, council=manager.council, name="Cabinet, December", reference="122", now=NOW
    )

    AssetModel.objects.filter(assets=assets["OCC-0002"]).update(useful_life_months=84)
    Asset.objects.filter(pk=assets["OCC-N001"].pk).update(vendor_end_of_support=None)

    html = page(manager, f"/refresh/baselines/{baseline.pk}/")
    assert cells(html, "By financial year") == {
        "2026/27": ["1", "£742.00", "0", "–", "−1", "−£742.00"],
        "2027/28": ["2", "£3,699.76", "2", "£1,528.52", "0", "−£2,171.24"],
        "2028/29": ["0", "–", "1", "£3,023.57", "+1", "+£3,023.57"],
        "Nothing known": ["1", "–", "1", "–", "0", "£0.00"],
        "All": ["4", "£4,441.76", "4", "£4,552.09", "0", "+£110.33"],
    }
    by_driver = cells(html, "By what makes them due")
    assert by_driver["End of its maker’s support"] == ["1", "£2,935.50", "0", "–", "−1", "−£2,935.50"]
    assert by_driver["End of its useful life"] == ["2", "£1,506.26", "3", "£4,552.09", "+1", "+£3,045.83"]
    assert Change.objects.filter(kind="refresh.baseline", object_id=baseline.pk).count() == 1


def test_what_was_told_then_opens_its_lines_as_they_were_frozen(manager):
    assets = the_estate()
    baseline = take_baseline(by=manager, council=manager.council, name="Cabinet", now=NOW)
    AssetModel.objects.filter(assets=assets["OCC-0002"]).update(useful_life_months=84)
    at = f"/refresh/baselines/{baseline.pk}/lines/"

    year = page(manager, f"{at}?year=2027/28")
    assert "2 assets, £3,699.76, as at" in year
    assert "Nothing known" in page(manager, f"{at}?driver=unknown")
    assert "4 assets, £4,441.76, as at" in page(manager, at)
    program = as_person(manager)
    told = program.ask("GET", f"refresh/baselines/{baseline.pk}/lines/?year=2027/28").json()["results"]
    assert sorted((line["driver"], line["count"], line["cost"]) for line in told) == [
        ("life_cycle", 1, "764.26"),
        ("vendor_end_of_support", 1, "2935.50"),
    ]
    unknown = program.ask("GET", f"refresh/baselines/{baseline.pk}/lines/?driver=unknown").json()["results"]
    assert [(line["financial_year"], line["driver"], line["count"]) for line in unknown] == [(None, None, 1)]
    for wrong in ("year=2027", "year=x", "driver=rust"):
        assert client_of(manager).get(f"{at}?{wrong}").status_code == 404
        assert program.ask("GET", f"refresh/baselines/{baseline.pk}/lines/?{wrong}").status_code == 400


def test_a_baseline_of_a_scenario_is_held_against_that_scenario(manager):
    the_estate()
    scenario = a_scenario(manager, levers={"laptop": {"price": "700.00"}})

    baseline = take_baseline(by=manager, council=manager.council, name="Paper", scenario=scenario, now=NOW)

    assert {
        cell
        for row in cells(page(manager, f"/refresh/baselines/{baseline.pk}/"), "By financial year").values()
        for cell in row[4:]
    } == {"0", "£0.00"}


@pytest.mark.parametrize(
    "levers",
    [
        [],
        {"spaceship": {"life": 1}},
        {"laptop": {}},
        {"laptop": {"life": "12"}},
        {"laptop": {"life": True}},
        {"laptop": {"life": 61}},
        {"laptop": {"price": 700}},
        {"laptop": {"price": "NaN"}},
        {"laptop": {"price": "-1"}},
        {"laptop": {"price": "1.005"}},
        {"laptop": {"sell": "1"}},
    ],
)
def test_odd_levers_are_refused(levers):
    with pytest.raises(ValidationError):
        read(levers)


def test_a_row_that_somebody_changed_meanwhile_is_not_written_over(manager):
    scenario = a_scenario(manager)
    change_row(scenario, by=manager, version=1, name="Mine")

    with pytest.raises(Stale):
        change_row(scenario, by=manager, version=1, name="Yours")
    with pytest.raises(ValidationError):
        change_row(scenario, by=manager, version=2, council=a_council("CDC"))
    with pytest.raises(ValidationError):
        a_scenario(manager, name="mine")


def test_the_incidents_of_a_year_that_the_planner_knows_of_count(manager):
    [asset] = laptops(manager.council, 1)
    old, group = NOW - timedelta(days=366), a_case_group("hr", manager.council)
    for fields in (
        {},
        {},
        {"type": "request"},
        {"reported_at": old},
        {"sharing": "restricted", "sensitivity": "hr", "case_group": group},
    ):
        ticket = a_ticket(**{"reported_at": NOW, "type": "incident", **fields})
        ServiceRecord.objects.create(council=asset.council, asset=asset, ticket=ticket)

    [first, *_] = WhatIf(
        manager, manager.council, a_scenario(manager, yearly_cap=Decimal(1000)), AS_AT, NOW
    ).decisions

    assert first.risk.incidents == 2
