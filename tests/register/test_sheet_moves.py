"""States in a register's sheet: a changed one runs its move with all its guards, or the row is refused."""

import pytest

from assets.register.models import (
    HOLDS_NO_DATA,
    Asset,
    CheckList,
    Custody,
    Disposal,
    Medium,
    Sanitisation,
    StagingCheck,
    WriteOff,
)
from assets.register.registering import register_assets
from servicedesk.history.models import Change
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.changing import Overtaken
from tests.factories import LONG_AGO, a_council, a_model, a_person, an_asset
from tests.register.test_sheets import checked, imported
from tests.spreadsheets.incoming import a_csv, bring, codes, rows_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("category", ["laptop", *HOLDS_NO_DATA])
def test_terminal_state_without_certificate_is_flagged_unless_it_holds_no_data(category):
    imported(
        ("Tag", "Type", "Status", "Certificate no"),
        ("1", category, "Donated", ""),
        ("2", category, "Donated", "C-1"),
    )

    flags = list(Asset.objects.order_by("asset_tag").values_list("state", "evidence_missing"))
    assert flags == [("donated", category == "laptop"), ("donated", False)]


def test_certificate_that_comes_later_proves_what_was_destroyed_and_no_wiping():
    imported(("Tag", "Type", "Status"), ("1", "Laptop", "Destroyed"), ("2", "Laptop", "Disposed of"))

    imported(("Tag", "Certificate no"), ("1", "C-1"), ("2", "C-2"))

    assets = Asset.objects.order_by("asset_tag").values_list("evidence_missing", "certificate_number")
    assert list(assets) == [(False, "C-1"), (True, "C-2")]
    destroyed = Change.objects.filter(kind="register.asset", label="1").latest("id")
    assert destroyed.fields["evidence_missing"] == [True, False, "True", "False"]


REACHED = [
    ("on_order", "In stock", {"serial_number": "S1"}, {}, "receive"),
    ("in_stock", "Staged", {}, {}, "stage"),
    ("staged", "In stock", {}, {}, "unstage"),
    ("in_stock", "In use", {}, {"Room": "2.01"}, "issue"),
    ("in_repair", "In stock", {}, {}, "back_from_repair"),
    ("in_use", "Returned", {}, {"Condition": "B"}, "return"),
    ("returned", "Destroyed", {}, {"Certificate no": "C-1"}, "destroy"),
    ("sanitised", "In stock", {}, {}, "restock"),
]


@pytest.mark.parametrize(("state", "to", "fields", "cells", "move"), REACHED)
def test_changed_state_runs_the_move_that_leads_there(state, to, fields, cells, move):
    asset = an_asset(tag="1", state=state, **fields)

    imported(("Tag", "State", *cells), ("1", to, *cells.values()))

    asset.refresh_from_db()
    change = Change.objects.filter(kind="register.asset", object_id=asset.pk).latest("id")
    assert asset.get_state_display() == to
    assert (change.action, change.move, change.fields["state"][:2]) == ("move", move, [state, asset.state])


@pytest.mark.parametrize(
    ("state", "to", "fields", "cells"),
    [
        ("on_order", "In stock", {}, {}),
        ("in_stock", "In use", {}, {}),
        ("in_use", "Returned", {"condition": "A"}, {}),
        ("in_use", "In repair", {}, {}),
        ("in_use", "Disposed of", {}, {}),
        ("in_use", "Lost or stolen", {}, {}),
        ("returned", "Wiped", {}, {"Certificate no": "C-1"}),
        ("sanitised", "Sold", {}, {}),
        ("disposed", "In use", {}, {"Room": "1"}),
        ("lost_stolen", "Written off", {}, {}),
    ],
)
def test_state_that_a_row_cannot_reach_is_refused(state, to, fields, cells):
    an_asset(tag="1", state=state, **fields)

    found = checked(("Tag", "State", *cells), ("1", to, *cells.values()))

    assert ([row.action for row in rows_of(found)], codes(found)) == (["error"], {2: ["no_move_to_state"]})


def test_state_that_the_row_lacks_evidence_for_is_not_called_out_of_reach():
    an_asset(tag="1", state="in_use")
    an_asset(tag="2", state="disposed")

    found = checked(("Tag", "State"), ("1", "In repair"), ("2", "In use"))

    assert [row.problems[0]["message"] for row in rows_of(found)] == [
        "The row does not bring it to “In repair” as it stands",
        "The asset cannot become “In use” from the state it is in",
    ]


def test_a_row_that_calls_it_something_else_does_not_pass_by_its_wiping():
    plain, full = (a_model(category="printer", holds_data=holds) for holds in (False, True))
    an_asset(tag="1", state="returned")
    an_asset(tag="2", state="returned", category="dock")
    an_asset(tag="3", state="returned", category="monitor")
    an_asset(tag="4", state="returned", category="printer", model=plain)
    an_asset(tag="5", state="returned", category="printer", model=full)
    models = {"4": full, "5": plain}

    found = checked(
        ("Tag", "Type", "State", "Make", "Model"),
        *(
            (tag, kind, "In stock", str(models[tag].manufacturer), models[tag].name)
            if tag in models
            else (tag, kind, "In stock", "", "")
            for tag, kind in (
                ("1", "Dock"),
                ("2", "Laptop"),
                ("3", "Dock"),
                ("4", "Printer"),
                ("5", "Printer"),
            )
        ),
    )

    rows = rows_of(found)
    assert [row.action for row in rows] == ["error", "error", "update", "error", "error"]
    held = "It was registered as something that holds data. Wipe it first. From returned it can go on by: "
    told = [row.problems[0]["remedy"] for row in rows if row.problems]
    assert [remedy.startswith(held) for remedy in told] == [True, False, False, True]


def test_what_is_said_of_its_model_after_the_check_counts_when_rows_are_written():
    plain = a_model(category="printer", holds_data=False)
    an_asset(tag="1", state="returned", category="printer", model=plain)
    found = checked(("Tag", "State"), ("1", "In stock"))
    type(plain).objects.update(holds_data=True)

    with pytest.raises(Overtaken, match="1 is returned, so “Put back into stock” is not possible"):
        write(found, by=None)
    assert Asset.objects.get().state == "returned"


def test_refused_state_names_the_moves_that_there_are():
    an_asset(tag="1", state="on_order")

    problem = rows_of(checked(("Tag", "State"), ("1", "Sold")))[0].problems[0]

    assert problem["remedy"] == (
        "From on order it can go on by: Receive (In stock; needs a serial number);"
        " Cancel the order (Cancelled; needs a reason)"
    )


def test_legal_hold_stops_the_destroying():
    asset = an_asset(tag="1", state="returned")
    Asset.objects.filter(pk=asset.pk).update(legal_hold_reason="Case 7", legal_hold_since=asset.registered_at)

    found = checked(("Tag", "State", "Certificate no"), ("1", "Destroyed", "C-1"))

    assert "legal hold" in rows_of(found)[0].problems[0]["remedy"]


def test_returning_ends_custody():
    asset = an_asset(tag="1", state="in_use", holder=a_person(name="Jo Okoro"))

    imported(("Tag", "State", "Condition", "Assigned to"), ("1", "Returned", "B", "Jo Okoro"))

    asset.refresh_from_db()
    assert (asset.state, asset.holder, asset.condition) == ("returned", None, "B")


def test_state_cell_runs_the_guards_of_the_move_and_leaves_its_evidence():
    jo, kim = a_person(name="Jo Okoro"), a_person(name="Kim Ray")
    keeper = a_person(a_council(), "asset_manager")
    held = an_asset(tag="1", state="in_use", holder=jo)
    an_asset(tag="2", state="returned")
    gone = an_asset(tag="3", state="returned", holder=jo)
    lent = an_asset(tag="4", state="in_stock")
    destroyed = an_asset(tag="5", state="sanitise_failed")
    lost = Asset(council=a_council(), asset_tag="6", category="laptop", state="lost_stolen", holder=jo)
    register_assets([lost], by=None, now=LONG_AGO)
    approval = {"asset": lost, "council": lost.council, "recorded_at": LONG_AGO, "decision": "approved"}
    WriteOff.objects.create(**approval)
    rows = [
        ("Tag", "State", "Condition", "Certificate no", "Assigned to"),
        ("1", "Returned", "C", "", ""),
        ("2", "Wiped", "", "C-2", ""),
        ("3", "Destroyed", "", "C-3", ""),
        ("4", "In use", "", "", "Kim Ray"),
        ("5", "Destroyed", "", "C-5", ""),
        ("6", "Written off", "", "", ""),
        ("7", "In use", "B", "", "Kim Ray"),
    ]

    found = bring(a_csv(*rows), a_council())
    refused = {row.number: row.problems[-1]["remedy"] for row in rows_of(found) if row.action == "error"}
    assert list(refused) == [3, 4]
    assert refused[4].startswith("Jo Okoro still has 3. Take it back first. From returned it can go on by: ")

    write(found, by=keeper)

    new = Asset.objects.get(asset_tag="7")
    custodies = Custody.objects.order_by("asset", "pk")
    assert [
        (held.asset_id, held.person, held.condition_at_start, held.condition_at_end, bool(held.ended_at))
        for held in custodies
    ] == [
        (held.pk, jo, "", "C", True),
        (gone.pk, jo, "", "", False),
        (lent.pk, kim, "", "", False),
        (lost.pk, jo, "", "", True),
        (new.pk, kim, "B", "", False),
    ]
    assert not Sanitisation.objects.exists()
    assert list(Disposal.objects.values_list("asset", "kind", "certificate_number", "recorded_by")) == [
        (destroyed.pk, "destroyed", "C-5", keeper.pk)
    ]
    lost.refresh_from_db()
    assert (lost.state, lost.holder, lost.disposal_date is not None) == ("written_off", None, True)
    assert Change.objects.filter(kind="register.disposal").count() == 1


def test_guards_are_asked_again_when_the_rows_are_written():
    asset = an_asset(tag="1", state="returned")
    found = checked(("Tag", "State", "Certificate no"), ("1", "Destroyed", "C-1"))
    Medium.objects.create(
        asset=asset,
        council=asset.council,
        recorded_at=LONG_AGO,
        kind="hard_disk",
        serial_number="D-1",
        removed_on=LONG_AGO.date(),
    )

    with pytest.raises(Overtaken, match=r"^1: Not wiped, or without a certificate: .*Nothing was imported"):
        write(found, by=None)

    asset.refresh_from_db()
    assert (asset.state, Disposal.objects.count()) == ("returned", 0)


def test_asset_with_a_check_list_is_staged_once_that_is_done():
    model = a_model("T14")
    CheckList.objects.create(model=model, items="Encrypt it\nName it")
    asset = an_asset(tag="1", state="in_stock", model=model, manufacturer=model.manufacturer)

    problem = rows_of(checked(("Tag", "State"), ("1", "Staged")))[0].problems[0]
    imported(("Tag", "State", "Check list done"), ("1", "Staged", "yes"))

    assert problem["remedy"].startswith(
        "Not ticked yet: Encrypt it; Name it (column “Check list done”). From in stock it can go on by: Stage"
    )
    asset.refresh_from_db()
    assert (asset.state, StagingCheck.objects.get().items) == ("staged", ["Encrypt it", "Name it"])
