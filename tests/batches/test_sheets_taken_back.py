"""Undoing an import that moved devices of a batch: no item parts from its device."""

from datetime import date

import pytest

from assets.batches.models import BatchItem
from assets.batches.states import ItemState
from assets.disposal.chasing import expect
from assets.disposal.models import DueBack
from assets.register.lifecycle import MOVES, AssetState
from assets.register.models import Asset
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.taking_back import take_back
from tests.batches.test_moves import under_way
from tests.batches.waves import items_of, laptops, people
from tests.factories import a_model
from tests.register.test_sheet_evidence import GIVEN
from tests.spreadsheets.incoming import a_csv, bring

pytestmark = pytest.mark.django_db

WENT = {
    "lose": ("in_use", "swapped"),
    "sanitise": ("returned", "returned"),
    "fail_sanitising": ("returned", "returned"),
    "destroy": ("sanitise_failed", "sanitise_failed"),
    "donate": ("sanitised", "sanitised"),
    "sell": ("sanitised", "sanitised"),
    "return": ("in_use", "swapped"),
}
"""Where the device and its item stand before each move; but for the last, none is taken back."""
CELLS = GIVEN | {"destroy": {"Certificate no": "D-1"}, "return": {"Condition": "B"}}


def test_an_item_stays_with_its_device_that_a_sheet_lost_or_wiped_and_nobody_is_asked_for_it_again():
    world = people()
    a_model("T16")
    world.old = laptops(world.county, len(WENT), "O", holder=world.jo, state="in_use", certificate_number="C")
    laptops(world.county, 1, "N", state="in_stock")
    batch = under_way(world, len(WENT))
    expect(world.old, by=world.ada, why=DueBack.Why.OTHER, due_on=date(2027, 1, 1))
    rows = []
    headings = dict.fromkeys(heading for cells in CELLS.values() for heading in cells)
    for item, (name, (state, stood)) in zip(items_of(batch), WENT.items(), strict=True):
        Asset.objects.filter(pk=item.asset_id).update(
            state=state, holder=world.jo if state == "in_use" else None
        )
        BatchItem.objects.filter(pk=item.pk).update(state=stood)
        cells = {"Tag": item.asset.asset_tag, "State": AssetState(MOVES[name].targets[0]).label}
        cells |= CELLS[name] | ({"Wiping verified by": "Sam"} if name == "sanitise" else {})
        rows.append(tuple(cells.get(heading, "") for heading in ("Tag", "State", *headings)))
    found = bring(a_csv(("Tag", "State", *headings), *rows), world.county, world.ada)
    applied = write(found, by=world.ada)
    after = [ItemState(item.state) for item in items_of(batch)]
    assert after == ["lost", "sanitised", "sanitise_failed", "destroyed", "donated", "sold", "returned"]

    undone = take_back(applied, by=world.ada).undone

    assert [(item.asset.state, item.state) for item in items_of(batch)] == [
        ("lost_stolen", "lost"),
        ("sanitised", "sanitised"),
        ("sanitise_failed", "sanitise_failed"),
        ("destroyed", "destroyed"),
        ("donated", "donated"),
        ("sold", "sold"),
        ("in_use", "swapped"),
    ]
    assert items_of(batch)[0].incident is not None
    open_again = DueBack.objects.filter(state="open").values_list("asset__asset_tag", flat=True)
    assert list(open_again) == ["O-07"]
    told = {each["why"] for each in undone["left"] if each["kind"] == "batches.batchitem"}
    assert told == {"What it is about stays as it is."}
