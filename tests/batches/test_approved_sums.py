"""What a batch costs stays within what was approved."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from assets.batches.approving import approve
from assets.batches.items import move_item, move_items
from assets.batches.planning import change_line
from assets.batches.workflow import move
from assets.orders.models import PurchaseOrder
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from tests.batches.test_moves import drafted, go, submitted, world
from tests.batches.waves import (
    NOW,
    items_of,
    line_of,
    ordered,
)
from tests.factories import a_grant

pytestmark = pytest.mark.django_db
__all__ = ["world"]


def test_plan_beyond_the_tolerance_is_approved_anew(world):
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)
    line = line_of(batch, world.county)
    change_line(line, by=world.ada, version=line.version, purchase=Decimal("900.00"), now=NOW)

    with pytest.raises(MoveRefused, match="has not approved what it costs"):
        move_item(items_of(batch)[0], "allocate", by=world.ada)
    approve(batch, world.county, by=world.bea)
    assert go(items_of(batch)[0], world, "allocate").replacement == world.new[0]


def test_what_brings_more_than_it_costs_is_approved_once(world):
    batch = drafted(world)
    move_items(items_of(batch), "confirm", by=world.ada, given={"outcome": "retire"}, now=NOW)
    batch = move(batch, "submit", by=world.ada, now=NOW)

    batch = move(batch, "approve", by=world.bea, given={"amount": Decimal("-9.00")}, now=NOW)

    assert (batch.state, batch.approvals.get().amount) == ("approved", Decimal("-9.00"))
    with pytest.raises(MoveRefused, match="has approved RB-.* already"):
        approve(batch, world.county, by=world.bea)


def test_a_sum_that_cannot_be_right_is_refused_in_words(world):
    batch = submitted(world, 2)
    line = line_of(batch, world.county)
    batch = move(batch, "send_back", by=world.ada, given={"reason": "Prices"}, now=NOW)
    change_line(line, by=world.ada, version=line.version, purchase=Decimal("9999999999.99"), now=NOW)
    batch = move(batch, "submit", by=world.ada, now=NOW)

    with pytest.raises(MoveRefused, match="It comes to £20,000,000,058.98, which cannot be right"):
        move(batch, "approve", by=world.bea, given={"decision_reference": "OD-7"}, now=NOW)
    assert not batch.approvals.exists()


def test_a_sum_that_cannot_be_right_is_told_to_whoever_sees_the_money_of_its_council_alone(world):
    batch = drafted(world, 4)
    for council, keeper in ((world.county, world.ada), (world.district, world.dee)):
        move_items(items_of(batch, council=council), "confirm", by=keeper, now=NOW)
    for name, by in (
        ("submit", world.ada),
        ("approve", world.bea),
        ("approve", world.bob),
        ("begin", world.ada),
    ):
        batch = move(batch, name, by=by, now=NOW)
    line, odd = line_of(batch, world.district), Decimal("9999999999.99")
    change_line(line, by=world.dee, version=line.version, deploy=odd, disposal=odd, now=NOW)
    batch.items.update(state="sold")
    Asset.objects.update(certificate_number="C-1")

    def refused(by) -> str:
        with pytest.raises(MoveRefused) as refusal:
            move(batch, "close", by=by, now=NOW)
        return str(refusal.value)

    sentence = "What it comes to for Cherwell District Council cannot be right. Its prices must be checked."
    assert refused(world.ada) == sentence
    a_grant(world.ada, "asset_manager", world.district)
    both = type(world.ada).objects.get(pk=world.ada.pk)
    assert refused(both) == "It comes to £19,999,999,999.98, which cannot be right. Check the prices."


def test_order_beyond_what_was_approved_is_refused(world):
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)

    with pytest.raises(MoveRefused, match="more than was approved"):
        ordered(batch, world.county, world.ada, 2)
    assert not PurchaseOrder.objects.exists()


def test_decision_is_named_over_the_set_sum(world, settings):
    settings.BATCH_DECISION_OVER = Decimal("500.00")
    batch = submitted(world)

    with pytest.raises(ValidationError, match="reference of the decision"):
        move(batch, "approve", by=world.bea)
    decided = move(batch, "approve", by=world.bea, given={"decision_reference": "OD-7"})
    assert (decided.state, decided.approvals.get().decision_reference) == ("approved", "OD-7")
