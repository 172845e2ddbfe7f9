"""When a thing is due, why, and what it costs: every worked example, and what no example should break."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assets.refresh.forecast import (
    NEVER,
    UNKNOWN,
    Costs,
    Driver,
    Facts,
    add_months,
    age_in_years,
    bucket,
    completed_months,
    due_of,
    financial_year,
    overdue_months,
    unit_cost,
    unsupported,
    year_named,
    year_of,
)
from tests.refresh.vector import AS_AT, COSTS, DUE, ESTATE, ESTATE_ROWS, INFLATION, VECTOR, day, facts_of

DAYS = st.dates(date(1990, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize("name", [name for name, case in DUE.items() if "bucket" in case])
def test_due_of_a_worked_example(name):
    case = DUE[name]

    due = due_of(facts_of(case))

    assert {
        "due": due.on,
        "driver": due.driver,
        "bucket": bucket(due.on, AS_AT),
        "overdue_months": overdue_months(due.on, AS_AT),
        "start_estimated": due.estimated,
    } == {
        "due": day(case["due"]),
        "driver": case["driver"],
        "bucket": case["bucket"],
        "overdue_months": case.get("overdue_months"),
        "start_estimated": case.get("start_estimated", False),
    }


def test_age_of_a_worked_example():
    months = completed_months(day(DUE["F01"]["start"]), AS_AT)

    assert (months, str(age_in_years(months))) == (DUE["F01"]["age_months"], DUE["F01"]["age_years"])


def test_warranty_of_a_worked_example():
    case = DUE["F02"]

    end = add_months(day(case["warranty_start"]), case["warranty_months"])

    assert end == day(case["warranty_end"])
    assert completed_months(end, AS_AT) == case["months_out_of_warranty"]


@pytest.mark.parametrize("name", COSTS)
def test_cost_of_a_worked_example(name):
    case = COSTS[name]
    parts = {part: Decimal(case[part]) for part in ("price", "deploy", "disposal", "residual")}

    one = unit_cost(
        Costs(price_base=year_named(case["base_fy"]), **parts),
        year_named(case["bucket"]),
        Decimal(case["inflation"]),
    )

    assert (str(one), str(one * case["quantity"])) == (case["unit"], case["total"])


def test_estate_of_the_worked_example():
    counts: Counter = Counter()
    costs: defaultdict = defaultdict(lambda: None)
    for row in ESTATE_ROWS:
        due = due_of(facts_of(row)).on
        key = bucket(due, AS_AT), row["council"]
        counts[key] += 1
        if due:
            price = Costs(Decimal(row["price"]), year_named(ESTATE["base_fy"]))
            costs[key] = (costs[key] or 0) + unit_cost(price, year_named(key[0]), INFLATION)

    expected = {
        (year, council): (count, cost and Decimal(cost))
        for year, councils in ESTATE["buckets"].items()
        for council, (count, cost) in councils.items()
    }
    assert {key: (counts[key], costs[key]) for key in counts} == expected
    assert sum(cost for cost in costs.values() if cost) == Decimal(ESTATE["total"])


@pytest.mark.parametrize(("text", "year"), VECTOR["financial_year_cases"])
def test_financial_year_of_a_day(text, year):
    assert financial_year(year_of(day(text))) == year
    assert year_named(year) == year_of(day(text))


def test_warranty_makes_a_thing_due_by_policy_alone():
    known = {"warranty_end": date(2026, 1, 1), "in_service_date": date(2023, 1, 1), "life_months": 60}

    assert due_of(Facts(**known)).driver == Driver.LIFE
    assert due_of(Facts(**known, warranty_counts=True))[:2] == (date(2026, 1, 1), Driver.WARRANTY)


def test_several_reasons_on_one_day_are_named_by_the_first_in_line():
    on = date(2027, 1, 31)
    facts = Facts(
        in_service_date=date(2022, 1, 31),
        life_months=60,
        vendor_end_of_support=on,
        warranty_end=on,
        warranty_counts=True,
    )

    assert due_of(facts).driver == Driver.VENDOR
    assert list(due_of(facts).reasons) == [Driver.VENDOR, Driver.LIFE, Driver.WARRANTY]


def test_an_operating_system_counts_only_where_the_thing_cannot_take_the_next():
    ended = {"os_end_of_support": date(2025, 10, 14)}

    assert [due_of(Facts(**ended, os_upgradeable=can)).driver for can in (False, True, None)] == [
        Driver.OS,
        None,
        None,
    ]


@pytest.mark.parametrize("can", [False, True, None])
def test_what_runs_on_an_ended_system_is_unsupported_whether_or_not_it_could_take_the_next(can):
    on = date(2026, 11, 23)

    def told(**ends) -> bool:
        return unsupported(Facts(**ends, os_upgradeable=can), on)

    assert told(os_end_of_support=date(2026, 11, 22))
    assert told(vendor_end_of_support=date(2026, 11, 22))
    assert not told(os_end_of_support=on, vendor_end_of_support=NEVER)
    assert not told()


def test_never_and_what_lies_beyond_the_calendar_is_no_reason():
    assert due_of(Facts(vendor_end_of_support=NEVER)).on is None
    assert due_of(Facts(in_service_date=date(9999, 1, 1), life_months=12)).on is None
    assert due_of(Facts(warranty_end=date(1, 1, 1), warranty_months=1)).start == date.min


def test_what_is_due_today_is_not_overdue():
    assert overdue_months(AS_AT, AS_AT) is None
    assert overdue_months(AS_AT - timedelta(days=1), AS_AT) == 0
    assert bucket(None, AS_AT) == UNKNOWN


def test_each_part_grows_from_the_year_of_its_own_price():
    costs = Costs(
        Decimal(100), 2026, deploy=Decimal(10), disposal=Decimal(10), residual=Decimal(5), base=2027
    )

    assert unit_cost(costs, 2027, Decimal("0.1")) == Decimal("125.00")


@given(DAYS, st.integers(0, 600))
def test_a_month_is_complete_when_its_day_comes_again(since, months):
    until = add_months(since, months)

    assert completed_months(since, until) == months
    assert completed_months(since, until - timedelta(days=1)) == months - 1


@given(DAYS, DAYS)
def test_a_bucket_holds_the_day_or_the_present(due, as_at):
    begins = year_named(bucket(due, as_at))

    assert date(begins, 4, 1) <= max(due, as_at) <= date(begins + 1, 3, 31)


@given(
    st.decimals(0, 10**6, places=2),
    st.integers(2026, 2040),
    st.decimals(0, "0.2", places=3),
)
def test_prices_grow_with_the_years_and_not_in_their_own(price, year, inflation):
    costs = Costs(price, 2026)

    assert unit_cost(costs, 2026, inflation) == price
    assert unit_cost(costs, year, inflation) <= unit_cost(costs, year + 1, inflation)
