"""Which new device takes the place of which old one: by rule, by hand, and another one until the swap."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from assets.batches.allocating import devices_for
from assets.batches.choosing import create_batch
from assets.batches.exchange_forms import ExchangeForm
from assets.batches.exchanging import exchange
from assets.batches.forms import item_form
from assets.batches.items import move_item, move_items
from assets.batches.models import Batch, BatchItem
from assets.batches.undoing import last_deed
from assets.batches.workflow import move
from assets.disposal.models import Consignment, ConsignmentItem
from assets.orders.receiving import receive
from assets.register.holding import set_hold
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Supplier
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from tests.api.calling import as_program, named
from tests.batches.test_moves import go, under_way, world
from tests.batches.waves import LATER, NOW, TODAY, boxes, items_of, laptops, ordered, tags
from tests.factories import a_model, an_asset

pytestmark = pytest.mark.django_db
__all__ = ["world"]


def of_tag(tag: str) -> Asset:
    return Asset.objects.get(asset_tag=tag)


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def approved(world, *old: Asset) -> Batch:
    batch = create_batch(by=world.ada, title="A", rule={"tags": tags([*old])}, as_at=TODAY, now=NOW)
    move_items(items_of(batch), "confirm", by=world.ada, now=NOW)
    return move(move(batch, "submit", by=world.ada, now=NOW), "approve", by=world.bea, now=NOW)


@pytest.fixture
def refused(world):
    """By tag: what takes the place of nothing of the county's batch, with what is said of it."""
    county = world.county
    set_hold(laptops(county, 1, "HELD", state="in_stock")[0], by=world.ada, reason="An inquiry", now=NOW)
    laptops(county, 1, "OUT", state="in_use", holder=world.jo)
    laptops(world.district, 1, "THEIRS", state="in_stock")
    an_asset(county, "SCREEN", category="monitor", state="in_stock")
    [gone] = laptops(county, 1, "GONE", state="in_stock")
    firm = Supplier.objects.create(name="Clear IT")
    away = Consignment.objects.create(
        council=county, reference="WC-1", supplier=firm, state="collected", collected_on=TODAY, made_at=NOW
    )
    ConsignmentItem.objects.create(consignment=away, asset=gone, added_at=NOW)
    other = approved(world, world.old[0], world.old[2])
    receive(ordered(other, county, world.ada, 2), boxes(county, 2, first=8), by=world.ada, now=NOW)
    kept = go(items_of(move(other, "begin", by=world.ada, now=NOW))[0], world, "allocate").replacement
    assert kept.asset_tag == "NO-08"
    return {
        "HELD-01": "HELD-01 is on legal hold, so it replaces nothing until the hold is lifted",
        "OUT-01": "OUT-01 is in use, not in stock",
        "THEIRS-01": "Choose a device of Oxfordshire County Council",
        "SCREEN": "SCREEN is of another category, monitor: O-02 is replaced by one of laptop",
        "GONE-01": "GONE-01 left with consignment WC-1. Close or cancel that first.",
        "NO-08": f"NO-08 is kept for {other}",
        "NO-09": f"NO-09 came for {other}, which is open and needs it",
    }


@pytest.fixture
def item(world) -> BatchItem:
    """O-02, confirmed in a batch that is under way."""
    return items_of(move(approved(world, world.old[1]), "begin", by=world.ada, now=NOW))[0]


def test_the_model_that_replaces_the_old_one_comes_first_then_what_was_registered_first(world):
    wanted = a_model("T16 Gen 2")
    Asset.objects.filter(pk=world.old[1].pk).update(model=a_model("E14", replacement_model=wanted))
    Asset.objects.filter(asset_tag="N-03").update(model=wanted)
    batch = under_way(world, 3)

    move_items(items_of(batch), "allocate", by=world.ada, now=NOW)

    given = dict(batch.items.values_list("asset__asset_tag", "replacement__asset_tag"))
    assert given == {"O-01": "N-01", "O-02": "N-03", "O-03": "N-02"}


def test_a_device_that_is_named_for_one_is_given_to_no_other(world):
    batch = under_way(world, 3)
    items = items_of(batch)

    each = {items[2].pk: {"replacement": of_tag("N-01")}}
    done = move_items(items, "allocate", by=world.ada, each=each, now=NOW)

    given = {one.asset.asset_tag: one.replacement.asset_tag for one in done.moved}
    assert (given, done.refused) == ({"O-01": "N-02", "O-02": "N-03", "O-03": "N-01"}, [])


def test_what_the_rule_passes_over_is_not_taken_by_hand_either(world, refused, item):
    assert tags(devices_for(item)) == ["N-01", "N-02", "N-03"]
    for form in (item_form("allocate", item, world.ada), ExchangeForm(item=item, by=world.ada)):
        assert tags(form.fields["replacement"].queryset) == ["N-01", "N-02", "N-03"]
    for tag, why in refused.items():
        with pytest.raises(ValidationError) as said:
            move_item(item, "allocate", by=world.ada, given={"replacement": of_tag(tag)})
        assert said.value.message_dict == {"replacement": [why]}

    item = move_item(item, "allocate", by=world.ada, given={"replacement": of_tag("N-02")}, now=NOW)

    assert item.replacement.asset_tag == "N-02"
    for tag, why in {**refused, "N-02": "N-02 is kept for O-02 already"}.items():
        with pytest.raises(ValidationError) as said:
            exchange(item, by=world.ada, replacement=of_tag(tag))
        assert said.value.message_dict == {"replacement": [why]}
    assert items_of(item.batch)[0].version == item.version


@pytest.mark.parametrize("way", [(), ("schedule",), ("schedule", "miss")])
def test_another_is_kept_until_the_swap_and_the_first_is_free_again(world, item, way):
    item = go(item, world, "allocate", *way)

    changed = exchange(
        item, by=world.ada, replacement=of_tag("N-03"), reason="Broken", version=item.version, now=LATER
    )

    assert (changed.state, changed.scheduled_for, changed.version) == (
        item.state,
        item.scheduled_for,
        item.version + 1,
    )
    told = Change.objects.get(kind="batches.batchitem", object_id=item.pk, move="exchange")
    assert told.fields == {"replacement": [of_tag("N-01").pk, of_tag("N-03").pk, "N-01", "N-03"]}
    assert (told.change_set.reason, told.change_set.by_id) == ("Broken", world.ada.pk)
    assert tags(devices_for(changed)) == ["N-01", "N-02"]
    assert last_deed(world.ada, item.batch) is None
    if changed.state == "no_show":
        changed = go(changed, world, "schedule")
    given = {"old": "O-02", "new": "N-03", "signed_by": "Jo"}
    assert move_item(changed, "swap", by=world.eng, given=given, now=LATER).state == "swapped"
    assert of_tag("N-03").holder == world.jo and of_tag("N-01").state == "in_stock"


def test_a_device_that_was_lost_in_the_store_is_exchanged_so_that_the_swap_takes_place(world, item):
    item = go(item, world, "allocate")
    Asset.objects.filter(asset_tag="N-01").update(state="lost_stolen")
    given = {"old": "O-02", "new": "N-01", "signed_by": "Jo"}
    with pytest.raises(MoveRefused, match="N-01 is lost or stolen, so it cannot be issued"):
        move_item(item, "swap", by=world.eng, given=given, now=LATER)

    item = exchange(item, by=world.ada, replacement=of_tag("N-02"), now=LATER)

    assert move_item(item, "swap", by=world.eng, given=given | {"new": "N-02"}, now=LATER).state == "swapped"


def test_it_is_refused_out_of_place_to_strangers_and_to_who_read_it_earlier(world, item):
    new = of_tag("N-03")
    with pytest.raises(MoveRefused, match="O-02 is “confirmed” in RB-.*between its allocation and its swap"):
        exchange(item, by=world.ada, replacement=new)
    item = go(item, world, "allocate")
    for stranger in (world.dee, world.eng, world.bea):
        with pytest.raises(PermissionDenied):
            exchange(item, by=stranger, replacement=new)
    with pytest.raises(Stale):
        exchange(item, by=world.ada, replacement=new, version=item.version - 1)
    BatchItem.objects.filter(pk=item.pk).update(state="swapped")
    with pytest.raises(MoveRefused, match="O-02 is “swapped”"):
        exchange(item, by=world.ada, replacement=new)
    BatchItem.objects.filter(pk=item.pk).update(state="allocated", outcome="retire", replacement=None)
    with pytest.raises(MoveRefused, match="O-02 is retired without a replacement"):
        exchange(item, by=world.ada, replacement=new)
    type(item.batch).objects.filter(pk=item.batch_id).update(state="closed")
    with pytest.raises(MoveRefused, match="is closed, so no other device is kept for its assets"):
        exchange(item, by=world.ada, replacement=new)


def test_it_is_chosen_on_a_page(world, item):
    client = signed_in(world.ada)
    page = reverse("batches:item", args=[item.batch.reference, item.pk])
    at = reverse("batches:exchange_device", args=[item.batch.reference, item.pk])
    assert at not in client.get(page).content.decode()
    item = go(item, world, "allocate")

    assert at in client.get(page).content.decode()
    asked = client.get(at).content.decode()
    assert "N-01 is kept for it." in asked
    assert f'<option value="{of_tag("N-02").pk}">N-02</option>' in asked
    assert f'<option value="{of_tag("N-01").pk}"' not in asked
    sent = {"replacement": of_tag("N-02").pk, "reason": "Broken", "version": item.version}
    told = client.post(at, sent, follow=True).content.decode()

    assert "N-02 is kept for O-02, and N-01 no longer" in told
    assert "Broken" in told
    stale = client.post(at, sent | {"replacement": of_tag("N-03").pk})
    assert (stale.status_code, items_of(item.batch)[0].replacement.asset_tag) == (409, "N-02")
    assert client.post(at, {"replacement": of_tag("O-03").pk}).status_code == 422
    assert at not in signed_in(world.eng).get(page).content.decode()
    assert signed_in(world.eng).get(at).status_code == 403


def test_it_is_chosen_by_a_program(world, item, refused):
    caller, at = as_program(world.ada), f"refresh/batches/{item.batch}/items/{item.pk}/new-device/"
    early = caller.ask("POST", at, {"replacement": of_tag("N-02").pk})
    assert (early.status_code, "“confirmed”" in early.json()["detail"]) == (409, True)
    item = go(item, world, "allocate")

    done = caller.ask("POST", at, {"replacement": of_tag("N-02").pk, "version": item.version})

    assert (done.status_code, done.json()["replacement"]) == (200, named(of_tag("N-02")))
    held = caller.ask("POST", at, {"replacement": of_tag("HELD-01").pk})
    assert (held.status_code, held.json()["errors"]) == (400, {"replacement": [refused["HELD-01"]]})
    assert caller.ask("POST", at, {}).status_code == 400
    assert as_program(world.eng).ask("POST", at, {"replacement": of_tag("N-03").pk}).status_code == 403
