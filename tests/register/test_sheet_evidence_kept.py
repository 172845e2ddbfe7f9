"""What becomes of the evidence in a register's sheet: who reads it, that nobody takes it back, and how it goes out."""

from io import BytesIO

import pytest
from django.core.files import File
from django.utils import timezone

from assets.register.lifecycle import MOVES, AssetState
from assets.register.models import Asset, Disposal, Repair, Sanitisation, ServiceRecord
from assets.register.sheet_evidence import COLUMNS, METHODS
from servicedesk.history.models import Change
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.exporting import write as write_out
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export, Import
from servicedesk.spreadsheets.outgoing import outgoing
from servicedesk.spreadsheets.taking_back import take_back
from servicedesk.tickets.models import Ticket
from tests.factories import a_person, an_asset
from tests.register.test_sheet_evidence import GIVEN, brought, checked, world
from tests.spreadsheets.incoming import bring, codes, rows_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]
__all__ = ["world"]


def test_evidence_that_no_move_takes_is_said_and_not_kept(world):
    for tag in "123":
        an_asset(world.county, tag, state="in_stock")
    rows = [
        ("Tag", "Type", "State", "Notes", "Buyer", "Reason or note"),
        ("1", "", "In stock", "", "A reseller", ""),
        ("2", "", "In stock", "Seen", "A reseller", ""),
        ("3", "", "Staged", "", "A reseller", "For Jo"),
        ("4", "Laptop", "Sold", "", "A reseller", ""),
    ]

    found = checked(world, *rows)
    applied = write(found, by=world.keeper)

    told = {row.number: [(each["column"], each["code"]) for each in row.problems] for row in rows_of(found)}
    assert told == {number: [("E", "evidence_unused")] for number in (2, 3, 4, 5)}
    assert [row.action for row in rows_of(found)] == ["unchanged", "update", "update", "create"]
    assert applied.state == "applied"
    assert not Disposal.objects.exists()
    noted = Change.objects.get(fields__has_key="note", change_set=applied.change_set)
    assert (noted.label, noted.fields) == ("3", {"note": [None, "For Jo", "", "For Jo"]})
    again = checked(world, *rows)
    assert {row.action for row in rows_of(again)} == {"unchanged"}


def test_what_was_lost_is_an_incident_of_those_who_handle_it_and_its_sheet_is_its_writers(world):
    colleague = a_person(world.county, "asset_manager", name="Bo")
    for tag in "123":
        an_asset(world.county, tag, state="in_use", holder=world.jo)
    rows = [("Tag", "State", "What happened"), *((tag, "Lost or stolen", "Burgled") for tag in "12")]
    found = checked(world, *rows, ("3", "Lost or stolen", "Left on the train"))
    assert not Ticket.objects.exists()

    write(found, by=world.keeper)

    tickets = Ticket.objects.order_by("pk").values_list("type", "sharing", "title", "requester")
    assert list(tickets) == [
        ("security", "restricted", "Lost or stolen: 2 devices", world.keeper.pk),
        ("security", "restricted", "Lost or stolen: Laptop, 3", world.keeper.pk),
    ]
    assert not Ticket.objects.visible_to(colleague).exists()
    history = Change.objects.filter(kind="register.asset", change_set=Import.objects.get().change_set)
    assert "Burgled" not in str(list(history.values_list("fields")))
    seen = [list(Import.objects.visible_to(person)) for person in (world.keeper, colleague)]
    assert seen == [[found], []]
    plain = checked(world, ("Tag", "Notes"), ("1", "Seen"))
    assert list(Import.objects.visible_to(colleague)) == [plain]


def test_undo_takes_moves_back_but_neither_evidence_nor_what_it_proves(world):
    went = {"cancel_order": "on_order", "send_for_repair": "in_use", "lose": "in_use", "find": "lost_stolen"}
    went |= {
        "sanitise": "returned",
        "fail_sanitising": "returned",
        "donate": "sanitised",
        "sell": "sanitised",
    }
    for name, state in went.items():
        an_asset(world.county, name, state=state, certificate_number="C-0", holder=None, notes="old")
    headings = (
        "Tag",
        "Notes",
        "State",
        *dict.fromkeys(heading for cells in GIVEN.values() for heading in cells),
    )
    rows = []
    for name in went:
        cells = {
            "Tag": name,
            "Notes": "new",
            "State": AssetState(MOVES[name].targets[0]).label,
            **GIVEN[name],
        }
        rows.append(tuple(cells.get(heading, "") for heading in headings))
    applied = brought(world, headings, *rows)

    undone = take_back(applied, by=world.keeper)

    states = dict(Asset.objects.values_list("asset_tag", "state"))
    back = {"cancel_order", "send_for_repair", "find"}
    assert states == {name: went[name] if name in back else MOVES[name].targets[0] for name in went}
    assert dict(Asset.objects.values_list("asset_tag", "notes")) == {
        name: "old" if name in back else "new" for name in went
    }
    kept = {(each["kind"], each["label"], each["why"]) for each in undone.undone["left"]}
    assert kept == {
        *(("register.asset", name, "There is evidence of it, which stays.") for name in went.keys() - back),
        *(
            ("register.sanitisation", name, "It is evidence, and stays.")
            for name in ("sanitise", "fail_sanitising")
        ),
        *(("register.disposal", name, "It is evidence, and stays.") for name in ("donate", "sell")),
    }
    assert (undone.undone["restored"], undone.undone["removed"]) == (3, 0)
    assert (Sanitisation.objects.count(), Disposal.objects.count(), Repair.objects.count()) == (2, 2, 0)
    assert (Ticket.objects.count(), ServiceRecord.objects.count()) == (1, 1)


def test_columns_of_evidence_go_out_empty_where_they_are_chosen_and_come_back_unchanged(world):
    an_asset(world.county, "1", state="returned")
    kind = kinds()["assets"]
    usual, chosen = outgoing(kind, world.keeper), outgoing(kind, world.keeper, ["state", *COLUMNS])

    assert not COLUMNS.keys() & {field.name for field in usual.fields}
    assert COLUMNS.keys() <= {field.name for field in chosen.fields}
    drops = {column.heading: tuple(column.choices) for column in chosen.columns() if column.choices}
    assert drops["Wiping method"] == tuple(sorted(METHODS.values()))
    assert drops["Check list done"] == ("Yes", "No")
    for format in ("csv", "xlsx"):
        target = BytesIO()
        export = Export(kind="assets", format=format, wanted_at=timezone.now())
        write_out(chosen, Asset.objects.all(), target, export)
        found = bring(File(BytesIO(target.getvalue()), f"out.{format}"), world.county, world.keeper)
        assert ([row.action for row in rows_of(found)], codes(found)) == (["unchanged"], {})
