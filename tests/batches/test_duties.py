"""Who had a hand in a batch does not approve it, and what is offered is what would be made."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from assets.batches.approving import approve
from assets.batches.items import move_items
from assets.batches.models import Batch
from assets.batches.ordering import stop_counting
from assets.batches.planning import change_line
from assets.batches.standing import standings_of
from assets.batches.workflow import answers, move
from assets.register.lifecycle import MoveRefused
from tests.batches.test_moves import drafted, given_for, submitted, under_way, world
from tests.batches.waves import LATER, NOW, items_of, line_of, ordered
from tests.factories import a_grant, a_person

pytestmark = pytest.mark.django_db
__all__ = ["world"]
AFTER = LATER + timedelta(days=1)


def test_who_changed_a_price_does_not_approve_it_alone(world):
    a_grant(world.bea, "asset_manager")
    both = a_person(world.county, "budget_approver", name="Bo")
    bea = type(world.bea).objects.get(pk=world.bea.pk)
    batch = move(submitted(world), "approve", by=bea, now=NOW)
    line = line_of(batch, world.county)
    change_line(line, by=bea, version=line.version, purchase=Decimal("5000.00"), now=LATER)

    with pytest.raises(PermissionDenied, match="Somebody else must approve"):
        approve(batch, world.county, by=bea)
    assert approve(batch, world.county, by=both, now=LATER).amount == Decimal("5029.50")
    line.refresh_from_db()
    change_line(line, by=both_roles(both), version=line.version, purchase=Decimal("9000.00"), now=AFTER)
    assert approve(batch, world.county, by=bea, now=AFTER).amount == Decimal("9029.50")


def test_who_confirmed_its_assets_does_not_approve_it_until_others_have(world):
    bea = both_roles(world.bea)
    batch = drafted(world)
    move_items(items_of(batch), "confirm", by=bea, now=NOW)
    batch = move(batch, "submit", by=world.ada, now=NOW)
    nobody = "Nobody else approves its budget: an administrator can give the role."
    why = f"Somebody else must approve {batch} for Oxfordshire County Council, because you confirmed assets for it."

    with pytest.raises(PermissionDenied) as refused:
        move(batch, "approve", by=bea, now=NOW)
    assert str(refused.value) == f"{why} {nobody}"
    bo = a_person(world.county, "budget_approver", name="Bo")
    assert answered(bea, batch)["approve"] == f"{why} Bo can."
    assert answered(bo, batch) == {"approve": "", "reject": ""}
    batch = move(batch, "approve", by=bo, now=NOW)
    line = line_of(batch, world.county)
    change_line(line, by=world.ada, version=line.version, purchase=Decimal("900.00"), now=LATER)
    assert answered(bea, batch)["approve"] == ""


def answered(person, batch) -> dict[str, str]:
    return answers(person, standings_of([batch])[0])


def test_a_move_is_offered_only_where_it_would_be_made(world):
    """Whatever is offered can be done, whatever is said not to be possible cannot, and in the same words."""
    told = set()
    a_grant(world.ada, "budget_approver")
    ada = type(world.ada).objects.get(pk=world.ada.pk)
    for made in (drafted, submitted, under_way):
        batch = made(world, 1)
        for person in (ada, world.bea, world.dee, world.eng):
            for name, said in answered(person, batch).items():
                told.add((batch.state, str(person), name, bool(said)))
                assert said == _tried(batch, name, person)
        move_items(items_of(batch, "confirmed"), "defer", by=ada, given=given_for("defer", None, world))
        Batch.objects.filter(pk=batch.pk).update(state="cancelled")
        batch.items.update(locked=False)

    assert told == {
        ("draft", "Ada", "submit", True),
        ("draft", "Ada", "cancel", False),
        ("submitted", "Ada", "send_back", False),
        ("submitted", "Ada", "cancel", False),
        ("submitted", "Ada", "approve", True),
        ("submitted", "Bea", "approve", False),
        ("submitted", "Bea", "reject", False),
        ("under_way", "Ada", "close", True),
    }


def _tried(batch: Batch, name: str, person) -> str:
    """Why a move is refused, "" where it is made; nothing of it stays."""
    try:
        with transaction.atomic():
            move(batch, name, by=person, given={"reason": "A reason"}, now=NOW)
            transaction.set_rollback(True)
    except (MoveRefused, PermissionDenied) as refused:
        return str(refused)
    return ""


def both_roles(person):
    a_grant(person, "asset_manager")
    return type(person).objects.get(pk=person.pk)


def test_approver_of_two_councils_approves_on_the_page_for_the_one_in_which_they_had_no_hand(world, client):
    a_grant(world.bea, "budget_approver", world.district)
    bea = both_roles(world.bea)
    batch = drafted(world, 4)
    items = items_of(batch)
    move_items([item for item in items if item.council == world.county], "confirm", by=bea, now=NOW)
    move_items([item for item in items if item.council == world.district], "confirm", by=world.dee, now=NOW)
    batch = move(batch, "submit", by=world.ada, now=NOW)
    costs = {one.council: one.cost for one in standings_of([batch])[0].approvals}
    client.force_login(bea)

    sent = {"version": batch.version, f"amount_{world.district.pk}": costs[world.district]}
    answer = client.post(reverse("batches:move_batch", args=[batch.reference, "approve"]), sent)

    assert answer.status_code == 302
    given = batch.approvals.values_list("council__code", "decided_by", "amount")
    assert list(given) == [("CDC", bea.pk, costs[world.district])]


def test_who_had_a_hand_gets_no_form_to_reject_it_either(world, client):
    bea = both_roles(world.bea)
    batch = drafted(world)
    move_items(items_of(batch), "confirm", by=bea, now=NOW)
    batch = move(batch, "submit", by=world.ada, now=NOW)
    client.force_login(bea)

    answer = client.get(reverse("batches:move_batch", args=[batch.reference, "reject"]))

    assert answer.status_code == 403


def test_who_took_an_order_off_a_line_does_not_approve_what_it_costs_then(world):
    bea = both_roles(world.bea)
    batch = move(
        submitted(world), "approve", by=a_person(world.county, "budget_approver", name="Bo"), now=NOW
    )
    bought = ordered(batch, world.county, world.ada, 1, place=False)
    line = line_of(batch, world.county)
    change_line(line, by=world.ada, version=line.version, purchase=Decimal("5000.00"), now=LATER)
    assert "approve" not in answered(bea, batch)  # what is ordered costs no more than was agreed

    stop_counting(bought.for_batch, by=bea, now=LATER)

    assert "because you changed what it buys or what that costs" in answered(bea, batch)["approve"]
