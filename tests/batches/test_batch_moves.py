"""Every move of a batch, from where it begins to where it ends, with what it leaves behind: by a page and a program."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assets.batches.items import move_item, move_items
from assets.batches.models import Batch
from assets.batches.states import BATCH_MOVES
from assets.batches.workflow import move
from servicedesk.history.models import Change
from tests.api.calling import as_program
from tests.batches.test_moves import drafted, go, submitted, under_way, world
from tests.batches.waves import LATER, MOVES, NOW, items_of, ordered

pytestmark = pytest.mark.django_db
__all__ = ["world"]
WHY = {"reason": "The money went elsewhere"}


@pytest.fixture(autouse=True)
def afterwards(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: LATER)


def _ready(world) -> Batch:
    batch = drafted(world)
    move_items(items_of(batch), "confirm", by=world.ada, now=NOW)
    return batch


def _rejected(world) -> Batch:
    return move(submitted(world), "reject", by=world.bea, given=WHY, now=NOW)


def _approved(world) -> Batch:
    return move(submitted(world), "approve", by=world.bea, now=NOW)


def _supplied(world) -> Batch:
    batch = _approved(world)
    ordered(batch, world.county, world.ada, 1)
    return batch


def _ordered(world) -> Batch:
    return move(_supplied(world), "order", by=world.ada, now=NOW)


def _ended(world) -> Batch:
    item = items_of(under_way(world))[0]
    return go(item, world, "allocate", "swap", "return", "sanitise", "redeploy").batch


WAYS = {
    ("submit", "draft"): _ready,
    ("send_back", "submitted"): submitted,
    ("approve", "submitted"): submitted,
    ("reject", "submitted"): submitted,
    ("redraft", "rejected"): _rejected,
    ("order", "approved"): _supplied,
    ("begin", "approved"): _approved,
    ("begin", "ordered"): _ordered,
    ("close", "under_way"): _ended,
    ("cancel", "draft"): _ready,
    ("cancel", "submitted"): submitted,
    ("cancel", "rejected"): _rejected,
    ("cancel", "approved"): _approved,
    ("cancel", "ordered"): _ordered,
}


def test_every_move_that_was_agreed_is_made_from_every_state_that_it_begins_in():
    agreed = {(one["name"], state) for one in MOVES["batch"]["moves"] for state in one["from"]}

    assert set(WAYS) == agreed


@pytest.mark.parametrize("by_program", [False, True], ids=["page", "program"])
@pytest.mark.parametrize(("name", "state"), WAYS)
def test_a_move_of_a_batch_leads_where_it_says_and_history_tells_it(world, name, state, by_program):
    batch = WAYS[name, state](world)
    batch.refresh_from_db()
    by = world.bea if name in ("approve", "reject") else world.ada
    given = WHY if "reason" in BATCH_MOVES[name].asks else {}
    amount = "771.50" if name == "approve" else None
    assert batch.state == state

    if by_program:
        read = {"version": batch.version} | ({"amount": amount} if amount else {})
        answer = as_program(by).ask("POST", f"refresh/batches/{batch}/moves/{name}/", given | read)
        assert (answer.status_code, answer.json()["state"]) == (200, BATCH_MOVES[name].target)
    else:
        client = Client()
        client.force_login(by)
        read = {"version": batch.version} | ({f"amount_{world.county.pk}": amount} if amount else {})
        answer = client.post(reverse("batches:move_batch", args=[batch.reference, name]), given | read)
        assert answer.status_code == 302

    batch.refresh_from_db()
    assert (batch.state, batch.state_since) == (BATCH_MOVES[name].target, LATER)
    told = Change.objects.filter(kind="batches.batch", object_id=batch.pk).latest("pk")
    assert told.fields["state"][:2] == [state, BATCH_MOVES[name].target]
    assert (told.move, told.change_set.by_id) == (name, by.pk)
    assert told.change_set.reason == given.get("reason", "")


def test_what_was_rejected_is_drafted_again_changed_and_approved(world):
    batch = move(_rejected(world), "redraft", by=world.ada, now=NOW)
    [item] = items_of(batch)
    assert (item.state, item.locked) == ("confirmed", True)

    batch = move(move(batch, "submit", by=world.ada, now=NOW), "approve", by=world.bea, now=NOW)

    words = list(batch.approvals.order_by("pk").values_list("decision", "is_current"))
    assert (batch.state, words) == ("approved", [("rejected", False), ("approved", True)])


def test_what_was_sent_back_is_reviewed_again(world):
    batch = move(submitted(world, 2), "send_back", by=world.ada, given=WHY, now=NOW)

    item = move_item(items_of(batch)[0], "exclude", by=world.ada, given={"reason": "A leaver"}, now=NOW)

    assert (item.state, item.locked) == ("excluded", False)
    assert move(batch, "submit", by=world.ada, now=NOW).state == "submitted"


@pytest.mark.parametrize("state", ["draft", "submitted", "rejected", "approved", "ordered"])
def test_what_a_cancelled_batch_kept_is_free_for_another(world, state):
    batch = move(WAYS["cancel", state](world), "cancel", by=world.ada, given=WHY, now=NOW)

    assert [item.locked for item in items_of(batch)] == [False]
    again = items_of(drafted(world))[0]
    assert move_item(again, "confirm", by=world.ada, now=NOW).state == "confirmed"
