"""What is bought when a year's money or days do not suffice: in the order of risk, and nothing is lost."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from assets.refresh.scenarios import Item, Risk, decide, risk_of, slipped
from tests.refresh.vector import AS_AT

YEARS = range(2026, 2031)
ENDED, LONG_AGO = date(2025, 10, 14), date(2020, 1, 1)


def an_item(key: int, due: date = date(2026, 6, 1), **more) -> Item:
    return Item(
        key=key, name=f"LT/{key}", category="laptop", model=None, due=due, driver="life_cycle", **more
    )


def planned(items, cap=None, days=None, cost=lambda item, year: Decimal(100)) -> dict[int, list[int]]:
    """The keys of what is bought, in order, by year."""
    bought: defaultdict[int, list[int]] = defaultdict(list)
    for one in decide(items, YEARS, AS_AT, cost, cap, days):
        if one.taken:
            bought[one.year].append(one.item.key)
    return dict(bought)


def test_each_part_of_the_risk_has_its_points():
    everything = an_item(1, LONG_AGO, os_end=ENDED, vendor_end=ENDED, warranty_end=ENDED, incidents=12)

    assert risk_of(everything, AS_AT) == Risk(40, 25, 20, 5, 10)
    assert risk_of(everything, AS_AT).score == 100
    assert risk_of(an_item(1, date(2026, 3, 3), incidents=2), AS_AT) == Risk(0, 0, 8, 0, 2)
    assert risk_of(an_item(1, date(2027, 9, 14), os_end=AS_AT, vendor_end=None), AS_AT).score == 0


def test_within_the_cap_everything_is_bought_when_it_is_due():
    items = [an_item(1), an_item(2, date(2027, 4, 1)), an_item(3, LONG_AGO)]

    assert planned(items, cap=Decimal(200)) == {2026: [3, 1], 2027: [2]}


def test_over_the_cap_what_risks_most_comes_first_and_the_rest_waits():
    items = [an_item(1), an_item(2, os_end=ENDED), an_item(3, vendor_end=ENDED), an_item(4, date(2027, 5, 1))]

    assert planned(items, cap=Decimal(200)) == {2026: [2, 3], 2027: [1, 4]}


def test_what_is_too_dear_waits_and_holds_nobody_up():
    def cost(item: Item, year: int) -> Decimal | None:
        return {1: Decimal(500), 2: Decimal(100), 3: None}[item.key]

    items = [an_item(1, os_end=ENDED), an_item(2), an_item(3)]

    assert planned(items, cap=Decimal(300), cost=cost) == {2026: [2, 3]}


def test_days_of_engineers_are_a_cap_too():
    items = [an_item(key, days=Decimal("0.5")) for key in (1, 2, 3)]

    assert planned(items, days=Decimal(1)) == {2026: [1, 2], 2027: [3]}


def test_every_line_says_why():
    items = [an_item(1), an_item(2), an_item(3, days=Decimal(2))]
    decisions = decide(
        items, [2026], AS_AT, lambda item, year: Decimal(100) * item.key, Decimal(150), Decimal(1)
    )

    assert [(one.item.key, one.taken, one.money_left, one.why) for one in decisions] == [
        (1, True, Decimal(150), "Fits"),
        (2, False, Decimal(50), "More than what is left of the money: waits for the next year"),
        (3, False, Decimal(50), "More than what is left of the money: waits for the next year"),
    ]


def test_what_waits_past_the_end_of_its_support_is_named():
    items = [
        an_item(1, os_end=ENDED),
        an_item(2, vendor_end=date(2027, 3, 31)),
        an_item(3, vendor_end=date(2028, 4, 1)),
        an_item(4),
    ]

    found = slipped(decide(items, YEARS, AS_AT, lambda item, year: Decimal(100), Decimal(100)))

    assert [(item.key, year) for item, year in found] == [(2, 2027)]


def test_what_is_never_bought_slips_when_its_support_ends():
    dear = an_item(1, vendor_end=date(2035, 1, 1))

    assert slipped(decide([dear], YEARS, AS_AT, lambda item, year: Decimal(100), Decimal(50))) == [
        (dear, None)
    ]


ITEMS = st.lists(
    st.builds(
        an_item,
        st.integers(1, 10**6),
        st.dates(date(2020, 1, 1), date(2031, 3, 31)),
        os_end=st.none() | st.just(ENDED),
        incidents=st.integers(0, 12),
        days=st.decimals(0, 3, places=1),
    ),
    unique_by=lambda item: item.key,
    max_size=30,
)


@given(ITEMS, st.decimals(0, 1000, places=2), st.decimals(0, 9, places=1))
def test_no_year_overspends_nothing_comes_early_twice_or_gets_lost(items, cap, days):
    decisions = list(decide(items, YEARS, AS_AT, lambda item, year: Decimal(item.key % 300), cap, days))

    bought = [one for one in decisions if one.taken]
    for year in YEARS:
        of_year = [one for one in bought if one.year == year]
        assert sum(one.cost for one in of_year) <= cap
        assert sum(one.item.days for one in of_year) <= days
    last = {one.item.key: one for one in decisions}
    assert set(last) == {item.key for item in items}
    assert len({one.item.key for one in bought}) == len(bought)
    assert all(one.taken or one.year == YEARS[-1] for one in last.values())
