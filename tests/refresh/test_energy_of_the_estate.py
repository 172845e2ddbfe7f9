"""Energy and carbon of what is in use: the worked examples from the tables, dated tariffs and factors, closed years."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from assets.refresh.closing import close_year
from assets.refresh.energy import Factor, Span, factor_for, over_year, payback_years, use_of
from assets.refresh.estate_energy import Assumptions, EstateEnergy, energy_known_by
from assets.refresh.models import ClosedYear, EnergyFactor, RoomOverhead, Tariff
from assets.refresh.planning import add_row, change_row
from assets.refresh.using import Source
from assets.register.models import Asset, AssetModel, LifecyclePolicy
from servicedesk.history.models import ChangeSet
from tests.api.calling import as_person
from tests.factories import a_council, a_model, a_person, a_site, an_asset
from tests.refresh.vector import ENERGY
from tests.reports.test_pages import Links, cells

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def manager():
    return a_person(a_council("OCC"), "asset_manager")


def page(person, address: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(address).content.decode()


def of(council, year: int = 2026) -> EstateEnergy:
    return EstateEnergy([council.pk], [council.pk], year)


def rounded(figure) -> dict[str, str]:
    used = use_of(figure.kwh, Decimal(0), Decimal(0)).kwh
    return {"kwh": str(used), "gbp": f"{figure.cost:.2f}", "kgco2e": f"{figure.kgco2e:.2f}"}


def a_tariff(manager, pence: str, starts: date, ends: date | None = None, **more) -> Tariff:
    row = Tariff(council=manager.council, pence=Decimal(pence), starts_on=starts, ends_on=ends, **more)
    return add_row(row, by=manager)


def a_factor(manager, year: int, generation: str) -> EnergyFactor:
    row = EnergyFactor(
        year=year, generation=Decimal(generation), source="GOV.UK", checked_on=date(2026, 11, 23)
    )
    return add_row(row, by=manager)


def some(council, category: str, number: int, **of_model) -> None:
    model = a_model(category=category, **of_model)
    for _ in range(number):
        an_asset(council, category=category, model=model)


def test_desktops_use_what_laptops_in_their_place_would_save(manager):
    some(manager.council, "desktop", 85, annual_kwh=Decimal("56.5"))
    some(manager.council, "laptop", 85, annual_kwh=Decimal("18.8"), embodied_kgco2e=Decimal(236))
    found = of(manager.council)

    old, new = found.total(category="desktop"), found.total(category="laptop")

    case = ENERGY["F11"]
    saved = use_of(old.kwh - new.kwh, Decimal("0.25"), found.assumptions.factor.value)
    assert [str(one) for one in saved] == [case["kwh"], case["gbp"], case["kgco2e"]]
    made = 85 * found.catalogue.embodied["laptop"]
    assert (
        str(payback_years(made, old.kwh - new.kwh, found.assumptions.factor.value))
        == (case["carbon_payback_years"])
    )


def test_servers_count_with_their_machine_room(manager):
    some(manager.council, "server", 12, annual_kwh=Decimal("1528.6"))

    assert rounded(of(manager.council).total()) == {
        unit: ENERGY["F12"][unit] for unit in ("kwh", "gbp", "kgco2e")
    }


@pytest.mark.parametrize(
    ("name", "category", "watts"), [("F13a", "access_point", "12.5"), ("F13b", "switch", "85")]
)
def test_what_runs_day_and_night_by_its_watts(manager, name, category, watts):
    some(manager.council, category, 1, watts=Decimal(watts))

    assert rounded(of(manager.council).total())["kwh"] == ENERGY[name]["kwh"]


def test_stronger_access_points_use_more(manager):
    some(manager.council, "access_point", 40, watts=Decimal(11))
    before = of(manager.council).total()
    AssetModel.objects.update(watts=Decimal(18))
    after = of(manager.council).total()

    saved = use_of(before.kwh - after.kwh, Decimal("0.25"), Decimal("0.177"))
    assert [str(one) for one in saved] == [ENERGY["F14"][unit] for unit in ("kwh", "gbp", "kgco2e")]


def test_each_is_known_by_itself_else_its_model_else_its_category_and_else_not_at_all(manager):
    council, said = manager.council, a_model(annual_kwh=Decimal(20))
    a_model(annual_kwh=Decimal(30))
    an_asset(council, model=said, annual_kwh_override=Decimal(50))
    an_asset(council, model=said)
    an_asset(council, model=a_model())
    unknown = an_asset(council, category="dock")
    an_asset(council, category="dock", state="in_stock")

    found = of(council)

    assert found.sources("laptop") == {Source.MEASURED: 1, Source.MODEL: 1, Source.MEDIAN: 1}
    assert found.total(category="laptop").kwh == 50 + 20 + 25
    assert (found.total().number, found.total().unknown) == (4, 1)
    assert list(Asset.objects.filter(energy_known_by(Source.UNKNOWN))) == [unknown]
    html = page(manager, "/refresh/energy/")
    assert "council=OCC&amp;standing=no_energy" in html
    assert unknown.asset_tag in page(manager, "/refresh/assets/?council=OCC&standing=no_energy")


def test_the_page_of_an_asset_and_the_api_say_what_it_uses_and_from_where_that_is_known(manager):
    council, said = manager.council, a_model("T14", annual_kwh=Decimal(20))
    told = {
        an_asset(council, model=said, annual_kwh_override=Decimal(50)): (
            "50.0 kWh a year: measured for itself.",
            {"kwh": "50.0", "source": "measured"},
        ),
        an_asset(council, model=said): (
            "20.0 kWh a year: said of its model, T14.",
            {"kwh": "20.0", "source": "model"},
        ),
        an_asset(council, category="switch", model=a_model("S1", category="switch", watts=Decimal(85))): (
            "744.6 kWh a year: its model&#39;s watts, day and night, S1.",
            {"kwh": "744.6", "source": "watts"},
        ),
        an_asset(council, model=a_model(), state="in_stock"): (
            "20.0 kWh a year: the median of its category. It counts while the asset is in use.",
            {"kwh": "20.0", "source": "median"},
        ),
        an_asset(council, category="dock"): (
            "Not known: nothing is said of it",
            {"kwh": None, "source": "unknown"},
        ),
    }

    for asset, (words, use) in told.items():
        assert words in page(manager, f"/assets/{asset.pk}/")
        assert as_person(manager).get(f"assets/{asset.pk}/").json()["energy_use"] == use
    holder = a_person(council, "requester")
    held = an_asset(council, holder=holder, model=said)
    assert "kWh" not in page(holder, f"/assets/{held.pk}/")
    assert "energy_use" not in as_person(holder).get(f"assets/{held.pk}/").json()


def test_each_figure_of_energy_opens_a_list_of_as_many(manager):
    council, said = manager.council, a_model(annual_kwh=Decimal(20))
    for fields in ({"annual_kwh_override": Decimal(50)}, {}, {}):
        an_asset(council, model=said, **fields)
    an_asset(council, model=a_model())
    an_asset(council, model=a_model(category="switch", watts=Decimal(85)), category="switch")
    an_asset(council, category="dock")
    an_asset(council, category="dock", state="in_stock")

    html = page(manager, "/refresh/energy/")

    links = [(href, text) for href, text in Links(html).found if "/refresh/assets/" in href]
    counts = [(href, int(text)) for href, text in links if text.isdecimal() and "standing=" in href]
    by_source = {one: number for href, number in counts for one in Source if f"standing={one}" in href}
    assert by_source == {Source.MEASURED: 1, Source.MODEL: 2, Source.MEDIAN: 1, Source.WATTS: 1}
    assert len(links) > 20
    for href, text in links:
        told = int(re.search(r">(\d+) assets?<", page(manager, href))[1])
        assert told == (int(text) if "no_energy" in href else told) > 0, (href, text)


def test_a_year_counts_with_its_own_factor_or_the_latest_before_and_the_page_says_so(manager):
    some(manager.council, "laptop", 1, annual_kwh=Decimal(100))
    known = dict(EnergyFactor.objects.values_list("year", "generation"))
    assert factor_for(2026, known) == Factor(2025, Decimal("0.177"))
    assert factor_for(2020, known) == Factor(2014, Decimal("0.49426"))
    assert "2026 is not published here yet: counted with 2025’s." in page(manager, "/refresh/energy/")

    a_factor(manager, 2026, "0.131")

    assert of(manager.council).total().kgco2e == Decimal("13.1")
    assert of(manager.council, 2025).total().kgco2e == Decimal("17.7")
    assert "not published here yet" not in page(manager, "/refresh/energy/")


def test_a_factor_is_entered_once_and_corrected_for_a_reason_that_history_keeps(manager):
    row = a_factor(manager, 2026, "0.130")

    assert row.entered_by == manager
    with pytest.raises(ValidationError, match="entered already"):
        a_factor(manager, 2026, "0.131")
    with pytest.raises(ValidationError, match="Say why"):
        change_row(row, by=manager, version=1, generation=Decimal("0.131"))
    change_row(row, by=manager, version=1, reason="A slip", generation=Decimal("0.131"))
    assert ChangeSet.objects.latest("pk").reason == "A slip"
    with pytest.raises(PermissionDenied):
        change_row(row, by=a_person(manager.council, "engineer"), version=2, reason="No", source="x")


def test_a_later_tariff_changes_no_earlier_year(manager):
    some(manager.council, "laptop", 1, annual_kwh=Decimal(100))
    a_tariff(manager, "20", date(2025, 4, 1), date(2027, 3, 31))
    before = of(manager.council).total().cost

    a_tariff(manager, "40", date(2027, 4, 1))

    assert (before, of(manager.council).total().cost) == (20, 20)
    assert of(manager.council, 2027).total().cost == 40
    with pytest.raises(ValidationError, match="There is another from 1 April 2027 without an end"):
        a_tariff(manager, "50", date(2028, 4, 1))


def test_a_tariff_of_a_site_and_of_part_of_a_year_counts_where_and_when_it_holds(manager):
    site = a_site(manager.council)
    a_tariff(manager, "20", date(2026, 4, 1), date(2026, 6, 11))  # 72 of 365 days
    a_tariff(manager, "10", date(2020, 4, 1), site=site)
    add_row(
        RoomOverhead(council=manager.council, site=site, pue=Decimal("1.40"), starts_on=date(2020, 1, 1)),
        by=manager,
    )

    said = Assumptions(2026, [manager.council_id])

    assert said.pounds(manager.council_id, site.pk) == Decimal("0.10")
    assert said.pounds(manager.council_id, None) == (72 * 20 + 293 * Decimal(25)) / 365 / 100
    assert said.pue(manager.council_id, site.pk, "server") == Decimal("1.40")
    assert said.pue(manager.council_id, None, "server") == Decimal("1.70")
    assert said.pue(manager.council_id, site.pk, "laptop") == 1


def test_the_value_of_an_average_day():
    spans = [Span(date(2020, 1, 1), date(2026, 9, 30), Decimal(1)), Span(date(2026, 10, 1), None, Decimal(3))]

    assert over_year(2026, [spans], Decimal(9)) == (183 * Decimal(1) + 182 * Decimal(3)) / 365
    assert over_year(2018, [spans], Decimal(9)) == 9
    assert over_year(2026, [[Span(date(2020, 1, 1), date.max, Decimal(5))]], Decimal(9)) == 5


def test_keeping_one_for_a_year_more_goes_by_the_life_that_its_council_means_it_to_last(manager):
    district = a_council("CDC")
    LifecyclePolicy.objects.create(council=district, category="laptop", useful_life_months=48)
    book = a_model(annual_kwh=Decimal("16.7"), embodied_kgco2e=Decimal(236))
    for council in (manager.council, district):
        an_asset(council, model=book, annual_kwh_override=Decimal("22.5"))

    html = page(manager, "/refresh/energy/")

    heading = "{}: keep one for one more year, or replace it"
    ours = cells(html, heading.format("Oxfordshire County Council"))["Laptop"]
    theirs = cells(html, heading.format("Cherwell District Council"))["Laptop"]
    assert (ours[0], ours[-1]) == ("60", "+46.17")
    assert (theirs[0], theirs[-1]) == ("48", "+57.97")


def test_a_closed_year_stays_as_it_was(manager, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 1, 5, tzinfo=UTC))
    model = a_model(annual_kwh=Decimal(100))
    an_asset(manager.council, model=model)
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    an_asset(manager.council, model=model)
    with pytest.raises(PermissionDenied):
        close_year(manager.council, by=a_person(a_council("CDC"), "asset_manager"))

    close_year(manager.council, by=manager)
    factor = EnergyFactor.objects.get(year=2025)
    change_row(factor, by=manager, version=1, reason="A slip", generation=Decimal("0.2"))
    a_tariff(manager, "40", date(2020, 4, 1))

    row = ClosedYear.objects.get()
    assert (row.year, row.count, row.kwh, row.cost, row.kgco2e) == (2025, 1, 100, 25, Decimal("17.7"))
    with pytest.raises(ValidationError, match="closed already"):
        close_year(manager.council, by=manager)
    told = cells(page(manager, "/refresh/energy/"), "Oxfordshire County Council: by financial year")
    assert told["2025/26"] == ["1", "0", "100.0", "17.70", "£25.00", "–", "–"]
    assert told["2026/27, so far as in use now"] == ["2", "0", "200.0", "40.00", "£80.00", "+17.70", "+4.60"]


def test_energy_is_shared_and_what_it_costs_is_not(manager):
    theirs = a_person(a_council("CDC"), "asset_manager")
    some(manager.council, "laptop", 1, annual_kwh=Decimal(100))
    some(theirs.council, "monitor", 1, annual_kwh=Decimal(300))
    tariff = a_tariff(theirs, "33.333", date(2020, 4, 1))

    html, basis = page(manager, "/refresh/energy/"), page(manager, "/refresh/energy/basis/")

    heading = "What the equipment in use uses in 2026/27"
    assert cells(html, heading) == {
        "Cherwell District Council": ["1", "0", "300.0", "53.10", "–"],
        "Oxfordshire County Council": ["1", "0", "100.0", "17.70", "£25.00"],
        "All councils together": ["2", "0", "400.0", "70.80", "–"],
    }
    assert "100.00" not in html and "33.333" not in html + basis
    assert "What Cherwell District Council pays is not shown to you." in html
    assert "Cost a year" not in page(a_person(manager.council, "engineer"), "/refresh/energy/")
    client = Client()
    client.force_login(manager)
    assert client.get(f"/refresh/energy/tariffs/{tariff.pk}/").status_code == 404


def test_tariffs_rooms_and_factors_are_typed_and_a_year_is_closed_on_their_pages(manager):
    client, site = Client(), a_site(manager.council)
    client.force_login(manager)
    an_asset(manager.council)
    dated = {"council": manager.council_id, "site": site.pk, "starts_on": "1/4/2026"}
    factor = {"year": 2026, "generation": "0.13", "source": "GOV.UK", "checked_on": "23/11/2026"}

    client.post("/refresh/energy/tariffs/new/", {**dated, "pence": "24.5"})
    client.post("/refresh/energy/rooms/new/", {**dated, "pue": "1.5"})
    client.post("/refresh/energy/factors/new/", factor)

    assert Tariff.objects.get().pence == Decimal("24.5")
    assert RoomOverhead.objects.get().pue == Decimal("1.5")
    row = EnergyFactor.objects.get(year=2026)
    refused = client.post(f"/refresh/energy/factors/{row.pk}/", {**factor, "version": "1"})
    assert refused.status_code == 422
    corrected = {**factor, "version": "1", "generation": "0.131", "reason": "A slip"}
    assert client.post(f"/refresh/energy/factors/{row.pk}/", corrected).status_code == 302
    assert client.post(f"/refresh/energy/factors/{row.pk}/", corrected).status_code == 409
    assert "0.131" in page(manager, "/refresh/energy/basis/")
    told = client.post("/refresh/energy/close/", {"council": "OCC"}, follow=True).content.decode()
    assert "The register knows of nothing" in told
