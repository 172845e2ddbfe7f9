"""A batch to which anything happens in any order: by the desk, in the register, to its orders, and taken back again.

Whatever the sequence, five things hold: the money is what its rows add up to, council by council; every item is where
its record proves it to be; nothing with a disk has left without a certificate; what is missing from a move stops it;
and history alone tells how everything came to be as it is.

RANDOM_SEQUENCES says how many sequences are played; a few unless said.
"""

import os
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from assets.batches import workflow
from assets.batches.approving import approve
from assets.batches.choosing import create_batch
from assets.batches.counting import counts_of
from assets.batches.item_guards import asks_of
from assets.batches.items import move_item, move_items
from assets.batches.models import Batch, BatchItem, BatchLine
from assets.batches.planning import change_line
from assets.batches.states import BATCH_MOVES, ITEM_MOVES
from assets.batches.swapping import swap
from assets.batches.undoing import last_deed, take_back
from assets.disposal import closing, consigning
from assets.disposal.models import Consignment
from assets.disposal.reconciling import Certified
from assets.orders.models import OrderLine
from assets.orders.ordering import call_off
from assets.orders.receiving import Box, receive
from assets.orders.states import OrderRefused
from assets.register.lifecycle import MOVES, MoveRefused
from assets.register.models import Supplier
from assets.register.workflow import move as move_asset
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.undoing import Overtaken
from servicedesk.people.models import Person
from tests.batches.proofs import Beginning, left_without_evidence, odd_money, unproven
from tests.batches.sums import broken_sums
from tests.batches.waves import NOW, TODAY, items_of, laptops, ordered, people, tags
from tests.disposal.leaving import PAPERS
from tests.factories import a_grant, a_model, a_person

pytestmark = pytest.mark.django_db
SEQUENCES = int(os.environ.get("RANDOM_SEQUENCES", "10" if connection.vendor == "sqlite" else "3"))
NO = (MoveRefused, OrderRefused, ValidationError, PermissionDenied, Stale, Overtaken)
ANY = st.integers(0, 999)
OUTCOMES = ("replace", "replace", "replace", "retire", "extend")
STAGES = (0, 1, 2, 2, 3, 3, 4, 4)
DONE = (0, 0, 2, 3, 4)
CERTIFIED = ("recycled", "resold", "donated", "destroyed")


def a_planned_world():
    """A batch of three laptops of the county and one of the district at each stage of its way, and a firm."""
    world = people()
    a_model("T16")
    world.firm = Supplier.objects.create(name="Clear IT")
    world.mo = a_person(world.county, "budget_approver", name="Mo")
    a_grant(world.mo, "budget_approver", world.district)
    world.batches = [a_batch(world, stage) for stage in range(len(DONE))]
    return world


def a_batch(world, stage: int) -> Batch:
    """A draft, or under way, with everything swapped, back, or wiped as well."""
    laptops(world.county, 2, f"N{stage}", state="in_stock")
    laptops(world.district, 1, f"M{stage}", state="in_stock")
    old = [
        *laptops(world.county, 3, f"O{stage}", holder=world.jo, state="in_use"),
        *laptops(world.district, 1, f"C{stage}", holder=world.di, state="in_use"),
    ]
    batch = create_batch(by=world.ada, title="A batch", rule={"tags": tags(old)}, as_at=TODAY, now=NOW)
    if stage:
        get_under_way(world, batch)
    for name in ("allocate", "swap", "return", "sanitise")[: DONE[stage]]:
        for item in items_of(batch, *ITEM_MOVES[name].sources):
            with suppress(ValidationError, MoveRefused):  # one of the county is left without a new one
                move_item(
                    item, name, by=whoever(world, name, item), given=told(world, name, item, NOW), now=NOW
                )
    return batch


def get_under_way(world, batch: Batch) -> None:
    for council, keeper in ((world.county, world.ada), (world.district, world.dee)):
        move_items(items_of(batch, council=council), "confirm", by=keeper, now=NOW)
    workflow.move(batch, "submit", by=world.ada, now=NOW)
    for approver in (world.bea, world.bob):
        workflow.move(batch, "approve", by=approver, now=NOW)
    workflow.move(batch, "begin", by=world.ada, now=NOW)


def keeper_of(world, row):
    return world.ada if row.council_id == world.county.pk else world.dee


def whoever(world, name: str, item: BatchItem):
    return world.eng if ITEM_MOVES[name].permission == "move_assets" else keeper_of(world, item)


def told(world, name: str, item: BatchItem, now) -> dict:
    """What satisfies the guard of a move, where nothing else stands against it."""
    given = {
        "exclude": {"reason": "A leaver"},
        "schedule": {"scheduled_for": now + timedelta(days=1)},
        "swap": {"old": item.asset.asset_tag, "signed_by": "Whoever has it"},
        "defer": {"reason": "Long absence", "deferred_until": now.date() + timedelta(days=90)},
        "return": {"condition": "B"},
        "lose": {"what_happened": "Left on the bus"},
        "sanitise": {"method": "purge", "verified_by": world.sam, "certificate_number": f"C-{item.pk}"},
        "fail_sanitising": {"method": "clear", "note": "The disk does not answer"},
        "destroy": {"certificate_number": f"D-{item.pk}"},
        "donate": {"recipient": "A school"},
        "sell": {"buyer": "A reseller", "income": Decimal("15.00")},
        "recycle": {"consignment_reference": "DC-2026-1"},
    }.get(name, {})
    if name == "swap" and item.replacement and item.outcome == "replace":
        given = {**given, "new": item.replacement.asset_tag}
    return given


def pick(rows, number: int):
    """One of them, None where there are none."""
    rows = list(rows)
    return rows[number % len(rows)] if rows else None


class Refresh(RuleBasedStateMachine):
    """One batch of two councils, and everybody who has a part in it."""

    world = None

    @initialize(stage=st.sampled_from(STAGES))
    def begin(self, stage):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now, self.checked, self.key = NOW, 0, self.world.batches[stage].pk
        self.beginning = Beginning()

    def teardown(self):
        if hasattr(self, "savepoint"):
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @property
    def batch(self) -> Batch:
        return workflow.fresh(Batch(pk=self.key))

    def pick_an_item(self, number: int) -> BatchItem:
        return pick(items_of(self.batch), number)

    def keeper(self, row):
        return keeper_of(self.world, row)

    def whoever(self, name: str, item: BatchItem):
        return whoever(self.world, name, item)

    def told(self, name: str, item: BatchItem) -> dict:
        return told(self.world, name, item, self.now)

    def try_item(self, item: BatchItem, name: str, by, without: str = "", **more) -> bool:
        """Whether the move was made. Where it was refused, nothing was written."""
        before, given = self.written(), self.told(name, item) | more
        given.pop(without, None)
        try:
            move_item(item, name, by=by, given=given, now=self.now)
        except NO:
            assert self.written() == before
            return False
        return True

    def written(self) -> int:
        return Change.objects.order_by("-id").values_list("id", flat=True).first()

    def likely(self, item: BatchItem, number: int) -> str:
        """A move from where the item stands, one time in five any other."""
        from_here = [name for name, step in ITEM_MOVES.items() if item.state in step.sources]
        return pick(sorted(ITEM_MOVES) if number % 5 == 0 or not from_here else from_here, number // 5)

    @rule(hours=st.integers(1, 24 * 40))
    def time_goes_by(self, hours):
        self.now += timedelta(hours=hours)

    @rule(which=ANY, number=ANY)
    def somebody_moves_an_item(self, which, number):
        item = self.pick_an_item(which)
        name = self.likely(item, number)
        outcome = {"outcome": pick(OUTCOMES, number)} if name == "confirm" else {}
        self.try_item(item, name, self.whoever(name, item), **outcome)

    @rule(which=ANY, number=ANY, missing=ANY)
    def somebody_leaves_out_what_a_move_asks_for(self, which, number, missing):
        item = self.pick_an_item(which)
        name = self.likely(item, number)
        if left_out := pick(asks_of(name, item.asset), missing):
            assert not self.try_item(item, name, self.whoever(name, item), without=left_out)

    @rule(which=ANY, number=ANY, who=ANY)
    def somebody_else_tries(self, which, number, who):
        item, by = self.pick_an_item(which), pick(self.everybody, who)
        name = self.likely(item, number)
        if self.try_item(item, name, by):
            assert by == self.keeper(item) or by in (self.world.eng, self.world.sam)

    @property
    def everybody(self):
        world = self.world
        return (world.ada, world.dee, world.bea, world.bob, world.eng, world.sam, world.jo)

    @rule(number=ANY)
    def many_are_moved_at_once(self, number):
        items = items_of(self.batch)
        name = self.likely(pick(items, number), number)
        told = self.told(name, items[0])
        if name != "swap":
            move_items(items, name, by=self.whoever(name, items[0]), given=told, now=self.now)

    @rule(which=ANY, saved=st.booleans())
    def one_is_swapped_on_a_phone(self, which, saved):
        item = pick(items_of(self.batch, "allocated", "scheduled"), which)
        if item:
            given = {"new": "", **self.told("swap", item)}
            with suppress(*NO):
                swap(item, by=self.world.eng, data_saved=saved, now=self.now, **given)
                assert saved

    @rule(which=ANY, number=ANY)
    def the_register_moves_an_asset(self, which, number):
        item = self.pick_an_item(which)
        asset = pick((item.asset, item.asset, item.replacement or item.asset), number)
        here = [name for name, step in MOVES.items() if asset.state in step.sources]
        name = pick(here, number)
        given = {
            "issue": {"person": self.world.jo},
            "send_for_repair": {"supplier_reference": "RMA-7"},
            "back_from_repair": {"to": ("in_stock", "in_use")[number % 2]},
            "find": {"note": "Handed in"},
            "dispose": {"consignment_reference": "DC-2026-1"},
            "cancel_order": {"reason": "Late"},
            "receive": {"serial_number": f"SN{asset.pk}"},
        }
        if name:
            with suppress(*NO):
                told = given.get(name) or self.told({"restock": "redeploy"}.get(name, name), item)
                move_asset(asset, name, by=self.keeper(asset), given=told, now=self.now)

    @rule(name=st.sampled_from(sorted(BATCH_MOVES)), who=ANY)
    def the_batch_is_moved(self, name, who):
        by = pick((self.world.bea, self.world.bob), who) if name in ("approve", "reject") else self.world.ada
        if name not in ("cancel", "reject") or who % 4 == 0:
            with suppress(*NO):
                workflow.move(self.batch, name, by=by, given={"reason": "A reason"}, now=self.now)

    @rule(which=ANY, price=st.integers(1, 1200))
    def a_price_of_the_plan_is_changed(self, which, price):
        line = pick(BatchLine.objects.filter(batch=self.key), which)
        with suppress(*NO):
            changed = {pick(("purchase", "deploy", "disposal"), price): Decimal(price)}
            change_line(line, by=self.keeper(line), version=line.version, now=self.now, **changed)

    @rule(which=ANY)
    def what_it_costs_is_approved_anew(self, which):
        by = pick((self.world.bea, self.world.bob), which)
        with suppress(*NO):
            approve(self.batch, by.council, by=by, now=self.now)

    @rule(which=ANY, quantity=st.integers(1, 3))
    def something_is_ordered(self, which, quantity):
        council, by = pick(
            ((self.world.county, self.world.ada), (self.world.district, self.world.dee)), which
        )
        with suppress(*NO, BatchLine.DoesNotExist):
            ordered(self.batch, council, by, quantity)

    @rule(which=ANY, number=st.integers(1, 2), dead=st.booleans())
    def something_is_delivered_or_called_off(self, which, number, dead):
        line = pick(OrderLine.objects.select_related("order__council"), which)
        if line is None:
            return
        with suppress(*NO):
            if which % 5 == 0:
                call_off(line, by=self.keeper(line.order), reason="Too late", count=number, now=self.now)
            else:
                came = line.receipts.count()
                boxes = [Box(f"S{line.pk}-{came + one}", "", dead) for one in range(number)]
                receive(line, boxes, by=self.world.eng, now=self.now)

    @rule(which=ANY, step=ANY)
    def a_consignment_goes_its_way(self, which, step):
        """Made up of whatever may leave, or one step further."""
        world, row = self.world, pick(Consignment.objects.exclude(state__in=("closed", "cancelled")), which)
        with suppress(*NO):
            if row is None:
                row = consigning.make(by=world.ada, council=world.county, supplier=world.firm, now=self.now)
                old = [item.asset for item in items_of(self.batch, council=world.county)]
                consigning.add_items(row, old, by=world.ada, now=self.now)
            elif step % 7 == 0:
                consigning.cancel(row, by=world.ada, reason="Not now", now=self.now)
            elif row.state == "draft":
                number = row.items.filter(is_current=True).count()
                consigning.collect(row, by=world.ada, now=self.now, **PAPERS, items_on_note=number)
            elif row.state == "collected":
                lines = [
                    Certified(at, item.asset.asset_tag, f"F-{at}", pick(CERTIFIED, step))
                    for at, item in enumerate(consigning.items_of(row), 2)
                ]
                closing.take_certificate(row, lines, by=world.ada, now=self.now)
            else:
                if pick(CERTIFIED, step) == "resold":
                    consigning.change(
                        row, by=world.ada, version=row.version, income=Decimal(30), now=self.now
                    )
                    row.refresh_from_db()
                closing.close(row, by=world.ada, now=self.now)

    @rule(who=ANY)
    def the_last_deed_is_taken_back(self, who):
        """By whoever did it, or by somebody else, to whom it is not open."""
        batch, last = self.batch, ChangeSet.objects.exclude(by_id=None).order_by("-pk").first()
        by = pick((pick(self.everybody, who), Person.objects.filter(pk=last.by_id).first()), who)
        deed = last_deed(by, batch)
        if deed:
            with suppress(Overtaken):
                take_back(deed, batch, by=by, now=self.now)
        elif by.pk != last.by_id:
            with pytest.raises(PermissionDenied):
                take_back(last, batch, by=by, now=self.now)

    @invariant()
    def everything_holds(self):
        """Asked whenever something was written."""
        if hasattr(self, "now") and (last := self.written()) != self.checked:
            self.checked, batch = last, self.batch
            assert broken_sums(batch) == []
            assert counts_of(batch).by_state == Counter(item.state for item in items_of(batch))
            assert odd_money(batch, self.world.mo, [self.world.bea, self.world.bob]) == []
            items = batch.items.select_related("asset__model", "replacement", "batch", "incident")
            assert [words for item in items for words in unproven(item)] == []
            assert left_without_evidence() == []
            assert self.beginning.untold() == []


def test_whatever_happens_to_a_batch_it_adds_up_and_is_proven():
    Refresh.world = a_planned_world()

    run_state_machine_as_test(
        Refresh,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
