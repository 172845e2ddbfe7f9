"""What may follow what, for a batch and for its items, and every guard that says no."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.batches.choosing import create_batch
from assets.batches.counting import counts_of
from assets.batches.items import move_item, move_items
from assets.batches.models import Batch, BatchItem
from assets.batches.planning import change_line
from assets.batches.states import BATCH_ENDS, BATCH_MOVES, ITEM_ENDS, ITEM_MOVES, BatchState, ItemState
from assets.batches.workflow import move
from assets.register.holding import set_hold
from assets.register.lifecycle import MoveRefused
from assets.register.workflow import move as move_asset
from servicedesk.history.editing import Stale
from tests.batches.sums import broken_sums
from tests.batches.waves import (
    LATER,
    MOVES,
    NOW,
    TODAY,
    items_of,
    laptops,
    line_of,
    ordered,
    people,
    tags,
)
from tests.factories import a_grant, a_model, a_person, a_ticket
from tests.register.life import consigned

pytestmark = pytest.mark.django_db
WIPING = {"method": "purge", "certificate_number": "C-1"}


@pytest.fixture
def world():
    """Three laptops of the county in use, one of the district, and three new ones of the county in stock."""
    world = people()
    a_model("T16")
    world.old = [
        *laptops(world.county, 3, "O", holder=world.jo, state="in_use"),
        *laptops(world.district, 1, "C", holder=world.di, state="in_use"),
    ]
    world.new = laptops(world.county, 3, "N", state="in_stock")
    return world


def drafted(world, count: int = 1, **more) -> Batch:
    rule = {"tags": tags(world.old[:count])}
    return create_batch(by=world.ada, title="A batch", rule=rule, as_at=TODAY, now=NOW, **more)


def submitted(world, count: int = 1) -> Batch:
    batch = drafted(world, count)
    move_items(items_of(batch), "confirm", by=world.ada, now=NOW)
    return move(batch, "submit", by=world.ada, now=NOW)


def under_way(world, count: int = 1) -> Batch:
    batch = move(submitted(world, count), "approve", by=world.bea, now=NOW)
    return move(batch, "begin", by=world.ada, now=NOW)


def at(item: BatchItem, state: str) -> BatchItem:
    """The item as if it stood there, with what the database asks of that."""
    incident = a_ticket(type="security") if state == "lost" else None
    more = {"reason": "A reason", "deferred_until": date(2027, 9, 1), "incident": incident}
    BatchItem.objects.filter(pk=item.pk).update(state=state, **more)
    return items_of(item.batch)[0]


def given_for(name: str, item: BatchItem, world) -> dict:
    """What satisfies the guard of a move."""
    return {
        "exclude": {"reason": "A leaver"},
        "schedule": {"scheduled_for": LATER},
        "swap": {"old": "O-01", "new": "N-01", "signed_by": "Jo"},
        "defer": {"reason": "Long absence", "deferred_until": date(2027, 9, 1)},
        "return": {"condition": "B"},
        "lose": {"what_happened": "Left on the bus"},
        "sanitise": {**WIPING, "verified_by": world.sam},
        "fail_sanitising": {"method": "clear", "note": "The disk does not answer"},
        "destroy": {"certificate_number": "D-1"},
        "donate": {"recipient": "A school"},
        "sell": {"buyer": "A reseller", "income": Decimal("15.00")},
    }.get(name, {})


def go(item: BatchItem, world, *names: str) -> BatchItem:
    for name in names:
        now = NOW if name in ("schedule", "allocate") else LATER
        given = consigned(item.asset) if name == "recycle" else given_for(name, item, world)
        item = move_item(item, name, by=who(name, world), given=given, now=now)
    return item


def who(name: str, world):
    return world.eng if ITEM_MOVES[name].permission == "move_assets" else world.ada


def test_tables_are_those_that_were_agreed():
    for table, moves, states, ends in (
        ("batch", BATCH_MOVES, BatchState, BATCH_ENDS),
        ("batch_item", ITEM_MOVES, ItemState, ITEM_ENDS),
    ):
        assert states.values == MOVES[table]["states"]
        assert list(ends) == MOVES[table]["terminal"]
        agreed = {one["name"]: (tuple(one["from"]), one["to"]) for one in MOVES[table]["moves"]}
        assert {name: (step.sources, step.target) for name, step in moves.items()} == agreed


def test_no_move_of_a_batch_from_where_it_does_not_begin(world):
    batch = submitted(world)
    for state in BatchState.values:
        Batch.objects.filter(pk=batch.pk).update(state=state)
        for name, step in BATCH_MOVES.items():
            by = world.bea if name in ("approve", "reject") else world.ada
            # What was approved may be approved anew where it costs more.
            again = name == "approve" and state in ("approved", "ordered", "under_way")
            if state not in step.sources and not again:
                with pytest.raises(MoveRefused):
                    move(batch, name, by=by, given={"reason": "Why not"}, now=NOW)
    batch.refresh_from_db()
    assert batch.state == BatchState.values[-1]


@pytest.mark.once
def test_no_move_of_an_item_from_where_it_does_not_begin(world):
    batch = under_way(world)
    item = items_of(batch)[0]
    for state in ItemState.values:
        item = at(item, state)
        for name, step in ITEM_MOVES.items():
            phase = step.batch_states[0]
            Batch.objects.filter(pk=batch.pk).update(state=phase)
            if state not in step.sources:
                with pytest.raises(MoveRefused, match=f"“{ItemState(state).label.lower()}”"):
                    move_item(item, name, by=who(name, world), given=given_for(name, item, world), now=NOW)
    assert at(item, "sold").version == item.version


def test_no_item_moves_while_its_batch_is_in_another_state(world):
    batch = submitted(world)
    item = items_of(batch)[0]
    for state in BatchState.values:
        Batch.objects.filter(pk=batch.pk).update(state=state)
        for name, step in ITEM_MOVES.items():
            if state not in step.batch_states:
                with pytest.raises(MoveRefused, match="is not possible"):
                    move_item(item, name, by=who(name, world), given=given_for(name, item, world), now=NOW)


@pytest.mark.parametrize(
    "way",
    [
        ("defer",),
        ("allocate", "defer"),
        ("allocate", "schedule", "defer"),
        ("allocate", "schedule", "miss", "defer"),
        ("allocate", "schedule", "miss", "schedule", "swap", "return", "sanitise", "redeploy"),
        ("allocate", "swap", "return", "sanitise", "recycle"),
        ("allocate", "swap", "return", "fail_sanitising", "destroy"),
        ("allocate", "swap", "lose"),
    ],
)
def test_item_goes_its_way_and_its_asset_with_it(world, way):
    item = go(items_of(under_way(world))[0], world, *way)

    assert item.state == ITEM_MOVES[way[-1]].target
    assert item.locked is False
    states = {"defer": "in_use", "redeploy": "in_stock", "recycle": "disposed", "lose": "lost_stolen"}
    assert item.asset.state == states.get(way[-1], "destroyed")


def test_asset_on_legal_hold_is_not_confirmed(world):
    set_hold(world.old[0], by=world.ada, reason="An inquiry")

    with pytest.raises(MoveRefused, match="on legal hold"):
        move_item(items_of(drafted(world))[0], "confirm", by=world.ada)


def test_asset_of_an_open_batch_enters_no_other(world):
    first, second = drafted(world), drafted(world)
    move_items(items_of(first), "confirm", by=world.ada, now=NOW)

    with pytest.raises(MoveRefused, match=f"in {first.reference} already"):
        move_item(items_of(second)[0], "confirm", by=world.ada)
    with pytest.raises(ValidationError, match="Nothing that is free"):
        drafted(world)
    move(first, "cancel", by=world.ada, given={"reason": "Not now"}, now=NOW)
    assert move_item(items_of(second)[0], "confirm", by=world.ada).state == "confirmed"


def test_batch_is_not_submitted_while_something_is_not_reviewed(world):
    batch = drafted(world, 2)
    move_item(items_of(batch)[0], "confirm", by=world.ada)

    with pytest.raises(MoveRefused, match="1 asset to go"):
        move(batch, "submit", by=world.ada)


def test_nobody_approves_their_own_batch(world):
    a_grant(world.ada, "budget_approver")
    batch = submitted(world)

    with pytest.raises(PermissionDenied, match="Somebody else must approve"):
        move(batch, "approve", by=type(world.ada).objects.get(pk=world.ada.pk))


def test_batch_is_not_approved_while_a_council_has_not(world):
    batch = drafted(world, 4)
    move_items(items_of(batch, council=world.county), "confirm", by=world.ada, now=NOW)
    move_items(items_of(batch, council=world.district), "confirm", by=world.dee, now=NOW)
    batch = move(batch, "submit", by=world.ada)
    batch = move(batch, "approve", by=world.bea)

    assert batch.state == "submitted"
    with pytest.raises(MoveRefused, match="Cherwell District Council has not approved"):
        move(batch, "approve", by=world.bea)
    with pytest.raises(MoveRefused):
        move(batch, "order", by=world.ada)
    assert move(batch, "approve", by=world.bob).state == "approved"


def test_nothing_is_sold_before_it_is_wiped(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "return")

    with pytest.raises(MoveRefused, match="“returned” in RB-"):
        go(item, world, "sell")


def test_nothing_is_recycled_with_a_note_alone(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "return", "sanitise")
    given = {"consignment_reference": "WTN-1"}

    with pytest.raises(ValidationError, match="No facility has certified O-01 in a consignment"):
        move_item(item, "recycle", by=world.ada, given=given, now=LATER)
    done = move_items([item], "recycle", by=world.ada, given=given, now=LATER)
    assert ([one.sentence[:31] for one in done.refused], done.moved) == (
        ["No facility has certified O-01 "],
        [],
    )


def test_nothing_is_wiped_without_a_certificate(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "return")

    with pytest.raises(ValidationError, match="number of the certificate"):
        move_item(item, "sanitise", by=world.eng, given={"method": "purge", "verified_by": world.sam})


def test_batch_with_something_on_the_way_is_not_closed(world):
    with pytest.raises(MoveRefused, match="1 asset of RB-.* is still on the way"):
        move(under_way(world), "close", by=world.ada)


def test_batch_is_not_closed_without_a_certificate(world):
    batch = under_way(world)
    item = go(items_of(batch)[0], world, "allocate", "swap", "return", "sanitise", "sell")
    item.asset.sanitisation_records.all().delete()
    type(item.asset).objects.filter(pk=item.asset_id).update(certificate_number="")

    with pytest.raises(MoveRefused, match="no certificate for O-01"):
        move(batch, "close", by=world.ada)


def test_lost_item_has_its_incident_or_is_not_lost(world):
    batch = under_way(world)
    item = go(items_of(batch)[0], world, "allocate", "swap", "lose")

    assert item.incident.type == "security"
    assert move(batch, "close", by=world.ada).state == "closed"


def test_nothing_moves_after_it_is_closed(world):
    batch = under_way(world)
    go(items_of(batch)[0], world, "defer")
    batch = move(batch, "close", by=world.ada)

    for name in BATCH_MOVES:
        by = world.bea if name in ("approve", "reject") else world.ada
        with pytest.raises(MoveRefused):
            move(batch, name, by=by, given={"reason": "Why not"})
    line = line_of(batch, world.county)
    with pytest.raises(MoveRefused):
        change_line(line, by=world.ada, version=line.version, spares=3)
    with pytest.raises(MoveRefused):
        ordered(batch, world.county, world.ada, 1, "1.00")


def test_a_swap_counts_only_where_the_new_device_is_with_whoever_gets_it(world):
    kim = a_person(world.county, "requester", name="Kim")
    item = go(items_of(under_way(world))[0], world, "allocate")
    new = move_asset(item.replacement, "issue", by=world.eng, given={"person": kim}, now=NOW)

    with pytest.raises(MoveRefused, match="N-01 is with Kim"):
        go(item, world, "swap")
    type(new).objects.filter(pk=new.pk).update(holder=world.jo)
    assert go(item, world, "swap").state == "swapped"


def test_item_follows_what_the_register_does_to_its_asset(world):
    batch = under_way(world)
    item = go(items_of(batch)[0], world, "allocate", "swap")
    asset = move_asset(item.asset, "return", by=world.eng, given={"condition": "C"})
    assert items_of(batch)[0].state == "returned"

    move_asset(asset, "destroy", by=world.ada, given={"certificate_number": "D-9"})
    counts = counts_of(batch)
    assert (counts.destroyed, broken_sums(batch)) == (1, [])


@pytest.mark.parametrize(("wiping", "state"), [("sanitise", "sold"), ("fail_sanitising", "destroyed")])
def test_item_follows_an_asset_that_came_into_stock_by_way_of_a_repair(world, wiping, state):
    batch = under_way(world)
    item = go(items_of(batch)[0], world, "allocate", "swap")
    asset = item.asset
    for name, given in (
        ("send_for_repair", {"supplier_reference": "RMA-7"}),
        ("back_from_repair", {"to": "in_stock"}),
        (wiping, given_for(wiping, item, world)),
    ):
        asset = move_asset(asset, name, by=world.eng, given=given, now=LATER)
    last = "sell" if state == "sold" else "destroy"
    move_asset(asset, last, by=world.ada, given=given_for(last, item, world), now=LATER)

    assert (items_of(batch)[0].state, broken_sums(batch)) == (state, [])
    assert move(batch, "close", by=world.ada, now=LATER).state == "closed"


def test_second_of_two_people_is_told_who_was_first(world):
    item = items_of(under_way(world))[0]
    go(item, world, "allocate")

    with pytest.raises(Stale):
        move_item(item, "allocate", by=world.ada, version=item.version)
    with pytest.raises(MoveRefused, match="Ada was the last to move it"):
        move_item(item, "allocate", by=world.ada)


def test_what_cannot_be_moved_is_named_and_the_others_go_on(world):
    set_hold(world.old[1], by=world.ada, reason="An inquiry")
    batch = drafted(world, 4)
    done = move_items(items_of(batch), "confirm", by=world.ada)

    assert [str(item.asset) for item in done.moved] == ["O-01", "O-03"]
    assert {str(one.item.asset): one.sentence for one in done.refused} == {
        "O-02": "O-02 is on legal hold, so it cannot be replaced until the hold is lifted.",
        "C-01": "You may not do this with the assets of Cherwell District Council.",
    }
