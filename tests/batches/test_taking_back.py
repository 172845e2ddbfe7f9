"""What was just done to items of a batch is taken back whole by who may still do it, and evidence is never."""

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from assets.batches.items import move_item, move_items
from assets.batches.models import BatchItem
from assets.batches.states import ITEM_MOVES
from assets.batches.undoing import last_deed, take_back
from assets.batches.workflow import move
from assets.register.models import Asset, Disposal, Sanitisation
from assets.register.workflow import move as move_asset
from servicedesk.history.models import ChangeSet
from servicedesk.history.undoing import Overtaken
from servicedesk.people.models import Grant, Person
from tests.batches.test_moves import drafted, given_for, go, submitted, under_way, who, world
from tests.batches.waves import NOW, items_of
from tests.factories import a_grant

pytestmark = [pytest.mark.django_db, pytest.mark.once]
__all__ = ["world"]


def refused(deed: ChangeSet, batch, by) -> None:
    """Neither offered nor done."""
    before = list(batch.items.order_by("pk").values())
    assert last_deed(by, batch) is None
    with pytest.raises(PermissionDenied):
        take_back(deed, batch, by=by, now=NOW)
    assert list(batch.items.order_by("pk").values()) == before


def last_of(by) -> ChangeSet:
    return ChangeSet.objects.filter(by_id=by.pk).order_by("-pk")[0]


@pytest.mark.parametrize("name", ["confirm", "exclude"])
def test_a_review_is_not_taken_back_once_the_plan_is_submitted_or_approved(world, name):
    batch = drafted(world, 2)
    first, second = items_of(batch)
    for one in ("confirm", "exclude") if name == "exclude" else ("exclude", "confirm"):
        item = first if one == "confirm" else second
        move_item(item, one, by=world.ada, given=given_for(one, item, world), now=NOW)
    deed = last_of(world.ada)
    assert last_deed(world.ada, batch) == deed

    batch = move(batch, "submit", by=world.ada, now=NOW)
    refused(deed, batch, world.ada)
    batch = move(batch, "approve", by=world.bea, now=NOW)
    refused(deed, batch, world.ada)


def test_who_may_not_do_it_any_more_does_not_take_it_back(world):
    item = go(items_of(under_way(world))[0], world, "defer")
    deed = last_deed(world.ada, item.batch)
    Grant.objects.filter(person=world.ada).delete()
    a_grant(world.ada, "budget_approver")

    refused(deed, item.batch, Person.objects.get(pk=world.ada.pk))


@pytest.mark.parametrize(
    "way", [("sanitise",), ("fail_sanitising",), ("fail_sanitising", "destroy"), ("sanitise", "sell")]
)
def test_evidence_of_wiping_and_disposal_stays(world, way):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "return", *way)
    by = who(way[-1], world)
    kept = Sanitisation.objects.count(), Disposal.objects.count()

    refused(last_of(by), item.batch, by)
    assert (Sanitisation.objects.count(), Disposal.objects.count()) == kept
    assert BatchItem.objects.get(pk=item.pk).state == ITEM_MOVES[way[-1]].target


def test_a_swap_is_taken_back_whole(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap")

    undone = take_back(last_deed(world.eng, item.batch), item.batch, by=world.eng, now=NOW)

    old, new = Asset.objects.get(asset_tag="O-01"), Asset.objects.get(asset_tag="N-01")
    assert (BatchItem.objects.get(pk=item.pk).state, undone.left) == ("allocated", [])
    assert (old.state, old.holder, new.state, new.holder) == ("in_use", world.jo, "in_stock", None)


def test_a_swap_whose_new_device_was_lost_since_stays_whole_and_says_why(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap")
    deed = last_deed(world.eng, item.batch)
    move_asset(item.replacement, "lose", by=world.sam, given={"what_happened": "Left on the bus"})
    client = Client()
    client.force_login(world.eng)

    with pytest.raises(Overtaken, match="Nothing was taken back. N-01.* It was changed since"):
        take_back(deed, item.batch, by=world.eng, now=NOW)
    said = client.post(reverse("batches:undo_items", args=[item.batch.reference, deed.pk]), follow=True)

    assert "Nothing was taken back. N-01" in said.content.decode()
    assert BatchItem.objects.get(pk=item.pk).state == "swapped"
    assert Asset.objects.get(asset_tag="O-01").holder is None


def test_of_many_what_went_on_since_stays_with_its_asset_and_the_page_says_so(world):
    batch = under_way(world, 2)
    move_items(items_of(batch), "allocate", by=world.ada, now=NOW)
    first, second = items_of(batch)
    deed = last_of(world.ada)
    go(second, world, "schedule")
    client = Client()
    client.force_login(world.ada)

    page = client.post(reverse("batches:undo_items", args=[batch.reference, deed.pk]), follow=True)

    assert [item.state for item in items_of(batch)] == ["confirmed", "scheduled"]
    told = page.content.decode()
    assert ("1 change taken back" in told, "O-02 in RB-" in told, "It was changed since" in told) == (
        True,
    ) * 3


def test_what_went_on_since_is_not_said_to_be_taken_back(world):
    item = go(items_of(under_way(world))[0], world, "allocate")
    deed = last_deed(world.ada, item.batch)
    go(item, world, "schedule")

    with pytest.raises(Overtaken, match="Nothing was taken back. O-01 in RB-.* It was changed since"):
        take_back(deed, item.batch, by=world.ada, now=NOW)


def test_a_review_of_a_draft_is_taken_back(world):
    batch = drafted(world)
    move_items(items_of(batch), "confirm", by=world.ada, now=NOW)

    take_back(last_deed(world.ada, batch), batch, by=world.ada, now=NOW)

    assert [item.state for item in items_of(batch)] == ["candidate"]
    assert submitted(world, 1).state == "submitted"
