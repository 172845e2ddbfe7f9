"""What was overdue at the end of a month stays overdue in its report, whatever is known and decided since."""

from datetime import UTC, date, datetime

import pytest

from assets.refresh.models import ExtendedSupport
from assets.refresh.past_due import past_at
from assets.refresh.planning import add_row, change_row
from assets.register.models import Asset, LifecyclePolicy, OperatingSystemRelease
from assets.register.registering import change_asset, register_assets
from servicedesk.history import editing
from tests.factories import a_council, a_grant, a_model, a_person
from tests.refresh.test_estate_forecast import a_release

pytestmark = pytest.mark.django_db
THEN = datetime(2026, 10, 1, 9, tzinfo=UTC)
SINCE = datetime(2026, 12, 5, 9, tzinfo=UTC)
END = date(2026, 11, 30)


@pytest.fixture
def keeper():
    keeper = a_person(a_council("OCC"), "asset_manager")
    a_grant(keeper, "administrator")
    return keeper


def registered(council, tag: str, **fields) -> Asset:
    fields = {"category": "laptop", "state": "in_use", "holder_note": "Desk 4", **fields}
    return register_assets([Asset(council=council, asset_tag=tag, **fields)], by=None, now=THEN)[0]


def overdue(council) -> set[str]:
    keys = past_at(END, [council.pk]).overdue
    return set(Asset.objects.filter(pk__in=keys).values_list("asset_tag", flat=True))


def test_what_is_decided_and_found_out_since_changes_nothing(keeper):
    council = keeper.council
    LifecyclePolicy.objects.update_or_create(
        council=None, category="laptop", defaults={"useful_life_months": 60}
    )
    model = a_model(end_of_support=date(2026, 11, 1))
    release = a_release("alpha", date(2026, 11, 2))
    by_life = registered(council, "LIFE", purchase_date=date(2021, 11, 29))
    registered(council, "YOUNG", purchase_date=date(2024, 1, 1))
    registered(council, "LAST-DAY", purchase_date=date(2021, 11, 30))
    registered(council, "MODEL", model=model)
    registered(council, "SYSTEM", os_name="alpha", os_version="1", os_upgradeable="no")
    registered(council, "LOST", purchase_date=date(2015, 1, 1), state="lost_stolen")
    registered(a_council("CDC"), "DISTRICT", purchase_date=date(2015, 1, 1))
    assert overdue(council) == {"LIFE", "MODEL", "SYSTEM"}

    change_asset(by_life, by=keeper, version=by_life.version, purchase_date=date(2026, 1, 1), now=SINCE)
    editing.change(model, by=keeper, version=1, end_of_support=date(2030, 1, 1), now=SINCE)
    release = OperatingSystemRelease.objects.get(pk=release.pk)
    editing.change(
        release, by=None, version=release.version, end_of_security_support=date(2030, 1, 1), now=SINCE
    )
    bought = ExtendedSupport(council=council, release=release, until=date(2029, 1, 1))
    add_row(bought, by=keeper, now=SINCE)
    shorter = LifecyclePolicy(council=council, category="laptop", useful_life_months=1)
    editing.add(shorter, by=keeper, now=SINCE)
    register_assets([Asset(council=council, asset_tag="NEW", category="laptop")], by=None, now=SINCE)

    assert overdue(council) == {"LIFE", "MODEL", "SYSTEM"}


def test_support_that_was_bought_by_then_counted_with_its_date_of_then(keeper):
    release = a_release("alpha", date(2026, 1, 1))
    registered(keeper.council, "SYSTEM", os_name="alpha", os_version="1", os_upgradeable="no")
    bought = ExtendedSupport(council=keeper.council, release=release, until=date(2027, 1, 1))
    add_row(bought, by=keeper, now=THEN)

    change_row(bought, by=keeper, version=1, until=date(2026, 2, 1), now=SINCE)

    assert overdue(keeper.council) == set()
