"""What history keeps of a deed. Sites and assets serve as the rows."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory

from assets.register.models import Asset, Manufacturer
from servicedesk.history.middleware import SourceMiddleware
from servicedesk.history.models import Change, ChangeSet, Source
from servicedesk.history.recording import Entry, change_set, record, record_entries, snapshot, source
from servicedesk.people.models import Site
from tests.factories import a_council, a_person, a_site

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


class Stop(Exception):
    pass


def an_asset(**fields) -> Asset:
    given = {
        "council": a_council(),
        "asset_tag": "LT1",
        "category": "laptop",
        "registered_at": NOON,
        **fields,
    }
    return Asset.objects.create(**given)


def changed(row, **fields) -> dict:
    """What history keeps when these fields of a row are changed."""
    before = snapshot([row])
    for name, value in fields.items():
        setattr(row, name, value)
    with change_set(by=None) as deed:
        row.save()
        record(deed, [row], before)
    return Change.objects.get(change_set=deed).fields if deed.changes.exists() else {}


def test_deed_says_who_when_why_and_from_where():
    nadia = a_person(name="Nadia Rahman")

    with source(Source.IMPORT), change_set(by=nadia, reason="Register of May", now=NOON):
        pass

    assert ChangeSet.objects.values("by_id", "by_label", "at", "reason", "source").get() == {
        "by_id": nadia.pk,
        "by_label": "Nadia Rahman",
        "at": NOON,
        "reason": "Register of May",
        "source": "import",
    }


def test_deed_of_the_system_names_nobody():
    with change_set(by=None, now=NOON) as deed:
        pass

    assert (deed.by_id, deed.by_label, deed.source) == (None, "", "command")
    assert str(deed) == "The system, 30 November 2026 12:00"


@pytest.mark.parametrize(("path", "expected"), [("/api/v1/tickets/", "api"), ("/tickets/", "page")])
def test_source_of_a_request_goes_by_its_address(path, expected):
    def view(request):
        with change_set(by=None) as deed:
            return deed.source

    assert SourceMiddleware(view)(RequestFactory().get(path)) == expected


def test_source_does_not_outlast_its_block():
    with source(Source.JOB):
        pass
    with change_set(by=None) as deed:
        pass

    assert deed.source == "command"


def test_deed_inside_a_deed_joins_it():
    with change_set(by=None, reason="outer") as outer, change_set(by=a_person(), reason="inner") as inner:
        assert inner == outer

    assert [deed.reason for deed in ChangeSet.objects.all()] == ["outer"]


def test_deed_after_a_deed_is_another():
    with change_set(by=None) as first:
        pass
    with change_set(by=None) as second:
        pass

    assert first != second


def test_failed_deed_leaves_neither_rows_nor_history():
    with pytest.raises(Stop), change_set(by=None) as deed:
        record(deed, [a_site()])
        raise Stop

    assert (Site.objects.count(), Change.objects.count(), ChangeSet.objects.count()) == (0, 0, 0)


def test_failed_deed_inside_another_undoes_only_itself():
    with change_set(by=None) as outer:
        record(outer, [a_site(name="Kept")])
        with pytest.raises(Stop), change_set(by=None) as inner:
            record(inner, [a_site(name="Undone")])
            raise Stop

    assert [change.label for change in outer.changes.all()] == ["Kept"]
    assert [site.name for site in Site.objects.all()] == ["Kept"]


def test_deed_after_a_failed_deed_is_recorded():
    with pytest.raises(Stop), change_set(by=None):
        raise Stop
    with change_set(by=None) as deed:
        record(deed, [a_site()])

    assert deed.changes.count() == 1


def test_created_row_lists_what_it_was_given():
    council = a_council("OCC")
    site = Site.objects.create(council=council, name="Bodicote House", kind="office")

    with change_set(by=None) as deed:
        count = record(deed, [site])

    change = Change.objects.get()
    assert (count, change.kind, change.object_id, change.label) == (
        1,
        "people.site",
        site.pk,
        "Bodicote House",
    )
    assert (change.council_id, change.action, change.move) == (council.pk, "create", "")
    assert change.fields == {
        "council": [None, council.pk, "", "Oxfordshire County Council"],
        "name": [None, "Bodicote House", "", "Bodicote House"],
        "kind": [None, "office", "", "Office"],
    }


def test_created_row_without_anything_is_still_recorded():
    with change_set(by=None) as deed:
        record_entries(deed, Site, [Entry(7, "Nowhere", None, "create", {})])
        count = record(deed, [Manufacturer.objects.create(name="")])

    assert (count, [change.action for change in deed.changes.order_by("id")]) == (1, ["create", "create"])


def test_changed_row_keeps_old_and_new_as_value_and_as_words():
    holder, old, new = a_person(name="Ben"), a_site(name="Town Hall"), a_site(name="Depot")
    asset = an_asset(site=old, state="in_stock")

    assert changed(asset, site=new, state="in_use", holder=holder) == {
        "site": [old.pk, new.pk, "Town Hall", "Depot"],
        "state": ["in_stock", "in_use", "In stock", "In use"],
        "holder": [None, holder.pk, "", "Ben"],
    }


def test_emptied_field_keeps_what_it_held():
    site = a_site(name="Depot")
    asset = an_asset(site=site, notes="Dented")

    assert changed(asset, site=None, notes="") == {
        "site": [site.pk, None, "Depot", ""],
        "notes": ["Dented", "", "Dented", ""],
    }


def test_money_dates_moments_and_truth_become_json():
    asset = an_asset()

    assert changed(
        asset,
        purchase_cost_ex_vat=Decimal("1250.5"),
        purchase_date=date(2026, 3, 27),
        last_seen_at=NOON,
        encrypted=True,
        warranty_months=36,
    ) == {
        "purchase_cost_ex_vat": [None, "1250.50", "", "1250.50"],
        "purchase_date": [None, "2026-03-27", "", "2026-03-27"],
        "last_seen_at": [None, "2026-11-30T12:00:00+00:00", "", "2026-11-30 12:00:00+00:00"],
        "encrypted": [None, True, "", "True"],
        "warranty_months": [None, 36, "", "36"],
    }


def test_same_moment_in_another_zone_and_same_sum_in_other_digits_are_no_change():
    asset = an_asset(last_seen_at=NOON, purchase_cost_ex_vat=Decimal("1250.50"))

    assert (
        changed(
            asset,
            last_seen_at=NOON.astimezone(ZoneInfo("Asia/Tokyo")),
            purchase_cost_ex_vat=Decimal("1250.5"),
        )
        == {}
    )


def test_version_key_and_derived_fields_are_not_followed():
    asset, person = an_asset(), a_person()

    assert changed(asset, version=8) == {}
    assert changed(person, last_login=NOON, password="!") == {}  # noqa: S106


def test_unchanged_row_leaves_no_change_but_a_move_always_does():
    site = a_site()
    before = snapshot([site])

    with change_set(by=None) as deed:
        unchanged = record(deed, [site], before)
        moved = record(deed, [site], before, move="take")

    assert (unchanged, moved) == (0, 1)
    assert list(deed.changes.values_list("action", "move", "fields")) == [("move", "take", {})]


def test_each_row_of_many_is_compared_with_itself():
    sites = [a_site(name=f"Site {number}") for number in range(3)]
    before = snapshot(sites)
    sites[0].name, sites[2].name = "First", "Third"

    with change_set(by=None) as deed:
        count = record(deed, [sites[2], sites[0], sites[1], sites[0]], before)

    assert count == 2
    assert {change.object_id: change.fields["name"][:2] for change in deed.changes.all()} == {
        sites[0].pk: ["Site 0", "First"],
        sites[2].pk: ["Site 2", "Third"],
    }


def test_nothing_recorded_of_no_rows():
    with change_set(by=None) as deed:
        assert record(deed, []) == 0


def test_thousands_of_rows_take_few_queries(django_assert_max_num_queries):
    entries = [
        Entry(number, f"Row {number}", None, "update", {"name": ["a", "b", "a", "b"]})
        for number in range(2500)
    ]

    with django_assert_max_num_queries(40), change_set(by=None) as deed:
        record_entries(deed, Site, entries)

    assert deed.changes.count() == 2500


def test_long_label_is_cut_rather_than_refused():
    with change_set(by=None) as deed:
        record_entries(deed, Site, [Entry(1, "x" * 300, None, "update", {"name": ["a", "b", "a", "b"]})])

    assert len(deed.changes.get().label) == 200


def test_history_still_reads_when_what_it_names_is_renamed_or_gone():
    old, new = a_site(name="Town Hall"), a_site(name="Depot")
    asset = an_asset(site=old)
    changed(asset, site=new)
    old.name = "Old Town Hall"
    old.save()
    key = asset.pk
    Asset.objects.filter(pk=key).delete()

    change = Change.objects.get(kind="register.asset", object_id=key)
    assert (change.label, change.fields["site"][2:]) == ("LT1", ["Town Hall", "Depot"])


def test_what_is_kept_in_short_reads_in_full():
    with change_set(by=None) as deed:
        fields = {"room": ["2.2"], "encrypted": [False], "state": [None, "in_use", "", "In use"]}
        record_entries(deed, Asset, [Entry(1, "LT1", None, "create", fields)])

    assert Change.objects.get().fields == {
        "room": [None, "2.2", "", "2.2"],
        "encrypted": [None, False, "", "False"],
        "state": [None, "in_use", "", "In use"],
    }
    assert list(Change.objects.values_list("fields__state__3", flat=True)) == ["In use"]
