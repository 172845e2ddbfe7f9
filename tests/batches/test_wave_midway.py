"""Wave 7 midway as whoever may see the money of both councils reads it: a page and a program."""

import pytest
from django.utils import timezone

from assets.batches.items import move_items
from assets.batches.workflow import move
from assets.orders.receiving import receive
from tests.batches.test_wave import approved_wave, swap
from tests.batches.test_wave_for_both import read, squeezed
from tests.batches.waves import LATER, NOW, boxes, for_both, items_of, ordered

pytestmark = pytest.mark.django_db


def test_receiving_and_swapping_overlap_and_are_counted_as_they_stand(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: LATER)
    world = for_both()
    batch = approved_wave(world)
    lines = [
        ordered(batch, council, keeper, number)
        for council, keeper, number in ((world.county, world.ada, 19), (world.district, world.dee, 7))
    ]
    receive(lines[0], boxes(world.county, 10), by=world.ada, now=NOW)
    batch = move(move(batch, "order", by=world.ada, now=NOW), "begin", by=world.ada, now=NOW)
    move_items(items_of(batch, "confirmed", council=world.county)[:9], "allocate", by=world.ada, now=NOW)
    for item in items_of(batch, "allocated")[:8]:
        swap(item, world)

    page, told = read(world.flo, f"refresh/batches/{batch}/")

    stands = [
        f"{part}</strong> {words}" for part, words in (("10 of 26", "received"), ("8 of 25", "deployed"))
    ]
    assert [one in squeezed(page) for one in stands] == [True, True]
    names = ("matched", "confirmed", "ordered", "received", "allocated", "swapped", "returned")
    assert [told["counts"][name] for name in names] == [27, 25, 26, 10, 9, 8, 0]
    batches = read(world.flo, "refresh/batches/")[0]
    assert "10 of 26 received, 8 of 25 deployed, 2 of 27 ended" in batches
