"""The rules of the forecast in the database never differ from those without one."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.refresh.estate_forecast import IN_SERVICE, Basis, groups_of, with_due
from assets.refresh.forecast import bucket, due_of, financial_year, unsupported, year_of
from assets.refresh.models import ExtendedSupport
from assets.refresh.past_due import past_at
from assets.register.models import Asset, AssetModel, LifecyclePolicy, OperatingSystemRelease
from assets.register.querysets import KEPT
from tests.factories import a_council, a_model
from tests.refresh.vector import AS_AT, DUE, facts_of

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SYSTEMS = ("alpha", "beta", "gamma")
# Any day of a calendar, the odd ones often: ends of months, both ends of time, and the day of the forecast.
ODD = [
    *(
        date(1, 1, 1),
        date(1, 3, 31),
        date(9999, 12, 31),
        date(9998, 12, 31),
        AS_AT,
        AS_AT - timedelta(days=1),
    ),
    *(date(2024, 2, 29), date(2023, 1, 31), date(2027, 3, 31), date(2027, 4, 1), date(2022, 8, 31)),
]
DAYS = st.none() | st.sampled_from(ODD) | st.dates(date(2015, 1, 1), date(2035, 12, 31))


@st.composite
def assets(draw):
    """An asset of either council, and of one of the models of the world."""
    return Asset(
        council_id=draw(st.sampled_from((0, 1))),
        category=draw(st.sampled_from(("laptop", "switch", "peripheral"))),
        model_id=draw(st.none() | st.integers(0, 3)),
        in_service_date=draw(DAYS),
        purchase_date=draw(DAYS),
        warranty_end=draw(DAYS),
        warranty_months=draw(st.none() | st.sampled_from((1, 36, 32767))),
        vendor_end_of_support=draw(DAYS),
        os_name=draw(st.sampled_from(("", *SYSTEMS, "delta"))),
        os_version=draw(st.sampled_from(("", "1"))),
        os_upgradeable=draw(st.sampled_from(("yes", "no", "unknown"))),
        last_seen_at=draw(st.none() | st.sampled_from((NOW, NOW - timedelta(days=61)))),
        state=draw(st.sampled_from(("in_use", "in_stock", "lost_stolen", "sold"))),
        registered_at=NOW,
    )


@pytest.fixture
def world():
    """Two councils, of which the first has decided for itself and bought support; models; releases."""
    councils = [a_council("OCC"), a_council("CDC")]
    LifecyclePolicy.objects.create(
        council=councils[0], category="laptop", useful_life_months=48, use_warranty_as_driver=True
    )
    models = [
        a_model(),
        a_model(useful_life_months=0, end_of_support=date(2027, 10, 31)),
        a_model(useful_life_months=90),
        a_model(useful_life_months=32767, end_of_support=date(9999, 12, 31)),
    ]
    releases = [
        a_release(name, end) for name, end in zip(SYSTEMS, (AS_AT, date(2025, 10, 14), None), strict=True)
    ]
    ExtendedSupport.objects.create(council=councils[0], release=releases[1], until=date(2028, 10, 10))
    ExtendedSupport.objects.create(council=councils[0], release=releases[2], until=date(2026, 1, 31))
    return councils, models


def a_release(
    name: str, end: date | None, cycle: str = "1", extended: date | None = None
) -> OperatingSystemRelease:
    return OperatingSystemRelease.objects.create(
        product=name,
        cycle=cycle,
        name=f"{name} {cycle}",
        end_of_active_support_known="unknown",
        end_of_security_support=end,
        end_of_security_support_known="date" if end else "unknown",
        end_of_extended_support=extended,
        end_of_extended_support_known="date" if extended else "unknown",
        source="made up",
        checked_on=AS_AT,
    )


def put(rows: list[Asset], councils: list, models: list[AssetModel]) -> None:
    """In place of all assets that there were."""
    Asset.objects.all().delete()
    for number, row in enumerate(rows):
        row.pk, row.asset_tag = number + 1, f"T{number}"
        row.council = councils[row.council_id]
        row.model = None if row.model_id is None else models[row.model_id]
    Asset.objects.bulk_create(rows)


def by_the_database(basis: Basis) -> dict:
    found = with_due(Asset.objects.all(), basis)
    return {row.pk: (row.due_on, row.driver, row.life_start) for row in found}


def by_the_rules(basis: Basis) -> dict:
    found = {row.pk: due_of(basis.facts(row)) for row in Asset.objects.select_related("model")}
    return {key: (due.on, due.driver, due.start) for key, due in found.items()}


def counted(basis: Basis) -> Counter:
    """What the database counts, by what a figure is counted by."""
    found: Counter = Counter()
    for group in groups_of(Asset.objects.filter(IN_SERVICE), basis, AS_AT, NOW):
        year = None if group.year is None else financial_year(max(group.year, year_of(AS_AT)))
        key = group.council, group.category, group.model, year or "unknown", group.driver
        found[key] += group.count
        for name in ("overdue", "unsupported", "not_seen", "estimated", "own_date", "undated"):
            found[(*key, name)] += getattr(group, name)
    return +found


def counted_by_the_rules(basis: Basis) -> Counter:
    found: Counter = Counter()
    for row in Asset.objects.select_related("model").filter(state__in=("in_use", "in_stock")):
        facts = basis.facts(row)
        due = due_of(facts)
        key = row.council_id, row.category, row.model_id, bucket(due.on, AS_AT), due.driver
        found[key] += 1
        found[(*key, "overdue")] += bool(due.on and due.on < AS_AT)
        found[(*key, "unsupported")] += unsupported(facts, AS_AT)
        found[(*key, "not_seen")] += bool(row.last_seen_at and row.last_seen_at < NOW - timedelta(days=60))
        found[(*key, "estimated")] += not (row.in_service_date or row.purchase_date)
        found[(*key, "undated")] += due.start is None
        found[(*key, "own_date")] += row.vendor_end_of_support is not None
    return +found


@pytest.mark.parametrize("name", [name for name, case in DUE.items() if "bucket" in case])
def test_the_database_says_of_a_worked_example_what_the_rules_say(name):
    case = DUE[name]
    facts = facts_of(case)
    if facts.os_end_of_support:
        a_release("alpha", facts.os_end_of_support)
    council = a_council()
    Asset.objects.create(
        council=council,
        asset_tag=name,
        category="peripheral",
        model=a_model(useful_life_months=facts.life_months),
        in_service_date=facts.in_service_date,
        warranty_end=facts.warranty_end,
        warranty_months=facts.warranty_months,
        vendor_end_of_support=facts.vendor_end_of_support,
        os_name="alpha" if facts.os_end_of_support else "",
        os_version="1" if facts.os_end_of_support else "",
        os_upgradeable="no" if facts.os_upgradeable is False else "unknown",
        registered_at=NOW,
    )
    basis = Basis([council.pk])

    asset = with_due(Asset.objects.all(), basis).get()

    assert (asset.due_on and asset.due_on.isoformat(), asset.driver) == (case["due"], case["driver"])
    assert by_the_rules(basis) == by_the_database(basis)
    assert counted(basis) == counted_by_the_rules(basis)


@given(st.data())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_says_of_any_assets_what_the_rules_say(world, data):
    councils, models = world
    put(data.draw(st.lists(assets(), max_size=20)), councils, models)
    changes = data.draw(st.dictionaries(st.sampled_from(("laptop", "switch")), st.integers(-36, 60)))
    basis = Basis([council.pk for council in councils], changes)

    assert by_the_database(basis) == by_the_rules(basis)
    assert counted(basis) == counted_by_the_rules(basis)


@given(st.lists(assets(), max_size=20))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_report_of_today_calls_overdue_and_unsupported_what_the_forecast_does(world, rows):
    councils, models = world
    put(rows, councils, models)
    basis = Basis([council.pk for council in councils])

    planned = with_due(Asset.objects.filter(IN_SERVICE), basis).filter(due_on__lt=AS_AT)

    ended = Asset.objects.filter(KEPT & basis.unsupported(AS_AT))
    assert past_at(AS_AT, basis.councils) == (
        set(planned.values_list("pk", flat=True)),
        set(ended.values_list("pk", flat=True)),
    )


def test_support_that_a_council_has_bought_counts_for_its_assets_alone(world):
    councils, models = world
    stuck = {"category": "peripheral", "os_name": "beta", "os_version": "1", "os_upgradeable": "no"}
    put([Asset(council_id=number, registered_at=NOW, **stuck) for number in (0, 1)], councils, models)

    found = with_due(Asset.objects.order_by("pk"), Basis([council.pk for council in councils]))

    assert [asset.due_on for asset in found] == [date(2028, 10, 10), date(2025, 10, 14)]


def test_figures_follow_an_edit_at_once(world):
    councils, models = world
    put(
        [Asset(council_id=1, category="laptop", purchase_date=date(2024, 5, 1), registered_at=NOW)],
        councils,
        models,
    )

    def year() -> int | None:
        (group,) = groups_of(Asset.objects.all(), Basis([councils[1].pk]), AS_AT, NOW)
        return group.year

    assert year() == 2029
    LifecyclePolicy.objects.create(council=councils[1], category="laptop", useful_life_months=48)
    assert year() == 2028
    Asset.objects.update(model=models[1])
    assert year() == 2027
    Asset.objects.update(in_service_date=date(2022, 5, 1))
    assert year() == 2026


def test_nobodys_assets_are_no_group():
    assert groups_of(Asset.objects.none(), Basis([]), AS_AT, NOW) == []
