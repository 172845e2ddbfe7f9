"""Whoever is killed while many items are moved, or that is taken back, leaves all of it or nothing; nobody is missed
where people are asked how their swaps went.

KILLS says how often: at steps spread evenly over both.
"""

import os
from datetime import timedelta

import pytest

from assets.batches.items import move_item
from assets.batches.models import Batch, SwapSurvey
from servicedesk.history.models import Change
from servicedesk.jobs.running import enqueue
from servicedesk.notifications.models import Message
from tests.batches import tasks
from tests.batches.test_moves import given_for, go, under_way, world
from tests.batches.waves import LATER, items_of
from tests.factories import a_requester
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


@pytest.mark.django_db(transaction=True)
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


def asked() -> tuple[int, int, int]:
    """How many were sent what to look at, how many were asked, and how many letters there are."""
    rows = SwapSurvey.objects.all()
    letters = Message.objects.filter(event="swap_followed")
    return rows.count(), rows.exclude(asked_at=None).count(), letters.count()


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_step_of_asking_how_swaps_went_nobody_is_missed_or_told_twice(world):
    """Each of three people got one; each has a check list, and the next day the question. Whoever is written down as
    told has their letter, at whichever step it dies."""
    for asset in world.old[:MANY]:
        asset.holder = a_requester(world.county)
        asset.save()
    all_swapped(world)
    check, question = LATER + timedelta(hours=2), LATER + timedelta(days=1, hours=4)
    nobody, checked, told = (0, 0, 0), (MANY, 0, MANY), (MANY, MANY, 2 * MANY)
    for at, before, after in ((check, nobody, checked), (question, checked, told)):
        count = steps_of(enqueue(tasks.ask_of_swaps, at=at.isoformat()))
        assert asked() == after
        for turn in range(KILLS // 2):
            undo_asking(to=before)
            job = enqueue(tasks.ask_of_swaps, at=at.isoformat())
            kill_at(job, 1 + count * (2 * turn + 1) // KILLS)
            rows, questions, letters = asked()
            assert rows + questions == letters
            take_over(job)
            assert asked() == after


def undo_asking(to: tuple[int, int, int]) -> None:
    """As if the job had not run yet."""
    rows, _, letters = to
    keys = Message.objects.filter(event="swap_followed").order_by("pk").values_list("pk", flat=True)
    Message.objects.filter(pk__in=list(keys[letters:])).delete()
    SwapSurvey.objects.update(asked_at=None)
    if not rows:
        SwapSurvey.objects.all().delete()
