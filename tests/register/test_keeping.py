"""Models, suppliers, contracts, circuits, lines and useful lives: who writes them, and what the register refuses."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.register.keeping import (
    add_model,
    add_row,
    change_model,
    change_row,
    with_source,
)
from assets.register.models import (
    AssetModel,
    Circuit,
    Contract,
    Known,
    LifecyclePolicy,
    Line,
    Manufacturer,
    Supplier,
)
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from tests.factories import a_council, a_model, a_person, a_site, an_asset

pytestmark = pytest.mark.django_db
DAY = date(2026, 8, 14)


def refused(deed, *given, **more) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        deed(*given, **more)
    return caught.value.message_dict


def test_that_no_end_of_support_is_announced_is_not_the_same_as_that_nobody_knows():
    model = a_model(end_of_sale=date(2024, 3, 31))
    sources = with_source(model, "end_of_support", "maker's notice", DAY, announced=False)
    model = change_row(model, by=None, version=1, sources=sources)

    assert model.said("end_of_support") == (None, Known.NOT_ANNOUNCED, "maker's notice", DAY)
    assert model.said("end_of_security_patches") == (None, Known.UNKNOWN, "", None)
    assert model.said("end_of_sale") == (date(2024, 3, 31), Known.DATE, "", None)

    announced = with_source(model, "end_of_support", "endoflife.date", DAY)
    model = change_row(model, by=None, version=2, end_of_support=date(2031, 1, 1), sources=announced)
    assert model.said("end_of_support") == (date(2031, 1, 1), Known.DATE, "endoflife.date", DAY)


@pytest.mark.parametrize(
    "sources",
    [
        {"colour": {"source": "x"}},
        {"watts": {"source": ""}},
        {"watts": {"source": "x" * 201}},
        {"watts": {"announced": False}},
        {"end_of_sale": {"announced": True}},
        {"end_of_sale": {"checked": "14/08/2026"}},
        {"end_of_sale": {"checked": "20260814"}},
        {"end_of_sale": {"whom": "x"}},
        {"end_of_sale": {}},
        {"end_of_sale": "maker"},
        ["end_of_sale"],
    ],
)
def test_sources_of_another_shape_are_refused(sources):
    assert list(refused(change_row, a_model(), by=None, version=1, sources=sources)) == ["sources"]


def test_date_that_is_given_cannot_be_unannounced():
    sources = {"end_of_support": {"announced": False}}

    said = refused(change_row, a_model(end_of_support=DAY), by=None, version=1, sources=sources)

    assert said == {"end_of_support": ["Leave the date empty where the maker has announced none"]}


def test_energy_is_what_is_reported_else_what_the_watts_use_day_and_night():
    assert a_model(watts=Decimal("12.5")).energy == Decimal("109.5")
    assert a_model(watts=Decimal("85")).energy == Decimal("744.6")
    assert a_model(watts=Decimal("85"), annual_kwh=Decimal("600")).energy == Decimal("600")
    assert a_model().energy is None


def test_printer_without_storage_holds_no_data_whatever_its_category():
    assert a_model(category="printer").may_hold_data
    assert not a_model(category="printer", holds_data=False).may_hold_data
    assert not a_model(category="monitor").may_hold_data


def test_new_maker_is_written_down_with_its_model_and_a_known_one_is_found():
    manager = a_person(a_council(), "asset_manager")
    first = add_model(
        AssetModel(manufacturer=Manufacturer(name="Ubiquiti"), name="U6", category="access_point"), by=manager
    )

    known = Manufacturer.objects.get()
    second = AssetModel(manufacturer=Manufacturer(name="UBIQUITI"), name="U7", category="access_point")
    assert add_model(second, by=manager).manufacturer == first.manufacturer == known
    moved = change_model(first, by=manager, version=1, manufacturer=Manufacturer(name="Ruckus"))
    assert moved.manufacturer.name == "Ruckus"
    assert Change.objects.filter(kind="register.manufacturer").count() == 2


def test_what_is_taken_or_cannot_be_is_refused_in_words():
    county, district = a_council("OCC"), a_council("CDC")
    supplier = add_row(Supplier(name="Isis Fibre"), by=None)
    add_row(Circuit(council=county, number="IF-1"), by=None)
    add_row(Circuit(council=district, number="IF-1"), by=None)  # neither learns of the other's
    add_row(Contract(council=county, supplier=supplier, reference="C-1"), by=None)

    assert refused(add_row, Supplier(name="ISIS FIBRE"), by=None) == {
        "name": ["Name is already in use. Enter another"]
    }
    assert list(refused(add_row, Circuit(council=county, number="if-1"), by=None)) == ["number"]
    assert list(refused(add_row, Contract(council=county, supplier=supplier, reference="c-1"), by=None)) == [
        "reference"
    ]
    wrong = Contract(
        council=county, supplier=supplier, reference="C-2", starts_on=DAY, ends_on=date(2020, 1, 1)
    )
    assert list(refused(add_row, wrong, by=None)) == ["ends_on"]
    elsewhere = Circuit(council=county, number="IF-2", site=a_site(district), asset=an_asset(district))
    assert refused(add_row, elsewhere, by=None) == {
        "site": [f"Choose one that belongs to {county}"],
        "asset": [f"Choose one that belongs to {county}"],
    }
    model = a_model()
    assert list(refused(change_row, model, by=None, version=1, replacement_model=model)) == [
        "replacement_model"
    ]
    assert list(refused(change_row, model, by=None, version=1, version_of="x")) == ["version_of"]


def test_each_writes_for_their_own_council_alone_and_what_is_shared_by_any_keeper():
    county, district = a_council("OCC"), a_council("CDC")
    keeper, engineer = a_person(county, "asset_manager"), a_person(county, "engineer")

    add_row(Supplier(name="Isis Fibre"), by=keeper)
    add_row(Line(council=county, number="1", type="pstn"), by=keeper)
    for row, by in (
        (Line(council=district, number="1", type="pstn"), keeper),
        (Line(council=county, number="2", type="pstn"), engineer),
        (Supplier(name="Other"), engineer),
        (LifecyclePolicy(council=district, category="laptop", useful_life_months=48), keeper),
    ):
        with pytest.raises(PermissionDenied):
            add_row(row, by=by)
    default = LifecyclePolicy.objects.get(council=None, category="laptop")
    with pytest.raises(PermissionDenied):
        change_row(default, by=keeper, version=1, useful_life_months=1)


def test_change_is_recorded_once_and_never_over_a_newer_version():
    keeper = a_person(a_council(), "asset_manager")
    line = add_row(Line(council=a_council(), number="01865 1", type="pstn", use="Lift"), by=keeper)

    line = change_row(line, by=keeper, version=1, critical=True, use="Lift")
    with pytest.raises(Stale):
        change_row(line, by=keeper, version=1, use="Alarm")

    kept = Change.objects.filter(kind="register.line", object_id=line.pk).order_by("id")
    assert [(change.action, change.council_id) for change in kept] == [
        ("create", a_council().pk),
        ("update", a_council().pk),
    ]
    assert kept[1].fields == {"critical": [False, True, "False", "True"]}


def test_council_decides_once_on_a_category():
    county = a_council("OCC")
    add_row(LifecyclePolicy(council=county, category="laptop", useful_life_months=48), by=None)
    again = LifecyclePolicy(council=county, category="laptop", useful_life_months=36)

    assert list(refused(add_row, again, by=None)) == ["category"]


def test_product_lays_down_the_usual_lives():
    lives = LifecyclePolicy.objects.filter(council=None).values_list("category", "useful_life_months")

    assert dict(lives) == {
        "laptop": 60,
        "desktop": 60,
        "monitor": 84,
        "thin_client": 72,
        "tablet": 48,
        "mobile_phone": 42,
        "desk_phone": 84,
        "printer": 60,
        "dock": 60,
        "server": 60,
        "storage": 60,
        "switch": 96,
        "access_point": 72,
        "firewall": 60,
        "router": 72,
        "ups": 60,
        "meeting_room": 60,
    }


@pytest.mark.parametrize(
    ("fields", "rank", "left"),
    [
        ({"type": "pstn", "critical": True}, 0, 64),
        ({"type": "isdn"}, 1, 64),
        ({"type": "pstn", "migrate_by": date(2026, 12, 11)}, 1, 13),
        ({"type": "pstn", "migrate_by": date(2027, 6, 1)}, 1, 64),
        ({"type": "pstn", "migrate_by": date(2026, 11, 20)}, 1, -8),
        ({"type": "pstn", "critical": True, "status": "migrated"}, 2, None),
        ({"type": "sip", "critical": True}, 2, None),
    ],
)
def test_analogue_line_counts_down_to_the_end_of_january_2027(fields, rank, left):
    line = add_row(Line(council=a_council(), number="1", **fields), by=None)
    line.refresh_from_db()

    assert (line.rank, line.days_left(date(2026, 11, 28))) == (rank, left)
    assert (line in Line.objects.must_go()) is (rank < 2)
