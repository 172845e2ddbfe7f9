"""What a batch refuses, by every door: the nine refusals that were agreed, and nothing is written by any of them."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assets.batches.items import move_item, move_items
from assets.batches.models import Batch, BatchItem
from assets.batches.workflow import move
from assets.register.holding import set_hold
from assets.register.lifecycle import MoveRefused
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from tests.api.calling import as_program
from tests.batches.test_moves import drafted, go, submitted, under_way, world
from tests.batches.waves import LATER, NOW, VECTOR, items_of
from tests.factories import a_grant, a_ticket

pytestmark = pytest.mark.django_db
__all__ = ["world"]
WIPING = {"method": "purge"}
SALE = {"buyer": "A reseller", "income": "15.00"}


@pytest.fixture(autouse=True)
def afterwards(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: LATER)


def _held(world):
    set_hold(world.old[0], by=world.ada, reason="An inquiry", now=NOW)
    return items_of(drafted(world))[0], "confirm", world.ada, {}


def _unreviewed(world):
    batch = drafted(world, 2)
    move_item(items_of(batch)[0], "confirm", by=world.ada, now=NOW)
    return batch, "submit", world.ada, {}


def _own(world):
    a_grant(world.ada, "budget_approver")
    return submitted(world), "approve", world.ada, {}


def _one_of_two(world):
    """The district's word is missing, and the batch stays where it is until it is given."""
    batch = drafted(world, 4)
    move_items(items_of(batch, council=world.county), "confirm", by=world.ada, now=NOW)
    move_items(items_of(batch, council=world.district), "confirm", by=world.dee, now=NOW)
    batch = move(move(batch, "submit", by=world.ada, now=NOW), "approve", by=world.bea, now=NOW)
    return batch, "begin", world.ada, {}


def _not_wiped(world):
    return go(items_of(under_way(world))[0], world, "allocate", "swap", "return"), "sell", world.ada, SALE


def _no_certificate(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "return")
    return item, "sanitise", world.eng, {"method": "purge", "verified_by": world.sam.pk}


def _still_open(world):
    return under_way(world), "close", world.ada, {}


def _no_incident(world):
    """It is lost, and the request that it names is no security incident."""
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "lose")
    BatchItem.objects.filter(pk=item.pk).update(incident=a_ticket(type="incident"))
    return item.batch, "close", world.ada, {}


def _closed(world):
    item = go(items_of(under_way(world))[0], world, "defer")
    return move(item.batch, "close", by=world.ada, now=LATER), "cancel", world.ada, {"reason": "Why not"}


REFUSED = {
    "confirm a device on legal hold": (_held, "O-01 is on legal hold"),
    "submit while a candidate is unreviewed": (_unreviewed, "Review every asset first: 1 asset to go."),
    "approve one's own batch": (_own, "because you own it"),
    "move to approved with one owning council's approval missing": (
        _one_of_two,
        "is waiting for approval, so “Begin swapping” is not possible",
    ),
    "sell before sanitising": (_not_wiped, "“returned”"),
    "sanitise without a certificate": (_no_certificate, "Enter the number of the certificate"),
    "close with open items": (_still_open, "1 asset of RB-"),
    "close with a lost item that has no incident": (_no_incident, "There is no security incident for O-01."),
    "anything after closed": (_closed, "is closed, so “Cancel” is not possible"),
}


def test_every_refusal_that_was_agreed_is_tried():
    assert list(REFUSED) == VECTOR["refused"]


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_by_every_door_and_nothing_is_written(world, name):
    prepare, why = REFUSED[name]
    row, deed, by, given = prepare(world)
    by = Person.objects.get(pk=by.pk)
    before, was = told_of(), type(row).objects.filter(pk=row.pk).values().get()

    told = [door(row, deed, by, given) for door in doors_of(row)]

    assert [why in one for one in told] == [True] * len(told), told
    assert told_of() == before
    assert type(row).objects.filter(pk=row.pk).values().get() == was


def told_of() -> int:
    """How much history there is of batches and assets; the token of a program has its own."""
    return Change.objects.exclude(kind__startswith="people.").count()


def doors_of(row) -> list:
    """Batches are moved one by one; items many at once as well, by a page and by a program."""
    return [_workflow, _page, _program] + (
        [_many_on_the_page, _many_by_a_program] * isinstance(row, BatchItem)
    )


def _workflow(row, deed: str, by, given: dict) -> str:
    people = {"verified_by": Person.objects.get(pk=given["verified_by"])} if "verified_by" in given else {}
    made = move if isinstance(row, Batch) else move_item
    with pytest.raises((MoveRefused, PermissionDenied, ValidationError)) as refused:
        made(row, deed, by=by, given=given | people)
    return " ".join(getattr(refused.value, "messages", [str(refused.value)]))


def _page(row, deed: str, by, given: dict) -> str:
    if isinstance(row, Batch):
        address = reverse("batches:move_batch", args=[row.reference, deed])
    else:
        address = reverse("batches:move_item", args=[row.batch.reference, row.pk, deed])
    client = signed_in(by)
    answer = client.post(address, given | {"version": row.version})
    assert answer.status_code in (403, 409, 422)
    if answer.status_code == 403:  # why, the page of the batch says
        answer = client.get(reverse("batches:batch", args=[row.reference]))
    return answer.content.decode()


def _program(row, deed: str, by, given: dict) -> str:
    way = f"{row}" if isinstance(row, Batch) else f"{row.batch}/items/{row.pk}"
    read = {"version": row.version} | ({"amount": "771.50"} if deed == "approve" else {})
    answer = as_program(by).ask("POST", f"refresh/batches/{way}/moves/{deed}/", given | read)
    assert answer.status_code in (400, 403, 409)
    return str(answer.json())


def _many_on_the_page(row, deed: str, by, given: dict) -> str:
    address = reverse("batches:items_together", args=[row.batch.reference, deed])
    sent = given | {"item": f"{row.pk}-{row.version}", "do": "move"}
    return signed_in(by).post(address, sent, follow=True).content.decode()


def _many_by_a_program(row, deed: str, by, given: dict) -> str:
    sent = given | {"items": [{"id": row.pk, "version": row.version}]}
    path = f"refresh/batches/{row.batch}/items/moves/{deed}/"
    return str(as_program(by).ask("POST", path, sent).json())


def signed_in(by) -> Client:
    client = Client()
    client.force_login(by)
    return client


def test_database_keeps_nothing_that_is_lost_without_an_incident(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "lose")

    with pytest.raises(IntegrityError, match="lost_has_its_incident"), transaction.atomic():
        BatchItem.objects.filter(pk=item.pk).update(incident=None)


def test_what_was_lost_with_its_incident_lets_the_batch_close(world):
    item = go(items_of(under_way(world))[0], world, "allocate", "swap", "lose")

    assert move(item.batch, "close", by=world.ada).state == "closed"
