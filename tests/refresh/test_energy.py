"""Energy and carbon: every worked example to the digit, and what an honest figure must not hide."""

from decimal import Decimal

import pytest

from assets.refresh.energy import (
    Effects,
    Swap,
    at_site,
    effects,
    energy_of,
    factor_year,
    keeping_one_more_year,
    kwh_of,
    payback_years,
    saved,
    use_of,
)
from tests.refresh.vector import ENERGY, VECTOR

TARIFF = Decimal(VECTOR["energy"]["tariff_gbp_per_kwh"])
FACTOR = Decimal(VECTOR["energy"]["factor_kgco2e_per_kwh"])
DESKTOP, LAPTOP, SERVER = Decimal("56.5"), Decimal("18.8"), Decimal("1528.6")


def told(use) -> dict:
    return {name: str(value) for name, value in use._asdict().items()}


def expected(name: str) -> dict:
    return {unit: ENERGY[name][unit] for unit in ("kwh", "gbp", "kgco2e")}


def test_laptops_for_desktops():
    case = ENERGY["F11"]

    use = saved(85, DESKTOP, LAPTOP, TARIFF, FACTOR)
    embodied = 85 * Decimal(case["embodied_each"])

    assert told(use) == expected("F11")
    assert str(embodied) == case["embodied_kgco2e"]
    assert str(payback_years(embodied, 85 * (DESKTOP - LAPTOP), FACTOR)) == case["carbon_payback_years"]


def test_servers_that_go_to_the_cloud():
    of_servers = 12 * SERVER

    assert str(of_servers) == ENERGY["F12"]["it_kwh"]
    assert told(use_of(at_site(of_servers, Decimal("1.70")), TARIFF, FACTOR)) == expected("F12")


@pytest.mark.parametrize(("name", "watts"), [("F13a", "12.5"), ("F13b", "85")])
def test_what_runs_day_and_night(name, watts):
    assert str(use_of(kwh_of(Decimal(watts)), TARIFF, FACTOR).kwh) == ENERGY[name]["kwh"]


def test_an_increase_is_less_than_nothing_saved():
    use = saved(40, kwh_of(Decimal(11)), kwh_of(Decimal(18)), TARIFF, FACTOR)

    assert told(use) == expected("F14")
    assert payback_years(Decimal(1000), Decimal("-2452.8"), FACTOR) is None


def test_keeping_a_laptop_saves_more_than_its_successor_would():
    """A share of 236 kg a year of five, against 5.8 kWh that the old one uses more."""
    kept = keeping_one_more_year(Decimal("22.5"), Decimal("16.7"), Decimal(236), 60, FACTOR)

    assert kept == Decimal("46.17")


def test_the_effect_of_the_factor_is_told_apart_from_ours_and_both_make_up_the_change():
    old, new = Decimal(1000), Decimal(900)
    before, after = Decimal("0.20705"), Decimal("0.17700")

    found = effects(old, new, before, after)

    assert found == Effects(Decimal("-20.71"), Decimal("-27.05"))
    assert abs(sum(found) - (new * after - old * before)) <= Decimal("0.01")


def test_the_factors_of_a_financial_year_are_those_of_the_year_that_holds_most_of_it():
    assert factor_year(2026) == 2026


def test_swaps_of_many_kinds_are_added_up_gross_and_net():
    laptops = Swap(85, DESKTOP, LAPTOP, embodied=Decimal(236))
    servers = Swap(12, SERVER, pue=Decimal("1.70"), to_cloud=True)
    points = Swap(40, kwh_of(Decimal(11)), kwh_of(Decimal(18)), embodied=Decimal(0))

    found = energy_of([laptops, servers, points], FACTOR)

    f11, f12, f14 = (ENERGY[name] for name in ("F11", "F12", "F14"))
    assert found.saved.kwh == Decimal(f11["kwh"]) + Decimal(f12["kwh"])
    assert told(found.added) == {unit: f14[unit].removeprefix("-") for unit in ("kwh", "gbp", "kgco2e")}
    assert found.net.kwh == found.saved.kwh - found.added.kwh
    assert str(found.embodied) == f"{f11['embodied_kgco2e']}.00"
    assert (found.cloud, found.unknown, found.without_embodied) == (12, 0, 0)


def test_the_payback_of_one_kind_is_that_of_the_worked_example():
    found = energy_of([Swap(85, DESKTOP, LAPTOP, embodied=Decimal(236))], FACTOR)
    assert told(found.net) == expected("F11")
    assert str(found.payback_years) == ENERGY["F11"]["carbon_payback_years"]


def test_what_is_not_known_is_counted_and_never_taken_for_nothing():
    swaps = [
        Swap(2, None, LAPTOP, embodied=Decimal(236)),
        Swap(3, DESKTOP, LAPTOP),
        Swap(1, DESKTOP, retired=True),
    ]

    found = energy_of(swaps, FACTOR)

    assert (found.unknown, found.without_embodied, found.payback_years) == (2, 3, None)
    assert found.net.kwh == Decimal("169.6")
