"""Two people at once on the items of a batch, on real connections: one wins, and the other is told by whom."""

import pytest
from django.core.exceptions import ValidationError

from assets.batches.exchanging import exchange
from assets.batches.items import move_item, move_items
from assets.batches.models import BatchItem
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from tests.at_once import at_once
from tests.batches.test_moves import drafted, given_for, go, under_way, world
from tests.batches.waves import LATER, NOW, items_of

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["world"]


def test_one_swap_is_made_once(world):
    item = go(items_of(under_way(world))[0], world, "allocate")
    told = given_for("swap", item, world) | {"new": str(item.replacement)}

    def swapping(person: Person):
        by = Person.objects.get(pk=person.pk)
        return lambda: move_item(items_of(item.batch)[0], "swap", by=by, given=told, now=LATER)

    outcomes = at_once(swapping(world.eng), swapping(world.sam), refusals=MoveRefused)

    swapped = (
        Change.objects.select_related("change_set").get(kind="batches.batchitem", move="swap").change_set
    )
    assert sorted(map(str, outcomes)) == sorted(
        [
            str(item),
            f"O-01 is “swapped” in {item.batch}, so “Swap” is not possible. "
            f"{swapped.by_label} was the last to move it.",
        ]
    )
    assert items_of(item.batch)[0].version == item.version + 1
    assert Asset.objects.get(pk=item.replacement_id).holder == world.jo
    for asset in (item.asset_id, item.replacement_id):
        assert swapped.changes.filter(kind="register.asset", object_id=asset).count() == 1


def test_all_items_in_opposite_orders_are_moved_once_and_nobody_waits_for_ever(world):
    batch = drafted(world, 3)
    many = items_of(batch)

    def confirming(person: Person, items: list[BatchItem]):
        by = Person.objects.get(pk=person.pk)
        return lambda: move_items(items, "confirm", by=by, now=NOW)

    pair = at_once(confirming(world.ada, many), confirming(world.ada, many[::-1]), refusals=MoveRefused)

    assert sorted(len(outcome.moved) for outcome in pair) == [0, 3]
    assert sorted(len(outcome.refused) for outcome in pair) == [0, 3]
    assert Change.objects.filter(kind="batches.batchitem", move="confirm").count() == 3


def test_one_device_is_kept_for_one_of_two_of_different_batches_that_get_another(world):
    items = []
    for _ in range(2):
        items.append(go(items_of(under_way(world))[0], world, "allocate"))
        world.old = world.old[1:]
    new = Asset.objects.get(asset_tag="N-03")

    def exchanging(item: BatchItem):
        return lambda: exchange(item, by=world.ada, replacement=new, now=LATER)

    outcomes = at_once(*map(exchanging, items), refusals=ValidationError)

    kept = BatchItem.objects.get(replacement=new)
    told = [one.message_dict for one in outcomes if isinstance(one, ValidationError)]
    assert told == [{"replacement": [f"N-03 is kept for {kept.batch}"]}]
    assert Change.objects.filter(kind="batches.batchitem", move="exchange").count() == 1
