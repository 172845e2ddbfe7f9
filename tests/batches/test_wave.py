"""Wave 7, the worked example, from 27 laptops that are due to the last wiped disk."""

from datetime import date
from decimal import Decimal

import pytest

from assets.batches.approving import lines_of, spending
from assets.batches.choosing import create_batch
from assets.batches.costing import NOTHING, actual, variance
from assets.batches.counting import counts_of
from assets.batches.energy import table_of
from assets.batches.income import income_of
from assets.batches.items import move_item, move_items
from assets.batches.planning import change_line
from assets.batches.supply import supplies_of, supply_of
from assets.batches.workflow import move
from assets.orders.models import OrderLine
from assets.orders.receiving import Box, receive
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from tests.batches.sums import broken_sums
from tests.batches.waves import (
    LATER,
    NOW,
    TODAY,
    VECTOR,
    boxes,
    items_of,
    line_of,
    ordered,
    tags,
    the_wave,
)
from tests.factories import a_grant

pytestmark = pytest.mark.django_db
WIPING = {"method": "purge"}


def in_pounds(sums: dict, world) -> dict[str, str]:
    found = {council.code: str(sums[council.pk]) for council in (world.county, world.district)}
    return {**found, "total": str(sum(sums.values()))}


def planned_wave(world):
    """The batch as it is submitted: 25 confirmed, of each council by its own asset manager, and one spare."""
    batch = create_batch(by=world.ada, title="Wave 7", rule={"tags": tags(world.old)}, as_at=TODAY, now=NOW)
    county, district = (items_of(batch, council=one) for one in (world.county, world.district))
    move_items(county[:1], "exclude", by=world.ada, given={"reason": "On legal hold"}, now=NOW)
    move_items(district[:1], "exclude", by=world.dee, given={"reason": "Leaves in December"}, now=NOW)
    move_items(county[1:], "confirm", by=world.ada, now=NOW)
    move_items(district[1:], "confirm", by=world.dee, now=NOW)
    line = line_of(batch, world.county)
    change_line(line, by=world.ada, version=line.version, spares=1, now=NOW)
    return move(batch, "submit", by=world.ada, now=NOW)


def approved_wave(world):
    batch = planned_wave(world)
    for approver in (world.bea, world.bob):
        batch = move(batch, "approve", by=approver, now=NOW)
    return batch


def delivered_wave(world):
    batch = approved_wave(world)
    for council, keeper, count in ((world.county, world.ada, 19), (world.district, world.dee, 7)):
        line = ordered(batch, council, keeper, count)
        receive(line, boxes(council, count, dead=int(council == world.county)), by=keeper, now=NOW)
    batch = move(batch, "order", by=world.ada, now=NOW)
    return move(batch, "begin", by=world.ada, now=NOW)


def swap(item, world, now=NOW):
    given = {
        "old": item.asset.asset_tag,
        "new": item.replacement.asset_tag,
        "signed_by": str(item.asset.holder),
    }
    return move_item(item, "swap", by=world.eng, given=given, now=now)


def swapped_wave(world):
    """24 swapped, of which two came only the second time; one deferred."""
    batch = delivered_wave(world)
    for keeper, council in ((world.ada, world.county), (world.dee, world.district)):
        move_items(items_of(batch, "confirmed", council=council), "allocate", by=keeper, now=NOW)
    county, district = (items_of(batch, "allocated", council=one) for one in (world.county, world.district))
    away = {"reason": "Long absence", "deferred_until": date(2027, 9, 1)}
    move_item(county[0], "defer", by=world.ada, given=away, now=NOW)
    for item in (county[1], district[0]):
        item = move_item(item, "schedule", by=world.eng, given={"scheduled_for": LATER}, now=NOW)
        item = move_item(item, "miss", by=world.eng, now=LATER)
        item = move_item(item, "schedule", by=world.eng, given={"scheduled_for": LATER}, now=NOW)
        swap(item, world, LATER)
    for item in (*county[2:], *district[1:]):
        swap(item, world)
    return batch


def wiped_wave(world):
    """23 returned and one lost; 21 wiped, and two that could not be wiped destroyed."""
    batch = swapped_wave(world)
    swapped = items_of(batch, "swapped", council=world.county)
    lost = {"what_happened": "Left on the bus"}
    move_item(swapped[0], "lose", by=world.eng, given=lost, now=LATER)
    move_items(items_of(batch, "swapped"), "return", by=world.eng, given={"condition": "B"}, now=LATER)
    for council, keeper in ((world.county, world.ada), (world.district, world.dee)):
        broken = items_of(batch, "returned", council=council)[0]
        attempt = {**WIPING, "note": "The disk does not answer"}
        broken = move_item(broken, "fail_sanitising", by=world.eng, given=attempt, now=LATER)
        move_item(broken, "destroy", by=keeper, given={"certificate_number": "D-1"}, now=LATER)
    good = items_of(batch, "returned")
    numbers = {item.pk: {"certificate_number": f"C-{item.pk}"} for item in good}
    move_items(
        good, "sanitise", by=world.eng, given={**WIPING, "verified_by": world.sam}, each=numbers, now=LATER
    )
    return batch


def gone_wave(world):
    batch = wiped_wave(world)
    for keeper, council, given_away in ((world.ada, world.county, 3), (world.dee, world.district, 1)):
        wiped = items_of(batch, "sanitised", council=council)
        move_items(wiped[:given_away], "donate", by=keeper, given={"recipient": "A school"}, now=LATER)
        sale = {"buyer": "A reseller", "income": Decimal("15.00")}
        move_items(wiped[given_away:], "sell", by=keeper, given=sale, now=LATER)
    return batch


def test_pasted_tags_that_did_not_come_in_are_not_kept_with_the_batch():
    world = the_wave()
    typed = [*tags(world.old)[:2], "Of another council"]

    batch = create_batch(by=world.ada, title="Two", rule={"tags": typed}, as_at=TODAY, now=NOW)

    assert batch.rule == {"tags": tags(world.old)[:2]}


def test_plan_comes_to_what_the_councils_approve():
    world = the_wave()
    batch = planned_wave(world)

    counts = counts_of(batch)
    assert (counts.matched, counts.excluded, counts.confirmed) == (27, 2, 25)
    assert in_pounds(spending(batch, counts), world) == VECTOR["approved"]
    assert [line.spares for line in lines_of(batch)] == [0, 1]
    assert batch.reference.startswith("RB-2026-")


def test_deliveries_are_counted_from_orders_and_receipts():
    world = the_wave()
    batch = delivered_wave(world)

    supply = supply_of(lines_of(batch))
    assert supply == (
        VECTOR["order"]["quantity"],
        VECTOR["received"]["delivered"],
        1,
        Decimal(VECTOR["order"]["value"]),
        0,
        0,
    )
    assert supply.usable == VECTOR["received"]["usable"]


def test_wave_comes_to_the_penny():
    world = the_wave()
    batch = gone_wave(world)
    bought = OrderLine.objects.get(for_batch__line=line_of(batch, world.county))
    receive(bought, [Box("REPLACED")], by=world.ada, now=LATER)
    batch = move(batch, "close", by=world.ada, now=LATER)

    counts, lines = counts_of(batch), lines_of(batch)
    assert broken_sums(batch) == []
    assert (counts.swapped, counts.first_time, str(counts.first_time_rate)) == (24, 22, "91.7")
    assert (counts.returned, counts.lost, str(counts.return_rate)) == (23, 1, "95.8")
    assert counts.certified == VECTOR["sanitise"]["certificates"]
    for council in (world.county, world.district):
        part = counts.part(lambda tally, key=council.pk: tally.council == key)
        assert part.outcomes == VECTOR["outcomes"][council.code]
    income = income_of([batch])
    sums = {
        council.pk: actual(
            [line for line in lines if line.council_id == council.pk],
            counts,
            supplies_of(lines),
            income.get((batch.pk, council.pk), NOTHING),
        ).total
        for council in (world.county, world.district)
    }
    assert in_pounds(sums, world) == {key: VECTOR["actual"][key] for key in ("OCC", "CDC", "total")}
    assert {part.council.code: str(part.actual) for part in batch.paying.all()} == {
        code: VECTOR["actual"][code] for code in ("OCC", "CDC")
    }
    whole = variance(sum(sums.values()), Decimal(VECTOR["approved"]["total"]))
    assert (str(whole.gbp), str(whole.percent)) == (VECTOR["variance"]["gbp"], VECTOR["variance"]["percent"])
    assert supply_of(lines).usable - counts.replaced == VECTOR["new_devices_left_in_stock"]
    a_grant(world.ada, "asset_manager", world.district)
    saved = (
        table_of(Person.objects.get(pk=world.ada.pk), [batch], [world.county, world.district]).rows[-1].net
    )
    wanted = VECTOR["energy_saved_a_year"]
    assert (str(saved.kwh), str(saved.gbp), str(saved.kgco2e)) == (
        wanted["kwh"],
        wanted["gbp"],
        wanted["kgco2e"],
    )
    assert Ticket.objects.filter(type="security").count() == 1


def test_swap_changes_who_has_both_in_one_deed():
    world = the_wave()
    batch = delivered_wave(world)
    move_items(items_of(batch, "confirmed", council=world.county)[:1], "allocate", by=world.ada, now=NOW)
    item = swap(items_of(batch, "allocated")[0], world)

    old, new = item.asset, item.replacement
    assert (new.state, new.holder, new.custodies.get(ended_at=None).person) == ("in_use", world.jo, world.jo)
    assert (old.state, old.holder, old.holder_note) == ("in_use", None, "Taken away by Eng")
    deeds = Change.objects.filter(move__in=("swap", "issue", "hand_over")).values_list(
        "change_set", flat=True
    )
    assert len(deeds) == 3
    assert len(set(deeds)) == 1
