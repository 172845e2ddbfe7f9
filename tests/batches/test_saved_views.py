"""Batches whose assets a saved view chooses: its filters are copied, and what becomes of it changes nothing."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from assets.batches.choosing import NOT_YET, create_batch, match, offered_for, rule_of
from assets.batches.models import Batch
from assets.register.as_at_filters import UNTOLD
from assets.register.models import Asset
from assets.register.registering import change_asset, fresh
from assets.register.workflow import move as move_asset
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.lists.models import SavedView
from servicedesk.lists.savable import savable_lists
from servicedesk.lists.saving import remove_view, save_view
from tests.api.calling import as_program
from tests.batches.test_moves import submitted, world
from tests.batches.waves import LATER, NOW, TODAY, items_of, laptops
from tests.factories import a_council_alone, a_person, a_site

pytestmark = pytest.mark.django_db
__all__ = ["world"]


@pytest.fixture
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def hall(world):
    """The laptops O-01 and O-02 stand in County Hall, with one of them let go."""
    site = a_site(world.county, "County Hall")
    Asset.objects.filter(asset_tag__in=("O-01", "O-02", "N-03")).update(site=site)
    Asset.objects.filter(asset_tag="N-03").update(state="disposed")
    return site


def saved(world, site, by=None, code="assets", **query) -> SavedView:
    query = query or {"category": "laptop", "site": str(site.pk)}
    return save_view(savable_lists()[code], query, by=by or world.ada, name="Hall", shared=True)


def tags_of(batch: Batch) -> list[str]:
    return sorted(item.asset.asset_tag for item in items_of(batch))


def told(answer) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def test_view_freezes_what_its_list_shows_without_what_has_left(world, hall, on_the_day):
    view, client = saved(world, hall), Client()
    client.force_login(world.ada)
    listed = told(client.get(view.address))
    assert all(tag in listed for tag in ("O-01", "O-02", "N-03")) and "O-03" not in listed
    asked = {
        "title": "Hall",
        "rule": "view",
        "view": view.pk,
        "as_at": "23/11/2026",
        "tolerance_percent": 10,
    }

    assert "2 assets match" in told(client.post("/refresh/batches/new/", {**asked, "do": "look"}))
    page = told(client.post("/refresh/batches/new/", {**asked, "do": "create"}, follow=True))

    batch = Batch.objects.get()
    assert tags_of(batch) == ["O-01", "O-02"]
    assert batch.rule == {
        "view": "Hall",
        "list": "assets",
        "filters": {"category": "laptop", "site": str(hall.pk)},
    }
    assert "Saved view “Hall”, as at 23 November 2026" in page
    client.force_login(world.bea)
    assert "From a saved view, as at 23 November 2026" in told(client.get(f"/refresh/batches/{batch}/"))


def test_what_another_batch_keeps_and_who_plans_does_not_see_stays_out(world, hall, on_the_day):
    other = submitted(world, 1)

    matched = match(rule_of(saved(world, hall)), by=world.ada, as_at=TODAY)

    assert [str(asset) for asset in matched.assets] == ["O-02"]
    assert [(str(asset), reference) for asset, reference in matched.kept] == [("O-01", str(other))]
    laptops(a_council_alone("ALN"), 1, "A", state="in_use")
    everywhere = match(rule_of(saved(world, hall, code="due", category="laptop")), by=world.ada, as_at=TODAY)
    listed = {"view": "All", "list": "assets", "filters": {"category": "laptop"}}
    assert [str(asset) for asset in match(listed, by=world.ada, as_at=TODAY).assets] == [
        *("C-01", "N-01", "N-02", "O-02", "O-03")
    ]
    assert "A-01" not in [str(asset) for asset in everywhere.assets]


def test_removing_the_view_changes_no_batch(world, hall):
    view = saved(world, hall)
    batch = create_batch(by=world.ada, title="Hall", rule=rule_of(view), now=NOW)
    before = Batch.objects.filter(pk=batch.pk).values().get()

    remove_view(view, by=world.ada)

    assert Batch.objects.filter(pk=batch.pk).values().get() == before
    assert tags_of(batch) == ["O-01", "O-02"]


def test_list_of_assets_is_not_asked_for_on_a_day_to_come(world, hall, on_the_day):
    with pytest.raises(ValidationError) as refused:
        create_batch(by=world.ada, title="Hall", rule=rule_of(saved(world, hall)), as_at=LATER.date())

    assert refused.value.message_dict == {"as_at": [NOT_YET]}
    assert not Batch.objects.exists()


def test_list_of_assets_is_asked_for_as_it_was_on_a_day_that_is_past(world, hall):
    """O-03 came to the hall after the day and O-02 left it, O-01 has gone since, and C-01 is not ours to plan."""
    o1, o2, o3 = (fresh(asset) for asset in world.old[:3])
    narrowed = {"category": "laptop", "site": str(hall.pk), "state": "in_use", "unassigned": "false"}
    rule = {"view": "Hall", "list": "assets", "filters": narrowed}
    change_asset(o2, by=world.ada, version=o2.version, site=None, now=LATER)
    change_asset(o3, by=world.ada, version=o3.version, site=hall, now=LATER)
    move_asset(o1, "return", by=world.eng, given={"condition": "B"}, now=LATER)
    after = (LATER + timedelta(days=1)).date()

    def listed(day, by=world.ada) -> list[str]:
        return [str(asset) for asset in match(rule, by=by, as_at=day, today=after).assets]

    assert (listed(TODAY), listed(after)) == (["O-01", "O-02"], ["O-03"])
    Asset.objects.filter(pk=o1.pk).update(state="disposed")
    assert listed(TODAY) == ["O-02"]
    assert listed(TODAY - timedelta(days=1200)) == []
    alone = a_person(a_council_alone("ALN"), "asset_manager")
    with pytest.raises(ValidationError, match="Select the site from the list"):
        listed(TODAY, alone)
    rule["filters"] = {"category": "laptop"}
    assert listed(TODAY, alone) == []


def test_list_as_it_was_on_a_day_is_asked_for_with_as_many_parameters_however_long_it_is(world):
    sent: list[int] = []
    rule = {"view": "All", "list": "assets", "filters": {"category": "laptop"}}

    def counting(execute, sql, params, many, context):
        sent.append(len(params or ()))
        return execute(sql, params, many, context)

    def most() -> int:
        sent.clear()
        with connection.execute_wrapper(counting):
            match(rule, by=world.ada, as_at=TODAY, today=LATER.date())
        return max(sent)

    before = most()
    many = laptops(world.county, 60, "M", state="in_use")
    Asset.objects.filter(pk__in=[asset.pk for asset in many]).update(state="disposed")
    assert most() == before


def test_what_has_gone_to_another_council_since_is_not_chosen_by_who_does_not_read_it(world, hall):
    alone = a_council_alone("ALN")
    asset = fresh(world.old[0])
    before = snapshot([asset])
    with change_set(by=world.ada, now=LATER) as deed:
        asset.council = alone
        asset.save()
        record(deed, [asset], before)
    after = (LATER + timedelta(days=1)).date()

    found = match(rule_of(saved(world, hall)), by=world.ada, as_at=TODAY, today=after).assets

    assert [str(asset) for asset in found] == ["O-02"]


def test_what_history_does_not_tell_is_said(world, hall):
    rule = {
        "view": "Old",
        "list": "assets",
        "filters": {"q": "laptop", "not_seen": "true", "category": "laptop"},
    }

    with pytest.raises(ValidationError) as refused:
        match(rule, by=world.ada, as_at=TODAY, today=LATER.date())

    assert refused.value.messages == [UNTOLD.format("Words, tag or serial number, Not seen for 60 days")]


def test_view_of_what_is_due_is_asked_for_on_the_day(world, hall, on_the_day):
    Asset.objects.filter(asset_tag="O-03").update(purchase_date="2023-03-01")
    view = saved(world, hall, code="due", category="laptop", standing="overdue", council="OCC")

    def late(day) -> list[str]:
        return [str(asset) for asset in match(rule_of(view), by=world.ada, as_at=day).assets]

    assert "O-03" not in late(TODAY.replace(year=2023))
    assert "O-03" in late(TODAY.replace(year=2035))


def test_draft_of_a_view_of_assets_is_offered_whatever_else_is_due(world, hall, on_the_day):
    batch = create_batch(by=world.ada, title="Hall", rule=rule_of(saved(world, hall)))
    Asset.objects.filter(asset_tag="O-03").update(purchase_date="2015-01-01")

    assert "O-03" in [str(asset) for asset in offered_for(batch, by=world.ada)]


def test_page_asks_which_view(world, hall, on_the_day):
    client = Client()
    client.force_login(world.ada)
    asked = {"title": "Hall", "rule": "view", "as_at": "23/11/2026", "tolerance_percent": 10}

    answer = client.post("/refresh/batches/new/", asked)

    assert answer.status_code == 422
    assert "Select the saved view" in told(answer)


def test_programs_choose_by_a_view(world, hall, on_the_day):
    view, program = saved(world, hall), as_program(world.ada)

    made = program.ask("POST", "refresh/batches/", {"title": "Hall", "view": view.pk})
    two = program.ask("POST", "refresh/batches/", {"title": "Hall", "view": view.pk, "tags": ["O-03"]})

    assert (made.status_code, made.json()["rule"]) == (201, rule_of(view))
    assert tags_of(Batch.objects.get()) == ["O-01", "O-02"]
    assert (two.status_code, two.json()["errors"]) == (
        400,
        {"filters": ["Say which assets in one way: by `tags`, by `filters` or by a `view`."]},
    )
