"""Who has an asset and had it: begun by issuing, ended by the return, kept through repair, always told."""

from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError

from assets.register.custody import sign, to_sign
from assets.register.handing_over import hand_over
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Custody, Loan, Repair, ServiceRecord, Supplier
from assets.register.registering import change_asset
from assets.register.workflow import move
from tests.factories import a_person, a_ticket, an_asset
from tests.register.life import NOW, a_world
from tests.register.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def told(asset: Asset) -> list[tuple]:
    """Every custody, the first first: who, under way or not, how it looked, what was noted."""
    return [
        (str(held), held.ended_at is None, held.condition_at_start, held.condition_at_end, held.note)
        for held in Custody.objects.filter(asset=asset).select_related("person", "site").order_by("pk")
    ]


def test_a_laptop_is_issued_repaired_handed_over_and_returned(world):
    asset = an_asset(world.county, state="in_stock", condition="A")
    by = world.engineer

    asset = move(asset, "issue", by=by, given={"person": world.jo, "note": "At the door"}, now=NOW)
    assert told(asset) == [("Jo Okoro", True, "A", "", "At the door")]
    asset = move(asset, "send_for_repair", by=by, given={"supplier_reference": "RMA-7"}, now=NOW)
    asset = move(asset, "back_from_repair", by=by, given={"to": "in_use"}, now=NOW)
    assert (asset.holder, told(asset)) == (world.jo, [("Jo Okoro", True, "A", "", "At the door")])

    asset = hand_over(asset, by=by, given={"person": world.keeper, "condition": "B"}, version=4, now=NOW)
    asset = move(asset, "return", by=by, given={"condition": "C", "note": "Scratched"}, now=NOW)

    assert asset.holder is None
    assert told(asset) == [("Jo Okoro", False, "A", "B", "At the door"), ("Ada", False, "B", "C", "")]
    assert Custody.objects.latest("pk").end_note == "Scratched"
    assert list(Repair.objects.values_list("asset", "supplier_reference", "recorded_by")) == [
        (asset.pk, "RMA-7", by.pk)
    ]


def test_last_holder_stands_on_the_page_after_the_return(world, client):
    asset = an_asset(world.county, state="in_use", holder=world.jo)
    client.force_login(world.engineer)
    assert "Jo Okoro has it since" in text_of(client.get(f"/assets/{asset.pk}/"))

    move(asset, "return", by=world.engineer, given={"condition": "B"}, now=NOW)

    assert "Jo Okoro had it last, until 23 November 2026" in text_of(client.get(f"/assets/{asset.pk}/"))


def test_rooms_and_pools_have_things_too(world):
    screen = an_asset(world.county, state="in_stock", category="monitor", room="Store")
    move(screen, "issue", by=world.keeper, given={"site": world.site, "room": "2.14"}, now=NOW)
    spare = an_asset(world.county, state="in_stock")
    spare = move(spare, "issue", by=world.keeper, given={"pool": "Loan laptops"}, now=NOW)

    assert [held[:2] for held in told(screen)] == [("2.14, County Hall", True)]
    assert [held[:2] for held in told(spare)] == [("Loan laptops", True)]
    spare = move(spare, "send_for_repair", by=world.keeper, given={"supplier_reference": "1"})
    assert [held[:2] for held in told(spare)] == [("Loan laptops", True)]
    spare = move(spare, "back_from_repair", by=world.keeper, given={"to": "in_stock"})
    assert ([held[:2] for held in told(spare)], spare.holder_note) == ([("Loan laptops", False)], "")


def test_back_in_use_only_with_its_holder(world):
    asset = an_asset(world.county, state="in_repair")
    with pytest.raises(ValidationError) as refused:
        move(asset, "back_from_repair", by=world.keeper, given={"to": "in_use"})
    assert refused.value.message_dict == {"to": [f"Nobody has {asset}, so it can only go into stock"]}


def test_correcting_the_holder_moves_the_custody(world):
    asset = an_asset(world.county, state="in_use", holder=world.jo)
    change_asset(asset, by=world.keeper, version=1, holder=world.keeper, reason="Wrong person", now=NOW)
    assert told(asset) == [("Jo Okoro", False, "", "", ""), ("Ada", True, "", "", "Wrong person")]
    assert Custody.objects.get(person=world.jo).ended_at == NOW


def test_lost_stays_with_who_had_it_until_found(world):
    asset = an_asset(world.county, state="in_use", holder=world.jo)
    move(asset, "lose", by=world.engineer, given={"what_happened": "Left on the bus"}, now=NOW)
    assert [held[:2] for held in told(asset)] == [("Jo Okoro", True)]

    asset = move(asset, "find", by=world.engineer, given={"note": "Handed in"}, now=NOW)

    assert (asset.state, asset.holder, [held[:2] for held in told(asset)]) == (
        "returned",
        None,
        [("Jo Okoro", False)],
    )


def test_only_the_holder_signs_and_once(world):
    asset = an_asset(world.county, state="in_use", holder=world.jo)
    held = to_sign(world.jo, asset)
    with pytest.raises(PermissionDenied):
        sign(held, by=world.keeper)

    sign(held, by=world.jo, now=NOW)

    with pytest.raises(MoveRefused):
        sign(held, by=world.jo)
    assert to_sign(world.jo, asset) is None
    held.refresh_from_db()
    assert (held.signed_by, held.signed_at) == (world.jo, NOW)


def test_who_gets_it_is_one_of_the_council_who_has_not_left(world):
    gone = a_person(world.county, name="Gone", is_active=False)
    asked = {
        "nobody": {},
        "both": {"person": world.jo, "pool": "Spare"},
        "left": {"person": gone},
        "other": {"person": world.di},
    }
    refused = {}
    for name, given in asked.items():
        with pytest.raises(ValidationError) as error:
            move(an_asset(world.county, state="in_stock"), "issue", by=world.keeper, given=given)
        refused[name] = error.value.messages
    assert refused == {
        "nobody": ["Enter who gets it: a person, a room or a pool"],
        "both": ["Enter a person or a pool, not both"],
        "left": ["Gone has left. Enter somebody who has not"],
        "other": [
            "Enter somebody of Oxfordshire County Council, or agree a loan with the other council first"
        ],
    }


def test_loan_lets_the_other_council_have_it_within_its_days_and_ends_with_the_return(world):
    asset = an_asset(world.county, state="in_stock")
    loan = Loan.objects.create(
        council=world.county,
        receiver=world.district,
        asset=asset,
        person=world.di,
        starts_on=date(2026, 11, 23),
        ends_on=date(2026, 12, 31),
        reason="Flood",
        state="agreed",
        offered_at=NOW,
    )
    with pytest.raises(ValidationError) as early:
        move(asset, "issue", by=world.keeper, given={"person": world.di}, now=NOW - timedelta(days=1))
    assert early.value.messages == ["The loan to Di is for 23 November 2026 to 31 December 2026"]

    asset = move(asset, "issue", by=world.keeper, given={"person": world.di}, now=NOW)
    assert (asset.holder, Custody.objects.get().loan) == (world.di, loan)
    asset = change_asset(asset, by=world.keeper, version=asset.version, notes="With the charger")
    assert asset.notes == "With the charger"
    assert list(Loan.objects.overdue(date(2027, 1, 1))) == [loan]

    move(asset, "return", by=world.keeper, given={"condition": "B"}, now=NOW)

    loan.refresh_from_db()
    assert (loan.state, loan.ended_at) == ("ended", NOW)


def test_repair_may_name_a_request_that_one_sees(world):
    ticket, hidden = a_ticket(world.jo), a_ticket(world.di, sharing="own_council")
    asset = an_asset(world.county, state="in_stock")
    with pytest.raises(ValidationError) as refused:
        move(asset, "send_for_repair", by=world.engineer, given={"ticket": hidden})
    assert refused.value.message_dict == {"ticket": ["No request that you can see has this reference"]}

    move(asset, "send_for_repair", by=world.engineer, given={"ticket": ticket})

    assert list(ServiceRecord.objects.values_list("asset", "ticket")) == [(asset.pk, ticket.pk)]


def test_what_was_held_before_there_were_custodies_gets_one(world):
    held = an_asset(world.county, "H", state="in_use", holder=world.jo, condition="B")
    room = an_asset(world.county, "R", state="in_use", room="2.14", site=world.site)
    pool = an_asset(world.county, "P", state="in_use", holder_note="Spares")
    an_asset(world.county, "S", state="in_stock", room="Store")
    an_asset(world.county, "G", state="sold", holder=world.jo)
    made = list(
        Custody.objects.order_by("asset").values_list("asset", "kind", "person", "site", "room", "pool")
    )
    Custody.objects.all().delete()

    import_module("assets.register.migrations.0004_custody_of_what_is_held").begin(apps, None)

    assert made == [
        (held.pk, "person", world.jo.pk, None, "", ""),
        (room.pk, "room", None, world.site.pk, "2.14", ""),
        (pool.pk, "pool", None, None, "", "Spares"),
    ]
    assert (
        list(Custody.objects.order_by("asset").values_list("asset", "kind", "person", "site", "room", "pool"))
        == made
    )
    assert Custody.objects.get(asset=held).begun_at == held.registered_at


def test_repair_names_one_of_the_suppliers(world, client):
    fixers = Supplier.objects.create(name="Bench and Co")
    asset = an_asset(world.county, "H", state="in_stock")
    client.force_login(world.engineer)

    sent = {"version": asset.version, "supplier": fixers.pk, "supplier_reference": "RMA-7"}
    client.post(f"/assets/{asset.pk}/moves/send_for_repair/", sent)

    assert list(Repair.objects.values_list("asset", "supplier", "supplier_name")) == [
        (asset.pk, fixers.pk, "")
    ]
    assert "Bench and Co" in text_of(client.get(f"/assets/{asset.pk}/"))


def test_repairs_whose_firm_was_typed_are_tied_to_the_supplier_of_that_name_and_keep_any_other(world, client):
    fixers = Supplier.objects.create(name="Bench and Co")
    asset = an_asset(world.county, "H", state="in_stock")
    for name in ("bench  AND co", "A man in Witney", ""):
        said = {"council": world.county, "asset": asset, "recorded_at": NOW}
        Repair.objects.create(supplier_name=name, **said)

    import_module("assets.register.migrations.0008_repairs_by_supplier").find_suppliers(apps, None)

    assert list(Repair.objects.order_by("pk").values_list("supplier", "supplier_name")) == [
        (fixers.pk, ""),
        (None, "A man in Witney"),
        (None, ""),
    ]
    client.force_login(world.engineer)
    page = text_of(client.get(f"/assets/{asset.pk}/"))
    assert ("Bench and Co" in page, "A man in Witney" in page) == (True, True)
