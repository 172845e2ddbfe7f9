"""The forecast in numbers and money: the worked example, who is told which money, and what the command prints."""

import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from assets.refresh.figures import Sum, forecast_for, whole_forecast
from assets.refresh.forecast import Driver
from assets.refresh.models import UnitCosts
from tests.factories import a_council, a_model, a_person, an_asset
from tests.refresh.estates import NOW, councils, the_estate
from tests.refresh.vector import AS_AT, ESTATE

pytestmark = pytest.mark.django_db
OCC_MONEY, CDC_MONEY = Decimal("4441.76"), Decimal("4356.26")


def by_year_and_council(rows: list[dict]) -> dict:
    found: defaultdict = defaultdict(lambda: [0, None])
    for row in rows:
        cell = found[row["financial_year"], row["council"]]
        cell[0] += row["count"]
        if row["cost"] is not None:
            cell[1] = (cell[1] or 0) + Decimal(row["cost"])
    return {key: tuple(cell) for key, cell in found.items()}


EXPECTED = {
    (year, council): (count, cost and Decimal(cost))
    for year, of_year in ESTATE["buckets"].items()
    for council, (count, cost) in of_year.items()
}


def printed(**options) -> dict:
    out = StringIO()
    call_command("forecast", json=True, as_at=AS_AT, stdout=out, **options)
    return json.loads(out.getvalue())


def test_the_estate_of_the_worked_example_to_the_penny():
    the_estate()

    forecast = whole_forecast(councils(), AS_AT, NOW)

    assert by_year_and_council(forecast.rows()) == EXPECTED
    assert forecast.total == Decimal(ESTATE["total"])


def test_the_command_prints_the_worked_example():
    the_estate()

    answer = printed()

    assert by_year_and_council(answer.pop("rows")) == EXPECTED
    assert answer == {"as_at": "2026-11-23", "inflation": "0.03", "total": "8798.02"}


def test_the_command_prints_what_one_council_is_due():
    the_estate()

    answer = printed(council="CDC")

    assert by_year_and_council(answer["rows"]) == {
        key: cell for key, cell in EXPECTED.items() if key[1] == "CDC"
    }
    assert answer["total"] == str(CDC_MONEY)


def test_the_command_says_that_there_is_no_such_council():
    with pytest.raises(CommandError, match="no council XX"):
        call_command("forecast", council="XX")


def test_the_command_says_it_in_words():
    the_estate()
    out = StringIO()

    call_command("forecast", as_at=AS_AT, stdout=out)

    lines = [" ".join(line.split()) for line in out.getvalue().splitlines()]
    assert lines[:2] == ["As at 23 November 2026, with 3% inflation a year", "2026/27 CDC Laptop 1 £742.00"]
    assert lines[-2:] == ["unknown OCC Laptop 1", "Total £8,798.02"]


@pytest.mark.parametrize(
    ("role", "sees", "money"),
    [
        ("asset_manager", {"OCC", "CDC"}, OCC_MONEY),
        ("engineer", {"OCC", "CDC"}, Decimal("0.00")),
        ("budget_approver", {"OCC"}, OCC_MONEY),
        ("auditor", {"OCC"}, Decimal("0.00")),
        ("requester", set(), Decimal("0.00")),
    ],
)
def test_each_role_is_told_its_own_councils_money(role, sees, money):
    the_estate()

    forecast = forecast_for(a_person(a_council("OCC"), role), AS_AT, NOW)

    assert {row["council"] for row in forecast.rows()} == sees
    assert {row["council"] for row in forecast.rows() if row["cost"] is not None} == (
        {"OCC"} if money else set()
    )
    assert forecast.total == money


def test_costs_of_a_council_are_added_to_the_price_of_the_model():
    council = a_council()
    UnitCosts.objects.create(
        council=council,
        category="laptop",
        base_fy="2026/27",
        deploy=Decimal("38.50"),
        disposal=Decimal("6.00"),
        residual=Decimal("15.00"),
    )
    model = a_model(replacement_cost_ex_vat=Decimal("742.00"), price_base_fy="2026/27", useful_life_months=60)
    for year in (2021, 2022):
        an_asset(council, model=model, in_service_date=date(year, 9, 14))

    costs = [row["cost"] for row in whole_forecast([council], AS_AT, NOW).rows()]

    assert costs == [Decimal("771.50"), Decimal("795.10")]


def test_the_price_of_a_category_counts_where_no_model_has_one_and_else_it_is_said_that_there_is_none():
    council = a_council()
    UnitCosts.objects.create(council=council, category="switch", base_fy="2025/26", price=Decimal(100))
    for category in ("switch", "router"):
        an_asset(council, category=category, purchase_date=AS_AT - timedelta(days=5000))

    forecast = whole_forecast([council], AS_AT, NOW)

    assert forecast.sum() == Sum(2, Decimal("103.00"), 1)


def test_a_year_that_does_not_follow_and_was_let_in_once_counts_by_its_first():
    council = a_council()
    UnitCosts.objects.create(council=council, category="switch", base_fy="2025/99", price=Decimal(100))
    model = a_model(category="router", replacement_cost_ex_vat=Decimal(200), price_base_fy="2025/99")
    for more in ({"category": "switch"}, {"category": "router", "model": model}):
        an_asset(council, purchase_date=AS_AT - timedelta(days=5000), **more)

    assert whole_forecast([council], AS_AT, NOW).sum() == Sum(2, Decimal("309.00"), 0)


def test_what_is_on_its_way_out_is_not_planned_but_counted():
    council = a_council()
    for state in (
        "in_use",
        "in_stock",
        "returned",
        "on_order",
        "lost_stolen",
        "sanitised",
        "sold",
        "cancelled",
    ):
        an_asset(council, state=state)

    forecast = whole_forecast([council], AS_AT, NOW)

    assert (forecast.sum().count, forecast.left_out) == (3, {council.pk: 3})


def test_a_date_counts_as_sourced_where_it_is_said_where_it_comes_from():
    council = a_council()
    end = date(2027, 10, 31)
    sourced = a_model(end_of_support=end, sources={"end_of_support": {"source": "Maker’s notice"}})
    an_asset(council, in_service_date=date(2022, 1, 1))  # its life begins on a known day
    an_asset(council, warranty_end=date(2024, 6, 30), warranty_months=36)  # estimated
    an_asset(council, vendor_end_of_support=end)  # written down for it
    an_asset(council, model=sourced)
    an_asset(council, model=a_model(end_of_support=end))  # nobody says who announced it
    an_asset(council)  # unknown

    lines = whole_forecast([council], AS_AT, NOW).lines

    def found(driver) -> tuple[int, int]:
        of_it = [line for line in lines if line.driver == driver]
        return sum(line.count for line in of_it), sum(line.sourced for line in of_it)

    assert [found(driver) for driver in (Driver.LIFE, Driver.VENDOR, None)] == [(2, 1), (3, 2), (1, 0)]
