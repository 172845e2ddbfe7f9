"""What a sheet with evidence heeds: others who wait, what was chosen for its columns, and who may read it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assets.register import sheet_moves
from assets.register.lifecycle import MOVES
from assets.register.models import Asset, Custody, Sanitisation
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.models import Import
from tests.factories import a_model, a_person, an_asset
from tests.register.test_sheet_evidence import checked, one, remedies, world
from tests.spreadsheets.incoming import rows_of

pytestmark = pytest.mark.django_db
__all__ = ["world"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there is one writer at a time")
def test_all_assets_of_a_sheet_are_held_in_one_order_before_any_is_written(world):
    first = an_asset(world.county, "1", state="in_use")
    second = an_asset(world.county, "2", state="on_order")
    third = an_asset(world.county, "3", state="in_stock")
    found = checked(
        world,
        ("Tag", "State", "Reason", "Repair reference", "Notes"),
        ("3", "", "", "", "Seen"),
        ("2", "Cancelled", "Late", "", ""),
        ("1", "In repair", "", "RMA-7", ""),
    )

    with CaptureQueriesContext(
        connection,
    ) as asked:
        write(found, by=world.keeper)

    told = [each["sql"] for each in asked if '"register_asset"' in each["sql"]]
    changing = [sql for sql in told if "FOR UPDATE" in sql or sql.startswith("UPDATE")]
    keys = f"{{{first.pk},{second.pk},{third.pk}}}"
    assert (keys in changing[0], "ORDER BY" in changing[0], "FOR UPDATE" in changing[0]) == (True, True, True)


def test_a_sheet_opens_only_so_many_incidents(world, monkeypatch):
    monkeypatch.setattr(sheet_moves, "MOST_STORIES", 2)
    for tag in "12345":
        an_asset(world.county, tag, state="in_use")
    stories = {
        "1": "Burgled",
        "2": "Left on the train",
        "3": "Burgled",
        "4": "Fell off a boat",
        "5": "Burgled",
    }

    found = checked(
        world,
        ("Tag", "State", "What happened"),
        *((tag, "Lost or stolen", story) for tag, story in stories.items()),
    )

    assert [row.action for row in rows_of(found)] == ["update", "update", "update", "error", "update"]
    assert remedies(found)[0].startswith(
        "At most 2 security incidents are opened by one sheet, one for all of which the same happened. "
        "Bring the others in another. From in use"
    )


def test_a_row_that_is_held_back_for_something_else_is_not_said_to_change_no_state(world):
    for tag in "12":
        an_asset(world.county, tag, state="in_use")

    found = checked(
        world,
        ("Tag", "Serial no", "State", "What happened", "Purchase date"),
        ("1", "", "Lost or stolen", "Burgled", "31/31/2020"),
        ("2", "", "Sold", "Burgled", ""),
        ("2", "", "Lost or stolen", "Burgled", ""),
    )

    assert {row.action for row in rows_of(found)} == {"error"}
    said = {problem["code"] for row in rows_of(found) for problem in row.problems}
    assert ("evidence_unused" in said, len(said) > 1) == (False, True)


@pytest.mark.parametrize(
    ("name", "heading", "column", "was", "says"),
    [
        ("return", "Condition", "condition", "A", "C"),
        ("sanitise", "Certificate no", "certificate_number", "C-0", "C-1"),
    ],
)
@pytest.mark.parametrize("policy", ["never", "fill"])
def test_a_move_is_not_made_with_what_the_register_keeps_otherwise(
    world, name, heading, column, was, says, policy
):
    state = MOVES[name].sources[0]
    asset = an_asset(world.county, "1", state=state, **{column: was})
    blank = an_asset(world.county, "2", state=state)
    cells = {"Tag": "1", "State": "Returned", "Reason or note": "Dented"}
    head, row = one(name) if name == "sanitise" else (tuple(cells), tuple(cells.values()))
    head, row = list(head), list(row)
    if heading not in head:
        head, row = [*head, heading], [*row, says]

    found = checked(world, head, row, ["2", *row[1:]], said={"policies": {column: policy}})

    kept, filled = rows_of(found)
    assert (kept.action, filled.action) == ("error", "update" if policy == "fill" else "error")
    shown = {"condition": "Condition", "certificate_number": "Certificate number"}[column]
    assert remedies(found)[0].startswith(
        f"“{shown}” stays as the register has it, so the move cannot be made with what the row says. From "
    )
    write(found, by=world.keeper)
    asset.refresh_from_db()
    blank.refresh_from_db()
    assert (asset.state, getattr(asset, column)) == (state, was)
    assert getattr(blank, column) == (says if policy == "fill" else "")
    assert Sanitisation.objects.count() == (name == "sanitise" and policy == "fill")


def test_that_no_check_list_was_done_is_not_taken_where_there_is_none(world):
    an_asset(world.county, "1", state="in_stock", model=a_model("Plain"))

    found = checked(world, ("Tag", "State", "Check list done"), ("1", "Staged", "No"))

    (row,) = rows_of(found)
    assert (row.action, [each["code"] for each in row.problems]) == ("update", ["evidence_unused"])
    write(found, by=world.keeper)
    assert (Asset.objects.get().state, Custody.objects.count()) == ("staged", 0)


@pytest.mark.parametrize("chosen", [None, "notes"])
def test_what_happened_is_its_writers_also_where_the_column_was_chosen_to_be_another(world, chosen):
    colleague = a_person(world.county, "asset_manager", name="Bo")
    an_asset(world.county, "1", state="in_use")

    found = checked(
        world,
        ("Tag", "Room", "What  Happened to it:"),
        ("1", "2.01", "Burgled by a neighbour"),
        said={"columns": {"C": chosen}},
    )

    assert found.mapping["columns"].get("C") == chosen
    seen = [list(Import.objects.visible_to(person)) for person in (world.keeper, colleague)]
    assert seen == [[found], []]
