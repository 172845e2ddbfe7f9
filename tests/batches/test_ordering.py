"""Ordering for a batch: what counts for it, what it may cost, and who is given what came."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from assets.batches.allocating import hand_out
from assets.batches.choosing import create_batch
from assets.batches.ordering import count_order, free_lines, stop_counting
from assets.batches.supply import supply_of
from assets.batches.workflow import move
from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.ordering import add_line, add_order, call_off, change_row
from assets.orders.ordering import move as move_order
from assets.orders.receiving import receive
from assets.orders.states import OrderRefused
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, AssetModel, Supplier
from servicedesk.history.models import Change
from tests.batches.test_moves import submitted, world
from tests.batches.waves import NOW, TODAY, boxes, items_of, line_of, ordered, tags
from tests.factories import a_model

pytestmark = pytest.mark.django_db
__all__ = ["world"]


def test_order_that_there_is_counts_for_one_batch_once(world):
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)
    line, laptop = line_of(batch, world.county), AssetModel.objects.get(name="T16")
    ours, theirs, dock = (
        an_order_line(by, model)
        for by, model in (
            (world.ada, laptop),
            (world.dee, laptop),
            (world.ada, a_model("WD19", category="dock")),
        )
    )

    assert list(free_lines(line)) == [ours]
    for odd in (theirs, dock):
        with pytest.raises(ValidationError, match="not"):
            count_order(line, odd, by=world.ada)
    count_order(line, ours, by=world.ada)
    assert (list(free_lines(line)), supply_of([line]).drafted) == ([], 1)
    with pytest.raises(ValidationError, match="already"):
        count_order(line, ours, by=world.ada)


def test_order_stays_within_what_was_approved_until_it_is_placed(world):
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)
    bought = ordered(batch, world.county, world.ada, 1, place=False)

    with pytest.raises(OrderRefused, match="more than was approved"):
        change_row(bought, by=world.ada, version=bought.version, quantity=2)
    move_order(bought.order, "place", by=world.ada, now=NOW)
    assert supply_of([line_of(batch, world.county)]).ordered == 1
    call_off(bought, by=world.ada, reason="Not wanted", now=NOW)
    assert supply_of([line_of(batch, world.county)]).ordered == 0


def test_what_came_for_a_batch_goes_to_it_first_and_to_no_other_that_is_open(world):
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)
    came = receive(ordered(batch, world.county, world.ada, 1), boxes(world.county, 1), by=world.ada, now=NOW)
    rule = {"tags": tags(world.old[1:2])}
    other = create_batch(by=world.ada, title="Another", rule=rule, as_at=TODAY, now=NOW)
    batch = move(batch, "begin", by=world.ada, now=NOW)

    assert hand_out([(items_of(batch)[0], {})])[0][1] == {"replacement": came[0].asset}
    assert hand_out([(items_of(other)[0], {})])[0][1] == {"replacement": world.new[0]}
    Asset.objects.filter(pk__in=[new.pk for new in world.new]).update(state="in_use")
    assert hand_out([(items_of(other)[0], {})])[0][1] == {}


def test_order_counts_no_longer_for_a_batch_as_long_as_nothing_of_it_has_come(world):
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)
    bought = ordered(batch, world.county, world.ada, 1)
    line, link = line_of(batch, world.county), bought.for_batch

    with pytest.raises(PermissionDenied):
        stop_counting(link, by=world.dee)
    stop_counting(link, by=world.ada)

    assert (supply_of([line]).ordered, list(free_lines(line))) == (0, [bought])
    gone = Change.objects.get(kind="batches.lineorder", action="remove")
    assert (gone.council_id, gone.fields["order_line"][0]) == (world.county.pk, bought.pk)
    with pytest.raises(MoveRefused, match="does not count"):
        stop_counting(link, by=world.ada)
    again = count_order(line, bought, by=world.ada)
    receive(bought, boxes(world.county, 1), by=world.ada, now=NOW)
    with pytest.raises(MoveRefused, match="has been delivered"):
        stop_counting(again, by=world.ada)
    assert supply_of([line]).received == 1


def test_page_of_the_batch_takes_the_link_back(world):
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)
    bought = ordered(batch, world.county, world.ada, 1)
    client = Client()
    client.force_login(world.ada)
    at = f"/refresh/batches/{batch}/orders/{bought.for_batch.pk}/stop/"
    assert f"Stop counting {bought.order}" in client.get(f"/refresh/batches/{batch}/").content.decode()

    told = client.post(at, follow=True).content.decode()

    assert f"{bought.order} does not count for {batch} any more" in told
    assert client.post(at).status_code == 404


def an_order_line(by, model) -> OrderLine:
    supplier = Supplier.objects.get_or_create(name="Reseller")[0]
    order = add_order(PurchaseOrder(council=by.council, supplier=supplier), by=by, now=NOW)
    return add_line(
        OrderLine(order=order, model=model, quantity=1, unit_price=Decimal("742.00")), by=by, now=NOW
    )
