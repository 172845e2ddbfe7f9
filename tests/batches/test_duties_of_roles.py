"""Who may make which move of a batch, its items, its orders and its consignments: every role at every council.

What is said of roles here is written out, so that a role that is given more, or a move that asks for less, is noticed.
"""

from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from assets.batches.board import moves_from
from assets.batches.choosing import create_batch
from assets.batches.counting import Counts, Tally
from assets.batches.items import move_item, move_items
from assets.batches.items import moves_of as moves_of_item
from assets.batches.standing import standings_of
from assets.batches.states import AT_WORK, BATCH_MOVES, ITEM_MOVES, BatchState, ItemState
from assets.batches.workflow import answers, fresh, move
from assets.disposal import closing, consigning
from assets.disposal.models import State
from assets.disposal.reconciling import Certified
from assets.disposal.states import MOVES as CONSIGNMENT_MOVES
from assets.orders.models import PurchaseOrder
from assets.orders.ordering import add_order
from assets.orders.ordering import move as move_order
from assets.orders.ordering import moves_of as moves_of_order
from assets.orders.states import MOVES as ORDER_MOVES
from assets.orders.states import OrderState
from assets.register.models import Supplier
from servicedesk.history.editing import Stale
from servicedesk.people.roles import ROLES
from tests.batches.waves import MOVES, NOW, TODAY, items_of, laptops, people, tags
from tests.factories import a_council_alone, a_model, a_person

pytestmark = [pytest.mark.django_db, pytest.mark.once]
OWN, OTHER, OUTSIDE = "own council", "other council", "council outside the agreement"
MANAGER = {("asset_manager", OWN)}
HANDLERS = {*MANAGER, ("engineer", OWN), ("engineer", OTHER)}
APPROVER = {("budget_approver", OWN)}
BATCH = dict.fromkeys(BATCH_MOVES, MANAGER) | {"approve": APPROVER, "reject": APPROVER}
ITEM = dict.fromkeys(("confirm", "exclude", "allocate", "defer"), MANAGER)
ITEM |= dict.fromkeys(("schedule", "miss", "swap", "return", "lose"), HANDLERS)
ITEM |= dict.fromkeys(("sanitise", "fail_sanitising", "redeploy"), HANDLERS)
ITEM |= dict.fromkeys(("destroy", "donate", "sell", "recycle"), MANAGER)
CONSIGNMENT = dict.fromkeys(CONSIGNMENT_MOVES, MANAGER)
ORDER = dict.fromkeys(ORDER_MOVES, MANAGER)


@pytest.fixture(scope="module")
def scene(make_once):
    return make_once(a_scene)


def a_scene() -> SimpleNamespace:
    """A batch of the county that waits for approval, an order and a consignment, and somebody in every role at three
    councils, one of which shares nothing, and somebody in none."""
    world = people()
    a_model("T16")
    old = laptops(world.county, 1, "O", holder=world.jo, state="in_use")
    batch = create_batch(by=world.ada, title="A batch", rule={"tags": tags(old)}, as_at=TODAY, now=NOW)
    move_items(items_of(batch), "confirm", by=world.ada, now=NOW)
    batch = move(batch, "submit", by=world.ada, now=NOW)
    firm = Supplier.objects.create(name="Clear IT")
    alone = a_council_alone("WDC", "West District")
    who = {
        (role, where): a_person(council, role)
        for role in ROLES
        for where, council in ((OWN, world.county), (OTHER, world.district), (OUTSIDE, alone))
    }
    return SimpleNamespace(
        batch=batch,
        order=an_order_of(world, firm),
        consignment=consigning.make(by=world.ada, council=world.county, supplier=firm, now=NOW),
        who=who | {("nobody", OWN): a_person(world.county)},
    )


def an_order_of(world, firm: Supplier) -> PurchaseOrder:
    return add_order(
        PurchaseOrder(council=world.county, supplier=firm, ordered_on=TODAY), by=world.ada, now=NOW
    )


def allowed(scene, names, tried) -> dict[str, set]:
    """Who is let through to each move: told that they read what is no longer so, and not that they may not."""
    found = {}
    for name in names:
        found[name] = set()
        for key, person in scene.who.items():
            with pytest.raises((PermissionDenied, Stale)) as refused:
                tried(name, person)
            if refused.type is Stale:
                found[name].add(key)
    return found


def test_each_move_of_a_batch_is_for_its_role_at_its_own_council(scene):
    assert [one["name"] for one in MOVES["batch"]["moves"]] == list(BATCH)
    given = {"reason": "A reason"}
    assert (
        allowed(scene, BATCH, lambda name, by: move(scene.batch, name, by=by, given=given, version=99))
        == BATCH
    )


def test_each_move_of_an_item_is_for_its_role_at_the_council_of_the_asset(scene):
    assert {one["name"] for one in MOVES["batch_item"]["moves"]} == set(ITEM)
    item = items_of(scene.batch)[0]
    assert allowed(scene, ITEM, lambda name, by: move_item(item, name, by=by, version=99)) == ITEM


def test_each_move_of_an_order_is_for_its_role_at_its_own_council(scene):
    def tried(name, by):
        move_order(scene.order, name, by=by, version=99, reason="A reason")

    assert allowed(scene, ORDER, tried) == ORDER


def test_each_move_of_a_consignment_is_for_its_role_at_its_own_council(scene):
    row, line = scene.consignment, Certified(2, "SN", "C-1", "recycled")
    deeds = {
        "collect": lambda by: consigning.collect(row, by=by, version=99),
        "certify": lambda by: closing.take_certificate(row, [line], by=by, version=99),
        "close": lambda by: closing.close(row, by=by, version=99),
        "cancel": lambda by: consigning.cancel(row, by=by, reason="A reason", version=99),
    }
    assert allowed(scene, CONSIGNMENT, lambda name, by: deeds[name](by)) == CONSIGNMENT


def offered(table: dict[str, set], key: tuple[str, str], possible) -> set[str]:
    return {name for name, who in table.items() if key in who and name in possible}


def test_buttons_of_a_batch_are_the_moves_that_are_let_through(scene):
    standing = standings_of([fresh(scene.batch)])[0]
    for state in BatchState.values:
        standing.batch.state = state
        possible = {name for name, step in BATCH_MOVES.items() if state in step.sources}
        possible |= {"approve"} if state in AT_WORK else set()
        for key, person in scene.who.items():
            assert set(answers(person, standing)) == offered(BATCH, key, possible), (state, key)


def test_buttons_of_an_item_and_of_the_board_are_the_moves_that_are_let_through(scene):
    item = items_of(scene.batch)[0]
    tallies = [Tally(item.batch_id, item.council_id, "laptop", "replace", one, 1) for one in ItemState.values]
    counts = Counts(tuple(tallies))
    for item.batch.state in BatchState.values:
        for item.state in ItemState.values:
            possible = {
                name
                for name, step in ITEM_MOVES.items()
                if item.state in step.sources and item.batch.state in step.batch_states
            } - {"recycle"}  # which the closing of a consignment does
            for key, person in scene.who.items():
                expected = offered(ITEM, key, possible)
                assert set(moves_of_item(person, item)) == expected, (item.batch.state, item.state, key)
                on_the_board = moves_from(person, item.batch, counts, item.state)[0]
                assert set(on_the_board) == expected - {"swap"}, (item.batch.state, item.state, key)


def test_buttons_of_an_order_are_the_moves_that_are_let_through(scene):
    order = PurchaseOrder.objects.get(pk=scene.order.pk)
    for order.state in OrderState.values:
        possible = {name for name, step in ORDER_MOVES.items() if order.state in step.sources}
        for key, person in scene.who.items():
            assert set(moves_of_order(person, order)) == offered(ORDER, key, possible)


SAMPLE = [
    ("asset_manager", OWN),
    ("asset_manager", OTHER),
    ("engineer", OTHER),
    ("budget_approver", OWN),
    ("auditor", OWN),
    ("cyber_officer", OWN),
    ("requester", OWN),
    ("asset_manager", OUTSIDE),
]


@pytest.mark.parametrize("key", SAMPLE)
def test_pages_offer_just_those_moves_and_refuse_the_forms_of_all_others(scene, key):
    client, item = Client(), items_of(scene.batch)[0]
    client.force_login(scene.who[key])
    row, at = scene.consignment, scene.batch.reference
    pages = [
        (
            reverse("batches:batch", args=[at]),
            BATCH,
            BATCH_MOVES,
            scene.batch.state,
            ("batches:move_batch", at),
        ),
        (
            reverse("batches:item", args=[at, item.pk]),
            ITEM,
            {name: step for name, step in ITEM_MOVES.items() if "submitted" in step.batch_states},
            item.state,
            ("batches:move_item", at, item.pk),
        ),
        (
            reverse("orders:order", args=[scene.order.pk]),
            ORDER,
            ORDER_MOVES,
            "draft",
            ("orders:move", scene.order.pk),
        ),
    ]
    for page, table, moves, state, (way, *args) in pages:
        shown = client.get(page)
        possible = {name for name, step in moves.items() if state in step.sources}
        told = shown.content.decode()
        ways = {name: reverse(way, args=[*args, name]) for name in table}
        assert {name for name, address in ways.items() if f'"{address}"' in told} == offered(
            table, key, possible
        )
        for name, address in ways.items():
            if key not in table[name]:
                assert client.get(address).status_code in (403, 404, 405)
    shown = client.get(reverse("disposal:consignment", args=[row.pk])).content.decode()
    ways = {"collect": reverse("disposal:collect", args=[row.pk])}
    ways["cancel"] = reverse("disposal:cancel_consignment", args=[row.pk])
    assert {name for name, address in ways.items() if f'"{address}"' in shown} == offered(
        CONSIGNMENT, key, ways
    )
    assert row.state == State.DRAFT
