"""Energy and carbon of batches and programmes: the worked examples, what is not known, and what stays as it was."""

from datetime import date
from decimal import Decimal

import pytest

from assets.batches.choosing import create_batch
from assets.batches.energy import Figures, figures_of, remembered, table_of
from assets.batches.items import move_item
from assets.batches.models import Batch, BatchCouncil, BatchItem
from assets.batches.states import Outcome
from assets.refresh.energy_tables import ROOMS
from assets.refresh.estate_energy import Assumptions
from assets.refresh.models import EnergyFactor, RoomOverhead, Tariff
from assets.refresh.planning import add_row
from assets.refresh.using import Catalogue
from assets.register.models import Asset
from tests.batches.waves import NOW, TODAY
from tests.factories import a_council, a_model, a_person, a_site, an_asset, an_engineer

pytestmark = pytest.mark.django_db
DESKTOP, LAPTOP, SERVER = Decimal("56.5"), Decimal("18.8"), Decimal("1528.6")


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def ada(county):
    return a_person(county, "asset_manager", name="Ada")


def a_batch(by, model, count, **outcome) -> Batch:
    """So many of a model, chosen, with what becomes of them."""
    kind = {"category": model.category, "model": model}
    tags = [an_asset(by.council, **kind).asset_tag for _ in range(count)]
    batch = create_batch(by=by, rule={"tags": tags}, title="A wave", as_at=TODAY, now=NOW)
    batch.items.update(state="confirmed", **outcome)
    return batch


def net_of(by, *batches) -> tuple[str, ...]:
    row = table_of(by, batches, [by.council]).rows[-1]
    return tuple(map(str, row.net))


def test_laptops_for_desktops_save_and_pay_back_what_was_used_to_make_them(ada):
    new = a_model(annual_kwh=LAPTOP, embodied_kgco2e=Decimal(236))
    batch = a_batch(ada, a_model(category="desktop", annual_kwh=DESKTOP, replacement_model=new), 85)

    row = table_of(ada, [batch], [ada.council]).rows[0]
    assert net_of(ada, batch) == ("3204.5", "801.13", "567.20")
    assert (str(row.embodied), str(row.payback_years)) == ("20060.00", "35.4")


def test_servers_in_the_cloud_save_on_site_and_what_the_cloud_uses_is_in_no_figure(ada):
    servers = a_model(category="server", annual_kwh=SERVER)
    batch = a_batch(ada, servers, 12, outcome=Outcome.RETIRE_TO_CLOUD)

    table = table_of(ada, [batch], [ada.council])
    assert net_of(ada, batch) == ("31183.4", "7795.86", "5519.47")
    assert (table.cloud, table.rows[0].embodied) == (12, None)


def test_a_swap_counts_where_the_old_one_stood_and_not_in_the_store_that_it_went_to(ada):
    office, store = a_site(ada.council, "Office"), a_site(ada.council, "Store")
    for site, pence in ((office, 20), (store, 90)):
        Tariff.objects.create(council=ada.council, site=site, pence=pence, starts_on=date(2026, 4, 1))
    batch = a_batch(ada, a_model(category="desktop", annual_kwh=DESKTOP), 1, outcome=Outcome.RETIRE)
    Asset.objects.update(site=office, state="in_use", holder_note="The front desk")
    planned = net_of(ada, batch)
    batch.items.update(state="allocated")
    Batch.objects.update(state="under_way")
    eng = an_engineer(ada.council)
    item = batch.items.get()
    swapped = move_item(item, "swap", by=eng, given={"old": item.asset.asset_tag, "signed_by": "Jo"}, now=NOW)
    move_item(swapped, "return", by=eng, given={"condition": "B", "site": store}, now=NOW)

    item.asset.refresh_from_db()
    assert (item.asset.site, planned[:2], net_of(ada, batch)) == (store, ("56.5", "11.30"), planned)
    told = table_of(ada, [batch], [ada.council]).notes
    batch.items.update(stood_at=None)  # as of a swap before that was written down
    assert [one for one in table_of(ada, [batch], [ada.council]).notes if one not in told] == [
        "Where 1 asset stood before the swap is not written down: reckoned at the site where it is now."
    ]
    assert net_of(ada, batch)[1] == "50.85"


def test_more_use_is_an_increase_that_is_never_paid_back(ada):
    new = a_model(category="access_point", watts=Decimal(18), embodied_kgco2e=Decimal(20))
    old = a_model(category="access_point", watts=Decimal(11), replacement_model=new)
    batch = a_batch(ada, old, 40)

    row = table_of(ada, [batch], [ada.council]).rows[0]
    assert net_of(ada, batch) == ("-2452.8", "-613.20", "-434.15")
    assert (str(row.added.kwh), str(row.saved.kwh), row.payback_years) == ("2452.8", "0.0", None)


def test_models_without_a_figure_are_named_and_in_no_figure(ada):
    new = a_model("Dock 2", category="dock")
    batch = a_batch(ada, a_model("Dock 1", category="dock", replacement_model=new), 2)

    table = table_of(ada, [batch], [ada.council])
    assert (table.unknown, table.without_embodied) == (["Lenovo Dock 1", "Lenovo Dock 2"], ["Lenovo Dock 2"])
    assert (table.rows[0].known, table.rows[0].embodied, table.rows[0].payback_years) == (False, None, None)


def test_what_is_not_chosen_yet_is_counted_apart(ada):
    table = table_of(ada, [a_batch(ada, a_model(annual_kwh=LAPTOP), 3)], [ada.council])

    assert (table.unchosen, table.rows[0].known) == (3, False)


def test_surest_figure_counts_and_says_where_it_is_from():
    for kwh in ("10", "20", "60"):
        a_model(category="monitor", annual_kwh=Decimal(kwh))
    a_model(category="monitor")
    a_model(category="switch", watts=Decimal(85))

    catalogue, (one, two, three) = Catalogue(), map(Decimal, (1, 2, 3))
    assert catalogue.of("monitor", one, two, three) == (1, "measured")
    assert catalogue.of("monitor", None, two, three) == (2, "model")
    assert catalogue.of("monitor", None, None, three) == (Decimal("26.28"), "watts")
    assert catalogue.of("monitor", None, None, None) == (20, "median")
    assert catalogue.of("switch", None, None, None) == (Decimal("744.6"), "median")
    assert catalogue.of("ups", None, None, None) == (None, "unknown")


def test_closed_batch_keeps_its_figures_whatever_is_learned_of_its_models(ada):
    old = a_model(category="desktop", annual_kwh=DESKTOP, replacement_model=a_model(annual_kwh=LAPTOP))
    batch, other = a_batch(ada, old, 10), a_batch(ada, old, 1)
    kept = figures_of([batch], Assumptions(2026, [ada.council.pk]))[batch.pk, ada.council.pk].kept()
    BatchCouncil.objects.filter(batch=batch).update(energy=kept)
    Batch.objects.filter(pk=batch.pk).update(state="closed")
    old.annual_kwh = Decimal("100.0")
    old.save()

    add_row(Tariff(council=ada.council, pence=50, starts_on=date(2026, 4, 1)), by=ada)

    assert net_of(ada, Batch.objects.get(pk=batch.pk)) == ("377.0", "94.25", "66.73")
    assert table_of(ada, Batch.objects.filter(pk=batch.pk), [ada.council]).notes == [
        "What is closed keeps 0.177 kgCO2e a kWh, the factor of 2025.",
        "A kWh was made with 0.20705 kgCO2e in 2024, and with 0.177 in 2025.",
    ]
    assert net_of(ada, *Batch.objects.all()) == ("458.2", "134.85", "81.10")
    assert net_of(ada, other) == ("81.2", "40.60", "14.37")


def test_dated_tariff_machine_room_and_factor_of_the_place_and_year_count(ada):
    """20p at the site of the servers, 30p elsewhere from October; 1.40 kWh in their room for each of theirs."""
    room = a_site(ada.council)
    spring, autumn = date(2026, 4, 1), date(2026, 10, 1)
    for row in (
        Tariff(council=ada.council, site=room, pence=20, starts_on=spring),
        Tariff(council=ada.council, pence=30, starts_on=autumn),
        RoomOverhead(council=ada.council, site=room, pue=Decimal("1.40"), starts_on=spring),
        EnergyFactor(year=2026, generation=Decimal("0.1"), source="GOV.UK", checked_on=TODAY),
    ):
        add_row(row, by=ada)
    servers = a_batch(ada, a_model(category="server", annual_kwh=Decimal(1000)), 2, outcome=Outcome.RETIRE)
    Asset.objects.filter(category="server").update(site=room)
    desktops = a_batch(ada, a_model(category="desktop", annual_kwh=Decimal(365)), 1, outcome=Outcome.RETIRE)

    assert net_of(ada, servers) == ("2800.0", "560.00", "280.00")
    assert net_of(ada, desktops) == ("365.0", "100.35", "36.50")  # 183 days at 25p, 182 at 30p
    assert table_of(ada, [servers, desktops], [ada.council]).notes == [
        "Carbon is counted with 0.1 kgCO2e a kWh, the factor of 2026.",
        "Nobody has said what Oxfordshire County Council pays in all of 2026/27: 25.0p a kWh is assumed where nothing "
        "is said.",
        "A kWh was made with 0.177 kgCO2e in 2025, and with 0.1 in 2026.",
        ROOMS,
    ]


def why(by, *batches) -> tuple | None:
    told = table_of(by, batches, [by.council]).rows[-1].effects
    return told and tuple(map(str, told))


def test_what_comes_of_our_devices_is_told_apart_from_how_electricity_is_made(ada):
    """F11 from the factor of 2024 to that of 2025: 4,802.5 kWh become 1,598.0."""
    new = a_model(annual_kwh=LAPTOP)
    batch = a_batch(ada, a_model(category="desktop", annual_kwh=DESKTOP, replacement_model=new), 85)

    assert why(ada, batch) == ("-663.49", "-48.02")
    ours, made = map(Decimal, why(ada, batch))
    change = Decimal("1598.0") * Decimal("0.17700") - Decimal("4802.5") * Decimal("0.20705")
    assert ours + made == change.quantize(Decimal("0.01"))
    notes = table_of(ada, [batch], [ada.council]).notes
    assert "A kWh was made with 0.20705 kgCO2e in 2024, and with 0.177 in 2025." in notes
    assert net_of(ada, batch) == ("3204.5", "801.13", "567.20")
    EnergyFactor.objects.filter(year__lt=2025).delete()
    assert why(ada, batch) is None


def test_devices_that_use_more_are_ours_however_electricity_is_made(ada):
    points = a_model(
        category="access_point", watts=11, replacement_model=a_model(category="access_point", watts=18)
    )

    assert why(ada, a_batch(ada, points, 40)) == ("507.85", "-189.53")


def test_a_closed_batch_keeps_where_its_change_came_from(ada):
    new = a_model(annual_kwh=LAPTOP)
    batch = a_batch(ada, a_model(category="desktop", annual_kwh=DESKTOP, replacement_model=new), 85)
    kept = figures_of([batch], Assumptions(2026, [ada.council.pk]))[batch.pk, ada.council.pk].kept()
    BatchCouncil.objects.filter(batch=batch).update(energy=kept)
    Batch.objects.filter(pk=batch.pk).update(state="closed")

    factor = EnergyFactor(year=2026, generation=Decimal("0.131"), source="GOV.UK", checked_on=TODAY)
    add_row(factor, by=ada)

    assert why(ada, Batch.objects.get(pk=batch.pk)) == ("-663.49", "-48.02")
    earlier = {name: value for name, value in kept.items() if not name.startswith("before")}
    BatchCouncil.objects.filter(batch=batch).update(energy=earlier)
    assert why(ada, Batch.objects.get(pk=batch.pk)) is None


def test_page_and_programs_say_where_the_change_in_carbon_comes_from(ada, client):
    new = a_model(annual_kwh=LAPTOP)
    batch = a_batch(ada, a_model(category="desktop", annual_kwh=DESKTOP, replacement_model=new), 85)
    client.force_login(ada)

    page = client.get(f"/refresh/batches/{batch.reference}/").content.decode()
    told = client.get(f"/api/v1/refresh/batches/{batch.reference}/").json()["energy"][0]["effects"]

    assert "-663.49" in page and "-48.02" in page
    assert told == {"ours": "-663.49", "factors": "-48.02"}


def test_figures_are_remembered_as_they_were():
    assert remembered(Figures().kept()) == Figures()


def test_what_is_kept_for_longer_or_deferred_changes_nothing(ada):
    new = a_model(annual_kwh=LAPTOP)
    batch = a_batch(ada, a_model(category="desktop", annual_kwh=DESKTOP, replacement_model=new), 3)
    first, second, _ = BatchItem.objects.filter(batch=batch).order_by("pk")
    BatchItem.objects.filter(pk=first.pk).update(outcome=Outcome.EXTEND)
    deferral = {"state": "deferred", "reason": "Later", "deferred_until": date(2027, 9, 1)}
    BatchItem.objects.filter(pk=second.pk).update(**deferral)

    assert net_of(ada, batch) == ("37.7", "9.43", "6.67")


def test_who_does_not_see_the_money_of_all_reads_energy_without_pounds(ada):
    new = a_model(annual_kwh=LAPTOP)
    mine = a_batch(ada, a_model(category="desktop", annual_kwh=DESKTOP, replacement_model=new), 1)
    district = a_council("CDC")
    dee = a_person(district, "asset_manager", name="Dee")
    theirs = a_batch(dee, mine.items.get().asset.model, 1)

    rows = table_of(ada, [mine, theirs], [ada.council, district]).rows
    assert [(row.council and row.council.code, row.sees_money, str(row.net.kwh)) for row in rows] == [
        ("CDC", False, "37.7"),
        ("OCC", True, "37.7"),
        (None, False, "75.4"),
    ]
