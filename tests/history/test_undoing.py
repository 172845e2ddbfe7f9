"""Undoing a deed gives back what nobody changed since, and says of the rest who changed it and when."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError

from assets.register.models import Asset, AssetModel, Custody
from assets.register.registering import change_asset, register_assets
from servicedesk.history import editing
from servicedesk.history.models import Change
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.history.taking_back import CHANGED, GONE, plan
from servicedesk.history.undoing import IN_USE, TAKEN, _pointing_at, undo
from servicedesk.people.models import Site, Team
from servicedesk.search.models import SearchDocument
from servicedesk.search.searching import matching
from tests.factories import a_council, a_model, a_person, a_site, a_team, an_asset

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ONE = datetime(2026, 11, 30, 13, tzinfo=UTC)


def change(*assets: Asset, by=None, now=NOON, **fields):
    """One deed that gives each asset these values. Returns it."""
    with change_set(by=by, now=now) as deed:
        for asset in assets:
            fresh = Asset.objects.get(pk=asset.pk)
            change_asset(fresh, by=by, version=fresh.version, **fields)
    return deed


def register(*tags: str, now=NOON, **fields):
    """One deed that creates assets. Returns it."""
    assets = [
        Asset(council=a_council(), asset_tag=tag, category="laptop", state="in_use", **fields) for tag in tags
    ]
    with change_set(by=None, now=now) as deed:
        register_assets(assets, by=None)
    return deed


def told(left) -> set[tuple]:
    return {(each.label, each.fields, each.why, each.by) for each in left}


def found(text: str) -> set[str]:
    return {str(asset) for asset in matching(Asset.objects.all(), text)}


def test_gives_back_the_old_values_as_a_deed_of_its_own():
    nadia, annexe, depot = a_person(name="Nadia Rahman"), a_site(name="Annexe"), a_site(name="Depot")
    one, two = an_asset(tag="LT1", site=annexe, room="1.1"), an_asset(tag="LT2", site=annexe)
    deed = change(one, two, site=depot, room="2.2")

    undone = undo(deed, by=nadia, now=ONE)

    assert (undone.restored, undone.removed, undone.left) == (2, 0, [])
    rows = Asset.objects.order_by("asset_tag").values_list("site__name", "room", "version")
    assert list(rows) == [("Annexe", "1.1", 3), ("Annexe", "", 3)]
    own = undone.deed
    assert (own.by_label, own.at, own.undoes) == ("Nadia Rahman", ONE, deed)
    assert own.changes.get(object_id=one.pk).fields == {
        "site": [depot.pk, annexe.pk, "Depot", "Annexe"],
        "room": ["2.2", "1.1", "2.2", "1.1"],
    }
    assert own.changes.get(object_id=one.pk).version == 3
    assert (found("Annexe"), found("Depot")) == ({"LT1", "LT2"}, set())


def test_leaves_what_somebody_changed_since_and_says_who_and_when():
    tom = a_person(a_council(), "asset_manager", name="Tom Hill")
    asset = an_asset(tag="LT1", room="1.1", notes="old")
    deed = change(asset, room="2.2", notes="new")
    change(asset, room="3.3", by=tom, now=ONE)

    undone = undo(deed, by=None)

    assert told(undone.left) == {("LT1", ("room",), CHANGED, "Tom Hill")}
    assert undone.left[0].at == ONE
    assert Asset.objects.values_list("room", "notes").get() == ("3.3", "old")


def test_removes_what_it_created_where_nothing_happened_to_it():
    deed = register("LT1", "LT2", "LT3", holder_note="Spares")
    change(Asset.objects.get(asset_tag="LT2"), room="1.1", now=ONE)
    assert Custody.objects.count() == 3

    undone = undo(deed, by=None)

    assert (undone.removed, told(undone.left)) == (2, {("LT2", ("room",), CHANGED, "The system")})
    assert [str(asset) for asset in Asset.objects.all()] == ["LT2"]
    assert [str(custody.asset) for custody in Custody.objects.all()] == ["LT2"]
    assert SearchDocument.objects.filter(kind="register.asset").count() == 1
    removals = undone.deed.changes.values_list("label", "action", "fields").order_by("label")
    assert list(removals) == [("LT1", "remove", {}), ("LT3", "remove", {})]


def test_what_is_in_use_is_not_removed_and_what_uses_it_goes_first():
    council = a_council()
    with change_set(by=None) as deed:
        depot, annexe = (
            editing.add(Site(council=council, name=name), by=None) for name in ("Depot", "Annexe")
        )
        register_assets([Asset(council=council, asset_tag="LT1", category="laptop", site=depot)], by=None)
    an_asset(tag="LT2", site=annexe)

    undone = undo(deed, by=None)

    assert (undone.removed, told(undone.left)) == (2, {("Annexe", (), IN_USE, "")})
    assert [site.name for site in Site.objects.all()] == ["Annexe"]


def test_done_again_it_finds_nothing_to_do():
    asset = an_asset(tag="LT1", room="1.1")
    deed = change(asset, room="2.2")
    created = register("LT2")
    undo(deed, by=None)
    undo(created, by=None)

    again = [undo(each, by=None) for each in (deed, created)]

    assert [(each.restored, each.removed, each.left) for each in again] == [(0, 0, [])] * 2
    assert Asset.objects.get().version == 3


def test_undoing_can_be_undone():
    asset = an_asset(tag="LT1", room="1.1")
    undone = undo(change(asset, room="2.2"), by=None)

    undo(undone.deed, by=None)

    assert Asset.objects.get().room == "2.2"


def test_a_later_deed_that_was_undone_stands_in_nobodys_way():
    deed = register("LT1", room="1.1")
    asset = Asset.objects.get()
    first = change(asset, room="2.2")
    second = change(asset, room="3.3")
    undo(second, by=None)
    undo(first, by=None)
    assert Asset.objects.get().room == "1.1"

    assert undo(deed, by=None).removed == 1


def test_a_move_goes_back_whole_or_not_at_all():
    asset = an_asset(tag="LT1", state="in_use", room="1.1")
    with change_set(by=None) as deed:
        before = snapshot([asset])
        asset.state, asset.room = "returned", ""
        asset.save()
        record(deed, [asset], before, move="return")
    change(asset, room="9.9", notes="seen")

    undone = undo(deed, by=None)

    assert told(undone.left) == {("LT1", ("room", "state"), CHANGED, "The system")}
    assert Asset.objects.get().state == "returned"


def test_a_value_that_another_row_has_now_is_not_taken_from_it():
    one, two, three = (an_asset(tag=tag) for tag in ("LT1", "LT2", "LT3"))
    with change_set(by=None) as deed:
        change(one, asset_tag="LT9")
        change(two, three, notes="x")
    an_asset(tag="LT1")

    undone = undo(deed, by=None)

    assert (undone.restored, told(undone.left)) == (2, {("LT9", ("asset_tag",), TAKEN, "")})


def test_tags_that_went_from_hand_to_hand_go_back():
    one, two = an_asset(tag="LT1"), an_asset(tag="LT2")
    with change_set(by=None) as deed:
        change(one, asset_tag="LT3")
        change(two, asset_tag="LT1")

    assert undo(deed, by=None).restored == 2
    assert [Asset.objects.get(pk=row.pk).asset_tag for row in (one, two)] == ["LT1", "LT2"]


def test_rows_without_a_version_and_links_go_back_too():
    team, other = a_team(), a_council("CDC")
    with change_set(by=None) as deed:
        editing.change(team, by=None, version=team.version, name="Renamed", councils=[other])

    undo(deed, by=None)

    team.refresh_from_db()
    assert (team.name != "Renamed", set(team.councils.all()) != {other}) == (True, True)


def test_created_rows_are_removed_with_their_own_links():
    with change_set(by=None) as deed:
        editing.add(Team(name="New"), by=None, councils=[a_council()])

    assert undo(deed, by=None).removed == 1
    assert not Team.objects.exists()


def test_what_is_gone_is_said_to_be():
    asset = an_asset(tag="LT1", room="1.1")
    deed = change(asset, room="2.2")
    Custody.objects.all().delete()
    Asset.objects.all().delete()

    assert told(undo(deed, by=None).left) == {("LT1", ("room",), GONE, "")}


def test_kinds_to_be_left_are_let_be():
    with change_set(by=None) as deed:
        editing.add(Site(council=a_council(), name="Depot"), by=None)
        register_assets([Asset(council=a_council(), asset_tag="LT1", category="laptop")], by=None)

    assert undo(deed, by=None, leaving=["people.site"]).removed == 1
    assert Site.objects.get().name == "Depot"


def test_a_plan_says_beforehand_what_would_be_done():
    deed = register("LT1", "LT2")
    change(Asset.objects.get(asset_tag="LT2"), room="1.1")

    planned = plan(deed)

    assert (planned.restored, planned.removed, told(planned.left)) == (
        0,
        1,
        {("LT2", ("room",), CHANGED, "The system")},
    )
    assert Asset.objects.count() == 2


def test_values_of_every_type_go_back_as_they_were():
    model, holder = a_model(), a_person()
    asset = an_asset(
        tag="LT1",
        model=model,
        holder=holder,
        encrypted=True,
        purchase_cost_ex_vat="742.50",
        purchase_date="2024-02-29",
        last_seen_at=NOON,
        ip_address="10.0.0.1",
    )
    was = Asset.objects.values().get()
    before = snapshot([asset])
    with change_set(by=None) as deed:
        Asset.objects.update(
            model=None,
            holder=None,
            encrypted=None,
            purchase_cost_ex_vat=None,
            purchase_date=None,
            last_seen_at=None,
            ip_address=None,
        )
        asset.refresh_from_db()
        record(deed, [asset], before)

    undo(deed, by=None)

    assert {**Asset.objects.values().get(), "version": 1} == {**was, "version": 1}
    assert AssetModel.objects.exists()


def test_it_is_recorded_that_a_row_was_removed():
    undo(register("LT1"), by=None)

    assert (
        Change.objects.filter(kind="register.asset").order_by("pk").values_list("action", flat=True)[1]
        == "remove"
    )


@pytest.mark.django_db(transaction=True)
def test_what_only_removes_asks_once_for_all_rows_and_the_database_asks_for_each_again_afterwards():
    council = a_council()
    with change_set(by=None) as deed:
        for name in ("Depot", "Annexe"):
            editing.add(Site(council=council, name=name), by=None)
    asset = an_asset(tag="LT2", site=Site.objects.get(name="Annexe"))

    undone = undo(deed, by=None)

    assert (undone.removed, told(undone.left)) == (1, {("Annexe", (), IN_USE, "")})
    assert [site.name for site in Site.objects.all()] == ["Annexe"]
    with pytest.raises(IntegrityError):
        Asset.objects.filter(pk=asset.pk).update(site_id=10**9)


def test_what_still_points_at_a_row_that_is_to_be_gone_stops_the_undoing():
    depot, annexe = a_site(name="Depot"), a_site(name="Annexe")
    an_asset(tag="LT1", site=depot)

    assert _pointing_at(Site, {depot.pk, annexe.pk}) == {depot.pk}
    assert _pointing_at(Site, {annexe.pk}) == set()
