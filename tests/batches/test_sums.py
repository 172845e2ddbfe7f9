"""Whatever is done in whatever order, the sums of a batch hold, and nothing is counted twice."""

from collections import Counter

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.batches.counting import counts_of
from assets.batches.items import move_item
from assets.batches.states import ITEM_MOVES
from assets.register.lifecycle import MoveRefused
from tests.batches.sums import broken_sums
from tests.batches.test_moves import LATER, NOW, given_for, items_of, under_way, who, world

pytestmark = pytest.mark.django_db
__all__ = ["world"]
STEPS = st.lists(st.tuples(st.integers(0, 2), st.sampled_from(sorted(ITEM_MOVES))), min_size=12, max_size=40)


@pytest.fixture
def batch(world):
    return under_way(world, 3)


@pytest.mark.once
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_sums_hold_after_every_move(world, batch, steps):
    with transaction.atomic():
        for which, name in steps:
            item = items_of(batch)[which]
            told = given_for(name, item, world)
            if name == "swap" and item.replacement:
                told = {**told, "old": str(item.asset), "new": str(item.replacement)}
            try:
                now = NOW if name in ("schedule", "allocate") else LATER
                move_item(item, name, by=who(name, world), given=told, now=now)
            except (MoveRefused, ValidationError):
                continue
            assert broken_sums(batch) == []
            assert counts_of(batch).by_state == Counter(one.state for one in items_of(batch))
        transaction.set_rollback(True)
