"""A consignment: what may go into it, which papers it needs, and that it closes only when three lists agree."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assets.disposal import closing, consigning
from assets.disposal.models import Consignment, ConsignmentItem
from assets.disposal.states import MOVES
from assets.register.holding import set_hold
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Disposal
from assets.register.workflow import move, move_all, refusals
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change, ChangeSet
from tests.disposal.leaving import (
    NOW,
    PAPERS,
    TODAY,
    a_consignment,
    a_disposing_world,
    collected,
    lines,
    wiped,
)
from tests.factories import a_person, an_asset
from tests.register.life import given_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_disposing_world()


def in_state(world, state: str) -> Consignment:
    row = collected(world, wiped(world.county, "A"))
    Consignment.objects.filter(pk=row.pk).update(state=state)
    return Consignment.objects.get(pk=row.pk)


def refused_of(world, asset: Asset) -> list[str]:
    row = consigning.make(by=world.keeper, council=world.county, supplier=world.firm, now=NOW)
    added, refused = consigning.add_items(row, [asset], by=world.keeper, now=NOW)
    assert added == []
    return [one.sentence for one in refused]


def test_only_what_is_wiped_or_holds_nothing_goes_in(world):
    county = world.county
    row = a_consignment(
        world,
        wiped(county, "A"),
        an_asset(county, "SCREEN", category="monitor", state="returned"),
        an_asset(county, "DOCK", category="dock", state="in_stock"),
    )
    assert [item.asset.asset_tag for item in consigning.items_of(row)] == ["A", "SCREEN", "DOCK"]

    assert refused_of(world, an_asset(county, "BACK", state="returned")) == [
        "BACK is returned, so “Dispose of” is not possible."
    ]
    uncertified = wiped(county, "B", certificate_number="")
    assert refused_of(world, uncertified) == ["There is no certificate that B was wiped."]
    held = set_hold(wiped(county, "C"), by=world.keeper, reason="An inquiry")
    assert refused_of(world, held) == [
        "C is on legal hold, so “Dispose of” is not possible until the hold is lifted."
    ]
    assert refused_of(world, wiped(world.district, "D")) == [
        "D does not belong to Oxfordshire County Council."
    ]
    assert refused_of(world, Asset.objects.get(asset_tag="A")) == [f"A is in consignment {row} already."]


def test_what_was_taken_out_or_cancelled_is_free_again(world):
    asset, other = wiped(world.county, "A"), wiped(world.county, "B")
    row = a_consignment(world, asset, other)
    consigning.remove_item(ConsignmentItem.objects.get(asset=asset), by=world.keeper, now=NOW)
    a_consignment(world, asset)
    consigning.cancel(row, by=world.keeper, now=NOW)
    a_consignment(world, other)

    with pytest.raises(MoveRefused, match=f"{row} is cancelled: nothing more goes into it."):
        consigning.add_items(row, [wiped(world.county, "C")], by=world.keeper)


def test_nothing_is_collected_without_its_papers(world):
    row = a_consignment(world, an_asset(world.county, "SCREEN", category="monitor", state="returned"))

    with pytest.raises(ValidationError) as error:
        consigning.collect(row, by=world.keeper, now=NOW)
    assert error.value.message_dict == {
        "carrier_licence": ["Enter the number of the waste carrier’s licence"],
        "carrier_licence_expiry": ["Enter the day on which the licence expires"],
        "transfer_note": ["Enter the number of the waste transfer note"],
        "items_on_note": ["Enter how many items the note names"],
        "weee_facility": ["Enter the facility that treats it"],
        "dial_rating": ["Select the DIAL rating of the job"],
        "collected_on": ["Enter the day it was collected"],
        "hazardous_waste_note": [
            "There are screens or batteries in it: enter the number of the hazardous waste note"
        ],
    }
    late = PAPERS | {
        "carrier_licence_expiry": date(2026, 11, 22),
        "hazardous_waste_note": "H",
        "items_on_note": 1,
    }
    with pytest.raises(ValidationError, match="The licence had expired on the day of the collection"):
        consigning.collect(row, by=world.keeper, now=NOW, **late)
    with pytest.raises(ValidationError, match="must not be in the future"):
        consigning.collect(
            row,
            by=world.keeper,
            now=NOW,
            **late | {"carrier_licence_expiry": date(2027, 1, 1), "collected_on": date(2026, 11, 24)},
        )
    assert Consignment.objects.get().state == "draft"


@pytest.mark.parametrize(
    ("category", "hazardous"),
    [
        *((one, True) for one in ("monitor", "laptop", "tablet", "mobile_phone", "ups")),
        *((one, False) for one in ("desktop", "switch", "dock")),
    ],
)
def test_what_has_a_screen_or_a_battery_goes_with_a_hazardous_waste_note(world, category, hazardous):
    row = a_consignment(world, wiped(world.county, "A", category=category))
    papers = PAPERS | {"items_on_note": 1, "hazardous_waste_note": ""}

    if hazardous:
        with pytest.raises(ValidationError) as refused:
            consigning.collect(row, by=world.keeper, now=NOW, **papers)
        assert list(refused.value.message_dict) == ["hazardous_waste_note"]
        papers["hazardous_waste_note"] = "HWN-1"

    assert consigning.collect(row, by=world.keeper, now=NOW, **papers).state == "collected"


def test_an_empty_one_is_not_collected(world):
    row = a_consignment(world)
    with pytest.raises(MoveRefused, match=f"There is nothing in {row} yet."):
        consigning.collect(row, by=world.keeper, now=NOW, items_on_note=0, **PAPERS)


def test_closing_lets_everything_go_in_one_deed_with_its_evidence(world):
    county = world.county
    things = [wiped(county, tag) for tag in "ABCD"]
    screen = an_asset(county, "SCREEN", category="monitor", state="in_stock")
    row = collected(world, *things, screen, hazardous_waste_note="H-1", income=Decimal("30.01"))
    said = [
        ("SNA", "resold"),
        (" snb ", "resold"),
        ("C", "recycled"),
        ("SND", "destroyed"),
        ("SCREEN", "destroyed"),
    ]
    row = closing.take_certificate(row, lines(*said), by=world.keeper, now=NOW)
    before = ChangeSet.objects.count()

    row = closing.close(row, by=world.keeper, now=NOW)

    assert ChangeSet.objects.count() == before + 1
    told = (
        "asset__asset_tag",
        "kind",
        "consignment_reference",
        "certificate_number",
        "buyer",
        "recipient",
        "income",
    )
    assert list(Disposal.objects.order_by("asset__asset_tag").values_list(*told)) == [
        ("A", "sold", row.reference, "", "Clear IT", "", Decimal("15.01")),
        ("B", "sold", row.reference, "", "Clear IT", "", Decimal("15.00")),
        ("C", "disposed", row.reference, "", "", "Banbury Recycling", None),
        ("D", "destroyed", row.reference, "C-5", "", "", None),
        ("SCREEN", "disposed", row.reference, "", "", "Banbury Recycling", None),
    ]
    assert list(
        row.items.order_by("id").values_list("asset__asset_tag", "outcome", "certificate_number")
    ) == [
        ("A", "resold", "C-2"),
        ("B", "resold", "C-3"),
        ("C", "recycled", "C-4"),
        ("D", "destroyed", "C-5"),
        ("SCREEN", "destroyed", "C-6"),
    ]
    assert set(Disposal.objects.values_list("done_on", flat=True)) == {TODAY}
    assert (row.state, row.closed_by) == ("closed", world.keeper)


def test_every_difference_is_named_and_keeps_it_open(world):
    row = collected(world, *(wiped(world.county, tag) for tag in "ABC"), items_on_note=4)
    said = [("SNA", "recycled"), ("SNA", "recycled"), ("SNX", "recycled"), ("SNC", "recycled")]
    row = closing.take_certificate(row, lines(*said), by=world.keeper, now=NOW)

    with pytest.raises(MoveRefused) as refused:
        closing.close(row, by=world.keeper, now=NOW)

    assert str(refused.value) == (
        "The lists do not agree: B was scanned but is not certified; SNX is certified but was not scanned; "
        "A is certified more than once; 3 were scanned out, but the consignment note names 4."
    )
    assert set(Asset.objects.values_list("state", flat=True)) == {"sanitised"}
    row = consigning.change(row, by=world.keeper, version=row.version, items_on_note=3, now=NOW)
    again = [(f"SN{tag}", "recycled") for tag in "ABC"]
    row = closing.take_certificate(row, lines(*again), by=world.keeper, now=NOW)
    assert closing.close(row, by=world.keeper, now=NOW).state == "closed"


def test_one_thing_that_may_not_leave_keeps_all_of_it(world):
    asset, other = wiped(world.county, "A"), wiped(world.county, "B")
    row = collected(world, asset, other)
    row = closing.take_certificate(
        row, lines(("SNA", "recycled"), ("SNB", "destroyed")), by=world.keeper, now=NOW
    )
    set_hold(other, by=world.keeper, reason="An inquiry", now=NOW)
    before = ChangeSet.objects.count(), Change.objects.count()

    with pytest.raises(MoveRefused, match="B is on legal hold, so “Destroy” is not possible"):
        closing.close(row, by=world.keeper, now=NOW)

    assert (ChangeSet.objects.count(), Change.objects.count()) == before
    assert Disposal.objects.count() == 0
    assert Consignment.objects.get(pk=row.pk).state == "certified"
    assert {item.is_current for item in row.items.all()} == {True}


def test_what_the_firm_has_is_not_moved_in_the_register_until_its_consignment_is_cancelled_for_a_reason(
    world,
):
    asset, other = wiped(world.county, "A"), wiped(world.county, "B")
    screen = an_asset(world.county, "SCREEN", category="monitor", state="in_stock")
    row = collected(world, asset, screen, hazardous_waste_note="H-1")
    says = f"left with consignment {row}. Close or cancel that first."

    endings = ("restock", "dispose", "donate", "sell", "destroy")
    assert [name for name in endings if may_go(world, asset, name)] == []
    with pytest.raises(MoveRefused, match=f"SCREEN {says}"):
        move(screen, "issue", by=world.keeper, given={"person": world.jo}, now=NOW)
    done = move_all([asset, other], "restock", by=world.keeper, now=NOW)
    assert [one.sentence for one in done.refused] == [f"A {says}"]
    assert done.moved == [other]

    row = closing.take_certificate(row, lines(("SNA", "recycled")), by=world.keeper, now=NOW)
    with pytest.raises(ValidationError, match="Enter why it is cancelled although the firm has it"):
        consigning.cancel(row, by=world.keeper, reason=" ", now=NOW)
    consigning.cancel(row, by=world.keeper, reason="The lorry came back", now=NOW)
    freed = Change.objects.filter(kind="disposal.consignmentitem", change_set__reason="The lorry came back")
    assert [change.fields["is_current"][:2] for change in freed] == [[True, False]] * 2
    assert move(asset, "restock", by=world.keeper, now=NOW).state == "in_stock"


def may_go(world, asset: Asset, name: str) -> bool:
    return not refusals([asset], name, by=world.keeper, given=given_for(name, world, asset), now=NOW)


def test_what_is_in_another_state_meanwhile_is_named(world):
    asset = wiped(world.county, "A")
    row = collected(world, asset)
    row = closing.take_certificate(row, lines(("SNA", "recycled")), by=world.keeper, now=NOW)
    Asset.objects.update(state="in_use")

    with pytest.raises(MoveRefused, match="A is in use, so “Dispose of” is not possible."):
        closing.close(row, by=world.keeper, now=NOW)


def test_income_is_written_down_with_what_was_resold_and_not_without(world):
    row = collected(world, wiped(world.county, "A"))
    row = closing.take_certificate(row, lines(("SNA", "resold")), by=world.keeper, now=NOW)
    with pytest.raises(MoveRefused, match="Something was resold: write down what the firm pays"):
        closing.close(row, by=world.keeper, now=NOW)
    row = consigning.change(row, by=world.keeper, version=row.version, income=Decimal("500.00"), now=NOW)
    row = closing.take_certificate(row, lines(("SNA", "recycled")), by=world.keeper, now=NOW)
    with pytest.raises(MoveRefused, match="the certificate names nothing that was resold"):
        closing.close(row, by=world.keeper, now=NOW)

    row = closing.take_certificate(row, lines(("SNA", "resold")), by=world.keeper, now=NOW)
    closing.close(row, by=world.keeper, now=NOW)
    assert Disposal.objects.get().income == Decimal("500.00")


def test_history_keeps_what_an_earlier_certificate_said(world):
    row = collected(world, wiped(world.county, "A"))
    for name in ("SNX", "SNA"):
        closing.take_certificate(row, lines((name, "recycled")), by=world.keeper, now=NOW)

    [gone] = Change.objects.filter(kind="disposal.certificateline")
    assert (gone.action, gone.council_id) == ("remove", world.county.pk)
    assert {name: gone.fields[name][0] for name in ("name", "certificate_number", "outcome")} == {
        "name": "SNX",
        "certificate_number": "C-2",
        "outcome": "recycled",
    }


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("state", ["draft", "collected", "certified", "closed", "cancelled"])
def test_each_move_begins_where_the_table_says(world, name, state):
    row, step = in_state(world, state), MOVES[name]
    said = lines(("SNA", "recycled"))
    if state == "certified":
        row.lines.create(**said[0]._asdict())
    deeds = {
        "collect": lambda: consigning.collect(row, by=world.keeper, now=NOW),
        "certify": lambda: closing.take_certificate(row, said, by=world.keeper, now=NOW),
        "close": lambda: closing.close(row, by=world.keeper, now=NOW),
        "cancel": lambda: consigning.cancel(row, by=world.keeper, reason="It came back", now=NOW),
    }
    if state in step.sources:
        assert deeds[name]().state == step.target
    else:
        with pytest.raises(MoveRefused, match=f"is {state_words(state)}, so “{step.words}” is not possible"):
            deeds[name]()


def state_words(state: str) -> str:
    return {"draft": "being made up"}.get(state, state)


def test_whoever_read_it_before_somebody_else_changed_it_is_told(world):
    row = collected(world, wiped(world.county, "A"))
    consigning.change(row, by=world.keeper, version=row.version, weight_kg=Decimal("12.5"), now=NOW)

    with pytest.raises(Stale):
        consigning.change(row, by=world.keeper, version=row.version, weight_kg=Decimal("13"), now=NOW)
    with pytest.raises(Stale):
        closing.take_certificate(
            row, lines(("SNA", "recycled")), by=world.keeper, version=row.version, now=NOW
        )


def test_two_people_close_it_once(world):
    row = collected(world, wiped(world.county, "A"))
    row = closing.take_certificate(row, lines(("SNA", "recycled")), by=world.keeper, now=NOW)
    second = a_person(world.county, "asset_manager")
    closing.close(row, by=world.keeper, now=NOW)

    with pytest.raises(MoveRefused, match="is closed, so “Close” is not possible"):
        closing.close(row, by=second, now=NOW)
    assert Disposal.objects.count() == 1


def test_who_keeps_the_register_alone_disposes_and_sees_the_money(world):
    row = collected(world, wiped(world.county, "A"), income=Decimal("9.00"))
    for person in (world.engineer, world.other_keeper):
        with pytest.raises(PermissionDenied):
            consigning.cancel(row, by=person)
        with pytest.raises(PermissionDenied):
            closing.close(row, by=person)
    assert list(Consignment.objects.visible_to(world.other_keeper)) == [row]
    assert list(Consignment.objects.visible_to(world.jo)) == []


def test_a_server_that_dies_while_closing_leaves_all_of_it_open(world, monkeypatch):
    row = collected(world, wiped(world.county, "A"))
    row = closing.take_certificate(row, lines(("SNA", "recycled")), by=world.keeper, now=NOW)

    class Killed(BaseException):
        """Nothing of ours catches it."""

    def die(*given, **more):
        raise Killed

    monkeypatch.setattr(closing, "write", die)
    with pytest.raises(Killed):
        closing.close(row, by=world.keeper, now=NOW)

    assert (Disposal.objects.count(), Asset.objects.get().state) == (0, "sanitised")
    assert Consignment.objects.get().state == "certified"
