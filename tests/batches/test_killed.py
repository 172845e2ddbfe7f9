"""Whoever is killed while many items are moved, or that is taken back, leaves all of it or nothing.

KILLS says how often: at steps spread evenly over both.
"""

import os

import pytest

from assets.batches.items import move_item
from assets.batches.models import Batch
from servicedesk.history.models import Change
from servicedesk.jobs.running import enqueue
from tests.batches import tasks
from tests.batches.test_moves import given_for, go, under_way, world
from tests.batches.waves import LATER, items_of
from tests.jobs.dying import kill_at, steps_of, take_over

KILLS, MANY = int(os.environ.get("KILLS", 6)), 3
DEEDS = (tasks.bring_back, tasks.take_it_back)
__all__ = ["world"]


def all_swapped(world) -> Batch:
    batch = under_way(world, MANY)
    for item in items_of(batch):
        item = go(item, world, "allocate")
        pair = {"old": str(item.asset), "new": str(item.replacement)}
        move_item(item, "swap", by=world.eng, given=given_for("swap", item, world) | pair, now=LATER)
    return batch


def stands(batch: Batch) -> tuple:
    """The states of the items and of the old assets, and what history tells of items and assets."""
    items = items_of(batch)
    told = Change.objects.filter(object_id__in=[item.pk for item in items], kind="batches.batchitem")
    of_assets = Change.objects.filter(object_id__in=[item.asset_id for item in items], kind="register.asset")
    return (
        {item.state for item in items},
        {item.asset.state for item in items},
        told.filter(move="return").count(),
        of_assets.filter(move="return").count(),
        told.exclude(change_set__undoes=None).count(),
        of_assets.exclude(change_set__undoes=None).count(),
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_killed_at_any_step_of_a_move_of_many_and_its_undo_it_leaves_everything_or_nothing(world):
    batch = all_swapped(world)
    told, turns = {"batch": batch.pk, "person": world.eng.pk}, KILLS // len(DEEDS)
    steps = [steps_of(enqueue(deed, **told)) for deed in DEEDS]

    for turn in range(turns):
        done, undone = MANY * (turn + 1), MANY * (turn + 2)
        swapped = {"swapped"}, {"in_use"}, done, done, done, done
        returned = {"returned"}, {"returned"}, undone, undone, done, done
        again = {"swapped"}, {"in_use"}, undone, undone, undone, undone
        for count, deed, before, after in zip(
            steps, DEEDS, (swapped, returned), (returned, again), strict=True
        ):
            job = enqueue(deed, **told)
            kill_at(job, 1 + count * (2 * turn + 1) // (2 * turns))
            assert stands(batch) in (before, after)
            take_over(job)
            assert stands(batch) == after
